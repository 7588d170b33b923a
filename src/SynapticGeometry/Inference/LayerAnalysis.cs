using MathNet.Numerics.Statistics;

namespace SynapticGeometry;

/// <summary>What a candidate geometry makes of the layers of a network, each with its own drift and spread.</summary>
/// <param name="Geometry">Its name.</param>
/// <param name="Exponent">Its exponent λ, or null outside the power family.</param>
/// <param name="LogLikelihood">Sum over layers of the maximised log-likelihood; −∞ where one layer is impossible under it.</param>
/// <param name="ClosestIn">Number of layers in which no candidate is likelier.</param>
/// <param name="Ahead">Number of layers in which it is likelier than the closest candidate of the analysis; 0 for that one itself.</param>
/// <param name="Behind">Number of layers in which it is less likely than that one; 0 for that one itself.</param>
/// <param name="P">p-value of the sign test of <paramref name="Ahead"/> against <paramref name="Behind"/>, two-sided; 1 for the closest candidate itself.</param>
/// <param name="DeltaCdf">Delta-CDF, not centred: mean over layers, weighted by their numbers of weights.</param>
/// <param name="DeltaCdfCentred">The same of the centred changes.</param>
public sealed record LayerCandidate(
    string Geometry, double? Exponent, double LogLikelihood, int ClosestIn, int Ahead, int Behind, double P, double DeltaCdf, double DeltaCdfCentred)
{
    /// <summary>Whether the closest candidate is likelier in more layers than chance allows, at the 5 % level.</summary>
    public bool IsRejected => P < 0.05;
}

/// <summary>
/// The geometry told layer by layer: one exponent, the drift and spread of each layer its own. Layers of a network change on different scales, so that all weights together are a
/// mixture, which looks like another geometry.
/// </summary>
/// <remarks>
/// Each layer has one vote, however many weights it has: the exponent is the median of the layers' own, a candidate is compared with another by the number of layers in which it is
/// likelier, and the closest one is likelier than every other in more than half of them. For likelihoods with one peak that is the candidate whose side of the field the median lies on,
/// and the sign test of candidates is the one that gives the median its interval.
/// </remarks>
public sealed record LayerAnalysis
{
    private LayerAnalysis()
    {
    }

    /// <summary>The median of the layers' exponents, its interval and the number of layers.</summary>
    public required MedianOfGroups Median { get; init; }

    /// <summary>Number of weights in these layers.</summary>
    public required long Weights { get; init; }

    /// <summary>One entry a candidate, in the order asked for.</summary>
    public required IReadOnlyList<LayerCandidate> Candidates { get; init; }

    /// <summary>Name of the candidate that is likelier than every other one in more than half of the layers; where there is none, the one that beats most others.</summary>
    public required string Closest { get; init; }

    /// <summary>
    /// The spread of the dual changes under the closest candidate: that of the layer below which nine tenths of the layers lie over that of the layer below which one tenth lies. 1 where all
    /// layers change on one scale.
    /// </summary>
    public required double SpreadRatio { get; init; }

    /// <summary>Number of layers with weights that changed their sign.</summary>
    public required int LayersWithSignFlips { get; init; }

    /// <summary>Delta-CDF, published and centred, against the exponent: means over layers, weighted by their numbers of weights.</summary>
    public required IReadOnlyList<(double Exponent, double DeltaCdf, double Centred)> DeltaCdfCurve { get; init; }

    /// <summary>Name of the candidate with the highest sum of log-likelihoods, which a few layers with many weights may decide.</summary>
    public string Likeliest => Candidates.MaxBy(c => c.LogLikelihood)!.Geometry;

    /// <summary>The analysis; null where the groups are not layers, or fewer than six of them have an estimate.</summary>
    /// <param name="pairs">The weights.</param>
    /// <param name="groups">Each layer by itself.</param>
    /// <param name="options">Candidates, threads.</param>
    /// <param name="cancellation">Stops between layers.</param>
    internal static LayerAnalysis? Of(PairedWeights pairs, IReadOnlyList<GroupEstimate> groups, InferenceOptions options, CancellationToken cancellation)
    {
        GroupEstimate[] used = [.. groups.Where(g => g.Estimate is not null)];
        if (!options.GroupsAreLayers || MedianOfGroups.Of(used.Select(g => g.Estimate!.Value)) is not { } median)
        {
            return null;
        }

        int closest = Closer(used, options.Candidates.Count);
        long weights = used.Sum(g => g.Synapses);
        double[] spreads = [.. used.Select(g => g.Spread[closest]).Where(s => double.IsFinite(s) && s > 0).Order()];
        HashSet<string> names = [.. used.Select(g => g.Name)];
        int[][] members = [.. pairs.GroupMembers().Where((_, g) => names.Contains(pairs.GroupNames[g]))];
        return new LayerAnalysis
        {
            Median = median,
            Weights = weights,
            Candidates = [.. options.Candidates.Select((potential, c) => Candidate(used, weights, potential, c, closest))],
            Closest = options.Candidates[closest].Name,
            SpreadRatio = spreads.Length == 0 ? double.NaN : SortedArrayStatistics.Quantile(spreads, 0.9) / SortedArrayStatistics.Quantile(spreads, 0.1),
            LayersWithSignFlips = members.Count(m => pairs.HasFlips && Array.Exists(m, i => pairs.Signs[i] is PairedWeights.NegativeBefore or PairedWeights.NegativeAfter)),
            DeltaCdfCurve = InferenceCurves.DeltaCdfOfLayers(pairs, members, options.Threads, cancellation),
        };
    }

    /// <summary>Two-sided p-value of the sign test.</summary>
    internal static double SignTest(int first, int second)
    {
        int n = first + second, least = Math.Min(first, second);
        double probability = Math.Pow(0.5, n), sum = probability;
        for (int k = 1; k <= least; k++)
        {
            probability *= (n - k + 1.0) / k;
            sum += probability;
        }

        return Math.Min(1, 2 * sum);
    }

    private static LayerCandidate Candidate(GroupEstimate[] layers, double weights, Potential potential, int c, int closest)
    {
        int ahead = layers.Count(g => g.LogLikelihood[c] > g.LogLikelihood[closest]), behind = layers.Count(g => g.LogLikelihood[c] < g.LogLikelihood[closest]);
        return new LayerCandidate(
            potential.Name,
            potential.Exponent,
            layers.Sum(g => g.LogLikelihood[c]),
            layers.Count(g => g.LogLikelihood[c] == g.LogLikelihood.Max() && !double.IsNegativeInfinity(g.LogLikelihood[c])),
            ahead,
            behind,
            c == closest ? 1 : SignTest(ahead, behind),
            layers.Sum(g => g.Synapses / weights * g.DeltaCdf[c]),
            layers.Sum(g => g.Synapses / weights * g.DeltaCdfCentred[c]));
    }

    // The candidate that beats most others in more than half of the layers; of equals the one that is closest in most layers.
    private static int Closer(GroupEstimate[] layers, int candidates)
    {
        return Enumerable.Range(0, candidates)
            .OrderByDescending(c => Enumerable.Range(0, candidates).Count(other => Balance(c, other) > 0))
            .ThenByDescending(c => layers.Count(g => g.LogLikelihood[c] == g.LogLikelihood.Max()))
            .First();

        int Balance(int c, int other) => layers.Sum(g => g.LogLikelihood[c].CompareTo(g.LogLikelihood[other]));
    }
}
