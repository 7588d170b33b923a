using System.Globalization;
using System.Text.Json;
using static SynapticGeometry.Benchmarks.Simulation;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// What measurement error does to the exponent when it is ignored, and what is left of that with each model of it. With --change and --error one run does a part, and
/// parts are kept beside one another in the results; --drift size fits the mean of the change as the command does by default, and --controls has τ estimated from so many control pairs.
/// </summary>
internal static class MeasurementErrorBenchmark
{
    private static readonly (double Change, double Error, double[] Exponents)[] Settings =
    [
        (0.1, 0.05, [0, 0.5, 1, 2]), (0.1, 0.1, [0.5, 1, 2]), (0.1, 0.2, [0.5, 1, 2]), (0.3, 0.1, [1, 2]), (0.3, 0.2, [0.5, 1, 2]),
    ];

    public static int Run(Arguments arguments)
    {
        int sets = arguments.Count("sets", 400, least: 2), latentSets = arguments.Count("latent-sets", 200, least: 2), count = arguments.Count("synapses", 1000, least: 20);
        string change = arguments.Text("change", "all"), error = arguments.Text("error", "all");
        int controls = arguments.Count("controls", 0, least: 0);
        Drift drift = arguments.Text("drift", "constant") == "size" ? Drift.SizeDependent : Drift.Constant;
        string name = "measurement-error" + (drift == Drift.Constant ? "" : "-drift") + (controls > 0 ? "-controls" : ""), file = Path.Combine(Results.Repository, "benchmarks", "results", name + ".jsonl");
        var kept = new SortedDictionary<(double, double, double), Row>();
        if (File.Exists(file))
        {
            foreach (Row row in File.ReadLines(file).Select(line => JsonSerializer.Deserialize<Row>(line)!))
            {
                kept[(row.Change, row.Error, row.Truth)] = row;
            }
        }

        foreach ((double c, double tau, double[] exponents) in Settings)
        {
            if (!Wanted(change, c) || !Wanted(error, tau))
            {
                continue;
            }

            foreach (double truth in exponents)
            {
                kept[(c, tau, truth)] = Simulate(sets, latentSets, count, c, tau, truth, drift, controls);
                Write(name, drift, controls, kept.Values);
            }
        }

        return kept.Values.All(r => r.Within) ? 0 : 1;
    }

    private static bool Wanted(string asked, double value) =>
        asked == "all" || double.Parse(asked, CultureInfo.InvariantCulture) == value;

    private static Row Simulate(int sets, int latentSets, int count, double c, double tau, double truth, Drift drift, int controls)
    {
        var error = new MeasurementError(tau);
        var synapses = new SimulatedSynapses { Count = count, Exponent = truth, RelativeChange = c, Error = error };
        Potential[] candidates = [new NegativeEntropy(), new PNorm(1.5), new PNorm(2), new PNorm(2.5), new PNorm(3)];
        var outcomes = Repeat(sets, FormattableString.Invariant($"measurement error {c} {tau} {truth}"), (random, at) =>
        {
            (double[] before, double[] after, _) = synapses.Draw(random);
            LongitudinalSizes sizes = LongitudinalSizes.From([before, after]);
            if (controls > 0)
            {
                sizes = sizes.WithControls(synapses.DrawControls(controls, 2, random));
            }

            PairedWeights pairs = PairedWeights.From<double>(before, after);
            (double ignored, _, _, Interval interval) = GeometryInference.EstimateExponent(pairs, drift);
            var changes = new double[pairs.Count];
            double[] deltas = [.. candidates.Select(potential =>
            {
                DualChange.Fill(pairs, potential, 0, changes);
                return DeltaCdf.Statistic(changes);
            })];
            var law = new PowerLaw(drift);
            Estimate small = Of(new SmallChangeModel(law, error, controls > 0), sizes, truth);

            // Sizes that reach zero vanish, and without a limit they are not in the table: what is seen is what did not vanish.
            Estimate? latent = at < latentSets ? Of(new LatentSizeModel(law, error, controls > 0, vanished: VanishedSynapses.NotRecorded), sizes, truth) : null;
            return (Ignored: new Estimate(ignored, interval.Contains(truth)), Right: candidates[Array.IndexOf(deltas, deltas.Min())].Exponent == truth, Small: small, Latent: latent);
        });
        return new Row(
            c, tau, truth, outcomes.Select(o => o.Ignored).Summarise(), Share(outcomes, o => o.Right), outcomes.Select(o => o.Small).Summarise(), outcomes.Select(o => o.Latent).OfType<Estimate>().Summarise());
    }

    private static void Write(string name, Drift drift, int controls, IReadOnlyCollection<Row> rows) => Results.Write(
        name,
        "The exponent under measurement error",
        [
            "Synapses of log-normal size; dual changes normal with standard deviation c at the median synapse; every size measured with relative error τ. Mean (standard deviation) of λ̂, and the share of 95 % likelihood intervals that cover λ. " + (drift == Drift.Constant ? "The mean of the change is fitted as a constant." : "The mean of the change is fitted with its three drift columns.")
                + (controls > 0 ? $" τ is not given but estimated from {controls} control pairs." : ""),
            "Synapses that reach zero vanish and are not in the table, so that the latent-size model is used with vanished synapses not recorded.",
            "Target: latent-size within 0.06 of λ and covering 0.90 to 0.99 wherever the error does not exceed the change (τ ≤ c). A standard error of the coverage over 200 sets is 0.015.",
        ],
        [
            ["c", "τ", "λ", "error ignored", "covers", "Delta-CDF right", "small-change", "covers", "latent-size", "covers", "sets", "converged", "within target"],
            .. rows.Select(r => new[]
            {
                N(r.Change, "0.##"), N(r.Error, "0.##"), N(r.Truth, "0.#"), r.Ignored.MeanAndDeviation, N(r.Ignored.Coverage, "F2"), N(r.DeltaCdfRight, "F2"),
                r.Small.MeanAndDeviation, N(r.Small.Coverage, "F2"), r.Latent.MeanAndDeviation, N(r.Latent.Coverage, "F2"), $"{r.Ignored.Sets}/{r.Latent.Sets}", N(r.Latent.Converged, "F2"),
                r.Targeted ? YesNo(r.Within) : "no target",
            }),
        ],
        rows);

    private sealed record Row(double Change, double Error, double Truth, Recovery Ignored, double DeltaCdfRight, Recovery Small, Recovery Latent)
    {
        public bool Targeted => Error <= Change;

        public bool Within => !Targeted || (Math.Abs(Latent.Mean - Truth) <= 0.06 && Latent.Coverage is >= 0.90 and <= 0.99);
    }
}
