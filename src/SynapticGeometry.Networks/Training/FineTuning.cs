using System.Text.Json;
using SynapticGeometry.Data;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>One pass of fine-tuning, or of its search for a rate.</summary>
/// <param name="Searching">True while a rate is tried.</param>
/// <param name="LearningRate">η.</param>
/// <param name="Pass">The pass, from 1.</param>
/// <param name="Passes">Passes of this run.</param>
/// <param name="Done">Passes done of <see cref="FineTuning.MostPasses"/>.</param>
/// <param name="Record">What the pass gave.</param>
public readonly record struct FineTuningPass(bool Searching, double LearningRate, int Pass, int Passes, int Done, EpochRecord Record);

/// <summary>How a network is fine-tuned under a potential: a rate from a search with the same budget for every potential, then longer and longer runs until all is learned.</summary>
/// <remarks>Source: Pogodin et al. 2024, Appendix.</remarks>
public sealed record FineTuning
{
    /// <summary>The learning rates that are tried, increasing.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];

    /// <summary>Passes of a first run, at least 1; also those of each rate that is tried.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Passes of the longest run: a run that has not learned all begins anew with <see cref="Epochs"/> more, up to this.</summary>
    public int LongestEpochs { get; init; } = 150;

    /// <summary>The accuracy at which a run is long enough; without classes the first run is.</summary>
    public double TargetAccuracy { get; init; } = 1;

    /// <summary>Items in a batch.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Momentum, decay and signs.</summary>
    public MirrorDescentOptions Descent { get; init; } = new() { Momentum = 0.9 };

    /// <summary>Most passes for one potential: of the search, which one rate alone does not need, and of all runs.</summary>
    public int MostPasses => SearchPasses + Enumerable.Range(1, Math.Max(1, LongestEpochs / Epochs)).Sum(k => k * Epochs);

    private int SearchPasses => LearningRates.Count > 1 ? LearningRates.Count * Epochs : 0;

    /// <summary>Tries every rate from the same weights and for as many passes.</summary>
    /// <param name="network">The network; what weights it is left with is not said.</param>
    /// <param name="start">The weights to start from.</param>
    /// <param name="task">Items that fine-tuning does not use.</param>
    /// <param name="potential">Φ of the weights.</param>
    /// <param name="random">The stream of orders and views, the same for every rate.</param>
    /// <param name="folder">A folder of this search and its run alone that keeps each rate that was tried, and the state of the one at work; null for none.</param>
    /// <param name="progress">Told each pass.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DataFileException">A file in the folder is damaged.</exception>
    public IReadOnlyList<TriedRate> Search(
        Module network, NetworkWeights start, TrainingTask task, Potential potential, RandomSource random, string? folder = null, IProgress<FineTuningPass>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        List<TriedRate> tried = [];
        foreach (double rate in LearningRates)
        {
            string name = FormattableString.Invariant($"rate-{tried.Count + 1}");
            if (Kept<TriedRate>(folder, name) is not { } result)
            {
                Begin(network, start);
                NetworkTrainer trainer = new(network, task, Settings(potential, rate, Epochs), random);
                try
                {
                    trainer.Run(StateFile(folder, name), new Told(progress, trainer, Searching: true, rate, Epochs, tried.Count * Epochs), cancellation);
                    result = new TriedRate(rate, trainer.End!.Value.Loss, trainer.End.Value.Accuracy, Diverged: false);
                }
                catch (TrainingDivergedException problem)
                {
                    result = new TriedRate(rate, double.NaN, double.NaN, Diverged: true) { DivergedPass = problem.Pass, DivergedBatch = problem.Batch };
                }

                Keep(folder, name, result);
            }

            tried.Add(result);
        }

        return tried;
    }

    /// <summary>The best of the rates that were tried: highest accuracy, of those the lowest loss; null where all diverged.</summary>
    /// <param name="tried">The rates.</param>
    public static TriedRate? Best(IEnumerable<TriedRate> tried) =>
        tried.Where(t => !t.Diverged).OrderByDescending(t => double.IsNaN(t.Accuracy) ? 0 : t.Accuracy).ThenBy(t => t.Loss).FirstOrDefault();

    /// <summary>Learns until all is learned, or for the longest run.</summary>
    /// <param name="network">The network; it is left with the weights learned.</param>
    /// <param name="start">The weights to start from.</param>
    /// <param name="task">What to learn.</param>
    /// <param name="potential">Φ of the weights.</param>
    /// <param name="rate">η.</param>
    /// <param name="random">The stream of orders and views.</param>
    /// <param name="folder">A folder of this run and its search alone that keeps the state; null for none.</param>
    /// <param name="progress">Told each pass.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Passes of the last run, loss and accuracy after it, and how many weights were stopped at zero.</returns>
    /// <exception cref="TrainingDivergedException">It diverged.</exception>
    /// <exception cref="DataFileException">A file in the folder is damaged.</exception>
    public (int Epochs, double Loss, double Accuracy, long Stopped) Run(
        Module network, NetworkWeights start, TrainingTask task, Potential potential, double rate, RandomSource random, string? folder = null, IProgress<FineTuningPass>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(task);
        int before = SearchPasses;
        for (int epochs = Epochs; ; before += epochs, epochs += Epochs)
        {
            // A run that is kept was too short.
            string name = FormattableString.Invariant($"run-{epochs}");
            if (Kept<EpochRecord?>(folder, name) is not null)
            {
                continue;
            }

            Begin(network, start);
            NetworkTrainer trainer = new(network, task, Settings(potential, rate, epochs), random);
            trainer.Run(StateFile(folder, name), new Told(progress, trainer, Searching: false, rate, epochs, before), cancellation);
            (double loss, double accuracy) = trainer.End!.Value;
            if (!task.HasClasses || accuracy >= TargetAccuracy || epochs + Epochs > LongestEpochs)
            {
                return (epochs, loss, accuracy, trainer.Stopped);
            }

            Keep(folder, name, new EpochRecord(loss, accuracy));
        }
    }

    private TrainingSettings Settings(Potential potential, double rate, int epochs) =>
        new() { Potential = potential, LearningRate = rate, Epochs = epochs, BatchSize = BatchSize, Descent = Descent };

    // Noise too begins anew: else the numbers of a run would depend on which runs before it were taken from the folder.
    private static void Begin(Module network, NetworkWeights start)
    {
        start.CopyTo(network);
        if ((network as Network)?.Noise is { } noise)
        {
            noise.Position = 0;
        }
    }

    private static string? StateFile(string? folder, string name) => folder is null ? null : Path.Combine(folder, name + ".state");

    private static T? Kept<T>(string? folder, string name)
    {
        if (folder is null)
        {
            return default;
        }

        string path = Path.Combine(folder, name + ".json");
        return File.Exists(path) ? JsonFormat.Read<T>(path, "it") : default;
    }

    private static void Keep<T>(string? folder, string name, T result)
    {
        if (folder is not null)
        {
            AtomicFile.Write(Path.Combine(folder, name + ".json"), stream => JsonSerializer.Serialize(stream, result, JsonFormat.Options));
            File.Delete(StateFile(folder, name)!);
        }
    }

    private sealed record Told(IProgress<FineTuningPass>? Progress, NetworkTrainer Trainer, bool Searching, double Rate, int Passes, int Before) : IProgress<EpochRecord>
    {
        public void Report(EpochRecord value) =>
            Progress?.Report(new FineTuningPass(Searching, Rate, Trainer.Epochs.Count, Passes, Before + Trainer.Epochs.Count, value));
    }
}
