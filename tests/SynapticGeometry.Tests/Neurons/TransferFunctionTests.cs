using Xunit;

namespace SynapticGeometry.Tests;

public sealed class TransferFunctionTests
{
    // mpmath, 40 digits: quad of F(u) N(u) times 1, (u − μ)/s², ((u − μ)²/s² − 1)/s².
    [Theory]
    [InlineData(4, 3, 0.88945235134584602, 0.10020079143597898, -0.014817920086312599)]
    [InlineData(-60, 2, 8.1701756692024043e-9, 2.4510526911929937e-9, 7.3531580161726155e-10)]
    [InlineData(35, 5, 0.00019232589960638163, -0.00010501545308172607, 5.5527485469124654e-5)]
    [InlineData(10, 0.001, 1.1249999746875011, -0.16874998481250145, -0.050624995443750436)]
    [InlineData(0, 20, 0.27513731290174323, 0.0043676390412394425, -0.00057704737060232062)]
    public void The_sigmoids_moments_are_those_of_adaptive_quadrature(double mean, double s, double c1, double c2, double c3) =>
        Near(new SigmoidTransfer().Fisher(mean, s * s), c1, c2, c3, s);

    [Theory]
    [InlineData(4, 3, 0.22392211755255806, 0.043045257058316488, 0.004300249466916251)]
    [InlineData(-60, 2, 1.3616959475247695e-9, 4.0850878346012021e-10, 1.2255263455964968e-10)]
    [InlineData(35, 5, 0.2080818951048869, -0.0088161159975434792, 0.00071260983300020062)]
    [InlineData(10, 0.001, 0.54101063393818619, 0.045226185216344339, -0.012790349714943867)]
    [InlineData(0, 20, 0.18343593332013006, 0.0068669617046667343, -0.00010347831899512166)]
    public void And_the_softplus_ones(double mean, double s, double c1, double c2, double c3) =>
        Near(new SoftplusTransfer().Fisher(mean, s * s), c1, c2, c3, s);

    [Theory]
    [InlineData(1, 2, 0.6914624612740131, 0.17603266338214974, -0.044008165845537435)]
    [InlineData(-3, 1, 0.0013498980316300945, 0.0044318484119380072, 0.013295545235814022)]
    public void And_the_rectified_ones_about_the_threshold(double mean, double s, double c1, double c2, double c3) =>
        Near(new RectifiedQuadraticTransfer().Fisher(mean, s * s), c1, c2, c3, s);

    [Fact]
    public void A_users_own_function_has_the_moments_of_the_same_one_built_in()
    {
        SigmoidTransfer sigmoid = new();
        RectifiedQuadraticTransfer quadratic = new(2);
        CustomTransfer mine = new("mine", sigmoid.Rate, sigmoid.Slope), kinked = new("kinked", quadratic.Rate, quadratic.Slope, kink: 2);
        foreach ((double mean, double s) in new[] { (4.0, 3.0), (-8, 9), (20, 0.5), (9, 9e-4), (9, 1.1e-3), (9, 0.02), (3, 0.1) })
        {
            // Rounding of the quadrature costs 1e-16/s² of c₃; below 1e-3 mV five-point differences replace it.
            (double c1, double c2, double c3) = sigmoid.Fisher(mean, s * s);
            FisherMoments other = mine.Fisher(mean, s * s);
            Assert.Equal(c1, other.C1, 1e-9 * c1);
            Assert.Equal(c2, other.C2, 1e-7 * c1);
            Assert.Equal(c3, other.C3, 1e-6 * c1);
        }

        foreach ((double mean, double s) in new[] { (4.0, 3.0), (-8, 9), (2, 0.5), (2.01, 0.001) })
        {
            (double c1, double c2, double c3) = quadratic.Fisher(mean, s * s);
            Near(kinked.Fisher(mean, s * s), c1, c2, c3, s);
        }
    }

    [Fact]
    public void A_users_wrong_derivative_or_falling_rate_is_refused_with_its_place()
    {
        SigmoidTransfer s = new();
        Assert.Contains("but that of its rate there is", Assert.Throws<ArgumentException>(() => new CustomTransfer("off", s.Rate, v => 1.01 * s.Slope(v))).Message, StringComparison.Ordinal);
        Assert.Contains("must not decrease", Assert.Throws<ArgumentException>(() => new CustomTransfer("falling", v => 100 - v, _ => 0)).Message, StringComparison.Ordinal);
        Assert.Contains("must be finite and not negative", Assert.Throws<ArgumentException>(() => new CustomTransfer("negative", v => v, _ => 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new CustomTransfer(" ", s.Rate, s.Slope));
        Assert.Throws<ArgumentException>(() => new CustomTransfer("empty", s.Rate, s.Slope, 5, 5));
    }

    [Fact]
    public void A_kink_that_was_not_named_is_found_out()
    {
        RectifiedQuadraticTransfer quadratic = new(2);
        CustomTransfer unnamed = new("unnamed kink", quadratic.Rate, quadratic.Slope);
        Assert.Contains("give that potential as the kink", Assert.Throws<ArithmeticException>(() => unnamed.Fisher(2.3, 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0), InlineData(-1), InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void Parameters_not_positive_are_refused(double bad)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SigmoidTransfer(MaximumRate: bad));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SigmoidTransfer() with { Gain = bad });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialTransfer(Gain: bad));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftplusTransfer(Sharpness: bad));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RectifiedQuadraticTransfer(0, bad));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SynapticKernel(MembraneTime: bad));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SynapticKernel(SynapticTime: bad));
    }

    [Fact]
    public void A_teacher_that_spikes_where_the_rate_is_zero_is_refused_with_the_potential()
    {
        RectifiedQuadraticTransfer quadratic = new(0);

        Assert.Equal(0, quadratic.Score(-1, 0, 1e-3));
        Assert.Contains("The potential is -1 mV", Assert.Throws<ArgumentOutOfRangeException>(() => quadratic.Score(-1, 1, 1e-3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_constant_shift_of_minus_five_moves_the_threshold_to_fifteen() =>
        Assert.Equal(new SigmoidTransfer(Threshold: 15), new SigmoidTransfer().Shifted(-5));

    // The moments enter the metric as c₁, c₂ s, c₃ s².
    private static void Near(FisherMoments c, double c1, double c2, double c3, double s)
    {
        Assert.Equal(c1, c.C1, 1e-12 * c1);
        Assert.Equal(c2, c.C2, 1e-12 * (Math.Abs(c2) + (c1 / s)));
        Assert.Equal(c3, c.C3, 2e-11 * (Math.Abs(c3) + (c1 / (s * s))));
    }
}
