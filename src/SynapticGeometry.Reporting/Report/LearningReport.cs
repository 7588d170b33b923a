using System.Globalization;
using System.Text;

namespace SynapticGeometry.Reporting;

/// <summary>The report on a learning study: one self-contained page, figures and tables.</summary>
public static class LearningReport
{
    /// <summary>
    /// Writes report.html, curve.csv, trials.csv, weights.csv (first trial), and the figures as SVG, PNG and PDF under figures/. Files of these names are replaced; whether the folder appears as a whole is the caller's business.
    /// </summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="outcome">What was found.</param>
    /// <param name="context">What the report says about its own making.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, LearningOutcome outcome, ReportContext context)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<ReportFigure> figures = LearningFigures.Draw(outcome);
        InferenceReport.WriteFigures(folder, figures, pdf: true);

        if (outcome.Result.Curve.Steps.Count > 0)
        {
            File.WriteAllText(Path.Combine(folder, "curve.csv"), Curve(outcome.Result.Curve));
            File.WriteAllText(Path.Combine(folder, "trials.csv"), Trials(outcome));
        }

        File.WriteAllText(Path.Combine(folder, "weights.csv"), Weights(outcome));
        File.WriteAllText(
            Path.Combine(folder, "report.html"),
            InferenceReport.Render<LearningPage>(new()
            {
                [nameof(LearningPage.Outcome)] = outcome,
                [nameof(LearningPage.Context)] = context,
                [nameof(LearningPage.Figures)] = figures,
            }));
    }

    /// <summary>The learning curve as comma-separated values: time, distance over trials, rate error.</summary>
    /// <param name="curve">The curve.</param>
    public static string Curve(LearningCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        StringBuilder csv = new("t_s,dkl_mean,dkl_median,dkl_min,dkl_max,rmse_mean_hz\n");
        for (int i = 0; i < curve.Steps.Count; i++)
        {
            double[] divergences = [.. curve.Costs[i].Select(c => c.Divergence).Order()];
            double median = (divergences[(divergences.Length - 1) / 2] + divergences[divergences.Length / 2]) / 2;
            csv.AppendJoin(',', new[]
            {
                curve.Steps[i] * curve.TimeStep, divergences.Average(), median, divergences[0], divergences[^1], curve.Costs[i].Average(c => c.RateError),
            }.Select(v => CsvTable.Text(v))).Append('\n');
        }

        return csv.ToString();
    }

    private static string Trials(LearningOutcome outcome)
    {
        StringBuilder csv = new("trial,time_to_target_s,final_dkl,final_rmse_hz\n");
        double?[] times = outcome.Result.Curve.TrialTimesTo(outcome.Target);
        for (int trial = 0; trial < times.Length; trial++)
        {
            LearningCost last = outcome.Result.Curve.Costs[^1][trial];
            csv.Append(CultureInfo.InvariantCulture, $"{trial},{CsvTable.Text(times[trial])},{CsvTable.Text(last.Divergence)},{CsvTable.Text(last.RateError)}\n");
        }

        return csv.ToString();
    }

    private static string Weights(LearningOutcome outcome)
    {
        StringBuilder csv = new("synapse,rate_hz,initial,target,final\n");
        IReadOnlyList<double>? target = outcome.TargetWeights;
        for (int i = 0; i < outcome.Synapses; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{i},").AppendJoin(',', new double?[]
            {
                outcome.Result.Study.Ensemble.Input.Rates[i], outcome.Result.Snapshots[0][0][i], target?[i], outcome.Result.Snapshots[^1][0][i],
            }.Select(v => CsvTable.Text(v))).Append('\n');
        }

        return csv.ToString();
    }
}
