using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

/// <summary>Steps as many weights as whole vectors hold.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal interface IStepLoop<T>
{
    /// <summary>Weights a vector, at most what 512 bits hold.</summary>
    static abstract int Count { get; }

    /// <summary>Steps weights from the first on, and stops where something is not finite.</summary>
    /// <returns>How many weights, momenta included, have made the step; the rest are untouched.</returns>
    int Run(Span<T> weights, ReadOnlySpan<T> gradient, Span<T> momentum, in StepFactors factors);
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
    public static int Run<T, TMap>(Span<T> weights, ReadOnlySpan<T> gradient, Span<T> momentum, in StepFactors factors, TMap map)
        where T : IFloatingPointIeee754<T>
        where TMap : struct, IShiftMap<T> => RunLoop(weights, gradient, momentum, factors, new EachVector<T, TMap>(map));

    /// <summary>The same by a loop over whole vectors; the last few weights are filled up with ones that stay.</summary>
    public static int RunLoop<T, TLoop>(Span<T> weights, ReadOnlySpan<T> gradient, Span<T> momentum, in StepFactors factors, TLoop loop)
        where T : IFloatingPointIeee754<T>
        where TLoop : IStepLoop<T>
    {
        int whole = weights.Length - (weights.Length % TLoop.Count), done = loop.Run(weights[..whole], gradient[..whole], momentum.IsEmpty ? [] : momentum[..whole], factors);
        if (done < whole || whole == weights.Length)
        {
            return done;
        }

        Vector512<T> room = Vector512<T>.One, roomG = Vector512<T>.Zero, roomB = Vector512<T>.Zero;
        Span<T> w = Lanes(ref room)[..TLoop.Count], g = Lanes(ref roomG)[..TLoop.Count], b = Lanes(ref roomB)[..TLoop.Count];
        weights[whole..].CopyTo(w);
        gradient[whole..].CopyTo(g);
        if (!momentum.IsEmpty)
        {
            momentum[whole..].CopyTo(b);
        }

        if (loop.Run(w, g, momentum.IsEmpty ? [] : b, factors) < w.Length)
        {
            return whole;
        }

        w[..(weights.Length - whole)].CopyTo(weights[whole..]);
        if (!momentum.IsEmpty)
        {
            b[..(weights.Length - whole)].CopyTo(momentum[whole..]);
        }

        return weights.Length;
    }

    private static Span<T> Lanes<T>(ref Vector512<T> vector) => MemoryMarshal.CreateSpan(ref Unsafe.As<Vector512<T>, T>(ref vector), Vector512<T>.Count);
}

/// <summary>The factors of a step for each lane of a vector, and the direction it takes.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal readonly struct StepLanes<T>(in StepFactors factors, bool keeps)
    where T : IFloatingPointIeee754<T>
{
    private readonly Vector<T> rate = new(T.CreateTruncating(factors.Rate));
    private readonly Vector<T> keep = new(T.CreateTruncating(factors.Momentum));
    private readonly Vector<T> gain = new(T.CreateTruncating(factors.Gain));
    private readonly Vector<T> decay = new(T.CreateTruncating(factors.Decay));
    private readonly bool keeps = keeps;
    private readonly bool decays = factors.Decay > 0;
    private readonly bool first = factors.First;
    private readonly bool nesterov = factors.Nesterov;

    /// <summary>The change of the dual weights, negated: η d.</summary>
    /// <param name="w">Weights.</param>
    /// <param name="d">Their gradients.</param>
    /// <param name="at">Where the momentum of the first of them stands.</param>
    /// <param name="b">Their momenta after the step; 0 without momentum.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<T> Change(Vector<T> w, Vector<T> d, ref T at, out Vector<T> b)
    {
        b = Vector<T>.Zero;
        if (decays)
        {
            d = (w * decay) + d;
        }

        if (keeps)
        {
            b = first ? d : (d * gain) + (Vector.LoadUnsafe(ref at) * keep);
            d = nesterov ? (b * keep) + d : b;
        }

        return d * rate;
    }
}

/// <summary>One vector after the other.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <typeparam name="TMap">Moves weights.</typeparam>
internal readonly struct EachVector<T, TMap>(TMap map) : IStepLoop<T>
    where T : IFloatingPointIeee754<T>
    where TMap : struct, IShiftMap<T>
{
    public static int Count => Vector<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Run(Span<T> weights, ReadOnlySpan<T> gradient, Span<T> momentum, in StepFactors factors)
    {
        ref T w0 = ref MemoryMarshal.GetReference(weights), g0 = ref MemoryMarshal.GetReference(gradient), b0 = ref MemoryMarshal.GetReference(momentum);
        bool keeps = !momentum.IsEmpty;
        StepLanes<T> lanes = new(factors, keeps);
        Vector<T> zero = Vector<T>.Zero;
        for (int i = 0; i < weights.Length; i += Vector<T>.Count)
        {
            MemoryHint.PageAhead(ref Unsafe.Add(ref w0, i));
            MemoryHint.PageAhead(ref Unsafe.Add(ref g0, i));
            MemoryHint.PageAhead(ref Unsafe.Add(ref b0, i));
            Vector<T> w = Vector.LoadUnsafe(ref w0, (nuint)i);
            Vector<T> change = lanes.Change(w, Vector.LoadUnsafe(ref g0, (nuint)i), ref Unsafe.Add(ref b0, i), out Vector<T> b);
            w = map.Invoke(w, change);

            // Zero times a number is zero, times what is not finite it is not.
            if (!Vector.EqualsAll((change * zero) + (w * zero), zero))
            {
                return i;
            }

            w.StoreUnsafe(ref w0, (nuint)i);
            if (keeps)
            {
                b.StoreUnsafe(ref b0, (nuint)i);
            }
        }

        return weights.Length;
    }
}

/// <summary>The steps of the common potentials.</summary>
internal static class ShiftMaps
{
    // Of the element type; −0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> WithSignOf<T>(Vector<T> s, Vector<T> x)
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
