using System.Globalization;

namespace SynapticGeometry;

/// <summary>Puts into words what one time point says and what it cannot.</summary>
internal static class DistributionVerdictWriter
{
    // Skewness of log size beyond which no log-normal distribution is meant by a sentence.
    private const double NearlyLogNormal = 0.5;

    public static DistributionVerdict Write(DistributionResult result) => new(Headline(result), [.. Findings(result)], [.. Limits(result)]);

    private static string Headline(DistributionResult result)
    {
        int all = result.Fits.Count, open = result.Fits.Count(f => f.Standing == FitStanding.Open);
        string closest = Describe(result.Fits.Where(f => open == 0 || f.Standing == FitStanding.Open).MinBy(f => f.DeltaAicc)!);
        string tested = result.Bootstrap == 0 ? " (their goodness of fit was not tested)" : string.Empty;
        return open switch
        {
            0 => $"None of the {all} combinations of an initial distribution and a geometry describes the sizes; the closest is {closest}.",
            1 => $"Of the {all} combinations of an initial distribution and a geometry only one stays open{tested}: {closest}. That the sizes agree with it does not show that they came about in this way.",
            _ => $"{open} of the {all} combinations of an initial distribution and a geometry describe the sizes about equally well{tested}: one time point cannot say which of them produced the sizes. Among them the smallest AICc has {closest}.",
        };
    }

    private static IEnumerable<string> Findings(DistributionResult result)
    {
        foreach (IGrouping<string, DistributionFit> initial in result.Fits.GroupBy(f => f.Initial))
        {
            string[] Names(FitStanding standing) => [.. initial.Where(f => f.Standing == standing).Select(f => f.Geometry)];
            string[] open = Names(FitStanding.Open), worse = Names(FitStanding.Worse), misfit = Names(FitStanding.Misfit);
            var parts = new List<string>();
            if (open.Length > 0)
            {
                parts.Add($"possible under {List(open)}");
            }

            if (worse.Length > 0)
            {
                parts.Add($"clearly less likely than the closest under {List(worse)}");
            }

            if (misfit.Length > 0)
            {
                parts.Add($"rejected under {List(misfit)} (Anderson-Darling p < 0.05)");
            }

            yield return $"From {Start(initial.Key)}: {string.Join("; ", parts)}.";
        }

        if (result.Fits.FirstOrDefault(f => f.Initial == "one-constant" && f.Fit.Model.Potential.Exponent == 1) is { Standing: not FitStanding.Open }
            && result.References[0].LogLikelihood > result.References[1].LogLikelihood && Math.Abs(result.LogSkewness) < NearlyLogNormal)
        {
            yield return "Additive (Euclidean) changes of one constant give a normal distribution: it has no tail of large synapses like the one seen here.";
        }

        foreach (IGrouping<string?, DistributionFit> same in result.Fits.Where(f => f.SameAs is not null).GroupBy(f => f.SameAs))
        {
            DistributionFit simplest = result.Fits.First(f => f.Name == same.Key);
            yield return $"These fits are one and the same distribution of sizes; no number of synapses seen once tells them apart: {List([Describe(simplest), .. same.Select(Describe)])}.";
        }

        if (result.Fits.Where(f => f.Note.StartsWith("No change is needed", StringComparison.Ordinal) && f.SameAs is null).ToArray() is { Length: > 0 } still)
        {
            yield return $"Without any change the sizes would already be as they are, if they had started as in {List([.. still.Select(Describe)])}.";
        }
    }

    private static IEnumerable<string> Limits(DistributionResult result)
    {
        yield return "Seen once, an initial distribution and a change under a geometry are one distribution of sizes: log-normal sizes may have started log-normal and never changed, "
            + "under any geometry, or have started equal and changed multiplicatively. Only the same synapses seen at two times tell the geometry.";
        yield return "A fit that is not rejected has not been shown. With few synapses most combinations stay open, with very many all are rejected, by departures too small to matter: look at the Wasserstein distance too.";
        yield return "Measurement error is part of what is called change here. Synapses of several cell types or preparations pooled are a mixture of distributions, which may look like any of the others.";
        SizeCounts counts = result.Sample.Counts;
        long below = counts.Excluded.GetValueOrDefault("below_limit");
        yield return result.Sample.Limit > 0
            ? $"{below.ToString("N0", CultureInfo.InvariantCulture)} sizes below the detection limit {result.Sample.Limit.ToString("G4", CultureInfo.InvariantCulture)} are left out, and every fit is one of the sizes above it; the log-normal and normal references ignore the limit."
            : "Synapses that shrank to nothing are not among the sizes, and the fits know that. If small synapses were overlooked as well, the lower tail is too thin and the fits are wrong: give a detection limit.";
        if (below > counts.Used)
        {
            yield return "More sizes lie below the detection limit than above it: what is fitted is the upper tail of a distribution that is mostly not seen.";
        }

        if (!result.Options.FitMeanChange)
        {
            yield return "For starts that are normal or log-normal the mean change of the dual weights is taken to be zero.";
        }

        double[] sizes = [.. result.Sample.LogSizes];
        int ties = sizes.Length - sizes.Distinct().Count();
        if (ties > 0.2 * sizes.Length)
        {
            yield return $"{ties.ToString("N0", CultureInfo.InvariantCulture)} sizes repeat another one: they were rounded, and the goodness of fit takes rounding for misfit.";
        }
    }

    private static string Describe(DistributionFit fit) => $"{Start(fit.Initial)} under {fit.Geometry}";

    private static string Start(string initial) => initial switch
    {
        "one-constant" => "one constant",
        "two-constants" => "two constants",
        _ => $"a {initial} start",
    };

    private static string List(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
