using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// Rows of D normal numbers of mean 0 whose covariance depends on their distance alone, drawn exactly and in O(D log D) by embedding the
/// covariance in a circle.
/// </summary>
/// <remarks>
/// A circle of m ≥ 2(D − 1) places has the covariance c(min(j, m − j)); its eigenvalues are the Fourier transform λ of that. With z
/// complex normal, the transform of √(λ/m) z has independent real and imaginary parts, each with the covariance c on the circle,
/// and so on any D places in a row: two rows for one transform. m is a power of two, even, so that a covariance with alternating signs
/// closes. Immutable: safe for several threads. Source: Dietrich and Newsam 1997; Wood and Chan 1994.
/// </remarks>
public sealed class StationaryGaussian
{
    // Below this part of the largest, a negative eigenvalue is rounding.
    private const double Rounding = 1e-12;

    private readonly FourierTransform transform;
    private readonly double[] amplitude;

    /// <summary>Embeds a covariance.</summary>
    /// <param name="length">D, at least 1.</param>
    /// <param name="covariance">c of a distance 0, 1, ..., finite; also read beyond D, to the half of the circle.</param>
    /// <exception cref="ArgumentException">A covariance is not finite, or the circle has a negative eigenvalue: it is then no covariance.</exception>
    public StationaryGaussian(int length, Func<int, double> covariance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << 28);
        ArgumentNullException.ThrowIfNull(covariance);
        Length = length;
        EmbeddingLength = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, 2 * (length - 1)));
        transform = new FourierTransform(EmbeddingLength);
        amplitude = Amplitudes(covariance);
    }

    /// <summary>D, numbers in a row.</summary>
    public int Length { get; }

    /// <summary>m, places of the circle.</summary>
    public int EmbeddingLength { get; }

    /// <summary>
    /// The correlated inputs of the linear-regression experiment: covariance (−1)^j / (1 + jᵏ) at distance j.
    /// </summary>
    /// <param name="length">D, at least 1.</param>
    /// <param name="power">k, positive; the paper has 1 and 2.</param>
    /// <remarks>Source: Pogodin et al. 2024, Appendix (linear regression).</remarks>
    public static StationaryGaussian Alternating(int length, double power)
    {
        Require.Positive(power, "power of the covariance", nameof(power));
        return new StationaryGaussian(length, j => AlternatingCovariance(j, power));
    }

    /// <summary>(−1)^j / (1 + |j|ᵏ).</summary>
    /// <param name="distance">j.</param>
    /// <param name="power">k.</param>
    public static double AlternatingCovariance(int distance, double power) =>
        ((distance & 1) == 0 ? 1 : -1) / (1 + Math.Pow(Math.Abs((double)distance), power));

    /// <summary>The covariance that rows really have at the distances 0 to D − 1: the eigenvalues transformed back.</summary>
    public double[] EmbeddedCovariance()
    {
        double[] re = [.. amplitude.Select(a => a * a)], im = new double[re.Length], re2 = new double[re.Length], im2 = new double[re.Length];
        transform.Transform(ref re, ref im, ref re2, ref im2);
        return re[..Length];
    }

    /// <summary>Draws two independent rows.</summary>
    /// <param name="random">2m normal numbers are taken from it.</param>
    /// <param name="first">D numbers.</param>
    /// <param name="second">D numbers.</param>
    /// <exception cref="ArgumentException">A length is not D.</exception>
    public void FillPair(RandomSource random, Span<double> first, Span<double> second)
    {
        ArgumentNullException.ThrowIfNull(random);
        Elementwise.MustMatch(first.Length, Length, "first row", "row of the sampler");
        Elementwise.MustMatch(second.Length, Length, "second row", "row of the sampler");
        double[][] room = [.. Enumerable.Range(0, 4).Select(_ => ArrayPool<double>.Shared.Rent(EmbeddingLength))];
        (double[] re, double[] im, double[] re2, double[] im2) = (room[0], room[1], room[2], room[3]);
        foreach (double[] part in (double[][])[re, im])
        {
            Span<double> z = part.AsSpan(0, EmbeddingLength);
            random.FillNormal(z);
            TensorPrimitives.Multiply(z, amplitude, z);
        }

        transform.Transform(ref re, ref im, ref re2, ref im2);
        re.AsSpan(0, Length).CopyTo(first);
        im.AsSpan(0, Length).CopyTo(second);
        Array.ForEach(room, part => ArrayPool<double>.Shared.Return(part));
    }

    // √(λ/m).
    private double[] Amplitudes(Func<int, double> covariance)
    {
        int m = EmbeddingLength;
        double[] re = new double[m], im = new double[m], re2 = new double[m], im2 = new double[m];
        for (int j = 0; j <= m / 2; j++)
        {
            double c = covariance(j);
            re[j] = double.IsFinite(c) ? c : throw new ArgumentException($"The covariance at distance {j} is {c}; it must be finite.", nameof(covariance));
            re[(m - j) % m] = c;
        }

        transform.Transform(ref re, ref im, ref re2, ref im2);
        double largest = re.Max(), least = re.Min();
        if (!(least >= -Rounding * largest))
        {
            int at = Array.IndexOf(re, least);
            throw new ArgumentException($"The covariance on a circle of {m} places has the negative eigenvalue {least} (number {at}; the largest is {largest}): rows of {Length} numbers cannot be drawn by it.", nameof(covariance));
        }

        return [.. re.Select(l => Math.Sqrt(Math.Max(0, l) / m))];
    }
}
