using System.Collections.Immutable;

namespace SynapticGeometry;

/// <summary>
/// Independent spikes of constant probability, 64 steps at a time: for each group of equal rate a binomial number of spikes, then that
/// many distinct cells of the grid of (member, step). No random number for a silent cell, and no logarithm.
/// </summary>
internal sealed class PoissonBlockSampler : SpikeSampler
{
    private readonly RandomSource random;
    private readonly (int[] Members, BinomialTable Counts)[] groups;

    // For each synapse the steps of the block in which it has spiked, bit by bit.
    private readonly ulong[] taken;
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
        groups = [.. Enumerable.Range(0, rates.Count).GroupBy(i => rates[i]).Select(Group)];
        keys.Reserve(BlockSteps * timeStep * rates.Sum());

        (int[] Members, BinomialTable Counts) Group(IGrouping<double, int> group)
        {
            int[] members = [.. group];
            double p = SpikeInput.StepProbability(group.Key, timeStep, $"synapse {members[0]}");
            return (members, new BinomialTable((long)BlockSteps * members.Length, p));
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
            begins[key % BlockSteps]++;
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
        foreach ((int[] members, BinomialTable counts) in groups)
        {
            uint cells = (uint)(members.Length * BlockSteps), biased = (0u - cells) % cells;
            ulong bits = 0;
            bool half = false;
            for (int left = counts.Draw(random); left > 0;)
            {
                // Two of 32 bits from each number; Lemire's multiplication, and again where it would favour a cell.
                bits = half ? bits << 32 : random.NextUInt64();
                half = !half;
                ulong product = (bits >> 32) * cells;
                uint cell = (uint)(product >> 32);
                int synapse = members[cell / BlockSteps];
                ulong bit = 1UL << (int)(cell % BlockSteps);
                if ((uint)product >= biased && (taken[synapse] & bit) == 0)
                {
                    taken[synapse] |= bit;
                    destination.Add((BlockSteps * synapse) + (int)(cell % BlockSteps));
                    left--;
                }
            }
        }

        foreach (int key in destination.Span[before..])
        {
            taken[key / BlockSteps] = 0;
        }
    }

    private void Sort()
    {
        if (sorted.Length < keys.Count)
        {
            sorted = new int[2 * keys.Count];
        }

        Begin(keys.Span, ends);
        foreach (int key in keys.Span)
        {
            sorted[ends[key % BlockSteps]++] = key / BlockSteps;
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
