using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>The sigmoid φ(V) = φ_max / (1 + exp(−β (V − θ))).</summary>
/// <remarks>Source: Kreutzer et al. 2022, Eq. 5; its values are the defaults.</remarks>
/// <param name="MaximumRate">φ_max, Hz, positive.</param>
/// <param name="Gain">β, 1/mV, positive.</param>
/// <param name="Threshold">θ, mV above rest.</param>
public sealed unsafe record SigmoidTransfer(double MaximumRate = 100, double Gain = 0.3, double Threshold = 10) : TransferFunction
{
    /// <summary>φ_max, Hz.</summary>
    public double MaximumRate { get; init => field = Require.Positive(value, "maximum rate", nameof(MaximumRate)); } = Require.Positive(MaximumRate, "maximum rate", nameof(MaximumRate));

    /// <summary>β, 1/mV.</summary>
    public double Gain { get; init => field = Require.Positive(value, "gain", nameof(Gain)); } = Require.Positive(Gain, "gain", nameof(Gain));

    /// <summary>θ, mV above rest.</summary>
    public double Threshold { get; init => field = Require.Finite(value, "threshold", nameof(Threshold)); } = Require.Finite(Threshold, "threshold", nameof(Threshold));

    /// <inheritdoc/>
    public override double Rate(double potential) => MaximumRate * Logistic.At(Gain * (potential - Threshold)).Rising;

    /// <inheritdoc/>
    public override double Slope(double potential)
    {
        (double p, double rest) = Logistic.At(Gain * (potential - Threshold));
        return Gain * MaximumRate * p * rest;
    }

    /// <inheritdoc/>
    public override double LogSlope(double potential) => Gain * Logistic.At(Gain * (potential - Threshold)).Falling;

    /// <inheritdoc/>
    public override TransferFunction Shifted(double shift) => this with { Threshold = Threshold - shift };

    /// <inheritdoc/>
    public override FisherMoments Fisher(double mean, double variance) =>
        FisherQuadrature.Expectation(new FisherFunction(this), mean, StandardDeviation(mean, variance));

    internal override double HighestRate => MaximumRate;

    internal override void Rates(ReadOnlySpan<double> potentials, Span<double> rates)
    {
        int i = 0;
        fixed (double* from = potentials, to = rates)
        {
            for (; i <= potentials.Length - FourLanes.Count; i += FourLanes.Count)
            {
                (FourLanes p, _) = Logistic.At(Gain * (FourLanes.Load(from + i) - Threshold));
                (MaximumRate * p).Store(to + i);
            }
        }

        base.Rates(potentials[i..], rates[i..]);
    }

    internal override void Scores(ReadOnlySpan<double> potentials, ReadOnlySpan<double> teacherSpikes, double timeStep, Span<double> scores)
    {
        int i = 0;
        VectorScore score = new(this, timeStep);
        fixed (double* from = potentials, spikes = teacherSpikes, to = scores)
        {
            for (; i <= potentials.Length - FourLanes.Count; i += FourLanes.Count)
            {
                score.At(FourLanes.Load(from + i), FourLanes.Load(spikes + i)).Store(to + i);
            }
        }

        base.Scores(potentials[i..], teacherSpikes[i..], timeStep, scores[i..]);
    }

    /// <summary>The potential at which the rate is that: −∞ at a rate of 0, +∞ at φ_max, and not a number outside.</summary>
    internal double PotentialAt(double rate)
    {
        double p = rate / MaximumRate;
        return Threshold + (Math.Log(p / (1 - p)) / Gain);
    }

    internal override void Fisher(ReadOnlySpan<PotentialMoments> potentials, Span<FisherMoments> moments)
    {
        int done = EightLanes.IsSupported ? Fisher<EightLanes>(potentials, moments) : 0;
        done += Fisher<FourLanes>(potentials[done..], moments[done..]);
        base.Fisher(potentials[done..], moments[done..]);
    }

    // As many as fill vectors.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Fisher<T>(ReadOnlySpan<PotentialMoments> potentials, Span<FisherMoments> moments)
        where T : struct, ILanes<T>
    {
        double* mean = stackalloc double[4 * T.Count], deviation = mean + T.Count, step = deviation + T.Count, nodes = step + T.Count;
        int i = 0;
        for (; i <= potentials.Length - T.Count; i += T.Count)
        {
            double most = 0;
            for (int k = 0; k < T.Count; k++)
            {
                (mean[k], deviation[k]) = (potentials[i + k].Mean, StandardDeviation(potentials[i + k].Mean, potentials[i + k].Variance));
                step[k] = FisherQuadrature.Step(Math.PI / Gain, deviation[k]);
                nodes[k] = Math.Ceiling((FisherQuadrature.Reach + (2 * Gain * deviation[k])) / step[k]);
                most = Math.Max(most, nodes[k]);
            }

            (T c1, T c2, T c3) = Expectations(T.Load(mean), T.Load(deviation), T.Load(step), T.Load(nodes), most);
            c1.Store(mean);
            c2.Store(deviation);
            c3.Store(step);
            for (int k = 0; k < T.Count; k++)
            {
                moments[i + k] = new FisherMoments(mean[k], deviation[k], step[k]);
            }
        }

        return i;
    }

    // The trapezoidal rule of FisherQuadrature for several potentials, each with its own step and number of nodes, so that none depends on
    // the others. |F′/F| < 2β keeps the peak of the integrand within 2βs of the mean. From node to node exp(−x) of the sigmoid and the
    // Gaussian go by their ratios.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (T C1, T C2, T C3) Expectations<T>(T mean, T deviation, T step, T nodes, double most)
        where T : struct, ILanes<T>
    {
        T x = Gain * (mean - Threshold), size = Logistic.ExpOfNegative(-T.Abs(x));
        T right = T.Less(x, 0, size, 1 / size), left = right;
        T fall = Logistic.ExpOfNegative(-(T)Gain * deviation * step), rise = 1 / fall;
        T ratio = Logistic.ExpOfNegative(-0.5 * step * step), next = ratio * ratio, weight = 1;
        (T c1, T c2, T c3) = At(right);
        for (double k = 1; k <= most; k++)
        {
            right *= fall;
            left *= rise;
            weight *= ratio;
            ratio *= next;
            (T r1, T r2, T r3) = At(right);
            (T l1, T l2, T l3) = At(left);
            T seen = T.Less(nodes, k, weight, 0);
            c1 = T.MultiplyAdd(seen, r1 + l1, c1);
            c2 = T.MultiplyAdd(seen, r2 + l2, c2);
            c3 = T.MultiplyAdd(seen, r3 + l3, c3);
        }

        T scale = Gain * Gain * MaximumRate / Math.Sqrt(2 * Math.PI) * step;
        return (scale * c1, Gain * scale * c2, Gain * Gain * scale * c3);
    }

    // F and its derivatives, but for their factors, where exp(−x) is e.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T F, T First, T Second) At<T>(T e)
        where T : struct, ILanes<T>
    {
        // Beyond this 1 − σ is 1 to rounding and F is 0.
        e = T.Smaller(e, 1e300);
        T p = 1 / (1 + e), rest = e * p, f = p * rest * rest;
        return (f, f * (1 - (3 * p)), f * (1 - (p * (9 - (12 * p)))));
    }

    /// <summary>(Y − φ dt) φ′/φ with φ′/φ = β (1 − σ), of several potentials.</summary>
    internal readonly struct VectorScore(SigmoidTransfer transfer, double timeStep)
    {
        private readonly double gain = transfer.Gain;
        private readonly double threshold = transfer.Threshold;
        private readonly double highest = transfer.MaximumRate * timeStep;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T At<T>(T potential, T teacherSpikes)
            where T : struct, ILanes<T>
        {
            (T p, T rest) = Logistic.At(gain * (potential - threshold));
            return (gain * rest) * (teacherSpikes - (highest * p));
        }
    }

    // F = β² φ_max σ(1 − σ)², and σ′ = σ(1 − σ).
    private readonly struct FisherFunction(SigmoidTransfer transfer) : IFisherFunction
    {
        private readonly double gain = transfer.Gain;
        private readonly double threshold = transfer.Threshold;
        private readonly double scale = transfer.Gain * transfer.Gain * transfer.MaximumRate;

        public double PoleDistance => Math.PI / gain;

        public FisherMoments At(double potential)
        {
            (double p, double rest) = Logistic.At(gain * (potential - threshold));
            double f = scale * p * rest * rest;
            return new FisherMoments(f, gain * f * (1 - (3 * p)), gain * gain * f * (1 - (p * (9 - (12 * p)))));
        }

        public double LogSlope(double potential) => gain * (1 - (3 * Logistic.At(gain * (potential - threshold)).Rising));
    }
}

/// <summary>σ(x) = 1/(1 + exp(−x)) and 1 − σ(x), each to full relative accuracy.</summary>
internal static class Logistic
{
    public static (double Rising, double Falling) At(double x)
    {
        double e = Math.Exp(-Math.Abs(x)), large = 1 / (1 + e), small = e * large;
        return x >= 0 ? (large, small) : (small, large);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (T Rising, T Falling) At<T>(T x)
        where T : struct, ILanes<T>
    {
        T e = ExpOfNegative(-T.Abs(x)), large = 1 / (1 + e), small = e * large;
        return (T.Less(x, 0, large, small), T.Less(x, 0, small, large));
    }

    // exp x = 2ᵏ exp r with |r| ≤ ln 2/2 and its Taylor series to r¹³, in pairs so that few operations wait for one another; in line, where
    // the library's is a call. Not a number stays one; below −708, where exp would leave the normal numbers, it is that of −708.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ExpOfNegative<T>(T x)
        where T : struct, ILanes<T>
    {
        // Adding 1.5 · 2⁵² rounds to an integer, which is then in the low bits.
        T shifter = 6755399441055744.0, bounded = T.Larger(-708, x);
        T shifted = T.MultiplyAdd(bounded, 1.4426950408889634, shifter), k = shifted - shifter;
        T r = T.MultiplyAdd(k, -1.90821492927058770002e-10, T.MultiplyAdd(k, -6.93147180369123816490e-01, bounded));
        T r2 = r * r, r4 = r2 * r2;
        T low = T.MultiplyAdd(r2, Pair(r, 1.0 / 2, 1.0 / 6), 1 + r);
        T middle = T.MultiplyAdd(r2, Pair(r, 1.0 / 720, 1.0 / 5040), Pair(r, 1.0 / 24, 1.0 / 120));
        T high = T.MultiplyAdd(r2, Pair(r, 1.0 / 3628800, 1.0 / 39916800), Pair(r, 1.0 / 40320, 1.0 / 362880));
        T highest = Pair(r, 1.0 / 479001600, 1.0 / 6227020800);
        T series = T.MultiplyAdd(r4, T.MultiplyAdd(r4, T.MultiplyAdd(r4, highest, high), middle), low);
        return T.Scaled(series, shifted);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Pair<T>(T r, double first, double second)
        where T : struct, ILanes<T> => T.MultiplyAdd(r, second, first);
}
