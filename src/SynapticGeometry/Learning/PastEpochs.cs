using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>
/// What the epochs of a large neuron of few spikes have done to a synapse since one in which it was last seen, so that a synapse is brought up to date
/// when it spikes and not before.
/// </summary>
/// <remarks>
/// Over whole epochs (p, c) is mapped linearly, and v grows by h (p Q + c R), where Q and R sum P and K of these epochs over that map:
/// five numbers for each epoch, of which only those of the last few change, as traces fall.
/// </remarks>
internal sealed unsafe class PastEpochs
{
    // Epochs until all synapses are brought up to date.
    public const int Most = 512;

    // Each epoch's factors of one synapse's (p, c, v, w*): the synapse times the first four, plus p times the next, plus c times the last.
    private const int Own = 0, OfPotential = 4, OfCurrent = 8, Numbers = 12;

    // A trace that has fallen by this much is taken for 0: far below the rounding of a weight.
    private const double Unseen = 1e-18;

    private readonly int[] seen;
    private readonly double[] epochs = GC.AllocateArray<double>((Most + 1) * Numbers, pinned: true);
    private readonly double* factors;
    private readonly TraceDecay decay;

    /// <summary>No epoch is past.</summary>
    /// <param name="synapses">n.</param>
    /// <param name="epoch">Membrane and synaptic decay over an epoch, what current is carried into potential over it, and a spike's jump.</param>
    public PastEpochs(int synapses, TraceDecay epoch)
    {
        (seen, decay) = (new int[synapses], epoch);
        factors = (double*)Unsafe.AsPointer(ref epochs[0]);
        Restart();
    }

    /// <summary>Numbers to be saved.</summary>
    public int Length => seen.Length + 1 + epochs.Length;

    /// <summary>Number of the present epoch.</summary>
    public int Present { get; private set; }

    /// <summary>A synapse as it is at the beginning of the present epoch.</summary>
    /// <param name="i">Its index.</param>
    /// <param name="cell">p, c, v, w* as they were left.</param>
    /// <param name="gain">h.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> UpToDate(int i, double* cell, double gain)
    {
        double* past = factors + (Numbers * seen[i]);
        Vector256<double> change = Vector256.FusedMultiplyAdd(
            Vector256.Create(cell[1]), Vector256.Load(past + OfCurrent), Vector256.Create(cell[0]) * Vector256.Load(past + OfPotential));
        Vector256<double> third = Vector256.Create(0, 0, -1L, 0).AsDouble();
        return Vector256.FusedMultiplyAdd(
            Vector256.Load(cell), Vector256.Load(past + Own), change * Vector256.ConditionalSelect(third, Vector256.Create(gain), Vector256<double>.One));
    }

    /// <summary>A synapse is seen: it is from now on as at the beginning of the present epoch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void See(int i) => seen[i] = Present;

    /// <summary>The present epoch ends.</summary>
    /// <param name="p">P.</param>
    /// <param name="k">K.</param>
    public void End(double p, double k)
    {
        for (int e = Present; e >= 0; e--)
        {
            double* past = factors + (Numbers * e);
            double potential = past[Own], carried = past[OfCurrent], current = past[Own + 1];
            if (potential == 0 && carried == 0 && current == 0)
            {
                break;
            }

            past[OfPotential + 2] += potential * p;
            past[OfCurrent + 2] += (carried * p) + (current * k);
            (potential, carried, current) = (potential * decay.Membrane, (carried * decay.Membrane) + (current * decay.Carry), current * decay.Synaptic);
            bool unseen = potential <= Unseen && carried <= Unseen * decay.Carry && current <= Unseen;
            (past[Own], past[OfCurrent], past[Own + 1]) = unseen ? (0, 0, 0) : (potential, carried, current);
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
        epochs.CopyTo(numbers[(seen.Length + 1)..]);
    }

    /// <summary>Puts it back.</summary>
    /// <param name="numbers">As saved.</param>
    public void Restore(ReadOnlySpan<double> numbers)
    {
        for (int i = 0; i < seen.Length; i++)
        {
            seen[i] = (int)numbers[i];
        }

        Present = (int)numbers[seen.Length];
        numbers[(seen.Length + 1)..].CopyTo(epochs);
    }

    // Nothing has happened yet since the present epoch began.
    private void Begin()
    {
        double* present = factors + (Numbers * Present);
        new Span<double>(present, Numbers).Clear();
        Vector256<double>.One.Store(present + Own);
    }
}
