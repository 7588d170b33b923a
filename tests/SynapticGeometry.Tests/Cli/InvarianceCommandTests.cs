using System.Text.Json;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class InvarianceCommandTests : IDisposable
{
    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task Without_options_every_rule_is_in_one_table()
    {
        Assert.Equal(0, await line.Run("invariance"));

        foreach (string rule in new[] { "euclidean fails", "natural passes", "approximate passes", "quadratic passes", "exponentiated-gradient fails" })
        {
            Assert.Contains(rule, line.Output, StringComparison.Ordinal);
        }

        Assert.Contains("--out DIR", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_goes_alone_to_standard_output_and_every_field_is_documented()
    {
        Assert.Equal(0, await line.Run("invariance", "--steps", "100", "--json", "-"));
        JsonElement root = JsonDocument.Parse(line.Output).RootElement;
        string documentation = await Text(Path.Combine(SharedFiles.Repository, "docs", "invariance.md"));

        Assert.Equal("syngeo.invariance/1", root.GetProperty("schema").GetString());
        JsonElement[] rules = [.. root.GetProperty("rules").EnumerateArray()];
        Assert.Equal(5, rules.Length);
        JsonElement Rule(string name) => rules.Single(r => r.GetProperty("rule").GetString() == name);
        Assert.InRange(Rule("natural").GetProperty("disagreement").GetDouble(), 0, 1e-12);
        Assert.Equal(JsonValueKind.Null, Rule("natural").GetProperty("own_step").GetProperty("order").ValueKind);
        Assert.False(Rule("euclidean").GetProperty("passed").GetBoolean());
        Assert.InRange(Rule("euclidean").GetProperty("euclidean_deviation").GetDouble(), 0, 1e-12);
        Assert.Equal(1, Rule("exponentiated-gradient").GetProperty("slope_exponent").GetDouble(), 1e-9);
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        JsonFields.Collect(root, fields);
        Assert.Contains("learned_difference", fields);
        Assert.All(fields, f => Assert.Contains($"`{f}`", documentation, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("natural", "pass", 0)]
    [InlineData("natural", "fail", 1)]
    [InlineData("euclidean", "fail", 0)]
    [InlineData("euclidean", "pass", 1)]
    public async Task A_claim_that_fails_is_status_1(string rule, string claim, int status)
    {
        Assert.Equal(status, await line.Run("invariance", "--rule", rule, "--expect", claim, "--steps", "0", "--json", "-"));
        Assert.Equal(1, JsonDocument.Parse(line.Output).RootElement.GetProperty("rules").GetArrayLength());
        Assert.Equal(status == 1, line.Error.Contains("--expect", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("log")]
    [InlineData("power:2")]
    [InlineData("power:0.5")]
    public async Task Nonlinear_parametrizations_leave_the_approximate_rule_invariant_to_first_order(string second)
    {
        Assert.Equal(0, await line.Run("invariance", "--rule", "approximate", "--second", second, "--expect", "pass", "--n", "20"));
        Assert.Contains("passes to first order", line.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("did you mean natural?", "--rule", "naturl")]
    [InlineData("did you mean somatic?", "--first", "somatik")]
    [InlineData("'log:3'", "--second", "log:3")]
    [InlineData("length constant", "--second", "dendritic:-3um")]
    [InlineData("power", "--second", "power:zero")]
    [InlineData("-5 Hz is negative", "--rates=-5,10")]
    [InlineData("not a rate", "--rates", "10,x")]
    [InlineData("fewer than the 2 rates", "--n", "1")]
    [InlineData("--n is 0", "--n", "0")]
    [InlineData("--learning-rate needs --rule", "--learning-rate", "0.1")]
    [InlineData("above 0", "--rule", "natural", "--learning-rate", "0")]
    [InlineData("too long for synapse", "--rates", "10,5000")]
    [InlineData("No weight changed", "--rule", "euclidean", "--rates", "0")]
    public async Task Bad_input_is_status_2_with_its_reason(string reason, params string[] options)
    {
        Assert.Equal(2, await line.Run(["invariance", .. options, "--steps", "10"]));
        Assert.Contains(reason, line.Error, StringComparison.Ordinal);
        Assert.Empty(line.Output);
    }

    [Fact]
    public async Task Results_do_not_depend_on_the_threads()
    {
        Assert.Equal(0, await line.Run("invariance", "--threads", "1", "--seed", "5", "--steps", "50"));
        string one = line.Output;
        Assert.Equal(0, await line.Run("invariance", "--threads", "2", "--seed", "5", "--steps", "50"));
        Assert.Equal(one, line.Output);
        Assert.Equal(0, await line.Run("invariance", "--threads", "2", "--seed", "6", "--steps", "50"));
        Assert.NotEqual(one, line.Output);
    }

    [Fact]
    public async Task The_output_folder_holds_report_figure_table_and_result()
    {
        string folder = line.PathOf("check");
        Assert.Equal(0, await line.Run("invariance", "--steps", "50", "--out", folder, "--json", line.PathOf("copy.json")));

        Assert.Contains("Does the rule learn the same behaviour?", await Text(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
        Assert.Equal(await Text(line.PathOf("copy.json")), await Text(Path.Combine(folder, "result.json")));
        string[] csv = (await Text(Path.Combine(folder, "invariance.csv"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1 + (5 * 20 * 10), csv.Length);
        Assert.All(csv, l => Assert.Equal(7, l.Count(c => c == ',')));
        Assert.All(new[] { ".svg", ".png", ".pdf" }, ending => Assert.True(File.Exists(Path.Combine(folder, "figures", "changes" + ending)), ending));
    }

    private static Task<string> Text(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
}
