namespace SynapticGeometry;

/// <summary>The median of the groups' own exponents: the middle of them, whatever a few others say.</summary>
/// <remarks>
/// The interval is free of assumptions about the spread of the groups: as many of them lie below the median as there are heads in as many tosses of a coin.
/// </remarks>
/// <param name="Groups">Number of groups with an estimate, at least 6.</param>
/// <param name="Value">The median, λ.</param>
/// <param name="Interval">Its interval of at least 95 %, between two of the estimates.</param>
public sealed record MedianOfGroups(int Groups, double Value, Interval Interval)
{
    // With fewer the range of all of them has less than 95 %.
    private const int Fewest = 6;

    /// <summary>The median of estimates; null of fewer than six.</summary>
    /// <param name="estimates">Finite numbers.</param>
    internal static MedianOfGroups? Of(IEnumerable<double> estimates)
    {
        double[] ordered = [.. estimates.Order()];
        int n = ordered.Length, beyond = 0;
        if (n < Fewest)
        {
            return null;
        }

        // As many on either side as the binomial distribution leaves 2.5 % for.
        double probability = Math.Pow(0.5, n);
        for (double sum = probability; sum <= 0.025; sum += probability)
        {
            beyond++;
            probability *= (n - beyond + 1.0) / beyond;
        }

        return new MedianOfGroups(n, 0.5 * (ordered[(n - 1) / 2] + ordered[n / 2]), new Interval(ordered[beyond - 1], ordered[n - beyond]));
    }
}
