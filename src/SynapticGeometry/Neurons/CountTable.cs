using System.Collections.Immutable;
using System.Numerics;

namespace SynapticGeometry;

/// <summary>Binomial or Poisson numbers by inversion: one uniform number each.</summary>
internal sealed class CountTable
{
    private const double Negligible = 1e-20;
    private readonly int first;
    private readonly ImmutableArray<double> cumulative;

    // Where to begin, for each part of [0, 1): twice as many as there are numbers, so that the first is mostly the one.
    private readonly int[] guide;

    // From the mode in both directions, in units of the mode's probability, by the ratio of neighbours, P(k)/P(k − 1) and P(k − 1)/P(k).
    private CountTable(long mode, Func<long, double> above, Func<long, double> below)
    {
        List<double> lower = [], upper = [];
        double p = 1;
        for (long k = mode; k > 0 && p > Negligible; k--)
        {
            p *= below(k);
            lower.Add(p);
        }

        p = 1;
        for (long k = mode + 1; (p *= above(k)) > 0 && (upper.Count == 0 || upper[^1] > Negligible); k++)
        {
            upper.Add(p);
        }

        lower.Reverse();
        first = (int)(mode - lower.Count);
        double[] sums = [.. lower, 1, .. upper];
        for (int i = 1; i < sums.Length; i++)
        {
            sums[i] += sums[i - 1];
        }

        double total = sums[^1];
        cumulative = [.. sums.Select(s => s / total)];
        guide = new int[BitOperations.RoundUpToPowerOf2(2 * (uint)sums.Length)];
        for (int g = 0, at = 0; g < guide.Length; g++)
        {
            while (cumulative[at] <= (double)g / guide.Length)
            {
                at++;
            }

            guide[g] = at;
        }
    }

    /// <summary>Numbers of successes.</summary>
    /// <param name="trials">Number of trials, at least 1.</param>
    /// <param name="probability">Of success, 0 to 0.2.</param>
    public static CountTable Binomial(long trials, double probability)
    {
        double odds = probability / (1 - probability);
        return new CountTable((long)((trials + 1) * probability), k => (trials - k + 1) * odds / k, k => k / ((trials - k + 1) * odds));
    }

    /// <summary>Poisson numbers.</summary>
    /// <param name="mean">At least 0.</param>
    public static CountTable Poisson(double mean) => new((long)mean, k => mean / k, k => k / mean);

    /// <summary>The next number.</summary>
    public int Draw(RandomSource random) => At(random.NextDouble());

    /// <summary>The number at a place of the cumulative distribution.</summary>
    /// <param name="u">0 to 1, below 1.</param>
    public int At(double u)
    {
        int at = guide[(int)(u * guide.Length)];
        while (cumulative[at] <= u)
        {
            at++;
        }

        return first + at;
    }
}
