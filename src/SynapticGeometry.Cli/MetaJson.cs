using System.Text.Json.Nodes;

namespace SynapticGeometry.Cli;

/// <summary>The parts of the result's JSON about groups together and about prediction, documented in docs/result-json.md.</summary>
internal static class MetaJson
{
    /// <summary>The field "meta"; null without groups.</summary>
    public static JsonObject? Meta(MetaAnalysis? meta) => meta is null
        ? null
        : new JsonObject
        {
            ["groups_used"] = meta.GroupsUsed.Count,
            ["groups_left_out"] = ResultJson.Array(meta.GroupsLeftOut, g => JsonValue.Create(g)),
            ["note"] = meta.Note,
            ["random_effects"] = meta.RandomEffects is { } r
                ? new JsonObject
                {
                    ["method"] = "REML, Hartung-Knapp",
                    ["mean"] = ResultJson.Number(r.Mean),
                    ["se"] = ResultJson.Number(r.StandardError),
                    ["ci95"] = ResultJson.Ends(r.Interval),
                    ["hartung_knapp_scale"] = ResultJson.Number(r.HartungKnappScale),
                    ["heterogeneity"] = ResultJson.Number(r.Heterogeneity),
                    ["heterogeneity_ci95"] = ResultJson.Ends(r.HeterogeneityInterval),
                    ["i_squared"] = ResultJson.Number(r.ISquared),
                    ["cochran_q"] = ResultJson.Number(r.CochranQ),
                    ["cochran_q_p"] = ResultJson.Number(r.CochranQP),
                    ["prediction95"] = r.PredictionInterval is { } p ? ResultJson.Ends(p) : null,
                    ["weights"] = ResultJson.Array(r.Weights, ResultJson.Number),
                }
                : null,
            ["median"] = meta.Median is { } m
                ? new JsonObject { ["groups"] = m.Groups, ["value"] = ResultJson.Number(m.Value), ["ci95"] = ResultJson.Ends(m.Interval) }
                : null,
            ["one_stage"] = meta.OneStage is { } o
                ? new JsonObject
                {
                    ["groups"] = o.Groups,
                    ["too_small"] = o.GroupsLeftOut,
                    ["mean"] = ResultJson.Number(o.Mean),
                    ["ci95"] = ResultJson.Ends(o.Interval),
                    ["heterogeneity"] = ResultJson.Number(o.Heterogeneity),
                    ["heterogeneity_ci95"] = ResultJson.Ends(o.HeterogeneityInterval),
                }
                : null,
        };

    /// <summary>The field "layers"; null where the verdict is not about layers.</summary>
    public static JsonObject? Layers(LayerAnalysis? layers) => layers is null
        ? null
        : new JsonObject
        {
            ["layers"] = layers.Median.Groups,
            ["weights"] = layers.Weights,
            ["exponent"] = ResultJson.Number(layers.Median.Value),
            ["ci95"] = ResultJson.Ends(layers.Median.Interval),
            ["closest"] = layers.Closest,
            ["likeliest"] = layers.Likeliest,
            ["spread_ratio"] = ResultJson.Number(layers.SpreadRatio),
            ["layers_with_sign_flips"] = layers.LayersWithSignFlips,
            ["candidates"] = ResultJson.Array(layers.Candidates, c => new JsonObject
            {
                ["geometry"] = c.Geometry,
                ["exponent"] = ResultJson.Number(c.Exponent),
                ["log_likelihood"] = ResultJson.Number(c.LogLikelihood),
                ["closest_in"] = c.ClosestIn,
                ["ahead"] = c.Ahead,
                ["behind"] = c.Behind,
                ["p"] = ResultJson.Number(c.P),
                ["rejected"] = c.IsRejected,
                ["delta_cdf"] = ResultJson.Number(c.DeltaCdf),
                ["delta_cdf_centred"] = ResultJson.Number(c.DeltaCdfCentred),
            }),
        };

    /// <summary>The field "cross_validation"; null where it was not run.</summary>
    public static JsonObject? CrossValidation(CrossValidation? validation) => validation is null
        ? null
        : new JsonObject
        {
            ["folds"] = validation.Folds,
            ["units"] = validation.Units,
            ["unit_count"] = validation.UnitCount,
            ["synapses"] = validation.Synapses,
            ["models"] = ResultJson.Array(validation.Models, m => new JsonObject
            {
                ["model"] = m.Name,
                ["candidate"] = m.IsCandidate,
                ["log_predictive_density"] = ResultJson.Number(m.LogPredictiveDensity),
                ["per_synapse"] = ResultJson.Number(m.PerSynapse),
                ["difference"] = ResultJson.Number(m.DifferenceToBest),
                ["difference_se"] = ResultJson.Number(m.DifferenceStandardError),
            }),
        };
}
