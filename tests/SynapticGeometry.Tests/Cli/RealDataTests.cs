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
    [InlineData("stimulated", 0.42)]
    [InlineData("neighbour", 0.44)]
    public async Task Uncaging_changes_stimulated_spines_and_their_neighbours_alike(string role, double exponent)
    {
        JsonElement root = await Infer(
            Uncaging, "--before", "size_m15,size_m10,size_m5", "--after", "size_20,size_30,size_40",
            "--where", "role=" + role, "--where", "condition=Control", "--group", "n_stim_spines,condition,cell", "--normalise-groups");

        Assert.Equal("1.5-norm", root.GetProperty("closest").GetString());
        Assert.Equal(exponent, Estimate(root), 0.1);
        Assert.True(LikelihoodRatioP(root, "2-norm") < 0.001);
    }

    private static double Estimate(JsonElement root) => root.GetProperty("exponent").GetProperty("estimate").GetDouble();

    private static double LikelihoodRatioP(JsonElement root, string geometry) =>
        root.GetProperty("candidates").EnumerateArray().Single(c => c.GetProperty("geometry").GetString() == geometry).GetProperty("likelihood_ratio_p").GetDouble();

    private async Task<JsonElement> Infer(string file, params string[] options)
    {
        Assert.Equal(0, await line.Run(["infer", SharedFiles.Require(file), .. options, "--positive", "--json", "-", "--bootstrap", "50", "--gof-replicates", "199"]));
        return JsonDocument.Parse(line.Output).RootElement;
    }
}
