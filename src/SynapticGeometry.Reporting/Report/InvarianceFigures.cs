using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>The figure of a check of invariance: changes at the soma through two parametrizations.</summary>
public static class InvarianceFigures
{
    private const int MostPoints = 300;

    // Decades below the largest change that panel A shows.
    private const double Smallest = -5;

    /// <summary>Draws it.</summary>
    /// <param name="results">One result a rule, of the same two parametrizations.</param>
    public static IReadOnlyList<ReportFigure> Draw(IReadOnlyList<InvarianceResult> results) => [Changes(results)];

    /// <summary>
    /// Left, the somatic change through the second parametrization against that through the first, one point a synapse; right, their
    /// ratio against the ratio of the slopes.
    /// </summary>
    /// <param name="results">One result a rule, of the same two parametrizations.</param>
    public static ReportFigure Changes(IReadOnlyList<InvarianceResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        FigureSheet sheet = new(FigureStyle.TwoColumns, 82, 1, 2);
        FigurePanel changes = sheet.Panel(0, 0), ratios = sheet.Panel(0, 1);
        changes.Label("|Δw|, first, as part of largest, log scale", "|Δw|, second, as part of largest, log scale");
        ratios.Label("slope f′, second / first, log scale", "Δw, second / first, log scale");
        foreach (FigureAxis axis in new[] { changes.X, changes.Y, ratios.X, ratios.Y })
        {
            axis.Scale = AxisScale.Log10;
        }

        (string Name, Color Color, Dot[] Dots)[] series =
        [
            .. results.Select((r, k) => (r.Name, OkabeIto.Series[k % OkabeIto.Series.Count], Dots(r))),
        ];
        Dot[] all = [.. series.SelectMany(s => s.Dots)];
        Dot[] visible = [.. all.Where(d => d.First >= Smallest && d.Second >= Smallest)];
        (double low, double high) = AxisRange.Around(visible.SelectMany(d => new[] { d.First, d.Second }));
        (double left, double right) = AxisRange.Around(all.Select(d => d.Slope));
        (double bottom, double top) = AxisRange.Around(all.SelectMany(d => new[] { d.Second - d.First, 2 * d.Slope, 0 }));
        changes.Line([low, high], [low, high], changes.Style.Quiet, "equal", LegendSymbol.Line, changes.Style.ThinWidth);
        ratios.Line([left, right], [0, 0], ratios.Style.Quiet, "equal", LegendSymbol.Line, ratios.Style.ThinWidth);
        ratios.Line([left, right], [2 * left, 2 * right], ratios.Style.Quiet, "f′²", LegendSymbol.Dashed, ratios.Style.ThinWidth);
        for (int k = 0; k < series.Length; k++)
        {
            (string name, Color color, Dot[] dots) = series[k];

            // Rules that agree lie on one another: later ones are drawn smaller, so that all of them show.
            float size = 4.5f - (2.5f * k / Math.Max(1, series.Length - 1));
            changes.Markers([.. dots.Select(d => d.First)], [.. dots.Select(d => d.Second)], color, name, size: size);
            ratios.Markers([.. dots.Select(d => d.Slope)], [.. dots.Select(d => d.Second - d.First)], color, size: size);
        }

        changes.Plot.Axes.SetLimits(low, high, low, high);
        ratios.Plot.Axes.SetLimits(left, right, bottom, top);
        int thinned = results.Count(r => r.Compared.Count() > MostPoints);
        return new ReportFigure(
            "changes",
            "Somatic changes through two parametrizations",
            "Every point is a synapse in a drawn state. A: change of its somatic weight through the second parametrization against that through the first, each rule in units of its own largest change. "
            + (visible.Length < all.Length ? $"{all.Length - visible.Length} of {all.Length} points below 10⁻⁵ are outside A. " : string.Empty)
            + "B: their ratio against the ratio of the slopes f′. An invariant rule lies on the solid lines; the Euclidean rule on the dashed one, off by f′²."
            + (thinned > 0 ? $" Of rules with more than {MostPoints} points, as many, evenly spaced, are drawn; invariance.csv has all." : string.Empty),
            sheet);
    }

    private static Dot[] Dots(InvarianceResult result)
    {
        InvarianceSynapse[] compared = [.. result.Compared];
        double unit = compared.Select(s => Math.Max(Math.Abs(s.First), Math.Abs(s.Second))).DefaultIfEmpty(1).Max();
        int stride = Math.Max(1, (compared.Length + MostPoints - 1) / MostPoints);
        return [.. compared.Where((_, i) => i % stride == 0).Select(s => new Dot(Math.Log10(Math.Abs(s.First) / unit), Math.Log10(Math.Abs(s.Second) / unit), Math.Log10(Math.Abs(s.SlopeRatio))))];
    }

    private readonly record struct Dot(double First, double Second, double Slope);
}
