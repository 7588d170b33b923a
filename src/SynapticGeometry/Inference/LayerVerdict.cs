using System.Globalization;
using static SynapticGeometry.VerdictWriter;

namespace SynapticGeometry;

/// <summary>The verdict where the groups are layers of a network: what the layers say leads, and what all weights together would say stands beside it.</summary>
internal static class LayerVerdict
{
    // Exponents told from trained networks lie this near to the potential's (docs/figures.md), and their intervals are narrower: a median that is off by less is near its potential.
    private const double Near = 0.1;

    // A spread of changes that differs less between layers makes no mixture that could be seen.
    private const double RatioWorthSaying = 1.5;

    private const int NamesShown = 5;

    /// <summary>The verdict.</summary>
    public static Verdict Write(InferenceResult result, LayerAnalysis layers)
    {
        LayerCandidate closest = layers.Candidates.First(c => c.Geometry == layers.Closest);
        LayerCandidate[] open = [.. layers.Candidates.Where(c => c != closest && !c.IsRejected)];
        bool exact = closest.Exponent is not { } e || layers.Median.Interval.Contains(e), fits = exact || Math.Abs(layers.Median.Value - closest.Exponent!.Value) <= Near;
        string name = Name(result, closest), others = string.Join(" and ", open.Select(c => Name(result, c)));
        string headline = layers.Candidates.Count == 1
            ? $"Layer by layer the changes {(fits ? "agree" : "do not agree")} with the one candidate asked for, {name}."
            : (fits, open.Length) switch
            {
                (true, 0) => $"Layer by layer the changes are {(exact ? string.Empty : "nearly ")}those of {name}; every other candidate is rejected.",
                (false, 0) => $"No candidate fits; layer by layer {name} is closest.",
                (true, _) => $"Not distinguishable with these layers: {name} is closest, but {others} cannot be rejected.",
                (false, _) => $"No candidate fits; layer by layer {name} and {others} come closest, and neither is likelier in clearly more layers.",
            };
        string estimate = $"In the family y = sign(w) |w|^λ / λ the median of the exponents of {layers.Median.Groups} layers is {Precise(layers.Median.Value)}, 95 % interval {Precise(layers.Median.Interval.Low)} to {Precise(layers.Median.Interval.High)}"
            + (exact ? string.Empty : $", which does not hold the {Precise(closest.Exponent!.Value)} of {closest.Geometry}")
            + $"; {closest.Geometry} is the likeliest candidate in {closest.ClosestIn} of them.";
        return new Verdict(headline, estimate, open.Length == 0 && layers.Candidates.Count > 1, [.. Conditions(result, layers)], null);
    }

    private static IEnumerable<string> Conditions(InferenceResult result, LayerAnalysis layers)
    {
        yield return Together(result, layers);
        if (layers.Likeliest != layers.Closest)
        {
            yield return $"The sum of the layers' log-likelihoods is highest under {layers.Likeliest}: a few layers with many weights, or with changes far from normal, decide it. Here every layer has one vote.";
        }

        if (result.Meta?.RandomEffects is { IsHeterogeneous: true } effects)
        {
            yield return $"The exponent differs between layers by more than chance: its standard deviation between them is {Number(effects.Heterogeneity)} (95 % interval {Text(effects.HeterogeneityInterval)}), and its mean over them {Number(effects.Mean)} "
                + $"({Text(effects.Interval)}). Layers that hardly learned pull the mean more than the median.";
        }

        GroupEstimate[] left = [.. result.Groups.Where(g => g.Estimate is null)];
        if (left.Length > 0)
        {
            yield return $"{left.Length} of {result.Groups.Count} tensors cannot be fitted by themselves and have no vote ({string.Join(", ", left.Take(NamesShown).Select(g => $"{g.Name}: {g.Note}"))}{(left.Length > NamesShown ? $", and {left.Length - NamesShown} more" : string.Empty)}).";
        }

        yield return "The weights are taken as exact, as those of networks are, and layers as independent of one another; they learned from the same examples, so that the interval is a little too narrow.";
        foreach (string sentence in DataConditions(result))
        {
            yield return sentence;
        }
    }

    // What all weights together would say, and why it may be something else.
    private static string Together(InferenceResult result, LayerAnalysis layers)
    {
        ExponentEstimate all = result.Exponent;
        string said = $"All weights together {(result.ClosestOfAll == layers.Closest ? string.Empty : "say something else: they ")}have an exponent of {Number(all.Estimate)} (95 % robust interval {Text(all.RobustInterval)}), and {result.ClosestOfAll} is closest to them";
        bool apart = result.ClosestOfAll != layers.Closest || !all.RobustInterval.Contains(layers.Median.Value);
        string ratio = layers.SpreadRatio >= 10 ? Math.Round(layers.SpreadRatio).ToString("N0", CultureInfo.InvariantCulture) : Number(layers.SpreadRatio);
        return apart && layers.SpreadRatio > RatioWorthSaying
            ? $"{said}. Layers change on different scales (under {layers.Closest} the spread of their dual changes differs by a factor of {ratio} between the lowest and the highest tenth of them), and together they are a mixture, which looks like another geometry."
            : $"{said}.";
    }

    private static string Name(InferenceResult result, LayerCandidate candidate) => Describe(result.Candidates.First(c => c.Geometry == candidate.Geometry).Potential);

    private static string Precise(double value) =>
        double.IsInfinity(value) ? Number(value) : value.ToString("0.###", CultureInfo.InvariantCulture);
}
