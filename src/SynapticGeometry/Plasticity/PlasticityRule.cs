namespace SynapticGeometry;

/// <summary>What a synapse may see in one time step: all that a rule reads, so that rules are local by construction.</summary>
public readonly ref struct SynapticState
{
    /// <summary>ω, n weights where the synapses sit; the weights that learn.</summary>
    public required ReadOnlySpan<double> Weights { get; init; }

    /// <summary>w = f(ω), n somatic weights.</summary>
    public required ReadOnlySpan<double> Somatic { get; init; }

    /// <summary>f′(ω), n slopes of the parametrization.</summary>
    public required ReadOnlySpan<double> Slope { get; init; }

    /// <summary>x, n unweighted synaptic potentials, mV.</summary>
    public required ReadOnlySpan<double> Usp { get; init; }

    /// <summary>V = Σ wᵢ xᵢ, mV above rest.</summary>
    public required double Potential { get; init; }

    /// <summary>(Y* − φ(V) dt) φ′(V)/φ(V), 1/mV: times f′ x it is the gradient of the log-likelihood by ω.</summary>
    public required double Score { get; init; }
}

/// <summary>A learning rule: from what the synapses see in a time step to the change of their weights.</summary>
public abstract record PlasticityRule
{
    /// <summary>η, finite and not negative.</summary>
    public required double LearningRate { get; init => field = Require.NotNegative(value, "learning rate", nameof(LearningRate)); }

    /// <summary>Δω, the change of the weights in one step, to first order in η.</summary>
    /// <param name="state">What the synapses see.</param>
    /// <param name="change">n changes.</param>
    public abstract void Change(in SynapticState state, Span<double> change);

    /// <summary>One step of learning: adds the change, or takes an exact finite step where the rule has one.</summary>
    /// <param name="state">What the synapses see; its weights are those before the step.</param>
    /// <param name="updated">n weights after the step; not the memory of the state's spans.</param>
    public virtual void Apply(in SynapticState state, Span<double> updated)
    {
        Change(state, updated);
        for (int i = 0; i < updated.Length; i++)
        {
            updated[i] += state.Weights[i];
        }
    }

    /// <summary>
    /// The rule as three terms in somatic weights, which the event-driven engine runs; null where it has no such form and runs in
    /// the dense loop.
    /// </summary>
    /// <param name="parametrization">f, of the neuron.</param>
    /// <param name="synapses">n.</param>
    public virtual ThreeTermForm? ThreeTerms(Parametrization parametrization, int synapses) => null;

    /// <summary>The terms of <see cref="ThreeTerms"/> that are on.</summary>
    public virtual PlasticityTerms ActiveTerms => PlasticityTerms.All;
}

/// <summary>
/// Descent on the loss −log p(Y* | x) in any geometry: Euclid's gives the Euclidean rule, Fisher's the natural one, negative entropy
/// exponentiated gradient, under which excitatory synapses stay excitatory and inhibitory ones inhibitory.
/// </summary>
/// <remarks>Source: Kreutzer et al. 2022, Eqs 9, 10, 13; Pogodin et al. 2024, section 2.</remarks>
/// <param name="Geometry">The geometry of the weights that learn; for somatic geometries see <see cref="Geometry.In"/>.</param>
public sealed record GradientPlasticity(Geometry Geometry) : PlasticityRule
{
    /// <summary>The geometry of the weights that learn.</summary>
    public Geometry Geometry { get; init; } = Geometry ?? throw new ArgumentNullException(nameof(Geometry));

    /// <inheritdoc/>
    public override void Change(in SynapticState state, Span<double> change)
    {
        Gradient(state, LearningRate * state.Score, change);
        Geometry.Raise(state.Weights, change, change);
    }

    /// <summary>The geometry's finite step, exact in it.</summary>
    /// <inheritdoc/>
    public override void Apply(in SynapticState state, Span<double> updated)
    {
        using Scratch buffer = new(state.Weights.Length);
        Gradient(state, -state.Score, buffer.Span);
        Geometry.Descend(state.Weights, buffer.Span, LearningRate, updated);
    }

    /// <inheritdoc/>
    public override ThreeTermForm? ThreeTerms(Parametrization parametrization, int synapses) => Geometry.ThreeTerms(parametrization, synapses);

    private static void Gradient(in SynapticState state, double factor, Span<double> gradient)
    {
        Elementwise.MustMatch(state.Weights.Length, gradient.Length, "weight", "change");
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = factor * state.Slope[i] * state.Usp[i];
        }
    }
}

/// <summary>
/// A rule given by its three terms in somatic weights, each of which can be switched off: Δωᵢ = η γ_s score (hᵢ xᵢ − u + m wᵢ)/f′ᵢ.
/// </summary>
/// <remarks>Source: Kreutzer et al. 2022, Eqs 13, 19-21, 114.</remarks>
/// <param name="Form">Natural, approximate, closed or Euclidean; or a user's own.</param>
public sealed record ThreeTermPlasticity(ThreeTermForm Form) : PlasticityRule
{
    /// <summary>The three terms.</summary>
    public ThreeTermForm Form { get; init; } = Form ?? throw new ArgumentNullException(nameof(Form));

    /// <summary>The terms that are on; all by default.</summary>
    public PlasticityTerms Terms { get; init; } = PlasticityTerms.All;

    /// <inheritdoc/>
    public override PlasticityTerms ActiveTerms => Terms;

    /// <inheritdoc/>
    public override void Change(in SynapticState state, Span<double> change)
    {
        Form.Change(state, LearningRate, Terms, change);
        for (int i = 0; i < change.Length; i++)
        {
            change[i] /= state.Slope[i];
        }
    }

    /// <inheritdoc/>
    public override ThreeTermForm? ThreeTerms(Parametrization parametrization, int synapses) => Form.Gains.Length == synapses ? Form : null;
}

/// <summary>
/// How a published learning rate of the paper's figures is meant. The rule as printed has φ′/φ = β (1 − φ/φ_max); the authors' released
/// code of Fig. 3 has 1 − φ/φ_max, without β.
/// </summary>
/// <remarks>See docs/deviations.md. Which one is used belongs in every report.</remarks>
public enum LearningRateConvention
{
    /// <summary>The rule as printed: η as it stands.</summary>
    Printed,

    /// <summary>The rule of the released code: η/β with the rule as printed.</summary>
    Released,
}

/// <summary>Conversion of published learning rates.</summary>
public static class LearningRateConventions
{
    /// <summary>The learning rate for the rule as printed, which this library has.</summary>
    /// <param name="convention">How the published rate is meant.</param>
    /// <param name="published">η as published.</param>
    /// <param name="transfer">The sigmoid, for β.</param>
    public static double Rate(this LearningRateConvention convention, double published, SigmoidTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        return convention == LearningRateConvention.Released ? published / transfer.Gain : published;
    }

    /// <summary>A learning rate of the rule as printed as it would be published in a convention: the inverse of <see cref="Rate"/>.</summary>
    /// <param name="convention">The convention.</param>
    /// <param name="printed">η of the rule as printed.</param>
    /// <param name="transfer">The sigmoid, for β.</param>
    public static double Published(this LearningRateConvention convention, double printed, SigmoidTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        return convention == LearningRateConvention.Released ? printed * transfer.Gain : printed;
    }
}
