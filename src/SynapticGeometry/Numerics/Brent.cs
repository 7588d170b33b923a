namespace SynapticGeometry;

/// <summary>A minimum found by <see cref="Brent.Minimize"/>.</summary>
/// <param name="Location">The x where f is smallest.</param>
/// <param name="Value">f(x).</param>
/// <param name="Evaluations">How often f was called.</param>
public readonly record struct Minimum(double Location, double Value, int Evaluations);

/// <summary>Minima and roots of a function of one variable in a bracket, by the methods of Brent 1973.</summary>
public static class Brent
{
    // Below √ε relative, rounding of f hides any gain.
    private const double SqrtEpsilon = 1.49e-8;
    private const double Epsilon = 2.220446049250313e-16;
    private const int MaximumEvaluations = 500;

    /// <summary>
    /// The minimum of <paramref name="function"/> on [<paramref name="low"/>, <paramref name="high"/>]: golden section made faster by
    /// parabolas. Finds the minimum of a unimodal function; of others, a local one.
    /// </summary>
    /// <param name="function">f; may be +∞ in places, not NaN.</param>
    /// <param name="low">Left end, finite.</param>
    /// <param name="high">Right end, finite, above <paramref name="low"/>.</param>
    /// <param name="tolerance">Absolute tolerance of x, above 0; √ε|x| is added, which is what f can resolve.</param>
    /// <returns>
    /// Location, value, and number of evaluations. A minimum at an end is approached to within the tolerance; the ends themselves
    /// are evaluated last and win where they are lower.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The ends are not finite and ascending, or the tolerance is not positive.</exception>
    /// <exception cref="ArithmeticException">The function returned NaN.</exception>
    public static Minimum Minimize(Func<double, double> function, double low, double high, double tolerance = 1e-10)
    {
        ArgumentNullException.ThrowIfNull(function);
        CheckBracket(low, high, tolerance);
        const double goldenShare = 0.3819660112501051;
        double a = low, b = high;
        double best = a + goldenShare * (b - a), second = best, third = best;
        int evaluations = 0;
        double fBest = At(best), fSecond = fBest, fThird = fBest;
        double step = 0, stepBefore = 0;
        while (evaluations < MaximumEvaluations)
        {
            double middle = 0.5 * (a + b);
            double resolution = SqrtEpsilon * Math.Abs(best) + tolerance;
            if (Math.Abs(best - middle) <= 2 * resolution - 0.5 * (b - a))
            {
                break;
            }

            bool parabolic = false;
            if (Math.Abs(stepBefore) > resolution)
            {
                // The vertex of the parabola through the three best points, as best + p/q.
                double r = (best - second) * (fBest - fThird);
                double q = (best - third) * (fBest - fSecond);
                double p = (best - third) * q - (best - second) * r;
                q = 2 * (q - r);
                (p, q) = q > 0 ? (-p, q) : (p, -q);
                if (Math.Abs(p) < Math.Abs(0.5 * q * stepBefore) && p > q * (a - best) && p < q * (b - best))
                {
                    stepBefore = step;
                    step = p / q;
                    parabolic = true;
                    double there = best + step;
                    if (there - a < 2 * resolution || b - there < 2 * resolution)
                    {
                        step = best < middle ? resolution : -resolution;
                    }
                }
            }

            if (!parabolic)
            {
                stepBefore = best < middle ? b - best : a - best;
                step = goldenShare * stepBefore;
            }

            double x = best + (Math.Abs(step) >= resolution ? step : Math.CopySign(resolution, step));
            double f = At(x);
            if (f <= fBest)
            {
                (a, b) = x < best ? (a, best) : (best, b);
                (third, fThird, second, fSecond, best, fBest) = (second, fSecond, best, fBest, x, f);
            }
            else
            {
                (a, b) = x < best ? (x, b) : (a, x);
                if (f <= fSecond || second == best)
                {
                    (third, fThird, second, fSecond) = (second, fSecond, x, f);
                }
                else if (f <= fThird || third == best || third == second)
                {
                    (third, fThird) = (x, f);
                }
            }
        }

        foreach (double end in (ReadOnlySpan<double>)[low, high])
        {
            if (Math.Abs(best - end) <= 4 * (SqrtEpsilon * Math.Abs(best) + tolerance))
            {
                double f = At(end);
                (best, fBest) = f < fBest ? (end, f) : (best, fBest);
            }
        }

        return new Minimum(best, fBest, evaluations);

        double At(double x)
        {
            evaluations++;
            double f = function(x);
            return double.IsNaN(f) ? throw new ArithmeticException($"The function to minimize is NaN at {x:R}.") : f;
        }
    }

    /// <summary>A root of <paramref name="function"/> between <paramref name="low"/> and <paramref name="high"/>, where it changes sign.</summary>
    /// <param name="function">f, continuous, with f(low) and f(high) of opposite sign, or 0 at an end.</param>
    /// <param name="low">Left end, finite.</param>
    /// <param name="high">Right end, finite, above <paramref name="low"/>.</param>
    /// <param name="tolerance">Absolute tolerance of x, above 0; four units in the last place of x are added.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ends are not finite and ascending, or the tolerance is not positive.</exception>
    /// <exception cref="ArgumentException">f has the same sign at both ends, or is NaN at one.</exception>
    /// <exception cref="ArithmeticException">f is NaN inside, or there is no root to the tolerance after 500 evaluations.</exception>
    public static double Root(Func<double, double> function, double low, double high, double tolerance = 1e-12)
    {
        ArgumentNullException.ThrowIfNull(function);
        CheckBracket(low, high, tolerance);
        double fLow = function(low), fHigh = function(high);
        if (fLow == 0 || fHigh == 0)
        {
            return fLow == 0 ? low : high;
        }

        if (double.IsNaN(fLow) || double.IsNaN(fHigh) || Math.Sign(fLow) == Math.Sign(fHigh))
        {
            throw new ArgumentException(
                $"f({low:R}) = {fLow:R} and f({high:R}) = {fHigh:R}; a root is sought where the sign changes.", nameof(function));
        }

        // The root lies between "best" and "other"; "last" is the best before.
        double best = high, fBest = fHigh, last = low, fLast = fLow, other = low, fOther = fLow;
        double step = best - last, stepBefore = step;
        for (int evaluations = 0; evaluations < MaximumEvaluations; evaluations++)
        {
            if (Math.Sign(fBest) == Math.Sign(fOther))
            {
                (other, fOther) = (last, fLast);
                step = stepBefore = best - last;
            }

            if (Math.Abs(fOther) < Math.Abs(fBest))
            {
                (last, fLast, best, fBest, other, fOther) = (best, fBest, other, fOther, best, fBest);
            }

            double resolution = 0.5 * tolerance + 2 * Epsilon * Math.Abs(best);
            double half = 0.5 * (other - best);
            if (Math.Abs(half) <= resolution || fBest == 0)
            {
                return best;
            }

            if (Math.Abs(stepBefore) >= resolution && Math.Abs(fLast) > Math.Abs(fBest))
            {
                // Secant through two points, inverse parabola through three, as best + p/q.
                double p, q, s = fBest / fLast;
                if (last == other)
                {
                    p = 2 * half * s;
                    q = 1 - s;
                }
                else
                {
                    double t = fLast / fOther, r = fBest / fOther;
                    p = s * (2 * half * t * (t - r) - (best - last) * (r - 1));
                    q = (t - 1) * (r - 1) * (s - 1);
                }

                (p, q) = p > 0 ? (p, -q) : (-p, q);
                bool accepted = 2 * p < Math.Min(3 * half * q - Math.Abs(resolution * q), Math.Abs(stepBefore * q));
                (stepBefore, step) = accepted ? (step, p / q) : (half, half);
            }
            else
            {
                step = stepBefore = half;
            }

            (last, fLast) = (best, fBest);
            best += Math.Abs(step) > resolution ? step : Math.CopySign(resolution, half);
            fBest = function(best);
            if (double.IsNaN(fBest))
            {
                throw new ArithmeticException($"The function whose root is sought is NaN at {best:R}.");
            }
        }

        throw new ArithmeticException(
            $"No root to within {tolerance:R} between {low:R} and {high:R} after {MaximumEvaluations} evaluations.");
    }

    private static void CheckBracket(double low, double high, double tolerance)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || !(low < high))
        {
            throw new ArgumentOutOfRangeException(nameof(low), $"[{low:R}, {high:R}] is not an interval with finite, ascending ends.");
        }

        if (!(tolerance > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "A tolerance is above 0.");
        }
    }
}
