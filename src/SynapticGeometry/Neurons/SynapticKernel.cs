namespace SynapticGeometry;

/// <summary>
/// The synaptic kernel ε(t) = ε₀ (exp(−t/τ_m) − exp(−t/τ_s))/(τ_m − τ_s), t ≥ 0: the unweighted synaptic potential that follows one
/// spike. Where the time constants are equal it is the alpha function ε₀ t exp(−t/τ)/τ².
/// </summary>
/// <remarks>
/// ε₀ = ∫ε is in mV s, not mV ms as printed (docs/deviations.md). Under Poisson input of rate r the synaptic potential has mean ε₀ r
/// and variance r/c_ε, c_ε = 1/∫ε²; the authors' code stores ∫ε² instead. Source: Kreutzer et al. 2022, Eqs 6, 7, 24-31.
/// </remarks>
/// <param name="MembraneTime">τ_m, s, positive.</param>
/// <param name="SynapticTime">τ_s, s, positive.</param>
/// <param name="Area">ε₀, mV s, positive.</param>
public sealed record SynapticKernel(double MembraneTime = 0.010, double SynapticTime = 0.003, double Area = 1)
{
    /// <summary>τ_m, s.</summary>
    public double MembraneTime { get; init => field = Require.Positive(value, "membrane time constant", nameof(MembraneTime)); } = Require.Positive(MembraneTime, "membrane time constant", nameof(MembraneTime));

    /// <summary>τ_s, s.</summary>
    public double SynapticTime { get; init => field = Require.Positive(value, "synaptic time constant", nameof(SynapticTime)); } = Require.Positive(SynapticTime, "synaptic time constant", nameof(SynapticTime));

    /// <summary>ε₀ = ∫ε, mV s.</summary>
    public double Area { get; init => field = Require.Positive(value, "kernel's area", nameof(Area)); } = Require.Positive(Area, "kernel's area", nameof(Area));

    /// <summary>∫ε² = ε₀²/(2 (τ_m + τ_s)), mV² s: the variance of the synaptic potential for each Hz of input.</summary>
    public double SquareIntegral => Area * Area / (2 * (MembraneTime + SynapticTime));

    /// <summary>c_ε = 1/∫ε² = 2 (τ_m + τ_s)/ε₀², 1/(mV² s).</summary>
    public double CEpsilon => 1 / SquareIntegral;

    /// <summary>ε(t), mV; 0 before the spike.</summary>
    /// <param name="time">t, s after the spike.</param>
    public double Value(double time) => time > 0 ? Area / (MembraneTime * SynapticTime) * Carry(time) : 0;

    /// <summary>R(t) = ∫ε(s) ε(s + t) ds, mV² s: the covariance of the potentials that two spikes a time t apart leave, for each Hz of them.</summary>
    /// <remarks>(ε₀²/2) (τ_m exp(−|t|/τ_m) − τ_s exp(−|t|/τ_s))/(τ_m² − τ_s²); R(0) = ∫ε².</remarks>
    /// <param name="lag">t, s, of either sign.</param>
    public double Autocorrelation(double lag)
    {
        // slow e₁ − fast e₂ = (slow − fast) e₁ + fast (e₁ − e₂): no cancellation where the time constants are near.
        double slow = Math.Max(MembraneTime, SynapticTime), fast = Math.Min(MembraneTime, SynapticTime), t = Math.Abs(lag);
        return Area * Area / (2 * (slow + fast)) * (Math.Exp(-t / slow) + (Carry(t) / slow));
    }

    /// <summary>
    /// The potential at the end of a time that a current of amplitude 1 at its beginning leaves, where both decay exponentially:
    /// (exp(−t/τ_m) − exp(−t/τ_s))/(1/τ_s − 1/τ_m), without cancellation where the time constants are near.
    /// </summary>
    internal double Carry(double time)
    {
        // The slower exponential in front, so that the other factor stays in [0, 1].
        double slow = Math.Max(MembraneTime, SynapticTime), fast = Math.Min(MembraneTime, SynapticTime);
        double y = time * (slow - fast) / (slow * fast);
        return time * Math.Exp(-time / slow) * (y == 0 ? 1 : -NearOne.Expm1(-y) / y);
    }
}
