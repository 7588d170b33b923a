using System.Globalization;
using System.Text;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Cli.InferSummary;
using static SynapticGeometry.Cli.NumberText;

namespace SynapticGeometry.Cli;

/// <summary>Trained networks as a page of text for a terminal.</summary>
internal static class TrainSummary
{
    /// <summary>The text, ending in a line break.</summary>
    public static string Write(TrainingOutcome outcome, string description)
    {
        var text = new StringBuilder();
        Paragraph(text, outcome.Headline, string.Empty);
        foreach (string sentence in outcome.Sentences.Concat(outcome.DaleSentences).Concat(outcome.Warnings.Select(w => "Warning: " + w)))
        {
            Paragraph(text, sentence, string.Empty);
        }

        text.Append('\n');
        Paragraph(text, $"Input: {description}.", string.Empty);
        text.Append('\n');
        Table(text,
        [
            ["  potential", "network", "learning rate", "passes", "loss", "accuracy", "signs changed", "exponent", "95 % interval"],
            .. outcome.Networks.Select(n => (string[])
            [
                "  " + n.Potential.Name, n.Number.ToString(CultureInfo.InvariantCulture), Short(n.LearningRate), n.Epochs.ToString(CultureInfo.InvariantCulture), Short(n.Loss),
                double.IsNaN(n.Accuracy) ? "-" : FormattableString.Invariant($"{100 * n.Accuracy:f1} %"), n.SignChanges.ToString(CultureInfo.InvariantCulture),
                n.Told is { } t ? FormattableString.Invariant($"{t.Estimate:f3}") : "-",
                n.Told is { } i ? FormattableString.Invariant($"{i.Interval.Low:f3} to {i.Interval.High:f3}") : "-",
            ]),
        ]);
        return text.ToString();
    }
}
