using System.Numerics;
using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>Elementary functions of vectors that the runtime does not offer, to a few units in the last place; inlined into the loops.</summary>
internal static class VectorFunctions
{
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
        Vector<float> k = Vector.Round(x * new Vector<float>(1.44269504f));
        Vector<float> r = Vector.MultiplyAddEstimate(k, new Vector<float>(-0.693359375f), x), one = Vector<float>.One;
        r = Vector.MultiplyAddEstimate(k, new Vector<float>(2.12194440e-4f), r);
        Vector<float> p = Vector.MultiplyAddEstimate(new Vector<float>(1f / 5040), r, new Vector<float>(1f / 720));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(1f / 120));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(1f / 24));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(1f / 6));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.5f));
        p = Vector.MultiplyAddEstimate(p, r * r, r) + one;
        Vector<float> power = Vector.AsVectorSingle((Vector.ConvertToInt32Native(k) + new Vector<int>(127)) << 23);

        // All bits set are not a number.
        return Vector.BitwiseOr(p * power, Vector.AsVectorSingle(Vector.OnesComplement(Vector.LessThanOrEqual(Vector.Abs(x), new Vector<float>(87)))));
    }

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
