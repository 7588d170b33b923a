using System.Text.Json;
using System.Text.Json.Nodes;

namespace SynapticGeometry.Cli;

/// <summary>
/// The result of an inference as JSON, schema syngeo.infer/1, documented in docs/result-json.md. A number that is not finite is null.
/// </summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The text of the document, ending in a line break.</summary>
    public static string Write(InferenceResult result, string version, string command, string input) =>
        Text(Build(result, version, command, input));

    /// <summary>A document as indented text, ending in a line break.</summary>
    internal static string Text(JsonObject document) => document.ToJsonString(Indented) + "\n";

    private static JsonObject Build(InferenceResult result, string version, string command, string input)
    {
        var excluded = new JsonObject();
        foreach ((string reason, long count) in result.Synapses.Excluded)
        {
            excluded.Add(reason, count);
        }

        ExponentEstimate e = result.Exponent;
        return new JsonObject
        {
            ["schema"] = "syngeo.infer/1",
            ["version"] = version,
            ["command"] = command,
            ["input"] = input,
            ["seed"] = result.Options.Seed,
            ["synapses"] = new JsonObject
            {
                ["read"] = result.Synapses.Read,
                ["used"] = result.Synapses.Used,
                ["excluded"] = excluded,
                ["sign_flips"] = result.Synapses.SignFlips,
                ["unchanged"] = result.Synapses.Unchanged,
                ["negative"] = result.Synapses.Negative,
            },
            ["size_spread"] = Number(result.SizeSpread),
            ["typical_size"] = Number(result.TypicalSize),
            ["typical_change"] = Number(result.TypicalChange),
            ["candidates"] = Array(result.Candidates, Candidate),
            ["exponent"] = new JsonObject
            {
                ["estimate"] = Number(e.Estimate),
                ["se"] = Number(e.StandardError),
                ["robust_se"] = Number(e.RobustStandardError),
                ["ci95"] = Ends(e.LikelihoodInterval),
                ["robust_ci95"] = Ends(e.RobustInterval),
                ["bootstrap_ci95"] = e.BootstrapInterval is { } b ? Ends(b) : null,
                ["bootstrap_se"] = Number(e.BootstrapStandardError),
                ["bootstrap_replicates"] = e.BootstrapReplicates,
                ["independent_units"] = e.IndependentUnits,
                ["slope_estimate"] = Number(e.SlopeEstimate),
                ["slope_se"] = Number(e.SlopeStandardError),
                ["estimate_without_drift"] = Number(e.EstimateWithoutDrift),
                ["log_likelihood"] = Number(e.LogLikelihood),
                ["residual_skewness"] = Number(e.ResidualSkewness),
                ["residual_kurtosis"] = Number(e.ResidualKurtosis),
            },
            ["drift"] = result.Drift is { } d
                ? new JsonObject
                {
                    ["small"] = Number(d.Small),
                    ["typical"] = Number(d.Typical),
                    ["large"] = Number(d.Large),
                    ["likelihood_ratio"] = Number(d.LikelihoodRatio),
                    ["degrees_of_freedom"] = d.DegreesOfFreedom,
                    ["p"] = Number(d.P),
                }
                : null,
            ["flatness"] = new JsonObject { ["mean_p"] = Number(result.Flatness.MeanP), ["spread_p"] = Number(result.Flatness.SpreadP) },
            ["models"] = Array(result.Models, m => new JsonObject
            {
                ["model"] = m.Name,
                ["parameter"] = m.Parameter,
                ["value"] = Number(m.Value),
                ["log_likelihood"] = Number(m.LogLikelihood),
                ["parameters"] = m.Parameters,
                ["aicc"] = Number(m.Aicc),
                ["akaike_weight"] = Number(m.AkaikeWeight),
            }),
            ["model_synapses"] = result.ModelSynapses,
            ["vuong"] = Array(result.Vuong, v => new JsonObject
            {
                ["first"] = v.First,
                ["second"] = v.Second,
                ["z"] = Number(v.Z),
                ["p"] = Number(v.P),
            }),
            ["groups"] = Array(result.Groups, g => new JsonObject
            {
                ["group"] = g.Name,
                ["synapses"] = g.Synapses,
                ["estimate"] = Number(g.Estimate),
                ["robust_se"] = Number(g.RobustStandardError),
                ["robust_ci95"] = g.RobustInterval is { } i ? Ends(i) : null,
                ["closest"] = g.Closest,
                ["delta_cdf"] = Array(g.DeltaCdf, Number),
                ["log_likelihood"] = Array(g.LogLikelihood, Number),
                ["note"] = g.Note,
            }),
            ["meta"] = MetaJson.Meta(result.Meta),
            ["layers"] = MetaJson.Layers(result.Layers),
            ["cross_validation"] = MetaJson.CrossValidation(result.CrossValidation),
            ["measurement"] = MeasurementJson.Measurement(result.Measurement),
            ["sensitivity"] = MeasurementJson.Sensitivity(result.Measurement),
            ["intervals"] = MeasurementJson.Intervals(result.Intervals),
            ["closest"] = result.Closest,
            ["closest_of_all"] = result.ClosestOfAll,
            ["exponent_told"] = Number(result.Told.Estimate),
            ["exponent_told_ci95"] = Ends(result.Told.Interval),
            ["distinguishable"] = result.Verdict.Distinguishable,
            ["synapses_needed"] = result.Verdict.SynapsesNeeded,
            ["verdict"] = $"{result.Verdict.Headline} {result.Verdict.Estimate}",
            ["conditions"] = Array(result.Verdict.Conditions, c => JsonValue.Create(c)),
        };
    }

    private static JsonObject Candidate(CandidateResult c) => new()
    {
        ["geometry"] = c.Geometry,
        ["exponent"] = Number(c.Exponent),
        ["delta_cdf"] = Number(c.DeltaCdf),
        ["delta_cdf_centred"] = Number(c.DeltaCdfCentred),
        ["wasserstein1"] = Number(c.Wasserstein1),
        ["wasserstein1_centred"] = Number(c.Wasserstein1Centred),
        ["residual_wasserstein1"] = Fit(c.ResidualWasserstein1),
        ["anderson_darling"] = Fit(c.AndersonDarling),
        ["cramer_von_mises"] = Fit(c.CramerVonMises),
        ["log_likelihood"] = Number(c.LogLikelihood),
        ["akaike_weight"] = Number(c.AkaikeWeight),
        ["likelihood_ratio"] = Number(c.LikelihoodRatio),
        ["likelihood_ratio_p"] = Number(c.LikelihoodRatioP),
        ["change_magnitude"] = Number(c.ChangeMagnitude),
    };

    internal static JsonObject Fit(GoodnessOfFit g) => new() { ["statistic"] = Number(g.Statistic), ["p"] = Number(g.P) };

    internal static JsonArray Ends(Interval interval) => [Number(interval.Low), Number(interval.High)];

    internal static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> convert) => [.. items.Select(convert)];

    internal static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    internal static JsonValue? Number(double? value) => value is { } v ? Number(v) : null;
}
