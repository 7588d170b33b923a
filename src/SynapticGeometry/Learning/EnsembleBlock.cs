namespace SynapticGeometry;

/// <summary>The state of one trial of an ensemble; with the experiment and the seed it continues to the same bits.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Numbers">Weights, traces and sums.</param>
/// <param name="Input">The input's state.</param>
/// <param name="TeacherPosition">Numbers drawn for the teacher before the present 64 steps.</param>
public sealed record EnsembleTrialState(long Steps, double[] Numbers, long[] Input, ulong TeacherPosition);

/// <summary>The last step of one trial.</summary>
/// <param name="Potential">V, mV above rest.</param>
/// <param name="TeacherSpikes">The teacher's spikes.</param>
/// <param name="Factors">e, u and m of the step's change e (h x − u + m w); null in the dense loop.</param>
public readonly record struct EnsembleStep(double Potential, int TeacherSpikes, ThreeTermFactors? Factors);

/// <summary>The neuron-wide numbers of one step's change, Δwᵢ = e (hᵢ xᵢ − u + m wᵢ).</summary>
/// <param name="Factor">e.</param>
/// <param name="Uniform">u.</param>
/// <param name="WeightDependent">m.</param>
public readonly record struct ThreeTermFactors(double Factor, double Uniform, double WeightDependent);

/// <summary>A few trials that advance together, in one thread.</summary>
internal abstract class EnsembleBlock(int first, int count)
{
    /// <summary>Number of its first trial.</summary>
    public int First => first;

    /// <summary>Number of its trials.</summary>
    public int Count => count;

    public abstract long Steps { get; }

    public abstract void AdvanceTo(long step, CancellationToken cancellation);

    public abstract void CopySomatic(int lane, Span<double> weights);

    public abstract void CopyUsp(int lane, Span<double> usp);

    public abstract EnsembleStep LastStep(int lane);

    public abstract EnsembleTrialState Save(int lane);

    public abstract void Restore(ReadOnlySpan<EnsembleTrialState> states);
}

/// <summary>One trial in the dense loop.</summary>
internal sealed class DenseBlock(SpikingEnsemble ensemble, RandomSource random, int trial) : EnsembleBlock(trial, 1)
{
    private readonly TeacherStudentRun run = ensemble.Trial(random, (ulong)trial).Start(random, (ulong)trial);

    public override long Steps => run.Steps;

    public override void AdvanceTo(long step, CancellationToken cancellation) => run.Advance(Math.Max(0, step - run.Steps), cancellation);

    public override void CopySomatic(int lane, Span<double> weights) => run.Somatic.CopyTo(weights);

    public override void CopyUsp(int lane, Span<double> usp) => run.Usp.CopyTo(usp);

    public override EnsembleStep LastStep(int lane) => new(run.Potential, run.TeacherSpikes, null);

    public override EnsembleTrialState Save(int lane)
    {
        TeacherStudentState state = run.Save();
        (double scale, double u0, double u1, double u2, double m1, double m2) = state.Coefficients;
        return new(state.Steps, [.. state.Weights, .. state.Traces, scale, u0, u1, u2, m1, m2], state.Input, state.TeacherPosition);
    }

    public override void Restore(ReadOnlySpan<EnsembleTrialState> states)
    {
        (long steps, double[] numbers, long[] input, ulong position) = states[0];
        int n = run.Weights.Length;
        Elementwise.MustMatch(numbers.Length, (3 * n) + 6, "saved number", "number of a trial");
        ReadOnlySpan<double> c = numbers.AsSpan(3 * n);
        run.Restore(new TeacherStudentState(steps, numbers[..n], numbers[n..(3 * n)], input, position) { Coefficients = new(c[0], c[1], c[2], c[3], c[4], c[5]) });
    }
}
