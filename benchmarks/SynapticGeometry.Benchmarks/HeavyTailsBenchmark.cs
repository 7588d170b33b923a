using static SynapticGeometry.Benchmarks.Simulation;

namespace SynapticGeometry.Benchmarks;

/// <summary>Dual changes that are not normal, and a drift that depends on size: what stays of the estimate and its intervals.</summary>
internal static class HeavyTailsBenchmark
{
    private const int Count = 1000;
    private const double Change = 0.1, SizeSpread = 0.83;

    // Draws of variance one.
    private static readonly (string Name, bool HeavyTailed, Func<RandomSource, double> Draw)[] Changes =
    [
        ("normal", true, r => r.NextNormal()),
        ("Student t, 5 df", true, r => r.NextNormal() / Math.Sqrt(SumOfSquares(r, 5) / 5) * Math.Sqrt(3.0 / 5)),
        ("Laplace", true, r => (Exponential(r) - Exponential(r)) / Math.Sqrt(2)),
        ("20 % change", true, r => r.NextDouble() < 0.2 ? r.NextNormal() * Math.Sqrt(5) : 1e-3 * r.NextNormal()),
        ("skewed (gamma 4)", false, r => (Exponential(r) + Exponential(r) + Exponential(r) + Exponential(r) - 4) / 2),
    ];

    public static int Run(Arguments arguments)
    {
        int sets = arguments.Count("sets", 400, least: 2);
        List<string[]> table = [["changes", "λ", "mean λ̂ (sd)", "likelihood covers", "robust covers", "slope (sd)", "within target"]];
        var records = new List<object>();
        bool all = true;
        foreach ((string name, bool heavy, Func<RandomSource, double> draw) in Changes)
        {
            foreach (double truth in new[] { 0.0, 1 })
            {
                var outcomes = Repeat(sets, FormattableString.Invariant($"heavy tails {name} {truth}"), random =>
                {
                    PairedWeights pairs = Draw(random, truth, draw, 0);
                    (double estimate, _, double robust, Interval interval) = GeometryInference.EstimateExponent(pairs, Drift.Constant);
                    double slope = CrossChecks.Slope(pairs).Estimate;
                    return (Likelihood: new Estimate(estimate, interval.Contains(truth)), Robust: new Estimate(estimate, Math.Abs(estimate - truth) <= 1.96 * robust), Slope: new Estimate(slope, false));
                });
                Recovery likelihood = outcomes.Select(o => o.Likelihood).Summarise(), robust = outcomes.Select(o => o.Robust).Summarise(), slope = outcomes.Select(o => o.Slope).Summarise();
                bool within = robust.Coverage is >= 0.90 and <= 0.97;
                all &= within || !heavy;
                table.Add(
                [
                    name, N(truth, "0"), likelihood.MeanAndDeviation, N(likelihood.Coverage), N(robust.Coverage), slope.MeanAndDeviation, heavy ? YesNo(within) : "no target",
                ]);
                records.Add(new { benchmark = "heavy-tails", changes = name, truth, sets, likelihood, robust, slope });
            }
        }

        foreach (double reversion in new[] { 0, 0.05, 0.1, 0.2 })
        {
            var outcomes = Repeat(sets, FormattableString.Invariant($"drift {reversion}"), random =>
            {
                PairedWeights pairs = Draw(random, 1, r => r.NextNormal(), reversion);
                (double without, _, _, Interval narrow) = GeometryInference.EstimateExponent(pairs, Drift.Constant);
                (double with, _, _, Interval interval) = GeometryInference.EstimateExponent(pairs);
                return (Without: new Estimate(without, narrow.Contains(1)), With: new Estimate(with, interval.Contains(1)));
            });
            Recovery without = outcomes.Select(o => o.Without).Summarise(), with = outcomes.Select(o => o.With).Summarise();
            bool within = Math.Abs(with.Mean - 1) <= 0.02;
            all &= within;
            table.Add([$"normal, reversion {N(reversion, "0.##")}, no drift term", "1", without.MeanAndDeviation, N(without.Coverage), "", "", "no target"]);
            table.Add([$"normal, reversion {N(reversion, "0.##")}, drift term", "1", with.MeanAndDeviation, N(with.Coverage), "", "", YesNo(within)]);
            records.Add(new { benchmark = "heavy-tails", reversion, sets, without, with });
        }

        Results.Write(
            "heavy-tails",
            "The exponent when dual changes are not normal or depend on size",
            [
                $"{sets} data sets of {Count} synapses a setting; dual changes of standard deviation {Change} at the median synapse; synapses that reach zero change their sign, so that none is dropped. Reversion: a relative change of so much per unit of log size, towards the median.",
                "Target: the robust interval covers 0.90 to 0.97 for changes of heavy tails; with the drift term the mean is within 0.02 of 1. For skewed changes there is none: the likelihood is biased there, and the slope is the estimate to look at.",
            ],
            table,
            records);
        return all ? 0 : 1;
    }

    private static PairedWeights Draw(RandomSource random, double exponent, Func<RandomSource, double> draw, double reversion)
    {
        RandomSource sizes = random.Fork("sizes"), changes = random.Fork("changes");
        double[] before = new double[Count], after = new double[Count];
        for (int i = 0; i < Count; i++)
        {
            double u = SizeSpread * sizes.NextNormal(), change = Change * draw(changes);
            before[i] = Math.Exp(u);
            after[i] = exponent == 0 ? Math.Exp(u + change - (reversion * u)) : before[i] + change - (reversion * u * before[i]);
        }

        return PairedWeights.From<double>(before, after);
    }

    private static double Exponential(RandomSource random) => -Math.Log(1 - random.NextDouble());

    private static double SumOfSquares(RandomSource random, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            double z = random.NextNormal();
            sum += z * z;
        }

        return sum;
    }
}
