namespace SynapticGeometry;

/// <summary>The distance of each trial from its teacher over time.</summary>
/// <remarks>Source: Kreutzer et al. 2022, Fig. 3F.</remarks>
/// <param name="TimeStep">dt, s.</param>
/// <param name="Steps">The steps after which it was taken, ascending.</param>
/// <param name="Costs">For each of them one distance a trial.</param>
public sealed record LearningCurve(double TimeStep, IReadOnlyList<long> Steps, IReadOnlyList<IReadOnlyList<LearningCost>> Costs)
{
    /// <summary>Advances a run and takes the distances on the way.</summary>
    /// <param name="run">A run; it stands at the last step afterwards.</param>
    /// <param name="steps">The steps after which to take them, ascending, from those the run has done on; 0 for the start.</param>
    /// <param name="samples">Samples of the synaptic potentials; null for <see cref="EnsembleRun.DrawSamples"/>.</param>
    /// <param name="progress">Told the steps done after each part.</param>
    /// <param name="cancellation">Stops the run, which can be saved then.</param>
    /// <exception cref="ArgumentException">The steps are not in order, or lie before those done.</exception>
    /// <exception cref="ArithmeticException">Weights diverge; as for <see cref="EnsembleRun.AdvanceTo"/>.</exception>
    public static LearningCurve Record(
        EnsembleRun run, IReadOnlyList<long> steps, UspSamples[]? samples = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(steps);
        for (int i = 0; i < steps.Count; i++)
        {
            long before = i == 0 ? run.Furthest : steps[i - 1];
            if (steps[i] < before)
            {
                throw new ArgumentException($"Step {i} of {steps.Count} to record at is {steps[i]}, before {before}.", nameof(steps));
            }
        }

        samples ??= run.DrawSamples();
        List<IReadOnlyList<LearningCost>> costs = [];
        foreach (long step in steps)
        {
            run.AdvanceTo(step, cancellation);
            LearningCost[] now = new LearningCost[run.Trials];
            run.Costs(samples, now);
            costs.Add(now);
            progress?.Report(step);
        }

        return new LearningCurve(run.Ensemble.TimeStep, [.. steps], costs);
    }

    /// <summary>Mean D_KL over trials at each time.</summary>
    public double[] MeanDivergence => [.. Costs.Select(at => at.Average(c => c.Divergence))];

    /// <summary>Mean over trials of the root-mean-square difference of rates at each time, Hz.</summary>
    public double[] MeanRateError => [.. Costs.Select(at => at.Average(c => c.RateError))];

    /// <summary>The first time, s, at which the mean D_KL is at or below a target, between recorded times by its logarithm; null where it never is.</summary>
    /// <param name="target">Positive.</param>
    public double? TimeTo(double target) => TimeTo(MeanDivergence, target);

    /// <summary>The first time, s, at which the mean rate error is at or below a target, as <see cref="TimeTo(double)"/>; null where it never is.</summary>
    /// <param name="target">Hz, positive.</param>
    public double? TimeToRateError(double target) => TimeTo(MeanRateError, target);

    /// <summary>Mean rate error over trials and over the end of the curve, Hz: what is left of the difference.</summary>
    /// <param name="share">Part of the recorded times that counts as the end, above 0 and at most 1.</param>
    public double Residual(double share = 0.25)
    {
        if (!(share is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), $"The end is {share} of the curve; it must be above 0 and at most 1.");
        }

        double[] errors = MeanRateError;
        return errors.TakeLast(Math.Max(1, (int)Math.Round(share * errors.Length))).Average();
    }

    /// <summary>For each trial the first time, s, at which its D_KL is at or below a target; null where it never is.</summary>
    /// <param name="target">Positive.</param>
    public double?[] TrialTimesTo(double target) =>
        [.. Enumerable.Range(0, Costs.Count == 0 ? 0 : Costs[0].Count).Select(trial => TimeTo([.. Costs.Select(at => at[trial].Divergence)], target))];

    // Between recorded times by the logarithm.
    private double? TimeTo(double[] distances, double target)
    {
        Require.Positive(target, "target", nameof(target));
        int at = Array.FindIndex(distances, d => d <= target);
        if (at <= 0)
        {
            return at < 0 ? null : Steps[0] * TimeStep;
        }

        double above = Math.Log(distances[at - 1] / target), below = Math.Log(target / distances[at]);
        double share = double.IsFinite(above) && double.IsFinite(below) ? above / (above + below) : 1;
        return (Steps[at - 1] + (share * (Steps[at] - Steps[at - 1]))) * TimeStep;
    }
}
