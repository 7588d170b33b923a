namespace SynapticGeometry;

/// <summary>
/// Gauss-Hermite quadrature for the standard normal: E f(Z) ≈ Σᵢ wᵢ f(xᵢ), exact for polynomials of degree up to 2n − 1.
/// </summary>
/// <remarks>
/// The nodes are the zeros of Heₙ, the eigenvalues of the symmetric tridiagonal matrix with off-diagonal √1, ..., √(n − 1)
/// (Golub and Welsch 1969); they are separated by Sturm counts and polished by Newton's method on the orthonormal polynomials
/// hₖ = Heₖ/√(k!), and the weights are 1/(n hₙ₋₁(xᵢ)²). This is the probabilists' convention, weight exp(−x²/2)/√(2π), weights
/// adding to 1; the physicists' rule (weight exp(−x²)) has nodes xᵢ/√2 and weights √π wᵢ.
/// </remarks>
public sealed class GaussHermite
{
    /// <summary>Most nodes of a rule.</summary>
    public const int MaximumOrder = 256;

    private readonly double[] nodes;
    private readonly double[] weights;

    /// <summary>The rule with <paramref name="order"/> nodes.</summary>
    /// <param name="order">Number of nodes n, 1 to 256.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is below 1 or above 256.</exception>
    public GaussHermite(int order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, MaximumOrder);
        nodes = new double[order];
        weights = new double[order];

        // Nodes come in pairs ±x; an odd order has one at 0.
        for (int i = order / 2; i < order; i++)
        {
            double x = order % 2 == 1 && i == order / 2 ? 0 : Node(order, i);
            (_, double previous) = Orthonormal(order, x);
            nodes[i] = x;
            nodes[order - 1 - i] = -x;
            weights[i] = weights[order - 1 - i] = 1 / (order * previous * previous);
        }
    }

    /// <summary>The nodes x₁ &lt; ... &lt; xₙ, symmetric about 0.</summary>
    public ReadOnlySpan<double> Nodes => nodes;

    /// <summary>The weights, positive, adding to 1.</summary>
    public ReadOnlySpan<double> Weights => weights;

    /// <summary>Σᵢ wᵢ f(m + s xᵢ), the expectation of f over a normal distribution.</summary>
    /// <param name="function">f; finite at the nodes.</param>
    /// <param name="mean">m, in the unit of f's argument.</param>
    /// <param name="standardDeviation">s, in the same unit, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="standardDeviation"/> is negative or NaN.</exception>
    public double Expectation(Func<double, double> function, double mean = 0, double standardDeviation = 1)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (!(standardDeviation >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(standardDeviation), standardDeviation, "A standard deviation is at least 0.");
        }

        double sum = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            sum += weights[i] * function(mean + standardDeviation * nodes[i]);
        }

        return sum;
    }

    private static double Node(int order, int index)
    {
        // All zeros lie within ±2√n; halve until the one sought is alone, and near enough for Newton's method.
        double low = 0, high = 2 * Math.Sqrt(order);
        double enough = 0.01 / Math.Sqrt(order);
        while (high - low > enough)
        {
            double middle = 0.5 * (low + high);
            if (ZerosBelow(order, middle) > index)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        double x = 0.5 * (low + high);
        for (int step = 0; step < 20; step++)
        {
            (double value, double previous) = Orthonormal(order, x);
            double change = value / (Math.Sqrt(order) * previous);
            x -= change;
            if (Math.Abs(change) <= 1e-15 * x)
            {
                break;
            }
        }

        return x;
    }

    private static int ZerosBelow(int order, double x)
    {
        // Signs of the pivots of T − xI (Sturm); a pivot of 0 counts as tiny.
        int below = 0;
        double pivot = -x;
        for (int k = 1; ; k++)
        {
            if (pivot < 0)
            {
                below++;
            }

            if (k == order)
            {
                return below;
            }

            pivot = -x - k / (pivot == 0 ? 1e-300 : pivot);
        }
    }

    private static (double Value, double Previous) Orthonormal(int order, double x)
    {
        double previous = 0, value = 1;
        for (int k = 0; k < order; k++)
        {
            (previous, value) = (value, (x * value - Math.Sqrt(k) * previous) / Math.Sqrt(k + 1));
        }

        return (value, previous);
    }
}
