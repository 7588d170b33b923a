using System.Text.Json;
using SynapticGeometry.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>What a training study reports on its way.</summary>
/// <param name="Stage">What is being done, in a few words, with loss and accuracy.</param>
/// <param name="Done">The share of the most that may have to be done, 0 to 1.</param>
public readonly record struct TrainingProgress(string Stage, double Done);

/// <summary>
/// Networks pre-trained by gradient descent, then fine-tuned on few new images under several potentials: the weights before and after
/// show which potential it was.
/// </summary>
/// <remarks>
/// Each network (seed) is pre-trained once and fine-tuned under every potential from the same weights, on the same images, in the same
/// order. Fine-tuning takes ⌊√(number of plastic weights)⌋ images that pre-training has not seen; the search for the rate as many others.
/// Every number follows from the seed, whatever the number of threads. Source: Pogodin et al. 2024, Appendix (protocols).
/// </remarks>
public sealed record TrainingStudy
{
    /// <summary>What is trained, in words that also tell studies apart.</summary>
    public required string Description { get; init; }

    /// <summary>Makes the network, its weights drawn from the stream it is given.</summary>
    public required Func<RandomSource, Network> Create { get; init; }

    /// <summary>What the network takes.</summary>
    public required ImageInput Input { get; init; }

    /// <summary>Number of classes of the network.</summary>
    public required int Classes { get; init; }

    /// <summary>The images of pre-training; null for none.</summary>
    public ImageSet? Pretraining { get; init; }

    /// <summary>How many of them pre-training sees, drawn for each network; null for all.</summary>
    public int? PretrainingImages { get; init; }

    /// <summary>The images that fine-tuning and the search draw from.</summary>
    public required ImageSet FineTuningImages { get; init; }

    /// <summary>The potentials.</summary>
    public required IReadOnlyList<Potential> Potentials { get; init; }

    /// <summary>Number of networks.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>How pre-training is done; null for none.</summary>
    public TrainingSettings? PretrainingSettings { get; init; }

    /// <summary>How fine-tuning is done.</summary>
    public FineTuning FineTuning { get; init; } = new();

    /// <summary>Images of fine-tuning; null for the square root of the number of plastic weights.</summary>
    public int? Images { get; init; }

    /// <summary>True to keep the whole networks after fine-tuning, besides their plastic weights.</summary>
    public bool KeepNetworks { get; init; }

    /// <summary>Does what is not yet done in a folder: networks and results that are there are taken as they are.</summary>
    /// <param name="folder">The folder, of this study alone.</param>
    /// <param name="random">The stream of every random number; forked, never drawn from.</param>
    /// <param name="threads">Most networks at a time.</param>
    /// <param name="progress">Told where it stands.</param>
    /// <param name="cancellation">Stops it; what is done stays in the folder.</param>
    /// <returns>Results, by network and then by potential.</returns>
    /// <exception cref="DataFileException">There are too few images, or of another shape or other classes than the network's; the folder belongs to another study, or a file in it is damaged.</exception>
    /// <exception cref="TrainingDivergedException">Pre-training diverged, or fine-tuning at every rate.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<TrainedWeights> Run(string folder, RandomSource random, int threads = 1, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        _ = Begin(folder, random);
        return GoOn(folder, random, threads, progress, cancellation);
    }

    /// <summary>Checks what would else be noticed hours later, and makes the folder this study's.</summary>
    /// <returns>Whether the study was begun there before, and the number of plastic weights of a network.</returns>
    internal (bool GoingOn, long Weights) Begin(string folder, RandomSource random)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(Seeds, 1);
        LibTorch.Require();
        ArgumentNullException.ThrowIfNull(random);
        long weights = Check(random.Fork("network", 0));
        return (StudyFolder.Claim(folder, Plan(random)), weights);
    }

    /// <summary>Does what is not yet done in a folder that <see cref="Begin"/> has claimed.</summary>
    internal IReadOnlyList<TrainedWeights> GoOn(string folder, RandomSource random, int threads, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        ProgressSum sum = new(progress, Seeds * (PretrainingPasses + (Potentials.Count * FineTuningPasses)));
        ForEach(Seeds, threads, k => Pretrain(folder, k, random.Fork("network", (ulong)k), sum, cancellation), cancellation);
        TrainedWeights[] results = new TrainedWeights[Seeds * Potentials.Count];
        ForEach(results.Length, threads, u =>
        {
            (int k, int p) = Math.DivRem(u, Potentials.Count);
            results[u] = FineTune(folder, k, Potentials[p], random.Fork("network", (ulong)k), sum, cancellation);
        }, cancellation);
        return results;
    }

    // Passes count by the images in them, in units of the whole pre-training set or of the images of fine-tuning: near enough.
    private double PretrainingPasses => PretrainingSettings is { } s && Pretraining is { } images ? (double)s.Epochs * (PretrainingImages ?? images.Count) : 0;

    private double FineTuningPasses => (double)FineTuning.MostPasses * (Images ?? Math.Min(FineTuningImages.Count / 2, 500));

    private static void ForEach(int count, int threads, Action<int> work, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, work);
        }
        catch (AggregateException problems)
        {
            // The first in kind: a cancelled run is cancelled whatever else broke off.
            throw problems.Flatten().InnerExceptions.OrderByDescending(e => e is OperationCanceledException).First();
        }
    }

    private bool RateGiven => FineTuning.LearningRates.Count == 1;

    private int Count(Network network) => Images ?? (int)Math.Sqrt(network.PlasticWeightCount);

    private long Check(RandomSource random)
    {
        using DisposeScope scope = NewDisposeScope();
        using Network network = Create(random.Fork("initial"));
        int count = Count(network), needed = RateGiven ? count : 2 * count;
        if (needed > FineTuningImages.Count)
        {
            string why = Images is null ? FormattableString.Invariant($", the square root of {network.PlasticWeightCount} weights") : string.Empty;
            throw new DataFileException(RateGiven
                ? $"{FineTuningImages.Name} has {FineTuningImages.Count} images; fine-tuning needs {count}{why}."
                : $"{FineTuningImages.Name} has {FineTuningImages.Count} images; fine-tuning and the search for its rate need {count} each{why}.");
        }

        if (PretrainingSettings is not null && Pretraining is { } images)
        {
            if (PretrainingImages > images.Count)
            {
                throw new DataFileException($"{images.Name} has {images.Count} images; pre-training is to see {PretrainingImages}.");
            }

            MustFit(network, images);
        }

        MustFit(network, FineTuningImages);
        return network.PlasticWeightCount;
    }

    // What the network says of an image, and of every label.
    private void MustFit(Network network, ImageSet images)
    {
        if (network is not SimSiam)
        {
            ImageLabels.MustBeBelow(images, Classes, $"for the network has {(Classes == 1 ? "1 class" : $"{Classes} classes")}");
        }

        using IDisposable still = no_grad();
        network.eval();
        try
        {
            network.call(ImageBatches.Images(images, [0], Input));
        }
        catch (ArgumentException problem)
        {
            throw new DataFileException($"{images.Name} has images of {images.Channels} x {images.Height} x {images.Width}: {DataFileException.Words(problem)}", problem);
        }
    }

    // Everything that numbers depend on, a line each.
    private string Plan(RandomSource random) => FormattableString.Invariant($"""
        network: {Description}
        random numbers: seed {random.Seed}, stream {random.Index}
        networks: {Seeds}
        potentials: {string.Join(", ", Potentials)}
        images of pre-training: {Words(PretrainingSettings is null ? null : Pretraining)}, {PretrainingImages ?? Pretraining?.Count} of them
        pre-training: {PretrainingSettings}
        images of fine-tuning: {Words(FineTuningImages)}, {Images} of them
        learning rates: {string.Join(", ", FineTuning.LearningRates)}
        fine-tuning: {FineTuning with { LearningRates = [] }}

        """);

    private static string Words(ImageSet? images) => images is null ? "none" : $"{images.Name}, {images.Count}{(images.Fingerprint is "" ? string.Empty : $", SHA-256 {images.Fingerprint}")}";

    private static string Piece(int k, Potential? potential = null) => FormattableString.Invariant($"network {k + 1}{(potential is null ? string.Empty : $", {potential}")}");

    private static string PretrainedFile(string folder, int k) => Path.Combine(folder, FormattableString.Invariant($"pretrained-seed{k + 1}.safetensors"));

    private void Pretrain(string folder, int k, RandomSource random, ProgressSum sum, CancellationToken cancellation)
    {
        string file = PretrainedFile(folder, k), state = Path.ChangeExtension(file, ".state");
        if (!File.Exists(file))
        {
            using DisposeScope scope = NewDisposeScope();
            using Network network = Create(random.Fork("initial"));
            if (PretrainingSettings is { } settings && Pretraining is { } images)
            {
                int[]? seen = PretrainingImages is { } some ? images.Draw(some, random.Fork("pre-training images")) : null;
                using TrainingTask task = Task(network, images, seen, random);
                NetworkTrainer trainer = new(network, task, settings, random.Fork("pre-training"));
                Named(Piece(k) + ", pre-training", () => trainer.Run(state, new Told(sum, Piece(k), settings.Epochs, PretrainingImages ?? images.Count, trainer), cancellation));
            }

            Checkpoint.Save(network, file);
            File.Delete(state);
        }

        sum.Finish(Piece(k), PretrainingPasses);
    }

    private TrainedWeights FineTune(string folder, int k, Potential potential, RandomSource random, ProgressSum sum, CancellationToken cancellation)
    {
        string name = TrainedWeights.FolderOf(potential, k + 1), unit = Path.Combine(folder, name), work = unit + ".work", record = Path.Combine(unit, "record.json");
        if (!File.Exists(record))
        {
            Directory.CreateDirectory(work);
            FineTune(unit, work, PretrainedFile(folder, k), k, potential, random, sum, cancellation);
        }

        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }

        sum.Finish(Piece(k, potential), FineTuningPasses);
        return JsonFormat.Read<TrainedWeights>(record, "its folder");
    }

    // Into a folder that appears whole; what is on its way is kept in another.
    private void FineTune(
        string unit, string work, string pretrained, int k, Potential potential, RandomSource random, ProgressSum sum, CancellationToken cancellation)
    {
        torch.set_num_threads(1);
        using DisposeScope scope = NewDisposeScope();
        using Network network = Create(random.Fork("initial"));
        Checkpoint.Load(network, pretrained);
        long? violations = Violations(network);
        using NetworkWeights start = NetworkWeights.Of(network);
        IReadOnlyList<string> plastic = [.. network.PlasticWeights.Select(p => p.Name)];
        int count = Count(network);
        int[] images = FineTuningImages.Draw(RateGiven ? count : 2 * count, random.Fork("images"));
        Tuned tuned = new(sum, Piece(k, potential), FineTuningPasses / FineTuning.MostPasses);
        using TrainingTask task = Task(network, FineTuningImages, images[..count], random);
        IReadOnlyList<TriedRate> tried = RateGiven ? [] : Search(network, start, images[count..], potential, random, work, tuned, cancellation);
        double rate = RateGiven ? FineTuning.LearningRates[0] : FineTuning.Best(tried)?.LearningRate ?? throw AllDiverged(tried, Piece(k, potential), random);
        (int epochs, double loss, double accuracy, long stopped) = (0, 0.0, 0.0, 0L);
        Named(Piece(k, potential) + ", fine-tuning", () =>
            (epochs, loss, accuracy, stopped) = FineTuning.Run(network, start, task, potential, rate, random.Fork("fine-tuning"), work, tuned, cancellation));
        using NetworkWeights end = NetworkWeights.Of(network);
        TrainedWeights result = new()
        {
            Potential = potential.Name,
            Seed = k + 1,
            Tried = tried,
            LearningRate = rate,
            Epochs = epochs,
            Loss = loss,
            Accuracy = accuracy,
            Stopped = stopped,
            Weights = network.PlasticWeightCount,
            SignChanges = plastic.Sum(n => start.Values(n).Zip(end.Values(n)).LongCount(p => MathF.Sign(p.First) != MathF.Sign(p.Second))),
            DaleWeights = violations is null ? null : network.SignedColumns.Sum(c => c.Weights.numel()),
            DaleViolationsBefore = violations,
            DaleViolationsAfter = Violations(network),
            Folder = Path.GetFileName(unit),
        };
        AtomicDirectory.Write(unit, force: true, made =>
        {
            Save(Path.Combine(made, TrainedWeights.BeforeFile), start, plastic);
            Save(Path.Combine(made, TrainedWeights.AfterFile), end, plastic);
            SignedColumns[] signed = [.. network.SignedColumns.Where(c => plastic.Contains(c.Name))];
            if (signed.Length > 0)
            {
                SafetensorsWriter.Write(Path.Combine(made, TrainedWeights.SignsFile), [.. signed.Select(c => new KeyValuePair<string, NumericArray>(c.Name, TrainingState.Numbers(c.Signs)))]);
            }

            if (KeepNetworks)
            {
                Checkpoint.Save(network, Path.Combine(made, "network.safetensors"));
            }

            File.WriteAllText(Path.Combine(made, "record.json"), JsonSerializer.Serialize(result, JsonFormat.Options));
        });
    }

    private IReadOnlyList<TriedRate> Search(
        Network network, NetworkWeights start, int[] images, Potential potential, RandomSource random, string work, Tuned tuned, CancellationToken cancellation)
    {
        using TrainingTask task = Task(network, FineTuningImages, images, random);
        return FineTuning.Search(network, start, task, potential, random.Fork("search"), work, tuned, cancellation);
    }

    private static long? Violations(Network network) => network.SignedColumns is { Count: > 0 } columns ? columns.Sum(c => c.CountViolations()) : null;

    private static TrainingDivergedException AllDiverged(IReadOnlyList<TriedRate> tried, string piece, RandomSource random) => new(FormattableString.Invariant(
        $"{piece}: learning diverged at every rate that was tried: {string.Join("; ", tried.Select(t => FormattableString.Invariant($"{t.LearningRate:g4} in batch {t.DivergedBatch} of pass {t.DivergedPass}")))} (seed {random.Seed})."));

    // Says which network it was.
    private static void Named(string piece, Action run)
    {
        try
        {
            run();
        }
        catch (TrainingDivergedException problem)
        {
            throw new TrainingDivergedException($"{piece}: {problem.Message}", problem) { Pass = problem.Pass, Batch = problem.Batch, StateFile = problem.StateFile };
        }
    }

    private TrainingTask Task(Network network, ImageSet images, int[]? which, RandomSource random) => network is SimSiam pair
        ? new SelfSupervisedTask(pair, images, which, Input, random)
        : new ClassificationTask(network, images, which, Input, Classes);

    private static void Save(string path, NetworkWeights weights, IReadOnlyList<string> names) =>
        SafetensorsWriter.Write(path, [.. names.Select(n => new KeyValuePair<string, NumericArray>(n, new NumericArray(weights.Shape(n), weights.Values(n))))]);

    // Hands passes of one piece of work on to the whole.
    private sealed class Told(ProgressSum sum, string piece, int passes, double each, NetworkTrainer trainer) : IProgress<EpochRecord>
    {
        public void Report(EpochRecord value) =>
            sum.Report(piece, FormattableString.Invariant($"{piece}, pre-training, pass {trainer.Epochs.Count} of {passes}{Numbers(value)}"), trainer.Epochs.Count * each);

        public static string Numbers(EpochRecord value) =>
            FormattableString.Invariant($", loss {value.Loss:g3}{(double.IsNaN(value.Accuracy) ? string.Empty : FormattableString.Invariant($", accuracy {100 * value.Accuracy:f1} %"))}");
    }

    private sealed class Tuned(ProgressSum sum, string piece, double each) : IProgress<FineTuningPass>
    {
        public void Report(FineTuningPass value) => sum.Report(
            piece,
            FormattableString.Invariant($"{piece}, {(value.Searching ? "trying a" : "fine-tuning at a")} rate of {value.LearningRate:g3}, pass {value.Pass} of {value.Passes}{Told.Numbers(value.Record)}"),
            value.Done * each);
    }

    // The parts done of several pieces of work at once.
    private sealed class ProgressSum(IProgress<TrainingProgress>? progress, double all)
    {
        private readonly Lock gate = new();
        private readonly Dictionary<string, double> parts = [];
        private double finished;

        public void Report(string piece, string words, double done)
        {
            lock (gate)
            {
                parts[piece] = done;
                progress?.Report(new TrainingProgress(words, Math.Min(1, (finished + parts.Values.Sum()) / all)));
            }
        }

        public void Finish(string piece, double work)
        {
            lock (gate)
            {
                parts.Remove(piece);
                finished += work;
            }
        }
    }
}

/// <summary>How records are written and read.</summary>
internal static class JsonFormat
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Reads a record that is kept.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="removed">What to remove where it is damaged, for the message.</param>
    /// <exception cref="DataFileException">It is damaged.</exception>
    public static T Read<T>(string path, string removed)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException problem)
        {
            throw new DataFileException($"{path} is damaged ({problem.Message}); remove {removed} to compute it anew.", problem);
        }
    }
}
