using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>
/// The three figures on sizes at one time point: the sizes with the fitted densities, the comparison of the fits, and their residuals.
/// </summary>
public static class DistributionFigures
{
    private const int GridPoints = 240;
    private const double Log10E = 0.43429448190325182765;

    private static readonly LegendSymbol[] Patterns = [LegendSymbol.Line, LegendSymbol.Dashed, LegendSymbol.Dotted];

    /// <summary>Draws all three, in the order of the report.</summary>
    /// <param name="result">What was found.</param>
    /// <param name="unit">Unit of the sizes; null where it is not known.</param>
    public static IReadOnlyList<ReportFigure> Draw(DistributionResult result, string? unit = null) =>
        [Densities(result, unit), Comparison(result), Residuals(result)];

    /// <summary>Histogram of log size with the fitted densities: a panel for each initial distribution, a line for each geometry.</summary>
    /// <param name="result">What was found.</param>
    /// <param name="unit">Unit of the sizes; null where it is not known.</param>
    public static ReportFigure Densities(DistributionResult result, string? unit = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        double[] logs = [.. result.Sample.LogSizes.ToArray().Select(l => Log10E * l)];
        double pad = 0.06 * (logs[^1] - logs[0]), low = logs[0] - pad, high = logs[^1] + pad;
        double seen = result.Sample.Limit > 0 ? Math.Log10(result.Sample.Limit) : double.NegativeInfinity;
        double first = Math.Max(low, seen);
        int bins = Math.Clamp((int)Math.Ceiling(2 * Math.Cbrt(logs.Length)), 8, 60);
        double start = double.IsInfinity(seen) ? logs[0] : first, width = (logs[^1] - start) / bins;
        double[] edges = [.. Enumerable.Range(0, bins + 1).Select(i => start + (i * width))], heights = new double[bins];
        foreach (double x in logs)
        {
            heights[Math.Clamp((int)((x - start) / width), 0, bins - 1)] += 1 / (logs.Length * width);
        }

        double[] grid = [.. Enumerable.Range(0, GridPoints + 1).Select(i => first + ((high - first) * i / GridPoints))];
        return Panels(result, "densities", "Sizes and the distributions fitted to them", 58, (panel, fits, edge) =>
        {
            panel.Steps(edges, heights, panel.Style.Quiet.WithAlpha(0.3), filled: true);
            panel.Label($"size ({(string.IsNullOrWhiteSpace(unit) ? "unit of input" : FigureText.Short(unit, 30))}), log scale", edge ? "density of log₁₀ size" : string.Empty);
            panel.X.Scale = AxisScale.Log10;
            Each(fits, result, (fit, color, pattern) =>
            {
                SizeModel model = fit.Fit.Model;
                double[] u = [.. grid.Select(x => (x / Log10E) - Math.Log(model.Reference))], density = new double[grid.Length];
                model.At([.. fit.Fit.Parameters], result.Sample.Limit, u[0], u[^1])!.LogDensity(u, density);
                panel.Line(grid, [.. density.Select(d => Math.Exp(d) / Log10E)], color, fit.Geometry, pattern);
            });
            panel.Plot.Axes.SetLimits(low, high, 0, 1.35 * heights.Max());
        }, $"Histogram of {Numbers.Count(logs.Length, "size", "sizes")} on a logarithmic axis (grey) and, for each initial distribution, the fitted distribution of sizes after a normal change of the dual "
            + "weights under each geometry. Lines that lie on one another are distributions that one time point cannot tell apart."
            + (double.IsInfinity(seen) ? string.Empty : " The axis begins below the detection limit; the fits begin at it."));
    }

    /// <summary>AICc of every fit less the smallest: filled where the fit stays open.</summary>
    /// <param name="result">What was found.</param>
    public static ReportFigure Comparison(DistributionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string[] starts = [.. result.Fits.Select(f => f.Initial).Distinct()];
        string[] geometries = [.. result.Options.Candidates.Select(c => c.Name)];
        FigureSheet sheet = new(FigureStyle.OneColumn, 30 + (4.2 * starts.Length * geometries.Length / 1.6));
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label("AICc less the smallest, scale log(1 + x)", string.Empty);
        static double Place(double delta) => Math.Log10(1 + Math.Max(0, delta));
        double furthest = Math.Max(Place(result.Fits.Max(f => f.DeltaAicc)), Place(12)) * 1.05;
        double[] marks = [.. new double[] { 0, 2, 10, 100, 1000, 10_000, 100_000, 1_000_000 }.Where(m => Place(m) <= furthest)];
        panel.X.Ticks = [.. marks.Select(m => new AxisTick(Place(m), AxisTicks.Label(m)))];
        panel.Y.Ticks = [.. starts.Select((s, i) => new AxisTick(-i, s))];
        for (int g = 0; g < geometries.Length; g++)
        {
            Color color = OkabeIto.Series[g % OkabeIto.Series.Count];
            foreach (bool open in new[] { false, true })
            {
                (double X, double Y)[] at =
                [
                    .. result.Fits.Where(f => f.Geometry == geometries[g] && (f.Standing == FitStanding.Open) == open)
                        .Select(f => (Place(f.DeltaAicc), -System.Array.IndexOf(starts, f.Initial) + (0.7 * (0.5 - ((g + 0.5) / geometries.Length))))),
                ];
                panel.Markers([.. at.Select(p => p.X)], [.. at.Select(p => p.Y)], color, open: !open);
            }

            panel.Legend.Add(new LegendEntry(FigureText.Short(geometries[g], 24), color, LegendSymbol.Marker));
        }

        panel.Line([Place(2), Place(2)], [-starts.Length + 0.5, 0.5], panel.Style.Quiet, pattern: LegendSymbol.Dotted, width: panel.Style.ThinWidth * 1.4f);
        for (int i = 1; i < starts.Length; i++)
        {
            panel.Line([-0.05, furthest], [0.5 - i, 0.5 - i], panel.Style.Quiet.WithAlpha(0.35), width: panel.Style.ThinWidth);
        }

        panel.Plot.Axes.SetLimits(-0.05, furthest, -starts.Length + 0.5, 0.5);
        return new ReportFigure(
            "comparison",
            "Comparison of the fits",
            "AICc of every fit less the smallest, by initial distribution (rows) and geometry (colours). Filled: the fit stays open; open circles: another is clearly closer, or "
            + "the sizes reject it. Fits left of the dotted line at 2 are about equally good.",
            sheet);
    }

    /// <summary>Residuals less what they should be, against what they should be: flat at zero under the true model.</summary>
    /// <param name="result">What was found.</param>
    public static ReportFigure Residuals(DistributionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        const double Reach = 1;
        int n = result.Sample.Count;
        int[] ranks = [.. Enumerable.Range(0, Math.Min(n, 400)).Select(i => (int)((i + 0.5) * n / Math.Min(n, 400)))];
        double[] expected = [.. ranks.Select(r => NormalDistribution.Quantile((r + 0.5) / n))];

        // Standard error of an order statistic: √(p(1 − p)/n)/φ(z).
        double[] band = [.. ranks.Select((r, i) => 1.96 * Math.Sqrt((r + 0.5) / n * (1 - ((r + 0.5) / n)) / n) / NormalDistribution.Density(expected[i]))];
        return Panels(result, "residuals", "Residuals of the fits", 58, (panel, fits, edge) =>
        {
            panel.Band(expected, [.. band.Select(b => -Math.Min(b, Reach))], [.. band.Select(b => Math.Min(b, Reach))], panel.Style.Quiet.WithAlpha(0.18));
            panel.Label("standard normal quantile", edge ? "residual − quantile" : string.Empty);
            Each(fits, result, (fit, color, pattern) =>
                panel.Line(
                    expected,
                    [.. ranks.Select((r, i) => fit.Residuals[r] - expected[i]).Select(d => Math.Abs(d) <= Reach ? d : double.NaN)],
                    color,
                    fit.Geometry,
                    pattern));
            panel.Plot.Axes.SetLimits(expected[0] - 0.1, expected[^1] + 0.1, -Reach, Reach);
        }, "Residuals Φ⁻¹(F(w)) of each fit in ascending order, less the standard normal quantiles that they should be. Grey: where 95 % of the residuals at each place lie under the true "
            + "model with known parameters; fitting brings them closer. A line that rises to the right: there are more large synapses than the fit allows. Lines end where they leave the axis.");
    }

    private static ReportFigure Panels(
        DistributionResult result, string name, string title, double height, Action<FigurePanel, IGrouping<string, DistributionFit>, bool> draw, string caption)
    {
        IGrouping<string, DistributionFit>[] groups = [.. result.Fits.GroupBy(f => f.Initial)];
        const int Columns = 2;
        int rows = (groups.Length + 1) / Columns;
        FigureSheet sheet = new(FigureStyle.TwoColumns, Math.Min(8 + (rows * height), 1000), rows, Columns);
        for (int k = 0; k < groups.Length; k++)
        {
            FigurePanel panel = sheet.Panel(k / Columns, k % Columns);
            panel.Heading = $"start: {FigureText.Short(groups[k].Key, 30)}";
            draw(panel, groups[k], k % Columns == 0);
        }

        return new ReportFigure(name, title, caption, sheet);
    }

    private static void Each(IEnumerable<DistributionFit> fits, DistributionResult result, Action<DistributionFit, Color, LegendSymbol> draw)
    {
        string[] geometries = [.. result.Options.Candidates.Select(c => c.Name)];
        foreach (DistributionFit fit in fits)
        {
            int g = System.Array.IndexOf(geometries, fit.Geometry);
            draw(fit, OkabeIto.Series[g % OkabeIto.Series.Count], Patterns[g % Patterns.Length]);
        }
    }
}
