using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>The forest plot: the exponent of every group with its interval, the mean over groups, and what a new group is expected to be.</summary>
internal static class ForestPlot
{
    // Up to this number every group has its name; with more, groups are sorted and every few are named.
    private const int AllNamed = 60;
    private const int MostDrawn = 300;
    private const double RowMillimetres = 3.6, NarrowRowMillimetres = 2.9, TallestMillimetres = 205;
    private const int NameLength = 28;

    /// <summary>The figure; null with fewer than two groups that have an estimate.</summary>
    public static ReportFigure? Draw(InferenceResult result)
    {
        (GroupEstimate Group, double? Weight)[] all = [.. WithWeights(result)];
        if (all.Length < 2)
        {
            return null;
        }

        bool sorted = all.Length > AllNamed;
        if (sorted)
        {
            all = [.. all.OrderBy(g => g.Group.Estimate)];
        }

        (GroupEstimate Group, double? Weight)[] drawn = all.Length <= MostDrawn ? all : [.. Enumerable.Range(0, MostDrawn).Select(i => all[(int)((long)i * all.Length / MostDrawn)])];
        int n = drawn.Length;
        RandomEffects? effects = result.Meta?.RandomEffects;
        OneStageEstimate? oneStage = result.Meta?.OneStage;
        List<(string Name, double At, Interval Interval, Interval? Prediction)> summaries = [];
        if (result.Layers is { Median: var median })
        {
            summaries.Add(("median of layers", median.Value, median.Interval, null));
        }

        if (effects is not null)
        {
            summaries.Add(("mean (REML)", effects.Mean, effects.Interval, effects.PredictionInterval));
        }

        if (oneStage is not null)
        {
            summaries.Add(("mean (one stage)", oneStage.Mean, oneStage.Interval, null));
        }

        // Rows count down from the top. However low the rows of groups, those of the summaries are of full height: so many rows of groups.
        int lines = summaries.Sum(s => s.Prediction is null ? 1 : 2);
        double below = lines == 0 ? 0 : (lines * NarrowRowMillimetres) + 3;
        double row = Math.Min(n <= 30 ? RowMillimetres : NarrowRowMillimetres, (TallestMillimetres - 25 - below) / n);
        double unit = NarrowRowMillimetres / row, bottom = -below / row;
        FigureSheet sheet = new(n <= 30 ? 110 : 140, Math.Max(45, 25 + below + (row * n)));
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label("exponent λ", string.Empty);

        (double left, double right) = ExponentAxis.Limits(
            drawn.Select(g => g.Group.Estimate!.Value),
            drawn.Select(g => g.Group.RobustInterval),
            summaries.SelectMany(s => new[] { s.Interval.Low, s.Interval.High, s.Prediction?.Low ?? s.At, s.Prediction?.High ?? s.At }));
        panel.Plot.Axes.SetLimits(left, right, bottom, n);
        ExponentAxis.Mark(panel, left, right, bottom, n);
        int every = Math.Max(1, (int)Math.Ceiling(2.6 / row));
        List<AxisTick> names = [];
        float rowPoints = (float)(row * FigureStyle.PointsPerMillimetre);
        for (int i = 0; i < n; i++)
        {
            (GroupEstimate group, double? weight) = drawn[i];
            double y = n - 1 - i + 0.5;
            if (i % every == 0)
            {
                names.Add(new AxisTick(y, sorted ? FigureText.Short(group.Name, NameLength) : $"{FigureText.Short(group.Name, NameLength)} ({Numbers.Count(group.Synapses)})"));
            }

            Interval interval = group.RobustInterval ?? new Interval(double.NegativeInfinity, double.PositiveInfinity);
            panel.Line([Math.Max(left, interval.Low), Math.Min(right, interval.High)], [y, y], sorted ? OkabeIto.SkyBlue : OkabeIto.Blue, width: Math.Min(0.9f, 0.4f * rowPoints));
            float size = weight is { } w ? (float)Math.Clamp(Math.Sqrt(w * n) * 0.55 * Math.Min(rowPoints, 9), Math.Min(1.5, rowPoints), Math.Min(1.1 * rowPoints, 9)) : Math.Min(3, rowPoints);
            Square(panel, group.Estimate!.Value, y, size, weight is null);
        }

        if (result.Layers is { Median: var middle })
        {
            panel.Notes.Add($"median of layers {Numbers.Fixed(middle.Value, 3)}, 95 % {Numbers.Interval(middle.Interval, 3)}");
        }

        Heterogeneity(panel, effects, oneStage);
        double at = -(1 / row) - (0.5 * unit);
        foreach ((string name, double centre, Interval interval, Interval? prediction) in summaries)
        {
            names.Add(new AxisTick(at, name));
            Diamond(panel, centre, interval, at, 0.42 * unit, left, right);
            at -= unit;
            if (prediction is { } p)
            {
                names.Add(new AxisTick(at, "new group"));
                panel.Line([Math.Max(left, p.Low), Math.Min(right, p.High)], [at, at], OkabeIto.Vermilion, width: 2.2f);
                at -= unit;
            }
        }

        if (summaries.Count > 0)
        {
            panel.Line([left, right], [0, 0], panel.Style.Quiet, width: panel.Style.ThinWidth);
        }

        panel.Y.Ticks = names;
        string order = sorted ? $" Groups are sorted by their estimate; {(every > 1 ? $"every {every}{(every is 2 ? "nd" : every is 3 ? "rd" : "th")} is named" : "all are named")}." : " In brackets: number of synapses.";
        string part = all.Length > n ? $" Drawn: {n} of {Numbers.Count(all.Length)} groups, evenly spaced in the order of their estimates." : string.Empty;
        string missing = result.Groups.Count > all.Length ? $" Not drawn: {Numbers.Count(result.Groups.Count - all.Length, "group", "groups")} without an estimate." : string.Empty;
        string open = drawn.Any(g => g.Weight is null) && effects is not null ? " Open squares: no standard error, not in the mean." : string.Empty;
        string cut = drawn.Any(g => g.Group.RobustInterval is { } i && (i.Low < left || i.High > right)) ? " Intervals that touch the frame reach beyond it." : string.Empty;
        string mean = effects is null
            ? string.Empty
            : (result.Layers is null ? string.Empty : " Upper diamond: median with its 95 % interval, the answer.")
            + $" {(result.Layers is null ? "Diamond" : "Lower diamond")}: mean over groups with its 95 % Hartung-Knapp interval; bar below: 95 % prediction interval of a new group. The larger a square, the more its group weighs in the mean.";
        return new ReportFigure(
            "forest-plot",
            "The exponent of every group",
            $"Exponent of {Numbers.Count(all.Length, "group", "groups")} with 95 % robust intervals, each estimated from its own synapses.{mean}{(oneStage is null ? string.Empty : " The one-stage mean also counts groups too small for an estimate of their own.")}{order}{part}{missing}{open}{cut}",
            sheet);
    }

    // The weight is null for a group that is not in the mean, or where there is none.
    private static IEnumerable<(GroupEstimate Group, double? Weight)> WithWeights(InferenceResult result)
    {
        HashSet<string> used = [.. result.Meta?.GroupsUsed ?? []];
        IReadOnlyList<double>? weights = result.Meta?.RandomEffects?.Weights;
        int next = 0;
        foreach (GroupEstimate group in result.Groups.Where(g => g.Estimate is not null))
        {
            double? weight = used.Contains(group.Name) && weights is not null ? weights[next++] : null;
            yield return (group, weight ?? (weights is null ? 1.0 / result.Groups.Count : null));
        }
    }

    private static void Heterogeneity(FigurePanel panel, RandomEffects? effects, OneStageEstimate? oneStage)
    {
        if (effects is not null)
        {
            panel.Notes.Add($"mean (REML) {Numbers.Fixed(effects.Mean, 2)}, 95 % {Numbers.Interval(effects.Interval, 2)}");
            panel.Notes.Add($"SD between groups {Numbers.Fixed(effects.Heterogeneity, 2)}, 95 % {Numbers.Interval(effects.HeterogeneityInterval, 2)}");
        }

        if (oneStage is not null)
        {
            panel.Notes.Add($"one stage: mean {Numbers.Fixed(oneStage.Mean, 2)}, 95 % {Numbers.Interval(oneStage.Interval, 2)}; SD between groups {Numbers.Fixed(oneStage.Heterogeneity, 2)}, 95 % {Numbers.Interval(oneStage.HeterogeneityInterval, 2)}");
        }
    }

    private static void Square(FigurePanel panel, double x, double y, float size, bool open)
    {
        var square = panel.Plot.Add.ScatterPoints(new[] { x }, new[] { y }, OkabeIto.Blue);
        square.MarkerSize = size;
        square.MarkerShape = open ? MarkerShape.OpenSquare : MarkerShape.FilledSquare;
        square.MarkerLineColor = OkabeIto.Blue;
        square.MarkerLineWidth = open ? 0.7f : 0;
    }

    private static void Diamond(FigurePanel panel, double at, Interval interval, double y, double half, double left, double right)
    {
        double low = Math.Max(left, interval.Low), high = Math.Min(right, interval.High);
        var shape = panel.Plot.Add.Polygon(new Coordinates[] { new(low, y), new(at, y + half), new(high, y), new(at, y - half) });
        shape.FillColor = OkabeIto.Vermilion;
        shape.LineColor = OkabeIto.Vermilion;
        shape.LineWidth = 0.6f;
        shape.MarkerSize = 0;
    }
}
