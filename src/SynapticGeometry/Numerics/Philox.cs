using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    /// first + 1, ... Eight blocks or four run side by side in vectors, or two: one alone waits on its own multiplications.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blocks(Span<ulong> destination, ulong first, ulong counter3, ulong key0, ulong key1)
    {
        int i = 0;
        if (Avx2.IsSupported)
        {
            for (; i <= destination.Length - 32; i += 32, first += 8)
            {
                FourBlocks blocks = new(first, counter3), others = new(first + 4, counter3);
                Vector256<ulong> k0 = Vector256.Create(key0), k1 = Vector256.Create(key1);
                for (int round = 0; round < Rounds; round++)
                {
                    blocks.Round(k0, k1);
                    others.Round(k0, k1);
                    k0 += Vector256.Create(Weyl0);
                    k1 += Vector256.Create(Weyl1);
                }

                blocks.CopyTo(destination.Slice(i, 16));
                others.CopyTo(destination.Slice(i + 16, 16));
            }

            for (; i <= destination.Length - 16; i += 16, first += 4)
            {
                FourBlocks blocks = new(first, counter3);
                Vector256<ulong> k0 = Vector256.Create(key0), k1 = Vector256.Create(key1);
                for (int round = 0; round < Rounds; round++)
                {
                    blocks.Round(k0, k1);
                    k0 += Vector256.Create(Weyl0);
                    k1 += Vector256.Create(Weyl1);
                }

                blocks.CopyTo(destination.Slice(i, 16));
            }
        }

        for (; i < destination.Length; i += 8, first += 2)
        {
            TwoBlocks(destination.Slice(i, 8), first, counter3, key0, key1);
        }
    }

    private static void TwoBlocks(Span<ulong> block, ulong first, ulong counter3, ulong key0, ulong key1)
    {
        ulong x0 = first, x1 = 0, x2 = 0, x3 = counter3;
        ulong y0 = first + 1, y1 = 0, y2 = 0, y3 = counter3;
        for (int round = 0; round < Rounds; round++)
        {
            ulong high0 = Math.BigMul(Multiplier0, x0, out ulong low0);
            ulong high1 = Math.BigMul(Multiplier1, x2, out ulong low1);
            ulong high2 = Math.BigMul(Multiplier0, y0, out ulong low2);
            ulong high3 = Math.BigMul(Multiplier1, y2, out ulong low3);
            (x0, x1, x2, x3) = (high1 ^ x1 ^ key0, low1, high0 ^ x3 ^ key1, low0);
            (y0, y1, y2, y3) = (high3 ^ y1 ^ key0, low3, high2 ^ y3 ^ key1, low2);
            key0 += Weyl0;
            key1 += Weyl1;
        }

        block[0] = x0;
        block[1] = x1;
        block[2] = x2;
        block[3] = x3;
        block[4] = y0;
        block[5] = y1;
        block[6] = y2;
        block[7] = y3;
    }

    /// <summary>One block in each lane of vectors; a 64-bit product is made of four of 32 bits.</summary>
    private struct FourBlocks(ulong first, ulong counter3)
    {
        private Vector256<ulong> x0 = Vector256.Create(first) + Vector256<ulong>.Indices;
        private Vector256<ulong> x1;
        private Vector256<ulong> x2;
        private Vector256<ulong> x3 = Vector256.Create(counter3);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Round(Vector256<ulong> key0, Vector256<ulong> key1)
        {
            (Vector256<ulong> high0, Vector256<ulong> low0) = Product(Multiplier0, x0);
            (Vector256<ulong> high1, Vector256<ulong> low1) = Product(Multiplier1, x2);
            (x0, x1, x2, x3) = (high1 ^ x1 ^ key0, low1, high0 ^ x3 ^ key1, low0);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void CopyTo(Span<ulong> blocks)
        {
            Vector256<ulong> even01 = Avx2.UnpackLow(x0, x1), odd01 = Avx2.UnpackHigh(x0, x1), even23 = Avx2.UnpackLow(x2, x3), odd23 = Avx2.UnpackHigh(x2, x3);
            Avx2.Permute2x128(even01, even23, 0x20).CopyTo(blocks);
            Avx2.Permute2x128(odd01, odd23, 0x20).CopyTo(blocks[4..]);
            Avx2.Permute2x128(even01, even23, 0x31).CopyTo(blocks[8..]);
            Avx2.Permute2x128(odd01, odd23, 0x31).CopyTo(blocks[12..]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static (Vector256<ulong> High, Vector256<ulong> Low) Product(ulong multiplier, Vector256<ulong> x)
        {
            Vector256<uint> low = Vector256.Create(multiplier).AsUInt32(), high = Vector256.Create(multiplier >> 32).AsUInt32();
            Vector256<uint> xLow = x.AsUInt32(), xHigh = (x >> 32).AsUInt32();
            Vector256<ulong> bottom = Avx2.Multiply(xLow, low);
            Vector256<ulong> middle = Avx2.Multiply(xLow, high) + (bottom >> 32);
            Vector256<ulong> other = Avx2.Multiply(xHigh, low) + (middle & Vector256.Create(0xFFFFFFFFUL));
            return (
                Avx2.Multiply(xHigh, high) + (middle >> 32) + (other >> 32),
                Avx2.Blend(bottom.AsUInt32(), (other << 32).AsUInt32(), 0b10101010).AsUInt64());
        }
    }
}
