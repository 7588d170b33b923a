using System.Text.Json;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

/// <summary>
/// What 'syngeo infer' finds on published longitudinal data; docs/real-data.md says what that can and cannot show. The estimates are those
/// reported there, so that a change of the method shows itself.
/// </summary>
public sealed class RealDataTests : IDisposable
{
    private const string Psd95 = "data/psd95-pyr-pv-longitudinal/synapses.csv.gz";
    private const string ChemicalLtp = "data/spines-cltp-3timepoints/spines.csv.gz";
    private const string Uncaging = "data/spines-uncaging-ltp/spines.csv.gz";

    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task Changes_of_psd95_on_pyramidal_cells_are_not_additive()
    {
        JsonElement root = await Infer(Psd95, "--before", "w_d0", "--after", "w_d24", "--where", "cell_type=pyr", "--where", "from_split=0", "--group", "dendrite");

        // The data's README counts 358 pairs present at both sessions.
        Assert.Equal(358, root.GetProperty("synapses").GetProperty("used").GetInt32());
        Assert.Equal("negative-entropy", root.GetProperty("closest").GetString());
        Assert.Equal(0.08, Estimate(root), 0.05);
        Assert.True(LikelihoodRatioP(root, "2-norm") < 1e-6, "raw changes must be rejected");
        Assert.True(root.GetProperty("exponent").GetProperty("robust_ci95")[1].GetDouble() < 0.5);
    }

    [Fact]
    public async Task Changes_of_psd95_on_parvalbumin_cells_lie_between()
    {
        JsonElement root = await Infer(Psd95, "--before", "w_d0", "--after", "w_d24", "--where", "cell_type=pv", "--where", "from_split=0", "--group", "dendrite");

        Assert.Equal(382, root.GetProperty("synapses").GetProperty("used").GetInt32());
        Assert.Equal(0.26, Estimate(root), 0.1);
        Assert.True(LikelihoodRatioP(root, "2-norm") < 0.001);
        Assert.False(root.GetProperty("distinguishable").GetBoolean());
    }

    [Theory]
    [InlineData("active_forskolin", 433, 0.24)]
    [InlineData("control_dmso", 490, 0.32)]
    public async Task Chemical_ltp_and_its_control_have_exponents_too_close_to_tell_apart(string group, int synapses, double exponent)
    {
        JsonElement root = await Infer(ChemicalLtp, "--before", "area_t0", "--after", "area_t40", "--where", "group=" + group, "--group", "culture_or_animal_id");

        Assert.Equal(synapses, root.GetProperty("synapses").GetProperty("used").GetInt32());
        Assert.Equal(exponent, Estimate(root), 0.1);
        JsonElement interval = root.GetProperty("exponent").GetProperty("ci95");
        Assert.InRange(0.28, interval[0].GetDouble(), interval[1].GetDouble());
    }

    [Theory]
    [InlineData("stimulated", 0.42, 0.17)]
    [InlineData("neighbour", 0.51, 0.17)]
    public async Task Uncaging_changes_stimulated_spines_and_their_neighbours_alike_also_with_the_error_of_their_baselines(string role, double exponent, double error)
    {
        JsonElement root = await Infer(
            Uncaging, "--before", "size_m15,size_m10,size_m5", "--after", "size_20,size_30,size_40",
            "--where", "role=" + role, "--where", "condition=Control", "--group", "n_stim_spines,condition,cell", "--normalise-groups", "--candidates", "negative-entropy,1.5,2");

        Assert.Equal("1.5-norm", root.GetProperty("closest").GetString());
        Assert.Equal(exponent, Estimate(root), 0.05);
        Assert.Equal(error, root.GetProperty("measurement").GetProperty("error").GetDouble(), 0.02);
        Assert.True(root.GetProperty("measurement").GetProperty("controls").GetProperty("kurtosis").GetDouble() > 5);
        Assert.True(LikelihoodRatioP(root, "2-norm") < 0.001);
        Assert.InRange(root.GetProperty("measurement").GetProperty("estimate_ignoring_error").GetDouble(), 0.4, 0.46);
    }

    [Fact]
    public async Task With_sham_neighbours_as_controls_stimulated_spines_leave_multiplicative_change_open()
    {
        JsonElement root = await Infer(
            Uncaging, "--before", "size_m5", "--after", "size_30", "--where", "role=stimulated", "--where", "condition=Control", "--group", "n_stim_spines,condition,cell",
            "--normalise-groups", "--control-columns", "size_m5,size_30", "--control-where", "condition=Sham", "--control-where", "role=neighbour", "--candidates", "negative-entropy,2");

        Assert.InRange(0, root.GetProperty("exponent").GetProperty("robust_ci95")[0].GetDouble(), root.GetProperty("exponent").GetProperty("robust_ci95")[1].GetDouble());
        Assert.True(LikelihoodRatioP(root, "2-norm") < 0.05);
        Assert.Equal(0.52, root.GetProperty("measurement").GetProperty("reliability").GetDouble(), 0.05);
    }

    [Fact]
    public async Task Forskolin_with_dmso_as_control_is_not_determinable()
    {
        JsonElement root = await Infer(
            ChemicalLtp, "--before", "area_t0", "--after", "area_t40", "--where", "group=active_forskolin", "--group", "culture_or_animal_id", "--control-where", "group=control_dmso",
            "--candidates", "negative-entropy,2");

        Assert.StartsWith("Not determinable", root.GetProperty("verdict").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pyr", 0.27, 0.153, 0.05)]
    [InlineData("pv", 1.05, 0.172, 0.1)]
    public async Task Lasting_changes_of_psd95_are_near_multiplicative_on_pyramidal_and_additive_on_parvalbumin_cells(string cell, double exponent, double error, double tolerance)
    {
        // The chain alone: candidates and groups would take a minute.
        string file = SharedFiles.Require(Psd95);
        string[] command =
        [
            "infer", file, "--sessions", "w_d0,w_d4,w_d8,w_d12,w_d16,w_d20,w_d24", "--where", "cell_type=" + cell, "--where", "from_split=0", "--positive", "--error", "sessions",
            "--candidates", "2", "--json", "-", "--gof-replicates", "19", "--bootstrap", "0",
        ];
        Assert.Equal(0, await line.Run(command));
        JsonElement root = JsonDocument.Parse(line.Output).RootElement;

        Assert.Equal(exponent, Estimate(root), tolerance);
        Assert.Equal(error, root.GetProperty("measurement").GetProperty("error").GetDouble(), 0.01);
    }

    private static double Estimate(JsonElement root) => root.GetProperty("exponent").GetProperty("estimate").GetDouble();

    private static double LikelihoodRatioP(JsonElement root, string geometry) =>
        root.GetProperty("candidates").EnumerateArray().Single(c => c.GetProperty("geometry").GetString() == geometry).GetProperty("likelihood_ratio_p").GetDouble();

    private async Task<JsonElement> Infer(string file, params string[] options)
    {
        Assert.Equal(0, await line.Run(["infer", SharedFiles.Require(file), .. options, "--positive", "--json", "-", "--bootstrap", "0", "--gof-replicates", "199"]));
        return JsonDocument.Parse(line.Output).RootElement;
    }
}
