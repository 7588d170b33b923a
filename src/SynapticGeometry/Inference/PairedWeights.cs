namespace SynapticGeometry;

/// <summary>
/// Synaptic weights before and after, checked: finite, nonzero at both times, counted where left out. Kept as the log size
/// u = ln|w before| − ln(geometric mean), the log change r = ln|w after| − ln|w before| and the two signs, which is what every
/// geometry needs and what stays accurate when changes are small.
/// </summary>
public sealed class PairedWeights
{
    private readonly double[] logSize;
    private readonly double[] logChange;
    private readonly byte[] signs;

    internal PairedWeights(
        double[] logSize, double[] logChange, byte[] signs, double logGeometricMean, SynapseCounts counts, int[]? groupOf, string[] groupNames)
    {
        this.logSize = logSize;
        this.logChange = logChange;
        this.signs = signs;
        LogGeometricMean = logGeometricMean;
        Counts = counts;
        GroupOf = groupOf;
        GroupNames = groupNames;
    }

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
    public IReadOnlyList<int>? GroupOf { get; }

    /// <summary>Names of the groups in order of first appearance; empty without groups.</summary>
    public IReadOnlyList<string> GroupNames { get; }

    /// <summary>Per pair: bit 0 set where the weight before is negative, bit 1 where the weight after is.</summary>
    internal ReadOnlySpan<byte> Signs => signs;

    /// <summary>Weight before of pair <paramref name="index"/>, in the unit of the input.</summary>
    public double Before(int index) =>
        ((signs[index] & 1) != 0 ? -1 : 1) * Math.Exp(logSize[index] + LogGeometricMean);

    /// <summary>Weight after of pair <paramref name="index"/>, in the unit of the input.</summary>
    public double After(int index) =>
        ((signs[index] & 2) != 0 ? -1 : 1) * Math.Exp(logSize[index] + logChange[index] + LogGeometricMean);
}
