namespace SynapticGeometry;

/// <summary>A distribution of weights from which each trial draws its own.</summary>
public abstract record WeightLaw
{
    /// <summary>Draws weights.</summary>
    /// <param name="random">The trial's stream for this purpose.</param>
    /// <param name="weights">n somatic weights.</param>
    public abstract void Draw(RandomSource random, Span<double> weights);
}

/// <summary>Independent weights, uniform from one number to another.</summary>
/// <remarks>Kreutzer et al. 2022 use −1/n to 1/n.</remarks>
/// <param name="Low">The lowest.</param>
/// <param name="High">The highest, not below the lowest.</param>
public sealed record UniformWeights(double Low, double High) : WeightLaw
{
    /// <summary>The lowest.</summary>
    public double Low { get; } = Require.Finite(Low, "lowest weight", nameof(Low));

    /// <summary>The highest.</summary>
    public double High { get; } = Require.Finite(High, "highest weight", nameof(High)) >= Low
        ? High
        : throw new ArgumentOutOfRangeException(nameof(High), $"The highest weight is {High}, below the lowest, {Low}.");

    /// <inheritdoc/>
    public override void Draw(RandomSource random, Span<double> weights)
    {
        ArgumentNullException.ThrowIfNull(random);
        random.FillUniform(weights);
        foreach (ref double w in weights)
        {
            w = Low + ((High - Low) * w);
        }
    }
}

/// <summary>The same given weights in every trial.</summary>
/// <param name="Weights">n somatic weights, finite.</param>
public sealed record GivenWeights(IReadOnlyList<double> Weights) : WeightLaw
{
    private readonly double[] weights = TargetWeights.Copy(Weights, "weight", nameof(Weights));

    /// <summary>The weights; a copy of the list that was given.</summary>
    public IReadOnlyList<double> Weights => weights;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There are not as many weights as synapses.</exception>
    public override void Draw(RandomSource random, Span<double> weights)
    {
        Elementwise.MustMatch(this.weights.Length, weights.Length, "given weight", "synapse");
        this.weights.CopyTo(weights);
    }
}
