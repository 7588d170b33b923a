using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Known answers, computed with mpmath at 60 digits from the formulas of the definitions.</summary>
public sealed class PotentialValueTests
{
    [Theory]
    [InlineData(1.1, 1e-06, 0.2511886431509577, 25118.864315095794, 2.2835331195541605e-07)]
    [InlineData(1.1, 0.7, 0.9649610951198175, 0.13785158501711692, 0.6140661514398839)]
    [InlineData(1.3, -250.0, -5.2406119473447905, 0.0062887343368137495, 1007.8099898739981)]
    [InlineData(2.2, 1e-30, 9.999999999999877e-37, 1.1999999999999855e-06, 4.54545454545449e-67)]
    [InlineData(2.5, 0.3, 0.1643167672515498, 0.8215838362577491, 0.01971801207018598)]
    [InlineData(7.5, -12.5, -13486991.52348609, 7013235.592212767, 22478319.205810152)]
    [InlineData(10, 0.02, 5.120000000000001e-16, 2.3040000000000006e-13, 1.0240000000000003e-18)]
    [InlineData(4, 1e+50, 1.0000000000000002e+150, 3.0000000000000006e+100, 2.5000000000000008e+199)]
    public void The_p_norm_at_any_power(double p, double w, double dual, double hessian, double value) =>
        Agrees(new PNorm(p), w, dual, hessian, value);

    [Theory]
    [InlineData(0.1, 1e-09, 1e-08, 9.999999999999998, 5e-18)]
    [InlineData(0.1, 0.05, 0.48121182505960347, 8.944271909999157, 0.012257192377990687)]
    [InlineData(0.1, -3.0, -4.09462222433053, 0.33314830232638476, 9.382200469030865)]
    [InlineData(2.0, 1e9, 20.72326583694641, 1e-09, 19723265838.94641)]
    [InlineData(0.001, 1e+200, 468.1179210583512, 1e-200, 4.671179210583512e+202)]
    [InlineData(5.0, -4.999, -0.8812321585920022, 0.1414354990799693, 2.334918820358255)]
    [InlineData(0.3, 0.001, 0.0033333271605246913, 3.3333148149691345, 1.6666651234619344e-06)]
    public void The_hyperbolic_entropy_from_Euclidean_to_entropic(double beta, double w, double dual, double hessian, double value) =>
        Agrees(new HyperbolicEntropy(beta), w, dual, hessian, value);

    [Theory]
    [InlineData(0.1, 1e-09, 1.0000000000000002e-10, 5.000000000000001e-20)]
    [InlineData(0.1, 0.999, 0.11736587003524519, 0.05419062049661148)]
    [InlineData(0.1, 1.0, 0.11752011936438016, 0.05430806348152438)]
    [InlineData(0.1, 1.001, 0.11767448621364425, 0.05442566077451361)]
    [InlineData(0.1, -20.5, -39995108.87377527, 39995108.77377527)]
    [InlineData(0.001, 709.9, 1.0107010280597819e+305, 1.0107010280597819e+305)]
    [InlineData(3.0, -0.3, -0.9135608803414278, 0.13601554238658145)]
    public void The_hyperbolic_entropy_back_from_its_dual_weights(double beta, double y, double w, double conjugate)
    {
        HyperbolicEntropy potential = new(beta);
        double[] back = [y];
        potential.FromDual<double>(back, [], back);

        Close(w, back[0]);
        Close(conjugate, potential.Conjugate<double>([y], []));
    }

    // The pairs stand on both sides of the change from quadrature to closed form.
    [Theory]
    [InlineData("1.5-norm", 0.3000003, 0.3, 4.1079184968720575e-14)]
    [InlineData("1.5-norm", 0.45, 0.3, 0.009543222848172935)]
    [InlineData("1.5-norm", 0.4500001, 0.3, 0.009543235157960238)]
    [InlineData("1.5-norm", -2.0, 0.3, 3.0358354539249754)]
    [InlineData("1.5-norm", 0.0, 0.3, 0.054772255750516606)]
    [InlineData("1.5-norm", 0.3, 0.0, 0.10954451150103321)]
    [InlineData("10-norm", 0.3000003, 0.3, 2.6572120860452196e-17)]
    [InlineData("10-norm", 0.45, 0.3, 3.0507688916015636e-05)]
    [InlineData("10-norm", 0.16, 0.3, 2.166229511627775e-06)]
    [InlineData("10-norm", -2.0, 0.3, 102.40004468041)]
    [InlineData("1.01-norm", 0.3000003, 0.3, 1.4820482002382824e-15)]
    [InlineData("1.01-norm", 0.46, 0.3, 0.000362393436184115)]
    [InlineData("1.01-norm", 0.1, 0.3, 0.000887664421744087)]
    [InlineData("200-norm", 1.0249, 1.0, 0.6544348081822723)]
    [InlineData("200-norm", 0.9751, 1.0, 0.019932270172875393)]
    [InlineData("200-norm", 1.03, 1.0, 1.8117790760779622)]
    [InlineData("200-norm", 0.5, 1.0, 0.495)]
    [InlineData("negative-entropy", 0.3000003, 0.3, 1.499999500086517e-13)]
    [InlineData("negative-entropy", -0.45, -0.3, 0.03245929864867398)]
    [InlineData("negative-entropy", 0.4500001, 0.3, 0.032459339195195905)]
    [InlineData("negative-entropy", 1e-06, 0.3, 0.29998638846224635)]
    [InlineData("negative-entropy", 9.0, 0.3, 21.9107764349594)]
    [InlineData("burg-entropy", 0.3000003, 0.3, 4.999996666956723e-13)]
    [InlineData("burg-entropy", -0.45, -0.3, 0.09453489189183564)]
    [InlineData("burg-entropy", 0.4500001, 0.3, 0.09453500300297145)]
    [InlineData("burg-entropy", 1e-06, 0.3, 11.611541086971672)]
    [InlineData("burg-entropy", 9.0, 0.3, 25.598802618337846)]
    [InlineData("hypentropy:0.1", 0.3000003, 0.3, 1.4230245202503082e-13)]
    [InlineData("hypentropy:0.1", 0.458, 0.3, 0.03435234431773783)]
    [InlineData("hypentropy:0.1", -0.45, 0.3, 1.667757918683524)]
    [InlineData("hypentropy:0.1", 0.0, 0.3, 0.2162277660168379)]
    [InlineData("hypentropy:0.1", 1e-08, 0.0, 4.999999999999995e-16)]
    [InlineData("hypentropy:0.1", 40.0, -0.3, 300.4384927420654)]
    public void The_divergence_near_and_far(string name, double a, double b, double divergence) =>
        Close(divergence, Potential.Parse(name).Bregman<double>([a], [b]), 1e-12);

    [Fact]
    public void Negative_and_Burg_entropy_by_hand()
    {
        // At |w| = 1/e: ln|w| = -1.
        double w = Math.Exp(-1);
        Agrees(new NegativeEntropy(), -2, -(Math.Log(2) + 1), 0.5, 2 * Math.Log(2));
        Close(-w, new NegativeEntropy().Value<double>([-w]));
        Agrees(new BurgEntropy(), -4, 0.25, 0.0625, -Math.Log(4));
        Close(-1, new BurgEntropy().Conjugate<double>([-1], [1]));
    }

    [Theory]
    [InlineData(1e-5), InlineData(1e-7)]
    public void Hyperbolic_entropy_turns_into_its_two_limits(double beta)
    {
        // Against β = large it is Euclidean over β; against β = small, ln(2|w|/β), negative entropy but for a constant.
        double[] dual = PotentialLaw.Dual(new HyperbolicEntropy(1 / beta), [0.4, -0.3]);
        Close(0.4 * beta, dual[0], beta);
        Close(-0.3 * beta, dual[1], beta);

        double[] entropic = PotentialLaw.Dual(new HyperbolicEntropy(beta), [0.4, 0.1]);
        double[] negative = PotentialLaw.Dual(new NegativeEntropy(), [0.4, 0.1]);
        Assert.Equal(negative[0] - negative[1], entropic[0] - entropic[1], 10 * beta);
    }

    [Theory]
    [InlineData("negative-entropy", 0.0), InlineData("burg-entropy", -1.0), InlineData("1.5", 0.5), InlineData("2", 1.0)]
    public void The_family_of_the_exponent_is_the_potential_but_for_a_constant(string name, double exponent)
    {
        // sign(w)|w|^λ/λ in differences, which is what the inference sees; a factor of the dual weights does not change it.
        var potential = Potential.Parse(name);
        double[] dual = PotentialLaw.Dual(potential, [0.7, 0.2]);
        double family = exponent == 0 ? Math.Log(0.7 / 0.2) : (Math.Pow(0.7, exponent) - Math.Pow(0.2, exponent)) / exponent;

        Assert.Equal(exponent, potential.Exponent);
        Close(family * (exponent > 0 ? exponent : 1), dual[0] - dual[1]);
    }

    [Fact]
    public void The_sum_of_a_million_values_keeps_its_digits()
    {
        double[] w = new double[1_000_003];
        Array.Fill(w, 0.1);

        // 0.1 as a double, squared and halved, times n, in exact decimal arithmetic.
        Assert.Equal(5000.0150000000005551, new PNorm(2).Value<double>(w), 1e-12);
    }

    [Fact]
    public void A_result_beyond_the_format_is_an_error_and_not_an_infinity()
    {
        float[] w = [1f, 1e10f];
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => new PNorm(10).ToDual<float>(w, w));
        Assert.Contains("Weight 1 of 2 is 10000000000; its dual weight is beyond the largest Single", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new NegativeEntropy().FromDual<double>([1000], [1], new double[1]));
        Assert.Throws<OverflowException>(() => new PNorm(2).Value<float>([1.8e19f, 1.8e19f, 1.8e19f]));
    }

    [Fact]
    public void The_orthant_must_be_told_and_must_fit()
    {
        double[] room = new double[2];
        Assert.Contains(
            "Orthant value 1 of 2 is 0",
            Assert.Throws<ArgumentOutOfRangeException>(() => new NegativeEntropy().FromDual<double>([1, 1], [1, 0], room)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Dual weight 1 of 2 is 3; it has no weight in its orthant",
            Assert.Throws<ArgumentOutOfRangeException>(() => new BurgEntropy().FromDual<double>([-3, 3], [1, 1], room)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Dual weight 0 of 2 is 0; under Burg entropy no finite weight has this dual weight",
            Assert.Throws<ArgumentOutOfRangeException>(() => new BurgEntropy().FromDual<double>([0, 3], [1, -1], room)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Weight 1 of 2 is 0.1 in a and -0.1 in b",
            Assert.Throws<ArgumentOutOfRangeException>(() => new NegativeEntropy().Bregman<double>([1, 0.1], [1, -0.1])).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1), InlineData(0.5), InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void A_power_not_above_one_is_refused(double power)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PNorm(power));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PNorm(2) with { Power = power });
    }

    [Theory]
    [InlineData(0), InlineData(-1), InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void A_beta_not_positive_is_refused(double beta) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HyperbolicEntropy(beta));

    [Fact]
    public void Half_precision_is_refused_in_words() =>
        Assert.Contains(
            "float or double, not Half",
            Assert.Throws<NotSupportedException>(() => new PNorm(2).Value<Half>([Half.One])).Message,
            StringComparison.Ordinal);

    private static void Agrees(Potential potential, double w, double dual, double hessian, double value)
    {
        Close(dual, PotentialLaw.Dual(potential, [w])[0]);
        Close(hessian, PotentialLaw.Hessian(potential, [w])[0]);
        Close(value, potential.Value<double>([w]));
        double[] back = [dual];
        potential.FromDual<double>(back, [w], back);
        Close(w, back[0]);
    }

    private static void Close(double expected, double actual, double relative = 1e-13) =>
        Assert.True(Math.Abs(actual - expected) <= relative * Math.Abs(expected), $"{actual} is not {expected}");
}
