using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
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

    internal UspSamples(double[] potentials, int synapses) => (this.potentials, Synapses) = (potentials, synapses);

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
        ArgumentNullException.ThrowIfNull(random);
        return new UspSampler(input, kernel, count, duration, timeStep, stepping).Draw(random);
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
        using Scratch rates = new(Count);
        TeacherRates(transfer, teacher, rates.Span);
        return Cost(transfer, somatic, rates.Span, timeStep);
    }

    /// <summary>φ*, Hz, in each sample.</summary>
    /// <param name="transfer">φ.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="rates">A rate for each sample.</param>
    internal void TeacherRates(TransferFunction transfer, Teacher teacher, Span<double> rates)
    {
        if (teacher is TargetWeights { Weights: double[] goal })
        {
            Elementwise.MustMatch(goal.Length, Synapses, "target weight", "synaptic potential");
            Rates(transfer, goal, rates);
            return;
        }

        for (int k = 0; k < rates.Length; k++)
        {
            rates[k] = teacher.Rate(transfer, this[k]) ?? throw new ArgumentException("The teacher's spikes are given: it has no rate to compare with.", nameof(teacher));
        }
    }

    /// <summary>The distance from a teacher whose rate in each sample is known.</summary>
    internal LearningCost Cost(TransferFunction transfer, ReadOnlySpan<double> somatic, ReadOnlySpan<double> teacherRates, double timeStep)
    {
        using Scratch rates = new(Count);
        Rates(transfer, somatic, rates.Span);

        // Four samples at a time, the last filled up with such as have no distance.
        Vector256<double> divergence = default, squares = default, one = Vector256<double>.One;
        for (int k = 0; k < Count; k += 4)
        {
            (Vector256<double> a, Vector256<double> b) = (one, one);
            if (Count - k >= 4)
            {
                (a, b) = (Vector256.Create(teacherRates[k..]), Vector256.Create<double>(rates.Span[k..]));
            }
            else
            {
                for (int i = 0; k + i < Count; i++)
                {
                    (a, b) = (a.WithElement(i, teacherRates[k + i]), b.WithElement(i, rates.Span[k + i]));
                }
            }

            divergence += Divergence(a, b);
            squares += (b - a) * (b - a);
        }

        return new LearningCost(Vector256.Sum(divergence) / Count * timeStep, Math.Sqrt(Vector256.Sum(squares) / Count));
    }

    private void Rates(TransferFunction transfer, ReadOnlySpan<double> weights, Span<double> rates)
    {
        for (int k = 0; k < rates.Length; k++)
        {
            rates[k] = TensorPrimitives.Dot(weights, this[k]);
        }

        transfer.Rates(rates, rates);
    }

    // The same of four pairs. ln(1 + d) = d ln(u)/(u − 1) with u = 1 + d as rounded, whose error cancels in the quotient.
    private static Vector256<double> Divergence(Vector256<double> target, Vector256<double> rate)
    {
        Vector256<double> zero = default, one = Vector256<double>.One;
        Vector256<double> d = (target - rate) / rate, u = one + d, log = Vector256.Log(u) * (d / (u - one));
        Vector256<double> large = rate * ((u * log) - d), small = rate * d * d * (Vector256.Create(0.5) - (d * (Vector256.Create(1.0 / 6) - (d / 12))));
        Vector256<double> usual = Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(d), Vector256.Create(1e-4)), small, large);
        Vector256<double> teaching = Vector256.ConditionalSelect(Vector256.Equals(rate, zero), Vector256.Create(double.PositiveInfinity), usual);
        return Vector256.ConditionalSelect(Vector256.Equals(target, zero), rate, teaching);
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

/// <summary>Draws sets of samples of one kind, one after the other in the same memory.</summary>
internal sealed class UspSampler
{
    private readonly SpikeInput input;
    private readonly int count;
    private readonly double timeStep;
    private readonly long steps;
    private readonly SynapticTrace trace;
    private SpikeSampler? spikes;

    /// <inheritdoc cref="UspSamples.Draw"/>
    public UspSampler(SpikeInput input, SynapticKernel kernel, int count, double duration, double timeStep, TraceStepping stepping)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Require.Positive(duration, "duration of the input", nameof(duration));
        Require.Positive(timeStep, "time step", nameof(timeStep));
        (this.input, this.count, this.timeStep) = (input, count, timeStep);
        steps = Math.Max(1, StepCount.Of(duration, timeStep, "input of a sample", nameof(duration)));
        trace = new SynapticTrace(kernel, input.Synapses, timeStep, stepping);
    }

    /// <summary>A set of samples; the same whatever was drawn before.</summary>
    public UspSamples Draw(RandomSource random)
    {
        double[] potentials = new double[count * input.Synapses];
        for (int k = 0; k < count; k++)
        {
            SpikeInput stretch = input.Stretch(random.Fork("stretch of a usp sample", (ulong)k), steps * timeStep);
            RandomSource own = random.Fork("usp sample", (ulong)k);
            if (spikes is null || !ReferenceEquals(stretch, input) || !spikes.Again(own))
            {
                spikes = stretch.Start(own, timeStep);
            }

            trace.Clear();
            for (long t = 0; t < steps; t++)
            {
                trace.Advance(spikes.Draw());
            }

            trace.Usp.CopyTo(potentials.AsSpan(k * input.Synapses));
        }

        return new UspSamples(potentials, input.Synapses);
    }
}
