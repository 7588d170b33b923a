namespace SynapticGeometry.Reporting;

/// <summary>What a reader should know before he takes the numbers of trained networks for what they seem.</summary>
internal static class TrainingWarnings
{
    /// <summary>The warnings, a sentence each; none where all went as it should.</summary>
    public static IEnumerable<string> Of(TrainingOutcome outcome)
    {
        TrainedNetwork[] unlearned = [.. outcome.Networks.Where(n => n.Accuracy < 1)];
        if (unlearned.Length > 0)
        {
            yield return $"Not all images were learned in {Of(unlearned, outcome)}, after the longest run; the theory is of networks that have learned them all. More passes (--longest) or other learning rates may help.";
        }

        foreach ((string edge, string other, Func<TrainedNetwork, bool> there) in new (string, string, Func<TrainedNetwork, bool>)[]
        {
            ("lowest", "lower", n => n.LearningRate == n.Tried.Min(t => t.LearningRate)),
            ("highest", "higher", n => n.LearningRate == n.Tried.Max(t => t.LearningRate)),
        })
        {
            TrainedNetwork[] atEdge = [.. outcome.Networks.Where(n => n.Tried.Count > 1 && there(n))];
            if (atEdge.Length > 0)
            {
                yield return $"The best learning rate is the {edge} that was tried in {Of(atEdge, outcome)}; a {other} one may be better (--learning-rate).";
            }
        }
    }

    private static string Of(TrainedNetwork[] some, TrainingOutcome outcome) =>
        $"{some.Length} of {Numbers.Count(outcome.Networks.Count, "network", "networks")} ({string.Join(", ", some.GroupBy(n => n.Potential.Name).Select(g => $"{g.Count()} under {g.Key}"))})";
}
