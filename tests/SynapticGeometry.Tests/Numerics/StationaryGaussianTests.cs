using System.Numerics;
using Xunit;

namespace SynapticGeometry.Tests.Numerics;

public sealed class StationaryGaussianTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(256)]
    [InlineData(512)]
    public void The_transform_is_the_sum_it_stands_for(int n)
    {
        double[] re = new double[n], im = new double[n], re2 = new double[n], im2 = new double[n];
        new RandomSource(1).FillNormal(re);
        new RandomSource(2).FillNormal(im);
        Complex[] x = [.. re.Zip(im, (a, b) => new Complex(a, b))];
        Complex[] expected = [.. Enumerable.Range(0, n).Select(k => x.Select((v, j) => v * Complex.FromPolarCoordinates(1, -2 * Math.PI * (j * k % n) / n)).Aggregate(Complex.Zero, (s, v) => s + v))];

        new FourierTransform(n).Transform(ref re, ref im, ref re2, ref im2);

        Assert.All(Enumerable.Range(0, n), k => Assert.True(Complex.Abs(new Complex(re[k], im[k]) - expected[k]) < 1e-13 * n));
    }

    [Theory]
    [InlineData(2, 1.0)]
    [InlineData(300, 1.0)]
    [InlineData(300, 2.0)]
    [InlineData(20_000, 1.0)]
    [InlineData(20_000, 2.0)]
    public void Every_lag_of_the_embedding_has_the_covariance_asked_for(int length, double power)
    {
        StationaryGaussian rows = StationaryGaussian.Alternating(length, power);

        double[] embedded = rows.EmbeddedCovariance();

        Assert.True(rows.EmbeddingLength >= 2 * (length - 1));
        Assert.All(Enumerable.Range(0, length), j => Assert.Equal((j % 2 == 0 ? 1 : -1) / (1 + Math.Pow(j, power)), embedded[j], 1e-13));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(2.0)]
    public void Rows_have_the_covariance_and_two_of_a_pair_none_within_sampling_error(double power)
    {
        double[] own = LagScores(power, j => StationaryGaussian.AlternatingCovariance(j, power)), other = LagScores(power, j => StationaryGaussian.AlternatingCovariance(j, 3 - power));

        // 13 numbers: 5 standard errors are passed once in 1e5 runs.
        Assert.All(own, z => Assert.InRange(z, -5, 5));

        // Control: the covariance of the other power, the same at distances 0 and 1, is not theirs.
        Assert.Contains(other, z => Math.Abs(z) > 7);
    }

    [Fact]
    public void What_is_no_covariance_is_refused_with_its_eigenvalue()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new StationaryGaussian(10, j => j == 0 ? 1 : j == 1 ? 0.9 : 0));

        Assert.Contains("negative eigenvalue -0.8", refused.Message, StringComparison.Ordinal);
        Assert.Contains("distance 3 is NaN", Assert.Throws<ArgumentException>(() => new StationaryGaussian(10, j => j == 3 ? double.NaN : 1)).Message, StringComparison.Ordinal);
    }

    // (estimate − covariance)/standard error of the first lags, and of the product of the two rows of a pair; the errors from independent rows.
    private static double[] LagScores(double power, Func<int, double> covariance)
    {
        const int Length = 50, Lags = 12, Pairs = 4000;
        StationaryGaussian sampler = StationaryGaussian.Alternating(Length, power);
        double[] first = new double[Length], second = new double[Length], sum = new double[Lags + 1], squares = new double[Lags + 1];
        RandomSource random = new(7);
        for (int pair = 0; pair < Pairs; pair++)
        {
            sampler.FillPair(random, first, second);
            for (int lag = 0; lag <= Lags; lag++)
            {
                double value = lag < Lags ? first[20] * first[20 + lag] : first[20] * second[20];
                sum[lag] += value;
                squares[lag] += value * value;
            }
        }

        return [.. sum.Select((s, lag) =>
        {
            double mean = s / Pairs, error = Math.Sqrt(((squares[lag] / Pairs) - (mean * mean)) / Pairs);
            return (mean - (lag < Lags ? covariance(lag) : 0)) / error;
        })];
    }
}
