using SynapticGeometry.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>How a network is trained.</summary>
public sealed record TrainingSettings
{
    /// <summary>Φ of the weights.</summary>
    public required Potential Potential { get; init; }

    /// <summary>η at the first step; it falls to 0 along a cosine. Positive.</summary>
    public required double LearningRate { get; init => field = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(LearningRate), $"The learning rate is {value}; it must be positive and finite."); }

    /// <summary>Passes over the items, at least 1.</summary>
    public required int Epochs { get; init; }

    /// <summary>Items in a batch, at least 1.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Momentum, decay and signs.</summary>
    public MirrorDescentOptions Descent { get; init; } = new() { Momentum = 0.9 };
}

/// <summary>One pass over the items.</summary>
/// <param name="Loss">Mean loss while learning.</param>
/// <param name="Accuracy">Share told right while learning; NaN without classes.</param>
public readonly record struct EpochRecord(double Loss, double Accuracy);

/// <summary>
/// Learning left the range of numbers, or the loss exceeded <see cref="NetworkTrainer.MostLoss"/>: the learning rate is too high. The network
/// is as it was after its last good pass.
/// </summary>
public sealed class TrainingDivergedException : ArithmeticException
{
    /// <summary>The pass, from 1; 0 where it is not known.</summary>
    public int Pass { get; init; }

    /// <summary>The batch of the pass, from 1; 0 where it is not known.</summary>
    public int Batch { get; init; }

    /// <summary>The file that keeps the state after the last good pass; null where there is none.</summary>
    public string? StateFile { get; init; }

    /// <summary>An error without a reason.</summary>
    public TrainingDivergedException()
    {
    }

    /// <summary>An error with its reason.</summary>
    public TrainingDivergedException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its reason and what caused it.</summary>
    public TrainingDivergedException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>Trains a network by mirror descent.</summary>
/// <remarks>
/// One run computes on one thread, so that its numbers do not depend on how many runs go side by side. Source: Pogodin et al. 2024,
/// Appendix (protocols).
/// </remarks>
public sealed class NetworkTrainer
{
    /// <summary>The largest loss that is no divergence, as in the linear regression: a network that learns nothing has ln(classes).</summary>
    public const double MostLoss = 1e6;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly Module network;
    private readonly TrainingTask task;
    private readonly TrainingSettings settings;
    private readonly RandomSource random;
    private readonly MirrorDescentOptimizer optimizer;
    private readonly List<EpochRecord> epochs = [];

    /// <summary>A run that has not begun.</summary>
    /// <param name="network">The network, trained in place.</param>
    /// <param name="task">What for.</param>
    /// <param name="settings">How.</param>
    /// <param name="random">The stream of the order of items and of views; forked, never drawn from.</param>
    public NetworkTrainer(Module network, TrainingTask task, TrainingSettings settings, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.BatchSize, 1);
        (this.network, this.task, this.settings, this.random) = (network, task, settings, random);
        optimizer = new MirrorDescentOptimizer(network.named_parameters(), MirrorDescentOptimizer.ForWeights(settings.Potential), settings.Descent);
    }

    /// <summary>The passes done.</summary>
    public IReadOnlyList<EpochRecord> Epochs => epochs;

    /// <summary>Number of weights stopped at zero to keep their signs, over all steps.</summary>
    public long Stopped { get; private set; }

    /// <summary>Mean loss over all items at the end, and the share told right (NaN without classes), without learning; null before the end.</summary>
    public (double Loss, double Accuracy)? End { get; private set; }

    /// <summary>Trains to the end, from where it is.</summary>
    /// <param name="stateFile">A file that keeps the state, written every half minute after a pass, and that after the last whole pass when cancelled or diverged; read at the start where it exists; null for none.</param>
    /// <param name="progress">Told each pass that is done.</param>
    /// <param name="cancellation">Stops after the batch at work.</param>
    /// <exception cref="TrainingDivergedException">The loss is no number or above <see cref="MostLoss"/>, also after the last step, a gradient is no number, or a weight leaves the range of numbers.</exception>
    /// <exception cref="DataFileException">The state's file is damaged or belongs to another run.</exception>
    public void Run(string? stateFile = null, IProgress<EpochRecord>? progress = null, CancellationToken cancellation = default)
    {
        torch.set_num_threads(1);
        if (stateFile is not null && File.Exists(stateFile))
        {
            Stopped = TrainingState.Read(stateFile, network, optimizer, epochs);
        }

        long saved = Environment.TickCount64;
        try
        {
            while (epochs.Count < settings.Epochs)
            {
                EpochRecord record = Epoch(cancellation);
                epochs.Add(record);
                progress?.Report(record);
                if (stateFile is not null && Environment.TickCount64 - saved > Interval.TotalMilliseconds)
                {
                    TrainingState.Write(stateFile, network, optimizer, epochs, Stopped);
                    saved = Environment.TickCount64;
                }
            }

            // A state may be that of the end.
            End ??= task.Evaluate();
        }
        catch (OperationCanceledException) when (stateFile is not null && epochs.Count > 0)
        {
            TrainingState.Write(stateFile, network, optimizer, epochs, Stopped);
            throw;
        }
        catch (TrainingDivergedException problem) when (stateFile is not null && epochs.Count > 0)
        {
            TrainingState.Write(stateFile, network, optimizer, epochs, Stopped);
            throw new TrainingDivergedException(problem.Message, problem.InnerException) { Pass = problem.Pass, Batch = problem.Batch, StateFile = stateFile };
        }
    }

    private EpochRecord Epoch(CancellationToken cancellation)
    {
        int[] order = [.. Enumerable.Range(0, task.Count)];
        random.Fork("order", (ulong)epochs.Count).Shuffle<int>(order);
        List<Range> batches = Batches();
        RandomSource views = random.Fork("views", (ulong)epochs.Count);

        // Half a pass cannot be gone on from: whatever breaks it off, all is as it was before it.
        using Before before = new(this);
        (double loss, long correct) = (0, 0);
        network.train();
        for (int b = 0; b < batches.Count; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<int> items = order.AsSpan(batches[b]);
            try
            {
                (double value, int right) = Step(items, views.Fork("batch", (ulong)b), ((long)epochs.Count * batches.Count) + b, (long)settings.Epochs * batches.Count);
                loss += value * items.Length;
                correct += right;
                if (b == batches.Count - 1 && epochs.Count == settings.Epochs - 1)
                {
                    // No batch follows the last step to show what it did.
                    (double Loss, double Accuracy) end = task.Evaluate();
                    MustBeBounded(end.Loss, " after the last step");
                    End = end;
                }
            }
            catch (ArithmeticException problem)
            {
                throw new TrainingDivergedException($"Learning under {settings.Potential} at a rate of {settings.LearningRate:g4} diverged in batch {b + 1} of {batches.Count} of pass {epochs.Count + 1} (seed {random.Seed}): {problem.Message}", problem)
                {
                    Pass = epochs.Count + 1,
                    Batch = b + 1,
                };
            }
        }

        before.Keep();
        return new EpochRecord(loss / task.Count, task.HasClasses ? (double)correct / task.Count : double.NaN);
    }

    private static void MustBeBounded(double loss, string when)
    {
        if (!(loss <= MostLoss))
        {
            throw new ArithmeticException(double.IsFinite(loss) ? FormattableString.Invariant($"the loss{when} is {loss:g4}, above {MostLoss:g4}.") : FormattableString.Invariant($"the loss{when} is {loss}."));
        }
    }

    private (double Loss, int Correct) Step(ReadOnlySpan<int> items, RandomSource views, long step, long steps)
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.ZeroGradients();
        BatchLoss batch = task.Loss(items, views);
        double loss = batch.Loss.item<float>();
        MustBeBounded(loss, string.Empty);
        batch.Loss.backward();
        try
        {
            Stopped += optimizer.Step(LearningRateSchedules.Cosine(settings.LearningRate, step, steps));
        }
        catch (ArgumentOutOfRangeException problem)
        {
            throw new ArithmeticException(DataFileException.Words(problem), problem);
        }

        return (loss, batch.Correct);
    }

    // A last batch of one image would have no variance to normalise by: it joins the one before.
    private List<Range> Batches()
    {
        List<Range> batches = [];
        for (int start = 0; start < task.Count; start += settings.BatchSize)
        {
            int end = Math.Min(start + settings.BatchSize, task.Count);
            if (end - start == 1 && batches.Count > 0)
            {
                batches[^1] = batches[^1].Start..end;
            }
            else
            {
                batches.Add(start..end);
            }
        }

        return batches;
    }

    // Everything that a pass changes; put back unless the pass is kept.
    private sealed class Before(NetworkTrainer trainer) : IDisposable
    {
        private readonly NetworkWeights weights = NetworkWeights.Of(trainer.network);
        private readonly Action optimizer = trainer.optimizer.Remember();
        private readonly long stopped = trainer.Stopped;
        private readonly ulong noise = (trainer.network as Network)?.Noise?.Position ?? 0;
        private bool kept;

        public void Keep() => kept = true;

        public void Dispose()
        {
            if (!kept)
            {
                weights.CopyTo(trainer.network);
                optimizer();
                trainer.Stopped = stopped;
                if ((trainer.network as Network)?.Noise is { } draws)
                {
                    draws.Position = noise;
                }
            }

            weights.Dispose();
        }
    }
}
