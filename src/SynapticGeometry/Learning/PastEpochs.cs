using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SynapticGeometry;

/// <summary>
/// What the epochs of a large neuron have done to a synapse since one in which it was last seen, so that a synapse is brought up to date
/// when it spikes and not before.
/// </summary>
/// <remarks>
/// Over whole epochs (p, c) is mapped linearly, and v in units of the gain grows by p Q + c R, where Q and R sum P and K of these epochs
/// over that map: five numbers for each epoch, of which only those of the last few change, as traces fall.
/// </remarks>
internal sealed unsafe class PastEpochs
{
    // Epochs until all synapses are brought up to date.
    public const int Most = 500;

    // More than an epoch has: a step is numbered by its epoch times this, plus its place there from 1 on.
    private const int Steps = 128;

    // Each epoch's factors in a cache line: of (p, c, p, c), and of (c, c, c, c), for the present (p, c, v/h, w*).
    private const int Potential = 0, Current = 1, LearnedByPotential = 2, Carried = 4, LearnedByCurrent = 6;
    public const int Numbers = 8;

    // A trace that has fallen by this much is taken for 0: far below the rounding of a weight.
    private const double Unseen = 1e-18;

    // The step in which each synapse was seen.
    private readonly ushort[] seen;
    private readonly double[] epochs = GC.AllocateArray<double>(((Most + 1) * Numbers) + 8, pinned: true);

    // In that array, on a boundary of 64 bytes.
    private readonly double* factors;
    private readonly TraceDecay decay;

    /// <summary>No epoch is past.</summary>
    /// <param name="synapses">n.</param>
    /// <param name="epoch">Membrane and synaptic decay over an epoch, what current is carried into potential over it, and a spike's jump.</param>
    public PastEpochs(int synapses, TraceDecay epoch)
    {
        (seen, decay) = (GC.AllocateArray<ushort>(synapses, pinned: true), epoch);
        factors = (double*)(((nint)Unsafe.AsPointer(ref epochs[0]) + 63) & ~63);
        Restart();
    }

    /// <summary>Numbers to be saved.</summary>
    public int Length => seen.Length + 1 + Factors.Length;

    /// <summary>Number of the present epoch.</summary>
    public int Present { get; private set; }

    /// <summary>A synapse as it is at the beginning of the present epoch.</summary>
    /// <param name="i">Its index.</param>
    /// <param name="cell">p, c, v/h, w* as they were left.</param>
    public Vector256<double> UpToDate(int i, double* cell) => UpToDate(factors + (Numbers * (seen[i] / Steps)), cell);

    /// <summary>
    /// Brings the synapses of some spikes up to date and adds the same to each of them; the sum of what they were before that. Every other spike
    /// adds to another sum, so that none waits for the one before.
    /// </summary>
    /// <param name="cells">p, c, v/h, w* of all synapses.</param>
    /// <param name="from">The first spike.</param>
    /// <param name="to">The end of the spikes; behind it are <see cref="SpikeList.Spare"/> more that may be read.</param>
    /// <param name="added">What a spike adds to p, c, v/h, w*.</param>
    /// <param name="step">The step's place in the epoch, from 1 on.</param>
    /// <param name="once">A synapse has one spike at most in a step, and is left alone where it is listed again.</param>
    /// <param name="spikes">How many are left.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public Vector256<double> Add(double* cells, int* from, int* to, Vector256<double> added, int step, bool once, out int spikes)
    {
        double* past = factors;
        ushort* last = (ushort*)Unsafe.AsPointer(ref seen[0]);
        ushort now = (ushort)((Present * Steps) + step);
        uint ignored = once ? now : uint.MaxValue;
        Vector256<double> even = default, odd = default;
        int* j = from;
        int left = (int)(to - from);
        for (; j < to - 1; j += 2)
        {
            MemoryHint.Soon(cells + (4 * (nuint)(uint)j[SpikeList.Spare - 2]));
            MemoryHint.Soon(cells + (4 * (nuint)(uint)j[SpikeList.Spare - 1]));
            even += Add(cells, (uint)*j, past, last, now, ignored, added, ref left);
            odd += Add(cells, (uint)j[1], past, last, now, ignored, added, ref left);
        }

        if (j < to)
        {
            even += Add(cells, (uint)*j, past, last, now, ignored, added, ref left);
        }

        spikes = left;
        return even + odd;
    }

    /// <summary>The present epoch ends.</summary>
    /// <param name="p">P.</param>
    /// <param name="k">K.</param>
    public void End(double p, double k)
    {
        for (int e = Present; e >= 0; e--)
        {
            double* past = factors + (Numbers * e);
            double potential = past[Potential], carried = past[Carried], current = past[Current];
            if (potential == 0 && carried == 0 && current == 0)
            {
                break;
            }

            past[LearnedByPotential] += potential * p;
            past[LearnedByCurrent] += (carried * p) + (current * k);
            (potential, carried, current) = (potential * decay.Membrane, (carried * decay.Membrane) + (current * decay.Carry), current * decay.Synaptic);
            bool unseen = potential <= Unseen && carried <= Unseen * decay.Carry && current <= Unseen;
            (past[Potential], past[Carried], past[Current]) = unseen ? (0, 0, 0) : (potential, carried, current);
        }

        Present++;
        Begin();
    }

    /// <summary>All synapses are up to date.</summary>
    public void Restart()
    {
        Array.Clear(seen);
        Present = 0;
        Begin();
    }

    /// <summary>Writes the state.</summary>
    /// <param name="numbers"><see cref="Length"/> numbers.</param>
    public void Save(Span<double> numbers)
    {
        for (int i = 0; i < seen.Length; i++)
        {
            numbers[i] = seen[i];
        }

        numbers[seen.Length] = Present;
        Factors.CopyTo(numbers[(seen.Length + 1)..]);
    }

    /// <summary>Puts it back.</summary>
    /// <param name="numbers">As saved.</param>
    public void Restore(ReadOnlySpan<double> numbers)
    {
        for (int i = 0; i < seen.Length; i++)
        {
            seen[i] = (ushort)numbers[i];
        }

        Present = (int)numbers[seen.Length];
        numbers[(seen.Length + 1)..].CopyTo(Factors);
    }

    private Span<double> Factors => new(factors, (Most + 1) * Numbers);

    // Nothing has happened yet since the present epoch began.
    private void Begin()
    {
        double* present = factors + (Numbers * Present);
        new Span<double>(present, Numbers).Clear();
        (present[Potential], present[Current]) = (1, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> UpToDate(double* past, double* cell)
    {
        Vector256<double> traces, currents, weights;
        if (Avx.IsSupported)
        {
            traces = Avx.BroadcastVector128ToVector256(cell);
            currents = Avx.Permute(traces, 0b1111);
            weights = Avx.Blend(Vector256<double>.Zero, Vector256.Load(cell), 0b1100);
        }
        else
        {
            traces = Vector256.Create(cell[0], cell[1], cell[0], cell[1]);
            currents = Vector256.Create(cell[1]);
            weights = Vector256.Create(0, 0, cell[2], cell[3]);
        }

        return Vector256.FusedMultiplyAdd(currents, Vector256.Load(past + Carried), Vector256.FusedMultiplyAdd(traces, Vector256.Load(past), weights));
    }

    // 0 of a spike that is ignored.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Add(double* cells, nuint i, double* past, ushort* last, ushort now, uint ignored, Vector256<double> added, ref int left)
    {
        uint step = last[i];
        if (step == ignored)
        {
            left--;
            return default;
        }

        double* cell = cells + (4 * i);
        Vector256<double> x = UpToDate(past + (Numbers * (nuint)(step / Steps)), cell);
        last[i] = now;
        (x + added).Store(cell);
        return x;
    }
}
