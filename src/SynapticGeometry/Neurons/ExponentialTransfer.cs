namespace SynapticGeometry;

/// <summary>The exponential φ(V) = r exp(k (V − θ)).</summary>
/// <param name="RateAtThreshold">r, Hz, positive.</param>
/// <param name="Gain">k, 1/mV, positive.</param>
/// <param name="Threshold">θ, mV above rest.</param>
public sealed record ExponentialTransfer(double RateAtThreshold = 5, double Gain = 0.2, double Threshold = 0) : TransferFunction
{
    /// <summary>r, Hz.</summary>
    public double RateAtThreshold { get; init => field = Require.Positive(value, "rate at threshold", nameof(RateAtThreshold)); } = Require.Positive(RateAtThreshold, "rate at threshold", nameof(RateAtThreshold));

    /// <summary>k, 1/mV.</summary>
    public double Gain { get; init => field = Require.Positive(value, "gain", nameof(Gain)); } = Require.Positive(Gain, "gain", nameof(Gain));

    /// <summary>θ, mV above rest.</summary>
    public double Threshold { get; init => field = Require.Finite(value, "threshold", nameof(Threshold)); } = Require.Finite(Threshold, "threshold", nameof(Threshold));

    /// <inheritdoc/>
    public override double Rate(double potential) => RateAtThreshold * Math.Exp(Gain * (potential - Threshold));

    /// <inheritdoc/>
    public override double Slope(double potential) => Gain * Rate(potential);

    /// <inheritdoc/>
    public override double LogSlope(double potential) => Gain;

    /// <inheritdoc/>
    public override TransferFunction Shifted(double shift) => this with { Threshold = Threshold - shift };

    /// <summary>In closed form: F = k² φ, whose expectation is k² φ(μ + k s²/2).</summary>
    /// <inheritdoc/>
    public override FisherMoments Fisher(double mean, double variance)
    {
        StandardDeviation(mean, variance);
        double c1 = Gain * Gain * Rate(mean + (0.5 * Gain * variance));
        return new FisherMoments(c1, Gain * c1, Gain * Gain * c1);
    }
}
