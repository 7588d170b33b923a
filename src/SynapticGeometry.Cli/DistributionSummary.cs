using System.Globalization;
using System.Text;
using static SynapticGeometry.Cli.InferSummary;

namespace SynapticGeometry.Cli;

/// <summary>The result of 'syngeo distribution' as a page of text for a terminal.</summary>
internal static class DistributionSummary
{
    /// <summary>The text, ending in a line break.</summary>
    public static string Write(DistributionResult result, string description)
    {
        var text = new StringBuilder();
        Paragraph(text, result.Verdict.Headline, string.Empty);
        text.Append('\n');
        foreach (string finding in result.Verdict.Findings)
        {
            Paragraph(text, finding, "- ");
        }

        text.Append('\n');
        SizeCounts counts = result.Sample.Counts;
        Paragraph(text, "Data: " + description + ".", string.Empty);
        Paragraph(
            text,
            $"Used {counts.Used.ToString("N0", CultureInfo.InvariantCulture)} of {counts.Read.ToString("N0", CultureInfo.InvariantCulture)} sizes ({PairedWeights.Describe(counts.Excluded)}); "
            + $"geometric mean {Number(Math.Exp(result.Sample.LogGeometricMean))}, spread of log size {Number(result.Sample.LogSpread)}, its skewness {Number(result.LogSkewness)}.",
            string.Empty);
        text.Append('\n');
        string[][] rows =
        [
            ["start", "geometry", "delta AICc", "parameters", "AD p", "Vuong p", "standing"],
            .. result.Fits.Select(f => new[]
            {
                (f.Name == result.Closest ? "* " : "  ") + f.Initial,
                f.Geometry,
                f.DeltaAicc.ToString("F1", CultureInfo.InvariantCulture),
                $"{f.Fit.Determined} of {f.Fit.Model.ParameterCount}",
                double.IsNaN(f.AndersonDarling.P) ? "-" : P(f.AndersonDarling.P),
                f.AgainstClosest is { } v ? P(v.P) : "-",
                f.Standing.ToString().ToLowerInvariant(),
            }),
        ];
        Table(text, rows);
        text.Append('\n');
        foreach (string limit in result.Verdict.Limits)
        {
            Paragraph(text, limit, "- ");
        }

        return text.ToString();
    }
}
