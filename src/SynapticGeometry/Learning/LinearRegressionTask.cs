using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// Linear regression with fewer samples than weights: correlated Gaussian inputs with added noise, random labels, no bias.
/// </summary>
/// <remarks>
/// Inputs have the covariance (−1)^(i−j) / (1 + |i−j|ᵏ) between weights i and j, and noise uniform between −a and a on top; labels are −1 or +1 with
/// probability ½ each. Source: Pogodin et al. 2024, section 4 and Appendix (linear regression).
/// </remarks>
/// <param name="Weights">D, number of weights, at least 2.</param>
/// <param name="Samples">N, number of samples, at least 1.</param>
/// <param name="CovariancePower">k, positive; the paper has 1 and 2.</param>
public sealed record LinearRegressionTask(int Weights, int Samples, double CovariancePower)
{
    /// <summary>D, number of weights.</summary>
    public int Weights { get; } = Weights >= 2 ? Weights : throw new ArgumentOutOfRangeException(nameof(Weights), $"There are {Weights} weights; at least 2 are needed.");

    /// <summary>N, number of samples.</summary>
    public int Samples { get; } = Samples >= 1 ? Samples : throw new ArgumentOutOfRangeException(nameof(Samples), $"There are {Samples} samples; at least 1 is needed.");

    /// <summary>k, the power with which the covariance falls.</summary>
    public double CovariancePower { get; } = Require.Positive(CovariancePower, "power of the covariance", nameof(CovariancePower));

    /// <summary>a, half the width of the noise on the inputs; not negative.</summary>
    public double Noise { get; init => field = Require.NotNegative(value, "noise", nameof(Noise)); } = 0.5;

    /// <summary>⌊Dᵉ⌋, the number of samples that grows with the number of weights.</summary>
    /// <param name="weights">D, at least 1.</param>
    /// <param name="exponent">e; the paper has 0.75 and 0.5.</param>
    public static int SamplesOf(int weights, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weights, 1);
        return (int)Math.Floor(Math.Pow(weights, Require.Positive(exponent, "exponent of the number of samples", nameof(exponent))));
    }

    /// <summary>Draws inputs and labels.</summary>
    /// <param name="random">The stream of this data set; equal streams give equal data.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public LinearRegressionData Draw(RandomSource random, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(random);
        StationaryGaussian sampler = StationaryGaussian.Alternating(Weights, CovariancePower);
        FloatMatrix inputs = new(Samples, Weights, FewColumns.RowGroup);
        double[] first = new double[Weights], second = new double[Weights], noise = new double[Weights];
        for (int row = 0; row < Samples; row += 2)
        {
            cancellation.ThrowIfCancellationRequested();
            sampler.FillPair(random.Fork("inputs", (ulong)(row / 2)), first, second);
            Store(first, row);
            if (row + 1 < Samples)
            {
                Store(second, row + 1);
            }
        }

        RandomSource sign = random.Fork("labels");
        float[] labels = new float[Samples];
        for (int n = 0; n < Samples; n++)
        {
            labels[n] = (2 * sign.NextInt(2)) - 1;
        }

        return new LinearRegressionData(inputs, labels);

        void Store(double[] values, int row)
        {
            random.Fork("noise", (ulong)row).FillUniform(noise);
            TensorPrimitives.Subtract(noise, 0.5, noise);
            TensorPrimitives.MultiplyAdd(noise, 2 * Noise, values, values);
            TensorPrimitives.ConvertTruncating<double, float>(values, inputs.Row(row));
        }
    }
}

/// <summary>Inputs and labels of a linear regression, in single precision.</summary>
public sealed class LinearRegressionData
{
    private readonly float[] labels;

    internal LinearRegressionData(FloatMatrix inputs, float[] labels) => (Inputs, this.labels) = (inputs, labels);

    /// <summary>D.</summary>
    public int Weights => Inputs.Columns;

    /// <summary>N.</summary>
    public int Samples => Inputs.Rows;

    /// <summary>y, N labels.</summary>
    public ReadOnlySpan<float> Labels => labels;

    /// <summary>X, N × D.</summary>
    internal FloatMatrix Inputs { get; }

    /// <summary>Input n of every weight, D numbers.</summary>
    /// <param name="sample">n, from 0 to N − 1.</param>
    public ReadOnlySpan<float> Sample(int sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sample, Samples);
        return Inputs.Row(sample);
    }

    /// <summary>The mean squared error (1/N) Σₙ (xₙ·w − yₙ)² and its gradient.</summary>
    /// <param name="weights">w, D weights.</param>
    /// <param name="gradient">D derivatives by them.</param>
    /// <returns>The loss; not finite where the weights are too large for single precision.</returns>
    /// <exception cref="ArgumentException">A length is not D.</exception>
    public double LossAndGradient(ReadOnlySpan<double> weights, Span<double> gradient)
    {
        Elementwise.MustMatch(weights.Length, Weights, "weight", "input");
        Elementwise.MustMatch(gradient.Length, Weights, "gradient", "input");
        FloatMatrix w = new(1, Weights, FewColumns.VectorGroup), g = new(1, Weights, FewColumns.VectorGroup);
        TensorPrimitives.ConvertTruncating<double, float>(weights, w.Row(0));
        Span<double> loss = stackalloc double[1];
        FewColumns.LossAndGradient(Inputs, labels, w, 1, g, loss);
        TensorPrimitives.ConvertTruncating<float, double>(g.Row(0), gradient);
        return loss[0];
    }
}
