namespace SynapticGeometry;

/// <summary>Synapses in a row that have one gain and one rate: what is the same for all of them need not be read for each.</summary>
/// <param name="Begin">Index of the first.</param>
/// <param name="End">Index behind the last.</param>
/// <param name="Gain">h.</param>
/// <param name="Rate">r, s⁻¹.</param>
internal readonly record struct EqualSynapses(int Begin, int End, double Gain, double Rate)
{
    // More of them than this take longer to find than gains to read.
    private const int Most = 16;

    /// <summary>The rows of a large neuron, in order; none where there are many, or where the neuron is so small that its trials go side by side.</summary>
    /// <param name="gains">n gains.</param>
    /// <param name="rates">n rates, s⁻¹.</param>
    public static EqualSynapses[] Of(ReadOnlySpan<double> gains, ReadOnlySpan<double> rates)
    {
        if (gains.Length <= EnsembleRun.SideBySide)
        {
            return [];
        }

        List<EqualSynapses> found = [];
        int begin = 0;
        for (int i = 1; i <= gains.Length; i++)
        {
            if (i < gains.Length && gains[i] == gains[begin] && rates[i] == rates[begin])
            {
                continue;
            }

            if (found.Count == Most)
            {
                return [];
            }

            found.Add(new EqualSynapses(begin, i, gains[begin], rates[begin]));
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
}
