namespace SynapticGeometry;

/// <summary>Integrals of Φ and of its distance from a constant, free of cancellation in both tails.</summary>
internal static class NormalIntegral
{
    // Up to this width the rule with end corrections leaves h⁵ |φ‴|/720 < 1e-18.
    private const double Narrow = 1e-3;

    /// <summary>A(t) = ∫ Φ from −∞ to t = t Φ(t) + φ(t).</summary>
    public static double ToMinusInfinity(double t)
    {
        if (t > 0)
        {
            return t + ToMinusInfinity(-t);
        }

        // Far out φ and tΦ cancel to 1/t² of their size, which is below 1e-16 in all.
        return Math.Max(0, t * NormalDistribution.Cdf(t) + NormalDistribution.Density(t));
    }

    /// <summary>∫ Φ from a to b ≥ a.</summary>
    public static double Between(double a, double b) =>
        Between(a, b, NormalDistribution.Cdf(a), NormalDistribution.Cdf(b));

    /// <summary>∫ Φ from a to b ≥ a, where Φ is known at the ends.</summary>
    public static double Between(double a, double b, double cdfA, double cdfB)
    {
        double h = b - a;
        if (h <= Narrow)
        {
            // Euler-Maclaurin: trapezium, and the slopes φ at the ends.
            return 0.5 * h * (cdfA + cdfB) - h * h / 12 * (NormalDistribution.Density(b) - NormalDistribution.Density(a));
        }

        return a >= 0
            ? h - (ToMinusInfinity(-a) - ToMinusInfinity(-b))
            : ToMinusInfinity(b) - ToMinusInfinity(a);
    }

    /// <summary>∫ |k/n − Φ| from a to b: a gap between sorted values with k of n below it.</summary>
    public static double Gap(double a, double b, int k, int n)
    {
        if (a >= b)
        {
            return 0;
        }

        if (a >= 0)
        {
            // Mirrored, so that small differences are taken of small numbers.
            return Gap(-b, -a, n - k, n);
        }

        if (b > 0)
        {
            return Gap(a, 0, k, n) + Gap(0, b, k, n);
        }

        double level = (double)k / n;
        double cdfA = NormalDistribution.Cdf(a), cdfB = NormalDistribution.Cdf(b);
        if (level <= cdfA)
        {
            return Between(a, b, cdfA, cdfB) - level * (b - a);
        }

        if (level >= cdfB)
        {
            return level * (b - a) - Between(a, b, cdfA, cdfB);
        }

        double crossing = Math.Clamp(NormalDistribution.Quantile(level), a, b);
        double left = level * (crossing - a) - Between(a, crossing, cdfA, level);
        double right = Between(crossing, b, level, cdfB) - level * (b - crossing);
        return left + right;
    }
}
