using static SynapticGeometry.Benchmarks.Simulation;

namespace SynapticGeometry.Benchmarks;

/// <summary>What dropping vanished synapses costs, and what modelling the detection limit restores.</summary>
internal static class DetectionLimitBenchmark
{
    public static int Run(Arguments arguments)
    {
        int sets = arguments.Count("sets", 400, least: 2);
        List<string[]> table = [["c", "λ", "vanished", "dropped", "covers", "recorded", "covers", "not recorded", "covers", "within target"]];
        var records = new List<object>();
        bool all = true;

        // The 20th percentile of the sizes: 1250 synapses leave about 1000.
        double limit = Math.Exp(0.83 * NormalDistribution.Quantile(0.2));
        foreach (double change in new[] { 0.1, 0.3 })
        {
            foreach (double truth in new[] { 0, 0.5, 1 })
            {
                var synapses = new SimulatedSynapses { Count = 1250, Exponent = truth, RelativeChange = change };
                var outcomes = Repeat(sets, FormattableString.Invariant($"detection limit {change} {truth}"), random =>
                {
                    (double[] before, double[] after, _) = synapses.Draw(random);
                    LongitudinalSizes sizes = LongitudinalSizes.From([before, after], new LongitudinalOptions { DetectionLimit = limit });
                    double vanished = Enumerable.Range(0, sizes.Count).Count(i => double.IsNegativeInfinity(sizes[i][1])) / (double)sizes.Count;
                    Estimate With(VanishedSynapses treatment) => Of(new ExactSizeModel(new PowerLaw(Drift.Constant), treatment), sizes, truth);
                    return (Vanished: vanished, Dropped: With(VanishedSynapses.Ignored), Recorded: With(VanishedSynapses.Recorded), NotRecorded: With(VanishedSynapses.NotRecorded));
                });
                Recovery dropped = outcomes.Select(o => o.Dropped).Summarise(), recorded = outcomes.Select(o => o.Recorded).Summarise(), not = outcomes.Select(o => o.NotRecorded).Summarise();
                double share = outcomes.Average(o => o.Vanished);
                bool within = recorded.Coverage is >= 0.92 and <= 0.98 && not.Coverage is >= 0.92 and <= 0.98;
                all &= within;
                table.Add(
                [
                    N(change, "0.#"), N(truth, "0.#"), N(share), dropped.MeanAndDeviation, N(dropped.Coverage), recorded.MeanAndDeviation, N(recorded.Coverage),
                    not.MeanAndDeviation, N(not.Coverage), YesNo(within),
                ]);
                records.Add(new { benchmark = "detection-limit", change, truth, sets, vanished = share, dropped, recorded, notRecorded = not });
            }
        }

        Results.Write(
            "detection-limit",
            "The exponent under a detection limit",
            [
                $"{sets} data sets a setting of about 1000 synapses detected at first, the limit at the 20th percentile of the sizes; mean (standard deviation) of λ̂ and the share of 95 % likelihood intervals that cover λ. Drift constant.",
                "Target: with the limit modelled, vanished synapses recorded or not, intervals cover 0.92 to 0.98. The standard error of a coverage of 0.95 over 400 sets is 0.011.",
            ],
            table,
            records);
        return all ? 0 : 1;
    }
}
