namespace SynapticGeometry;

/// <summary>Recorded spike trains: for each unit its spike times, ascending, from 0 to the end of the recording.</summary>
public sealed class SpikeTrains
{
    private readonly double[][] times;

    /// <summary>Trains of n units.</summary>
    /// <param name="times">For each unit its spike times, s, finite, from 0 to <paramref name="duration"/>, not descending.</param>
    /// <param name="duration">Length of the recording, s; NaN for just beyond the last spike.</param>
    /// <param name="names">The units' names; null for their numbers from 0.</param>
    /// <exception cref="ArgumentException">There is no unit, the names are not as many as the units, or the times of a unit descend.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative, not finite, or not before the end.</exception>
    public SpikeTrains(IReadOnlyList<IReadOnlyList<double>> times, double duration = double.NaN, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(times);
        this.times = [.. times.Select(t => t.ToArray())];
        Names = names is null ? [.. Enumerable.Range(0, times.Count).Select(i => i.ToString())] : [.. names];
        if (this.times.Length == 0)
        {
            throw new ArgumentException("There is no unit in the spike trains.", nameof(times));
        }

        Elementwise.MustMatch(this.times.Length, Names.Count, "unit", "name");
        double last = this.times.Max(t => t.Length == 0 ? 0 : t.Max());
        Duration = double.IsNaN(duration) ? Math.BitIncrement(last) : Require.Positive(duration, "duration of the recording", nameof(duration));
        for (int u = 0; u < this.times.Length; u++)
        {
            Check(this.times[u], Names[u], Duration);
        }
    }

    /// <summary>n, number of units.</summary>
    public int Units => times.Length;

    /// <summary>The units' names.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Length of the recording, s.</summary>
    public double Duration { get; }

    /// <summary>The mean rate of each unit, Hz: its spikes over the duration.</summary>
    public double[] Rates => Array.ConvertAll(times, t => t.Length / Duration);

    /// <summary>Number of spikes of all units.</summary>
    public long Count => times.Sum(t => (long)t.Length);

    /// <summary>The spike times of a unit, s, ascending.</summary>
    /// <param name="unit">Its index.</param>
    public ReadOnlySpan<double> this[int unit] => times[unit];

    /// <summary>Trains from events in one list.</summary>
    /// <param name="units">The unit of each spike.</param>
    /// <param name="times">The time of each spike, s; ascending within a unit.</param>
    /// <param name="duration">Length of the recording, s; NaN for just beyond the last spike.</param>
    /// <returns>The units in order of their numbers where all are whole numbers, else in order of their names.</returns>
    /// <exception cref="ArgumentException">As for the constructor; or the lists differ in length.</exception>
    public static SpikeTrains FromEvents(IReadOnlyList<string> units, IReadOnlyList<double> times, double duration = double.NaN)
    {
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(times);
        Elementwise.MustMatch(units.Count, times.Count, "unit", "time");
        Dictionary<string, List<double>> trains = [];
        for (int i = 0; i < units.Count; i++)
        {
            if (!trains.TryGetValue(units[i], out List<double>? train))
            {
                trains.Add(units[i], train = []);
            }

            train.Add(times[i]);
        }

        bool numbered = trains.Keys.All(k => long.TryParse(k, out _));
        string[] names = numbered ? [.. trains.Keys.OrderBy(long.Parse)] : [.. trains.Keys.Order(StringComparer.Ordinal)];
        return new SpikeTrains([.. names.Select(n => trains[n])], duration, names);
    }

    /// <summary>The part of the recording from one time to another, its start at time 0.</summary>
    /// <param name="start">s, at least 0.</param>
    /// <param name="end">s, above the start, at most the duration.</param>
    /// <exception cref="ArgumentOutOfRangeException">The times are not within the recording.</exception>
    public SpikeTrains Between(double start, double end)
    {
        if (!(start >= 0 && start < end && end <= Duration))
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"The part asked for is {start} to {end} s; the recording goes from 0 to {Duration} s.");
        }

        return new SpikeTrains([.. times.Select(t => (double[])[.. t.Where(x => x >= start && x < end).Select(x => x - start)])], end - start, Names);
    }

    /// <summary>
    /// The step that a spike falls into: ⌊t/dt⌋, where a millionth of a step before a step's beginning counts as its beginning, so
    /// that times written as multiples of the step stay in their steps.
    /// </summary>
    internal static long StepOf(double time, double timeStep) => (long)Math.Floor((time / timeStep) + 1e-6);

    internal static void Check(ReadOnlySpan<double> train, string unit, double duration)
    {
        for (int i = 0; i < train.Length; i++)
        {
            if (!(train[i] >= 0 && train[i] < duration))
            {
                string allowed = double.IsFinite(train[i]) ? $"times are from 0 to before the end of the recording, {duration:0.######} s" : "times are finite";
                throw new ArgumentOutOfRangeException(nameof(train), $"Spike {i} of unit {unit} is at {train[i]} s; {allowed}.");
            }

            if (i > 0 && train[i] < train[i - 1])
            {
                throw new ArgumentException($"The spikes of unit {unit} are not in order of time: spike {i} is at {train[i]} s, after one at {train[i - 1]} s.");
            }
        }
    }
}

/// <summary>Recorded spike trains as input: unit i of the recording is the afferent of synapse i.</summary>
/// <param name="Trains">The recording.</param>
public sealed record RecordedInput(SpikeTrains Trains) : SpikeInput
{
    /// <summary>The recording.</summary>
    public SpikeTrains Trains { get; } = Trains ?? throw new ArgumentNullException(nameof(Trains));

    /// <summary>Mean rates over the recording, Hz.</summary>
    public override IReadOnlyList<double> Rates { get; } = Trains.Rates;

    /// <inheritdoc/>
    /// <remarks>Draws no numbers. The sampler throws <see cref="InvalidOperationException"/> at the end of the recording.</remarks>
    public override SpikeSampler Start(RandomSource random, double timeStep) =>
        new Sampler(Trains, Require.Positive(timeStep, "time step", nameof(timeStep)));

    /// <inheritdoc/>
    public override SpikeInput Stretch(RandomSource random, double duration)
    {
        ArgumentNullException.ThrowIfNull(random);
        Require.Positive(duration, "duration of a stretch", nameof(duration));
        if (duration > Trains.Duration)
        {
            throw new ArgumentOutOfRangeException(nameof(duration), $"A stretch of {duration} s was asked for; the recording is {Trains.Duration} s long.");
        }

        double start = random.NextDouble() * (Trains.Duration - duration);
        return new RecordedInput(Trains.Between(start, Math.Min(Trains.Duration, start + duration)));
    }

    private sealed class Sampler : SpikeSampler
    {
        private readonly long[] steps;
        private readonly int[] synapses;
        private readonly long end;
        private readonly double duration;
        private long step;
        private int next;

        public Sampler(SpikeTrains trains, double timeStep)
        {
            StepCount.Of(trains.Duration, timeStep, "recording", nameof(trains));
            steps = new long[trains.Count];
            synapses = new int[trains.Count];
            int at = 0;
            for (int u = 0; u < trains.Units; u++)
            {
                foreach (double t in trains[u])
                {
                    (steps[at], synapses[at++]) = (SpikeTrains.StepOf(t, timeStep), u);
                }
            }

            Array.Sort(steps, synapses);
            duration = trains.Duration;
            end = Math.Max(SpikeTrains.StepOf(duration, timeStep), steps.Length == 0 ? 0 : steps[^1] + 1);
        }

        public override ReadOnlySpan<int> Draw()
        {
            if (step >= end)
            {
                throw new InvalidOperationException($"The recorded input ends after {duration} s, {end} steps.");
            }

            int from = next;
            while (next < steps.Length && steps[next] == step)
            {
                next++;
            }

            step++;
            return synapses.AsSpan(from, next - from);
        }

        public override long[] Save() => [step];

        public override void Restore(ReadOnlySpan<long> state)
        {
            Elementwise.MustMatch(state.Length, 1, "state of a recorded input", "its step");
            step = state[0];
            int at = Array.BinarySearch(steps, step);
            for (next = at < 0 ? ~at : at; next > 0 && steps[next - 1] >= step; next--)
            {
            }
        }
    }
}
