using System.Numerics;
using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>
/// The Burg entropy Φ(w) = −Σᵢ ln|wᵢ|. Its mirror map −1/w is the member λ = −1 of the family sign(w) |w|^λ / λ: changes are
/// proportional to the square of the weight.
/// </summary>
/// <remarks>
/// Zero is not in the domain, and a weight keeps its sign: positive weights have negative dual weights and the other way
/// round. A dual weight that reaches zero would be an infinite weight; past it no weight is left in the orthant.
/// Conjugate −Σᵢ (1 + ln|yᵢ|).
/// </remarks>
public sealed record BurgEntropy : Potential
{
    /// <summary>"burg-entropy".</summary>
    public override string Name => "burg-entropy";

    /// <inheritdoc/>
    public override double? Exponent => -1;

    /// <inheritdoc/>
    public override bool AllowsZero => false;

    /// <inheritdoc/>
    public override bool CrossesZero => false;

    /// <inheritdoc/>
    public override double HessianAtZero => double.PositiveInfinity;

    /// <inheritdoc/>
    public override T Value<T>(ReadOnlySpan<T> weights) =>
        Elementwise.Sum(weights, default(ValueMap), Weight("value"));

    /// <inheritdoc/>
    public override T Conjugate<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant) =>
        Elementwise.SumInOrthant(dual, orthant, default(ConjugateMap), Dual("conjugate"));

    /// <inheritdoc/>
    public override void ToDual<T>(ReadOnlySpan<T> weights, Span<T> dual) =>
        Elementwise.Map(weights, dual, default(DualMap), Weight("dual weight"));

    /// <inheritdoc/>
    public override void FromDual<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant, Span<T> weights) =>
        Elementwise.MapInOrthant(dual, orthant, weights, default(InverseMap), Dual("weight"));

    /// <inheritdoc/>
    public override void Hessian<T>(ReadOnlySpan<T> weights, Span<T> diagonal) =>
        Elementwise.Map(weights, diagonal, default(HessianMap), Weight("Hessian"));

    /// <inheritdoc/>
    public override T Bregman<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) =>
        Elementwise.SumDivergence(a, b, Divergence, allowsZero: false, sameSign: true, Name);

    private static double Divergence(double a, double b) => Math.Abs(a - b) <= 0.5 * Math.Abs(b)
        ? BregmanIntegral.Near(a, b, static w => 1 / w / w)
        : ((a - b) / b) - Math.Log(a / b);

    private static Wording Weight(string result) => new("weight", result, "Burg entropy needs nonzero weights");

    private static Wording Dual(string result) => new(
        "dual weight", result + " in its orthant (under Burg entropy a dual weight has the opposite sign of its weight)", DualZero);

    private const string DualZero =
        "under Burg entropy no finite weight has this dual weight (a step of descent that ends here was too long)";

    private readonly struct ValueMap : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) => -Vector.Log(Vector.Abs(x));
    }

    private readonly struct DualMap : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) => -Vector<double>.One / x;
    }

    private readonly struct HessianMap : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) => Vector<double>.One / (x * x);
    }

    private readonly struct InverseMap : IElementPairMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x, Vector<double> y) => Vector.ConditionalSelect(
            Vector.GreaterThan(x * y, Vector<double>.Zero), new Vector<double>(double.NaN), -Vector<double>.One / x);
    }

    private readonly struct ConjugateMap : IElementPairMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x, Vector<double> y) => Vector.ConditionalSelect(
            Vector.GreaterThan(x * y, Vector<double>.Zero),
            new Vector<double>(double.NaN),
            -Vector<double>.One - Vector.Log(Vector.Abs(x)));
    }
}
