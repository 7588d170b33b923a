using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Quadrature over the normal distribution.</summary>
public sealed class GaussHermiteTests
{
    [Fact]
    public void Seven_nodes_are_those_of_numpy()
    {
        var rule = new GaussHermite(7);

        // numpy.polynomial.hermite_e.hermegauss(7), weights divided by √(2π).
        double[] nodes =
        [
            -3.7504397177257425, -2.366759410734541, -1.1544053947399682, 0, 1.1544053947399682, 2.366759410734541, 3.7504397177257425,
        ];
        double[] weights =
        [
            0.0005482688559722169, 0.030757123967586515, 0.24012317860501264, 0.4571428571428572, 0.24012317860501264,
            0.030757123967586515, 0.0005482688559722169,
        ];
        for (int i = 0; i < 7; i++)
        {
            Assert.Equal(nodes[i], rule.Nodes[i], 1e-14);
            Assert.Equal(1, rule.Weights[i] / weights[i], 1e-13);
        }
    }

    [Fact]
    public void Outer_and_inner_nodes_of_large_rules_are_those_of_numpy()
    {
        var rule = new GaussHermite(64);
        Assert.Equal(14.886186143339453, rule.Nodes[63], 1e-13);
        Assert.Equal(0.1955889105672755, rule.Nodes[32], 1e-14);
        Assert.Equal(1, rule.Weights[63] / 3.1231879651077347e-49, 1e-11);
        Assert.Equal(1, rule.Weights[32] / 0.15310831636189684, 1e-12);

        rule = new GaussHermite(100);
        Assert.Equal(18.959636217387704, rule.Nodes[99], 1e-13);
        Assert.Equal(1, rule.Weights[99] / 3.3332703483438545e-79, 1e-11);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(85)]
    public void Moments_up_to_degree_2n_minus_1_are_exact_and_the_next_is_not(int n)
    {
        var rule = new GaussHermite(n);
        for (int power = 0; power <= Math.Min(2 * n - 1, 60); power++)
        {
            double moment = power % 2 == 1 ? 0 : DoubleFactorial(power - 1);
            double scale = DoubleFactorial(power % 2 == 1 ? power : power - 1);
            Assert.Equal(0, (rule.Expectation(x => Math.Pow(x, power)) - moment) / scale, 1e-12);
        }

        if (2 * n <= 60)
        {
            double next = DoubleFactorial(2 * n - 1);
            Assert.True(rule.Expectation(x => Math.Pow(x, 2 * n)) < 0.9999999 * next);
        }
    }

    [Theory]
    [InlineData(150)]
    [InlineData(255)]
    [InlineData(256)]
    public void Large_rules_integrate_a_function_with_a_closed_form(int n)
    {
        var rule = new GaussHermite(n);

        // E exp(Z) = √e, E cos(3(1 + 2Z)) = cos 3 · exp(−18).
        Assert.Equal(Math.Exp(0.5), rule.Expectation(Math.Exp), 1e-13);
        Assert.Equal(Math.Cos(3) * Math.Exp(-18), rule.Expectation(x => Math.Cos(3 * x), mean: 1, standardDeviation: 2), 1e-14);
        Assert.Equal(n, rule.Nodes.ToArray().Distinct().Count());
        Assert.Equal(rule.Nodes.ToArray().Order(), rule.Nodes.ToArray());
    }

    [Fact]
    public void An_order_out_of_range_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new GaussHermite(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GaussHermite(257));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GaussHermite(3).Expectation(x => x, 0, -1));
    }

    private static double DoubleFactorial(int n) => n <= 1 ? 1 : n * DoubleFactorial(n - 2);
}
