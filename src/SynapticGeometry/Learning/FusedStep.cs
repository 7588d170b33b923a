using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SynapticGeometry;

/// <summary>What one step of mirror descent multiplies with.</summary>
/// <param name="Rate">η.</param>
/// <param name="Momentum">μ.</param>
/// <param name="Gain">1 − τ, what a gradient counts in the momentum.</param>
/// <param name="Decay">λ.</param>
/// <param name="First">Whether the momentum begins with this gradient.</param>
/// <param name="Nesterov">Whether the step looks ahead.</param>
internal readonly record struct StepFactors(double Rate, double Momentum, double Gain, double Decay, bool First, bool Nesterov);

/// <summary>Moves a vector of weights by a change of their duals, negated; not finite where there is no result.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal interface IShiftMap<T>
{
    Vector<T> Invoke(Vector<T> w, Vector<T> change);
}

/// <summary>
/// A step of mirror descent in one pass: each vector of weights, gradients and momenta is read once, and weights and momenta are written once, in the
/// precision of the weights.
/// </summary>
internal static class FusedStep
{
    /// <summary>Steps weights from the first on, and stops before a vector in which something is not finite.</summary>
    /// <param name="weights">w, n weights.</param>
    /// <param name="gradient">n derivatives.</param>
    /// <param name="momentum">b, n numbers, or none.</param>
    /// <param name="factors">The factors.</param>
    /// <param name="map">Moves weights by a change of their duals.</param>
    /// <returns>How many weights, momenta included, have made the step; the rest are untouched.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Run<T, TMap>(Span<T> weights, ReadOnlySpan<T> gradient, Span<T> momentum, in StepFactors factors, TMap map)
        where T : IFloatingPointIeee754<T>
        where TMap : struct, IShiftMap<T>
    {
        ref T w0 = ref MemoryMarshal.GetReference(weights), g0 = ref MemoryMarshal.GetReference(gradient), b0 = ref MemoryMarshal.GetReference(momentum);
        Vector<T> rate = new(T.CreateTruncating(factors.Rate)), keep = new(T.CreateTruncating(factors.Momentum)), gain = new(T.CreateTruncating(factors.Gain));
        Vector<T> decay = new(T.CreateTruncating(factors.Decay)), largest = new(Largest<T>());
        bool keeps = !momentum.IsEmpty, decays = factors.Decay > 0, first = factors.First, nesterov = factors.Nesterov;
        int i = 0;
        for (; i <= weights.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> w = Vector.LoadUnsafe(ref w0, (nuint)i), d = Vector.LoadUnsafe(ref g0, (nuint)i), b = Vector<T>.Zero;
            if (decays)
            {
                d = (w * decay) + d;
            }

            if (keeps)
            {
                b = first ? d : (d * gain) + (Vector.LoadUnsafe(ref b0, (nuint)i) * keep);
                d = nesterov ? (b * keep) + d : b;
            }

            d *= rate;
            w = map.Invoke(w, d);
            if (!Vector.EqualsAll(Vector.BitwiseAnd(Vector.LessThanOrEqual(Vector.Abs(d), largest), Vector.LessThanOrEqual(Vector.Abs(w), largest)).As<T, int>(), Vector<int>.AllBitsSet))
            {
                return i;
            }

            w.StoreUnsafe(ref w0, (nuint)i);
            if (keeps)
            {
                b.StoreUnsafe(ref b0, (nuint)i);
            }
        }

        return i < weights.Length ? i + Rest(weights[i..], gradient[i..], keeps ? momentum[i..] : [], factors, map) : i;
    }

    // Fewer than a vector: filled up with ones that stay.
    private static int Rest<T, TMap>(Span<T> weights, ReadOnlySpan<T> gradient, Span<T> momentum, in StepFactors factors, TMap map)
        where T : IFloatingPointIeee754<T>
        where TMap : struct, IShiftMap<T>
    {
        Vector<T> room = Vector<T>.One, roomG = Vector<T>.Zero, roomB = Vector<T>.Zero;
        Span<T> w = Lanes(ref room), g = Lanes(ref roomG), b = Lanes(ref roomB);
        weights.CopyTo(w);
        gradient.CopyTo(g);
        momentum.CopyTo(b);
        if (Run(w, g, momentum.IsEmpty ? [] : b, factors, map) < w.Length)
        {
            return 0;
        }

        w[..weights.Length].CopyTo(weights);
        b[..momentum.Length].CopyTo(momentum);
        return weights.Length;
    }

    private static Span<T> Lanes<T>(ref Vector<T> vector) => MemoryMarshal.CreateSpan(ref Unsafe.As<Vector<T>, T>(ref vector), Vector<T>.Count);

    private static T Largest<T>()
        where T : IFloatingPointIeee754<T> => T.CreateTruncating(typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue);
}

/// <summary>The steps of the common potentials.</summary>
internal static class ShiftMaps
{
    // Of the element type; −0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> WithSignOf<T>(Vector<T> s, Vector<T> x)
        where T : IFloatingPointIeee754<T>
    {
        Vector<T> signBit = new(T.NegativeZero);
        return Vector.BitwiseOr(Vector.AndNot(x, signBit), Vector.BitwiseAnd(s, signBit));
    }

    public readonly struct Euclidean<T> : IShiftMap<T>
        where T : IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<T> Invoke(Vector<T> w, Vector<T> change) => w - change;
    }

    public readonly struct ThreeHalves<T> : IShiftMap<T>
        where T : IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<T> Invoke(Vector<T> w, Vector<T> change)
        {
            Vector<T> dual = WithSignOf(w, Vector.SquareRoot(Vector.Abs(w))) - change;
            return WithSignOf(dual, dual * dual);
        }
    }

    public readonly struct Cubic<T> : IShiftMap<T>
        where T : IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<T> Invoke(Vector<T> w, Vector<T> change)
        {
            Vector<T> dual = WithSignOf(w, w * w) - change;
            return WithSignOf(dual, Vector.SquareRoot(Vector.Abs(dual)));
        }
    }

    /// <summary>
    /// Exponentiated gradient: w exp(−sign(w) change). A weight that shrank below the smallest number would lose its sign: not a number, so that it is told. In single precision
    /// neither is a factor beyond exp(±87), which is left to the general path.
    /// </summary>
    /// <typeparam name="T">float or double.</typeparam>
    public readonly struct Exponentiated<T> : IShiftMap<T>
        where T : IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<T> Invoke(Vector<T> w, Vector<T> change)
        {
            // The change with its sign turned where the weight is positive; all bits set are not a number.
            Vector<T> moved = w * Exp(Vector.Xor(change, Vector.AndNot(new Vector<T>(T.NegativeZero), w)));
            return Vector.BitwiseOr(moved, Vector.AndNot(Vector.Equals(moved, Vector<T>.Zero), Vector.Equals(w, Vector<T>.Zero)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector<T> Exp(Vector<T> x) => typeof(T) == typeof(float)
            ? Vector.As<float, T>(VectorFunctions.Exp(Vector.As<T, float>(x)))
            : Vector.As<double, T>(Vector.Exp(Vector.As<T, double>(x)));
    }
}
