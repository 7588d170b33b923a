namespace SynapticGeometry;

/// <summary>The sigmoid φ(V) = φ_max / (1 + exp(−β (V − θ))).</summary>
/// <remarks>Source: Kreutzer et al. 2022, Eq. 5; its values are the defaults.</remarks>
/// <param name="MaximumRate">φ_max, Hz, positive.</param>
/// <param name="Gain">β, 1/mV, positive.</param>
/// <param name="Threshold">θ, mV above rest.</param>
public sealed record SigmoidTransfer(double MaximumRate = 100, double Gain = 0.3, double Threshold = 10) : TransferFunction
{
    /// <summary>φ_max, Hz.</summary>
    public double MaximumRate { get; init => field = Require.Positive(value, "maximum rate", nameof(MaximumRate)); } = Require.Positive(MaximumRate, "maximum rate", nameof(MaximumRate));

    /// <summary>β, 1/mV.</summary>
    public double Gain { get; init => field = Require.Positive(value, "gain", nameof(Gain)); } = Require.Positive(Gain, "gain", nameof(Gain));

    /// <summary>θ, mV above rest.</summary>
    public double Threshold { get; init => field = Require.Finite(value, "threshold", nameof(Threshold)); } = Require.Finite(Threshold, "threshold", nameof(Threshold));

    /// <inheritdoc/>
    public override double Rate(double potential) => MaximumRate * Logistic.At(Gain * (potential - Threshold)).Rising;

    /// <inheritdoc/>
    public override double Slope(double potential)
    {
        (double p, double rest) = Logistic.At(Gain * (potential - Threshold));
        return Gain * MaximumRate * p * rest;
    }

    /// <inheritdoc/>
    public override double LogSlope(double potential) => Gain * Logistic.At(Gain * (potential - Threshold)).Falling;

    /// <inheritdoc/>
    public override TransferFunction Shifted(double shift) => this with { Threshold = Threshold - shift };

    /// <inheritdoc/>
    public override FisherMoments Fisher(double mean, double variance) =>
        FisherQuadrature.Expectation(new FisherFunction(this), mean, StandardDeviation(mean, variance));

    // F = β² φ_max σ(1 − σ)², and σ′ = σ(1 − σ).
    private readonly struct FisherFunction(SigmoidTransfer transfer) : IFisherFunction
    {
        private readonly double gain = transfer.Gain;
        private readonly double threshold = transfer.Threshold;
        private readonly double scale = transfer.Gain * transfer.Gain * transfer.MaximumRate;

        public double PoleDistance => Math.PI / gain;

        public FisherMoments At(double potential)
        {
            (double p, double rest) = Logistic.At(gain * (potential - threshold));
            double f = scale * p * rest * rest;
            return new FisherMoments(f, gain * f * (1 - (3 * p)), gain * gain * f * (1 - (p * (9 - (12 * p)))));
        }

        public double LogSlope(double potential) => gain * (1 - (3 * Logistic.At(gain * (potential - threshold)).Rising));
    }
}

/// <summary>σ(x) = 1/(1 + exp(−x)) and 1 − σ(x), each to full relative accuracy.</summary>
internal static class Logistic
{
    public static (double Rising, double Falling) At(double x)
    {
        double e = Math.Exp(-Math.Abs(x)), large = 1 / (1 + e), small = e * large;
        return x >= 0 ? (large, small) : (small, large);
    }
}
