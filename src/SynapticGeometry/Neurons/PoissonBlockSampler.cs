using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>
/// Independent spikes of constant probability, 64 steps at a time: for each group of equal rate a binomial number of spikes, then that
/// many distinct cells of the grid of (member, step). No random number for a silent cell, and no logarithm.
/// </summary>
internal sealed class PoissonBlockSampler : SpikeSampler
{
    private readonly RandomSource random;
    private readonly Group[] groups;

    // For each synapse the steps of the block in which it has spiked, bit by bit.
    private readonly ulong[] taken;
    private readonly ulong[] bits = new ulong[256];
    private readonly int[] ends = new int[BlockSteps];
    private SpikeList keys;
    private int[] sorted = [];
    private ulong blockPosition;
    private long step;

    public PoissonBlockSampler(IReadOnlyList<double> rates, RandomSource random, double timeStep)
    {
        ArgumentNullException.ThrowIfNull(random);
        Require.Positive(timeStep, "time step", nameof(timeStep));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rates.Count, int.MaxValue / BlockSteps, nameof(rates));
        this.random = random;
        taken = new ulong[rates.Count];
        groups = [.. Enumerable.Range(0, rates.Count).GroupBy(i => rates[i]).Select(Make)];
        keys.Reserve(BlockSteps * timeStep * rates.Sum());

        Group Make(IGrouping<double, int> group)
        {
            int[] members = [.. group];
            double p = SpikeInput.StepProbability(group.Key, timeStep, $"synapse {members[0]}");
            return new Group(members, members[^1] - members[0] == members.Length - 1, new BinomialTable((long)BlockSteps * members.Length, p));
        }
    }

    public override ReadOnlySpan<int> Draw()
    {
        int at = (int)(step % BlockSteps);
        if (at == 0)
        {
            NewBlock();
            Sort();
        }

        step++;
        int from = at == 0 ? 0 : ends[at - 1];
        return sorted.AsSpan(from, ends[at] - from);
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
            Sort();
        }
    }

    internal override void Draw(int steps, ref SpikeList destination, int synapses)
    {
        if (steps < BlockSteps || step % BlockSteps != 0)
        {
            base.Draw(steps, ref destination, synapses);
            return;
        }

        NewBlock(ref destination);
        step += BlockSteps;
    }

    /// <summary>For each step where its spikes begin in a list in order of steps: the first half of a counting sort.</summary>
    /// <param name="keys">BlockSteps · synapse + step.</param>
    /// <param name="begins">BlockSteps numbers; to become the steps' ends as the spikes are put in place.</param>
    internal static void Begin(ReadOnlySpan<int> keys, Span<int> begins)
    {
        begins.Clear();
        foreach (int key in keys)
        {
            begins[key & (BlockSteps - 1)]++;
        }

        int sum = 0;
        foreach (ref int begin in begins)
        {
            (begin, sum) = (sum, sum + begin);
        }
    }

    private void NewBlock()
    {
        keys.Clear();
        NewBlock(ref keys);
    }

    private void NewBlock(ref SpikeList destination)
    {
        blockPosition = random.Position;
        int before = destination.Count;
        foreach (Group group in groups)
        {
            Span<int> found = destination.Extend(group.Counts.Draw(random));
            while (found.Length > 0)
            {
                int cells = Candidates(group.Members.Length, found);
                found = found[Distinct(group, found[..cells])..];
            }
        }

        if (destination.Count - before > taken.Length / 4)
        {
            Array.Clear(taken);
        }
        else
        {
            foreach (int key in destination.Span[before..])
            {
                taken[key / BlockSteps] = 0;
            }
        }
    }

    // Cells of a group's grid, independent and uniform, two from each number; returns how many. Source: Lemire 2019.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Candidates(int members, Span<int> found)
    {
        uint cells = (uint)(members * BlockSteps), biased = (0u - cells) % cells;
        Span<ulong> numbers = bits.AsSpan(0, Math.Min(bits.Length, (found.Length + 1) / 2));
        random.FillBits(numbers);
        int k = 0;
        foreach (ulong number in numbers)
        {
            ulong first = (number >> 32) * cells, second = (uint)number * (ulong)cells;
            found[k] = (int)(first >> 32);
            k += (uint)first >= biased ? 1 : 0;
            if (k < found.Length)
            {
                found[k] = (int)(second >> 32);
                k += (uint)second >= biased ? 1 : 0;
            }
        }

        return k;
    }

    // Keeps the cells that are not yet taken, as keys, in order; returns how many.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Distinct(Group group, Span<int> cells)
    {
        int first = group.Members[0];
        int kept = 0;
        foreach (int cell in cells)
        {
            int synapse = group.Consecutive ? first + (cell / BlockSteps) : group.Members[cell / BlockSteps], step = cell & (BlockSteps - 1);
            ulong before = taken[synapse], bit = 1UL << step;
            taken[synapse] = before | bit;
            cells[kept] = (BlockSteps * synapse) + step;
            kept += (before & bit) == 0 ? 1 : 0;
        }

        return kept;
    }

    /// <summary>Synapses of equal rate, ascending.</summary>
    private sealed record Group(int[] Members, bool Consecutive, BinomialTable Counts);

    private void Sort()
    {
        if (sorted.Length < keys.Count)
        {
            sorted = new int[2 * keys.Count];
        }

        Begin(keys.Span, ends);
        foreach (int key in keys.Span)
        {
            sorted[ends[key & (BlockSteps - 1)]++] = key / BlockSteps;
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
    public int Draw(RandomSource random)
    {
        double u = random.NextDouble();
        int at = guide[(int)(u * GuideLength)];
        while (cumulative[at] <= u)
        {
            at++;
        }

        return first + at;
    }
}
