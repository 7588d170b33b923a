using System.Globalization;
using System.Text;

namespace SynapticGeometry.Reporting;

/// <summary>The candidates as comma-separated values, names of columns as in result.json.</summary>
internal static class CandidateTable
{
    private static readonly (string Name, Func<CandidateResult, double?> Value)[] Columns =
    [
        ("exponent", c => c.Exponent),
        ("delta_cdf", c => c.DeltaCdf),
        ("delta_cdf_centred", c => c.DeltaCdfCentred),
        ("wasserstein1", c => c.Wasserstein1),
        ("wasserstein1_centred", c => c.Wasserstein1Centred),
        ("residual_wasserstein1", c => c.ResidualWasserstein1.Statistic),
        ("residual_wasserstein1_p", c => c.ResidualWasserstein1.P),
        ("anderson_darling", c => c.AndersonDarling.Statistic),
        ("anderson_darling_p", c => c.AndersonDarling.P),
        ("cramer_von_mises", c => c.CramerVonMises.Statistic),
        ("cramer_von_mises_p", c => c.CramerVonMises.P),
        ("log_likelihood", c => c.LogLikelihood),
        ("akaike_weight", c => c.AkaikeWeight),
        ("likelihood_ratio", c => c.LikelihoodRatio),
        ("likelihood_ratio_p", c => c.LikelihoodRatioP),
        ("change_magnitude", c => c.ChangeMagnitude),
    ];

    public static string Csv(IEnumerable<CandidateResult> candidates)
    {
        StringBuilder csv = new();
        csv.Append("geometry,").AppendJoin(',', Columns.Select(c => c.Name)).Append('\n');
        foreach (CandidateResult candidate in candidates)
        {
            csv.Append(Quote(candidate.Geometry)).Append(',').AppendJoin(',', Columns.Select(c => Text(c.Value(candidate)))).Append('\n');
        }

        return csv.ToString();
    }

    // Empty where there is no number; pandas and R read the spellings of infinity.
    internal static string Text(double? value) => value switch
    {
        null => string.Empty,
        double.NaN => "nan",
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        { } v => v.ToString("R", CultureInfo.InvariantCulture),
    };

    internal static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
