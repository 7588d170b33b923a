using System.Globalization;
using System.Text;

namespace SynapticGeometry.Reporting;

/// <summary>The report on a check of invariance: one self-contained page, the figure and a table.</summary>
public static class InvarianceReport
{
    /// <summary>
    /// Writes report.html, invariance.csv, and the figure as SVG, PNG of 300 dots per inch and PDF under figures/. Files of these names
    /// are replaced; whether the folder appears as a whole is the caller's business.
    /// </summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="results">One result a rule, of the same two parametrizations.</param>
    /// <param name="context">What the report says about its own making.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, IReadOnlyList<InvarianceResult> results, ReportContext context)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<ReportFigure> figures = InvarianceFigures.Draw(results);
        InferenceReport.WriteFigures(folder, figures, pdf: true);

        File.WriteAllText(Path.Combine(folder, "invariance.csv"), Csv(results));
        File.WriteAllText(
            Path.Combine(folder, "report.html"),
            InferenceReport.Render<InvariancePage>(new()
            {
                [nameof(InvariancePage.Results)] = results,
                [nameof(InvariancePage.Context)] = context,
                [nameof(InvariancePage.Figures)] = figures,
            }));
    }

    /// <summary>Every synapse in every state as comma-separated values with round-trip precision.</summary>
    /// <param name="results">One result a rule.</param>
    public static string Csv(IReadOnlyList<InvarianceResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        StringBuilder csv = new("rule,state,synapse,first_change,second_change,ratio,slope_ratio,euclidean_ratio\n");
        foreach (InvarianceResult result in results)
        {
            foreach (InvarianceSynapse s in result.Synapses)
            {
                csv.Append(CsvTable.Quote(result.Name)).Append(CultureInfo.InvariantCulture, $",{s.State},{s.Synapse},")
                    .AppendJoin(',', new[] { s.First, s.Second, s.Ratio, s.SlopeRatio, s.EuclideanRatio }.Select(v => CsvTable.Text(v))).Append('\n');
            }
        }

        return csv.ToString();
    }
}
