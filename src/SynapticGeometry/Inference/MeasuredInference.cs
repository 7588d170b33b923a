using MathNet.Numerics.Statistics;

namespace SynapticGeometry;

/// <summary>
/// The inference with what is known about the measurement: its error, its detection limit, repeats, controls, several sessions. Takes the analysis that ignores
/// them and replaces exponent, candidates, rivals, drift and verdict by those of the likelihood that fits the measurement.
/// </summary>
internal sealed class MeasuredInference
{
    // A likelihood with hidden sizes costs microseconds a synapse and evaluation: more synapses than this gain nothing that could be seen.
    private const int MaximumCount = 20_000;

    // Errors below this share of the change do not need a hidden size as long as changes are small.
    private const double LargeErrorShare = 0.3;

    // Beyond this ratio of error to change estimates scatter by more than the whole family is wide.
    private const double LargestErrorRatio = 2;

    // An interval wider than multiplicative to additive on either side says nothing.
    private const double WidestReach = 1;
    // Five parameters and an error leave little of a small group: below this its robust standard error is not to be trusted.
    private const int MinimumGroup = 40;
    private const int ProfilePoints = 13;

    private readonly LongitudinalSizes sizes;
    private readonly MeasurementOptions measurement;
    private readonly InferenceOptions options;
    private readonly ErrorEstimate? controls;
    private readonly MeasurementError error;
    private readonly VanishedSynapses vanished;
    private readonly int vanishedCount;
    private readonly MeasurementMethod method;
    private readonly string reason;
    private readonly CancellationToken cancellation;

    private MeasuredInference(LongitudinalSizes all, MeasurementOptions measurement, InferenceOptions options, CancellationToken cancellation)
    {
        this.measurement = measurement;
        this.options = options;
        this.cancellation = cancellation;
        sizes = all.Thin(MaximumCount);
        controls = ControlAnalysis.Estimate(sizes);
        error = measurement.Source switch
        {
            ErrorSource.Given => measurement.Error,
            ErrorSource.Controls => controls?.Error
                ?? throw new UninformativeDataException("The error is to be estimated from repeated measurements, but no synapse was measured twice without plasticity between."),
            ErrorSource.Sessions => ErrorFromSessions(),
            _ => MeasurementError.None,
        };
        if (measurement.Source == ErrorSource.Given && error.IsNone)
        {
            throw new ArgumentOutOfRangeException(nameof(measurement), error, "The measurement error is 0: sizes without error are exact, which is another choice.");
        }

        vanishedCount = Enumerable.Range(0, sizes.Count).Count(i => sizes[i].Contains(double.NegativeInfinity));
        vanished = measurement.Vanished ?? (vanishedCount > 0 ? VanishedSynapses.Recorded
            : double.IsFinite(sizes.LogLimit) ? VanishedSynapses.NotRecorded : VanishedSynapses.Ignored);
        (method, reason) = Choose();
    }

    /// <summary>Replaces the parts of a result that depend on the measurement.</summary>
    /// <param name="ignoring">The analysis that ignores the measurement.</param>
    /// <param name="sizes">The same synapses with limit, repeats, sessions and controls.</param>
    /// <param name="measurement">What is known about the measurement.</param>
    /// <param name="progress">Told the stage and the share done.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    public static InferenceResult Refine(
        InferenceResult ignoring, LongitudinalSizes sizes, MeasurementOptions measurement, IProgress<(string Stage, double Done)>? progress, CancellationToken cancellation) =>
        new MeasuredInference(sizes, measurement, ignoring.Options, cancellation).Run(ignoring, progress);

    /// <summary>95 % interval from the robust standard error; over groups with Student's t of as many degrees of freedom as groups less one.</summary>
    public static Interval RobustInterval(ChangeModelFit fit)
    {
        int? groups = fit.Sizes.GroupOf?.Distinct().Count();
        return ExponentScores.RobustInterval(fit[ModelParameter.Exponent], fit.RobustStandardError(ModelParameter.Exponent), groups);
    }

    private bool Estimated => measurement.Source is ErrorSource.Controls or ErrorSource.Sessions;

    private InferenceResult Run(InferenceResult ignoring, IProgress<(string Stage, double Done)>? progress)
    {
        Report("error of measurement", 0);
        double largest = LargestError();
        MeasurementResult result = new()
        {
            Source = measurement.Source,
            Error = error,
            Controls = controls,
            Method = method,
            Reason = reason,
            Vanished = vanished,
            DetectionLimit = double.IsFinite(sizes.LogLimit) ? Math.Exp(sizes.LogLimit + sizes.LogUnit) : null,
            Synapses = sizes.Count,
            VanishedUsed = vanished == VanishedSynapses.Recorded ? vanishedCount : 0,
            Excluded = sizes.Excluded,
            Design = (sizes.Sessions, sizes.Epochs),
            Determinable = measurement.Source != ErrorSource.Unknown,
            WhyNot = measurement.Source == ErrorSource.Unknown ? "the error of measurement is not known" : string.Empty,
            Reliability = null,
            Ignoring = ignoring.Exponent,
            Curve = [],
            LargestError = largest,
            Sensitivity = [],
        };
        bool plain = method == MeasurementMethod.Exact && vanished == VanishedSynapses.Ignored && sizes.Epochs == 2 && sizes.Sessions == 2;
        InferenceResult answer = ignoring;
        if (!plain)
        {
            (answer, result) = Refit(ignoring, result, Report);
        }

        if (measurement.Source == ErrorSource.Unknown)
        {
            result = result with { Curve = Curve(largest, done => Report("curve of errors", 0.6 + (0.2 * done))) };
        }

        if (measurement.Sensitivity)
        {
            var analysis = new SensitivityAnalysis(sizes, options, measurement.Source == ErrorSource.Unknown ? MeasurementError.None : result.Error, ModelFor, cancellation);
            result = result with { Sensitivity = analysis.Run(answer.Exponent.Estimate, done => Report("sensitivity", 0.8 + (0.2 * done))) };
        }

        Report("verdict", 1);
        answer = answer with { Measurement = result };
        return answer with { Verdict = VerdictWriter.Write(answer) };

        void Report(string stage, double done)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report((stage, done));
        }
    }

    private (MeasurementMethod Method, string Reason) Choose()
    {
        if (error.IsNone)
        {
            string why = measurement.Source == ErrorSource.Unknown ? "the error of measurement is not known, and none is assumed" : "the sizes are exact";
            return measurement.Method is MeasurementMethod.Automatic or MeasurementMethod.Exact
                ? (MeasurementMethod.Exact, why)
                : throw new UninformativeDataException($"The {(measurement.Method == MeasurementMethod.SmallChange ? "small-change" : "latent-size")} likelihood needs an error of measurement: {why}.");
        }

        if (measurement.Method == MeasurementMethod.Exact)
        {
            throw new UninformativeDataException("The exact likelihood has no error of measurement, but one is given.");
        }

        if (measurement.Method != MeasurementMethod.Automatic)
        {
            return (measurement.Method, "it was asked for");
        }

        (double Before, double After)[] pairs = [.. sizes.ConsecutivePairs()];
        int large = pairs.Count(p => Math.Abs(p.After - p.Before) > SmallChangeModel.LargestChange);
        if (double.IsFinite(sizes.LogLimit))
        {
            return (MeasurementMethod.LatentSize, "there is a detection limit");
        }

        if (sizes.Epochs > 2)
        {
            return (MeasurementMethod.LatentSize, $"there are {sizes.Epochs} sessions with plasticity between them");
        }

        if (large > 0)
        {
            return (MeasurementMethod.LatentSize, $"{large} of {pairs.Length} log changes are larger than {SmallChangeModel.LargestChange}");
        }

        double change = ChangeLeft(error.Relative);
        return error.Relative > LargeErrorShare * change
            ? (MeasurementMethod.LatentSize, $"the error is more than {LargeErrorShare} of the change")
            : (MeasurementMethod.SmallChange, $"every log change is below {SmallChangeModel.LargestChange} and the error below {LargeErrorShare} of the change");
    }

    // Successive changes share the error of the session between them, once with each sign: their covariance is −τ².
    private MeasurementError ErrorFromSessions()
    {
        if (sizes.Epochs < 3)
        {
            throw new UninformativeDataException($"The error is to be estimated from sessions, which takes three or more with changes between them; there are {sizes.Epochs}.");
        }

        double sum = 0, mean = 0, square = 0;
        int pairs = 0, changes = 0;
        for (int i = 0; i < sizes.Count; i++)
        {
            ReadOnlySpan<double> x = sizes[i];
            for (int t = 1; t < x.Length; t++)
            {
                double change = x[t] - x[t - 1];
                if (!double.IsFinite(change))
                {
                    continue;
                }

                mean += change;
                square += change * change;
                changes++;
                if (t + 1 < x.Length && double.IsFinite(x[t + 1]))
                {
                    sum += change * (x[t + 1] - x[t]);
                    pairs++;
                }
            }
        }

        if (pairs < PairedWeights.MinimumCount)
        {
            throw new UninformativeDataException($"The error is to be estimated from sessions, but only {pairs} synapses were measured in three sessions in a row.");
        }

        mean /= changes;
        double variance = (square / changes) - (mean * mean), covariance = (sum / pairs) - (mean * mean);

        // A start only: the likelihood decides.
        return new MeasurementError(Math.Sqrt(Math.Clamp(-covariance, 0.01 * variance, 0.45 * variance)));
    }

    private ChangeModel ModelFor(MeasurementError tau, ChangeLaw law, bool estimate)
    {
        return (tau.IsNone ? MeasurementMethod.Exact : method) switch
        {
            MeasurementMethod.Exact => new ExactSizeModel(law, vanished),
            MeasurementMethod.SmallChange => new SmallChangeModel(law, tau, estimate),
            _ => new LatentSizeModel(law, tau, estimate, vanished),
        };
    }

    private ChangeModel OwnModel(ChangeLaw law) => ModelFor(error, law, Estimated);

    // The laws of the candidates; those of the power family through it, so that all have the same drift columns.
    private PowerLaw Power() => new(options.Drift);

    private ChangeLaw LawOf(Potential potential) => potential.Exponent is >= PowerLaw.LowestExponent and <= PowerLaw.HighestExponent and { } lambda
        ? new PowerLaw(lambda, options.Drift)
        : new PotentialLaw(potential, sizes.LogUnit, options.Drift);

    private double LargestError()
    {
        double[] changes = [.. sizes.ConsecutivePairs().Select(p => p.After - p.Before)];
        return changes.Length > 1 ? changes.StandardDeviation() / Math.Sqrt(2) : 0;
    }

    private double ChangeLeft(double tau)
    {
        double all = 2 * Math.Pow(LargestError(), 2);
        return Math.Sqrt(Math.Max(0, all - (2 * tau * tau)));
    }

    private (InferenceResult Answer, MeasurementResult Measurement) Refit(InferenceResult ignoring, MeasurementResult result, Action<string, double> report)
    {
        ChangeModel model = OwnModel(Power());
        ChangeModelFit fit = model.Fit(sizes, null, cancellation);
        double lambda = fit[ModelParameter.Exponent], change = fit[ModelParameter.Change];
        MeasurementError tau = Estimated
            ? new MeasurementError(fit[ModelParameter.Error], error.Absolute > 0 ? fit[ModelParameter.AbsoluteError] : 0)
            : error;
        report("interval", 0.1);
        Interval likelihood = fit.LikelihoodInterval(ModelParameter.Exponent), robust = RobustInterval(fit);
        double tauSquare = tau.Variance(sizes.LogUnit);
        double se = fit.StandardError(ModelParameter.Exponent), robustSe = fit.RobustStandardError(ModelParameter.Exponent);
        double inflation = ExponentScores.Inflation(robustSe, se);

        report("candidates and rivals", 0.2);
        ChangeLaw[] laws =
        [
            .. options.Candidates.Select(LawOf), new HyperbolicLaw(options.Drift), new AdditiveMultiplicativeLaw(options.Drift),
            .. options.Drift == Drift.Constant ? Array.Empty<ChangeLaw>() : [new PowerLaw(Drift.Constant)],
        ];
        var fits = new ChangeModelFit?[laws.Length];
        int done = 0;
        ForEach(laws.Length, i =>
        {
            fits[i] = TryFit(model.Under(laws[i]), fit);
            report("candidates and rivals", 0.2 + (0.2 * Interlocked.Increment(ref done) / laws.Length));
        });

        NormalityNull reference = new(Math.Max(NormalityTest.FewestResiduals, fit.Model.NormalScores(sizes, fit.Parameters).Count), options.GoodnessOfFitReplicates, options.Seed, options.Threads);
        CandidateResult[] candidates = [.. ignoring.Candidates.Select((c, i) => Score(c, fits[i], fit, inflation, reference))];
        if (candidates.All(c => double.IsNegativeInfinity(c.LogLikelihood)))
        {
            throw new UninformativeDataException("No candidate gives the measured sizes a probability.");
        }

        double[] weights = ChangeModels.AkaikeWeights([.. candidates.Select(c => c.LogLikelihood)]);
        candidates = [.. candidates.Select((c, i) => c with { AkaikeWeight = weights[i] })];
        (IReadOnlyList<ModelFit> models, IReadOnlyList<VuongTest> vuong) = Rivals(fit, fits[options.Candidates.Count], fits[options.Candidates.Count + 1]);

        report("profile and groups", 0.4);
        var profile = new (double, double)[ProfilePoints];
        double reach = Math.Clamp(4 * se, 0.1, 3), low = Math.Max(PowerLaw.LowestExponent, lambda - reach), high = Math.Min(PowerLaw.HighestExponent, lambda + reach);
        ForEach(ProfilePoints, i =>
        {
            double at = low + ((high - low) * i / (ProfilePoints - 1));
            profile[i] = (at, (TryFit(model.Under(new PowerLaw(at, options.Drift)), fit)?.LogLikelihood ?? double.NegativeInfinity) - fit.LogLikelihood);
        });
        profile = [.. profile.Concat(candidates.Where(c => c.Exponent is not null && double.IsFinite(c.LogLikelihood)).Select(c => (c.Exponent!.Value, c.LogLikelihood - fit.LogLikelihood)))
            .Where(p => double.IsFinite(p.Item2)).DistinctBy(p => p.Item1).OrderBy(p => p.Item1)];
        GroupEstimate[] groups = Groups(ignoring.Groups, fit, tau);
        report("cross-validation", 0.45);
        (string Name, bool IsCandidate, ChangeModelFit? Fit)[] compared =
        [
            .. options.Candidates.Select((c, i) => (c.Name, true, fits[i])),
            (ChangeModels.Power, false, fit),
            (ChangeModels.Hyperbolic, false, fits[options.Candidates.Count]),
            (ChangeModels.AdditiveMultiplicative, false, fits[options.Candidates.Count + 1]),
        ];
        CrossValidation? validation = CrossValidation.RunMeasured(sizes, [.. compared.Where(c => c.Fit is not null).Select(c => (c.Name, c.IsCandidate, c.Fit!))], law => ModelFor(tau, law, false), options, cancellation);
        double[] bootstrap = Bootstrap(model, fit, report);

        double[] scores = [.. fit.Model.NormalScores(sizes, fit.Parameters).Select(s => s.Score)];
        ChangeModelFit? constant = options.Drift == Drift.Constant ? null : fits[^1];
        var exponent = new ExponentEstimate
        {
            Estimate = lambda,
            StandardError = se > 0 ? se : double.PositiveInfinity,
            RobustStandardError = robustSe > 0 ? robustSe : double.PositiveInfinity,
            LikelihoodInterval = likelihood,
            RobustInterval = robust,
            BootstrapInterval = bootstrap.Length == 0 ? null : new Interval(Quantile(bootstrap, 0.025), Quantile(bootstrap, 0.975)),
            BootstrapStandardError = bootstrap.Length == 0 ? null : bootstrap.StandardDeviation(),
            BootstrapReplicates = bootstrap.Length,
            IndependentUnits = sizes.GroupOf is null ? "synapses" : "groups",

            // A slope of noisy changes on noisy sizes is no check of anything.
            SlopeEstimate = tau.IsNone ? ignoring.Exponent.SlopeEstimate : double.NaN,
            SlopeStandardError = tau.IsNone ? ignoring.Exponent.SlopeStandardError : double.NaN,
            EstimateWithoutDrift = (constant ?? fit)[ModelParameter.Exponent],
            LogLikelihood = fit.LogLikelihood,
            ResidualKurtosis = scores.Length > 3 ? scores.Kurtosis() + 3 : double.NaN,
            ResidualSkewness = scores.Length > 3 ? scores.Skewness() : double.NaN,
        };
        string whyNot = result.WhyNot.Length > 0 ? result.WhyNot : WhyNot(likelihood, robust, tau, change);
        return (
            ignoring with
            {
                Exponent = exponent,
                Candidates = candidates,
                Models = models,
                Vuong = vuong,
                ModelSynapses = sizes.Count,
                Groups = groups,
                Meta = MetaAnalysis.Of(groups, null),
                CrossValidation = validation,
                Profile = profile,
                SizeSpread = FirstSizeSpread(),
                TypicalSize = Math.Exp(sizes.LogUnit),
                TypicalChange = change,
                Drift = constant is null ? ignoring.Drift : DriftAt(fit, constant),
                Flatness = CrossChecks.FlatnessOfScores(sizes, fit),
                ClosestOfAll = candidates.MaxBy(c => c.LogLikelihood)!.Geometry,
                Layers = null,
            },
            result with
            {
                Error = tau,
                Reliability = result.Source == ErrorSource.Unknown ? null : change * change / ((change * change) + (2 * tauSquare)),
                Determinable = result.Determinable && whyNot.Length == 0,
                WhyNot = whyNot,
            });
    }

    /// <summary>Why a fit leaves no change to speak of besides the error; empty where it does.</summary>
    internal static string Swamped(MeasurementError tau, double logUnit, double change)
    {
        double error = Math.Sqrt(tau.Variance(logUnit));
        return error < LargestErrorRatio * change ? string.Empty
            : change < 0.01 * error ? $"the error of measurement, {100 * error:G3} % at the typical size, explains all of the change"
            : $"the error of measurement, {100 * error:G3} % at the typical size, is {error / change:G2} times the change that is left, {100 * change:G2} %";
    }

    private string WhyNot(Interval likelihood, Interval robust, MeasurementError tau, double change)
    {
        if (Swamped(tau, sizes.LogUnit, change) is { Length: > 0 } swamped)
        {
            return swamped;
        }

        if (!double.IsFinite(likelihood.Low) || !double.IsFinite(likelihood.High))
        {
            return "the likelihood leaves the exponent open on a side";
        }

        return Math.Max(robust.High - robust.Low, likelihood.High - likelihood.Low) > 2 * WidestReach
            ? $"the interval of the exponent is {Math.Max(robust.High - robust.Low, likelihood.High - likelihood.Low):G2} wide, more than from Burg entropy to Euclidean"
            : string.Empty;
    }

    private CandidateResult Score(CandidateResult candidate, ChangeModelFit? of, ChangeModelFit free, double inflation, NormalityNull reference)
    {
        double value = of?.LogLikelihood ?? double.NegativeInfinity;
        double? ratio = candidate.Exponent is null ? null : 2 * (free.LogLikelihood - value);
        CandidateResult scored = candidate with
        {
            LogLikelihood = value,
            LikelihoodRatio = ratio,
            LikelihoodRatioP = ratio is { } lr ? ChiSquared.P(Math.Max(0, lr) / inflation, 1) : null,
        };
        double[] scores = of is null ? [] : [.. of.Model.NormalScores(sizes, of.Parameters).Select(s => s.Score)];
        if (scores.Length < NormalityTest.FewestResiduals)
        {
            return scored;
        }

        // The hidden size takes its share of the spread, so the scores' own mean and spread are what was estimated.
        NormalityStatistics s = NormalityTest.StatisticsOfSample(scores);
        return scored with
        {
            ResidualWasserstein1 = new GoodnessOfFit(s.Wasserstein1, reference.Wasserstein1P(s.Wasserstein1)),
            AndersonDarling = new GoodnessOfFit(s.AndersonDarling, reference.AndersonDarlingP(s.AndersonDarling)),
            CramerVonMises = new GoodnessOfFit(s.CramerVonMises, reference.CramerVonMisesP(s.CramerVonMises)),
        };
    }

    private (IReadOnlyList<ModelFit> Models, IReadOnlyList<VuongTest> Vuong) Rivals(ChangeModelFit power, ChangeModelFit? hyperbolic, ChangeModelFit? additive)
    {
        var fitted = new (string Name, string Parameter, double Value, ChangeModelFit? Fit)[]
        {
            (ChangeModels.Power, "lambda", power[ModelParameter.Exponent], power),
            (ChangeModels.Hyperbolic, "beta", (hyperbolic?["beta"] ?? double.NaN) * Math.Exp(sizes.LogUnit), hyperbolic),
            (ChangeModels.AdditiveMultiplicative, "multiplicative_share", additive?["multiplicative_share"] ?? double.NaN, additive),
        };
        (string Name, string Parameter, double Value, ChangeModelFit Fit)[] possible = [.. fitted.Where(f => f.Fit is not null).Select(f => (f.Name, f.Parameter, f.Value, f.Fit!))];
        double[] aicc = [.. possible.Select(f => ChangeModels.Aicc(f.Fit.LogLikelihood, f.Fit.FreeParameters, sizes.Count))];
        double[] weights = ChangeModels.AkaikeWeights([.. aicc.Select(a => -0.5 * a)]);
        ModelFit[] models = [.. possible.Select((f, i) => new ModelFit(f.Name, f.Parameter, f.Value, f.Fit.LogLikelihood, f.Fit.FreeParameters, aicc[i], weights[i])).OrderBy(m => m.Aicc)];
        VuongTest[] tests = [.. possible.Skip(1).Select(f => ChangeModels.Vuong(
            [.. power.LogLikelihoods.Zip(f.Fit.LogLikelihoods, (a, b) => a - b).Take(sizes.Count)], sizes.GroupOf, sizes.GroupNames.Count, ChangeModels.Power, f.Name))];
        return (models, tests);
    }

    private GroupEstimate[] Groups(IReadOnlyList<GroupEstimate> ignoring, ChangeModelFit pooled, MeasurementError tau)
    {
        if (sizes.GroupOf is null)
        {
            return [];
        }

        int[][] members = sizes.GroupMembers();
        Dictionary<string, GroupEstimate> plain = ignoring.ToDictionary(g => g.Name, StringComparer.Ordinal);
        var results = new GroupEstimate[members.Length];
        ForEach(members.Length, g =>
        {
            string name = sizes.GroupNames[g];
            GroupEstimate made = new(name, members[g].Length, null, null, null, null, plain.GetValueOrDefault(name)?.DeltaCdf ?? [], string.Empty);
            if (members[g].Sum(Changes) < MinimumGroup)
            {
                results[g] = made with { Note = $"fewer than {MinimumGroup} changes" };
                return;
            }

            // The error belongs to the microscope, not to the group: it stays at its pooled value.
            LongitudinalSizes group = sizes.Select(members[g]).With(null).Ungrouped();
            ChangeModelFit? own = TryFit(ModelFor(tau, Power(), false), pooled, group);
            string swamped = own is null ? string.Empty : Swamped(tau, sizes.LogUnit, own[ModelParameter.Change]);
            if (own is null || !own.Converged || swamped.Length > 0 || !(own.RobustStandardError(ModelParameter.Exponent) > 0))
            {
                results[g] = made with { Note = swamped.Length > 0 ? swamped : "the likelihood has no clear maximum" };
                return;
            }

            // Near its maximum the likelihood falls off evenly on both sides: the closest exponent is the likeliest.
            Potential? closest = options.Candidates.Where(p => p.Exponent is not null).MinBy(p => Math.Abs(p.Exponent!.Value - own[ModelParameter.Exponent]));
            results[g] = made with
            {
                Estimate = own[ModelParameter.Exponent],
                RobustStandardError = own.RobustStandardError(ModelParameter.Exponent),
                RobustInterval = RobustInterval(own),
                Closest = closest?.Name,
            };
        });
        return results;
    }

    // Steps from one measured epoch to another.
    private int Changes(int synapse)
    {
        int seen = 0, last = -1;
        for (int t = 0; t < sizes.Sessions; t++)
        {
            if (double.IsFinite(sizes[synapse][t]) && sizes.EpochOfSession[t] != last)
            {
                seen++;
                last = sizes.EpochOfSession[t];
            }
        }

        return Math.Max(0, seen - 1);
    }

    private double[] Bootstrap(ChangeModel model, ChangeModelFit fit, Action<string, double> report)
    {
        int replicates = options.Bootstrap ?? 0;
        if (replicates == 0 || (sizes.GroupOf is not null && sizes.GroupNames.Count < 2))
        {
            return [];
        }

        int[][]? members = sizes.GroupOf is null ? null : sizes.GroupMembers();
        var random = new RandomSource(options.Seed);
        var estimates = new double[replicates];
        int done = 0;
        ForEach(replicates, b =>
        {
            int[] chosen = ExponentBootstrap.Resample(random.Fork("measured bootstrap", (ulong)b), sizes.Count, members);
            estimates[b] = TryFit(model, fit, sizes.Select(chosen))?[ModelParameter.Exponent] ?? double.NaN;
            report("bootstrap", 0.4 + (0.2 * Interlocked.Increment(ref done) / replicates));
        });
        double[] kept = [.. estimates.Where(double.IsFinite).Order()];
        return kept;
    }

    private double FirstSizeSpread() => Enumerable.Range(0, sizes.Count).Select(i => sizes[i][sizes.FirstMeasured(i)]).StandardDeviation();

    private DriftEstimate DriftAt(ChangeModelFit fit, ChangeModelFit constant)
    {
        double[] parameters = [.. fit.Parameters.Take(fit.Model.Law.Parameters.Count)];
        double spread = FirstSizeSpread();
        double[] at = [-spread, 0, spread], dual = new double[3], slope = new double[3], mean = new double[3], own = new double[3];
        fit.Model.Law.Dual(parameters.AsSpan(0, fit.Model.Law.ShapeCount), at, dual, slope);
        fit.Model.Law.Change(parameters, at, mean, own);
        double ratio = Math.Max(0, 2 * (fit.LogLikelihood - constant.LogLikelihood));
        return new DriftEstimate(mean[0] / Math.Exp(slope[0]), mean[1], mean[2] / Math.Exp(slope[2]), ratio, 2, ChiSquared.P(ratio, 2));
    }

    private ErrorCurvePoint[] Curve(double largest, Action<double> report)
    {
        if (!(largest > 0))
        {
            return [];
        }

        // No interval here: on fewer synapses the curve is as good.
        const int most = 2000, points = 6;
        LongitudinalSizes some = sizes.Thin(most).With(null);
        double[] taus = [.. Enumerable.Range(0, points).Select(i => largest * i / points)];
        var curve = new ErrorCurvePoint?[points];
        int done = 0;
        ForEach(points, i =>
        {
            ChangeModel model = taus[i] == 0 ? new ExactSizeModel(Power(), vanished) : new LatentSizeModel(Power(), new MeasurementError(taus[i]), false, vanished);
            if (TryFit(model, null, some) is { } fit && Swamped(new MeasurementError(taus[i]), some.LogUnit, fit[ModelParameter.Change]).Length == 0)
            {
                curve[i] = new ErrorCurvePoint(taus[i], fit[ModelParameter.Exponent], RobustInterval(fit), fit[ModelParameter.Change]);
            }

            report(Interlocked.Increment(ref done) / (double)points);
        });
        return [.. curve.OfType<ErrorCurvePoint>()];
    }

    private ChangeModelFit? TryFit(ChangeModel model, ChangeModelFit? near, LongitudinalSizes? other = null)
    {
        LongitudinalSizes data = other ?? sizes;
        try
        {
            return near is null ? model.Fit(data, null, cancellation) : model.FitNear(data, near, cancellation);
        }
        catch (UninformativeDataException)
        {
            return null;
        }
    }

    private void ForEach(int count, Action<int> action) =>
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, action);

    private static double Quantile(double[] sorted, double p) => SortedArrayStatistics.QuantileCustom(sorted, p, QuantileDefinition.R7);
}
