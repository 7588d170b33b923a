using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>The two-stage analysis of groups against a published example, a second algorithm and its laws.</summary>
public sealed class RandomEffectsTests
{
    private static readonly double[] Estimates = [0.31, 0.05, 0.62, 0.44, 0.18], Variances = [0.010, 0.004, 0.02, 0.006, 0.012];

    [Fact]
    public void The_trials_of_the_BCG_vaccine_give_the_published_numbers()
    {
        // Colditz et al. 1994: tuberculosis yes and no, vaccinated and not. Log risk ratios with REML by metafor (Viechtbauer 2010 and its
        // manual): tau^2 0.3132, tau 0.5597, I^2 92.22 %, Q(12) 152.2330, mean -0.7145, 95 % Q-profile interval of tau 0.3460 to 1.0543.
        double[][] trials =
        [
            [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619], [33, 5036, 47, 5761], [180, 1361, 372, 1079],
            [8, 2537, 10, 619], [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600], [186, 50448, 141, 27197],
            [5, 2493, 3, 2338], [27, 16886, 29, 17825],
        ];
        double[] y = [.. trials.Select(t => Math.Log(t[0] / (t[0] + t[1])) - Math.Log(t[2] / (t[2] + t[3])))];
        double[] v = [.. trials.Select(t => (1 / t[0]) - (1 / (t[0] + t[1])) + (1 / t[2]) - (1 / (t[2] + t[3])))];

        RandomEffects effects = RandomEffects.Estimate(y, v);

        Assert.Equal(0.3132, effects.Heterogeneity * effects.Heterogeneity, 5e-5);
        Assert.Equal(-0.7145, effects.Mean, 5e-5);
        Assert.Equal(0.9222, effects.ISquared, 5e-5);
        Assert.Equal(152.2330, effects.CochranQ, 5e-5);
        Assert.Equal(0.3460, effects.HeterogeneityInterval.Low, 5e-5);
        Assert.Equal(1.0543, effects.HeterogeneityInterval.High, 5e-5);

        // By SciPy from the likelihood of orthonormal error contrasts, and the formulas of Hartung and Knapp 2001. The standard error
        // without their scale is the published 0.1798.
        Assert.Equal(0.559681384, effects.Heterogeneity, 1e-7);
        Assert.Equal(0.180791744, effects.StandardError, 1e-8);
        Assert.Equal(0.1798, effects.StandardError / Math.Sqrt(effects.HartungKnappScale), 5e-5);
        Assert.Equal(-1.108443713, effects.Interval.Low, 1e-7);
        Assert.Equal(-0.320620970, effects.Interval.High, 1e-7);
        Assert.Equal(-2.009057636, effects.PredictionInterval!.Value.Low, 1e-6);
        Assert.Equal(0.579992953, effects.PredictionInterval!.Value.High, 1e-6);
        Assert.True(effects.IsHeterogeneous);
    }

    [Fact]
    public void Five_groups_agree_with_a_second_algorithm()
    {
        RandomEffects effects = RandomEffects.Estimate(Estimates, Variances);

        // SciPy, as above.
        Assert.Equal(0.192874184, effects.Heterogeneity, 1e-7);
        Assert.Equal(0.305074882, effects.Mean, 1e-8);
        Assert.Equal(0.097579095, effects.StandardError, 1e-8);
        Assert.Equal(1.013231646, effects.HartungKnappScale, 1e-7);
        Assert.Equal(23.629829060, effects.CochranQ, 1e-8);
        Assert.Equal(9.47465772e-05, effects.CochranQP, 1e-12);
        Assert.Equal(0.817357685, effects.ISquared, 1e-7);
        Assert.Equal(0.087553458, effects.HeterogeneityInterval.Low, 1e-8);
        Assert.Equal(0.628106656, effects.HeterogeneityInterval.High, 1e-8);
        Assert.Equal(-0.382820518, effects.PredictionInterval!.Value.Low, 1e-7);
        Assert.Equal(1, effects.Weights.Sum(), 1e-12);
    }

    [Fact]
    public void Groups_that_agree_have_no_heterogeneity()
    {
        RandomEffects effects = RandomEffects.Estimate([0.31, 0.29, 0.35, 0.30, 0.33, 0.28], [0.010, 0.004, 0.02, 0.006, 0.012, 0.003]);

        // SciPy, as above: REML at 0, and Q below the 2.5 % point, so that no T > 0 belongs to the Q-profile interval.
        Assert.Equal(0, effects.Heterogeneity);
        Assert.Equal(0, effects.ISquared);
        Assert.Equal(0.296779661, effects.Mean, 1e-8);
        Assert.Equal(0.008534702, effects.StandardError, 1e-8);
        Assert.Equal(0.99640468, effects.CochranQP, 1e-7);
        Assert.Equal(new Interval(0, 0), effects.HeterogeneityInterval);
        Assert.False(effects.IsHeterogeneous);
        RandomEffects same = RandomEffects.Estimate([0.3, 0.3, 0.3], [0.1, 0.2, 0.3]);
        Assert.Equal((0.3, 0.0, 0.0), (same.Mean, same.Heterogeneity, same.CochranQ));
    }

    [Fact]
    public void With_equal_variances_REML_is_the_sample_variance_less_that_variance()
    {
        // Closed form: T² = s² − v, mean and standard error those of Student's t; 0 where s² < v.
        double[] v = [.. Estimates.Select(_ => 0.011)];
        SampleMoments moments = SampleMoments.Of<double>(Estimates);

        RandomEffects effects = RandomEffects.Estimate(Estimates, v);

        Assert.Equal(Math.Pow(moments.StandardDeviation, 2) - 0.011, Math.Pow(effects.Heterogeneity, 2), 1e-9);
        Assert.Equal(moments.Mean, effects.Mean, 1e-12);
        Assert.Equal(moments.StandardDeviation / Math.Sqrt(5), effects.StandardError, 1e-9);
        Assert.Equal(1, effects.HartungKnappScale, 1e-7);
        Assert.Equal(0, RandomEffects.Estimate(Estimates, [.. v.Select(_ => 1.0)]).Heterogeneity);
    }

    [Fact]
    public void Order_does_not_matter_and_a_shift_or_a_change_of_unit_carries_through()
    {
        RandomEffects here = RandomEffects.Estimate(Estimates, Variances);
        RandomEffects turned = RandomEffects.Estimate([.. Estimates.Reverse()], [.. Variances.Reverse()]);
        RandomEffects shifted = RandomEffects.Estimate([.. Estimates.Select(y => y + 1000)], Variances);
        RandomEffects scaled = RandomEffects.Estimate([.. Estimates.Select(y => -7 * y)], [.. Variances.Select(v => 49 * v)]);

        foreach ((RandomEffects other, double factor, double shift) in new[] { (turned, 1.0, 0.0), (shifted, 1, 1000), (scaled, -7, 0) })
        {
            Assert.Equal((factor * here.Mean) + shift, other.Mean, 1e-9);
            Assert.Equal(Math.Abs(factor) * here.Heterogeneity, other.Heterogeneity, 1e-7);
            Assert.Equal(Math.Abs(factor) * here.StandardError, other.StandardError, 1e-8);
            Assert.Equal(Math.Abs(factor) * here.HeterogeneityInterval.High, other.HeterogeneityInterval.High, 1e-7);
            Assert.Equal(here.ISquared, other.ISquared, 1e-7);
            Assert.Equal(here.CochranQ, other.CochranQ, 1e-7);
        }

        // The control: pairing estimates with the wrong variances does matter.
        Assert.NotEqual(here.Mean, RandomEffects.Estimate(Estimates, [.. Variances.Reverse()]).Mean, 1e-3);
    }

    [Fact]
    public void Two_groups_have_no_prediction_interval_and_bad_numbers_are_named()
    {
        Assert.Null(RandomEffects.Estimate([0.1, 0.5], [0.01, 0.02]).PredictionInterval);
        Assert.Throws<ArgumentException>(() => RandomEffects.Estimate([0.1], [0.01]));
        Assert.Throws<ArgumentException>(() => RandomEffects.Estimate([0.1, 0.2], [0.01]));
        Assert.Contains("group 1", Assert.Throws<ArgumentOutOfRangeException>(() => RandomEffects.Estimate([0.1, 0.2], [0.01, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("group 0", Assert.Throws<ArgumentOutOfRangeException>(() => RandomEffects.Estimate([double.NaN, 0.2], [0.01, 1])).Message, StringComparison.Ordinal);
    }
}
