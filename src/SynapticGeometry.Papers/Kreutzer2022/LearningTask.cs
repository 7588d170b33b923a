using System.Numerics.Tensors;
using MathNet.Numerics.Statistics;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>The learning rules that the paper compares.</summary>
internal enum LearningRule
{
    Natural,
    Approximate,
    Euclidean,
}

/// <summary>The task of Figs 3, 9 and 12: a neuron learns the spikes of a teacher that has other weights and the same input.</summary>
/// <remarks>
/// A sketch takes fewer synapses and is then over sooner, by the same factor: weights within ±1/√(100 n) give potentials the same spread, and
/// with learning rates times 100/n the same distance is left at the end. For n = 100 these are the paper's weights, ±1/n, and learning rates.
/// </remarks>
/// <param name="Synapses">n, at least 2.</param>
/// <param name="Tuned">Rates of the afferents, and the learning rates for 100 of them.</param>
internal sealed record LearningTask(int Synapses, TunedRates Tuned)
{
    /// <summary>Largest weight of student at the start and teacher.</summary>
    public double WeightBound => 1 / Math.Sqrt((double)SynapseCount * Synapses);

    /// <summary>How many times sooner it is over than with 100 synapses.</summary>
    public double Speed => (double)SynapseCount / Synapses;

    /// <summary>The neuron.</summary>
    public static PoissonNeuron Learner { get; } = new(Transfer, Kernel);

    /// <summary>Its input.</summary>
    public PoissonInput Input => Halves(Synapses, Tuned.First, Tuned.Second);

    /// <summary>The parameters, for the record.</summary>
    public IReadOnlyList<FigureParameter> Setting =>
    [
        .. Neuron,
        new("synapses", $"{Synapses}" + (Synapses < SynapseCount ? $", for speed: weights and learning rates are scaled to the same task in 1/{Speed} of the time" : string.Empty)),
        new("weights of student at the start and teacher", Synapses == SynapseCount ? "uniform in ±1/n" : $"uniform in ±1/√({SynapseCount} n)"),
        new("learning rates", Learning.Convention == LearningRateConvention.Released ? "as published, in the convention of the released code (divided by β for the rule as printed)" : "as published, rule as printed"),
        new("distance", "50 samples of 250 ms of input in each trial"),
        new("distance to reach, D_KL", $"{Learning.Target}", "nats"),
    ];

    /// <summary>A rule at a published learning rate.</summary>
    public static PlasticityRule Rule(LearningRule rule, SpikeInput input, double published) =>
        LearningRules.Make((int)rule, Learner, input, Learning.Convention.Rate(published, Transfer));

    /// <summary>Trials of the task. Trial k has the same weights, input and samples under each rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="trials">Number of trials.</param>
    /// <param name="factor">On the learning rate.</param>
    public SpikingEnsemble Ensemble(LearningRule rule, int trials, double factor = 1)
    {
        double published = rule switch
        {
            LearningRule.Natural => Tuned.Natural,
            LearningRule.Approximate => Tuned.Approximate,
            _ => Tuned.Euclidean,
        };
        return new SpikingEnsemble
        {
            Neuron = Learner,
            Input = Input,
            Rule = Rule(rule, Input, published * factor * Speed),
            InitialWeights = new UniformWeights(-WeightBound, WeightBound),
            TargetWeights = new UniformWeights(-WeightBound, WeightBound),
            Trials = trials,
        };
    }

    /// <summary>The study of an ensemble.</summary>
    /// <param name="ensemble">The ensemble.</param>
    /// <param name="duration">With 100 synapses, s.</param>
    /// <param name="interval">Between two distances, with 100 synapses, s.</param>
    /// <param name="until">Ends where this share of trials has reached the target, or with the duration.</param>
    public LearningStudy Study(SpikingEnsemble ensemble, double duration, double interval = 20, double until = double.PositiveInfinity) => new()
    {
        Ensemble = ensemble,
        Duration = duration / Speed,
        RecordInterval = interval / Speed,
        Enough = double.IsInfinity(until) ? null : curve => Reached(curve)[^1] >= until,
    };

    /// <summary>The share of trials that have reached the target, at each time of a curve.</summary>
    public static double[] Reached(LearningCurve curve)
    {
        bool[] reached = new bool[curve.Costs[0].Count];
        return
        [
            .. curve.Costs.Select(at =>
            {
                for (int trial = 0; trial < reached.Length; trial++)
                {
                    reached[trial] |= at[trial].Divergence <= Learning.Target;
                }

                return reached.Count(r => r) / (double)reached.Length;
            }),
        ];
    }

    /// <summary>A learning curve as a table: mean over trials, tenth and ninetieth percentile, extremes, and the share of trials at the target.</summary>
    public static FigureTable Table(string name, LearningCurve curve, params FigureColumn[] more)
    {
        FigureColumn Divergence(string column, Func<double[], double> of) => new(column, "nats", [.. curve.Costs.Select(at => of([.. at.Select(c => c.Divergence)]))]);
        FigureColumn RateError(string column, Func<double[], double> of) => new(column, "Hz", [.. curve.Costs.Select(at => of([.. at.Select(c => c.RateError)]))]);
        return new FigureTable(
            name,
            [
                new("time", "s", [.. curve.Steps.Select(s => s * curve.TimeStep)]),
                Divergence("divergence", v => v.Average()), Divergence("divergence_p10", v => ArrayStatistics.QuantileInplace(v, 0.1)), Divergence("divergence_p90", v => ArrayStatistics.QuantileInplace(v, 0.9)),
                Divergence("divergence_min", v => v.Min()), Divergence("divergence_max", v => v.Max()),
                RateError("rate_error", v => v.Average()), RateError("rate_error_min", v => v.Min()), RateError("rate_error_max", v => v.Max()),
                new("reached", "1", Reached(curve)), new("trials", "1", [.. curve.Costs.Select(at => (double)at.Count)]),
                .. more,
            ]);
    }

    /// <summary>Mean, least and greatest over trials of |w − w*| at each snapshot.</summary>
    public static FigureColumn[] WeightDistance(LearningResult result, RandomSource random)
    {
        SpikingEnsemble ensemble = result.Study.Ensemble;
        double[][] targets = [.. Enumerable.Range(0, ensemble.Trials).Select(k => ((TargetWeights)ensemble.Trial(random, (ulong)k).Teacher).Weights.ToArray())];
        double[][] distances = [.. result.Snapshots.Select(s => targets.Select((target, k) => TensorPrimitives.Distance<double>(s[k], target)).ToArray())];
        return
        [
            new("weight_distance", "1", [.. distances.Select(d => d.Average())]), new("weight_distance_min", "1", [.. distances.Select(d => d.Min())]),
            new("weight_distance_max", "1", [.. distances.Select(d => d.Max())]),
        ];
    }

    /// <summary>When the mean D_KL of a table first is at the target, s, between its times by the logarithm; infinite where it never is.</summary>
    public static double TimeToTarget(FigureTable curve)
    {
        double[] d = curve["divergence"], t = curve["time"];
        int at = Array.FindIndex(d, v => v <= Learning.Target);
        return at < 0 ? double.PositiveInfinity : at == 0 ? t[0] : t[at - 1] + ((t[at] - t[at - 1]) * Math.Log(d[at - 1] / Learning.Target) / Math.Log(d[at - 1] / d[at]));
    }

    /// <summary>When half of the trials of a table have reached the target, s, and its standard error; infinite where they never have.</summary>
    public static (double Time, double Error) MedianTime(FigureTable curve)
    {
        double[] reached = curve["reached"], t = curve["time"];
        double half = 0.5 / Math.Sqrt(curve["trials"][0]);
        return (At(0.5), (At(0.5 + half) - At(0.5 - half)) / 2);

        double At(double share)
        {
            int at = Array.FindIndex(reached, r => r >= share);
            return at < 0 ? double.PositiveInfinity : at == 0 ? t[0] : t[at - 1] + ((t[at] - t[at - 1]) * (share - reached[at - 1]) / (reached[at] - reached[at - 1]));
        }
    }
}
