using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SynapticGeometry;

/// <summary>
/// Independent spikes of constant probability, 64 steps at a time: for each group of equal rate a binomial number of spikes, then that
/// many distinct cells of the grid of (member, step). Where many spikes are expected in each step, number and cells are drawn step by
/// step, so that they come in order. No random number for a silent cell, no logarithm, and four cells from a random number of 64 bits
/// where 16 of them are enough.
/// </summary>
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
    private SpikeList spikes;
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
        return spikes.Span[(at == 0 ? 0 : ends[at - 1])..ends[at]];
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
        if (steps < BlockSteps || step % BlockSteps != 0)
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

        DrawSorted(ref destination, stepEnds);
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

    private void NewBlock()
    {
        spikes.Clear();
        DrawSorted(ref spikes, ends);
    }

    // A block as synapses in order of steps.
    private void DrawSorted(ref SpikeList destination, Span<int> stepEnds)
    {
        if (!plan.ByStep)
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

            return;
        }

        BeginBlock();
        for (int at = 0; at < BlockSteps; at++)
        {
            foreach (Group group in plan.Groups)
            {
                Draw(group, ref destination);
            }

            stepEnds[at] = destination.Count;
        }
    }

    // A block as keys, BlockSteps · synapse + step.
    private void DrawKeys(ref SpikeList destination)
    {
        BeginBlock();
        for (int at = 0; at < (plan.ByStep ? BlockSteps : 1); at++)
        {
            foreach (Group group in plan.Groups)
            {
                Span<int> found = Draw(group, ref destination);
                for (int k = 0; plan.ByStep && k < found.Length; k++)
                {
                    found[k] = (found[k] << BlockShift) + at;
                }
            }
        }
    }

    private void BeginBlock()
    {
        blockPosition = random.Position;
        scratch.Fill(random);
    }

    // Spikes of a group: synapses, where they are drawn step by step, or else keys.
    private Span<int> Draw(Group group, ref SpikeList destination)
    {
        Span<int> found = destination.Extend(group.Counts.At((*scratch.Next(random, 1) >> 11) * (1.0 / (1UL << 53))));
        int perMember = plan.ByStep ? 1 : BlockSteps, offset = group.Consecutive ? group.Members[0] * perMember : 0;
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
            foreach (ref int spike in found)
            {
                (int member, int rest) = Math.DivRem(spike, perMember);
                spike = (group.Members[member] * perMember) + rest;
            }
        }

        return found;
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
                int left = group.Counts.At((*scratch.Next(random, 1) >> 11) * (1.0 / (1UL << 53)));
                int offset = (group.Members[0] * EventDrivenBlock.Lanes) + lane;
                byte mark = scratch.NextMark(group);
                while (left > 0)
                {
                    Candidates(scratch.Next(random, 4), group, chunk);
                    left = Take(chunk, marks, mark, buckets.Next, offset, left);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Take(ushort* chunk, byte* marks, byte mark, int** next, int offset, int left)
    {
        for (ushort* end = chunk + Chunk; chunk < end; chunk++)
        {
            nuint cell = *chunk;
            int fresh = marks[cell] == mark ? 0 : 1;
            int* at = next[cell % BlockSteps];
            *at = ((int)(cell / BlockSteps) * EventDrivenBlock.Lanes) + offset;
            next[cell % BlockSteps] = (int*)((byte*)at + (sizeof(int) * (fresh & (-left >>> 31))));
            marks[cell] = mark;
            left -= fresh;
        }

        return left;
    }

    // Each cell is the upper half of a product with 16 random bits; one that is refused by the lower half becomes the number of cells,
    // which counts as taken. Source: Lemire 2019.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Candidates(ulong* numbers, Group group, ushort* chunk)
    {
        Vector256<ushort> random = Vector256.Load((ushort*)numbers), cells = Vector256.Create((ushort)group.Cells), high;
        if (Avx2.IsSupported)
        {
            high = Avx2.MultiplyHigh(random, cells);
        }
        else
        {
            for (int k = 0; k < Chunk; k++)
            {
                chunk[k] = (ushort)(random[k] * group.Cells >> 16);
            }

            high = Vector256.Load(chunk);
        }

        Vector256.ConditionalSelect(Vector256.LessThan(random * cells, Vector256.Create((ushort)group.Biased)), cells, high).Store(chunk);
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
    private sealed record Group(int[] Members, uint Cells, BinomialTable Counts)
    {
        public bool Consecutive { get; } = Members[^1] - Members[0] == Members.Length - 1;

        // Numbered by 16 bits, of which at most one in eight is refused so that all cells are equally likely.
        public bool Few { get; } = Cells <= MostOfFew;

        // Products below which a cell is refused.
        public uint Biased { get; } = (uint)((Cells <= MostOfFew ? 1UL << 16 : 1UL << 32) % Cells);
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
                uint cells = (uint)group.Length * (ByStep ? 1u : BlockSteps);
                return new Group(group, cells, new BinomialTable(cells, p));
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
            Marks = new byte[plan.Groups.Where(g => g.Few).Select(g => (int)g.Cells).DefaultIfEmpty(0).Max() + 1];
            Taken = new ulong[plan.Groups.Where(g => !g.Few).Select(g => (int)((g.Cells + 63) / 64)).DefaultIfEmpty(1).Max()];
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
            if (++mark == 0)
            {
                Array.Clear(Marks);
                mark = 1;
            }

            Marks[group.Cells] = mark;
            return mark;
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

/// <summary>Binomial numbers by inversion: one uniform number each.</summary>
internal sealed class BinomialTable
{
    private const int GuideLength = 128;
    private const double Negligible = 1e-20;
    private readonly int first;
    private readonly ImmutableArray<double> cumulative;
    private readonly int[] guide = new int[GuideLength];

    /// <summary>Numbers of successes.</summary>
    /// <param name="trials">Number of trials, at least 1.</param>
    /// <param name="probability">Of success, 0 to 0.2.</param>
    public BinomialTable(long trials, double probability)
    {
        // From the mode in both directions, in units of the mode's probability, by the ratio of neighbours.
        long mode = (long)((trials + 1) * probability);
        double odds = probability / (1 - probability);
        List<double> below = [], above = [];
        double p = 1;
        for (long k = mode; k > 0 && p > Negligible; k--)
        {
            p *= k / ((trials - k + 1) * odds);
            below.Add(p);
        }

        p = 1;
        for (long k = mode; k < trials && p > Negligible; k++)
        {
            p *= (trials - k) * odds / (k + 1);
            above.Add(p);
        }

        below.Reverse();
        first = (int)(mode - below.Count);
        double[] sums = [.. below, 1, .. above];
        for (int i = 1; i < sums.Length; i++)
        {
            sums[i] += sums[i - 1];
        }

        double total = sums[^1];
        cumulative = [.. sums.Select(s => s / total)];
        for (int g = 0, at = 0; g < GuideLength; g++)
        {
            while (cumulative[at] <= (double)g / GuideLength)
            {
                at++;
            }

            guide[g] = at;
        }
    }

    /// <summary>The next number.</summary>
    public int Draw(RandomSource random) => At(random.NextDouble());

    /// <summary>The number at a place of the cumulative distribution.</summary>
    /// <param name="u">0 to 1, below 1.</param>
    public int At(double u)
    {
        int at = guide[(int)(u * GuideLength)];
        while (cumulative[at] <= u)
        {
            at++;
        }

        return first + at;
    }
}
