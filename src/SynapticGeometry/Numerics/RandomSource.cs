using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace SynapticGeometry;

/// <summary>
/// A stream of random numbers fixed by a seed and a path of purposes and indices: Philox4x64-10 with key (seed, hash of the
/// path) and counter (block, 0, 0, index). Streams are independent of one another, of the order in which they are made and
/// of the thread they run on.
/// </summary>
/// <remarks>
/// <para>
/// <c>new RandomSource(seed)</c> has key (seed, 0), index 0, and gives the numbers of numpy's
/// <c>Philox(key=[seed, 0])</c>. <see cref="Fork"/> hashes the path: h = mix(parent's h ⊕ mix(parent's index + γ) ⊕ FNV-1a(purpose
/// in UTF-8)), with γ = 2⁶⁴/φ and mix the finalizer of SplitMix64; a fork gives the numbers of numpy's
/// <c>Philox(key=[seed, h], counter=[0, 0, 0, index])</c>. Forks of one purpose that differ in their index cannot meet;
/// two purposes meet with probability 2⁻⁶⁴.
/// </para>
/// <para>A stream has one owner: the members are not safe to call from several threads at once. Fork one stream a thread.</para>
/// <para>Source: Salmon et al. 2011 (Philox); Fowler, Noll and Vo (FNV-1a); Steele, Lea and Flood 2014 (SplitMix64).</para>
/// </remarks>
public sealed class RandomSource
{
    private const int NormalGroup = 8;

    // Numbers made ahead; four blocks at least, which come side by side.
    private const int Ahead = 16;
    private const double UnitOf53Bits = 1.0 / (1UL << 53);
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong path;
    private readonly ulong[] raw = new ulong[Ahead];
    private readonly double[] normals = new double[NormalGroup];
    private ulong nextBlock = 1;
    private int rawUsed = Ahead;
    private int normalsUsed = NormalGroup;

    /// <summary>The root stream of a seed.</summary>
    /// <param name="seed">Any number; equal seeds give equal numbers.</param>
    public RandomSource(ulong seed)
        : this(seed, path: 0, index: 0)
    {
    }

    private RandomSource(ulong seed, ulong path, ulong index)
    {
        Seed = seed;
        this.path = path;
        Index = index;
    }

    /// <summary>The seed of the root.</summary>
    public ulong Seed { get; }

    /// <summary>The index of this stream among the forks of its purpose; 0 for a root.</summary>
    public ulong Index { get; }

    /// <summary>
    /// How many 64-bit numbers have been taken from this stream. Setting it goes to that place at once, so that a run can be
    /// continued; normals made ahead are dropped.
    /// </summary>
    public ulong Position
    {
        get => ((nextBlock - 1) * 4) - (ulong)(raw.Length - rawUsed);
        set
        {
            nextBlock = 1 + (value / Ahead * (Ahead / 4));
            (rawUsed, normalsUsed) = (raw.Length, NormalGroup);
            for (ulong used = value % Ahead; used > 0; used--)
            {
                NextUInt64();
            }
        }
    }

    /// <summary>
    /// A stream of its own for <paramref name="purpose"/>, fixed by seed, the path to here, purpose and index, whatever has been
    /// drawn from this one.
    /// </summary>
    /// <param name="purpose">What the numbers are for, such as "bootstrap"; not empty.</param>
    /// <param name="index">Number of the replicate, group or thread-free unit of work.</param>
    /// <exception cref="ArgumentException"><paramref name="purpose"/> is empty.</exception>
    public RandomSource Fork(string purpose, ulong index = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        return new RandomSource(Seed, Mix(path ^ Mix(Index + Golden) ^ Fnv1a(purpose)), index);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        if (rawUsed == raw.Length)
        {
            Philox.Blocks(raw, nextBlock, Index, Seed, path);
            nextBlock += Ahead / 4;
            rawUsed = 0;
        }

        return raw[rawUsed++];
    }

    /// <summary>A number uniform on [0, 1), a multiple of 2⁻⁵³: the upper 53 bits of <see cref="NextUInt64"/>.</summary>
    public double NextDouble() => Uniform(NextUInt64());

    /// <summary>An integer uniform on 0, ..., <paramref name="exclusiveMax"/> − 1, without bias.</summary>
    /// <param name="exclusiveMax">Number of outcomes, at least 1.</param>
    /// <remarks>Source: Lemire 2019, "Fast random integer generation in an interval". Takes one number, rarely more.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveMax"/> is below 1.</exception>
    public int NextInt(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMax, 1);
        ulong outcomes = (ulong)exclusiveMax;
        ulong outcome = Math.BigMul(NextUInt64(), outcomes, out ulong remainder);
        if (remainder < outcomes)
        {
            ulong biased = (0UL - outcomes) % outcomes;
            while (remainder < biased)
            {
                outcome = Math.BigMul(NextUInt64(), outcomes, out remainder);
            }
        }

        return (int)outcome;
    }

    /// <summary>A standard normal number; at most 8.6 in size.</summary>
    /// <remarks>
    /// Box-Muller: normals are made eight at a time from the next eight numbers of the stream (four radii, four angles), and
    /// kept. So eight calls, one call of <see cref="FillNormal"/> for eight, or five and three give the same numbers.
    /// </remarks>
    public double NextNormal()
    {
        if (normalsUsed == NormalGroup)
        {
            FillGroups(normals);
            normalsUsed = 0;
        }

        return normals[normalsUsed++];
    }

    /// <summary>Fills <paramref name="destination"/> with numbers uniform on [0, 1): those of as many <see cref="NextDouble"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void FillUniform(Span<double> destination)
    {
        Span<ulong> bits = MemoryMarshal.Cast<double, ulong>(destination);
        FillBits(bits);
        for (int i = 0; i < bits.Length; i++)
        {
            destination[i] = Uniform(bits[i]);
        }
    }

    /// <summary>The number of <see cref="NextDouble"/> that 64 random bits make.</summary>
    internal static double Uniform(ulong bits) => (bits >> 11) * UnitOf53Bits;

    /// <summary>Fills <paramref name="destination"/> with random bits: those of as many <see cref="NextUInt64"/>.</summary>
    internal void FillBits(Span<ulong> destination)
    {
        while (rawUsed < raw.Length && destination.Length > 0)
        {
            destination[0] = NextUInt64();
            destination = destination[1..];
        }

        int whole = destination.Length & ~7;
        Philox.Blocks(destination[..whole], nextBlock, Index, Seed, path);
        nextBlock += (ulong)whole / 4;
        for (int i = whole; i < destination.Length; i++)
        {
            destination[i] = NextUInt64();
        }
    }

    /// <summary>
    /// Fills <paramref name="destination"/> with standard normal numbers: those of as many <see cref="NextNormal"/>, however a
    /// long span is cut into shorter ones.
    /// </summary>
    public void FillNormal(Span<double> destination)
    {
        int kept = Math.Min(NormalGroup - normalsUsed, destination.Length);
        normals.AsSpan(normalsUsed, kept).CopyTo(destination);
        normalsUsed += kept;
        destination = destination[kept..];

        int whole = destination.Length / NormalGroup * NormalGroup;
        FillGroups(destination[..whole]);
        for (int i = whole; i < destination.Length; i++)
        {
            destination[i] = NextNormal();
        }
    }

    /// <summary>Puts the items into an order drawn uniformly from all orders (Fisher-Yates).</summary>
    /// <param name="items">Reordered in place; n − 1 draws.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillGroups(Span<double> destination)
    {
        Span<double> uniform = stackalloc double[NormalGroup];
        for (int i = 0; i < destination.Length; i += NormalGroup)
        {
            FillUniform(uniform);

            // 1 − u lies in (0, 1], so that the logarithm is finite.
            Vector256<double> radius = Vector256.Sqrt(
                -2.0 * Vector256.Log(Vector256<double>.One - Vector256.Create<double>(uniform[..4])));
            (Vector256<double> sine, Vector256<double> cosine) =
                Vector256.SinCos(2.0 * Math.PI * Vector256.Create<double>(uniform[4..]));
            (radius * cosine).CopyTo(destination[i..]);
            (radius * sine).CopyTo(destination[(i + 4)..]);
        }
    }

    private static ulong Fnv1a(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
