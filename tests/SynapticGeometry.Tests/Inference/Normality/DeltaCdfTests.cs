using System.Text.Json;
using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>The published statistic of the dual changes.</summary>
public sealed class DeltaCdfTests
{
    // A value falls exactly on grid points, just beside them, or anywhere.
    private static readonly Gen<double> NearGrid = Gen.Select(
        Gen.Int[-20, 1020], Gen.Int[0, 5], Gen.Double[-7, 7], (k, where, anywhere) =>
        {
            double point = DeltaCdf.Grid[Math.Clamp(k, 0, 999)];
            return where switch
            {
                0 => point,
                1 => Math.BitIncrement(point),
                2 => Math.BitDecrement(point),
                3 => Math.Round(anywhere),
                _ => anywhere,
            };
        });

    [Fact]
    public void Golden_cases_agree()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden/mirror-descent.json")));
        foreach (JsonElement c in golden.RootElement.GetProperty("statistics").EnumerateArray())
        {
            double[] values = [.. c.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())];
            Close(c.GetProperty("delta_cdf_grid").GetDouble(), DeltaCdf.Statistic(values));
            Close(c.GetProperty("delta_cdf_grid_centred").GetDouble(), DeltaCdf.Statistic(values, centred: true));
        }

        static void Close(double expected, double actual) => Assert.Equal(1, actual / expected, 1e-12);
    }

    [Fact]
    public void The_grid_is_that_of_numpy_linspace()
    {
        // numpy.linspace(-5, 5, 1000)
        Assert.Equal(1000, DeltaCdf.Grid.Length);
        Assert.Equal(-5, DeltaCdf.Grid[0]);
        Assert.Equal(-4.98998998998999, DeltaCdf.Grid[1]);
        Assert.Equal(0.005005005005005003, DeltaCdf.Grid[500]);
        Assert.Equal(2.7777777777777777, DeltaCdf.Grid[777]);
        Assert.Equal(5, DeltaCdf.Grid[999]);
    }

    [Fact]
    public void Counting_value_by_value_gives_the_same_also_at_grid_points() =>
        NearGrid.Array[1, 2100].Sample(z =>
        {
            double sum = 0;
            foreach (double t in DeltaCdf.Grid)
            {
                sum += Math.Abs((double)z.Count(v => v < t) / z.Length - NormalDistribution.Cdf(t));
            }

            Assert.Equal(sum * (10.0 / 999), DeltaCdf.Statistic(z, centre: 0, scale: 1), 1e-13);
        }, iter: 100);

    [Theory]
    [InlineData(1e6, 1)]
    [InlineData(1e6, 1e-4)]
    [InlineData(1e12, 1)]
    [InlineData(-3e13, 0.25)]
    public void A_centre_far_from_zero_costs_nothing(double centre, double scale)
    {
        double[] changes = [.. Enumerable.Range(0, 3000).Select(i => centre + scale * (i % 3 == 0 ? DeltaCdf.Grid[i / 3] : 4 * Math.Sin(i * 1.3)))];
        double[] z = [.. changes.Select(v => (v - centre) / scale)];

        Assert.Equal(DeltaCdf.Statistic(z, 0, 1), DeltaCdf.Statistic(changes, centre, scale), 1e-13);
    }

    [Fact]
    public void A_value_on_a_grid_point_is_not_below_it()
    {
        // One value at t₅₀₀ against one just below: the count at t₅₀₀ differs, and nothing else.
        double t = DeltaCdf.Grid[500];
        double on = DeltaCdf.Statistic([t], 0, 1), below = DeltaCdf.Statistic([Math.BitDecrement(t)], 0, 1);

        double share = NormalDistribution.Cdf(t);
        Assert.Equal((share - (1 - share)) * (10.0 / 999), on - below, 1e-13);
    }

    [Fact]
    public void Centre_and_scale_may_be_given()
    {
        double[] values = [.. Enumerable.Range(0, 500).Select(i => 3 + 2 * Math.Sin(i))];
        SampleMoments moments = SampleMoments.Of<double>(values);

        Assert.Equal(DeltaCdf.Statistic(values), DeltaCdf.Statistic(values, 0, moments.StandardDeviation));
        Assert.Equal(DeltaCdf.Statistic(values, centred: true), DeltaCdf.Statistic(values, moments.Mean, moments.StandardDeviation));
        Assert.NotEqual(DeltaCdf.Statistic(values), DeltaCdf.Statistic(values, centred: true));
    }

    [Fact]
    public void Floats_count_as_the_numbers_they_are()
    {
        float[] floats = [.. Enumerable.Range(0, 1500).Select(i => MathF.Sin(i) + 0.1f)];

        Assert.Equal(DeltaCdf.Statistic([.. floats.Select(v => (double)v)]), DeltaCdf.Statistic(floats));
        Assert.Equal(DeltaCdf.Statistic([.. floats.Select(v => (double)v)], 0.1, 2), DeltaCdf.Statistic(floats, 0.1, 2));
    }

    [Fact]
    public void Scale_does_not_matter_and_shift_does()
    {
        double[] values = [.. Enumerable.Range(0, 999).Select(i => Math.Sin(i * 1.7) + Math.Cos(i * i))];

        Assert.Equal(DeltaCdf.Statistic(values), DeltaCdf.Statistic([.. values.Select(v => 1024 * v)]));
        Assert.NotEqual(DeltaCdf.Statistic(values), DeltaCdf.Statistic([.. values.Select(v => v + 1)]), 0.1);
        Assert.Equal(
            DeltaCdf.Statistic(values, centred: true), DeltaCdf.Statistic([.. values.Select(v => v + 1)], centred: true), 1e-12);
    }

    [Fact]
    public void What_has_no_scale_or_is_not_finite_is_refused()
    {
        Assert.Throws<ArgumentException>(() => DeltaCdf.Statistic([1.0]));
        Assert.Throws<ArgumentException>(() => DeltaCdf.Statistic([2.0, 2.0, 2.0]));
        Assert.Throws<ArgumentException>(() => DeltaCdf.Statistic(Array.Empty<double>()));
        Assert.Throws<ArgumentOutOfRangeException>(() => DeltaCdf.Statistic([1.0, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => DeltaCdf.Statistic([1.0, 2.0], 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => DeltaCdf.Statistic([1.0, 2.0], double.NaN, 1));
        foreach (int at in (int[])[0, 3, 1500, 2001])
        {
            double[] changes = new double[2002];
            changes[at] = double.NegativeInfinity;
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => DeltaCdf.Statistic(changes, 0, 1));
            Assert.Contains($"Change {at} of 2002", error.Message, StringComparison.Ordinal);
        }
    }
}
