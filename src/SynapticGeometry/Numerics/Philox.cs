using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>
/// Philox4x64-10: a keyed bijection of 256-bit counters whose values pass as random. Block number c of key k needs no block
/// before it.
/// </summary>
/// <remarks>Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.</remarks>
internal static class Philox
{
    private const ulong Multiplier0 = 0xD2E7470EE14C6C93;
    private const ulong Multiplier1 = 0xCA5A826395121157;
    private const ulong Weyl0 = 0x9E3779B97F4A7C15;
    private const ulong Weyl1 = 0xBB67AE8584CAA73B;
    private const int Rounds = 10;

    /// <summary>The four 64-bit numbers of one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (ulong X0, ulong X1, ulong X2, ulong X3) Block(
        ulong counter0, ulong counter1, ulong counter2, ulong counter3, ulong key0, ulong key1)
    {
        ulong x0 = counter0, x1 = counter1, x2 = counter2, x3 = counter3;
        for (int round = 0; round < Rounds; round++)
        {
            ulong high0 = Math.BigMul(Multiplier0, x0, out ulong low0);
            ulong high1 = Math.BigMul(Multiplier1, x2, out ulong low1);
            (x0, x1, x2, x3) = (high1 ^ x1 ^ key0, low1, high0 ^ x3 ^ key1, low0);
            key0 += Weyl0;
            key1 += Weyl1;
        }

        return (x0, x1, x2, x3);
    }

    /// <summary>
    /// Fills <paramref name="destination"/>, whose length is a multiple of eight, with the blocks <paramref name="first"/>,
    /// first + 1, ... Two blocks run side by side: one alone waits on its own multiplications.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blocks(Span<ulong> destination, ulong first, ulong counter3, ulong key0, ulong key1)
    {
        for (int i = 0; i < destination.Length; i += 8)
        {
            ulong k0 = key0, k1 = key1;
            ulong x0 = first, x1 = 0, x2 = 0, x3 = counter3;
            ulong y0 = first + 1, y1 = 0, y2 = 0, y3 = counter3;
            for (int round = 0; round < Rounds; round++)
            {
                ulong high0 = Math.BigMul(Multiplier0, x0, out ulong low0);
                ulong high1 = Math.BigMul(Multiplier1, x2, out ulong low1);
                ulong high2 = Math.BigMul(Multiplier0, y0, out ulong low2);
                ulong high3 = Math.BigMul(Multiplier1, y2, out ulong low3);
                (x0, x1, x2, x3) = (high1 ^ x1 ^ k0, low1, high0 ^ x3 ^ k1, low0);
                (y0, y1, y2, y3) = (high3 ^ y1 ^ k0, low3, high2 ^ y3 ^ k1, low2);
                k0 += Weyl0;
                k1 += Weyl1;
            }

            Span<ulong> block = destination.Slice(i, 8);
            block[0] = x0;
            block[1] = x1;
            block[2] = x2;
            block[3] = x3;
            block[4] = y0;
            block[5] = y1;
            block[6] = y2;
            block[7] = y3;
            first += 2;
        }
    }
}
