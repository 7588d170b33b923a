namespace SynapticGeometry;

/// <summary>
/// The expectations of F = φ′²/φ over a normal potential u that the Fisher metric is made of: c₁ = E F, c₂ = E F′, c₃ = E F″.
/// </summary>
/// <remarks>
/// With I_k = E[F uᵏ⁻¹] these are I₁, (I₂ − I₁ μ)/s², (I₃ − I₁ (μ² + s²) − 2 c₂ μ s²)/s⁴, by Stein's lemma; the derivatives do
/// not cancel as s² → 0. Source: Kreutzer et al. 2022, Eqs 85-87 (I₁ to I₃).
/// </remarks>
/// <param name="C1">c₁, Hz/mV².</param>
/// <param name="C2">c₂, Hz/mV³.</param>
/// <param name="C3">c₃, Hz/mV⁴.</param>
public readonly record struct FisherMoments(double C1, double C2, double C3);

/// <summary>
/// A transfer function φ(V): the rate in Hz at which a Poisson neuron fires when its somatic potential is V mV above rest. It does
/// not decrease, and is not negative.
/// </summary>
/// <remarks>Source: Kreutzer et al. 2022, Eqs 4, 5.</remarks>
public abstract record TransferFunction
{
    /// <summary>φ(V), Hz.</summary>
    /// <param name="potential">V, mV above rest.</param>
    public abstract double Rate(double potential);

    /// <summary>φ′(V), Hz/mV.</summary>
    /// <param name="potential">V, mV above rest.</param>
    public abstract double Slope(double potential);

    /// <summary>φ′(V)/φ(V), 1/mV; +∞ where φ is 0.</summary>
    /// <param name="potential">V, mV above rest.</param>
    public abstract double LogSlope(double potential);

    /// <summary>
    /// The transfer function under a constant extra potential, V ↦ φ(V + shift), so that V stays the potential that synapses make.
    /// </summary>
    /// <param name="shift">mV, finite.</param>
    public abstract TransferFunction Shifted(double shift);

    /// <summary>c₁, c₂, c₃ for a normal potential.</summary>
    /// <param name="mean">μ, mV.</param>
    /// <param name="variance">s² ≥ 0, mV²; 0 is the limit, F and its derivatives at μ.</param>
    public abstract FisherMoments Fisher(double mean, double variance);

    /// <summary>
    /// The derivative of the log-likelihood of one step's spikes by the potential: (Y − φ dt) φ′/φ = Y φ′/φ − φ′ dt, 1/mV. Times xᵢ
    /// it is the gradient by wᵢ.
    /// </summary>
    /// <remarks>Source: Kreutzer et al. 2022, Eqs 9, 10.</remarks>
    /// <param name="potential">V, mV above rest.</param>
    /// <param name="teacherSpikes">Y, number of the teacher's spikes in the step.</param>
    /// <param name="timeStep">dt, s.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The teacher spiked where φ is 0, or φ′/φ is not finite: no finite change of weights makes that likely.
    /// </exception>
    public double Score(double potential, int teacherSpikes, double timeStep)
    {
        double expected = Slope(potential) * timeStep;
        double score = teacherSpikes == 0 ? -expected : (teacherSpikes * LogSlope(potential)) - expected;
        return double.IsFinite(score)
            ? score
            : throw new ArgumentOutOfRangeException(
                nameof(potential),
                $"The potential is {potential} mV, where the rate of {this} is {Rate(potential)} Hz, yet the teacher spiked: the rule divides by that rate. Keep the potential where the rate is positive, or take a transfer function that is positive everywhere.");
    }

    /// <summary>The highest rate, Hz, at any potential; +∞ where there is none.</summary>
    internal virtual double HighestRate => double.PositiveInfinity;

    /// <summary>φ at many potentials.</summary>
    internal virtual void Rates(ReadOnlySpan<double> potentials, Span<double> rates)
    {
        for (int i = 0; i < potentials.Length; i++)
        {
            rates[i] = Rate(potentials[i]);
        }
    }

    /// <summary><see cref="Score"/> at many potentials.</summary>
    internal virtual void Scores(ReadOnlySpan<double> potentials, ReadOnlySpan<double> teacherSpikes, double timeStep, Span<double> scores)
    {
        for (int i = 0; i < potentials.Length; i++)
        {
            scores[i] = Score(potentials[i], (int)teacherSpikes[i], timeStep);
        }
    }

    /// <summary><see cref="Fisher(double, double)"/> for many potentials.</summary>
    internal virtual void Fisher(ReadOnlySpan<PotentialMoments> potentials, Span<FisherMoments> moments)
    {
        for (int i = 0; i < potentials.Length; i++)
        {
            moments[i] = Fisher(potentials[i].Mean, potentials[i].Variance);
        }
    }

    /// <summary>The variance where it is a variance and the mean finite.</summary>
    private protected static double StandardDeviation(double mean, double variance)
    {
        Require.Finite(mean, "mean potential", nameof(mean));
        return Math.Sqrt(Require.NotNegative(variance, "variance of the potential", nameof(variance)));
    }
}
