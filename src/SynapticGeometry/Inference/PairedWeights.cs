using System.Numerics;
using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// Synaptic weights before and after, checked: finite and nonzero at both times, counted where left out. Kept as the log size
/// u = ln|w before| − ln(geometric mean), the log change r = ln|w after| − ln|w before| and the two signs, which is what every
/// geometry needs and what stays accurate when changes are small.
/// </summary>
public sealed class PairedWeights
{
    /// <summary>Fewest pairs from which anything is inferred.</summary>
    public const int MinimumCount = 5;

    // Index of "duplicate" among the reasons: the only one that depends on other pairs.
    private const int Duplicate = 3;

    /// <summary>Bit of <see cref="Signs"/>: the weight before is negative.</summary>
    internal const byte NegativeBefore = 1;

    /// <summary>Bit of <see cref="Signs"/>: the weight after is negative.</summary>
    internal const byte NegativeAfter = 2;

    private readonly double[] logSize;
    private readonly double[] logChange;
    private readonly byte[] signs;
    private readonly int[]? groupOf;

    internal PairedWeights(
        double[] logSize, double[] logChange, byte[] signs, double logGeometricMean, SynapseCounts counts, int[]? groupOf, string[] groupNames)
    {
        this.logSize = logSize;
        this.logChange = logChange;
        this.signs = signs;
        this.groupOf = groupOf;
        LogGeometricMean = logGeometricMean;
        Counts = counts;
        GroupNames = groupNames;
        HasFlips = counts.SignFlips > 0;
        OneSign = !HasFlips && (counts.Negative == 0 || counts.Negative == logSize.Length);
        double mean = Sum(logSize) / logSize.Length;
        SizeSpread = Math.Sqrt(Math.Max(0, (TensorPrimitives.SumOfSquares(logSize) - (logSize.Length * mean * mean)) / Math.Max(1, logSize.Length - 1)));
    }

    /// <summary>The reasons for which a pair is left out, in the order in which they are checked and reported.</summary>
    public static IReadOnlyList<string> ExclusionReasons { get; } =
        ["missing", "not_finite", "not_positive", "duplicate", "zero_at_both", "vanished", "appeared", "sign_flip"];

    /// <summary>Number of pairs, n.</summary>
    public int Count => logSize.Length;

    /// <summary>u = ln|w before| minus its mean, n values.</summary>
    public ReadOnlySpan<double> LogSize => logSize;

    /// <summary>r = ln(|w after| / |w before|), n values; 0 exactly where a weight kept its absolute value.</summary>
    public ReadOnlySpan<double> LogChange => logChange;

    /// <summary>Mean of ln|w before|: add it to <see cref="LogSize"/> to return to the unit of the input.</summary>
    public double LogGeometricMean { get; }

    /// <summary>What was read, used and left out.</summary>
    public SynapseCounts Counts { get; }

    /// <summary>Index of each pair's group in <see cref="GroupNames"/>, or null without groups.</summary>
    public IReadOnlyList<int>? GroupOf => groupOf;

    /// <summary>Names of the groups in order of first appearance; empty without groups.</summary>
    public IReadOnlyList<string> GroupNames { get; }

    /// <summary>Per pair: bit 0 set where the weight before is negative, bit 1 where the weight after is.</summary>
    internal ReadOnlySpan<byte> Signs => signs;

    /// <summary>True where a used weight changed its sign.</summary>
    internal bool HasFlips { get; }

    /// <summary>True where all weights, before and after, have one and the same sign.</summary>
    internal bool OneSign { get; private init; }

    /// <summary>Pairs the weights before and after, checks them and counts what has to be left out.</summary>
    /// <param name="before">N weights before, in any one unit; NaN for missing.</param>
    /// <param name="after">N weights after, in the same unit.</param>
    /// <param name="options">Groups, identifiers and rules of exclusion.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="UninformativeDataException">
    /// Fewer than <see cref="MinimumCount"/> pairs remain, all sizes are equal, or no weight changed.
    /// </exception>
    public static PairedWeights From<T>(ReadOnlySpan<T> before, ReadOnlySpan<T> after, PairingOptions? options = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        options ??= new PairingOptions();
        if (before.Length != after.Length)
        {
            throw new ArgumentException($"{before.Length} weights before but {after.Length} after: they must pair up one to one.", nameof(after));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        MustFit(options.Groups, before.Length, "group labels");
        MustFit(options.Identifiers, before.Length, "identifiers");

        var keep = new bool[before.Length];
        Tally tally = Classify(before, after, options, keep);
        if (options.Identifiers is { } identifiers)
        {
            DropDuplicates(before, after, identifiers, keep, tally);
        }

        long[] excluded = tally.Excluded;
        int used = (int)tally.Used;
        long flips = tally.Flips, unchanged = tally.Unchanged, negative = tally.Negative;
        var reasons = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < excluded.Length; i++)
        {
            reasons.Add(ExclusionReasons[i], excluded[i]);
        }

        var counts = new SynapseCounts(before.Length, used, reasons, flips, unchanged, negative);
        if (used < MinimumCount)
        {
            throw new UninformativeDataException(
                $"Only {used} of {before.Length} pairs can be used ({Describe(reasons)}); at least {MinimumCount} are needed.");
        }

        if (unchanged == used)
        {
            throw new UninformativeDataException($"None of the {used} weights changed: before and after are the same.");
        }

        var u = new double[used];
        var r = new double[used];
        var signBits = new byte[used];
        Compact(before, after, keep, tally.UsedPerChunk, u, r, signBits, options.Threads);
        int[]? members = options.Groups is null ? null : new int[used];
        string[] groupNames = members is null ? [] : Label(options.Groups!, keep, members);
        double logGeometricMean = options.NormaliseGroups && members is not null
            ? CentreGroups(u, members, groupNames.Length)
            : Centre(u);
        var pairs = new PairedWeights(u, r, signBits, logGeometricMean, counts, members, groupNames);
        if (pairs.SizeSpread < 1e-9)
        {
            throw new UninformativeDataException(
                $"All {used} weights before have the same size ({Math.Abs(pairs.Before(0)):G6}): without a spread of sizes every geometry predicts the same changes.");
        }

        return pairs;
    }

    /// <summary>Standard deviation of the log sizes, S: what the data can say about the exponent grows with it.</summary>
    public double SizeSpread { get; }

    /// <summary>Weight before of pair <paramref name="index"/>, in the unit of the input.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public double Before(int index) =>
        ((signs[index] & NegativeBefore) != 0 ? -1 : 1) * Math.Exp(logSize[index] + LogGeometricMean);

    /// <summary>Weight after of pair <paramref name="index"/>, in the unit of the input.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public double After(int index) =>
        ((signs[index] & NegativeAfter) != 0 ? -1 : 1) * Math.Exp(logSize[index] + logChange[index] + LogGeometricMean);

    /// <summary>The pairs at the given indices, in that order; sizes keep their scale and their groups.</summary>
    /// <param name="indices">Indices into this set; an index may come more than once.</param>
    public PairedWeights Select(ReadOnlySpan<int> indices)
    {
        var u = new double[indices.Length];
        var r = new double[indices.Length];
        var s = new byte[indices.Length];
        int[]? g = groupOf is null ? null : new int[indices.Length];
        long flips = 0, unchanged = 0, negative = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            int k = indices[i];
            (u[i], r[i], s[i]) = (logSize[k], logChange[k], signs[k]);
            if (g is not null)
            {
                g[i] = groupOf![k];
            }

            bool flip = s[i] is NegativeBefore or NegativeAfter;
            flips += flip ? 1 : 0;
            unchanged += !flip && r[i] == 0 ? 1 : 0;
            negative += s[i] & NegativeBefore;
        }

        var counts = new SynapseCounts(indices.Length, indices.Length, new Dictionary<string, long>(), flips, unchanged, negative);
        return new PairedWeights(u, r, s, LogGeometricMean, counts, g, [.. GroupNames]);
    }

    /// <summary>The same pairs without their groups.</summary>
    public PairedWeights Ungrouped() => new(logSize, logChange, signs, LogGeometricMean, Counts, null, []);

    /// <summary>
    /// A part whose mean columns are those of the whole, so that a fit to one part can be evaluated on another even where all
    /// weights of a part have one sign.
    /// </summary>
    internal PairedWeights Part(ReadOnlySpan<int> indices)
    {
        PairedWeights part = Select(indices);
        return part.OneSign == OneSign
            ? part
            : new PairedWeights(part.logSize, part.logChange, part.signs, LogGeometricMean, part.Counts, part.groupOf, [.. GroupNames]) { OneSign = OneSign };
    }

    /// <summary>At most <paramref name="maximum"/> pairs spread evenly over the set; the set itself where it is no larger.</summary>
    /// <param name="maximum">At least 1.</param>
    public PairedWeights Thin(int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1);
        if (Count <= maximum)
        {
            return this;
        }

        var indices = new int[maximum];
        for (int i = 0; i < maximum; i++)
        {
            indices[i] = (int)((long)i * Count / maximum);
        }

        return Select(indices);
    }

    /// <summary>Signed weights of consecutive pairs, geometric mean times <paramref name="unit"/>.</summary>
    internal void CopyTo(int start, double unit, Span<double> before, Span<double> after)
    {
        ReadOnlySpan<double> u = LogSize.Slice(start, before.Length), r = LogChange.Slice(start, before.Length);
        TensorPrimitives.Add(u, r, after);
        TensorPrimitives.Exp(after, after);
        TensorPrimitives.Exp(u, before);
        TensorPrimitives.Multiply(before, unit, before);
        TensorPrimitives.Multiply(after, unit, after);
        if (OneSign && Counts.Negative == 0)
        {
            return;
        }

        for (int i = 0; i < before.Length; i++)
        {
            byte sign = signs[start + i];
            before[i] = (sign & NegativeBefore) != 0 ? -before[i] : before[i];
            after[i] = (sign & NegativeAfter) != 0 ? -after[i] : after[i];
        }
    }

    /// <summary>The indices of the pairs of every group, in the order of <see cref="GroupNames"/>.</summary>
    internal int[][] GroupMembers()
    {
        var members = new List<int>[GroupNames.Count];
        for (int g = 0; g < members.Length; g++)
        {
            members[g] = [];
        }

        for (int i = 0; i < Count; i++)
        {
            members[groupOf![i]].Add(i);
        }

        return [.. members.Select(m => m.ToArray())];
    }

    /// <summary>The exclusions that happened, as text for a message: "3 vanished, 1 missing"; "none" where there were none.</summary>
    /// <param name="excluded">Reason and count.</param>
    public static string Describe(IReadOnlyDictionary<string, long> excluded)
    {
        string text = string.Join(", ", excluded.Where(e => e.Value > 0).Select(e => $"{e.Value} {e.Key.Replace('_', ' ')}"));
        return text.Length == 0 ? "none excluded" : text;
    }

    private static int ReasonToExclude<T>(T before, T after, PairingOptions options)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (T.IsNaN(before) || T.IsNaN(after))
        {
            return 0;
        }

        if (!T.IsFinite(before) || !T.IsFinite(after))
        {
            return 1;
        }

        if (options.PositiveOnly && (before < T.Zero || after < T.Zero))
        {
            return 2;
        }

        if (T.IsZero(before) || T.IsZero(after))
        {
            return T.IsZero(before) ? (T.IsZero(after) ? 4 : 6) : 5;
        }

        return options.ExcludeSignFlips && T.Sign(before) != T.Sign(after) ? 7 : -1;
    }

    private static void MustFit(IReadOnlyList<string>? labels, int count, string what)
    {
        if (labels is not null && labels.Count != count)
        {
            throw new ArgumentException($"{labels.Count} {what} for {count} pairs of weights: there must be one a pair.");
        }
    }

    private static unsafe Tally Classify<T>(ReadOnlySpan<T> before, ReadOnlySpan<T> after, PairingOptions options, bool[] keep)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int n = before.Length;
        var parts = new Tally[Math.Max(1, Chunks.Count(n))];
        fixed (T* first = before, second = after)
        {
            // Pointers, because a span cannot reach another thread; they stay pinned until all chunks are done.
            nint a = (nint)first, b = (nint)second;
            Chunks.For(n, options.Threads, (chunk, start, length) =>
            {
                var tally = new Tally();
                for (int i = start; i < start + length; i++)
                {
                    T w0 = ((T*)a)[i], w1 = ((T*)b)[i];
                    int reason = ReasonToExclude(w0, w1, options);
                    if (reason >= 0)
                    {
                        tally.Excluded[reason]++;
                        continue;
                    }

                    keep[i] = true;
                    tally.Count(w0, w1, 1);
                }

                parts[chunk] = tally;
            });
        }

        var total = new Tally { UsedPerChunk = [.. parts.Select(p => (int)p.Used)] };
        foreach (Tally part in parts)
        {
            total.Add(part);
        }

        return total;
    }

    private static void DropDuplicates<T>(ReadOnlySpan<T> before, ReadOnlySpan<T> after, IReadOnlyList<string> identifiers, bool[] keep, Tally tally)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < keep.Length; i++)
        {
            if (keep[i] && !seen.Add(identifiers[i]))
            {
                keep[i] = false;
                tally.Excluded[Duplicate]++;
                tally.Count(before[i], after[i], -1);
                tally.UsedPerChunk[i / Chunks.Length]--;
            }
        }
    }

    // |before| and |after| of the pairs kept, one behind the other, then their logarithm and log ratio in place.
    private static unsafe void Compact<T>(
        ReadOnlySpan<T> before, ReadOnlySpan<T> after, bool[] keep, int[] usedPerChunk, double[] logSize, double[] logChange, byte[] signBits, int threads)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var offset = new int[usedPerChunk.Length];
        for (int c = 1; c < offset.Length; c++)
        {
            offset[c] = offset[c - 1] + usedPerChunk[c - 1];
        }

        fixed (T* first = before, second = after)
        {
            nint a = (nint)first, b = (nint)second;
            Chunks.For(before.Length, threads, (chunk, start, length) =>
            {
                int k = offset[chunk];
                for (int i = start; i < start + length; i++)
                {
                    if (keep[i])
                    {
                        double w0 = double.CreateTruncating(((T*)a)[i]), w1 = double.CreateTruncating(((T*)b)[i]);
                        logSize[k] = Math.Abs(w0);
                        logChange[k] = Math.Abs(w1);
                        signBits[k++] = (byte)((w0 < 0 ? NegativeBefore : 0) | (w1 < 0 ? NegativeAfter : 0));
                    }
                }

                LogKernels.LogAndLogRatio(logSize.AsSpan(offset[chunk], usedPerChunk[chunk]), logChange.AsSpan(offset[chunk], usedPerChunk[chunk]));
            });
        }
    }

    private static string[] Label(IReadOnlyList<string> groups, bool[] keep, int[] members)
    {
        var names = new List<string>();
        var indexOf = new Dictionary<string, int>(StringComparer.Ordinal);
        int k = 0;
        for (int i = 0; i < keep.Length; i++)
        {
            if (!keep[i])
            {
                continue;
            }

            if (!indexOf.TryGetValue(groups[i], out int g))
            {
                g = names.Count;
                indexOf.Add(groups[i], g);
                names.Add(groups[i]);
            }

            members[k++] = g;
        }

        return [.. names];
    }

    private static double Centre(Span<double> u)
    {
        double mean = Sum(u) / u.Length;
        TensorPrimitives.Subtract(u, mean, u);
        return mean;
    }

    // Each group gets its own unit, its geometric mean; no common unit is left to return to.
    private static double CentreGroups(double[] u, int[] members, int groups)
    {
        var sum = new double[groups];
        var count = new long[groups];
        for (int i = 0; i < u.Length; i++)
        {
            sum[members[i]] += u[i];
            count[members[i]]++;
        }

        for (int i = 0; i < u.Length; i++)
        {
            u[i] -= sum[members[i]] / count[members[i]];
        }

        return 0;
    }

    private static double Sum(ReadOnlySpan<double> values) => TensorPrimitives.Sum(values);

    private sealed class Tally
    {
        public long[] Excluded { get; } = new long[ExclusionReasons.Count];

        public int[] UsedPerChunk { get; init; } = [];

        public long Used { get; private set; }

        public long Flips { get; private set; }

        public long Unchanged { get; private set; }

        public long Negative { get; private set; }

        public void Count<T>(T before, T after, int by)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            Used += by;
            Flips += (before < T.Zero) != (after < T.Zero) ? by : 0;
            Unchanged += before == after ? by : 0;
            Negative += before < T.Zero ? by : 0;
        }

        public void Add(Tally other)
        {
            for (int i = 0; i < Excluded.Length; i++)
            {
                Excluded[i] += other.Excluded[i];
            }

            Used += other.Used;
            Flips += other.Flips;
            Unchanged += other.Unchanged;
            Negative += other.Negative;
        }
    }
}
