using System.Text.Json;
using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>The exact distance of a sample from the standard normal distribution.</summary>
public sealed class WassersteinTests
{
    public static TheoryData<string> Shapes =>
        ["normal", "student", "cauchy", "ties", "rounded", "shifted", "far", "bimodal", "atom", "two", "uniform", "wide"];

    [Fact]
    public void Golden_cases_agree()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden/mirror-descent.json")));
        foreach (JsonElement c in golden.RootElement.GetProperty("statistics").EnumerateArray())
        {
            double[] values = [.. c.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())];
            Assert.Equal(1, Wasserstein.ToNormal(values) / c.GetProperty("wasserstein1").GetDouble(), 1e-12);
            Assert.Equal(1, Wasserstein.ToNormal(values, centred: true) / c.GetProperty("wasserstein1_centred").GetDouble(), 1e-12);
        }
    }

    [Theory]
    [InlineData(new[] { 0.0 }, 0, 1, 0.797884560802865355879892119869)]
    [InlineData(new[] { 0.3, -1.7, 2.2, 0.05, 0.8, -0.4, 1.1, -0.9, 3.9, 0.62, -2.3, 0.11 }, 0, 1, 0.50461924308665032039808078161)]
    [InlineData(new[] { 0.3, -1.7, 2.2, 0.05, 0.8, -0.4, 1.1, -0.9, 3.9, 0.62, -2.3, 0.11 }, 3, 0.5, 5.39192554045172150068419587724)]
    [InlineData(new[] { -12.0, 9, 10 }, 0, 1, 9.6061337839826978887400120783)]
    public void Small_samples_agree_with_thirty_digit_quadrature(double[] values, double centre, double scale, double expected) =>
        Assert.Equal(1, Wasserstein.ToNormal(values, centre, scale) / expected, 1e-14);

    [Theory, MemberData(nameof(Shapes))]
    public void Counting_gives_what_sorting_gives(string shape)
    {
        foreach (int n in (int[])[5, 50, 500, 4096, 5000, 60_000, 700_000])
        {
            double[] values = Sample(shape, n);
            foreach ((double centre, double scale) in ((double, double)[])[(0, 1), (0.3, 0.7), (0, 20)])
            {
                double sorted = Wasserstein.Sorted<double>(values, centre, scale);
                double counted = Wasserstein.Counted<double>(values, SampleMoments.Of<double>(values), centre, scale);

                // 1e-13 of a distance of order one; where values lie far out the distance is as large as they are.
                Assert.Equal(0, (counted - sorted) / Math.Max(1, sorted), 1e-13);
            }
        }
    }

    [Theory]
    [InlineData("normal")]
    [InlineData("ties")]
    [InlineData("two")]
    public void Gathering_in_several_goes_gives_the_same(string shape)
    {
        double[] values = Sample(shape, 60_000);
        SampleMoments moments = SampleMoments.Of<double>(values);

        Assert.Equal(
            Wasserstein.Counted<double>(values, moments, 0, 1),
            Wasserstein.Counted<double>(values, moments, 0, 1, mostGathered: 500),
            1e-15);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Both_agree_with_brute_force_integration(string shape)
    {
        double[] values = Sample(shape, 300);
        double w1 = Wasserstein.ToNormal(values, 0, 1);
        double counted = Wasserstein.Counted<double>(values, SampleMoments.Of<double>(values), 0, 1);

        // The midpoint rule errs by at most half a step times the total variation of F − Φ, which is 2.
        double low = Math.Min(-9, values.Min()), high = Math.Max(9, values.Max()), step = (high - low) / 400_000;
        double[] sorted = [.. values.Order()];
        double sum = 0;
        int below = 0;
        for (double t = low + step / 2; t < high; t += step)
        {
            while (below < sorted.Length && sorted[below] <= t)
            {
                below++;
            }

            sum += Math.Abs((double)below / sorted.Length - NormalDistribution.Cdf(t)) * step;
        }

        Assert.Equal(sum, w1, step);
        Assert.Equal(sum, counted, step);
    }

    [Fact]
    public void A_shifted_sample_lies_its_shift_away()
    {
        // W₁ of N(m, 1) and N(0, 1) is |m|; normal quantiles stand for a sample, off by less than 1/√n.
        double[] quantiles = [.. Enumerable.Range(0, 100_000).Select(i => NormalDistribution.Quantile((i + 0.5) / 100_000))];

        Assert.Equal(0, Wasserstein.ToNormal(quantiles, 0, 1), 1e-4);
        Assert.Equal(2.5, Wasserstein.ToNormal(quantiles, -2.5, 1), 1e-4);
        Assert.Equal(Math.Sqrt(2 / Math.PI), Wasserstein.ToNormal(quantiles, 0, 2) * 2, 1e-4);
    }

    [Fact]
    public void Order_does_not_matter_and_values_do()
    {
        double[] values = Sample("student", 20_000), turned = [.. values.Reverse()];
        double[] other = [.. values];
        other[100] += 1;

        Assert.Equal(Wasserstein.ToNormal(values), Wasserstein.ToNormal(turned), 1e-14);
        Assert.NotEqual(Wasserstein.ToNormal(values), Wasserstein.ToNormal(other), 1e-8);
    }

    [Fact]
    public void Floats_count_as_the_numbers_they_are()
    {
        foreach (int n in (int[])[100, 9000])
        {
            float[] floats = [.. Sample("student", n).Select(v => (float)v)];
            double[] doubles = [.. floats.Select(v => (double)v)];

            Assert.Equal(Wasserstein.ToNormal(doubles), Wasserstein.ToNormal(floats));
            Assert.Equal(Wasserstein.ToNormal(doubles, 0.1, 2), Wasserstein.ToNormal(floats, 0.1, 2));
            Assert.Equal(Wasserstein.ToNormal(doubles, centred: true), Wasserstein.ToNormal(floats, centred: true));
        }
    }

    [Fact]
    public void Any_sample_gives_the_same_by_counting_as_by_sorting() =>
        Gen.Select(Gen.Double[-30, 30].Array[1, 60], Gen.Int[1, 200], Gen.Double[0.01, 10]).Sample((distinct, repeats, scale) =>
        {
            double[] values = [.. Enumerable.Repeat(distinct, repeats).SelectMany(v => v)];
            double sorted = Wasserstein.Sorted<double>(values, 0, scale);
            double counted = Wasserstein.Counted<double>(values, SampleMoments.Of<double>(values), 0, scale);
            Assert.Equal(0, (counted - sorted) / Math.Max(1, sorted), 1e-13);
        }, iter: 300);

    [Fact]
    public void What_has_no_scale_or_is_not_finite_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Wasserstein.ToNormal([1.0]));
        Assert.Throws<ArgumentException>(() => Wasserstein.ToNormal([2.0, 2.0]));
        Assert.Throws<ArgumentException>(() => Wasserstein.ToNormal(Array.Empty<double>(), 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Wasserstein.ToNormal([1.0, double.NaN], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Wasserstein.ToNormal([1.0, 2.0], 0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Wasserstein.ToNormal([1.0, 2.0], double.NaN, 1));
    }

    internal static double[] Sample(string shape, int n)
    {
        RandomSource random = new RandomSource(9).Fork(shape, (ulong)n);
        double[] z = new double[n];
        random.FillNormal(z);
        for (int i = 0; i < n; i++)
        {
            z[i] = shape switch
            {
                "student" => z[i] / Math.Sqrt((Square(random) + Square(random) + Square(random)) / 3),
                "cauchy" => z[i] / random.NextNormal(),
                "ties" => z[i / 7 * 7],
                "rounded" => Math.Round(4 * z[i]) / 4,
                "shifted" => z[i] + 1.5,
                "far" => z[i] + 40,
                "bimodal" => 0.2 * z[i] + (i % 2 == 0 ? 1 : -1),
                "atom" => i % 3 == 0 ? 0.125 : z[i],
                "two" => i % 2 == 0 ? -1 : 1,
                "uniform" => 3.4 * random.NextDouble() - 1.7,
                "wide" => 30 * z[i],
                _ => z[i],
            };
        }

        return z;

        static double Square(RandomSource random)
        {
            double v = random.NextNormal();
            return v * v;
        }
    }
}
