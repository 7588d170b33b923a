using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>
/// A step under a p-norm in single precision, for any p from 1.5 to 10⁴, where <see cref="TableExponent.IsSupported"/>: powers are short enough there for one pass.
/// </summary>
/// <param name="power">p.</param>
internal sealed class WidePowerLoop(double power) : IStepLoop<float>
{
    private const int Half = 8;

    // The smallest normal number.
    private const float Least = 1.17549435e-38f;

    private readonly TableExponent toDual = new(power - 1);
    private readonly TableExponent fromDual = new(1 / (power - 1));

    public static int Count => 2 * Half;

    public int Run(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> momentum, in StepFactors factors)
    {
        for (int i = 0; ; i += Count)
        {
            i += Steps(weights[i..], gradient[i..], momentum.IsEmpty ? [] : momentum[i..], factors, out Vector512<float> moved);
            if (i == weights.Length)
            {
                return i;
            }

            ReadOnlySpan<float> single = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Vector512<float>, float>(ref moved), Count);
            int done = PowerLoop.Exactly(weights.Slice(i, Count), gradient.Slice(i, Count), momentum.IsEmpty ? [] : momentum.Slice(i, Count), factors, power, single);
            if (done < Count)
            {
                return i + done;
            }
        }
    }

    // Up to a vector in which a weight has no step in single precision; it is not a number among those moved. A loop that calls nothing keeps the tables in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Steps(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> momentum, in StepFactors factors, out Vector512<float> moved)
    {
        ref float w0 = ref MemoryMarshal.GetReference(weights), g0 = ref MemoryMarshal.GetReference(gradient), b0 = ref MemoryMarshal.GetReference(momentum);
        bool keeps = !momentum.IsEmpty;
        StepLanes<float> lanes = new(factors, keeps);
        (TableExponent dualOf, TableExponent weightOf) = (toDual, fromDual);
        int count = weights.Length;
        for (int i = 0; i < count; i += Count)
        {
            MemoryHint.PageAhead(ref Unsafe.Add(ref w0, i));
            MemoryHint.PageAhead(ref Unsafe.Add(ref g0, i));
            MemoryHint.PageAhead(ref Unsafe.Add(ref b0, i));
            Vector512<float> w = Vector512.LoadUnsafe(ref w0, (nuint)i);
            Vector<float> change = lanes.Change(w.GetLower().AsVector(), Vector.LoadUnsafe(ref g0, (nuint)i), ref Unsafe.Add(ref b0, i), out Vector<float> b);
            Vector<float> nextChange = lanes.Change(w.GetUpper().AsVector(), Vector.LoadUnsafe(ref g0, (nuint)(i + Half)), ref Unsafe.Add(ref b0, i + Half), out Vector<float> nextB);

            // A dual weight that is too small, zero, infinite or not a number has no such power, so that one look at the end is enough. Where it is not too small,
            // what the power of a weight next to zero lacks is far behind its last place.
            Vector512<float> dual = WithSignOf(w, dualOf.Power(w)) - change.AsVector256().ToVector512Unsafe().WithUpper(nextChange.AsVector256());
            Vector512<float> size = weightOf.Power(dual), result = WithSignOf(dual, size);
            if (!Vector512.GreaterThanOrEqualAll(size, Vector512.Create(Least)))
            {
                moved = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(size, Vector512.Create(Least)), result, Vector512.Create(float.NaN));
                return i;
            }

            result.StoreUnsafe(ref w0, (nuint)i);
            if (keeps)
            {
                b.StoreUnsafe(ref b0, (nuint)i);
                nextB.StoreUnsafe(ref b0, (nuint)(i + Half));
            }
        }

        moved = default;
        return count;
    }

    // Of a number that is not negative.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WithSignOf(Vector512<float> s, Vector512<float> x) => x | (s & Vector512.Create(-0f));
}
