using MathNet.Numerics;

namespace SynapticGeometry;

/// <summary>
/// The softplus φ(V) = (g/κ) ln(1 + exp(κ (V − θ))): exponential below threshold, a line of slope g above it.
/// </summary>
/// <param name="MaximumSlope">g, Hz/mV, positive.</param>
/// <param name="Sharpness">κ, 1/mV, positive.</param>
/// <param name="Threshold">θ, mV above rest.</param>
public sealed record SoftplusTransfer(double MaximumSlope = 5, double Sharpness = 0.3, double Threshold = 10) : TransferFunction
{
    /// <summary>g, Hz/mV.</summary>
    public double MaximumSlope { get; init => field = Require.Positive(value, "maximum slope", nameof(MaximumSlope)); } = Require.Positive(MaximumSlope, "maximum slope", nameof(MaximumSlope));

    /// <summary>κ, 1/mV.</summary>
    public double Sharpness { get; init => field = Require.Positive(value, "sharpness", nameof(Sharpness)); } = Require.Positive(Sharpness, "sharpness", nameof(Sharpness));

    /// <summary>θ, mV above rest.</summary>
    public double Threshold { get; init => field = Require.Finite(value, "threshold", nameof(Threshold)); } = Require.Finite(Threshold, "threshold", nameof(Threshold));

    /// <inheritdoc/>
    public override double Rate(double potential) => MaximumSlope / Sharpness * Softplus(Sharpness * (potential - Threshold));

    /// <inheritdoc/>
    public override double Slope(double potential) => MaximumSlope * Logistic.At(Sharpness * (potential - Threshold)).Rising;

    /// <inheritdoc/>
    public override double LogSlope(double potential) => Sharpness * Ratio(Sharpness * (potential - Threshold));

    /// <inheritdoc/>
    public override TransferFunction Shifted(double shift) => this with { Threshold = Threshold - shift };

    /// <inheritdoc/>
    public override FisherMoments Fisher(double mean, double variance) =>
        FisherQuadrature.Expectation(new FisherFunction(this), mean, StandardDeviation(mean, variance));

    private static double Softplus(double x) => x > 0 ? x + SpecialFunctions.Log1p(Math.Exp(-x)) : SpecialFunctions.Log1p(Math.Exp(x));

    // σ/ln(1 + eˣ), which is 1 − eˣ/2 far below threshold.
    private static double Ratio(double x) => x < -36 ? 1 : Logistic.At(x).Rising / Softplus(x);

    // F = g κ σ²/L with L = ln(1 + eˣ), L′ = σ, written in σ and ρ = σ/L.
    private readonly struct FisherFunction(SoftplusTransfer transfer) : IFisherFunction
    {
        private readonly double sharpness = transfer.Sharpness;
        private readonly double threshold = transfer.Threshold;
        private readonly double scale = transfer.MaximumSlope * transfer.Sharpness;

        public double PoleDistance => Math.PI / sharpness;

        public FisherMoments At(double potential)
        {
            double x = sharpness * (potential - threshold), r = Ratio(x);
            (double p, double rest) = Logistic.At(x);
            double f = scale * r * p, slope = (2 * rest) - r;
            double bend = (4 * rest * rest) - (2 * p * rest) - (5 * r * rest) + (2 * r * r);
            return new FisherMoments(f, sharpness * f * slope, sharpness * sharpness * f * bend);
        }

        public double LogSlope(double potential)
        {
            double x = sharpness * (potential - threshold);
            return sharpness * ((2 * Logistic.At(x).Falling) - Ratio(x));
        }
    }
}
