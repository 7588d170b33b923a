using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Anderson-Darling, Cramér-von Mises and Wasserstein statistics of residuals.</summary>
public sealed class NormalityTestTests
{
    private static readonly double[] Fixed = [0.3, -1.7, 2.2, 0.05, 0.8, -0.4, 1.1, -0.9, 3.9, 0.62, -2.3, 0.11];

    [Fact]
    public void The_statistics_are_those_of_scipy()
    {
        // scipy 1.10.1: anderson(x, 'norm') and cramervonmises((x - mean)/s, 'norm'), both with s of n − 1.
        SampleMoments moments = SampleMoments.Of<double>(Fixed);
        double[] z = [.. Fixed.Select(v => (v - moments.Mean) / moments.StandardDeviation)];
        NormalityStatistics ours = NormalityTest.Statistics(z);

        Assert.Equal(0.24919950521402434, ours.AndersonDarling, 1e-13);
        Assert.Equal(0.0398116980949743, ours.CramerVonMises, 1e-14);
        Assert.Equal(12, ours.Count);
    }

    [Fact]
    public void Residuals_are_taken_as_they_are()
    {
        NormalityStatistics ours = NormalityTest.Statistics([.. Fixed]);

        // cramervonmises(x, 'norm') of scipy; A² by numpy from the definition; W₁ by quadrature with 30 digits.
        Assert.Equal(0.08913817115186659, ours.CramerVonMises, 1e-14);
        Assert.Equal(1.3289481033353177, ours.AndersonDarling, 1e-12);
        Assert.Equal(0.50461924308665032, ours.Wasserstein1, 1e-14);
    }

    [Fact]
    public void A_sample_is_centred_and_scaled_by_its_own_mean_and_deviation()
    {
        SampleMoments moments = SampleMoments.Of<double>(Fixed);
        double[] z = [.. Fixed.Select(v => (v - moments.Mean) / moments.PopulationStandardDeviation)];

        Assert.Equal(NormalityTest.Statistics(z), NormalityTest.StatisticsOfSample(Fixed));
        Assert.NotEqual(NormalityTest.Statistics([.. Fixed]), NormalityTest.StatisticsOfSample(Fixed));
    }

    [Theory, MemberData(nameof(WassersteinTests.Shapes), MemberType = typeof(WassersteinTests))]
    public void Large_samples_agree_with_the_definitions(string shape)
    {
        foreach (int n in (int[])[3, 4, 7, 100, 1000, 5000, 70_001])
        {
            double[] values = WassersteinTests.Sample(shape, n);
            double[] sorted = [.. values];
            NormalityStatistics ours = NormalityTest.Statistics(sorted, new double[n]);
            Assert.Equal(values.Order(), sorted);

            // Cramér-von Mises and Anderson-Darling as integrals over u = Φ of (F − u)² and (F − u)²/(u(1 − u)), gap by gap in
            // closed form: another road than the sums over ranks.
            double w2 = 0, a2 = 0;
            for (int i = 0; i <= n; i++)
            {
                double c = (double)i / n;
                double a = i == 0 ? double.NegativeInfinity : sorted[i - 1], b = i == n ? double.PositiveInfinity : sorted[i];
                double u = NormalDistribution.Cdf(a), v = NormalDistribution.Cdf(b);
                w2 += (Math.Pow(v - c, 3) - Math.Pow(u - c, 3)) / 3;
                double below = c == 0 ? 0 : c * c * (NormalDistribution.LogCdf(b) - NormalDistribution.LogCdf(a));
                double above = c == 1 ? 0 : (1 - c) * (1 - c) * (NormalDistribution.LogSurvival(b) - NormalDistribution.LogSurvival(a));
                a2 += below - above - (v - u);
            }

            Assert.Equal(1, ours.CramerVonMises / (n * w2), 1e-7);
            Assert.Equal(1, ours.AndersonDarling / (n * a2), 1e-7);
            Assert.Equal(Wasserstein.Sorted<double>(values, 0, 1), ours.Wasserstein1, 1e-12 * Math.Max(1, ours.Wasserstein1));
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(300_000)]
    public void Threads_do_not_change_a_bit(int n)
    {
        double[] values = WassersteinTests.Sample("student", n);
        NormalityStatistics one = NormalityTest.Statistics([.. values]);

        foreach (int threads in (int[])[2, 3, 8])
        {
            Assert.Equal(one, NormalityTest.Statistics([.. values], default, threads));
        }
    }

    [Fact]
    public void Too_few_or_senseless_residuals_are_refused()
    {
        Assert.Throws<ArgumentException>(() => NormalityTest.Statistics([1.0, 2.0]));
        Assert.Throws<ArgumentException>(() => NormalityTest.Statistics(new double[10], new double[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalityTest.Statistics([1.0, 2.0, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalityTest.Statistics([1.0, 2.0, 3.0], default, 0));
        Assert.Throws<ArgumentException>(() => NormalityTest.StatisticsOfSample([2.0, 2.0, 2.0, 2.0]));
    }
}
