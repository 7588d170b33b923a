namespace SynapticGeometry;

/// <summary>The two curves that a report draws: the profile likelihood, and Delta-CDF against the exponent.</summary>
internal static class InferenceCurves
{
    // Delta-CDF is drawn from at most this many pairs.
    private const int MaximumCount = 50_000;
    private const int MaximumOfLayers = 200_000;
    private const int FewestOfLayer = 2000;
    private const double Lowest = -1, Step = 0.1;
    private const int Steps = 40;

    // Around the estimate, and over the range of the candidates. Of a large set each point costs a pass over all pairs: there the
    // points that the search itself has tried have to do.
    private const int PeakPoints = 81, WidePoints = 81;

    private static readonly double[] Exponents = [.. Enumerable.Range(0, Steps + 1).Select(i => Math.Round(Lowest + (i * Step), 10))];

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
        return [.. Exponents.Select(lambda => (lambda, At: DeltaCdf(pairs, lambda, change))).Where(p => p.At is not null).Select(p => (p.lambda, p.At!.Value.Published, p.At.Value.Centred))];
    }

    /// <summary>The same of each layer by itself: means over layers, weighted by their numbers of weights.</summary>
    /// <param name="pairs">The weights.</param>
    /// <param name="layers">The indices of each layer's weights.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellation">Stops between layers.</param>
    public static List<(double, double, double)> DeltaCdfOfLayers(PairedWeights pairs, int[][] layers, int threads, CancellationToken cancellation)
    {
        double weights = layers.Sum(l => (double)l.Length);
        var values = new (double Published, double Centred)?[layers.Length][];
        Parallel.For(0, layers.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, k =>
        {
            // Thinned in proportion, but not so far that the sampling error of a layer's statistic shows.
            PairedWeights layer = pairs.Select(layers[k]).Ungrouped().Thin(Math.Max(FewestOfLayer, (int)(MaximumOfLayers * (layers[k].Length / weights))));
            var change = new double[layer.Count];
            values[k] = [.. Exponents.Select(lambda => DeltaCdf(layer, lambda, change))];
        });
        return [.. Exponents.Select((lambda, i) => (lambda, Mean(i, v => v.Published), Mean(i, v => v.Centred))).Where(p => double.IsFinite(p.Item2))];

        // Not a number where one layer has none: means over different layers do not compare.
        double Mean(int i, Func<(double Published, double Centred), double> value) => layers.Select((l, k) => l.Length / weights * (values[k][i] is { } v ? value(v) : double.NaN)).Sum();
    }

    // Null where weights that changed their sign have no dual change; at 0 they have one as published.
    private static (double Published, double Centred)? DeltaCdf(PairedWeights pairs, double lambda, double[] change)
    {
        var scale = new PowerScale(lambda);
        if (lambda == 0)
        {
            DualChange.Fill(pairs, new NegativeEntropy(), 0, change);
        }
        else if (scale.Forbids(pairs))
        {
            return null;
        }
        else
        {
            DualChange.Fill(pairs, scale, 0, change);
        }

        SampleMoments moments = SampleMoments.Of<double>(change);
        (double mean, double sd) = (moments.Mean, moments.StandardDeviation);
        return sd > 0 && double.IsFinite(sd) ? (SynapticGeometry.DeltaCdf.Statistic(change, 0, sd), SynapticGeometry.DeltaCdf.Statistic(change, mean, sd)) : null;
    }
}
