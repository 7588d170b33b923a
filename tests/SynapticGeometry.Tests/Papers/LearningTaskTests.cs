using SynapticGeometry.Papers;
using SynapticGeometry.Papers.Kreutzer2022;
using Xunit;

namespace SynapticGeometry.Tests.Papers;

/// <summary>The learning task of Figs 3, 9 and 12, and the times read off its curves.</summary>
public sealed class LearningTaskTests
{
    private static readonly TunedRates Tuned = Parameters.Learning.Table1[1];

    [Fact]
    public void With_a_hundred_synapses_it_is_the_papers()
    {
        LearningTask task = new(100, Tuned);

        Assert.Equal(new UniformWeights(-0.01, 0.01), task.Ensemble(LearningRule.Natural, 3).InitialWeights);
        Assert.Equal(6e-4 / 0.3, task.Ensemble(LearningRule.Natural, 3).Rule.LearningRate, 1e-15);
        Assert.Equal(4.5e-7 / 0.3, task.Ensemble(LearningRule.Euclidean, 3).Rule.LearningRate, 1e-18);
        Assert.Equal(4.5e-4 * 2 / 0.3, task.Ensemble(LearningRule.Approximate, 3, factor: 2).Rule.LearningRate, 1e-15);
        Assert.Equal(4000, task.Study(task.Ensemble(LearningRule.Natural, 3), 4000).Duration);
    }

    [Fact]
    public void With_fewer_synapses_potentials_spread_as_much_and_learning_is_as_much_sooner()
    {
        LearningTask large = new(100, Tuned), small = new(10, Tuned);

        // The variance of a weight is a third of the bound squared, and that of the potential's mean its sum over synapses times r².
        Assert.Equal(100 * large.WeightBound * large.WeightBound, 10 * small.WeightBound * small.WeightBound, 1e-15);
        Assert.Equal(10 * large.Ensemble(LearningRule.Natural, 1).Rule.LearningRate, small.Ensemble(LearningRule.Natural, 1).Rule.LearningRate, 1e-15);
        Assert.Equal(400, small.Study(small.Ensemble(LearningRule.Natural, 1), 4000).Duration);
    }

    [Fact]
    public void A_trial_counts_as_arrived_from_its_first_time_at_the_target_on()
    {
        static LearningCost[] At(params double[] divergences) => [.. divergences.Select(d => new LearningCost(d, 1))];
        LearningCurve curve = new(1, [0, 10, 20, 30], [At(1, 1, 1, 1), At(1e-5, 1, 1, 1), At(1, 5e-5, 1e-5, 1), At(1, 1, 1, 1)]);

        Assert.Equal([0, 0.25, 0.75, 0.75], LearningTask.Reached(curve));
    }

    [Fact]
    public void Times_lie_between_the_rows_where_the_curve_crosses()
    {
        FigureTable curve = Curve([5e-3, 5e-4, 5e-6], [0, 0.25, 0.75]);

        // Half way in the logarithm, and half way from a quarter to three quarters; 0.375 and 0.625 are a quarter of the way from each.
        Assert.Equal(15, LearningTask.TimeToTarget(curve), 1e-12);
        Assert.Equal((15, 2.5), LearningTask.MedianTime(curve));
    }

    [Fact]
    public void What_is_never_reached_takes_for_ever()
    {
        FigureTable curve = Curve([5e-3, 5e-4, 6e-5], [0, 0.25, 0.49]);

        Assert.Equal(double.PositiveInfinity, LearningTask.TimeToTarget(curve));
        Assert.Equal(double.PositiveInfinity, LearningTask.MedianTime(curve).Time);
    }

    private static FigureTable Curve(double[] divergence, double[] reached) => new(
        "curve", new("time", "s", [0, 10, 20]), new("divergence", "nats", divergence), new("reached", "1", reached), new("trials", "1", [16, 16, 16]));
}
