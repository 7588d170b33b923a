using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// One Poisson neuron that learns a teacher's spikes, step by step, under any rule: the reference that faster simulations are compared
/// with, and the loop for rules without three terms.
/// </summary>
/// <remarks>
/// In each step the synaptic potentials decay and take up the step's input spikes, the teacher spikes (with probability φ* dt, or as
/// given), and the rule changes the weights by what it sees: potential and score at the weights before the step.
/// Source: Kreutzer et al. 2022, Fig. 3 and Methods.
/// </remarks>
public sealed record TeacherStudent
{
    /// <summary>The neuron.</summary>
    public required PoissonNeuron Neuron { get; init; }

    /// <summary>Its input.</summary>
    public required SpikeInput Input { get; init; }

    /// <summary>Its teacher.</summary>
    public required Teacher Teacher { get; init; }

    /// <summary>Its learning rule.</summary>
    public required PlasticityRule Rule { get; init; }

    /// <summary>ω at the start, n weights of the neuron's parametrization, finite.</summary>
    public required IReadOnlyList<double> InitialWeights { get; init; }

    /// <summary>dt, s.</summary>
    public double TimeStep { get; init => field = Require.Positive(value, "time step", nameof(TimeStep)); } = 0.0005;

    /// <summary>How the synaptic potentials are stepped.</summary>
    public TraceStepping Stepping { get; init; } = TraceStepping.Exact;

    /// <summary>
    /// How many steps the coefficients of a rule's three terms (<see cref="ThreeTermForm.At(PotentialMoments)"/>) are kept before they are
    /// taken anew; 1, the rule itself, by default. Where they are kept, a rule of three terms takes its step in somatic weights, whatever
    /// the parametrization. <see cref="SpikingEnsemble"/> has <see cref="SpikingEnsemble.CoefficientSteps"/>.
    /// </summary>
    public int CoefficientSteps
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(CoefficientSteps));
            field = value;
        }
    } = 1;

    /// <summary>A run from time 0.</summary>
    /// <param name="random">
    /// Its forks "input" and "teacher", at the index of the trial, are the run's random numbers; another rule or other weights meet the
    /// same input.
    /// </param>
    /// <param name="trial">Number of the trial.</param>
    /// <exception cref="ArgumentException">There are not as many weights as synapses.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is not finite, or the time step too long for a rate.</exception>
    public TeacherStudentRun Start(RandomSource random, ulong trial = 0) => new(this, random, trial);
}

/// <summary>All of a run's state: with the experiment, seed and trial it continues to the same numbers, spike for spike.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Weights">ω, n weights.</param>
/// <param name="Traces">The synaptic potentials' state, 2n numbers.</param>
/// <param name="Input">The input's state.</param>
/// <param name="TeacherPosition">Numbers drawn for the teacher before the present 64 steps.</param>
public sealed record TeacherStudentState(long Steps, double[] Weights, double[] Traces, long[] Input, ulong TeacherPosition)
{
    /// <summary>The coefficients that are kept between steps; all 0 where none are.</summary>
    public ThreeTermCoefficients Coefficients { get; init; }
}

/// <summary>A run of <see cref="TeacherStudent"/>: its state over time. One thread at a time.</summary>
public sealed class TeacherStudentRun
{
    private readonly TeacherStudent experiment;
    private readonly SpikeSampler input;
    private readonly TeacherDraws teacherDraws;
    private readonly double[] uniform = new double[SpikeSampler.BlockSteps];
    private readonly SynapticTrace trace;
    private readonly double[] weights;
    private readonly double[] somatic;
    private readonly double[] slope;
    private readonly double[] updated;
    private readonly ulong seed;
    private readonly ulong trial;
    private readonly ThreeTermForm? keptForm;
    private readonly Action see;
    private readonly Action backToOwn;
    private ThreeTermCoefficients coefficients;

    internal TeacherStudentRun(TeacherStudent experiment, RandomSource random, ulong trial)
    {
        ArgumentNullException.ThrowIfNull(random);
        (this.experiment, this.trial, seed) = (experiment, trial, random.Seed);
        int n = experiment.Input.Synapses;
        Elementwise.MustMatch(experiment.InitialWeights.Count, n, "initial weight", "input");
        weights = [.. experiment.InitialWeights];
        Elementwise.MustBeFinite(weights, "initial weight", nameof(experiment.InitialWeights));
        input = experiment.Input.Start(random.Fork("input", trial), experiment.TimeStep);
        teacherDraws = new TeacherDraws(random.Fork("teacher", trial), experiment.Teacher, experiment.Neuron.Transfer, experiment.TimeStep);
        trace = new SynapticTrace(experiment.Neuron.Kernel, n, experiment.TimeStep, experiment.Stepping);
        (somatic, slope, updated) = (new double[n], new double[n], new double[n]);
        keptForm = experiment.CoefficientSteps > 1 ? experiment.Rule.ThreeTerms(experiment.Neuron.Parametrization, n) : null;
        see = See;
        backToOwn = () => experiment.Neuron.Parametrization.FromSomatic(updated, updated);
        See();
    }

    /// <summary>ω, n weights now.</summary>
    public ReadOnlySpan<double> Weights => weights;

    /// <summary>w = f(ω), n somatic weights now.</summary>
    public ReadOnlySpan<double> Somatic => somatic;

    /// <summary>x, n unweighted synaptic potentials of the last step, mV.</summary>
    public ReadOnlySpan<double> Usp => trace.Usp;

    /// <summary>Steps done.</summary>
    public long Steps { get; private set; }

    /// <summary>Time done, s.</summary>
    public double Time => Steps * experiment.TimeStep;

    /// <summary>V in the last step, mV above rest.</summary>
    public double Potential { get; private set; }

    /// <summary>The teacher's spikes in the last step.</summary>
    public int TeacherSpikes { get; private set; }

    /// <summary>Goes on by a number of steps.</summary>
    /// <param name="steps">At least 0.</param>
    /// <param name="cancellation">Looked at in every step.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is too high for the time step, or the rule and the transfer function do not go together.</exception>
    /// <exception cref="ArithmeticException">
    /// A weight is no longer finite or has left the parametrization's range, or the potential is beyond 1e6 mV; the message names step, time and seed.
    /// </exception>
    /// <exception cref="InvalidOperationException">A recorded input ends.</exception>
    public void Advance(long steps, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        for (long end = Steps + steps; Steps < end; Steps++)
        {
            cancellation.ThrowIfCancellationRequested();
            trace.Advance(input.Draw());
            Potential = PoissonNeuron.SomaticPotential(somatic, trace.Usp);
            if (!(Math.Abs(Potential) <= Divergence.LargestPotential))
            {
                throw Divergence.TooLarge(trial, Where, experiment.Rule.LearningRate);
            }

            try
            {
                TeacherSpikes = Teach();
                Learn();
            }
            catch (ArgumentOutOfRangeException problem)
            {
                throw Divergence.At(problem, Where);
            }
        }
    }

    /// <summary>The state now.</summary>
    public TeacherStudentState Save() => new(Steps, [.. weights], trace.Save(), input.Save(), teacherDraws.Position(Steps)) { Coefficients = coefficients };

    /// <summary>Puts back a state from <see cref="Save"/> of a run of the same experiment, seed and trial.</summary>
    /// <param name="state">The state.</param>
    /// <exception cref="ArgumentException">Its lengths are those of another experiment.</exception>
    public void Restore(TeacherStudentState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Elementwise.MustMatch(state.Weights.Length, weights.Length, "saved weight", "weight");
        trace.Restore(state.Traces);
        input.Restore(state.Input);
        state.Weights.CopyTo(weights, 0);
        (Steps, coefficients) = (state.Steps, state.Coefficients);
        teacherDraws.Restore(state.TeacherPosition);
        if (Steps % SpikeSampler.BlockSteps != 0)
        {
            teacherDraws.Draw(uniform);
        }

        See();
    }

    private int Teach()
    {
        int at = (int)(Steps % SpikeSampler.BlockSteps);
        if (at == 0)
        {
            teacherDraws.Draw(uniform);
        }

        if (experiment.Teacher.Rate(experiment.Neuron.Transfer, trace.Usp) is not { } rate)
        {
            return experiment.Teacher.Spikes(Steps, experiment.TimeStep);
        }

        return uniform[at] < SpikeInput.StepProbability(rate, experiment.TimeStep, "the teacher") ? 1 : 0;
    }

    private void Learn()
    {
        Divergence.CheckRate(experiment.Neuron.Transfer.Rate(Potential), experiment.TimeStep);
        SynapticState state = new()
        {
            Weights = weights,
            Somatic = somatic,
            Slope = slope,
            Usp = trace.Usp,
            Potential = Potential,
            Score = experiment.Neuron.Transfer.Score(Potential, TeacherSpikes, experiment.TimeStep),
        };
        Apply(state);
        updated.CopyTo(weights, 0);
        int bad = Array.FindIndex(weights, w => !double.IsFinite(w));
        if (bad >= 0)
        {
            throw new ArithmeticException(
                $"Weight {bad} of {weights.Length} became {weights[bad]} {Where}; the learning rate {experiment.Rule.LearningRate} may be too large.");
        }

        InRange(see);
    }

    private string Where => Divergence.Where(Steps, experiment.TimeStep, seed, trial);

    // What the parametrization refuses are weights that learning has driven out of its range.
    private void InRange(Action convert)
    {
        try
        {
            convert();
        }
        catch (ArgumentOutOfRangeException problem)
        {
            throw Divergence.Outside(Require.Words(problem), Where, experiment.Rule.LearningRate);
        }
    }

    private void Apply(in SynapticState state)
    {
        if (keptForm is null)
        {
            experiment.Rule.Apply(state, updated);
            return;
        }

        if (Steps % experiment.CoefficientSteps == 0)
        {
            coefficients = keptForm.At(keptForm.Moments(somatic));
        }

        // The form is that of somatic weights.
        keptForm.Change(state, experiment.Rule.LearningRate, experiment.Rule.ActiveTerms, coefficients, updated);
        TensorPrimitives.Add(updated, somatic, updated);
        InRange(backToOwn);
    }

    // What the soma sees of the weights.
    private void See()
    {
        experiment.Neuron.Parametrization.ToSomatic(weights, somatic);
        experiment.Neuron.Parametrization.Slope(weights, slope);
    }
}
