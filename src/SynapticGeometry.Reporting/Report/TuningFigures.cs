using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>The figure of tuned learning rates.</summary>
public static class TuningFigures
{
    /// <summary>Time to the target and remaining error against the learning rate, and the learning curves at the best rates.</summary>
    /// <param name="outcome">What was found.</param>
    public static IReadOnlyList<ReportFigure> Draw(TuningOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        FigureSheet sheet = new(FigureStyle.TwoColumns, 72, 1, 3);
        FigurePanel times = sheet.Panel(0, 0), residuals = sheet.Panel(0, 1), curves = sheet.Panel(0, 2);
        times.Label("learning rate, log scale", "time to target, s");
        residuals.Label("learning rate, log scale", "rate error at the end, Hz, log scale");
        curves.Label("time, s", "rate error, Hz, log scale");
        (times.X.Scale, residuals.X.Scale, residuals.Y.Scale, curves.Y.Scale) = (AxisScale.Log10, AxisScale.Log10, AxisScale.Log10, AxisScale.Log10);
        for (int k = 0; k < outcome.Rules.Count; k++)
        {
            TunedRule rule = outcome.Rules[k];
            Color color = OkabeIto.Series[k % OkabeIto.Series.Count];
            TriedLearningRate[] tried = [.. rule.Result.Tried.Where(t => !t.Diverged).OrderBy(t => t.LearningRate)];
            TriedLearningRate[] reached = [.. tried.Where(t => t.Time is not null)];
            times.Line(X(rule, reached), [.. reached.Select(t => t.Time!.Value)], color, null, LegendSymbol.Line, times.Style.ThinWidth);
            times.Markers(X(rule, reached), [.. reached.Select(t => t.Time!.Value)], color, rule.Rule, size: 3.5f);
            residuals.Line(X(rule, tried), [.. tried.Select(t => Math.Log10(t.Residual))], color, null, LegendSymbol.Line, residuals.Style.ThinWidth);
            residuals.Markers(X(rule, tried), [.. tried.Select(t => Math.Log10(t.Residual))], color, rule.Rule, size: 3.5f);
            if (rule.Result.Best.Time is { } best)
            {
                times.Markers([Math.Log10(rule.LearningRate)], [best], color, open: true, size: 8);
            }

            if (rule.Result.Check is { } check)
            {
                curves.Line([.. check.Steps.Select(s => s * check.TimeStep)], [.. check.MeanRateError.Select(Math.Log10)], color, rule.Rule);
            }
        }

        TriedLearningRate[] all = [.. outcome.Rules.SelectMany(r => r.Result.Tried).Where(t => !t.Diverged)];
        (double left, double right) = AxisRange.Around(outcome.Rules.SelectMany(r => X(r, [.. r.Result.Tried.Where(t => !t.Diverged)])));
        double target = Math.Log10(outcome.Rules[0].Search.Target), latest = all.Max(t => t.Time) ?? outcome.Duration;
        (double least, double most) = AxisRange.Around(all.Select(t => Math.Log10(t.Residual)).Append(target));
        (double bottom, double top) = AxisRange.Around(outcome.Rules.SelectMany(r => r.Result.Check?.MeanRateError ?? []).Where(e => e > 0).Select(Math.Log10).Append(target));
        residuals.Line([left, right], [target, target], residuals.Style.Quiet, "target", LegendSymbol.Dashed, residuals.Style.ThinWidth);
        curves.Line([0, outcome.Duration], [target, target], curves.Style.Quiet, "target", LegendSymbol.Dashed, curves.Style.ThinWidth);
        if (!all.Any(t => t.Time is not null))
        {
            times.Notes.Add($"No rate reached {Numbers.Significant(outcome.Rules[0].Search.Target, 2)} Hz.");
        }

        times.Plot.Axes.SetLimits(left, right, 0, 1.08 * latest);
        residuals.Plot.Axes.SetLimits(left, right, least, most);
        curves.Plot.Axes.SetLimits(0, outcome.Duration, bottom, top);
        int diverged = outcome.Rules.Sum(r => r.Result.Tried.Count(t => t.Diverged));
        return
        [
            new ReportFigure(
                "tuning",
                "Learning rates that were tried, and learning at the best of them",
                $"A: when the mean difference of rates reached {Numbers.Significant(outcome.Rules[0].Search.Target, 2)} Hz, for rates that reached it; circles mark the best of each rule. B: difference of rates over the last quarter of each run, which ends where the target is reached or another rate is twice as fast. C: learning at the best rate, with other weights and input."
                + (diverged > 0 ? $" {diverged} rates at which weights diverged are not drawn." : string.Empty),
                sheet),
        ];
    }

    private static double[] X(TunedRule rule, TriedLearningRate[] tried) => [.. tried.Select(t => Math.Log10(t.LearningRate * rule.Published))];
}
