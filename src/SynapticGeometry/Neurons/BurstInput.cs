namespace SynapticGeometry;

/// <summary>
/// Independent trains of bursts: bursts begin as a Poisson process, each has a geometric number of spikes of mean m, and one interval
/// d follows another within it. With m = 1 it is Poisson input.
/// </summary>
/// <remarks>
/// Each spike is followed by another after d with probability p = 1 − 1/m, so that spike counts a step are an integer-valued
/// autoregression: autocovariance r pᵏ at the lags ± k d, Fano factor 2m − 1 over long windows, and variance
/// r Σₖ p^|k| R(k d) of a synaptic potential, R being the kernel's autocorrelation. The trains are stationary from the first step on.
/// Source of the construction: Al-Osh and Alzaid 1987 (INAR(1)); of the question: Kreutzer et al. 2022, Discussion.
/// </remarks>
/// <param name="Rates">rᵢ, Hz: mean rates, each finite and not negative.</param>
/// <param name="SpikesPerBurst">m, at least 1, finite.</param>
/// <param name="Interval">d, s, positive; rounded to whole time steps, at least one.</param>
public sealed record BurstInput(IReadOnlyList<double> Rates, double SpikesPerBurst, double Interval) : SpikeInput
{
    /// <summary>rᵢ, Hz; a copy of the list that was given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative or not finite.</exception>
    public override IReadOnlyList<double> Rates { get; } = Require.NoneNegative(Rates, "rate", "Hz", nameof(Rates));

    /// <summary>m, mean number of spikes of a burst.</summary>
    public double SpikesPerBurst { get; } = SpikesPerBurst >= 1 && double.IsFinite(SpikesPerBurst)
        ? SpikesPerBurst
        : throw new ArgumentOutOfRangeException(nameof(SpikesPerBurst), $"The mean number of spikes of a burst is {SpikesPerBurst}; it must be finite and at least 1.");

    /// <summary>d, s, between spikes of a burst.</summary>
    public double Interval { get; } = Require.Positive(Interval, "interval within a burst", nameof(Interval));

    /// <summary>The variance of a synaptic potential for each Hz of this input, r Σₖ p^|k| R(k d)/r, mV² s; that of Poisson input is ∫ε².</summary>
    /// <param name="kernel">ε.</param>
    public double VariancePerRate(SynapticKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        double p = 1 - (1 / SpikesPerBurst), sum = kernel.SquareIntegral, weight = p;
        for (int k = 1; weight > 1e-17; k++)
        {
            double term = 2 * weight * kernel.Autocorrelation(k * Interval);
            sum += term;
            weight *= p;
            if (term <= 1e-17 * sum)
            {
                break;
            }
        }

        return sum;
    }

    /// <inheritdoc/>
    public override SpikeSampler Start(RandomSource random, double timeStep) => new Sampler(this, random, timeStep);

    private sealed class Sampler : SpikeSampler
    {
        private readonly RandomSource random;
        private readonly PoissonBlockSampler onsets;
        private readonly double another;

        // The spikes of the last d, one list a step.
        private readonly SpikeList[] recent;
        private SpikeList spikes;
        private long step;

        public Sampler(BurstInput input, RandomSource random, double timeStep)
        {
            ArgumentNullException.ThrowIfNull(random);
            Require.Positive(timeStep, "time step", nameof(timeStep));
            this.random = random;
            another = 1 - (1 / input.SpikesPerBurst);

            // Mean rates, not those of onsets, must suit the time step. Within an interval the spikes of a stationary train are Poisson.
            PoissonBlockSampler before = new(input.Rates, random.Fork("spikes before the start"), timeStep);
            onsets = new PoissonBlockSampler([.. input.Rates.Select(r => r / input.SpikesPerBurst)], random.Fork("bursts"), timeStep);
            recent = new SpikeList[Math.Max(1, (int)Math.Round(input.Interval / timeStep))];
            for (int k = 0; k < recent.Length; k++)
            {
                AddTo(ref recent[k], before.Draw());
            }
        }

        public override ReadOnlySpan<int> Draw()
        {
            ref SpikeList slot = ref recent[(int)(step++ % recent.Length)];
            spikes.Clear();
            AddTo(ref spikes, onsets.Draw());
            foreach (int synapse in slot.Span)
            {
                if (random.NextDouble() < another)
                {
                    spikes.Add(synapse);
                }
            }

            slot.Clear();
            AddTo(ref slot, spikes.Span);
            return spikes.Span;
        }

        // Step and position, the length of each recent list, their spikes, and the state of the onsets.
        public override long[] Save() =>
        [
            step, (long)random.Position, .. recent.Select(r => (long)r.Count), .. recent.SelectMany(r => r.Span.ToArray()).Select(i => (long)i), .. onsets.Save(),
        ];

        public override void Restore(ReadOnlySpan<long> state)
        {
            int at = 2 + recent.Length;
            if (state.Length < at || state.Length < at + Sum(state[2..at]))
            {
                throw new ArgumentException($"The state of the input has {state.Length} numbers; more are needed for bursts whose interval is {recent.Length} steps.", nameof(state));
            }

            (step, random.Position) = (state[0], (ulong)state[1]);
            for (int k = 0; k < recent.Length; k++)
            {
                recent[k].Clear();
                for (long left = state[2 + k]; left > 0; left--)
                {
                    recent[k].Add((int)state[at++]);
                }
            }

            onsets.Restore(state[at..]);
        }

        private static void AddTo(ref SpikeList list, ReadOnlySpan<int> more)
        {
            foreach (int synapse in more)
            {
                list.Add(synapse);
            }
        }

        private static long Sum(ReadOnlySpan<long> counts)
        {
            long sum = 0;
            foreach (long count in counts)
            {
                sum += Math.Max(0, count);
            }

            return sum;
        }
    }
}
