using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>Where the spikes come from that a neuron learns to reproduce.</summary>
public abstract record Teacher
{
    /// <summary>The rate, Hz, at which the teacher fires in a step; null where its spikes are given.</summary>
    /// <param name="transfer">φ of the neuron that learns.</param>
    /// <param name="usp">x, n unweighted synaptic potentials of the step, mV.</param>
    public abstract double? Rate(TransferFunction transfer, ReadOnlySpan<double> usp);

    /// <summary>The number of given spikes in a step; 0 where they are drawn from a rate.</summary>
    /// <param name="stepIndex">Number of the step from 0.</param>
    /// <param name="timeStep">dt, s.</param>
    public abstract int Spikes(long stepIndex, double timeStep);
}

/// <summary>A teacher that sees the same input through target weights: rate φ(Σ wᵢ* xᵢ).</summary>
/// <remarks>Source: Kreutzer et al. 2022, Eqs 52-57.</remarks>
/// <param name="Weights">w*, n somatic weights, finite.</param>
public sealed record TargetWeights(IReadOnlyList<double> Weights) : Teacher
{
    private readonly double[] weights = Copy(Weights, "target weight", nameof(Weights));

    /// <summary>w*; a copy of the list that was given.</summary>
    public IReadOnlyList<double> Weights => weights;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There are not as many potentials as weights.</exception>
    public override double? Rate(TransferFunction transfer, ReadOnlySpan<double> usp)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        Elementwise.MustMatch(weights.Length, usp.Length, "target weight", "synaptic potential");
        return transfer.Rate(TensorPrimitives.Dot<double>(weights, usp));
    }

    /// <inheritdoc/>
    public override int Spikes(long stepIndex, double timeStep) => 0;

    internal static double[] Copy(IReadOnlyList<double> weights, string what, string parameter)
    {
        ArgumentNullException.ThrowIfNull(weights, parameter);
        double[] copy = [.. weights];
        Elementwise.MustBeFinite(copy, what, parameter);
        return copy;
    }
}

/// <summary>A teacher that fires at a constant rate whatever the input.</summary>
/// <param name="Frequency">Hz, finite and not negative.</param>
public sealed record ConstantRate(double Frequency) : Teacher
{
    /// <summary>Hz.</summary>
    public double Frequency { get; } = Require.NotNegative(Frequency, "teacher's rate", nameof(Frequency));

    /// <inheritdoc/>
    public override double? Rate(TransferFunction transfer, ReadOnlySpan<double> usp) => Frequency;

    /// <inheritdoc/>
    public override int Spikes(long stepIndex, double timeStep) => 0;
}

/// <summary>A teacher whose spikes are given, such as those of a recorded unit.</summary>
/// <param name="Times">Spike times, s, finite, not negative, ascending.</param>
public sealed record GivenSpikes(IReadOnlyList<double> Times) : Teacher
{
    private readonly double[] times = Checked(Times);

    /// <summary>Spike times, s; a copy of the list that was given.</summary>
    public IReadOnlyList<double> Times => times;

    /// <inheritdoc/>
    public override double? Rate(TransferFunction transfer, ReadOnlySpan<double> usp) => null;

    /// <inheritdoc/>
    public override int Spikes(long stepIndex, double timeStep) => Before(stepIndex + 1, timeStep) - Before(stepIndex, timeStep);

    // Number of spikes that fall into steps before this one.
    private int Before(long step, double timeStep)
    {
        int low = 0, high = times.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = SpikeTrains.StepOf(times[middle], timeStep) < step ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static double[] Checked(IReadOnlyList<double> times)
    {
        ArgumentNullException.ThrowIfNull(times);
        double[] copy = [.. times];
        SpikeTrains.Check(copy, "teacher", double.PositiveInfinity);
        return copy;
    }
}
