using System.Globalization;
using System.Text;
using static SynapticGeometry.Cli.InferSummary;

namespace SynapticGeometry.Cli;

/// <summary>A plan as a page of text for a terminal.</summary>
internal static class PowerSummary
{
    /// <summary>The text, ending in a line break.</summary>
    public static string Write(PowerAnalysis analysis, string description)
    {
        PowerOptions options = analysis.Options;
        PowerFormula plan = options.Experiment;
        var text = new StringBuilder();
        Paragraph(text, analysis.Verdict, string.Empty);
        text.Append('\n');
        Paragraph(text, $"Input: {description}.", string.Empty);
        Paragraph(
            text,
            $"Spread of log size {Number(plan.SizeSpread)}, change {Percent(plan.Change)}, error of a measurement {Percent(plan.Error)}, kurtosis of the changes {Number(plan.Kurtosis)}; reliability of a change {Number(plan.Reliability)}.",
            string.Empty);
        text.Append("\nSynapses needed by spread of log size (S) and ratio of error to change; * as planned\n\n");
        Table(text,
        [
            ["  S", "error/change", .. analysis.Questions.Select(q => $"{Number(q.Truth)} from {Number(q.Alternative)}")],
            .. analysis.Table.Select(r => (string[])[(r.Planned ? "* " : "  ") + Number(r.SizeSpread), Number(r.ErrorToChange), .. r.Experiments.Select(e => Count(e.PlannedSynapses))]),
        ]);
        text.Append($"\nTelling {Number(plan.Truth)} from {Number(plan.Alternative)}: what would change the number\n\n");
        Table(text,
        [
            ["  variation", "change", "error/change", "synapses"],
            .. analysis.Levers.Select(l => Row(l.Name, l.Experiment)),
            .. analysis.Intervals.Where(i => i.Interval != options.Interval).Select(i => Row($"interval {Number(i.Interval)} instead of {Number(options.Interval)}", i.Experiment)),
        ]);
        if (analysis.Simulation.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nSimulation, {options.DataSets} data sets each: share that rejects {Number(plan.Alternative)} (power) and {Number(plan.Truth)}, the truth\n\n");
            Table(text,
            [
                ["  error", "synapses", "power", "+- SE", "by formula", "truth rejected", "half-width", "mean exponent"],
                .. analysis.Simulation.Select(p => (string[])
                [
                    "  " + Percent(p.ErrorFactor * plan.Error), Count(p.Estimate.Synapses), Fixed(p.Estimate.Power), Fixed(p.Estimate.StandardError), Fixed(p.Expected), Fixed(p.Estimate.FalseAlarmRate),
                    Fixed(p.Estimate.MedianHalfWidth), Fixed(p.Estimate.MeanExponent),
                ]),
            ]);
        }

        text.Append('\n');
        foreach (string remark in analysis.Remarks)
        {
            Paragraph(text, remark, "- ");
        }

        return text.ToString();
    }

    private static string[] Row(string name, PowerFormula experiment) =>
        ["  " + name, Percent(experiment.Change), Number(experiment.ErrorToChange), Count(experiment.PlannedSynapses)];

    private static string Fixed(double value) => double.IsNaN(value) ? "-" : value.ToString("F3", CultureInfo.InvariantCulture);

    private static string Percent(double share) => $"{(100 * share).ToString("G3", CultureInfo.InvariantCulture)} %";

    private static string Count(double value) => Math.Ceiling(value - 1e-9).ToString("N0", CultureInfo.InvariantCulture);
}
