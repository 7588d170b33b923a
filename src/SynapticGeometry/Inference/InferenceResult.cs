namespace SynapticGeometry;

/// <summary>How many pairs of weights were read, used and left out, and why.</summary>
/// <param name="Read">Pairs in the input (after row selection).</param>
/// <param name="Used">Pairs that entered the inference.</param>
/// <param name="Excluded">Reason and number of pairs left out for it; every reason is present, zeros too.</param>
/// <param name="SignFlips">Pairs used whose weight changed its sign.</param>
/// <param name="Unchanged">Pairs used whose weight did not change at all.</param>
/// <param name="Negative">Pairs used whose weight before was negative.</param>
public sealed record SynapseCounts(
    long Read, long Used, IReadOnlyDictionary<string, long> Excluded, long SignFlips, long Unchanged, long Negative);

/// <summary>A goodness-of-fit statistic with its Monte-Carlo p-value.</summary>
/// <param name="Statistic">The statistic of the standardised residuals.</param>
/// <param name="P">
/// Share of samples, simulated from the normal distribution with mean and standard deviation estimated, at or above the
/// statistic: (1 + number) / (1 + replicates).
/// </param>
public sealed record GoodnessOfFit(double Statistic, double P);

/// <summary>What one candidate geometry makes of the changes.</summary>
public sealed record CandidateResult
{
    /// <summary>The potential of the candidate.</summary>
    public required Potential Potential { get; init; }

    /// <summary>Its name, such as "negative-entropy" or "2-norm".</summary>
    public string Geometry => Potential.Name;

    /// <summary>Its exponent λ, or null outside the power family.</summary>
    public double? Exponent => Potential.Exponent;

    /// <summary>Delta-CDF as published: 1000 points on [−5, 5], dual changes divided by their standard deviation, not centred.</summary>
    public required double DeltaCdf { get; init; }

    /// <summary>Delta-CDF of the centred dual changes.</summary>
    public required double DeltaCdfCentred { get; init; }

    /// <summary>Exact 1-Wasserstein distance to the standard normal, dual changes scaled but not centred.</summary>
    public required double Wasserstein1 { get; init; }

    /// <summary>Exact 1-Wasserstein distance to the standard normal, dual changes centred and scaled.</summary>
    public required double Wasserstein1Centred { get; init; }

    /// <summary>The 1-Wasserstein test of the model's standardised residuals (drift removed).</summary>
    public required GoodnessOfFit ResidualWasserstein1 { get; init; }

    /// <summary>Anderson-Darling test of the model's standardised residuals (drift removed).</summary>
    public required GoodnessOfFit AndersonDarling { get; init; }

    /// <summary>Cramér-von Mises test of the model's standardised residuals (drift removed).</summary>
    public required GoodnessOfFit CramerVonMises { get; init; }

    /// <summary>
    /// Maximised log-likelihood of the weights after given those before, Jacobian of the mirror map included; negative
    /// infinity where a pair is impossible under the geometry (a sign flip at λ ≤ 0).
    /// </summary>
    public required double LogLikelihood { get; init; }

    /// <summary>Akaike weight among the candidates; the candidates have equally many parameters.</summary>
    public required double AkaikeWeight { get; init; }

    /// <summary>‖dual(after) − dual(before)‖ / ‖dual(before)‖, in the unit of the weights as given.</summary>
    public required double ChangeMagnitude { get; init; }

    /// <summary>2 (L(λ̂) − L(candidate)), the likelihood ratio of the free exponent against this one; null outside the power family.</summary>
    public required double? LikelihoodRatio { get; init; }

    /// <summary>p-value of the likelihood ratio, scaled by the squared ratio of robust and model standard errors (1 df).</summary>
    public required double? LikelihoodRatioP { get; init; }

    /// <summary>Histogram of the standardised dual changes (divided by the standard deviation, not centred), for drawing.</summary>
    public required Histogram DualChanges { get; init; }
}

/// <summary>Counts in equal bins from <paramref name="Low"/> to <paramref name="High"/>, what lies outside counted apart.</summary>
/// <param name="Low">Left edge of the first bin.</param>
/// <param name="High">Right edge of the last bin.</param>
/// <param name="Counts">Counts of the bins.</param>
/// <param name="Below">Values below the first bin.</param>
/// <param name="Above">Values at or above the last edge.</param>
public sealed record Histogram(double Low, double High, IReadOnlyList<long> Counts, long Below, long Above);

/// <summary>An interval; an end that the data leave open is infinite.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Whether the value lies inside, ends included.</summary>
    public bool Contains(double value) => Low <= value && value <= High;
}

/// <summary>The exponent λ of the geometry, estimated.</summary>
public sealed record ExponentEstimate
{
    /// <summary>λ̂, the maximum of the profile likelihood.</summary>
    public required double Estimate { get; init; }

    /// <summary>Standard error from the curvature of the profile likelihood (right if residuals are normal).</summary>
    public required double StandardError { get; init; }

    /// <summary>Sandwich standard error (right for heavy tails too); over groups where groups are given.</summary>
    public required double RobustStandardError { get; init; }

    /// <summary>95 % likelihood interval: all λ with 2 (L(λ̂) − L(λ)) ≤ 3.84.</summary>
    public required Interval LikelihoodInterval { get; init; }

    /// <summary>95 % interval from the sandwich standard error.</summary>
    public required Interval RobustInterval { get; init; }

    /// <summary>95 % percentile interval from resampling whole groups, or synapses where there are no groups; null if not run.</summary>
    public required Interval? BootstrapInterval { get; init; }

    /// <summary>Standard deviation of the bootstrap estimates; null if not run.</summary>
    public required double? BootstrapStandardError { get; init; }

    /// <summary>Bootstrap replicates that entered; 0 if not run.</summary>
    public required int BootstrapReplicates { get; init; }

    /// <summary>What the sandwich and the bootstrap treat as independent: "synapses" or "groups".</summary>
    public required string IndependentUnits { get; init; }

    /// <summary>The slope estimate: minus the slope of log|log-change − median| on log size. A cross-check without likelihood.</summary>
    public required double SlopeEstimate { get; init; }

    /// <summary>Standard error of the slope estimate (heteroscedasticity-consistent).</summary>
    public required double SlopeStandardError { get; init; }

    /// <summary>λ̂ with a constant mean of the dual change instead of the size-dependent drift.</summary>
    public required double EstimateWithoutDrift { get; init; }

    /// <summary>Maximised log-likelihood at λ̂.</summary>
    public required double LogLikelihood { get; init; }

    /// <summary>Kurtosis of the residuals at λ̂ (3 for a normal distribution).</summary>
    public required double ResidualKurtosis { get; init; }

    /// <summary>Skewness of the residuals at λ̂.</summary>
    public required double ResidualSkewness { get; init; }
}

/// <summary>The fitted mean change at λ̂ by size, and the test of its dependence on size.</summary>
/// <param name="Small">Mean relative change of a synapse one standard deviation of log size below the geometric mean, as the dual change divided by φ″(w) w.</param>
/// <param name="Typical">The same at the geometric mean.</param>
/// <param name="Large">The same one standard deviation above.</param>
/// <param name="LikelihoodRatio">Likelihood ratio of this mean against a constant dual change, each with its own λ̂.</param>
/// <param name="DegreesOfFreedom">Its degrees of freedom.</param>
/// <param name="P">Its p-value.</param>
public sealed record DriftEstimate(
    double Small, double Typical, double Large, double LikelihoodRatio, int DegreesOfFreedom, double P);

/// <summary>A model of the change with one free shape parameter, compared with the others by AICc.</summary>
/// <param name="Name">"power", "hypentropy" or "additive-multiplicative".</param>
/// <param name="Parameter">Name of the shape parameter: "lambda", "beta", "multiplicative-share".</param>
/// <param name="Value">Its estimate, in the unit of the weights where it has one (beta).</param>
/// <param name="LogLikelihood">Maximised log-likelihood on the scale of the weights.</param>
/// <param name="Parameters">Number of free parameters.</param>
/// <param name="Aicc">Akaike's criterion, corrected for small samples.</param>
/// <param name="AkaikeWeight">Its Akaike weight among these models.</param>
public sealed record ModelFit(
    string Name, string Parameter, double Value, double LogLikelihood, int Parameters, double Aicc, double AkaikeWeight);

/// <summary>Vuong's test between two models that are not nested.</summary>
/// <param name="First">Name of the first model.</param>
/// <param name="Second">Name of the second model.</param>
/// <param name="Z">Positive where the first model is closer to the truth; standard normal where both are equally close.</param>
/// <param name="P">Two-sided p-value.</param>
public sealed record VuongTest(string First, string Second, double Z, double P);

/// <summary>The exponent in one group (a neuron, an animal, a layer, a tensor).</summary>
/// <param name="Name">Name of the group.</param>
/// <param name="Synapses">Pairs used.</param>
/// <param name="Estimate">λ̂, or null where the group cannot be fitted alone.</param>
/// <param name="RobustStandardError">Sandwich standard error, or null.</param>
/// <param name="RobustInterval">95 % interval, or null.</param>
/// <param name="Closest">The candidate with the highest likelihood, or null.</param>
/// <param name="DeltaCdf">Delta-CDF as published, one value a candidate; empty where the group cannot be fitted alone.</param>
/// <param name="Note">Why there is no estimate or no standard error; empty otherwise.</param>
public sealed record GroupEstimate(
    string Name,
    long Synapses,
    double? Estimate,
    double? RobustStandardError,
    Interval? RobustInterval,
    string? Closest,
    IReadOnlyList<double> DeltaCdf,
    string Note)
{
    /// <summary>Delta-CDF of the centred dual changes, one value a candidate; empty where there is none.</summary>
    public IReadOnlyList<double> DeltaCdfCentred { get; init; } = [];

    /// <summary>
    /// Maximised log-likelihood with the group's own drift and spread, one value a candidate; −∞ where the group's changes are impossible under it. Empty where the group cannot be fitted
    /// alone, and for measured sizes.
    /// </summary>
    public IReadOnlyList<double> LogLikelihood { get; init; } = [];

    /// <summary>σ, the spread of the dual changes, one value a candidate, in a unit that all groups share; NaN where they are impossible.</summary>
    internal IReadOnlyList<double> Spread { get; init; } = [];
}

/// <summary>Two tests of whether what is left over still depends on size at λ̂.</summary>
/// <param name="MeanP">p-value for the dual change regressed on the dual weight before (constant mean): flat if there is no drift.</param>
/// <param name="SpreadP">p-value for |residual| regressed on log size: flat if the spread in dual units does not depend on size.</param>
public sealed record FlatnessTests(double MeanP, double SpreadP);

/// <summary>The answer in words.</summary>
/// <param name="Headline">One sentence: the geometry.</param>
/// <param name="Estimate">One or two sentences: the exponent with its interval, and how many synapses would decide what is open.</param>
/// <param name="Distinguishable">Whether the closest candidate beats every other one.</param>
/// <param name="Conditions">Sentences on what the answer depends on, most important first.</param>
/// <param name="SynapsesNeeded">
/// About how many synapses would tell the closest two candidates apart (90 % power, 5 % level), or null where not needed.
/// </param>
public sealed record Verdict(
    string Headline, string Estimate, bool Distinguishable, IReadOnlyList<string> Conditions, long? SynapsesNeeded)
{
    /// <summary>Headline, estimate and conditions as one paragraph.</summary>
    public override string ToString() => string.Join(" ", Conditions.Prepend(Estimate).Prepend(Headline));
}

/// <summary>Everything the inference found, from which report, tables and figures are made.</summary>
public sealed record InferenceResult
{
    /// <summary>Counts of what was read, used and left out.</summary>
    public required SynapseCounts Synapses { get; init; }

    /// <summary>The pairs that were used.</summary>
    public required PairedWeights Data { get; init; }

    /// <summary>The options the inference ran with.</summary>
    public required InferenceOptions Options { get; init; }

    /// <summary>
    /// Standard deviation of log|w before|, with several sessions of the first size measured of each synapse: the spread of sizes, which sets how much the data can say.
    /// </summary>
    public required double SizeSpread { get; init; }

    /// <summary>Geometric mean of the same sizes, in the unit of the input: the size at which <see cref="TypicalChange"/> and the typical drift hold.</summary>
    public required double TypicalSize { get; init; }

    /// <summary>c, the spread of the relative change of a synapse of geometric-mean size: σ at λ̂.</summary>
    public required double TypicalChange { get; init; }

    /// <summary>One entry a candidate, in the order asked for.</summary>
    public required IReadOnlyList<CandidateResult> Candidates { get; init; }

    /// <summary>The exponent estimated freely.</summary>
    public required ExponentEstimate Exponent { get; init; }

    /// <summary>The drift and its test; null where the drift was left out by option.</summary>
    public required DriftEstimate? Drift { get; init; }

    /// <summary>Tests of flatness at λ̂.</summary>
    public required FlatnessTests Flatness { get; init; }

    /// <summary>The power family and its rivals, best first.</summary>
    public required IReadOnlyList<ModelFit> Models { get; init; }

    /// <summary>Pairs on which <see cref="Models"/> were fitted: all, or an even selection of a very large set.</summary>
    public required long ModelSynapses { get; init; }

    /// <summary>Vuong tests between the power family and each rival.</summary>
    public required IReadOnlyList<VuongTest> Vuong { get; init; }

    /// <summary>One entry a group; empty without groups.</summary>
    public required IReadOnlyList<GroupEstimate> Groups { get; init; }

    /// <summary>The groups together: mean, heterogeneity, prediction; null without groups.</summary>
    public MetaAnalysis? Meta { get; init; }

    /// <summary>How well each model predicts groups, or synapses, that it was not fitted to; null where there are too few.</summary>
    public CrossValidation? CrossValidation { get; init; }

    /// <summary>The profile log-likelihood: exponents and L(λ) − L(λ̂), over the range drawn.</summary>
    public required IReadOnlyList<(double Exponent, double LogLikelihood)> Profile { get; init; }

    /// <summary>Delta-CDF, published and centred, against the candidate exponent.</summary>
    public required IReadOnlyList<(double Exponent, double DeltaCdf, double Centred)> DeltaCdfCurve { get; init; }

    /// <summary>The geometry told layer by layer, which the verdict then is about; null where the groups are not layers or fewer than six of them have an estimate.</summary>
    public LayerAnalysis? Layers { get; init; }

    /// <summary>Name of the candidate with the highest likelihood of all pairs together.</summary>
    public required string ClosestOfAll { get; init; }

    /// <summary>Name of the closest candidate: that of <see cref="Layers"/> where there are any, else that of all pairs together.</summary>
    public string Closest => Layers?.Closest ?? ClosestOfAll;

    /// <summary>The exponent told, with its 95 % interval: the median of <see cref="Layers"/> where there are any, else that of all pairs together with the robust interval.</summary>
    public (double Estimate, Interval Interval) Told => Layers is { Median: var m } ? (m.Value, m.Interval) : (Exponent.Estimate, Exponent.RobustInterval);

    /// <summary>
    /// What error of measurement, detection limit, repeats and sessions make of the answer; exponent, candidates, rivals, groups, drift and profile are then
    /// those of its likelihood. Null where only pairs were given, which are taken as they are.
    /// </summary>
    public MeasurementResult? Measurement { get; init; }

    /// <summary>The exponent by the interval between sessions; empty where there are two sessions only.</summary>
    public IReadOnlyList<IntervalEstimate> Intervals { get; init; } = [];

    /// <summary>The answer in words with its conditions.</summary>
    public required Verdict Verdict { get; init; }
}
