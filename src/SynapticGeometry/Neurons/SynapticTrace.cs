using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>How the synaptic potentials go from one time step to the next.</summary>
public enum TraceStepping
{
    /// <summary>The exact decay, exp(−dt/τ) per step.</summary>
    Exact,

    /// <summary>Forward Euler, 1 − dt/τ per step, as the paper's simulations; its variance is 4.2 % too large at dt = 0.5 ms.</summary>
    ForwardEuler,
}

/// <summary>
/// One step of current c and potential p of a synapse: p ← membrane · p + carry · c, then c ← synaptic · c, and a spike adds jump to c.
/// </summary>
internal readonly record struct TraceDecay(double Membrane, double Synaptic, double Carry, double Jump)
{
    /// <summary>The constants of a kernel and time step.</summary>
    public static TraceDecay Of(SynapticKernel kernel, double timeStep, TraceStepping stepping)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        Require.Positive(timeStep, "time step", nameof(timeStep));
        double shortest = Math.Min(kernel.MembraneTime, kernel.SynapticTime), jump = kernel.Area / (kernel.MembraneTime * kernel.SynapticTime);
        if (stepping == TraceStepping.ForwardEuler && timeStep >= shortest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(timeStep), $"The time step is {timeStep} s; forward Euler needs one below the shortest time constant, {shortest} s.");
        }

        return stepping == TraceStepping.Exact
            ? new(Math.Exp(-timeStep / kernel.MembraneTime), Math.Exp(-timeStep / kernel.SynapticTime), kernel.Carry(timeStep), jump)
            : new(1 - (timeStep / kernel.MembraneTime), 1 - (timeStep / kernel.SynapticTime), timeStep, jump);
    }
}

/// <summary>
/// The unweighted synaptic potentials xᵢ of n synapses over time: each spike train filtered by the kernel.
/// </summary>
/// <remarks>
/// A current jumps by ε₀/(τ_m τ_s) at a spike and decays with τ_s; it drives a potential that decays with τ_m. That is the
/// difference of exponentials, written so that τ_m = τ_s is no special case. Source: Kreutzer et al. 2022, Eqs 24-27.
/// </remarks>
public sealed class SynapticTrace
{
    private readonly double[] current;
    private readonly double[] potential;
    private readonly TraceDecay decay;

    /// <summary>Traces of n synapses, at rest.</summary>
    /// <param name="kernel">ε.</param>
    /// <param name="synapses">n, at least 1.</param>
    /// <param name="timeStep">dt, s, positive; for forward Euler below both time constants.</param>
    /// <param name="stepping">How to step.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public SynapticTrace(SynapticKernel kernel, int synapses, double timeStep, TraceStepping stepping = TraceStepping.Exact)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(synapses, 1);
        decay = TraceDecay.Of(kernel, timeStep, stepping);
        current = new double[synapses];
        potential = new double[synapses];
    }

    /// <summary>xᵢ, mV: the unweighted synaptic potentials after the last step.</summary>
    public ReadOnlySpan<double> Usp => potential;

    /// <summary>One time step: decay, then this step's spikes, which show in the potential from the next step on, as ε(0) = 0.</summary>
    /// <param name="spikes">Indices of the synapses that receive a spike, each as often as it receives one.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not that of a synapse.</exception>
    public void Advance(ReadOnlySpan<int> spikes)
    {
        TensorPrimitives.Multiply(potential, decay.Membrane, potential);
        TensorPrimitives.MultiplyAdd(current, decay.Carry, potential, potential);
        TensorPrimitives.Multiply(current, decay.Synaptic, current);
        foreach (int i in spikes)
        {
            current[Checked(i, current.Length)] += decay.Jump;
        }
    }

    /// <summary>The index of a synapse that a spike arrives at, where it is one.</summary>
    internal static int Checked(int spike, int synapses) => (uint)spike < (uint)synapses
        ? spike
        : throw new ArgumentOutOfRangeException(nameof(spike), $"A spike arrives at synapse {spike}; there are {synapses}, from 0.");

    /// <summary>All traces at rest.</summary>
    internal void Clear()
    {
        Array.Clear(current);
        Array.Clear(potential);
    }

    /// <summary>The state, 2n numbers: potentials, then currents.</summary>
    public double[] Save() => [.. potential, .. current];

    /// <summary>Puts back a state from <see cref="Save"/>.</summary>
    /// <param name="state">2n finite numbers.</param>
    /// <exception cref="ArgumentException">The length is not 2n.</exception>
    public void Restore(ReadOnlySpan<double> state)
    {
        Elementwise.MustMatch(state.Length, 2 * potential.Length, "state of the traces", "two for every synapse");
        state[..potential.Length].CopyTo(potential);
        state[potential.Length..].CopyTo(current);
    }
}
