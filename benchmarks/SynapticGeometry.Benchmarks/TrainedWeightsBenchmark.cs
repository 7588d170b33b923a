using System.Numerics.Tensors;
using static SynapticGeometry.Benchmarks.Simulation;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// Weights that were really trained: linear regression on √D examples with random labels by mirror descent to a loss of 1e-5. Is the geometry that trained them found?
/// </summary>
internal static class TrainedWeightsBenchmark
{
    private const double SmallLoss = 1e-5;

    private static readonly Potential[] Candidates = [new NegativeEntropy(), new PNorm(1.5), new PNorm(2), new PNorm(2.5), new PNorm(3)];

    public static int Run(Arguments arguments)
    {
        int nets = arguments.Count("sets", 20, least: 2);
        List<string[]> table = [["D", "λ", "mean λ̂ (sd)", "without drift", "likelihood covers", "robust covers", "likelihood right", "Delta-CDF right", "√D W₁", "steps, median", "within target"]];
        var records = new List<object>();
        bool all = true;
        foreach (int size in new[] { 1000, 4000 })
        {
            foreach (Potential potential in Candidates.Where(p => p.Exponent is 0 or 0.5 or 1 or 2))
            {
                double truth = potential.Exponent!.Value;
                var outcomes = Repeat(nets, FormattableString.Invariant($"trained weights {size} {truth}"), random =>
                {
                    (double[] before, double[] after, int steps) = Train(potential, size, random);
                    PairedWeights pairs = PairedWeights.From<double>(before, after);
                    (double estimate, _, double robust, Interval interval) = GeometryInference.EstimateExponent(pairs);
                    double without = GeometryInference.EstimateExponent(pairs, Drift.Constant).Estimate;
                    var profile = new ExponentProfile(pairs, Drift.SizeDependent, 1);
                    var change = new double[pairs.Count];
                    double[] deltas = [.. Candidates.Select(c => Delta(pairs, c, change))];
                    double[] likelihoods = [.. Candidates.Select(c => profile.LogLikelihood(c.Exponent!.Value))];
                    DualChange.Fill(pairs, potential, 0, change);
                    return (
                        Likelihood: new Estimate(estimate, interval.Contains(truth)), Without: new Estimate(without, false), Robust: new Estimate(estimate, Math.Abs(estimate - truth) <= 1.96 * robust),
                        Right: Candidates[Array.IndexOf(likelihoods, likelihoods.Max())] == potential, DeltaRight: Candidates[Array.IndexOf(deltas, deltas.Min())] == potential,
                        Distance: Math.Sqrt(pairs.Count) * Wasserstein.ToNormal(change, centred: true), Steps: steps);
                });
                Recovery likelihood = outcomes.Select(o => o.Likelihood).Summarise(), robust = outcomes.Select(o => o.Robust).Summarise(), without = outcomes.Select(o => o.Without).Summarise();
                double right = Share(outcomes, o => o.Right), deltaRight = Share(outcomes, o => o.DeltaRight), distance = outcomes.Average(o => o.Distance);
                bool within = Math.Abs(likelihood.Mean - truth) <= 0.05 && right == 1;
                all &= within;
                table.Add(
                [
                    $"{size}", N(truth, "0.#"), $"{N(likelihood.Mean)} ({N(likelihood.Deviation)})", $"{N(without.Mean)} ({N(without.Deviation)})", N(likelihood.Coverage, "F2"), N(robust.Coverage, "F2"), N(right, "F2"), N(deltaRight, "F2"), N(distance, "F2"),
                    $"{outcomes.Select(o => o.Steps).Order().ElementAt(nets / 2)}", YesNo(within),
                ]);
                records.Add(new { benchmark = "trained-weights", size, truth, nets, likelihood, robust, without, right, deltaRight, distance });
            }
        }

        Results.Write(
            "trained-weights",
            "The geometry of weights trained by mirror descent",
            [
                $"{nets} nets a setting: D log-normal weights, √D normal inputs with random labels, full-batch mirror descent on the squared loss to {SmallLoss:0e0}. √D W₁ is that of the centred dual changes under the true geometry; 0.83 is expected of normal ones.",
                "Training moves the weights away from what the inputs saw of them, a reversion of about 1/√D, so that the drift is fitted; without it λ̂ is as in the fourth column.",
                "Target: mean λ̂ within 0.05 of the truth, and the likelihood picks the true one of five potentials every time. The changes of one net share the examples and are not quite independent, so that intervals may cover too little.",
            ],
            table,
            records);
        return all ? 0 : 1;
    }

    private static double Delta(PairedWeights pairs, Potential potential, double[] change)
    {
        DualChange.Fill(pairs, potential, 0, change);
        return DeltaCdf.Statistic(change);
    }

    private static (double[] Before, double[] After, int Steps) Train(Potential potential, int size, RandomSource random)
    {
        int examples = (int)Math.Round(Math.Sqrt(size));
        double[] before = new double[size], labels = new double[examples], gradient = new double[size], trial = new double[size];
        double[][] inputs = [.. Enumerable.Range(0, examples).Select(k => new double[size])];
        random.Fork("weights").FillNormal(before);
        random.Fork("labels").FillNormal(labels);
        RandomSource inputSource = random.Fork("inputs");
        for (int i = 0; i < size; i++)
        {
            before[i] = Math.Exp(0.83 * before[i]);
        }

        foreach (double[] input in inputs)
        {
            inputSource.FillNormal(input);
        }

        double scale = 1 / Math.Sqrt(size), rate = 1;
        double[] weights = [.. before];
        var geometry = new MirrorGeometry(potential);
        double loss = Loss(weights, out double[] errors);
        int steps = 0;
        while (loss > SmallLoss)
        {
            if (++steps > 100_000)
            {
                throw new InvalidOperationException($"The loss is still {loss} after {steps} steps.");
            }

            Array.Clear(gradient);
            for (int k = 0; k < examples; k++)
            {
                TensorPrimitives.MultiplyAdd<double>(inputs[k], errors[k] * scale, gradient, gradient);
            }

            // A step that does not lower the loss is taken again at half its length.
            geometry.Descend(weights, gradient, rate, trial);
            double next = Loss(trial, out double[] nextErrors);
            if (next < loss)
            {
                (weights, trial) = (trial, weights);
                (loss, errors) = (next, nextErrors);
                rate *= 1.05;
            }
            else
            {
                rate /= 2;
            }
        }

        return (before, weights, steps);

        double Loss(double[] at, out double[] residuals)
        {
            double[] r = [.. inputs.Select((x, k) => (TensorPrimitives.Dot<double>(x, at) * scale) - labels[k])];
            residuals = r;
            return TensorPrimitives.SumOfSquares<double>(r) / (2 * examples);
        }
    }
}
