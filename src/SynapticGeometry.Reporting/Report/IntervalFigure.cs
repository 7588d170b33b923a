namespace SynapticGeometry.Reporting;

/// <summary>The exponent, and the spread of the change, against the interval between sessions.</summary>
internal static class IntervalFigure
{
    /// <summary>Name of the figure's files.</summary>
    public const string Name = "intervals";

    /// <summary>The figure; null with fewer than two intervals that have an estimate.</summary>
    public static ReportFigure? Draw(InferenceResult result)
    {
        IntervalEstimate[] drawn = [.. result.Intervals.Where(i => i.Estimate is not null).OrderBy(i => i.Interval)];
        if (drawn.Length < 2)
        {
            return null;
        }

        double[] times = [.. drawn.Select(i => i.Interval)], estimates = [.. drawn.Select(i => i.Estimate!.Value)];
        ExponentEstimate main = result.Exponent;
        (double bottom, double top) = ExponentAxis.Limits(estimates.Append(main.Estimate), drawn.Select(i => i.RobustInterval), []);
        double reach = times[^1] + (0.06 * (times[^1] - times[0])), from = Math.Max(0, times[0] - (0.3 * (times[^1] - times[0])));
        FigureSheet sheet = new(FigureStyle.TwoColumns, 66, 1, 2);
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label("interval between sessions (unit of input)", "exponent λ");
        panel.Plot.Axes.SetLimits(from, reach, bottom, top);
        double low = Math.Clamp(main.RobustInterval.Low, bottom, top), high = Math.Clamp(main.RobustInterval.High, bottom, top);
        panel.Band([from, reach], [low, low], [high, high], OkabeIto.SkyBlue.WithAlpha(0.3), "main analysis: 95 % robust interval");
        panel.Line([from, reach], [main.Estimate, main.Estimate], OkabeIto.Vermilion, "its λ̂");
        ExponentAxis.MarkVertical(panel, from, reach, bottom, top);
        foreach (IntervalEstimate i in drawn)
        {
            if (i.RobustInterval is { } interval)
            {
                panel.Line([i.Interval, i.Interval], [Math.Max(bottom, interval.Low), Math.Min(top, interval.High)], OkabeIto.Blue);
            }
        }

        panel.Markers(times, estimates, OkabeIto.Blue, "pairs of sessions so far apart");

        IntervalEstimate[] changed = [.. drawn.Where(i => i.Change is > 0 && i.Interval > 0 && double.IsFinite(i.Change.Value))];
        FigurePanel spread = sheet.Panel(0, 1);
        spread.Label("interval between sessions (unit of input), log scale", "spread of change c (%), log scale");
        spread.X.Scale = AxisScale.Log10;
        spread.Y.Scale = AxisScale.Log10;
        if (changed.Length > 0)
        {
            double[] x = [.. changed.Select(i => Math.Log10(i.Interval))], c = [.. changed.Select(i => Math.Log10(100 * i.Change!.Value))];
            double level = x.Zip(c, (a, b) => b - (0.5 * a)).Average();
            double margin = Math.Max(0.04, 0.08 * (x[^1] - x[0])), left = x[0] - margin, right = x[^1] + margin;
            double[] line = [level + (0.5 * left), level + (0.5 * right)];
            spread.Plot.Axes.SetLimits(left, right, c.Concat(line).Min() - 0.08, c.Concat(line).Max() + 0.08);
            spread.Line([left, right], line, spread.Style.Quiet, "slope ½: a random walk", LegendSymbol.Dashed, spread.Style.ThinWidth * 1.6f);
            spread.Line(x, c, OkabeIto.Green.WithAlpha(0.5), width: spread.Style.ThinWidth);
            spread.Markers(x, c, OkabeIto.Green, "c, for a synapse of middle size");
        }

        string error = result.Measurement is not { } m || m.Source is ErrorSource.Unknown
            ? " The error of measurement is not known and is part of c: it flattens B at short intervals and pulls A towards 0 there."
            : m.Error.IsNone ? string.Empty : " The error of measurement is taken out of both.";
        string missing = result.Intervals.Count > drawn.Length ? $" Not drawn: {Numbers.Count(result.Intervals.Count - drawn.Length, "interval", "intervals")} without an estimate." : string.Empty;
        string cut = drawn.Any(i => i.RobustInterval is { } v && (v.Low < bottom || v.High > top)) ? " Bars that touch the frame reach beyond it." : string.Empty;
        return new ReportFigure(
            Name,
            "The exponent by the interval between sessions",
            "A, the exponent from all pairs of sessions so far apart, with its 95 % robust interval; shaded: the main analysis. B, the spread of the relative change of a synapse of "
            + "middle size; changes that add up like a random walk follow the dashed line of slope one half, those that revert to a mean size stay below it at long intervals. "
            + $"Pairs of different intervals share sessions, so the points are not independent.{error}{missing}{cut}",
            sheet);
    }
}
