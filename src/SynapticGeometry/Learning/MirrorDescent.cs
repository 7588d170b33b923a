using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SynapticGeometry;

/// <summary>How mirror descent turns gradients into steps; the semantics of the usual stochastic gradient descent.</summary>
public sealed record MirrorDescentOptions
{
    /// <summary>Momentum, 0 to below 1: part of the last direction that is kept.</summary>
    public double Momentum
    {
        get;
        init => field = value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Momentum), $"The momentum is {value}; it must be at least 0 and below 1.");
    }

    /// <summary>Dampening, 0 to 1: the part of a gradient that momentum leaves out; the first step takes all of it.</summary>
    public double Dampening
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Dampening), $"The dampening is {value}; it must be from 0 to 1.");
    }

    /// <summary>True for Nesterov's momentum, which looks one step ahead.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay, finite and not negative: so many times the weight is added to its gradient.</summary>
    public double WeightDecay { get; init => field = Require.NotNegative(value, "weight decay", nameof(WeightDecay)); }

    /// <summary>
    /// True to keep every weight's sign by projection: a weight that would cross zero stops there. Exponentiated gradient needs no such
    /// help; this is gradient descent made to obey Dale's law, for comparison.
    /// </summary>
    public bool KeepSigns { get; init; }

    /// <summary>The most threads, at least 1; no result depends on it. More than one are of use from about 1e5 weights on.</summary>
    public int Threads
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Threads), $"{value} threads were asked for; at least 1 is needed.");
    }

        = 1;
}

/// <summary>
/// Stochastic mirror descent, in place: ∇Φ(w) ← ∇Φ(w) − η d, with the direction d made of the gradient, momentum and weight decay.
/// </summary>
/// <remarks>
/// <para>
/// d = g + λ w without momentum; with momentum μ and dampening τ the buffer is b ← μ b + (1 − τ)(g + λ w), at first g + λ w, and d = b, or
/// g + λ w + μ b for Nesterov's. All of it acts before the dual step. Where the potential does not take zeros (negative entropy), a
/// weight of 0 is an absent synapse and stays 0; under a p-norm with p &lt; 2 a weight of 0 moves, by |η d|^(1/(p−1)).
/// </para>
/// <para>
/// Under negative entropy and p-norms weights, gradients and momenta are read, and weights and momenta written, once, in one loop and in the precision of the
/// weights: in single precision the dual weight is right to a few units in the last place of the largest of its terms. Other potentials, and
/// <see cref="MirrorDescentOptions.KeepSigns"/>, take a pass a term, block by block, in double precision. Nothing is allocated on one thread.
/// </para>
/// <para>Source: Pogodin et al. 2024, section 2 and Appendix.</para>
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed class MirrorDescent<T>
    where T : IFloatingPointIeee754<T>
{
    // Of the weights in flight: what stays in the cache next to the core.
    private const int Block = 1024;

    // A thread's share: enough work to be worth its while.
    private const int Share = 1 << 16;

    private readonly T[] momentum;
    private readonly double[] weights = new double[Block];
    private readonly double[] direction = new double[Block];
    private readonly double[] kept = new double[Block];
    private readonly int count;

    /// <summary>An optimizer of so many weights, which have not moved yet.</summary>
    /// <param name="potential">Φ.</param>
    /// <param name="count">n, at least 1.</param>
    /// <param name="options">Momentum and decay; null for none.</param>
    public MirrorDescent(Potential potential, int count, MirrorDescentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(potential);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (Potential, Options, this.count) = (potential, options ?? new MirrorDescentOptions(), count);
        momentum = Options.Momentum > 0 ? new T[count] : [];
    }

    /// <summary>Φ.</summary>
    public Potential Potential { get; }

    /// <summary>Momentum and decay.</summary>
    public MirrorDescentOptions Options { get; }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>b, n numbers; empty without momentum.</summary>
    public ReadOnlySpan<T> Momentum => momentum;

    /// <summary>Puts back the state of an optimizer that was saved.</summary>
    /// <param name="steps">Steps taken, at least 0.</param>
    /// <param name="buffer">b, n numbers; empty without momentum.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    public void Restore(long steps, ReadOnlySpan<T> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        Elementwise.MustMatch(buffer.Length, momentum.Length, "saved number", "number of the momentum");
        buffer.CopyTo(momentum);
        Steps = steps;
    }

    /// <summary>Takes one step.</summary>
    /// <param name="w">n weights, changed in place.</param>
    /// <param name="gradient">n derivatives of the loss by them, finite.</param>
    /// <param name="learningRate">η, finite and not negative.</param>
    /// <returns>Number of weights that were stopped at zero to keep their signs; 0 unless <see cref="MirrorDescentOptions.KeepSigns"/>.</returns>
    /// <exception cref="ArgumentException">A length is not n.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A gradient or the learning rate is not finite, a weight is outside the domain, or the step leaves it. Weights of blocks before it
    /// have moved then.
    /// </exception>
    public long Step(Span<T> w, ReadOnlySpan<T> gradient, double learningRate)
    {
        Elementwise.MustMatch(w.Length, count, "weight", "weight of the optimizer");
        Elementwise.MustMatch(gradient.Length, count, "gradient", "weight");
        Require.NotNegative(learningRate, "learning rate", nameof(learningRate));
        long stopped = Options.Threads == 1 || count <= Share ? StepPart(w, gradient, learningRate) : StepShares(w, gradient, learningRate);
        Steps++;
        return stopped;
    }

    private long StepPart(Span<T> w, ReadOnlySpan<T> gradient, double learningRate)
    {
        int done = Fused(w, gradient, momentum, learningRate);
        return StepBlocks(w, gradient, done, count, learningRate);
    }

    // What a share leaves, its last few weights or those from an error on, is done here afterwards, in order.
    private unsafe long StepShares(Span<T> w, ReadOnlySpan<T> gradient, double learningRate)
    {
        int[] done = new int[(count + Share - 1) / Share];
        fixed (byte* pw = &Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(w)), pg = &Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(gradient)))
        {
            (nint weights, nint gradients) = ((nint)pw, (nint)pg);
            Parallel.For(0, done.Length, new ParallelOptions { MaxDegreeOfParallelism = Options.Threads }, k =>
            {
                int start = k * Share, length = Math.Min(Share, count - start);
                done[k] = Fused(Part(weights, start, length), Part(gradients, start, length), momentum.Length == 0 ? [] : momentum.AsSpan(start, length), learningRate);
            });
        }

        long stopped = 0;
        for (int k = 0; k < done.Length; k++)
        {
            stopped += StepBlocks(w, gradient, (k * Share) + done[k], Math.Min(count, (k + 1) * Share), learningRate);
        }

        return stopped;
    }

    // Of an array that is pinned at an address.
    private static unsafe Span<T> Part(nint address, int start, int length) => MemoryMarshal.CreateSpan(ref Unsafe.Add(ref Unsafe.AsRef<T>((void*)address), start), length);

    private int Fused(Span<T> w, ReadOnlySpan<T> gradient, Span<T> buffer, double learningRate) => Options.KeepSigns
        ? 0
        : Potential.FusedShift(w, gradient, buffer, new StepFactors(learningRate, Options.Momentum, 1 - Options.Dampening, Options.WeightDecay, Steps == 0, Options.Nesterov));

    private long StepBlocks(Span<T> w, ReadOnlySpan<T> gradient, int from, int to, double learningRate)
    {
        long stopped = 0;
        for (int start = from; start < to; start += Block)
        {
            int length = Math.Min(Block, to - start);
            Span<double> x = weights.AsSpan(0, length), d = direction.AsSpan(0, length);
            TensorPrimitives.ConvertChecked<T, double>(w.Slice(start, length), x);
            TensorPrimitives.ConvertChecked<T, double>(gradient.Slice(start, length), d);
            MustBeFinite(d, start);
            Direct(x, d, start);
            TensorPrimitives.Multiply(d, learningRate, d);
            stopped += Move(x, d);
            TensorPrimitives.ConvertTruncating<double, T>(x, w.Slice(start, length));
            MustBeInRange(x, w.Slice(start, length), start);
        }

        return stopped;
    }

    // The gradient becomes the direction.
    private void Direct(Span<double> x, Span<double> d, int start)
    {
        if (Options.WeightDecay > 0)
        {
            TensorPrimitives.MultiplyAdd(x, Options.WeightDecay, d, d);
        }

        if (momentum.Length == 0)
        {
            return;
        }

        Span<T> buffer = momentum.AsSpan(start, d.Length);
        Span<double> b = kept.AsSpan(0, d.Length);
        if (Steps == 0)
        {
            d.CopyTo(b);
        }
        else
        {
            TensorPrimitives.ConvertChecked<T, double>(buffer, b);
            TensorPrimitives.Multiply(b, Options.Momentum, b);
            TensorPrimitives.MultiplyAdd(d, 1 - Options.Dampening, b, b);
        }

        TensorPrimitives.ConvertTruncating<double, T>(b, buffer);
        if (Options.Nesterov)
        {
            TensorPrimitives.MultiplyAdd(b, Options.Momentum, d, d);
        }
        else
        {
            b.CopyTo(d);
        }
    }

    private long Move(Span<double> x, Span<double> change)
    {
        if (!Options.KeepSigns)
        {
            Potential.Shift(x, change);
            return 0;
        }

        Span<double> before = kept.AsSpan(0, x.Length);
        x.CopyTo(before);
        Potential.Shift(x, change);
        long stopped = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i] * before[i] < 0 || (before[i] == 0 && x[i] != 0))
            {
                x[i] = 0;
                stopped++;
            }
        }

        return stopped;
    }

    // What double precision holds but the weights cannot.
    private void MustBeInRange(ReadOnlySpan<double> exact, ReadOnlySpan<T> moved, int start)
    {
        for (int i = 0; typeof(T) != typeof(double) && i < moved.Length; i++)
        {
            if (!T.IsFinite(moved[i]) || (T.IsZero(moved[i]) && exact[i] != 0 && !Potential.AllowsZero))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(moved), $"Weight {start + i} of {count} is {exact[i]} after the step, {(T.IsZero(moved[i]) ? "below the smallest" : "beyond the largest")} {typeof(T).Name}; the learning rate is too large.");
            }
        }
    }

    private void MustBeFinite(ReadOnlySpan<double> gradient, int start)
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            if (!double.IsFinite(gradient[i]))
            {
                throw new ArgumentOutOfRangeException(nameof(gradient), $"Gradient {start + i} of {count} is {gradient[i]}; gradients must be finite.");
            }
        }
    }
}

/// <summary>Learning rates that change over a run.</summary>
public static class LearningRateSchedules
{
    /// <summary>Cosine annealing: from η₀ at the first step down to nearly 0 at the last, η₀ (1 + cos(π k/K))/2.</summary>
    /// <param name="initial">η₀.</param>
    /// <param name="step">k, from 0.</param>
    /// <param name="steps">K, at least 1.</param>
    /// <remarks>Source: Loshchilov and Hutter 2017; Pogodin et al. 2024, Appendix.</remarks>
    public static double Cosine(double initial, long step, long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return step >= steps ? 0 : initial * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
    }
}

/// <summary>
/// Exponentiated gradient for weights of either sign: w = u − v with positive u and v, u ← u exp(−η g), v ← v exp(η g).
/// </summary>
/// <remarks>
/// u v never changes: with u v = β²/4 it is mirror descent under the hyperbolic entropy of scale β, step by step. Source: Kivinen and
/// Warmuth 1997 (EG±, not normalised); Ghai, Hazan and Singer 2020 for the equivalence.
/// </remarks>
public sealed class ExponentiatedGradientPair
{
    private readonly double[] positive;
    private readonly double[] negative;

    /// <summary>The pair that stands for weights.</summary>
    /// <param name="weights">w, n weights, finite.</param>
    /// <param name="scale">β, positive: weights well below it move as under gradient descent, weights well above it multiply.</param>
    public ExponentiatedGradientPair(ReadOnlySpan<double> weights, double scale)
    {
        Require.Positive(scale, "scale", nameof(scale));
        Elementwise.MustBeFinite(weights, "weight", nameof(weights));
        (positive, negative) = (new double[weights.Length], new double[weights.Length]);
        for (int i = 0; i < weights.Length; i++)
        {
            // (√(w² + β²) ± w)/2, the smaller of the two by the product, which keeps its digits.
            double large = 0.5 * (Math.Sqrt((weights[i] * weights[i]) + (scale * scale)) + Math.Abs(weights[i])), small = scale * scale / (4 * large);
            (positive[i], negative[i]) = weights[i] >= 0 ? (large, small) : (small, large);
        }
    }

    /// <summary>u, n numbers.</summary>
    public ReadOnlySpan<double> Positive => positive;

    /// <summary>v, n numbers.</summary>
    public ReadOnlySpan<double> Negative => negative;

    /// <summary>Takes one step.</summary>
    /// <param name="gradient">n derivatives of the loss by w, finite.</param>
    /// <param name="learningRate">η, finite and not negative.</param>
    /// <param name="weights">w = u − v after the step, n weights.</param>
    /// <exception cref="ArgumentException">A length is not n.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A gradient is not finite, or a number leaves the range of doubles.</exception>
    public void Step(ReadOnlySpan<double> gradient, double learningRate, Span<double> weights)
    {
        Elementwise.MustMatch(gradient.Length, positive.Length, "gradient", "weight");
        Elementwise.MustMatch(weights.Length, positive.Length, "weight", "weight of the pair");
        Elementwise.MustBeFinite(gradient, "gradient", nameof(gradient));
        Require.NotNegative(learningRate, "learning rate", nameof(learningRate));
        for (int i = 0; i < weights.Length; i++)
        {
            double factor = Math.Exp(-learningRate * gradient[i]);
            (double u, double v) = (positive[i] * factor, negative[i] / factor);
            weights[i] = double.IsFinite(u) && double.IsFinite(v) && factor > 0
                ? u - v
                : throw new ArgumentOutOfRangeException(nameof(gradient), $"The step of weight {i} of {weights.Length} by {learningRate} · {gradient[i]} leaves the range of numbers.");
            (positive[i], negative[i]) = (u, v);
        }
    }
}
