using System.Globalization;
using System.Text;

namespace SynapticGeometry.Reporting;

/// <summary>The report on trained networks: one self-contained page, the figure and tables.</summary>
public static class TrainingReport
{
    /// <summary>
    /// Writes report.html, networks.csv, tried.csv, and the figure as SVG, PNG and PDF under figures/. Files of these names are
    /// replaced; whether the folder appears as a whole is the caller's business.
    /// </summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="outcome">What was trained.</param>
    /// <param name="context">What the report says about its own making.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, TrainingOutcome outcome, ReportContext context)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<ReportFigure> figures = TrainingFigures.Draw(outcome);
        InferenceReport.WriteFigures(folder, figures, pdf: true);
        File.WriteAllText(Path.Combine(folder, "networks.csv"), Networks(outcome));
        File.WriteAllText(Path.Combine(folder, "tried.csv"), Tried(outcome));
        File.WriteAllText(
            Path.Combine(folder, "report.html"),
            InferenceReport.Render<TrainingPage>(new()
            {
                [nameof(TrainingPage.Outcome)] = outcome,
                [nameof(TrainingPage.Context)] = context,
                [nameof(TrainingPage.Figures)] = figures,
            }));
    }

    private static string Networks(TrainingOutcome outcome)
    {
        string[] candidates = [.. outcome.Networks.SelectMany(n => n.Inference?.Candidates ?? []).Select(c => c.Geometry).Distinct()];
        StringBuilder csv = new("potential,network,learning_rate,epochs,loss,accuracy,weights,sign_changes,stopped_at_zero,exponent,exponent_low,exponent_high");
        csv.AppendJoin(string.Empty, candidates.Select(c => ",delta_cdf_" + c)).AppendJoin(string.Empty, candidates.Select(c => ",delta_cdf_layers_" + c)).Append(",closest,least_delta_cdf\n");
        foreach (TrainedNetwork n in outcome.Networks)
        {
            (double Estimate, Interval Interval)? told = n.Told;
            csv.Append(CultureInfo.InvariantCulture, $"{n.Potential},{n.Number},{CsvTable.Text(n.LearningRate)},{n.Epochs},{CsvTable.Text(n.Loss)},{CsvTable.Text(n.Accuracy)},{n.Weights},{n.SignChanges},{n.Stopped},")
                .AppendJoin(',', new[] { told?.Estimate, told?.Interval.Low, told?.Interval.High }
                    .Concat(candidates.Select(c => n.Inference?.Candidates.FirstOrDefault(x => x.Geometry == c)?.DeltaCdf))
                    .Concat(candidates.Select(c => n.Inference?.Layers?.Candidates.FirstOrDefault(x => x.Geometry == c)?.DeltaCdf)).Select(v => CsvTable.Text(v)))
                .Append(CultureInfo.InvariantCulture, $",{n.Inference?.Closest},{n.LeastDeltaCdf}\n");
        }

        return csv.ToString();
    }

    private static string Tried(TrainingOutcome outcome)
    {
        StringBuilder csv = new("potential,network,learning_rate,loss,accuracy,diverged\n");
        foreach (TrainedNetwork n in outcome.Networks)
        {
            foreach (TriedRate t in n.Tried)
            {
                csv.Append(CultureInfo.InvariantCulture, $"{n.Potential},{n.Number},{CsvTable.Text(t.LearningRate)},{CsvTable.Text(t.Loss)},{CsvTable.Text(t.Accuracy)},{(t.Diverged ? "yes" : "no")}\n");
            }
        }

        return csv.ToString();
    }
}
