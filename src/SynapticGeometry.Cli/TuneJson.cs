using System.Text.Json.Nodes;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Cli.ResultJson;

namespace SynapticGeometry.Cli;

/// <summary>The result of 'syngeo tune' as JSON, schema syngeo.tune/1, documented in docs/learn.md. A number that is not finite is null.</summary>
internal static class TuneJson
{
    /// <summary>The text of the document, ending in a line break.</summary>
    public static string Write(TuningOutcome outcome, string version, string command, string description) => Text(new JsonObject
    {
        ["schema"] = "syngeo.tune/1",
        ["version"] = version,
        ["command"] = command,
        ["input"] = description,
        ["seed"] = outcome.Seed,
        ["convention"] = outcome.Convention == LearningRateConvention.Released ? "released" : "printed",
        ["criterion"] = outcome.Rules[0].Search.Criterion == TuningCriterion.Residual ? "residual" : "fastest",
        ["target_rmse"] = outcome.Rules[0].Search.Target,
        ["evaluations"] = outcome.Rules[0].Search.Evaluations,
        ["trials"] = outcome.Trials,
        ["duration"] = outcome.Duration,
        ["rules"] = Array(outcome.Rules, r => Rule(outcome, r)),
    });

    private static JsonObject Rule(TuningOutcome outcome, TunedRule r) => new()
    {
        ["rule"] = r.Rule,
        ["criterion_met"] = r.Result.Reached,
        ["learning_rate"] = Number(r.LearningRate),
        ["printed_learning_rate"] = Number(r.Result.Best.LearningRate),
        ["time"] = Number(r.Time),
        ["time_ci95"] = outcome.TimeInterval(r) is { } interval ? Ends(interval) : null,
        ["rmse_at_end"] = Number(r.Result.Check?.Residual()),
        ["tried"] = Array(r.Result.Tried, t => new JsonObject
        {
            ["learning_rate"] = Number(t.LearningRate * r.Published),
            ["time"] = Number(t.Time),
            ["rmse_at_end"] = Number(t.Residual),
            ["simulated"] = Number(t.Duration),
            ["diverged"] = t.Diverged,
        }),
    };
}
