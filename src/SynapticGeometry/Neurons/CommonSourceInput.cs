namespace SynapticGeometry;

/// <summary>
/// Correlated Poisson input: each synapse copies each spike of one common source with probability p, and has spikes of its own so that
/// its rate is rᵢ. Spike counts of synapses i and j have correlation λ p²/√(rᵢ rⱼ), λ being the source's rate.
/// </summary>
/// <remarks>Source of the construction: Kuhn, Aertsen and Rotter 2003 (single interaction process).</remarks>
/// <param name="Rates">rᵢ, Hz, each at least λ p.</param>
/// <param name="CommonRate">λ, Hz, finite and not negative.</param>
/// <param name="CopyProbability">p, 0 to 1.</param>
public sealed record CommonSourceInput(IReadOnlyList<double> Rates, double CommonRate, double CopyProbability) : SpikeInput
{
    /// <summary>rᵢ, Hz; a copy of the list that was given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative, not finite, or below what is copied.</exception>
    public override IReadOnlyList<double> Rates { get; } = Checked(Rates, CommonRate, CopyProbability);

    /// <summary>λ, Hz.</summary>
    public double CommonRate { get; } = CommonRate;

    /// <summary>p.</summary>
    public double CopyProbability { get; } = CopyProbability;

    /// <inheritdoc/>
    public override SpikeSampler Start(RandomSource random, double timeStep) => new Sampler(this, random, timeStep);

    private static double[] Checked(IReadOnlyList<double> rates, double common, double copy)
    {
        double[] checkedRates = Require.NoneNegative(rates, "rate", "Hz", nameof(rates));
        Require.NotNegative(common, "rate of the common source", nameof(common));
        if (!(copy is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(copy), $"The copy probability is {copy}; it must lie between 0 and 1.");
        }

        int low = Array.FindIndex(checkedRates, r => r < common * copy);
        return low < 0
            ? checkedRates
            : throw new ArgumentOutOfRangeException(
                nameof(rates), $"Rate {low} of {checkedRates.Length} is {checkedRates[low]} Hz, below the {common * copy} Hz that the synapse copies from the common source.");
    }

    private sealed class Sampler : SpikeSampler
    {
        private readonly CommonSourceInput input;
        private readonly RandomSource random;
        private readonly PoissonBlockSampler own;
        private GeometricGrid source;
        private SpikeList spikes;
        private long step;

        public Sampler(CommonSourceInput input, RandomSource random, double timeStep)
        {
            ArgumentNullException.ThrowIfNull(random);
            (this.input, this.random) = (input, random);
            double copied = input.CommonRate * input.CopyProbability;
            own = new PoissonBlockSampler([.. input.Rates.Select(r => r - copied)], random.Fork("own spikes"), timeStep);
            source = new GeometricGrid(1, SpikeInput.StepProbability(input.CommonRate, timeStep, "the common source"), random);
        }

        public override ReadOnlySpan<int> Draw()
        {
            spikes.Clear();
            foreach (int synapse in own.Draw())
            {
                spikes.Add(synapse);
            }

            if (source.Take(step++, random) == 0)
            {
                for (int i = 0; i < input.Synapses; i++)
                {
                    if (random.NextDouble() < input.CopyProbability)
                    {
                        spikes.Add(i);
                    }
                }
            }

            return spikes.Span;
        }

        public override long[] Save() => [step, (long)random.Position, source.Next, .. own.Save()];

        public override void Restore(ReadOnlySpan<long> state)
        {
            if (state.Length < 3)
            {
                throw new ArgumentException($"The state of the input has {state.Length} numbers; at least 3 are needed.", nameof(state));
            }

            (step, random.Position, source.Next) = (state[0], (ulong)state[1], state[2]);
            own.Restore(state[3..]);
        }
    }
}
