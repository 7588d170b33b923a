namespace SynapticGeometry;

/// <summary>
/// What a run of <see cref="LearningStudy"/> has written down so far and where it stands: kept in a file, it lets a run that was
/// interrupted go on to the same bits.
/// </summary>
public sealed class LearningRecord
{
    private readonly List<long> steps = [];
    private readonly List<IReadOnlyList<LearningCost>> costs = [];
    private readonly List<LearningSnapshot> snapshots = [];
    private readonly SortedDictionary<int, List<EnsembleStep>> windows = [];

    private static ReadOnlySpan<byte> Magic => "SGLEARN1"u8;

    /// <summary>The weights written down, ascending in time.</summary>
    internal IReadOnlyList<LearningSnapshot> Snapshots => snapshots;

    /// <summary>Where a run that goes on begins; null for a new one.</summary>
    internal EnsembleTrialState[]? States { get; private set; }

    /// <summary>The run that wrote last.</summary>
    internal EnsembleRun? Latest { get; set; }

    /// <summary>True where the run has begun, so that there is something to write.</summary>
    public bool Begun => Latest is not null || States is not null;

    /// <summary>The part of a study that is done where a run goes on from here, 0 to 1.</summary>
    /// <param name="study">The study.</param>
    public double Share(LearningStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return States is { } states ? (double)states.Min(s => s.Steps) / study.Steps : 0;
    }

    /// <summary>Writes the record; between two runs, once the run was cancelled, or while it reports its progress.</summary>
    /// <param name="stream">Where to. Write a new file and rename it, so that the last record stays where this write is cut off.</param>
    /// <param name="study">The study.</param>
    /// <param name="seed">Its seed.</param>
    /// <exception cref="InvalidOperationException">Nothing has begun, or the run ended with an error.</exception>
    public void Write(Stream stream, LearningStudy study, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(study);
        EnsembleTrialState[] states = Latest?.Save() ?? States ?? throw new InvalidOperationException("No run has begun: there is nothing to write.");
        EnsembleCheckpoint.Write(stream, study.Ensemble, seed, states);
        CheckedBlock.Write(stream, Magic, writer =>
        {
            writer.Write(Settings(study));
            writer.Write(steps.Count);
            for (int i = 0; i < steps.Count; i++)
            {
                writer.Write(steps[i]);
                foreach ((double divergence, double rateError) in costs[i])
                {
                    writer.Write(divergence);
                    writer.Write(rateError);
                }
            }

            writer.Write(snapshots.Count);
            foreach (LearningSnapshot snapshot in snapshots)
            {
                writer.Write(snapshot.Step);
                foreach (double weight in snapshot.Weights)
                {
                    writer.Write(weight);
                }
            }

            writer.Write(windows.Count);
            foreach ((int window, List<EnsembleStep> seen) in windows)
            {
                writer.Write(window);
                writer.Write(seen.Count);
                foreach ((double potential, int spikes, ThreeTermFactors? factors) in seen)
                {
                    (double e, double u, double m) = factors ?? default;
                    writer.Write(potential);
                    writer.Write(spikes);
                    writer.Write(factors is not null);
                    writer.Write(e);
                    writer.Write(u);
                    writer.Write(m);
                }
            }
        });
    }

    /// <summary>Reads the record of a study.</summary>
    /// <param name="stream">Where from.</param>
    /// <param name="study">The study.</param>
    /// <param name="seed">Its seed.</param>
    /// <exception cref="InvalidDataException">It is no record, damaged, or that of another study or seed.</exception>
    public static LearningRecord Read(Stream stream, LearningStudy study, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(study);
        LearningRecord record = new() { States = EnsembleCheckpoint.Read(stream, study.Ensemble, seed) };
        CheckedBlock.Read(stream, Magic, "record of a learning study", reader =>
        {
            string settings = reader.ReadString();
            if (settings != Settings(study))
            {
                throw new InvalidDataException($"The record is of a study with other settings: {settings} instead of {Settings(study)}.");
            }

            int trials = study.Ensemble.Trials, synapses = study.Ensemble.Input.Synapses;
            for (int left = reader.ReadInt32(); left > 0; left--)
            {
                record.steps.Add(reader.ReadInt64());
                LearningCost[] at = new LearningCost[trials];
                for (int k = 0; k < trials; k++)
                {
                    at[k] = new LearningCost(reader.ReadDouble(), reader.ReadDouble());
                }

                record.costs.Add(at);
            }

            for (int left = reader.ReadInt32(); left > 0; left--)
            {
                long step = reader.ReadInt64();
                double[] weights = new double[trials * synapses];
                for (int k = 0; k < weights.Length; k++)
                {
                    weights[k] = reader.ReadDouble();
                }

                record.snapshots.Add(new LearningSnapshot(step, synapses, weights));
            }

            for (int left = reader.ReadInt32(); left > 0; left--)
            {
                int window = reader.ReadInt32();
                for (int seen = reader.ReadInt32(); seen > 0; seen--)
                {
                    double potential = reader.ReadDouble();
                    int spikes = reader.ReadInt32();
                    bool known = reader.ReadBoolean();
                    ThreeTermFactors factors = new(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
                    record.Add(window, new EnsembleStep(potential, spikes, known ? factors : null));
                }
            }
        });
        return record;
    }

    /// <summary>The distances so far.</summary>
    internal LearningCurve Curve(double timeStep) => new(timeStep, [.. steps], [.. costs]);

    internal bool HasDistances(long step) => steps.BinarySearch(step) >= 0;

    internal bool HasWeights(long step) => snapshots.Exists(s => s.Step == step);

    internal IReadOnlyList<EnsembleStep> Window(int window) => windows.TryGetValue(window, out List<EnsembleStep>? seen) ? seen : [];

    internal void Add(long step, LearningCost[] now)
    {
        steps.Add(step);
        costs.Add(now);
    }

    internal void Add(LearningSnapshot snapshot) => snapshots.Add(snapshot);

    internal void Add(int window, EnsembleStep step)
    {
        if (!windows.TryGetValue(window, out List<EnsembleStep>? seen))
        {
            windows.Add(window, seen = []);
        }

        seen.Add(step);
    }

    // The weights at the end of a run that ended early.
    internal void Finish(EnsembleRun run)
    {
        if (!HasWeights(run.Steps))
        {
            Add(LearningSnapshot.Of(run));
        }
    }

    // All that decides what is written down, and when.
    private static string Settings(LearningStudy s) => FormattableString.Invariant(
        $"duration {s.Duration:R} s, recorded every {s.RecordInterval ?? (s.Duration / 200):R} s, {s.CostSamples} samples of {s.CostDuration:R} s, weights at [{string.Join(", ", s.WeightTimes)}] s, windows [{string.Join(", ", s.Windows.Select(w => FormattableString.Invariant($"{w.Start}:{w.End}")))}] s; {s.Label}");
}
