using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SynapticGeometry;

/// <summary>
/// Powers of single precision with one exponent e > 0, sixteen at a time, to 2 + e units in the last place. Registers of 512 bits hold tables from which sixteen numbers are taken at once,
/// and a power takes half the operations of a logarithm and an exponential.
/// </summary>
/// <remarks>
/// x = 2ᵏ m with m from 1 to 2, and r m = 1 + t with r from a table of 32 reciprocals, so that |t| is hardly more than 1/65. Then xᵉ = 2^(e k) r⁻ᵉ (1 + t)ᵉ. The first factor is the product
/// of two numbers from tables of 16, by the upper and the lower four bits of x's exponent; the second is from a table too; the third is four terms of its series. An e above 4
/// is halved until it is not, so that four terms are enough, and the power squared as often.
/// </remarks>
internal readonly struct TableExponent
{
    private readonly Vector512<float> reciprocals;
    private readonly Vector512<float> moreReciprocals;
    private readonly Vector512<float> powers;
    private readonly Vector512<float> morePowers;
    private readonly Vector512<float> upperScales;
    private readonly Vector512<float> lowerScales;
    private readonly Vector512<float> lowerRests;
    private readonly Vector512<float> linear;
    private readonly Vector512<float> square;
    private readonly Vector512<float> cubic;
    private readonly int squarings;

    /// <summary>The tables of an exponent.</summary>
    /// <param name="exponent">e, positive.</param>
    public TableExponent(double exponent)
    {
        double e = exponent;
        for (; e > 4; e /= 2)
        {
            squarings++;
        }

        (linear, square, cubic) = (Vector512.Create((float)e), Vector512.Create((float)(e * (e - 1) / 2)), Vector512.Create((float)(e * (e - 1) * (e - 2) / 6)));
        for (int i = 0; i < 16; i++)
        {
            // The lower factor is at most 1, so that no upper one is too small where the power is not; from 2⁻¹⁵ to 2, where weights are, the upper one is 1 and rounds nothing.
            double upper = 16 * e * (i - 7), lower = Math.Pow(2, e * (i - 15));
            bool known = i < 15 && upper + e <= 127 && (i > 0 || upper < -150);
            upperScales = upperScales.WithElement(i, known ? (float)Math.Pow(2, upper) : float.NaN);
            lowerScales = lowerScales.WithElement(i, (float)lower);
            lowerRests = lowerRests.WithElement(i, (float)((lower / (float)lower) - 1));
            (float r, float power) = Reciprocal(i, e);
            (reciprocals, powers) = (reciprocals.WithElement(i, r), powers.WithElement(i, power));
            (r, power) = Reciprocal(i + 16, e);
            (moreReciprocals, morePowers) = (moreReciprocals.WithElement(i, r), morePowers.WithElement(i, power));
        }
    }

    /// <summary>Whether this machine has the instructions, and vectors of no fixed size are half as long.</summary>
    public static bool IsSupported => Avx512F.IsSupported && System.Numerics.Vector<float>.Count == 8;

    /// <summary>
    /// |x|ᵉ. A power below the smallest normal number, that of 0 among them, is right to 2⁻¹⁴⁵. Not a number for |x| from 2¹¹³ on, infinities and what is not a number; nor below 2⁻¹¹¹, unless
    /// the power is 0 then. A power that is too large is either that or infinite.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Power(Vector512<float> x)
    {
        // Of an index the last bits alone count: four for 16 numbers, five for 32.
        Vector512<int> bits = x.AsInt32(), exponents = bits >>> 23, place = bits >>> 18;
        Vector512<float> m = ((bits & Vector512.Create(0x7fffff)) | Vector512<float>.One.AsInt32()).AsSingle();
        Vector512<float> t = Vector512.FusedMultiplyAdd(m, Avx512F.PermuteVar16x32x2(reciprocals, place, moreReciprocals), -Vector512<float>.One);
        Vector512<float> scale = Avx512F.PermuteVar16x32(upperScales, bits >>> 27) * Avx512F.PermuteVar16x32(lowerScales, exponents);
        scale *= Avx512F.PermuteVar16x32x2(powers, place, morePowers);
        Vector512<float> series = Vector512.FusedMultiplyAdd(cubic, t, square);
        series = Vector512.FusedMultiplyAdd(series, t, linear);

        // Less the 1; what the lower factor lost by rounding comes in its place.
        series = Vector512.FusedMultiplyAdd(series, t, Avx512F.PermuteVar16x32(lowerRests, exponents));
        Vector512<float> power = Vector512.FusedMultiplyAdd(scale, series, scale);
        for (int i = 0; i < squarings; i++)
        {
            power *= power;
        }

        return power;
    }

    // Of the numbers next to the reciprocal of a bin's middle the one whose power is nearest to a number of single precision, and that power: it then rounds hardly anything.
    private static (float Reciprocal, float Power) Reciprocal(int bin, double e)
    {
        int middle = BitConverter.SingleToInt32Bits((float)(1 / (1 + ((bin + 0.5) / 32))));
        (float best, double least) = (0, double.PositiveInfinity);
        for (int bits = middle - 32; bits <= middle + 32; bits++)
        {
            double power = Math.Pow(BitConverter.Int32BitsToSingle(bits), -e), error = Math.Abs(((float)power / power) - 1);
            (best, least) = error < least ? (BitConverter.Int32BitsToSingle(bits), error) : (best, least);
        }

        return (best, (float)Math.Pow(best, -e));
    }
}
