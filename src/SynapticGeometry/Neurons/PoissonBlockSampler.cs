using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MathNet.Numerics;

namespace SynapticGeometry;

/// <summary>
/// Independent spikes of constant probability, 64 steps at a time: for each group of equal rate a binomial number of spikes, then that
/// many distinct cells of the grid of (member, step). No random number for a silent cell, no logarithm, and four cells from a random number of 64 bits
/// where 16 of them are enough.
/// </summary>
/// <remarks>
/// Where many spikes are expected in each step, they are drawn step by step, so that they come in order, and thrown: a Poisson number of them with
/// mean −m log(1 − p), each at one of the m members whatever others are hit. A member is hit at all with probability p, independently of the others,
/// so that hits after the first are of no account, and may be found where the spikes are received.
/// </remarks>
internal sealed unsafe class PoissonBlockSampler : SpikeSampler
{
    // Spikes in a step of a group from which on they are drawn step by step.
    private const double ManySpikes = 8;

    private const int BlockShift = 6;
    private const int MostOfFew = 1 << 13;

    // Candidates for cells at once: those of four random numbers; and the most that wait to be looked at.
    private const int Chunk = 16;
    private const int MostCandidates = 256;

    private readonly Plan plan;
    private readonly Scratch scratch;
    private readonly int[] ends = new int[BlockSteps];

    // The spikes of 64 steps; as thrown, where they are.
    private SpikeList spikes;
    private SpikeList distinct;
    private RandomSource random;
    private ulong blockPosition;
    private long step;

    public PoissonBlockSampler(IReadOnlyList<double> rates, RandomSource random, double timeStep)
    {
        ArgumentNullException.ThrowIfNull(random);
        Require.Positive(timeStep, "time step", nameof(timeStep));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rates.Count, int.MaxValue / BlockSteps, nameof(rates));
        this.random = random;
        plan = new Plan(rates, timeStep);
        scratch = new Scratch(plan);
    }

    private PoissonBlockSampler(PoissonBlockSampler first, RandomSource random) => (this.random, plan, scratch) = (random, first.plan, first.scratch);

    public override ReadOnlySpan<int> Draw()
    {
        int at = (int)(step % BlockSteps);
        if (at == 0)
        {
            NewBlock();
        }

        step++;
        ReadOnlySpan<int> drawn = Kept(at);
        if (!plan.ByStep)
        {
            return drawn;
        }

        distinct.Clear();
        scratch.Distinct(drawn, ref distinct);
        return distinct.Span;
    }

    public override long[] Save() => [step, (long)(step % BlockSteps == 0 ? random.Position : blockPosition)];

    public override void Restore(ReadOnlySpan<long> state)
    {
        Elementwise.MustMatch(state.Length, 2, "state of the input", "its step and position");
        step = state[0];
        random.Position = (ulong)state[1];
        if (step % BlockSteps != 0)
        {
            NewBlock();
        }
    }

    internal override SpikeSampler Beside(RandomSource other) => new PoissonBlockSampler(this, other);

    internal override bool Again(RandomSource other)
    {
        (random, blockPosition, step) = (other, 0, 0);
        spikes.Clear();
        return true;
    }

    internal override void Draw(int steps, SpikeBuckets buckets, int lane, int synapses)
    {
        if (plan.ByStep || steps < BlockSteps || step % BlockSteps != 0)
        {
            base.Draw(steps, buckets, lane, synapses);
            return;
        }

        if (plan.Few)
        {
            DrawFew(buckets, lane);
        }
        else
        {
            scratch.Keys.Clear();
            DrawKeys(ref scratch.Keys);
            foreach (int key in scratch.Keys.Span)
            {
                buckets.Add(key & (BlockSteps - 1), ((key >> BlockShift) * EventDrivenBlock.Lanes) + lane);
            }
        }

        step += BlockSteps;
    }

    internal override void DrawInOrder(int steps, ref SpikeList destination, Span<int> stepEnds, int synapses)
    {
        if (steps < BlockSteps || step % BlockSteps != 0)
        {
            base.DrawInOrder(steps, ref destination, stepEnds, synapses);
            return;
        }

        if (plan.ByStep)
        {
            NewBlock();
            for (int at = 0; at < BlockSteps; at++)
            {
                scratch.Distinct(Kept(at), ref destination);
                stepEnds[at] = destination.Count;
            }
        }
        else
        {
            DrawSorted(ref destination, stepEnds);
        }

        step += BlockSteps;
    }

    /// <summary>For each step where its spikes begin in a list in order of steps: the first half of a counting sort.</summary>
    /// <param name="keys">BlockSteps · synapse + step.</param>
    /// <param name="begins">BlockSteps numbers; to become the steps' ends as the spikes are put in place.</param>
    internal static void Begin(ReadOnlySpan<int> keys, Span<int> begins)
    {
        begins.Clear();
        ref int counts = ref begins[0];
        foreach (int key in keys)
        {
            Unsafe.Add(ref counts, key & (BlockSteps - 1))++;
        }

        int sum = 0;
        foreach (ref int begin in begins)
        {
            (begin, sum) = (sum, sum + begin);
        }
    }

    internal override bool DrawThrown(int steps, ref SpikeList destination, Span<int> stepEnds)
    {
        if (!plan.ByStep)
        {
            return false;
        }

        if (steps == BlockSteps && step % BlockSteps == 0)
        {
            Throw(ref destination, stepEnds);
            step += steps;
            return true;
        }

        for (int k = 0; k < steps; k++, step++)
        {
            int at = (int)(step % BlockSteps);
            if (at == 0)
            {
                NewBlock();
            }

            ReadOnlySpan<int> thrown = Kept(at);
            thrown.CopyTo(destination.Extend(thrown.Length));
            stepEnds[k] = destination.Count;
        }

        return true;
    }

    // The spikes of a step, of those that are kept.
    private ReadOnlySpan<int> Kept(int at) => spikes.Span[(at == 0 ? 0 : ends[at - 1])..ends[at]];

    private void NewBlock()
    {
        spikes.Clear();
        if (plan.ByStep)
        {
            Throw(ref spikes, ends);
        }
        else
        {
            DrawSorted(ref spikes, ends);
        }
    }

    private void BeginBlock()
    {
        blockPosition = random.Position;
        scratch.Fill(random);
    }

    // A block as synapses in order of steps.
    private void DrawSorted(ref SpikeList destination, Span<int> stepEnds)
    {
        scratch.Keys.Clear();
        DrawKeys(ref scratch.Keys);
        ReadOnlySpan<int> keys = scratch.Keys.Span;
        ref int sorted = ref MemoryMarshal.GetReference(destination.Extend(keys.Length));
        Begin(keys, stepEnds);
        foreach (int key in keys)
        {
            Unsafe.Add(ref sorted, stepEnds[key & (BlockSteps - 1)]++) = key >> BlockShift;
        }
    }

    // A block as keys, BlockSteps · synapse + step.
    private void DrawKeys(ref SpikeList destination)
    {
        BeginBlock();
        foreach (Group group in plan.Groups)
        {
            Span<int> found = destination.Extend(Count(group));
            int offset = group.Offset * BlockSteps;
            if (group.Few)
            {
                DrawFew(group, found, offset);
            }
            else
            {
                DrawMany(group, found, offset);
            }

            if (!group.Consecutive)
            {
                foreach (ref int key in found)
                {
                    key = (group.Members[key >> BlockShift] << BlockShift) | (key & (BlockSteps - 1));
                }
            }
        }
    }

    private int Count(Group group) => group.Counts.At(RandomSource.Uniform(*scratch.Next(random, 1)));

    // A block as thrown, in order of steps.
    private void Throw(ref SpikeList destination, Span<int> stepEnds)
    {
        BeginBlock();
        for (int at = 0; at < BlockSteps; at++)
        {
            foreach (Group group in plan.Groups)
            {
                int thrown = Count(group);
                Span<int> hits = destination.Extend(thrown);
                fixed (int* first = hits)
                {
                    int kept = group.Few ? ThrowFew(group, first, thrown) : ThrowMany(group, first, thrown);
                    destination.Drop(thrown - kept);
                    hits = hits[..kept];
                }

                if (!group.Consecutive)
                {
                    foreach (ref int spike in hits)
                    {
                        spike = group.Members[spike];
                    }
                }
            }

            stepEnds[at] = destination.Count;
        }
    }

    // Sixteen at a time, into the spare room too; the last of them take the places of those that are refused. How many are left.
    private int ThrowFew(Group group, int* first, int thrown)
    {
        int* at = first;
        Vector256<uint> offset = Vector256.Create((uint)group.Offset);
        for (int left = thrown; left > 0; left -= Chunk)
        {
            Vector256<ushort> members = Candidates(scratch.Next(random, 4), group, out Vector256<ushort> biased);
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(members);
            (lower + offset).Store((uint*)at);
            (upper + offset).Store((uint*)(at + (Chunk / 2)));
            int count = Math.Min(left, Chunk);
            for (uint refused = biased.ExtractMostSignificantBits() & ((1u << count) - 1); refused != 0;)
            {
                int place = BitOperations.Log2(refused);
                refused ^= 1u << place;
                at[place] = at[--count];
            }

            at += count;
        }

        return (int)(at - first);
    }

    // The same among so many members that 16 bits do not number them evenly.
    private int ThrowMany(Group group, int* first, int thrown)
    {
        int* at = first;
        uint members = group.Cells, biased = group.Biased;
        for (int left = thrown; left > 0; left -= 2)
        {
            ulong number = *scratch.Next(random, 1);
            for (int half = Math.Min(left, 2); half > 0; half--, number >>= 32)
            {
                ulong product = (uint)number * (ulong)members;
                *at = (int)(product >> 32) + group.Offset;
                at += (uint)product < biased ? 0 : 1;
            }
        }

        return (int)(at - first);
    }

    // Distinct cells of a group, uniform, in the order of drawing; sixteen candidates at a time from four random numbers, as many as are
    // missing before any of them is looked at.
    private void DrawFew(Group group, Span<int> found, int offset)
    {
        fixed (int* first = found)
        fixed (byte* marks = scratch.Marks)
        {
            byte mark = scratch.NextMark(group);
            int* at = first, end = first + found.Length;
            ushort* next = scratch.Candidates, filled = next;
            while (at < end)
            {
                if (next == filled)
                {
                    next = filled = scratch.Candidates;
                    for (ushort* enough = next + Math.Min(end - at, MostCandidates); filled < enough; filled += Chunk)
                    {
                        Candidates(scratch.Next(random, 4), group, filled);
                    }
                }

                ushort* until = next + Math.Min(end - at, filled - next);
                at = Take(next, until, marks, mark, at, offset);
                next = until;
            }
        }
    }

    // The candidates that are not marked yet, and marks them: few are.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int* Take(ushort* next, ushort* end, byte* marks, byte mark, int* at, int offset)
    {
        for (; next < end; next++)
        {
            uint cell = *next;
            if (marks[cell] != mark)
            {
                marks[cell] = mark;
                *at++ = (int)cell + offset;
            }
        }

        return at;
    }

    // The same for all groups of a block, put in order of steps at once.
    private void DrawFew(SpikeBuckets buckets, int lane)
    {
        BeginBlock();
        buckets.Reserve(plan.Members);
        ushort* chunk = scratch.Candidates;
        fixed (byte* marks = scratch.Marks)
        {
            foreach (Group group in plan.Groups)
            {
                int left = Count(group), offset = (group.Offset * EventDrivenBlock.Lanes) + lane;
                byte mark = scratch.NextMark(group);
                while (left > 0)
                {
                    Candidates(scratch.Next(random, 4), group, chunk);
                    left -= left >= Chunk ? TakeAll(chunk, marks, mark, buckets.Next, offset) : TakeSome(chunk, marks, mark, buckets.Next, offset, left);
                }
            }
        }
    }

    // Those of a chunk that are new, to the end of their steps; how many.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int TakeAll(ushort* chunk, byte* marks, byte mark, int** next, int offset)
    {
        int taken = 0;
        for (ushort* end = chunk + Chunk; chunk < end; chunk++)
        {
            nuint cell = *chunk;
            int fresh = marks[cell] == mark ? 0 : 1;
            int* at = next[cell % BlockSteps];
            *at = ((int)(cell / BlockSteps) * EventDrivenBlock.Lanes) + offset;
            next[cell % BlockSteps] = at + fresh;
            marks[cell] = mark;
            taken += fresh;
        }

        return taken;
    }

    // The same until so many are taken, fewer than a chunk has.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int TakeSome(ushort* chunk, byte* marks, byte mark, int** next, int offset, int some)
    {
        int taken = 0;
        for (ushort* end = chunk + Chunk; chunk < end && taken < some; chunk++)
        {
            nuint cell = *chunk;
            if (marks[cell] != mark)
            {
                marks[cell] = mark;
                *next[cell % BlockSteps]++ = ((int)(cell / BlockSteps) * EventDrivenBlock.Lanes) + offset;
                taken++;
            }
        }

        return taken;
    }

    // Each cell is the upper half of a product with 16 random bits; one that would be likelier than others is refused by the lower half.
    // Source: Lemire 2019.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Candidates(ulong* numbers, Group group, out Vector256<ushort> refused)
    {
        Vector256<ushort> random = Vector256.Load((ushort*)numbers), cells = Vector256.Create((ushort)group.Cells);
        refused = Vector256.LessThan(random * cells, Vector256.Create((ushort)group.Biased));
        if (Avx2.IsSupported)
        {
            return Avx2.MultiplyHigh(random, cells);
        }

        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(random);
        return Vector256.Narrow(lower * group.Cells >> 16, upper * group.Cells >> 16);
    }

    // The same into memory; a refused one becomes the number of cells, which counts as taken.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Candidates(ulong* numbers, Group group, ushort* chunk)
    {
        Vector256<ushort> cells = Candidates(numbers, group, out Vector256<ushort> refused);
        Vector256.ConditionalSelect(refused, Vector256.Create((ushort)group.Cells), cells).Store(chunk);
    }

    // The same among so many cells that 16 bits do not number them evenly.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DrawMany(Group group, Span<int> found, int offset)
    {
        uint cells = group.Cells;
        fixed (ulong* taken = scratch.Taken)
        {
            for (int k = 0; k < found.Length;)
            {
                ulong number = *scratch.Next(random, 1);
                for (int half = 0; half < 2 && k < found.Length; half++, number >>= 32)
                {
                    ulong product = (uint)number * (ulong)cells;
                    if ((uint)product >= group.Biased)
                    {
                        int cell = (int)(product >> 32);
                        ulong before = taken[cell >> 6];
                        taken[cell >> 6] = before | (1UL << cell);
                        found[k] = cell + offset;
                        k += (int)(~(before >> cell) & 1);
                    }
                }
            }

            foreach (int spike in found)
            {
                taken[(spike - offset) >> 6] = 0;
            }
        }
    }

    /// <summary>Synapses of equal rate, ascending, and their cells: members, or members and steps.</summary>
    private sealed record Group(int[] Members, uint Cells, CountTable Counts)
    {
        public bool Consecutive { get; } = Members[^1] - Members[0] == Members.Length - 1;

        // What makes a member's number a synapse, where they are consecutive.
        public int Offset => Consecutive ? Members[0] : 0;

        // Numbered by 16 bits, of which at most one in eight is refused so that all cells are equally likely.
        public bool Few { get; } = Cells <= MostOfFew;

        // Products below which a cell is refused.
        public uint Biased { get; } = (uint)(Numbers(Cells) % Cells);

        // The probability of that.
        public static double Refused(uint cells) => Numbers(cells) % cells / (double)Numbers(cells);

        private static ulong Numbers(uint cells) => cells <= MostOfFew ? 1UL << 16 : 1UL << 32;
    }

    /// <summary>What samplers of one input share: groups and the tables of their numbers of spikes.</summary>
    private sealed class Plan
    {
        public Plan(IReadOnlyList<double> rates, double timeStep)
        {
            int[][] members = [.. Enumerable.Range(0, rates.Count).GroupBy(i => rates[i]).Select(group => group.ToArray())];
            double mean = timeStep * rates.Sum();
            ByStep = mean >= ManySpikes * members.Length;
            Groups = [.. members.Select(Make)];
            double numbers = ByStep ? 256 : (1.2 * BlockSteps * mean / 4) + members.Length;
            NumbersAtOnce = Math.Clamp(((int)numbers + 31) & ~31, 32, 256);
            Few = !ByStep && Groups.All(group => group is { Few: true, Consecutive: true });
            Members = rates.Count;

            Group Make(int[] group)
            {
                double p = SpikeInput.StepProbability(rates[group[0]], timeStep, $"synapse {group[0]}");
                if (!ByStep)
                {
                    uint cells = (uint)group.Length * BlockSteps;
                    return new Group(group, cells, CountTable.Binomial(cells, p));
                }

                // So many more as will be refused, each with the same probability.
                uint members = (uint)group.Length;
                return new Group(group, members, CountTable.Poisson(-members * SpecialFunctions.Log1p(-p) / (1 - Group.Refused(members))));
            }
        }

        public Group[] Groups { get; }

        public bool ByStep { get; }

        /// <summary>All groups are consecutive synapses of few cells.</summary>
        public bool Few { get; }

        /// <summary>n.</summary>
        public int Members { get; }

        /// <summary>About as many as a block needs, a multiple of 32.</summary>
        public int NumbersAtOnce { get; }
    }

    /// <summary>What samplers of one thread share: nothing in it outlasts a block.</summary>
    private sealed class Scratch
    {
        private readonly Plan plan;
        private readonly ulong[] numbers;
        private readonly ulong* next;
        private readonly ushort[] candidates;
        private int used;
        private int filled;
        private byte mark;

        public Scratch(Plan plan)
        {
            this.plan = plan;
            numbers = GC.AllocateArray<ulong>(plan.NumbersAtOnce, pinned: true);
            next = (ulong*)Unsafe.AsPointer(ref numbers[0]);
            candidates = GC.AllocateArray<ushort>(MostCandidates + 16, pinned: true);
            Candidates = (ushort*)(((nint)Unsafe.AsPointer(ref candidates[0]) + 31) & ~31);
            Marks = new byte[plan.ByStep ? plan.Members : plan.Groups.Where(g => g.Few).Select(g => (int)g.Cells).DefaultIfEmpty(0).Max() + 1];
            Taken = new ulong[plan.Groups.Where(g => !g.Few && !plan.ByStep).Select(g => (int)((g.Cells + 63) / 64)).DefaultIfEmpty(1).Max()];
        }

        public SpikeList Keys;

        // Candidates, on a boundary of 32 bytes.
        public ushort* Candidates { get; }

        // The cells that have a spike, and one beyond them: marked with the present mark, or bit by bit.
        public byte[] Marks { get; }

        public ulong[] Taken { get; }

        // For a group's cells; the one beyond them has it already.
        public byte NextMark(Group group)
        {
            NextMark();
            Marks[group.Cells] = mark;
            return mark;
        }

        // Adds each synapse once.
        public void Distinct(ReadOnlySpan<int> thrown, ref SpikeList destination)
        {
            NextMark();
            Span<int> room = destination.Extend(thrown.Length);
            int kept = 0;
            foreach (int i in thrown)
            {
                room[kept] = i;
                kept += Marks[i] == mark ? 0 : 1;
                Marks[i] = mark;
            }

            destination.Drop(thrown.Length - kept);
        }

        private void NextMark()
        {
            if (++mark == 0)
            {
                Array.Clear(Marks);
                mark = 1;
            }
        }

        public void Fill(RandomSource random)
        {
            random.FillBits(numbers);
            (used, filled) = (0, numbers.Length);
        }

        // So many numbers, 4 at most; what is left of those before is dropped.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ulong* Next(RandomSource random, int count)
        {
            if (used + count > filled)
            {
                Refill(random);
            }

            used += count;
            return next + used - count;
        }

        private void Refill(RandomSource random)
        {
            if (plan.ByStep)
            {
                Fill(random);
                return;
            }

            random.FillBits(numbers.AsSpan(0, 16));
            (used, filled) = (0, 16);
        }
    }
}
