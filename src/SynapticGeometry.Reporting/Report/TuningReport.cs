using System.Globalization;
using System.Text;

namespace SynapticGeometry.Reporting;

/// <summary>The report on tuned learning rates: one self-contained page, the figure and tables.</summary>
public static class TuningReport
{
    /// <summary>
    /// Writes report.html, tried.csv, a curve-RULE.csv for each rule, and the figure as SVG, PNG and PDF under figures/. Files of these names are
    /// replaced; whether the folder appears as a whole is the caller's business.
    /// </summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="outcome">What was found.</param>
    /// <param name="context">What the report says about its own making.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, TuningOutcome outcome, ReportContext context)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<ReportFigure> figures = TuningFigures.Draw(outcome);
        InferenceReport.WriteFigures(folder, figures, pdf: true);

        File.WriteAllText(Path.Combine(folder, "tried.csv"), Tried(outcome));
        foreach (TunedRule rule in outcome.Rules.Where(r => r.Result.Check is not null))
        {
            File.WriteAllText(Path.Combine(folder, $"curve-{rule.Rule}.csv"), LearningReport.Curve(rule.Result.Check!));
        }

        File.WriteAllText(
            Path.Combine(folder, "report.html"),
            InferenceReport.Render<TuningPage>(new()
            {
                [nameof(TuningPage.Outcome)] = outcome,
                [nameof(TuningPage.Context)] = context,
                [nameof(TuningPage.Figures)] = figures,
            }));
    }

    private static string Tried(TuningOutcome outcome)
    {
        StringBuilder csv = new("rule,learning_rate,printed_learning_rate,time_to_target_s,rmse_at_end_hz,simulated_s,diverged\n");
        foreach (TunedRule rule in outcome.Rules)
        {
            foreach (TriedLearningRate t in rule.Result.Tried)
            {
                csv.Append(CsvTable.Quote(rule.Rule)).Append(',')
                    .AppendJoin(',', new double?[] { t.LearningRate * rule.Published, t.LearningRate, t.Time, t.Diverged ? null : t.Residual, t.Duration }.Select(v => CsvTable.Text(v)))
                    .Append(CultureInfo.InvariantCulture, $",{(t.Diverged ? "yes" : "no")}\n");
            }
        }

        return csv.ToString();
    }
}
