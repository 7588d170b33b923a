namespace SynapticGeometry;

/// <summary>Synapses in a row that have one gain: it need not be read for each.</summary>
/// <param name="Begin">Index of the first.</param>
/// <param name="End">Index behind the last.</param>
/// <param name="Gain">h.</param>
internal readonly record struct EqualSynapses(int Begin, int End, double Gain)
{
    // More of them than this take longer to find than gains to read.
    private const int Most = 16;

    /// <summary>The rows of a large neuron, in order; none where there are many.</summary>
    /// <param name="gains">n gains.</param>
    public static EqualSynapses[] Of(ReadOnlySpan<double> gains)
    {
        List<EqualSynapses> found = [];
        int begin = 0;
        for (int i = 1; i <= gains.Length; i++)
        {
            if (i < gains.Length && gains[i] == gains[begin])
            {
                continue;
            }

            if (found.Count == Most)
            {
                return [];
            }

            found.Add(new EqualSynapses(begin, i, gains[begin]));
            begin = i;
        }

        return [.. found];
    }

    /// <summary>The row with a synapse.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="synapse">Its index.</param>
    public static EqualSynapses With(EqualSynapses[] rows, int synapse)
    {
        int k = 0;
        while (synapse >= rows[k].End)
        {
            k++;
        }

        return rows[k];
    }

    /// <summary>How many spikes at the beginning of a list are of this row.</summary>
    /// <param name="spikes">Indices of synapses.</param>
    public int Leading(ReadOnlySpan<int> spikes)
    {
        int other = spikes.IndexOfAnyExceptInRange(Begin, End - 1);
        return other < 0 ? spikes.Length : other;
    }
}
