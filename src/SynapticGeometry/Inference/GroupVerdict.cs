using System.Globalization;
using static SynapticGeometry.VerdictWriter;

namespace SynapticGeometry;

/// <summary>What the groups add to the verdict: whether they differ, which were left out, and what predicts a group that was not seen.</summary>
internal static class GroupVerdict
{
    /// <summary>The sentences; none without groups.</summary>
    public static IEnumerable<string> Conditions(InferenceResult result)
    {
        if (result.Meta is not { } meta)
        {
            yield break;
        }

        if (meta.RandomEffects is { IsHeterogeneous: true } effects)
        {
            yield return $"The exponent differs between groups by more than chance: its standard deviation between groups is {Number(effects.Heterogeneity)} (95 % interval {Text(effects.HeterogeneityInterval)}; "
                + $"Cochran's Q p {P(effects.CochranQP)}). The pooled exponent is then not the answer for one group: the mean over groups is {Number(effects.Mean)} ({Text(effects.Interval)})"
                + (effects.PredictionInterval is { } next ? $", and that of a new group is expected between {Number(next.Low)} and {Number(next.High)}." : ".");
        }

        if (meta.OneStage is { HeterogeneityInterval.Low: > 0 } one)
        {
            yield return $"Fitted in one stage, {one.Groups} groups have a mean exponent of {Number(one.Mean)} ({Text(one.Interval)}) and differ with a standard deviation of {Number(one.Heterogeneity)} "
                + $"(95 % interval {Text(one.HeterogeneityInterval)}): the pooled exponent is not the answer for one group.";
        }

        if (meta.Note.Length > 0)
        {
            yield return meta.Note;
        }

        if (result.CrossValidation is { Units: "groups", Models: [var best, var second, ..] } validation && double.IsFinite(second.LogPredictiveDensity))
        {
            string gap = Math.Abs(second.DifferenceToBest).ToString("G3", CultureInfo.InvariantCulture), error = second.DifferenceStandardError.ToString("G2", CultureInfo.InvariantCulture);
            yield return $"Groups that a model was not fitted to are predicted best by {Name(best)}; next is {Name(second)}, its log predictive density lower by {gap} "
                + $"(standard error over {validation.UnitCount} groups {error}).";
        }
    }

    private static string Name(CrossValidatedModel model) => model.IsCandidate ? model.Name : model.Name switch
    {
        ChangeModels.Power => "the free exponent",
        ChangeModels.Hyperbolic => "hyperbolic entropy",
        _ => "additive plus multiplicative noise",
    };
}
