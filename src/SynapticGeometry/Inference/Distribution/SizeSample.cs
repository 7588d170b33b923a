using System.Numerics;

namespace SynapticGeometry;

/// <summary>What to do with negative values, which are no sizes.</summary>
public enum NegativeSizes
{
    /// <summary>Refuse the sample: an error names the first one.</summary>
    Refuse,

    /// <summary>Leave them out and count them.</summary>
    Exclude,

    /// <summary>Take absolute values: amplitudes of inhibitory synapses, or sizes of signed weights.</summary>
    Absolute,
}

/// <summary>How values become a <see cref="SizeSample"/>.</summary>
public sealed record SizeOptions
{
    /// <summary>Detection limit, in the unit of the sizes: smaller ones are not seen, and are left out and counted. 0 for none.</summary>
    public double Limit { get; init; }

    /// <summary>What to do with negative values.</summary>
    public NegativeSizes Negative { get; init; } = NegativeSizes.Refuse;
}

/// <summary>How many sizes were read, used and left out, and why.</summary>
/// <param name="Read">Values in the input (after row selection).</param>
/// <param name="Used">Sizes that entered.</param>
/// <param name="Excluded">Reason and number of values left out for it; every reason is present, zeros too.</param>
/// <param name="Negative">Values used that were negative (their absolute values).</param>
public sealed record SizeCounts(long Read, long Used, IReadOnlyDictionary<string, long> Excluded, long Negative);

/// <summary>Synaptic sizes at one time point, checked: positive and finite, kept as ascending logarithms.</summary>
public sealed class SizeSample
{
    /// <summary>Fewest sizes from which anything is inferred.</summary>
    public const int MinimumCount = 20;

    // Below this spread of log size the sizes are equal for every purpose.
    private const double SmallestSpread = 1e-6;

    private readonly double[] logSizes;

    private SizeSample(double[] logSizes, double limit, SizeCounts counts)
    {
        this.logSizes = logSizes;
        Limit = limit;
        Counts = counts;
        SampleMoments moments = SampleMoments.Of<double>(logSizes);
        (LogGeometricMean, LogSpread) = (moments.Mean, moments.StandardDeviation);
    }

    /// <summary>The reasons for which a value is left out.</summary>
    public static IReadOnlyList<string> ExclusionReasons { get; } = ["missing", "not_finite", "negative", "zero", "below_limit"];

    /// <summary>Number of sizes, n.</summary>
    public int Count => logSizes.Length;

    /// <summary>ln w, n values in ascending order, w in the unit of the input.</summary>
    public ReadOnlySpan<double> LogSizes => logSizes;

    /// <summary>Mean of ln w.</summary>
    public double LogGeometricMean { get; }

    /// <summary>Standard deviation of ln w.</summary>
    public double LogSpread { get; }

    /// <summary>Detection limit in the unit of the sizes; 0 for none.</summary>
    public double Limit { get; }

    /// <summary>What was read, used and left out.</summary>
    public SizeCounts Counts { get; }

    /// <summary>Checks values and counts what has to be left out.</summary>
    /// <param name="values">N sizes in any one unit; NaN for missing.</param>
    /// <param name="options">Detection limit and the meaning of negative values.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative or not finite, or a value is negative where that is refused.</exception>
    /// <exception cref="UninformativeDataException">Fewer than <see cref="MinimumCount"/> sizes remain, or all are equal.</exception>
    public static SizeSample From<T>(ReadOnlySpan<T> values, SizeOptions? options = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        options ??= new SizeOptions();
        if (!(options.Limit >= 0) || !double.IsFinite(options.Limit))
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"The detection limit is {options.Limit}; it must be finite and at least 0.");
        }

        var kept = new List<double>(values.Length);
        var excluded = new long[ExclusionReasons.Count];
        long negative = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double w = double.CreateChecked(values[i]);
            if (w < 0 && double.IsFinite(w) && options.Negative == NegativeSizes.Refuse)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(values), $"Value {i} of {values.Length} is {w}, and sizes are positive; leave negative values out, or take absolute values.");
            }

            double size = options.Negative == NegativeSizes.Absolute ? Math.Abs(w) : w;
            int reason = double.IsNaN(size) ? 0 : !double.IsFinite(size) ? 1 : size < 0 ? 2 : size == 0 ? 3 : size < options.Limit ? 4 : -1;
            if (reason >= 0)
            {
                excluded[reason]++;
                continue;
            }

            negative += w < 0 ? 1 : 0;
            kept.Add(Math.Log(size));
        }

        var reasons = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < excluded.Length; i++)
        {
            reasons.Add(ExclusionReasons[i], excluded[i]);
        }

        if (kept.Count < MinimumCount)
        {
            throw new UninformativeDataException(
                $"Only {kept.Count} of {values.Length} values can be used ({PairedWeights.Describe(reasons)}); a distribution needs at least {MinimumCount} sizes.");
        }

        double[] sorted = [.. kept];
        Array.Sort(sorted);
        var sample = new SizeSample(sorted, options.Limit, new SizeCounts(values.Length, sorted.Length, reasons, negative));
        return sample.LogSpread > SmallestSpread
            ? sample
            : throw new UninformativeDataException($"All {sorted.Length} sizes are equal ({Math.Exp(sorted[0]):G6}): there is no distribution to explain.");
    }

    /// <summary>A simulated sample: nothing is left out. The array is sorted.</summary>
    internal static SizeSample OfLogSizes(double[] logSizes, double limit)
    {
        Array.Sort(logSizes);
        return new SizeSample(logSizes, limit, new SizeCounts(logSizes.Length, logSizes.Length, new Dictionary<string, long>(), 0));
    }
}
