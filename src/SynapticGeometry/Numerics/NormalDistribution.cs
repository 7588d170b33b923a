using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>
/// The standard normal distribution: density φ(x) = exp(−x²/2)/√(2π), Φ(x) = ∫ φ from −∞ to x, 1 − Φ, their logarithms and the
/// quantile, to a few units in the last place in both tails.
/// </summary>
/// <remarks>
/// <para>
/// One kernel serves all: Φ(−a) = R(a) exp(−a²/2) for a ≥ 0, where R(a) (a + 51/64) is a polynomial of degree 23 in
/// t = (a − 5)/(a + 5), interpolated at Chebyshev points in 50-digit arithmetic (largest relative error 2e-17). The square is
/// kept to twice the precision, so that exp keeps its relative accuracy far out, into the subnormal numbers at x = −38.
/// </para>
/// <para>A span gives the same bits as its elements one by one. NaN gives NaN, infinities give the limits.</para>
/// <para>Source of the form: Schonfelder 1978, Math. Comp. 32, 1232.</para>
/// </remarks>
public static class NormalDistribution
{
    internal const double InverseSqrtTwoPi = 0.39894228040143267794;
    private const double SqrtTwoPi = 2.5066282746310005024;
    private const double LogTwo = 0.69314718055994530942;

    /// <summary>φ(x) = exp(−x²/2)/√(2π).</summary>
    /// <param name="x">Any number.</param>
    public static double Density(double x) =>
        ExpHalfSquare(Vector256.Create(Math.Abs(x)), Vector256.Create(InverseSqrtTwoPi)).ToScalar();

    /// <summary>Φ(x), the probability of at most x.</summary>
    /// <param name="x">Any number.</param>
    public static double Cdf(double x) => Cdf(Vector256.Create(x)).ToScalar();

    /// <summary>1 − Φ(x) = Φ(−x), the probability of more than x.</summary>
    /// <param name="x">Any number.</param>
    public static double Survival(double x) => Cdf(Vector256.Create(-x)).ToScalar();

    /// <summary>ln Φ(x), accurate also where Φ(x) underflows (x below −38) or rounds to 1.</summary>
    /// <param name="x">Any number.</param>
    public static double LogCdf(double x) => LogBoth(Vector256.Create(x)).Cdf.ToScalar();

    /// <summary>ln(1 − Φ(x)) = ln Φ(−x), accurate also where 1 − Φ(x) underflows or rounds to 1.</summary>
    /// <param name="x">Any number.</param>
    public static double LogSurvival(double x) => LogBoth(Vector256.Create(x)).Survival.ToScalar();

    /// <summary>Φ of every element.</summary>
    /// <param name="x">n numbers.</param>
    /// <param name="destination">n probabilities; may be the span of <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Cdf(ReadOnlySpan<double> x, Span<double> destination)
    {
        MustMatch(x.Length, destination.Length, nameof(destination));
        int i = 0;
        for (; i <= x.Length - 4; i += 4)
        {
            Cdf(Vector256.Create(x.Slice(i, 4))).CopyTo(destination[i..]);
        }

        for (; i < x.Length; i++)
        {
            destination[i] = Cdf(x[i]);
        }
    }

    /// <summary>Φ and φ of every element; lengths are not checked.</summary>
    internal static void CdfAndDensity(ReadOnlySpan<double> x, Span<double> cdf, Span<double> density)
    {
        for (int i = 0; i < x.Length; i += 4)
        {
            Span<double> padded = [0, 0, 0, 0];
            int count = Math.Min(4, x.Length - i);
            x.Slice(i, count).CopyTo(padded);
            Vector256<double> v = Vector256.Create<double>(padded);
            (Vector256<double> tail, Vector256<double> bell) = TailAndDensity(v);
            Vector256.ConditionalSelect(Vector256.GreaterThan(v, Vector256<double>.Zero), Vector256<double>.One - tail, tail).CopyTo(padded);
            padded[..count].CopyTo(cdf[i..]);
            bell.CopyTo(padded);
            padded[..count].CopyTo(density[i..]);
        }
    }

    /// <summary>ln Φ and ln(1 − Φ) of every element, in one pass.</summary>
    /// <param name="x">n numbers.</param>
    /// <param name="logCdf">n values of ln Φ; may be the span of <paramref name="x"/> itself.</param>
    /// <param name="logSurvival">n values of ln(1 − Φ); not the span of <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void LogCdfAndSurvival(ReadOnlySpan<double> x, Span<double> logCdf, Span<double> logSurvival)
    {
        MustMatch(x.Length, logCdf.Length, nameof(logCdf));
        MustMatch(x.Length, logSurvival.Length, nameof(logSurvival));
        int i = 0;
        for (; i <= x.Length - 4; i += 4)
        {
            (Vector256<double> below, Vector256<double> above) = LogBoth(Vector256.Create(x.Slice(i, 4)));
            below.CopyTo(logCdf[i..]);
            above.CopyTo(logSurvival[i..]);
        }

        for (; i < x.Length; i++)
        {
            (Vector256<double> below, Vector256<double> above) = LogBoth(Vector256.Create(x[i]));
            logCdf[i] = below.ToScalar();
            logSurvival[i] = above.ToScalar();
        }
    }

    /// <summary>Φ⁻¹(p): the x with Φ(x) = p.</summary>
    /// <param name="p">A probability, 0 to 1; 0 gives −∞, 1 gives +∞, NaN gives NaN.</param>
    /// <remarks>
    /// A probability near 1 is known to 1e-16 only: for the far upper tail use −Quantile(q) with q = 1 − p, and where even q
    /// underflows <see cref="QuantileOfLog"/>.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is below 0 or above 1.</exception>
    public static double Quantile(double p)
    {
        if (p is < 0 or > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "A probability lies between 0 and 1.");
        }

        if (p > 0.5)
        {
            // Exact: p ≥ ½, so that 1 − p has no rounding error.
            return -Quantile(1 - p);
        }

        if (p == 0 || double.IsNaN(p))
        {
            return p == 0 ? double.NegativeInfinity : double.NaN;
        }

        double x = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, p);
        if (p < 1e-290)
        {
            // Φ loses digits among the subnormal numbers, its logarithm does not.
            return RefineLog(x, Math.Log(p));
        }

        // One step of Halley's method; Φ/φ taken from R, which does not underflow.
        double newton = SqrtTwoPi * Mills(Vector256.Create(Math.Abs(x))).ToScalar() * (1 - p / Cdf(x));
        return x - newton / (1 + 0.5 * x * newton);
    }

    /// <summary>The x with ln Φ(x) = <paramref name="logP"/>: the quantile of a probability too small, or too near 1, for a double.</summary>
    /// <param name="logP">Logarithm of a probability, at most 0; 0 gives +∞, −∞ gives −∞, NaN gives NaN.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="logP"/> is above 0.</exception>
    public static double QuantileOfLog(double logP)
    {
        if (logP > 0)
        {
            throw new ArgumentOutOfRangeException(nameof(logP), logP, "The logarithm of a probability is at most 0.");
        }

        if (logP > -LogTwo)
        {
            return -Quantile(-NearOne.Expm1(logP));
        }

        if (logP > -600)
        {
            return RefineLog(Quantile(Math.Exp(logP)), logP);
        }

        // −a²/2 − ln(a √(2π)) = ln p to leading order.
        double square = -2 * logP;
        return double.IsNegativeInfinity(logP)
            ? logP
            : RefineLog(-Math.Sqrt(square - Math.Log(2 * Math.PI * square)), logP);
    }

    // Newton's method on ln Φ, which is nearly a parabola far out: each step doubles the digits.
    private static double RefineLog(double x, double logP)
    {
        for (int step = 0; step < 3; step++)
        {
            double millsRatio = SqrtTwoPi * Mills(Vector256.Create(Math.Abs(x))).ToScalar();
            x -= (LogCdf(x) - logP) * millsRatio;
        }

        return x;
    }

    /// <summary>Φ(x) of four numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<double> Cdf(Vector256<double> x)
    {
        Vector256<double> a = Vector256.Abs(x);
        Vector256<double> tail = ExpHalfSquare(a, Mills(a));
        return Vector256.ConditionalSelect(
            Vector256.GreaterThan(x, Vector256<double>.Zero), Vector256<double>.One - tail, tail);
    }

    /// <summary>ln Φ(x) and ln(1 − Φ(x)) of four numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (Vector256<double> Cdf, Vector256<double> Survival) LogBoth(Vector256<double> x)
    {
        Vector256<double> a = Vector256.Abs(x);
        Vector256<double> mills = Mills(a);
        Vector256<double> tail = ExpHalfSquare(a, mills);
        return LogBoth(x, a, mills, tail);
    }

    /// <summary>All that the tests of normality need of four numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static NormalTerms Terms(Vector256<double> x)
    {
        Vector256<double> a = Vector256.Abs(x);
        Vector256<double> mills = Mills(a);
        Vector256<double> bell = ExpHalfSquare(a, Vector256<double>.One);
        Vector256<double> tail = bell * mills;
        (Vector256<double> logCdf, Vector256<double> logSurvival) = LogBoth(x, a, mills, tail);
        Vector256<double> cdf = Vector256.ConditionalSelect(
            Vector256.GreaterThan(x, Vector256<double>.Zero), Vector256<double>.One - tail, tail);
        return new NormalTerms(cdf, tail, bell * InverseSqrtTwoPi, logCdf, logSurvival);
    }

    /// <summary>Φ(−|x|) and φ(x) of four numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (Vector256<double> Tail, Vector256<double> Density) TailAndDensity(Vector256<double> x)
    {
        Vector256<double> a = Vector256.Abs(x);
        Vector256<double> bell = ExpHalfSquare(a, Vector256<double>.One);
        return (bell * Mills(a), bell * InverseSqrtTwoPi);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<double> Cdf, Vector256<double> Survival) LogBoth(
        Vector256<double> x, Vector256<double> a, Vector256<double> mills, Vector256<double> tail)
    {
        // ln Φ(−a) = ln R(a) − a²/2: both terms negative, nothing cancels.
        Vector256<double> square = a * a;
        Vector256<double> residue = Vector256.FusedMultiplyAdd(a, a, -square);
        residue = Vector256.ConditionalSelect(
            Vector256.LessThan(a, Vector256.Create(1e150)), residue, Vector256<double>.Zero);
        Vector256<double> near = Vector256.FusedMultiplyAdd(
            Vector256.Create(-0.5), square, Vector256.FusedMultiplyAdd(Vector256.Create(-0.5), residue, LogSmall(mills)));
        Vector256<double> far = LogOneMinus(tail);

        Vector256<double> positive = Vector256.GreaterThan(x, Vector256<double>.Zero);
        return (Vector256.ConditionalSelect(positive, far, near), Vector256.ConditionalSelect(positive, near, far));
    }

    /// <summary>ln(1 − q) for 0 ≤ q ≤ ½: −2 artanh(q/(2 − q)), of full relative accuracy also for tiny q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> LogOneMinus(Vector256<double> q)
    {
        Vector256<double> s = q / (q - Vector256.Create(2.0));
        Vector256<double> u = s * s, u2 = u * u;

        // (2 artanh s − 2s)/(s u), degree 9 in u ≤ 1/9.
        Vector256<double> even = Vector256.Create(0.08794443747103234);
        Vector256<double> odd = Vector256.Create(0.16176702610798985);
        even = Vector256.FusedMultiplyAdd(even, u2, Vector256.Create(0.13313998546262454));
        odd = Vector256.FusedMultiplyAdd(odd, u2, Vector256.Create(0.12002376939152137));
        even = Vector256.FusedMultiplyAdd(even, u2, Vector256.Create(0.18181789073913285));
        odd = Vector256.FusedMultiplyAdd(odd, u2, Vector256.Create(0.15385579544176908));
        even = Vector256.FusedMultiplyAdd(even, u2, Vector256.Create(0.2857142856702529));
        odd = Vector256.FusedMultiplyAdd(odd, u2, Vector256.Create(0.22222222725199084));
        even = Vector256.FusedMultiplyAdd(even, u2, Vector256.Create(0.6666666666666666));
        odd = Vector256.FusedMultiplyAdd(odd, u2, Vector256.Create(0.4000000000001493));
        Vector256<double> series = Vector256.FusedMultiplyAdd(odd, u, even);
        return Vector256.FusedMultiplyAdd(s * u, series, s + s);
    }

    /// <summary>ln r for normal numbers 0 &lt; r ≤ ½; a finite number for any other bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> LogSmall(Vector256<double> r)
    {
        // r = 2ᵏ m with m between √½ and √2.
        const ulong one = 0x3FF0000000000000, rootOfHalf = 0x3FE6A09E667F3BCD;
        Vector256<ulong> bits = r.AsUInt64();
        Vector256<ulong> raised = bits + Vector256.Create(one - rootOfHalf);
        Vector256<ulong> exponent = Vector256.ShiftRightLogical(raised, 52);
        Vector256<double> k = (exponent | Vector256.Create(4503599627370496.0).AsUInt64()).AsDouble()
            - Vector256.Create(4503599627370496.0 + 1023);
        Vector256<double> m = (bits - Vector256.ShiftLeft(exponent, 52) + Vector256.Create(one)).AsDouble();

        Vector256<double> s = (m - Vector256<double>.One) / (m + Vector256<double>.One);
        Vector256<double> u = s * s, u2 = u * u;

        // (2 artanh s − 2s)/(s u), degree 6 in u ≤ 0.0295.
        Vector256<double> even = Vector256.Create(0.14618452072714802);
        even = Vector256.FusedMultiplyAdd(even, u2, Vector256.Create(0.18182894320084278));
        Vector256<double> odd = Vector256.Create(0.15331554743280912);
        even = Vector256.FusedMultiplyAdd(even, u2, Vector256.Create(0.2857142862645262));
        odd = Vector256.FusedMultiplyAdd(odd, u2, Vector256.Create(0.2222221106056441));
        even = Vector256.FusedMultiplyAdd(even, u2, Vector256.Create(0.666666666666667));
        odd = Vector256.FusedMultiplyAdd(odd, u2, Vector256.Create(0.3999999999989839));
        Vector256<double> series = Vector256.FusedMultiplyAdd(odd, u, even);

        // ln 2 in two parts, the first with so few digits that k times it is exact.
        Vector256<double> small = Vector256.FusedMultiplyAdd(s * u, series, k * 5.497923018708371e-14);
        return Vector256.FusedMultiplyAdd(k, Vector256.Create(0.6931471805598903), (s + s) + small);
    }

    /// <summary>R(a) = Φ(−a) exp(a²/2) for a ≥ 0; R(a) √(2π) is Mills' ratio.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Mills(Vector256<double> a)
    {
        Vector256<double> t = Vector256.FusedMultiplyAdd(
            Vector256.Create(-10.0), Vector256<double>.One / (a + Vector256.Create(5.0)), Vector256<double>.One);
        Vector256<double> t2 = t * t;

        // Even and odd powers apart: two shorter chains of dependent steps.
        Vector256<double> even = Vector256.Create(-2.566526613420796e-10);
        Vector256<double> odd = Vector256.Create(-3.94198763667627e-10);
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(3.3405754367771e-09));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(4.5600939511096025e-09));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(-2.4197537470491002e-08));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-3.217133479394818e-08));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(1.1235955200298506e-07));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(2.0428664005340212e-07));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(6.668839839461868e-08));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-1.3569047602886356e-06));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(-1.124570852580192e-05));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(9.317816951477562e-06));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(0.00019460846751820723));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-5.380284787844175e-05));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(-0.0017206685864235723));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-1.9483386272437996e-05));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(-0.01699678754577555));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(0.007005203427736673));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(-0.03612166139902138));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(0.02929291178024019));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(0.0074538910116191065));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(0.026431889954505322));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(0.44589159602698963));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-0.062412465921006605));
        return Vector256.FusedMultiplyAdd(odd, t, even) / (a + Vector256.Create(51.0 / 64));
    }

    /// <summary>factor · exp(−a²/2) for a ≥ 0, rounded once where the result is subnormal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> ExpHalfSquare(Vector256<double> a, Vector256<double> factor)
    {
        // Beyond 40 the result is 0 anyway; MinNative returns its second argument where that is NaN.
        a = Vector256.MinNative(Vector256.Create(40.0), a);
        Vector256<double> square = a * a;
        Vector256<double> residue = Vector256.FusedMultiplyAdd(a, a, -square);
        Vector256<double> exponent = Vector256.Create(-0.5) * square;

        // exponent = n ln 2 + r. Adding 1.5·2⁵² rounds to an integer and leaves it in the low bits.
        Vector256<double> shifter = Vector256.Create(6755399441055744.0);
        Vector256<double> n = Vector256.FusedMultiplyAdd(exponent, Vector256.Create(1.4426950408889634), shifter) - shifter;
        Vector256<double> r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.6931471805599453), exponent);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-2.3190468138462996e-17), r);
        r = Vector256.FusedMultiplyAdd(Vector256.Create(-0.5), residue, r);

        // (exp r − 1 − r)/r², degree 9 on |r| ≤ ln 2 / 2.
        Vector256<double> r2 = r * r;
        Vector256<double> even = Vector256.Create(2.762008948195459e-07);
        Vector256<double> odd = Vector256.Create(2.5105217695684516e-08);
        even = Vector256.FusedMultiplyAdd(even, r2, Vector256.Create(2.4801521293463862e-05));
        odd = Vector256.FusedMultiplyAdd(odd, r2, Vector256.Create(2.755725539833871e-06));
        even = Vector256.FusedMultiplyAdd(even, r2, Vector256.Create(0.0013888888917215586));
        odd = Vector256.FusedMultiplyAdd(odd, r2, Vector256.Create(0.00019841269874822307));
        even = Vector256.FusedMultiplyAdd(even, r2, Vector256.Create(0.04166666666662412));
        odd = Vector256.FusedMultiplyAdd(odd, r2, Vector256.Create(0.008333333333326134));
        even = Vector256.FusedMultiplyAdd(even, r2, Vector256.Create(0.5000000000000001));
        odd = Vector256.FusedMultiplyAdd(odd, r2, Vector256.Create(0.1666666666666667));
        Vector256<double> power = Vector256.FusedMultiplyAdd(
            Vector256.FusedMultiplyAdd(odd, r, even), r2, r);
        Vector256<double> value = Vector256.FusedMultiplyAdd(power, factor, factor);

        // 2ⁿ in two factors, the first never subnormal.
        Vector256<double> first = Vector256.MaxNative(n, Vector256.Create(-600.0));
        return value * PowerOfTwo(first) * PowerOfTwo(n - first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> PowerOfTwo(Vector256<double> n)
    {
        Vector256<long> bits = (n + Vector256.Create(6755399441055744.0 + 1023)).AsInt64();
        return Vector256.ShiftLeft(bits, 52).AsDouble();
    }

    private static void MustMatch(int length, int other, string name)
    {
        if (length != other)
        {
            throw new ArgumentException($"{name} has {other} elements; {length} are needed, one for each x.", name);
        }
    }
}

/// <summary>Φ(x), Φ(−|x|), φ(x), ln Φ(x) and ln(1 − Φ(x)) of four numbers.</summary>
internal readonly record struct NormalTerms(
    Vector256<double> Cdf, Vector256<double> Tail, Vector256<double> Density, Vector256<double> LogCdf, Vector256<double> LogSurvival);
