namespace SynapticGeometry;

/// <summary>
/// The changes of every synapse from one epoch to the next, repeated measurements of an epoch averaged: what models without a hidden state need. A change
/// across an epoch that was not measured is not among them.
/// </summary>
internal sealed class SizeTransitions
{
    private SizeTransitions(int[] synapse, double[] before, double[] after, double[] beforeRepeats, double[] afterRepeats)
    {
        Synapse = synapse;
        Before = before;
        After = after;
        BeforeRepeats = beforeRepeats;
        AfterRepeats = afterRepeats;
    }

    /// <summary>Index of the synapse of each change, ascending.</summary>
    public int[] Synapse { get; }

    /// <summary>Log size before, the mean of the epoch's measurements.</summary>
    public double[] Before { get; }

    /// <summary>Log size after; −∞ where the synapse was not detected.</summary>
    public double[] After { get; }

    /// <summary>Number of measurements behind <see cref="Before"/>.</summary>
    public double[] BeforeRepeats { get; }

    /// <summary>Number of measurements behind <see cref="After"/>.</summary>
    public double[] AfterRepeats { get; }

    /// <summary>Number of changes.</summary>
    public int Count => Synapse.Length;

    /// <summary>The changes of a set.</summary>
    public static SizeTransitions Of(LongitudinalSizes sizes)
    {
        List<int> synapse = [];
        List<double> before = [], after = [], beforeRepeats = [], afterRepeats = [];
        var mean = new double[sizes.Epochs];
        var seen = new int[sizes.Epochs];
        var missed = new bool[sizes.Epochs];
        for (int i = 0; i < sizes.Count; i++)
        {
            Array.Clear(mean);
            Array.Clear(seen);
            Array.Clear(missed);
            for (int t = 0; t < sizes.Sessions; t++)
            {
                double x = sizes[i][t];
                int e = sizes.EpochOfSession[t];
                missed[e] |= double.IsNegativeInfinity(x);
                if (double.IsFinite(x))
                {
                    mean[e] += x;
                    seen[e]++;
                }
            }

            for (int e = 1; e < mean.Length; e++)
            {
                if (seen[e - 1] == 0 || (seen[e] == 0 && !missed[e]))
                {
                    continue;
                }

                synapse.Add(i);
                before.Add(mean[e - 1] / seen[e - 1]);
                after.Add(seen[e] > 0 ? mean[e] / seen[e] : double.NegativeInfinity);
                beforeRepeats.Add(seen[e - 1]);
                afterRepeats.Add(Math.Max(1, seen[e]));
            }
        }

        return new SizeTransitions([.. synapse], [.. before], [.. after], [.. beforeRepeats], [.. afterRepeats]);
    }
}
