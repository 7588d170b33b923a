using Xunit;

namespace SynapticGeometry.Tests.Learning;

public sealed class LearningStudyTests
{
    private static LearningStudy Study(EnsembleEngine engine = EnsembleEngine.Automatic, int trials = 5, double learningRate = 2e-3)
    {
        PoissonNeuron neuron = new(new SigmoidTransfer(), new SynapticKernel());
        PoissonInput input = PoissonInput.Groups((6, 20), (6, 50));
        return new LearningStudy
        {
            Ensemble = new SpikingEnsemble
            {
                Neuron = neuron,
                Input = input,
                Rule = new GradientPlasticity(new FisherGeometry(neuron, input)) { LearningRate = learningRate },
                InitialWeights = new UniformWeights(-0.1, 0.1),
                TargetWeights = new UniformWeights(-0.1, 0.1),
                Trials = trials,
                Engine = engine,
            },
            Duration = 1.2,
            RecordInterval = 0.1,
            CostSamples = 5,
            CostDuration = 0.05,
            WeightTimes = [0.3, 0.75],
            Windows = [new TimeWindow(0.2, 0.25), new TimeWindow(0.5, 0.503)],
        };
    }

    [Theory]
    [InlineData(EnsembleEngine.Automatic)]
    [InlineData(EnsembleEngine.Dense)]
    public void What_is_written_down_is_what_a_plain_run_has_at_those_times(EnsembleEngine engine)
    {
        LearningStudy study = Study(engine);
        LearningResult result = study.Run(new RandomSource(4), cancellation: TestContext.Current.CancellationToken);
        EnsembleRun plain = study.Ensemble.Start(new RandomSource(4));
        double[] weights = new double[12];

        Assert.Equal([0L, 600, 1500, 2400], result.Snapshots.Select(s => s.Step));
        foreach (LearningSnapshot snapshot in result.Snapshots)
        {
            plain.AdvanceTo(snapshot.Step, TestContext.Current.CancellationToken);
            for (int trial = 0; trial < 5; trial++)
            {
                plain.CopySomatic(trial, weights);
                Assert.Equal(weights, snapshot[trial].ToArray());
            }
        }

        Assert.Equal(Enumerable.Range(0, 13).Select(k => 200L * k), result.Curve.Steps);
        Assert.Equal(engine != EnsembleEngine.Dense, result.EventDriven);
        Assert.Equal(2400, result.StepsRun);
    }

    [Fact]
    public void A_window_shows_the_spikes_potential_and_terms_that_changed_the_weights()
    {
        LearningStudy study = Study();
        LearningResult result = study.Run(new RandomSource(4), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([100, 6], result.Traces.Select(t => t.Steps.Count));
        LearningTrace trace = result.Traces[0];
        Assert.Equal(400, trace.FirstStep);

        // A dense run of the first trial, from its own spikes: the same potential and teacher in each step, and the same input.
        TeacherStudentRun dense = study.Ensemble.Trial(new RandomSource(4), 0).Start(new RandomSource(4));
        double[] before = new double[12], usp = new double[12];
        dense.Advance(trace.FirstStep, TestContext.Current.CancellationToken);
        FisherGeometry fisher = new(study.Ensemble.Neuron, study.Ensemble.Input);
        for (int step = 0; step < trace.Steps.Count; step++)
        {
            dense.Somatic.CopyTo(before);
            dense.Usp.CopyTo(usp);
            dense.Advance(1, TestContext.Current.CancellationToken);
            Assert.Equal(dense.Potential, trace.Steps[step].Potential, 1e-9);
            Assert.Equal(dense.TeacherSpikes, trace.Steps[step].TeacherSpikes);
            (double e, double u, double m) = trace.Steps[step].Factors!.Value;
            for (int i = 0; i < 12; i++)
            {
                Assert.Equal(dense.Somatic[i] - before[i], e * ((fisher.Gains[i] * dense.Usp[i]) - u + (m * before[i])), 1e-12);
            }

            // A potential that rises in a step has had a spike; decay alone lowers every trace's fast part.
            int[] spiking = [.. trace.Input.Where(s => s.Step == step).Select(s => s.Synapse)];
            Assert.All(spiking, i => Assert.InRange(i, 0, 11));
        }

        Assert.NotEmpty(trace.Input);
        Assert.Equal(30 * 12 * 0.05, trace.Input.Count, 30.0);
    }

    [Theory]
    [InlineData(EnsembleEngine.Automatic, 300)]
    [InlineData(EnsembleEngine.Automatic, 420)]
    [InlineData(EnsembleEngine.Automatic, 1003)]
    [InlineData(EnsembleEngine.Dense, 420)]
    [InlineData(EnsembleEngine.Dense, 999)]
    public void A_run_cancelled_anywhere_and_kept_as_bytes_goes_on_to_the_same_bits(EnsembleEngine engine, int at)
    {
        LearningStudy study = Study(engine);
        LearningResult whole = study.Run(new RandomSource(9), 1, cancellation: TestContext.Current.CancellationToken);
        LearningRecord first = new();
        using CancellationTokenSource stop = new();

        // Cancelled by what it sees of its own progress, in a window or between two records.
        Assert.Throws<OperationCanceledException>(() => (study with { Enough = curve => Cancel(curve.Steps[^1] >= at - 200) }).Run(new RandomSource(9), 2, first, null, stop.Token));
        using MemoryStream bytes = new();
        first.Write(bytes, study, 9);
        bytes.Position = 0;
        LearningRecord second = LearningRecord.Read(bytes, study, 9);
        LearningResult resumed = study.Run(new RandomSource(9), 2, second, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(whole.Curve.Steps, resumed.Curve.Steps);
        Assert.Equal(whole.Curve.Costs.SelectMany(c => c), resumed.Curve.Costs.SelectMany(c => c));
        Assert.Equal(whole.Snapshots.SelectMany(s => s.Weights), resumed.Snapshots.SelectMany(s => s.Weights));
        Assert.Equal(whole.Traces.SelectMany(t => t.Steps), resumed.Traces.SelectMany(t => t.Steps));
        Assert.Equal(whole.Traces.SelectMany(t => t.Input), resumed.Traces.SelectMany(t => t.Input));
        Assert.True(resumed.StepsRun < whole.StepsRun);

        bool Cancel(bool now)
        {
            if (now)
            {
                stop.Cancel();
            }

            return false;
        }
    }

    [Fact]
    public void A_finished_record_has_nothing_left_to_do()
    {
        LearningStudy study = Study();
        LearningRecord record = new();
        LearningResult whole = study.Run(new RandomSource(3), 0, record, cancellation: TestContext.Current.CancellationToken);
        using MemoryStream bytes = new();
        record.Write(bytes, study, 3);
        bytes.Position = 0;

        LearningResult again = study.Run(new RandomSource(3), 0, LearningRecord.Read(bytes, study, 3), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(0, again.StepsRun);
        Assert.Equal(whole.Curve.Costs.SelectMany(c => c), again.Curve.Costs.SelectMany(c => c));
        Assert.Equal(whole.Snapshots[^1].Weights, again.Snapshots[^1].Weights);
    }

    [Fact]
    public void A_record_of_another_study_or_a_damaged_one_is_refused()
    {
        LearningStudy study = Study();
        LearningRecord record = new();
        study.Run(new RandomSource(3), 0, record, cancellation: TestContext.Current.CancellationToken);
        using MemoryStream stream = new();
        record.Write(stream, study, 3);
        byte[] bytes = stream.ToArray();

        string Refused(byte[] content, LearningStudy s, ulong seed) => Assert.Throws<InvalidDataException>(() => LearningRecord.Read(new MemoryStream(content), s, seed)).Message;
        Assert.Contains("seed 3; this one has seed 4", Refused(bytes, study, 4), StringComparison.Ordinal);
        Assert.Contains("another experiment", Refused(bytes, Study(learningRate: 3e-3), 3), StringComparison.Ordinal);
        Assert.Contains("other settings", Refused(bytes, study with { RecordInterval = 0.2 }, 3), StringComparison.Ordinal);
        Assert.Contains("duration 1.2 s", Refused(bytes, study with { Duration = 2 }, 3), StringComparison.Ordinal);
        Assert.Contains("not a checkpoint", Refused([1, 2, 3], study, 3), StringComparison.Ordinal);
        Assert.Contains("damaged or cut off", Refused(bytes[..^1], study, 3), StringComparison.Ordinal);
        bytes[^50] ^= 1;
        Assert.Contains("damaged or cut off", Refused(bytes, study, 3), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new LearningRecord().Write(new MemoryStream(), study, 3));
    }

    private sealed class Told(Action<double> action) : IProgress<double>
    {
        public void Report(double value) => action(value);
    }

    [Theory]
    [InlineData(EnsembleEngine.Automatic)]
    [InlineData(EnsembleEngine.Dense)]
    public void A_study_that_records_its_end_alone_reports_and_can_be_saved_on_the_way(EnsembleEngine engine)
    {
        LearningStudy study = Study(engine) with { Duration = 7, RecordInterval = 7, WeightTimes = [], Windows = [new(6.9, 6.95)] };
        LearningResult whole = study.Run(new RandomSource(9), 2, cancellation: TestContext.Current.CancellationToken);
        List<double> told = [];
        LearningRecord record = new();
        using MemoryStream bytes = new();
        study.Run(new RandomSource(9), 1, record, new Told(done =>
        {
            told.Add(done);
            if (told.Count == 90)
            {
                record.Write(bytes, study, 9);
            }
        }), TestContext.Current.CancellationToken);
        bytes.Position = 0;
        LearningRecord saved = LearningRecord.Read(bytes, study, 9);
        double share = saved.Share(study);
        LearningResult resumed = study.Run(new RandomSource(9), 2, saved, cancellation: TestContext.Current.CancellationToken);

        Assert.InRange(told.Count, 190, 210);
        Assert.InRange(share, 0.3, 0.6);
        Assert.Equal(whole.Curve.Costs.SelectMany(c => c), resumed.Curve.Costs.SelectMany(c => c));
        Assert.Equal(whole.Snapshots[^1].Weights, resumed.Snapshots[^1].Weights);
        Assert.Equal(whole.Traces[0].Steps, resumed.Traces[0].Steps);
        Assert.Equal(study.Steps - (long)Math.Round(share * study.Steps), resumed.StepsRun);
    }

    [Fact]
    public void A_study_ends_where_it_is_enough()
    {
        LearningResult result = (Study() with { Enough = curve => curve.Steps[^1] >= 700 }).Run(new RandomSource(3), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(800, result.Curve.Steps[^1]);
        Assert.Equal(800, result.Snapshots[^1].Step);
    }

    [Fact]
    public void Given_spikes_leave_no_distance_but_weights()
    {
        LearningStudy study = Study();
        LearningResult result = (study with { Ensemble = study.Ensemble with { TargetWeights = null, Teacher = new GivenSpikes([0.1, 0.2, 0.9]) } }).Run(new RandomSource(3), cancellation: TestContext.Current.CancellationToken);

        Assert.Empty(result.Curve.Steps);
        Assert.Equal(4, result.Snapshots.Count);
        Assert.NotEqual(result.Snapshots[0].Weights, result.Snapshots[^1].Weights);
    }

    [Fact]
    public void What_lies_outside_the_study_is_refused()
    {
        Assert.Contains("weight time 1 is 3 s", Refused(Study() with { WeightTimes = [1, 3] }), StringComparison.Ordinal);
        Assert.Contains("Window 1 of 2 is from 0.2 to 0.4 s", Refused(Study() with { Windows = [new(0.1, 0.3), new(0.2, 0.4)] }), StringComparison.Ordinal);
        Assert.Contains("start of window 0 is -1 s", Refused(Study() with { Windows = [new(-1, 0.3)] }), StringComparison.Ordinal);
        Assert.Contains("take at most 2236962 samples", Refused(Study() with { CostSamples = 3_000_000 }), StringComparison.Ordinal);

        // Sixteen years of steps and more; and more memory than there is.
        Assert.Contains("duration is 1E+20 s, 2E+23 steps of 0.0005 s; at most 1E+12", Assert.Throws<ArgumentOutOfRangeException>(() => Study() with { Duration = 1e20 } is { Steps: > 0 }).Message, StringComparison.Ordinal);
        LearningStudy large = Study(trials: 1_000_000_000);
        Assert.Matches(@"^1000000000 trials of 12 synapses need [\dE+.]+ GB of memory \(.+\); this machine has [\d.]+ GB", Refused(large));

        static string Refused(LearningStudy study) => Assert.Throws<ArgumentException>(() => study.Run(new RandomSource(1), cancellation: TestContext.Current.CancellationToken)).Message;
    }

    [Fact]
    public void A_frozen_input_gives_equal_potentials_and_poisson_spikes()
    {
        PoissonNeuron neuron = new(new SigmoidTransfer(), new SynapticKernel());
        PoissonInput input = PoissonInput.Groups((40, 30));
        double[] weights = [.. Enumerable.Repeat(0.02, 40)];
        (IReadOnlyList<FrozenResponse> responses, IReadOnlyList<(int Step, int Synapse)> spikes) =
            FrozenResponse.Simulate(neuron, input, [weights, weights, new double[40]], new RandomSource(2), duration: 0.5, repetitions: 400);

        Assert.Equal(responses[0].Potential, responses[1].Potential);
        Assert.NotEqual(responses[0].Spikes[0], responses[1].Spikes[0]);
        Assert.All(responses[2].Potential, v => Assert.Equal(0, v));
        Assert.Equal(40 * 30 * 0.5, spikes.Count, 5 * Math.Sqrt(600));

        // φ(0) = 100/(1 + e³) = 4.7426 Hz, in closed form; and each bin of the other has its own mean, within five standard errors.
        Assert.Equal(4.742587317756678, responses[2].Rate[0], 1e-12);
        double count = responses[2].Spikes.Sum(s => s.Count), mean = 400 * 0.5 * 4.742587317756678;
        Assert.Equal(mean, count, 5 * Math.Sqrt(mean));
        double[] rates = responses[0].Histogram(0.0125);
        Assert.Equal(40, rates.Length);
        for (int bin = 0; bin < rates.Length; bin++)
        {
            double expected = responses[0].Rate.Skip(25 * bin).Take(25).Average();
            Assert.Equal(expected, rates[bin], 5 * Math.Sqrt(expected / (400 * 0.0125)));
        }

        Assert.Equal(responses[0].Spikes.Sum(s => s.Count), rates.Sum() * 400 * 0.0125, 1e-9);
    }

    [Fact]
    public void The_frozen_stretch_of_a_recording_that_is_mostly_silent_has_spikes()
    {
        // One second of spikes in a hundred.
        RecordedInput input = new(new SpikeTrains([[.. Enumerable.Range(0, 200).Select(k => 60 + (0.005 * k))]], 100));
        (_, IReadOnlyList<(int Step, int Synapse)> spikes) = FrozenResponse.Simulate(new PoissonNeuron(new SigmoidTransfer(), new SynapticKernel()), input, [[0.1]], new RandomSource(1), repetitions: 0);
        Assert.NotEmpty(spikes);
    }

    [Fact]
    public void Signs_follow_the_excitatory_share_and_sizes_are_uniform()
    {
        SignedWeights law = new(0.5, 1, 0.8);
        double[] first = new double[1000], second = new double[1000];
        law.Draw(new RandomSource(1), first);
        law.Draw(new RandomSource(2), second);

        Assert.Equal(200, first.Count(w => w < 0));
        Assert.Equal(first.Select(Math.Sign), second.Select(Math.Sign));
        Assert.NotEqual(first, second);
        Assert.All(first, w => Assert.InRange(Math.Abs(w), 0.5, 1));

        // Evenly spread: one in each five synapses.
        Assert.All(Enumerable.Range(0, 200), k => Assert.Equal(1, Enumerable.Range(5 * k, 5).Count(law.Inhibitory)));
        Assert.DoesNotContain(Enumerable.Range(0, 50), new SignedWeights(0, 1, 1).Inhibitory);
        Assert.All(Enumerable.Range(0, 50), i => Assert.True(new SignedWeights(0, 1, 0).Inhibitory(i)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SignedWeights(0, 1, 1.2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SignedWeights(-1, 1, 0.5));
    }
}
