using System.Diagnostics;
using System.Globalization;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// Does the closed form keep what it promises? For each setting the number of synapses it gives for 90 % power, the power simulated there, and the share of data sets
/// that reject the truth.
/// </summary>
internal static class PowerBenchmark
{
    private static readonly (string Name, PowerSimulation Simulation)[] Settings =
    [
        Setting("no error", 0.5, 0.1, 0, 0, 0.5),
        Setting("no error", 0.83, 0.1, 0, 0, 0.5),
        Setting("no error, truth 1", 0.5, 0.1, 0, 1, 0.5),
        Setting("no error, heavy tails", 0.5, 0.1, 0, 0, 0.5, kurtosis: 6),
        Setting("error half the change", 0.83, 0.1, 0.05, 0, 0.5),
        Setting("error as the change", 0.83, 0.1, 0.1, 0, 0.5),
        Setting("error as the change, truth 1", 0.83, 0.1, 0.1, 1, 0.5),
        Setting("error as the change, large", 0.83, 0.2, 0.2, 0, 0.5),
        ("error half the change, groups of 10 that share a shift", Setting("", 0.83, 0.1, 0.05, 0, 0.5).Simulation with { SynapsesPerGroup = 10, GroupShift = 0.5 }),
        ("error half the change, latent-size model", Setting("", 0.83, 0.2, 0.1, 0, 0.5).Simulation with { Model = PowerAnalysisModel.LatentSize }),
    ];

    public static int Run(Arguments arguments)
    {
        int sets = arguments.Count("sets", 1000, least: 10), slow = arguments.Count("latent-sets", 40, least: 10);
        List<string[]> table = [["setting", "S", "c", "τ", "true λ", "other λ", "k", "closed form", "n", "data sets", "power", "± SE", "truth rejected", "no answer", "mean λ̂", "sd λ̂", "expected SE"]];
        var records = new List<object>();
        foreach ((string name, PowerSimulation simulation) in Settings)
        {
            bool latent = simulation.Model == PowerAnalysisModel.LatentSize;
            PowerFormula plan = simulation.Experiment;
            double needed = plan.PlannedSynapses;
            var watch = Stopwatch.StartNew();
            PowerEstimate e = (simulation with { DataSets = latent ? slow : sets }).Run((int)Math.Round(needed));
            Console.Error.WriteLine($"{name}: {watch.Elapsed.TotalSeconds:F1} s");
            table.Add(
            [
                name, N(plan.SizeSpread, "0.##"), N(plan.Change, "0.##"), N(plan.Error, "0.##"), N(plan.Truth, "0.##"), N(plan.Alternative, "0.##"), N(plan.Kurtosis, "0.#"),
                N(plan.Synapses, "0"), N(e.Synapses, "0"), N(e.DataSets, "0"), N(e.Power, "F3"), N(e.StandardError, "F3"), N(e.FalseAlarmRate, "F3"), N(e.Failures, "0"), N(e.MeanExponent, "F3"), N(e.ExponentDeviation, "F3"),
                N(plan.StandardErrorAt(plan.Synapses), "F3"),
            ]);
            records.Add(new { benchmark = "power", setting = name, n = e.Synapses, sets = e.DataSets, power = e.Power, se = e.StandardError, false_alarms = e.FalseAlarmRate, failures = e.Failures });
        }

        Results.Write(
            "power",
            "The closed form for the number of synapses against simulation",
            [
                "closed form: synapses for 90 % power at the 5 % level; n: times its size factor, which is 1 unless the truth is not 0 and there is error, plus the 18 synapses that fitting the size-dependent mean uses up. Power: share of simulated data sets whose robust 95 % interval excludes the other exponent; truth rejected: whose interval excludes the true one (wanted: 0.05).",
                "Log-normal sizes, size-dependent drift fitted; exact model without error, small-change model with error unless said otherwise. No answer: exponent at the end of the range searched; counted as not rejecting.",
            ],
            table,
            records);
        return 0;
    }

    private static (string Name, PowerSimulation Simulation) Setting(string name, double spread, double change, double error, double truth, double other, double kurtosis = 3) =>
        (name, new PowerSimulation
        {
            Experiment = new PowerFormula { SizeSpread = spread, Change = change, Error = error, Truth = truth, Alternative = other, Kurtosis = kurtosis },
        });

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
