using System.Text.Json;
using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class LearnCommandTests : IDisposable
{
    private static readonly string[] Short = ["learn", "--n", "10", "--trials", "3", "--duration", "2", "--cost-samples", "5", "--cost-duration", "0.05"];

    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task Json_has_the_fields_that_were_promised_and_documented_and_stands_alone()
    {
        Assert.Equal(0, await line.Run([.. Short, "--learning-rate", "0.01", "--json", "-"]));
        JsonElement root = JsonDocument.Parse(line.Output).RootElement;

        Assert.Equal("syngeo.learn/1", root.GetProperty("schema").GetString());
        Assert.Equal(["natural", "10", "3", "2", "0.0005"], new[] { "rule", "n", "trials", "duration", "dt" }.Select(f => root.GetProperty(f).ToString()));
        Assert.True(root.GetProperty("wall_seconds").GetDouble() > 0);
        Assert.Equal(10 * 4000 * 3 / root.GetProperty("wall_seconds").GetDouble(), root.GetProperty("synaptic_updates_per_second").GetDouble(), 1.0);
        JsonElement curve = root.GetProperty("curve"), time = root.GetProperty("time_to");
        Assert.Equal(201, curve.GetProperty("t").GetArrayLength());
        Assert.All(new[] { "dkl_mean", "dkl_min", "dkl_max", "rmse_mean" }, f => Assert.Equal(201, curve.GetProperty(f).GetArrayLength()));
        Assert.True(curve.GetProperty("dkl_min")[200].GetDouble() <= curve.GetProperty("dkl_mean")[200].GetDouble());
        Assert.Equal(5e-5, time.GetProperty("dkl").GetDouble());
        Assert.True(time.TryGetProperty("mean_curve", out _) && time.TryGetProperty("median_trial", out _));
        await JsonFields.MustBeDocumented(root, "learn.md");
    }

    [Theory]
    [InlineData("euclidean", "event")]
    [InlineData("natural", "event")]
    [InlineData("approximate", "event")]
    [InlineData("quadratic", "event")]
    [InlineData("exponentiated-gradient", "dense")]
    public async Task Every_rule_runs_in_the_loop_that_it_has(string rule, string engine)
    {
        Assert.Equal(0, await line.Run([.. Short, "--rule", rule, "--json", "-"]));
        Assert.Equal(engine, JsonDocument.Parse(line.Output).RootElement.GetProperty("engine").GetString());
    }

    [Fact]
    public async Task Engines_and_threads_give_the_same_curve()
    {
        double[][] curves = [];
        foreach (string[] more in new string[][] { ["--threads", "1"], ["--threads", "2"], ["--engine", "dense"] })
        {
            Assert.Equal(0, await line.Run([.. Short, .. more, "--learning-rate", "0.01", "--json", "-"]));
            curves = [.. curves, [.. JsonDocument.Parse(line.Output).RootElement.GetProperty("curve").GetProperty("dkl_mean").EnumerateArray().Select(v => v.GetDouble())]];
        }

        Assert.Equal(curves[0], curves[1]);
        Assert.All(curves[0].Zip(curves[2]), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * pair.First));
        Assert.NotEqual(curves[0][0], curves[0][^1]);
    }

    [Fact]
    public async Task Released_learning_rates_are_those_over_beta()
    {
        Assert.Equal(0, await line.Run([.. Short, "--learning-rate", "0.003", "--convention", "released", "--json", "-"]));
        JsonElement released = JsonDocument.Parse(line.Output).RootElement;
        Assert.Equal(0, await line.Run([.. Short, "--learning-rate", "0.01", "--json", "-"]));
        JsonElement printed = JsonDocument.Parse(line.Output).RootElement;

        Assert.Equal(0.01, released.GetProperty("printed_learning_rate").GetDouble(), 1e-15);
        Assert.Equal(printed.GetProperty("curve").GetProperty("t").ToString(), released.GetProperty("curve").GetProperty("t").ToString());
        Assert.Equal(printed.GetProperty("curve").GetProperty("rmse_mean")[200].GetDouble(), released.GetProperty("curve").GetProperty("rmse_mean")[200].GetDouble(), 1e-9);
    }

    [Fact]
    public async Task A_folder_holds_curves_weights_figures_report_and_arrays_that_agree()
    {
        string folder = line.PathOf("run");
        Assert.Equal(0, await line.Run([.. Short, "--learning-rate", "0.01", "--trace", "0.5:0.6", "--weights-at", "1", "--out", folder]));

        Assert.All(
            new[] { "report.html", "result.json", "curve.csv", "trials.csv", "weights.csv", "learning.npz", "learning.h5", "figures/learning-curve.svg", "figures/before-and-after.png", "figures/weights.pdf", "figures/trace-0.svg" },
            f => Assert.True(new FileInfo(Path.Combine(folder, f)).Length > 100, f));
        using DataFile npz = DataFiles.Open(Path.Combine(folder, "learning.npz")), h5 = DataFiles.Open(Path.Combine(folder, "learning.h5"));
        NumericArray weights = npz.ReadNumbers("weights");
        Assert.Equal([3L, 3, 10], weights.Shape);
        Assert.Equal([0.0, 1, 2], npz.ReadNumbers("weights_t").ToDouble());
        Assert.Equal([200L], npz.ReadNumbers("trace0_potential").Shape);
        Assert.Equal(npz.Names.Order(), h5.Names.Select(n => n.TrimStart('/')).Order());
        Assert.All(npz.Names, n => Assert.Equal(npz.ReadNumbers(n).ToDouble(), h5.ReadNumbers(h5.Names.Single(m => m.TrimStart('/') == n)).ToDouble()));
        string[] rows = (await Text(Path.Combine(folder, "weights.csv"))).Trim().Split('\n');
        Assert.Equal(11, rows.Length);
        Assert.Equal(npz.ReadNumbers("final_weights")[3], double.Parse(rows[4].Split(',')[4], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Contains("The natural rule", await Text(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_before_and_after_go_straight_into_the_inference()
    {
        string folder = line.PathOf("run");
        Assert.Equal(0, await line.Run("learn", "--rule", "exponentiated-gradient", "--n", "100", "--trials", "3", "--duration", "20", "--learning-rate", "1e-3", "--excitatory", "1", "--initial", "0.2,1", "--cost-samples", "2", "--out", folder, "--quiet"));

        Assert.Equal(0, await line.Run("infer", Path.Combine(folder, "learning.npz"), "--before", "initial_weights", "--after", "final_weights", "--json", "-"));
        Assert.Equal(300, JsonDocument.Parse(line.Output).RootElement.GetProperty("synapses").GetProperty("read").GetInt32());
    }

    [Fact]
    public async Task Exponentiated_gradient_keeps_signs_and_the_natural_rule_does_not()
    {
        int natural = await Flips("natural", "0.05"), exponentiated = await Flips("exponentiated-gradient", "1e-3");

        Assert.Equal(0, exponentiated);
        Assert.True(natural > 0);

        async Task<int> Flips(string rule, string rate)
        {
            string folder = line.PathOf(rule);
            Assert.Equal(0, await line.Run("learn", "--rule", rule, "--n", "20", "--trials", "3", "--duration", "15", "--learning-rate", rate, "--excitatory", "0.8", "--teacher", "60", "--cost-samples", "2", "--out", folder));
            using DataFile file = DataFiles.Open(Path.Combine(folder, "learning.npz"));
            double[] before = file.ReadNumbers("initial_weights").ToDouble(), after = file.ReadNumbers("final_weights").ToDouble();
            Assert.Equal(12, before.Count(w => w < 0));
            Assert.NotEqual(before, after);
            return before.Zip(after).Count(p => p.First * p.Second < 0);
        }
    }

    [Fact]
    public async Task A_run_interrupted_keeps_its_checkpoint_and_goes_on_to_the_same_numbers()
    {
        string[] command = ["learn", "--n", "20", "--trials", "4", "--duration", "30", "--cost-samples", "4", "--learning-rate", "0.005", "--json", "-"];
        Assert.Equal(0, await line.Run(command));
        string whole = Curve();
        string state = line.PathOf("run.state");

        int status = 130;
        for (int wait = 30; wait < 5000 && status == 130 && !File.Exists(state); wait *= 2)
        {
            using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(wait));
            status = await line.Run(stop.Token, [.. command, "--checkpoint", state]);
        }

        Assert.True(File.Exists(state));
        Assert.Equal(0, await line.Run([.. command, "--checkpoint", state]));
        Assert.Equal(whole, Curve());

        // Again: nothing is left to do. With other options the file is refused, not overwritten.
        Assert.Equal(0, await line.Run([.. command, "--checkpoint", state]));
        Assert.Equal(0, JsonDocument.Parse(line.Output).RootElement.GetProperty("steps_run").GetInt32());
        Assert.Equal(2, await line.Run([.. command, "--checkpoint", state, "--seed", "2"]));
        Assert.Contains("seed 1; this one has seed 2", line.Error, StringComparison.Ordinal);
        Assert.Contains("remove this one", line.Error, StringComparison.Ordinal);

        string Curve() => JsonDocument.Parse(line.Output).RootElement.GetProperty("curve").ToString();
    }

    [Theory]
    [InlineData("--engine dense --learning-rate 1e-6 --excitatory 0.8", "--rule euclidean", "--rule exponentiated-gradient")]
    [InlineData("--engine dense --learning-rate 1e-6 --excitatory 0.8", "--rule euclidean", "--rule natural")]
    [InlineData("--rule approximate", "--cu 0.95", "--cu 0.1")]
    [InlineData("--rule approximate --engine dense", "--cw 0.05", "--cw 3")]
    [InlineData("--engine dense", "--terms homosynaptic", "--terms homosynaptic,uniform")]
    [InlineData("--engine dense", "--parametrization dendritic:200um", "--parametrization dendritic:100um")]
    public async Task A_checkpoint_of_another_rule_is_refused(string same, string first, string second)
    {
        string state = line.PathOf("run.state");
        Assert.Equal(0, await line.Run([.. Short, .. same.Split(' '), .. first.Split(' '), "--checkpoint", state]));
        Assert.Equal(2, await line.Run([.. Short, .. same.Split(' '), .. second.Split(' '), "--checkpoint", state]));
        Assert.Contains("Name another file, or remove this one", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_of_a_morphology_that_was_changed_is_refused()
    {
        string state = line.PathOf("run.state");
        for (int k = 0; k < 2; k++)
        {
            string cell = line.Write("cell.swc", $"1 1 0 0 0 8 -1\n2 3 60 0 0 1 1\n3 3 160 0 0 0.8 2\n4 3 {320 + k} 30 0 0.6 3\n");
            Assert.Equal(2 * k, await line.Run([.. Short, "--engine", "dense", "--rule", "euclidean", "--parametrization", $"swc:{cell}", "--checkpoint", state]));
        }

        Assert.Contains("another experiment", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recorded_spikes_are_an_input_and_a_teacher()
    {
        string input = line.Write("units.csv", "unit,t_s\n" + string.Concat(Enumerable.Range(0, 200).Select(k => FormattableString.Invariant($"{k % 5},{0.01 * (k + 1)}\n"))));
        string teacher = line.Write("teacher.csv", "unit,t_s\na,0.1\na,0.5\na,1.2\n");

        Assert.Equal(0, await line.Run("learn", "--spikes", input, "--teacher", teacher, "--json", "-"));
        JsonElement root = JsonDocument.Parse(line.Output).RootElement;
        Assert.Equal(5, root.GetProperty("n").GetInt32());
        Assert.Equal(0, root.GetProperty("curve").GetProperty("t").GetArrayLength());
        Assert.Equal(0, await line.Run("learn", "--spikes", input, "--teacher", "20"));
        Assert.Contains("a teacher of 20 Hz", line.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("common-source", "5,0.3")]
    [InlineData("modulation", "2,0.5")]
    [InlineData("parametrization", "dendritic:200um")]
    [InlineData("transfer", "softplus")]
    [InlineData("threshold", "12")]
    [InlineData("shift", "-5")]
    [InlineData("terms", "homosynaptic,uniform")]
    public async Task Options_change_what_is_learned(string option, string value)
    {
        Assert.Equal(0, await line.Run([.. Short, "--learning-rate", "0.01", "--json", "-"]));
        string usual = JsonDocument.Parse(line.Output).RootElement.GetProperty("curve").ToString();
        Assert.Equal(0, await line.Run([.. Short, "--learning-rate", "0.01", $"--{option}={value}", "--json", "-"]));

        bool invariant = option == "parametrization";
        Assert.Equal(invariant, Close(usual, JsonDocument.Parse(line.Output).RootElement.GetProperty("curve").ToString()));

        // The natural rule learns the same through a dendrite; nothing else leaves the curve as it is.
        static bool Close(string first, string second)
        {
            double[] a = Values(first), b = Values(second);
            return a.Zip(b).All(p => Math.Abs(p.First - p.Second) <= 1e-9 * Math.Abs(p.First));
        }

        static double[] Values(string curve) => [.. JsonDocument.Parse(curve).RootElement.GetProperty("dkl_mean").EnumerateArray().Select(v => v.GetDouble())];
    }

    [Theory]
    [InlineData("nothing is named 'natral'; did you mean natural?", "--rule", "natral")]
    [InlineData("-5 Hz is negative", "--rates=-5,10")]
    [InlineData("'x' is not a rate in Hz", "--rates", "x")]
    [InlineData("a spike in a step would have probability", "--dt", "0.02")]
    [InlineData("--dt is 0; it must be finite and above 0", "--dt", "0")]
    [InlineData("diverge", "--learning-rate", "100")]
    [InlineData("diverge in step", "--rule", "euclidean", "--learning-rate", "1e300")]
    [InlineData("diverge in step", "--rule", "exponentiated-gradient", "--learning-rate", "10")]
    [InlineData("--learning-rate 'abc' is not a number", "--learning-rate", "abc")]
    [InlineData("--seed '-1' is not a whole number from 0 on", "--seed=-1")]
    [InlineData("--shift is NaN", "--shift", "NaN")]
    [InlineData("--learning-rate is -1", "--learning-rate=-1")]
    [InlineData("rectified quadratic", "--rule", "quadratic", "--transfer", "sigmoid")]
    [InlineData("yet the teacher spiked", "--rule", "euclidean", "--transfer", "quadratic", "--threshold", "10", "--teacher", "20")]
    [InlineData("is not of three terms", "--rule", "exponentiated-gradient", "--engine", "event")]
    [InlineData("is not of three terms", "--rule", "exponentiated-gradient", "--terms", "uniform")]
    [InlineData("positive weights only", "--parametrization", "log", "--excitatory", "0.5")]
    [InlineData("there is no such file", "--teacher", "nobody.csv")]
    [InlineData("--trace '1-2'", "--trace", "1-2")]
    [InlineData("end of window 0 is 9 s", "--trace", "1:9")]
    [InlineData("the lower end comes first", "--initial=1,-1")]
    [InlineData("constants of the approximate rule", "--cu", "1")]
    [InlineData("do not go together", "--modulation", "1,1", "--common-source", "1,1")]
    [InlineData("gain of a sigmoid", "--convention", "released", "--transfer", "softplus")]
    public async Task Bad_input_is_told_and_is_status_2(string message, params string[] options)
    {
        Assert.Equal(2, await line.Run([.. Short, .. options, "--out", line.PathOf("never")]));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(line.PathOf("never")));
        Assert.Empty(line.Output);
    }

    [Theory]
    [InlineData("under log it lies between", "--n 30 --trials 3 --duration 100 --rates 50 --learning-rate 5e-3 --parametrization log --cost-samples 2")]
    [InlineData("under power:2 it lies between", "--n 30 --trials 3 --duration 100 --rates 50 --learning-rate 5e-3 --parametrization power:2 --cost-samples 2")]
    [InlineData("under log it lies between", "--n 30 --trials 3 --duration 100 --rates 50 --learning-rate 5e-3 --parametrization log --cost-samples 2 --engine dense")]
    public async Task Weights_out_of_range_are_told_with_step_trial_and_seed(string message, string options)
    {
        Assert.Equal(2, await line.Run(["learn", .. options.Split(' '), "--out", line.PathOf("never")]));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
        Assert.Matches(@"in step \d+ \(time [\d.]+ s, seed 1, trial \d\)", line.Error);
        Assert.False(Directory.Exists(line.PathOf("never")));
    }

    [Theory]
    [InlineData("at most 1E+12 are possible", "--duration", "1e20")]
    [InlineData("at most 1E+12 are possible", "--cost-duration", "1e20")]
    [InlineData("GB of memory", "--n", "100000", "--trials", "100000")]
    [InlineData("--trials '2.5' is not a whole number", "--trials", "2.5")]
    [InlineData("--trials '99999999999' is out of range", "--trials", "99999999999")]
    public async Task What_cannot_be_is_refused_at_once(string message, params string[] options)
    {
        Assert.Equal(2, await line.Run(["learn", .. options]));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 1 0 0 0 1 -1\n2 3 10 0 0 1 3\n3 3 20 0 0 1 2\n", "loop")]
    [InlineData("1 1 0 0 0 1 -1\n2 3 10 0 0 1 9\n", "parent")]
    [InlineData("1 1 0 0 0 1 -1\n2 3 10 0 0 0 1\n", "radius")]
    public async Task A_broken_morphology_is_told(string swc, string message)
    {
        string file = line.Write("cell.swc", swc);
        Assert.Equal(2, await line.Run([.. Short, "--parametrization", $"swc:{file}"]));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_file_is_told_with_its_name()
    {
        string soma = line.Write("soma.swc", "1 1 0 0 0 8 -1\n"), spike = line.Write("one.csv", "unit,t_s\n1,0\n");
        Assert.Equal(2, await line.Run([.. Short, "--parametrization", $"swc:{soma}"]));
        Assert.Contains($"{soma}: The morphology has no cable of type 3 or 4", line.Error, StringComparison.Ordinal);
        Assert.Equal(2, await line.Run("learn", "--spikes", spike));
        Assert.Contains($"--spikes {spike}: the recording ends with its last spike", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_spike_in_the_far_future_is_told()
    {
        string file = line.Write("units.csv", "unit,t_s\n1,0.2\n1,1e300\n");
        Assert.Equal(2, await line.Run("learn", "--spikes", file, "--duration", "1"));
        Assert.Contains("The recording is 1.0000000000000002E+300 s", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_engines_learn_the_same_under_a_curved_parametrization()
    {
        // The closed form, whose coefficients do not depend on the weights, steps in somatic weights too.
        foreach (string f in (string[])["log", "power:2"])
        {
            double[][] ends = new double[2][];
            for (int k = 0; k < 2; k++)
            {
                string folder = line.PathOf($"{f.Replace(':', '-')}{k}");
                Assert.Equal(0, await line.Run("learn", "--n", "20", "--trials", "2", "--duration", "2", "--rates", "50", "--initial", "0.5,1", "--target", "0.5,1", "--rule", "quadratic", "--parametrization", f, "--engine", k == 0 ? "event" : "dense", "--cost-samples", "2", "--out", folder));
                using DataFile file = DataFiles.Open(Path.Combine(folder, "learning.npz"));
                ends[k] = file.ReadNumbers("final_weights").ToDouble();
            }

            Assert.True(ends[0].Zip(ends[1]).Max(p => Math.Abs(p.First - p.Second)) <= 1e-12 * ends[0].Max());
        }
    }

    [Fact]
    public async Task Unsorted_spikes_are_told()
    {
        string file = line.Write("units.csv", "unit,t_s\n1,0.2\n1,0.1\n");
        Assert.Equal(2, await line.Run("learn", "--spikes", file));
        Assert.Contains("not in order of time", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recorded_populations_teach_and_drive_a_neuron()
    {
        string rat = SharedFiles.Require("data/spikes-rat-hippocampus/spikes.csv.gz"), cortex = SharedFiles.Require("data/spikes-auditory-cortex/recording1_spikes.csv.gz");
        Assert.Equal(0, await line.Run("learn", "--spikes", rat, "--duration", "20", "--teacher", "20", "--trials", "2", "--json", "-"));
        Assert.Equal(2, await line.Run("learn", "--spikes", cortex));
        Assert.Equal(0, await line.Run("learn", "--spikes", cortex, "--spike-trials", "trial", "--trial-duration", "0.5", "--duration", "20", "--trials", "2", "--json", "-"));
        JsonElement curve = JsonDocument.Parse(line.Output).RootElement.GetProperty("curve");
        Assert.True(curve.GetProperty("rmse_mean")[0].GetDouble() > 0);
    }

    [Fact]
    public async Task A_morphology_is_a_parametrization_by_path_or_by_cable()
    {
        string file = line.Write("cell.swc", "1 1 0 0 0 8 -1\n2 3 60 0 0 1 1\n3 3 160 0 0 0.8 2\n4 3 320 30 0 0.6 3\n5 3 200 -90 0 0.5 3\n");
        foreach (string name in new[] { $"swc:{file}", $"swc:{file},100um", $"cable:{file}" })
        {
            Assert.Equal(0, await line.Run([.. Short, "--rule", "euclidean", "--parametrization", name]));
        }
    }

    private static Task<string> Text(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
}
