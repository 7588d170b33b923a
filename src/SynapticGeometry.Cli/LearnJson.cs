using System.Text.Json.Nodes;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Cli.ResultJson;

namespace SynapticGeometry.Cli;

/// <summary>The result of 'syngeo learn' as JSON, schema syngeo.learn/1, documented in docs/learn.md. A number that is not finite is null.</summary>
internal static class LearnJson
{
    /// <summary>The text of the document, ending in a line break.</summary>
    public static string Write(LearningOutcome outcome, string version, string command)
    {
        LearningStudy study = outcome.Result.Study;
        LearningCurve curve = outcome.Result.Curve;
        return Text(new JsonObject
        {
            ["schema"] = "syngeo.learn/1",
            ["rule"] = outcome.Rule,
            ["n"] = outcome.Synapses,
            ["trials"] = outcome.Trials,
            ["duration"] = study.Duration,
            ["dt"] = study.Ensemble.TimeStep,
            ["wall_seconds"] = outcome.WallSeconds,
            ["synaptic_updates_per_second"] = Number(outcome.UpdatesPerSecond),
            ["threads"] = outcome.Threads,
            ["curve"] = new JsonObject
            {
                ["t"] = Array(curve.Steps, s => Number(s * curve.TimeStep)),
                ["dkl_mean"] = Array(curve.MeanDivergence, Number),
                ["dkl_min"] = Array(curve.Costs, c => Number(c.Min(x => x.Divergence))),
                ["dkl_max"] = Array(curve.Costs, c => Number(c.Max(x => x.Divergence))),
                ["rmse_mean"] = Array(curve.MeanRateError, Number),
            },
            ["time_to"] = new JsonObject
            {
                ["dkl"] = outcome.Target,
                ["mean_curve"] = Number(outcome.MeanTime),
                ["median_trial"] = Number(outcome.MedianTrialTime),
                ["trials_reached"] = outcome.TrialsReached,
            },
            ["learning_rate"] = outcome.LearningRate,
            ["convention"] = outcome.Convention == LearningRateConvention.Released ? "released" : "printed",
            ["printed_learning_rate"] = study.Ensemble.Rule.LearningRate,
            ["engine"] = outcome.Result.EventDriven ? "event" : "dense",
            ["stepping"] = study.Ensemble.Stepping == TraceStepping.ForwardEuler ? "euler" : "exact",
            ["steps_run"] = outcome.Result.StepsRun,
            ["seed"] = outcome.Result.Seed,
            ["input"] = outcome.Description,
            ["version"] = version,
            ["command"] = command,
        });
    }
}
