using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>Mean and variance of the somatic potential under the input: μ = ε₀ Σ wᵢ rᵢ, mV, and s² = Σ wᵢ² rᵢ/c_ε, mV².</summary>
/// <param name="Mean">μ, mV.</param>
/// <param name="Variance">s², mV².</param>
public readonly record struct PotentialMoments(double Mean, double Variance);

/// <summary>
/// The coefficients of the Fisher metric's inverse, G⁻¹ = γ_s [S⁻¹ + g₁ ρρᵀ + g₂ wρᵀ + g₃ ρwᵀ + g₄ wwᵀ], with S = diag(r/c_ε) and
/// ρ = c_ε ε₀ 1.
/// </summary>
/// <remarks>Source: Kreutzer et al. 2022, Eqs 38, 102, in a shorter form (docs/equations.md).</remarks>
/// <param name="Moments">c₁, c₂, c₃.</param>
/// <param name="G1">g₁, a pure number; near −1/q.</param>
/// <param name="G2">g₂ = g₃, 1/mV.</param>
/// <param name="G3">g₃, 1/mV.</param>
/// <param name="G4">g₄, 1/mV².</param>
public readonly record struct FisherCoefficients(FisherMoments Moments, double G1, double G2, double G3, double G4)
{
    /// <summary>γ_s = 1/c₁, mV²/Hz.</summary>
    public double GammaS => 1 / Moments.C1;

    /// <summary>
    /// [[g₁, g₃], [g₂, g₄]] = −(c₁ E + A K)⁻¹ A with A = [[c₁, c₂], [c₂, c₃]] and K = [[q, μ], [μ, s²]], E being the identity.
    /// </summary>
    /// <remarks>Nothing is divided by s²; w = 0 is no special case.</remarks>
    /// <param name="c">c₁ &gt; 0, c₂, c₃.</param>
    /// <param name="q">q = c_ε ε₀² Σ rᵢ.</param>
    /// <param name="potential">μ and s².</param>
    public static FisherCoefficients From(FisherMoments c, double q, PotentialMoments potential)
    {
        (double mean, double variance) = potential;

        // Relative to c₁, so that neither overflow nor the unit of the rate matters.
        double b = c.C2 / c.C1, d = c.C3 / c.C1;
        double m11 = 1 + q + (b * mean), m12 = mean + (b * variance), m21 = (b * q) + (d * mean), m22 = 1 + (b * mean) + (d * variance);
        double determinant = (m11 * m22) - (m12 * m21);
        return new FisherCoefficients(
            c,
            G1: -(m22 - (m12 * b)) / determinant,
            G2: -((m11 * b) - m21) / determinant,
            G3: -((m22 * b) - (m12 * d)) / determinant,
            G4: -((m11 * d) - (m21 * b)) / determinant);
    }
}

/// <summary>
/// The Fisher geometry of a Poisson neuron's somatic weights: the distance between two weight vectors is how well output spikes tell
/// them apart. Descent in it is the natural gradient.
/// </summary>
/// <remarks>
/// <para>
/// For a normal potential, G = c₁ (ε₀² r rᵀ + S) + c₂ ε₀ (Sw rᵀ + r (Sw)ᵀ) + c₃ Sw (Sw)ᵀ with S = diag(r/c_ε), per second:
/// diagonal plus rank two, so that everything here is O(n). The normal approximation is good at n = 100 and poor at n = 2
/// (docs/deviations.md). Source: Kreutzer et al. 2022, Eqs 34-38, 80-103.
/// </para>
/// <para>
/// A synapse of rate 0 carries no information. Its rate is taken as infinitesimal: it has no homosynaptic term and keeps both
/// heterosynaptic ones (Fig. 7); a gradient by it other than 0 is an error.
/// </para>
/// </remarks>
public sealed record FisherGeometry : Geometry
{
    private readonly double[] rates;
    private readonly double[] gains;
    private readonly double cEpsilon;

    /// <summary>The geometry of a neuron under Poisson input.</summary>
    /// <param name="transfer">φ.</param>
    /// <param name="kernel">ε.</param>
    /// <param name="rates">r, one rate a synapse, Hz, finite and not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative or not finite.</exception>
    public FisherGeometry(TransferFunction transfer, SynapticKernel kernel, IReadOnlyList<double> rates)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        ArgumentNullException.ThrowIfNull(kernel);
        (Transfer, Kernel, this.rates, cEpsilon) = (transfer, kernel, Require.NoneNegative(rates, "rate", "Hz", nameof(rates)), kernel.CEpsilon);
        gains = Array.ConvertAll(this.rates, r => r > 0 ? cEpsilon / r : 0);
        Q = cEpsilon * kernel.Area * kernel.Area * TensorPrimitives.Sum<double>(this.rates);
    }

    /// <summary>The geometry of a neuron under its input.</summary>
    /// <param name="neuron">The neuron; its parametrization is not pulled back, see <see cref="Geometry.In"/>.</param>
    /// <param name="input">The input, for its rates.</param>
    public FisherGeometry(PoissonNeuron neuron, SpikeInput input)
        : this(neuron?.Transfer!, neuron?.Kernel!, input?.Rates!)
    {
    }

    /// <summary>φ, the transfer function.</summary>
    public TransferFunction Transfer { get; }

    /// <summary>ε, the synaptic kernel.</summary>
    public SynapticKernel Kernel { get; }

    /// <summary>r, Hz.</summary>
    public IReadOnlyList<double> Rates => rates;

    /// <summary>q = c_ε ε₀² Σ rᵢ, a pure number.</summary>
    public double Q { get; }

    /// <summary>hᵢ = c_ε/rᵢ, the diagonal of G⁻¹/γ_s, 1/mV²; 0 where the rate is 0.</summary>
    public ReadOnlySpan<double> Gains => gains;

    /// <summary>μ and s² of the potential.</summary>
    /// <param name="weights">w, n somatic weights, finite.</param>
    /// <exception cref="ArgumentException">There are not as many weights as rates.</exception>
    public PotentialMoments Moments(ReadOnlySpan<double> weights)
    {
        Elementwise.MustMatch(weights.Length, rates.Length, "weight", "rate");
        double mean = 0, variance = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double wr = weights[i] * rates[i];
            mean += wr;
            variance += weights[i] * wr;
        }

        return new PotentialMoments(Kernel.Area * mean, variance / cEpsilon);
    }

    /// <summary>The coefficients of G⁻¹ at the moments of the potential; no allocation.</summary>
    /// <param name="moments">μ and s².</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The moments are not finite, or c₁ is 0 or not finite there: the metric has no inverse, as where the rate is 0 throughout.
    /// </exception>
    public FisherCoefficients Coefficients(PotentialMoments moments)
    {
        return Coefficients(Transfer.Fisher(moments.Mean, moments.Variance), moments);
    }

    /// <summary><see cref="Coefficients(PotentialMoments)"/> where c₁, c₂, c₃ are known.</summary>
    internal FisherCoefficients Coefficients(FisherMoments c, PotentialMoments moments) => c.C1 > 0 && double.IsFinite(c.C1)
        ? FisherCoefficients.From(c, Q, moments)
        : throw new ArgumentOutOfRangeException(
            nameof(moments),
            $"The Fisher information of {Transfer} is {c.C1} at mean {moments.Mean} mV and variance {moments.Variance} mV² of the potential; the natural gradient divides by it.");

    /// <summary>The natural direction G⁻¹ g = γ_s [h g − u 1 + m w].</summary>
    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The gradient is not finite, or not 0 at a synapse of rate 0, or G has no inverse.</exception>
    public override void Raise(ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, Span<double> direction)
    {
        Check(weights, gradient, direction);
        FisherCoefficients c = Coefficients(Moments(weights));
        ThreeTermCoefficients terms = NaturalForm.Terms(c, Kernel);
        (double u, double m) = terms.Shared(TensorPrimitives.Sum(gradient), TensorPrimitives.Dot(weights, gradient));
        for (int i = 0; i < weights.Length; i++)
        {
            direction[i] = terms.Scale * ((gains[i] * gradient[i]) - u + (m * weights[i]));
        }
    }

    /// <summary>w − η G⁻¹ g.</summary>
    /// <inheritdoc/>
    public override void Descend(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, double learningRate, Span<double> updated)
    {
        Require.NotNegative(learningRate, "learning rate", nameof(learningRate));
        Elementwise.MustMatch(weights.Length, updated.Length, "weight", "updated weight");
        Elementwise.MustNotOverlapInPart<double>(weights, updated);
        using Scratch buffer = new(weights.Length);
        Raise(weights, gradient, buffer.Span);
        TensorPrimitives.MultiplyAdd(buffer.Span, -learningRate, weights, updated);
    }

    /// <summary>aᵀ G b at w, in O(n); per second.</summary>
    /// <param name="weights">w, n somatic weights.</param>
    /// <param name="a">n changes of weights.</param>
    /// <param name="b">n changes of weights.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public double InnerProduct(ReadOnlySpan<double> weights, ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Elementwise.MustMatch(weights.Length, a.Length, "weight", "first vector");
        Elementwise.MustMatch(weights.Length, b.Length, "weight", "second vector");
        PotentialMoments moments = Moments(weights);
        FisherMoments c = Transfer.Fisher(moments.Mean, moments.Variance);
        double ra = 0, rb = 0, sab = 0, swa = 0, swb = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double s = rates[i] / cEpsilon;
            ra += rates[i] * a[i];
            rb += rates[i] * b[i];
            sab += s * a[i] * b[i];
            swa += s * weights[i] * a[i];
            swb += s * weights[i] * b[i];
        }

        double e = Kernel.Area;
        return (c.C1 * ((e * e * ra * rb) + sab)) + (c.C2 * e * ((swa * rb) + (ra * swb))) + (c.C3 * swa * swb);
    }

    /// <summary>The angle between two changes of weights in this geometry, 0 to π, accurate for small angles too.</summary>
    /// <param name="weights">w, n somatic weights.</param>
    /// <param name="a">n changes of weights.</param>
    /// <param name="b">n changes of weights.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a change has length 0.</exception>
    public double Angle(ReadOnlySpan<double> weights, ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double lengthA = Math.Sqrt(InnerProduct(weights, a, a)), lengthB = Math.Sqrt(InnerProduct(weights, b, b));
        if (!(lengthA > 0 && lengthB > 0))
        {
            throw new ArgumentException($"An angle needs two changes of length above 0; these have {lengthA} and {lengthB}.");
        }

        // Half the angle from the two diagonals of the rhombus of unit vectors (Kahan).
        using Scratch sumBuffer = new(weights.Length);
        using Scratch differenceBuffer = new(weights.Length);
        Span<double> sum = sumBuffer.Span, difference = differenceBuffer.Span;
        for (int i = 0; i < weights.Length; i++)
        {
            (double x, double y) = (a[i] / lengthA, b[i] / lengthB);
            (sum[i], difference[i]) = (x + y, x - y);
        }

        return 2 * Math.Atan2(
            Math.Sqrt(Math.Max(0, InnerProduct(weights, difference, difference))), Math.Sqrt(Math.Max(0, InnerProduct(weights, sum, sum))));
    }

    /// <summary>The whole metric G at w, n² numbers by rows; for small n.</summary>
    /// <param name="weights">w, n somatic weights.</param>
    /// <param name="metric">n² numbers.</param>
    /// <exception cref="ArgumentException">The lengths do not agree.</exception>
    public void Metric(ReadOnlySpan<double> weights, Span<double> metric)
    {
        int n = weights.Length;
        Elementwise.MustMatch(metric.Length, n * n, "metric", "weights, squared,");
        PotentialMoments moments = Moments(weights);
        FisherMoments c = Transfer.Fisher(moments.Mean, moments.Variance);
        double e = Kernel.Area;
        for (int i = 0; i < n; i++)
        {
            double swi = rates[i] / cEpsilon * weights[i];
            for (int j = 0; j < n; j++)
            {
                double swj = rates[j] / cEpsilon * weights[j];
                metric[(i * n) + j] = (c.C1 * ((e * e * rates[i] * rates[j]) + (i == j ? rates[i] / cEpsilon : 0)))
                    + (c.C2 * e * ((swi * rates[j]) + (rates[i] * swj))) + (c.C3 * swi * swj);
            }
        }
    }

    /// <summary>The natural rule's three terms, where learning is in somatic weights.</summary>
    /// <inheritdoc/>
    public override ThreeTermForm? ThreeTerms(Parametrization parametrization, int synapses) =>
        parametrization is SomaticWeights && synapses == rates.Length ? new NaturalForm(this) : null;

    private void Check(ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, Span<double> direction)
    {
        Elementwise.MustMatch(weights.Length, gradient.Length, "weight", "gradient");
        Elementwise.MustMatch(weights.Length, direction.Length, "weight", "direction");
        Elementwise.MustNotOverlapInPart<double>(weights, direction);
        Elementwise.MustNotOverlapInPart<double>(gradient, direction);
        Elementwise.MustBeFinite(gradient, "gradient", nameof(gradient));
        Elementwise.MustBeFinite(weights, "weight", nameof(weights));
        Elementwise.MustMatch(weights.Length, rates.Length, "weight", "rate");
        for (int i = 0; i < rates.Length; i++)
        {
            if (rates[i] == 0 && gradient[i] != 0)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(gradient), $"Gradient {i} of {rates.Length} is {gradient[i]}, but that synapse has rate 0 Hz: without input there is nothing to learn from.");
            }
        }
    }
}
