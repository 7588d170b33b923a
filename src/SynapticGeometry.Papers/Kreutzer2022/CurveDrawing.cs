using System.Globalization;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Learning curves of several rules in one panel, as Figs 3, 9 and 12 draw them.</summary>
internal static class CurveDrawing
{
    /// <summary>Name of the table of a rule's curve.</summary>
    public static string Table(LearningRule rule, string suffix = "") => "curve_" + rule.ToString().ToLowerInvariant() + suffix;

    /// <summary>A quantity over time: its mean over trials, a band, and for D_KL the target and when it was reached.</summary>
    /// <param name="panel">The panel.</param>
    /// <param name="curves">The tables, by rule.</param>
    /// <param name="quantity">Column of the mean.</param>
    /// <param name="low">Column of the lower edge of the band; null for no band.</param>
    /// <param name="high">Column of the upper edge.</param>
    /// <param name="reached">When a table's target is reached, s; null for no target.</param>
    public static void Draw(
        FigurePanel panel, IReadOnlyList<(LearningRule Rule, FigureTable Table)> curves, string quantity, string? low, string? high, Func<FigureTable, double>? reached)
    {
        panel.Y.Scale = AxisScale.Log10;
        double end = curves.Max(c => c.Table["time"][^1]);
        foreach ((LearningRule rule, FigureTable table) in low is null ? [] : curves)
        {
            panel.Band(table["time"], Log(table[low!]), Log(table[high!]), LearningRules.Colors[(int)rule].WithAlpha(0.18));
        }

        double target = Math.Log10(Learning.Target);
        if (reached is not null)
        {
            panel.Line([0, end], [target, target], panel.Style.Quiet, pattern: LegendSymbol.Dashed, width: panel.Style.ThinWidth);
        }

        foreach ((LearningRule rule, FigureTable table) in curves)
        {
            double at = reached?.Invoke(table) ?? double.PositiveInfinity;
            panel.Line(table["time"], Log(table[quantity]), LearningRules.Colors[(int)rule], rule + (double.IsFinite(at) ? string.Create(CultureInfo.InvariantCulture, $", {at:0} s") : string.Empty));
            if (double.IsFinite(at))
            {
                panel.Markers([at], [target], LearningRules.Colors[(int)rule], open: true);
            }
        }

        double[] all = [.. curves.SelectMany(c => new[] { quantity, low, high }.OfType<string>().SelectMany(column => Log(c.Table[column])))];
        double bottom = Math.Min(all.Min(), reached is null ? double.PositiveInfinity : target), margin = 0.04 * (all.Max() - bottom);
        panel.Plot.Axes.SetLimits(0, end, bottom - margin, all.Max() + margin);
    }

    private static double[] Log(double[] values) => [.. values.Select(Math.Log10)];
}
