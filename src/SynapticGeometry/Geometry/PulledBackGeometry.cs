namespace SynapticGeometry;

/// <summary>
/// A geometry of somatic weights w = f(ω) as seen from the weights ω: G_ω = f′ᵀ G(f(ω)) f′. Steps under it move the soma as
/// the somatic geometry does, whatever the parametrization; a geometry that is not pulled back does not.
/// </summary>
/// <remarks>
/// The gradient is that of the loss by ω, g_ω = f′ g_w. A finite step is taken exactly, in somatic weights, and carried back by
/// f⁻¹; it is not a straight step in ω. Source: Kreutzer et al. 2022, parametrization invariance of natural-gradient plasticity.
/// </remarks>
/// <param name="Somatic">The geometry of the somatic weights.</param>
/// <param name="Parametrization">f.</param>
public sealed record PulledBackGeometry(Geometry Somatic, Parametrization Parametrization) : Geometry
{
    /// <summary>The geometry of the somatic weights.</summary>
    public Geometry Somatic { get; init; } = Somatic ?? throw new ArgumentNullException(nameof(Somatic));

    /// <summary>f, the parametrization.</summary>
    public Parametrization Parametrization { get; init; } = Parametrization ?? throw new ArgumentNullException(nameof(Parametrization));

    /// <summary>The direction G(f(ω))⁻¹(g_ω / f′) / f′.</summary>
    /// <inheritdoc/>
    public override void Raise(ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, Span<double> direction)
    {
        Elementwise.MustMatch(weights.Length, direction.Length, "weight", "direction");
        using Scratch somaticBuffer = new(weights.Length);
        using Scratch slopeBuffer = new(weights.Length);
        using Scratch gradientBuffer = new(weights.Length);
        Span<double> somatic = somaticBuffer.Span, slope = slopeBuffer.Span, somaticGradient = gradientBuffer.Span;
        Push(weights, gradient, somatic, slope, somaticGradient);
        Somatic.Raise(somatic, somaticGradient, somaticGradient);
        for (int i = 0; i < weights.Length; i++)
        {
            direction[i] = somaticGradient[i] / slope[i];
        }
    }

    /// <inheritdoc/>
    public override void Descend(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, double learningRate, Span<double> updated)
    {
        Elementwise.MustMatch(weights.Length, updated.Length, "weight", "updated weight");
        using Scratch somaticBuffer = new(weights.Length);
        using Scratch slopeBuffer = new(weights.Length);
        using Scratch gradientBuffer = new(weights.Length);
        Span<double> somatic = somaticBuffer.Span, somaticGradient = gradientBuffer.Span;
        Push(weights, gradient, somatic, slopeBuffer.Span, somaticGradient);
        Somatic.Descend(somatic, somaticGradient, learningRate, somatic);
        Parametrization.FromSomatic(somatic, updated);
    }

    /// <summary>The form of the somatic geometry, where the neuron's parametrization is the one pulled back through.</summary>
    /// <inheritdoc/>
    public override ThreeTermForm? ThreeTerms(Parametrization parametrization, int synapses) =>
        Parametrization.Equals(parametrization) ? Somatic.ThreeTerms(new SomaticWeights(), synapses) : null;

    // w = f(ω), f′(ω), and g_w = g_ω / f′.
    private void Push(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, Span<double> somatic, Span<double> slope, Span<double> somaticGradient)
    {
        Elementwise.MustMatch(weights.Length, gradient.Length, "weight", "gradient");
        Elementwise.MustBeFinite(gradient, "gradient", nameof(gradient));
        Parametrization.ToSomatic(weights, somatic);
        Parametrization.Slope(weights, slope);
        for (int i = 0; i < weights.Length; i++)
        {
            if (slope[i] == 0 || !double.IsFinite(slope[i]))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(weights), $"Weight {i} of {weights.Length} is {weights[i]}; the slope of the parametrization there is {slope[i]}, and must be finite and nonzero.");
            }

            somaticGradient[i] = gradient[i] / slope[i];
        }
    }
}
