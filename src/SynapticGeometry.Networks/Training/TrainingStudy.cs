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
    /// <exception cref="DataFileException">The folder belongs to another study, or a file in it is damaged.</exception>
    /// <exception cref="TrainingDivergedException">Pre-training diverged, or fine-tuning at every rate.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<TrainedWeights> Run(string folder, RandomSource random, int threads = 1, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(Seeds, 1);
        LibTorch.Require();
        ArgumentNullException.ThrowIfNull(random);
        Claim(folder, random);
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

    private void Claim(string folder, RandomSource random)
    {
        string plan = Path.Combine(folder, "plan.txt"), text = FormattableString.Invariant(
            $"{Description}; seed {random.Seed}, stream {random.Index}; {Seeds} networks; {string.Join(", ", Potentials)}; pre-training {Pretraining?.Name} {Pretraining?.Count} {PretrainingImages} {PretrainingSettings}; fine-tuning {FineTuningImages.Name} {FineTuningImages.Count} {Images} rates {string.Join(", ", FineTuning.LearningRates)} {FineTuning with { LearningRates = [] }}\n");
        Directory.CreateDirectory(folder);
        bool begun = File.Exists(plan);
        if (!begun && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new DataFileException($"{folder} holds other files; a study needs a folder of its own.");
        }

        if (begun && File.ReadAllText(plan) != text)
        {
            throw new DataFileException($"{folder} holds another study; name another folder, or remove it to begin anew. It is of: {File.ReadAllText(plan).Trim()}");
        }

        AtomicFile.Write(plan, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
    }

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
                trainer.Run(state, new Told(sum, Piece(k), settings.Epochs, PretrainingImages ?? images.Count, trainer) { Stage = "pre-training" }, cancellation);
            }

            Checkpoint.Save(network, file);
            File.Delete(state);
        }

        sum.Finish(Piece(k), PretrainingPasses);
    }

    private TrainedWeights FineTune(string folder, int k, Potential potential, RandomSource random, ProgressSum sum, CancellationToken cancellation)
    {
        string name = TrainedWeights.FolderOf(potential, k + 1), unit = Path.Combine(folder, name), record = Path.Combine(unit, "record.json");
        if (!File.Exists(record))
        {
            using AtomicDirectory made = AtomicDirectory.Create(unit, force: true);
            TrainedWeights result = FineTune(made.Path, PretrainedFile(folder, k), k, name, potential, random, sum, cancellation);
            File.WriteAllText(Path.Combine(made.Path, "record.json"), JsonSerializer.Serialize(result, JsonFormat.Options));
            made.Commit();
        }

        sum.Finish(Piece(k, potential), FineTuningPasses);
        try
        {
            return JsonSerializer.Deserialize<TrainedWeights>(File.ReadAllText(record), JsonFormat.Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException problem)
        {
            throw new DataFileException($"{record} is damaged ({problem.Message}); remove its folder to compute it anew.", problem);
        }
    }

    private TrainedWeights FineTune(
        string unit, string pretrained, int k, string name, Potential potential, RandomSource random, ProgressSum sum, CancellationToken cancellation)
    {
        torch.set_num_threads(1);
        using DisposeScope scope = NewDisposeScope();
        using Network network = Create(random.Fork("initial"));
        Checkpoint.Load(network, pretrained);
        using NetworkWeights start = NetworkWeights.Of(network);
        IReadOnlyList<string> plastic = [.. network.PlasticWeights.Select(p => p.Name)];
        long weights = network.PlasticWeightCount;
        int count = Images ?? (int)Math.Sqrt(weights);
        if (2 * count > FineTuningImages.Count)
        {
            throw new DataFileException($"{FineTuningImages.Name} has {FineTuningImages.Count} images; fine-tuning and the search for its rate need {count} each.");
        }

        int[] images = FineTuningImages.Draw(2 * count, random.Fork("images"));
        Told told = new(sum, Piece(k, potential), FineTuning.MostPasses, FineTuningPasses / FineTuning.MostPasses, null) { Stage = "trying rates" };
        using TrainingTask task = Task(network, FineTuningImages, images[..count], random), others = Task(network, FineTuningImages, images[count..], random);
        bool given = FineTuning.LearningRates.Count == 1;
        IReadOnlyList<TriedRate> tried = given
            ? []
            : FineTuning.Search(network, start, others, potential, random.Fork("search"), told, cancellation);
        double rate = given ? FineTuning.LearningRates[0] : FineTuning.Best(tried)?.LearningRate
            ?? throw new TrainingDivergedException($"Learning under {potential} diverged at every rate that was tried, from {FineTuning.LearningRates[0]:g3} to {FineTuning.LearningRates[^1]:g3} (network {k + 1}, seed {random.Seed}).");
        told.Stage = "fine-tuning";
        (int epochs, double loss, double accuracy, long stopped) = FineTuning.Run(network, start, task, potential, rate, random.Fork("fine-tuning"), told, cancellation);
        using NetworkWeights end = NetworkWeights.Of(network);
        Save(Path.Combine(unit, TrainedWeights.BeforeFile), start, plastic);
        Save(Path.Combine(unit, TrainedWeights.AfterFile), end, plastic);
        if (KeepNetworks)
        {
            Checkpoint.Save(network, Path.Combine(unit, "network.safetensors"));
        }

        return new TrainedWeights
        {
            Potential = potential.Name,
            Seed = k + 1,
            Tried = tried,
            LearningRate = rate,
            Epochs = epochs,
            Loss = loss,
            Accuracy = accuracy,
            Stopped = stopped,
            Weights = weights,
            SignChanges = plastic.Sum(n => start.Values(n).Zip(end.Values(n)).LongCount(p => MathF.Sign(p.First) != MathF.Sign(p.Second))),
            Folder = name,
        };
    }

    private TrainingTask Task(Network network, ImageSet images, int[]? which, RandomSource random) => network is SimSiam pair
        ? new SelfSupervisedTask(pair, images, which, Input, random)
        : new ClassificationTask(network, images, which, Input, Classes);

    private static void Save(string path, NetworkWeights weights, IReadOnlyList<string> names) =>
        SafetensorsWriter.Write(path, [.. names.Select(n => new KeyValuePair<string, NumericArray>(n, new NumericArray(weights.Shape(n), weights.Values(n))))]);

    // Hands passes of one piece of work on to the whole.
    private sealed class Told(ProgressSum sum, string piece, int passes, double each, NetworkTrainer? trainer) : IProgress<EpochRecord>
    {
        private int done;

        public required string Stage { get; set; }

        public void Report(EpochRecord value)
        {
            // A run that goes on from its state has passes behind it that nobody reported.
            done = trainer?.Epochs.Count ?? done + 1;
            string accuracy = double.IsNaN(value.Accuracy) ? string.Empty : FormattableString.Invariant($", accuracy {100 * value.Accuracy:f1} %");
            sum.Report(piece, FormattableString.Invariant($"{piece}, {Stage}, pass {done}, loss {value.Loss:g3}{accuracy}"), Math.Min(done, passes) * each);
        }
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

/// <summary>How records are written.</summary>
internal static class JsonFormat
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
