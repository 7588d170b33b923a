using System.Numerics;
using System.Runtime.CompilerServices;
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

    private const int Stride = GridPoints + 1;
    private const double Low = -5;
    private const double High = 5;
    private const double Spacing = (High - Low) / (GridPoints - 1);

    // The computed position of z on the grid is wrong by less than 1e-12 (six roundings of numbers up to 1000); within this
    // distance of a grid point z itself, rounded as the definition says, is compared with the point.
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
        int[] counts = new int[4 * Stride];
        CountBins(changes, centre, scale, counts);

        double sum = 0;
        long below = 0;
        for (int k = 0; k < GridPoints; k++)
        {
            below += (long)counts[k] + counts[Stride + k] + counts[2 * Stride + k] + counts[3 * Stride + k];
            sum += Math.Abs((double)below / changes.Length - GridCdf[k]);
        }

        return sum * Spacing;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void CountBins<T>(ReadOnlySpan<T> changes, double centre, double scale, int[] counts)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int batch = SampleMoments.BlockSize;
        Span<double> buffer = stackalloc double[batch];
        ulong* bins = stackalloc ulong[batch];
        fixed (int* count = counts)
        {
            for (int done = 0; done < changes.Length; done += batch)
            {
                ReadOnlySpan<double> block = SampleMoments.Widen(
                    changes.Slice(done, Math.Min(batch, changes.Length - done)), buffer);
                FindBins(block, centre, scale, bins, done, changes.Length);
                int i = 0;
                for (; i <= block.Length - 4; i += 4)
                {
                    count[(int)bins[i]]++;
                    count[Stride + (int)bins[i + 1]]++;
                    count[2 * Stride + (int)bins[i + 2]]++;
                    count[3 * Stride + (int)bins[i + 3]]++;
                }

                for (; i < block.Length; i++)
                {
                    count[(int)bins[i]]++;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void FindBins(
        ReadOnlySpan<double> values, double centre, double scale, ulong* bins, int offset, int total)
    {
        // Adding 2⁵² rounds to an integer and leaves it in the low bits.
        const double shifter = 4503599627370496.0;
        Vector256<double> shift = Vector256.Create(shifter), certain = Vector256.Create(0.5 - Doubt);
        Vector256<double> least = Vector256<double>.Zero, most = Vector256.Create((double)GridPoints);
        Vector256<double> first = Vector256.Create(centre), factor = Vector256.Create(1 / (scale * Spacing));
        Vector256<double> plus = Vector256.Create(0.5 - Low / Spacing);
        Vector256<ulong> mask = Vector256.Create(0xFFFFFFFFUL);
        Vector256<double> finite = Vector256<double>.Zero;
        int i = 0;
        fixed (double* value = values)
        {
            for (; i <= values.Length - 4; i += 4)
            {
                // Half more than the position on the grid, so that the nearest integer is the number of points at or below z,
                // unless it is half away.
                Vector256<double> place = Vector256.FusedMultiplyAdd(Vector256.Load(value + i) - first, factor, plus);
                finite = Vector256.FusedMultiplyAdd(place, Vector256<double>.Zero, finite);
                place = Vector256.MinNative(most, Vector256.MaxNative(least, place));
                Vector256<double> nearest = place + shift;
                (nearest.AsUInt64() & mask).Store(bins + i);
                Vector256<double> distance = Vector256.Abs(place - (nearest - shift));
                if (!Vector256.LessThanAll(distance, certain))
                {
                    for (int lane = i; lane < i + 4; lane++)
                    {
                        bins[lane] = ExactBin((values[lane] - centre) / scale, offset + lane, total);
                    }
                }
            }
        }

        // An infinity times 0 is not a number: look again, value by value.
        i = Vector256.EqualsAll(finite, Vector256<double>.Zero) ? i : 0;
        for (; i < values.Length; i++)
        {
            bins[i] = ExactBin((values[i] - centre) / scale, offset + i, total);
        }
    }

    // Not for many values: a binary search each.
    private static ulong ExactBin(double z, int index, int total)
    {
        if (!double.IsFinite(z))
        {
            throw new ArgumentOutOfRangeException(
                nameof(z), $"Change {index} of {total} is {z} after scaling; finite numbers are needed.");
        }

        int bin = Array.BinarySearch(GridValues, z);
        return (ulong)(bin < 0 ? ~bin : bin + 1);
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
