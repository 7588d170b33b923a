using System.Numerics;

namespace SynapticGeometry;

/// <summary>
/// The exact 1-Wasserstein distance W₁ = ∫ |F(t) − Φ(t)| dt between standardized values z = (v − centre)/scale, with distribution
/// function F, and the standard normal distribution.
/// </summary>
/// <remarks>
/// <para>
/// No grid and no cut: up to rounding (about 1e-15) this is the integral. Few values are sorted and the gaps between them
/// integrated in closed form. Many are counted into narrow bins, which takes time linear in n: in a bin where F stays on one
/// side of Φ the integral needs only the count and sum of its values, and only where the two may cross are values gathered,
/// counted again into narrower bins and at last sorted.
/// </para>
/// <para>
/// For a normal sample, centred and scaled, √n W₁ has mean 0.83 and 95 % point 1.18; scaled only, mean 1.21. Source: the
/// statistic that Delta-CDF of Pogodin et al. 2024 approximates.
/// </para>
/// </remarks>
public static class Wasserstein
{
    // Below this, sorting is faster than counting.
    internal const int SortBelow = 4096;

    // Φ(−8.5) = 1e-17 is below 1/n for every n: beyond, F and Φ cannot cross.
    private const double Reach = 8.5;
    private const int MostBins = 1 << 15;
    private const int ValuesPerBin = 16;

    /// <summary>W₁ of z = v / s, or (v − mean) / s if centred, with s the standard deviation (n − 1).</summary>
    /// <param name="values">n ≥ 2 finite numbers, not all equal.</param>
    /// <param name="centred">Whether the mean is subtracted first.</param>
    /// <exception cref="ArgumentException">There are fewer than two values, or all are equal.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is not finite.</exception>
    public static double ToNormal(ReadOnlySpan<double> values, bool centred = false) => Estimated(values, centred);

    /// <inheritdoc cref="ToNormal(ReadOnlySpan{double}, bool)"/>
    public static double ToNormal(ReadOnlySpan<float> values, bool centred = false) => Estimated(values, centred);

    /// <summary>W₁ of z = (v − centre)/scale for a centre and scale already known.</summary>
    /// <param name="values">n ≥ 1 finite numbers.</param>
    /// <param name="centre">Subtracted from each value, in its unit.</param>
    /// <param name="scale">Divides, in the unit of the values, above 0.</param>
    /// <exception cref="ArgumentException">There are no values.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value or the centre is not finite, or the scale not positive and finite.</exception>
    public static double ToNormal(ReadOnlySpan<double> values, double centre, double scale) => Known(values, centre, scale);

    /// <inheritdoc cref="ToNormal(ReadOnlySpan{double}, double, double)"/>
    public static double ToNormal(ReadOnlySpan<float> values, double centre, double scale) => Known(values, centre, scale);

    /// <summary>W₁ of z in ascending order, by closed form gap by gap.</summary>
    internal static double OfSorted(ReadOnlySpan<double> z)
    {
        CompensatedSum sum = default;
        sum.Add(NormalIntegral.ToMinusInfinity(z[0]));
        sum.Add(Between(z, 0, z.Length));
        sum.Add(NormalIntegral.ToMinusInfinity(-z[^1]));
        return sum.Value;
    }

    /// <summary>The distance by counting, whatever the number of values.</summary>
    internal static double Counted<T>(ReadOnlySpan<T> values, SampleMoments moments, double centre, double scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double least = (moments.Minimum - centre) / scale, most = (moments.Maximum - centre) / scale;
        double low = Math.Max(least, -Reach), high = Math.Min(most, Reach);
        if (!(low < high))
        {
            // All values are equal, or all lie beyond the reach on one side.
            return Sorted(values, centre, scale);
        }

        int n = values.Length;
        int bins = Math.Clamp(n / ValuesPerBin, 16, MostBins);
        var binning = new Binning(low, high, bins);

        // Bin 0 is what lies below, bin "bins + 1" what lies above. Sums are of positions within the bin, in bin widths: small
        // numbers, so that a million equal values add no rounding error worth the name.
        double[] sums = new double[bins + 2];
        int[] counts = new int[bins + 2];
        double[] z = new double[SampleMoments.BlockSize];
        for (int done = 0; done < n; done += z.Length)
        {
            ReadOnlySpan<T> block = values.Slice(done, Math.Min(z.Length, n - done));
            SampleMoments.Standardize(block, centre, scale, z);
            foreach (double value in z.AsSpan(0, block.Length))
            {
                double position = binning.Position(value);
                int bin = binning.Of(position);
                sums[bin] += position - bin;
                counts[bin]++;
            }
        }

        CompensatedSum total = default;
        total.Add(NormalIntegral.ToMinusInfinity(least));
        total.Add(NormalIntegral.ToMinusInfinity(-most));
        total.Add((counts[0] - sums[0]) * binning.Width / n - NormalIntegral.Between(least, low));
        total.Add(sums[^1] * binning.Width / n - NormalIntegral.Between(-most, -high));

        double[] edges = new double[bins + 1];
        for (int k = 0; k <= bins; k++)
        {
            edges[k] = binning.Edge(k);
        }

        double[] cdf = new double[bins + 1];
        NormalDistribution.Cdf(edges, cdf);

        // Where F and Φ may cross, values are gathered: start[bin] is where those of the bin go, −1 where none are needed.
        int[] start = new int[bins + 2];
        Array.Fill(start, -1);
        int needed = 0, before = counts[0];
        for (int k = 0; k < bins; k++)
        {
            int after = before + counts[k + 1];
            if (OneSided(edges[k], edges[k + 1], cdf[k], cdf[k + 1], before, after, sums[k + 1], n) is { } part)
            {
                total.Add(part);
            }
            else
            {
                start[k + 1] = needed;
                needed += counts[k + 1];
            }

            before = after;
        }

        double[] gathered = new double[needed];
        for (int done = 0; done < n && needed > 0; done += z.Length)
        {
            ReadOnlySpan<T> block = values.Slice(done, Math.Min(z.Length, n - done));
            SampleMoments.Standardize(block, centre, scale, z);
            foreach (double value in z.AsSpan(0, block.Length))
            {
                int bin = binning.Of(binning.Position(value));
                if (start[bin] >= 0)
                {
                    gathered[start[bin]++] = value;
                }
            }
        }

        before = counts[0];
        for (int k = 0; k < bins; k++)
        {
            int count = counts[k + 1];
            if (start[k + 1] >= 0)
            {
                total.Add(InBin(gathered.AsSpan(start[k + 1] - count, count), edges[k], edges[k + 1], before, n));
            }

            before += count;
        }

        return total.Value;
    }

    /// <summary>The distance by sorting, whatever the number of values.</summary>
    internal static double Sorted<T>(ReadOnlySpan<T> values, double centre, double scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] z = new double[values.Length];
        SampleMoments.Standardize(values, centre, scale, z);
        z.AsSpan().Sort();
        return OfSorted(z);
    }

    private static double Estimated<T>(ReadOnlySpan<T> values, bool centred)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        SampleMoments moments = SampleMoments.Of(values);
        (double centre, double scale) = DeltaCdf.Standard(moments, centred);
        return Either(values, moments, centre, scale);
    }

    private static double Known<T>(ReadOnlySpan<T> values, double centre, double scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        DeltaCdf.CheckStandard(centre, scale);
        return Either(values, SampleMoments.Of(values), centre, scale);
    }

    private static double Either<T>(ReadOnlySpan<T> values, SampleMoments moments, double centre, double scale)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        values.Length < SortBelow ? Sorted(values, centre, scale) : Counted(values, moments, centre, scale);

    // The integral over a bin from the count and the sum of positions within it (0 at its left edge, 1 at its right), or null where F and Φ may cross in it.
    private static double? OneSided(
        double low, double high, double cdfLow, double cdfHigh, int before, int after, double sum, int n)
    {
        bool above = before >= cdfHigh * n, below = after <= cdfLow * n;
        if (!above && !below)
        {
            return null;
        }

        double empirical = (high - low) * (after - sum) / n;
        double difference = empirical - NormalIntegral.Between(low, high, cdfLow, cdfHigh);
        return above ? difference : -difference;
    }

    // The integral of |F − Φ| from low to high over values that all lie there, with "before" values below.
    private static double InBin(Span<double> z, double low, double high, int before, int n)
    {
        const int few = 32;
        const int mostParts = 64;
        if (z.Length > few)
        {
            int parts = Math.Min(mostParts, z.Length / 8);
            return InParts(z, new Binning(low, high, parts), before, n);
        }

        return InGaps(z, low, high, before, n);
    }

    private static double InParts(Span<double> z, Binning binning, int before, int n)
    {
        int parts = binning.Count;
        Span<double> sums = stackalloc double[parts];
        Span<int> counts = stackalloc int[parts];
        Span<bool> needed = stackalloc bool[parts];
        sums.Clear();
        counts.Clear();
        foreach (double value in z)
        {
            double position = binning.Position(value);
            int part = binning.Inside(position);
            sums[part] += position - (part + 1);
            counts[part]++;
        }

        CompensatedSum total = default;
        double low = binning.Edge(0), cdfLow = NormalDistribution.Cdf(low);
        int first = before;
        for (int k = 0; k < parts; k++)
        {
            double high = binning.Edge(k + 1), cdfHigh = NormalDistribution.Cdf(high);
            int after = first + counts[k];
            double? part = OneSided(low, high, cdfLow, cdfHigh, first, after, sums[k], n);
            needed[k] = part is null;
            total.Add(part ?? 0);
            (low, cdfLow, first) = (high, cdfHigh, after);
        }

        // The values of the parts still needed move to the front of each part's own stretch by one sort of those parts only.
        first = before;
        for (int k = 0; k < parts; k++)
        {
            if (needed[k])
            {
                double[] rented = System.Buffers.ArrayPool<double>.Shared.Rent(counts[k]);
                int kept = 0;
                foreach (double value in z)
                {
                    if (binning.Inside(binning.Position(value)) == k)
                    {
                        rented[kept++] = value;
                    }
                }

                total.Add(InGaps(rented.AsSpan(0, kept), binning.Edge(k), binning.Edge(k + 1), first, n));
                System.Buffers.ArrayPool<double>.Shared.Return(rented);
            }

            first += counts[k];
        }

        return total.Value;
    }

    private static double InGaps(Span<double> z, double low, double high, int before, int n)
    {
        if (z.IsEmpty)
        {
            return NormalIntegral.Gap(low, high, before, n);
        }

        z.Sort();
        CompensatedSum total = default;
        total.Add(NormalIntegral.Gap(low, z[0], before, n));
        total.Add(Between(z, before, n));
        total.Add(NormalIntegral.Gap(z[^1], high, before + z.Length, n));
        return total.Value;
    }

    private static double Between(ReadOnlySpan<double> z, int before, int n)
    {
        CompensatedSum total = default;
        for (int i = 1; i < z.Length; i++)
        {
            if (z[i] > z[i - 1])
            {
                total.Add(NormalIntegral.Gap(z[i - 1], z[i], before + i, n));
            }
        }

        return total.Value;
    }

    /// <summary>Equal bins between two ends.</summary>
    private readonly struct Binning(double low, double high, int count)
    {
        private readonly double low = low;
        private readonly double high = high;
        private readonly double perUnit = count / (high - low);

        public int Count { get; } = count;

        public double Width => (high - low) / Count;

        /// <summary>Distance from the left end in bin widths, plus one.</summary>
        public double Position(double z) => (z - low) * perUnit + 1;

        /// <summary>0 below, 1 to count inside, count + 1 above.</summary>
        public int Of(double position) => (int)Math.Min(Math.Max(position, 0.5), Count + 1.5);

        /// <summary>0 to count − 1; values a rounding error outside go to the outermost bins.</summary>
        public int Inside(double position) => Math.Clamp((int)position - 1, 0, Count - 1);

        public double Edge(int k) => k == Count ? high : low + k * Width;
    }
}
