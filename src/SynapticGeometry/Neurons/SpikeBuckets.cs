using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>
/// The input spikes of the trials of one block in <see cref="SpikeSampler.BlockSteps"/> steps, put in order of steps as they are drawn: a part of one
/// array for each step, with room to spare.
/// </summary>
internal sealed unsafe class SpikeBuckets
{
    private int[] events = [];

    // Where each step's next spike goes.
    private readonly nint[] places = GC.AllocateArray<nint>(SpikeSampler.BlockSteps, pinned: true);
    private int* first;
    private int room;

    /// <summary>No spikes yet.</summary>
    /// <param name="mean">Spikes expected in a step.</param>
    /// <param name="synapses">n.</param>
    public SpikeBuckets(double mean, int synapses)
    {
        Next = (int**)Unsafe.AsPointer(ref places[0]);
        Resize((int)Math.Min(1 << 20, mean + (12 * Math.Sqrt(mean)) + synapses));
    }

    /// <summary>For each step where its next spike goes, as synapse · <see cref="EventDrivenBlock.Lanes"/> + lane.</summary>
    public int** Next { get; }

    /// <summary>A step's spikes, trial by trial; valid until the next are drawn.</summary>
    public ReadOnlySpan<int> Of(int step) => new(Begin(step), (int)(Next[step] - Begin(step)));

    public void Clear()
    {
        for (int step = 0; step < SpikeSampler.BlockSteps; step++)
        {
            Next[step] = Begin(step);
        }
    }

    /// <summary>Makes room for so many more in every step.</summary>
    public void Reserve(int more)
    {
        // The last places there that leave room enough.
        Vector256<long> limit = Vector256.Create((long)(first + room - more)) + (sizeof(int) * room * Vector256<long>.Indices), beyond = default;
        for (int step = 0; step < SpikeSampler.BlockSteps; step += 4, limit += Vector256.Create(4L * sizeof(int) * room))
        {
            beyond |= Vector256.GreaterThan(Vector256.Load((long*)(Next + step)), limit);
        }

        if (beyond != default)
        {
            Resize((2 * room) + more);
        }
    }

    /// <summary>Adds one spike.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int step, int spike)
    {
        if (Next[step] - Begin(step) == room)
        {
            Resize(2 * room);
        }

        *Next[step]++ = spike;
    }

    private int* Begin(int step) => first + (step * room);

    // An odd number of cache lines for each step, so that their beginnings do not compete for the same place in the cache.
    private void Resize(int atLeast)
    {
        int more = (((atLeast + 15) / 16) | 1) * 16;
        int[] larger = GC.AllocateArray<int>((more * SpikeSampler.BlockSteps) + 16, pinned: true);
        int* begin = (int*)(((nint)Unsafe.AsPointer(ref larger[0]) + 63) & ~63);
        for (int step = 0; step < SpikeSampler.BlockSteps; step++)
        {
            ReadOnlySpan<int> before = first == null ? default : Of(step);
            before.CopyTo(new Span<int>(begin + (step * more), before.Length));
            Next[step] = begin + (step * more) + before.Length;
        }

        (events, room) = (larger, more);
        first = begin;
    }
}
