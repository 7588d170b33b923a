using System.Text.Json.Nodes;
using static SynapticGeometry.Cli.ResultJson;

namespace SynapticGeometry.Cli;

/// <summary>A plan as JSON, schema syngeo.power/1, documented in docs/power.md. A number that is not finite is null.</summary>
internal static class PowerJson
{
    /// <summary>The text of the document, ending in a line break.</summary>
    public static string Write(PowerAnalysis analysis, string version, string command, string input)
    {
        PowerOptions options = analysis.Options;
        PowerFormula plan = options.Experiment;
        return Text(new JsonObject
        {
            ["schema"] = "syngeo.power/1",
            ["version"] = version,
            ["command"] = command,
            ["input"] = input,
            ["seed"] = options.Seed,
            ["experiment"] = new JsonObject
            {
                ["size_spread"] = Number(plan.SizeSpread),
                ["change"] = Number(plan.Change),
                ["error"] = Number(plan.Error),
                ["kurtosis"] = Number(plan.Kurtosis),
                ["truth"] = Number(plan.Truth),
                ["alternative"] = Number(plan.Alternative),
                ["level"] = Number(plan.Level),
                ["power"] = Number(plan.Power),
                ["drift"] = plan.Drift == Drift.Constant ? "constant" : "size",
                ["reliability"] = Number(plan.Reliability),
                ["interval"] = Number(options.Interval),
                ["growth"] = Number(options.Growth),
                ["growth_measured"] = options.GrowthMeasured,
            },
            ["synapses_closed_form"] = Number(plan.Synapses),
            ["size_factor"] = Number(plan.SizeFactor),
            ["allowance"] = Number(plan.Allowance),
            ["synapses_needed"] = Needed(plan.PlannedSynapses),
            ["synapses_simulated"] = analysis.SimulatedSynapses,
            ["asked"] = options.Synapses is { } n ? Asked(plan, n) : null,
            ["half_width"] = options.HalfWidth is { } w
                ? new JsonObject { ["wanted"] = Number(w), ["synapses_needed"] = Needed((plan.SynapsesForHalfWidth(w) * plan.SizeFactor) + plan.Allowance) }
                : null,
            ["pilot"] = options.Pilot is { } pilot ? Pilot(pilot) : null,
            ["table"] = Array(analysis.Table, r => new JsonObject
            {
                ["size_spread"] = Number(r.SizeSpread),
                ["error_to_change"] = Number(r.ErrorToChange),
                ["planned"] = r.Planned,
                ["synapses"] = Array(r.Experiments, e => new JsonObject
                {
                    ["truth"] = Number(e.Truth),
                    ["alternative"] = Number(e.Alternative),
                    ["synapses_closed_form"] = Number(e.Synapses),
                    ["synapses_needed"] = Needed(e.PlannedSynapses),
                }),
            }),
            ["levers"] = Array(analysis.Levers, l => Variation(new JsonObject { ["name"] = l.Name }, l.Experiment)),
            ["intervals"] = Array(analysis.Intervals, i => Variation(new JsonObject { ["interval"] = Number(i.Interval) }, i.Experiment)),
            ["data_sets"] = options.DataSets,
            ["simulation"] = Array(analysis.Simulation, Point),
            ["verdict"] = analysis.Verdict,
            ["conditions"] = Array(analysis.Remarks, r => JsonValue.Create(r)),
        });
    }

    private static JsonObject Asked(PowerFormula plan, int synapses)
    {
        double effective = plan.EffectiveSynapses(synapses);
        return new JsonObject
        {
            ["synapses"] = synapses,
            ["power"] = effective > 0 ? Number(plan.PowerAt(effective)) : null,
            ["half_width"] = effective > 0 ? Number(plan.HalfWidthAt(effective)) : null,
            ["detectable_difference"] = effective > 0 ? Number(plan.DetectableDifferenceAt(effective)) : null,
        };
    }

    private static JsonObject Pilot(PowerPilot pilot)
    {
        var excluded = new JsonObject();
        foreach ((string reason, long count) in pilot.Sizes.Excluded)
        {
            excluded.Add(reason, count);
        }

        return new JsonObject
        {
            ["read"] = pilot.Sizes.Read,
            ["used"] = pilot.Sizes.Count,
            ["excluded"] = excluded,
            ["groups"] = pilot.Sizes.GroupOf?.Distinct().Count(),
            ["size_spread"] = Number(pilot.SizeSpread),
            ["true_share"] = Number(pilot.TrueShare),
            ["change"] = Number(pilot.Change),
            ["measured_change"] = Number(pilot.MeasuredChange),
            ["error"] = Number(pilot.Error.Relative),
            ["absolute_error"] = Number(pilot.Error.Absolute),
            ["detection_limit"] = Number(Math.Exp(pilot.Sizes.LogLimit + pilot.Sizes.LogUnit)),
            ["exponent"] = Number(pilot.Exponent),
            ["exponent_se"] = Number(pilot.ExponentError),
            ["kurtosis"] = Number(pilot.Kurtosis),
            ["group_shift"] = Number(pilot.GroupShift),
            ["error_exceeds_change"] = pilot.ErrorExceedsChange,
        };
    }

    private static JsonObject Variation(JsonObject named, PowerFormula e)
    {
        named["size_spread"] = Number(e.SizeSpread);
        named["change"] = Number(e.Change);
        named["error"] = Number(e.Error);
        named["synapses_needed"] = Needed(e.PlannedSynapses);
        return named;
    }

    private static JsonObject Point(PowerPoint p) => new()
    {
        ["error_factor"] = Number(p.ErrorFactor),
        ["error"] = Number(p.Estimate.Error.Relative),
        ["synapses"] = p.Estimate.Synapses,
        ["power"] = Number(p.Estimate.Power),
        ["power_se"] = Number(p.Estimate.StandardError),
        ["power_expected"] = Number(p.Expected),
        ["false_alarm_rate"] = Number(p.Estimate.FalseAlarmRate),
        ["failures"] = p.Estimate.Failures,
        ["mean_exponent"] = Number(p.Estimate.MeanExponent),
        ["exponent_sd"] = Number(p.Estimate.ExponentDeviation),
        ["median_half_width"] = Number(p.Estimate.MedianHalfWidth),
        ["narrow_enough"] = p.Estimate.Narrow is { } narrow ? Number((double)narrow / p.Estimate.DataSets) : null,
    };

    private static JsonValue? Needed(double synapses) => double.IsFinite(synapses) ? JsonValue.Create(Math.Ceiling(synapses - 1e-9)) : null;
}
