namespace SynapticGeometry.Reporting;

/// <summary>The best learning rate that was found for one rule.</summary>
/// <param name="Rule">Name of the rule, such as "natural".</param>
/// <param name="Search">The search.</param>
/// <param name="Result">What it found.</param>
/// <param name="Published">How many learning rates of the convention in use make one of the rule as printed: 1, or β.</param>
public sealed record TunedRule(string Rule, LearningRateSearch Search, LearningRateResult Result, double Published)
{
    /// <summary>Number of resampled sets of trials for the interval.</summary>
    public const int Replicates = 1000;

    /// <summary>The best learning rate in the convention in use.</summary>
    public double LearningRate => Result.Best.LearningRate * Published;

    /// <summary>When the target was reached in the check, s; null where it was not.</summary>
    public double? Time => Result.CheckTime(Search.Target);

    /// <summary>
    /// 95 % of the times at which the mean over resampled trials of the check reached the target, s; an end is infinite where it did not.
    /// Null without a check.
    /// </summary>
    /// <param name="random">Source of the resampling.</param>
    public Interval? TimeInterval(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (Result.Check is not { } curve)
        {
            return null;
        }

        int trials = curve.Costs[0].Count;
        double[] times = new double[Replicates];
        int[] chosen = new int[trials];
        for (int k = 0; k < Replicates; k++)
        {
            RandomSource draws = random.Fork("resampled trials", (ulong)k);
            for (int i = 0; i < trials; i++)
            {
                chosen[i] = draws.NextInt(trials);
            }

            LearningCurve resampled = curve with { Costs = [.. curve.Costs.Select(c => (IReadOnlyList<LearningCost>)[.. chosen.Select(i => c[i])])] };
            times[k] = resampled.TimeToRateError(Search.Target) ?? double.PositiveInfinity;
        }

        Array.Sort(times);
        return new Interval(times[(int)(0.025 * Replicates)], times[(int)(0.975 * Replicates) - 1]);
    }
}

/// <summary>Rules tuned under one budget.</summary>
/// <param name="Rules">What was found for each.</param>
/// <param name="Convention">How learning rates are meant.</param>
/// <param name="Trials">Trials of each evaluation.</param>
/// <param name="Duration">Longest simulated time of each evaluation, s.</param>
/// <param name="Seed">Seed of the random numbers.</param>
public sealed record TuningOutcome(IReadOnlyList<TunedRule> Rules, LearningRateConvention Convention, int Trials, double Duration, ulong Seed)
{
    /// <summary>The times of a rule's check with their interval.</summary>
    /// <param name="rule">One of <see cref="Rules"/>.</param>
    public Interval? TimeInterval(TunedRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return rule.TimeInterval(new RandomSource(Seed).Fork("interval of " + rule.Rule));
    }

    /// <summary>That the rules did not learn the same task, in a sentence; null where they did.</summary>
    public string? Note { get; init; }

    /// <summary>What came out, a sentence a rule.</summary>
    public IEnumerable<string> Sentences => Rules.Select(Sentence);

    /// <summary>The budget, in a sentence.</summary>
    public string Budget =>
        $"Every rule had {Rules[0].Search.Evaluations} evaluations of {Numbers.Count(Trials, "trial", "trials")} of at most {Numbers.Significant(Duration, 3)} s, and one more run of the best rate with other weights and input, from which the numbers are taken. "
        + (Convention == LearningRateConvention.Released
            ? "Learning rates are in the convention of the paper's released code, which lacks the factor beta."
            : "Learning rates are those of the rule as printed.");

    private string Sentence(TunedRule r)
    {
        string target = Numbers.Significant(r.Search.Target, 2);
        if (r.Result.Check is not { } check)
        {
            return $"{r.Rule}: weights diverge at every learning rate that was tried.";
        }

        string rate = $"{r.Rule}: best learning rate {Numbers.Significant(r.LearningRate, 2)}";
        string residual = $"{Numbers.Significant(check.Residual(), 2)} Hz remain at the end.";
        Interval? interval = TimeInterval(r);
        string time = r.Time is { } t
            ? $"a difference of rates of {target} Hz is reached at {Numbers.Significant(t, 3)} s (95 % from {Numbers.Significant(interval!.Value.Low, 3)} to {(double.IsFinite(interval.Value.High) ? $"{Numbers.Significant(interval.Value.High, 3)} s" : "never")}); {residual}"
            : $"a difference of rates of {target} Hz is not reached in {Numbers.Significant(Duration, 3)} s; {residual}";
        return r.Result.Reached ? $"{rate}; {time}" : $"{rate}, though no rate met the criterion; {time}";
    }
}
