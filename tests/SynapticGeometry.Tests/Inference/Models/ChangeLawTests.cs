using Xunit;
using LawOfPotential = SynapticGeometry.PotentialLaw;

namespace SynapticGeometry.Tests;

/// <summary>What every law of change promises, and the laws that are the same by two roads.</summary>
public sealed class ChangeLawTests
{
    private static readonly double[] LogSizes = [.. Enumerable.Range(0, 61).Select(i => -3 + (0.1 * i))];

    public static TheoryData<string, double> Laws => new()
    {
        { "power", -1.5 }, { "power", -1 }, { "power", -1e-7 }, { "power", 0 }, { "power", 1e-7 }, { "power", 0.5 }, { "power", 1 }, { "power", 3 },
        { "hypentropy", 0.01 }, { "hypentropy", 1 }, { "hypentropy", 50 },
        { "additive-multiplicative", 0 }, { "additive-multiplicative", 0.4 }, { "additive-multiplicative", 1 },
        { "1.3-norm", double.NaN }, { "2-norm", double.NaN }, { "negative-entropy", double.NaN }, { "burg-entropy", double.NaN },
        { "hypentropy-potential", double.NaN },
    };

    [Theory]
    [MemberData(nameof(Laws))]
    public void The_dual_scale_increases_and_has_slope_one_at_the_typical_size(string name, double shape)
    {
        (ChangeLaw law, double[] shapes) = Law(name, shape);
        double[] y = new double[LogSizes.Length], logSlope = new double[y.Length], one = [0], atOne = [0];
        law.Dual(shapes, LogSizes, y, logSlope);
        law.Dual(shapes, [0], one, atOne);

        Assert.True(y.Zip(y.Skip(1), (a, b) => b > a).All(x => x), "the dual scale must increase");
        Assert.Equal(0, atOne[0], 1e-12);
        Assert.Equal(0, one[0], 1e-12);
    }

    [Theory]
    [MemberData(nameof(Laws))]
    public void The_log_slope_is_that_of_the_measured_slope(string name, double shape)
    {
        (ChangeLaw law, double[] shapes) = Law(name, shape);
        const double h = 1e-5;
        double[] up = new double[LogSizes.Length], down = new double[up.Length], y = new double[up.Length], logSlope = new double[up.Length];
        law.Dual(shapes, [.. LogSizes.Select(u => u + h)], up, []);
        law.Dual(shapes, [.. LogSizes.Select(u => u - h)], down, []);
        law.Dual(shapes, LogSizes, y, logSlope);

        for (int i = 0; i < y.Length; i++)
        {
            Assert.Equal(1, (up[i] - down[i]) / (2 * h) / Math.Exp(logSlope[i]), 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Laws))]
    public void Sizes_come_back_from_the_dual_scale(string name, double shape)
    {
        (ChangeLaw law, double[] shapes) = Law(name, shape);
        double[] y = new double[LogSizes.Length];
        law.Dual(shapes, LogSizes, y, []);
        law.FromDual(shapes, y, y);

        for (int i = 0; i < y.Length; i++)
        {
            Assert.Equal(LogSizes[i], y[i], 1e-7);
        }
    }

    [Theory]
    [MemberData(nameof(Laws))]
    public void The_ends_of_the_range_are_the_limits_at_sizes_of_zero_and_infinity(string name, double shape)
    {
        if (Math.Abs(shape) is > 0 and < 1e-3)
        {
            // The end is there, but too far away to be seen.
            return;
        }

        (ChangeLaw law, double[] shapes) = Law(name, shape);
        (double zero, double infinity) = law.Range(shapes);
        double[] y = new double[2], far = new double[2], back = [zero, infinity];
        law.Dual(shapes, [-25, 25], y, []);
        law.Dual(shapes, [-200, 200], far, []);
        law.FromDual(shapes, back, back);

        // Where the end is finite the scale is within a hair of it; where it is not, it goes on.
        Assert.True(double.IsFinite(zero) ? y[0] >= zero - 1e-12 && y[0] - zero < 0.01 : far[0] < y[0] - 50, $"{zero} {y[0]} {far[0]}");
        Assert.True(double.IsFinite(infinity) ? y[1] <= infinity + 1e-12 && infinity - y[1] < 0.01 : far[1] > y[1] + 50, $"{infinity} {y[1]} {far[1]}");
        Assert.Equal(double.NegativeInfinity, back[0]);
        Assert.Equal(double.PositiveInfinity, back[1]);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(-1.0)]
    public void The_power_law_is_continuous_in_its_exponent(double exponent)
    {
        var law = new PowerLaw();
        (double[] at, double[] near, double[] other) = (Everything(law, exponent), Everything(law, exponent + 1e-8), Everything(law, exponent + 0.1));
        for (int i = 0; i < at.Length; i++)
        {
            Assert.Equal(at[i], near[i], 1e-5 * (1 + Math.Abs(at[i])));
        }

        Assert.Contains(at.Zip(other), p => Math.Abs(p.First - p.Second) > 0.1);

        static double[] Everything(PowerLaw law, double lambda)
        {
            double[] y = new double[LogSizes.Length], slope = new double[y.Length], mean = new double[y.Length], spread = new double[y.Length];
            law.Dual([lambda], LogSizes, y, slope);
            law.Change([lambda, 0.1, 0.2, 0.3, 0.4], LogSizes, mean, spread);
            return [.. y, .. slope, .. mean, .. spread];
        }
    }

    [Theory]
    [InlineData("1.5-norm")]
    [InlineData("2-norm")]
    [InlineData("3-norm")]
    [InlineData("negative-entropy")]
    [InlineData("burg-entropy")]
    public void The_law_of_a_potential_of_the_power_family_is_the_power_law(string name)
    {
        Potential potential = Potential.Parse(name);
        LongitudinalSizes sizes = MeasuredSizes.Draw(200, 0.5, 0.2, 0);
        var power = new ExactSizeModel(new PowerLaw(potential.Exponent!.Value, Drift.Constant));
        var mirror = new ExactSizeModel(new LawOfPotential(potential, sizes.LogUnit, Drift.Constant));

        double[] a = power.LogLikelihoods(sizes, potential.Exponent.Value, 0.03, 0.2), b = mirror.LogLikelihoods(sizes, 0.03, 0.2);
        for (int i = 0; i < a.Length; i++)
        {
            Assert.Equal(a[i], b[i], 1e-8);
        }

        // The drift columns span the same space, except at λ = 0, where a potential's own are only two.
        if (potential.Exponent != 0)
        {
            double free = new ExactSizeModel(new PowerLaw(potential.Exponent.Value)).Estimate(sizes).LogLikelihood;
            Assert.Equal(free, new ExactSizeModel(new LawOfPotential(potential, sizes.LogUnit)).Estimate(sizes).LogLikelihood, 1e-3);
        }
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.7)]
    [InlineData(8.0)]
    public void The_hyperbolic_law_is_that_of_the_hyperbolic_entropy(double beta)
    {
        LongitudinalSizes sizes = MeasuredSizes.Draw(200, 0.5, 0.2, 0);
        double unit = Math.Exp(sizes.LogUnit);
        var hyperbolic = new ExactSizeModel(new HyperbolicLaw());
        var mirror = new ExactSizeModel(new LawOfPotential(new HyperbolicEntropy(beta * unit), sizes.LogUnit));

        double[] a = hyperbolic.LogLikelihoods(sizes, beta, 0.01, 0.02, -0.01, 0.2), b = mirror.LogLikelihoods(sizes, 0.01, 0.02, -0.01, 0.2);
        for (int i = 0; i < a.Length; i++)
        {
            Assert.Equal(a[i], b[i], 1e-8);
        }
    }

    [Fact]
    public void Purely_additive_noise_is_the_euclidean_law_and_purely_multiplicative_noise_is_proportional_to_size()
    {
        double[] mean = new double[LogSizes.Length], spread = new double[LogSizes.Length];
        var law = new AdditiveMultiplicativeLaw();
        law.Change([0, 0, 0, 0, 0.2], LogSizes, mean, spread);
        Assert.All(spread, s => Assert.Equal(0.2, s, 1e-14));

        law.Change([1, 0, 0, 0, 0.2], LogSizes, mean, spread);
        Assert.All(spread.Zip(LogSizes), p => Assert.Equal(0.2 * Math.Exp(p.Second), p.First, 1e-12 * p.First));
    }

    [Fact]
    public void An_exponent_outside_the_family_is_refused()
    {
        Assert.Contains("5", Assert.Throws<ArgumentOutOfRangeException>(() => new PowerLaw(5.5)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PowerLaw(-3.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PowerLaw(double.NaN));
    }

    private static (ChangeLaw Law, double[] Shape) Law(string name, double shape) => name switch
    {
        "power" => (new PowerLaw(), [shape]),
        "hypentropy" => (new HyperbolicLaw(), [shape]),
        "additive-multiplicative" => (new AdditiveMultiplicativeLaw(), [shape]),
        "hypentropy-potential" => (new LawOfPotential(new HyperbolicEntropy(0.4), 0.7), []),
        _ => (new LawOfPotential(Potential.Parse(name), 0.7), []),
    };
}
