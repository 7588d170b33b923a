namespace SynapticGeometry;

/// <summary>A distribution of weights from which each trial draws its own.</summary>
public abstract record WeightLaw
{
    /// <summary>Draws weights.</summary>
    /// <param name="random">The trial's stream for this purpose.</param>
    /// <param name="weights">n somatic weights.</param>
    public abstract void Draw(RandomSource random, Span<double> weights);

    // Of a size: positive with a probability.
    private protected static double Signed(double size, double positive, RandomSource signs) => signs.NextDouble() < 1 - positive ? -size : size;

    private protected static double Share(double value, string name) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, $"The share of positive weights is {value}; it must be from 0 to 1.");
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

/// <summary>
/// Weights of excitatory and inhibitory synapses (Dale's law): sizes uniform between two numbers, and signs that are the same in every
/// trial, inhibitory synapses spread evenly among the others.
/// </summary>
/// <param name="Smallest">The smallest size, not negative.</param>
/// <param name="Largest">The largest size, not below the smallest.</param>
/// <param name="ExcitatoryShare">Part of the synapses that is excitatory, 0 to 1.</param>
public sealed record SignedWeights(double Smallest, double Largest, double ExcitatoryShare) : WeightLaw
{
    private readonly UniformWeights sizes = new(Require.NotNegative(Smallest, "smallest size", nameof(Smallest)), Largest);

    /// <summary>The smallest size.</summary>
    public double Smallest { get; } = Smallest;

    /// <summary>The largest size.</summary>
    public double Largest { get; } = Largest;

    /// <summary>Part of the synapses that is excitatory.</summary>
    public double ExcitatoryShare { get; } = ExcitatoryShare is >= 0 and <= 1
        ? ExcitatoryShare
        : throw new ArgumentOutOfRangeException(nameof(ExcitatoryShare), $"The excitatory share is {ExcitatoryShare}; it must be from 0 to 1.");

    /// <summary>Whether a synapse is inhibitory.</summary>
    /// <param name="synapse">Its index, at least 0.</param>
    public bool Inhibitory(int synapse)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(synapse);
        return Math.Floor(((synapse + 1) * (1 - ExcitatoryShare)) + 0.5) > Math.Floor((synapse * (1 - ExcitatoryShare)) + 0.5);
    }

    /// <inheritdoc/>
    public override void Draw(RandomSource random, Span<double> weights)
    {
        sizes.Draw(random, weights);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = Inhibitory(i) ? -weights[i] : weights[i];
        }
    }
}

/// <summary>Independent normal weights of mean 0, of both signs.</summary>
/// <param name="StandardDeviation">Their standard deviation, positive.</param>
public sealed record NormalWeights(double StandardDeviation) : WeightLaw
{
    /// <summary>Their standard deviation.</summary>
    public double StandardDeviation { get; } = Require.Positive(StandardDeviation, "standard deviation", nameof(StandardDeviation));

    /// <summary>Share of positive weights, 0 to 1; other than ½, the sizes are those of normal weights and the signs are drawn by themselves.</summary>
    public double PositiveShare { get; init => field = Share(value, nameof(PositiveShare)); } = 0.5;

    /// <inheritdoc/>
    public override void Draw(RandomSource random, Span<double> weights)
    {
        ArgumentNullException.ThrowIfNull(random);
        random.FillNormal(weights);
        RandomSource signs = random.Fork("signs");
        foreach (ref double w in weights)
        {
            w *= StandardDeviation;
            w = PositiveShare == 0.5 ? w : Signed(Math.Abs(w), PositiveShare, signs);
        }
    }
}

/// <summary>Independent weights of log-normal size, positive or of random sign.</summary>
/// <param name="Median">Median size, positive.</param>
/// <param name="Spread">Standard deviation of the logarithm of the size, not negative.</param>
public sealed record LogNormalWeights(double Median, double Spread) : WeightLaw
{
    /// <summary>Median size.</summary>
    public double Median { get; } = Require.Positive(Median, "median size", nameof(Median));

    /// <summary>Standard deviation of the logarithm of the size.</summary>
    public double Spread { get; } = Require.NotNegative(Spread, "spread of log sizes", nameof(Spread));

    /// <summary>True for signs that are drawn, + with probability <see cref="PositiveShare"/>; false for positive weights.</summary>
    public bool RandomSigns { get; init; }

    /// <summary>Share of positive weights where signs are drawn, 0 to 1.</summary>
    public double PositiveShare { get; init => field = Share(value, nameof(PositiveShare)); } = 0.5;

    /// <summary>The law whose sizes have a mean and a standard deviation: spread² = ln(1 + (deviation/mean)²).</summary>
    /// <param name="mean">Mean size, positive.</param>
    /// <param name="standardDeviation">Standard deviation of the size, not negative.</param>
    public static LogNormalWeights WithMean(double mean, double standardDeviation)
    {
        double ratio = Require.NotNegative(standardDeviation, "standard deviation", nameof(standardDeviation)) / Require.Positive(mean, "mean size", nameof(mean));
        double variance = Math.Log(1 + (ratio * ratio));
        return new LogNormalWeights(mean * Math.Exp(-variance / 2), Math.Sqrt(variance));
    }

    /// <inheritdoc/>
    public override void Draw(RandomSource random, Span<double> weights)
    {
        ArgumentNullException.ThrowIfNull(random);
        random.FillNormal(weights);
        RandomSource signs = random.Fork("signs");
        foreach (ref double w in weights)
        {
            w = Median * Math.Exp(Spread * w);
            w = RandomSigns ? Signed(w, PositiveShare, signs) : w;
        }
    }
}
