using System.Globalization;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>The normal distribution against values computed with 60 digits (mpmath 1.2.1).</summary>
public sealed class NormalDistributionTests
{
    /// <summary>Largest error allowed, in units in the last place of the expected value.</summary>
    private const double Ulps = 4;

    private static readonly double[,] Reference =
    {
        // x, Φ(x), ln Φ(x), ln(1 − Φ(x))
        { -38.0, 2.88542835e-316, -726.5572160188201, -2.88542835e-316 },
        { -37.5, 4.605353009581955e-308, -707.6689893175072, -4.605353009581955e-308 },
        { -36.0, 4.182624065797283e-284, -652.5032275937984, -4.182624065797283e-284 },
        { -33.3, 1.93050550592784e-243, -558.8703957087615, -1.93050550592784e-243 },
        { -30.0, 4.906713927148187e-198, -454.3212439563432, -4.906713927148187e-198 },
        { -27.1, 4.923185454083107e-162, -371.4248292940196, -4.923185454083107e-162 },
        { -25.0, 3.056696706382561e-138, -316.63940800802027, -3.056696706382561e-138 },
        { -22.2, 1.717252189809858e-109, -250.44104968705585, -1.717252189809858e-109 },
        { -20.0, 2.7536241186062337e-89, -203.91715537109727, -2.7536241186062337e-89 },
        { -17.5, 7.163458766235035e-69, -156.9093784843464, -7.163458766235035e-69 },
        { -15.0, 3.670966199312751e-51, -116.1313848457117, -3.670966199312751e-51 },
        { -12.3, 4.5287069561587846e-35, -79.08004179618399, -4.5287069561587846e-35 },
        { -10.0, 7.619853024160525e-24, -53.23128515051247, -7.619853024160525e-24 },
        { -9.1, 4.5165914914354566e-20, -44.543944245324454, -4.5165914914354566e-20 },
        { -8.5, 9.479534822203318e-18, -39.19739642821767, -9.479534822203318e-18 },
        { -8.0, 6.220960574271784e-16, -35.01343715991455, -6.220960574271786e-16 },
        { -7.4, 6.809224890620016e-14, -30.31791300752534, -6.809224890620247e-14 },
        { -7.0, 1.279812543885835e-12, -27.384307498811076, -1.279812543886654e-12 },
        { -6.5, 4.016000583859118e-11, -23.938149495161838, -4.016000583939759e-11 },
        { -6.0, 9.86587645037698e-10, -20.736768949974707, -9.865876455243758e-10 },
        { -5.5, 1.8989562465887718e-08, -17.77937635262526, -1.8989562646189464e-08 },
        { -5.0, 2.866515718791939e-07, -15.064998393988725, -2.866516129637636e-07 },
        { -4.6, 2.1124547025028533e-06, -13.067659920547177, -2.1124569337384307e-06 },
        { -4.2, 1.3345749015906327e-05, -11.224312649601075, -1.3345838071207066e-05 },
        { -3.9, 4.8096344017602736e-05, -9.942304391691357, -4.8097500683844425e-05 },
        { -3.5, 0.00023262907903552504, -8.366065308344092, -0.00023265614137680455 },
        { -3.1, 0.0009676032132183566, -6.940688458421228, -0.0009680716434015497 },
        { -2.8, 0.0025551303304279342, -5.969652046675208, -0.002558400247160586 },
        { -2.5, 0.006209665325776135, -5.08164827727869, -0.006229025485860002 },
        { -2.2, 0.013903447513498604, -4.275618447044144, -0.014001005759384578 },
        { -1.9, 0.028716559816001807, -3.5502813255421346, -0.02913694784510576 },
        { -1.6, 0.05479929169955798, -2.904078010302246, -0.0563579843039837 },
        { -1.3, 0.09680048458561033, -2.3351032786624426, -0.10181180266765504 },
        { -1.0, 0.15865525393145705, -1.8410216450092636, -0.17275377902344988 },
        { -0.8, 0.21185539858339666, -1.5518513191877767, -0.23807370162332805 },
        { -0.6, 0.2742531177500736, -1.293703811614028, -0.3205539719875189 },
        { -0.4, 0.3445782583896758, -1.0654340491895766, -0.42247637022777607 },
        { -0.25, 0.4012936743170763, -0.9130617648111351, -0.5129840754094305 },
        { -0.1, 0.460172162722971, -0.7761545927302733, -0.6165050101150263 },
        { -0.01, 0.4960106436853684, -0.7011578934443701, -0.6852001295571155 },
        { -1e-05, 0.49999601057719606, -0.6931551594373844, -0.6931392017461683 },
        { -1e-12, 0.49999999999960104, -0.6931471805607432, -0.6931471805591475 },
        { 0.0, 0.5, -0.6931471805599453, -0.6931471805599453 },
    };

    public static TheoryData<double, double, double, double> Rows
    {
        get
        {
            TheoryData<double, double, double, double> rows = [];
            for (int i = 0; i < Reference.GetLength(0); i++)
            {
                rows.Add(Reference[i, 0], Reference[i, 1], Reference[i, 2], Reference[i, 3]);
            }

            return rows;
        }
    }

    [Theory, MemberData(nameof(Rows))]
    public void Both_tails_agree_with_sixty_digit_values(double x, double cdf, double logCdf, double logSurvival)
    {
        Near(cdf, NormalDistribution.Cdf(x));
        Near(cdf, NormalDistribution.Survival(-x));
        Near(1 - cdf, NormalDistribution.Survival(x));
        Near(logCdf, NormalDistribution.LogCdf(x));
        Near(logCdf, NormalDistribution.LogSurvival(-x));
        Near(logSurvival, NormalDistribution.LogSurvival(x));
        Near(logSurvival, NormalDistribution.LogCdf(-x));
    }

    [Theory]
    [InlineData(-60, -1805.0135606805673)]
    [InlineData(-100, -5005.524208694205)]
    [InlineData(-1e3, -500007.82669481216)]
    [InlineData(-1e5, -5000000012.431864)]
    [InlineData(-1e8, -5000000000000019.0)]
    public void The_logarithm_goes_on_where_the_probability_underflows(double x, double logCdf)
    {
        Near(logCdf, NormalDistribution.LogCdf(x));
        Near(logCdf, NormalDistribution.LogSurvival(-x));
    }

    [Fact]
    public void Limits_are_taken()
    {
        Assert.Equal(0, NormalDistribution.Cdf(double.NegativeInfinity));
        Assert.Equal(1, NormalDistribution.Cdf(double.PositiveInfinity));
        Assert.Equal(0, NormalDistribution.Cdf(-40));
        Assert.Equal(1, NormalDistribution.Cdf(1e300));
        Assert.Equal(double.NegativeInfinity, NormalDistribution.LogCdf(double.NegativeInfinity));
        Assert.Equal(double.NegativeInfinity, NormalDistribution.LogCdf(-1e200));
        Assert.Equal(0, NormalDistribution.LogCdf(double.PositiveInfinity));
        Assert.Equal(0, NormalDistribution.Density(double.PositiveInfinity));
        Assert.True(double.IsNaN(NormalDistribution.Cdf(double.NaN)));
        Assert.True(double.IsNaN(NormalDistribution.LogCdf(double.NaN)));
        Assert.True(double.IsNaN(NormalDistribution.LogSurvival(double.NaN)));
        Assert.True(double.IsNaN(NormalDistribution.Density(double.NaN)));
        Assert.True(double.IsNaN(NormalDistribution.Quantile(double.NaN)));
    }

    [Fact]
    public void The_density_agrees_with_sixty_digit_values()
    {
        Near(0.3989422804014327, NormalDistribution.Density(0));
        Near(0.05399096651318806, NormalDistribution.Density(-2));
        Near(7.694598626706419e-23, NormalDistribution.Density(10));
        Near(5.215262198831984e-300, NormalDistribution.Density(37.1));
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.4999, -0.00025066283008800747)]
    [InlineData(0.3, -0.5244005127080408)]
    [InlineData(0.025, -1.9599639845400543)]
    [InlineData(1e-5, -4.264890793922825)]
    [InlineData(1e-10, -6.361340902404057)]
    [InlineData(1e-300, -37.0470962993612)]
    [InlineData(4.94065645841246544e-324, -38.467405617144344)]
    [InlineData(0.999, 3.090232306167813)]
    public void Quantiles_agree_with_sixty_digit_values(double p, double x) => Near(x, NormalDistribution.Quantile(p));

    [Theory]
    [InlineData(-800, -39.88469483825668)]
    [InlineData(-1e4, -141.37983987312717)]
    [InlineData(-1e6, -1414.2077829910174)]
    [InlineData(-23.025850929940457, -6.361340902404056)]
    [InlineData(-1.000000000000005e-15, 7.941345326170996)]
    public void Quantiles_of_logarithms_agree_with_sixty_digit_values(double logP, double x) =>
        Near(x, NormalDistribution.QuantileOfLog(logP));

    [Fact]
    public void Quantiles_end_at_infinity_and_are_refused_outside()
    {
        Assert.Equal(double.NegativeInfinity, NormalDistribution.Quantile(0));
        Assert.Equal(double.PositiveInfinity, NormalDistribution.Quantile(1));
        Assert.Equal(double.NegativeInfinity, NormalDistribution.QuantileOfLog(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, NormalDistribution.QuantileOfLog(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalDistribution.Quantile(-1e-300));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalDistribution.Quantile(1.0000001));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalDistribution.QuantileOfLog(1e-300));
    }

    [Fact]
    public void A_span_gives_the_bits_of_its_elements()
    {
        for (int n = 0; n <= 13; n++)
        {
            double[] x = [.. Enumerable.Range(0, n).Select(i => 3.7 * Math.Sin(i + n) * (1 + i))];
            double[] cdf = new double[n], logCdf = new double[n], logSurvival = new double[n];
            NormalDistribution.Cdf(x, cdf);
            NormalDistribution.LogCdfAndSurvival(x, logCdf, logSurvival);

            Assert.Equal(x.Select(NormalDistribution.Cdf), cdf);
            Assert.Equal(x.Select(NormalDistribution.LogCdf), logCdf);
            Assert.Equal(x.Select(NormalDistribution.LogSurvival), logSurvival);
            NormalDistribution.Cdf(x, x);
            Assert.Equal(cdf, x);
        }
    }

    [Fact]
    public void Spans_of_unequal_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => NormalDistribution.Cdf(new double[3], new double[2]));
        Assert.Throws<ArgumentException>(() => NormalDistribution.LogCdfAndSurvival(new double[3], new double[3], new double[4]));
    }

    private static void Near(double expected, double actual)
    {
        double error = Math.Abs(actual - expected) / (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected));
        Assert.True(
            error <= Ulps,
            string.Create(CultureInfo.InvariantCulture, $"{actual:R} is {error} units in the last place from {expected:R}"));
    }
}
