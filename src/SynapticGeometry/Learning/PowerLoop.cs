using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SynapticGeometry;

/// <summary>
/// A step under a p-norm in single precision, for any p from 1.5 to 10⁴, on any machine. Powers are long chains of operations, each of which waits for the one before: a block of weights goes through a part
/// of the chain at a time, so that many are under way.
/// </summary>
/// <param name="power">p.</param>
internal readonly struct PowerLoop(double power) : IStepLoop<float>
{
    private const int Block = 512;

    private readonly SplitExponent toDual = new(power - 1);
    private readonly SplitExponent fromDual = new(1 / (power - 1));
    private readonly double power = power;

    public static int Count => Vector<float>.Count;

    /// <summary>
    /// The step in double precision, for weights of which at least one has no step in single precision, because it or its dual is zero, or nearly too small or too large.
    /// </summary>
    /// <param name="weights">Weights.</param>
    /// <param name="gradient">Their derivatives.</param>
    /// <param name="momentum">Their momenta, or none.</param>
    /// <param name="factors">The factors.</param>
    /// <param name="power">p.</param>
    /// <param name="moved">The weights after the step in single precision, not a number where there is none. The others become these, so that a weight's step does not depend on its neighbours.</param>
    /// <returns>How many have made the step.</returns>
    public static int Exactly(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> momentum, in StepFactors factors, double power, ReadOnlySpan<float> moved)
    {
        int done = FusedStep.Run(weights, gradient, momentum, factors, new PNorm.GeneralShift<float>(power));
        for (int i = 0; i < done; i++)
        {
            weights[i] = float.IsNaN(moved[i]) ? weights[i] : moved[i];
        }

        return done;
    }

    public int Run(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> momentum, in StepFactors factors)
    {
        Span<float> room = stackalloc float[4 * Block];
        for (int start = 0; start < weights.Length; start += Block)
        {
            int length = Math.Min(Block, weights.Length - start);
            int done = Step(weights.Slice(start, length), gradient.Slice(start, length), momentum.IsEmpty ? [] : momentum.Slice(start, length), factors, room);
            if (done < length)
            {
                return start + done;
            }
        }

        return weights.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Step(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> momentum, in StepFactors factors, Span<float> room)
    {
        ref float w0 = ref MemoryMarshal.GetReference(weights), b0 = ref MemoryMarshal.GetReference(momentum), g0 = ref MemoryMarshal.GetReference(gradient);
        ref float dual0 = ref room[0], b1 = ref room[Block], whole0 = ref room[2 * Block], fraction0 = ref room[3 * Block];
        StepLanes<float> lanes = new(factors, !momentum.IsEmpty);
        int count = weights.Length;
        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            MemoryHint.PageAhead(ref Unsafe.Add(ref w0, i));
            MemoryHint.PageAhead(ref Unsafe.Add(ref g0, i));
            MemoryHint.PageAhead(ref Unsafe.Add(ref b0, i));
            Vector<float> w = Vector.LoadUnsafe(ref w0, (nuint)i);
            lanes.Change(w, Vector.LoadUnsafe(ref g0, (nuint)i), ref Unsafe.Add(ref b0, i), out Vector<float> b).StoreUnsafe(ref dual0, (nuint)i);
            b.StoreUnsafe(ref b1, (nuint)i);
            VectorFunctions.Log2(Vector.Abs(w), out Vector<float> fraction).StoreUnsafe(ref whole0, (nuint)i);
            fraction.StoreUnsafe(ref fraction0, (nuint)i);
        }

        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> size = toDual.Power(Vector.LoadUnsafe(ref whole0, (nuint)i), Vector.LoadUnsafe(ref fraction0, (nuint)i));
            (ShiftMaps.WithSignOf(Vector.LoadUnsafe(ref w0, (nuint)i), size) - Vector.LoadUnsafe(ref dual0, (nuint)i)).StoreUnsafe(ref dual0, (nuint)i);
        }

        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            VectorFunctions.Log2(Vector.Abs(Vector.LoadUnsafe(ref dual0, (nuint)i)), out Vector<float> fraction).StoreUnsafe(ref whole0, (nuint)i);
            fraction.StoreUnsafe(ref fraction0, (nuint)i);
        }

        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> size = fromDual.Power(Vector.LoadUnsafe(ref whole0, (nuint)i), Vector.LoadUnsafe(ref fraction0, (nuint)i));
            Vector<float> moved = ShiftMaps.WithSignOf(Vector.LoadUnsafe(ref dual0, (nuint)i), size);
            if (Vector.EqualsAll(moved, moved))
            {
                moved.StoreUnsafe(ref w0, (nuint)i);
                if (!momentum.IsEmpty)
                {
                    Vector.LoadUnsafe(ref b1, (nuint)i).StoreUnsafe(ref b0, (nuint)i);
                }
            }
            else
            {
                moved.StoreUnsafe(ref dual0, (nuint)i);
                int done = Exactly(weights.Slice(i, Count), gradient.Slice(i, Count), momentum.IsEmpty ? [] : momentum.Slice(i, Count), factors, power, room.Slice(i, Count));
                if (done < Count)
                {
                    return i + done;
                }
            }
        }

        return count;
    }
}
