using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>What is computed from residuals in ascending order: sums over ranks and over the gaps between neighbours.</summary>
internal static unsafe class SortedResiduals
{
    // Sums are taken block by block and blocks joined in order, so that threads change nothing.
    private const int BlockSize = 1024;

    // Up to this width of a gap, trapezium and end slopes integrate Φ to 1e-18; beyond, its antiderivative does better.
    private const double Narrow = 1e-3;

    /// <summary>A², W² and W₁ of ascending finite residuals.</summary>
    public static NormalityStatistics Statistics(ReadOnlySpan<double> z, int threads)
    {
        int n = z.Length;
        BlockSums[] sums = Blocks(z, threads, logarithms: true);
        CompensatedSum logs = default, squares = default, gaps = default;
        foreach (BlockSums block in sums)
        {
            logs.Add(block.Logs);
            squares.Add(block.Squares);
            gaps.Add(block.Gaps);
        }

        logs.Add(n);
        gaps.Add(NormalIntegral.ToMinusInfinity(z[0]));
        gaps.Add(NormalIntegral.ToMinusInfinity(-z[^1]));
        return new NormalityStatistics(n, -logs.Value, 1 / (12.0 * n) + squares.Value, gaps.Value);
    }

    /// <summary>W₁ of ascending finite residuals.</summary>
    public static double Wasserstein1(ReadOnlySpan<double> z, int threads = 1)
    {
        CompensatedSum gaps = default;
        foreach (BlockSums block in Blocks(z, threads, logarithms: false))
        {
            gaps.Add(block.Gaps);
        }

        gaps.Add(NormalIntegral.ToMinusInfinity(z[0]));
        gaps.Add(NormalIntegral.ToMinusInfinity(-z[^1]));
        return gaps.Value;
    }

    /// <summary>Σ ∫ |kⱼ/n − Φ| over the gaps between neighbouring points; a gap with kⱼ below 0 is left out.</summary>
    /// <param name="points">m ascending finite numbers.</param>
    /// <param name="below">kⱼ, the number of values at or below point j, for m − 1 gaps.</param>
    /// <param name="n">Number of values in all.</param>
    public static double Gaps(ReadOnlySpan<double> points, ReadOnlySpan<double> below, int n)
    {
        double* tails = stackalloc double[BlockSize + 4], densities = stackalloc double[BlockSize + 4];
        CompensatedSum sum = default;
        fixed (double* z = points, k = below)
        {
            for (int done = 0; done < points.Length - 1; done += BlockSize)
            {
                int gaps = Math.Min(BlockSize, points.Length - 1 - done);
                TailsAndDensities(z + done, gaps + 1, tails, densities);
                sum.Add(Gaps(z + done, k + done, tails, densities, gaps, n));
            }
        }

        return sum.Value;
    }

    private static BlockSums[] Blocks(ReadOnlySpan<double> z, int threads, bool logarithms)
    {
        int n = z.Length;
        BlockSums[] sums = new BlockSums[(n + BlockSize - 1) / BlockSize];
        fixed (double* first = z)
        {
            nint pointer = (nint)first;
            if (threads == 1 || sums.Length == 1)
            {
                for (int b = 0; b < sums.Length; b++)
                {
                    sums[b] = Block(first, n, b, logarithms);
                }
            }
            else
            {
                Parallel.For(0, sums.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, b =>
                    sums[b] = Block((double*)pointer, n, b, logarithms));
            }
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static BlockSums Block(double* all, int n, int block, bool logarithms)
    {
        int start = block * BlockSize, size = Math.Min(BlockSize, n - start), gaps = Math.Min(size, n - 1 - start);
        double* z = all + start, tails = stackalloc double[BlockSize + 4], densities = stackalloc double[BlockSize + 4];
        double* ranks = stackalloc double[BlockSize];
        for (int i = 0; i < gaps; i++)
        {
            ranks[i] = start + i + 1;
        }

        BlockSums sums = default;
        if (logarithms)
        {
            Vector256<double> logs = default, squares = default;
            Vector256<double> rank = Vector256.Create(start + 0.5, start + 1.5, start + 2.5, start + 3.5);
            int i = 0;
            for (; i <= size - 4; i += 4)
            {
                NormalTerms terms = NormalDistribution.Terms(Vector256.Load(z + i));
                terms.Tail.Store(tails + i);
                terms.Density.Store(densities + i);
                Add(terms, rank, n, ref logs, ref squares);
                rank += Vector256.Create(4.0);
            }

            if (i < size)
            {
                double* last = stackalloc double[4];
                for (int lane = 0; lane < 4; lane++)
                {
                    last[lane] = i + lane < size ? z[i + lane] : 0;
                }

                NormalTerms terms = NormalDistribution.Terms(Vector256.Load(last));
                terms.Tail.Store(tails + i);
                terms.Density.Store(densities + i);
                Vector256<double> restLogs = default, restSquares = default;
                Add(terms, rank, n, ref restLogs, ref restSquares);
                for (int lane = 0; i + lane < size; lane++)
                {
                    sums.Logs += restLogs[lane];
                    sums.Squares += restSquares[lane];
                }
            }

            sums.Logs += Vector256.Sum(logs);
            sums.Squares += Vector256.Sum(squares);
            if (gaps == size)
            {
                // The first point of the next block ends the last gap of this one.
                TailsAndDensities(z + size, 1, tails + size, densities + size);
            }
        }
        else
        {
            TailsAndDensities(z, gaps + 1, tails, densities);
        }

        sums.Gaps = Gaps(z, ranks, tails, densities, gaps, n);
        return sums;
    }

    // Weights (2i − 1)/n and (2(n − i) + 1)/n of the logarithms, with i − ½ given.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        in NormalTerms terms, Vector256<double> rank, int n, ref Vector256<double> logs, ref Vector256<double> squares)
    {
        Vector256<double> share = rank * (1.0 / n);
        Vector256<double> both = Vector256.FusedMultiplyAdd(
            share, terms.LogCdf - terms.LogSurvival, terms.LogSurvival);
        logs = Vector256.FusedMultiplyAdd(Vector256.Create(2.0), both, logs);
        Vector256<double> distance = terms.Cdf - share;
        squares = Vector256.FusedMultiplyAdd(distance, distance, squares);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TailsAndDensities(double* z, int count, double* tails, double* densities)
    {
        int i = 0;
        for (; i <= count - 4; i += 4)
        {
            (Vector256<double> tail, Vector256<double> density) = NormalDistribution.TailAndDensity(Vector256.Load(z + i));
            tail.Store(tails + i);
            density.Store(densities + i);
        }

        for (; i < count; i++)
        {
            (Vector256<double> tail, Vector256<double> density) = NormalDistribution.TailAndDensity(Vector256.Create(z[i]));
            tails[i] = tail.ToScalar();
            densities[i] = density.ToScalar();
        }
    }

    // With q = Φ(−|z|) both halves look alike: below 0 the level is k/n and B(z) = φ − |z| q grows, above 0 it is 1 − k/n and B
    // falls. Gaps that cross the level or contain 0 are few and done one by one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Gaps(double* z, double* k, double* tails, double* densities, int count, int n)
    {
        Vector256<double> sum = default;
        double rest = 0, inverse = 1.0 / n;
        int j = 0;
        for (; j <= count - 4; j += 4)
        {
            Vector256<double> z0 = Vector256.Load(z + j), z1 = Vector256.Load(z + j + 1), kj = Vector256.Load(k + j);
            Vector256<double> q0 = Vector256.Load(tails + j), q1 = Vector256.Load(tails + j + 1);
            Vector256<double> f0 = Vector256.Load(densities + j), f1 = Vector256.Load(densities + j + 1);
            Vector256<double> upper = Vector256.GreaterThanOrEqual(z0, Vector256<double>.Zero);
            Vector256<double> lower = Vector256.LessThanOrEqual(z1, Vector256<double>.Zero);
            Vector256<double> level = Vector256.ConditionalSelect(upper, Vector256.Create((double)n) - kj, kj) * inverse;
            Vector256<double> a0 = q0 - level, a1 = q1 - level;
            Vector256<double> oneSide = Vector256.GreaterThanOrEqual(a0 * a1, Vector256<double>.Zero);
            Vector256<double> used = Vector256.GreaterThanOrEqual(kj, Vector256<double>.Zero);

            Vector256<double> width = z1 - z0;
            Vector256<double> slope = Vector256.ConditionalSelect(upper, f0 - f1, f1 - f0);
            Vector256<double> value = Vector256.Abs(
                width * Vector256.FusedMultiplyAdd(width * (-1.0 / 12), slope, 0.5 * (a0 + a1)));
            Vector256<double> wide = Vector256.GreaterThan(width, Vector256.Create(Narrow));
            if (Vector256.ExtractMostSignificantBits(wide) != 0)
            {
                Vector256<double> b0 = f0 - Vector256.Abs(z0) * q0, b1 = f1 - Vector256.Abs(z1) * q1;
                Vector256<double> area = Vector256.ConditionalSelect(upper, b0 - b1, b1 - b0);
                value = Vector256.ConditionalSelect(wide, Vector256.Abs(area - level * width), value);
            }

            Vector256<double> simple = oneSide & (upper | lower);
            sum += value & simple & used;
            uint hard = Vector256.ExtractMostSignificantBits(Vector256.AndNot(used, simple));
            for (int lane = 0; hard != 0; lane++, hard >>= 1)
            {
                rest += (hard & 1) != 0 ? NormalIntegral.Gap(z[j + lane], z[j + lane + 1], (int)k[j + lane], n) : 0;
            }
        }

        for (; j < count; j++)
        {
            rest += k[j] >= 0 ? NormalIntegral.Gap(z[j], z[j + 1], (int)k[j], n) : 0;
        }

        return Vector256.Sum(sum) + rest;
    }

    private struct BlockSums
    {
        public double Logs;
        public double Squares;
        public double Gaps;
    }
}
