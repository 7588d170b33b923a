using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>The sigmoid φ(V) = φ_max / (1 + exp(−β (V − θ))).</summary>
/// <remarks>Source: Kreutzer et al. 2022, Eq. 5; its values are the defaults.</remarks>
/// <param name="MaximumRate">φ_max, Hz, positive.</param>
/// <param name="Gain">β, 1/mV, positive.</param>
/// <param name="Threshold">θ, mV above rest.</param>
public sealed record SigmoidTransfer(double MaximumRate = 100, double Gain = 0.3, double Threshold = 10) : TransferFunction
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
        for (; i <= potentials.Length - 4; i += 4)
        {
            (Vector256<double> p, _) = Logistic.At(Gain * (Vector256.Create(potentials[i..]) - Vector256.Create(Threshold)));
            (MaximumRate * p).CopyTo(rates[i..]);
        }

        base.Rates(potentials[i..], rates[i..]);
    }

    internal override void Scores(ReadOnlySpan<double> potentials, ReadOnlySpan<double> teacherSpikes, double timeStep, Span<double> scores)
    {
        int i = 0;
        VectorScore score = new(this, timeStep);
        for (; i <= potentials.Length - 4; i += 4)
        {
            score.At(Vector256.Create(potentials[i..]), Vector256.Create(teacherSpikes[i..])).CopyTo(scores[i..]);
        }

        base.Scores(potentials[i..], teacherSpikes[i..], timeStep, scores[i..]);
    }

    /// <summary>The potential at which the rate is that: −∞ at a rate of 0, +∞ at φ_max, and not a number outside.</summary>
    internal double PotentialAt(double rate)
    {
        double p = rate / MaximumRate;
        return Threshold + (Math.Log(p / (1 - p)) / Gain);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Fisher(ReadOnlySpan<PotentialMoments> potentials, Span<FisherMoments> moments)
    {
        Span<double> mean = stackalloc double[4], deviation = stackalloc double[4], step = stackalloc double[4], nodes = stackalloc double[4];
        int i = 0;
        for (; i <= potentials.Length - 4; i += 4)
        {
            double most = 0;
            for (int k = 0; k < 4; k++)
            {
                (mean[k], deviation[k]) = (potentials[i + k].Mean, StandardDeviation(potentials[i + k].Mean, potentials[i + k].Variance));
                step[k] = FisherQuadrature.Step(Math.PI / Gain, deviation[k]);
                nodes[k] = Math.Ceiling((FisherQuadrature.Reach + (2 * Gain * deviation[k])) / step[k]);
                most = Math.Max(most, nodes[k]);
            }

            (Vector256<double> c1, Vector256<double> c2, Vector256<double> c3) = Expectations(
                Vector256.Create<double>(mean), Vector256.Create<double>(deviation), Vector256.Create<double>(step), Vector256.Create<double>(nodes), most);
            for (int k = 0; k < 4; k++)
            {
                moments[i + k] = new FisherMoments(c1[k], c2[k], c3[k]);
            }
        }

        base.Fisher(potentials[i..], moments[i..]);
    }

    // The trapezoidal rule of FisherQuadrature for four potentials, each with its own step and number of nodes, so that none depends on
    // the others. |F′/F| < 2β keeps the peak of the integrand within 2βs of the mean. From node to node exp(−x) of the sigmoid and the
    // Gaussian go by their ratios.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector256<double> C1, Vector256<double> C2, Vector256<double> C3) Expectations(
        Vector256<double> mean, Vector256<double> deviation, Vector256<double> step, Vector256<double> nodes, double most)
    {
        Vector256<double> one = Vector256<double>.One, x = Gain * (mean - Vector256.Create(Threshold)), size = Logistic.ExpOfNegative(-Vector256.Abs(x));
        Vector256<double> right = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<double>.Zero), one / size, size), left = right;
        Vector256<double> fall = Logistic.ExpOfNegative(-Gain * deviation * step), rise = one / fall;
        Vector256<double> ratio = Logistic.ExpOfNegative(-0.5 * step * step), next = ratio * ratio, weight = one;
        (Vector256<double> c1, Vector256<double> c2, Vector256<double> c3) = At(right);
        for (double k = 1; k <= most; k++)
        {
            right *= fall;
            left *= rise;
            weight *= ratio;
            ratio *= next;
            (Vector256<double> r1, Vector256<double> r2, Vector256<double> r3) = At(right);
            (Vector256<double> l1, Vector256<double> l2, Vector256<double> l3) = At(left);
            Vector256<double> seen = Vector256.LessThanOrEqual(Vector256.Create(k), nodes) & weight;
            c1 = Vector256.FusedMultiplyAdd(seen, r1 + l1, c1);
            c2 = Vector256.FusedMultiplyAdd(seen, r2 + l2, c2);
            c3 = Vector256.FusedMultiplyAdd(seen, r3 + l3, c3);
        }

        Vector256<double> scale = Gain * Gain * MaximumRate / Math.Sqrt(2 * Math.PI) * step;
        return (scale * c1, Gain * scale * c2, Gain * Gain * scale * c3);
    }

    // F and its derivatives, but for their factors, where exp(−x) is e.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<double> F, Vector256<double> First, Vector256<double> Second) At(Vector256<double> e)
    {
        // Beyond this 1 − σ is 1 to rounding and F is 0.
        e = Vector256.Min(e, Vector256.Create(1e300));
        Vector256<double> one = Vector256<double>.One, p = one / (one + e), rest = e * p, f = p * rest * rest;
        return (f, f * (one - (3 * p)), f * (one - (p * (Vector256.Create(9.0) - (12 * p)))));
    }

    /// <summary>(Y − φ dt) φ′/φ with φ′/φ = β (1 − σ), of four potentials.</summary>
    internal readonly struct VectorScore(SigmoidTransfer transfer, double timeStep)
    {
        private readonly double gain = transfer.Gain;
        private readonly double threshold = transfer.Threshold;
        private readonly double highest = transfer.MaximumRate * timeStep;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<double> At(Vector256<double> potential, Vector256<double> teacherSpikes)
        {
            (Vector256<double> p, Vector256<double> rest) = Logistic.At(gain * (potential - Vector256.Create(threshold)));
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
    public static (Vector256<double> Rising, Vector256<double> Falling) At(Vector256<double> x)
    {
        Vector256<double> e = ExpOfNegative(-Vector256.Abs(x)), large = Vector256<double>.One / (Vector256<double>.One + e), small = e * large;
        Vector256<double> negative = Vector256.LessThan(x, Vector256<double>.Zero);
        return (Vector256.ConditionalSelect(negative, small, large), Vector256.ConditionalSelect(negative, large, small));
    }

    // exp x = 2ᵏ exp r with |r| ≤ ln 2/2 and its Taylor series to r¹³, in pairs so that few operations wait for one another; in line, where
    // the library's is a call. Not a number stays one; below −708, where exp would leave the normal numbers, it is that of −708.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> ExpOfNegative(Vector256<double> x)
    {
        // Adding 1.5 · 2⁵² rounds to an integer, which is then in the low bits.
        Vector256<double> shifter = Vector256.Create(6755399441055744.0), bounded = Vector256.MaxNative(Vector256.Create(-708.0), x);
        Vector256<double> shifted = Vector256.FusedMultiplyAdd(bounded, Vector256.Create(1.4426950408889634), shifter), k = shifted - shifter;
        Vector256<double> r = Vector256.FusedMultiplyAdd(k, Vector256.Create(-1.90821492927058770002e-10), Vector256.FusedMultiplyAdd(k, Vector256.Create(-6.93147180369123816490e-01), bounded));
        Vector256<double> r2 = r * r, r4 = r2 * r2;
        Vector256<double> low = Vector256.FusedMultiplyAdd(r2, Pair(r, 1.0 / 2, 1.0 / 6), Vector256<double>.One + r);
        Vector256<double> middle = Vector256.FusedMultiplyAdd(r2, Pair(r, 1.0 / 720, 1.0 / 5040), Pair(r, 1.0 / 24, 1.0 / 120));
        Vector256<double> high = Vector256.FusedMultiplyAdd(r2, Pair(r, 1.0 / 3628800, 1.0 / 39916800), Pair(r, 1.0 / 40320, 1.0 / 362880));
        Vector256<double> highest = Pair(r, 1.0 / 479001600, 1.0 / 6227020800);
        Vector256<double> series = Vector256.FusedMultiplyAdd(r4, Vector256.FusedMultiplyAdd(r4, Vector256.FusedMultiplyAdd(r4, highest, high), middle), low);
        return (series.AsInt64() + (shifted.AsInt64() << 52)).AsDouble();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Pair(Vector256<double> r, double first, double second) =>
        Vector256.FusedMultiplyAdd(r, Vector256.Create(second), Vector256.Create(first));
}
