using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SynapticGeometry;

/// <summary>
/// A step under a p-norm in single precision, for any p. Powers are long chains of operations, each of which waits for the one before: a block of weights goes through a part
/// of the chain at a time, so that many are under way. A block in which a weight or a dual weight is zero, or nearly too small or too large for single precision, takes its step in double
/// precision.
/// </summary>
/// <param name="power">p.</param>
internal readonly struct PowerLoop(double power) : IStepLoop<float>
{
    private const int Block = 512;

    private readonly SplitExponent toDual = new(power - 1);
    private readonly SplitExponent fromDual = new(1 / (power - 1));
    private readonly double power = power;

    public int Run(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> momentum, in StepFactors factors)
    {
        Span<float> room = stackalloc float[4 * Block];
        for (int start = 0; start < weights.Length; start += Block)
        {
            int length = Math.Min(Block, weights.Length - start);
            Span<float> w = weights.Slice(start, length), b = momentum.IsEmpty ? [] : momentum.Slice(start, length);
            ReadOnlySpan<float> g = gradient.Slice(start, length);
            if (!Step(w, g, b, factors, room))
            {
                int done = FusedStep.Run(w, g, b, factors, new PNorm.GeneralShift<float>(power));
                if (done < length)
                {
                    return start + done;
                }
            }
        }

        return weights.Length;
    }

    // False where it has changed nothing.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Step(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> momentum, in StepFactors factors, Span<float> room)
    {
        ref float w0 = ref MemoryMarshal.GetReference(weights), b0 = ref MemoryMarshal.GetReference(momentum), g0 = ref MemoryMarshal.GetReference(gradient);
        ref float dual0 = ref room[0], b1 = ref room[Block], whole0 = ref room[2 * Block], fraction0 = ref room[3 * Block];
        StepLanes<float> lanes = new(factors, !momentum.IsEmpty);
        Vector<int> known = Vector<int>.AllBitsSet;
        int count = weights.Length;
        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            MemoryHint.PageAhead(ref Unsafe.Add(ref w0, i));
            MemoryHint.PageAhead(ref Unsafe.Add(ref g0, i));
            MemoryHint.PageAhead(ref Unsafe.Add(ref b0, i));
            Vector<float> w = Vector.LoadUnsafe(ref w0, (nuint)i);
            lanes.Change(w, Vector.LoadUnsafe(ref g0, (nuint)i), ref Unsafe.Add(ref b0, i), out Vector<float> b).StoreUnsafe(ref dual0, (nuint)i);
            b.StoreUnsafe(ref b1, (nuint)i);
            known &= toDual.Knows(VectorFunctions.Log2(Vector.Abs(w), out Vector<float> fraction), out Vector<float> whole);
            whole.StoreUnsafe(ref whole0, (nuint)i);
            fraction.StoreUnsafe(ref fraction0, (nuint)i);
        }

        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> size = toDual.Power(Vector.LoadUnsafe(ref whole0, (nuint)i), Vector.LoadUnsafe(ref fraction0, (nuint)i));
            (ShiftMaps.WithSignOf(Vector.LoadUnsafe(ref w0, (nuint)i), size) - Vector.LoadUnsafe(ref dual0, (nuint)i)).StoreUnsafe(ref dual0, (nuint)i);
        }

        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            known &= fromDual.Knows(VectorFunctions.Log2(Vector.Abs(Vector.LoadUnsafe(ref dual0, (nuint)i)), out Vector<float> fraction), out Vector<float> whole);
            whole.StoreUnsafe(ref whole0, (nuint)i);
            fraction.StoreUnsafe(ref fraction0, (nuint)i);
        }

        if (!Vector.EqualsAll(known, Vector<int>.AllBitsSet))
        {
            return false;
        }

        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> size = fromDual.Power(Vector.LoadUnsafe(ref whole0, (nuint)i), Vector.LoadUnsafe(ref fraction0, (nuint)i));
            ShiftMaps.WithSignOf(Vector.LoadUnsafe(ref dual0, (nuint)i), size).StoreUnsafe(ref w0, (nuint)i);
        }

        if (!momentum.IsEmpty)
        {
            room.Slice(Block, count).CopyTo(momentum);
        }

        return true;
    }
}
