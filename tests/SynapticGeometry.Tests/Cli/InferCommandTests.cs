using System.Runtime.InteropServices;
using System.Text.Json;
using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class InferCommandTests : IDisposable
{
    private static readonly string[] Fast = ["--bootstrap", "40", "--gof-replicates", "99"];

    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task Without_a_file_the_built_in_example_is_used_and_its_known_geometry_is_found()
    {
        Assert.Equal(0, await line.Run(["infer", .. Fast]));

        Assert.Contains("built-in example", line.Error, StringComparison.Ordinal);
        Assert.Contains("1.5-norm geometry (exponent 0.5)", line.Error, StringComparison.Ordinal);
        Assert.StartsWith("The changes are those of the 1.5-norm", line.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_goes_alone_to_standard_output_and_has_every_field_of_the_schema()
    {
        JsonElement root = await Json("infer", line.Spines(), "--before", "day0", "--after", "day7");

        Assert.Equal("syngeo.infer/1", root.GetProperty("schema").GetString());
        JsonElement synapses = root.GetProperty("synapses");
        Assert.Equal(300, synapses.GetProperty("read").GetInt32());
        Assert.Equal(300, synapses.GetProperty("used").GetInt32() + synapses.GetProperty("excluded").EnumerateObject().Sum(r => r.Value.GetInt32()));
        JsonElement[] candidates = [.. root.GetProperty("candidates").EnumerateArray()];
        Assert.Equal(["negative-entropy", "1.5-norm", "2-norm", "2.5-norm", "3-norm"], candidates.Select(c => c.GetProperty("geometry").GetString()!));
        foreach (string field in new[]
        {
            "exponent", "delta_cdf", "delta_cdf_centred", "wasserstein1", "wasserstein1_centred", "log_likelihood", "akaike_weight", "change_magnitude",
        })
        {
            Assert.All(candidates, c => Assert.True(double.IsFinite(c.GetProperty(field).GetDouble()), field));
        }

        Assert.All(candidates, c => Assert.InRange(c.GetProperty("anderson_darling").GetProperty("p").GetDouble(), 0, 1));
        Assert.All(candidates, c => Assert.True(c.GetProperty("cramer_von_mises").GetProperty("statistic").GetDouble() > 0));
        JsonElement exponent = root.GetProperty("exponent");
        foreach (string field in new[] { "estimate", "se", "robust_se", "slope_estimate" })
        {
            Assert.True(double.IsFinite(exponent.GetProperty(field).GetDouble()), field);
        }

        foreach (string interval in new[] { "ci95", "robust_ci95" })
        {
            Assert.InRange(exponent.GetProperty("estimate").GetDouble(), exponent.GetProperty(interval)[0].GetDouble(), exponent.GetProperty(interval)[1].GetDouble());
        }

        Assert.Equal("1.5-norm", root.GetProperty("closest").GetString());
        Assert.False(string.IsNullOrEmpty(root.GetProperty("verdict").GetString()));
    }

    [Fact]
    public async Task Every_field_of_the_result_is_documented()
    {
        // Fifteen small dendrites beside the six, so that the one-stage fields are there.
        string table = line.Spines();
        string[] lines = await File.ReadAllLinesAsync(table, TestContext.Current.CancellationToken);
        await File.AppendAllLinesAsync(table, lines.Skip(1).Take(150).Select((l, i) => { string[] c = l.Split(','); return $"x{i},s{i / 10},{c[2]},{c[3]}"; }), TestContext.Current.CancellationToken);
        JsonElement root = await Json("infer", table, "--before", "day0", "--after", "day7", "--group", "dendrite");
        Assert.Equal(JsonValueKind.Object, root.GetProperty("meta").GetProperty("one_stage").ValueKind);
        string documentation = await File.ReadAllTextAsync(Path.Combine(SharedFiles.Repository, "docs", "result-json.md"), TestContext.Current.CancellationToken);

        var fields = new SortedSet<string>(StringComparer.Ordinal);
        JsonFields.Collect(root, fields);
        Assert.Contains("robust_ci95", fields);
        Assert.Contains("prediction95", fields);
        Assert.Contains("log_predictive_density", fields);
        Assert.All(fields, f => Assert.Contains($"`{f}`", documentation, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Groups_of_one_synapse_are_named_in_the_answer()
    {
        string table = line.Spines();
        await File.AppendAllTextAsync(table, "a,lonely 1,1.0,1.2\nb,lonely 2,2.0,1.9\n", TestContext.Current.CancellationToken);

        Assert.Equal(0, await line.Run(["infer", table, "--before", "day0", "--after", "day7", "--group", "dendrite", .. Fast]));

        string words = string.Join(' ', line.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("of 6 groups, SD between groups", words, StringComparison.Ordinal);
        Assert.Contains("2 of 8 groups have no estimate of their own (lonely 1: fewer than 20 synapses, lonely 2: fewer than 20 synapses)", words, StringComparison.Ordinal);
        Assert.Contains("Groups that a model was not fitted to are predicted best by", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_output_folder_holds_report_figures_table_and_result()
    {
        string folder = line.PathOf("report");
        Assert.Equal(0, await line.Run(["infer", line.Spines(), "--before", "day0", "--after", "day7", "--out", folder, "--group", "dendrite", .. Fast]));

        Assert.Contains("syngeo infer", await Text(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "candidates.csv")));
        Assert.Equal("syngeo.infer/1", JsonDocument.Parse(await Text(Path.Combine(folder, "result.json"))).RootElement.GetProperty("schema").GetString());
        foreach (string figure in new[] { "weights", "size-dependence", "dual-changes", "delta-cdf", "profile-likelihood", "forest-plot" })
        {
            Assert.True(File.Exists(Path.Combine(folder, "figures", figure + ".svg")), figure);
            Assert.True(File.Exists(Path.Combine(folder, "figures", figure + ".png")), figure);
        }
    }

    [Fact]
    public async Task A_folder_that_exists_is_kept_unless_forced()
    {
        string folder = line.PathOf("report");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "thesis.txt"), "years of work", TestContext.Current.CancellationToken);

        Assert.Equal(2, await line.Run(["infer", "--out", folder, .. Fast]));
        Assert.Contains("--force", line.Error, StringComparison.Ordinal);
        Assert.Equal(["thesis.txt"], Names(folder));

        Assert.Equal(0, await line.Run(["infer", "--out", folder, "--force", .. Fast]));
        Assert.Contains("report.html", Names(folder));
    }

    [Fact]
    public async Task Results_do_not_depend_on_the_number_of_threads_but_on_the_seed()
    {
        string table = line.Spines();
        async Task<string> Result(string threads, string seed)
        {
            JsonElement root = await Json("infer", table, "--before", "day0", "--after", "day7", "--threads", threads, "--seed", seed);
            return root.GetProperty("candidates").GetRawText() + root.GetProperty("exponent").GetRawText();
        }

        Assert.Equal(await Result("1", "5"), await Result("4", "5"));
        Assert.NotEqual(await Result("1", "5"), await Result("1", "6"));
    }

    [Fact]
    public async Task A_configuration_file_sets_options_and_the_command_line_wins()
    {
        string table = line.Spines();
        string config = line.Write(
            "study.toml",
            "seed = 5\n[infer]\nbefore = \"day0\"\nafter = \"day7\"\ncandidates = [\"negative-entropy\", 2]\nbootstrap = 0\nquiet = true\n[learn]\nrule = \"natural\"\n");

        JsonElement root = await Json("infer", table, "--config", config);
        Assert.Equal(5, root.GetProperty("seed").GetInt32());
        Assert.Equal(["negative-entropy", "2-norm"], root.GetProperty("candidates").EnumerateArray().Select(c => c.GetProperty("geometry").GetString()!));

        Assert.Equal(9, (await Json("infer", table, "--config", config, "--seed", "9")).GetProperty("seed").GetInt32());

        Assert.Equal(2, await line.Run("infer", table, "--config", line.Write("bad.toml", "befor = \"day0\"\n")));
        Assert.Contains("'befor'", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_are_selected_averaged_and_grouped()
    {
        string table = line.Write("t.csv", "cell,kind,a,b,c\n" + string.Concat(Enumerable.Range(1, 40).Select(i =>
            FormattableString.Invariant($"cell{i % 2},{(i % 4 == 0 ? "x" : "y")},{i},{i + 2},{(i + 1) * (1 + (0.1 * ((i % 7) - 3))):R}\n"))));

        JsonElement root = await Json("infer", table, "--before", "a,b", "--after", "c", "--where", "kind=y", "--group", "cell", "--error", "none");

        // The mean of a and b is i + 1: where i mod 7 is 3 nothing changes.
        Assert.Equal(30, root.GetProperty("synapses").GetProperty("read").GetInt32());
        Assert.Equal(Enumerable.Range(1, 40).Count(i => i % 4 != 0 && i % 7 == 3), root.GetProperty("synapses").GetProperty("unchanged").GetInt32());
        Assert.Equal("groups", root.GetProperty("exponent").GetProperty("independent_units").GetString());
    }

    [Fact]
    public async Task Two_arrays_pair_up_and_tensors_are_matched_by_name()
    {
        (double[] before, double[] after, _) = new SimulatedSynapses { Count = 500, Exponent = 1, Start = InitialWeights.Normal, VanishAtZero = false }.Draw(new RandomSource(2));
        string b = line.PathOf("b.npy"), a = line.PathOf("a.npy");
        NpyWriter.Write(b, before, 500);
        NpyWriter.Write(a, after, 500);
        Assert.Equal("2-norm", (await Json("infer", b, a)).GetProperty("closest").GetString());

        string sb = line.PathOf("b.safetensors"), sa = line.PathOf("a.safetensors");
        SafetensorsWriter.Write(sb, [new("l1.weight", new([20, 10], before[..200])), new("l2.weight", new([300], before[200..])), new("only.here", new([1], new double[] { 1 }))]);
        SafetensorsWriter.Write(sa, [new("l2.weight", new([300], after[200..])), new("l1.weight", new([20, 10], after[..200]))]);
        JsonElement root = await Json("infer", sb, sa);
        Assert.Equal(500, root.GetProperty("synapses").GetProperty("read").GetInt32());
        Assert.Equal(["l1.weight", "l2.weight"], root.GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("group").GetString()!));
        Assert.Contains("only.here", line.Error, StringComparison.Ordinal);

        Assert.Equal(300, (await Json("infer", sb, sa, "--only", "l2*")).GetProperty("synapses").GetProperty("read").GetInt32());
    }

    [Fact]
    public async Task Two_checkpoints_are_compared_as_any_other_arrays()
    {
        (double[] before, double[] after, _) = new SimulatedSynapses { Count = 500, Exponent = 1, Start = InitialWeights.Normal, VanishAtZero = false }.Draw(new RandomSource(2));
        foreach ((string name, double[] weights) in new[] { ("b.pt", before), ("a.pt", after) })
        {
            byte[] storage = MemoryMarshal.AsBytes(Array.ConvertAll(weights, w => (float)w).AsSpan()).ToArray();
            File.WriteAllBytes(line.PathOf(name), Fixture.Zip(("a/data.pkl", new Pickle().Tensor("l1.weight", [20, 25], [25, 1], stored: 500).Bytes), ("a/data/0", storage)));
        }

        JsonElement root = await Json("infer", line.PathOf("b.pt"), line.PathOf("a.pt"));
        Assert.Equal("2-norm", root.GetProperty("closest").GetString());
        Assert.Equal(500, root.GetProperty("synapses").GetProperty("read").GetInt32());
    }

    [Theory]
    [InlineData("--before", "day1", "--after", "day7", "no column \"day1\"")]
    [InlineData("--before", "day0", "--after", "dendrite", "\"g1\"")]
    [InlineData("--before", "day0", "--candidates", "2", "--after is missing")]
    [InlineData("--before", "day0", "--after", "day0", "None of the")]
    public async Task Bad_columns_are_named(string a, string b, string c, string d, string message)
    {
        Assert.Equal(2, await line.Run("infer", line.Spines(), a, b, c, d, "--out", line.PathOf("out")));

        Assert.Contains(message, line.Error, StringComparison.Ordinal);
        Assert.Empty(line.Output);
        Assert.Equal(["spines.csv"], Names(line.Folder));
    }

    [Theory]
    [InlineData("--candidates", "1", "greater than 1")]
    [InlineData("--candidates", "negative-entropi", "negative-entropy")]
    [InlineData("--candidates", "2,2-norm", "twice")]
    [InlineData("--threads", "0", "--threads is 0")]
    [InlineData("--seed", "x", "'x'")]
    [InlineData("--drift", "none", "'size'")]
    [InlineData("--bootstrap", "-3", "--bootstrap is -3")]
    [InlineData("--where", "dendrite", "COLUMN=VALUE")]
    [InlineData("--where", "dendrite=g77", "No row")]
    [InlineData("--colour", "red", "--colour")]
    [InlineData("--out", "/proc/syngeo", "/proc/syngeo")]
    [InlineData("--json", "/proc/syngeo.json", "/proc/syngeo.json")]
    public async Task Bad_options_are_named_and_end_with_status_2(string option, string value, string message)
    {
        Assert.Equal(2, await line.Run("infer", line.Spines(60), "--before", "day0", "--after", "day7", option, value));

        Assert.Contains(message, line.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_do_not_pair_up_are_named()
    {
        string b = line.PathOf("b.npy"), a = line.PathOf("a.npy");
        NpyWriter.Write(b, [1.0, 2, 3], 3);
        NpyWriter.Write(a, [1.0, 2, 3, 4], 4);

        Assert.Equal(2, await line.Run("infer", b, a));
        Assert.Contains("shape (3)", line.Error, StringComparison.Ordinal);
        Assert.Contains("shape (4)", line.Error, StringComparison.Ordinal);

        Assert.Equal(2, await line.Run("infer", b, line.PathOf("absent.npy")));
        Assert.Contains("absent.npy", line.Error, StringComparison.Ordinal);

        Assert.Equal(2, await line.Run("infer", b, b));
        Assert.Contains("Only 3 of 3", line.Error, StringComparison.Ordinal);
    }

    // The numbers of neither file are there: only their shapes are told.
    [Theory]
    [InlineData("(2000000000,)", "(3,)", "b.npz has shape (2000000000) and w of")]
    [InlineData("(1500000000,)", "(1500000000,)", "The files hold 3000000000 weights; at most 2147483591 can be taken together")]
    public async Task What_files_declare_is_checked_before_their_numbers_are_read(string before, string after, string message)
    {
        byte[] first = Fixture.Npy("<f8", before, new byte[8]), second = Fixture.Npy("<f8", after, new byte[8]);
        File.WriteAllBytes(line.PathOf("b.npz"), Fixture.Zip(("v.npy", first), ("w.npy", first)));
        File.WriteAllBytes(line.PathOf("a.npz"), Fixture.Zip(("v.npy", first), ("w.npy", second)));

        Assert.Equal(2, await line.Run("infer", line.PathOf("b.npz"), line.PathOf("a.npz")));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_array_is_refused_without_a_trace()
    {
        NpyWriter.Write(line.PathOf("b.npy"), new double[100], 100);
        byte[] whole = await File.ReadAllBytesAsync(line.PathOf("b.npy"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(line.PathOf("cut.npy"), whole[..300], TestContext.Current.CancellationToken);

        Assert.Equal(2, await line.Run("infer", line.PathOf("b.npy"), line.PathOf("cut.npy"), "--out", line.PathOf("out"), "--json", line.PathOf("r.json")));
        Assert.Contains("cut.npy", line.Error, StringComparison.Ordinal);
        Assert.Equal(["b.npy", "cut.npy"], Names(line.Folder));
    }

    [Fact]
    public async Task An_interrupted_run_leaves_nothing_and_ends_with_status_130()
    {
        using var source = new CancellationTokenSource();
        source.CancelAfter(500);

        int status = await line.Run(source.Token, "infer", line.Spines(20_000), "--before", "day0", "--after", "day7", "--bootstrap", "1000000", "--out", line.PathOf("out"));

        Assert.Equal(130, status);
        Assert.Equal(["spines.csv"], Names(line.Folder));
    }

    [Fact]
    public async Task Every_option_has_an_example_in_the_help()
    {
        Assert.Equal(0, await line.Run("infer", "--help"));

        string options = line.Output[line.Output.IndexOf("Options:", StringComparison.Ordinal)..];
        foreach (string option in new[]
        {
            "--before", "--after", "--group", "--where", "--id", "--only", "--positive", "--exclude-sign-flips", "--normalise-groups", "--candidates",
            "--drift", "--bootstrap", "--gof-replicates", "--out", "--json", "--seed", "--threads", "--config", "--force", "--quiet",
        })
        {
            int at = options.IndexOf(option, StringComparison.Ordinal);
            Assert.True(at >= 0, option);
            int next = options.IndexOf("\n  -", at, StringComparison.Ordinal);
            string entry = next < 0 ? options[at..] : options[at..next];
            Assert.True(entry.Contains("Example:", StringComparison.Ordinal), $"{option} has no example: {entry}");
        }
    }

    [Fact]
    public async Task Quiet_silences_messages_but_not_errors()
    {
        Assert.Equal(0, await line.Run(["infer", "--quiet", .. Fast]));
        Assert.Empty(line.Error);

        Assert.Equal(2, await line.Run("infer", "absent.csv", "--quiet"));
        Assert.Contains("absent.csv", line.Error, StringComparison.Ordinal);
    }

    private async Task<JsonElement> Json(params string[] args)
    {
        Assert.Equal(0, await line.Run([.. args, "--json", "-", .. args.Contains("--config") ? Array.Empty<string>() : Fast]));
        return JsonDocument.Parse(line.Output).RootElement;
    }

    private static Task<string> Text(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

    private static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
}
