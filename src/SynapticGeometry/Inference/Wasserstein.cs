using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
/// counted again into narrower bins and at last sorted. Gathering takes 8 bytes a value, most where the fit is good, and 128 MiB at
/// a time.
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
    // Few enough for their counts to stay in the nearest cache.
    private const int MostBins = 1 << 11;
    private const int ValuesPerBin = 16;
    private const int MostParts = 1 << 9;
    private const int ValuesPerPart = 16;

    // Values gathered at a time, 128 MiB; more take another pass.
    private const int MostGathered = 1 << 24;
    private const int MostPoints = 1 << 15;

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
    internal static double Counted<T>(
        ReadOnlySpan<T> values, SampleMoments moments, double centre, double scale, int mostGathered = MostGathered)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double least = (moments.Minimum - centre) / scale, most = (moments.Maximum - centre) / scale;
        double low = Math.Max(least, -Reach), high = Math.Min(most, Reach);
        if (!(low < high))
        {
            // All values are equal, or all lie beyond the reach on one side.
            return Sorted(values, centre, scale);
        }

        return new Counting(values.Length, centre, scale, low, high, mostGathered).Distance(values, least, most);
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
        private readonly int mostGathered;

        private readonly double[] positions = new double[Batch];
        private readonly ulong[] slotOf = new ulong[Batch];
        private readonly double[] edges;
        private readonly double[] cdf;
        private readonly double[] density;

        // Sum of positions within the part (0 at its left edge, 1 at its right) and number of values. Positions are small numbers,
        // so that a million equal values add no rounding error worth the name.
        private readonly Vector128<double>[] partCounts = new Vector128<double>[MostParts];
        private readonly List<Stretch> openParts = [];

        // Edges and sorted values of the open parts, and how many values lie at or below each; −1 ends a part.
        private readonly List<double> points = [];
        private readonly List<double> below = [];
        private double[] gathered = [];
        private double[] scratch = [];
        private CompensatedSum total;

        public Counting(int n, double centre, double scale, double low, double high, int mostGathered)
        {
            this.mostGathered = mostGathered;
            this.n = n;
            this.centre = centre;
            this.scale = scale;
            this.low = low;
            bins = Math.Clamp(n / ValuesPerBin, 16, MostBins);
            width = (high - low) / bins;
            edges = new double[Math.Max(bins, MostParts) + 1];
            cdf = new double[edges.Length];
            density = new double[edges.Length];
        }

        public double Distance<T>(ReadOnlySpan<T> values, double least, double most)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            // Bin 0 is what lies below, bin "bins + 1" what lies above.
            Vector128<double>[] counts = new Vector128<double>[bins + 2];
            CountBins(values, counts);

            double high = low + bins * width;
            total.Add(NormalIntegral.ToMinusInfinity(least));
            total.Add(NormalIntegral.ToMinusInfinity(-most));
            total.Add((counts[0][1] - counts[0].ToScalar()) * width / n - NormalIntegral.Between(least, low));
            total.Add(counts[^1].ToScalar() * width / n - NormalIntegral.Between(-most, -high));

            List<Stretch> open = [];
            Settle(counts.AsSpan(1, bins), new Stretch(0, low, high, counts[0][1], 0), open);

            // The values of the open bins, bin by bin; in several goes where they are very many.
            int[] next = new int[bins + 2];
            double[] dealt = [];
            for (int first = 0, end; first < open.Count; first = end)
            {
                Array.Fill(next, -1);
                int size = 0;
                for (end = first; end < open.Count && (end == first || open[end].Count <= mostGathered - size); end++)
                {
                    next[open[end].Slot + 1] = size;
                    size += open[end].Count;
                }

                dealt = dealt.Length >= size ? dealt : GC.AllocateUninitializedArray<double>(size);
                Deal(values, next, dealt);
                int start = 0;
                foreach (Stretch bin in CollectionsMarshal.AsSpan(open)[first..end])
                {
                    ByParts(dealt.AsSpan(start, bin.Count), bin);
                    start += bin.Count;
                }
            }

            Flush();
            return total.Value;
        }

        // Adds the integral over every slot of a stretch where F stays on one side of Φ; lists the others.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Settle(ReadOnlySpan<Vector128<double>> slots, Stretch stretch, List<Stretch> open)
        {
            int count = slots.Length;
            double part = (stretch.High - stretch.Low) / count, before = stretch.Before;
            for (int k = 0; k < count; k++)
            {
                edges[k] = stretch.Low + k * part;
            }

            edges[count] = stretch.High;
            NormalDistribution.CdfAndDensity(edges.AsSpan(0, count + 1), cdf, density);
            for (int k = 0; k < count; k++)
            {
                double inSlot = slots[k][1], after = before + inSlot;
                bool above = before >= cdf[k + 1] * n, under = after <= cdf[k] * n;
                if (above || under)
                {
                    double difference = (edges[k + 1] - edges[k]) * ((after - slots[k].ToScalar()) / n)
                        - NormalIntegral.Between(edges[k], edges[k + 1], cdf[k], cdf[k + 1], density[k], density[k + 1]);
                    total.Add(above ? difference : -difference);
                }
                else
                {
                    open.Add(new Stretch(k, edges[k], edges[k + 1], before, (int)inSlot));
                }

                before = after;
            }
        }

        // The integral over one open bin, whose values are given by their positions in it.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void ByParts(Span<double> inBin, Stretch bin)
        {
            int parts = Math.Min(MostParts, (int)BitOperations.RoundUpToPowerOf2((uint)(inBin.Length / ValuesPerPart)));
            openParts.Clear();
            if (parts <= 1)
            {
                openParts.Add(bin with { Slot = 0 });
                parts = 1;
            }
            else
            {
                Span<Vector128<double>> counts = partCounts.AsSpan(0, parts);
                counts.Clear();
                for (int done = 0; done < inBin.Length; done += Batch)
                {
                    Span<double> batch = inBin.Slice(done, Math.Min(Batch, inBin.Length - done));
                    FindSlots(batch, 0, parts, 0, parts - 1);
                    Add(counts, batch.Length);
                }

                Settle(counts, bin, openParts);
            }

            if (openParts.Count == 0)
            {
                return;
            }

            Span<bool> wanted = stackalloc bool[parts];
            int needed = 0;
            foreach (Stretch part in openParts)
            {
                wanted[part.Slot] = true;
                needed += part.Count;
            }

            if (gathered.Length < needed)
            {
                gathered = new double[needed];
                scratch = new double[needed];
            }

            int kept = 0;
            for (int done = 0; done < inBin.Length; done += Batch)
            {
                Span<double> batch = inBin.Slice(done, Math.Min(Batch, inBin.Length - done));
                FindSlots(batch, 0, parts, 0, parts - 1);
                for (int i = 0; i < batch.Length; i++)
                {
                    if (wanted[(int)slotOf[i]])
                    {
                        gathered[kept++] = bin.Low + batch[i] * width;
                    }
                }
            }

            Span<double> sorted = gathered.AsSpan(0, kept);
            BucketSort.Sort(sorted, scratch, threads: 1);
            foreach (Stretch part in openParts)
            {
                points.Add(part.Low);
                below.Add(part.Before);
                for (int i = 0; i < part.Count; i++)
                {
                    points.Add(Math.Clamp(sorted[i], part.Low, part.High));
                    below.Add(part.Before + i + 1);
                }

                points.Add(part.High);
                below.Add(-1);
                sorted = sorted[part.Count..];
            }

            if (points.Count > MostPoints)
            {
                Flush();
            }
        }

        private void Flush()
        {
            if (points.Count > 0)
            {
                total.Add(SortedResiduals.Gaps(CollectionsMarshal.AsSpan(points), CollectionsMarshal.AsSpan(below)[..^1], n));
                points.Clear();
                below.Clear();
            }
        }

        private void CountBins<T>(ReadOnlySpan<T> values, Vector128<double>[] counts)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            Span<double> buffer = stackalloc double[Batch];
            for (int done = 0; done < values.Length; done += Batch)
            {
                int size = Math.Min(Batch, values.Length - done);
                FindBins(SampleMoments.Widen(values.Slice(done, size), buffer));
                Add(counts, size);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Deal<T>(ReadOnlySpan<T> values, int[] next, double[] dealt)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            Span<double> buffer = stackalloc double[Batch];
            for (int done = 0; done < values.Length; done += Batch)
            {
                int size = Math.Min(Batch, values.Length - done);
                FindBins(SampleMoments.Widen(values.Slice(done, size), buffer));
                fixed (double* position = positions, target = dealt)
                fixed (ulong* slot = slotOf)
                fixed (int* to = next)
                {
                    for (int i = 0; i < size; i++)
                    {
                        int at = to[(int)slot[i]];
                        if (at >= 0)
                        {
                            target[at] = position[i];
                            to[(int)slot[i]] = at + 1;
                        }
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Add(Span<Vector128<double>> counts, int size)
        {
            fixed (double* position = positions)
            fixed (ulong* slot = slotOf)
            fixed (Vector128<double>* count = counts)
            {
                for (int i = 0; i < size; i++)
                {
                    count[(int)slot[i]] += Vector128.Create(position[i], 1.0);
                }
            }
        }

        private void FindBins(ReadOnlySpan<double> values) =>
            FindSlots(values, centre, 1 / (width * scale), 1 - low / width, bins + 1);

        // The slot of (v − origin) factor + plus, and the position in it. Rounding to an integer by a large addend leaves the slot in
        // the low bits; a value on an edge may count as the end of one slot or the start of the next, the same to the integral.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void FindSlots(ReadOnlySpan<double> values, double origin, double factor, double plus, int lastSlot)
        {
            const double shifter = 4503599627370496.0;
            Vector256<double> first = Vector256.Create(origin), times = Vector256.Create(factor), offset = Vector256.Create(plus);
            Vector256<double> least = Vector256<double>.Zero, most = Vector256.Create((double)lastSlot), shift = Vector256.Create(shifter);
            Vector256<double> half = Vector256.Create(0.5);
            Vector256<ulong> mask = Vector256.Create(0xFFFFFFFFUL);
            fixed (double* value = values, position = positions)
            fixed (ulong* slot = slotOf)
            {
                int i = 0;
                for (; i <= values.Length - 4; i += 4)
                {
                    MemoryHint.PageAhead(value + i);
                    Vector256<double> place = Vector256.FusedMultiplyAdd(Vector256.Load(value + i) - first, times, offset);
                    Vector256<double> nearest = Vector256.MinNative(Vector256.MaxNative(place - half, least), most) + shift;
                    (nearest.AsUInt64() & mask).Store(slot + i);
                    (place - (nearest - shift)).Store(position + i);
                }

                for (; i < values.Length; i++)
                {
                    double place = Math.FusedMultiplyAdd(value[i] - origin, factor, plus);
                    double nearest = Math.Min(Math.Max(place - 0.5, 0), lastSlot) + shifter;
                    slot[i] = BitConverter.DoubleToUInt64Bits(nearest) & 0xFFFFFFFF;
                    position[i] = place - (nearest - shifter);
                }
            }
        }
    }

    /// <summary>An interval, its number among its like, the number of values below it and in it.</summary>
    private readonly record struct Stretch(int Slot, double Low, double High, double Before, int Count);
}
