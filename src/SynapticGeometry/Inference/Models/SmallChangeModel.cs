namespace SynapticGeometry;

/// <summary>
/// Variance components, for changes that are small against the size: with the log sizes x₀, x₁ measured with error τ and the mid-size x, which is
/// uncorrelated with the error of their difference, x₁ − x₀ ~ N(m(x)/y′(x), s(x)²/y′(x)² + τ₀² + τ₁²). Controls have no plastic part. Fast, and right while every
/// change is below about a third of the size.
/// </summary>
public sealed class SmallChangeModel : ChangeModel
{
    /// <summary>Largest absolute log change for which the model is meant.</summary>
    public const double LargestChange = 0.3;

    private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    private readonly ErrorParameters error;

    /// <summary>Creates a model.</summary>
    /// <param name="law">How true sizes change.</param>
    /// <param name="error">The error of measurement; where it is estimated, a start, and an additive part of 0 stays 0.</param>
    /// <param name="estimateError">Whether the error is estimated, together with the law, which needs controls or repeats.</param>
    public SmallChangeModel(ChangeLaw law, MeasurementError error, bool estimateError = false)
        : base(law, ErrorParameters.Of(error, estimateError))
    {
        this.error = new ErrorParameters(error, estimateError);
    }

    /// <inheritdoc/>
    public override string Name => "small-change";

    /// <inheritdoc/>
    public override ChangeModel Under(ChangeLaw law) => new SmallChangeModel(law, error.Given, error.Estimated);

    /// <inheritdoc/>
    public override string? Refuses(LongitudinalSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return double.IsFinite(sizes.LogLimit) ? "The small-change model has no detection limit; use the latent-size model." : error.Refuses(sizes);
    }

    /// <inheritdoc/>
    public override double[] Start(LongitudinalSizes sizes) => [.. StartOfLaw(sizes, error.ChangeVariance(sizes)), .. error.Start(sizes)];

    /// <inheritdoc/>
    public override LongitudinalSizes Simulate(LongitudinalSizes design, ReadOnlySpan<double> parameters, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(design);
        MeasurementError tau = error.At(parameters[Law.Parameters.Count..]);
        double[] first = [.. Enumerable.Range(0, design.Count).Select(i => design[i][design.FirstMeasured(i)])];
        double mean = first.Average(), spread = first.Average(x => (x - mean) * (x - mean));

        // A measured size and a true one, both normal: the true one lies a share of the error nearer to the mean, and is as uncertain.
        return SizeSimulation.Draw(Law, tau, VanishedSynapses.Ignored, design, parameters[..Law.Parameters.Count], random, (i, stream) =>
        {
            double noise = tau.Variance(first[i] + design.LogUnit), share = spread > noise ? (spread - noise) / spread : 0;
            return mean + (share * (first[i] - mean)) + (Math.Sqrt(share * noise) * stream.NextNormal());
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(int Synapse, double Score)> NormalScores(LongitudinalSizes sizes, IReadOnlyList<double> parameters)
    {
        SizeTransitions changes = SizeTransitions.Of(sizes);
        int n = changes.Count;
        double[] values = [.. parameters], middle = Middles(changes), dual = new double[n], slope = new double[n], mean = new double[n], spread = new double[n];
        MeasurementError tau = error.At(values.AsSpan(Law.Parameters.Count));
        Law.Dual(values.AsSpan(0, Law.ShapeCount), middle, dual, slope);
        Law.Change(values.AsSpan(0, Law.Parameters.Count), middle, mean, spread);
        var scores = new (int, double)[n];
        for (int i = 0; i < n; i++)
        {
            double inverse = Math.Exp(-slope[i]), own = spread[i] * inverse;
            double noise = tau.Variance(middle[i] + sizes.LogUnit) * ((1 / changes.BeforeRepeats[i]) + (1 / changes.AfterRepeats[i]));
            scores[i] = (changes.Synapse[i], (changes.After[i] - changes.Before[i] - (mean[i] * inverse)) / Math.Sqrt((own * own) + noise));
        }

        return scores;
    }

    /// <inheritdoc/>
    protected internal override Action<double[], double[]> Prepare(LongitudinalSizes sizes, double[] parameters)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        SizeTransitions changes = SizeTransitions.Of(sizes);
        int n = changes.Count, laws = Law.Parameters.Count;
        double[] middle = Middles(changes), dual = new double[n], slope = new double[n], mean = new double[n], spread = new double[n];
        (int Control, double Middle, double Change)[] controls = [.. ControlChanges(sizes)];
        return (values, destination) =>
        {
            MeasurementError tau = error.At(values.AsSpan(laws));
            Law.Dual(values.AsSpan(0, Law.ShapeCount), middle, dual, slope);
            Law.Change(values.AsSpan(0, laws), middle, mean, spread);
            Array.Clear(destination);
            for (int i = 0; i < n; i++)
            {
                if (!double.IsFinite(middle[i]))
                {
                    // Vanished: no change to speak of.
                    continue;
                }

                double inverse = Math.Exp(-slope[i]), own = spread[i] * inverse;
                double noise = tau.Variance(middle[i] + sizes.LogUnit) * ((1 / changes.BeforeRepeats[i]) + (1 / changes.AfterRepeats[i]));
                destination[changes.Synapse[i]] +=
                    LogNormal(changes.After[i] - changes.Before[i] - (mean[i] * inverse), (own * own) + noise) - changes.After[i] - sizes.LogUnit;
            }

            foreach ((int control, double at, double change) in controls)
            {
                destination[sizes.Count + control] += LogNormal(change, 2 * tau.Variance(at + sizes.LogUnit)) - at - (change / 2) - sizes.LogUnit;
            }
        };
    }

    // Weighted so that the error of the mid-size is uncorrelated with that of the difference.
    private static double[] Middles(SizeTransitions changes)
    {
        var middle = new double[changes.Count];
        for (int i = 0; i < middle.Length; i++)
        {
            (double a, double b) = (changes.BeforeRepeats[i], changes.AfterRepeats[i]);
            middle[i] = ((a * changes.Before[i]) + (b * changes.After[i])) / (a + b);
        }

        return middle;
    }

    private static double LogNormal(double residual, double variance) =>
        (-0.5 * residual * residual / variance) - (0.5 * Math.Log(variance)) - HalfLogTwoPi;

    // Of several repeats only successive differences of non-overlapping pairs are independent: first and second, third and fourth.
    private static IEnumerable<(int Control, double Middle, double Change)> ControlChanges(LongitudinalSizes sizes)
    {
        if (sizes.Controls is not { } controls)
        {
            yield break;
        }

        for (int i = 0; i < controls.Count; i++)
        {
            double[] seen = [.. controls[i].ToArray().Where(double.IsFinite)];
            for (int k = 0; k + 1 < seen.Length; k += 2)
            {
                yield return (i, 0.5 * (seen[k] + seen[k + 1]), seen[k + 1] - seen[k]);
            }
        }
    }
}
