using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>
/// Sorts many finite numbers in nearly linear time: numbers are dealt into buckets by a monotone map, buckets too large for the
/// cache are dealt again, and what is left out of order among neighbours is put right by insertion.
/// </summary>
internal static unsafe class BucketSort
{
    private const int InsertionBelow = 24;
    private const int LeafSize = 1 << 15;
    private const int LeafShare = 1;
    private const int MostBuckets = 2048;
    private const int HeavyBucket = 48;
    private const int Deepest = 12;
    private const int Batch = 512;
    private const int ParallelFrom = 1 << 17;

    /// <summary>Sorts in ascending order.</summary>
    /// <param name="values">n finite numbers.</param>
    /// <param name="scratch">At least n numbers of room; content lost.</param>
    /// <param name="threads">Threads, at least 1; the result is the same for every number.</param>
    public static void Sort(Span<double> values, Span<double> scratch, int threads)
    {
        fixed (double* a = values, b = scratch)
        {
            Sort(a, b, values.Length, toOther: false, depth: 0, threads);
        }
    }

    // Sorts what is in "from". The result goes to "other" or back to "from"; the one not chosen is scratch.
    private static void Sort(double* from, double* other, int n, bool toOther, int depth, int threads)
    {
        if (n <= InsertionBelow)
        {
            Insert(from, toOther ? other : from, n);
            return;
        }

        (double low, double high) = Extremes(from, n);
        bool leaf = n <= LeafSize;
        int buckets = (int)BitOperations.RoundUpToPowerOf2((uint)(leaf ? n / LeafShare : Math.Min(n / 4096, MostBuckets)));
        double perUnit = (buckets - 1) / (high - low);
        if (low == high || !double.IsFinite(perUnit) || perUnit == 0 || depth == Deepest)
        {
            if (low != high)
            {
                new Span<double>(from, n).Sort();
            }

            if (toOther)
            {
                new Span<double>(from, n).CopyTo(new Span<double>(other, n));
            }

            return;
        }

        int* starts = stackalloc int[buckets + 1];
        if (threads > 1 && n >= ParallelFrom)
        {
            DealInParallel(from, other, n, low, perUnit, buckets, starts, threads);
        }
        else
        {
            Deal(from, other, n, low, perUnit, buckets, starts);
        }

        if (!leaf)
        {
            if (threads > 1)
            {
                nint first = (nint)starts, source = (nint)other, target = (nint)from;
                Parallel.For(0, buckets, new ParallelOptions { MaxDegreeOfParallelism = threads }, k =>
                {
                    int start = ((int*)first)[k], count = ((int*)first)[k + 1] - start;
                    Sort((double*)source + start, (double*)target + start, count, !toOther, depth + 1, 1);
                });
            }
            else
            {
                for (int k = 0; k < buckets; k++)
                {
                    Sort(other + starts[k], from + starts[k], starts[k + 1] - starts[k], !toOther, depth + 1, 1);
                }
            }

            return;
        }

        for (int k = 0; k < buckets; k++)
        {
            int count = starts[k + 1] - starts[k];
            if (count > HeavyBucket)
            {
                Sort(other + starts[k], from + starts[k], count, toOther: false, depth + 1, 1);
            }
        }

        Insert(other, toOther ? other : from, n);
    }

    private static void Deal(double* from, double* other, int n, double low, double perUnit, int buckets, int* starts)
    {
        ulong* bits = stackalloc ulong[Batch];
        new Span<int>(starts, buckets + 1).Clear();
        Count(from, n, low, perUnit, buckets, starts, bits);
        int sum = 0;
        for (int k = 0; k <= buckets; k++)
        {
            (starts[k], sum) = (sum, sum + starts[k]);
        }

        Scatter(from, other, n, low, perUnit, buckets, starts, bits);

        // Scattering moved every start to the start of the next bucket.
        for (int k = buckets; k > 0; k--)
        {
            starts[k] = starts[k - 1];
        }

        starts[0] = 0;
    }

    private static void DealInParallel(
        double* from, double* other, int n, double low, double perUnit, int buckets, int* starts, int threads)
    {
        int[] next = new int[threads * (buckets + 1)];
        nint source = (nint)from, target = (nint)other;
        int First(int worker) => (int)((long)n * worker / threads);
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Parallel.For(0, threads, options, worker =>
        {
            ulong* bits = stackalloc ulong[Batch];
            fixed (int* counts = &next[worker * (buckets + 1)])
            {
                Count((double*)source + First(worker), First(worker + 1) - First(worker), low, perUnit, buckets, counts, bits);
            }
        });

        int sum = 0;
        for (int k = 0; k < buckets; k++)
        {
            starts[k] = sum;
            for (int worker = 0; worker < threads; worker++)
            {
                ref int cell = ref next[worker * (buckets + 1) + k];
                (cell, sum) = (sum, sum + cell);
            }
        }

        starts[buckets] = n;
        Parallel.For(0, threads, options, worker =>
        {
            ulong* bits = stackalloc ulong[Batch];
            fixed (int* mine = &next[worker * (buckets + 1)])
            {
                Scatter(
                    (double*)source + First(worker), (double*)target, First(worker + 1) - First(worker), low, perUnit, buckets, mine, bits);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(double* from, int n, double low, double perUnit, int buckets, int* counts, ulong* bits)
    {
        for (int done = 0; done < n; done += Batch)
        {
            int size = Math.Min(Batch, n - done);
            FindBuckets(from + done, size, low, perUnit, buckets, bits);
            for (int i = 0; i < size; i++)
            {
                counts[(int)bits[i]]++;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter(double* from, double* other, int n, double low, double perUnit, int buckets, int* next, ulong* bits)
    {
        for (int done = 0; done < n; done += Batch)
        {
            int size = Math.Min(Batch, n - done);
            FindBuckets(from + done, size, low, perUnit, buckets, bits);
            for (int i = 0; i < size; i++)
            {
                other[next[(int)bits[i]]++] = from[done + i];
            }
        }
    }

    // Rounding to the nearest integer by a large addend leaves it in the low bits; every step is monotone, so buckets are ordered.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FindBuckets(double* values, int n, double low, double perUnit, int buckets, ulong* bits)
    {
        const double shifter = 4503599627370496.0;
        Vector256<double> first = Vector256.Create(low), scale = Vector256.Create(perUnit);
        Vector256<double> last = Vector256.Create(buckets - 1.0), shift = Vector256.Create(shifter);
        Vector256<ulong> mask = Vector256.Create(0xFFFFFFFFUL);
        int i = 0;
        for (; i <= n - 4; i += 4)
        {
            Vector256<double> position = Vector256.MinNative((Vector256.Load(values + i) - first) * scale, last);
            ((position + shift).AsUInt64() & mask).Store(bits + i);
        }

        for (; i < n; i++)
        {
            bits[i] = BitConverter.DoubleToUInt64Bits(Math.Min((values[i] - low) * perUnit, buckets - 1.0) + shifter) & 0xFFFFFFFF;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Insert(double* from, double* to, int n)
    {
        if (n == 0)
        {
            return;
        }

        // The smallest goes first, so that the search below needs no end.
        int smallest = 0;
        for (int i = 1; i < Math.Min(n, HeavyBucket + 1); i++)
        {
            smallest = from[i] < from[smallest] ? i : smallest;
        }

        double least = from[smallest];
        from[smallest] = from[0];
        to[0] = least;
        for (int i = 1; i < n; i++)
        {
            double v = from[i];
            int j = i;
            while (to[j - 1] > v)
            {
                to[j] = to[j - 1];
                j--;
            }

            to[j] = v;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Low, double High) Extremes(double* values, int n)
    {
        double low = values[0], high = values[0];
        int i = 0;
        if (n >= 8)
        {
            Vector256<double> least = Vector256.Load(values), most = least, least1 = least, most1 = least;
            for (; i <= n - 8; i += 8)
            {
                Vector256<double> v = Vector256.Load(values + i), w = Vector256.Load(values + i + 4);
                least = Vector256.MinNative(least, v);
                most = Vector256.MaxNative(most, v);
                least1 = Vector256.MinNative(least1, w);
                most1 = Vector256.MaxNative(most1, w);
            }

            least = Vector256.MinNative(least, least1);
            most = Vector256.MaxNative(most, most1);
            for (int lane = 0; lane < 4; lane++)
            {
                low = Math.Min(low, least[lane]);
                high = Math.Max(high, most[lane]);
            }
        }

        for (; i < n; i++)
        {
            low = Math.Min(low, values[i]);
            high = Math.Max(high, values[i]);
        }

        return (low, high);
    }
}
