using MathNet.Numerics;

namespace SynapticGeometry;

/// <summary>
/// The distribution of the sizes that are seen, under one model with given parameters: density, both tails, random draws. Sizes are given
/// as u = ln(w / reference size).
/// </summary>
public abstract class SizeDistribution
{
    /// <summary>ln of the density of u, of n log sizes. The density of w is that of u divided by w.</summary>
    /// <param name="logSizes">n log sizes u at or above the detection limit, in ascending order.</param>
    /// <param name="destination">n values.</param>
    public abstract void LogDensity(ReadOnlySpan<double> logSizes, Span<double> destination);

    /// <summary>The shares of sizes below and above each of n log sizes.</summary>
    /// <param name="logSizes">n log sizes u at or above the detection limit, in ascending order.</param>
    /// <param name="below">n shares.</param>
    /// <param name="above">n shares, 1 − below without its rounding.</param>
    public abstract void Shares(ReadOnlySpan<double> logSizes, Span<double> below, Span<double> above);

    /// <summary>One log size u drawn at random.</summary>
    /// <param name="random">Source of random numbers.</param>
    public abstract double Draw(RandomSource random);
}

/// <summary>
/// Dual weights that are a mixture of normal distributions of one spread, seen only between two ends: the sizes that one or more constants
/// become.
/// </summary>
internal sealed class ConstantsDistribution : SizeDistribution
{
    private readonly DualAxis axis;
    private readonly (double Share, double Mean)[] parts;
    private readonly double spread;
    private readonly double low;
    private readonly double high;
    private readonly double[] logMasses;
    private readonly double logMass;

    /// <summary>The distribution.</summary>
    /// <param name="axis">Dual weights of log sizes.</param>
    /// <param name="parts">Shares, adding to 1, and dual means.</param>
    /// <param name="spread">σ, the spread of the dual change.</param>
    /// <param name="low">Dual weight below which nothing is seen, or −∞.</param>
    /// <param name="high">Dual weight above which nothing can be, or +∞.</param>
    public ConstantsDistribution(DualAxis axis, (double Share, double Mean)[] parts, double spread, double low, double high)
    {
        (this.axis, this.parts, this.spread, this.low, this.high) = (axis, parts, spread, low, high);
        logMasses = [.. parts.Select(p => LogMass((low - p.Mean) / spread, (high - p.Mean) / spread))];
        double largest = logMasses.Max();
        logMass = largest + Math.Log(parts.Select((p, k) => p.Share * Math.Exp(logMasses[k] - largest)).Sum());
    }

    /// <inheritdoc/>
    public override void LogDensity(ReadOnlySpan<double> logSizes, Span<double> destination)
    {
        double constant = Math.Log(NormalDistribution.InverseSqrtTwoPi / spread) - logMass;
        for (int i = 0; i < logSizes.Length; i++)
        {
            double y = axis.Dual(logSizes[i]);
            destination[i] = LogKernel(y) + constant + axis.LogSlope(logSizes[i]);
        }
    }

    /// <summary>Σ ln density of dual weights, the slope of the mirror map left out: what a fit maximises.</summary>
    public double LogLikelihood(ReadOnlySpan<double> dual)
    {
        double sum = 0;
        foreach (double y in dual)
        {
            sum += LogKernel(y);
        }

        return sum + (dual.Length * (Math.Log(NormalDistribution.InverseSqrtTwoPi / spread) - logMass));
    }

    /// <inheritdoc/>
    public override void Shares(ReadOnlySpan<double> logSizes, Span<double> below, Span<double> above)
    {
        for (int i = 0; i < logSizes.Length; i++)
        {
            double y = axis.Dual(logSizes[i]);
            below[i] = above[i] = 0;
            for (int k = 0; k < parts.Length; k++)
            {
                double z = (y - parts[k].Mean) / spread, a = (low - parts[k].Mean) / spread, b = (high - parts[k].Mean) / spread;
                below[i] += z <= a ? 0 : parts[k].Share * Math.Exp(LogMass(a, z) - logMass);
                above[i] += z >= b ? 0 : parts[k].Share * Math.Exp(LogMass(z, b) - logMass);
            }
        }
    }

    /// <inheritdoc/>
    public override double Draw(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        double which = random.NextDouble(), share = 1 - random.NextDouble();
        int k = 0;
        while (k < parts.Length - 1 && which >= parts[k].Share * Math.Exp(logMasses[k] - logMass))
        {
            which -= parts[k].Share * Math.Exp(logMasses[k] - logMass);
            k++;
        }

        double a = (low - parts[k].Mean) / spread, b = (high - parts[k].Mean) / spread;
        return axis.LogSize(parts[k].Mean + (spread * Quantile(a, b, share)));
    }

    // ln Σ share · exp(−z²/2).
    private double LogKernel(double y)
    {
        double z = (y - parts[0].Mean) / spread;
        if (parts.Length == 1)
        {
            return -0.5 * z * z;
        }

        double nearest = double.PositiveInfinity, sum = 0;
        foreach ((_, double mean) in parts)
        {
            nearest = Math.Min(nearest, Math.Abs(y - mean));
        }

        nearest /= spread;
        foreach ((double share, double mean) in parts)
        {
            z = (y - mean) / spread;
            sum += share * Math.Exp(-0.5 * (z - nearest) * (z + nearest));
        }

        return Math.Log(sum) - (0.5 * nearest * nearest);
    }

    // ln (Φ(b) − Φ(a)), from the tail in which the two differ.
    private static double LogMass(double a, double b)
    {
        if (double.IsNegativeInfinity(a))
        {
            return double.IsPositiveInfinity(b) ? 0 : NormalDistribution.LogCdf(b);
        }

        if (a + b > 0)
        {
            (a, b) = (-b, -a);
        }

        double upper = NormalDistribution.LogCdf(b);
        return double.IsNegativeInfinity(a) ? upper : upper + Math.Log(-SpecialFunctions.Expm1(NormalDistribution.LogCdf(a) - upper));
    }

    // The standard normal number with this share, in (0, 1], of the mass between a and b below it.
    private static double Quantile(double a, double b, double share)
    {
        if (a + b > 0)
        {
            // Mirrored: Φ keeps its digits in the lower tail only.
            return -Quantile(-b, -a, 1 - share + 1e-17);
        }

        double lower = double.IsNegativeInfinity(a) ? 0 : Math.Exp(NormalDistribution.LogCdf(a) - NormalDistribution.LogCdf(b));
        double logP = NormalDistribution.LogCdf(b) + Math.Log(lower + (share * (1 - lower)));
        return NormalDistribution.QuantileOfLog(Math.Min(logP, -1e-17));
    }
}
