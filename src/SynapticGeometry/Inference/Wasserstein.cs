using System.Numerics;
using System.Runtime.Intrinsics;

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
    private const int MostBins = 1 << 14;
    private const int ValuesPerBin = 16;
    private const int MostParts = 64;
    private const int MostSlots = 1 << 20;
    private const int LeastPerPart = 8;

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

        return new Counting(values.Length, centre, scale, low, high).Distance(values, least, most);
    }

    /// <summary>The distance by sorting, whatever the number of values.</summary>
    internal static double Sorted<T>(ReadOnlySpan<T> values, double centre, double scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] z = new double[values.Length];
        SampleMoments.Standardize(values, centre, scale, z);
        BucketSort.Sort(z, new double[z.Length], threads: 1);
        return SortedResiduals.Wasserstein1(z);
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

    /// <summary>One computation of the distance by counting: bins, parts of bins, and the values of the parts still open.</summary>
    private sealed unsafe class Counting
    {
        private const int Batch = SampleMoments.BlockSize;

        private readonly int n;
        private readonly double centre;
        private readonly double scale;
        private readonly double low;
        private readonly int bins;
        private readonly double width;

        // Sum of positions within the bin (0 at its left edge, 1 at its right) and number of values, of what lies below (bin 0),
        // in each bin (1 to bins) and above. Positions are small numbers, so that a million equal values add no rounding error
        // worth the name.
        private readonly Vector128<double>[] counts;

        // Where the parts of a bin start; bins that are settled all point to a stretch at the front that nobody reads.
        private readonly int[] firstPart;

        private readonly double[] positions = new double[Batch];
        private readonly ulong[] binOf = new ulong[Batch];

        public Counting(int n, double centre, double scale, double low, double high)
        {
            this.n = n;
            this.centre = centre;
            this.scale = scale;
            this.low = low;
            bins = Math.Clamp(n / ValuesPerBin, 16, MostBins);
            width = (high - low) / bins;
            counts = new Vector128<double>[bins + 2];
            firstPart = new int[bins + 2];
        }

        public double Distance<T>(ReadOnlySpan<T> values, double least, double most)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            CountBins(values);

            double high = low + bins * width;
            CompensatedSum total = default;
            total.Add(NormalIntegral.ToMinusInfinity(least));
            total.Add(NormalIntegral.ToMinusInfinity(-most));
            total.Add((counts[0][1] - counts[0].ToScalar()) * width / n - NormalIntegral.Between(least, low));
            total.Add(counts[^1].ToScalar() * width / n - NormalIntegral.Between(-most, -high));

            // Each stretch is cut at edges; the first pass has one stretch, all bins.
            List<Stretch> open = [new Stretch(low, low + bins * width, counts[0][1], 1, bins)];
            open = Settle(counts, open, bins, ref total, out double unsettled);

            int parts = 1;
            while (2 * parts <= MostParts && 2 * parts * open.Count <= MostSlots && 2 * parts * LeastPerPart * open.Count <= unsettled)
            {
                parts *= 2;
            }

            for (int k = 0; k < open.Count; k++)
            {
                firstPart[open[k].Slot] = (k + 1) * parts;
            }

            if (parts > 1)
            {
                Vector128<double>[] partCounts = new Vector128<double>[(open.Count + 1) * parts];
                CountParts(values, partCounts, parts);
                for (int k = 0; k < open.Count; k++)
                {
                    open[k] = open[k] with { Slot = (k + 1) * parts, Slots = parts };
                }

                open = Settle(partCounts, open, parts, ref total, out unsettled);
            }
            else
            {
                for (int k = 0; k < open.Count; k++)
                {
                    open[k] = open[k] with { Slot = k + 1 };
                }
            }

            total.Add(ByGaps(values, open, parts, (int)unsettled));
            return total.Value;
        }

        // Adds the integral over every slot of the stretches where F stays on one side of Φ; returns the others.
        private List<Stretch> Settle(
            Vector128<double>[] slots, List<Stretch> stretches, int slotsEach, ref CompensatedSum total, out double unsettled)
        {
            List<Stretch> open = [];
            double[] edges = new double[slotsEach + 1], cdf = new double[slotsEach + 1], density = new double[slotsEach + 1];
            unsettled = 0;
            foreach (Stretch stretch in stretches)
            {
                double part = (stretch.High - stretch.Low) / slotsEach, before = stretch.Before;
                for (int k = 0; k <= slotsEach; k++)
                {
                    edges[k] = stretch.Low + k * part;
                }

                edges[slotsEach] = stretch.High;
                NormalDistribution.CdfAndDensity(edges, cdf, density);
                for (int k = 0; k < slotsEach; k++)
                {
                    double positionSum = slots[stretch.Slot + k].ToScalar(), count = slots[stretch.Slot + k][1], after = before + count;
                    bool above = before >= cdf[k + 1] * n, below = after <= cdf[k] * n;
                    if (above || below)
                    {
                        double h = edges[k + 1] - edges[k];
                        double difference = h * ((after - positionSum) / n)
                            - NormalIntegral.Between(edges[k], edges[k + 1], cdf[k], cdf[k + 1], density[k], density[k + 1]);
                        total.Add(above ? difference : -difference);
                    }
                    else
                    {
                        open.Add(new Stretch(edges[k], edges[k + 1], before, stretch.Slot + k, 1) { Count = (int)count });
                        unsettled += count;
                    }

                    before = after;
                }
            }

            return open;
        }

        private double ByGaps<T>(ReadOnlySpan<T> values, List<Stretch> open, int parts, int count)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            if (open.Count == 0)
            {
                return 0;
            }

            double[] gathered = new double[count];
            Gather(values, open, parts, gathered);
            BucketSort.Sort(gathered, new double[count], threads: 1);

            // Stretches ascend and hold their values: edges and values make one list of points, with nothing between stretches.
            double[] points = new double[count + 2 * open.Count], below = new double[points.Length];
            int at = 0, value = 0;
            foreach (Stretch stretch in open)
            {
                points[at] = stretch.Low;
                below[at++] = stretch.Before;
                for (int i = 1; i <= stretch.Count; i++)
                {
                    points[at] = Math.Clamp(gathered[value++], stretch.Low, stretch.High);
                    below[at++] = stretch.Before + i;
                }

                points[at] = stretch.High;
                below[at++] = -1;
            }

            return SortedResiduals.Gaps(points, below.AsSpan(0, points.Length - 1), n);
        }

        private void CountBins<T>(ReadOnlySpan<T> values)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            fixed (double* position = positions)
            fixed (ulong* bin = binOf)
            fixed (Vector128<double>* slots = counts)
            {
                Span<double> buffer = stackalloc double[Batch];
                for (int done = 0; done < values.Length; done += Batch)
                {
                    int size = Math.Min(Batch, values.Length - done);
                    FindBins(SampleMoments.Widen(values.Slice(done, size), buffer), position, bin);
                    for (int i = 0; i < size; i++)
                    {
                        slots[(int)bin[i]] += Vector128.Create(position[i], 1.0);
                    }
                }
            }
        }

        private void CountParts<T>(ReadOnlySpan<T> values, Vector128<double>[] partCounts, int parts)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            fixed (double* position = positions)
            fixed (ulong* bin = binOf)
            fixed (int* first = firstPart)
            fixed (Vector128<double>* slots = partCounts)
            {
                Span<double> buffer = stackalloc double[Batch];
                for (int done = 0; done < values.Length; done += Batch)
                {
                    int size = Math.Min(Batch, values.Length - done);
                    FindBins(SampleMoments.Widen(values.Slice(done, size), buffer), position, bin);
                    for (int i = 0; i < size; i++)
                    {
                        double inBin = position[i] * parts;
                        int part = Part(inBin, parts);
                        slots[first[(int)bin[i]] + part] += Vector128.Create(inBin - part, 1.0);
                    }
                }
            }
        }

        private void Gather<T>(ReadOnlySpan<T> values, List<Stretch> open, int parts, double[] gathered)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            bool[] wanted = new bool[open[^1].Slot + parts];
            foreach (Stretch stretch in open)
            {
                wanted[stretch.Slot] = true;
            }

            fixed (double* position = positions)
            fixed (ulong* bin = binOf)
            fixed (int* first = firstPart)
            fixed (bool* want = wanted)
            {
                int kept = 0;
                Span<double> buffer = stackalloc double[Batch];
                for (int done = 0; done < values.Length; done += Batch)
                {
                    int size = Math.Min(Batch, values.Length - done);
                    ReadOnlySpan<double> wide = SampleMoments.Widen(values.Slice(done, size), buffer);
                    FindBins(wide, position, bin);
                    for (int i = 0; i < size; i++)
                    {
                        if (want[first[(int)bin[i]] + Part(position[i] * parts, parts)])
                        {
                            gathered[kept++] = (wide[i] - centre) / scale;
                        }
                    }
                }
            }
        }

        private static int Part(double position, int parts) => (int)Math.Min(Math.Max(position, 0), parts - 0.5);

        // The bin of every value and its position in it. Rounding to an integer by a large addend leaves the bin in the low bits; a
        // value on an edge may count as the end of one bin or the start of the next, which is the same to the integral.
        private void FindBins(ReadOnlySpan<double> values, double* position, ulong* bin)
        {
            const double shifter = 4503599627370496.0;
            double perUnit = 1 / (width * scale), offset = 1 - low / width;
            Vector256<double> first = Vector256.Create(centre), factor = Vector256.Create(perUnit), plus = Vector256.Create(offset);
            Vector256<double> least = Vector256<double>.Zero, most = Vector256.Create(bins + 1.0), shift = Vector256.Create(shifter);
            Vector256<ulong> mask = Vector256.Create(0xFFFFFFFFUL);
            int i = 0;
            fixed (double* value = values)
            {
                for (; i <= values.Length - 4; i += 4)
                {
                    Vector256<double> place = Vector256.FusedMultiplyAdd(Vector256.Load(value + i) - first, factor, plus);
                    Vector256<double> nearest = Vector256.MinNative(
                        Vector256.MaxNative(place - Vector256.Create(0.5), least), most) + shift;
                    (nearest.AsUInt64() & mask).Store(bin + i);
                    (place - (nearest - shift)).Store(position + i);
                }
            }

            for (; i < values.Length; i++)
            {
                double place = Math.FusedMultiplyAdd(values[i] - centre, perUnit, offset);
                double nearest = Math.Min(Math.Max(place - 0.5, 0), bins + 1.0) + shifter;
                bin[i] = BitConverter.DoubleToUInt64Bits(nearest) & 0xFFFFFFFF;
                position[i] = place - (nearest - shifter);
            }
        }
    }

    /// <summary>An interval with the number of values below it, where its counts start, and how many counts it has.</summary>
    private readonly record struct Stretch(double Low, double High, double Before, int Slot, int Slots)
    {
        public int Count { get; init; }
    }
}
