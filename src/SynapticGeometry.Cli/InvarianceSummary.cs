using System.Globalization;
using System.Text;
using static SynapticGeometry.Cli.InferSummary;

namespace SynapticGeometry.Cli;

/// <summary>A check of invariance as a page of text for a terminal.</summary>
internal static class InvarianceSummary
{
    /// <summary>The text, ending in a line break.</summary>
    public static string Write(IReadOnlyList<InvarianceResult> results, string description)
    {
        var text = new StringBuilder();
        foreach (InvarianceResult r in results)
        {
            Paragraph(text, $"{r.Name} {r.Reason}", string.Empty);
        }

        text.Append('\n');
        Paragraph(text, $"Input: {description}.", string.Empty);
        text.Append('\n');
        Table(text,
        [
            ["  rule", "passes", "change", "power of f'", "step", "order", "learned", "rates"],
            .. results.Select(r => (string[])
            [
                "  " + r.Name, r.Passed ? "yes" : "no", Short(r.Disagreement), r.SlopeExponent is { } k ? (Math.Round(k, 2) + 0.0).ToString("0.##", CultureInfo.InvariantCulture) : "-", Short(r.OwnStep.Disagreement),
                r.OwnStep.Order is { } p ? p.ToString("0.00", CultureInfo.InvariantCulture) : "rounding", Short(r.Learning?.LearnedDifference), Short(r.Learning?.RateDifference),
            ]),
        ]);
        text.Append('\n');
        Paragraph(
            text,
            "Change, step: largest disagreement at the soma, relative to the largest change. Power of f': how the ratio of the changes goes with the ratio of the slopes. Order: how the disagreement of a finite step falls with the learning rate. "
            + "Learned, rates: after learning from the same spikes, relative to what was learned and to the highest rate.",
            string.Empty);
        foreach (InvarianceResult r in results.Where(r => r.LearningNote is not null || r.SilentStates > 0))
        {
            Paragraph(text, $"{r.Name}: {r.LearningNote}{(r.SilentStates > 0 ? $" {r.SilentStates} of {r.States} states were silent and left out." : string.Empty)}", string.Empty);
        }

        return text.ToString();
    }

    private static string Short(double? value) => value is { } v ? v.ToString(v != 0 && Math.Abs(v) < 0.001 ? "0.0e+0" : "0.###", CultureInfo.InvariantCulture) : "-";
}
