using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>The figures of a plan: power against the number of synapses, and synapses needed against the ratio of error to change.</summary>
public static class PowerFigures
{
    private const int Points = 200;

    // The closed form is for large samples; beyond the allowance it needs about so many.
    private const double FewestDrawn = 10;

    /// <summary>Draws both.</summary>
    /// <param name="analysis">The plan.</param>
    public static IReadOnlyList<ReportFigure> Draw(PowerAnalysis analysis) => [PowerCurve(analysis), SynapsesNeeded(analysis)];

    /// <summary>Power against the number of synapses, a curve for each error: the closed form with its corrections, simulations with their error bars.</summary>
    /// <param name="analysis">The plan.</param>
    public static ReportFigure PowerCurve(PowerAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        PowerOptions options = analysis.Options;
        PowerFormula plan = options.Experiment;
        double[] factors = plan.Error > 0 ? [.. options.ErrorFactors.Append(1).Distinct().Order()] : [1];
        double most = Math.Max(factors.Max(f => (plan with { Error = f * plan.Error }).PlannedSynapses), analysis.Simulation.Select(p => (double)p.Estimate.Synapses).DefaultIfEmpty(1).Max());
        double low = Math.Log10(10), high = Math.Log10(2 * most);
        double[] xs = [.. Enumerable.Range(0, Points + 1).Select(i => low + ((high - low) * i / Points))];
        FigureSheet sheet = new(FigureStyle.OneColumn, 78);
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label("synapses, log scale", $"probability of rejecting exponent {Short(plan.Alternative)}");
        panel.X.Scale = AxisScale.Log10;
        panel.Line([low, high], [plan.Power, plan.Power], panel.Style.Quiet, null, LegendSymbol.Dashed, panel.Style.ThinWidth);
        double planned = Math.Log10(plan.PlannedSynapses);
        panel.Line([planned, planned], [0, plan.Power], panel.Style.Quiet, null, LegendSymbol.Dotted, panel.Style.ThinWidth);
        for (int k = 0; k < factors.Length; k++)
        {
            Color color = OkabeIto.Series[k % OkabeIto.Series.Count];
            PowerFormula varied = plan with { Error = factors[k] * plan.Error };
            panel.Line(xs, [.. xs.Select(x => varied.EffectiveSynapses(Math.Pow(10, x)) is var n && n * varied.SizeFactor >= FewestDrawn ? varied.PowerAt(n) : double.NaN)], color, $"error {Short(100 * varied.Error)} %");
            PowerPoint[] simulated = [.. analysis.Simulation.Where(p => p.ErrorFactor == factors[k])];

            // Set apart a little, so that the bars of several errors do not cover one another.
            double shift = (k - ((factors.Length - 1) / 2.0)) * 0.012 * (high - low);
            double At(PowerPoint point) => Math.Log10(point.Estimate.Synapses) + shift;
            foreach (PowerPoint point in simulated)
            {
                double x = At(point), reach = 1.96 * point.Estimate.StandardError;
                panel.Line([x, x], [Math.Max(0, point.Estimate.Power - reach), Math.Min(1, point.Estimate.Power + reach)], color, null, LegendSymbol.Line, panel.Style.ThinWidth);
            }

            panel.Markers([.. simulated.Select(At)], [.. simulated.Select(p => p.Estimate.Power)], color, size: 4);
        }

        panel.Plot.Axes.SetLimits(low, high, 0, 1.03);
        string points = analysis.Simulation.Count == 0
            ? string.Empty
            : $" Points: the share of {Numbers.Count(options.DataSets)} simulated data sets whose robust interval excludes it, with 95 % Monte-Carlo intervals; those of one number of synapses are set a little apart.";
        return new ReportFigure(
            "power",
            "Power against the number of synapses",
            $"Probability that exponent {Short(plan.Alternative)} is rejected where the truth is {Short(plan.Truth)}, for several errors of one measurement; changes of {Short(100 * plan.Change)} %, spread of log size "
            + $"{Short(plan.SizeSpread)}. Lines: closed form with its corrections.{points} Dashed: the wanted power; dotted: the number planned, {Numbers.Count((long)Math.Ceiling(plan.PlannedSynapses))}.",
            sheet);
    }

    /// <summary>Synapses needed against the ratio of error to change, for several spreads of size.</summary>
    /// <param name="analysis">The plan.</param>
    public static ReportFigure SynapsesNeeded(PowerAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        PowerFormula plan = analysis.Options.Experiment;
        double[] spreads = [.. analysis.Table.Select(r => r.SizeSpread).Distinct().Order()];
        double right = Math.Max(2, 1.15 * plan.ErrorToChange);
        double[] xs = [.. Enumerable.Range(0, Points + 1).Select(i => right * i / Points)];
        FigureSheet sheet = new(FigureStyle.OneColumn, 78);
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label("error of one measurement / change", "synapses needed, log scale");
        panel.Y.Scale = AxisScale.Log10;
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        for (int k = 0; k < spreads.Length; k++)
        {
            double[] ys = [.. xs.Select(x => Math.Log10((plan with { SizeSpread = spreads[k], Error = x * plan.Change }).PlannedSynapses))];
            (low, high) = (Math.Min(low, ys.Min()), Math.Max(high, ys.Max()));
            panel.Line(xs, ys, OkabeIto.Series[k], $"spread of log size {Short(spreads[k])}");
        }

        panel.Markers([plan.ErrorToChange], [Math.Log10(plan.PlannedSynapses)], panel.Style.Ink, "as planned");
        panel.Plot.Axes.SetLimits(0, right, low - 0.1, high + 0.1);
        return new ReportFigure(
            "synapses-needed",
            "Synapses needed against error and spread of sizes",
            $"Synapses that tell exponent {Short(plan.Truth)} from {Short(plan.Alternative)} with {Short(100 * plan.Power)} % power at the {Short(100 * plan.Level)} % level. "
            + "A longer interval between sessions moves to the left, better measurement too; a wider range of sizes moves down.",
            sheet);
    }

    /// <summary>A number in at most three decimals.</summary>
    internal static string Short(double value) => AxisTicks.Label(Math.Round(value, 3));
}
