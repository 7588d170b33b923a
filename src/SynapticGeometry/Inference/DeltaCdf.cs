using System.Numerics;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>
/// Delta-CDF, the published measure of how far dual changes are from Gaussian: Σₖ |F(tₖ) − Φ(tₖ)| Δt on 1000 equally spaced
/// points tₖ from −5 to 5, where F(t) is the share of z = change / standard deviation strictly below t.
/// </summary>
/// <remarks>
/// The standard deviation has n − 1 in its denominator. By default z is not centred, as published: a mean change then counts as
/// misfit. The counts are exact for z as rounded to double, ties with grid points included. One pass for the moments, one for
/// the counts; no allocation that grows with n. <see cref="Wasserstein"/> is the same distance without grid and cut.
/// Source: Pogodin et al. 2024, section 4 (Delta-CDF).
/// </remarks>
public static class DeltaCdf
{
    /// <summary>Number of grid points.</summary>
    public const int GridPoints = 1000;

    private const double Low = -5;
    private const double High = 5;
    private const double Spacing = (High - Low) / (GridPoints - 1);

    // The computed position of z on the grid is wrong by less than 1e-12 (five roundings of numbers up to 1000); within this
    // distance of a grid point z itself is compared with the point.
    private const double Doubt = 1e-9;

    private static readonly double[] GridValues = MakeGrid();
    private static readonly double[] GridCdf = MakeGridCdf();

    /// <summary>The grid t₀ = −5, ..., t₉₉₉ = 5.</summary>
    public static ReadOnlySpan<double> Grid => GridValues;

    /// <summary>Delta-CDF of <paramref name="changes"/>.</summary>
    /// <param name="changes">n ≥ 2 dual changes, finite, not all equal.</param>
    /// <param name="centred">Whether the mean is subtracted first; the published statistic does not.</param>
    /// <returns>0 to 5, dimensionless.</returns>
    /// <exception cref="ArgumentException">There are fewer than two changes, or all are equal.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A change is not finite.</exception>
    public static double Statistic(ReadOnlySpan<double> changes, bool centred = false) => Estimated(changes, centred);

    /// <inheritdoc cref="Statistic(ReadOnlySpan{double}, bool)"/>
    public static double Statistic(ReadOnlySpan<float> changes, bool centred = false) => Estimated(changes, centred);

    /// <summary>Delta-CDF of z = (change − centre)/scale for a centre and scale already known.</summary>
    /// <param name="changes">n ≥ 1 dual changes, finite.</param>
    /// <param name="centre">Subtracted from each change, in its unit; 0 for the published statistic.</param>
    /// <param name="scale">Divides, in the unit of the changes, above 0.</param>
    /// <returns>0 to 5, dimensionless.</returns>
    /// <exception cref="ArgumentException">There are no changes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A change or the centre is not finite, or the scale not positive and finite.</exception>
    public static double Statistic(ReadOnlySpan<double> changes, double centre, double scale) => Scaled(changes, centre, scale);

    /// <inheritdoc cref="Statistic(ReadOnlySpan{double}, double, double)"/>
    public static double Statistic(ReadOnlySpan<float> changes, double centre, double scale) => Scaled(changes, centre, scale);

    /// <summary>Mean (or 0) and standard deviation by which changes are standardized; throws where there is no spread.</summary>
    internal static (double Centre, double Scale) Standard(SampleMoments moments, bool centred)
    {
        if (moments.Count < 2)
        {
            throw new ArgumentException("There is 1 value; a standard deviation needs at least 2.");
        }

        if (moments.Minimum == moments.Maximum)
        {
            throw new ArgumentException($"All {moments.Count} values are {moments.Minimum:R}; without spread there is no scale.");
        }

        return (centred ? moments.Mean : 0, moments.StandardDeviation);
    }

    internal static void CheckStandard(double centre, double scale)
    {
        if (!double.IsFinite(centre))
        {
            throw new ArgumentOutOfRangeException(nameof(centre), centre, "A centre is finite.");
        }

        if (!double.IsFinite(scale) || scale <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "A scale is positive and finite.");
        }
    }

    private static double Estimated<T>(ReadOnlySpan<T> changes, bool centred)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (double centre, double scale) = Standard(SampleMoments.Of(changes), centred);
        return Scaled(changes, centre, scale);
    }

    private static double Scaled<T>(ReadOnlySpan<T> changes, double centre, double scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (changes.IsEmpty)
        {
            throw new ArgumentException("There are no changes.", nameof(changes));
        }

        CheckStandard(centre, scale);

        // Bin j holds the z with exactly j grid points at or below them. Four histograms, so that runs of equal bins need not
        // wait for one another.
        const int stride = GridPoints + 1;
        int[] counts = new int[4 * stride];
        Span<double> z = stackalloc double[SampleMoments.BlockSize];
        Span<int> bins = stackalloc int[SampleMoments.BlockSize];
        for (int done = 0; done < changes.Length; done += SampleMoments.BlockSize)
        {
            ReadOnlySpan<T> block = changes.Slice(done, Math.Min(SampleMoments.BlockSize, changes.Length - done));
            SampleMoments.Standardize(block, centre, scale, z);
            for (int i = block.Length; i % 4 != 0; i++)
            {
                z[i] = 0;
            }

            FindBins(z, bins, block.Length, done, changes.Length);
            Count(bins[..block.Length], counts, stride);
        }

        double sum = 0;
        long below = 0;
        for (int k = 0; k < GridPoints; k++)
        {
            below += (long)counts[k] + counts[stride + k] + counts[2 * stride + k] + counts[3 * stride + k];
            sum += Math.Abs((double)below / changes.Length - GridCdf[k]);
        }

        return sum * Spacing;
    }

    private static void FindBins(Span<double> z, Span<int> bins, int length, int offset, int total)
    {
        Vector256<double> low = Vector256.Create(0.5), high = Vector256.Create(GridPoints + 0.5), doubt = Vector256.Create(Doubt);
        for (int i = 0; i < length; i += 4)
        {
            // One more than the position on the grid, so that the integer part is the number of points at or below z.
            Vector256<double> position = Vector256.FusedMultiplyAdd(
                Vector256.Create<double>(z.Slice(i, 4)), Vector256.Create(1 / Spacing), Vector256.Create(1 - Low / Spacing));
            position = Vector256.MinNative(high, Vector256.MaxNative(low, position));
            Vector256<double> distance = Vector256.Abs(position - Vector256.Round(position));
            Vector128<int> bin = Vector128.Narrow(
                Vector256.ConvertToInt64Native(position).GetLower(), Vector256.ConvertToInt64Native(position).GetUpper());
            bin.CopyTo(bins[i..]);
            if (!Vector256.GreaterThanAll(distance, doubt))
            {
                for (int j = i; j < Math.Min(i + 4, length); j++)
                {
                    bins[j] = ExactBin(z[j], offset + j, total);
                }
            }
        }
    }

    private static int ExactBin(double z, int index, int total)
    {
        if (!double.IsFinite(z))
        {
            throw new ArgumentOutOfRangeException(
                nameof(z), $"Change {index} of {total} is {z} after scaling; finite numbers are needed.");
        }

        int bin = Array.BinarySearch(GridValues, z);
        return bin < 0 ? ~bin : bin + 1;
    }

    private static void Count(ReadOnlySpan<int> bins, Span<int> counts, int stride)
    {
        int i = 0;
        for (; i <= bins.Length - 4; i += 4)
        {
            counts[bins[i]]++;
            counts[stride + bins[i + 1]]++;
            counts[2 * stride + bins[i + 2]]++;
            counts[3 * stride + bins[i + 3]]++;
        }

        for (; i < bins.Length; i++)
        {
            counts[bins[i]]++;
        }
    }

    private static double[] MakeGrid()
    {
        double[] grid = new double[GridPoints];
        for (int k = 0; k < GridPoints; k++)
        {
            grid[k] = k * Spacing + Low;
        }

        grid[^1] = High;
        return grid;
    }

    private static double[] MakeGridCdf()
    {
        double[] cdf = new double[GridPoints];
        NormalDistribution.Cdf(GridValues, cdf);
        return cdf;
    }
}
