namespace SynapticGeometry;

/// <summary>The loop that runs an ensemble.</summary>
public enum EnsembleEngine
{
    /// <summary>Event-driven where the rule has three terms, dense elsewhere.</summary>
    Automatic,

    /// <summary>The dense loop, which touches every synapse in every step.</summary>
    Dense,
}

/// <summary>
/// Many trials of one learning experiment, side by side on all cores: a Poisson neuron that learns a teacher's spikes, in each trial
/// with weights and input of its own.
/// </summary>
/// <remarks>
/// <para>
/// A rule with three terms (<see cref="PlasticityRule.ThreeTerms"/>) runs event-driven: a step costs a fixed amount plus an amount for
/// each input spike, and every 64 steps, or less often where few synapses spike, each weight is brought up to date (docs/design.md). Other rules, and teachers other than
/// weights, a constant rate or given spikes, run in the dense loop, <see cref="TeacherStudent"/>. The two agree to rounding where the
/// dense loop keeps coefficients as long, <see cref="TeacherStudent.CoefficientSteps"/>.
/// </para>
/// <para>
/// Trial k is a function of the seed and k alone: the number of trials and of threads does not change a bit of it.
/// Source: Kreutzer et al. 2022, Fig. 3 and Methods; the event-driven form is this library's.
/// </para>
/// </remarks>
public sealed record SpikingEnsemble
{
    /// <summary>Steps for which coefficients that depend on the weights are kept.</summary>
    public const int CoefficientSteps = 64;

    /// <summary>The neuron.</summary>
    public required PoissonNeuron Neuron { get; init; }

    /// <summary>Its input; each trial draws its own.</summary>
    public required SpikeInput Input { get; init; }

    /// <summary>Its learning rule.</summary>
    public required PlasticityRule Rule { get; init; }

    /// <summary>The somatic weights at the start.</summary>
    public required WeightLaw InitialWeights { get; init; }

    /// <summary>The teacher's somatic weights; null where <see cref="Teacher"/> is set.</summary>
    public WeightLaw? TargetWeights { get; init; }

    /// <summary>A teacher that is the same in every trial; null where <see cref="TargetWeights"/> is set.</summary>
    public Teacher? Teacher { get; init; }

    /// <summary>Number of trials, at least 1.</summary>
    public int Trials
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Trials));
            field = value;
        }
    } = 1;

    /// <summary>dt, s.</summary>
    public double TimeStep { get; init => field = Require.Positive(value, "time step", nameof(TimeStep)); } = 0.0005;

    /// <summary>How the synaptic potentials are stepped.</summary>
    public TraceStepping Stepping { get; init; } = TraceStepping.Exact;

    /// <summary>Which loop runs; the event-driven one where the rule has its form, unless told otherwise.</summary>
    public EnsembleEngine Engine { get; init; }

    /// <summary>The dense loop of one trial: the same weights, input and teacher's spikes, and the same weights after each step to rounding.</summary>
    /// <param name="random">As for <see cref="Start"/>; start the trial with it too.</param>
    /// <param name="trial">Number of the trial, which is also that of its start.</param>
    /// <exception cref="ArgumentException">The teacher is not given in one way.</exception>
    public TeacherStudent Trial(RandomSource random, ulong trial)
    {
        ArgumentNullException.ThrowIfNull(random);
        double[] weights = Draw(InitialWeights, random.Fork("initial weights", trial));
        Neuron.Parametrization.FromSomatic(weights, weights);
        return new TeacherStudent
        {
            Neuron = Neuron,
            Input = Input,
            Rule = Rule,
            InitialWeights = weights,
            Teacher = TeacherOf(random, trial),
            TimeStep = TimeStep,
            Stepping = Stepping,
            CoefficientSteps = CoefficientSteps,
        };
    }

    /// <summary>A run from time 0.</summary>
    /// <param name="random">
    /// Its forks "initial weights", "target weights", "input" and "teacher", at the index of the trial, are the run's random numbers.
    /// </param>
    /// <param name="threads">The most threads, at least 1; 0 for one a core.</param>
    /// <exception cref="ArgumentException">The teacher is not given in one way, or lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range, or the time step too long for a rate.</exception>
    public EnsembleRun Start(RandomSource random, int threads = 0) => new(this, random, threads);

    /// <summary>The input spikes of a trial in a stretch of its steps, drawn again.</summary>
    /// <param name="random">As for <see cref="Start"/>.</param>
    /// <param name="trial">Number of the trial.</param>
    /// <param name="first">Steps before the stretch, at least 0.</param>
    /// <param name="steps">Steps of the stretch, at least 0.</param>
    /// <returns>Number of the step in the stretch, and the synapse; ascending in steps.</returns>
    /// <exception cref="InvalidOperationException">A recorded input ends.</exception>
    public IReadOnlyList<(int Step, int Synapse)> InputSpikes(RandomSource random, ulong trial, long first, int steps)
    {
        ArgumentNullException.ThrowIfNull(random);
        SpikeSampler sampler = Input.Start(random.Fork("input", trial), TimeStep);
        for (long step = 0; step < first; step++)
        {
            sampler.Draw();
        }

        List<(int, int)> spikes = [];
        for (int step = 0; step < steps; step++)
        {
            foreach (int synapse in sampler.Draw())
            {
                spikes.Add((step, synapse));
            }
        }

        return spikes;
    }

    /// <summary>The form that runs event-driven; null where the dense loop runs.</summary>
    internal ThreeTermForm? EventDrivenForm =>
        Engine == EnsembleEngine.Dense ? null
        : Teacher is null or SynapticGeometry.TargetWeights or ConstantRate or GivenSpikes ? Rule.ThreeTerms(Neuron.Parametrization, Input.Synapses)
        : null;

    /// <summary>About the memory of a run's trials, bytes: five numbers a synapse, or nine in the dense loop.</summary>
    internal double StateBytes => 8.0 * (EventDrivenForm is null ? 9 : 5) * Trials * Input.Synapses;

    internal Teacher TeacherOf(RandomSource random, ulong trial) => (Teacher, TargetWeights) switch
    {
        ({ } teacher, null) => teacher,
        (null, { } law) => new TargetWeights(Draw(law, random.Fork("target weights", trial))),
        (null, null) => throw new ArgumentException("The ensemble has no teacher: give its weights or a teacher.", nameof(random)),
        _ => throw new ArgumentException("The ensemble has two teachers: give either weights or a teacher.", nameof(random)),
    };

    private double[] Draw(WeightLaw law, RandomSource random)
    {
        double[] weights = new double[Input.Synapses];
        law.Draw(random, weights);
        Elementwise.MustBeFinite(weights, "drawn weight", nameof(law));
        return weights;
    }
}
