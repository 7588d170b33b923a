using System.Globalization;
using System.Text.Json;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

/// <summary>'syngeo infer' with what is known of the measurement: error, controls, limit, sessions.</summary>
public sealed class MeasuredInferTests : IDisposable
{
    private static readonly string[] Fast = ["--gof-replicates", "99", "--bootstrap", "0", "--candidates", "negative-entropy,2"];

    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task A_known_error_gives_back_the_additive_rule_that_it_hides()
    {
        // Ten per cent changes and five per cent error: the case in which the error alone turns 1 into 0.6.
        string table = Table(1000, 1, 0.1, 0.05);
        JsonElement known = await Json("infer", table, "--before", "a", "--after", "b", "--error", "0.05");
        JsonElement ignored = await Json("infer", table, "--before", "a", "--after", "b", "--error", "none");

        Assert.Equal(1, Estimate(known), 0.15);
        Assert.Equal("2-norm", known.GetProperty("closest").GetString());
        Assert.InRange(1, Interval(known)[0], Interval(known)[1]);
        Assert.True(Estimate(ignored) < 0.75, "the control must fail");
        Assert.Equal(Estimate(ignored), known.GetProperty("measurement").GetProperty("estimate_ignoring_error").GetDouble(), 1e-9);
        Assert.Equal("given", Text(known, "error_source"));
        Assert.True(known.GetProperty("measurement").GetProperty("determinable").GetBoolean());
    }

    [Fact]
    public async Task The_error_is_found_from_controls_in_a_file_in_columns_and_in_rows()
    {
        (double[] before, double[] after, double[][] controls) = Draw(600, 0.5, 0.2, 0.1, 400);
        string table = line.Write("t.csv", "a,b,kind\n" + Rows(before, after, "plastic") + Rows(controls[0], controls[1], "sham"));
        string file = line.Write("c.csv", "first,second\n" + string.Concat(controls[0].Zip(controls[1], (x, y) => FormattableString.Invariant($"{x:R},{y:R}\n"))));
        string[] plastic = ["infer", table, "--before", "a", "--after", "b", "--where", "kind=plastic"];

        JsonElement fromFile = await Json([.. plastic, "--control", file, "--control-columns", "first,second"]);
        JsonElement fromRows = await Json([.. plastic, "--control-where", "kind=sham"]);

        foreach (JsonElement root in new[] { fromFile, fromRows })
        {
            Assert.Equal("controls", Text(root, "error_source"));
            Assert.Equal(0.1, root.GetProperty("measurement").GetProperty("error").GetDouble(), 0.015);
            Assert.Equal(400, root.GetProperty("measurement").GetProperty("controls").GetProperty("differences").GetInt32());
            Assert.Equal(0.5, Estimate(root), 0.2);
        }

        Assert.Equal(Estimate(fromFile), Estimate(fromRows), 1e-9);
    }

    [Fact]
    public async Task Repeated_columns_are_controls_of_their_own()
    {
        (double[] before, double[] after, _) = Draw(400, 0, 0.3, 0, 0);
        RandomSource random = new RandomSource(5).Fork("repeats");
        string Noisy(double x) => (x * Math.Exp(0.1 * random.NextNormal())).ToString("R", CultureInfo.InvariantCulture);
        string table = line.Write("r.csv", "m15,m10,m5,p30\n" + string.Concat(before.Zip(after, (x, y) => $"{Noisy(x)},{Noisy(x)},{Noisy(x)},{Noisy(y)}\n")));

        JsonElement root = await Json("infer", table, "--before", "m15,m10,m5", "--after", "p30");

        Assert.Equal("controls", Text(root, "error_source"));
        Assert.Equal(0.1, root.GetProperty("measurement").GetProperty("error").GetDouble(), 0.01);
        Assert.Equal(800, root.GetProperty("measurement").GetProperty("controls").GetProperty("differences").GetInt32());
    }

    [Fact]
    public async Task Without_any_error_there_is_a_curve_and_no_single_answer()
    {
        JsonElement root = await Json("infer", Table(500, 1, 0.1, 0.05), "--before", "a", "--after", "b");

        Assert.StartsWith("No single answer", root.GetProperty("verdict").GetString(), StringComparison.Ordinal);
        Assert.Equal("unknown", Text(root, "error_source"));
        Assert.False(root.GetProperty("measurement").GetProperty("determinable").GetBoolean());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("measurement").GetProperty("error").ValueKind);
        JsonElement[] curve = [.. root.GetProperty("measurement").GetProperty("error_curve").EnumerateArray()];
        Assert.True(curve.Length >= 4);
        Assert.Equal(0, curve[0].GetProperty("error").GetDouble());
        Assert.Equal(Estimate(root), curve[0].GetProperty("estimate").GetDouble(), 0.01);

        // The more of the change is error, the more additive what is left.
        Assert.True(curve[^1].GetProperty("estimate").GetDouble() > curve[0].GetProperty("estimate").GetDouble() + 0.2);
    }

    [Fact]
    public async Task An_error_twice_the_change_is_not_determinable()
    {
        JsonElement root = await Json("infer", Table(400, 0, 0.1, 0.3), "--before", "a", "--after", "b", "--error", "0.3");

        Assert.Contains("Not determinable", root.GetProperty("verdict").GetString(), StringComparison.Ordinal);
        Assert.False(root.GetProperty("measurement").GetProperty("determinable").GetBoolean());
        Assert.False(root.GetProperty("distinguishable").GetBoolean());
        Assert.NotEqual(string.Empty, Text(root, "why_not"));
    }

    [Fact]
    public async Task The_likelihood_is_chosen_with_a_reason_and_can_be_asked_for()
    {
        string small = Table(300, 0, 0.08, 0.01), large = Table(300, 0, 0.4, 0.05, "l.csv");

        Assert.Equal("small-change", Text(await Json("infer", small, "--before", "a", "--after", "b", "--error", "0.01"), "method"));
        Assert.Equal("latent-size", Text(await Json("infer", small, "--before", "a", "--after", "b", "--error", "0.05"), "method"));
        JsonElement root = await Json("infer", large, "--before", "a", "--after", "b", "--error", "0.05");
        Assert.Equal("latent-size", Text(root, "method"));
        Assert.Contains("larger than 0.3", Text(root, "reason"), StringComparison.Ordinal);
        Assert.Equal("small-change", Text(await Json("infer", large, "--before", "a", "--after", "b", "--error", "0.05", "--method", "small-change"), "method"));
    }

    [Fact]
    public async Task A_detection_limit_takes_the_vanished_in_and_undoes_their_bias()
    {
        (double[] before, double[] after, _) = Draw(2000, 0.5, 0.3, 0, 0);
        const double limit = 0.5;
        string table = line.Write("v.csv", "a,b\n" + string.Concat(before.Zip(after).Where(p => p.First >= limit)
            .Select(p => FormattableString.Invariant($"{p.First:R},{(p.Second < limit ? 0 : p.Second):R}\n"))));
        string[] command = ["infer", table, "--before", "a", "--after", "b", "--error", "none"];

        JsonElement recorded = await Json([.. command, "--limit", "0.5"]);
        JsonElement dropped = await Json(command);

        Assert.Equal("recorded", Text(recorded, "vanished"));
        Assert.True(recorded.GetProperty("measurement").GetProperty("vanished_used").GetInt32() > 50);
        Assert.Equal(0.5, Estimate(recorded), 0.12);
        Assert.True(Estimate(dropped) < Estimate(recorded) - 0.03, "leaving the vanished out must lower the exponent");
    }

    [Fact]
    public async Task Sensitivity_has_a_row_for_every_assumption()
    {
        (double[] before, double[] after, _) = Draw(300, 0.5, 0.2, 0.08, 0);
        string table = line.Write("s.csv", "a,b,g\n" + string.Concat(before.Zip(after).Where(p => p.First > 0.3)
            .Select((p, i) => FormattableString.Invariant($"{p.First:R},{(p.Second < 0.3 ? 0 : p.Second):R},g{i % 4}\n"))));

        JsonElement root = await Json("infer", table, "--before", "a", "--after", "b", "--group", "g", "--error", "0.08", "--limit", "0.3", "--sensitivity");

        JsonElement[] rows = [.. root.GetProperty("sensitivity").EnumerateArray()];
        Assert.Equal([0, 0.5, 1, 1.5], rows.Where(r => Kind(r) == "error").Select(r => r.GetProperty("factor").GetDouble()));
        Assert.Equal([1, 1.25, 1.5], rows.Where(r => Kind(r) == "limit").Select(r => r.GetProperty("factor").GetDouble()));
        Assert.Equal(4, rows.Count(r => Kind(r) == "group"));
        Assert.Single(rows, r => Kind(r) == "tails");
        Assert.Single(rows, r => Kind(r) == "drift");

        // Error as used, limit as given: the main answer again.
        foreach (JsonElement same in rows.Where(r => Kind(r) is "error" or "limit" && r.GetProperty("factor").GetDouble() == 1))
        {
            Assert.Equal(Estimate(root), same.GetProperty("estimate").GetDouble(), 0.01);
        }

        static string Kind(JsonElement row) => row.GetProperty("kind").GetString()!;
    }

    [Fact]
    public async Task Results_are_the_same_on_any_number_of_threads()
    {
        string table = Table(150, 0.5, 0.2, 0.08);
        string[] command = ["infer", table, "--before", "a", "--after", "b", "--error", "0.08", "--sensitivity", "--bootstrap", "6", "--gof-replicates", "99", "--json", "-"];

        Assert.Equal(0, await line.Run([.. command, "--threads", "1"]));
        string one = WithoutCommand(line.Output);
        Assert.Equal(0, await line.Run([.. command, "--threads", "3"]));
        Assert.Equal(one, WithoutCommand(line.Output));

        static string WithoutCommand(string json) => string.Join('\n', json.Split('\n').Where(l => !l.Contains("\"command\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Long_and_wide_tables_of_sessions_say_the_same()
    {
        (double[][] sessions, string wide, string lng) = Sessions(150, 4);

        JsonElement fromWide = await Json("infer", wide, "--sessions", "d0,d4,d8,d12", "--error", "0.05");
        JsonElement fromLong = await Json("infer", lng, "--synapse", "id", "--session", "day", "--size", "size", "--error", "0.05");

        Assert.Equal(Estimate(fromWide), Estimate(fromLong), 1e-6);
        Assert.Equal(4, fromWide.GetProperty("measurement").GetProperty("epochs").GetInt32());
        Assert.Equal(sessions[0].Length, fromLong.GetProperty("measurement").GetProperty("synapses").GetInt32());
        JsonElement[] intervals = [.. fromLong.GetProperty("intervals").EnumerateArray()];
        Assert.Equal([4, 8, 12], intervals.Select(i => i.GetProperty("interval").GetDouble()));
        Assert.Equal([3, 2, 1], intervals.Select(i => i.GetProperty("session_pairs").GetInt32()));

        // Independent steps: the spread of changes grows as the square root of the interval.
        Assert.Equal(Math.Sqrt(3), intervals[2].GetProperty("change").GetDouble() / intervals[0].GetProperty("change").GetDouble(), 0.3);
        Assert.Equal(150 * 2, (await Json("infer", lng, "--synapse", "id", "--session", "day", "--size", "size", "--error", "0.05", "--interval", "8")).GetProperty("synapses").GetProperty("read").GetInt32());
    }

    [Fact]
    public async Task Three_sessions_know_their_own_error()
    {
        (_, string wide, _) = Sessions(400, 5, error: 0.15);

        JsonElement root = await Json("infer", wide, "--sessions", "d0,d4,d8,d12,d16", "--error", "sessions");

        Assert.Equal("sessions", Text(root, "error_source"));
        Assert.Equal(0.15, root.GetProperty("measurement").GetProperty("error").GetDouble(), 0.02);
        Assert.Equal(0.5, Estimate(root), 0.2);
    }

    [Theory]
    [InlineData("--error 0", "'none' if the sizes are exact")]
    [InlineData("--error=-0.1", "must lie between 0 and 3")]
    [InlineData("--error much", "--error is 'much'")]
    [InlineData("--error 0.1 --control-columns a,b", "give one of them")]
    [InlineData("--control-columns a", "two columns or more")]
    [InlineData("--error none --method latent-size", "needs an error")]
    [InlineData("--error-additive=-1", "must be positive")]
    [InlineData("--limit 0", "must be positive")]
    [InlineData("--limit 1e6", "above most sizes")]
    [InlineData("--error sessions", "three or more")]
    [InlineData("--vanished recorded", "give it with --limit")]
    [InlineData("--control missing.csv", "missing.csv")]
    [InlineData("--sessions a,b", "give one or the other")]
    public async Task Measurements_that_cannot_be_are_refused(string options, string message)
    {
        Assert.Equal(2, await line.Run(["infer", Table(60, 0.5, 0.2, 0.05), "--before", "a", "--after", "b", .. options.Split(' ')]));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
        Assert.Empty(line.Output);
    }

    [Theory]
    [InlineData("--sessions d4,d0", "wrong order")]
    [InlineData("--sessions d0,d4,d12", "not equally spaced")]
    [InlineData("--sessions d0", "at least two")]
    [InlineData("--sessions d0,d4,d8 --interval 5", "the intervals are 4, 8")]
    [InlineData("--sessions d0,d4 --times 3,1", "wrong order")]
    [InlineData("--sessions d0,d4 --times 3", "1 numbers for 2 sessions")]
    [InlineData("--synapse d0 --session d4", "--size is missing")]
    public async Task Sessions_that_cannot_be_are_refused(string options, string message)
    {
        (_, string wide, _) = Sessions(60, 4);

        Assert.Equal(2, await line.Run(["infer", wide, "--error", "0.05", .. options.Split(' ')]));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_synapse_measured_twice_in_one_session_is_named_with_its_rows()
    {
        string table = line.Write("twice.csv", "id,day,size\n1,0,2\n1,4,3\n2,0,1\n2,4,1\n1,4,5\n");

        Assert.Equal(2, await line.Run("infer", table, "--synapse", "id", "--session", "day", "--size", "size"));
        Assert.Contains("Rows 3 and 6", line.Error, StringComparison.Ordinal);
        Assert.Contains("synapse 1 in session 4", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Controls_in_another_unit_are_pointed_out_with_both_medians()
    {
        (double[] before, double[] after, double[][] controls) = Draw(200, 0.5, 0.2, 0.1, 100);
        string table = line.Write("t.csv", "a,b\n" + string.Concat(before.Zip(after, (x, y) => FormattableString.Invariant($"{x:R},{y:R}\n"))));
        string other = line.Write("c.csv", "a,b\n" + string.Concat(controls[0].Zip(controls[1], (x, y) => FormattableString.Invariant($"{1000 * x:R},{1000 * y:R}\n"))));

        Assert.Equal(0, await line.Run(["infer", table, "--before", "a", "--after", "b", "--control", other, .. Fast]));

        Assert.Contains("are they in the same unit?", line.Error, StringComparison.Ordinal);
        Assert.Contains("the median size of the controls is", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signed_weights_have_no_measurement_error()
    {
        string table = line.Write("n.csv", "a,b\n" + string.Concat(Enumerable.Range(1, 40).Select(i => FormattableString.Invariant($"{(i % 2 == 0 ? i : -i)},{(i % 2 == 0 ? i + 1 : -i - (0.1 * (i % 5)))}\n"))));

        Assert.Equal(2, await line.Run("infer", table, "--before", "a", "--after", "b", "--error", "0.1"));
        Assert.Contains("--positive", line.Error, StringComparison.Ordinal);
    }

    private static (double[] Before, double[] After, double[][] Controls) Draw(int count, double exponent, double change, double error, int controls)
    {
        var synapses = new SimulatedSynapses { Count = count, Exponent = exponent, RelativeChange = change, Error = new MeasurementError(error) };
        RandomSource random = new RandomSource(3).Fork("measured command line");
        (double[] before, double[] after, _) = synapses.Draw(random);
        return (before, after, synapses.DrawControls(Math.Max(1, controls), 2, random));
    }

    private static string Rows(double[] a, double[] b, string kind) => string.Concat(a.Zip(b, (x, y) => FormattableString.Invariant($"{x:R},{y:R},{kind}\n")));

    private static double Estimate(JsonElement root) => root.GetProperty("exponent").GetProperty("estimate").GetDouble();

    private static double[] Interval(JsonElement root) => [.. root.GetProperty("exponent").GetProperty("robust_ci95").EnumerateArray().Select(e => e.GetDouble())];

    private static string Text(JsonElement root, string field) => root.GetProperty("measurement").GetProperty(field).GetString()!;

    private string Table(int count, double exponent, double change, double error, string name = "t.csv")
    {
        (double[] before, double[] after, _) = Draw(count, exponent, change, error, 0);
        return line.Write(name, "a,b\n" + string.Concat(before.Zip(after, (x, y) => FormattableString.Invariant($"{x:R},{y:R}\n"))));
    }

    // Sizes under the 1.5-norm geometry, independent steps of ten per cent, at days 0, 4, 8, ...; wide and long.
    private (double[][] Sizes, string Wide, string Long) Sessions(int count, int sessions, double error = 0.05)
    {
        RandomSource random = new RandomSource(11).Fork("sessions");
        double[][] sizes = [.. Enumerable.Range(0, sessions).Select(_ => new double[count])];
        for (int i = 0; i < count; i++)
        {
            double root = Math.Exp(0.4 * random.NextNormal());
            for (int t = 0; t < sessions; t++)
            {
                sizes[t][i] = root * root * Math.Exp(error * random.NextNormal());
                root = Math.Max(0.05, root + (0.1 * random.NextNormal()));
            }
        }

        string days = string.Join(',', Enumerable.Range(0, sessions).Select(t => "d" + (4 * t).ToString(CultureInfo.InvariantCulture)));
        string wide = line.Write("wide.csv", days + "\n" + string.Concat(Enumerable.Range(0, count).Select(i => string.Join(',', sizes.Select(s => s[i].ToString("R", CultureInfo.InvariantCulture))) + "\n")));
        string lng = line.Write("long.csv", "id,day,size\n" + string.Concat(Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, sessions).Select(t => FormattableString.Invariant($"s{i},{4 * t},{sizes[t][i]:R}\n")))));
        return (sizes, wide, lng);
    }

    private async Task<JsonElement> Json(params string[] args)
    {
        Assert.True(await line.Run([.. args, .. Fast, "--json", "-"]) == 0, line.Error);
        return JsonDocument.Parse(line.Output).RootElement;
    }
}
