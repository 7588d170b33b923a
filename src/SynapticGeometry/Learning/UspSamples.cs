using System.Numerics.Tensors;
using MathNet.Numerics;

namespace SynapticGeometry;

/// <summary>How far a student is from its teacher.</summary>
/// <param name="Divergence">D_KL of the spikes of one step, E[φ* ln(φ*/φ) + φ − φ*] dt, nats; +∞ where the student is silent and the teacher is not.</param>
/// <param name="RateError">Root-mean-square difference of φ and φ*, Hz.</param>
public readonly record struct LearningCost(double Divergence, double RateError);

/// <summary>
/// Samples of the synaptic potentials, each the end state of a stretch of input of its own, over which the distance of student and
/// teacher is averaged.
/// </summary>
/// <remarks>Source: Kreutzer et al. 2022, Eqs 9, 52-57; Fig. 3F: 50 samples of 250 ms.</remarks>
public sealed class UspSamples
{
    private readonly double[] potentials;

    private UspSamples(double[] potentials, int synapses) => (this.potentials, Synapses) = (potentials, synapses);

    /// <summary>n, number of synapses.</summary>
    public int Synapses { get; }

    /// <summary>Number of samples.</summary>
    public int Count => potentials.Length / Synapses;

    /// <summary>x of a sample, n unweighted synaptic potentials, mV.</summary>
    /// <param name="sample">Its index.</param>
    public ReadOnlySpan<double> this[int sample] => potentials.AsSpan(sample * Synapses, Synapses);

    /// <summary>Draws samples.</summary>
    /// <param name="input">The input.</param>
    /// <param name="kernel">ε.</param>
    /// <param name="random">Sample k uses its forks "usp sample", k, and "stretch of a usp sample", k.</param>
    /// <param name="count">Number of samples, at least 1.</param>
    /// <param name="duration">Length of the input before each, s, at least one step.</param>
    /// <param name="timeStep">dt, s.</param>
    /// <param name="stepping">How the potentials are stepped.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range, or the time step too long for a rate.</exception>
    public static UspSamples Draw(
        SpikeInput input, SynapticKernel kernel, RandomSource random, int count = 50, double duration = 0.25, double timeStep = 0.0005, TraceStepping stepping = TraceStepping.Exact)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Require.Positive(duration, "duration of the input", nameof(duration));
        Require.Positive(timeStep, "time step", nameof(timeStep));
        double[] potentials = new double[count * input.Synapses];
        long steps = Math.Max(1, StepCount.Of(duration, timeStep, "input of a sample", nameof(duration)));
        SpikeSampler? spikes = null;
        for (int k = 0; k < count; k++)
        {
            SpikeInput stretch = input.Stretch(random.Fork("stretch of a usp sample", (ulong)k), steps * timeStep);
            RandomSource own = random.Fork("usp sample", (ulong)k);
            spikes = (ReferenceEquals(stretch, input) ? spikes?.Beside(own) : null) ?? stretch.Start(own, timeStep);
            var trace = new SynapticTrace(kernel, input.Synapses, timeStep, stepping);
            for (long t = 0; t < steps; t++)
            {
                trace.Advance(spikes.Draw());
            }

            trace.Usp.CopyTo(potentials.AsSpan(k * input.Synapses));
        }

        return new UspSamples(potentials, input.Synapses);
    }

    /// <summary>The distance of a student from a teacher that has a rate, averaged over the samples.</summary>
    /// <param name="transfer">φ.</param>
    /// <param name="somatic">w, the student's n somatic weights.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="timeStep">dt, s, over which the divergence is taken.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the teacher's spikes are given and it has no rate.</exception>
    public LearningCost Cost(TransferFunction transfer, ReadOnlySpan<double> somatic, Teacher teacher, double timeStep = 0.0005)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        ArgumentNullException.ThrowIfNull(teacher);
        Elementwise.MustMatch(somatic.Length, Synapses, "somatic weight", "sample");
        double divergence = 0, squares = 0;
        for (int k = 0; k < Count; k++)
        {
            double rate = transfer.Rate(TensorPrimitives.Dot(somatic, this[k]));
            double target = teacher.Rate(transfer, this[k])
                ?? throw new ArgumentException("The teacher's spikes are given: it has no rate to compare with.", nameof(teacher));
            divergence += Divergence(target, rate);
            squares += (rate - target) * (rate - target);
        }

        return new LearningCost(divergence / Count * timeStep, Math.Sqrt(squares / Count));
    }

    /// <summary>D_KL of two Poisson processes per unit time, a ln(a/b) + b − a, accurate where a is near b.</summary>
    /// <param name="target">a, Hz.</param>
    /// <param name="rate">b, Hz.</param>
    internal static double Divergence(double target, double rate)
    {
        if (target == 0 || rate == 0)
        {
            return target == 0 ? rate : double.PositiveInfinity;
        }

        // With a = b (1 + d): b [(1 + d) ln(1 + d) − d].
        double d = (target - rate) / rate;
        return Math.Abs(d) < 1e-4
            ? rate * d * d * (0.5 - (d * ((1.0 / 6) - (d / 12))))
            : rate * (((1 + d) * SpecialFunctions.Log1p(d)) - d);
    }
}
