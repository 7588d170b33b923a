using System.Text.Json.Nodes;
using static SynapticGeometry.Cli.ResultJson;

namespace SynapticGeometry.Cli;

/// <summary>
/// The result of 'syngeo invariance' as JSON, schema syngeo.invariance/1, documented in docs/invariance.md. A number that is not finite
/// is null.
/// </summary>
internal static class InvarianceJson
{
    /// <summary>The text of the document, ending in a line break.</summary>
    public static string Write(IReadOnlyList<InvarianceResult> results, InvarianceInput input, string version, string command, string description) => Text(new JsonObject
    {
        ["schema"] = "syngeo.invariance/1",
        ["version"] = version,
        ["command"] = command,
        ["input"] = description,
        ["seed"] = input.Seed,
        ["first"] = input.First,
        ["second"] = input.Second,
        ["synapses"] = input.Synapses,
        ["rates"] = input.Rates,
        ["rules"] = Array(results, Rule),
    });

    private static JsonObject Rule(InvarianceResult r) => new()
    {
        ["rule"] = r.Name,
        ["passed"] = r.Passed,
        ["verdict"] = r.Verdict switch
        {
            InvarianceVerdict.Invariant => "invariant",
            InvarianceVerdict.InvariantToFirstOrder => "invariant_to_first_order",
            _ => "dependent",
        },
        ["reason"] = r.Reason,
        ["learning_rate"] = Number(r.LearningRate),
        ["threshold"] = Number(r.Threshold),
        ["states"] = r.States,
        ["silent_states"] = r.SilentStates,
        ["compared"] = r.Compared.Count(),
        ["disagreement"] = Number(r.Disagreement),
        ["slope_exponent"] = Number(r.SlopeExponent),
        ["euclidean_deviation"] = Number(r.EuclideanDeviation),
        ["straight_step"] = Step(r.StraightStep),
        ["own_step"] = Step(r.OwnStep),
        ["learning"] = r.Learning is { } l
            ? new JsonObject
            {
                ["steps"] = l.Steps,
                ["weight_difference"] = Number(l.WeightDifference),
                ["learned_difference"] = Number(l.LearnedDifference),
                ["rate_difference"] = Number(l.RateDifference),
            }
            : null,
        ["learning_note"] = r.LearningNote,
    };

    private static JsonObject Step(InvarianceStep step) => new() { ["disagreement"] = Number(step.Disagreement), ["order"] = Number(step.Order) };
}
