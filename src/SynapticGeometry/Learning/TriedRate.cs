namespace SynapticGeometry;

/// <summary>One learning rate of a search.</summary>
/// <param name="LearningRate">η.</param>
/// <param name="Loss">Mean loss after learning; NaN where it diverged.</param>
/// <param name="Accuracy">Share told right after learning; NaN without classes or where it diverged.</param>
/// <param name="Diverged">True where learning left the range of numbers, or its bounds.</param>
public sealed record TriedRate(double LearningRate, double Loss, double Accuracy, bool Diverged)
{
    /// <summary>The pass in which it diverged, from 1; 0 where it did not.</summary>
    public int DivergedPass { get; init; }

    /// <summary>The batch of that pass, from 1; 0 where it did not, or where a pass is one batch.</summary>
    public int DivergedBatch { get; init; }
}
