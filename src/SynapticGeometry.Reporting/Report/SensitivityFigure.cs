using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>The exponent under other assumptions, one row each, grouped by what is assumed, beside the estimate of the analysis.</summary>
internal static class SensitivityFigure
{
    /// <summary>Name of the figure's files.</summary>
    public const string Name = "sensitivity";

    private const double RowMillimetres = 4, LowestRowMillimetres = 1.4, NameMillimetres = 2.6, TallestMillimetres = 205, OtherMillimetres = 24;
    private const int NamedGroups = 30;
    private const int NameLength = 34;

    /// <summary>The kinds in the order in which they are shown, with their names.</summary>
    public static IReadOnlyList<(string Kind, string Name, Color Color)> Kinds { get; } =
    [
        ("error", "error of measurement", OkabeIto.Blue),
        ("limit", "detection limit", OkabeIto.Green),
        ("tails", "tails", OkabeIto.Orange),
        ("drift", "drift", OkabeIto.Purple),
        ("group", "one group left out", OkabeIto.Black),
    ];

    /// <summary>Rows by kind; groups left out are sorted by their estimate where there are more than can be named.</summary>
    public static IReadOnlyList<SensitivityRow> Ordered(IReadOnlyList<SensitivityRow> rows)
    {
        SensitivityRow[] groups = [.. rows.Where(r => r.Kind == "group")];
        IEnumerable<SensitivityRow> last = groups.Length <= NamedGroups ? groups : groups.OrderBy(r => r.Estimate ?? double.PositiveInfinity);
        return [.. Kinds.SelectMany(k => k.Kind == "group" ? last : rows.Where(r => r.Kind == k.Kind))];
    }

    /// <summary>The figure; null where nothing else was tried, or nothing else gave an estimate.</summary>
    public static ReportFigure? Draw(InferenceResult result)
    {
        if (result.Measurement is not { } measurement || !measurement.Sensitivity.Any(r => r.Estimate is not null))
        {
            return null;
        }

        SensitivityRow[] all = [.. Ordered(measurement.Sensitivity)], rows = [.. all.Where(r => r.Estimate is not null)];
        int others = rows.Count(r => r.Kind != "group"), groups = rows.Length - others;
        double above = others + (0.6 * rows.Select(r => r.Kind).Distinct().Count());
        double highest = groups <= NamedGroups ? RowMillimetres : NameMillimetres;
        double groupRow = Math.Clamp((TallestMillimetres - OtherMillimetres - (RowMillimetres * above)) / Math.Max(1, groups), LowestRowMillimetres, highest) / RowMillimetres;
        double height = above + (groups * groupRow);
        FigureSheet sheet = new(120, OtherMillimetres + (RowMillimetres * height));
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label("exponent λ", string.Empty);
        ExponentEstimate main = result.Exponent;
        (double left, double right) = ExponentAxis.Limits(
            rows.Select(r => r.Estimate!.Value).Append(main.Estimate), rows.Select(r => r.Interval), [main.RobustInterval.Low, main.RobustInterval.High]);
        panel.Plot.Axes.SetLimits(left, right, 0, height);
        panel.Band(
            [Math.Clamp(main.RobustInterval.Low, left, right), Math.Clamp(main.RobustInterval.High, left, right)], [0, 0], [height, height], OkabeIto.SkyBlue.WithAlpha(0.3), "the analysis: 95 % robust interval");
        panel.Line([main.Estimate, main.Estimate], [0, height], OkabeIto.Vermilion, "λ̂ of the analysis");
        ExponentAxis.Mark(panel, left, right, 0, height);

        List<AxisTick> names = [];
        int every = Math.Max(1, (int)Math.Ceiling(NameMillimetres / (groupRow * RowMillimetres))), group = 0;
        double y = height;
        string kind = rows[0].Kind;
        foreach (SensitivityRow row in rows)
        {
            bool ofGroup = row.Kind == "group";
            double full = ofGroup ? groupRow : 1;
            if (row.Kind != kind)
            {
                // A gap with a thin line between kinds.
                y -= 0.3;
                panel.Line([left, right], [y, y], panel.Style.Quiet, width: panel.Style.ThinWidth);
                y -= 0.3;
                kind = row.Kind;
            }
            else if (y == height)
            {
                y -= 0.3;
            }

            double at = y - (full / 2);
            y -= full;
            if (!ofGroup || group++ % every == 0)
            {
                names.Add(new AxisTick(at, FigureText.Short(row.Label, NameLength)));
            }

            Color color = Kinds.First(k => k.Kind == row.Kind).Color;
            float points = (float)(full * RowMillimetres * FigureStyle.PointsPerMillimetre);
            if (row.Interval is { } i)
            {
                panel.Line([Math.Max(left, i.Low), Math.Min(right, i.High)], [at, at], color, width: Math.Min(0.9f, 0.3f * points));
            }

            panel.Markers([row.Estimate!.Value], [at], color, open: row.Interval is null, size: Math.Clamp(0.6f * points, 1.6f, 4));
        }

        panel.Y.Ticks = names;
        string sorted = groups > NamedGroups ? $" Analyses with one group left out are sorted by their estimate{(every > 1 ? $"; one in {every} is named" : string.Empty)}." : string.Empty;
        string open = rows.Any(r => r.Interval is null) ? " Open circles: no interval, because the estimate lies at the end of the range searched." : string.Empty;
        string missing = all.Length > rows.Length ? $" Not drawn: {Numbers.Count(all.Length - rows.Length, "analysis", "analyses")} without an estimate." : string.Empty;
        string cut = rows.Any(r => r.Interval is { } i && (i.Low < left || i.High > right)) ? " Intervals that touch the frame reach beyond it." : string.Empty;
        return new ReportFigure(
            Name,
            "The exponent under other assumptions",
            $"Exponent with its 95 % robust interval from {Numbers.Count(rows.Length, "analysis", "analyses")}, each with one assumption changed: {string.Join(", ", Kinds.Where(k => rows.Any(r => r.Kind == k.Kind)).Select(k => k.Name))}. "
            + $"Vermilion line and shaded band: estimate and interval of the analysis itself. An answer to rely on moves little.{sorted}{open}{missing}{cut}",
            sheet);
    }
}
