using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Mean, spread and extremes.</summary>
public sealed class SampleMomentsTests
{
    [Fact]
    public void A_mean_far_above_the_spread_costs_no_digits()
    {
        double[] values = [1e8 + 1, 1e8 + 2, 1e8 + 4.5, 1e8 - 3];

        // By rational arithmetic.
        SampleMoments moments = SampleMoments.Of<double>(values);
        Assert.Equal(100000001.125, moments.Mean);
        Assert.Equal(3.1191612120354835, moments.StandardDeviation, 1e-15);
        Assert.Equal(3.1191612120354835 * Math.Sqrt(0.75), moments.PopulationStandardDeviation, 1e-15);
        Assert.Equal((1e8 - 3, 1e8 + 4.5, 4), (moments.Minimum, moments.Maximum, moments.Count));
    }

    [Fact]
    public void Moments_agree_with_decimal_arithmetic_for_every_length() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Int[-50, 50]).Sample((n, shift) =>
        {
            double[] values = [.. Enumerable.Range(0, n).Select(i => shift + Math.Round(Math.Sin(i * i) * 1024) / 1024)];
            decimal mean = values.Sum(v => (decimal)v) / n;
            decimal squares = values.Sum(v => ((decimal)v - mean) * ((decimal)v - mean)) / n;

            SampleMoments moments = SampleMoments.Of<double>(values);
            SampleMoments ofFloats = SampleMoments.Of<float>([.. values.Select(v => (float)v)]);

            Assert.Equal((double)mean, moments.Mean, 1e-14);
            Assert.Equal(Math.Sqrt((double)squares), moments.PopulationStandardDeviation, 1e-14);
            Assert.Equal(values.Min(), moments.Minimum);
            Assert.Equal(values.Max(), moments.Maximum);

            // These numbers are exact as floats: nothing may be rounded on the way.
            Assert.Equal(moments, ofFloats);
        }, iter: 60);

    [Fact]
    public void Sorted_or_stepped_values_cost_no_digits()
    {
        // The mean so far is far from the block's own here. By hand: 0, ..., n − 1 has mean (n − 1)/2 and variance (n² − 1)/12.
        const int n = 100_000;
        SampleMoments ramp = SampleMoments.Of<double>([.. Enumerable.Range(0, n).Select(i => (double)i)]);
        Assert.Equal(49999.5, ramp.Mean, 1e-9);
        Assert.Equal(1, ramp.PopulationStandardDeviation / Math.Sqrt(((double)n * n - 1) / 12), 1e-14);

        SampleMoments step = SampleMoments.Of<double>([.. Enumerable.Range(0, 4096).Select(i => i < 2048 ? 1e9 : 1e9 + 1)]);
        Assert.Equal(1e9 + 0.5, step.Mean);
        Assert.Equal(0.5, step.PopulationStandardDeviation, 1e-15);
    }

    [Theory]
    [InlineData(1e-200)]
    [InlineData(1e-300)]
    [InlineData(1e200)]
    [InlineData(1e307)]
    public void Squares_that_over_or_underflow_do_no_harm(double unit)
    {
        double[] values = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        SampleMoments moments = SampleMoments.Of<double>([.. values.Select(v => v * unit)]);

        Assert.Equal(5, moments.Mean / unit, 1e-14);
        Assert.Equal(Math.Sqrt(7.5), moments.StandardDeviation / unit, 1e-14);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_value_that_is_not_finite_is_named(double bad)
    {
        foreach (int at in (int[])[0, 5, 1700, 2999])
        {
            double[] values = [.. Enumerable.Range(0, 3000).Select(i => (double)i)];
            values[at] = bad;
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => SampleMoments.Of<double>(values));
            Assert.Contains($"Value {at} of 3000", error.Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => SampleMoments.Of<double>([]));
    }
}
