namespace SynapticGeometry;

/// <summary>
/// Does a rule learn the same behaviour whatever the weights are measured by? A rule runs in two parametrizations w = f(ω) of the same
/// somatic weights, and what arrives at the soma is compared: the change at drawn states, a finite step, and a stretch of learning.
/// </summary>
/// <remarks>
/// To first order in η the natural rule agrees to rounding and the Euclidean rule disagrees by the ratio of the f′². A step ω + Δω
/// under a nonlinear f curves away at second order in η, whatever the rule; the order is measured. Source: Kreutzer et al. 2022,
/// Figs 1, 8, Eqs 8-10.
/// </remarks>
public sealed record InvarianceCheck
{
    private const int Halvings = 5;

    /// <summary>The largest relative disagreement of finite steps that counts as rounding: a small step is a difference of weights.</summary>
    private const double StepRounding = 1e-11;

    /// <summary>The neuron; its own parametrization is not looked at.</summary>
    public required PoissonNeuron Neuron { get; init; }

    /// <summary>Its input.</summary>
    public required SpikeInput Input { get; init; }

    /// <summary>The rule, for the neuron with one of the parametrizations.</summary>
    public required Func<PoissonNeuron, PlasticityRule> Rule { get; init; }

    /// <summary>The first parametrization.</summary>
    public required Parametrization First { get; init; }

    /// <summary>The second parametrization.</summary>
    public required Parametrization Second { get; init; }

    /// <summary>Name of the rule, for the report.</summary>
    public string Name { get; init; } = "rule";

    /// <summary>Number of drawn states (weights, input, teacher spike), at least 1.</summary>
    public int States { get; init => field = AtLeast(value, 1, "number of states", nameof(States)); } = 20;

    /// <summary>Steps of learning, at least 0; 0 for none.</summary>
    public int Steps { get; init => field = AtLeast(value, 0, "number of steps", nameof(Steps)); } = 2000;

    /// <summary>dt, s.</summary>
    public double TimeStep { get; init => field = Require.Positive(value, "time step", nameof(TimeStep)); } = 0.0005;

    /// <summary>Lowest somatic weight drawn, in units of 1/n.</summary>
    public double LowestWeight { get; init => field = Require.Finite(value, "lowest weight", nameof(LowestWeight)); } = -1;

    /// <summary>Highest somatic weight drawn, in units of 1/n; above <see cref="LowestWeight"/>.</summary>
    public double HighestWeight { get; init => field = Require.Finite(value, "highest weight", nameof(HighestWeight)); } = 1;

    /// <summary>The largest relative disagreement of the change that counts as rounding.</summary>
    public double Threshold { get; init => field = Require.Positive(value, "threshold", nameof(Threshold)); } = 1e-12;

    /// <summary>The largest change of a weight in a finite step, as a part of the largest weight.</summary>
    public double StepSize { get; init => field = Require.Positive(value, "step size", nameof(StepSize)); } = 0.01;

    /// <summary>Seed.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Number of threads; nothing depends on it.</summary>
    public int Threads { get; init => field = AtLeast(value, 1, "number of threads", nameof(Threads)); } = 1;

    /// <summary>Runs the check.</summary>
    /// <param name="cancellation">Looked at in every state and step.</param>
    /// <exception cref="ArgumentException">The sizes of rule, input and parametrizations differ, or the range of weights is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A drawn weight is outside a parametrization's range, or rule and neuron do not go together.</exception>
    /// <exception cref="UninformativeDataException">No weight changed in any state.</exception>
    public InvarianceResult Run(CancellationToken cancellation = default)
    {
        if (!(LowestWeight < HighestWeight))
        {
            throw new ArgumentException($"Weights are drawn from {LowestWeight} to {HighestWeight}; the ends must be ascending.");
        }

        RandomSource random = new(Seed);
        View first = new(Neuron with { Parametrization = First }, Rule), second = new(Neuron with { Parametrization = Second }, Rule);
        UspSamples samples = UspSamples.Draw(Input, Neuron.Kernel, random, States, timeStep: TimeStep);
        State[] states = new State[States];
        Drawn(() => Parallel.For(0, States, new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = cancellation }, k =>
        {
            RandomSource draws = random.Fork("invariance state", (ulong)k);
            double[] somatic = Weights(draws);
            states[k] = Look(k, first, second, somatic, samples[k], draws.NextDouble() < 0.5 ? 1 : 0);
        }));
        State[] seen = [.. states.Where(s => s.Change > 0)];
        if (seen.Length == 0)
        {
            throw new UninformativeDataException($"No weight changed in any of {States} states: no input arrived, or the learning rate is 0. Take higher rates, more states or a learning rate above 0.");
        }

        (InvarianceRun? run, string? note) = Steps == 0 ? (null, null) : Learn(first, second, random, samples, cancellation);
        return new InvarianceResult
        {
            Name = Name,
            LearningRate = first.Rule.LearningRate,
            Threshold = Threshold,
            States = States,
            SilentStates = States - seen.Length,
            Disagreement = seen.Max(s => s.Disagreement),
            Synapses = [.. seen.SelectMany(s => s.Synapses)],
            StraightStep = Step([.. seen.Select(s => s.Straight)]),
            OwnStep = Step([.. seen.Select(s => s.Own)]),
            Learning = run,
            LearningNote = note,
        };
    }

    private double[] Weights(RandomSource random)
    {
        int n = Input.Synapses;
        double[] weights = new double[n];
        for (int i = 0; i < n; i++)
        {
            weights[i] = (LowestWeight + ((HighestWeight - LowestWeight) * random.NextDouble())) / n;
        }

        return weights;
    }

    private State Look(int index, View first, View second, double[] somatic, ReadOnlySpan<double> usp, int spikes)
    {
        Seen a = first.See(somatic, usp, spikes, TimeStep), b = second.See(somatic, usp, spikes, TimeStep);
        double[] one = a.SomaticChange(), two = b.SomaticChange();
        double change = Math.Max(Largest(one), Largest(two));
        if (change == 0)
        {
            return new State(0, 0, [], [], []);
        }

        double disagreement = Difference(one, two) / change;
        InvarianceSynapse[] synapses =
        [
            .. Enumerable.Range(0, somatic.Length).Select(i => new InvarianceSynapse(index, i, one[i], two[i], b.Slope[i] / a.Slope[i])),
        ];

        // A step of the size asked for where it is larger, then half of it, and so on.
        double size = StepSize * Largest(somatic), rate = first.Rule.LearningRate * size / change;
        double[] straight = new double[Halvings + 1], own = new double[Halvings + 1];
        for (int k = 0; k <= Halvings; k++, rate /= 2)
        {
            straight[k] = Difference(a.StraightStep(rate), b.StraightStep(rate)) / size;
            own[k] = Difference(a.OwnStep(rate), b.OwnStep(rate)) / size;
        }

        return new State(change, disagreement, synapses, straight, own);
    }

    // The largest disagreement of a step and of its halves; the slope of their logarithms is the order.
    private static InvarianceStep Step(double[][] states)
    {
        double[] largest = [.. Enumerable.Range(0, Halvings + 1).Select(k => states.Max(s => s[k]))];
        if (!(largest[0] > StepRounding) || largest.Any(d => d == 0))
        {
            return new InvarianceStep(largest[0], null);
        }

        double middle = Halvings / 2.0, squares = 0, products = 0;
        for (int k = 0; k <= Halvings; k++)
        {
            squares += (k - middle) * (k - middle);
            products += (k - middle) * Math.Log2(largest[k]);
        }

        return new InvarianceStep(largest[0], -products / squares);
    }

    private (InvarianceRun? Run, string? Note) Learn(View first, View second, RandomSource random, UspSamples samples, CancellationToken cancellation)
    {
        double[] start = Weights(random.Fork("invariance start"));
        var teacher = new TargetWeights(Weights(random.Fork("invariance target")));
        double[] End(View view)
        {
            double[] own = new double[start.Length];
            view.Neuron.Parametrization.FromSomatic(start, own);
            TeacherStudentRun run = new TeacherStudent
            {
                Neuron = view.Neuron,
                Input = Input,
                Teacher = teacher,
                Rule = view.Rule,
                InitialWeights = own,
                TimeStep = TimeStep,
            }.Start(random);
            run.Advance(Steps, cancellation);
            return run.Somatic.ToArray();
        }

        double[] one, two;
        try
        {
            (one, two) = (End(first), End(second));
        }
        catch (Exception problem) when (problem is ArithmeticException or ArgumentOutOfRangeException)
        {
            // The states have been compared all the same; that learning broke down is part of the answer.
            return (null, "Learning broke down: " + problem.Message);
        }

        double learned = Math.Max(Difference(start, one), Difference(start, two)), rateDifference = 0, rate = 0;
        for (int k = 0; k < samples.Count; k++)
        {
            double here = Neuron.Transfer.Rate(PoissonNeuron.SomaticPotential(one, samples[k]));
            double there = Neuron.Transfer.Rate(PoissonNeuron.SomaticPotential(two, samples[k]));
            (rateDifference, rate) = (Math.Max(rateDifference, Math.Abs(here - there)), Math.Max(rate, Math.Max(here, there)));
        }

        double difference = Difference(one, two);
        return (new InvarianceRun(Steps, Ratio(difference, Math.Max(Largest(one), Largest(two))), Ratio(difference, learned), Ratio(rateDifference, rate)), null);

        static double Ratio(double part, double whole) => part == 0 ? 0 : part / whole;
    }

    private static void Drawn(Action work)
    {
        try
        {
            work();
        }
        catch (AggregateException problem)
        {
            // One of them, whichever thread met it, as a single thread would have thrown it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(problem.Flatten().InnerExceptions[0]);
        }
    }

    private static double Largest(double[] values) => values.Max(Math.Abs);

    private static double Difference(double[] a, double[] b)
    {
        double largest = 0;
        for (int i = 0; i < a.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(a[i] - b[i]));
        }

        return largest;
    }

    private static int AtLeast(int value, int minimum, string what, string parameter) =>
        value >= minimum ? value : throw new ArgumentOutOfRangeException(parameter, $"The {what} is {value}; it must be at least {minimum}.");

    private sealed record State(double Change, double Disagreement, InvarianceSynapse[] Synapses, double[] Straight, double[] Own);

    // The neuron and the rule in one parametrization.
    private sealed class View(PoissonNeuron neuron, Func<PoissonNeuron, PlasticityRule> rule)
    {
        public PoissonNeuron Neuron { get; } = neuron;

        public PlasticityRule Rule { get; } = rule(neuron);

        public Seen See(double[] somatic, ReadOnlySpan<double> usp, int spikes, double timeStep)
        {
            int n = somatic.Length;
            double[] weights = new double[n], arriving = new double[n], slope = new double[n];
            Neuron.Parametrization.FromSomatic(somatic, weights);
            Neuron.Parametrization.ToSomatic(weights, arriving);
            Neuron.Parametrization.Slope(weights, slope);
            double potential = PoissonNeuron.SomaticPotential(arriving, usp);
            return new Seen(this, weights, arriving, slope, usp.ToArray(), potential, Neuron.Transfer.Score(potential, spikes, timeStep));
        }
    }

    // A state as seen in one parametrization, and what the soma would see of its changes.
    private sealed record Seen(View View, double[] Weights, double[] Somatic, double[] Slope, double[] Usp, double Potential, double Score)
    {
        private SynapticState State => new() { Weights = Weights, Somatic = Somatic, Slope = Slope, Usp = Usp, Potential = Potential, Score = Score };

        // f′ Δω.
        public double[] SomaticChange()
        {
            double[] change = Change(View.Rule);
            for (int i = 0; i < change.Length; i++)
            {
                change[i] *= Slope[i];
            }

            return change;
        }

        // f(ω + Δω) − f(ω).
        public double[] StraightStep(double learningRate)
        {
            double[] updated = Change(View.Rule with { LearningRate = learningRate });
            for (int i = 0; i < updated.Length; i++)
            {
                updated[i] += Weights[i];
            }

            return Arrived(updated);
        }

        // The same of the rule's own step, which may be exact in its geometry.
        public double[] OwnStep(double learningRate)
        {
            double[] updated = new double[Weights.Length];
            (View.Rule with { LearningRate = learningRate }).Apply(State, updated);
            return Arrived(updated);
        }

        private double[] Change(PlasticityRule rule)
        {
            double[] change = new double[Weights.Length];
            rule.Change(State, change);
            return change;
        }

        private double[] Arrived(double[] updated)
        {
            View.Neuron.Parametrization.ToSomatic(updated, updated);
            for (int i = 0; i < updated.Length; i++)
            {
                updated[i] -= Somatic[i];
            }

            return updated;
        }
    }
}
