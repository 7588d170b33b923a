using System.Numerics;
using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>
/// The hyperbolic entropy (hypentropy) Φ(w) = Σᵢ [wᵢ arcsinh(wᵢ/β) − √(wᵢ² + β²) + β], the bridge between Euclidean geometry
/// (weights small against β) and negative entropy (weights large against β). Weights may cross zero.
/// </summary>
/// <remarks>
/// The + β, which some authors leave out, makes Φ(0) = 0; nothing but <see cref="Value{T}"/> and <see cref="Conjugate{T}"/>
/// depends on it. Mirror map arcsinh(w/β), inverse β sinh y, Hessian 1/√(w² + β²), conjugate Σᵢ β (cosh yᵢ − 1).
/// Descent under it equals exponentiated gradient on two positive parts, w = u − v with u v = β²/4.
/// </remarks>
/// <param name="Beta">β, the weight about which the geometry turns, in the weights' unit; positive and finite.</param>
public sealed record HyperbolicEntropy(double Beta) : Potential
{
    /// <summary>β, the weight about which the geometry turns from Euclidean to entropic, in the weights' unit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">β is not positive, or not finite.</exception>
    public double Beta { get; init => field = Checked(value); } = Checked(Beta);

    /// <summary>"hypentropy:0.1": β in its shortest invariant form.</summary>
    public override string Name => FormattableString.Invariant($"hypentropy:{Beta}");

    /// <inheritdoc/>
    public override double? Exponent => null;

    /// <inheritdoc/>
    public override bool AllowsZero => true;

    /// <inheritdoc/>
    public override bool CrossesZero => true;

    /// <inheritdoc/>
    public override double HessianAtZero => 1 / Beta;

    /// <inheritdoc/>
    public override T Value<T>(ReadOnlySpan<T> weights) =>
        Elementwise.Sum(weights, new ValueMap(Beta), new Wording("weight", "value", string.Empty));

    /// <inheritdoc/>
    public override T Conjugate<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant) =>
        Elementwise.Sum(dual, new ConjugateMap(Beta), new Wording("dual weight", "conjugate", string.Empty));

    /// <inheritdoc/>
    public override void ToDual<T>(ReadOnlySpan<T> weights, Span<T> dual) =>
        Elementwise.Map(weights, dual, new DualMap(Beta), new Wording("weight", "dual weight", string.Empty));

    /// <inheritdoc/>
    public override void FromDual<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant, Span<T> weights) =>
        Elementwise.Map(dual, weights, new InverseMap(Beta), new Wording("dual weight", "weight", string.Empty));

    /// <inheritdoc/>
    public override void Hessian<T>(ReadOnlySpan<T> weights, Span<T> diagonal) =>
        Elementwise.Map(weights, diagonal, new HessianMap(Beta), new Wording("weight", "Hessian", string.Empty));

    /// <inheritdoc/>
    public override T Bregman<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) =>
        Elementwise.SumDivergence(a, b, Divergence, allowsZero: true, sameSign: false, Name);

    private double Divergence(double a, double b)
    {
        double beta = Beta, rootA = double.Hypot(a, beta), rootB = double.Hypot(b, beta);
        return Math.Abs(a - b) <= 0.5 * rootB
            ? BregmanIntegral.Near(a, b, w => 1 / double.Hypot(w, beta))
            : (a * (Math.Asinh(a / beta) - Math.Asinh(b / beta))) - ((a - b) * ((a + b) / (rootA + rootB)));
    }

    private static double Checked(double beta) => beta > 0 && double.IsFinite(beta)
        ? beta
        : throw new ArgumentOutOfRangeException(nameof(beta), $"The beta of hyperbolic entropy is {beta}; it must be finite and positive.");

    private readonly struct ValueMap(double beta) : IElementMap
    {
        // √(w² + β²) − β = w · w / (√(w² + β²) + β), which does not cancel at small weights.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x)
        {
            Vector<double> b = new(beta);
            return x * (VectorFunctions.Asinh(x / b) - (x / (Vector.Hypot(x, b) + b)));
        }
    }

    private readonly struct ConjugateMap(double beta) : IElementMap
    {
        // cosh y − 1 = 2 sinh²(y/2).
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x)
        {
            Vector<double> sinh = VectorFunctions.Sinh(x * new Vector<double>(0.5));
            return new Vector<double>(2 * beta) * sinh * sinh;
        }
    }

    private readonly struct DualMap(double beta) : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) => VectorFunctions.Asinh(x / new Vector<double>(beta));
    }

    private readonly struct InverseMap(double beta) : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) => new Vector<double>(beta) * VectorFunctions.Sinh(x);
    }

    private readonly struct HessianMap(double beta) : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) => Vector<double>.One / Vector.Hypot(x, new Vector<double>(beta));
    }
}
