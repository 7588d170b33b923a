namespace SynapticGeometry;

/// <summary>The minimum of a function of a few variables without derivatives: a simplex that reflects, expands and contracts.</summary>
/// <remarks>Source: Nelder and Mead 1965; restarted at what it found until a restart gains nothing, which frees a collapsed simplex.</remarks>
internal static class NelderMead
{
    private const int EvaluationsPerVariable = 250;

    /// <summary>Minimizes from a starting point, which is left at the minimum.</summary>
    /// <param name="function">f; +∞ where a point is not allowed. The starting point must be allowed.</param>
    /// <param name="point">Starting point in, minimum out.</param>
    /// <param name="steps">Size of the first simplex along each variable.</param>
    /// <param name="tolerance">Absolute tolerance of f, above 0.</param>
    /// <param name="mostRestarts">How often to start again at most; 0 where a rough minimum will do.</param>
    /// <returns>f at the minimum.</returns>
    public static double Minimize(Func<double[], double> function, double[] point, double[] steps, double tolerance, int mostRestarts = 3)
    {
        double best = function(point);
        double share = 1;
        for (int run = 0; run <= mostRestarts; run++)
        {
            double before = best;
            best = Run(function, point, best, steps, share, tolerance);
            share = 0.3;
            if (run > 0 && before - best <= 10 * tolerance)
            {
                break;
            }
        }

        return best;
    }

    private static double Run(Func<double[], double> function, double[] point, double atPoint, double[] steps, double share, double tolerance)
    {
        int k = point.Length;
        var corners = new double[k + 1][];
        var values = new double[k + 1];
        (corners[0], values[0]) = ((double[])point.Clone(), atPoint);
        int evaluations = 0;
        for (int i = 0; i < k; i++)
        {
            double[] corner = (double[])point.Clone();
            corner[i] += share * steps[i];
            double f = At(corner);
            if (double.IsPositiveInfinity(f))
            {
                corner[i] = point[i] - (share * steps[i]);
                f = At(corner);
            }

            (corners[i + 1], values[i + 1]) = (corner, f);
        }

        while (evaluations < EvaluationsPerVariable * k)
        {
            Array.Sort(values, corners);
            if (values[k] - values[0] <= tolerance)
            {
                break;
            }

            double[] centre = new double[k], worst = corners[k];
            for (int i = 0; i < k; i++)
            {
                for (int c = 0; c < k; c++)
                {
                    centre[i] += corners[c][i] / k;
                }
            }

            double[] reflected = Along(centre, worst, -1);
            double atReflected = At(reflected);
            if (atReflected < values[0])
            {
                double[] expanded = Along(centre, worst, -2);
                double atExpanded = At(expanded);
                (corners[k], values[k]) = atExpanded < atReflected ? (expanded, atExpanded) : (reflected, atReflected);
            }
            else if (atReflected < values[k - 1])
            {
                (corners[k], values[k]) = (reflected, atReflected);
            }
            else
            {
                double[] contracted = Along(centre, worst, atReflected < values[k] ? -0.5 : 0.5);
                double atContracted = At(contracted);
                if (atContracted < Math.Min(atReflected, values[k]))
                {
                    (corners[k], values[k]) = (contracted, atContracted);
                }
                else
                {
                    for (int c = 1; c <= k; c++)
                    {
                        corners[c] = Along(corners[0], corners[c], 0.5);
                        values[c] = At(corners[c]);
                    }
                }
            }
        }

        int lowest = Array.IndexOf(values, values.Min());
        corners[lowest].CopyTo(point, 0);
        return values[lowest];

        double At(double[] x)
        {
            evaluations++;
            double f = function(x);
            return double.IsNaN(f) ? double.PositiveInfinity : f;
        }
    }

    private static double[] Along(double[] centre, double[] worst, double factor)
    {
        var x = new double[centre.Length];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = centre[i] + (factor * (worst[i] - centre[i]));
        }

        return x;
    }
}
