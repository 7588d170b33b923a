using System.Text;

namespace SynapticGeometry.Reporting;

/// <summary>The report on sizes at one time point: one self-contained page, the figures and the table of fits.</summary>
public static class DistributionReport
{
    private static readonly (string Name, Func<DistributionFit, double?> Value)[] Columns =
    [
        ("exponent", f => f.Fit.Model.Potential.Exponent),
        ("log_likelihood", f => f.LogLikelihood),
        ("parameter_count", f => f.Fit.Model.ParameterCount),
        ("determined", f => f.Fit.Determined),
        ("aicc", f => f.Aicc),
        ("delta_aicc", f => f.DeltaAicc),
        ("akaike_weight", f => f.AkaikeWeight),
        ("vuong_z", f => f.AgainstClosest?.Z),
        ("vuong_p", f => f.AgainstClosest?.P),
        ("anderson_darling", f => f.AndersonDarling.Statistic),
        ("anderson_darling_p", f => f.AndersonDarling.P),
        ("cramer_von_mises", f => f.CramerVonMises.Statistic),
        ("cramer_von_mises_p", f => f.CramerVonMises.P),
        ("wasserstein1", f => f.Wasserstein1.Statistic),
        ("wasserstein1_p", f => f.Wasserstein1.P),
    ];

    /// <summary>
    /// Writes report.html, fits.csv, and each figure as SVG, PNG of 300 dots per inch and PDF under figures/. Files of these names are
    /// replaced; whether the folder appears as a whole is the caller's business.
    /// </summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="result">What was found.</param>
    /// <param name="context">What the report says about its own making.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, DistributionResult result, ReportContext context)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<ReportFigure> figures = DistributionFigures.Draw(result, context.WeightsUnit);
        InferenceReport.WriteFigures(folder, figures, pdf: true);

        File.WriteAllText(Path.Combine(folder, "fits.csv"), Csv(result));
        File.WriteAllText(Path.Combine(folder, "report.html"), Html(result, context, figures));
    }

    /// <summary>The fits as comma-separated values with round-trip precision, one line a fit, columns named as in result.json.</summary>
    /// <param name="result">What was found.</param>
    public static string Csv(DistributionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        StringBuilder csv = new();
        csv.Append("initial,geometry,").AppendJoin(',', Columns.Select(c => c.Name)).Append(",same_as,standing,note\n");
        foreach (DistributionFit fit in result.Fits)
        {
            csv.AppendJoin(',',
            [
                CsvTable.Quote(fit.Initial),
                CsvTable.Quote(fit.Geometry),
                .. Columns.Select(c => CsvTable.Text(c.Value(fit))),
                CsvTable.Quote(fit.SameAs ?? string.Empty),
                Standing(fit),
                CsvTable.Quote(fit.Note),
            ]).Append('\n');
        }

        return csv.ToString();
    }

    /// <summary>The page.</summary>
    /// <param name="result">What was found.</param>
    /// <param name="context">What the page says about its own making.</param>
    public static string Html(DistributionResult result, ReportContext context)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(context);
        return Html(result, context, DistributionFigures.Draw(result, context.WeightsUnit));
    }

    internal static string Standing(DistributionFit fit) => fit.Standing switch
    {
        FitStanding.Open => "open",
        FitStanding.Worse => "worse",
        _ => "misfit",
    };

    private static string Html(DistributionResult result, ReportContext context, IReadOnlyList<ReportFigure> figures) =>
        InferenceReport.Render<DistributionPage>(new()
        {
            [nameof(DistributionPage.Result)] = result,
            [nameof(DistributionPage.Context)] = context,
            [nameof(DistributionPage.Figures)] = figures,
        });
}
