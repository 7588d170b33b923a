namespace SynapticGeometry;

/// <summary>What becomes of synapses that fall below the detection limit.</summary>
public enum VanishedSynapses
{
    /// <summary>They are in the table, as not detected, and count as what they are: changes to below the limit (Tobit).</summary>
    Recorded,

    /// <summary>They are not in the table: each likelihood is that of a size given that it is detected (truncated).</summary>
    NotRecorded,

    /// <summary>Nothing is known about them, or there are none: they do not enter.</summary>
    Ignored,
}

/// <summary>
/// Sizes measured without error: the normal model on the dual scale with its Jacobian, and with a detection limit. For true sizes w and w₁,
/// ln f(w₁|w) = ln N((y₁ − y − m)/s) − ln s + ln dy₁/dw₁; a synapse that vanished below L contributes ln Φ((y(L) − y − m)/s), and one seen where vanished
/// ones are not recorded is divided by 1 − Φ(…).
/// Over several sessions that is done from one to the next: of the size given that it was seen, having been seen before.
/// </summary>
/// <param name="law">How sizes change.</param>
/// <param name="vanished">What becomes of synapses below the limit; without a limit, below a size of zero.</param>
public sealed class ExactSizeModel(ChangeLaw law, VanishedSynapses vanished = VanishedSynapses.Recorded) : ChangeModel(law, [])
{
    private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <inheritdoc/>
    public override string Name => "exact";

    /// <inheritdoc/>
    public override ChangeModel Under(ChangeLaw law) => new ExactSizeModel(law, vanished);

    /// <inheritdoc/>
    public override double[] Start(LongitudinalSizes sizes) => StartOfLaw(sizes, 0);

    /// <inheritdoc/>
    public override LongitudinalSizes Simulate(LongitudinalSizes design, ReadOnlySpan<double> parameters, RandomSource random) =>
        SizeSimulation.Draw(Law, MeasurementError.None, vanished, design, parameters, random, (i, _) => design[i][design.FirstMeasured(i)]);

    /// <inheritdoc/>
    public override IReadOnlyList<(int Synapse, double Score)> NormalScores(LongitudinalSizes sizes, IReadOnlyList<double> parameters)
    {
        SizeTransitions changes = SizeTransitions.Of(sizes);
        int n = changes.Count;
        double[] values = [.. parameters], before = new double[n], after = new double[n], mean = new double[n], spread = new double[n], lowest = [sizes.LogLimit];
        double[] to = [.. changes.After.Select(x => double.IsFinite(x) ? x : 0)];
        ReadOnlySpan<double> shape = values.AsSpan(0, Law.ShapeCount);
        Law.Dual(shape, changes.Before, before, []);
        Law.Dual(shape, to, after, []);
        Law.Change(values, changes.Before, mean, spread);
        lowest[0] = Law.Range(shape).Zero;
        if (double.IsFinite(sizes.LogLimit))
        {
            Law.Dual(shape, [sizes.LogLimit], lowest, []);
        }

        var scores = new List<(int, double)>(n);
        for (int i = 0; i < n; i++)
        {
            if (double.IsFinite(changes.After[i]))
            {
                double z = (after[i] - before[i] - mean[i]) / spread[i], below = (lowest[0] - before[i] - mean[i]) / spread[i];
                bool truncated = vanished == VanishedSynapses.NotRecorded && double.IsFinite(below);

                // P(size or larger | detected); its logarithm keeps far tails.
                scores.Add((changes.Synapse[i], truncated ? -NormalDistribution.QuantileOfLog(Math.Min(0, NormalDistribution.LogSurvival(z) - NormalDistribution.LogSurvival(below))) : z));
            }
        }

        return scores;
    }

    /// <inheritdoc/>
    protected internal override Action<double[], double[]> Prepare(LongitudinalSizes sizes, double[] parameters)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        SizeTransitions changes = SizeTransitions.Of(sizes);
        int n = changes.Count;
        double[] to = [.. changes.After.Select(x => double.IsFinite(x) ? x : 0)];
        bool limited = vanished != VanishedSynapses.Ignored;
        double[] before = new double[n], after = new double[n], slope = new double[n], mean = new double[n], spread = new double[n];
        double[] limit = [sizes.LogLimit], dualLimit = [0];
        return (values, destination) =>
        {
            ReadOnlySpan<double> shape = values.AsSpan(0, Law.ShapeCount);
            Law.Dual(shape, changes.Before, before, []);
            Law.Dual(shape, to, after, slope);
            Law.Change(values.AsSpan(0, Law.Parameters.Count), changes.Before, mean, spread);
            double lowest = Law.Range(shape).Zero;
            if (double.IsFinite(limit[0]))
            {
                Law.Dual(shape, limit, dualLimit, []);
                lowest = dualLimit[0];
            }

            Array.Clear(destination);
            for (int i = 0; i < n; i++)
            {
                bool seen = double.IsFinite(changes.After[i]);
                double centre = before[i] + mean[i], below = (lowest - centre) / spread[i], value;
                if (!seen)
                {
                    value = vanished == VanishedSynapses.Recorded ? NormalDistribution.LogCdf(below) : 0;
                }
                else
                {
                    double z = (after[i] - centre) / spread[i];
                    value = (-0.5 * z * z) - HalfLogTwoPi - Math.Log(spread[i]) + slope[i] - changes.After[i] - sizes.LogUnit;
                    value -= limited && vanished == VanishedSynapses.NotRecorded && double.IsFinite(lowest) ? NormalDistribution.LogSurvival(below) : 0;
                }

                destination[changes.Synapse[i]] += value;
            }
        };
    }
}
