using System.Numerics;
using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// A separable, strictly convex potential Φ(w) = Σᵢ φ(wᵢ), the distance-generating function of a synaptic geometry.
/// Its gradient is the mirror map from weights w (primal) to dual weights y = ∇Φ(w); its Hessian is the metric.
/// </summary>
/// <remarks>
/// Every method works element by element on spans of equal length n; the destination comes last and may be the very
/// span of the input, but may not overlap it in part. After an exception the destination's content is undefined. Weights are dimensionless or in any one unit; the dual weights'
/// unit follows from φ′. Source: Pogodin et al. 2024, section 2.
/// </remarks>
public abstract record Potential
{
    /// <summary>The name used on the command line, in tables and in files, such as "negative-entropy" or "1.5-norm".</summary>
    public abstract string Name { get; }

    /// <summary>
    /// The exponent λ of the family y = sign(w) |w|^λ / λ to which this potential belongs (λ = p − 1 for the p-norm, 0 for
    /// negative entropy, −1 for Burg entropy), or null where it belongs to none.
    /// </summary>
    public abstract double? Exponent { get; }

    /// <summary>True where a weight of exactly zero is in the domain of the mirror map.</summary>
    public abstract bool AllowsZero { get; }

    /// <summary>
    /// True where the mirror map is one-to-one over positive and negative weights together, so that a weight may change its
    /// sign. False where it is one-to-one within an orthant only and <see cref="FromDual{T}"/> has to be told which.
    /// </summary>
    public abstract bool CrossesZero { get; }

    /// <summary>
    /// φ″(0), the metric at a weight of zero: 0, finite or +∞; +∞ also where zero is not in the domain. Where it is infinite
    /// the direction of steepest descent at zero is 0.
    /// </summary>
    public abstract double HessianAtZero { get; }

    /// <summary>A weight in the domain, to stand in the place of zeros that are not.</summary>
    internal virtual double Interior => 1;

    /// <summary>Φ(w) = Σᵢ φ(wᵢ).</summary>
    /// <param name="weights">w, n weights in the domain.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">A weight is outside the domain.</exception>
    public abstract T Value<T>(ReadOnlySpan<T> weights)
        where T : IFloatingPointIeee754<T>;

    /// <summary>
    /// The convex conjugate Φ*(y) = sup_w ⟨y, w⟩ − Φ(w) over the orthant given; it satisfies Φ(w) + Φ*(∇Φ(w)) = ⟨w, ∇Φ(w)⟩.
    /// </summary>
    /// <param name="dual">y, n dual weights in the range of the mirror map.</param>
    /// <param name="orthant">n values whose signs say in which orthant the weights lie; read only where <see cref="CrossesZero"/> is false.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public abstract T Conjugate<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant)
        where T : IFloatingPointIeee754<T>;

    /// <summary>The mirror map y = ∇Φ(w).</summary>
    /// <param name="weights">w, n weights in the domain.</param>
    /// <param name="dual">y, n dual weights. May be the span of <paramref name="weights"/>.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is outside the domain.</exception>
    public abstract void ToDual<T>(ReadOnlySpan<T> weights, Span<T> dual)
        where T : IFloatingPointIeee754<T>;

    /// <summary>The inverse mirror map w = (∇Φ)⁻¹(y).</summary>
    /// <param name="dual">y, n dual weights in the range of the mirror map.</param>
    /// <param name="orthant">n values whose signs say in which orthant the weights lie; read only where <see cref="CrossesZero"/> is false.</param>
    /// <param name="weights">w, n weights. May be the span of either input.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dual weight is outside the range of the mirror map.</exception>
    public abstract void FromDual<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant, Span<T> weights)
        where T : IFloatingPointIeee754<T>;

    /// <summary>The diagonal of the Hessian ∇²Φ(w): φ″(wᵢ), the metric of the geometry and the Jacobian of the mirror map.</summary>
    /// <param name="weights">w, n weights in the domain.</param>
    /// <param name="diagonal">φ″(wᵢ). May be the span of <paramref name="weights"/>. Infinite at w = 0 for p-norms with p &lt; 2: an error.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is outside the domain, or the Hessian is infinite there.</exception>
    public abstract void Hessian<T>(ReadOnlySpan<T> weights, Span<T> diagonal)
        where T : IFloatingPointIeee754<T>;

    /// <summary>
    /// The Bregman divergence D(a‖b) = Φ(a) − Φ(b) − ⟨∇Φ(b), a − b⟩ ≥ 0, the geometry's own measure of how far a is from b.
    /// </summary>
    /// <param name="a">n weights in the domain.</param>
    /// <param name="b">n weights in the domain.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public abstract T Bregman<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
        where T : IFloatingPointIeee754<T>;

    /// <summary>
    /// One step of mirror descent in place, w ← (∇Φ)⁻¹(∇Φ(w) − change). Where the potential does not take zeros, a weight of 0 stays 0.
    /// </summary>
    /// <param name="weights">w, n weights.</param>
    /// <param name="change">n changes of the dual weights, negated; overwritten where the implementation needs the room.</param>
    /// <exception cref="ArgumentOutOfRangeException">A weight is outside the domain, or the step leaves the range of the mirror map.</exception>
    internal virtual void Shift(Span<double> weights, Span<double> change)
    {
        using Scratch buffer = new(weights.Length);
        Span<double> orthant = buffer.Span;
        weights.CopyTo(orthant);
        if (!AllowsZero)
        {
            for (int i = 0; i < weights.Length; i++)
            {
                (orthant[i], change[i]) = weights[i] == 0 ? (Interior, 0) : (weights[i], change[i]);
            }
        }

        using Scratch dual = new(weights.Length);
        ToDual<double>(orthant, dual.Span);
        TensorPrimitives.Subtract(dual.Span, change, change);
        FromDual<double>(change, orthant, change);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = weights[i] == 0 && !AllowsZero ? 0 : change[i];
        }
    }

    /// <summary>A whole step of mirror descent in one pass over the weights, where there is one for this potential; see <see cref="FusedStep.Run"/>.</summary>
    /// <returns>How many of the first weights have made the step; 0 where there is none.</returns>
    internal virtual int FusedShift<T>(Span<T> weights, ReadOnlySpan<T> gradient, Span<T> momentum, in StepFactors factors)
        where T : IFloatingPointIeee754<T> => 0;

    /// <summary>
    /// The potential of a name: "negative-entropy", "burg-entropy", "hypentropy:BETA", or the p of a p-norm as "1.5" or
    /// "1.5-norm". Capitals do not matter. It reads back every <see cref="Name"/> of these potentials.
    /// </summary>
    /// <param name="text">The name.</param>
    /// <exception cref="FormatException">No potential has this name; the message lists the names and suggests the closest.</exception>
    public static Potential Parse(string text) => PotentialNames.Parse(text);

    /// <summary>The name; see <see cref="Name"/>.</summary>
    public sealed override string ToString() => Name;
}
