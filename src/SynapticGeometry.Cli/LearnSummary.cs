using System.Text;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Cli.InferSummary;
using static SynapticGeometry.Cli.NumberText;

namespace SynapticGeometry.Cli;

/// <summary>A learning study as a page of text for a terminal.</summary>
internal static class LearnSummary
{
    private const int MostRows = 12;

    /// <summary>The text, ending in a line break.</summary>
    public static string Write(LearningOutcome outcome)
    {
        var text = new StringBuilder();
        Paragraph(text, LearningWords.Verdict(outcome), string.Empty);
        text.Append('\n');
        Paragraph(text, $"Input: {outcome.Description}.", string.Empty);
        Paragraph(text, LearningWords.Rate(outcome), string.Empty);
        LearningCurve curve = outcome.Result.Curve;
        if (curve.Steps.Count > 0)
        {
            text.Append('\n');
            Table(text,
            [
                ["  time, s", "D_KL, mean", "least", "most", "rate error, Hz"],
                .. LearningWords.Rows(curve, MostRows).Select(i => (string[])
                [
                    "  " + Short(curve.Steps[i] * curve.TimeStep), Short(curve.MeanDivergence[i]),
                    Short(curve.Costs[i].Min(c => c.Divergence)), Short(curve.Costs[i].Max(c => c.Divergence)), Short(curve.MeanRateError[i]),
                ]),
            ]);
        }

        text.Append('\n');
        Paragraph(text, LearningWords.Speed(outcome), string.Empty);
        return text.ToString();
    }
}
