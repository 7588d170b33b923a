using System.Text.Json.Nodes;

namespace SynapticGeometry.Cli;

/// <summary>The parts of the result's JSON about measurement, sensitivity and intervals, documented in docs/result-json.md.</summary>
internal static class MeasurementJson
{
    /// <summary>The field "measurement"; null where weights are exact and nothing was said of a measurement.</summary>
    public static JsonObject? Measurement(MeasurementResult? m) => m is null
        ? null
        : new JsonObject
        {
            ["error_source"] = m.Source switch
            {
                ErrorSource.None => "none",
                ErrorSource.Given => "given",
                ErrorSource.Controls => "controls",
                ErrorSource.Sessions => "sessions",
                _ => "unknown",
            },
            ["error"] = m.Source == ErrorSource.Unknown ? null : ResultJson.Number(m.Error.Relative),
            ["error_additive"] = m.Source == ErrorSource.Unknown ? null : ResultJson.Number(m.Error.Absolute),
            ["largest_error"] = ResultJson.Number(m.LargestError),
            ["reliability"] = ResultJson.Number(m.Reliability),
            ["method"] = m.Method switch
            {
                MeasurementMethod.SmallChange => "small-change",
                MeasurementMethod.LatentSize => "latent-size",
                _ => "exact",
            },
            ["reason"] = m.Reason,
            ["determinable"] = m.Determinable,
            ["why_not"] = m.WhyNot,
            ["synapses"] = m.Synapses,
            ["sessions"] = m.Design.Sessions,
            ["epochs"] = m.Design.Epochs,
            ["excluded"] = new JsonObject(m.Excluded.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)JsonValue.Create(e.Value)))),
            ["detection_limit"] = ResultJson.Number(m.DetectionLimit),
            ["vanished"] = m.Vanished switch
            {
                VanishedSynapses.Recorded => "recorded",
                VanishedSynapses.NotRecorded => "not-recorded",
                _ => "ignored",
            },
            ["vanished_used"] = m.VanishedUsed,
            ["estimate_ignoring_error"] = ResultJson.Number(m.Ignoring.Estimate),
            ["robust_ci95_ignoring_error"] = ResultJson.Ends(m.Ignoring.RobustInterval),
            ["controls"] = m.Controls is { } c
                ? new JsonObject
                {
                    ["error"] = ResultJson.Number(c.Error.Relative),
                    ["error_additive"] = ResultJson.Number(c.Error.Absolute),
                    ["error_se"] = ResultJson.Number(c.RelativeStandardError),
                    ["synapses"] = c.Synapses,
                    ["differences"] = c.Contrasts,
                    ["additive_p"] = ResultJson.Number(c.AdditivePartP),
                    ["kurtosis"] = ResultJson.Number(c.Kurtosis),
                    ["median_ratio"] = ResultJson.Number(c.MedianRatio),
                }
                : null,
            ["error_curve"] = ResultJson.Array(m.Curve, p => new JsonObject
            {
                ["error"] = ResultJson.Number(p.Error),
                ["estimate"] = ResultJson.Number(p.Estimate),
                ["robust_ci95"] = ResultJson.Ends(p.Interval),
                ["change"] = ResultJson.Number(p.Change),
            }),
        };

    /// <summary>The field "sensitivity".</summary>
    public static JsonArray Sensitivity(MeasurementResult? m) => ResultJson.Array(m?.Sensitivity ?? [], r => new JsonObject
    {
        ["kind"] = r.Kind,
        ["label"] = r.Label,
        ["factor"] = ResultJson.Number(r.Factor),
        ["synapses"] = r.Synapses,
        ["estimate"] = ResultJson.Number(r.Estimate),
        ["robust_ci95"] = r.Interval is { } i ? ResultJson.Ends(i) : null,
        ["note"] = r.Note,
    });

    /// <summary>The field "intervals".</summary>
    public static JsonArray Intervals(IReadOnlyList<IntervalEstimate> intervals) => ResultJson.Array(intervals, e => new JsonObject
    {
        ["interval"] = ResultJson.Number(e.Interval),
        ["session_pairs"] = e.SessionPairs,
        ["synapses"] = e.Synapses,
        ["estimate"] = ResultJson.Number(e.Estimate),
        ["robust_ci95"] = e.RobustInterval is { } i ? ResultJson.Ends(i) : null,
        ["change"] = ResultJson.Number(e.Change),
        ["note"] = e.Note,
    });
}
