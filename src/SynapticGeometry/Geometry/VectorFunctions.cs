using System.Numerics;
using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>Elementary functions of vectors that the runtime does not offer, to a few units in the last place; inlined into the loops.</summary>
internal static class VectorFunctions
{
    // 1.5 · 2²³: a number of single precision added to it is rounded to a whole one, which its last bits then hold.
    private const float Rounding = 12582912f;

    // The bits of √½.
    private const int RootHalf = 0x3f3504f3;

    private static readonly double[] SinhSeries =
        [1.0 / 355687428096000, 1.0 / 1307674368000, 1.0 / 6227020800, 1.0 / 39916800, 1.0 / 362880, 1.0 / 5040, 1.0 / 120, 1.0 / 6, 1];

    /// <summary>The magnitude of x with the sign of s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> WithSignOf(Vector<double> s, Vector<double> x)
    {
        Vector<double> signBit = new(-0.0);
        return Vector.BitwiseOr(Vector.AndNot(x, signBit), Vector.BitwiseAnd(s, signBit));
    }

    /// <summary>
    /// xᵉ for x ≥ 0. Powers that occur in the common p-norms are products and roots; the others are exp(e ln x), whose relative
    /// error |e ln x| 2⁻⁵³ stays below 1e-13 as long as the result is a normal number.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Power(Vector<double> x, double exponent) => exponent switch
    {
        1 => x,
        0 => Vector<double>.One,
        0.5 => Vector.SquareRoot(x),
        1.5 => x * Vector.SquareRoot(x),
        2 => x * x,
        2.5 => x * x * Vector.SquareRoot(x),
        3 => x * x * x,
        -0.5 => Vector<double>.One / Vector.SquareRoot(x),
        -1 => Vector<double>.One / x,
        _ => Vector.ConditionalSelect(
            Vector.Equals(x, Vector<double>.Zero),
            new Vector<double>(exponent > 0 ? 0 : double.PositiveInfinity),
            Vector.Exp(new Vector<double>(exponent) * Vector.Log(x))),
    };

    /// <summary>eˣ in single precision, to 2 units in the last place: 2ᵏ eʳ with r = x − k ln 2 and a polynomial for eʳ. Not a number beyond |x| = 87, where 2ᵏ ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        // ln 2 is in two parts, the first of which has so few digits that its product with k is exact.
        Vector<float> round = new(Rounding), shifted = Vector.MultiplyAddEstimate(x, new Vector<float>(1.44269504f), round), k = shifted - round;
        Vector<float> r = Vector.MultiplyAddEstimate(k, new Vector<float>(-0.693359375f), x), one = Vector<float>.One;
        r = Vector.MultiplyAddEstimate(k, new Vector<float>(2.12194440e-4f), r);
        Vector<float> p = Vector.MultiplyAddEstimate(new Vector<float>(0.00139517f), r, new Vector<float>(0.0083696f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.04166619f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.16666513f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.50000001f));
        p = Vector.MultiplyAddEstimate(p, r * r, r) + one;

        // All bits set are not a number.
        return Vector.BitwiseOr(TimesPowerOfTwo(p, shifted), Vector.AsVectorSingle(Vector.GreaterThan(Vector.Abs(x), new Vector<float>(87))));
    }

    /// <summary>log₂ x of a normal number of single precision, x > 0, in two parts that are not added: a whole number, and a fraction from −½ to ½.</summary>
    /// <param name="x">x; where it is not a normal number and positive, the whole number is beyond −126 to 127.</param>
    /// <param name="fraction">To 3 units in the last place.</param>
    /// <returns>The whole number.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Log2(Vector<float> x, out Vector<float> fraction)
    {
        // x = 2ᵏ m with m from √½ to √2; t = (m − 1)/(m + 1).
        Vector<int> bits = Vector.AsVectorInt32(x), k = Vector.ShiftRightArithmetic(bits - new Vector<int>(RootHalf), 23);
        Vector<float> m = Vector.AsVectorSingle(bits - (k << 23)), t = (m - Vector<float>.One) / (m + Vector<float>.One), square = t * t;
        Vector<float> series = Vector.FusedMultiplyAdd(new Vector<float>(0.431957346f), square, new Vector<float>(0.576706094f));
        series = Vector.FusedMultiplyAdd(series, square, new Vector<float>(0.961798923f));
        series = Vector.FusedMultiplyAdd(series, square, new Vector<float>(2.88539008f));
        fraction = series * t;
        return Vector.ConvertToSingle(k);
    }

    /// <summary>2ʸ in single precision for y = exact + rest, whole and fraction of which the first holds without rounding; |y| at most 126.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp2(Vector<float> exact, Vector<float> rest)
    {
        Vector<float> round = new(Rounding), shifted = (exact + rest) + round, r = (exact - (shifted - round)) + rest;
        Vector<float> p = Vector.FusedMultiplyAdd(new Vector<float>(1.54777651e-4f), r, new Vector<float>(1.34016119e-3f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(9.6179988e-3f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(5.55032442e-2f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(0.240226514f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(0.693147208f));
        return TimesPowerOfTwo(Vector.FusedMultiplyAdd(p, r, Vector<float>.One), shifted);
    }

    // p 2ᵏ where both are normal numbers; the last bits of the shifted number are k.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> TimesPowerOfTwo(Vector<float> p, Vector<float> shifted) => Vector.AsVectorSingle(Vector.AsVectorInt32(p) + (Vector.AsVectorInt32(shifted) << 23));

    /// <summary>arcsinh x = sign(x) ln(1 + t), t = |x| + x² / (1 + √(1 + x²)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Asinh(Vector<double> x)
    {
        // Beyond 1e8 the square under the root hides the one, and it would overflow far out: ln 2|x| is exact enough.
        Vector<double> magnitude = Vector.Abs(x), far = new(1e8), ln2 = new(0.693147180559945309);
        Vector<double> near = Vector.Min(magnitude, far), one = Vector<double>.One;
        Vector<double> t = near + (near * near / (one + Vector.SquareRoot(one + (near * near))));

        // ln(1 + t) = ln u − ((u − 1) − t)/u, where u is 1 + t as rounded.
        Vector<double> u = one + t, log1p = Vector.Log(u) - (((u - one) - t) / u);
        return WithSignOf(x, Vector.ConditionalSelect(Vector.GreaterThan(magnitude, far), Vector.Log(magnitude) + ln2, log1p));
    }

    /// <summary>sinh x: its series below 1, where (eˣ − e⁻ˣ)/2 would cancel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Sinh(Vector<double> x)
    {
        Vector<double> magnitude = Vector.Abs(x), square = Vector.Min(magnitude, Vector<double>.One);
        square *= square;
        Vector<double> series = new(SinhSeries[0]);
        for (int k = 1; k < SinhSeries.Length; k++)
        {
            series = (series * square) + new Vector<double>(SinhSeries[k]);
        }

        // e^(x/2) twice, because eˣ overflows before sinh x does.
        Vector<double> half = Vector.Exp(magnitude * new Vector<double>(0.5)), rising = half * new Vector<double>(0.5) * half;
        Vector<double> direct = rising - (new Vector<double>(0.25) / rising);
        return WithSignOf(x, Vector.ConditionalSelect(Vector.LessThan(magnitude, Vector<double>.One), magnitude * series, direct));
    }
}

/// <summary>
/// Powers of single precision with one exponent e > 0, to 2 + e units in the last place: the whole part of a logarithm is multiplied by the first 16 digits of e, which is
/// exact, and only the rest is rounded.
/// </summary>
/// <param name="exponent">e.</param>
internal readonly struct SplitExponent(double exponent)
{
    // xᵉ and x itself are normal numbers up to here.
    private readonly float most = (float)Math.Floor(Math.Min(125, (126 / exponent) - 0.5));
    private readonly float head = Head(exponent);
    private readonly float tail = (float)(exponent - Head(exponent));
    private readonly float all = (float)exponent;

    /// <summary>xᵉ; all bits set, which is not a number, where number or power is zero, nearly so, nearly too large, or not a number.</summary>
    /// <param name="whole">Whole part of log₂ x.</param>
    /// <param name="fraction">The rest of it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Power(Vector<float> whole, Vector<float> fraction) => Vector.BitwiseOr(
        VectorFunctions.Exp2(whole * new Vector<float>(head), Vector.MultiplyAddEstimate(whole, new Vector<float>(tail), fraction * new Vector<float>(all))),
        Vector.AsVectorSingle(Vector.GreaterThan(Vector.Abs(whole), new Vector<float>(most))));

    private static float Head(double exponent) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits((float)exponent) & ~0xff);
}
