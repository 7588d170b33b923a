using System.Collections.Immutable;

namespace SynapticGeometry;

/// <summary>Independent Poisson input: synapse i receives a spike in a step with probability rᵢ dt.</summary>
/// <remarks>Source: Kreutzer et al. 2022, Eqs 24, 28. Synapses of equal rate are drawn as one group.</remarks>
/// <param name="Rates">rᵢ, Hz, each finite and not negative.</param>
public sealed record PoissonInput(IReadOnlyList<double> Rates) : SpikeInput
{
    /// <summary>rᵢ, Hz; a copy of the list that was given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative or not finite.</exception>
    public override IReadOnlyList<double> Rates { get; } = Require.NoneNegative(Rates, "rate", "Hz", nameof(Rates));

    /// <summary>Groups of equal rate, in the order given.</summary>
    /// <param name="groups">The number of synapses, at least 0, and their rate, Hz, of each group.</param>
    public static PoissonInput Groups(params ReadOnlySpan<(int Synapses, double Rate)> groups)
    {
        List<double> rates = [];
        foreach ((int synapses, double rate) in groups)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(synapses, nameof(groups));
            rates.AddRange(Enumerable.Repeat(rate, synapses));
        }

        return new PoissonInput(rates);
    }

    /// <inheritdoc/>
    public override SpikeSampler Start(RandomSource random, double timeStep) => new PoissonBlockSampler(Rates, random, timeStep);
}

/// <summary>Spikes of independent synapses at peak rate, kept with a probability that depends on time.</summary>
internal sealed class PoissonSampler : SpikeSampler
{
    private readonly RandomSource random;
    private readonly double timeStep;
    private readonly int[][] members;
    private readonly GeometricGrid[] grids;
    private readonly Func<double, int, double> keep;
    private SpikeList spikes;
    private long step;

    /// <param name="rates">Hz, checked.</param>
    /// <param name="random">The source.</param>
    /// <param name="timeStep">dt, s.</param>
    /// <param name="keep">The probability that a spike at (time in s, synapse) is kept.</param>
    public PoissonSampler(IReadOnlyList<double> rates, RandomSource random, double timeStep, Func<double, int, double> keep)
    {
        ArgumentNullException.ThrowIfNull(random);
        Require.Positive(timeStep, "time step", nameof(timeStep));
        (this.random, this.timeStep, this.keep) = (random, timeStep, keep);
        var groups = Enumerable.Range(0, rates.Count).GroupBy(i => rates[i]).ToImmutableArray();
        members = [.. groups.Select(g => g.ToArray())];
        grids = [.. groups.Select(g => new GeometricGrid(g.Count(), StepProbability(g.Key, g.First()), random))];

        double StepProbability(double rate, int first) => SpikeInput.StepProbability(rate, timeStep, $"synapse {first}");
    }

    public override ReadOnlySpan<int> Draw()
    {
        spikes.Clear();
        for (int g = 0; g < grids.Length; g++)
        {
            for (int at = grids[g].Take(step, random); at >= 0; at = grids[g].Take(step, random))
            {
                int synapse = members[g][at];
                if (random.NextDouble() < keep(step * timeStep, synapse))
                {
                    spikes.Add(synapse);
                }
            }
        }

        step++;
        return spikes.Span;
    }

    public override long[] Save() => [step, (long)random.Position, .. grids.Select(g => g.Next)];

    public override void Restore(ReadOnlySpan<long> state)
    {
        Elementwise.MustMatch(state.Length, grids.Length + 2, "state of the input", "two and one for every group of equal rate");
        step = state[0];
        random.Position = (ulong)state[1];
        for (int g = 0; g < grids.Length; g++)
        {
            grids[g].Next = state[g + 2];
        }
    }
}
