using System.Globalization;

namespace SynapticGeometry;

/// <summary>Turns the numbers into sentences: which geometry, how sure, and on what the answer depends.</summary>
internal static class VerdictWriter
{
    internal const double Level = 0.05;

    // Normal quantiles for 5 % two-sided level and 90 % power.
    private const double PowerSum = 1.959963984540054 + 1.281551565544600;

    // Above this ratio of robust and model standard errors the residuals are clearly not normal or not independent.
    private const double RatioWorthSaying = 1.3;
    private const int FewGroups = 10;

    /// <summary>The verdict on a result.</summary>
    public static Verdict Write(InferenceResult result)
    {
        if (result.Layers is { } layers)
        {
            return LayerVerdict.Write(result, layers);
        }

        ExponentEstimate exponent = result.Exponent;
        CandidateResult closest = result.Candidates.First(c => c.Geometry == result.Closest);
        List<CandidateResult> open = [.. result.Candidates.Where(c => c == closest || StillPossible(c, closest, result))];
        bool fits = closest.LikelihoodRatioP is not { } p || p >= Level;
        bool distinguishable = open.Count == 1 && result.Candidates.Count > 1;
        string estimate = $"exponent {Number(exponent.Estimate)}, 95 % robust interval {Text(exponent.RobustInterval)}";
        string n = Count(result.Synapses.Used, "synapse");
        string family = $"In the family y = sign(w) |w|^λ / λ the changes of {n} have {estimate}.";

        long? needed = null;
        string headline;
        if (result.Candidates.Count == 1)
        {
            headline = fits
                ? $"The changes agree with the one candidate asked for, {Describe(closest.Potential)}."
                : $"The changes do not agree with the one candidate asked for, {Describe(closest.Potential)}.";
        }
        else if (distinguishable && fits)
        {
            headline = $"The changes are those of {Describe(closest.Potential)}; every other candidate is rejected.";
        }
        else if (distinguishable)
        {
            headline = $"No candidate fits; {Describe(closest.Potential)} is closest.";
        }
        else if (!fits)
        {
            string others = string.Join(" and ", open.Where(c => c != closest).Select(c => Describe(c.Potential)));
            headline = $"No candidate fits; {Describe(closest.Potential)} and {others} come closest and are about equally likely.";
        }
        else
        {
            needed = SynapsesNeeded(closest, open, result);
            string others = string.Join(" and ", open.Where(c => c != closest).Select(c => Describe(c.Potential)));
            headline = $"Not distinguishable with these data: {Describe(closest.Potential)} is closest, but {others} cannot be rejected.";
            if (needed is { } more)
            {
                family += $" About {more.ToString("N0", CultureInfo.InvariantCulture)} synapses like these would be needed to tell the closest two apart.";
            }
        }

        if (result.Measurement is { Determinable: false } measurement)
        {
            distinguishable &= measurement.Source == ErrorSource.Unknown;
            headline = measurement.Source == ErrorSource.Unknown
                ? $"No single answer: {measurement.WhyNot}. If there is none: {Lower(headline)}"
                : $"Not determinable with these data: {measurement.WhyNot}.";
            if (measurement.Source != ErrorSource.Unknown)
            {
                family = $"No exponent can be given for the changes of {n}; the numbers below are where the likelihood happens to be highest.";
                needed = null;
            }
        }

        return new Verdict(headline, family, distinguishable, [.. MeasurementConditions(result), .. Conditions(result, closest)], needed);
    }

    /// <summary>A candidate's name with what the field calls it.</summary>
    public static string Describe(Potential potential) => potential.Exponent switch
    {
        0 => "negative entropy (multiplicative changes, exponentiated gradient)",
        1 => "the 2-norm (Euclidean, additive changes)",
        -1 => "Burg entropy",
        _ => potential is PNorm ? $"the {potential.Name}" : potential.Name,
    };

    private static bool StillPossible(CandidateResult candidate, CandidateResult closest, InferenceResult result)
    {
        if (double.IsNegativeInfinity(candidate.LogLikelihood))
        {
            return false;
        }

        // Rejected is only what is worse than the closest candidate itself and, inside the family, worse than the free exponent: with few
        // synapses a candidate may fail the second test while the closest one does hardly better.
        double inflation = ExponentScores.Inflation(result.Exponent.RobustStandardError, result.Exponent.StandardError);
        bool nearlyAsLikely = (closest.LogLikelihood - candidate.LogLikelihood) / inflation < ExponentProfile.LikelihoodDrop;
        return nearlyAsLikely || candidate.LikelihoodRatioP >= Level;
    }

    private static long? SynapsesNeeded(CandidateResult closest, List<CandidateResult> open, InferenceResult result)
    {
        double[] gaps = [.. open.Where(c => c != closest && c.Exponent is not null && closest.Exponent is not null)
            .Select(c => Math.Abs(c.Exponent!.Value - closest.Exponent!.Value)).Where(g => g > 0)];
        if (gaps.Length == 0 || !double.IsFinite(result.Exponent.RobustStandardError))
        {
            return null;
        }

        // The standard error falls as 1/√n: scale today's robust one to the size that resolves the gap.
        double ratio = PowerSum * result.Exponent.RobustStandardError / gaps.Min();
        double needed = result.Synapses.Used * ratio * ratio;

        // Two significant figures: it is a forecast from the data at hand.
        double unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(needed)) - 1));
        long rounded = (long)(Math.Ceiling(needed / unit) * unit);
        return rounded > result.Synapses.Used ? rounded : null;
    }

    // Names at the start of a sentence keep their capitals; there are none among the headlines.
    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];

    private static IEnumerable<string> MeasurementConditions(InferenceResult result)
    {
        if (result.Measurement is not { } measurement)
        {
            yield return "Measurement error is not part of this analysis. If the weights were measured rather than read from a model, error pulls the exponent "
                + $"towards 0 (multiplicative), the more so the larger it is against the typical change of {Percent(result.TypicalChange)}: "
                + "compare with control pairs, between which nothing was learned.";
            yield break;
        }

        if (measurement.Source == ErrorSource.Unknown)
        {
            string curve = string.Join(", ", measurement.Curve.Where(p => p.Error > 0).Select(p => $"{Number(p.Estimate)} at {Percent(p.Error)}"));
            yield return "The sizes may have been measured with error, which pulls the exponent towards 0. "
                + (curve.Length == 0 ? string.Empty : $"With a relative error of one measurement it would be {curve}; at {Percent(measurement.LargestError)} all change would be error. ")
                + "Measure the error (the same synapses twice with nothing learned between) and give it, or say that there is none.";
        }
        else if (measurement.Source != ErrorSource.None)
        {
            string source = measurement.Source == ErrorSource.Given ? "as given"
                : measurement.Source == ErrorSource.Sessions ? $"estimated from {measurement.Design.Epochs} sessions as what the next session undoes; a fluctuation that reverts in between counts as error"
                : $"estimated together with the geometry, {Count(measurement.Controls!.Synapses, "synapse")} measured more than once";
            string additive = measurement.Error.Absolute > 0 ? $" and {Number(measurement.Error.Absolute)} in the unit of the sizes" : string.Empty;
            yield return $"The error of one measurement is {Percent(measurement.Error.Relative)}{additive} ({source}); {Percent(measurement.Reliability ?? 1)} of the variance of log changes is plasticity. "
                + $"The {MethodName(measurement.Method)} likelihood is used: {measurement.Reason}. With the error ignored the exponent would be {Number(measurement.Ignoring.Estimate)}.";
            if (measurement.Controls is { Kurtosis: > 5 } heavy)
            {
                yield return $"The repeated measurements have heavy tails (kurtosis {Number(heavy.Kurtosis)}, 3 for a normal error): a few measurements are much worse than the rest, and the error model is only roughly right.";
            }
        }
        else
        {
            yield return "The sizes are taken as exact.";
        }

        if (measurement.Vanished == VanishedSynapses.Recorded)
        {
            yield return $"{Count(measurement.VanishedUsed, "synapse")} fell below the detection limit of {Number(measurement.DetectionLimit ?? 0)} and count as such.";
        }
        else if (measurement.Vanished == VanishedSynapses.NotRecorded)
        {
            yield return $"Likelihoods are those of sizes given that they are above the detection limit of {Number(measurement.DetectionLimit ?? 0)}.";
        }

        if (measurement.Controls?.MedianRatio is { } ratio && ratio is > 3 or < 1 / 3.0)
        {
            yield return $"The controls are {Number(ratio)} times as large as the synapses: are they in the same unit?";
        }

        double[] moved = [.. measurement.Sensitivity.Where(r => r.Kind != "drift" && r.Estimate is not null).Select(r => r.Estimate!.Value)];
        if (moved.Length > 0)
        {
            yield return $"Under the other assumptions tried the exponent lies between {Number(moved.Min())} and {Number(moved.Max())}.";
        }
    }

    private static string MethodName(MeasurementMethod method) => method switch
    {
        MeasurementMethod.SmallChange => "small-change",
        MeasurementMethod.LatentSize => "latent-size",
        _ => "exact",
    };

    private static IEnumerable<string> Conditions(InferenceResult result, CandidateResult closest)
    {
        ExponentEstimate exponent = result.Exponent;
        long used = result.Synapses.Used;
        if (!double.IsFinite(exponent.StandardError))
        {
            yield return $"The likelihood has its maximum at the end of the range searched, {Number(exponent.Estimate)}: the exponent is bounded on one side only.";
        }

        if (result.Models.Count > 0 && result.Models[0].Name != ChangeModels.Power)
        {
            ModelFit best = result.Models[0], power = result.Models.First(m => m.Name == ChangeModels.Power);
            VuongTest test = result.Vuong.First(v => v.Second == best.Name);
            string name = Rival(best);
            yield return test.P < Level
                ? $"A rival describes the changes better than any single exponent: {name} (AICc lower by {Number(power.Aicc - best.Aicc)}, Vuong p {P(test.P)}). The exponent then summarises the changes; it is not their geometry."
                : $"The power family cannot be told from a rival, {name} (AICc lower by {Number(power.Aicc - best.Aicc)}, Vuong p {P(test.P)}); an exponent between 0 and 1 may stand for either.";
        }
        else if (result.Vuong.Where(v => v.P >= Level).Select(v => v.Second).ToArray() is { Length: > 0 } undecided)
        {
            string rivals = string.Join(" or ", undecided.Select(name => Rival(result.Models.First(m => m.Name == name))));
            yield return $"The power family fits best, but the data cannot exclude {rivals} (Vuong test).";
        }

        if (closest.AndersonDarling.P < Level)
        {
            double expected = 0.83 / Math.Sqrt(used);
            yield return $"Under {closest.Geometry} the dual changes are not quite normal (Anderson-Darling p {P(closest.AndersonDarling.P)}; 1-Wasserstein distance "
                + $"{Number(closest.ResidualWasserstein1.Statistic)} against {Number(expected)} expected), so that the robust interval is the one to quote.";
        }

        double ratio = exponent.RobustStandardError / exponent.StandardError;
        if (ratio > RatioWorthSaying && double.IsFinite(ratio))
        {
            yield return $"The robust standard error is {Number(ratio)} times the model's: heavy tails, or {exponent.IndependentUnits} that are not independent.";
        }

        if (exponent.IndependentUnits == "groups" && result.Groups.Count < FewGroups)
        {
            yield return $"There are only {Count(result.Groups.Count, "group")}: an interval over groups is itself uncertain below about {FewGroups}.";
        }

        foreach (string sentence in GroupVerdict.Conditions(result))
        {
            yield return sentence;
        }

        double combined = Math.Sqrt(Math.Pow(exponent.RobustStandardError, 2) + Math.Pow(exponent.SlopeStandardError, 2));
        if (Math.Abs(exponent.Estimate - exponent.SlopeEstimate) > 2 * combined)
        {
            yield return $"The slope of log change on log size gives {Number(exponent.SlopeEstimate)}, more than two standard errors from the likelihood's {Number(exponent.Estimate)}: "
                + "the changes are skewed, or their spread is not a power of size.";
        }

        if (result.Drift is { P: < Level } drift)
        {
            yield return $"The mean change depends on size ({Signed(drift.Small)} for small synapses, {Signed(drift.Typical)} for typical and {Signed(drift.Large)} for large ones; p {P(drift.P)}) and is fitted; "
                + $"without it the exponent would be {Number(exponent.EstimateWithoutDrift)}.";
        }

        if (result.Flatness.SpreadP < Level)
        {
            yield return $"The spread of the dual changes still depends on size at the fitted exponent (p {P(result.Flatness.SpreadP)}): no single exponent makes it flat.";
        }

        foreach (string sentence in DataConditions(result))
        {
            yield return sentence;
        }
    }

    /// <summary>What holds of the data however they were judged.</summary>
    internal static IEnumerable<string> DataConditions(InferenceResult result)
    {
        if (result.Layers is { } layers && result.Synapses.SignFlips > 0)
        {
            yield return $"{Count(result.Synapses.SignFlips, "weight")} changed sign, in {layers.LayersWithSignFlips} of {layers.Median.Groups} layers, which is impossible under an exponent of 0 or less: in these layers negative entropy is excluded.";
        }
        else if (result.Synapses.SignFlips > 0)
        {
            yield return $"{Count(result.Synapses.SignFlips, "weight")} changed sign, which is impossible under an exponent of 0 or less: this alone excludes negative entropy. If sizes cannot be negative, leave such pairs out as not positive.";
        }

        long vanished = result.Synapses.Excluded.GetValueOrDefault("vanished"), appeared = result.Synapses.Excluded.GetValueOrDefault("appeared");
        if (vanished + appeared > 0 && result.Measurement?.VanishedUsed is null or 0)
        {
            yield return $"{Count(vanished, "synapse")} vanished and {appeared.ToString("N0", CultureInfo.InvariantCulture)} appeared; they are left out. Leaving out the vanished ones lowers the exponent by up to about 0.1 when changes are large.";
        }

        if (result.Synapses.Unchanged > 0.01 * result.Synapses.Used)
        {
            yield return $"{Count(result.Synapses.Unchanged, "weight")} did not change at all; a mixture of changing and unchanging synapses is not normal under any geometry.";
        }

        yield return "The exponent belongs to the quantity measured: if a weight is a power of it, w = size^q, the exponent of the weight is that of the size divided by q; only an exponent of 0 carries over. "
            + "A learning signal that itself grows with the weight looks like another geometry.";
    }

    private static string Rival(ModelFit model) => model.Name == ChangeModels.Hyperbolic
        ? $"hyperbolic entropy with beta {Number(model.Value)}"
        : $"additive plus multiplicative noise with a multiplicative share of {Percent(model.Value)}";

    internal static string Count(long n, string noun) => $"{n.ToString("N0", CultureInfo.InvariantCulture)} {noun}{(n == 1 ? string.Empty : "s")}";

    internal static string P(double p) => p < 0.001 ? "< 0.001" : $"= {p.ToString("0.###", CultureInfo.InvariantCulture)}";

    private static string Percent(double share) => $"{(100 * share).ToString("G3", CultureInfo.InvariantCulture)} %";

    private static string Signed(double share) => $"{(100 * share).ToString("+0.#;-0.#;0", CultureInfo.InvariantCulture)} %";

    internal static string Text(Interval interval) => $"{Number(interval.Low)} to {Number(interval.High)}";

    // Two decimals; more where the value is too small for them.
    internal static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "open above"
        : double.IsNegativeInfinity(value) ? "open below"
        : Math.Abs(value) is >= 0.1 or 0 ? value.ToString("0.##", CultureInfo.InvariantCulture)
        : value.ToString("G2", CultureInfo.InvariantCulture);
}
