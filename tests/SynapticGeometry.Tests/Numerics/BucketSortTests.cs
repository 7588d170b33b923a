using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Sorting by buckets against the sort of the runtime.</summary>
public sealed class BucketSortTests
{
    // Magnitudes spread evenly, over 600 decades, over few distinct values, or far from zero: each defeats another way of dealing.
    private static readonly Gen<double> AnyShape = Gen.OneOf(
        Gen.Double[-1, 1],
        Gen.Select(Gen.Double[-300, 300], Gen.Bool, (e, negative) => (negative ? -1 : 1) * Math.Pow(10, e)),
        Gen.Int[-3, 3].Select(i => (double)i),
        Gen.Int[0, 1000].Select(i => 1e15 + i));

    [Fact]
    public void Any_numbers_come_out_in_order() =>
        Gen.Select(AnyShape.Array[0, 300], Gen.Int[1, 60], Gen.Int[1, 3]).Sample((some, repeats, threads) =>
        {
            double[] values = [.. Enumerable.Repeat(some, repeats).SelectMany(v => v)];
            double[] expected = [.. values];
            Array.Sort(expected);

            BucketSort.Sort(values, new double[values.Length], threads);

            Assert.Equal(expected, values);
        }, iter: 300);

    [Theory]
    [InlineData(24, 1)]
    [InlineData(25, 1)]
    [InlineData(32_768, 1)]
    [InlineData(32_769, 1)]
    [InlineData(131_072, 2)]
    [InlineData(400_000, 3)]
    public void Long_lists_come_out_in_order_on_any_number_of_threads(int n, int threads)
    {
        foreach (string shape in (string[])["cauchy", "ties", "normal"])
        {
            double[] values = WassersteinTests.Sample(shape, n);
            foreach (double[] start in (double[][])[values, [.. values.Order()], [.. values.OrderDescending()]])
            {
                double[] expected = [.. start];
                Array.Sort(expected);
                double[] sorted = [.. start];

                BucketSort.Sort(sorted, new double[n], threads);

                Assert.Equal(expected, sorted);
            }
        }
    }
}
