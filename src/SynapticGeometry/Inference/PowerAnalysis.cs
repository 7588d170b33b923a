namespace SynapticGeometry;

/// <summary>What to ask of a planned experiment.</summary>
public sealed record PowerOptions
{
    /// <summary>The experiment.</summary>
    public PowerFormula Experiment { get; init; } = new();

    /// <summary>The pilot whose sizes, groups and limit are simulated; null for log-normal sizes.</summary>
    public PowerPilot? Pilot { get; init; }

    /// <summary>A number of synapses whose power is wanted, or null.</summary>
    public int? Synapses { get; init; }

    /// <summary>A half-width of the interval that is wanted, in units of the exponent, or null.</summary>
    public double? HalfWidth { get; init; }

    /// <summary>T₁, the interval between sessions at which the experiment's change is seen, in any unit.</summary>
    public double Interval { get; init; } = 1;

    /// <summary>Other intervals to look at, in the same unit.</summary>
    public IReadOnlyList<double> Intervals { get; init; } = [0.5, 1, 2, 4, 8];

    /// <summary>The power of the interval with which changes grow.</summary>
    public double Growth { get; init; } = PowerFormula.RandomWalk;

    /// <summary>Whether <see cref="Growth"/> was measured rather than assumed.</summary>
    public bool GrowthMeasured { get; init; }

    /// <summary>Multiples of the error to simulate.</summary>
    public IReadOnlyList<double> ErrorFactors { get; init; } = [0, 0.5, 1, 1.5];

    /// <summary>Simulated data sets for each number of synapses and each error; 0 for none.</summary>
    public int DataSets { get; init; }

    /// <summary>Smallest size seen, in units of the typical size; null for the pilot's, or none.</summary>
    public double? DetectionLimit { get; init; }

    /// <summary>Standard deviation between groups of the true exponent.</summary>
    public double ExponentSpread { get; init; }

    /// <summary>Synapses in a group where there is no pilot; 0 for no groups.</summary>
    public int SynapsesPerGroup { get; init; }

    /// <summary>The model of the simulated analysis.</summary>
    public PowerAnalysisModel Model { get; init; }

    /// <summary>Seed of every random number.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>One variation of the experiment.</summary>
/// <param name="Name">What differs: "half the error", "interval 4".</param>
/// <param name="Experiment">The experiment varied.</param>
public sealed record PowerVariation(string Name, PowerFormula Experiment);

/// <summary>A row of the table of synapses needed.</summary>
/// <param name="SizeSpread">S.</param>
/// <param name="ErrorToChange">τ/c.</param>
/// <param name="Planned">Whether these are the spread and the ratio of the experiment.</param>
/// <param name="Experiments">The experiment with them, one for each of <see cref="PowerAnalysis.Questions"/>.</param>
public sealed record PowerTableRow(double SizeSpread, double ErrorToChange, bool Planned, IReadOnlyList<PowerFormula> Experiments);

/// <summary>A simulated number of synapses beside what the closed form expects.</summary>
/// <param name="ErrorFactor">Multiple of the experiment's error.</param>
/// <param name="Expected">Power by the closed form with its corrections.</param>
/// <param name="Estimate">What was simulated.</param>
public sealed record PowerPoint(double ErrorFactor, double Expected, PowerEstimate Estimate);

/// <summary>How many synapses, which interval, which error: the closed form, its variations, and simulations beside it.</summary>
public sealed record PowerAnalysis
{
    private static readonly double[] TableSpreads = [0.3, 0.5, 0.83], TableRatios = [0, 0.5, 1, 2], GridShares = [0.25, 0.5, 1, 2];
    private const int FewestSimulated = 10, MostSimulated = 20_000;

    /// <summary>What was asked.</summary>
    public required PowerOptions Options { get; init; }

    /// <summary>The pairs of exponents of the table: multiplicative from additive and from the 1.5-norm, and those of the experiment.</summary>
    public required IReadOnlyList<(double Truth, double Alternative)> Questions { get; init; }

    /// <summary>Experiments of several spreads of size and ratios of error to change, and the one planned, by spread and ratio.</summary>
    public required IReadOnlyList<PowerTableRow> Table { get; init; }

    /// <summary>What changing one thing would do.</summary>
    public required IReadOnlyList<PowerVariation> Levers { get; init; }

    /// <summary>The experiment at other intervals.</summary>
    public required IReadOnlyList<(double Interval, PowerFormula Experiment)> Intervals { get; init; }

    /// <summary>What was simulated, by error and number of synapses; empty without simulation.</summary>
    public required IReadOnlyList<PowerPoint> Simulation { get; init; }

    /// <summary>The number of synapses that reaches the wanted power by simulation; null where not simulated or out of reach.</summary>
    public required int? SimulatedSynapses { get; init; }

    /// <summary>The answer in a sentence or two.</summary>
    public required string Verdict { get; init; }

    /// <summary>What the answer depends on.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>Plans an experiment.</summary>
    /// <param name="options">What to ask.</param>
    /// <param name="progress">Receives what is done and the share that is done.</param>
    /// <param name="cancellation">Stops between data sets.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its domain.</exception>
    public static PowerAnalysis Of(PowerOptions options, IProgress<(string Stage, double Done)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        PowerFormula plan = options.Experiment;
        plan.MustBeValid();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Interval);
        (double Truth, double Alternative)[] questions = [.. new[] { (0, 1), (0, 0.5), (plan.Truth, plan.Alternative) }.Distinct()];
        PowerTableRow[] table =
        [
            .. TableSpreads.SelectMany(s => TableRatios.Select(r => (Spread: s, Ratio: r))).Append((Spread: plan.SizeSpread, Ratio: plan.ErrorToChange)).Distinct().Order()
                .Select(x => new PowerTableRow(
                    x.Spread,
                    x.Ratio,
                    x == (plan.SizeSpread, plan.ErrorToChange),
                    [.. questions.Select(q => plan with { SizeSpread = x.Spread, Error = x.Ratio * plan.Change, Truth = q.Truth, Alternative = q.Alternative })])),
        ];
        List<PowerVariation> levers = [new("as planned", plan)];
        if (plan.Error > 0)
        {
            levers.Add(new("half the error", plan with { Error = plan.Error / 2 }));
            levers.Add(new("no error", plan with { Error = 0 }));
        }

        levers.Add(new("twice the interval", plan.WithInterval(2, options.Growth)));
        levers.Add(new("four times the interval", plan.WithInterval(4, options.Growth)));
        levers.Add(new("sizes spread 1.5 times as wide", plan with { SizeSpread = 1.5 * plan.SizeSpread }));
        var points = new List<PowerPoint>();
        int? found = options.DataSets > 0 ? Simulate(options, points, progress, cancellation) : null;
        var result = new PowerAnalysis
        {
            Options = options,
            Questions = questions,
            Table = table,
            Levers = levers,
            Intervals = [.. options.Intervals.Select(t => (t, plan.WithInterval(t / options.Interval, options.Growth)))],
            Simulation = points,
            SimulatedSynapses = found,
            Verdict = string.Empty,
            Remarks = [],
        };
        return PowerVerdict.Complete(result);
    }

    // A grid about the plan for every error, then a search for the number that reaches the wanted power at the planned error.
    private static int? Simulate(PowerOptions options, List<PowerPoint> points, IProgress<(string Stage, double Done)>? progress, CancellationToken cancellation)
    {
        PowerFormula plan = options.Experiment;
        PowerSimulation simulation = new()
        {
            Experiment = plan,
            Pilot = options.Pilot,
            DetectionLimit = options.DetectionLimit,
            SynapsesPerGroup = options.SynapsesPerGroup,
            ExponentSpread = options.ExponentSpread,
            Model = options.Model,
            WantedHalfWidth = options.HalfWidth,
            DataSets = options.DataSets,
            Seed = options.Seed,
            Threads = options.Threads,
        };
        MeasurementError error = options.Pilot?.Error ?? new MeasurementError(plan.Error);
        double[] factors = error.IsNone ? [1] : [.. options.ErrorFactors.Append(1).Distinct().Order()];
        int[] grid = [.. GridShares.Select(s => RoundTo2(s * plan.PlannedSynapses)).Concat(options.Synapses is { } asked ? [asked] : []).Distinct().Order()];

        // The time of a fit grows with the synapses.
        double total = factors.Length * grid.Sum() + (3.0 * plan.PlannedSynapses), done = 0;
        foreach (double factor in factors)
        {
            PowerFormula varied = plan with { Error = factor * plan.Error };
            foreach (int n in grid)
            {
                progress?.Report((FormattableString.Invariant($"simulating {n} synapses, {factor} times the error"), done / total));
                points.Add(new PowerPoint(factor, varied.PowerAt(varied.EffectiveSynapses(n)), (simulation with { Error = error.Scaled(factor) }).Run(n, cancellation)));
                done += n;
            }
        }

        progress?.Report(("searching the number of synapses", done / total));
        List<PowerEstimate> visited = [.. points.Where(p => p.ErrorFactor == 1).Select(p => p.Estimate)];
        int known = visited.Count;
        int? found = simulation.FindSynapses(visited, cancellation);
        points.AddRange(visited.Skip(known).Select(e => new PowerPoint(1, plan.PowerAt(plan.EffectiveSynapses(e.Synapses)), e)));
        points.Sort((a, b) => (a.ErrorFactor, a.Estimate.Synapses).CompareTo((b.ErrorFactor, b.Estimate.Synapses)));
        return found;
    }

    private static int RoundTo2(double value)
    {
        double bounded = Math.Clamp(value, FewestSimulated, MostSimulated), unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(bounded)) - 1));
        return (int)(Math.Round(bounded / unit) * unit);
    }
}
