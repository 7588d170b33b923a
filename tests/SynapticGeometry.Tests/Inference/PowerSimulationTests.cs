using Xunit;

namespace SynapticGeometry.Tests.Inference;

public sealed class PowerSimulationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // 300 data sets: the Monte-Carlo standard error at 0.9 is 0.017; 0.03 more is allowed for what the closed form leaves out. Three standard errors: a false alarm in 400 runs of
    // another seed; the seed is fixed.
    [Theory]
    [InlineData(0.5, 0.1, 0, 0, 3)]
    [InlineData(0.83, 0.2, 0.1, 0, 3)]
    [InlineData(0.83, 0.1, 0.1, 1, 3)]
    [InlineData(0.5, 0.1, 0, 0, 6)]
    public void The_number_that_the_formula_plans_has_the_wanted_power(double spread, double change, double error, double truth, double kurtosis)
    {
        var plan = new PowerFormula { SizeSpread = spread, Change = change, Error = error, Truth = truth, Kurtosis = kurtosis };
        var simulation = new PowerSimulation { Experiment = plan, DataSets = 300 };

        PowerEstimate at = simulation.Run((int)Math.Round(plan.PlannedSynapses), Cancellation);
        Assert.InRange(at.Power, 0.9 - 0.08, 0.9 + 0.08);
        Assert.Equal(0, at.Failures);

        // The spread of the estimates is what the formula says, within the 4 % a sample of 300 knows it by and 10 % of approximation.
        Assert.InRange(at.ExponentDeviation / plan.StandardErrorAt(plan.Synapses), 0.8, 1.2);

        // A control: a quarter of that has nowhere near the power.
        Assert.True(simulation.Run(Math.Max(12, (int)(plan.PlannedSynapses / 4)), Cancellation).Power < 0.75);
    }

    [Fact]
    public void The_truth_is_rejected_about_as_often_as_the_level_says()
    {
        // Binomial standard error 0.013 over 300 data sets; robust intervals of a few hundred synapses are known to be a little short (0.06).
        var simulation = new PowerSimulation { Experiment = new PowerFormula { Change = 0.1, Error = 0.1 }, DataSets = 300 };

        Assert.InRange(simulation.Run(300, Cancellation).FalseAlarmRate, 0.02, 0.10);
    }

    [Fact]
    public void Power_rises_with_synapses_and_falls_with_error()
    {
        var simulation = new PowerSimulation { Experiment = new PowerFormula(), DataSets = 100 };

        double[] byCount = [.. new[] { 40, 80, 160 }.Select(n => simulation.Run(n, Cancellation).Power)];
        Assert.Equal(byCount.Order(), byCount);
        Assert.True(byCount[2] > byCount[0] + 0.2);
        double[] byError = [.. new[] { 0.2, 0.1, 0.05 }.Select(e => (simulation with { Error = new MeasurementError(e) }).Run(80, Cancellation).Power)];
        Assert.Equal(byError.Order(), byError);
        Assert.True(byError[2] > byError[0] + 0.2);
    }

    [Fact]
    public void Results_do_not_depend_on_threads_but_on_the_seed()
    {
        PowerSimulation simulation = new() { Experiment = new PowerFormula(), DataSets = 20, SynapsesPerGroup = 7, GroupShift = 0.3, ExponentSpread = 0.2 };

        PowerEstimate one = (simulation with { Threads = 1 }).Run(60, Cancellation);
        Assert.Equal(one, (simulation with { Threads = 3 }).Run(60, Cancellation));
        Assert.NotEqual(one, (simulation with { Seed = 2 }).Run(60, Cancellation));
    }

    [Fact]
    public void Exponents_that_differ_between_groups_cost_power()
    {
        PowerSimulation simulation = new() { Experiment = new PowerFormula(), DataSets = 100, SynapsesPerGroup = 20 };

        double alike = simulation.Run(160, Cancellation).ExponentDeviation;
        Assert.True((simulation with { ExponentSpread = 0.6 }).Run(160, Cancellation).ExponentDeviation > 1.3 * alike);
        Assert.Throws<ArgumentException>(() => (simulation with { SynapsesPerGroup = 0, ExponentSpread = 0.6 }).Run(160, Cancellation));
    }

    [Fact]
    public void The_search_finds_about_what_the_formula_plans()
    {
        var plan = new PowerFormula();
        var visited = new List<PowerEstimate>();

        int? found = new PowerSimulation { Experiment = plan, DataSets = 200 }.FindSynapses(visited, Cancellation);

        // ± 0.02 in power is about ± 6 % in n.
        Assert.InRange(found!.Value, 0.8 * plan.PlannedSynapses, 1.25 * plan.PlannedSynapses);
        Assert.True(visited.Count >= 2);
    }

    [Fact]
    public void Detection_limits_go_through_the_latent_size_model()
    {
        var simulation = new PowerSimulation { Experiment = new PowerFormula { Alternative = 1 }, DataSets = 4, DetectionLimit = 0.4 };

        PowerEstimate at = simulation.Run(60, Cancellation);

        // Of sixty synapses, half of them near the limit, a data set may say nothing.
        Assert.InRange(at.Failures, 0, 1);
        Assert.InRange(at.MeanExponent, -0.5, 0.5);
        Assert.Throws<UninformativeDataException>(() => Flat(() => (simulation with { DetectionLimit = 1e6 }).Run(60, Cancellation)));
    }

    [Fact]
    public void A_pilot_gives_back_the_spread_change_and_error_it_was_made_with()
    {
        (PowerPilot pilot, _) = Pilot(4000, 0.8, 0.2, 0.15);

        // 4000 synapses know a standard deviation to about 1 %, that of the change, of which error is half, to about 4 %.
        Assert.Equal(0.8, pilot.SizeSpread, 0.03);
        Assert.Equal(0.2, pilot.Change, 0.03);
        Assert.Equal(0.5, pilot.Exponent, 0.2);
        Assert.Equal(3, pilot.Kurtosis, 0.5);
        Assert.False(pilot.ErrorExceedsChange);
        Assert.Equal(pilot.SizeSpread, Deviation(pilot.TrueLogSizes), 1e-9);

        // A control: without the error everything looks larger.
        (PowerPilot blind, _) = Pilot(4000, 0.8, 0.2, 0.15, told: 0);
        Assert.True(blind.Change > 0.25 && blind.Exponent < 0.35);
    }

    [Fact]
    public void Pilots_that_cannot_plan_are_refused_with_the_reason()
    {
        Assert.Contains("single synapse", Refusal(i => $"g{i}", 0.1), StringComparison.Ordinal);
        Assert.Contains("one group", Refusal(_ => "g", 0.1), StringComparison.Ordinal);
        Assert.Contains("true spread cannot be told", Refusal(null, 2), StringComparison.Ordinal);
        Assert.True(Pilot(200, 0.8, 0.01, 0.2, told: 0.25).Pilot.ErrorExceedsChange);

        static string Refusal(Func<int, string>? group, double told) =>
            Assert.Throws<UninformativeDataException>(() => Pilot(50, 0.8, 0.2, 0.1, told, group)).Message;
    }

    [Fact]
    public void Whole_groups_of_the_pilot_are_simulated()
    {
        (PowerPilot pilot, PowerFormula plan) = Pilot(120, 0.8, 0.2, 0.1, group: i => $"dendrite{i % 12}");

        PowerEstimate at = new PowerSimulation { Experiment = plan, Pilot = pilot, DataSets = 50 }.Run(120, Cancellation);

        Assert.Equal(0, at.Failures);
        Assert.Equal(plan.StandardErrorAt(plan.EffectiveSynapses(120)), at.ExponentDeviation, 0.08);
    }

    private static (PowerPilot Pilot, PowerFormula Plan) Pilot(int count, double spread, double change, double error, double? told = null, Func<int, string>? group = null)
    {
        (double[] before, double[] after, _) = new SimulatedSynapses { Count = count, Exponent = 0.5, SizeSpread = spread, RelativeChange = change }.Draw(new RandomSource(5).Fork("pilot"));
        RandomSource noise = new RandomSource(5).Fork("pilot noise");
        for (int i = 0; i < count; i++)
        {
            before[i] *= Math.Exp(error * noise.NextNormal());
            after[i] *= Math.Exp(error * noise.NextNormal());
        }

        string[]? groups = group is null ? null : [.. Enumerable.Range(0, count).Select(group)];
        LongitudinalSizes sizes = LongitudinalSizes.From([before, after], new LongitudinalOptions { Groups = groups });
        PowerPilot pilot = PowerPilot.From(sizes, new MeasurementError(told ?? error), Cancellation);
        return (pilot, new PowerFormula { SizeSpread = pilot.SizeSpread, Change = pilot.Change, Error = error });
    }

    private static double Deviation(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
    }

    private static void Flat(Action action)
    {
        try
        {
            action();
        }
        catch (AggregateException e)
        {
            throw e.Flatten().InnerExceptions[0];
        }
    }
}
