using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Predictions;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Third prediction of the discussion: a flatter transfer function speeds natural and slows Euclidean learning.</summary>
internal sealed class GainOfTransfer() : KreutzerFigure("p3")
{
    private const int Points = 121;

    private static readonly int[] Rules = [LearningRules.Natural, LearningRules.Euclidean];

    public override string Title => "Flatter transfer functions: larger changes under the natural gradient, smaller ones under the Euclidean";

    public override string Source => Citation("Discussion, third prediction; the experiment is ours: the gain β varies, the threshold moves so that every neuron starts at 20 Hz, and a constant teacher asks for 40 Hz");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("courses", Courses, 40)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Natural: rate while learning", ["courses"], (p, d) => DrawCourse(p, d, LearningRules.Natural)),
        new('B', "Euclidean: rate while learning", ["courses"], (p, d) => DrawCourse(p, d, LearningRules.Euclidean)),
        new('C', "Speed of the weights", ["courses"], (p, d) => DrawSpeeds(p, d, WeightSpeed, "mean potential gained in 1 s (mV)")),
        new('D', "Speed of the rate", ["courses"], (p, d) => DrawSpeeds(p, d, RateSpeed, "1 / time to half the way (1/s)")),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("The flatter the transfer function, the faster weights change under the natural gradient.", "exponent of β in the potential gained at first", ["courses"], d => Exponent(d, LearningRules.Natural, WeightSpeed)) { AtMost = -0.9 },
        new("The flatter the transfer function, the slower weights change under the Euclidean gradient.", "exponent of β in the potential gained at first", ["courses"], d => Exponent(d, LearningRules.Euclidean, WeightSpeed)) { AtLeast = 0.7 },
        new("Under the natural gradient the rate takes the same course at any gain: larger changes of weight make up for the flatter slope, no less and no more.", "largest difference between the rates at two gains", ["courses"], NaturalDifference) { AtMost = 1e-6, Unit = "Hz" },
        new("The flatter the transfer function, the slower the rate goes to its goal under the Euclidean gradient.", "exponent of β in 1/time to half the way", ["courses"], d => Exponent(d, LearningRules.Euclidean, RateSpeed)) { AtLeast = 1.2 },
    ];

    protected override double RowHeight => 62;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        new("transfer function, φ_max", "sigmoid; 100", "Hz"),
        Neuron[1],
        new("β", string.Join(", ", Gains), "1/mV"),
        new("θ", "ln(φ_max/20 Hz − 1)/β", "mV"),
        new("synapses; input", $"{GainSynapses}; {GainRate} Hz"),
        new("rate at the start; teacher (constant)", $"{StartRate}; {GoalRate}", "Hz"),
        new("learning rate, natural; Euclidean", $"{NaturalRate}; {EuclideanRate}"),
        new("duration; trials", $"{GainDuration} s; {Trials(scale)}"),
    ];

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 24 : 1000;

    private static SigmoidTransfer Of(double gain) => Transfer with { Gain = gain, Threshold = Math.Log((Transfer.MaximumRate / StartRate) - 1) / gain };

    private static FigureTable Courses(FigureRun run)
    {
        long[] steps = [.. Enumerable.Range(0, Points).Select(k => (long)Math.Round(k * GainDuration / (Points - 1) / TimeStep))];
        List<double[]> rows = [];
        foreach (int rule in Rules)
        {
            foreach (double gain in Gains)
            {
                EnsembleRun learners = Learners(rule, gain, Trials(run.Scale)).Start(run.Random.Fork("trials"), run.Threads);
                foreach (long step in steps)
                {
                    learners.AdvanceTo(step, run.Cancellation);
                    (double Mean, double Error) potential = Statistics.Mean(MeanPotentials(learners));
                    rows.Add([rule, gain, step * TimeStep, potential.Mean, potential.Error, Of(gain).Rate(potential.Mean)]);
                }

                run.Progress?.Report((double)rows.Count / (Rules.Length * Gains.Length * Points));
            }
        }

        string[] names = ["rule", "gain", "time", "potential", "potential_se", "rate"], units = ["1", "1/mV", "s", "mV", "mV", "Hz"];
        return new FigureTable("courses", [.. names.Select((name, k) => new FigureColumn(name, units[k], [.. rows.Select(r => r[k])]))]);
    }

    private static SpikingEnsemble Learners(int rule, double gain, int trials)
    {
        PoissonNeuron neuron = new(Of(gain), Kernel);
        PoissonInput input = PoissonInput.Groups((GainSynapses, GainRate));
        return new SpikingEnsemble
        {
            Neuron = neuron,
            Input = input,
            Teacher = new ConstantRate(GoalRate),
            Rule = LearningRules.Make(rule, neuron, input, rule == LearningRules.Natural ? NaturalRate : EuclideanRate),
            InitialWeights = new GivenWeights(new double[GainSynapses]),
            Trials = trials,
        };
    }

    // μ = ε₀ Σ wᵢ rᵢ of each trial.
    private static double[] MeanPotentials(EnsembleRun learners)
    {
        double[] w = new double[GainSynapses];
        return [.. Enumerable.Range(0, learners.Trials).Select(trial =>
        {
            learners.CopySomatic(trial, w);
            return Kernel.Area * GainRate * w.Sum();
        })];
    }

    private static FigureTable Course(FigureData data, int rule, double gain) => data["courses"].Where("rule", r => r == rule).Where("gain", g => g == gain);

    private static double WeightSpeed(FigureData data, int rule, double gain)
    {
        FigureTable t = Course(data, rule, gain);
        return t["potential"][Array.FindIndex(t["time"], time => time >= FirstStretch)];
    }

    private static double NaturalDifference(FigureData data)
    {
        double[][] rates = [.. Gains.Select(g => Course(data, LearningRules.Natural, g)["rate"])];
        return Enumerable.Range(0, rates[0].Length).Max(k => rates.Max(r => r[k]) - rates.Min(r => r[k]));
    }

    private static double RateSpeed(FigureData data, int rule, double gain)
    {
        FigureTable t = Course(data, rule, gain);
        double[] rate = t["rate"], time = t["time"];
        const double Half = (StartRate + GoalRate) / 2;
        int at = Array.FindIndex(rate, r => r >= Half);
        return at <= 0 ? double.NaN : 1 / (time[at - 1] + ((time[at] - time[at - 1]) * (Half - rate[at - 1]) / (rate[at] - rate[at - 1])));
    }

    private static double Exponent(FigureData data, int rule, Func<FigureData, int, double, double> speed) =>
        StraightLine.Through([.. Gains.Select(g => Math.Log(g))], [.. Gains.Select(g => Math.Log(speed(data, rule, g)))]).Slope;

    private static void DrawCourse(FigurePanel panel, FigureData data, int rule)
    {
        panel.Label("time (s)", "rate at the mean potential (Hz)");
        panel.Line([0, GainDuration], [GoalRate, GoalRate], panel.Style.Quiet, "teacher", LegendSymbol.Dashed, panel.Style.ThinWidth);
        for (int k = 0; k < Gains.Length; k++)
        {
            FigureTable t = Course(data, rule, Gains[k]);
            panel.Line(t["time"], t["rate"], OkabeIto.Series[k], $"β = {Gains[k]}");
        }

        if (rule == LearningRules.Natural)
        {
            panel.Notes.Add("all gains on one curve");
        }

        panel.Plot.Axes.SetLimits(0, GainDuration, StartRate - 1, GoalRate + 4);
    }

    private static void DrawSpeeds(FigurePanel panel, FigureData data, Func<FigureData, int, double, double> speed, string label)
    {
        panel.Label("gain β (1/mV)", label);
        panel.X.Scale = panel.Y.Scale = AxisScale.Log10;
        double[] log = [.. Gains.Select(g => Math.Log10(g))];
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (int rule in Rules)
        {
            double[] value = [.. Gains.Select(g => Math.Log10(speed(data, rule, g)))];
            panel.Line(log, value, LearningRules.Colors[rule], width: panel.Style.ThinWidth);
            panel.Markers(log, value, LearningRules.Colors[rule], LearningRules.Names[rule], size: 4);
            (low, high) = (Math.Min(low, value.Min()), Math.Max(high, value.Max()));
        }

        panel.Plot.Axes.SetLimits(log[0] - 0.08, log[^1] + 0.08, low - 0.12, high + 0.12);
    }
}
