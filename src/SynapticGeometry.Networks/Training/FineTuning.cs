using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

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

    /// <summary>Most passes for one potential: of the search and of all runs.</summary>
    public int MostPasses => (LearningRates.Count * Epochs) + Enumerable.Range(1, Math.Max(1, LongestEpochs / Epochs)).Sum(k => k * Epochs);

    /// <summary>Tries every rate from the same weights and for as many passes.</summary>
    /// <param name="network">The network; it is left with the weights of the last rate.</param>
    /// <param name="start">The weights to start from.</param>
    /// <param name="task">Items that fine-tuning does not use.</param>
    /// <param name="potential">Φ of the weights.</param>
    /// <param name="random">The stream of orders and views, the same for every rate.</param>
    /// <param name="progress">Told each pass.</param>
    /// <param name="cancellation">Stops it.</param>
    public IReadOnlyList<TriedRate> Search(
        Module network, NetworkWeights start, TrainingTask task, Potential potential, RandomSource random, IProgress<EpochRecord>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        List<TriedRate> tried = [];
        foreach (double rate in LearningRates)
        {
            start.CopyTo(network);
            try
            {
                new NetworkTrainer(network, task, Settings(potential, rate, Epochs), random).Run(null, progress, cancellation);
                (double loss, double accuracy) = task.Evaluate();
                tried.Add(new TriedRate(rate, loss, accuracy, !double.IsFinite(loss)));
            }
            catch (TrainingDivergedException)
            {
                tried.Add(new TriedRate(rate, double.NaN, double.NaN, Diverged: true));
            }
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
    /// <param name="progress">Told each pass.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Passes of the last run, loss and accuracy after it, and how many weights were stopped at zero.</returns>
    /// <exception cref="TrainingDivergedException">It diverged.</exception>
    public (int Epochs, double Loss, double Accuracy, long Stopped) Run(
        Module network, NetworkWeights start, TrainingTask task, Potential potential, double rate, RandomSource random, IProgress<EpochRecord>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(task);
        for (int epochs = Epochs; ; epochs += Epochs)
        {
            start.CopyTo(network);
            NetworkTrainer trainer = new(network, task, Settings(potential, rate, epochs), random);
            trainer.Run(null, progress, cancellation);
            (double loss, double accuracy) = task.Evaluate();
            if (!task.HasClasses || accuracy >= TargetAccuracy || epochs + Epochs > LongestEpochs)
            {
                return (epochs, loss, accuracy, trainer.Stopped);
            }
        }
    }

    private TrainingSettings Settings(Potential potential, double rate, int epochs) =>
        new() { Potential = potential, LearningRate = rate, Epochs = epochs, BatchSize = BatchSize, Descent = Descent };
}
