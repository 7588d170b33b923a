namespace SynapticGeometry.Reporting;

/// <summary>The sentences of a report on a learning study.</summary>
public static class LearningWords
{
    /// <summary>What came out.</summary>
    /// <param name="outcome">What was found.</param>
    public static string Verdict(LearningOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        if (outcome.Mean(0) is not { } first || outcome.Mean(-1) is not { } last)
        {
            return $"The {outcome.Rule} rule learned for {Seconds(outcome.Result.Study.Duration)} from given spikes, which have no rate: there is no distance from the teacher to report, but weights and responses.";
        }

        string target = Numbers.Significant(outcome.Target, 2);
        string reached = outcome.MeanTime is { } mean
            ? $"The {outcome.Rule} rule comes within D_KL {target} of its teacher at {Seconds(mean)} (mean over trials){(outcome.MedianTrialTime is { } median ? $", half of the trials by {Seconds(median)}" : string.Empty)}."
            : $"The {outcome.Rule} rule does not come within D_KL {target} of its teacher in {Seconds(outcome.Result.Study.Duration)} (mean over trials); {outcome.TrialsReached} of {outcome.Trials} trials do.";
        return $"{reached} The difference of rates goes from {Numbers.Significant(first.RateError, 3)} to {Numbers.Significant(last.RateError, 3)} Hz.";
    }

    /// <summary>The learning rate and how it is meant.</summary>
    /// <param name="outcome">What was found.</param>
    public static string Rate(LearningOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        double printed = outcome.Result.Study.Ensemble.Rule.LearningRate;
        return $"Learning rate {Numbers.Significant(outcome.LearningRate, 3)}, "
            + (outcome.Convention == LearningRateConvention.Released
                ? $"in the convention of the paper's released code, which lacks the factor beta ({Numbers.Significant(printed, 3)} in the rule as printed)."
                : "in the rule as printed.");
    }

    /// <summary>How fast the run was.</summary>
    /// <param name="outcome">What was found.</param>
    public static string Speed(LearningOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return $"{(outcome.Result.EventDriven ? "Event-driven" : "Dense")} loop, {outcome.Threads} {(outcome.Threads == 1 ? "thread" : "threads")}: {Numbers.Significant(outcome.WallSeconds, 3)} s, {Numbers.Significant(outcome.UpdatesPerSecond / 1e6, 3)} million synaptic updates a second.";
    }

    /// <summary>Indices of some recorded times, evenly spaced and with the last.</summary>
    /// <param name="curve">The curve.</param>
    /// <param name="most">The most of them.</param>
    public static int[] Rows(LearningCurve curve, int most)
    {
        ArgumentNullException.ThrowIfNull(curve);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 2);
        int stride = Math.Max(1, (curve.Steps.Count + most - 2) / (most - 1));
        return [.. Enumerable.Range(0, curve.Steps.Count).Where(i => i % stride == 0 || i == curve.Steps.Count - 1)];
    }

    private static string Seconds(double value) => $"{Numbers.Significant(value, 4)} s";
}
