using System.Globalization;
using System.Text;

namespace SynapticGeometry.Reporting;

/// <summary>Tables as comma-separated values with round-trip precision, names of columns as in result.json.</summary>
internal static class CsvTable
{
    /// <summary>Every table of a result that has a row, with the name of its file.</summary>
    public static IEnumerable<(string File, string Text)> All(InferenceResult result)
    {
        yield return ("candidates.csv", Candidates(result.Candidates));
        if (result.Measurement is { Curve.Count: > 0 } curve)
        {
            yield return ("error-curve.csv", Write(
                curve.Curve,
                ("error", p => Text(p.Error)),
                ("estimate", p => Text(p.Estimate)),
                ("robust_ci95_low", p => Text(p.Interval.Low)),
                ("robust_ci95_high", p => Text(p.Interval.High)),
                ("change", p => Text(p.Change))));
        }

        if (result.Measurement is { Sensitivity.Count: > 0 } sensitivity)
        {
            yield return ("sensitivity.csv", Write(
                sensitivity.Sensitivity,
                ("kind", r => r.Kind),
                ("label", r => r.Label),
                ("factor", r => Text(r.Factor)),
                ("synapses", r => Text(r.Synapses)),
                ("estimate", r => Text(r.Estimate)),
                ("robust_ci95_low", r => Text(r.Interval?.Low)),
                ("robust_ci95_high", r => Text(r.Interval?.High)),
                ("note", r => r.Note)));
        }

        if (result.Intervals.Count > 0)
        {
            yield return ("intervals.csv", Write(
                result.Intervals,
                ("interval", i => Text(i.Interval)),
                ("session_pairs", i => Text(i.SessionPairs)),
                ("synapses", i => Text(i.Synapses)),
                ("estimate", i => Text(i.Estimate)),
                ("robust_ci95_low", i => Text(i.RobustInterval?.Low)),
                ("robust_ci95_high", i => Text(i.RobustInterval?.High)),
                ("change", i => Text(i.Change)),
                ("note", i => i.Note)));
        }

        if (result.Groups.Count > 0)
        {
            yield return ("groups.csv", Write(
                result.Groups,
                ("group", g => g.Name),
                ("synapses", g => Text(g.Synapses)),
                ("estimate", g => Text(g.Estimate)),
                ("robust_se", g => Text(g.RobustStandardError)),
                ("robust_ci95_low", g => Text(g.RobustInterval?.Low)),
                ("robust_ci95_high", g => Text(g.RobustInterval?.High)),
                ("closest", g => g.Closest ?? string.Empty),
                ("note", g => g.Note)));
        }
    }

    /// <summary>The candidates.</summary>
    public static string Candidates(IReadOnlyList<CandidateResult> candidates) => Write(
        candidates,
        ("geometry", c => c.Geometry),
        ("exponent", c => Text(c.Exponent)),
        ("delta_cdf", c => Text(c.DeltaCdf)),
        ("delta_cdf_centred", c => Text(c.DeltaCdfCentred)),
        ("wasserstein1", c => Text(c.Wasserstein1)),
        ("wasserstein1_centred", c => Text(c.Wasserstein1Centred)),
        ("residual_wasserstein1", c => Text(c.ResidualWasserstein1.Statistic)),
        ("residual_wasserstein1_p", c => Text(c.ResidualWasserstein1.P)),
        ("anderson_darling", c => Text(c.AndersonDarling.Statistic)),
        ("anderson_darling_p", c => Text(c.AndersonDarling.P)),
        ("cramer_von_mises", c => Text(c.CramerVonMises.Statistic)),
        ("cramer_von_mises_p", c => Text(c.CramerVonMises.P)),
        ("log_likelihood", c => Text(c.LogLikelihood)),
        ("akaike_weight", c => Text(c.AkaikeWeight)),
        ("likelihood_ratio", c => Text(c.LikelihoodRatio)),
        ("likelihood_ratio_p", c => Text(c.LikelihoodRatioP)),
        ("change_magnitude", c => Text(c.ChangeMagnitude)));

    private static string Write<T>(IReadOnlyList<T> rows, params (string Name, Func<T, string> Cell)[] columns)
    {
        StringBuilder csv = new();
        csv.AppendJoin(',', columns.Select(c => c.Name)).Append('\n');
        foreach (T row in rows)
        {
            csv.AppendJoin(',', columns.Select(c => Quote(c.Cell(row)))).Append('\n');
        }

        return csv.ToString();
    }

    /// <summary>A number; empty where there is none. Pandas and R read the spellings of infinity.</summary>
    public static string Text(double? value) => value switch
    {
        null => string.Empty,
        double.NaN => "nan",
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        { } v => v.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A text, in quotes where a comma, a quote or a line break would end the cell.</summary>
    public static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
