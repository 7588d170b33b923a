using MathNet.Numerics.Distributions;

namespace SynapticGeometry;

/// <summary>What many simulated experiments of one size found.</summary>
public sealed record PowerEstimate
{
    /// <summary>n, synapses seen at the first session.</summary>
    public required int Synapses { get; init; }

    /// <summary>The error of one measurement, its additive part in units of the typical size.</summary>
    public required MeasurementError Error { get; init; }

    /// <summary>Simulated data sets.</summary>
    public required int DataSets { get; init; }

    /// <summary>Data sets whose robust interval excludes the alternative.</summary>
    public required int Rejections { get; init; }

    /// <summary>Data sets whose robust interval excludes the truth.</summary>
    public required int FalseAlarms { get; init; }

    /// <summary>Data sets without an answer: no fit, an exponent at the end of the range searched, or a single group. They count as not rejecting.</summary>
    public required int Failures { get; init; }

    /// <summary>Data sets whose interval is no wider than wanted; null where no width was wanted.</summary>
    public required int? Narrow { get; init; }

    /// <summary>Mean of λ̂ over data sets with an answer; NaN where there are none.</summary>
    public required double MeanExponent { get; init; }

    /// <summary>Standard deviation of λ̂ over data sets with an answer.</summary>
    public required double ExponentDeviation { get; init; }

    /// <summary>Median half-width of the robust interval over data sets with an answer.</summary>
    public required double MedianHalfWidth { get; init; }

    /// <summary>Share of data sets that reject the alternative.</summary>
    public double Power => (double)Rejections / DataSets;

    /// <summary>Share of data sets that reject the truth: to be compared with the level.</summary>
    public double FalseAlarmRate => (double)FalseAlarms / DataSets;

    /// <summary>Monte-Carlo standard error of <see cref="Power"/>, from two successes and two failures more so that it is never 0 (Agresti and Coull 1998).</summary>
    public double StandardError
    {
        get
        {
            double share = (Rejections + 2.0) / (DataSets + 4.0);
            return Math.Sqrt(share * (1 - share) / (DataSets + 4.0));
        }
    }
}

/// <summary>Which model analyses simulated sizes that were measured with error.</summary>
public enum PowerAnalysisModel
{
    /// <summary>The small-change model where there is no detection limit, else the latent-size model.</summary>
    Automatic,

    /// <summary>The latent-size model throughout: right for changes of any size, and some hundred times slower.</summary>
    LatentSize,
}

/// <summary>
/// Power by simulation: true sizes from a pilot (or log-normal) change under a known exponent, are measured with error above a limit, and go through the analysis that real
/// data would go through; power is the share of data sets whose robust interval excludes the other exponent.
/// </summary>
/// <remarks>
/// Data set i draws from streams of its own, the same for every number of synapses and every error: results do not depend on threads, and curves are smoother than
/// their error bars. Where changes have heavy tails, a fifth of the synapses (or 3/k, where that is less) change more than the rest.
/// </remarks>
public sealed record PowerSimulation
{
    /// <summary>Fewest synapses that can be simulated.</summary>
    public const int FewestSynapses = 8;

    private const double HeavyShare = 0.2;
    private const int Attempts = 1000;
    private const int MostSynapses = 50_000;

    /// <summary>Exponents, change, level, wanted power; spread of log-normal sizes where there is no pilot.</summary>
    public required PowerFormula Experiment { get; init; }

    /// <summary>The pilot whose sizes, groups and limit are used; null for log-normal sizes.</summary>
    public PowerPilot? Pilot { get; init; }

    /// <summary>The error of one measurement in the unit of the pilot (without one, of the typical size); null for that of <see cref="Experiment"/>.</summary>
    public MeasurementError? Error { get; init; }

    /// <summary>Smallest size seen, in units of the typical size; null for the pilot's limit, or none.</summary>
    public double? DetectionLimit { get; init; }

    /// <summary>Synapses in a group where there is no pilot; 0 for no groups.</summary>
    public int SynapsesPerGroup { get; init; }

    /// <summary>Standard deviation between groups of a shift of the change that synapses of a group share, in units of c; null for the pilot's.</summary>
    public double? GroupShift { get; init; }

    /// <summary>T, standard deviation between groups of the true exponent.</summary>
    public double ExponentSpread { get; init; }

    /// <summary>The model of the analysis.</summary>
    public PowerAnalysisModel Model { get; init; }

    /// <summary>Half-width of the interval that is wanted, or null.</summary>
    public double? WantedHalfWidth { get; init; }

    /// <summary>Data sets simulated for each number of synapses.</summary>
    public int DataSets { get; init; } = 200;

    /// <summary>Seed of every random number.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Simulates experiments of one size.</summary>
    /// <param name="synapses">n, synapses seen at the first session; at least 8.</param>
    /// <param name="cancellation">Stops between data sets.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its domain.</exception>
    /// <exception cref="UninformativeDataException">Almost no synapse is above the limit.</exception>
    public PowerEstimate Run(int synapses, CancellationToken cancellation = default)
    {
        Experiment.MustBeValid();
        ArgumentOutOfRangeException.ThrowIfLessThan(synapses, FewestSynapses);
        ArgumentOutOfRangeException.ThrowIfLessThan(DataSets, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(ExponentSpread);
        ArgumentOutOfRangeException.ThrowIfNegative(SynapsesPerGroup);
        if (ExponentSpread > 0 && Pilot?.Sizes.GroupOf is null && SynapsesPerGroup == 0)
        {
            throw new ArgumentException("The exponent can vary between groups only where there are groups.", nameof(synapses));
        }

        // Everything is simulated in units of the typical size.
        MeasurementError given = Error ?? Pilot?.Error ?? new MeasurementError(Experiment.Error);
        given.MustBeValid();
        MeasurementError error = given with { Absolute = given.Absolute * Math.Exp(-(Pilot?.Sizes.LogUnit ?? 0)) };
        double logLimit = DetectionLimit is { } l ? Math.Log(l) : Pilot?.Sizes.LogLimit ?? double.NegativeInfinity;
        Population population = new(this, error, logLimit);
        var outcomes = new Outcome[DataSets];
        Parallel.For(0, DataSets, new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = cancellation }, i =>
        {
            outcomes[i] = Analyse(population.Draw(synapses, new RandomSource(Seed).Fork("power data set", (ulong)i)), error, cancellation);
        });

        Outcome[] answered = [.. outcomes.Where(o => o.Answered)];
        double[] widths = [.. answered.Select(o => o.HalfWidth).Order()];
        double mean = answered.Length > 0 ? answered.Average(o => o.Estimate) : double.NaN;
        return new PowerEstimate
        {
            Synapses = synapses,
            Error = error,
            DataSets = DataSets,
            Rejections = answered.Count(o => Math.Abs(o.Estimate - Experiment.Alternative) > o.HalfWidth),
            FalseAlarms = answered.Count(o => Math.Abs(o.Estimate - Experiment.Truth) > o.HalfWidth),
            Failures = DataSets - answered.Length,
            Narrow = WantedHalfWidth is { } wanted ? answered.Count(o => o.HalfWidth <= wanted) : null,
            MeanExponent = mean,
            ExponentDeviation = answered.Length > 1 ? Math.Sqrt(answered.Sum(o => (o.Estimate - mean) * (o.Estimate - mean)) / (answered.Length - 1)) : double.NaN,
            MedianHalfWidth = widths.Length > 0 ? 0.5 * (widths[(widths.Length - 1) / 2] + widths[widths.Length / 2]) : double.NaN,
        };
    }

    /// <summary>Looks for the number of synapses that reaches the wanted power: starts from the plan, doubles or halves, then interpolates.</summary>
    /// <param name="visited">What has been simulated already, of this experiment; receives every number of synapses that is simulated.</param>
    /// <param name="cancellation">Stops between data sets.</param>
    /// <returns>n, rounded; null where 50 000 synapses do not suffice.</returns>
    public int? FindSynapses(ICollection<PowerEstimate> visited, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(visited);
        void Visit(double n) => visited.Add(Run((int)Math.Clamp(Math.Round(n), FewestSynapses, MostSynapses), cancellation));
        if (visited.Count == 0)
        {
            Visit(Experiment.PlannedSynapses);
        }

        while (true)
        {
            PowerEstimate smallest = visited.MinBy(e => e.Synapses)!, largest = visited.MaxBy(e => e.Synapses)!;
            PowerEstimate? below = visited.Where(e => e.Power < Experiment.Power).MaxBy(e => e.Synapses);
            PowerEstimate? above = visited.Where(e => e.Synapses > (below?.Synapses ?? 0)).MinBy(e => e.Synapses);
            if (below is not null && above is not null)
            {
                return (int)Math.Round(Between(below, above));
            }

            if (below is null && smallest.Synapses == FewestSynapses)
            {
                return FewestSynapses;
            }

            if (above is null && largest.Synapses == MostSynapses)
            {
                return null;
            }

            Visit(below is null ? smallest.Synapses / 2.0 : largest.Synapses * 2.0);
        }
    }

    // Φ⁻¹ of the power is nearly a straight line in √n.
    private double Between(PowerEstimate low, PowerEstimate high)
    {
        static double Probit(PowerEstimate e) => NormalDistribution.Quantile((e.Rejections + 0.5) / (e.DataSets + 1.0));
        double a = Math.Sqrt(low.Synapses), b = Math.Sqrt(high.Synapses), pa = Probit(low), pb = Probit(high);
        double share = pb > pa ? Math.Clamp((NormalDistribution.Quantile(Experiment.Power) - pa) / (pb - pa), 0, 1) : 1;
        double root = a + (share * (b - a));
        return root * root;
    }

    private Outcome Analyse(LongitudinalSizes? sizes, MeasurementError error, CancellationToken cancellation)
    {
        if (sizes is null)
        {
            return default;
        }

        try
        {
            var law = new PowerLaw(Experiment.Drift);
            ChangeModelFit fit = Model == PowerAnalysisModel.LatentSize && !error.IsNone
                ? new LatentSizeModel(law, error).Fit(sizes, null, cancellation)
                : PowerPilot.Fit(sizes, law, error, cancellation);
            double estimate = fit[ModelParameter.Exponent], se = fit.RobustStandardError(ModelParameter.Exponent);
            const double edge = 1e-3;
            bool inside = estimate > PowerLaw.LowestExponent + edge && estimate < PowerLaw.HighestExponent - edge;
            if (!inside || !double.IsFinite(se) || se == 0)
            {
                return default;
            }

            double tail = 1 - (Experiment.Level / 2);
            double critical = sizes.GroupOf is null ? NormalDistribution.Quantile(tail) : StudentT.InvCDF(0, 1, fit.IndependentUnits - 1, tail);
            return new Outcome(true, estimate, critical * se);
        }
        catch (UninformativeDataException)
        {
            return default;
        }
    }

    private readonly record struct Outcome(bool Answered, double Estimate, double HalfWidth);

    /// <summary>Where the simulated synapses come from.</summary>
    private sealed class Population
    {
        private static readonly PowerLaw Law = new(Drift.Constant);

        private readonly PowerSimulation simulation;
        private readonly MeasurementError error;
        private readonly double logLimit;
        private readonly double shift;
        private readonly int[][]? groups;

        public Population(PowerSimulation simulation, MeasurementError error, double logLimit)
        {
            (this.simulation, this.error, this.logLimit) = (simulation, error, logLimit);
            shift = simulation.GroupShift ?? simulation.Pilot?.GroupShift ?? 0;
            if (simulation.Pilot?.Sizes is { GroupOf: { } of } sizes)
            {
                groups = [.. Enumerable.Range(0, sizes.Count).GroupBy(i => of[i], (_, members) => members.ToArray())];
            }
        }

        /// <summary>A data set, or null where the analysis would not take it.</summary>
        public LongitudinalSizes? Draw(int n, RandomSource random)
        {
            RandomSource choice = random.Fork("sizes"), measuring = random.Fork("errors"), changes = random.Fork("changes"), group = random.Fork("groups"), tails = random.Fork("tails");
            PowerFormula plan = simulation.Experiment;
            double[] before = new double[n], after = new double[n];
            string[]? labels = groups is not null || simulation.SynapsesPerGroup > 0 ? new string[n] : null;

            // The plan's kurtosis is that of measured changes, of which the error is normal: the changes themselves have heavier tails.
            (double heavy, double usual, double rare) = Tails(3 + ((plan.Kurtosis - 3) / (plan.Reliability * plan.Reliability)));
            int[] members = [];
            int member = 0, count = 0;
            double groupShift = 0;
            double[] law = [plan.Truth, 0, plan.Change];
            for (int i = 0; i < n; i++)
            {
                if (labels is not null && member == (groups is null ? simulation.SynapsesPerGroup : members.Length) || (labels is not null && i == 0))
                {
                    members = groups is null ? [] : groups[group.NextInt(groups.Length)];
                    member = 0;
                    count++;
                    groupShift = shift * group.NextNormal();
                    law[0] = Math.Clamp(plan.Truth + (simulation.ExponentSpread * group.NextNormal()), PowerLaw.LowestExponent, PowerLaw.HighestExponent);
                }

                double size = double.NaN, seen = double.NegativeInfinity;
                for (int attempt = 0; !(seen >= logLimit) || double.IsNaN(size); attempt++)
                {
                    if (attempt == Attempts)
                    {
                        throw new UninformativeDataException($"In {Attempts} draws no synapse was seen above the detection limit: is it in the unit of the sizes?");
                    }

                    size = simulation.Pilot is not { } pilot ? plan.SizeSpread * choice.NextNormal()
                        : pilot.TrueLogSizes[groups is null || attempt > Attempts / 2 ? choice.NextInt(pilot.TrueLogSizes.Count) : members[member]];
                    seen = size + (measuring.NextNormal() * Math.Sqrt(error.Variance(size)));
                }

                double z = changes.NextNormal() * (tails.NextDouble() < heavy ? rare : usual), e = measuring.NextNormal();
                double moved = Move(law, size, z + groupShift), measured = moved + (e * Math.Sqrt(double.IsFinite(moved) ? error.Variance(moved) : 0));
                before[i] = Math.Exp(seen);
                after[i] = measured >= logLimit ? Math.Exp(measured) : 0;
                if (labels is not null)
                {
                    labels[i] = FormattableString.Invariant($"g{count}");
                    member++;
                }
            }

            if (!after.All(double.IsFinite))
            {
                return null;
            }

            try
            {
                return LongitudinalSizes.From(
                    [before, after], new LongitudinalOptions { Groups = labels, DetectionLimit = double.IsFinite(logLimit) ? Math.Exp(logLimit) : null });
            }
            catch (UninformativeDataException)
            {
                return null;
            }
        }

        private static double Move(double[] law, double size, double z)
        {
            ReadOnlySpan<double> shape = law.AsSpan(0, 1);
            Span<double> u = [size], y = [0];
            Law.Dual(shape, u, y, []);
            (_, double infinity) = Law.Range(shape);
            y[0] = Math.Min(y[0] + (law[2] * z), double.IsFinite(infinity) ? infinity * (1 - 1e-9) : infinity);
            Law.FromDual(shape, y, u);
            return u[0];
        }

        // Two normal distributions of one mean: share p of the wider, variances with mean 1 and second moment k/3.
        private static (double Share, double Usual, double Rare) Tails(double kurtosis)
        {
            double excess = Math.Max(0, (kurtosis / 3) - 1);
            double share = Math.Min(HeavyShare, 3 / kurtosis);
            double usual = 1 - Math.Sqrt(excess * share / (1 - share)), rare = 1 + Math.Sqrt(excess * (1 - share) / share);
            return (share, Math.Sqrt(Math.Max(0, usual)), Math.Sqrt(rare));
        }
    }
}
