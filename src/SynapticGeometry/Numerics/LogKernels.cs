using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SynapticGeometry;

/// <summary>Vector kernels around the logarithm and the exponential that stay accurate near 1 and near 0.</summary>
internal static class LogKernels
{
    // Taylor coefficients, lowest first: sixteen are accurate to rounding for |x| ≤ 1/2.
    private static readonly double[] Phi1Series = Series(k => 1 / Factorial(k + 1));
    private static readonly double[] Phi2Series = Series(k => (k + 1) / Factorial(k + 2));

    /// <summary>
    /// Replaces a by ln a and b by ln(b / a). The ratio is taken as 2 artanh((b − a) / (b + a)) where it is near 1, so that a small
    /// change keeps its relative accuracy, which the difference of two logarithms would lose.
    /// </summary>
    /// <param name="a">Positive numbers.</param>
    /// <param name="b">As many positive numbers.</param>
    public static void LogAndLogRatio(Span<double> a, Span<double> b)
    {
        Span<Vector<double>> va = MemoryMarshal.Cast<double, Vector<double>>(a), vb = MemoryMarshal.Cast<double, Vector<double>>(b);
        for (int i = 0; i < va.Length; i++)
        {
            Vector<double> logA = Vector.Log(va[i]);
            vb[i] = LogRatio(va[i], vb[i], logA);
            va[i] = logA;
        }

        for (int i = va.Length * Vector<double>.Count; i < a.Length; i++)
        {
            Vector<double> logA = Vector.Log(new Vector<double>(a[i]));
            b[i] = LogRatio(new Vector<double>(a[i]), new Vector<double>(b[i]), logA)[0];
            a[i] = logA[0];
        }
    }

    /// <summary>φ₁(x) = (eˣ − 1) / x, with φ₁(0) = 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Phi1(Vector<double> x)
    {
        Vector<double> near = Polynomial(Phi1Series, x);
        Vector<long> far = Vector.GreaterThan(Vector.Abs(x), new Vector<double>(0.5));
        return far == Vector<long>.Zero
            ? near
            : Vector.ConditionalSelect(far, (Vector.Exp(x) - Vector<double>.One) / x, near);
    }

    /// <summary>φ₂(x) = (x eˣ − eˣ + 1) / x², the derivative of φ₁, with φ₂(0) = 1/2.</summary>
    public static Vector<double> Phi2(Vector<double> x)
    {
        Vector<double> near = Polynomial(Phi2Series, x);
        Vector<long> far = Vector.GreaterThan(Vector.Abs(x), new Vector<double>(0.5));
        if (far == Vector<long>.Zero)
        {
            return near;
        }

        Vector<double> e = Vector.Exp(x);
        return Vector.ConditionalSelect(far, ((e * (x - Vector<double>.One)) + Vector<double>.One) / (x * x), near);
    }

    /// <summary>φ₁(x) of one number.</summary>
    public static double Phi1(double x) => Phi1(new Vector<double>(x))[0];

    /// <summary>φ₂(x) of one number.</summary>
    public static double Phi2(double x) => Phi2(new Vector<double>(x))[0];

    /// <summary>ln(1 + x) for x &gt; −1, accurate near 0.</summary>
    public static double Log1Plus(double x)
    {
        // Kahan's form: the rounding of 1 + x divides out.
        double u = 1 + x;
        return u == 1 || double.IsPositiveInfinity(u) ? x : Math.Log(u) * (x / (u - 1));
    }

    private static Vector<double> LogRatio(Vector<double> a, Vector<double> b, Vector<double> logA)
    {
        // Halved first, so that the sum of two huge weights does not overflow.
        Vector<double> halfA = a * 0.5, halfB = b * 0.5;
        Vector<double> t = (halfB - halfA) / (halfB + halfA);
        Vector<double> t2 = t * t;

        // artanh t = t (1 + t²/3 + t⁴/5 + ...); for |t| ≤ 0.2 twelve terms leave less than a rounding error.
        Vector<double> sum = new(1.0 / 23);
        for (int k = 21; k >= 1; k -= 2)
        {
            sum = Vector.FusedMultiplyAdd(sum, t2, new Vector<double>(1.0 / k));
        }

        Vector<double> nearby = 2 * t * sum;
        Vector<long> near = Vector.LessThanOrEqual(Vector.Abs(t), new Vector<double>(0.2));
        return near == Vector<long>.AllBitsSet ? nearby : Vector.ConditionalSelect(near, nearby, Vector.Log(b) - logA);
    }

    // Estrin's scheme: halves of the polynomial side by side, because one long chain of products would wait for itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Polynomial(double[] c, Vector<double> x)
    {
        Vector<double> x2 = x * x, x4 = x2 * x2;
        Vector<double> low = Four(c, 0), middle = Four(c, 4), high = Four(c, 8), highest = Four(c, 12);
        return Vector.FusedMultiplyAdd(
            Vector.FusedMultiplyAdd(highest, x4, high), x4 * x4, Vector.FusedMultiplyAdd(middle, x4, low));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector<double> Four(double[] a, int k) => Vector.FusedMultiplyAdd(
            Vector.FusedMultiplyAdd(new Vector<double>(a[k + 3]), x, new Vector<double>(a[k + 2])),
            x2,
            Vector.FusedMultiplyAdd(new Vector<double>(a[k + 1]), x, new Vector<double>(a[k])));
    }

    private static double[] Series(Func<int, double> coefficient) => [.. Enumerable.Range(0, 16).Select(coefficient)];

    private static double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);
}
