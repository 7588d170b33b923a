using Xunit;

namespace SynapticGeometry.Tests;

public sealed class TeacherStudentTests
{
    private static readonly PoissonInput Input = PoissonInput.Groups((10, 10), (10, 50));
    private static readonly PoissonNeuron Neuron = new(new SigmoidTransfer(), new SynapticKernel());

    private static TeacherStudent Experiment(Func<PoissonNeuron, PlasticityRule>? rule = null, PoissonNeuron? neuron = null)
    {
        RandomSource random = new(99);
        double[] start = new double[20], target = new double[20];
        for (int i = 0; i < 20; i++)
        {
            start[i] = ((2 * random.NextDouble()) - 1) / 20;
            target[i] = ((2 * random.NextDouble()) - 1) / 20;
        }

        neuron ??= Neuron;
        neuron.Parametrization.FromSomatic(start, start);
        return new TeacherStudent
        {
            Neuron = neuron,
            Input = Input,
            Teacher = new TargetWeights(target),
            Rule = (rule ?? Natural)(neuron),
            InitialWeights = start,
        };
    }

    private static PlasticityRule Natural(PoissonNeuron neuron) => new GradientPlasticity(new FisherGeometry(neuron, Input).In(neuron.Parametrization)) { LearningRate = 5e-3 };

    [Fact]
    public void Learning_brings_the_student_to_its_teacher()
    {
        TeacherStudent experiment = Experiment();
        TeacherStudentRun run = experiment.Start(new RandomSource(1));
        UspSamples samples = UspSamples.Draw(Input, Neuron.Kernel, new RandomSource(2));
        LearningCost before = samples.Cost(Neuron.Transfer, run.Somatic, experiment.Teacher);
        run.Advance(400_000, TestContext.Current.CancellationToken);
        LearningCost after = samples.Cost(Neuron.Transfer, run.Somatic, experiment.Teacher);

        Assert.Equal(200, run.Time, 1e-9);
        Assert.True(after.Divergence < 0.3 * before.Divergence, $"{before} to {after}");
        Assert.True(after.RateError < before.RateError);
    }

    [Fact]
    public void A_run_is_a_function_of_seed_and_trial()
    {
        double[] Weights(ulong seed, ulong trial)
        {
            TeacherStudentRun run = Experiment().Start(new RandomSource(seed), trial);
            run.Advance(2000, TestContext.Current.CancellationToken);
            return run.Weights.ToArray();
        }

        Assert.Equal(Weights(3, 0), Weights(3, 0));
        Assert.NotEqual(Weights(3, 0), Weights(3, 1));
        Assert.NotEqual(Weights(3, 0), Weights(4, 0));
    }

    [Fact]
    public void A_restored_run_goes_on_bit_by_bit()
    {
        TeacherStudentRun whole = Experiment().Start(new RandomSource(5)), first = Experiment().Start(new RandomSource(5)), second = Experiment().Start(new RandomSource(5));
        whole.Advance(3000, TestContext.Current.CancellationToken);
        first.Advance(1237, TestContext.Current.CancellationToken);
        second.Restore(first.Save());
        second.Advance(3000 - 1237, TestContext.Current.CancellationToken);

        Assert.Equal(whole.Weights.ToArray(), second.Weights.ToArray());
        Assert.Equal(whole.Usp.ToArray(), second.Usp.ToArray());
        Assert.Equal(whole.Steps, second.Steps);
        Assert.Throws<ArgumentException>(() => second.Restore(first.Save() with { Weights = [1] }));
    }

    [Fact]
    public void Learning_on_the_dendrite_is_learning_at_the_soma_under_the_natural_rule_only()
    {
        PoissonNeuron dendrite = Neuron with { Parametrization = new DendriticWeights([.. Enumerable.Range(0, 20).Select(i => 1 / (1 + (0.1 * i)))]) };
        double[] Somatic(PoissonNeuron neuron, Func<PoissonNeuron, PlasticityRule> rule)
        {
            TeacherStudentRun run = Experiment(rule, neuron).Start(new RandomSource(7));
            run.Advance(4000, TestContext.Current.CancellationToken);
            return run.Somatic.ToArray();
        }

        PlasticityRule Euclidean(PoissonNeuron _) => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = 1e-5 };
        Assert.True(Vectors.Worst(Somatic(Neuron, Natural), Somatic(dendrite, Natural)) <= 1e-11);
        Assert.True(Vectors.Worst(Somatic(Neuron, Euclidean), Somatic(dendrite, Euclidean)) > 1e-3);
    }

    [Fact]
    public void Recorded_spikes_of_a_drawn_input_make_the_same_run()
    {
        // The spikes of 2 s of Poisson input, written down and given back; the teacher's likewise.
        const int steps = 4000;
        const double dt = 0.0005;
        TeacherStudent experiment = Experiment();
        SpikeSampler sampler = Input.Start(new RandomSource(8).Fork("input"), dt);
        List<double>[] times = [.. Enumerable.Range(0, 20).Select(_ => new List<double>())];
        List<double> teacher = [];
        TeacherStudentRun drawn = experiment.Start(new RandomSource(8));
        for (int step = 0; step < steps; step++)
        {
            foreach (int i in sampler.Draw())
            {
                times[i].Add(step * dt);
            }

            drawn.Advance(1, TestContext.Current.CancellationToken);
            teacher.AddRange(Enumerable.Repeat(step * dt, drawn.TeacherSpikes));
        }

        TeacherStudentRun replayed = (experiment with { Input = new RecordedInput(new SpikeTrains(times, steps * dt)), Teacher = new GivenSpikes(teacher) }).Start(new RandomSource(1));
        replayed.Advance(steps, TestContext.Current.CancellationToken);

        Assert.True(teacher.Count > 20);
        Assert.Equal(drawn.Weights.ToArray(), replayed.Weights.ToArray());
        Assert.Throws<InvalidOperationException>(() => replayed.Advance(1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Exponentiated_gradient_keeps_Dales_law_over_a_run()
    {
        TeacherStudent experiment = Experiment(_ => new GradientPlasticity(new MirrorGeometry(new NegativeEntropy())) { LearningRate = 1e-4 });
        TeacherStudentRun run = experiment.Start(new RandomSource(9));
        run.Advance(20_000, TestContext.Current.CancellationToken);

        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(Math.Sign(experiment.InitialWeights[i]), Math.Sign(run.Weights[i])));
        Assert.NotEqual(experiment.InitialWeights, run.Weights.ToArray());
    }

    [Fact]
    public void A_users_own_rule_learns_through_the_same_contract()
    {
        TeacherStudentRun run = Experiment(_ => new SignRule { LearningRate = 1e-5 }).Start(new RandomSource(9));
        run.Advance(1, TestContext.Current.CancellationToken);
        double[] before = run.Weights.ToArray();
        run.Advance(200, TestContext.Current.CancellationToken);

        Assert.NotEqual(before, run.Weights.ToArray());
    }

    private sealed record SignRule : PlasticityRule
    {
        public override void Change(in SynapticState state, Span<double> change)
        {
            for (int i = 0; i < change.Length; i++)
            {
                change[i] = LearningRate * Math.Sign(state.Score * state.Usp[i]);
            }
        }
    }

    [Fact]
    public void Divergence_is_that_of_two_Poisson_processes_at_every_distance()
    {
        // mpmath: 2 ln(2/3) + 1; and the series in d for a near b.
        Assert.Equal(0.18906978378367123, UspSamples.Divergence(2, 3), 1e-15);
        foreach (double d in new[] { 1e-2, 1.0001e-4, 0.9999e-4, 1e-8 })
        {
            Assert.Equal(5 * d * d * (1 - (d / 3) + (d * d / 6)), UspSamples.Divergence(10 * (1 + d), 10), 1e-7 * 5 * d * d);
        }

        Assert.Equal(3, UspSamples.Divergence(0, 3));
        Assert.Equal(double.PositiveInfinity, UspSamples.Divergence(3, 0));
        Assert.Equal(0, UspSamples.Divergence(0, 0));
    }

    [Fact]
    public void Cost_is_zero_at_the_target_and_errors_are_by_hand_for_one_sample()
    {
        UspSamples samples = UspSamples.Draw(Input, Neuron.Kernel, new RandomSource(2), count: 1);
        double[] w = [.. Enumerable.Repeat(0.01, 20)], zero = new double[20];
        LearningCost none = samples.Cost(Neuron.Transfer, w, new TargetWeights(w)), some = samples.Cost(Neuron.Transfer, zero, new TargetWeights(w));
        double rate = Neuron.Transfer.Rate(0), target = Neuron.Transfer.Rate(PoissonNeuron.SomaticPotential(w, samples[0]));

        Assert.Equal(new LearningCost(0, 0), none);
        Assert.Equal(Math.Abs(rate - target), some.RateError, 1e-12);
        Assert.Equal(((target * Math.Log(target / rate)) + rate - target) * 0.0005, some.Divergence, 1e-15);
        Assert.Throws<ArgumentException>(() => samples.Cost(Neuron.Transfer, w, new GivenSpikes([1])));
    }

    [Fact]
    public void What_cannot_run_is_refused_with_its_reason()
    {
        TeacherStudent experiment = Experiment();
        Assert.Throws<ArgumentException>(() => (experiment with { InitialWeights = [1] }).Start(new RandomSource(1)));
        Assert.Contains("Initial weight 3 of 20 is NaN", Assert.Throws<ArgumentOutOfRangeException>(() => (experiment with { InitialWeights = [.. Enumerable.Range(0, 20).Select(i => i == 3 ? double.NaN : 0)] }).Start(new RandomSource(1))).Message, StringComparison.Ordinal);
        Assert.Contains("too long for synapse", Assert.Throws<ArgumentOutOfRangeException>(() => (experiment with { TimeStep = 0.005 }).Start(new RandomSource(1))).Message, StringComparison.Ordinal);
        Assert.Contains("too long for the teacher at 500 Hz", Run(experiment with { Teacher = new ConstantRate(500) }), StringComparison.Ordinal);
        Assert.Contains("too long for the neuron", Run(experiment with { Neuron = Neuron with { Transfer = new RectifiedQuadraticTransfer(-100) }, Teacher = new ConstantRate(20) }), StringComparison.Ordinal);

        // Phi is 0 at rest here and the teacher spikes.
        Assert.Contains("yet the teacher spiked", Run(experiment with { Neuron = Neuron with { Transfer = new RectifiedQuadraticTransfer(100) }, Teacher = new GivenSpikes([0.001]), Rule = new SignRule { LearningRate = 0 } }), StringComparison.Ordinal);

        TeacherStudentRun wild = Experiment(_ => new WildRule { LearningRate = 1 }).Start(new RandomSource(21), 4);
        Assert.Contains("became NaN in step 0 (time 0 s, seed 21, trial 4)", Assert.Throws<ArithmeticException>(() => wild.Advance(1, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

        static string Run(TeacherStudent e) => Assert.Throws<ArgumentOutOfRangeException>(() => e.Start(new RandomSource(1)).Advance(1000, TestContext.Current.CancellationToken)).Message;
    }

    private sealed record WildRule : PlasticityRule
    {
        public override void Change(in SynapticState state, Span<double> change) => change.Fill(double.NaN);
    }
}
