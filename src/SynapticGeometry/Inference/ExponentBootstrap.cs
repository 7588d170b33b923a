namespace SynapticGeometry;

/// <summary>The bootstrap of the exponent: pairs, or whole groups, drawn with replacement and fitted again.</summary>
internal static class ExponentBootstrap
{
    // A refit costs about 20 passes over the pairs: up to this size 1000 of them take seconds.
    private const int LargestByDefault = 20_000;
    private const int DefaultReplicates = 1000;

    /// <summary>Sorted estimates of the exponent from resampled pairs or groups; empty where the bootstrap is not to be run.</summary>
    public static double[] Run(
        PairedWeights pairs, InferenceOptions options, ExponentProfile profile, ExponentScores.Summary scores, Action<double> report, CancellationToken cancellation)
    {
        int replicates = options.Bootstrap ?? (pairs.Count <= LargestByDefault ? DefaultReplicates : 0);
        if (replicates == 0 || !double.IsFinite(profile.StandardError) || (pairs.GroupOf is not null && pairs.GroupNames.Count < 2))
        {
            return [];
        }

        int[][]? members = pairs.GroupOf is null ? null : pairs.GroupMembers();
        var random = new RandomSource(options.Seed);
        var estimates = new double[replicates];
        int done = 0;
        double reach = 6 * Math.Max(profile.StandardError, double.IsFinite(scores.RobustStandardError) ? scores.RobustStandardError : 0);
        Parallel.For(0, replicates, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, b =>
        {
            RandomSource stream = random.Fork("exponent bootstrap", (ulong)b);
            PairedWeights sample = pairs.Select(Resample(stream, pairs.Count, members));
            try
            {
                estimates[b] = new ExponentProfile(sample, options.Drift, 1).Maximise((profile.Estimate, reach), curvature: false).Estimate;
            }
            catch (UninformativeDataException)
            {
                // A resample of very few distinct pairs can be fitted exactly; it says nothing about λ.
                estimates[b] = double.NaN;
            }

            int finished = Interlocked.Increment(ref done);
            if (finished % 50 == 0)
            {
                report(finished / (double)replicates);
            }
        });
        double[] kept = [.. estimates.Where(e => !double.IsNaN(e))];
        Array.Sort(kept);
        return kept;
    }

    /// <summary>Indices of pairs, or of the pairs of groups, drawn with replacement.</summary>
    public static int[] Resample(RandomSource stream, int count, int[][]? members)
    {
        if (members is null)
        {
            var indices = new int[count];
            for (int i = 0; i < count; i++)
            {
                indices[i] = stream.NextInt(count);
            }

            return indices;
        }

        var all = new List<int>(count);
        for (int g = 0; g < members.Length; g++)
        {
            all.AddRange(members[stream.NextInt(members.Length)]);
        }

        return [.. all];
    }
}
