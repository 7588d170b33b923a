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

    // The computed position of z on the grid is wrong by less than 1e-6; rounding it to single precision cannot carry it over a half,
    // where bins meet. Within this distance of a grid point z itself, rounded as the definition says, is compared with the point.
    private const float Doubt = 1e-5f;

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

    private static unsafe void CountBins<T>(ReadOnlySpan<T> changes, double centre, double scale, int[] counts)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<double> buffer = stackalloc double[SampleMoments.BlockSize];
        fixed (int* count = counts)
        {
            for (int done = 0; done < changes.Length; done += SampleMoments.BlockSize)
            {
                ReadOnlySpan<T> block = changes.Slice(done, Math.Min(SampleMoments.BlockSize, changes.Length - done));
                CountBins(SampleMoments.Widen(block, buffer), centre, scale, count, done, changes.Length);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void CountBins(
        ReadOnlySpan<double> values, double centre, double scale, int* count, int offset, int total)
    {
        // Single precision is enough to place nearly every value, twice as many at a time. Adding 2²³ rounds to an integer and
        // leaves it in the low 16 bits of each 32.
        const float shifter = 8388608;
        double perUnit = 1 / (scale * Spacing), farness = Math.Abs(centre * perUnit);
        Vector256<float> shift = Vector256.Create(shifter), least = Vector256<float>.Zero, most = Vector256.Create((float)GridPoints);
        Vector256<double> factor = Vector256.Create(perUnit), plus = Vector256.Create(0.5 - Low / Spacing - centre * perUnit);

        // Above this the rounding of the centre itself moves values on the grid: nothing is certain then.
        Vector256<float> certain = Vector256.Create(farness > 1e9 ? -1 : 0.5f - Doubt);
        int* count1 = count + Stride, count2 = count1 + Stride, count3 = count2 + Stride;
        int i = 0;
        fixed (double* value = values)
        {
            for (; i <= values.Length - 8; i += 8)
            {
                MemoryHint.PageAhead(value + i);

                // Half more than the position on the grid, so that the nearest integer is the number of points at or below z,
                // unless it is half away.
                Vector256<float> place = Vector256.Narrow(
                    Vector256.FusedMultiplyAdd(Vector256.Load(value + i), factor, plus),
                    Vector256.FusedMultiplyAdd(Vector256.Load(value + i + 4), factor, plus));
                Vector256<float> clamped = Vector256.MinNative(most, Vector256.MaxNative(least, place));
                Vector256<float> nearest = clamped + shift;

                // 0 times an infinite place is not a number, and what is not a number is not certain.
                Vector256<float> distance = Vector256.FusedMultiplyAdd(
                    place, Vector256<float>.Zero, Vector256.Abs(clamped - (nearest - shift)));
                if (!Vector256.LessThanAll(distance, certain))
                {
                    for (int lane = i; lane < i + 8; lane++)
                    {
                        count[ExactBin((values[lane] - centre) / scale, offset + lane, total)]++;
                    }

                    continue;
                }

                Vector128<ulong> lower = nearest.AsUInt64().GetLower(), upper = nearest.AsUInt64().GetUpper();
                ulong bins01 = lower.ToScalar(), bins23 = lower.GetElement(1), bins45 = upper.ToScalar(), bins67 = upper.GetElement(1);
                count[(nuint)(ushort)bins01]++;
                count1[(nuint)(ushort)(bins01 >> 32)]++;
                count2[(nuint)(ushort)bins23]++;
                count3[(nuint)(ushort)(bins23 >> 32)]++;
                count[(nuint)(ushort)bins45]++;
                count1[(nuint)(ushort)(bins45 >> 32)]++;
                count2[(nuint)(ushort)bins67]++;
                count3[(nuint)(ushort)(bins67 >> 32)]++;
            }
        }

        for (; i < values.Length; i++)
        {
            count[ExactBin((values[i] - centre) / scale, offset + i, total)]++;
        }
    }

    // Not for many values: a binary search each.
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
