using System.Globalization;
using System.Text;

namespace SynapticGeometry.Cli;

/// <summary>The result of an inference as a page of text for a terminal.</summary>
internal static class InferSummary
{
    private const int Width = 100;

    /// <summary>The text, ending in a line break.</summary>
    public static string Write(InferenceResult result, string description)
    {
        var text = new StringBuilder();
        Paragraph(text, result.Verdict.Headline, string.Empty);
        Paragraph(text, result.Verdict.Estimate, string.Empty);
        text.Append('\n');
        Paragraph(text, "Data: " + description + ".", string.Empty);
        Paragraph(
            text,
            $"Used {result.Synapses.Used.ToString("N0", CultureInfo.InvariantCulture)} of {result.Synapses.Read.ToString("N0", CultureInfo.InvariantCulture)} pairs ({PairedWeights.Describe(result.Synapses.Excluded)}); "
            + $"spread of log size {Number(result.SizeSpread)}, typical change {Number(100 * result.TypicalChange)} %.",
            string.Empty);
        if (result.Layers is { } layers)
        {
            Layers(text, layers);
        }

        ExponentEstimate e = result.Exponent;
        text.Append('\n');
        text.Append($"{(result.Layers is null ? "Exponent      " : "All together  ")}{Number(e.Estimate)}   (0 multiplicative, 1 additive)\n");
        text.Append($"  likelihood  {Number(e.LikelihoodInterval.Low)} to {Number(e.LikelihoodInterval.High)}   SE {Number(e.StandardError)}\n");
        text.Append($"  robust      {Number(e.RobustInterval.Low)} to {Number(e.RobustInterval.High)}   SE {Number(e.RobustStandardError)}, over {e.IndependentUnits}\n");
        if (e.BootstrapInterval is { } b)
        {
            text.Append($"  bootstrap   {Number(b.Low)} to {Number(b.High)}   SE {Number(e.BootstrapStandardError!.Value)}, {e.BootstrapReplicates} replicates over {e.IndependentUnits}\n");
        }

        if (double.IsFinite(e.SlopeEstimate))
        {
            text.Append($"  slope       {Number(e.SlopeEstimate)}   SE {Number(e.SlopeStandardError)}, a cross-check\n");
        }

        Groups(text, result);
        text.Append('\n');
        string[][] rows =
        [
            [result.Layers is null ? "candidate" : "all together", "Delta-CDF", "centred", "log-likelihood", "Akaike weight", "LR p", "AD p"],
            .. result.Candidates.Select(c => new[]
            {
                (c.Geometry == result.ClosestOfAll ? "* " : "  ") + c.Geometry,
                c.DeltaCdf.ToString("F4", CultureInfo.InvariantCulture),
                c.DeltaCdfCentred.ToString("F4", CultureInfo.InvariantCulture),
                double.IsFinite(c.LogLikelihood) ? c.LogLikelihood.ToString("F2", CultureInfo.InvariantCulture) : "impossible",
                c.AkaikeWeight.ToString("F3", CultureInfo.InvariantCulture),
                c.LikelihoodRatioP is { } p ? P(p) : "-",
                P(c.AndersonDarling.P),
            }),
        ];
        Table(text, rows);
        text.Append('\n');
        foreach (string condition in result.Verdict.Conditions)
        {
            Paragraph(text, condition, "- ");
        }

        return text.ToString();
    }

    private static void Layers(StringBuilder text, LayerAnalysis layers)
    {
        MedianOfGroups m = layers.Median;
        text.Append('\n');
        text.Append($"Exponent      {Number(m.Value)}   (0 multiplicative, 1 additive)\n");
        text.Append($"  median      {Number(m.Interval.Low)} to {Number(m.Interval.High)}   of {m.Groups} layers\n\n");
        Table(text,
        [
            ["layer by layer", "likeliest in", "ahead", "behind", "sign test p", "Delta-CDF", "centred", "log-likelihood"],
            .. layers.Candidates.Select(c => new[]
            {
                (c.Geometry == layers.Closest ? "* " : "  ") + c.Geometry,
                c.ClosestIn.ToString(CultureInfo.InvariantCulture),
                c.Geometry == layers.Closest ? "-" : c.Ahead.ToString(CultureInfo.InvariantCulture),
                c.Geometry == layers.Closest ? "-" : c.Behind.ToString(CultureInfo.InvariantCulture),
                c.Geometry == layers.Closest ? "-" : P(c.P),
                c.DeltaCdf.ToString("F4", CultureInfo.InvariantCulture),
                c.DeltaCdfCentred.ToString("F4", CultureInfo.InvariantCulture),
                double.IsFinite(c.LogLikelihood) ? c.LogLikelihood.ToString("F2", CultureInfo.InvariantCulture) : "impossible",
            }),
        ]);
    }

    private static void Groups(StringBuilder text, InferenceResult result)
    {
        if (result.Meta?.RandomEffects is { } r)
        {
            text.Append($"  groups      {Number(r.Interval.Low)} to {Number(r.Interval.High)}   mean {Number(r.Mean)} of {r.Groups} groups, SD between groups {Number(r.Heterogeneity)} "
                + $"({Number(r.HeterogeneityInterval.Low)} to {Number(r.HeterogeneityInterval.High)})");
            text.Append(r.PredictionInterval is { } p ? $", new group {Number(p.Low)} to {Number(p.High)}\n" : "\n");
        }

        if (result.Layers is null && result.Meta?.Median is { } m)
        {
            text.Append($"  median      {Number(m.Interval.Low)} to {Number(m.Interval.High)}   median {Number(m.Value)} of {m.Groups} groups\n");
        }

        if (result.Meta?.OneStage is { } o)
        {
            text.Append($"  one stage   {Number(o.Interval.Low)} to {Number(o.Interval.High)}   mean {Number(o.Mean)} of {o.Groups} groups, SD between groups {Number(o.Heterogeneity)} "
                + $"({Number(o.HeterogeneityInterval.Low)} to {Number(o.HeterogeneityInterval.High)})\n");
        }
    }

    internal static void Table(StringBuilder text, string[][] rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        foreach (string[] row in rows)
        {
            string line = string.Join("  ", row.Select((cell, c) => c == 0 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c])));
            text.Append(line.TrimEnd()).Append('\n');
        }
    }

    internal static void Paragraph(StringBuilder text, string content, string bullet)
    {
        string indent = new(' ', bullet.Length);
        var line = new StringBuilder(bullet);
        foreach (string word in content.Split(' '))
        {
            if (line.Length + word.Length + 1 > Width && line.Length > indent.Length)
            {
                text.Append(line.ToString().TrimEnd()).Append('\n');
                line.Clear().Append(indent);
            }

            line.Append(word).Append(' ');
        }

        text.Append(line.ToString().TrimEnd()).Append('\n');
    }

    internal static string P(double p) => p < 0.001 ? "<0.001" : p.ToString("F3", CultureInfo.InvariantCulture);

    internal static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "inf" : double.IsNegativeInfinity(value) ? "-inf"
        : Math.Abs(value) is >= 0.1 or 0 ? value.ToString("0.###", CultureInfo.InvariantCulture) : value.ToString("G3", CultureInfo.InvariantCulture);
}
