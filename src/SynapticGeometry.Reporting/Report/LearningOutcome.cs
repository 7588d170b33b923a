namespace SynapticGeometry.Reporting;

/// <summary>What a learning study found, with the words that a report needs.</summary>
/// <param name="Result">The result.</param>
/// <param name="Rule">Name of the rule, such as "natural".</param>
/// <param name="Convention">How the learning rate is meant.</param>
/// <param name="LearningRate">η in that convention.</param>
/// <param name="Target">D_KL a step whose time is reported, positive.</param>
public sealed record LearningOutcome(LearningResult Result, string Rule, LearningRateConvention Convention, double LearningRate, double Target)
{
    // Of the peristimulus time histogram: Kreutzer et al. 2022, Fig. 3.
    internal const double BinWidth = 0.0125;

    private const int Repetitions = 200;

    private readonly Lazy<(IReadOnlyList<FrozenResponse> Responses, IReadOnlyList<(int Step, int Synapse)> Input)> responses = new(() => Respond(Result));

    /// <summary>One line on neuron, input and teacher.</summary>
    public required string Description { get; init; }

    /// <summary>Time that the run took, s.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Number of threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Number of trials.</summary>
    public int Trials => Result.Study.Ensemble.Trials;

    /// <summary>Number of synapses.</summary>
    public int Synapses => Result.Study.Ensemble.Input.Synapses;

    /// <summary>n · steps · trials a second of this run.</summary>
    public double UpdatesPerSecond => (double)Synapses * Result.StepsRun * Trials / WallSeconds;

    /// <summary>Time at which the mean D_KL first reached the target, s; null where it did not.</summary>
    public double? MeanTime => Result.Curve.TimeTo(Target);

    /// <summary>Time by which half of the trials had reached the target, s; null where fewer did.</summary>
    public double? MedianTrialTime
    {
        get
        {
            double[] times = [.. Result.Curve.TrialTimesTo(Target).Select(t => t ?? double.PositiveInfinity).Order()];
            int n = times.Length;
            double median = n == 0 ? double.PositiveInfinity : (times[(n - 1) / 2] + times[n / 2]) / 2;
            return double.IsFinite(median) ? median : null;
        }
    }

    /// <summary>Number of trials that reached the target.</summary>
    public int TrialsReached => Result.Curve.TrialTimesTo(Target).Count(t => t is not null);

    /// <summary>Mean D_KL and rate error (Hz) over trials at one recorded time; null where there is no curve.</summary>
    /// <param name="index">Its index; from the end where negative.</param>
    public LearningCost? Mean(int index)
    {
        IReadOnlyList<IReadOnlyList<LearningCost>> costs = Result.Curve.Costs;
        IReadOnlyList<LearningCost>? at = costs.Count == 0 ? null : costs[index < 0 ? costs.Count + index : index];
        return at is null ? null : new LearningCost(at.Average(c => c.Divergence), at.Average(c => c.RateError));
    }

    /// <summary>Weights of the first trial's teacher; null where it has none.</summary>
    public IReadOnlyList<double>? TargetWeights => (TeacherOf(0) as TargetWeights)?.Weights;

    /// <summary>
    /// The first trial's answers to the same stretch of input, which it has not learned from: before learning, after it, and the teacher's
    /// where that has weights.
    /// </summary>
    public IReadOnlyList<FrozenResponse> Responses => responses.Value.Responses;

    /// <summary>The teacher of a trial.</summary>
    /// <param name="trial">Its number.</param>
    public Teacher TeacherOf(int trial) => Result.Study.Ensemble.Trial(new RandomSource(Result.Seed), (ulong)trial).Teacher;

    private static (IReadOnlyList<FrozenResponse>, IReadOnlyList<(int, int)>) Respond(LearningResult result)
    {
        SpikingEnsemble ensemble = result.Study.Ensemble;
        RandomSource random = new(result.Seed);
        List<double[]> weights = [result.Snapshots[0][0].ToArray(), result.Snapshots[^1][0].ToArray()];
        if (ensemble.Trial(random, 0).Teacher is TargetWeights goal)
        {
            weights.Add([.. goal.Weights]);
        }

        return FrozenResponse.Simulate(ensemble.Neuron, ensemble.Input, weights, random.Fork("before and after"), repetitions: Repetitions, timeStep: ensemble.TimeStep, stepping: ensemble.Stepping);
    }
}
