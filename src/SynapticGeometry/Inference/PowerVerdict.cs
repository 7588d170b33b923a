using System.Globalization;

namespace SynapticGeometry;

/// <summary>Turns a plan into sentences.</summary>
internal static class PowerVerdict
{
    // Beyond this kurtosis a sample's own is mostly chance.
    private const double HeavyTails = 6;
    private const double LargeChange = 0.3;
    private const double Suspicious = 0.5;
    private const int FewGroups = 10;

    /// <summary>The analysis with its verdict and remarks.</summary>
    public static PowerAnalysis Complete(PowerAnalysis analysis) => analysis with { Verdict = Headline(analysis), Remarks = [.. RemarksOn(analysis)] };

    /// <summary>"0 (multiplicative)", "0.5 (1.5-norm)".</summary>
    public static string Name(double exponent) => Number(exponent) + exponent switch
    {
        -1 => " (Burg entropy)",
        0 => " (multiplicative)",
        1 => " (additive)",
        > 0 => $" ({Number(exponent + 1)}-norm)",
        _ => string.Empty,
    };

    private static string Headline(PowerAnalysis analysis)
    {
        PowerOptions options = analysis.Options;
        PowerFormula plan = options.Experiment;
        string question = $"exponent {Name(plan.Truth)} from {Name(plan.Alternative)}";
        string wanted = $"with {Percent(plan.Power)} power at the {Percent(plan.Level)} level";
        string text;
        if (options.Pilot?.ErrorExceedsChange == true)
        {
            text = $"The data cannot tell {question}: in the pilot measured changes are no more variable than the error alone makes them, and more synapses help only slowly. Measure changes over a longer interval, or measure better.";
        }
        else if (plan.ErrorToChange > 1)
        {
            text = $"About {Count(plan.PlannedSynapses)} synapses would tell {question} {wanted}: the error is larger than the change, and more synapses help only slowly. "
                + $"Over four times the interval {Count(plan.WithInterval(4, options.Growth).PlannedSynapses)} would do.";
        }
        else
        {
            text = $"About {Count(plan.PlannedSynapses)} synapses tell {question} {wanted}";
            text += plan.Error > 0
                ? $"; with half the error {Count((plan with { Error = plan.Error / 2 }).PlannedSynapses)} would do, over twice the interval {Count(plan.WithInterval(2, options.Growth).PlannedSynapses)}."
                : "; without error only the number of synapses and the spread of their sizes count.";
        }

        if (options.Synapses is { } n)
        {
            double effective = plan.EffectiveSynapses(n);
            text += effective > 0
                ? $" {Count(n)} synapses have a power of {Percent(plan.PowerAt(effective))}; their interval reaches {Number(plan.HalfWidthAt(effective))} to either side."
                : $" {Count(n)} synapses are too few: fitting the mean of the change uses up {Count(plan.Allowance)}.";
        }

        if (options.HalfWidth is { } half)
        {
            text += $" An interval that reaches {Number(half)} to either side needs {Count((plan.SynapsesForHalfWidth(half) * plan.SizeFactor) + plan.Allowance)}.";
        }

        if (options.DataSets > 0)
        {
            text += analysis.SimulatedSynapses is { } simulated
                ? $" By simulation {Count(RoundUp(simulated))} are needed."
                : " In simulation not even 50,000 suffice.";
        }

        return text;
    }

    private static IEnumerable<string> RemarksOn(PowerAnalysis analysis)
    {
        PowerOptions options = analysis.Options;
        PowerFormula plan = options.Experiment;
        yield return $"By the closed form alone {Count(plan.Synapses)}"
            + (Math.Abs(plan.SizeFactor - 1) > 0.02 ? $"; times {Number(plan.SizeFactor)}, as the reliability of a change depends on size under exponent {Number(plan.Truth)}" : string.Empty)
            + $"; plus the {Number(plan.Allowance)} that fitting the mean of the change uses up.";
        yield return options.GrowthMeasured
            ? $"Changes grow with the interval to the power {Number(options.Growth)}, as measured in the pilot."
            : "Longer intervals are taken to give changes that grow with their square root, like a random walk; changes that saturate gain less. Measure it: give pilots at several intervals.";
        if (options.Pilot is { } pilot)
        {
            yield return $"Pilot: {Count(pilot.Sizes.Count)} synapses, spread of log size {Number(pilot.SizeSpread)} and change {Percent(pilot.Change)} without error, kurtosis of the changes {Number(pilot.Kurtosis)}, exponent {Number(pilot.Exponent)} ± {Number(pilot.ExponentError)}.";
            if (pilot.Error.IsNone)
            {
                yield return "No measurement error was given: it is taken as none, which makes every number here a lower limit.";
            }

            if (pilot.Kurtosis > HeavyTails)
            {
                yield return "The pilot's changes have heavy tails, which a few outliers can feign: look at them before planning on so many synapses.";
            }

            if (pilot.Sizes.GroupOf is { } groups)
            {
                int count = groups.Distinct().Count();
                yield return $"{count} groups, simulated whole; their mean changes differ by {Number(pilot.GroupShift)} times the change of a synapse beyond chance.";
                if (count < FewGroups)
                {
                    yield return $"{count} groups are few to learn from how groups differ: take the simulated power as a guess.";
                }
            }
        }

        if (plan.Change > LargeChange)
        {
            yield return $"Changes of {Percent(plan.Change)} are large: the closed form is for small ones. Large changes carry more information, but small synapses vanish.";
        }

        foreach (PowerPoint point in analysis.Simulation.Where(p => p.ErrorFactor == 1 && Math.Abs(p.Estimate.MeanExponent - plan.Truth) > Suspicious * Math.Abs(plan.Truth - plan.Alternative)).Take(1))
        {
            yield return $"In simulation the exponent is estimated at {Number(point.Estimate.MeanExponent)} on average with {Count(point.Estimate.Synapses)} synapses though it is {Number(plan.Truth)}: the analysis is biased here, and power says little.";
        }

        if (analysis.Simulation.Sum(p => p.Estimate.Failures) is > 0 and var failures)
        {
            yield return $"{Count(failures)} of {Count(analysis.Simulation.Sum(p => (long)p.Estimate.DataSets))} simulated data sets gave no answer (the exponent ran to the end of the range searched, or there were fewer than two groups); they count as not telling.";
        }
    }

    // Two significant figures: it is interpolated between simulations.
    private static double RoundUp(double value)
    {
        double unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(value)) - 1));
        return Math.Ceiling(value / unit) * unit;
    }

    private static string Count(double value) => Math.Ceiling(value - 1e-9).ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => $"{(100 * share).ToString("G3", CultureInfo.InvariantCulture)} %";

    private static string Number(double value) => Math.Abs(value) is >= 0.1 or 0
        ? value.ToString("0.##", CultureInfo.InvariantCulture) : value.ToString("G2", CultureInfo.InvariantCulture);
}
