using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SynapticGeometry;

/// <summary>
/// The p-norm potential Φ(w) = Σᵢ |wᵢ|ᵖ / p, p &gt; 1. Its mirror map is sign(w) |w|^(p−1); p = 2 is Euclidean, and learning
/// under it is gradient descent.
/// </summary>
/// <remarks>
/// Every finite weight is in the domain. The Hessian (p − 1) |w|^(p−2) at w = 0 is infinite for p &lt; 2 (an error when asked
/// for), 1 for p = 2 and 0 for p &gt; 2. A dual weight too small for the number format underflows to 0, and comes back as 0.
/// Source: Pogodin et al. 2024, section 2.
/// </remarks>
/// <param name="Power">p, finite and greater than 1.</param>
public sealed record PNorm(double Power) : Potential
{
    // Their tables are made once a potential; a field of the record would count when two are compared.
    private static readonly ConditionalWeakTable<PNorm, WidePowerLoop> WideLoops = [];

    /// <summary>p, the power, finite and greater than 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">p is not greater than 1, or not finite.</exception>
    public double Power { get; init => field = Checked(value); } = Checked(Power);

    /// <summary>"1.5-norm": the power in its shortest invariant form.</summary>
    public override string Name => FormattableString.Invariant($"{Power}-norm");

    /// <inheritdoc/>
    public override double? Exponent => Power - 1;

    /// <inheritdoc/>
    public override bool AllowsZero => true;

    /// <inheritdoc/>
    public override bool CrossesZero => true;

    /// <inheritdoc/>
    public override double HessianAtZero => Power < 2 ? double.PositiveInfinity : Power > 2 ? 0 : 1;

    /// <inheritdoc/>
    public override T Value<T>(ReadOnlySpan<T> weights) =>
        Elementwise.Sum(weights, new ScaledPower(Power, 1 / Power), Weight("value"));

    /// <summary>Φ*(y) = Σᵢ |yᵢ|^q / q with 1/p + 1/q = 1.</summary>
    /// <inheritdoc/>
    public override T Conjugate<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant)
    {
        double q = Power / (Power - 1);
        return Elementwise.Sum(dual, new ScaledPower(q, 1 / q), Dual("conjugate"));
    }

    /// <inheritdoc/>
    public override void ToDual<T>(ReadOnlySpan<T> weights, Span<T> dual) =>
        Elementwise.Map(weights, dual, new SignedPower(Power - 1), Weight("dual weight"));

    /// <inheritdoc/>
    public override void FromDual<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant, Span<T> weights) =>
        Elementwise.Map(dual, weights, new SignedPower(1 / (Power - 1)), Dual("weight"));

    /// <inheritdoc/>
    public override void Hessian<T>(ReadOnlySpan<T> weights, Span<T> diagonal) =>
        Elementwise.Map(weights, diagonal, new ScaledPower(Power - 2, Power - 1), Weight("Hessian"));

    /// <inheritdoc/>
    public override T Bregman<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) =>
        Elementwise.SumDivergence(a, b, Divergence, allowsZero: true, sameSign: false, Name);

    /// <summary>Under the 2-norm a subtraction.</summary>
    /// <inheritdoc/>
    internal override void Shift(Span<double> weights, Span<double> change)
    {
        if (Power == 2)
        {
            TensorPrimitives.Subtract(weights, change, weights);
            Elementwise.MustBeFinite(weights, "weight after the step", nameof(weights));
        }
        else
        {
            Elementwise.Replace(weights, change, new ShiftMap(Power));
        }
    }

    /// <summary>
    /// For p from 1.5 to 10⁴ in the precision of the weights. Below, where the inverse map multiplies the dual weight's rounding by 1/(p − 1), and beyond, where the map does so with the
    /// weight's by p − 1, in double precision.
    /// </summary>
    /// <inheritdoc/>
    internal override int FusedShift<T>(Span<T> weights, ReadOnlySpan<T> gradient, Span<T> momentum, in StepFactors factors) => Power switch
    {
        1.5 => FusedStep.Run(weights, gradient, momentum, factors, default(ShiftMaps.ThreeHalves<T>)),
        2 => FusedStep.Run(weights, gradient, momentum, factors, default(ShiftMaps.Euclidean<T>)),
        3 => FusedStep.Run(weights, gradient, momentum, factors, default(ShiftMaps.Cubic<T>)),
        >= 1.5 and <= 1e4 when typeof(T) == typeof(float) => TableExponent.IsSupported
            ? FusedStep.RunLoop(Singles(weights), Singles(gradient), Singles(momentum), factors, WideLoops.GetValue(this, static norm => new WidePowerLoop(norm.Power)))
            : FusedStep.RunLoop(Singles(weights), Singles(gradient), Singles(momentum), factors, new PowerLoop(Power)),
        _ => FusedStep.Run(weights, gradient, momentum, factors, new GeneralShift<T>(Power)),
    };

    // Spans of singles by another name.
    private static Span<float> Singles<T>(ReadOnlySpan<T> values) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<T, float>(ref MemoryMarshal.GetReference(values)), values.Length);

    private double Divergence(double a, double b)
    {
        double p = Power;
        if (p == 2)
        {
            return 0.5 * (a - b) * (a - b);
        }

        // Within half of |b|, and closer for large p, whose φ″ bends over a length |b|/p.
        if (Math.Abs(a - b) <= Math.Min(0.5, 5 / p) * Math.Abs(b))
        {
            return BregmanIntegral.Near(a, b, w => (p - 1) * Math.Pow(Math.Abs(w), p - 2));
        }

        // Young's form φ(a) + φ*(y) − a y, y = φ′(b), where φ*(y) = |b|ᵖ/q.
        double y = Math.CopySign(Math.Pow(Math.Abs(b), p - 1), b);
        return (Math.Pow(Math.Abs(a), p) / p) + (Math.Abs(b * y) * (p - 1) / p) - (a * y);
    }

    private static double Checked(double power) => power > 1 && double.IsFinite(power)
        ? power
        : throw new ArgumentOutOfRangeException(nameof(power), $"The p of a p-norm is {power}; it must be finite and greater than 1.");

    private Wording Weight(string result) => new("weight", result, $"the Hessian of the {Name} is infinite there");

    private static Wording Dual(string result) => new("dual weight", result, string.Empty);

    private readonly struct SignedPower(double exponent) : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) =>
            VectorFunctions.WithSignOf(x, VectorFunctions.Power(Vector.Abs(x), exponent));
    }

    private readonly struct ScaledPower(double exponent, double scale) : IElementMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> x) =>
            new Vector<double>(scale) * VectorFunctions.Power(Vector.Abs(x), exponent);
    }

    private readonly struct ShiftMap(double power) : IElementPairMap
    {
        private readonly SignedPower dual = new(power - 1);
        private readonly SignedPower inverse = new(1 / (power - 1));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<double> Invoke(Vector<double> w, Vector<double> change) => inverse.Invoke(dual.Invoke(w) - change);
    }

    // In double precision whatever the weights are in.
    internal readonly struct GeneralShift<T>(double power) : IShiftMap<T>
        where T : IFloatingPointIeee754<T>
    {
        private readonly ShiftMap map = new(power);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<T> Invoke(Vector<T> w, Vector<T> change)
        {
            if (typeof(T) == typeof(double))
            {
                return Vector.As<double, T>(map.Invoke(Vector.As<T, double>(w), Vector.As<T, double>(change)));
            }

            Vector.Widen(Vector.As<T, float>(w), out Vector<double> low, out Vector<double> high);
            Vector.Widen(Vector.As<T, float>(change), out Vector<double> lowChange, out Vector<double> highChange);
            return Vector.As<float, T>(Vector.Narrow(map.Invoke(low, lowChange), map.Invoke(high, highChange)));
        }
    }
}
