namespace SynapticGeometry.Reporting;

/// <summary>The mean change against size: what is fitted, and the medians of what was observed.</summary>
internal static class DriftFigure
{
    /// <summary>Name of the figure's files.</summary>
    public const string Name = "drift";

    private const int FewestPairs = 20, PairsPerBin = 10, MostBins = 12, MostSorted = 200_000;
    private const double Log10E = 0.43429448190325182765;

    /// <summary>The figure; null with fewer than twenty pairs that keep their sign.</summary>
    public static ReportFigure? Draw(InferenceResult result, string unit)
    {
        PairedWeights data = result.Data;
        (double U, double Change)[] pairs =
        [
            .. InferenceFigures.Spaced(data.Count, MostSorted).Where(i => data.Counts.SignFlips == 0 || !InferenceFigures.Flipped(data, i))
                .Select(i => (data.LogSize[i], data.LogChange[i])).OrderBy(p => p.Item1).ThenBy(p => p.Item2),
        ];
        if (pairs.Length < FewestPairs || !(pairs[^1].U > pairs[0].U))
        {
            return null;
        }

        int bins = Math.Clamp(pairs.Length / PairsPerBin, 2, MostBins);
        double[] at = new double[bins], median = new double[bins], error = new double[bins];
        for (int b = 0; b < bins; b++)
        {
            int from = (int)((long)b * pairs.Length / bins), to = (int)((long)(b + 1) * pairs.Length / bins);
            at[b] = pairs[from..to].Average(p => p.U);
            (median[b], error[b]) = Median([.. pairs[from..to].Select(p => p.Change).Order()]);
        }

        double shift = data.LogGeometricMean, low = pairs[pairs.Length / 100].U, high = pairs[^(1 + (pairs.Length / 100))].U;
        double[] grid = [.. Enumerable.Range(0, 121).Select(i => low + ((high - low) * i / 120))];


        // The fit may have another middle than the pairs drawn: that of all synapses at their first session.
        double offset = shift - Math.Log(result.TypicalSize);
        double[]? fitted = result.Drift is { } drift ? [.. grid.Select(u => Mean(drift, result.Exponent.Estimate, result.SizeSpread, u + offset))] : null;
        double tau2 = result.Measurement is { Error: { IsNone: false } tau } ? tau.Variance(shift) : 0;
        double reversion = -tau2 / (data.SizeSpread * data.SizeSpread);

        FigureSheet sheet = new(FigureStyle.OneColumn, 72);
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label($"{(data.Counts.Negative > 0 ? "size of weight" : "weight")} before ({unit}), log scale", "change, ln(after / before)");
        panel.X.Scale = AxisScale.Log10;
        double X(double u) => Log10E * (u + shift);
        double[] x = [.. grid.Select(X)];

        // The medians set the frame: far out a curve may run off.
        double[] seen = [.. median.Zip(error, (m, e) => m + (1.5 * e)), .. median.Zip(error, (m, e) => m - (1.5 * e)), 0];
        if (result.Drift is { } d)
        {
            seen = [.. seen, d.Small, d.Typical, d.Large];
        }

        (double bottom, double top) = (seen.Where(double.IsFinite).Min(), seen.Where(double.IsFinite).Max());
        double margin = Math.Max(0.06 * (top - bottom), 1e-6);
        double edge = 0.03 * (X(high) - X(low));
        double left = Math.Min(X(low), X(at[0])) - edge, right = Math.Max(X(high), X(at[^1])) + edge;
        panel.Plot.Axes.SetLimits(left, right, bottom - margin, top + margin);
        panel.Line([left, right], [0, 0], panel.Style.Quiet, pattern: LegendSymbol.Dashed, width: panel.Style.ThinWidth * 1.4f);
        if (fitted is not null)
        {
            panel.Line(x, Within(fitted, bottom - margin, top + margin), OkabeIto.Vermilion, "fitted mean change");
            if (tau2 > 0)
            {
                double[] apparent = [.. fitted.Zip(grid, (m, u) => m + (reversion * u))];
                panel.Line(x, Within(apparent, bottom - margin, top + margin), OkabeIto.Green, "with what the error adds", LegendSymbol.Dotted);
            }
        }

        for (int b = 0; b < bins; b++)
        {
            panel.Line([X(at[b]), X(at[b])], [median[b] - error[b], median[b] + error[b]], OkabeIto.Blue);
        }

        panel.Markers([.. at.Select(X)], median, OkabeIto.Blue, "median ± standard error", size: 4);

        string curve = result.Drift is { } fit
            ? $"Vermilion: the fitted mean relative change, {Share(fit.Small)} for synapses one standard deviation of log size below the geometric mean, {Share(fit.Typical)} at it and {Share(fit.Large)} above; a fall with size is a reversion towards a mean size "
              + $"(test of dependence on size: {Numbers.PEquals(fit.P)}). It is the mean of the dual change, so the two agree only while changes are small. "
            : "A mean that depends on size was left out by option, so none is drawn. ";
        string apparently = tau2 > 0 && fitted is not null
            ? "Sizes as measured revert to the mean by their error alone; dotted: the fitted mean with that added, which is what the points should follow."
            : result.Measurement is { Source: ErrorSource.Unknown } ? "An error of measurement would by itself look like a reversion: here the two are not told apart." : string.Empty;
        string selected = result.Measurement is { Design.Epochs: > 2 } m
            ? $" The fit is to {Numbers.Count(m.Synapses, "synapse", "synapses")} followed over all sessions{(m.Excluded.Values.Sum() is > 0 and var out0 ? $", {Numbers.Count(out0)} left out" : string.Empty)}; the points are all pairs of successive sessions."
            : string.Empty;
        string many = pairs.Length < data.Count - data.Counts.SignFlips ? $" Medians are of {Numbers.Count(pairs.Length)} evenly selected pairs." : string.Empty;
        string flips = data.Counts.SignFlips > 0 ? $" Not drawn: {Numbers.Count(data.Counts.SignFlips)} that changed sign." : string.Empty;
        return new ReportFigure(
            Name,
            "Mean change against size: drift and reversion to the mean",
            $"Points: median log change in {bins} bins of equally many synapses by size before, with the standard error of the median. {curve}{apparently}{selected}{many}{flips}".TrimEnd(),
            sheet);
    }

    /// <summary>
    /// The fitted mean relative change at log size u, relative to the typical size, from its values at −S, 0 and S: a + b u + c e^{−λu} with the exponential less its first two terms, which is
    /// u² at λ = 0.
    /// </summary>
    internal static double Mean(DriftEstimate drift, double lambda, double spread, double u)
    {
        double Bend(double v)
        {
            double t = lambda * v;
            return Math.Abs(t) < 1e-4 ? v * v * (1 - (t / 3)) : 2 * (Math.Exp(-t) - 1 + t) / (lambda * lambda);
        }

        double c = (drift.Small + drift.Large - (2 * drift.Typical)) / (Bend(-spread) + Bend(spread));
        double b = (drift.Large - drift.Small - (c * (Bend(spread) - Bend(-spread)))) / (2 * spread);
        return drift.Typical + (b * u) + (c * Bend(u));
    }

    private static string Share(double value) => Numbers.Significant(100 * value, 2) + " %";

    private static double[] Within(double[] values, double low, double high) => [.. values.Select(v => v >= low && v <= high ? v : double.NaN)];

    // The standard error from the order statistics that bound 68.3 % of the binomial distribution about the middle: no density is needed.
    private static (double Median, double StandardError) Median(double[] sorted)
    {
        int n = sorted.Length;
        double half = Math.Sqrt(n) / 2, middle = (n - 1) / 2.0;
        double At(double place)
        {
            double p = Math.Clamp(place, 0, n - 1);
            int below = (int)p;
            return below + 1 < n ? sorted[below] + ((p - below) * (sorted[below + 1] - sorted[below])) : sorted[^1];
        }

        return (At(middle), (At(middle + half) - At(middle - half)) / 2);
    }
}
