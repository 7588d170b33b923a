namespace SynapticGeometry.Papers;

/// <summary>A straight line through points, by least squares.</summary>
/// <param name="Intercept">Ordinate at 0.</param>
/// <param name="Slope">Slope.</param>
/// <param name="SlopeError">Standard error of the slope.</param>
internal readonly record struct StraightLine(double Intercept, double Slope, double SlopeError)
{
    /// <summary>The line through at least three points of different abscissae.</summary>
    public static StraightLine Through(IReadOnlyList<double> xs, IReadOnlyList<double> ys)
    {
        double meanX = xs.Average(), meanY = ys.Average(), sxx = 0, sxy = 0;
        for (int i = 0; i < xs.Count; i++)
        {
            sxx += (xs[i] - meanX) * (xs[i] - meanX);
            sxy += (xs[i] - meanX) * (ys[i] - meanY);
        }

        double slope = sxy / sxx, intercept = meanY - (slope * meanX);
        double residual = xs.Zip(ys, (x, y) => y - intercept - (slope * x)).Sum(r => r * r);
        return new StraightLine(intercept, slope, Math.Sqrt(residual / (xs.Count - 2) / sxx));
    }
}

/// <summary>Sums over samples that several figures need.</summary>
internal static class Statistics
{
    /// <summary>Mean and its standard error, from independent values.</summary>
    public static (double Mean, double Error) Mean(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Count - 1) / values.Count));
    }

    /// <summary>A quantile between order statistics: the value at place (n − 1) q in ascending order, linear between places.</summary>
    /// <param name="values">At least one value.</param>
    /// <param name="q">From 0 to 1.</param>
    public static double Quantile(IReadOnlyList<double> values, double q)
    {
        double[] ordered = [.. values.Order()];
        double place = (ordered.Length - 1) * q;
        int below = (int)place, above = Math.Min(below + 1, ordered.Length - 1);
        return ordered[below] + ((place - below) * (ordered[above] - ordered[below]));
    }

    /// <summary>The largest |value − centre| over |centre|, centre being the middle of the range.</summary>
    public static double HalfRange(IReadOnlyList<double> values)
    {
        double low = values.Min(), high = values.Max();
        return (high - low) / Math.Abs(high + low);
    }

    /// <summary>Spearman's rank correlation.</summary>
    public static double RankCorrelation(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double[] ra = Ranks(a), rb = Ranks(b);
        double mean = (a.Count - 1) / 2.0;
        return ra.Zip(rb, (x, y) => (x - mean) * (y - mean)).Sum() / ra.Sum(x => (x - mean) * (x - mean));
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        double[] ranks = new double[values.Count];
        for (int k = 0; k < order.Length; k++)
        {
            ranks[order[k]] = k;
        }

        return ranks;
    }
}
