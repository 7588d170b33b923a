using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>A learning rate that was tried.</summary>
/// <param name="Rate">η.</param>
/// <param name="Epochs">Epochs of the schedule.</param>
/// <param name="Loss">Mean squared error in the last epoch that had one.</param>
/// <param name="DivergedAt">The epoch in which the loss, or a weight, left its bounds, from 1; 0 where it did not.</param>
public sealed record RegressionTrial(double Rate, int Epochs, double Loss, int DivergedAt);

/// <summary>The learning rate and length found for a potential.</summary>
/// <param name="Potential">Φ.</param>
/// <param name="Rate">η at the beginning of the cosine schedule.</param>
/// <param name="Epochs">Length of the schedule, in epochs.</param>
/// <param name="Loss">Mean squared error that they reached on the data of the search.</param>
/// <param name="Trials">All rates that were tried, at every length.</param>
public sealed record RegressionSchedule(Potential Potential, double Rate, int Epochs, double Loss, IReadOnlyList<RegressionTrial> Trials);

/// <summary>What learning under a potential did to the weights.</summary>
/// <param name="Potential">Φ.</param>
/// <param name="Loss">Mean squared error in the last epoch, before its step.</param>
/// <param name="DeltaCdf">Delta-CDF of the dual change, not centred, as published.</param>
/// <param name="CentredDeltaCdf">Delta-CDF of the dual change, centred.</param>
/// <param name="Magnitude">‖∇Φ(w after) − ∇Φ(w before)‖ / ‖∇Φ(w before)‖.</param>
public sealed record RegressionOutcome(Potential Potential, double Loss, double DeltaCdf, double CentredDeltaCdf, double Magnitude)
{
    /// <summary>The D weights before learning.</summary>
    public ReadOnlyMemory<double> InitialWeights { get; init; }

    /// <summary>The D weights after it.</summary>
    public ReadOnlyMemory<double> Weights { get; init; }
}

/// <summary>How far a linear regression is.</summary>
/// <param name="Epoch">Epochs done, of this length.</param>
/// <param name="Epochs">Epochs of this length.</param>
/// <param name="LeastLoss">The least mean squared error of those that learn, one for each potential and rate.</param>
/// <param name="GreatestLoss">The greatest.</param>
/// <param name="Done">The share that is done, 0 to 1.</param>
public readonly record struct RegressionProgress(int Epoch, int Epochs, double LeastLoss, double GreatestLoss, double Done);

/// <summary>
/// Learns a linear regression by mirror descent under several potentials and asks how Gaussian the dual change is under each: the published
/// test of the theory where it is exact in the limit.
/// </summary>
/// <remarks>
/// <para>
/// Full-batch mean squared error with momentum and a cosine schedule. The rate is the one with the smallest loss on a data set of its own; where
/// that loss is not good enough, all rates are tried again from the start with a schedule 100 epochs longer, up to a longest. Rate and length found
/// then hold for every other data set. All rates and potentials are columns of one product, so that the data are read once an epoch.
/// </para>
/// <para>
/// Inputs and products are in single precision, weights, momentum and dual changes in double. A rate whose loss exceeds 1e6, or whose
/// step leaves the range of numbers, has diverged and is not chosen. Source: Pogodin et al. 2024, section 4 and Appendix.
/// </para>
/// </remarks>
public sealed record LinearRegressionStudy
{
    /// <summary>The task.</summary>
    public required LinearRegressionTask Task { get; init; }

    /// <summary>The potentials to learn under.</summary>
    public IReadOnlyList<Potential> Potentials { get; init; } = [new NegativeEntropy(), new PNorm(2), new PNorm(3)];

    /// <summary>The initial weights; null for normal ones with standard deviation 1/√D.</summary>
    public WeightLaw? InitialWeights { get; init; }

    /// <summary>Rates to choose from, ascending; 16 from 1e-7 to 1e-1 in equal ratios unless given.</summary>
    public IReadOnlyList<double> Rates { get; init; } = [.. Enumerable.Range(0, 16).Select(k => Math.Pow(10, -7 + (0.4 * k)))];

    /// <summary>Momentum.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Epochs of the shortest schedule, and how many a longer one has more.</summary>
    public int Epochs { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Epochs), $"The schedule has {value} epochs; at least 1 is needed."); } = 100;

    /// <summary>Epochs of the longest schedule.</summary>
    public int LongestEpochs { get; init; } = 500;

    /// <summary>The loss below which a schedule is long enough.</summary>
    public double GoodLoss { get; init; } = 1e-3;

    /// <summary>Finds rate and length for each potential.</summary>
    /// <param name="random">The stream of the search's own data and weights.</param>
    /// <param name="progress">Told each epoch, and the share that is done, were every length needed; null for none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>One schedule a potential, in their order.</returns>
    /// <exception cref="InvalidOperationException">Every rate diverged for a potential.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RegressionSchedule[] FindRates(RandomSource random, IProgress<RegressionProgress>? progress = null, CancellationToken cancellation = default)
    {
        (LinearRegressionData data, double[] initial) = Begin(random, cancellation);
        List<RegressionTrial>[] trials = [.. Potentials.Select(_ => new List<RegressionTrial>())];
        RegressionSchedule?[] found = new RegressionSchedule?[Potentials.Count];
        for (int epochs = Epochs; epochs <= Math.Max(Epochs, LongestEpochs) && found.Any(f => !(f?.Loss < GoodLoss)); epochs += Epochs)
        {
            int[] open = [.. Enumerable.Range(0, found.Length).Where(k => !(found[k]?.Loss < GoodLoss))];
            RegressionColumn[][] columns = [.. open.Select(k => Rates.Select(rate => new RegressionColumn(Potentials[k], rate, epochs, Momentum, initial)).ToArray())];
            double before = Share(epochs - Epochs), now = Share(epochs);
            RegressionBatch.Train(data, [.. columns.SelectMany(c => c)], progress is null ? null : p => progress.Report(p with { Done = before + (p.Done * (now - before)) }), cancellation);
            for (int k = 0; k < open.Length; k++)
            {
                trials[open[k]].AddRange(columns[k].Select(c => new RegressionTrial(c.Rate, epochs, c.Loss, c.DivergedAt)));
                found[open[k]] = Best(Potentials[open[k]], epochs, columns[k], trials[open[k]]);
            }
        }

        return found!;

        double Share(int epochs) => Math.Min(1, (double)epochs * (epochs + Epochs) / LongestEpochs / (LongestEpochs + Epochs));
    }

    /// <summary>Learns from one data set under every potential.</summary>
    /// <param name="random">The stream of this data set and its initial weights.</param>
    /// <param name="schedules">One a potential, in their order.</param>
    /// <param name="progress">Told each epoch; null for none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>One outcome a potential, in their order; null where the loss diverged.</returns>
    /// <exception cref="ArgumentException">There are not as many schedules as potentials.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RegressionOutcome?[] Train(
        RandomSource random, IReadOnlyList<RegressionSchedule> schedules, IProgress<RegressionProgress>? progress = null, CancellationToken cancellation = default) =>
        Train(random, schedules, out _, progress, cancellation);

    /// <summary>Learns from one data set under every potential, and says where it diverged.</summary>
    /// <param name="random">The stream of this data set and its initial weights.</param>
    /// <param name="schedules">One a potential, in their order.</param>
    /// <param name="divergedAt">The epoch in which the loss, or a weight, left its bounds, from 1; 0 where it did not.</param>
    /// <param name="progress">Told each epoch; null for none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>One outcome a potential, in their order; null where the loss diverged.</returns>
    /// <exception cref="ArgumentException">There are not as many schedules as potentials.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RegressionOutcome?[] Train(
        RandomSource random, IReadOnlyList<RegressionSchedule> schedules, out IReadOnlyList<int> divergedAt, IProgress<RegressionProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(schedules);
        Elementwise.MustMatch(schedules.Count, Potentials.Count, "list of schedules", "list of potentials");
        (LinearRegressionData data, double[] initial) = Begin(random, cancellation);
        RegressionColumn[] columns = [.. schedules.Select((s, k) => new RegressionColumn(Potentials[k], s.Rate, s.Epochs, Momentum, initial))];
        RegressionBatch.Train(data, columns, progress is null ? null : progress.Report, cancellation);
        divergedAt = [.. columns.Select(c => c.DivergedAt)];
        return [.. columns.Select((c, k) => c.DivergedAt > 0 ? null : Outcome(Potentials[k], initial, c))];
    }

    private (LinearRegressionData Data, double[] Initial) Begin(RandomSource random, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(random);
        double[] initial = new double[Task.Weights];
        (InitialWeights ?? new NormalWeights(1 / Math.Sqrt(Task.Weights))).Draw(random.Fork("weights"), initial);
        return (Task.Draw(random.Fork("data"), cancellation), initial);
    }

    private static RegressionSchedule Best(Potential potential, int epochs, RegressionColumn[] columns, List<RegressionTrial> trials)
    {
        RegressionColumn best = columns.Where(c => c.DivergedAt == 0).MinBy(c => c.Loss)
            ?? throw new InvalidOperationException(FormattableString.Invariant(
                $"Every learning rate diverged under {potential}: {string.Join("; ", columns.Select(c => FormattableString.Invariant($"{c.Rate:G3} in pass {c.DivergedAt}")))} of {epochs}. Smaller ones are needed."));
        return new RegressionSchedule(potential, best.Rate, epochs, best.Loss, trials);
    }

    private static RegressionOutcome Outcome(Potential potential, double[] initial, RegressionColumn column)
    {
        double[] before = new double[initial.Length], change = new double[initial.Length];
        potential.ToDual<double>(initial, before);
        potential.ToDual<double>(column.Weights, change);
        TensorPrimitives.Subtract<double>(change, before, change);
        return new RegressionOutcome(
            potential, column.Loss, DeltaCdf.Statistic(change), DeltaCdf.Statistic(change, centred: true), TensorPrimitives.Norm<double>(change) / TensorPrimitives.Norm<double>(before))
        {
            InitialWeights = initial,
            Weights = column.Weights,
        };
    }
}
