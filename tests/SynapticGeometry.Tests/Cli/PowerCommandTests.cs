using System.Text.Json;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class PowerCommandTests : IDisposable
{
    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task Without_options_a_table_and_a_verdict_are_printed()
    {
        Assert.Equal(0, await line.Run("power"));

        // 68.6 by the closed form and 18 for the drift.
        Assert.StartsWith("About 87 synapses tell exponent 0 (multiplicative) from 0.5 (1.5-norm) with 90 % power", line.Output, StringComparison.Ordinal);
        Assert.Contains("* 0.83", line.Output, StringComparison.Ordinal);
        Assert.Contains("four times the interval", line.Output, StringComparison.Ordinal);
        Assert.Contains("--out DIR", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_goes_alone_to_standard_output_and_every_field_is_documented()
    {
        JsonElement root = await Json(
            "power", Pilot(), "--before", "day0", "--after", "day7,day8", "--interval", "7,14", "--group", "dendrite", "--error", "0.05", "--datasets", "4", "--synapses", "100", "--half-width", "0.3",
            "--distinguish", "multiplicative,additive");
        string documentation = await File.ReadAllTextAsync(Path.Combine(SharedFiles.Repository, "docs", "power.md"), TestContext.Current.CancellationToken);

        Assert.Equal("syngeo.power/1", root.GetProperty("schema").GetString());
        Assert.Equal(1, root.GetProperty("experiment").GetProperty("alternative").GetDouble());
        Assert.Equal(100, root.GetProperty("asked").GetProperty("synapses").GetInt32());
        Assert.InRange(root.GetProperty("asked").GetProperty("power").GetDouble(), 0, 1);
        Assert.True(root.GetProperty("experiment").GetProperty("growth_measured").GetBoolean());
        Assert.Equal(300, root.GetProperty("pilot").GetProperty("used").GetInt32() + root.GetProperty("pilot").GetProperty("excluded").EnumerateObject().Sum(r => r.Value.GetInt32()));
        Assert.Equal(6, root.GetProperty("pilot").GetProperty("groups").GetInt32());
        Assert.NotEmpty(root.GetProperty("simulation").EnumerateArray());
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        JsonFields.Collect(root, fields);
        Assert.Contains("power_se", fields);
        Assert.All(fields, f => Assert.Contains($"`{f}`", documentation, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_agrees_with_the_formula()
    {
        JsonElement root = await Json("power", "--spread", "0.6", "--change", "0.15", "--error", "0.12", "--kurtosis", "6", "--distinguish", "0,1", "--drift", "constant");

        Assert.Equal(189.6589862590032, root.GetProperty("synapses_closed_form").GetDouble(), 1e-9);
        Assert.Equal(192, root.GetProperty("synapses_needed").GetInt32());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("pilot").ValueKind);
        Assert.Equal(0, root.GetProperty("simulation").GetArrayLength());
    }

    [Fact]
    public async Task The_output_folder_holds_report_figures_table_and_result()
    {
        string folder = line.PathOf("plan");
        Assert.Equal(0, await line.Run("power", "--simulate", "--datasets", "5", "--out", folder, "--json", line.PathOf("copy.json")));

        string page = await Text(Path.Combine(folder, "report.html"));
        Assert.Contains("How many synapses does it take?", page, StringComparison.Ordinal);
        Assert.Contains("syngeo power --simulate", page, StringComparison.Ordinal);
        Assert.Equal(await Text(line.PathOf("copy.json")), await Text(Path.Combine(folder, "result.json")));
        string[] csv = (await Text(Path.Combine(folder, "power.csv"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(csv, l => Assert.Equal(csv[0].Count(c => c == ','), l.Count(c => c == ',')));
        foreach (string kind in new[] { "table", "lever", "interval", "simulation" })
        {
            Assert.Contains(csv, l => l.StartsWith(kind + ",", StringComparison.Ordinal));
        }

        foreach (string figure in new[] { "power", "synapses-needed" })
        {
            foreach (string ending in new[] { ".svg", ".png", ".pdf" })
            {
                Assert.True(File.Exists(Path.Combine(folder, "figures", figure + ending)), figure + ending);
            }
        }
    }

    [Fact]
    public async Task Results_do_not_depend_on_the_number_of_threads()
    {
        async Task<string> Simulated(string threads) => (await Json("power", "--simulate", "--datasets", "6", "--threads", threads)).GetProperty("simulation").GetRawText();

        Assert.Equal(await Simulated("1"), await Simulated("4"));
    }

    [Fact]
    public async Task Controls_give_the_error_and_a_pilot_that_is_all_error_is_named_as_such()
    {
        string table = Pilot();
        JsonElement root = await Json("power", table, "--before", "day0", "--after", "day7", "--control-before", "day0", "--control-after", "repeat", "--datasets", "0");
        Assert.Equal(0.05, root.GetProperty("pilot").GetProperty("error").GetDouble(), 0.01);

        Assert.Equal(0, await line.Run("power", table, "--before", "day0", "--after", "repeat", "--error", "0.06", "--datasets", "0"));
        Assert.StartsWith("The data cannot tell", line.Output, StringComparison.Ordinal);
        Assert.Contains("longer interval", line.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--spread", "-1", "spread of log size is -1")]
    [InlineData("--spread", "NaN", "spread of log size is NaN")]
    [InlineData("--change", "0", "change is 0")]
    [InlineData("--error", "-0.1", "error is -0.1")]
    [InlineData("--kurtosis", "1", "kurtosis is 1")]
    [InlineData("--power", "0.04", "power is 0.04")]
    [InlineData("--power", "1", "power is 1")]
    [InlineData("--level", "0", "level is 0")]
    [InlineData("--distinguish", "0.5,0.5", "different")]
    [InlineData("--distinguish", "0", "two exponents")]
    [InlineData("--distinguish", "0,7", "exponent is 7")]
    [InlineData("--distinguish", "0,hypentropy:0.1", "no exponent")]
    [InlineData("--distinguish", "0,additiv", "additive")]
    [InlineData("--synapses", "3", "--synapses is 3")]
    [InlineData("--half-width", "0", "--half-width is 0")]
    [InlineData("--interval", "1,2", "2 intervals")]
    [InlineData("--intervals", "1,-2", "above 0")]
    [InlineData("--limit", "0", "--limit is 0")]
    [InlineData("--datasets", "-1", "--datasets is -1")]
    [InlineData("--exponent-spread", "0.2", "between groups")]
    [InlineData("--before", "day0", "need a pilot file")]
    [InlineData("--model", "exact", "'auto'")]
    [InlineData("--colour", "red", "--colour")]
    public async Task Bad_options_are_named_and_end_with_status_2(string option, string value, string message)
    {
        Assert.Equal(2, await line.Run("power", option + "=" + value));

        Assert.Contains(message, line.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line.Error, StringComparison.Ordinal);
        Assert.Empty(line.Output);
    }

    [Theory]
    [InlineData("--before is missing")]
    [InlineData("--after is missing", "--before", "day0")]
    [InlineData("no column \"day1\"", "--before", "day1", "--after", "day7")]
    [InlineData("--control-after is missing", "--before", "day0", "--after", "day7", "--control-before", "repeat")]
    [InlineData("give one of them", "--before", "day0", "--after", "day7", "--control-before", "day0", "--control-after", "repeat", "--error", "0.1")]
    [InlineData("single synapse", "--before", "day0", "--after", "day7", "--group", "id")]
    [InlineData("No row", "--before", "day0", "--after", "day7", "--where", "dendrite=g77")]
    [InlineData("1 intervals for 2", "--before", "day0", "--after", "day7,day8")]
    [InlineData("come from the pilot", "--before", "day0", "--after", "day7", "--spread", "0.5")]
    [InlineData("true spread cannot be told", "--before", "day0", "--after", "day7", "--error", "3")]
    public async Task Bad_pilots_are_named_and_leave_nothing(string message, params string[] options)
    {
        Assert.Equal(2, await line.Run(["power", Pilot(), "--out", line.PathOf("plan"), .. options]));

        Assert.Contains(message, line.Error, StringComparison.Ordinal);
        Assert.Empty(line.Output);
        Assert.False(Directory.Exists(line.PathOf("plan")));
    }

    [Fact]
    public async Task Every_option_has_an_example_in_the_help()
    {
        Assert.Equal(0, await line.Run("power", "--help"));

        string options = line.Output[line.Output.IndexOf("Options:", StringComparison.Ordinal)..];
        string[] entries = [.. options.Split("\n  -").Skip(1).Where(e => !e.StartsWith('?'))];
        Assert.True(entries.Length > 25);
        Assert.All(entries, e => Assert.Contains("Example:", e, StringComparison.Ordinal));
    }

    private async Task<JsonElement> Json(params string[] args)
    {
        Assert.Equal(0, await line.Run([.. args, "--json", "-"]));
        return JsonDocument.Parse(line.Output).RootElement;
    }

    // Columns id, dendrite, day0, day7, day8, repeat: error 5 % in each.
    private string Pilot()
    {
        (double[] before, double[] after, string[] group) = new SimulatedSynapses { Count = 300, Exponent = 0.5, Groups = 6, RelativeChange = 0.2 }.Draw(new RandomSource(1).Fork("power command test"));
        RandomSource noise = new RandomSource(1).Fork("noise");
        double Seen(double size) => size * Math.Exp(0.05 * noise.NextNormal());
        return line.Write("pilot.csv", "id,dendrite,day0,day7,day8,repeat\n" + string.Concat(before.Select((b, i) =>
            FormattableString.Invariant($"{i},{group[i]},{Seen(b):R},{Seen(after[i]):R},{Seen(after[i] * Math.Exp(0.1 * noise.NextNormal())):R},{Seen(b):R}\n"))));
    }

    private static Task<string> Text(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
}
