using Xunit;

namespace SynapticGeometry.Tests;

public sealed class InvarianceCheckTests
{
    private static readonly PoissonInput Input = PoissonInput.Groups((5, 10), (5, 50));
    private static readonly PoissonNeuron Neuron = new(new SigmoidTransfer(), new SynapticKernel());
    private static readonly DendriticWeights Dendrite = DendriticWeights.Passive([0, 40, 90, 130, 180, 230, 290, 350, 400, 460], 200);

    private static readonly MonotoneWeights Logarithm = new("log", 10, (w, _) => Math.Exp(w), (w, _) => Math.Exp(w), (w, _) => Math.Log(w), -12, 5);

    private static InvarianceCheck Check(Func<PoissonNeuron, PlasticityRule> rule, Parametrization? second = null) => new()
    {
        Neuron = Neuron,
        Input = Input,
        Rule = rule,
        First = new SomaticWeights(),
        Second = second ?? Dendrite,
        LowestWeight = 0.2,
        Steps = 500,
    };

    private static PlasticityRule Natural(PoissonNeuron neuron) => new GradientPlasticity(new FisherGeometry(neuron, Input).In(neuron.Parametrization)) { LearningRate = 6e-4 };

    private static PlasticityRule NaturalTerms(PoissonNeuron neuron) => new ThreeTermPlasticity(new NaturalForm(new FisherGeometry(neuron, Input))) { LearningRate = 6e-4 };

    private static PlasticityRule Euclidean(PoissonNeuron neuron) => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = 4.5e-7 };

    private static InvarianceResult Run(InvarianceCheck check) => check.Run(TestContext.Current.CancellationToken);

    [Fact]
    public void The_natural_rule_passes_to_rounding_on_a_dendrite()
    {
        InvarianceResult result = Run(Check(Natural));

        Assert.Equal(InvarianceVerdict.Invariant, result.Verdict);
        Assert.True(result.Disagreement <= 1e-12, result.Reason);
        Assert.Null(result.OwnStep.Order);
        Assert.Null(result.StraightStep.Order);
        Assert.NotNull(result.SlopeExponent);
        Assert.Equal(0, result.SlopeExponent.Value, 1e-9);
        Assert.NotNull(result.Learning);
        Assert.True(result.Learning.LearnedDifference < 1e-9, $"{result.Learning}");
    }

    [Fact]
    public void The_Euclidean_rule_fails_by_exactly_the_square_of_the_slope()
    {
        InvarianceResult result = Run(Check(Euclidean));

        Assert.Equal(InvarianceVerdict.Dependent, result.Verdict);
        Assert.True(result.EuclideanDeviation < 1e-12, result.Reason);
        Assert.Equal(2, result.SlopeExponent!.Value, 1e-9);
        Assert.Equal(1, result.OwnStep.Order!.Value, 1e-6);
        Assert.True(result.Learning!.LearnedDifference > 0.1, $"{result.Learning}");

        // At 460 µm a passive amplitude arrives as exp(−2.3), its square is exp(−4.6).
        Assert.All(result.Compared.Where(s => s.Synapse == 9), s => Assert.Equal(0.010051835744633586, s.Ratio, 1e-15));
        Assert.Contains("f'^2", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_straight_step_under_a_nonlinear_map_parts_at_second_order_and_an_exact_one_does_not()
    {
        InvarianceResult exact = Run(Check(Natural, Logarithm)), straight = Run(Check(NaturalTerms, Logarithm));

        Assert.Equal(InvarianceVerdict.Invariant, exact.Verdict);
        Assert.Equal(2, exact.StraightStep.Order!.Value, 0.05);
        Assert.Equal(InvarianceVerdict.InvariantToFirstOrder, straight.Verdict);
        Assert.Equal(2, straight.OwnStep.Order!.Value, 0.05);
        Assert.True(straight.Passed);
        Assert.True(straight.Learning!.LearnedDifference > 1e-9);
    }

    [Fact]
    public void A_rule_of_ones_own_is_checked_as_well()
    {
        // Constant growth of ω: the soma sees f′, once.
        InvarianceResult result = Run(Check(_ => new Growth { LearningRate = 1e-5 }));

        Assert.Equal(InvarianceVerdict.Dependent, result.Verdict);
        Assert.Equal(1, result.SlopeExponent!.Value, 1e-9);
        Assert.Equal(0, result.SilentStates);
    }

    [Fact]
    public void A_geometry_that_is_pulled_back_passes_and_one_that_is_not_fails()
    {
        Assert.False(Run(Check(_ => new GradientPlasticity(new MirrorGeometry(new NegativeEntropy())) { LearningRate = 1e-5 })).Passed);
        Assert.True(Run(Check(n => new GradientPlasticity(new MirrorGeometry(new NegativeEntropy()).In(n.Parametrization)) { LearningRate = 1e-5 })).Passed);
    }

    [Fact]
    public void Results_follow_the_seed_and_not_the_threads()
    {
        InvarianceCheck check = Check(Natural);
        InvarianceResult one = Run(check), two = Run(check with { Threads = 2 }), other = Run(check with { Seed = 2 });

        Assert.Equal(one.Synapses, two.Synapses);
        Assert.Equal(one.Learning, two.Learning);
        Assert.NotEqual(one.Synapses[0], other.Synapses[0]);
    }

    [Fact]
    public void Silence_and_impossible_weights_are_refused()
    {
        Assert.Throws<UninformativeDataException>(() => Run(Check(n => Euclidean(n) with { LearningRate = 0 })));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(Check(Natural, Logarithm) with { LowestWeight = -1, Threads = 2 }));
        Assert.Throws<ArgumentException>(() => Run(Check(Natural) with { LowestWeight = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Check(Natural) with { States = 0 });
    }

    private sealed record Growth : PlasticityRule
    {
        public override void Change(in SynapticState state, Span<double> change) => change.Fill(LearningRate);
    }
}
