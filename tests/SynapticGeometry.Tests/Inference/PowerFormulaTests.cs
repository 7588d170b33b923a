using Xunit;

namespace SynapticGeometry.Tests.Inference;

public sealed class PowerFormulaTests
{
    // A table computed with normal quantiles rounded to 1.96 and 1.28, for 0 against 1 and 0 against 0.5, normal changes.
    [Theory]
    [InlineData(0.3, 0, 58, 233)]
    [InlineData(0.5, 0, 21, 84)]
    [InlineData(0.83, 0, 8, 30)]
    [InlineData(0.83, 0.5, 17, 69)]
    [InlineData(0.83, 1, 69, 274)]
    [InlineData(0.83, 2, 617, 2469)]
    public void The_table_of_the_closed_form_is_reproduced(double spread, double ratio, double additive, double half)
    {
        var plan = new PowerFormula
        {
            SizeSpread = spread,
            Change = 0.2,
            Error = 0.2 * ratio,
            Level = 2 * NormalDistribution.Survival(1.96),
            Power = NormalDistribution.Cdf(1.28),
        };

        Assert.Equal(additive, Math.Round((plan with { Alternative = 1 }).Synapses));
        Assert.Equal(half, Math.Round((plan with { Alternative = 0.5 }).Synapses));

        // Exact quantiles change it by two parts in a thousand.
        Assert.Equal(half, (plan with { Level = 0.05, Power = 0.9 }).Synapses, 0.01 * half + 0.5);
        Assert.Equal(2.5, (plan with { Kurtosis = 6 }).Synapses / plan.Synapses, 1e-12);
    }

    [Fact]
    public void The_closed_form_agrees_with_scipy()
    {
        // norm.ppf and norm.cdf of SciPy.
        var plan = new PowerFormula { SizeSpread = 0.83, Change = 0.2, Error = 0.1 };
        Assert.Equal(68.63609199663637, plan.Synapses, 1e-9);
        Assert.Equal(0.6301058260948503, plan.PowerAt(plan.Synapses / 2), 1e-12);
        var heavy = new PowerFormula { SizeSpread = 0.6, Change = 0.15, Error = 0.12, Alternative = 1, Kurtosis = 6 };
        Assert.Equal(189.6589862590032, heavy.Synapses, 1e-9);
    }

    [Theory]
    [InlineData(0.3, 0.1, 0.07, 3, 0.8)]
    [InlineData(1.1, 0.4, 0, 5, 0.95)]
    public void Synapses_power_half_width_and_detectable_difference_are_inverses_of_one_another(double spread, double change, double error, double kurtosis, double power)
    {
        var plan = new PowerFormula { SizeSpread = spread, Change = change, Error = error, Kurtosis = kurtosis, Power = power, Truth = 1, Alternative = -0.25 };

        double n = plan.Synapses;
        Assert.Equal(power, plan.PowerAt(n), 1e-12);
        Assert.Equal(1.25, plan.DetectableDifferenceAt(n), 1e-12);
        Assert.Equal(n, plan.SynapsesForHalfWidth(plan.HalfWidthAt(n)), 1e-9 * n);
        Assert.Equal(n, plan.SynapsesFor(plan.PowerAt(n)), 1e-8 * n);
        Assert.Equal(n, plan.EffectiveSynapses(plan.PlannedSynapses), 1e-9 * n);
        Assert.Equal(n, (plan with { Truth = -0.25, Alternative = 1 }).Synapses, 1e-9 * n);
    }

    // scipy.integrate.quad over the log-normal sizes.
    [Theory]
    [InlineData(0.83, 0.1, 0.1, 1, 0.9457223370875928)]
    [InlineData(0.83, 0.1, 0.2, 1, 0.31820741170066674)]
    [InlineData(0.5, 0.2, 0.1, 2, 1.7729522210365949)]
    public void The_size_factor_agrees_with_adaptive_quadrature(double spread, double change, double error, double truth, double expected) =>
        Assert.Equal(expected, new PowerFormula { SizeSpread = spread, Change = change, Error = error, Truth = truth, Alternative = 0.5 }.SizeFactor, 1e-6);

    [Fact]
    public void Without_error_or_under_multiplicative_change_reliability_does_not_depend_on_size()
    {
        Assert.Equal(1, new PowerFormula { Truth = 0, Error = 0.3 }.SizeFactor, 1e-9);
        Assert.Equal(1, new PowerFormula { Truth = 1, Error = 0 }.SizeFactor, 1e-9);
        Assert.NotEqual(1, new PowerFormula { Truth = 1, Error = 0.3 }.SizeFactor, 0.05);
    }

    [Fact]
    public void The_allowance_is_the_information_that_the_drift_columns_take()
    {
        // 2 Σ x² h with h the diagonal of the projection on 1, x, x² of 200 000 normal numbers (NumPy): 18.24, of which the sample's own chance is about 0.3.
        Assert.Equal(18.24, new PowerFormula().Allowance, 0.5);
        Assert.Equal(2, new PowerFormula { Drift = Drift.Constant }.Allowance);
    }

    [Fact]
    public void Needs_fall_with_spread_change_and_interval_and_rise_with_error_and_power()
    {
        var plan = new PowerFormula();
        Assert.True((plan with { SizeSpread = 1 }).PlannedSynapses < plan.PlannedSynapses);
        Assert.True((plan with { Change = 0.3 }).PlannedSynapses < plan.PlannedSynapses);
        Assert.True(plan.WithInterval(2).PlannedSynapses < plan.PlannedSynapses);
        Assert.Equal(0.2 * Math.Sqrt(2), plan.WithInterval(2).Change, 1e-15);
        Assert.True((plan with { Error = 0.15 }).PlannedSynapses > plan.PlannedSynapses);
        Assert.True((plan with { Power = 0.95 }).PlannedSynapses > plan.PlannedSynapses);
        Assert.True((plan with { Alternative = 0.4 }).PlannedSynapses > plan.PlannedSynapses);
    }

    [Fact]
    public void Growth_is_the_slope_of_log_change_on_log_interval()
    {
        // numpy.polyfit of the logarithms.
        Assert.Equal(0.39076709, PowerFormula.GrowthOf([1, 7, 24], [0.1, 0.2, 0.35]), 1e-8);
        Assert.Throws<ArgumentException>(() => PowerFormula.GrowthOf([7, 7], [0.1, 0.2]));
    }

    [Fact]
    public void Numbers_outside_their_domain_are_named()
    {
        Assert.Contains("spread of log size is -1", Message(new PowerFormula { SizeSpread = -1 }), StringComparison.Ordinal);
        Assert.Contains("change is 0", Message(new PowerFormula { Change = 0 }), StringComparison.Ordinal);
        Assert.Contains("error is NaN", Message(new PowerFormula { Error = double.NaN }), StringComparison.Ordinal);
        Assert.Contains("above the level 0.05 and below 1", Message(new PowerFormula { Power = 0.05 }), StringComparison.Ordinal);
        Assert.Contains("different", Message(new PowerFormula { Truth = 0.5 }), StringComparison.Ordinal);
        Assert.Contains("exponent is 9", Message(new PowerFormula { Alternative = 9 }), StringComparison.Ordinal);
    }

    private static string Message(PowerFormula plan) => Assert.Throws<ArgumentOutOfRangeException>(plan.MustBeValid).Message;
}
