namespace SynapticGeometry;

/// <summary>The two curves that a report draws: the profile likelihood, and Delta-CDF against the exponent.</summary>
internal static class InferenceCurves
{
    // Delta-CDF is drawn from at most this many pairs.
    private const int MaximumCount = 200_000;
    private const double Lowest = -1, Highest = 3, Step = 0.1;

    // Of a large set the profile is a parabola, which few points draw; each costs a pass over all pairs.
    private const int ProfilePoints = 161;
    private const int LargeProfilePoints = 13;

    /// <summary>L(λ) − L(λ̂) around the estimate, wide enough for its intervals and the candidates next to it.</summary>
    public static (double, double)[] Profile(int count, ExponentProfile profile, Interval interval, IReadOnlyList<CandidateResult> candidates)
    {
        double se = double.IsFinite(profile.StandardError) ? profile.StandardError : profile.ExpectedStandardError;
        double low = Math.Min(double.IsFinite(interval.Low) ? interval.Low : profile.Low, profile.Estimate - (4 * se));
        double high = Math.Max(double.IsFinite(interval.High) ? interval.High : ExponentProfile.Highest, profile.Estimate + (4 * se));
        foreach (double lambda in candidates.Select(c => c.Exponent).OfType<double>())
        {
            if (Math.Abs(lambda - profile.Estimate) <= 0.75)
            {
                (low, high) = (Math.Min(low, lambda - (0.5 * se)), Math.Max(high, lambda + (0.5 * se)));
            }
        }

        (low, high) = (Math.Max(profile.Low, low), Math.Min(ExponentProfile.Highest, high));
        int points = count <= MaximumCount ? ProfilePoints : LargeProfilePoints;
        var curve = new (double, double)[points];
        for (int i = 0; i < points; i++)
        {
            double lambda = low + ((high - low) * i / (points - 1));
            curve[i] = (lambda, profile.LogLikelihood(lambda) - profile.Maximum);
        }

        return curve;
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

            Span<double> buffer = new double[5 * ChangeBlock.MaximumLength];
            for (int start = 0; start < change.Length; start += ChangeBlock.MaximumLength)
            {
                ChangeBlock block = ChangeBlock.In(buffer, Math.Min(ChangeBlock.MaximumLength, change.Length - start));
                scale.Evaluate(pairs, start, block);
                block.Change.CopyTo(change.AsSpan(start));
            }

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
