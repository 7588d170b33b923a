namespace SynapticGeometry;

/// <summary>
/// Splits n elements into fixed pieces for parallel work. The pieces, and so the order of every sum over them, do not depend on the
/// number of threads.
/// </summary>
internal static class Chunks
{
    /// <summary>Elements in a piece: enough work to be worth a thread's while, small enough to share out evenly.</summary>
    public const int Length = 1 << 14;

    /// <summary>Number of pieces of n elements.</summary>
    public static int Count(int n) => (n + Length - 1) / Length;

    /// <summary>Calls the action with index, start and length of every piece, on up to <paramref name="threads"/> threads.</summary>
    public static void For(int n, int threads, Action<int, int, int> action)
    {
        int count = Count(n);
        if (count <= 1)
        {
            action(0, 0, n);
            return;
        }

        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, c =>
            action(c, c * Length, Math.Min(Length, n - (c * Length))));
    }
}
