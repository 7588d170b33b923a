using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>What each candidate geometry makes of the changes: how normal they look in its dual space, and how likely they are.</summary>
internal static class CandidateScoring
{
    // Two exact ways to the same distance. Of a large set that is far from normal, distribution functions cross so seldom that counting
    // does almost without sorting; near the normal it would have to gather most values, and one sort is quicker and needs no more room.
    private const int LargeCount = 1_000_000;
    private const double ClearMisfit = 20;

    /// <summary>Scores every candidate.</summary>
    public static IReadOnlyList<CandidateResult> Score(
        PairedWeights pairs, InferenceOptions options, ExponentProfile profile, ExponentScores.Summary scores, Action<double> report)
    {
        int n = pairs.Count;
        var buffer = new double[n];
        var scratch = new double[n];
        NormalityNull reference = new(n, options.GoodnessOfFitReplicates, options.Seed, options.Threads);
        double inflation = ExponentScores.Inflation(scores.RobustStandardError, profile.StandardError);
        var results = new List<CandidateResult>(options.Candidates.Count);
        foreach (Potential potential in options.Candidates)
        {
            ScaleFit? fit = ScaleFit.Run(DualChange.ScaleOf(potential, pairs), pairs, options.Drift, options.Threads, buffer);
            if (fit is null)
            {
                Chunks.For(n, options.Threads, (_, start, length) => DualChange.Fill(pairs, potential, start, buffer.AsSpan(start, length)));
            }

            SampleMoments moments = SampleMoments.Of<double>(buffer);
            (double mean, double sd) = (moments.Mean, moments.StandardDeviation);
            if (!(sd > 0) || !double.IsFinite(sd))
            {
                throw new UninformativeDataException($"The dual changes under {potential.Name} have standard deviation {sd:G3}: nothing to compare with a normal distribution.");
            }

            double grid = 0, gridCentred = 0;
            Histogram histogram = null!;
            Parallel.Invoke(
                new ParallelOptions { MaxDegreeOfParallelism = options.Threads },
                () => grid = DeltaCdf.Statistic(buffer, 0, sd),
                () => gridCentred = DeltaCdf.Statistic(buffer, mean, sd),
                () => histogram = HistogramOf(buffer, sd));
            double magnitude = DualChange.Magnitude(pairs, potential, buffer, options.Threads);
            double exact = 0, exactCentred = 0;
            if (n >= LargeCount && gridCentred > ClearMisfit / Math.Sqrt(n) && grid > ClearMisfit / Math.Sqrt(n))
            {
                Parallel.Invoke(
                    new ParallelOptions { MaxDegreeOfParallelism = options.Threads },
                    () => exact = Wasserstein.ToNormal(buffer, 0, sd),
                    () => exactCentred = Wasserstein.ToNormal(buffer, mean, sd));
            }
            else
            {
                // Centring does not change the order: one sort serves both distances.
                BucketSort.Sort(buffer, scratch, options.Threads);
                exact = DistanceOfSorted(buffer, 0, sd, scratch, options.Threads);
                exactCentred = DistanceOfSorted(buffer, mean, sd, scratch, options.Threads);
            }

            if (fit is not null)
            {
                double inverse = 1 / Math.Sqrt(fit.Variance);
                Chunks.For(n, options.Threads, (_, start, length) =>
                {
                    Span<double> part = buffer.AsSpan(start, length);
                    fit.Residuals(start, part);
                    TensorPrimitives.Multiply(part, inverse, part);
                });
            }
            else
            {
                Chunks.For(n, options.Threads, (_, start, length) =>
                {
                    Span<double> part = buffer.AsSpan(start, length);
                    TensorPrimitives.Subtract(part, mean, part);
                    TensorPrimitives.Divide(part, sd, part);
                });
            }

            NormalityStatistics statistics = NormalityTest.Statistics(buffer, scratch, options.Threads);
            double logLikelihood = fit?.LogLikelihood ?? double.NegativeInfinity;
            double? ratio = potential.Exponent is null ? null : 2 * (profile.Maximum - logLikelihood);
            results.Add(new CandidateResult
            {
                Potential = potential,
                DeltaCdf = grid,
                DeltaCdfCentred = gridCentred,
                Wasserstein1 = exact,
                Wasserstein1Centred = exactCentred,
                ResidualWasserstein1 = new GoodnessOfFit(statistics.Wasserstein1, reference.Wasserstein1P(statistics.Wasserstein1)),
                AndersonDarling = new GoodnessOfFit(statistics.AndersonDarling, reference.AndersonDarlingP(statistics.AndersonDarling)),
                CramerVonMises = new GoodnessOfFit(statistics.CramerVonMises, reference.CramerVonMisesP(statistics.CramerVonMises)),
                LogLikelihood = logLikelihood,
                AkaikeWeight = 0,
                ChangeMagnitude = magnitude,
                LikelihoodRatio = ratio,
                LikelihoodRatioP = ratio is { } lr ? ChiSquared.P(Math.Max(0, lr) / inflation, 1) : null,
                DualChanges = histogram,
            });
            report(results.Count / (double)options.Candidates.Count);
        }

        if (results.All(c => double.IsNegativeInfinity(c.LogLikelihood)))
        {
            throw new UninformativeDataException(
                $"{pairs.Counts.SignFlips} weights change their sign, which none of the candidates ({string.Join(", ", results.Select(c => c.Geometry))}) allows; add a p-norm with p > 1, or exclude sign flips.");
        }

        double[] weights = ChangeModels.AkaikeWeights([.. results.Select(c => c.LogLikelihood)]);
        return [.. results.Select((c, i) => c with { AkaikeWeight = weights[i] })];
    }

    private static double DistanceOfSorted(double[] sorted, double centre, double scale, double[] scratch, int threads)
    {
        Chunks.For(sorted.Length, threads, (_, start, length) =>
            SampleMoments.Standardize<double>(sorted.AsSpan(start, length), centre, scale, scratch.AsSpan(start, length)));
        return SortedResiduals.Wasserstein1(scratch, threads);
    }

    private static Histogram HistogramOf(ReadOnlySpan<double> values, double scale)
    {
        // Finer than any figure needs, so that bins can be joined: 200 bins of 0.05 on [−5, 5].
        const double low = -5, high = 5;
        const int bins = 200;
        var counts = new long[bins];
        long below = 0, above = 0;
        double factor = bins / (high - low) / scale, offset = -low * bins / (high - low);
        foreach (double v in values)
        {
            double at = (v * factor) + offset;
            if (at < 0)
            {
                below++;
            }
            else if (at >= bins)
            {
                above++;
            }
            else
            {
                counts[(int)at]++;
            }
        }

        return new Histogram(low, high, counts, below, above);
    }
}
