namespace SynapticGeometry.Reporting;

/// <summary>The horizontal axis of figures that hold many estimates of the exponent: how far it reaches, and where the geometries with a name stand.</summary>
internal static class ExponentAxis
{
    private static readonly (double Place, string Name, LegendSymbol Pattern)[] Named =
        [(0, "0 multiplicative", LegendSymbol.Dashed), (0.5, "0.5", LegendSymbol.Dotted), (1, "1 additive", LegendSymbol.Dashed)];

    /// <summary>
    /// Wide intervals of a few estimates must not squeeze all others: the axis holds every estimate, the ends that must be seen and the middle nine tenths of the
    /// ends of the intervals.
    /// </summary>
    /// <param name="estimates">At least one.</param>
    /// <param name="intervals">Their intervals; those of no finite end count for nothing.</param>
    /// <param name="seen">Ends that must be seen.</param>
    public static (double Left, double Right) Limits(IEnumerable<double> estimates, IEnumerable<Interval?> intervals, IEnumerable<double> seen)
    {
        double[] centres = [.. estimates.Order()];
        double[] lows = [.. intervals.Select(i => i?.Low ?? double.NaN).Where(double.IsFinite).Order()];
        double[] highs = [.. intervals.Select(i => i?.High ?? double.NaN).Where(double.IsFinite).Order()];
        double[] ends = [.. seen.Where(double.IsFinite)];
        double left = ends.Concat(lows.Skip(lows.Length / 20).Take(1)).Append(centres[0]).Append(-0.1).Min();
        double right = ends.Concat(highs.SkipLast(highs.Length / 20).TakeLast(1)).Append(centres[^1]).Append(1.1).Max();
        (left, right) = (Math.Max(left, -4), Math.Min(right, 6));
        double margin = 0.03 * (right - left);
        return (left - margin, right + margin);
    }

    /// <summary>Marks multiplicative and additive change, and the middle between them, by vertical lines with names on top.</summary>
    public static void Mark(FigurePanel panel, double left, double right, double bottom, double top)
    {
        List<AxisTick> named = [];
        foreach ((double place, string name, LegendSymbol pattern) in Named)
        {
            if (place >= left && place <= right)
            {
                panel.Line([place, place], [bottom, top], panel.Style.Quiet, pattern: pattern, width: panel.Style.ThinWidth * 1.4f);
                named.Add(new AxisTick(place, name));
            }
        }

        panel.Top = named.Count == 0 ? null : new FigureAxis { Ticks = Apart(named, right - left) };
    }

    /// <summary>The same on a vertical axis, with names on the right.</summary>
    public static void MarkVertical(FigurePanel panel, double left, double right, double bottom, double top)
    {
        List<AxisTick> named = [];
        foreach ((double place, string name, LegendSymbol pattern) in Named)
        {
            if (place >= bottom && place <= top && place != 0.5)
            {
                panel.Line([left, right], [place, place], panel.Style.Quiet, pattern: pattern, width: panel.Style.ThinWidth * 1.4f);
                named.Add(new AxisTick(place, name));
            }
        }

        panel.Right = named.Count == 0 ? null : new FigureAxis { Ticks = named };
    }

    // Labels on a long axis would run into one another: then only the numbers stay.
    private static AxisTick[] Apart(List<AxisTick> ticks, double span) =>
        span < 3.2 ? [.. ticks] : [.. ticks.Where(t => t.Position is 0 or 1).Select(t => t with { Label = span < 5 ? t.Label : t.Position == 0 ? "mult." : "add." })];
}
