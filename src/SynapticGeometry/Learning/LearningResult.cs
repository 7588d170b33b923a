namespace SynapticGeometry;

/// <summary>What a <see cref="LearningStudy"/> found.</summary>
/// <param name="Study">The study.</param>
/// <param name="Seed">The seed of its random numbers.</param>
/// <param name="Curve">The distance of each trial from its teacher over time; empty where the teacher has no rate.</param>
/// <param name="Snapshots">The weights of all trials at start, at chosen times and at the end, ascending in time.</param>
/// <param name="Traces">The first trial step by step in each window.</param>
public sealed record LearningResult(
    LearningStudy Study, ulong Seed, LearningCurve Curve, IReadOnlyList<LearningSnapshot> Snapshots, IReadOnlyList<LearningTrace> Traces)
{
    /// <summary>True where the event-driven form ran, false for the dense loop.</summary>
    public bool EventDriven { get; init; }

    /// <summary>Steps done in this call; fewer than the study's where it went on from a record, or ended early.</summary>
    public long StepsRun { get; init; }
}

/// <summary>The somatic weights of all trials at one time.</summary>
/// <param name="Step">After so many steps.</param>
/// <param name="Synapses">n.</param>
/// <param name="Weights">n weights of trial 0, then those of trial 1, ...</param>
public sealed record LearningSnapshot(long Step, int Synapses, IReadOnlyList<double> Weights)
{
    /// <summary>w of a trial, n somatic weights.</summary>
    /// <param name="trial">Its number.</param>
    public ReadOnlySpan<double> this[int trial] => ((double[])Weights).AsSpan(trial * Synapses, Synapses);

    /// <summary>The weights of a run as it stands.</summary>
    internal static LearningSnapshot Of(EnsembleRun run)
    {
        double[] all = new double[run.Trials * run.Synapses];
        for (int trial = 0; trial < run.Trials; trial++)
        {
            run.CopyChecked(trial, all.AsSpan(trial * run.Synapses, run.Synapses));
        }

        return new LearningSnapshot(run.Steps, run.Synapses, all);
    }
}

/// <summary>One trial step by step: what it saw and how it learned.</summary>
/// <param name="FirstStep">Steps done before the window.</param>
/// <param name="TimeStep">dt, s.</param>
/// <param name="Steps">Potential, teacher's spikes and the factors of the three terms in each step.</param>
/// <param name="Input">The input spikes: number of the step in the window, and the synapse.</param>
public sealed record LearningTrace(long FirstStep, double TimeStep, IReadOnlyList<EnsembleStep> Steps, IReadOnlyList<(int Step, int Synapse)> Input);
