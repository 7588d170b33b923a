namespace SynapticGeometry;

/// <summary>A run of <see cref="SpikingEnsemble"/>: the state of its trials over time. One caller at a time; it uses threads itself.</summary>
public sealed class EnsembleRun
{
    /// <summary>The most synapses of trials that run side by side: the state of eight then fits the cache next to the core.</summary>
    internal const int SideBySide = 2048;

    private readonly SpikingEnsemble ensemble;
    private readonly RandomSource random;
    private readonly int threads;
    private readonly EnsembleBlock[] blocks;
    private readonly Exception?[] failures;

    // For each trial the samples that its distance was last taken over, and the teacher's rate in each.
    private readonly (UspSamples? Samples, double[] Rates)[] taught;
    private Exception? failure;

    internal EnsembleRun(SpikingEnsemble ensemble, RandomSource random, int threads)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        (this.ensemble, this.random, this.threads) = (ensemble, random, threads == 0 ? Environment.ProcessorCount : threads);
        ThreeTermForm? form = ensemble.EventDrivenForm;
        EventDriven = form is not null;
        List<EnsembleBlock> made = [];
        for (int first = 0; first < ensemble.Trials;)
        {
            // Trials that do not fill a good part of the lanes run alone.
            int left = ensemble.Trials - first, count = form is null || ensemble.Input.Synapses > SideBySide || left < 3 ? 1 : Math.Min(left, EventDrivenBlock.Lanes);
            made.Add(form is null ? new DenseBlock(ensemble, random, first) : new EventDrivenBlock(ensemble, form, random, first, count));
            first += count;
        }

        blocks = [.. made];
        (failures, taught) = (new Exception?[blocks.Length], new (UspSamples?, double[])[ensemble.Trials]);
    }

    /// <summary>True where the rule runs event-driven, false where it needs the dense loop.</summary>
    public bool EventDriven { get; }

    /// <summary>Number of trials.</summary>
    public int Trials => ensemble.Trials;

    /// <summary>n, number of synapses.</summary>
    public int Synapses => ensemble.Input.Synapses;

    /// <summary>The experiment.</summary>
    public SpikingEnsemble Ensemble => ensemble;

    /// <summary>Steps that all trials have done.</summary>
    public long Steps
    {
        get
        {
            long least = long.MaxValue;
            foreach (EnsembleBlock block in blocks)
            {
                least = Math.Min(least, block.Steps);
            }

            return least;
        }
    }

    /// <summary>Steps that some trial has done: <see cref="Steps"/>, or more where a call was cancelled.</summary>
    internal long Furthest
    {
        get
        {
            long most = 0;
            foreach (EnsembleBlock block in blocks)
            {
                most = Math.Max(most, block.Steps);
            }

            return most;
        }
    }

    /// <summary>Time that all trials have done, s.</summary>
    public double Time => Steps * ensemble.TimeStep;

    /// <summary>Goes on by a number of steps; after a call that was cancelled, counted from the trial that is furthest.</summary>
    /// <inheritdoc cref="AdvanceTo"/>
    /// <param name="steps">At least 0.</param>
    /// <param name="cancellation">As there.</param>
    public void Advance(long steps, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        AdvanceTo(Furthest + steps, cancellation);
    }

    /// <summary>Goes on until all trials have done a number of steps.</summary>
    /// <param name="step">Not before where any trial stands.</param>
    /// <param name="cancellation">
    /// Looked at every 64 steps. Trials then stand at steps of their own; the run can go on, or be saved and go on elsewhere, to the
    /// same numbers.
    /// </param>
    /// <exception cref="ArithmeticException">
    /// Weights diverge: the message names step, trial and seed, of the lowest trial that does. The run has ended then.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is too high for the time step, or rule and transfer function do not go together; the run has ended.</exception>
    /// <exception cref="InvalidOperationException">A recorded input ends, or the run ended before.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void AdvanceTo(long step, CancellationToken cancellation = default)
    {
        Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(step, Furthest);
        if (threads == 1 || blocks.Length == 1)
        {
            for (int b = 0; b < blocks.Length; b++)
            {
                Advance(b, step, cancellation);
            }
        }
        else
        {
            AdvanceTogether(step, cancellation);
        }

        failure = Array.Find(failures, f => f is not null);
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>w of a trial now, n somatic weights.</summary>
    /// <param name="trial">Its number.</param>
    /// <param name="somatic">n weights.</param>
    /// <exception cref="ArgumentException">The length is not n.</exception>
    /// <exception cref="InvalidOperationException">The run ended with an error.</exception>
    public void CopySomatic(int trial, Span<double> somatic)
    {
        Elementwise.MustMatch(somatic.Length, Synapses, "weight", "synapse");
        (EnsembleBlock block, int lane) = Find(trial);
        block.CopySomatic(lane, somatic);
    }

    /// <summary>ω of a trial now, n weights of the neuron's parametrization.</summary>
    /// <inheritdoc cref="CopySomatic"/>
    /// <param name="trial">Its number.</param>
    /// <param name="weights">n weights.</param>
    public void CopyWeights(int trial, Span<double> weights)
    {
        CopySomatic(trial, weights);
        ensemble.Neuron.Parametrization.FromSomatic(weights, weights);
    }

    /// <summary>x of a trial in its last step, n unweighted synaptic potentials, mV.</summary>
    /// <inheritdoc cref="CopySomatic"/>
    /// <param name="trial">Its number.</param>
    /// <param name="usp">n potentials.</param>
    public void CopyUsp(int trial, Span<double> usp)
    {
        Elementwise.MustMatch(usp.Length, Synapses, "synaptic potential", "synapse");
        (EnsembleBlock block, int lane) = Find(trial);
        block.CopyUsp(lane, usp);
    }

    /// <summary>The last step of a trial: potential, teacher, and the factors of its three terms.</summary>
    /// <param name="trial">Its number.</param>
    /// <exception cref="InvalidOperationException">The run ended with an error.</exception>
    public EnsembleStep LastStep(int trial)
    {
        (EnsembleBlock block, int lane) = Find(trial);
        return block.LastStep(lane);
    }

    /// <summary>The state of every trial.</summary>
    /// <exception cref="InvalidOperationException">The run ended with an error.</exception>
    public EnsembleTrialState[] Save()
    {
        Check();
        return [.. blocks.SelectMany(block => Enumerable.Range(0, block.Count).Select(block.Save))];
    }

    /// <summary>Puts back states from <see cref="Save"/> of a run of the same experiment and seed.</summary>
    /// <param name="states">One for each trial.</param>
    /// <exception cref="ArgumentException">Their number or lengths are those of another experiment.</exception>
    public void Restore(IReadOnlyList<EnsembleTrialState> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        Elementwise.MustMatch(states.Count, Trials, "saved trial", "trial");
        EnsembleTrialState[] all = [.. states];
        foreach (EnsembleBlock block in blocks)
        {
            block.Restore(all.AsSpan(block.First, block.Count));
        }

        failure = null;
        Array.Clear(failures);
    }

    /// <summary>Samples over which a trial's distance from its teacher is taken: those of <see cref="UspSamples.Draw"/>.</summary>
    /// <param name="count">Number of samples, at least 1.</param>
    /// <param name="duration">Length of the input before each, s.</param>
    /// <returns>For each trial its samples, from its fork "cost".</returns>
    public UspSamples[] DrawSamples(int count = 50, double duration = 0.25)
    {
        UspSamples[] samples = new UspSamples[Trials];
        using ThreadLocal<UspSampler> own = new(() => new UspSampler(ensemble.Input, ensemble.Neuron.Kernel, count, duration, ensemble.TimeStep, ensemble.Stepping));
        ForTrials(trial => samples[trial] = own.Value!.Draw(random.Fork("cost", (ulong)trial)));
        return samples;
    }

    /// <summary>How far each trial is from its teacher now.</summary>
    /// <param name="samples">One set for each trial, or one set for all.</param>
    /// <param name="costs">For each trial its distance.</param>
    /// <exception cref="ArgumentException">The lengths do not agree, or the teacher's spikes are given and it has no rate.</exception>
    /// <exception cref="ArithmeticException">Weights diverge or have left the parametrization's range; the message names step, trial and seed, of the lowest trial in which they do.</exception>
    /// <exception cref="InvalidOperationException">The run ended with an error.</exception>
    public void Costs(UspSamples[] samples, Memory<LearningCost> costs)
    {
        ArgumentNullException.ThrowIfNull(samples);
        Elementwise.MustMatch(costs.Length, Trials, "cost", "trial");
        if (samples.Length != 1)
        {
            Elementwise.MustMatch(samples.Length, Trials, "set of samples", "trial");
        }

        Check();
        ForTrials(trial =>
        {
            using Scratch weights = new(Synapses);
            CopyChecked(trial, weights.Span);
            UspSamples set = samples[samples.Length == 1 ? 0 : trial];
            costs.Span[trial] = set.Cost(ensemble.Neuron.Transfer, weights.Span, TeacherRates(trial, set), ensemble.TimeStep);
        });
    }

    /// <summary>Lets go of the samples that distances were last taken over.</summary>
    internal void ForgetSamples() => Array.Clear(taught);

    // The teacher's rates in a trial's samples, which are the same at each time.
    private double[] TeacherRates(int trial, UspSamples set)
    {
        if (!ReferenceEquals(taught[trial].Samples, set))
        {
            double[] rates = new double[set.Count];
            set.TeacherRates(ensemble.Neuron.Transfer, ensemble.TeacherOf(random, (ulong)trial), rates);
            taught[trial] = (set, rates);
        }

        return taught[trial].Rates;
    }

    /// <summary>As <see cref="CopySomatic"/>, of weights that are to be written down.</summary>
    /// <exception cref="ArithmeticException">They diverge or have left the parametrization's range.</exception>
    internal void CopyChecked(int trial, Span<double> somatic)
    {
        CopySomatic(trial, somatic);
        Divergence.Check(
            somatic, ensemble.Neuron, (ulong)trial, () => Divergence.Where(Find(trial).Block.Steps, ensemble.TimeStep, random.Seed, (ulong)trial), ensemble.Rule.LearningRate);
    }

    // Each thread has a row of blocks, so that threads write far from each other, and takes of other rows when it has done its own: none waits longer than for one block.
    private void AdvanceTogether(long step, CancellationToken cancellation)
    {
        int workers = Math.Min(threads, blocks.Length);
        int[] next = [.. Enumerable.Range(0, workers).Select(Begin)];
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, own =>
        {
            for (int k = 0; k < workers; k++)
            {
                int row = (own + k) % workers, end = Begin(row + 1);
                for (int b = Interlocked.Increment(ref next[row]) - 1; b < end; b = Interlocked.Increment(ref next[row]) - 1)
                {
                    Advance(b, step, cancellation);
                }
            }
        });

        int Begin(int row) => (int)((long)blocks.Length * row / workers);
    }

    private void Advance(int block, long step, CancellationToken cancellation)
    {
        try
        {
            blocks[block].AdvanceTo(step, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The caller is told once all blocks have stopped.
        }
        catch (Exception e)
        {
            failures[block] = e;
        }
    }

    // What goes wrong in the lowest trial is thrown, whichever thread met it first.
    private void ForTrials(Action<int> action)
    {
        Lock gate = new();
        (int Trial, Exception? Problem) lowest = (Trials, null);
        Parallel.For(0, Trials, new ParallelOptions { MaxDegreeOfParallelism = threads }, (trial, loop) =>
        {
            try
            {
                action(trial);
            }
            catch (Exception e)
            {
                // Those below it still run.
                loop.Break();
                lock (gate)
                {
                    lowest = trial < lowest.Trial ? (trial, e) : lowest;
                }
            }
        });
        if (lowest.Problem is { } problem)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(problem);
        }
    }

    private void Check()
    {
        if (failure is not null)
        {
            throw new InvalidOperationException($"The run has ended: {failure.Message}", failure);
        }
    }

    private (EnsembleBlock Block, int Lane) Find(int trial)
    {
        Check();
        ArgumentOutOfRangeException.ThrowIfNegative(trial);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(trial, Trials);
        int low = 0, high = blocks.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = blocks[middle].First <= trial ? (middle, high) : (low, middle - 1);
        }

        return (blocks[low], trial - blocks[low].First);
    }
}
