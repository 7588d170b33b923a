using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>A user's own potential: as good as the built-in one of the same functions, and refused where it is wrong.</summary>
public sealed class SeparablePotentialTests
{
    public static TheoryData<Potential, SeparablePotential> Twins => new()
    {
        { new PNorm(3), new SeparablePotential("user", w => w * Math.Abs(w), w => 2 * Math.Abs(w)) },
        { new PNorm(1.5), new SeparablePotential("user", w => Math.CopySign(Math.Sqrt(Math.Abs(w)), w), w => 0.5 / Math.Sqrt(Math.Abs(w))) },
        { new HyperbolicEntropy(0.1), new SeparablePotential("user", w => Math.Asinh(w / 0.1), w => 1 / double.Hypot(w, 0.1)) },
        { new NegativeEntropy(), new SeparablePotential("user", w => Math.Log(w) + 1, w => 1 / w, w => w * Math.Log(w), eachOrthant: true) },
        { new BurgEntropy(), new SeparablePotential("user", w => -1 / w, w => 1 / w / w, w => -Math.Log(w), eachOrthant: true) },
    };

    [Theory, MemberData(nameof(Twins))]
    public void Given_the_functions_of_a_built_in_potential_it_agrees_with_it(Potential builtIn, SeparablePotential user)
    {
        double[] w = [0.7, -0.3, 1e-6, -12, 3e-3], v = [0.5, -0.31, 2e-6, -40, 1e-3], orthant = [1, -1, 1, -1, 1], back = new double[5];
        double[] dual = PotentialLaw.Dual(builtIn, w);
        user.FromDual<double>(dual, orthant, back);

        Assert.True(GoldenMaps.WorstRelative(dual, PotentialLaw.Dual(user, w)) <= 1e-14);
        Assert.True(GoldenMaps.WorstRelative(PotentialLaw.Hessian(builtIn, w), PotentialLaw.Hessian(user, w)) <= 1e-14);
        Assert.True(GoldenMaps.WorstRelative(w, back) <= 1e-13);
        Assert.Equal(builtIn.Value<double>(w), user.Value<double>(w), 1e-11 * Math.Abs(builtIn.Value<double>(w)));
        Assert.Equal(builtIn.Conjugate<double>(dual, w), user.Conjugate<double>(dual, w), 1e-10 * Math.Abs(builtIn.Conjugate<double>(dual, w)));
        Assert.Equal(builtIn.Bregman<double>(v, w), user.Bregman<double>(v, w), 1e-11 * builtIn.Bregman<double>(v, w));
        Assert.Equal(builtIn.CrossesZero, user.CrossesZero);
        Assert.Equal(builtIn.AllowsZero, user.AllowsZero);
        Assert.Equal(builtIn.HessianAtZero, user.HessianAtZero);
    }

    [Theory]
    [InlineData(1e-300), InlineData(1e-9), InlineData(0.5), InlineData(1 - 1e-12), InlineData(0)]
    public void The_inverse_is_relative_over_all_decades(double y)
    {
        SeparablePotential cubic = new("cubic", w => w + (w * w * w), w => 1 + (3 * w * w));
        double[] back = [y + (y * y * y), -y - (y * y * y)];
        cubic.FromDual<double>(back, [], back);

        Assert.Equal(y, back[0], 4e-16 * y);
        Assert.Equal(-y, back[1], 4e-16 * y);
    }

    [Fact]
    public void A_bounded_domain_is_kept()
    {
        SeparablePotential bounded = new("soft-bounded", w => Math.Log(w / (1 - w)), w => 1 / w / (1 - w), lower: 0, upper: 1);
        double[] w = [0, 0, 0];
        bounded.FromDual<double>([-30, 0, 30], [1, 1, 1], w);

        // The logistic function by its own formula.
        Assert.Equal(1 / (1 + Math.Exp(30)), w[0], 1e-27);
        Assert.Equal(0.5, w[1]);
        Assert.Equal(1 / (1 + Math.Exp(-30)), w[2], 4e-16);
        Assert.Contains(
            "Weight 1 of 2 is 1; soft-bounded needs weights between 0 and 1",
            Assert.Throws<ArgumentOutOfRangeException>(() => bounded.ToDual<double>([0.5, 1], new double[2])).Message,
            StringComparison.Ordinal);

        // A step of descent, however long, stays inside: synapses with a floor and a ceiling.
        double[] after = new double[2];
        new MirrorGeometry(bounded).Descend([0.2, 0.9], [-3, 5], 5, after);
        Assert.All(after, x => Assert.InRange(x, 1e-12, 1 - 1e-9));
    }

    [Fact]
    public void A_dual_weight_outside_the_range_is_named() =>
        Assert.Contains(
            "Dual weight 1 of 2 is 1.5, outside the range of the mirror map of log-cosh",
            Assert.Throws<ArgumentOutOfRangeException>(() => new SeparablePotential("log-cosh", Math.Tanh, w => 1 / Math.Cosh(w) / Math.Cosh(w))
                .FromDual<double>([0.5, 1.5], [1, 1], new double[2])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void An_inverse_that_cannot_be_certified_is_refused()
    {
        // Jumps from 0.35 to 1.35, where no sample point of the constructor's check feels it.
        SeparablePotential jump = new("jump", w => w < 0.35 ? w : w + 1, _ => 1);
        double[] room = [0.2, 0.8];

        string message = Assert.Throws<ArithmeticException>(() => jump.FromDual<double>(room, [], room)).Message;

        Assert.Contains("Dual weight 1 of 2 is 0.8; the nearest weight found under jump is 0.3", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mirror_map_that_falls_is_refused() =>
        Refused("The mirror map of bad must increase", () => new SeparablePotential("bad", w => w - (w * w * w), w => 1 - (3 * w * w)));

    [Fact]
    public void A_constant_mirror_map_is_refused() =>
        Refused("The mirror map of bad must increase", () => new SeparablePotential("bad", _ => 1, _ => 1));

    [Fact]
    public void A_Hessian_a_thousandth_off_is_refused() =>
        Refused("The Hessian of bad is", () => new SeparablePotential("bad", Math.Sinh, w => 1.001 * Math.Cosh(w)));

    [Fact]
    public void A_value_that_is_not_the_integral_is_refused() =>
        Refused("the slope of its value", () => new SeparablePotential("bad", w => w, _ => 1, w => 0.6 * w * w));

    [Fact]
    public void A_NaN_is_refused() =>
        Refused("The mirror map of bad is NaN at the weight -", () => new SeparablePotential("bad", Math.Sqrt, w => 0.5 / Math.Sqrt(w)));

    [Fact]
    public void An_empty_domain_is_refused()
    {
        Refused("The domain of bad is (1, 1)", () => new SeparablePotential("bad", w => w, _ => 1, lower: 1, upper: 1));
        Refused("not below 0", () => new SeparablePotential("bad", w => w, _ => 1, lower: -1, eachOrthant: true));
    }

    private static void Refused(string saying, Func<Potential> make) =>
        Assert.Contains(saying, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);
}
