using Xunit;

namespace SynapticGeometry.Tests.Learning;

public sealed class LearningRateSearchTests
{
    private static LearningRateSearch Search(
        double start, TuningCriterion criterion = TuningCriterion.Fastest, int evaluations = 8, double target = 3, TransferFunction? transfer = null, EnsembleEngine engine = EnsembleEngine.Automatic)
    {
        PoissonNeuron neuron = new(transfer ?? new SigmoidTransfer(), new SynapticKernel());
        PoissonInput input = PoissonInput.Groups((10, 50));
        SpikingEnsemble ensemble = new()
        {
            Neuron = neuron,
            Input = input,
            Rule = new GradientPlasticity(new FisherGeometry(neuron, input)) { LearningRate = 0 },
            InitialWeights = new UniformWeights(-0.05, 0.05),
            TargetWeights = new UniformWeights(-0.05, 0.05),
            Trials = 8,
            Stepping = TraceStepping.ForwardEuler,
            Engine = engine,
        };
        return new LearningRateSearch
        {
            Study = eta => new LearningStudy { Ensemble = ensemble with { Rule = ensemble.Rule with { LearningRate = eta } }, Duration = 60, RecordInterval = 1, CostSamples = 25 },
            Start = start,
            Criterion = criterion,
            Evaluations = evaluations,
            Target = target,
        };
    }

    [Theory]
    [InlineData(1e-4)]
    [InlineData(0.01)]
    [InlineData(1.5)]
    public void The_best_rate_is_near_that_of_a_fine_grid_wherever_the_search_begins(double start)
    {
        LearningRateSearch search = Search(start, evaluations: 10);
        LearningRateResult result = search.Run(new RandomSource(2), cancellation: TestContext.Current.CancellationToken);

        // The second way: every rate of a grid, run to the end.
        (double Rate, double Time)[] grid =
        [
            .. Enumerable.Range(0, 11).Select(k => 0.03 * Math.Pow(1.2, k)).Select(rate => (rate, Time(search.Study(rate)))),
        ];
        double least = grid.Min(g => g.Time);
        Assert.True(result.Reached);
        Assert.InRange(result.Best.Time!.Value, 0, 1.25 * least);
        Assert.Equal(10, result.Tried.Count);
        Assert.NotNull(result.CheckTime(3));

        static double Time(LearningStudy study)
        {
            try
            {
                return study.Run(new RandomSource(2).Fork("search"), cancellation: TestContext.Current.CancellationToken).Curve.TimeToRateError(3) ?? double.PositiveInfinity;
            }
            catch (ArithmeticException)
            {
                return double.PositiveInfinity;
            }
        }
    }

    [Fact]
    public void The_residual_criterion_takes_the_largest_rate_whose_error_stays_below_the_target()
    {
        LearningRateResult residual = Search(0.01, TuningCriterion.Residual, 10).Run(new RandomSource(2), cancellation: TestContext.Current.CancellationToken);

        Assert.True(residual.Reached);
        Assert.InRange(residual.Best.Residual, 2.7, 3);
        Assert.All(residual.Tried.Where(t => t.LearningRate > residual.Best.LearningRate), t => Assert.True(t.Diverged || t.Residual > 3));
        Assert.Contains(residual.Tried, t => t.LearningRate > residual.Best.LearningRate && t.LearningRate < 2 * residual.Best.LearningRate);
    }

    /// <summary>Without a highest rate a neuron meets the end of the time step before its weights diverge.</summary>
    [Theory]
    [InlineData(EnsembleEngine.Automatic)]
    [InlineData(EnsembleEngine.Dense)]
    public void A_rate_that_drives_the_neuron_beyond_the_time_step_is_one_at_which_learning_diverges(EnsembleEngine engine)
    {
        LearningRateResult result = Search(30, evaluations: 9, transfer: new SoftplusTransfer(), engine: engine).Run(new RandomSource(2), cancellation: TestContext.Current.CancellationToken);

        Assert.True(result.Tried[0].Diverged);
        Assert.False(result.Best.Diverged);
        Assert.NotNull(result.Check);
        Assert.All(result.Tried, t => Assert.Equal(t.Diverged, double.IsNaN(t.Residual)));

        // It is too fast from the beginning, and so at every rate; its teacher is not.
        LearningRateSearch slow = Search(0.01, evaluations: 3, transfer: new SoftplusTransfer(100, 1, -20), engine: engine);
        LearningRateSearch impossible = slow with { Study = eta => slow.Study(eta) with { Ensemble = slow.Study(eta).Ensemble with { TargetWeights = null, Teacher = new ConstantRate(20) } } };
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => impossible.Run(new RandomSource(2), cancellation: TestContext.Current.CancellationToken)).Message;
        Assert.Contains("The time step of 0.0005 s is too long for the neuron", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_out_of_reach_is_said_and_the_closest_rate_kept()
    {
        LearningRateResult result = Search(0.01, target: 0.001, evaluations: 4).Run(new RandomSource(2), cancellation: TestContext.Current.CancellationToken);

        Assert.False(result.Reached);
        Assert.Null(result.Best.Time);
        Assert.Equal(result.Tried.Where(t => !t.Diverged).Min(t => t.Residual), result.Best.Residual);
        Assert.Null(result.CheckTime(0.001));
    }

    [Fact]
    public void The_outcome_does_not_depend_on_threads()
    {
        LearningRateResult one = Search(0.01, evaluations: 3).Run(new RandomSource(5), 1, cancellation: TestContext.Current.CancellationToken), two = Search(0.01, evaluations: 3).Run(new RandomSource(5), 2, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(one.Tried, two.Tried);
        Assert.Equal(one.Check!.Costs.SelectMany(c => c), two.Check!.Costs.SelectMany(c => c));
    }

    [Fact]
    public void Rates_at_which_weights_diverge_lose()
    {
        LearningRateResult result = Search(1e6, evaluations: 3).Run(new RandomSource(5), 1, cancellation: TestContext.Current.CancellationToken);

        Assert.All(result.Tried, t => Assert.True(t.Diverged));
        Assert.Equal(result.Tried.Min(t => t.LearningRate), result.Best.LearningRate);
        Assert.False(result.Reached);
        Assert.Null(result.Check);
    }

    [Fact]
    public void A_rate_whose_check_diverges_makes_room_for_a_smaller_one()
    {
        LearningRateSearch search = Search(0.03, evaluations: 4);
        LearningRateResult plain = search.Run(new RandomSource(5), cancellation: TestContext.Current.CancellationToken);
        int calls = 0;
        LearningRateResult result = (search with { Study = eta => search.Study(++calls == 5 ? 1e6 : eta) }).Run(new RandomSource(5), cancellation: TestContext.Current.CancellationToken);

        Assert.True(result.Best.LearningRate < plain.Best.LearningRate);
        Assert.All(result.Tried.Where(t => t.LearningRate >= plain.Best.LearningRate), t => Assert.True(t.Diverged));
        Assert.NotNull(result.Check);
    }
}
