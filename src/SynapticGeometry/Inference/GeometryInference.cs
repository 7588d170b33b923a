using MathNet.Numerics.Statistics;

namespace SynapticGeometry;

/// <summary>
/// Which geometry produced a change of weights? Each candidate geometry maps the weights before and after to dual weights; under the
/// right one the dual changes are normal with a spread that does not depend on size.
/// </summary>
/// <remarks>
/// Source: Pogodin et al. 2024 for the idea and Delta-CDF; the likelihood of the exponent, its intervals and tests are ours and are
/// derived in docs/inference.md.
/// </remarks>
public static class GeometryInference
{
    /// <summary>The exponent λ and its intervals, without candidates, rivals and tests: what a simulation needs many times.</summary>
    /// <param name="pairs">The weights.</param>
    /// <param name="drift">The mean of the dual change.</param>
    /// <returns>λ̂, model standard error, robust standard error and 95 % likelihood interval.</returns>
    /// <exception cref="UninformativeDataException">The changes have no spread.</exception>
    public static (double Estimate, double StandardError, double RobustStandardError, Interval LikelihoodInterval) EstimateExponent(
        PairedWeights pairs, Drift drift = Drift.SizeDependent)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ExponentProfile profile = new ExponentProfile(pairs, drift, 1).Maximise();
        return (profile.Estimate, profile.StandardError, ExponentScores.Compute(pairs, profile, drift, 1).RobustStandardError, profile.LikelihoodInterval());
    }

    /// <summary>Answers the question with what is known about the measurement: its error, detection limit, repeats, sessions and controls.</summary>
    /// <param name="pairs">The weights before and after as measured.</param>
    /// <param name="sizes">The same synapses with everything that was measured of them.</param>
    /// <param name="measurement">What is known about the measurement.</param>
    /// <param name="options">Candidates, drift, replicates, seed, threads.</param>
    /// <param name="progress">Told the name of the stage and the share done.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    /// <exception cref="UninformativeDataException">The changes have no spread, or the error is to be estimated and nothing was measured twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static InferenceResult Infer(
        PairedWeights pairs,
        LongitudinalSizes sizes,
        MeasurementOptions measurement,
        InferenceOptions? options = null,
        IProgress<(string Stage, double Done)>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        ArgumentNullException.ThrowIfNull(measurement);
        options ??= new InferenceOptions();
        bool replaced = measurement.Source is ErrorSource.Given or ErrorSource.Controls;

        // Where the error is known the bootstrap of the analysis that ignores it is not wanted.
        InferenceResult plain = Infer(pairs, replaced ? options with { Bootstrap = 0 } : options, Part(0, 0.3), cancellation);
        return MeasuredInference.Refine(plain with { Options = options }, sizes, measurement, Part(0.3, 1), cancellation);

        Progress? Part(double from, double to) => progress is null ? null : new Progress(progress, from, to);
    }

    /// <summary>Answers the question for one set of pairs.</summary>
    /// <param name="pairs">The weights before and after.</param>
    /// <param name="options">Candidates, drift, replicates, seed, threads.</param>
    /// <param name="progress">Told the name of the stage and the share done.</param>
    /// <param name="cancellation">Stops between stages.</param>
    /// <exception cref="UninformativeDataException">The changes have no spread.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range, or a weight is outside a candidate's domain.</exception>
    public static InferenceResult Infer(
        PairedWeights pairs,
        InferenceOptions? options = null,
        IProgress<(string Stage, double Done)>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        options ??= new InferenceOptions();
        ArgumentOutOfRangeException.ThrowIfZero(options.Candidates.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.GoodnessOfFitReplicates, 19);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Bootstrap ?? 0);

        Report("exponent", 0);
        ExponentProfile profile = new ExponentProfile(pairs, options.Drift, options.Threads).Maximise();
        ExponentScores.Summary scores = ExponentScores.Compute(pairs, profile, options.Drift, options.Threads);
        ExponentProfile? constant = options.Drift == Drift.Constant
            ? null
            : new ExponentProfile(pairs, Drift.Constant, options.Threads).Maximise(curvature: false);
        Interval interval = profile.LikelihoodInterval();

        Report("candidates", 0.2);
        IReadOnlyList<CandidateResult> candidates = CandidateScoring.Score(pairs, options, profile, scores, done => Report("candidates", 0.2 + (0.3 * done)));

        Report("bootstrap", 0.5);
        double[] bootstrap = ExponentBootstrap.Run(pairs, options, profile, scores, done => Report("bootstrap", 0.5 + (0.2 * done)), cancellation);

        Report("rival models and groups", 0.7);
        (IReadOnlyList<ModelFit> models, IReadOnlyList<VuongTest> vuong, int modelCount) = ([], [], 0);
        GroupEstimate[] groups = [];
        (double slope, double slopeSe) = (double.NaN, double.NaN);
        FlatnessTests flatness = null!;
        IReadOnlyList<(double, double, double)> deltaCdfCurve = [];
        ScaleFit atEstimate = profile.Fit(profile.Estimate)!;
        try
        {
            Parallel.Invoke(
                new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation },
                () => (models, vuong, modelCount) = ChangeModels.Compare(pairs, options.Drift, options.Threads, cancellation),
                () => groups = GroupInference.Estimate(pairs, options, cancellation),
                () => (slope, slopeSe) = CrossChecks.Slope(pairs),
                () => flatness = CrossChecks.Flatness(pairs, profile.Estimate, options.Drift),
                () => deltaCdfCurve = InferenceCurves.DeltaCdf(pairs));
        }
        catch (AggregateException problem) when (problem.InnerExceptions.OfType<UninformativeDataException>().FirstOrDefault() is { } inner)
        {
            // A caller should see the reason, not that it was found on another thread.
            throw new UninformativeDataException(inner.Message);
        }

        Report("groups together", 0.8);
        MetaAnalysis? meta = MetaAnalysis.Of(groups, () => OneStageEstimate.Fit(pairs, options.Drift, options.Threads, cancellation));
        LayerAnalysis? layers = LayerAnalysis.Of(pairs, groups, options, cancellation);
        Report("cross-validation", 0.85);
        CrossValidation? validation = CrossValidation.Run(pairs, options, cancellation);

        var exponent = new ExponentEstimate
        {
            Estimate = profile.Estimate,
            StandardError = profile.StandardError,
            RobustStandardError = scores.RobustStandardError,
            LikelihoodInterval = interval,
            RobustInterval = scores.Interval(profile.Estimate),
            BootstrapInterval = bootstrap.Length == 0 ? null : new Interval(SortedArrayStatistics.QuantileCustom(bootstrap, 0.025, QuantileDefinition.R7), SortedArrayStatistics.QuantileCustom(bootstrap, 0.975, QuantileDefinition.R7)),
            BootstrapStandardError = bootstrap.Length == 0 ? null : Deviation(bootstrap),
            BootstrapReplicates = bootstrap.Length,
            IndependentUnits = pairs.GroupOf is null ? "synapses" : "groups",
            SlopeEstimate = slope,
            SlopeStandardError = slopeSe,
            EstimateWithoutDrift = (constant ?? profile).Estimate,
            LogLikelihood = profile.Maximum,
            ResidualKurtosis = scores.Kurtosis,
            ResidualSkewness = scores.Skewness,
        };

        DriftEstimate? drift = constant is null ? null : DriftAt(pairs, profile, constant, atEstimate);
        string closest = candidates.MaxBy(c => c.LogLikelihood)!.Geometry;
        var result = new InferenceResult
        {
            Synapses = pairs.Counts,
            Data = pairs,
            Options = options,
            SizeSpread = pairs.SizeSpread,
            TypicalSize = Math.Exp(pairs.LogGeometricMean),
            TypicalChange = Math.Sqrt(atEstimate.Variance),
            Candidates = candidates,
            Exponent = exponent,
            Drift = drift,
            Flatness = flatness,
            Models = models,
            ModelSynapses = modelCount,
            Vuong = vuong,
            Groups = groups,
            Meta = meta,
            CrossValidation = validation,
            Profile = InferenceCurves.Profile(pairs.Count, profile, interval, candidates),
            DeltaCdfCurve = deltaCdfCurve,
            ClosestOfAll = closest,
            Layers = layers,
            Verdict = new Verdict(string.Empty, string.Empty, false, [], null),
        };
        Report("verdict", 1);
        return result with { Verdict = VerdictWriter.Write(result) };

        void Report(string stage, double done)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report((stage, done));
        }
    }

    private static DriftEstimate DriftAt(PairedWeights pairs, ExponentProfile profile, ExponentProfile constant, ScaleFit fit)
    {
        double ratio = Math.Max(0, 2 * (profile.Maximum - constant.Maximum));
        int df = Math.Max(1, fit.Rank - 1);
        return new DriftEstimate(
            RelativeMean(-pairs.SizeSpread), RelativeMean(0), RelativeMean(pairs.SizeSpread), ratio, df, ChiSquared.P(ratio, df));

        double RelativeMean(double u)
        {
            // A pair of one positive synapse of that size, only to evaluate the columns there.
            var probe = new PairedWeights([u], [0], [0], 0, pairs.Counts with { SignFlips = pairs.OneSign ? 0 : 1, Negative = 0 }, null, []);
            Span<double> buffer = new double[5 * ChangeBlock.MaximumLength];
            ChangeBlock block = ChangeBlock.In(buffer, 1);
            new PowerScale(profile.Estimate).Evaluate(probe, 0, block);
            ReadOnlySpan<double> beta = fit.Coefficients;
            double mean = (beta[0] * block.Constant[0]) + (beta[1] * block.Relative[0]) + (beta[2] * block.Reversion[0]);
            return mean / Math.Exp(profile.Estimate * u);
        }
    }

    /// <summary>Passes on the progress of a part of the work.</summary>
    private sealed class Progress(IProgress<(string Stage, double Done)> whole, double from, double to) : IProgress<(string Stage, double Done)>
    {
        public void Report((string Stage, double Done) value) => whole.Report((value.Stage, from + ((to - from) * value.Done)));
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Length - 1));
    }
}
