using System.Globalization;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// Is the exponent recovered, and does its interval cover? Simulated synapses of known geometry, many data sets a setting: the share of
/// 95 % intervals that cover the truth, and which candidate the likelihood and the published Delta-CDF choose.
/// </summary>
internal static class RecoveryBenchmark
{
    private static readonly Potential[] Candidates = [new NegativeEntropy(), new PNorm(1.5), new PNorm(2), new PNorm(2.5), new PNorm(3)];

    public static int Run(Arguments arguments)
    {
        int sets = arguments.Count("sets", 4000, least: 10), count = arguments.Count("synapses", 1000, least: 10);
        List<string[]> table = [["start", "drift", "true λ", "mean λ̂", "sd", "mean SE", "coverage likelihood", "coverage robust", "likelihood right", "Delta-CDF right", "within target"]];
        var records = new List<object>();
        bool allWithin = true;
        foreach (Drift drift in new[] { Drift.Constant, Drift.SizeDependent })
        {
            foreach (InitialWeights start in new[] { InitialWeights.LogNormal, InitialWeights.Normal })
            {
                foreach (double truth in new[] { 0, 0.5, 1, 2 })
                {
                    Outcome[] outcomes = Simulate(sets, count, start, truth, drift);
                    double mean = outcomes.Average(o => o.Estimate), sd = Math.Sqrt(outcomes.Sum(o => Math.Pow(o.Estimate - mean, 2)) / (sets - 1));
                    double covered = outcomes.Average(o => o.Covered ? 1.0 : 0), robust = outcomes.Average(o => o.RobustCovered ? 1.0 : 0);

                    // Over 4000 data sets the share itself has standard error 0.0034, over 400 it has 0.011.
                    bool within = Math.Abs(mean - truth) <= 0.01 && covered is >= 0.93 and <= 0.97;
                    allWithin &= within;
                    table.Add(
                    [
                        start == InitialWeights.LogNormal ? "log-normal" : "normal", drift == Drift.Constant ? "constant" : "size", N(truth, "0.#"), N(mean, "F4"), N(sd, "F4"),
                        N(outcomes.Average(o => o.StandardError), "F4"), N(covered, "F3"), N(robust, "F3"),
                        N(outcomes.Average(o => o.LikelihoodRight ? 1.0 : 0), "F3"), N(outcomes.Average(o => o.DeltaCdfRight ? 1.0 : 0), "F3"), within ? "yes" : "no",
                    ]);
                    records.Add(new { benchmark = "recovery", start = start.ToString(), drift = drift.ToString(), truth, sets, count, mean, sd, covered, robust });
                }
            }
        }

        Results.Write(
            "recovery",
            "Recovery of the exponent from simulated synapses",
            [
                $"{sets} data sets of {count} synapses a setting; dual changes normal with standard deviation 0.1 at the median synapse; weights that reach zero change their sign.",
                "Target: mean within 0.01 of the truth, 95 % likelihood intervals cover 0.93 to 0.97. An interval of exact coverage 0.95 falls outside that range by chance with probability 0.07 a setting over 400 sets, and below 1e-8 over 4000.",
            ],
            table,
            records);
        return allWithin ? 0 : 1;
    }

    private static Outcome[] Simulate(int sets, int count, InitialWeights start, double truth, Drift drift)
    {
        var synapses = new SimulatedSynapses { Count = count, Exponent = truth, Start = start, VanishAtZero = false };
        RandomSource random = new RandomSource(1).Fork(FormattableString.Invariant($"recovery {start} {truth}"));
        var outcomes = new Outcome[sets];
        Parallel.For(0, sets, i =>
        {
            (double[] before, double[] after, _) = synapses.Draw(random.Fork("set", (ulong)i));
            PairedWeights pairs = PairedWeights.From<double>(before, after);
            (double estimate, double se, double robust, Interval interval) = GeometryInference.EstimateExponent(pairs, drift);
            double[] change = new double[count];
            var likelihoods = new double[Candidates.Length];
            var deltas = new double[Candidates.Length];
            for (int c = 0; c < Candidates.Length; c++)
            {
                likelihoods[c] = new ExponentProfile(pairs, drift, 1).LogLikelihood(Candidates[c].Exponent!.Value);
                DualChange.Fill(pairs, Candidates[c], 0, change);
                deltas[c] = DeltaCdf.Statistic(change);
            }

            int right = Array.FindIndex(Candidates, c => c.Exponent == truth);
            outcomes[i] = new Outcome(
                estimate, se, interval.Contains(truth), Math.Abs(estimate - truth) <= 1.96 * robust,
                Array.IndexOf(likelihoods, likelihoods.Max()) == right, Array.IndexOf(deltas, deltas.Min()) == right);
        });
        return outcomes;
    }

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Outcome(double Estimate, double StandardError, bool Covered, bool RobustCovered, bool LikelihoodRight, bool DeltaCdfRight);
}
