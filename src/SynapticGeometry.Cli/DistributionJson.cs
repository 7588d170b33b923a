using System.Text.Json.Nodes;
using static SynapticGeometry.Cli.ResultJson;

namespace SynapticGeometry.Cli;

/// <summary>
/// The result of 'syngeo distribution' as JSON, schema syngeo.distribution/1, documented in docs/distribution.md. A number that is not
/// finite is null.
/// </summary>
internal static class DistributionJson
{
    /// <summary>The text of the document, ending in a line break.</summary>
    public static string Write(DistributionResult result, string version, string command, string input)
    {
        var excluded = new JsonObject();
        foreach ((string reason, long count) in result.Sample.Counts.Excluded)
        {
            excluded.Add(reason, count);
        }

        return Text(new JsonObject
        {
            ["schema"] = "syngeo.distribution/1",
            ["version"] = version,
            ["command"] = command,
            ["input"] = input,
            ["seed"] = result.Options.Seed,
            ["sizes"] = new JsonObject
            {
                ["read"] = result.Sample.Counts.Read,
                ["used"] = result.Sample.Counts.Used,
                ["excluded"] = excluded,
                ["negative"] = result.Sample.Counts.Negative,
            },
            ["limit"] = Number(result.Sample.Limit),
            ["geometric_mean"] = Number(Math.Exp(result.Sample.LogGeometricMean)),
            ["size_spread"] = Number(result.Sample.LogSpread),
            ["log_skewness"] = Number(result.LogSkewness),
            ["mean_change_fitted"] = result.Options.FitMeanChange,
            ["bootstrap_replicates"] = result.Bootstrap,
            ["fits"] = Array(result.Fits, Fit),
            ["references"] = Array(result.References, r => new JsonObject
            {
                ["name"] = r.Name,
                ["location"] = Number(r.Location),
                ["spread"] = Number(r.Spread),
                ["log_likelihood"] = Number(r.LogLikelihood),
                ["aicc"] = Number(r.Aicc),
                ["anderson_darling"] = ResultJson.Fit(r.AndersonDarling),
            }),
            ["closest"] = result.Closest,
            ["verdict"] = result.Verdict.Headline,
            ["findings"] = Array(result.Verdict.Findings, f => JsonValue.Create(f)),
            ["limits"] = Array(result.Verdict.Limits, f => JsonValue.Create(f)),
        });
    }

    private static JsonObject Fit(DistributionFit f) => new()
    {
        ["name"] = f.Name,
        ["initial"] = f.Initial,
        ["geometry"] = f.Geometry,
        ["exponent"] = f.Fit.Model.Potential.Exponent is { } e ? Number(e) : null,
        ["parameters"] = Array(f.Parameters, p => new JsonObject { ["name"] = p.Name, ["value"] = Number(p.Value) }),
        ["log_likelihood"] = Number(f.LogLikelihood),
        ["parameter_count"] = f.Fit.Model.ParameterCount,
        ["determined"] = f.Fit.Determined,
        ["aicc"] = Number(f.Aicc),
        ["delta_aicc"] = Number(f.DeltaAicc),
        ["akaike_weight"] = Number(f.AkaikeWeight),
        ["same_as"] = f.SameAs,
        ["vuong_z"] = f.AgainstClosest is { } v ? Number(v.Z) : null,
        ["vuong_p"] = f.AgainstClosest is { } w ? Number(w.P) : null,
        ["anderson_darling"] = ResultJson.Fit(f.AndersonDarling),
        ["cramer_von_mises"] = ResultJson.Fit(f.CramerVonMises),
        ["wasserstein1"] = ResultJson.Fit(f.Wasserstein1),
        ["standing"] = f.Standing.ToString().ToLowerInvariant(),
        ["note"] = f.Note,
    };
}
