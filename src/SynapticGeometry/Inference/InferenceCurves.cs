namespace SynapticGeometry;

/// <summary>The two curves that a report draws: the profile likelihood, and Delta-CDF against the exponent.</summary>
internal static class InferenceCurves
{
    // Delta-CDF is drawn from at most this many pairs.
    private const int MaximumCount = 50_000;
    private const double Lowest = -1, Highest = 3, Step = 0.1;

    // Around the estimate, and over the range of the candidates. Of a large set each point costs a pass over all pairs: there the
    // points that the search itself has tried have to do.
    private const int PeakPoints = 81, WidePoints = 81;

    /// <summary>L(λ) − L(λ̂), dense around the estimate and out to the candidates.</summary>
    public static (double, double)[] Profile(int count, ExponentProfile profile, Interval interval, IReadOnlyList<CandidateResult> candidates)
    {
        double se = double.IsFinite(profile.StandardError) ? profile.StandardError : profile.ExpectedStandardError;
        double low = Math.Max(profile.Low, Math.Min(double.IsFinite(interval.Low) ? interval.Low : profile.Low, profile.Estimate - (4 * se)));
        double high = Math.Min(ExponentProfile.Highest, Math.Max(double.IsFinite(interval.High) ? interval.High : ExponentProfile.Highest, profile.Estimate + (4 * se)));
        var known = new SortedDictionary<double, double>();
        foreach (CandidateResult candidate in candidates)
        {
            if (candidate.Exponent is { } lambda && double.IsFinite(candidate.LogLikelihood))
            {
                known[lambda] = candidate.LogLikelihood;
            }
        }

        if (count > MaximumCount)
        {
            foreach ((double lambda, double value) in profile.Evaluated)
            {
                known[lambda] = value;
            }

            return [.. known.Select(k => (k.Key, k.Value - profile.Maximum))];
        }

        Add(low, high, PeakPoints);
        if (known.Count > 0)
        {
            Add(Math.Max(profile.Low, known.Keys.First() - 0.25), Math.Min(ExponentProfile.Highest, known.Keys.Last() + 0.25), WidePoints);
        }

        return [.. known.Select(k => (k.Key, k.Value - profile.Maximum))];

        void Add(double from, double to, int points)
        {
            for (int i = 0; i < points; i++)
            {
                double lambda = from + ((to - from) * i / (points - 1));
                known[lambda] = profile.LogLikelihood(lambda);
            }
        }
    }

    /// <summary>Delta-CDF, published and centred, against the exponent.</summary>
    public static List<(double, double, double)> DeltaCdf(PairedWeights all)
    {
        PairedWeights pairs = all.Thin(MaximumCount);
        var change = new double[pairs.Count];
        var curve = new List<(double, double, double)>();
        int steps = (int)Math.Round((Highest - Lowest) / Step);
        for (int i = 0; i <= steps; i++)
        {
            double lambda = Math.Round(Lowest + (i * Step), 10);
            var scale = new PowerScale(lambda);
            if (scale.Forbids(pairs))
            {
                continue;
            }

            DualChange.Fill(pairs, scale, 0, change);
            SampleMoments moments = SampleMoments.Of<double>(change);
            (double mean, double sd) = (moments.Mean, moments.StandardDeviation);
            if (sd > 0 && double.IsFinite(sd))
            {
                curve.Add((lambda, SynapticGeometry.DeltaCdf.Statistic(change, 0, sd), SynapticGeometry.DeltaCdf.Statistic(change, mean, sd)));
            }
        }

        return curve;
    }
}
