using System.Text;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Cli.InferSummary;
using static SynapticGeometry.Cli.NumberText;

namespace SynapticGeometry.Cli;

/// <summary>Tuned learning rates as a page of text for a terminal.</summary>
internal static class TuneSummary
{
    /// <summary>The text, ending in a line break.</summary>
    public static string Write(TuningOutcome outcome, string description)
    {
        var text = new StringBuilder();
        foreach (string sentence in outcome.Sentences)
        {
            Paragraph(text, sentence, string.Empty);
        }

        text.Append('\n');
        Paragraph(text, $"Input: {description}.", string.Empty);
        Paragraph(text, outcome.Budget, string.Empty);
        if (outcome.Note is { } note)
        {
            Paragraph(text, note, string.Empty);
        }

        text.Append('\n');
        Table(text,
        [
            ["  rule", "learning rate", "time to target, s", "rate error at end, Hz", "simulated, s"],
            .. outcome.Rules.SelectMany(r => r.Result.Tried.Select(t => (string[])
            [
                "  " + r.Rule + (t == r.Result.Best ? " *" : string.Empty), Short(t.LearningRate * r.Published), t.Time is { } time ? Short(time) : "-", t.Diverged ? "diverged" : Short(t.Residual), Short(t.Duration),
            ])),
        ]);
        text.Append('\n');
        Paragraph(text, "*: the best of the rule.", string.Empty);
        return text.ToString();
    }
}
