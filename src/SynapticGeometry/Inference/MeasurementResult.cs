namespace SynapticGeometry;

/// <summary>The error of measurement estimated from repeated measurements of unchanged synapses.</summary>
/// <param name="Error">The error.</param>
/// <param name="RelativeStandardError">Standard error of its relative part, robust to heavy tails.</param>
/// <param name="Synapses">Synapses measured at least twice.</param>
/// <param name="Contrasts">Independent differences between their measurements.</param>
/// <param name="AdditivePartP">p-value of the additive part; it is kept below 0.05.</param>
/// <param name="Kurtosis">Kurtosis of the standardised differences, 3 for a normal error.</param>
/// <param name="MedianRatio">Median size of the controls divided by that of the synapses; null without controls.</param>
public sealed record ErrorEstimate(
    MeasurementError Error, double RelativeStandardError, int Synapses, int Contrasts, double AdditivePartP, double Kurtosis, double? MedianRatio);

/// <summary>The exponent if the relative error of measurement were τ.</summary>
/// <param name="Error">τ.</param>
/// <param name="Estimate">λ̂.</param>
/// <param name="Interval">95 % robust interval.</param>
/// <param name="Change">Spread of the relative change that is left as plasticity.</param>
public sealed record ErrorCurvePoint(double Error, double Estimate, Interval Interval, double Change);

/// <summary>The exponent under another assumption.</summary>
/// <param name="Kind">"error", "limit", "tails", "drift" or "group".</param>
/// <param name="Label">The assumption in words.</param>
/// <param name="Factor">Factor of the error or the limit, share trimmed, or null.</param>
/// <param name="Synapses">Synapses used.</param>
/// <param name="Estimate">λ̂, or null where it cannot be fitted.</param>
/// <param name="Interval">95 % robust interval, or null.</param>
/// <param name="Note">Why there is no estimate; empty otherwise.</param>
public sealed record SensitivityRow(string Kind, string Label, double? Factor, int Synapses, double? Estimate, Interval? Interval, string Note);

/// <summary>What the error of measurement and the detection limit make of the answer.</summary>
public sealed record MeasurementResult
{
    /// <summary>What is known about the error.</summary>
    public required ErrorSource Source { get; init; }

    /// <summary>The error used, as given or as estimated together with the geometry; none where it is unknown.</summary>
    public required MeasurementError Error { get; init; }

    /// <summary>The error from controls and repeats alone; null without any.</summary>
    public required ErrorEstimate? Controls { get; init; }

    /// <summary>The likelihood used.</summary>
    public required MeasurementMethod Method { get; init; }

    /// <summary>Why it was chosen, one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>What became of vanished synapses.</summary>
    public required VanishedSynapses Vanished { get; init; }

    /// <summary>The detection limit, in the unit of the sizes; null without one.</summary>
    public required double? DetectionLimit { get; init; }

    /// <summary>Synapses that entered the likelihood; a very large set is thinned evenly.</summary>
    public required int Synapses { get; init; }

    /// <summary>Synapses that entered as vanished.</summary>
    public required int VanishedUsed { get; init; }

    /// <summary>Synapses left out by the likelihood, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Excluded { get; init; }

    /// <summary>Sessions and epochs of the likelihood.</summary>
    public required (int Sessions, int Epochs) Design { get; init; }

    /// <summary>Whether the data determine the exponent.</summary>
    public required bool Determinable { get; init; }

    /// <summary>Why not, one sentence; empty otherwise.</summary>
    public required string WhyNot { get; init; }

    /// <summary>ρ = c²/(c² + 2τ²), the share of the variance of log changes that is plasticity at the typical size; null where the error is unknown.</summary>
    public required double? Reliability { get; init; }

    /// <summary>The estimate from the same pairs with the error ignored.</summary>
    public required ExponentEstimate Ignoring { get; init; }

    /// <summary>The exponent against the error, where the error is unknown; else empty.</summary>
    public required IReadOnlyList<ErrorCurvePoint> Curve { get; init; }

    /// <summary>Largest relative error that the spread of the changes leaves room for.</summary>
    public required double LargestError { get; init; }

    /// <summary>The exponent under other assumptions; empty where it was not asked for.</summary>
    public required IReadOnlyList<SensitivityRow> Sensitivity { get; init; }
}

/// <summary>The exponent from all pairs of sessions at one interval.</summary>
/// <param name="Interval">Time between the sessions, in the unit of the input.</param>
/// <param name="SessionPairs">Number of pairs of sessions.</param>
/// <param name="Synapses">Pairs of sizes used.</param>
/// <param name="Estimate">λ̂, with error and detection limit as in the main analysis; null where it cannot be fitted.</param>
/// <param name="RobustInterval">95 % robust interval over groups, or over synapses; null without an estimate.</param>
/// <param name="Change">Spread of the relative change of a typical synapse over the interval; null without an estimate.</param>
/// <param name="Note">Why there is no estimate; empty otherwise.</param>
public sealed record IntervalEstimate(double Interval, int SessionPairs, int Synapses, double? Estimate, Interval? RobustInterval, double? Change, string Note)
{
    /// <summary>Estimates the exponent from pairs of sizes at one interval, with the measurement of a finished analysis.</summary>
    /// <param name="interval">Time between the sessions.</param>
    /// <param name="sessionPairs">Number of pairs of sessions.</param>
    /// <param name="pairs">The pairs of sizes: two sessions.</param>
    /// <param name="measurement">Error, detection limit and what becomes of vanished synapses.</param>
    /// <param name="drift">The mean of the change.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    public static IntervalEstimate Of(
        double interval, int sessionPairs, LongitudinalSizes pairs, MeasurementResult measurement, Drift drift, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(measurement);
        var law = new PowerLaw(drift);
        ChangeModel model = measurement.Error.IsNone || measurement.Source == ErrorSource.Unknown
            ? new ExactSizeModel(law, measurement.Vanished)
            : new LatentSizeModel(law, measurement.Error, false, measurement.Vanished);
        try
        {
            ChangeModelFit fit = model.Fit(pairs, null, cancellation);
            return new IntervalEstimate(
                interval, sessionPairs, pairs.Count, fit[ModelParameter.Exponent], MeasuredInference.RobustInterval(fit), fit[ModelParameter.Change], string.Empty);
        }
        catch (UninformativeDataException problem)
        {
            return new IntervalEstimate(interval, sessionPairs, pairs.Count, null, null, null, problem.Message);
        }
    }
}
