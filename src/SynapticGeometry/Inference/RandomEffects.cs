using MathNet.Numerics.Distributions;

namespace SynapticGeometry;

/// <summary>
/// Estimates yₖ of groups with variances vₖ, taken as draws around a common mean: yₖ ~ N(θₖ, vₖ), θₖ ~ N(mean, T²). T² by restricted
/// maximum likelihood, the interval of the mean by Hartung and Knapp.
/// </summary>
/// <remarks>
/// <para>Sources: DerSimonian and Laird 1986 for the model; Viechtbauer 2005 for the restricted likelihood; Hartung and Knapp 2001 for the
/// interval; Viechtbauer 2007 for the Q-profile interval of T; Higgins and Thompson 2002 for I²; Higgins, Thompson and Spiegelhalter 2009
/// for the prediction interval.</para>
/// <para>The Hartung-Knapp scale q is used as it comes, not raised to 1 where it is smaller: over repeated data sets the plain interval covers
/// as often as it says, with groups of one size or of many, while the raised one is too wide where groups do not differ (both in
/// benchmarks/results/groups.md). In a single set of few groups that happen to agree closely q may be far below 1 and the interval short;
/// <see cref="HartungKnappScale"/> shows it.</para>
/// </remarks>
public sealed record RandomEffects
{
    private const double Level = 0.95;
    private const int GridPoints = 64;

    private RandomEffects()
    {
    }

    /// <summary>Number of groups, K.</summary>
    public required int Groups { get; init; }

    /// <summary>The mean over groups, Σ wₖyₖ / Σ wₖ with wₖ = 1/(vₖ + T²), in the unit of the estimates.</summary>
    public required double Mean { get; init; }

    /// <summary>Standard error of the mean by Hartung and Knapp, √(q / Σ wₖ).</summary>
    public required double StandardError { get; init; }

    /// <summary>q = Σ wₖ(yₖ − mean)² / (K − 1): about 1; below 1 the groups agree better than vₖ and T let expect.</summary>
    public required double HartungKnappScale { get; init; }

    /// <summary>95 % Hartung-Knapp interval of the mean, Student's t with K − 1 degrees of freedom.</summary>
    public required Interval Interval { get; init; }

    /// <summary>T, the standard deviation of the true values between groups; 0 where the restricted likelihood has its maximum there.</summary>
    public required double Heterogeneity { get; init; }

    /// <summary>
    /// 95 % Q-profile interval of T: all T for which Σ wₖ(yₖ − mean)² lies between the 2.5 % and 97.5 % points of χ² with K − 1 degrees of
    /// freedom. Both ends are 0 where the groups agree better than any T lets expect.
    /// </summary>
    public required Interval HeterogeneityInterval { get; init; }

    /// <summary>I², the share of the variance of the estimates that is between groups: T² / (T² + typical vₖ), 0 to 1.</summary>
    public required double ISquared { get; init; }

    /// <summary>Cochran's Q, Σ (yₖ − ȳ)²/vₖ with ȳ the mean weighted by 1/vₖ.</summary>
    public required double CochranQ { get; init; }

    /// <summary>p-value of Q for T = 0, χ² with K − 1 degrees of freedom.</summary>
    public required double CochranQP { get; init; }

    /// <summary>
    /// 95 % interval of the true value of a new group: mean ± t √(T² + SE²), Student's t with K − 2 degrees of freedom and the
    /// Hartung-Knapp standard error; null for K = 2.
    /// </summary>
    public required Interval? PredictionInterval { get; init; }

    /// <summary>K weights of the groups in the mean, adding to 1, in the order given.</summary>
    public required IReadOnlyList<double> Weights { get; init; }

    /// <summary>Whether the groups differ for certain: the 95 % interval of T excludes 0.</summary>
    public bool IsHeterogeneous => HeterogeneityInterval.Low > 0;

    /// <summary>Fits the model.</summary>
    /// <param name="estimates">K estimates, finite, K ≥ 2.</param>
    /// <param name="variances">K variances (squared standard errors) of them, finite and above 0.</param>
    /// <exception cref="ArgumentException">The lengths differ, or there are fewer than two groups.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An estimate is not finite, or a variance is not finite and positive.</exception>
    public static RandomEffects Estimate(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        int k = estimates.Length;
        if (k != variances.Length || k < 2)
        {
            throw new ArgumentException($"{k} estimates and {variances.Length} variances: there must be as many of both, and at least 2.", nameof(variances));
        }

        // Taken about the first estimate, a common shift of all changes nothing but the mean.
        double[] y = new double[k], v = variances.ToArray();
        for (int i = 0; i < k; i++)
        {
            if (!double.IsFinite(estimates[i]))
            {
                throw new ArgumentOutOfRangeException(nameof(estimates), estimates[i], $"The estimate of group {i} (counted from 0) is not finite.");
            }

            if (!double.IsFinite(v[i]) || v[i] <= 0)
            {
                throw new ArgumentOutOfRangeException(nameof(variances), v[i], $"The variance of group {i} (counted from 0) must be finite and above 0.");
            }

            y[i] = estimates[i] - estimates[0];
        }

        double range = y.Max() - y.Min();
        double t = range == 0 ? 0 : Heterogeneous(y, v, range);
        (double mean, double precision, double q) = Weighted(y, v, t);
        double scale = q / (k - 1), se = Math.Sqrt(scale / precision);
        double reach = StudentT.InvCDF(0, 1, k - 1, 0.5 + (Level / 2)) * se;
        double centre = mean + estimates[0];
        double? spread = k < 3 ? null : StudentT.InvCDF(0, 1, k - 2, 0.5 + (Level / 2)) * Math.Sqrt((t * t) + (se * se));
        double cochran = Weighted(y, v, 0).Q, typical = TypicalVariance(v);
        return new RandomEffects
        {
            Groups = k,
            Mean = centre,
            StandardError = se,
            HartungKnappScale = scale,
            Interval = new Interval(centre - reach, centre + reach),
            Heterogeneity = t,
            HeterogeneityInterval = QProfile(y, v, range, cochran),
            ISquared = t * t / ((t * t) + typical),
            CochranQ = cochran,
            CochranQP = ChiSquared.P(cochran, k - 1),
            PredictionInterval = spread is { } s ? new Interval(centre - s, centre + s) : null,
            Weights = [.. v.Select(x => 1 / (x + (t * t)) / precision)],
        };
    }

    // The restricted likelihood may have more than one maximum: a grid first. No maximum lies beyond twice the range of the estimates.
    private static double Heterogeneous(double[] y, double[] v, double range)
    {
        double step = 2 * range / GridPoints;
        int best = Enumerable.Range(0, GridPoints + 1).MaxBy(i => Restricted(y, v, i * step));
        Minimum found = Brent.Minimize(t => -Restricted(y, v, t), Math.Max(0, best - 1) * step, (best + 1) * step, 1e-10 * range);
        if (-found.Value <= Restricted(y, v, 0))
        {
            return 0;
        }

        // The value at a maximum is flat to half the digits; its slope is not.
        double low = Math.Max(0, found.Location - (1e-3 * step)), high = found.Location + (1e-3 * step);
        return Slope(y, v, low) > 0 && Slope(y, v, high) < 0 ? Brent.Root(t => Slope(y, v, t), low, high, 1e-14 * range) : found.Location;
    }

    // The derivative of the restricted likelihood in T², times 2.
    private static double Slope(double[] y, double[] v, double t)
    {
        (double mean, double precision, _) = Weighted(y, v, t);
        double squares = 0, residual = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double w = 1 / (v[i] + (t * t));
            squares += w * w;
            residual += w * w * (y[i] - mean) * (y[i] - mean);
        }

        return residual - precision + (squares / precision);
    }

    // −½ (Σ ln(vₖ + T²) + ln Σ wₖ + Σ wₖ(yₖ − mean)²)
    private static double Restricted(double[] y, double[] v, double t)
    {
        (_, double precision, double q) = Weighted(y, v, t);
        return -0.5 * (v.Sum(x => Math.Log(x + (t * t))) + Math.Log(precision) + q);
    }

    private static (double Mean, double Precision, double Q) Weighted(double[] y, double[] v, double t)
    {
        double precision = 0, sum = 0, q = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double w = 1 / (v[i] + (t * t));
            precision += w;
            sum += w * y[i];
        }

        double mean = sum / precision;
        for (int i = 0; i < y.Length; i++)
        {
            q += (y[i] - mean) * (y[i] - mean) / (v[i] + (t * t));
        }

        return (mean, precision, q);
    }

    private static double TypicalVariance(double[] v)
    {
        double sum = v.Sum(x => 1 / x), squares = v.Sum(x => 1 / (x * x));
        return (v.Length - 1) * sum / ((sum * sum) - squares);
    }

    private static Interval QProfile(double[] y, double[] v, double range, double atZero)
    {
        double low = MathNet.Numerics.Distributions.ChiSquared.InvCDF(y.Length - 1, 0.5 - (Level / 2));
        double high = MathNet.Numerics.Distributions.ChiSquared.InvCDF(y.Length - 1, 0.5 + (Level / 2));
        return new Interval(WhereQIs(high), WhereQIs(low));

        // Q falls as T grows.
        double WhereQIs(double target)
        {
            if (atZero <= target)
            {
                return 0;
            }

            double above = range;
            while (Weighted(y, v, above).Q > target)
            {
                above *= 2;
            }

            return Brent.Root(t => Weighted(y, v, t).Q - target, 0, above, 1e-10 * range);
        }
    }
}
