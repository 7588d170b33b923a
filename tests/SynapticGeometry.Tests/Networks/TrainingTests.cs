using SynapticGeometry.Networks;
using Xunit;
using static TorchSharp.torch;

namespace SynapticGeometry.Tests.Networks;

/// <summary>Images whose class is the brightest of their quarters: easy, and made of a stream.</summary>
internal sealed class QuarterImages(int count, ulong seed = 5) : ImageSet
{
    public override string Name => $"quarters {seed}";

    public override IReadOnlyList<string> Classes { get; } = ["upper left", "upper right", "lower left", "lower right"];

    public override int Count => count;

    public override int Channels => 1;

    public override int Height => 8;

    public override int Width => 8;

    public override int Label(int index) => (int)(((uint)index * 2654435761u) >> 30);

    public override void Read(int index, Span<float> pixels)
    {
        RandomSource random = new RandomSource(seed).Fork("image", (ulong)index);
        int label = Label(index);
        for (int y = 0; y < 8; y++)
        {
            for (int x = 0; x < 8; x++)
            {
                bool bright = ((y / 4) * 2) + (x / 4) == label;
                pixels[(y * 8) + x] = (float)((0.6 * random.NextDouble()) + (bright ? 0.4 : 0));
            }
        }
    }
}

public class TrainingTests
{
    private static readonly NetworkOptions Small = new() { Classes = 4, Hidden = 24, Input = new ImageShape(1, 8, 8) };

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.9, false)]
    [InlineData(0.9, true)]
    public void Under_the_2_norm_it_is_torchs_own_gradient_descent(double momentum, bool nesterov)
    {
        NetworksHere.Require();
        using Network ours = Make("perceptron"), theirs = Make("perceptron");
        MirrorDescentOptimizer optimizer = new(ours.named_parameters(), MirrorDescentOptimizer.ForWeights(new PNorm(2)), new MirrorDescentOptions { Momentum = momentum, WeightDecay = 0.01, Nesterov = nesterov });
        using var reference = optim.SGD(theirs.parameters(), 0.1, momentum, weight_decay: 0.01, nesterov: nesterov);
        using Tensor x = ImageBatches.Images(new QuarterImages(32), [.. Enumerable.Range(0, 32)], ImageInput.Grey), y = ImageBatches.Labels(new QuarterImages(32), [.. Enumerable.Range(0, 32)]);
        for (int step = 0; step < 10; step++)
        {
            optimizer.ZeroGradients();
            nn.functional.cross_entropy(ours.call(x), y).backward();
            optimizer.Step(0.1);
            reference.zero_grad();
            nn.functional.cross_entropy(theirs.call(x), y).backward();
            reference.step();
        }

        foreach ((var a, var b) in ours.named_parameters().Zip(theirs.named_parameters()))
        {
            float[] first = a.parameter.data<float>().ToArray(), second = b.parameter.data<float>().ToArray();
            Assert.All(first.Zip(second), pair => Assert.Equal(pair.Second, pair.First, 2e-6));
        }
    }

    [Fact]
    public void Biases_learn_by_gradient_descent_whatever_the_potential_of_the_weights()
    {
        NetworksHere.Require();
        var chosen = MirrorDescentOptimizer.ForWeights(new NegativeEntropy());
        using Tensor matrix = zeros(2, 3), vector = zeros(3);
        Assert.IsType<NegativeEntropy>(chosen("fc.weight", matrix));
        Assert.Equal(new PNorm(2), chosen("fc.bias", vector));
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("perceptron")]
    public void A_network_learns_easy_images_in_the_geometry_it_is_given(string name)
    {
        NetworksHere.Require();
        foreach ((Potential potential, double rate) in new (Potential, double)[] { (new NegativeEntropy(), 0.5), (new PNorm(2), 0.2), (new PNorm(3), 0.05) })
        {
            using Network network = Make(name);
            using ClassificationTask task = Task(network);
            double before = task.Evaluate().Accuracy;
            new NetworkTrainer(network, task, Settings(potential, rate, 30), new RandomSource(2)).Run(cancellation: TestContext.Current.CancellationToken);
            double after = task.Evaluate().Accuracy;
            Assert.True(after > 0.9 && before < 0.6, $"{name} under {potential}: accuracy {before} before and {after} after");
        }
    }

    [Fact]
    public void A_run_that_was_stopped_and_goes_on_ends_with_the_same_bits()
    {
        NetworksHere.Require();
        using var folder = new TemporaryFolder();
        using Network whole = Make("rnn"), parts = Make("rnn");
        NetworkTrainer straight = new(whole, Task(whole), Settings(new PNorm(3), 0.02, 6), new RandomSource(2));
        straight.Run(cancellation: TestContext.Current.CancellationToken);

        using var stop = new CancellationTokenSource();
        NetworkTrainer first = new(parts, Task(parts), Settings(new PNorm(3), 0.02, 6), new RandomSource(2));
        Assert.Throws<OperationCanceledException>(() => first.Run(folder["state"], new AfterPasses(3, stop.Cancel), stop.Token));
        Assert.Equal(3, first.Epochs.Count);
        using Network other = Make("rnn", seed: 99);
        NetworkTrainer second = new(other, Task(other), Settings(new PNorm(3), 0.02, 6), new RandomSource(2));
        second.Run(folder["state"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(straight.Epochs, second.Epochs);
        Same(whole, other);
    }

    [Fact]
    public void A_rate_that_is_too_high_stops_with_its_place_and_keeps_the_last_good_weights()
    {
        NetworksHere.Require();
        using Network network = Make("perceptron"), untouched = Make("perceptron");
        NetworkTrainer trainer = new(network, Task(network), Settings(new NegativeEntropy(), 1e7, 5), new RandomSource(12));
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => trainer.Run(cancellation: TestContext.Current.CancellationToken));
        Assert.Matches(@"batch \d of 4 of pass 1 \(seed 12\)", error.Message);
        Same(untouched, network);
    }

    [Fact]
    public void A_run_that_was_stopped_in_the_middle_of_a_pass_goes_on_to_the_same_bits()
    {
        NetworksHere.Require();
        using var folder = new TemporaryFolder();
        using Network whole = Make("rnn"), parts = Make("rnn");
        TrainingSettings settings = Settings(new PNorm(3), 0.02, 6);
        new NetworkTrainer(whole, Task(whole), settings, new RandomSource(2)).Run(cancellation: TestContext.Current.CancellationToken);

        // Batch 3 of 4 of pass 4.
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => new NetworkTrainer(parts, new AtBatch(Task(parts), 15, loss => { stop.Cancel(); return loss; }), settings, new RandomSource(2)).Run(folder["state"], null, stop.Token));
        NetworkTrainer second = new(parts, Task(parts), settings, new RandomSource(2));
        second.Run(folder["state"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(6, second.Epochs.Count);
        Same(whole, parts);
    }

    [Theory]
    [InlineData(double.NaN, "the loss is NaN")]
    [InlineData(2e6, "above 1e+06")]
    public void What_diverges_in_a_later_pass_leaves_the_pass_before_it_in_memory_and_on_disk(double loss, string why)
    {
        NetworksHere.Require();
        using var folder = new TemporaryFolder();
        using Network network = Make("perceptron"), twin = Make("perceptron"), read = Make("perceptron", seed: 9);
        TrainingSettings settings = Settings(new PNorm(2), 0.1, 5);
        NetworkTrainer trainer = new(network, new AtBatch(Task(network), 10, value => value * loss), settings, new RandomSource(12));
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => trainer.Run(folder["state"], cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("in batch 2 of 4 of pass 3 (seed 12)", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((3, 2, folder["state"]), (error.Pass, error.Batch, error.StateFile));

        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => new NetworkTrainer(twin, Task(twin), settings, new RandomSource(12)).Run(null, new AfterPasses(2, stop.Cancel), stop.Token));
        Same(twin, network);
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        NetworkTrainer reader = new(read, Task(read), settings, new RandomSource(12));
        Assert.Throws<OperationCanceledException>(() => reader.Run(folder["state"], null, stopped.Token));
        Assert.Equal(2, reader.Epochs.Count);
        Same(twin, read);
    }

    [Fact]
    public void A_last_step_that_blows_the_weights_up_is_a_divergence()
    {
        NetworksHere.Require();
        using Network network = Make("perceptron"), untouched = Make("perceptron");
        NetworkTrainer trainer = new(network, Task(network), Settings(new PNorm(2), 1e20, 1) with { BatchSize = 64 }, new RandomSource(12));
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => trainer.Run(cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("batch 1 of 1 of pass 1 (seed 12): the loss after the last step is", error.Message, StringComparison.Ordinal);
        Same(untouched, network);
    }

    [Theory]
    [InlineData("trying a rate of 0.1", "pass 2 of 5")]
    [InlineData("fine-tuning", "pass 3 of 5")]
    [InlineData("fine-tuning", "pass 7 of 10")]
    public void A_study_stopped_in_fine_tuning_goes_on_from_there_to_the_same_bits(string stage, string pass)
    {
        NetworksHere.Require();
        using TemporaryFolder straight = new(), parts = new();
        TrainingStudy study = Study() with { Seeds = 1, Potentials = [new PNorm(2)] };
        List<string> all = [], first = [], second = [];
        TrainedWeights whole = study.Run(straight.Path, new RandomSource(3), progress: new Heard(all.Add), cancellation: TestContext.Current.CancellationToken)[0];
        bool There(string said) => said.Contains(stage, StringComparison.Ordinal) && said.Contains(pass, StringComparison.Ordinal);
        Assert.Contains(all, There);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => study.Run(parts.Path, new RandomSource(3), progress: new Heard(s =>
        {
            first.Add(s);
            if (There(s))
            {
                stop.Cancel();
            }
        }), cancellation: stop.Token));
        TrainedWeights again = study.Run(parts.Path, new RandomSource(3), progress: new Heard(second.Add), cancellation: TestContext.Current.CancellationToken)[0];
        Assert.Equal(whole with { Tried = [] }, again with { Tried = [] });
        Assert.Equal(whole.Tried, again.Tried);
        Assert.Equal(whole.Read(straight.Path).After, again.Read(parts.Path).After);
        Assert.Equal(all, [.. first, .. second]);
        Assert.DoesNotContain(Directory.EnumerateDirectories(parts.Path), d => d.EndsWith(".work", StringComparison.Ordinal));
    }

    [Fact]
    public void Noise_of_a_network_is_the_same_whether_a_study_was_stopped_or_not()
    {
        NetworksHere.Require();
        using TemporaryFolder straight = new(), parts = new();
        TrainingStudy study = Study() with { Seeds = 1, Potentials = [new PNorm(2)], Create = random => new NoisyNetwork(random), Images = 60 };
        TrainedWeights whole = study.Run(straight.Path, new RandomSource(3), cancellation: TestContext.Current.CancellationToken)[0];
        foreach (string place in new[] { "rate of 0.1, pass 1 of 5", "fine-tuning" })
        {
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => study.Run(parts.Path, new RandomSource(3), progress: new Heard(s =>
            {
                if (s.Contains(place, StringComparison.Ordinal))
                {
                    stop.Cancel();
                }
            }), cancellation: stop.Token));
        }

        TrainedWeights again = study.Run(parts.Path, new RandomSource(3), cancellation: TestContext.Current.CancellationToken)[0];
        Assert.Equal(whole.Tried, again.Tried);
        Assert.Equal(whole.Read(straight.Path).After, again.Read(parts.Path).After);
    }

    [Fact]
    public void What_a_killed_run_left_half_written_is_no_obstacle_and_is_removed()
    {
        NetworksHere.Require();
        using TemporaryFolder folder = new();
        TrainingStudy study = Study() with { Seeds = 1, Potentials = [new PNorm(2)], PretrainingSettings = null, FineTuning = new FineTuning { LearningRates = [1e-2], Epochs = 1, LongestEpochs = 1 } };
        File.WriteAllText(folder[".plan.txt.0.partial"], "net");
        study.Run(folder.Path, new RandomSource(3), cancellation: TestContext.Current.CancellationToken);
        Directory.CreateDirectory(folder[".2-norm-seed1.0.partial"]);
        File.WriteAllText(Path.Combine(folder[".2-norm-seed1.0.partial"], "weights-before.safetensors"), "half");
        File.WriteAllText(Path.Combine(folder["2-norm-seed1"], ".record.json.3.partial"), "half");
        study.Run(folder.Path, new RandomSource(3), cancellation: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }), e => e.EndsWith(".partial", StringComparison.Ordinal));
        File.WriteAllText(folder["mine.txt"], "keep");
        File.Delete(folder["plan.txt"]);
        Assert.Contains("holds other files", Assert.Throws<SynapticGeometry.Data.DataFileException>(() => study.Run(folder.Path, new RandomSource(3), cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_gives_the_same_bits_on_one_thread_and_on_two_and_when_it_goes_on()
    {
        NetworksHere.Require();
        using TemporaryFolder one = new(), two = new();
        IReadOnlyList<TrainedWeights> first = Study().Run(one.Path, new RandomSource(3), threads: 1, cancellation: TestContext.Current.CancellationToken);
        IReadOnlyList<TrainedWeights> second = Study().Run(two.Path, new RandomSource(3), threads: 2, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(6, first.Count);
        Directory.Delete(one[first[3].Folder], recursive: true);
        IReadOnlyList<TrainedWeights> again = Study().Run(one.Path, new RandomSource(3), threads: 2, cancellation: TestContext.Current.CancellationToken);
        for (int k = 0; k < first.Count; k++)
        {
            Assert.Equal(first[k] with { Tried = [] }, second[k] with { Tried = [] });
            Assert.Equal(first[k].Tried, again[k].Tried);
            Assert.Equal(first[k].Read(one.Path).After, second[k].Read(two.Path).After);
        }

        Assert.Throws<SynapticGeometry.Data.DataFileException>(() => Study().Run(one.Path, new RandomSource(4), threads: 1, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Networks_of_a_study_start_from_the_same_weights_under_every_potential_and_exponentiated_gradient_keeps_signs()
    {
        NetworksHere.Require();
        using TemporaryFolder folder = new();
        IReadOnlyList<TrainedWeights> all = Study().Run(folder.Path, new RandomSource(3), threads: 2, cancellation: TestContext.Current.CancellationToken);
        foreach (IGrouping<int, TrainedWeights> network in all.GroupBy(t => t.Seed))
        {
            Assert.Single(network.Select(t => string.Join(' ', t.Read(folder.Path).Before)).Distinct());
        }

        Assert.All(all.Where(t => t.Potential == "negative-entropy"), t => Assert.Equal(0, t.SignChanges));
        Assert.Contains(all, t => t.SignChanges > 0);
    }

    [Fact]
    public void Labels_beyond_the_networks_classes_are_told()
    {
        NetworksHere.Require();
        using Network network = Make("perceptron");
        Assert.Contains("3 classes", Assert.Throws<SynapticGeometry.Data.DataFileException>(() => new ClassificationTask(network, new QuarterImages(50), null, ImageInput.Grey, 3)).Message, StringComparison.Ordinal);
    }

    private static TrainingStudy Study() => new()
    {
        Description = "test",
        Create = random => NetworkArchitecture.Find("rnn").Create(Small, random),
        Input = ImageInput.Grey,
        Classes = 4,
        Pretraining = new QuarterImages(100),
        FineTuningImages = new QuarterImages(200, seed: 6),
        Potentials = [new NegativeEntropy(), new PNorm(2), new PNorm(3)],
        Seeds = 2,
        PretrainingSettings = Settings(new PNorm(2), 0.05, 3),
        FineTuning = new FineTuning { LearningRates = [1e-2, 1e-1], Epochs = 5, LongestEpochs = 10, BatchSize = 16 },
    };

    private static Network Make(string name, ulong seed = 1) => NetworkArchitecture.Find(name).Create(Small, new RandomSource(seed));

    private static ClassificationTask Task(Network network) => new(network, new QuarterImages(64), null, ImageInput.Grey, 4);

    private static TrainingSettings Settings(Potential potential, double rate, int epochs) => new() { Potential = potential, LearningRate = rate, Epochs = epochs, BatchSize = 16 };

    private static void Same(Network a, Network b)
    {
        using NetworkWeights first = NetworkWeights.Of(a), second = NetworkWeights.Of(b);
        Assert.All(first.Names, name => Assert.Equal(first.Values(name), second.Values(name)));
    }

    // A linear layer whose inputs are multiplied by noise while it learns.
    private sealed class NoisyNetwork : Network
    {
        private readonly TorchSharp.Modules.Linear layer = nn.Linear(64, 4);

        public NoisyNetwork(RandomSource random)
            : base("noisy", new ImageShape(1, 8, 8), 4, null)
        {
            Noise = random.Fork("noise");
            register_module("layer", layer);
            float[] weights = [.. Enumerable.Range(0, 256).Select(_ => (float)(0.1 * random.NextNormal()))];
            using IDisposable still = no_grad();
            layer.weight!.copy_(tensor(weights, [4, 64]));
            layer.bias!.zero_();
        }

        protected override Tensor Compute(Tensor input) => layer.forward(input.flatten(1) * (training ? 0.5 + Noise!.NextDouble() : 1.0));
    }

    private sealed class Heard(Action<string> hear) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => hear(value.Stage);
    }

    // Changes the loss of one batch, counted from 1 over all passes.
    private sealed class AtBatch(TrainingTask inner, int batch, Func<Tensor, Tensor> change) : TrainingTask
    {
        private int seen;

        public override int Count => inner.Count;

        public override bool HasClasses => inner.HasClasses;

        public override BatchLoss Loss(ReadOnlySpan<int> items, RandomSource random)
        {
            BatchLoss loss = inner.Loss(items, random);
            return ++seen == batch ? loss with { Loss = change(loss.Loss) } : loss;
        }

        public override (double Loss, double Accuracy) Evaluate() => inner.Evaluate();
    }

    private sealed class AfterPasses(int passes, Action act) : IProgress<EpochRecord>
    {
        private int seen;

        public void Report(EpochRecord value)
        {
            if (++seen == passes)
            {
                act();
            }
        }
    }
}
