using System.Numerics;
using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>
/// The negative entropy Φ(w) = Σᵢ |wᵢ| ln|wᵢ|. Descent under it is exponentiated gradient: it multiplies each weight by a
/// positive factor, so that a synapse keeps its sign, excitatory or inhibitory.
/// </summary>
/// <remarks>
/// The mirror map sign(w) (ln|w| + 1) takes every real value once in each orthant, so the inverse has to be told the orthant.
/// It is undefined at w = 0: a weight of exactly zero is not in the domain. Conjugate Σᵢ exp(sᵢ yᵢ − 1), s the sign of the
/// weight. Source: Pogodin et al. 2024, the potential of exponentiated gradient.
/// </remarks>
public sealed record NegativeEntropy : Potential
{
    /// <summary>"negative-entropy".</summary>
    public override string Name => "negative-entropy";

    /// <inheritdoc/>
    public override double? Exponent => 0;

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

    /// <summary>Exponentiated gradient: w exp(−sign(w) change), which needs no logarithm and loses no digit to one.</summary>
    /// <inheritdoc/>
    internal override void Shift(Span<double> weights, Span<double> change) => Elementwise.Replace(weights, change, default(ShiftMap));

    /// <inheritdoc/>
    internal override int FusedShift<T>(Span<T> weights, ReadOnlySpan<T> gradient, Span<T> momentum, in StepFactors factors) =>
        FusedStep.Run(weights, gradient, momentum, factors, default(ShiftMaps.Exponentiated<T>));

    private static double Divergence(double a, double b) => Math.Abs(a - b) <= 0.5 * Math.Abs(b)
        ? BregmanIntegral.Near(a, b, static w => 1 / Math.Abs(w))
        : (Math.Abs(a) * Math.Log(a / b)) - Math.Abs(a) + Math.Abs(b);

    private static Wording Weight(string result) => new("weight", result, "negative entropy needs nonzero weights");

    private static Wording Dual(string result) => new("dual weight", result, string.Empty);

    private readonly struct ValueMap : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) => Vector.Abs(x) * Vector.Log(Vector.Abs(x));
    }

    private readonly struct DualMap : IElementMap
    {
        // sign(w) times a number that may itself be negative: a product, not a copied sign.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) =>
            VectorFunctions.WithSignOf(x, Vector<double>.One) * (Vector.Log(Vector.Abs(x)) + Vector<double>.One);
    }

    private readonly struct HessianMap : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) => Vector<double>.One / Vector.Abs(x);
    }

    private readonly struct InverseMap : IElementPairMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x, Vector<double> y) => y * Vector.Exp((y * x) - Vector<double>.One);
    }

    private readonly struct ConjugateMap : IElementPairMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x, Vector<double> y) => Vector.Exp((y * x) - Vector<double>.One);
    }

    private readonly struct ShiftMap : IElementPairMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> w, Vector<double> change) => default(ShiftMaps.Exponentiated<double>).Invoke(w, change);
    }
}
