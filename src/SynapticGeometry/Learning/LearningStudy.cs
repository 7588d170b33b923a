namespace SynapticGeometry;

/// <summary>A stretch of time, from its start to its end.</summary>
/// <param name="Start">s, finite and not negative.</param>
/// <param name="End">s, after the start.</param>
public readonly record struct TimeWindow(double Start, double End);

/// <summary>
/// A learning experiment and what is written down of it: the distance of every trial from its teacher at regular times, weights at
/// chosen times, and one trial step by step in chosen windows.
/// </summary>
/// <remarks>
/// Recording changes no number of the run. A run that is interrupted can be saved (<see cref="LearningRecord"/>) and goes on to the same
/// bits. Source: Kreutzer et al. 2022, Fig. 3.
/// </remarks>
public sealed record LearningStudy
{
    // A set of samples larger than this (1 GB) is refused: fewer samples say as much about so many synapses.
    private const long MostSampled = 1L << 27;

    // A run reports and can be saved after such a part of it at the latest, whatever it records.
    private const int Pauses = 200;

    /// <summary>The experiment.</summary>
    public required SpikingEnsemble Ensemble { get; init; }

    /// <summary>Length of learning, s, at least one time step.</summary>
    public required double Duration { get; init => field = Require.Positive(value, "duration", nameof(Duration)); }

    /// <summary>Time between two distances from the teacher, s; null for a two-hundredth of the duration.</summary>
    public double? RecordInterval { get; init => field = value is { } v ? Require.Positive(v, "recording interval", nameof(RecordInterval)) : null; }

    /// <summary>Samples of the synaptic potentials over which a trial's distance from its teacher is taken, at least 1.</summary>
    public int CostSamples
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(CostSamples));
            field = value;
        }
    } = 50;

    /// <summary>Length of the input before each sample, s.</summary>
    public double CostDuration { get; init => field = Require.Positive(value, "duration of a sample's input", nameof(CostDuration)); } = 0.25;

    /// <summary>Times at which the weights of all trials are written down, s, besides start and end.</summary>
    public IReadOnlyList<double> WeightTimes { get; init; } = [];

    /// <summary>Windows in which the first trial is written down step by step; ascending, apart from each other.</summary>
    public IReadOnlyList<TimeWindow> Windows { get; init; } = [];

    /// <summary>The run ends early where this is true of the curve so far; null to go on to the end.</summary>
    public Func<LearningCurve, bool>? Enough { get; init; }

    /// <summary>Words that tell this study from others whose numbers a program cannot see, such as a user's own functions; for <see cref="LearningRecord"/>.</summary>
    public string Label { get; init; } = string.Empty;

    /// <summary>Number of steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 1e12.</exception>
    public long Steps => Math.Max(1, StepOf(Duration, "duration"));

    /// <summary>False where the teacher's spikes are given: it has no rate, and no distance from it can be taken.</summary>
    public bool HasDistance => Ensemble.Teacher is not GivenSpikes;

    /// <summary>Runs the study.</summary>
    /// <param name="random">As for <see cref="SpikingEnsemble.Start"/>.</param>
    /// <param name="threads">The most threads, at least 1; 0 for one a core. The result does not depend on it.</param>
    /// <param name="record">Where to go on from and what is written to; null to start anew.</param>
    /// <param name="progress">Told how much is done, from 0 to 1, at each time that something is recorded, and each two-hundredth of the run; <paramref name="record"/> may be written then.</param>
    /// <param name="cancellation">Stops the run; <paramref name="record"/> then holds its state.</param>
    /// <exception cref="ArgumentException">The experiment is incomplete, times lie outside it, or it needs more memory than there is.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is too high for the time step, or rule and transfer function do not go together.</exception>
    /// <exception cref="ArithmeticException">Weights diverge or have left the parametrization's range; the message names step, trial and seed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public LearningResult Run(
        RandomSource random, int threads = 0, LearningRecord? record = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(random);
        record ??= new LearningRecord();
        SortedSet<long> distances = HasDistance ? DistanceSteps() : [], weights = [0, .. WeightTimes.Select((t, i) => Within(t, $"weight time {i}")), Steps];
        (long First, long Last)[] windows = CheckedWindows();
        MustFit(weights.Count, distances.Count);
        EnsembleRun run = Ensemble.Start(random, threads);
        if (record.States is { } states)
        {
            run.Restore(states);
        }

        long begun = run.Steps, furthest = run.Furthest;
        UspSamples[] samples = HasDistance ? run.DrawSamples(CostSamples, CostDuration) : [];
        SortedSet<long> stops = [.. distances, .. weights, .. windows.SelectMany(w => new[] { w.First, w.Last }), .. PauseSteps()];
        foreach (long stop in stops.Where(s => s >= furthest))
        {
            try
            {
                Advance(run, stop, Array.FindIndex(windows, w => w.First < stop && stop <= w.Last), record, cancellation);
            }
            finally
            {
                record.Latest = run;
            }

            Note(run, stop, distances, weights, samples, record);
            progress?.Report((double)stop / Steps);
            if (distances.Contains(stop) && Enough?.Invoke(record.Curve(Ensemble.TimeStep)) == true)
            {
                break;
            }
        }

        run.ForgetSamples();
        record.Finish(run);
        return new LearningResult(this, random.Seed, record.Curve(Ensemble.TimeStep), [.. record.Snapshots], Traces(windows, record, random))
        {
            EventDriven = run.EventDriven,
            StepsRun = run.Steps - begun,
        };
    }

    private static void Note(EnsembleRun run, long stop, SortedSet<long> distances, SortedSet<long> weights, UspSamples[] samples, LearningRecord record)
    {
        if (distances.Contains(stop) && !record.HasDistances(stop))
        {
            LearningCost[] now = new LearningCost[run.Trials];
            run.Costs(samples, now);
            record.Add(stop, now);
        }

        if (weights.Contains(stop) && !record.HasWeights(stop))
        {
            record.Add(LearningSnapshot.Of(run));
        }
    }

    // In a window one step at a time, so that every step can be seen; cancelled only between steps, so that none is missed.
    private static void Advance(EnsembleRun run, long stop, int window, LearningRecord record, CancellationToken cancellation)
    {
        if (window < 0)
        {
            run.AdvanceTo(stop, cancellation);
            return;
        }

        for (long step = run.Steps + 1; step <= stop; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            run.AdvanceTo(step, CancellationToken.None);
            record.Add(window, run.LastStep(0));
        }
    }

    private LearningTrace[] Traces((long First, long Last)[] windows, LearningRecord record, RandomSource random) =>
    [
        .. windows.Select((w, k) => (w.First, Steps: record.Window(k))).Where(w => w.Steps.Count > 0)
            .Select(w => new LearningTrace(w.First, Ensemble.TimeStep, w.Steps, Ensemble.InputSpikes(random, 0, w.First, w.Steps.Count))),
    ];

    // What must be held at once, before any of it is asked for: refused here a run says why, and refused by the system it says nothing.
    private void MustFit(int snapshots, int distances)
    {
        (long trials, long synapses, double gigabyte) = (Ensemble.Trials, Ensemble.Input.Synapses, 1e9);
        double state = Ensemble.StateBytes, kept = 8.0 * snapshots * trials * synapses, sampled = HasDistance ? 8.0 * CostSamples * trials * synapses : 0, curve = 16.0 * distances * trials;
        double needed = state + kept + sampled + curve, there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > there)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"{trials} trials of {synapses} synapses need {needed / gigabyte:G3} GB of memory ({state / gigabyte:G3} while they learn, {kept / gigabyte:G3} for weights at {snapshots} times, {sampled / gigabyte:G3} for samples of the input, {curve / gigabyte:G3} for the curve); this machine has {there / gigabyte:G3} GB. Take fewer trials or synapses."));
        }

        if (trials * synapses > Array.MaxLength)
        {
            throw new ArgumentException($"{trials} trials of {synapses} synapses are {trials * synapses} weights; at most {Array.MaxLength} are held. Take fewer trials or synapses.");
        }

        double numbers = HasDistance ? (double)trials * synapses * CostSamples : 0;
        if (numbers > MostSampled)
        {
            throw new ArgumentException(
                $"{CostSamples} samples of {synapses} synaptic potentials in each of {trials} trials are {numbers} numbers; at most {MostSampled} are held, so take at most {Math.Max(1, MostSampled / (trials * synapses))} samples or fewer trials.");
        }
    }

    // At the ends of blocks of steps, where stopping costs nothing.
    private IEnumerable<long> PauseSteps() =>
        Enumerable.Range(1, Pauses - 1).Select(k => Steps / Pauses * k / SpikeSampler.BlockSteps * SpikeSampler.BlockSteps).Where(s => s > 0);

    private SortedSet<long> DistanceSteps()
    {
        double interval = RecordInterval ?? Duration / 200;
        long every = Math.Max(1, StepOf(Math.Min(interval, Duration), "recording interval"));
        SortedSet<long> steps = [Steps];
        for (long step = 0; step < Steps; step += every)
        {
            steps.Add(step);
        }

        return steps;
    }

    private (long First, long Last)[] CheckedWindows()
    {
        (long, long)[] windows = [.. Windows.Select((w, i) => (Within(w.Start, $"start of window {i}"), Within(w.End, $"end of window {i}")))];
        for (int i = 0; i < windows.Length; i++)
        {
            (long first, long last) = windows[i];
            if (last <= first || (i > 0 && first < windows[i - 1].Item2))
            {
                throw new ArgumentException($"Window {i} of {windows.Length} is from {Windows[i].Start} to {Windows[i].End} s; windows must be at least a step long, in order and apart from each other.");
            }
        }

        return windows;
    }

    private long Within(double time, string what) =>
        time >= 0 && time <= Duration + Ensemble.TimeStep && StepOf(time, what) is var step && step <= Steps ? step : throw new ArgumentException($"The {what} is {time} s; the study is from 0 to {Duration} s.");

    private long StepOf(double time, string what) => StepCount.Of(time, Ensemble.TimeStep, what, nameof(time));
}
