using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// The geometry whose metric is a potential's Hessian, G(w) = ∇²Φ(w). A finite step is straight in dual weights: mirror
/// descent, ∇Φ(w′) = ∇Φ(w) − η g.
/// </summary>
/// <remarks>
/// Where the potential does not cross zero, every weight stays in its orthant. At w = 0: where the potential does not take
/// zeros, a zero weight is an absent synapse; its direction is 0 and it stays 0, as the limit w → 0 of exponentiated gradient
/// does. Under a p-norm with p &lt; 2 the metric is infinite at zero and the direction is again 0, yet a finite step does move
/// the weight, by |η g|^(1/(p−1)), which is of higher order in η. Where the metric is 0 (p &gt; 2) a nonzero gradient has no
/// finite direction, and raising it is an error; the finite step is still defined.
/// Source: Pogodin et al. 2024, section 2.
/// </remarks>
/// <param name="Potential">Φ.</param>
public sealed record MirrorGeometry(Potential Potential) : Geometry
{
    /// <summary>Φ, the potential.</summary>
    public Potential Potential { get; init; } = Potential ?? throw new ArgumentNullException(nameof(Potential));

    /// <summary>The direction g / φ″(w).</summary>
    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A weight is outside the domain, a gradient is not finite, or the metric is 0 where the gradient is not.
    /// </exception>
    public override void Raise(ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, Span<double> direction)
    {
        Check(weights, gradient, direction);
        using Scratch buffer = new(weights.Length);
        Span<double> metric = buffer.Span;
        bool stillAtZero = double.IsPositiveInfinity(Potential.HessianAtZero);
        FillZeros(weights, stillAtZero ? Potential.Interior : 0, metric);
        Potential.Hessian<double>(metric, metric);
        for (int i = 0; i < weights.Length; i++)
        {
            double v = (weights[i] == 0 && stillAtZero) || gradient[i] == 0 ? 0 : gradient[i] / metric[i];
            direction[i] = double.IsFinite(v)
                ? v
                : throw new ArgumentOutOfRangeException(
                    nameof(weights),
                    $"Weight {i} of {weights.Length} is {weights[i]}; the Hessian of {Potential.Name} is {metric[i]} there and the gradient {gradient[i]} has no finite direction.");
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">
    /// η is negative or not finite, a weight is outside the domain, a gradient is not finite, or the step leaves the range of
    /// the mirror map.
    /// </exception>
    public override void Descend(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, double learningRate, Span<double> updated)
    {
        Check(weights, gradient, updated);
        if (!(learningRate >= 0) || !double.IsFinite(learningRate))
        {
            throw new ArgumentOutOfRangeException(
                nameof(learningRate), $"The learning rate is {learningRate}; it must be finite and not negative.");
        }

        using Scratch buffer = new(weights.Length);
        TensorPrimitives.Multiply(gradient, learningRate, buffer.Span);
        weights.CopyTo(updated);
        Potential.Shift(updated, buffer.Span);
    }

    /// <summary>
    /// Under the 2-norm, h = f′² (as the soma sees a Euclidean step taken on the dendrite) and no heterosynaptic term, where f is
    /// linear; null otherwise.
    /// </summary>
    /// <inheritdoc/>
    public override ThreeTermForm? ThreeTerms(Parametrization parametrization, int synapses) =>
        Potential is not PNorm { Power: 2 } ? null
        : parametrization switch
        {
            SomaticWeights => new EuclideanForm([.. Enumerable.Repeat(1.0, synapses)]),
            DendriticWeights dendrite when dendrite.Attenuation.Count == synapses => new EuclideanForm([.. dendrite.Attenuation.Select(a => a * a)]),
            _ => null,
        };

    private static void Check(ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, Span<double> destination)
    {
        Elementwise.MustMatch(weights.Length, gradient.Length, "weight", "gradient");
        Elementwise.MustMatch(weights.Length, destination.Length, "weight", "destination");
        Elementwise.MustNotOverlapInPart<double>(weights, destination);
        Elementwise.MustNotOverlapInPart<double>(gradient, destination);
        Elementwise.MustBeFinite(gradient, "gradient", nameof(gradient));
    }

    private static void FillZeros(ReadOnlySpan<double> weights, double instead, Span<double> copy)
    {
        weights.CopyTo(copy);
        copy.Replace(0.0, instead);
    }
}
