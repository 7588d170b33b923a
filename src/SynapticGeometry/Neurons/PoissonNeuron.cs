using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// A Poisson neuron: synaptic potentials, weighted and summed at the soma, V = Σ wᵢ xᵢ, fire it with probability φ(V) dt in a step.
/// </summary>
/// <remarks>A constant shift of the potential belongs to the transfer function, <see cref="TransferFunction.Shifted"/>. Source: Kreutzer et al. 2022, Eqs 4-7.</remarks>
/// <param name="Transfer">φ.</param>
/// <param name="Kernel">ε.</param>
public sealed record PoissonNeuron(TransferFunction Transfer, SynapticKernel Kernel)
{
    /// <summary>φ, the transfer function.</summary>
    public TransferFunction Transfer { get; init; } = Transfer ?? throw new ArgumentNullException(nameof(Transfer));

    /// <summary>ε, the synaptic kernel.</summary>
    public SynapticKernel Kernel { get; init; } = Kernel ?? throw new ArgumentNullException(nameof(Kernel));

    /// <summary>f: how a synapse's own weight ω arrives at the soma, w = f(ω). Somatic weights by default.</summary>
    public Parametrization Parametrization { get; init; } = new SomaticWeights();

    /// <summary>V = Σ wᵢ xᵢ, mV above rest.</summary>
    /// <param name="somatic">w, n somatic weights.</param>
    /// <param name="usp">x, n unweighted synaptic potentials, mV.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double SomaticPotential(ReadOnlySpan<double> somatic, ReadOnlySpan<double> usp)
    {
        Elementwise.MustMatch(somatic.Length, usp.Length, "somatic weight", "synaptic potential");
        return TensorPrimitives.Dot(somatic, usp);
    }
}
