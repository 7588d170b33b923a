using Xunit;

namespace SynapticGeometry.Tests;

public sealed class SpikingEnsembleTests
{
    private static readonly PoissonNeuron Sigmoid = new(new SigmoidTransfer(), new SynapticKernel());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // The paper's experiment with learning several times faster.
    private static SpikingEnsemble Paper(int n = 20, int trials = 11, Func<PoissonNeuron, SpikeInput, PlasticityRule>? rule = null, PoissonNeuron? neuron = null)
    {
        PoissonInput input = PoissonInput.Groups((n / 2, 10), (n - (n / 2), 50));
        neuron ??= Sigmoid;
        return new SpikingEnsemble
        {
            Neuron = neuron,
            Input = input,
            Rule = rule is null ? Natural(neuron, input) : rule(neuron, input),
            InitialWeights = new UniformWeights(-1.0 / n, 1.0 / n),
            TargetWeights = new UniformWeights(-1.0 / n, 1.0 / n),
            Trials = trials,
        };
    }

    private static GradientPlasticity Natural(PoissonNeuron neuron, SpikeInput input) => new GradientPlasticity(new FisherGeometry(neuron, input).In(neuron.Parametrization)) { LearningRate = 5e-3 };

    private static double[] Somatic(EnsembleRun run, int trial)
    {
        double[] weights = new double[run.Synapses];
        run.CopySomatic(trial, weights);
        return weights;
    }

    private static double[][] All(EnsembleRun run) => [.. Enumerable.Range(0, run.Trials).Select(t => Somatic(run, t))];

    // Largest difference of weights, relative to the largest weight.
    private static double Difference(SpikingEnsemble ensemble, ulong seed, long steps, int trial, int coefficientSteps = SpikingEnsemble.CoefficientSteps)
    {
        RandomSource random = new(seed);
        EnsembleRun fast = ensemble.Start(random, 1);
        Assert.True(fast.EventDriven);
        fast.Advance(steps, Cancellation);
        double[] somatic = Somatic(fast, trial), usp = new double[fast.Synapses];
        fast.CopyUsp(trial, usp);

        TeacherStudentRun dense = (ensemble.Trial(random, (ulong)trial) with { CoefficientSteps = coefficientSteps }).Start(random, (ulong)trial);
        dense.Advance(steps, Cancellation);
        Assert.Equal(dense.TeacherSpikes, fast.LastStep(trial).TeacherSpikes);
        double largest = dense.Usp.ToArray().Max() + 1;
        Assert.All(Enumerable.Range(0, usp.Length), i => Assert.Equal(dense.Usp[i], usp[i], 1e-11 * largest));
        Assert.NotEqual(ensemble.Trial(random, (ulong)trial).InitialWeights, dense.Weights.ToArray());
        return Worst(dense.Somatic.ToArray(), somatic);
    }

    private static double Worst(double[] expected, double[] actual) =>
        expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / expected.Max(Math.Abs);

    public static TheoryData<string, int> Rules
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (string rule in (string[])["natural", "approximate", "Euclidean", "dendritic natural", "dendritic Euclidean", "closed form", "softplus", "exponential", "single term", "natural log", "natural power", "approximate log", "quadratic log", "quadratic power"])
            {
                for (int seed = 0; seed < 6; seed++)
                {
                    data.Add(rule, seed);
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Rules))]
    public void Event_driven_and_dense_weights_agree_for_the_same_spikes(string rule, int seed)
    {
        // Number of synapses, rates, time constants, stepping, teacher and trial at random; steps that end an epoch and that do not. Small neurons, some of some hundred
        // synapses, and large ones.
        RandomSource random = new RandomSource(77).Fork(rule, (ulong)seed);
        int n = 1 + random.NextInt(seed < 4 ? 40 : seed == 4 ? 2000 : 6000), trials = 1 + random.NextInt(seed < 4 ? 12 : 3);
        double[] rates = [.. Enumerable.Range(0, n).Select(_ => random.NextInt(3) == 0 ? 20 : 100 * random.NextDouble())];

        // Under a curved f a rule of three terms takes its step in somatic weights in either loop; these stay positive.
        bool positive = rule.EndsWith(" log", StringComparison.Ordinal) || rule.EndsWith(" power", StringComparison.Ordinal);
        rates = positive ? [.. rates.Select(r => Math.Max(r, 20))] : rates;
        PoissonInput input = new(rates);
        double membrane = 0.005 + (0.02 * random.NextDouble()), synaptic = seed == 1 ? membrane : 0.001 + (0.02 * random.NextDouble());
        SynapticKernel kernel = new(membrane, synaptic, 0.5 + random.NextDouble());
        TransferFunction transfer = rule switch
        {
            "closed form" or "quadratic log" or "quadratic power" => new RectifiedQuadraticTransfer(-15),
            "softplus" => new SoftplusTransfer(),
            "exponential" => new ExponentialTransfer(5, 0.1),
            _ => new SigmoidTransfer(80, 0.2, 5),
        };
        PoissonNeuron neuron = new(transfer, kernel);
        if (rule.StartsWith("dendritic", StringComparison.Ordinal))
        {
            neuron = neuron with { Parametrization = new DendriticWeights([.. rates.Select(_ => 0.2 + random.NextDouble())]) };
        }

        if (positive)
        {
            neuron = neuron with { Parametrization = Curved(rule.Split(' ')[1], n) };
        }

        // With many synapses a step changes more, and at a higher rate than the published one some diverge.
        double rate = positive ? (n > 40 ? 1e-6 : 1e-4) : n > 40 ? 6e-4 : 2e-3;
        FisherGeometry fisher = new(neuron, input);
        PlasticityRule learning = rule switch
        {
            "approximate" or "approximate log" => new ThreeTermPlasticity(new ApproximateNaturalForm(fisher)) { LearningRate = rate },
            "Euclidean" or "dendritic Euclidean" => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = 1e-5 },
            "closed form" => new ThreeTermPlasticity(new RectifiedQuadraticForm(fisher)) { LearningRate = 1e-4 },
            "quadratic log" or "quadratic power" => new ThreeTermPlasticity(new RectifiedQuadraticForm(fisher)) { LearningRate = n > 40 ? 1e-7 : 1e-5 },
            "single term" => new ThreeTermPlasticity(new NaturalForm(fisher)) { LearningRate = rate, Terms = PlasticityTerms.Homosynaptic | PlasticityTerms.WeightDependentHeterosynaptic },
            "exponential" => new GradientPlasticity(fisher) { LearningRate = 1e-4 },
            _ => new GradientPlasticity(fisher.In(neuron.Parametrization)) { LearningRate = rate },
        };
        // Rates without an upper bound must stay possible in a step.
        double width = transfer is SigmoidTransfer ? 1 : 0.3;
        SpikingEnsemble ensemble = new()
        {
            Neuron = neuron,
            Input = input,
            Rule = learning,
            InitialWeights = new UniformWeights((positive ? 0.1 : -1) * width / n, (positive ? 0.2 : 1) * width / n),
            TargetWeights = seed == 2 ? null : new UniformWeights((positive ? 0.1 : -1) * width / n, (positive ? 0.2 : 1) * width / n),
            Teacher = seed == 2 ? new ConstantRate(30) : null,
            Trials = trials,
            Stepping = seed % 2 == 0 ? TraceStepping.Exact : TraceStepping.ForwardEuler,
        };

        double d = Difference(ensemble, (ulong)seed, 1500 + random.NextInt(200), random.NextInt(trials));
        Assert.True(d <= 1e-12, $"relative difference {d:G3} at n = {n}, τ_m = {membrane}, τ_s = {synaptic}");
    }

    // w = exp ω or ω².
    private static MonotoneWeights Curved(string name, int n) => name == "log"
        ? new MonotoneWeights("log", n, (w, _) => Math.Exp(w), (w, _) => Math.Exp(w), (w, _) => Math.Log(w), -25, 5)
        : new MonotoneWeights("power:2", n, (w, _) => w * w, (w, _) => 2 * w, (w, _) => Math.Sqrt(w), 0, 10);

    [Theory]
    [InlineData(100)]
    [InlineData(129)]
    [InlineData(400)]
    [InlineData(1000)]
    [InlineData(2000)]
    [InlineData(4000)]
    [InlineData(10_000)]
    public void Event_driven_and_dense_weights_agree_at_the_published_rate(int n)
    {
        // With as many synapses the changes are as large as the weights, and nothing of them may be lost while synapses wait.
        SpikingEnsemble ensemble = Paper(n, 3, (neuron, input) => new GradientPlasticity(new FisherGeometry(neuron, input)) { LearningRate = 6e-4 }) with { Stepping = TraceStepping.ForwardEuler };
        foreach (ulong seed in (ulong[])[1, 2, 3])
        {
            double d = Difference(ensemble, seed, 1500, 1);
            Assert.True(d <= 1e-12, $"relative difference {d:G3} at seed {seed}");
        }
    }

    [Theory]
    [InlineData("rows", "natural")]
    [InlineData("rows", "Euclidean")]
    [InlineData("rows", "single term")]
    [InlineData("one row", "natural")]
    [InlineData("scattered", "natural")]
    [InlineData("all different", "natural")]
    [InlineData("some silent", "natural")]
    [InlineData("one row", "uniform term")]
    public void A_large_neuron_agrees_with_the_dense_loop_however_its_rates_are_ordered(string order, string rule)
    {
        // Rows that end within a vector of four synapses, and one of a single synapse; too many rows to know; none.
        const int n = 2201;
        double[] rates = [.. Enumerable.Range(0, n).Select(i => order switch
        {
            "rows" => i < 701 ? 10 : i == 701 ? 90 : i < 1500 ? 50 : 20,
            "one row" => 30.0,
            "scattered" => i % 3 == 0 ? 10 : 50,
            "some silent" => i < 5 || i % 400 == 0 ? 0 : 30,
            _ => 10 + (0.01 * i),
        })];
        PoissonInput input = new(rates);
        FisherGeometry fisher = new(Sigmoid, input);
        SpikingEnsemble ensemble = Paper(n, 1) with
        {
            Input = input,
            Rule = rule switch
            {
                "Euclidean" => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = 1e-7 },
                "single term" => new ThreeTermPlasticity(new NaturalForm(fisher)) { LearningRate = 1e-4, Terms = PlasticityTerms.Homosynaptic | PlasticityTerms.WeightDependentHeterosynaptic },
                "uniform term" => new ThreeTermPlasticity(new NaturalForm(fisher)) { LearningRate = 1e-4, Terms = PlasticityTerms.UniformHeterosynaptic },
                _ => new GradientPlasticity(fisher) { LearningRate = 1e-5 },
            },
        };
        double d = Difference(ensemble, 7, 1111, 0);
        Assert.True(d <= 1e-12, $"relative difference {d:G3}");
        Assert.Equal(order is "rows" or "one row" or "some silent", EqualSynapses.Of(rates).Length > 0);
    }

    // All weights grow or shrink together until the student's potential is the teacher's.
    private sealed record ScalingForm(int Synapses) : ThreeTermForm
    {
        private readonly double[] gains = [.. Enumerable.Repeat(1e-6, Synapses)];

        public override ReadOnlySpan<double> Gains => gains;

        public override bool DependsOnMoments => false;

        public override PotentialMoments Moments(ReadOnlySpan<double> somatic) => default;

        public override ThreeTermCoefficients At(PotentialMoments moments) => new(1, 0, 0, 0, 0, 1);
    }

    // A large neuron, whose synapses are brought up to date only when they spike, which here is rarely.
    private static SpikingEnsemble Quiet(string rule)
    {
        const int n = 2200;
        PoissonInput input = PoissonInput.Groups((n / 2, 0.2), (n / 2, 2));
        FisherGeometry fisher = new(Sigmoid, input);
        return Paper(n, 2) with
        {
            Input = input,
            Rule = rule switch
            {
                "Euclidean" => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = 1e-6 },
                "scaling" => new ThreeTermPlasticity(new ScalingForm(n)) { LearningRate = 0.01 },
                _ => new GradientPlasticity(fisher) { LearningRate = 1e-4 },
            },
            InitialWeights = new UniformWeights(0, 20.0 / n),
            TargetWeights = new UniformWeights(0, 30.0 / n),
            Stepping = rule == "Euclidean" ? TraceStepping.Exact : TraceStepping.ForwardEuler,
        };
    }

    [Theory]
    [InlineData("natural", 17_000)]
    [InlineData("Euclidean", 5000)]
    [InlineData("scaling", 4000)]
    public void Synapses_left_until_they_spike_agree_with_the_dense_loop(string rule, int steps)
    {
        SpikingEnsemble ensemble = Quiet(rule);
        double d = Difference(ensemble, 5, steps, 1);
        Assert.True(d <= 1e-12, $"relative difference {d:G3}");

        // All were brought up to date on the way, for either reason: the epochs that may be past, or what became of all weights.
        EnsembleRun run = ensemble.Start(new RandomSource(5), 1);
        run.Advance(steps, Cancellation);
        double present = run.Save()[1].Numbers[^((PastEpochs.Numbers * (PastEpochs.Most + 1)) + 1)];
        Assert.Equal(rule != "Euclidean", present < steps / 32);
    }

    [Theory]
    [InlineData("natural", 640)]
    [InlineData("natural", 1111)]
    public void A_restored_quiet_neuron_goes_on_bit_by_bit(string rule, int at)
    {
        SpikingEnsemble ensemble = Quiet(rule);
        EnsembleRun whole = ensemble.Start(new RandomSource(6), 1), first = ensemble.Start(new RandomSource(6), 1), second = ensemble.Start(new RandomSource(6), 2);
        whole.Advance(2000, Cancellation);
        first.Advance(at, Cancellation);
        All(first);
        EnsembleTrialState[] saved = first.Save();

        // The state of synapses that wait is part of it.
        Assert.True(saved[0].Numbers.Length > 5 * ensemble.Input.Synapses);
        second.Advance(300, Cancellation);
        second.Restore(saved);
        second.AdvanceTo(2000, Cancellation);

        Assert.Equal(All(whole), All(second));
        Assert.Equal(whole.LastStep(1), second.LastStep(1));
    }

    [Fact]
    public void Coefficients_kept_for_64_steps_change_little_and_less_the_slower_the_learning()
    {
        double At(double rate) => Difference(Paper(100, 1, (n, i) => new GradientPlasticity(new FisherGeometry(n, i)) { LearningRate = rate }), 4, 4000, 0, coefficientSteps: 1);
        double published = At(6e-4), faster = At(6e-3);
        Assert.True(published is > 1e-12 and < 1e-5, $"{published}");
        Assert.True(faster / published is > 10 and < 1000, $"{faster} and {published}");
    }

    [Fact]
    public void Trials_have_the_same_bits_on_any_number_of_threads_and_in_any_company()
    {
        EnsembleRun one = Paper(trials: 19).Start(new RandomSource(3), 1), two = Paper(trials: 19).Start(new RandomSource(3), 2), alone = Paper(trials: 1).Start(new RandomSource(3), 1);
        EnsembleRun few = Paper(trials: 5).Start(new RandomSource(3), 3), nine = Paper(trials: 9).Start(new RandomSource(3), 3);
        foreach (EnsembleRun run in (EnsembleRun[])[one, two, alone, few, nine])
        {
            run.Advance(1000, Cancellation);
        }

        Assert.Equal(All(one), All(two));
        Assert.Equal(Somatic(one, 0), Somatic(alone, 0));
        Assert.Equal(All(one)[..5], All(few));
        Assert.Equal(All(one)[..9], All(nine));
        Assert.NotEqual(Somatic(one, 0), Somatic(one, 1));
        EnsembleRun other = Paper(trials: 1).Start(new RandomSource(4), 1);
        other.Advance(1000, Cancellation);
        Assert.NotEqual(Somatic(alone, 0), Somatic(other, 0));
    }

    /// <summary>Also where synapses wait for their spikes, and these are listed again.</summary>
    [Theory]
    [InlineData(20, 10)]
    [InlineData(3000, 2)]
    public void Cutting_a_run_into_parts_and_looking_at_it_changes_no_bit(int n, int trials)
    {
        SpikingEnsemble ensemble = Paper(n, trials);
        EnsembleRun whole = ensemble.Start(new RandomSource(5), 1), parts = ensemble.Start(new RandomSource(5), 1);
        whole.Advance(700, Cancellation);
        foreach (int part in (int[])[0, 1, 63, 64, 100, 28, 300, 44, 100])
        {
            parts.Advance(part, Cancellation);
            All(parts);
        }

        Assert.Equal(whole.Steps, parts.Steps);
        Assert.Equal(All(whole), All(parts));
    }

    [Theory]
    [InlineData("natural", 64)]
    [InlineData("natural", 317)]
    [InlineData("large", 317)]
    [InlineData("dense", 317)]
    [InlineData("correlated", 411)]
    public void A_restored_run_goes_on_bit_by_bit(string kind, int at)
    {
        SpikingEnsemble ensemble = kind switch
        {
            "dense" => Paper(trials: 3, rule: (_, _) => new GradientPlasticity(new MirrorGeometry(new NegativeEntropy())) { LearningRate = 1e-5 }),
            "large" => Paper(3000, 3),
            "correlated" => Paper() with { Input = new CommonSourceInput([.. Enumerable.Repeat(30.0, 20)], 20, 0.3) },
            _ => Paper(),
        };
        EnsembleRun whole = ensemble.Start(new RandomSource(6), 1), first = ensemble.Start(new RandomSource(6), 1), second = ensemble.Start(new RandomSource(6), 2);
        Assert.Equal(kind != "dense", whole.EventDriven);
        whole.Advance(1000, Cancellation);
        first.Advance(at, Cancellation);
        EnsembleTrialState[] saved = first.Save();
        first.Advance(100, Cancellation);
        using MemoryStream stream = new();
        EnsembleCheckpoint.Write(stream, ensemble, 6, saved);
        stream.Position = 0;
        second.Restore(EnsembleCheckpoint.Read(stream, ensemble, 6));
        Assert.Equal(at, second.Steps);
        second.AdvanceTo(1000, Cancellation);

        Assert.Equal(All(whole), All(second));
        Assert.Equal(whole.LastStep(2), second.LastStep(2));
    }

    [Fact]
    public void A_cancelled_run_can_be_saved_and_goes_on_to_the_same_bits()
    {
        SpikingEnsemble ensemble = Paper(trials: 40);
        EnsembleRun whole = ensemble.Start(new RandomSource(7), 2), cancelled = ensemble.Start(new RandomSource(7), 2), resumed = ensemble.Start(new RandomSource(7), 1);
        using CancellationTokenSource source = new();
        source.CancelAfter(3);
        Assert.ThrowsAny<OperationCanceledException>(() => cancelled.Advance(100_000_000, source.Token));
        resumed.Restore(cancelled.Save());
        long end = cancelled.Furthest + 130;
        Assert.True(cancelled.Furthest < 100_000_000);
        resumed.AdvanceTo(end, Cancellation);
        whole.AdvanceTo(end, Cancellation);

        Assert.Equal(All(whole), All(resumed));
    }

    [Fact]
    public void A_damaged_or_foreign_checkpoint_is_refused()
    {
        SpikingEnsemble ensemble = Paper(trials: 3);
        EnsembleRun run = ensemble.Start(new RandomSource(6), 1);
        run.Advance(10, Cancellation);
        using MemoryStream stream = new();
        EnsembleCheckpoint.Write(stream, ensemble, 6, run.Save());
        byte[] bytes = stream.ToArray();
        byte[] damaged = [.. bytes];
        damaged[^20] ^= 1;

        Assert.Contains("damaged", Read(damaged, ensemble, 6), StringComparison.Ordinal);
        Assert.Contains("damaged", Read(bytes[..^9], ensemble, 6), StringComparison.Ordinal);
        Assert.Contains("not a checkpoint", Read([1, 2, 3], ensemble, 6), StringComparison.Ordinal);
        Assert.Contains("seed 6", Read(bytes, ensemble, 7), StringComparison.Ordinal);
        Assert.Contains("another experiment", Read(bytes, Paper(trials: 4), 6), StringComparison.Ordinal);
        Assert.Contains("another experiment", Read(bytes, ensemble with { TimeStep = 0.0004 }, 6), StringComparison.Ordinal);
        byte[] older = [.. bytes];
        older[7] = (byte)'4';
        Assert.Contains("in format 4 and this program reads format 5", Read(older, ensemble, 6), StringComparison.Ordinal);

        static string Read(byte[] content, SpikingEnsemble e, ulong seed) => Assert.Throws<InvalidDataException>(() => EnsembleCheckpoint.Read(new MemoryStream(content), e, seed)).Message;
    }

    public static TheoryData<string> Parameters => ["none", "rule", "potential", "geometry", "constant", "terms", "own rule", "attenuation", "own parametrization", "own transfer", "bursts", "own rates"];

    // The same experiment but for one parameter, in the dense loop, of which the checkpoint sees the rule alone.
    private static SpikingEnsemble Second(string parameter, bool second)
    {
        SpikingEnsemble paper = Paper(trials: 1) with { Engine = EnsembleEngine.Dense };
        (PoissonNeuron neuron, SpikeInput input) = (paper.Neuron, paper.Input);
        FisherGeometry fisher = new(neuron, input), other = new(new SigmoidTransfer(90), neuron.Kernel, input.Rates);
        double k = second ? 2 : 1;
        return parameter switch
        {
            "rule" => paper with { Rule = new GradientPlasticity(second ? fisher : new MirrorGeometry(new PNorm(2))) { LearningRate = 1e-5 } },
            "potential" => paper with { Rule = new GradientPlasticity(new MirrorGeometry(new PNorm(1 + k))) { LearningRate = 1e-5 } },
            "geometry" => paper with { Rule = new GradientPlasticity(second ? other : fisher) { LearningRate = 1e-5 } },
            "constant" => paper with { Rule = new ThreeTermPlasticity(new ApproximateNaturalForm(fisher, 0.1 * k)) { LearningRate = 1e-5 } },
            "terms" => paper with { Rule = new ThreeTermPlasticity(new NaturalForm(fisher)) { LearningRate = 1e-5, Terms = second ? PlasticityTerms.All : PlasticityTerms.Homosynaptic } },
            "own rule" => paper with { Rule = new OwnRule(v => k * v) { LearningRate = 1e-5 } },
            "attenuation" => paper with { Neuron = neuron with { Parametrization = new DendriticWeights([.. Enumerable.Repeat(0.5, 19), 0.5 * k]) }, Rule = new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = 1e-5 } },
            "own parametrization" => paper with { Neuron = neuron with { Parametrization = new MonotoneWeights("own", 20, (w, _) => k * w, (_, _) => k) } },
            "own transfer" => paper with { Neuron = neuron with { Transfer = new CustomTransfer("own", v => 20 / (1 + Math.Exp(-0.1 * k * v)), v => 20 * 0.1 * k * Math.Exp(-0.1 * k * v) / Math.Pow(1 + Math.Exp(-0.1 * k * v), 2)) } },
            "bursts" => paper with { Input = new BurstInput(input.Rates, 1 + k, 0.005) },
            "own rates" => paper with { Input = new VaryingPoissonInput(input.Rates, [.. input.Rates.Select(r => 2 * r)], (t, i) => input.Rates[i] * (1 + Math.Sin(k * t))) },
            _ => paper,
        };
    }

    private sealed record OwnRule(Func<double, double> Function) : PlasticityRule
    {
        public override void Change(in SynapticState state, Span<double> change)
        {
            for (int i = 0; i < change.Length; i++)
            {
                change[i] = LearningRate * state.Score * Function(state.Usp[i]);
            }
        }

        public override string ToString() => "own";
    }

    [Theory, MemberData(nameof(Parameters))]
    public void A_checkpoint_is_of_one_rule_geometry_and_parametrization(string parameter)
    {
        SpikingEnsemble first = Second(parameter, second: false);
        using MemoryStream stream = new();
        EnsembleCheckpoint.Write(stream, first, 6, first.Start(new RandomSource(6), 1).Save());
        stream.Position = 0;
        Assert.Single(EnsembleCheckpoint.Read(stream, Second(parameter, second: false), 6));
        stream.Position = 0;
        Exception? refused = Record.Exception(() => EnsembleCheckpoint.Read(stream, Second(parameter, second: true), 6));
        Assert.Equal(parameter != "none", refused is InvalidDataException);
    }

    [Fact]
    public void The_loop_allocates_nothing()
    {
        foreach (SpikingEnsemble ensemble in (SpikingEnsemble[])[Paper(100, 16), Paper(3000, 1), Quiet("natural")])
        {
            CancellationToken cancellation = Cancellation;
            EnsembleRun run = ensemble.Start(new RandomSource(8), 1);
            run.Advance(1280, cancellation);

            // A loop that allocates does so each time; what a collection that other tests bring about adds to a thread's count comes now and then.
            long least = long.MaxValue;
            for (int time = 0; time < 4; time++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                run.Advance(6400, cancellation);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.Equal(0, least);
        }
    }

    [Fact]
    public void Costs_are_those_of_the_weights_and_learning_lowers_them()
    {
        SpikingEnsemble ensemble = Paper(trials: 4);
        RandomSource random = new(9);
        EnsembleRun run = ensemble.Start(random, 2), other = ensemble.Start(random, 1);
        UspSamples[] samples = run.DrawSamples();
        LearningCurve curve = LearningCurve.Record(run, [0, 1000, 100_000], samples, cancellation: Cancellation);
        other.Advance(1000, Cancellation);

        for (int trial = 0; trial < 4; trial++)
        {
            LearningCost expected = samples[trial].Cost(Sigmoid.Transfer, Somatic(other, trial), ensemble.Trial(random, (ulong)trial).Teacher);
            Assert.Equal(expected, curve.Costs[1][trial]);
        }

        Assert.True(curve.MeanDivergence[2] < 0.5 * curve.MeanDivergence[0]);
        Assert.True(curve.MeanRateError[2] < curve.MeanRateError[0]);
        double between = Math.Sqrt(curve.MeanDivergence[1] * curve.MeanDivergence[2]);
        Assert.Equal(0.5 * (0.5 + 50), curve.TimeTo(between)!.Value, 1e-6);
        Assert.Null(curve.TimeTo(1e-9));
        Assert.Equal(4, curve.TrialTimesTo(between).Length);
        Assert.Throws<ArgumentException>(() => LearningCurve.Record(run, [5], cancellation: Cancellation));
    }

    [Fact]
    public void The_factors_of_the_last_step_give_its_change()
    {
        SpikingEnsemble ensemble = Paper(trials: 5);
        EnsembleRun run = ensemble.Start(new RandomSource(10), 1);
        run.Advance(333, Cancellation);
        double[] before = Somatic(run, 3), x = new double[20];
        run.Advance(1, Cancellation);
        run.CopyUsp(3, x);
        EnsembleStep step = run.LastStep(3);
        (double e, double u, double m) = step.Factors!.Value;
        ReadOnlySpan<double> h = ensemble.Rule.ThreeTerms(Sigmoid.Parametrization, 20)!.Gains;

        double[] after = Somatic(run, 3);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(e * ((h[i] * x[i]) - u + (m * before[i])), after[i] - before[i], 1e-13);
        }

        Assert.Equal(before.Zip(x, (a, b) => a * b).Sum(), step.Potential, 1e-12);
    }

    [Fact]
    public void Learning_that_diverges_stops_with_step_trial_and_seed()
    {
        SpikingEnsemble ensemble = Paper(trials: 9, rule: (n, i) => new GradientPlasticity(new FisherGeometry(n, i)) { LearningRate = 3 });
        string Message(int threads)
        {
            EnsembleRun run = ensemble.Start(new RandomSource(11), threads);
            string message = Assert.Throws<ArithmeticException>(() => run.Advance(100_000, Cancellation)).Message;
            Assert.Contains("has ended", Assert.Throws<InvalidOperationException>(() => Somatic(run, 0)).Message, StringComparison.Ordinal);
            Assert.Throws<InvalidOperationException>(() => run.Advance(1, Cancellation));
            Assert.Throws<InvalidOperationException>(run.Save);
            return message;
        }

        Assert.Matches(@"^The weights of trial \d diverge in step \d+ \(time [\d.]+ s, seed 11, trial \d\); the learning rate 3 is too large\.$", Message(1));
        Assert.Equal(Message(1), Message(2));

        // Weights that are finite all the way, in either loop; where they are written down at the latest.
        foreach ((PlasticityRule rule, EnsembleEngine engine) in ((PlasticityRule, EnsembleEngine)[])
            [(Euclid(1e9), EnsembleEngine.Automatic), (Euclid(1e9), EnsembleEngine.Dense), (new GradientPlasticity(new MirrorGeometry(new NegativeEntropy())) { LearningRate = 10 }, EnsembleEngine.Dense)])
        {
            SpikingEnsemble large = Paper(trials: 2, rule: (_, _) => rule) with { Engine = engine };
            Assert.Matches(@"^The weights of trial \d diverge in step \d+ \(time [\d.]+ s, seed 11, trial \d\)", Assert.Throws<ArithmeticException>(() => large.Start(new RandomSource(11), 1).Advance(100_000, Cancellation)).Message);
            EnsembleRun early = (Paper(trials: 2, rule: (_, _) => Euclid(1e9)) with { InitialWeights = new GivenWeights([.. Enumerable.Repeat(1e300, 20)]) }).Start(new RandomSource(11), 1);
            Assert.Contains("weights of trial 0 diverge in step 0", Assert.Throws<ArithmeticException>(() => early.Costs(early.DrawSamples(2), new LearningCost[2])).Message, StringComparison.Ordinal);
        }

        // Steps beyond the largest double.
        SpikingEnsemble euclidean = Paper(trials: 2, rule: (_, _) => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = double.MaxValue });
        Assert.Contains("seed 11", Assert.Throws<ArithmeticException>(() => euclidean.Start(new RandomSource(11), 1).Advance(100_000, Cancellation)).Message, StringComparison.Ordinal);
    }

    private static GradientPlasticity Euclid(double rate) => new(new MirrorGeometry(new PNorm(2))) { LearningRate = rate };

    [Theory]
    [InlineData("log", EnsembleEngine.Automatic)]
    [InlineData("log", EnsembleEngine.Dense)]
    [InlineData("power:2", EnsembleEngine.Automatic)]
    [InlineData("power:2", EnsembleEngine.Dense)]
    public void Weights_that_leave_the_range_of_the_parametrization_stop_the_run(string name, EnsembleEngine engine)
    {
        PoissonNeuron neuron = Sigmoid with { Parametrization = Curved(name, 20) };
        SpikingEnsemble ensemble = Paper(trials: 9, neuron: neuron) with { InitialWeights = new UniformWeights(1e-4, 0.05), TargetWeights = new UniformWeights(1e-4, 0.05), Engine = engine };
        EnsembleRun run = ensemble.Start(new RandomSource(12), 2);
        string message = Assert.Throws<ArithmeticException>(() => run.Advance(200_000, Cancellation)).Message;
        Assert.Matches(@"^Somatic weight \d+ of 20 is -[\d.E-]+; under " + name + @" it lies between \S+ and \S+\. This happened in step \d+ \(time [\d.]+ s, seed 12, trial \d\); the learning rate 0\.005 may be too large\.$", message);
    }

    [Fact]
    public void What_cannot_run_is_refused_with_its_place()
    {
        Assert.Contains("no teacher", Assert.Throws<ArgumentException>(() => (Paper() with { TargetWeights = null }).Start(new RandomSource(1))).Message, StringComparison.Ordinal);
        Assert.Contains("two teachers", Assert.Throws<ArgumentException>(() => (Paper() with { Teacher = new ConstantRate(1) }).Start(new RandomSource(1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => (Paper() with { InitialWeights = new GivenWeights([1]) }).Start(new RandomSource(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Paper() with { Trials = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new UniformWeights(1, 0));
        SpikingEnsemble quadratic = Paper(neuron: Sigmoid with { Transfer = new RectifiedQuadraticTransfer(-100) }) with { TargetWeights = null, Teacher = new ConstantRate(20) };
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => quadratic.Start(new RandomSource(1), 1).Advance(10, Cancellation)).Message;
        Assert.Contains("too long for the neuron", message, StringComparison.Ordinal);
        Assert.Contains("in step 0 (time 0 s, seed 1, trial 0)", message, StringComparison.Ordinal);
        SpikingEnsemble silent = Paper(rule: (_, _) => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = 0 }, neuron: Sigmoid with { Transfer = new RectifiedQuadraticTransfer(100) }) with { TargetWeights = null, Teacher = new GivenSpikes([0.001]) };
        Assert.Contains("yet the teacher spiked", Assert.Throws<ArgumentOutOfRangeException>(() => silent.Start(new RandomSource(1), 1).Advance(10, Cancellation)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vector_forms_of_the_sigmoid_are_the_scalar_ones()
    {
        SigmoidTransfer sigmoid = new(80, 0.25, 4);
        double[] potentials = [.. Enumerable.Range(-400, 800).Select(i => 0.37 * i)], rates = new double[800], scores = new double[800], spikes = [.. Enumerable.Range(0, 800).Select(i => (double)(i % 2))];
        sigmoid.Rates(potentials, rates);
        sigmoid.Scores(potentials, spikes, 0.0005, scores);
        PotentialMoments[] moments = [.. Enumerable.Range(0, 800).Select(i => new PotentialMoments(0.2 * (i - 400), i % 4 == 0 ? 0 : 0.3 * (i % 97)))];
        FisherMoments[] fisher = new FisherMoments[800];
        sigmoid.Fisher(moments, fisher);
        for (int i = 0; i < 800; i++)
        {
            Assert.Equal(1, rates[i] / sigmoid.Rate(potentials[i]), 1e-14);
            Assert.Equal(1, scores[i] / sigmoid.Score(potentials[i], i % 2, 0.0005), 1e-12);
            FisherMoments expected = sigmoid.Fisher(moments[i].Mean, moments[i].Variance);
            Assert.Equal(1, fisher[i].C1 / expected.C1, 1e-12);
            Assert.Equal(expected.C2, fisher[i].C2, 1e-11 * expected.C1);
            Assert.Equal(expected.C3, fisher[i].C3, 1e-11 * expected.C1);
        }
    }

    [Fact]
    public void Numbers_of_spikes_are_binomial_or_Poisson()
    {
        // Mean Np and variance Np(1 − p), each within five standard errors (a false alarm in two million).
        foreach ((long trials, double p) in ((long, double)[])[(64, 0.005), (3200, 0.025), (64, 0.2), (320_000, 0.01)])
        {
            Check(CountTable.Binomial(trials, p), trials * p, trials * p * (1 - p), 1 + ((3 - (6.0 / trials)) * trials * p * (1 - p)));
        }

        foreach (double mean in (double[])[0.02, 1, 25.3, 1800])
        {
            Check(CountTable.Poisson(mean), mean, mean, 1 + (3 * mean));
        }

        Assert.Equal(0, CountTable.Binomial(64, 0).Draw(new RandomSource(1)));
        Assert.Equal(0, CountTable.Poisson(0).Draw(new RandomSource(1)));

        // The fourth moment is variance times this.
        static void Check(CountTable table, double mean, double variance, double fourthByVariance)
        {
            RandomSource random = new(12);
            const int draws = 40_000;
            double sum = 0, squares = 0, fourth = variance * fourthByVariance;
            for (int i = 0; i < draws; i++)
            {
                double d = table.Draw(random) - mean;
                (sum, squares) = (sum + d, squares + (d * d));
            }

            Assert.InRange(sum / draws, -5 * Math.Sqrt(variance / draws), 5 * Math.Sqrt(variance / draws));
            Assert.InRange((squares / draws) - variance, -5 * Math.Sqrt((fourth - (variance * variance)) / draws), 5 * Math.Sqrt((fourth - (variance * variance)) / draws));
        }
    }
}
