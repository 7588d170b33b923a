using MathNet.Numerics.Distributions;
using MathNet.Numerics.Interpolation;

namespace SynapticGeometry;

/// <summary>
/// The exponents of many small groups in one model: each group has its own drift and spread, profiled out, and its own exponent
/// λₖ ~ N(Λ, T²), integrated out. Unlike the two-stage mean it needs no standard error of a single group.
/// </summary>
/// <param name="Groups">Groups that entered.</param>
/// <param name="GroupsLeftOut">Groups with fewer than 8 synapses or without spread of size or change.</param>
/// <param name="Mean">Λ, the mean exponent.</param>
/// <param name="Interval">
/// 95 % profile-likelihood interval of Λ, its threshold the square of Student's t with one degree of freedom fewer than groups; an end that
/// the range searched cuts off is infinite.
/// </param>
/// <param name="Heterogeneity">T, the standard deviation of the exponent between groups.</param>
/// <param name="HeterogeneityInterval">95 % profile-likelihood interval of T, χ² with one degree of freedom.</param>
/// <remarks>
/// A group's curve is its profile likelihood times (n − r)/n, with r the rank of its mean columns: the degrees of freedom that the mean takes,
/// which matter when n is small (the weighting of restricted likelihood). The integral is Gauss-Hermite, centred on and scaled to the normal
/// approximation of the integrand (Liu and Pierce 1994).
/// </remarks>
public sealed record OneStageEstimate(
    int Groups, int GroupsLeftOut, double Mean, Interval Interval, double Heterogeneity, Interval HeterogeneityInterval)
{
    private const int MinimumCount = 8;
    private const double LargestHeterogeneity = 4;

    /// <summary>Fits the model; null with fewer than three groups that can enter.</summary>
    internal static OneStageEstimate? Fit(PairedWeights pairs, Drift drift, int threads, CancellationToken cancellation)
    {
        int[][] members = pairs.GroupMembers();
        var found = new GroupCurve?[members.Length];
        Parallel.For(0, members.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, g =>
            found[g] = members[g].Length < MinimumCount ? null : GroupCurve.Of(pairs.Select(members[g]).Ungrouped(), drift));
        GroupCurve[] curves = [.. found.OfType<GroupCurve>()];
        return curves.Length < 3 ? null : Fit(curves, members.Length - curves.Length);
    }

    /// <summary>Fits the model to the curves of at least two groups.</summary>
    internal static OneStageEstimate Fit(GroupCurve[] curves, int leftOut)
    {
        double low = curves.Max(c => c.Low), high = ExponentProfile.Highest;
        (double mean, double best) = OverMean(0);
        Minimum spread = Brent.Minimize(t => -OverMean(t).Value, 0, LargestHeterogeneity, 1e-4);
        double t = 0;
        if (-spread.Value > best)
        {
            t = spread.Location;
            (mean, best) = OverMean(t);
        }

        double drop = 0.5 * Math.Pow(StudentT.InvCDF(0, 1, curves.Length - 1, 0.975), 2);
        double scale = Math.Sqrt(((t * t) + curves.Average(c => c.Width * c.Width)) / curves.Length);
        var interval = new Interval(
            End(m => OverSpread(m) - best + drop, mean, low, scale, double.NegativeInfinity),
            End(m => OverSpread(m) - best + drop, mean, high, scale, double.PositiveInfinity));
        var spreads = new Interval(
            t == 0 ? 0 : End(s => OverMean(s).Value - best + ExponentProfile.LikelihoodDrop, t, 0, scale, 0),
            End(s => OverMean(s).Value - best + ExponentProfile.LikelihoodDrop, t, LargestHeterogeneity, scale, double.PositiveInfinity));
        return new OneStageEstimate(curves.Length, leftOut, mean, interval, t, spreads);

        (double Mean, double Value) OverMean(double s)
        {
            // The curves are of one maximum each; the centre of their maxima is a start that cannot be far off.
            double from = Math.Max(low, curves.Min(c => c.Peak)), to = Math.Min(high, curves.Max(c => c.Peak));
            if (to - from < 1e-6)
            {
                (from, to) = (Math.Max(low, from - 0.1), Math.Min(high, to + 0.1));
            }

            Minimum found = Brent.Minimize(m => -Marginal(m, s), from, to, 1e-4);
            return (found.Location, -found.Value);
        }

        double OverSpread(double m)
        {
            double zero = Marginal(m, 0);
            return Math.Max(zero, -Brent.Minimize(s => -Marginal(m, s), 0, LargestHeterogeneity, 1e-3).Value);
        }

        double Marginal(double m, double s)
        {
            double sum = 0;
            foreach (GroupCurve curve in curves)
            {
                sum += curve.LogIntegral(m, s);
            }

            return Math.Max(sum, -1e300);
        }
    }

    // Where a function that is positive at "inside" falls to zero on the way to "bound".
    private static double End(Func<double, double> function, double inside, double bound, double scale, double open)
    {
        double at = inside, step = Math.Max(scale, 1e-3);
        while (at != bound)
        {
            double next = bound > inside ? Math.Min(bound, at + step) : Math.Max(bound, at - step);
            if (function(next) < 0)
            {
                return Brent.Root(function, Math.Min(at, next), Math.Max(at, next), 1e-4);
            }

            at = next;
            step *= 1.5;
        }

        return open;
    }
}

/// <summary>The log-likelihood of the exponent in one small group, tabulated once and interpolated.</summary>
internal sealed class GroupCurve
{
    // With 97 points 1/12 apart a cubic spline of a group of 400 is right to 3e-4.
    private const int Points = 97;
    private static readonly GaussHermite Rule = new(24);

    private readonly CubicSpline spline;
    private readonly bool logarithmic;
    private readonly double endValue, endSlope, startValue, startSlope;

    private GroupCurve(double[] xs, double[] values, bool logarithmic, double low)
    {
        this.logarithmic = logarithmic;
        Low = low;
        spline = CubicSpline.InterpolateNaturalSorted(xs, values);
        (startValue, startSlope) = (values[0], Math.Max(0, (values[1] - values[0]) / (xs[1] - xs[0])));
        (endValue, endSlope) = (values[^1], Math.Min(0, (values[^1] - values[^2]) / (xs[^1] - xs[^2])));
        int best = Array.IndexOf(values, values.Max());
        Minimum peak = Brent.Minimize(x => -spline.Interpolate(x), xs[Math.Max(0, best - 1)], xs[Math.Min(xs.Length - 1, best + 1)], 1e-6);
        Peak = Exponent(peak.Location);
        double h = 0.02, second = ((2 * At(Peak)) - At(Peak - h) - At(Peak + h)) / (h * h);
        bool inside = best > 0 && best < xs.Length - 1 && double.IsFinite(second) && second > 0;
        Width = inside ? Math.Min(1 / Math.Sqrt(second), ExponentProfile.Highest) : ExponentProfile.Highest;
    }

    /// <summary>The exponent of the maximum.</summary>
    public double Peak { get; }

    /// <summary>Standard error by the curvature at the maximum; as wide as the range where there is none.</summary>
    public double Width { get; }

    /// <summary>Lower end of the range: above 0 where a weight changed its sign.</summary>
    public double Low { get; }

    /// <summary>Tabulates a group; null where it says nothing about the exponent.</summary>
    public static GroupCurve? Of(PairedWeights group, Drift drift)
    {
        if (group.SizeSpread < 1e-9)
        {
            return null;
        }

        // With a change of sign the curve falls as n ln λ towards 0: there ln λ is the smooth coordinate.
        double low = new ExponentProfile(group, drift, 1).Low;
        bool logarithmic = group.HasFlips;
        double from = logarithmic ? Math.Log(low) : low, to = logarithmic ? Math.Log(ExponentProfile.Highest) : ExponentProfile.Highest;
        double[] xs = new double[Points], values = new double[Points];
        try
        {
            int rank = 1;
            for (int i = 0; i < Points; i++)
            {
                xs[i] = from + ((to - from) * i / (Points - 1));
                ScaleFit fit = ScaleFit.Run(new PowerScale(logarithmic ? Math.Exp(xs[i]) : xs[i]), group, drift, 1)!;
                (values[i], rank) = (fit.LogLikelihood, Math.Max(rank, fit.Rank));
            }

            double share = (group.Count - rank) / (double)group.Count, top = values.Max();
            return new GroupCurve(xs, [.. values.Select(l => share * (l - top))], logarithmic, low);
        }
        catch (UninformativeDataException)
        {
            return null;
        }
    }

    /// <summary>The curve at an exponent; beyond the table it goes on as a straight line, or is −∞ where the exponent is impossible.</summary>
    public double At(double exponent)
    {
        if (logarithmic && exponent < Low)
        {
            return double.NegativeInfinity;
        }

        double x = logarithmic ? Math.Log(exponent) : exponent;
        double first = logarithmic ? Math.Log(Low) : Low, last = logarithmic ? Math.Log(ExponentProfile.Highest) : ExponentProfile.Highest;
        return x < first ? startValue + (startSlope * (x - first))
            : x > last ? endValue + (endSlope * (x - last))
            : spline.Interpolate(x);
    }

    /// <summary>ln ∫ exp(curve(λ)) N(λ; mean, t²) dλ.</summary>
    public double LogIntegral(double mean, double t)
    {
        if (t < 1e-6)
        {
            return At(mean);
        }

        double precision = (1 / (t * t)) + (1 / (Width * Width));
        double centre = ((mean / (t * t)) + (Peak / (Width * Width))) / precision, scale = 1 / Math.Sqrt(precision);
        Span<double> terms = stackalloc double[Rule.Nodes.Length];
        double top = double.NegativeInfinity;
        for (int i = 0; i < terms.Length; i++)
        {
            double z = Rule.Nodes[i], exponent = centre + (scale * z), d = (exponent - mean) / t;
            terms[i] = At(exponent) - (0.5 * d * d) + (0.5 * z * z) + Math.Log(Rule.Weights[i]);
            top = Math.Max(top, terms[i]);
        }

        if (double.IsNegativeInfinity(top))
        {
            return top;
        }

        double sum = 0;
        foreach (double term in terms)
        {
            sum += Math.Exp(term - top);
        }

        return top + Math.Log(sum * scale / t);
    }

    private double Exponent(double x) => logarithmic ? Math.Exp(x) : x;
}
