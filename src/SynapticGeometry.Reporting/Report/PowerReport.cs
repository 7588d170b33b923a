using System.Globalization;
using System.Text;

namespace SynapticGeometry.Reporting;

/// <summary>The report on a plan: one self-contained page, the figures and a table.</summary>
public static class PowerReport
{
    /// <summary>
    /// Writes report.html, power.csv, and each figure as SVG, PNG of 300 dots per inch and PDF under figures/. Files of these names are replaced; whether the folder
    /// appears as a whole is the caller's business.
    /// </summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="analysis">The plan.</param>
    /// <param name="context">What the report says about its own making.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, PowerAnalysis analysis, ReportContext context)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(analysis);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<ReportFigure> figures = PowerFigures.Draw(analysis);
        InferenceReport.WriteFigures(folder, figures, pdf: true);

        File.WriteAllText(Path.Combine(folder, "power.csv"), Csv(analysis));
        File.WriteAllText(Path.Combine(folder, "report.html"), Html(analysis, context, figures));
    }

    /// <summary>
    /// Every number of the plan as comma-separated values with round-trip precision: one line an experiment of the table, a lever, an interval or a simulation, named in the
    /// first columns; empty where a number does not apply.
    /// </summary>
    /// <param name="analysis">The plan.</param>
    public static string Csv(PowerAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        PowerFormula plan = analysis.Options.Experiment;
        StringBuilder csv = new(
            "kind,name,size_spread,change,error,truth,alternative,synapses_closed_form,synapses_needed,synapses,power_expected,power,power_se,false_alarm_rate,failures,mean_exponent,exponent_sd,median_half_width\n");
        void Line(string kind, string name, PowerFormula e, PowerPoint? point = null)
        {
            PowerEstimate? s = point?.Estimate;
            double?[] numbers =
            [
                e.SizeSpread, e.Change, e.Error, e.Truth, e.Alternative, e.Synapses, Math.Ceiling(e.PlannedSynapses - 1e-9), s?.Synapses, point?.Expected, s?.Power, s?.StandardError, s?.FalseAlarmRate, s?.Failures,
                s?.MeanExponent, s?.ExponentDeviation, s?.MedianHalfWidth,
            ];
            csv.Append(kind).Append(',').Append(CsvTable.Quote(name)).Append(',').AppendJoin(',', numbers.Select(CsvTable.Text)).Append('\n');
        }

        foreach (PowerFormula experiment in analysis.Table.SelectMany(r => r.Experiments))
        {
            Line("table", string.Empty, experiment);
        }

        foreach (PowerVariation lever in analysis.Levers)
        {
            Line("lever", lever.Name, lever.Experiment);
        }

        foreach ((double interval, PowerFormula experiment) in analysis.Intervals)
        {
            Line("interval", interval.ToString("R", CultureInfo.InvariantCulture), experiment);
        }

        foreach (PowerPoint point in analysis.Simulation)
        {
            Line("simulation", string.Empty, plan with { Error = point.ErrorFactor * plan.Error }, point);
        }

        return csv.ToString();
    }

    /// <summary>The page.</summary>
    /// <param name="analysis">The plan.</param>
    /// <param name="context">What the page says about its own making.</param>
    public static string Html(PowerAnalysis analysis, ReportContext context)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        ArgumentNullException.ThrowIfNull(context);
        return Html(analysis, context, PowerFigures.Draw(analysis));
    }

    private static string Html(PowerAnalysis analysis, ReportContext context, IReadOnlyList<ReportFigure> figures) =>
        InferenceReport.Render<PowerPage>(new()
        {
            [nameof(PowerPage.Analysis)] = analysis,
            [nameof(PowerPage.Context)] = context,
            [nameof(PowerPage.Figures)] = figures,
        });
}
