using System.Text.Json;
using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class DistributionCommandTests : IDisposable
{
    private static readonly string[] Fast = ["--bootstrap", "0", "--candidates", "negative-entropy,2"];

    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task Without_a_file_the_built_in_example_is_used_and_what_it_is_stays_open()
    {
        Assert.Equal(0, await line.Run(["distribution", .. Fast]));

        Assert.Contains("built-in example", line.Error, StringComparison.Ordinal);
        Assert.Contains("From one constant: possible under negative-entropy", line.Output, StringComparison.Ordinal);
        Assert.Contains("two times tell the", line.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_goes_alone_to_standard_output_and_every_field_is_documented()
    {
        JsonElement root = await Json("distribution", line.Spines(80), "--column", "day0", "--bootstrap", "5", "--candidates", "2");
        string documentation = await File.ReadAllTextAsync(Path.Combine(SharedFiles.Repository, "docs", "distribution.md"), TestContext.Current.CancellationToken);

        Assert.Equal("syngeo.distribution/1", root.GetProperty("schema").GetString());
        Assert.Equal(80, root.GetProperty("sizes").GetProperty("used").GetInt32());
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        JsonFields.Collect(root, fields);
        Assert.Contains("same_as", fields);
        Assert.All(fields, f => Assert.Contains($"`{f}`", documentation, StringComparison.Ordinal));
        Assert.Equal(
            ["one-constant, 2-norm", "two-constants, 2-norm", "normal, 2-norm", "log-normal, 2-norm"], root.GetProperty("fits").EnumerateArray().Select(f => f.GetProperty("name").GetString()!));
        Assert.All(root.GetProperty("fits").EnumerateArray(), f => Assert.InRange(f.GetProperty("anderson_darling").GetProperty("p").GetDouble(), 1 / 6.0, 1));
    }

    [Fact]
    public async Task The_output_folder_holds_report_figures_table_and_result()
    {
        string folder = line.PathOf("report");
        Assert.Equal(0, await line.Run(["distribution", line.Spines(60), "--column", "day0", "--out", folder, .. Fast]));

        string page = await Text(Path.Combine(folder, "report.html"));
        Assert.Contains("What one time point cannot decide", page, StringComparison.Ordinal);
        Assert.Contains("syngeo distribution", page, StringComparison.Ordinal);
        Assert.Equal(1 + 8, (await Text(Path.Combine(folder, "fits.csv"))).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("syngeo.distribution/1", JsonDocument.Parse(await Text(Path.Combine(folder, "result.json"))).RootElement.GetProperty("schema").GetString());
        foreach (string figure in new[] { "densities", "comparison", "residuals" })
        {
            Assert.All(new[] { ".svg", ".png", ".pdf" }, ending => Assert.True(File.Exists(Path.Combine(folder, "figures", figure + ending)), figure + ending));
        }
    }

    [Fact]
    public async Task Rows_are_selected_and_an_array_needs_no_name()
    {
        JsonElement root = await Json(["distribution", line.Spines(300), "--column", "day0", "--where", "dendrite=g1", "--where", "dendrite=g2", .. Fast]);
        Assert.Equal(100, root.GetProperty("sizes").GetProperty("read").GetInt32());

        NpyWriter.Write(line.PathOf("sizes.npy"), [.. Enumerable.Range(1, 40).Select(i => -(double)i)], 40);
        root = await Json(["distribution", line.PathOf("sizes.npy"), "--absolute", .. Fast]);
        Assert.Equal(40, root.GetProperty("sizes").GetProperty("negative").GetInt32());
    }

    [Fact]
    public async Task A_detection_limit_leaves_out_and_counts()
    {
        JsonElement root = await Json(["distribution", line.Spines(300), "--column", "day0", "--limit", "1", .. Fast]);

        JsonElement sizes = root.GetProperty("sizes");
        Assert.Equal(300, sizes.GetProperty("used").GetInt32() + sizes.GetProperty("excluded").GetProperty("below_limit").GetInt32());
        Assert.InRange(sizes.GetProperty("used").GetInt32(), 100, 200);
        Assert.Equal(1, root.GetProperty("limit").GetDouble());

        Assert.Equal(2, await line.Run("distribution", line.Spines(300), "--column", "day0", "--limit", "1000"));
        Assert.Contains("300 below limit", line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--column", "day1", "Did you mean \"day0\"")]
    [InlineData("--column", "dendrite", "\"g1\"")]
    [InlineData("--candidates", "2", "--column is missing")]
    [InlineData("--limit", "-1", "--limit is -1")]
    [InlineData("--limit", "x", "'x'")]
    [InlineData("--bootstrap", "-3", "--bootstrap is -3")]
    [InlineData("--candidates", "1", "greater than 1")]
    [InlineData("--colour", "red", "--colour")]
    public async Task Bad_requests_are_named_end_with_status_2_and_leave_nothing(string option, string value, string message)
    {
        Assert.Equal(2, await line.Run("distribution", line.Spines(60), option, value, "--out", line.PathOf("out")));

        Assert.Contains(message, line.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line.Error, StringComparison.Ordinal);
        Assert.Empty(line.Output);
        Assert.Equal(["spines.csv"], Directory.EnumerateFileSystemEntries(line.Folder).Select(p => Path.GetFileName(p)));
    }

    [Theory]
    [InlineData("1\n2\n3\n", "Only 3 of 3")]
    [InlineData("equal", "All 40 sizes are equal")]
    [InlineData("negative", "--positive")]
    public async Task Sizes_that_hold_no_answer_are_refused_in_a_sentence(string content, string message)
    {
        string table = line.Write("t.csv", "size\n" + content switch
        {
            "equal" => string.Concat(Enumerable.Repeat("0.25\n", 40)),
            "negative" => string.Concat(Enumerable.Range(-3, 40).Select(i => $"{i}\n")),
            _ => content,
        });

        Assert.Equal(2, await line.Run("distribution", table));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
        Assert.Empty(line.Output);
    }

    [Fact]
    public async Task An_interrupted_run_leaves_nothing_and_ends_with_status_130()
    {
        using var source = new CancellationTokenSource();
        source.CancelAfter(400);

        Assert.Equal(130, await line.Run(source.Token, "distribution", "--bootstrap", "1000000", "--out", line.PathOf("out")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(line.Folder));
    }

    [Fact]
    public async Task Every_option_has_an_example_in_the_help()
    {
        Assert.Equal(0, await line.Run("distribution", "--help"));

        string options = line.Output[line.Output.IndexOf("Options:", StringComparison.Ordinal)..];
        foreach (string option in new[] { "--column", "--where", "--positive", "--absolute", "--limit", "--candidates", "--mean-change", "--bootstrap" })
        {
            int at = options.IndexOf(option, StringComparison.Ordinal), next = options.IndexOf("\n  -", at, StringComparison.Ordinal);
            Assert.Contains("Example:", next < 0 ? options[at..] : options[at..next], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sizes_of_cortical_synapses_are_not_one_constant_changed_additively()
    {
        string table = SharedFiles.Require("data/em-kasthuri2015/synapses.csv");
        JsonElement root = await Json("distribution", table, "--column", "psd_px", "--where", "axon_type=0", "--where", "on_spine=1", "--candidates", "negative-entropy,2", "--bootstrap", "0");

        // The numbers of docs/distribution.md.
        Assert.Equal(1405, root.GetProperty("sizes").GetProperty("used").GetInt32());
        Assert.Equal(0.852, root.GetProperty("size_spread").GetDouble(), 1e-3);
        Dictionary<string, JsonElement> fits = root.GetProperty("fits").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        Assert.InRange(fits["one-constant, 2-norm"].GetProperty("delta_aicc").GetDouble() - fits["one-constant, negative-entropy"].GetProperty("delta_aicc").GetDouble(), 300, 330);
        Assert.Equal("worse", fits["one-constant, 2-norm"].GetProperty("standing").GetString());
    }

    private async Task<JsonElement> Json(params string[] args)
    {
        Assert.Equal(0, await line.Run([.. args, "--json", "-"]));
        return JsonDocument.Parse(line.Output).RootElement;
    }

    private static Task<string> Text(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
}
