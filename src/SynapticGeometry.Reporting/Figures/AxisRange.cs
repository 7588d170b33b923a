namespace SynapticGeometry.Reporting;

/// <summary>Limits of an axis.</summary>
internal static class AxisRange
{
    private const double Margin = 0.05;

    /// <summary>From the least to the greatest finite value with a margin, also where all are equal; around 0 where there is none.</summary>
    public static (double Low, double High) Around(IEnumerable<double> values)
    {
        double[] known = [.. values.Where(double.IsFinite)];
        (double low, double high) = known.Length == 0 ? (0, 0) : (known.Min(), known.Max());
        double margin = Math.Max(Margin, Margin * (high - low));
        return (low - margin, high + margin);
    }
}
