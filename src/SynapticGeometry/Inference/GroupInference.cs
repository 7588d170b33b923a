namespace SynapticGeometry;

/// <summary>The exponent in each group alone: a neuron, an animal, a layer, a tensor.</summary>
internal static class GroupInference
{
    // A shape, a spread and three means need a few pairs each.
    private const int MinimumCount = 20;

    /// <summary>One entry a group; empty without groups.</summary>
    public static GroupEstimate[] Estimate(PairedWeights pairs, InferenceOptions options, CancellationToken cancellation)
    {
        if (pairs.GroupOf is null)
        {
            return [];
        }

        int[][] members = pairs.GroupMembers();
        var results = new GroupEstimate[members.Length];
        Parallel.For(0, members.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, g =>
            results[g] = EstimateOne(pairs, members[g], g, options));
        return results;
    }

    private static GroupEstimate EstimateOne(PairedWeights pairs, int[] members, int g, InferenceOptions options)
    {
        string name = pairs.GroupNames[g];
        if (members.Length < MinimumCount)
        {
            return new GroupEstimate(name, members.Length, null, null, null, null, [], $"fewer than {MinimumCount} synapses");
        }

        PairedWeights group = pairs.Select(members).Ungrouped();
        if (group.SizeSpread < 1e-9 || group.Counts.Unchanged == group.Count)
        {
            return new GroupEstimate(name, members.Length, null, null, null, null, [], group.SizeSpread < 1e-9 ? "all sizes equal" : "no change");
        }

        try
        {
            ExponentProfile profile = new ExponentProfile(group, options.Drift, 1).Maximise();
            ExponentScores.Summary scores = ExponentScores.Compute(group, profile, options.Drift, 1);
            var change = new double[group.Count];
            int candidates = options.Candidates.Count;
            double[] deltas = new double[candidates], centred = new double[candidates], likelihoods = new double[candidates], spreads = new double[candidates];
            Potential? closest = null;
            double best = double.NegativeInfinity;
            for (int c = 0; c < candidates; c++)
            {
                Potential potential = options.Candidates[c];
                DualChange.Fill(group, potential, 0, change);
                deltas[c] = DeltaCdf.Statistic(change);
                centred[c] = DeltaCdf.Statistic(change, centred: true);
                ScaleFit? fit = ScaleFit.Run(DualChange.ScaleOf(potential, group), group, options.Drift, 1);
                (likelihoods[c], spreads[c]) = (fit?.LogLikelihood ?? double.NegativeInfinity, Math.Sqrt(fit?.Variance ?? double.NaN));
                if (likelihoods[c] > best)
                {
                    (closest, best) = (potential, likelihoods[c]);
                }
            }

            string note = double.IsFinite(scores.RobustStandardError) ? string.Empty : "open on one side";
            return new GroupEstimate(name, group.Count, profile.Estimate, scores.RobustStandardError, scores.Interval(profile.Estimate), closest?.Name, deltas, note)
            {
                DeltaCdfCentred = centred,
                LogLikelihood = likelihoods,
                Spread = spreads,
            };
        }
        catch (UninformativeDataException)
        {
            return new GroupEstimate(name, members.Length, null, null, null, null, [], "changes without spread");
        }
    }
}
