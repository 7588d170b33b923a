namespace SynapticGeometry;

/// <summary>
/// The rectified quadratic φ(V) = g (V − θ)²/4 above θ, 0 below. φ′²/φ is the constant g above threshold, which makes the Fisher
/// metric independent of the weights there.
/// </summary>
/// <remarks>Source: Kreutzer et al. 2022, Eq. 116, with g = 1.</remarks>
/// <param name="Threshold">θ, mV above rest.</param>
/// <param name="Gain">g, Hz/mV², positive.</param>
public sealed record RectifiedQuadraticTransfer(double Threshold = 0, double Gain = 1) : TransferFunction
{
    /// <summary>θ, mV above rest.</summary>
    public double Threshold { get; init => field = Require.Finite(value, "threshold", nameof(Threshold)); } = Require.Finite(Threshold, "threshold", nameof(Threshold));

    /// <summary>g, Hz/mV².</summary>
    public double Gain { get; init => field = Require.Positive(value, "gain", nameof(Gain)); } = Require.Positive(Gain, "gain", nameof(Gain));

    /// <inheritdoc/>
    public override double Rate(double potential)
    {
        double above = Math.Max(0, potential - Threshold);
        return 0.25 * Gain * above * above;
    }

    /// <inheritdoc/>
    public override double Slope(double potential) => 0.5 * Gain * Math.Max(0, potential - Threshold);

    /// <inheritdoc/>
    public override double LogSlope(double potential) => 2 / Math.Max(0, potential - Threshold);

    /// <inheritdoc/>
    public override TransferFunction Shifted(double shift) => this with { Threshold = Threshold - shift };

    /// <summary>In closed form: F = g above θ, so that c₁ = g Φ((μ − θ)/s), and c₂, c₃ are its derivatives by μ.</summary>
    /// <inheritdoc/>
    public override FisherMoments Fisher(double mean, double variance)
    {
        double s = StandardDeviation(mean, variance), above = mean - Threshold;
        if (s == 0)
        {
            return new FisherMoments(above > 0 ? Gain : 0, 0, 0);
        }

        double z = above / s, c2 = Gain * NormalDistribution.Density(z) / s;
        return new FisherMoments(Gain * NormalDistribution.Cdf(z), c2, -c2 * z / s);
    }
}
