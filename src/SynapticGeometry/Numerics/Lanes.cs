using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SynapticGeometry;

/// <summary>
/// Doubles side by side, four or eight: code written for either does the same to each lane, to the bit.
/// </summary>
/// <typeparam name="T">The type itself.</typeparam>
internal unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    /// <summary>Number of lanes.</summary>
    static abstract int Count { get; }

    /// <summary>The same in every lane.</summary>
    static abstract implicit operator T(double value);

    static abstract T operator -(T a);

    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract T operator /(T a, T b);

    /// <summary>a b + c, rounded once.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    static abstract T Abs(T a);

    /// <summary>The larger; b where one is not a number.</summary>
    static abstract T Larger(T a, T b);

    /// <summary>The smaller; not a number where one is not.</summary>
    static abstract T Smaller(T a, T b);

    /// <summary>Second where a &lt; b, else first.</summary>
    static abstract T Less(T a, T b, T first, T second);

    /// <summary>Bit by bit the lanes in which a &lt; b.</summary>
    static abstract uint Less(T a, T b);

    /// <summary>a 2ᵏ, where k is in the low bits of <paramref name="shifted"/>, within the normal numbers.</summary>
    static abstract T Scaled(T a, T shifted);

    static abstract T Load(double* from);

    void Store(double* to);

    /// <summary>Two numbers of each lane, lane after lane: the first of all lanes, and the second.</summary>
    static abstract (T First, T Second) GatherTwo(double* from);

    /// <summary>Four numbers of each lane, lane after lane: the first of all lanes, the second, ...</summary>
    static abstract (T First, T Second, T Third, T Fourth) GatherFour(double* from);

    /// <summary>Puts them back.</summary>
    static abstract void ScatterFour(T first, T second, T third, T fourth, double* to);
}

/// <summary>Four lanes.</summary>
internal readonly unsafe struct FourLanes(Vector256<double> v) : ILanes<FourLanes>
{
    private readonly Vector256<double> v = v;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator FourLanes(double value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator -(FourLanes a) => new(-a.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator +(FourLanes a, FourLanes b) => new(a.v + b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator -(FourLanes a, FourLanes b) => new(a.v - b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator *(FourLanes a, FourLanes b) => new(a.v * b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator /(FourLanes a, FourLanes b) => new(a.v / b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes MultiplyAdd(FourLanes a, FourLanes b, FourLanes c) => new(Vector256.FusedMultiplyAdd(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Abs(FourLanes a) => new(Vector256.Abs(a.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Larger(FourLanes a, FourLanes b) => new(Vector256.MaxNative(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Smaller(FourLanes a, FourLanes b) => new(Vector256.Min(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Less(FourLanes a, FourLanes b, FourLanes first, FourLanes second) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(a.v, b.v), second.v, first.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Less(FourLanes a, FourLanes b) => Vector256.LessThan(a.v, b.v).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Scaled(FourLanes a, FourLanes shifted) => new((a.v.AsInt64() + (shifted.v.AsInt64() << 52)).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Load(double* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(double* to) => v.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (FourLanes First, FourLanes Second) GatherTwo(double* from)
    {
        (Vector256<double> even, Vector256<double> odd) = Halves(Vector256.Load(from), Vector256.Load(from + 4));
        (Vector256<double> first, Vector256<double> second) = Pairs(even, odd);
        return (new(first), new(second));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (FourLanes First, FourLanes Second, FourLanes Third, FourLanes Fourth) GatherFour(double* from)
    {
        (Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d) = Transposed(
            Vector256.Load(from), Vector256.Load(from + 4), Vector256.Load(from + 8), Vector256.Load(from + 12));
        return (new(a), new(b), new(c), new(d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScatterFour(FourLanes first, FourLanes second, FourLanes third, FourLanes fourth, double* to)
    {
        (Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d) = Transposed(first.v, second.v, third.v, fourth.v);
        a.Store(to);
        b.Store(to + 4);
        c.Store(to + 8);
        d.Store(to + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<double> A, Vector256<double> B, Vector256<double> C, Vector256<double> D) Transposed(
        Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d)
    {
        // Pairs within halves, then the halves.
        (Vector256<double> ab0, Vector256<double> ab1) = Pairs(a, b);
        (Vector256<double> cd0, Vector256<double> cd1) = Pairs(c, d);
        (a, c) = Halves(ab0, cd0);
        (b, d) = Halves(ab1, cd1);
        return (a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<double> Lower, Vector256<double> Upper) Halves(Vector256<double> a, Vector256<double> b) => Avx.IsSupported
        ? (Avx.Permute2x128(a, b, 0x20), Avx.Permute2x128(a, b, 0x31))
        : (Vector256.Create(a.GetLower(), b.GetLower()), Vector256.Create(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<double> Even, Vector256<double> Odd) Pairs(Vector256<double> a, Vector256<double> b)
    {
        if (Avx.IsSupported)
        {
            return (Avx.UnpackLow(a, b), Avx.UnpackHigh(a, b));
        }

        Vector256<double> odd = Vector256.Create(0, -1L, 0, -1L).AsDouble();
        return (
            Vector256.ConditionalSelect(odd, Vector256.Shuffle(b, Vector256.Create(0L, 0, 2, 2)), a),
            Vector256.ConditionalSelect(odd, b, Vector256.Shuffle(a, Vector256.Create(1L, 1, 3, 3))));
    }
}

/// <summary>Eight lanes, where <see cref="IsSupported"/>.</summary>
internal readonly unsafe struct EightLanes(Vector512<double> v) : ILanes<EightLanes>
{
    private readonly Vector512<double> v = v;

    /// <summary>True where the processor has vectors of eight doubles.</summary>
    public static bool IsSupported => Avx512F.IsSupported && Vector512.IsHardwareAccelerated;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator EightLanes(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator -(EightLanes a) => new(-a.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator +(EightLanes a, EightLanes b) => new(a.v + b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator -(EightLanes a, EightLanes b) => new(a.v - b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator *(EightLanes a, EightLanes b) => new(a.v * b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator /(EightLanes a, EightLanes b) => new(a.v / b.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes MultiplyAdd(EightLanes a, EightLanes b, EightLanes c) => new(Vector512.FusedMultiplyAdd(a.v, b.v, c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Abs(EightLanes a) => new(Vector512.Abs(a.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Larger(EightLanes a, EightLanes b) => new(Vector512.MaxNative(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Smaller(EightLanes a, EightLanes b) => new(Vector512.Min(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Less(EightLanes a, EightLanes b, EightLanes first, EightLanes second) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(a.v, b.v), second.v, first.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Less(EightLanes a, EightLanes b) => (uint)Vector512.LessThan(a.v, b.v).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Scaled(EightLanes a, EightLanes shifted) => new((a.v.AsInt64() + (shifted.v.AsInt64() << 52)).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Load(double* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(double* to) => v.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (EightLanes First, EightLanes Second) GatherTwo(double* from)
    {
        Vector512<double> a = Vector512.Load(from), b = Vector512.Load(from + 8);
        return (
            new(Avx512F.PermuteVar8x64x2(a, Vector512.Create(0L, 2, 4, 6, 8, 10, 12, 14), b)),
            new(Avx512F.PermuteVar8x64x2(a, Vector512.Create(1L, 3, 5, 7, 9, 11, 13, 15), b)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (EightLanes First, EightLanes Second, EightLanes Third, EightLanes Fourth) GatherFour(double* from)
    {
        // First and second, third and fourth of four lanes, then the halves.
        Vector512<long> two = Vector512.Create(0L, 4, 8, 12, 1, 5, 9, 13), others = Vector512.Create(2L, 6, 10, 14, 3, 7, 11, 15);
        Vector512<double> a = Vector512.Load(from), b = Vector512.Load(from + 8), c = Vector512.Load(from + 16), d = Vector512.Load(from + 24);
        (Vector512<double> first, Vector512<double> second) = Halves(Avx512F.PermuteVar8x64x2(a, two, b), Avx512F.PermuteVar8x64x2(c, two, d));
        (Vector512<double> third, Vector512<double> fourth) = Halves(Avx512F.PermuteVar8x64x2(a, others, b), Avx512F.PermuteVar8x64x2(c, others, d));
        return (new(first), new(second), new(third), new(fourth));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScatterFour(EightLanes first, EightLanes second, EightLanes third, EightLanes fourth, double* to)
    {
        Vector512<long> two = Vector512.Create(0L, 4, 8, 12, 1, 5, 9, 13), others = Vector512.Create(2L, 6, 10, 14, 3, 7, 11, 15);
        (Vector512<double> a, Vector512<double> c) = Halves(first.v, second.v);
        (Vector512<double> b, Vector512<double> d) = Halves(third.v, fourth.v);
        Avx512F.PermuteVar8x64x2(a, two, b).Store(to);
        Avx512F.PermuteVar8x64x2(a, others, b).Store(to + 8);
        Avx512F.PermuteVar8x64x2(c, two, d).Store(to + 16);
        Avx512F.PermuteVar8x64x2(c, others, d).Store(to + 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<double> Lower, Vector512<double> Upper) Halves(Vector512<double> a, Vector512<double> b) =>
        (Avx512F.Shuffle4x128(a, b, 0b01_00_01_00), Avx512F.Shuffle4x128(a, b, 0b11_10_11_10));
}
