namespace SynapticGeometry;

/// <summary>One learning rate of a search.</summary>
/// <param name="LearningRate">η.</param>
/// <param name="Loss">Mean loss after learning; NaN where it diverged.</param>
/// <param name="Accuracy">Share told right after learning; NaN without classes or where it diverged.</param>
/// <param name="Diverged">True where learning left the range of numbers.</param>
public sealed record TriedRate(double LearningRate, double Loss, double Accuracy, bool Diverged);
