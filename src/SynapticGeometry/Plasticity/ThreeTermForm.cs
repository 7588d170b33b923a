using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>The three terms of a change of weights, which can be switched off one by one.</summary>
[Flags]
public enum PlasticityTerms
{
    /// <summary>No term.</summary>
    None = 0,

    /// <summary>h x: each synapse's own input, scaled by its gain.</summary>
    Homosynaptic = 1,

    /// <summary>−u: the same at every synapse.</summary>
    UniformHeterosynaptic = 2,

    /// <summary>m w: in proportion to the weight.</summary>
    WeightDependentHeterosynaptic = 4,

    /// <summary>All three.</summary>
    All = 7,
}

/// <summary>
/// The neuron-wide coefficients of a three-term change, Δwᵢ = e (hᵢ xᵢ − u + m wᵢ) with e = η · Scale · score,
/// u = u₀ + u₁ Σx + u₂ V and m = m₁ Σx + m₂ V.
/// </summary>
/// <param name="Scale">γ_s for the natural rule, 1 for the Euclidean.</param>
/// <param name="UniformConstant">u₀, 1/mV.</param>
/// <param name="UniformSum">u₁, 1/mV².</param>
/// <param name="UniformPotential">u₂, 1/mV².</param>
/// <param name="WeightSum">m₁, 1/mV².</param>
/// <param name="WeightPotential">m₂, 1/mV².</param>
public readonly record struct ThreeTermCoefficients(
    double Scale, double UniformConstant, double UniformSum, double UniformPotential, double WeightSum, double WeightPotential)
{
    /// <summary>u and m at a moment.</summary>
    /// <param name="sum">Σ xᵢ, mV.</param>
    /// <param name="potential">V = Σ wᵢ xᵢ, mV.</param>
    public (double U, double M) Shared(double sum, double potential) =>
        (UniformConstant + (UniformSum * sum) + (UniformPotential * potential), (WeightSum * sum) + (WeightPotential * potential));
}

/// <summary>
/// The form that learning rules of this kind share: Δwᵢ = e (hᵢ xᵢ − u + m wᵢ), with scalars e, u, m of the whole neuron and a fixed
/// gain hᵢ of each synapse; w are somatic weights. A rule that has this form can be simulated without a loop over silent synapses.
/// </summary>
/// <remarks>
/// It follows from the geometry: a metric whose inverse is diagonal plus a rank-two part spanned by 1 and w raises the gradient
/// score · x into these terms. Source: Kreutzer et al. 2022, Eqs 13, 19-21.
/// </remarks>
public abstract record ThreeTermForm
{
    /// <summary>hᵢ, n gains.</summary>
    public abstract ReadOnlySpan<double> Gains { get; }

    /// <summary>True where the coefficients depend on the moments of the potential, and so on the weights.</summary>
    public abstract bool DependsOnMoments { get; }

    /// <summary>μ and s² of the potential at the somatic weights; 0 where nothing depends on them.</summary>
    /// <param name="somatic">w, n somatic weights.</param>
    public abstract PotentialMoments Moments(ReadOnlySpan<double> somatic);

    /// <summary>The coefficients at the moments of the potential; no allocation.</summary>
    /// <param name="moments">μ and s².</param>
    public abstract ThreeTermCoefficients At(PotentialMoments moments);

    /// <summary>The Fisher geometry whose moments these are; null where nothing depends on moments, or in a way of its own.</summary>
    internal virtual FisherGeometry? MomentGeometry => null;

    /// <summary>The coefficients, where c₁, c₂, c₃ of <see cref="MomentGeometry"/> are known.</summary>
    internal virtual ThreeTermCoefficients At(PotentialMoments moments, FisherMoments c) => At(moments);

    /// <summary>The change of the somatic weights in one step, or some of its terms.</summary>
    /// <param name="state">What the synapses see in this step.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="terms">The terms wanted.</param>
    /// <param name="change">Δw, n changes.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Change(in SynapticState state, double learningRate, PlasticityTerms terms, Span<double> change)
    {
        Change(state, learningRate, terms, At(Moments(state.Somatic)), change);
    }

    /// <summary>The change with coefficients taken earlier.</summary>
    internal void Change(in SynapticState state, double learningRate, PlasticityTerms terms, in ThreeTermCoefficients c, Span<double> change)
    {
        ReadOnlySpan<double> h = Gains, w = state.Somatic, x = state.Usp;
        Elementwise.MustMatch(h.Length, x.Length, "gain", "synaptic potential");
        Elementwise.MustMatch(w.Length, x.Length, "somatic weight", "synaptic potential");
        Elementwise.MustMatch(w.Length, change.Length, "somatic weight", "change");
        (double u, double m) = c.Shared(TensorPrimitives.Sum(x), state.Potential);
        double e = learningRate * c.Scale * state.Score;
        double own = terms.HasFlag(PlasticityTerms.Homosynaptic) ? 1 : 0;
        u = terms.HasFlag(PlasticityTerms.UniformHeterosynaptic) ? u : 0;
        m = terms.HasFlag(PlasticityTerms.WeightDependentHeterosynaptic) ? m : 0;
        for (int i = 0; i < w.Length; i++)
        {
            change[i] = e * ((own * h[i] * x[i]) - u + (m * w[i]));
        }
    }
}

/// <summary>The Euclidean rule: hᵢ = f′², no heterosynaptic terms.</summary>
public sealed record EuclideanForm : ThreeTermForm
{
    private readonly double[] gains;

    /// <summary>The form of given gains.</summary>
    /// <param name="gains">hᵢ, n finite numbers, not negative; 1 where learning happens in somatic weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">A gain is negative or not finite.</exception>
    public EuclideanForm(IReadOnlyList<double> gains) => this.gains = Require.NoneNegative(gains, "gain", "(a pure number)", nameof(gains));

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Gains => gains;

    /// <inheritdoc/>
    public override bool DependsOnMoments => false;

    /// <inheritdoc/>
    public override PotentialMoments Moments(ReadOnlySpan<double> somatic) => default;

    /// <inheritdoc/>
    public override ThreeTermCoefficients At(PotentialMoments moments) => new(1, 0, 0, 0, 0, 0);
}

/// <summary>The natural rule: h = c_ε/r, u = γ_u, m = γ_w, scaled by γ_s.</summary>
/// <remarks>
/// γ_u = −c_ε ε₀ (c_ε ε₀ g₁ Σx + g₃ V), γ_w = c_ε ε₀ g₂ Σx + g₄ V. Source: Kreutzer et al. 2022, Eqs 19-21, 38, 108, 109.
/// </remarks>
/// <param name="Fisher">The geometry.</param>
public sealed record NaturalForm(FisherGeometry Fisher) : ThreeTermForm
{
    /// <summary>The geometry.</summary>
    public FisherGeometry Fisher { get; } = Fisher ?? throw new ArgumentNullException(nameof(Fisher));

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Gains => Fisher.Gains;

    /// <inheritdoc/>
    public override bool DependsOnMoments => true;

    /// <inheritdoc/>
    public override PotentialMoments Moments(ReadOnlySpan<double> somatic) => Fisher.Moments(somatic);

    /// <inheritdoc/>
    public override ThreeTermCoefficients At(PotentialMoments moments) => Terms(Fisher.Coefficients(moments), Fisher.Kernel);

    internal override FisherGeometry MomentGeometry => Fisher;

    internal override ThreeTermCoefficients At(PotentialMoments moments, FisherMoments c) => Terms(Fisher.Coefficients(c, moments), Fisher.Kernel);

    internal static ThreeTermCoefficients Terms(in FisherCoefficients c, SynapticKernel kernel)
    {
        double rho = kernel.CEpsilon * kernel.Area;
        return new(c.GammaS, 0, -rho * rho * c.G1, -rho * c.G3, rho * c.G2, c.G4);
    }
}

/// <summary>The approximate natural rule: γ_u = c_u c_ε, γ_w = c_w V, γ_s exact.</summary>
/// <remarks>
/// Source: Kreutzer et al. 2022, Eq. 114. γ_w is a rough stand-in for the exact one, though learning is barely affected
/// (docs/deviations.md).
/// </remarks>
/// <param name="Fisher">The geometry that is approximated.</param>
/// <param name="Uniform">c_u, mV s.</param>
/// <param name="WeightDependent">c_w, 1/mV².</param>
public sealed record ApproximateNaturalForm(FisherGeometry Fisher, double Uniform = 0.95, double WeightDependent = 0.05) : ThreeTermForm
{
    /// <summary>The geometry that is approximated.</summary>
    public FisherGeometry Fisher { get; } = Fisher ?? throw new ArgumentNullException(nameof(Fisher));

    /// <summary>c_u.</summary>
    public double Uniform { get; init => field = Require.Finite(value, "constant c_u", nameof(Uniform)); } = Require.Finite(Uniform, "constant c_u", nameof(Uniform));

    /// <summary>c_w, 1/mV².</summary>
    public double WeightDependent { get; init => field = Require.Finite(value, "constant c_w", nameof(WeightDependent)); } = Require.Finite(WeightDependent, "constant c_w", nameof(WeightDependent));

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Gains => Fisher.Gains;

    /// <inheritdoc/>
    public override bool DependsOnMoments => true;

    /// <inheritdoc/>
    public override PotentialMoments Moments(ReadOnlySpan<double> somatic) => Fisher.Moments(somatic);

    /// <inheritdoc/>
    public override ThreeTermCoefficients At(PotentialMoments moments) =>
        Terms(Fisher.Coefficients(moments));

    internal override FisherGeometry MomentGeometry => Fisher;

    internal override ThreeTermCoefficients At(PotentialMoments moments, FisherMoments c) => Terms(Fisher.Coefficients(c, moments));

    private ThreeTermCoefficients Terms(in FisherCoefficients c) => new(c.GammaS, Uniform * Fisher.Kernel.CEpsilon, 0, 0, 0, WeightDependent);
}

/// <summary>
/// The natural rule in closed form for the rectified quadratic with its threshold far below the potential: γ_s = 1/g,
/// γ_w = 0, γ_u = c_ε² ε₀² Σx/(q + 1).
/// </summary>
/// <remarks>Source: Kreutzer et al. 2022, Eqs 117-124. It does not depend on the weights.</remarks>
public sealed record RectifiedQuadraticForm : ThreeTermForm
{
    private readonly double[] gains;
    private readonly ThreeTermCoefficients coefficients;

    /// <summary>The form of a geometry whose transfer function is rectified quadratic.</summary>
    /// <param name="fisher">The geometry.</param>
    /// <exception cref="ArgumentException">Its transfer function is another.</exception>
    public RectifiedQuadraticForm(FisherGeometry fisher)
    {
        ArgumentNullException.ThrowIfNull(fisher);
        double gain = fisher.Transfer is RectifiedQuadraticTransfer quadratic
            ? quadratic.Gain
            : throw new ArgumentException($"The closed form holds for a rectified quadratic transfer function; this one is {fisher.Transfer}.", nameof(fisher));
        gains = fisher.Gains.ToArray();
        double rho = fisher.Kernel.CEpsilon * fisher.Kernel.Area;
        coefficients = new(1 / gain, 0, rho * rho / (fisher.Q + 1), 0, 0, 0);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Gains => gains;

    /// <inheritdoc/>
    public override bool DependsOnMoments => false;

    /// <inheritdoc/>
    public override PotentialMoments Moments(ReadOnlySpan<double> somatic) => default;

    /// <inheritdoc/>
    public override ThreeTermCoefficients At(PotentialMoments moments) => coefficients;
}
