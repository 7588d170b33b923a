using MathNet.Numerics.Statistics;

namespace SynapticGeometry;

/// <summary>
/// Which initial distributions, changed under which geometries, could have become the sizes seen at one time point?
/// </summary>
/// <remarks>
/// Source: Pogodin et al. 2024 for the question; likelihoods, tests and what cannot be decided are derived in docs/distribution.md.
/// </remarks>
public static class DistributionInference
{
    /// <summary>Level of every test.</summary>
    internal const double Level = 0.05;

    private const int LargestBootstrapped = 5000;
    private const int DefaultBootstrap = 199;

    // A likelihood changes by less than this where a parameter makes no visible difference.
    private const double Invisible = 0.5;

    /// <summary>Answers the question for one sample of sizes.</summary>
    /// <param name="sample">The sizes.</param>
    /// <param name="options">Candidates, replicates, seed, threads.</param>
    /// <param name="progress">Told the name of the stage and the share done.</param>
    /// <param name="cancellation">Stops between fits.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range, or a size is outside a candidate's domain.</exception>
    public static DistributionResult Infer(
        SizeSample sample,
        DistributionOptions? options = null,
        IProgress<(string Stage, double Done)>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        options ??= new DistributionOptions();
        ArgumentOutOfRangeException.ThrowIfZero(options.Candidates.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Bootstrap ?? 0);
        int replicates = options.Bootstrap ?? (sample.Count <= LargestBootstrapped ? DefaultBootstrap : 0);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation };

        SizeModel[] models = [.. Models(options, Math.Exp(sample.LogGeometricMean))];
        var fits = new SizeModelFit[models.Length];
        int done = 0;
        Run(models.Length, i =>
        {
            fits[i] = models[i].Fit(sample);
            progress?.Report(("fits", 0.2 * Interlocked.Increment(ref done) / models.Length));
        });

        double[] aicc = [.. fits.Select(f => ChangeModels.Aicc(f.LogLikelihood, f.Model.Counted(f.Determined), sample.Count))];
        int?[] same = SameDistribution(fits);
        int[] distinct = [.. Enumerable.Range(0, fits.Length).Where(i => same[i] is null)];
        int closest = distinct.MinBy(i => aicc[i]);
        double[] akaike = ChangeModels.AkaikeWeights([.. distinct.Select(i => -0.5 * aicc[i])]);

        double[][] residuals = [.. fits.Select(f => f.Model.Residuals(sample, f.ParameterArray))];
        NormalityStatistics[] statistics = [.. residuals.Select(r => NormalityTest.Statistics((double[])r.Clone()))];
        var simulated = new NormalityStatistics?[distinct.Length * replicates];
        var random = new RandomSource(options.Seed);
        done = 0;
        Run(simulated.Length, task =>
        {
            // Replicates of one model are spread out, so that cheap and dear fits are shared out evenly.
            int which = task % distinct.Length, replicate = task / distinct.Length;
            SizeModelFit fit = fits[distinct[which]];
            simulated[(which * replicates) + replicate] = Simulated(fit, sample, random.Fork("goodness of fit, " + fit.Model.Name, (ulong)replicate));
            int finished = Interlocked.Increment(ref done);
            if (finished % 20 == 0)
            {
                progress?.Report(("goodness of fit", 0.2 + (0.8 * finished / simulated.Length)));
            }
        });

        var results = new DistributionFit[fits.Length];
        for (int i = 0; i < fits.Length; i++)
        {
            int representative = same[i] ?? i, which = Array.IndexOf(distinct, representative);
            NormalityStatistics[] replicas = [.. simulated.AsSpan(which * replicates, replicates).ToArray().OfType<NormalityStatistics>()];
            GoodnessOfFit Test(Func<NormalityStatistics, double> of) => new(of(statistics[representative]), P(replicas, of, of(statistics[representative])));
            VuongTest? against = i == closest ? null : Against(fits[closest], fits[i], same[i] == closest);
            GoodnessOfFit anderson = Test(s => s.AndersonDarling);
            (IReadOnlyList<SizeParameter> parameters, string note) = Determined(fits[i], sample);
            results[i] = new DistributionFit
            {
                Fit = fits[i],
                Parameters = parameters,
                Aicc = aicc[i],
                DeltaAicc = Math.Max(0, aicc[i] - aicc[closest]),
                AkaikeWeight = akaike[which],
                SameAs = same[i] is { } s ? fits[s].Model.Name : null,
                AgainstClosest = against,
                AndersonDarling = anderson,
                CramerVonMises = Test(s => s.CramerVonMises),
                Wasserstein1 = Test(s => s.Wasserstein1),
                Standing = anderson.P < Level ? FitStanding.Misfit
                    : against is not null && same[i] != closest && IsWorse(fits[closest], fits[i], against) ? FitStanding.Worse
                    : FitStanding.Open,
                Note = note,
                Residuals = residuals[i],
            };
        }

        var result = new DistributionResult
        {
            Sample = sample,
            Options = options,
            Fits = results,
            References = References(sample, options),
            Closest = fits[closest].Model.Name,
            Bootstrap = replicates,
            LogSkewness = sample.LogSizes.ToArray().PopulationSkewness(),
            Verdict = new DistributionVerdict(string.Empty, [], []),
        };
        return result with { Verdict = DistributionVerdictWriter.Write(result) };

        void Run(int count, Action<int> action)
        {
            try
            {
                Parallel.For(0, count, parallel, action);
            }
            catch (AggregateException problem) when (problem.Flatten().InnerExceptions.FirstOrDefault() is ArgumentException or UninformativeDataException)
            {
                // A caller should see the reason, not that it was found on another thread.
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(problem.Flatten().InnerExceptions[0]).Throw();
            }
        }
    }

    private static IEnumerable<SizeModel> Models(DistributionOptions options, double reference) =>
    [
        .. options.Candidates.Select(p => new ConstantStart(p, reference)),
        .. options.Candidates.Select(p => new TwoConstantsStart(p, reference)),
        .. options.Laws.SelectMany(law => options.Candidates.Select(p => new DistributedStart(p, law, reference, options.FitMeanChange))),
    ];

    private static NormalityStatistics? Simulated(SizeModelFit fit, SizeSample sample, RandomSource random)
    {
        try
        {
            double[] sizes = fit.Model.Simulate(fit.ParameterArray, sample.Count, sample.Limit, random);
            SizeSample replica = SizeSample.OfLogSizes([.. sizes.Select(w => Math.Log(w))], sample.Limit);
            return NormalityTest.Statistics(fit.Model.Residuals(replica, fit.Model.Maximise(replica, fit.ParameterArray).Parameters));
        }
        catch (UninformativeDataException)
        {
            return null;
        }
    }

    private static double P(NormalityStatistics[] simulated, Func<NormalityStatistics, double> of, double observed) =>
        simulated.Length == 0 ? double.NaN : (1.0 + simulated.Count(s => of(s) >= observed)) / (1.0 + simulated.Length);

    // For each fit the first one that gives the sizes the same density everywhere.
    private static int?[] SameDistribution(SizeModelFit[] fits)
    {
        const double logDensity = 0.005, logLikelihood = 0.1;
        var same = new int?[fits.Length];
        for (int i = 0; i < fits.Length; i++)
        {
            for (int j = 0; j < i && same[i] is null; j++)
            {
                if (same[j] is null && Math.Abs(fits[i].LogLikelihood - fits[j].LogLikelihood) < logLikelihood)
                {
                    double squares = fits[i].LogDensities.Zip(fits[j].LogDensities, (a, b) => (a - b) * (a - b)).Average();
                    same[i] = Math.Sqrt(squares) < logDensity ? j : null;
                }
            }
        }

        return same;
    }

    private static VuongTest Against(SizeModelFit closest, SizeModelFit fit, bool same)
    {
        double[] differences = [.. closest.LogDensities.Zip(fit.LogDensities, (a, b) => a - b)];
        return same
            ? new VuongTest(closest.Model.Name, fit.Model.Name, 0, 1)
            : ChangeModels.Vuong(differences, null, 0, closest.Model.Name, fit.Model.Name, closest.Model.Counted(closest.Determined) - fit.Model.Counted(fit.Determined));
    }

    private static bool IsWorse(SizeModelFit closest, SizeModelFit fit, VuongTest test)
    {
        // Every start holds the constant as its limit: then twice the difference of log-likelihood is the test.
        int more = closest.Model.Counted(closest.Determined) - fit.Model.Counted(fit.Determined);
        bool nested = fit.Model is ConstantStart && fit.Model.Potential == closest.Model.Potential && more > 0;
        return nested
            ? ChiSquared.P(Math.Max(0, 2 * (closest.LogLikelihood - fit.LogLikelihood)), more) < Level
            : test.Z > 0 && test.P < Level;
    }

    // Parameters that the sizes do not determine become NaN, and a sentence says why.
    private static (IReadOnlyList<SizeParameter> Parameters, string Note) Determined(SizeModelFit fit, SizeSample sample)
    {
        SizeModel model = fit.Model;
        IReadOnlyList<SizeParameter> parameters = model.Describe(fit.ParameterArray);
        if (fit.Determined == model.ParameterCount)
        {
            return (parameters, string.Empty);
        }

        if (model is ConstantStart)
        {
            return ([parameters[0] with { Value = double.NaN }, parameters[1] with { Value = double.NaN }],
                "The constant and the change are not determined apart: the constant lies so far beyond zero size that only the end of a tail is seen.");
        }

        if (model is TwoConstantsStart)
        {
            return (parameters, "One constant does as well: the second one is not determined.");
        }

        var start = (DistributedStart)model;
        if (start.TotalSpread(fit.ParameterArray) is { } total && fit.Determined < model.ParameterCount)
        {
            return (
                [.. parameters.Select(p => p.Name is "initial_log_sd" or "initial_sd" or "change" ? p with { Value = double.NaN } : p), total],
                "Only the sum of the two variances can be known, not how much of it was there initially.");
        }

        int change = start.ChangeIndex;
        if (Drop(change) < Invisible)
        {
            return ([.. parameters.Select(p => p.Name == "change" ? p with { Value = double.NaN } : p)],
                "No change is needed: the sizes are the initial distribution itself, under this geometry as under any.");
        }

        return Drop(change - 1) < Invisible
            ? ([.. parameters.Select(p => p.Name is "initial_log_sd" or "initial_sd" ? p with { Value = double.NaN } : p)],
                "No initial spread is needed: the sizes are those of one constant.")
            : (parameters, $"Only {fit.Determined} of {model.ParameterCount} parameters are determined.");

        // What the log-likelihood loses when a spread is made as small as it may be.
        double Drop(int index)
        {
            double[] without = (double[])fit.ParameterArray.Clone();
            without[index] = SizeModel.LogSmallestSpread;
            return fit.LogLikelihood - model.LogLikelihood(sample, without);
        }
    }

    private static ReferenceFit[] References(SizeSample sample, DistributionOptions options)
    {
        double[] logs = sample.LogSizes.ToArray(), sizes = [.. logs.Select(Math.Exp)];
        var normal = new NormalityNull(sample.Count, 999, options.Seed, options.Threads);
        return [Of("log-normal", logs, logs.Sum()), Of("normal", sizes, 0)];

        ReferenceFit Of(string name, double[] values, double logJacobian)
        {
            SampleMoments moments = SampleMoments.Of<double>(values);
            double logLikelihood = (-values.Length * (Math.Log(moments.PopulationStandardDeviation) + LogNormalLaw.HalfLogTwoPi + 0.5)) - logJacobian;
            double a2 = NormalityTest.StatisticsOfSample(values).AndersonDarling;
            return new ReferenceFit(
                name, moments.Mean, moments.PopulationStandardDeviation, logLikelihood, ChangeModels.Aicc(logLikelihood, 2, values.Length), new GoodnessOfFit(a2, normal.AndersonDarlingP(a2)));
        }
    }
}
