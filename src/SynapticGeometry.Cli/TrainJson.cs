using System.Text.Json.Nodes;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Cli.ResultJson;

namespace SynapticGeometry.Cli;

/// <summary>The result of 'syngeo train' as JSON, schema syngeo.train/1, documented in docs/train.md. A number that is not finite is null.</summary>
internal static class TrainJson
{
    /// <summary>The text of the document, ending in a line break.</summary>
    public static string Write(TrainingOutcome outcome, TrainInput input, int threads, string version, string command) => Text(new JsonObject
    {
        ["schema"] = "syngeo.train/1",
        ["version"] = version,
        ["command"] = command,
        ["model"] = input.Model,
        ["input"] = input.Description,
        ["seed"] = outcome.Seed,
        ["wall_seconds"] = Number(outcome.Seconds),
        ["threads"] = threads,
        ["potentials"] = Array(outcome.Potentials, p => Potential(outcome, p)),
        ["networks"] = Array(outcome.Networks, Network),
    });

    private static JsonObject Potential(TrainingOutcome outcome, Potential potential)
    {
        IReadOnlyList<TrainedNetwork> all = outcome.Of(potential);
        double[] told = [.. all.Select(n => n.Told?.Estimate).OfType<double>()];
        return new JsonObject
        {
            ["potential"] = potential.Name,
            ["exponent"] = Number(potential.Exponent),
            ["networks"] = all.Count,
            ["exponent_told_mean"] = told.Length == 0 ? null : Number(told.Average()),
            ["closest_is_own"] = all.Count(n => n.Inference?.Closest == potential.Name),
            ["least_delta_cdf_is_own"] = all.Count(n => n.LeastDeltaCdf == potential.Name),
            ["weights"] = all.Sum(n => n.Weights),
            ["sign_changes"] = all.Sum(n => n.SignChanges),
        };
    }

    private static JsonObject Candidate(CandidateResult all, LayerCandidate? layers) => new()
    {
        ["geometry"] = all.Geometry,
        ["delta_cdf"] = Number(all.DeltaCdf),
        ["delta_cdf_centred"] = Number(all.DeltaCdfCentred),
        ["delta_cdf_layers"] = Number(layers?.DeltaCdf),
        ["closest_in_layers"] = layers?.ClosestIn,
        ["change_magnitude"] = Number(all.ChangeMagnitude),
    };

    private static JsonObject Network(TrainedNetwork n) => new()
    {
        ["potential"] = n.Potential.Name,
        ["network"] = n.Number,
        ["folder"] = n.Folder,
        ["learning_rate"] = Number(n.LearningRate),
        ["epochs"] = n.Epochs,
        ["loss"] = Number(n.Loss),
        ["accuracy"] = Number(n.Accuracy),
        ["weights"] = n.Weights,
        ["sign_changes"] = n.SignChanges,
        ["stopped_at_zero"] = n.Stopped,
        ["weights_used"] = n.Inference?.Synapses.Used,
        ["exponent_told"] = Number(n.Told?.Estimate),
        ["exponent_told_ci95"] = n.Told is { } t ? Ends(t.Interval) : null,
        ["exponent_of_all"] = Number(n.Inference?.Exponent.Estimate),
        ["exponent_of_all_ci95"] = n.Inference is { } r ? Ends(r.Exponent.RobustInterval) : null,
        ["closest"] = n.Inference?.Closest,
        ["closest_of_all"] = n.Inference?.ClosestOfAll,
        ["layers"] = n.Inference?.Layers?.Median.Groups,
        ["least_delta_cdf"] = n.LeastDeltaCdf,
        ["least_delta_cdf_of_all"] = n.LeastDeltaCdfOfAll,
        ["candidates"] = n.Inference is { } result ? Array(result.Candidates, c => Candidate(c, result.Layers?.Candidates.First(l => l.Geometry == c.Geometry))) : null,
        ["tried"] = Array(n.Tried, t => new JsonObject
        {
            ["learning_rate"] = Number(t.LearningRate),
            ["loss"] = Number(t.Loss),
            ["accuracy"] = Number(t.Accuracy),
            ["diverged"] = t.Diverged,
        }),
    };
}
