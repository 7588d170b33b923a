namespace SynapticGeometry;

/// <summary>
/// The profile likelihood L(λ) of the exponent: the normal model in dual weights y = sign(w)|w|^λ/λ with its Jacobian, drift and
/// spread at their maximum-likelihood values for each λ. Its maximum is λ̂.
/// </summary>
internal sealed class ExponentProfile
{
    /// <summary>Lowest exponent considered.</summary>
    public const double Lowest = -3;

    /// <summary>Highest exponent considered.</summary>
    public const double Highest = 5;

    /// <summary>Half the 95 % point of χ² with one degree of freedom.</summary>
    public const double LikelihoodDrop = 1.920729410347062;

    // With a sign flip λ ≤ 0 is impossible; the search starts just above.
    private const double LowestWithFlips = 1e-3;
    private const int GridPoints = 33;

    // Above this size the first bracket comes from a thinned set: one pass over all pairs costs more than the whole search there.
    private const int BracketCount = 100_000;

    private readonly SortedDictionary<double, double> evaluated = [];
    private readonly PairedWeights pairs;
    private readonly Drift drift;
    private readonly int threads;

    public ExponentProfile(PairedWeights pairs, Drift drift, int threads)
    {
        this.pairs = pairs;
        this.drift = drift;
        this.threads = threads;
        Low = pairs.HasFlips ? LowestWithFlips : Lowest;
    }

    /// <summary>Lower end of the search: 0.001 where a weight changed its sign.</summary>
    public double Low { get; }

    /// <summary>λ̂; set by <see cref="Maximise"/>.</summary>
    public double Estimate { get; private set; }

    /// <summary>L(λ̂).</summary>
    public double Maximum { get; private set; }

    /// <summary>1/√(−L″(λ̂)); infinite where the maximum lies at an end of the search.</summary>
    public double StandardError { get; private set; }

    /// <summary>L(λ), −∞ where the pairs are impossible.</summary>
    public double LogLikelihood(double exponent)
    {
        if (!evaluated.TryGetValue(exponent, out double value))
        {
            value = Fit(exponent)?.LogLikelihood ?? double.NegativeInfinity;
            evaluated.Add(exponent, value);
        }

        return value;
    }

    /// <summary>Every λ at which the likelihood was evaluated, ascending, with its value.</summary>
    public IReadOnlyDictionary<double, double> Evaluated => evaluated;

    /// <summary>The model at λ, or null where the pairs are impossible.</summary>
    public ScaleFit? Fit(double exponent) => ScaleFit.Run(new PowerScale(exponent), pairs, drift, threads);

    /// <summary>Expected standard error for small changes, 1/(S √(2n)).</summary>
    public double ExpectedStandardError => 1 / (pairs.SizeSpread * Math.Sqrt(2.0 * pairs.Count));

    /// <summary>Finds λ̂, L(λ̂) and the curvature.</summary>
    /// <param name="near">Where the maximum is expected and how far it may be off, or null to search the whole range.</param>
    /// <param name="curvature">Whether to compute the standard error.</param>
    public ExponentProfile Maximise((double Exponent, double Reach)? near = null, bool curvature = true)
    {
        if (near is null && pairs.Count > 2 * BracketCount)
        {
            ExponentProfile thin = new ExponentProfile(pairs.Thin(BracketCount), drift, threads).Maximise();
            if (double.IsFinite(thin.StandardError) && MaximiseParabola(thin.Estimate, thin.StandardError))
            {
                return this;
            }

            near = (thin.Estimate, double.IsFinite(thin.StandardError) ? 6 * thin.StandardError : Highest - Lowest);
        }

        double expected = ExpectedStandardError;
        double tolerance = Math.Min(1e-5, 3e-3 * expected);
        if (near is not { } guess || !Refine(Math.Max(Low, guess.Exponent - guess.Reach), Math.Min(Highest, guess.Exponent + guess.Reach), tolerance))
        {
            double best = Low, bestValue = double.NegativeInfinity, step = (Highest - Low) / (GridPoints - 1);
            for (int i = 0; i < GridPoints; i++)
            {
                double at = Low + (i * step), value = LogLikelihood(at);
                if (value > bestValue)
                {
                    (best, bestValue) = (at, value);
                }
            }

            Refine(Math.Max(Low, best - step), Math.Min(Highest, best + step), tolerance);
        }

        if (curvature)
        {
            StandardError = Curvature(expected);
        }

        return this;
    }

    /// <summary>All λ with 2 (L(λ̂) − L(λ)) ≤ 3.84; an end that the search range cuts off is infinite (0 where flips forbid λ ≤ 0).</summary>
    public Interval LikelihoodInterval() => new(End(-1), End(+1));

    // Of a large set L is a parabola near its peak, and each value costs a pass over all pairs: three points, a standard error of the
    // thinned set apart, give the peak to a few hundredths of a standard error and its curvature. False where they do not.
    private bool MaximiseParabola(double start, double reach)
    {
        if (Vertex(start, reach) is not { } vertex || Math.Abs(vertex.Location - start) > 4 * reach)
        {
            return false;
        }

        (Estimate, StandardError) = (vertex.Location, 1 / Math.Sqrt(vertex.Curvature));
        Maximum = LogLikelihood(Estimate);
        return true;
    }

    private (double Location, double Curvature)? Vertex(double centre, double h)
    {
        if (centre - h <= Low || centre + h >= Highest)
        {
            return null;
        }

        double below = LogLikelihood(centre - h), at = LogLikelihood(centre), above = LogLikelihood(centre + h);
        double curvature = ((2 * at) - below - above) / (h * h);
        return curvature > 0 ? (centre + ((above - below) / (2 * h * curvature)), curvature) : null;
    }

    // Brent on [low, high]; false where the maximum lies at an end that is not an end of the whole range.
    private bool Refine(double low, double high, double tolerance)
    {
        Minimum found = Brent.Minimize(x => -LogLikelihood(x), low, high, tolerance);
        double at = found.Location;
        (Estimate, Maximum) = (at, -found.Value);
        double margin = 1e-3 * (high - low);
        return !(at - low < margin && low > Low) && !(high - at < margin && high < Highest);
    }

    // Five-point second difference, with a step that is a good part of the standard error, so that rounding in L does not matter.
    private double Curvature(double expected)
    {
        double se = expected;
        for (int pass = 0; pass < 2; pass++)
        {
            double h = Math.Min(0.5 * se, 0.5 * Math.Min(Estimate - Low, Highest - Estimate));
            if (h < 1e-4 * expected)
            {
                return double.PositiveInfinity;
            }

            double inner = LogLikelihood(Estimate - h) + LogLikelihood(Estimate + h), outer = LogLikelihood(Estimate - (2 * h)) + LogLikelihood(Estimate + (2 * h));
            double second = ((16 * inner) - outer - (30 * Maximum)) / (12 * h * h);
            if (!(second < 0))
            {
                return double.PositiveInfinity;
            }

            double found = 1 / Math.Sqrt(-second);
            bool settled = found > 0.5 * se && found < 2 * se;
            se = found;
            if (settled)
            {
                break;
            }
        }

        return se;
    }

    private double End(int side)
    {
        double bound = side < 0 ? Low : Highest;
        double step = 2 * (double.IsFinite(StandardError) ? StandardError : ExpectedStandardError);
        double inside = Estimate, outside = side < 0 ? Math.Max(bound, Estimate - step) : Math.Min(bound, Estimate + step);
        while (Excess(outside) < 0)
        {
            if (outside == bound)
            {
                return side < 0 ? (pairs.HasFlips ? 0 : double.NegativeInfinity) : double.PositiveInfinity;
            }

            inside = outside;
            outside = side < 0 ? Math.Max(bound, outside - step) : Math.Min(bound, outside + step);
            step *= 2;
        }

        if (pairs.Count > 2 * BracketCount && double.IsFinite(StandardError) && inside == Estimate)
        {
            // One Newton step on the parabola.
            return outside - (Excess(outside) * StandardError * StandardError / (outside - Estimate));
        }

        double tolerance = 1e-3 * ExpectedStandardError;
        return Brent.Root(Excess, Math.Min(inside, outside), Math.Max(inside, outside), tolerance);

        double Excess(double exponent) => Maximum - LogLikelihood(exponent) - LikelihoodDrop;
    }
}
