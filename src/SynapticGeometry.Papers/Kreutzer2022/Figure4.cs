using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Distance;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 4: synapses at any distance from the soma learn the same somatic change.</summary>
internal sealed class Figure4() : KreutzerFigure("4")
{
    public override string Title => "Synapses learn the same somatic change wherever they sit on the dendrite";

    public override string Source => Citation("Fig. 4 A-C, with attenuation exp(−d/λ)");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("psps", Psps), new("traces", Traces), new("distances", Distances, 10)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "PSPs before and after learning", ["psps"], DrawPsps),
        new('B', "Dendritic weights while learning", ["traces"], DrawTraces),
        new('C', "Change of weight after 5 s", ["distances"], DrawDistances),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("The somatic change does not depend on the distance, within the standard error.", "slope of the mean somatic change over distance, in standard errors", ["distances"], SomaticSlope) { AtLeast = -3, AtMost = 3 },
        new("The dendritic change grows in proportion to 1/α.", "exponent of 1/α in the mean dendritic change", ["distances"], DendriticExponent) { AtLeast = 0.95, AtMost = 1.05 },
        new("Under the same spikes, two synapses at different distances change alike at the soma.", "largest difference of the somatic changes, relative", ["traces"], SameSpikes) { AtMost = 1e-9 },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 68;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("input, teacher (constant)", $"{InputRate}, {TeacherRate}", "Hz"),
        new("duration", $"{Duration}", "s"),
        new("initial somatic weight, learning rate", $"{SomaticWeight}, {LearningRate}"),
        new("distance d, λ", $"0 to {Farthest}, {LengthConstant}", "µm"),
        new("distances, trials at each", scale == FigureScale.Sketch ? "8, 200" : "24, 2000"),
    ];

    // One synapse, that learns its own, dendritic weight by the natural gradient pulled back to it.
    private static SpikingEnsemble Synapse(double inverseAttenuation, int trials)
    {
        DendriticWeights dendrite = new([1 / inverseAttenuation]);
        PoissonNeuron neuron = new(Transfer, Kernel) { Parametrization = dendrite };
        PoissonInput input = new([InputRate]);
        return new SpikingEnsemble
        {
            Neuron = neuron,
            Input = input,
            Teacher = new ConstantRate(TeacherRate),
            Rule = new GradientPlasticity(new FisherGeometry(neuron, input).In(dendrite)) { LearningRate = LearningRate },
            InitialWeights = new GivenWeights([SomaticWeight]),
            Trials = trials,
        };
    }

    // The examples in the dense loop, where the rule is applied to the dendritic weight step by step.
    private static TeacherStudentRun Start(double inverseAttenuation, RandomSource random)
    {
        SpikingEnsemble e = Synapse(inverseAttenuation, 1);
        return new TeacherStudent
        {
            Neuron = e.Neuron,
            Input = e.Input,
            Teacher = e.Teacher!,
            Rule = e.Rule,
            InitialWeights = [SomaticWeight * inverseAttenuation],
        }.Start(random);
    }

    private static long Steps(double seconds) => (long)Math.Round(seconds / TimeStep);

    private static FigureTable Psps(FigureRun run)
    {
        double[] after = [.. Examples.Select(e => Learned(e).Somatic[0])];
        double[] time = Grid(0, 0.05, 101);
        return new FigureTable(
            "psps",
            [
                new("time", "ms", [.. time.Select(t => 1e3 * t)]),
                .. Examples.SelectMany((e, k) => new FigureColumn[]
                {
                    new($"dendrite_before_{e}", "mV", [.. time.Select(t => e * SomaticWeight * Kernel.Value(t))]),
                    new($"dendrite_after_{e}", "mV", [.. time.Select(t => e * after[k] * Kernel.Value(t))]),
                    new($"soma_before_{e}", "mV", [.. time.Select(t => SomaticWeight * Kernel.Value(t))]),
                    new($"soma_after_{e}", "mV", [.. time.Select(t => after[k] * Kernel.Value(t))]),
                }),
            ]);

        TeacherStudentRun Learned(double inverse)
        {
            TeacherStudentRun learner = Start(inverse, run.Random.Fork("example"));
            learner.Advance(Steps(Duration), run.Cancellation);
            return learner;
        }
    }

    private static FigureTable Traces(FigureRun run)
    {
        TeacherStudentRun[] learners = [.. Examples.Select(e => Start(e, run.Random.Fork("example")))];
        List<double> time = [];
        List<double>[] own = [[], []], somatic = [[], []];
        for (double t = 0; ; t += 0.02)
        {
            time.Add(t);
            for (int k = 0; k < learners.Length; k++)
            {
                learners[k].Advance(Steps(t) - learners[k].Steps, run.Cancellation);
                own[k].Add(learners[k].Weights[0]);
                somatic[k].Add(learners[k].Somatic[0]);
            }

            if (Steps(t) >= Steps(Duration))
            {
                break;
            }
        }

        return new FigureTable(
            "traces",
            [
                new("time", "s", [.. time]),
                .. Examples.Select((e, k) => new FigureColumn($"dendritic_weight_{e}", "1", [.. own[k]])),
                .. Examples.Select((e, k) => new FigureColumn($"somatic_weight_{e}", "1", [.. somatic[k]])),
            ]);
    }

    private static FigureTable Distances(FigureRun run)
    {
        int count = run.Size(8, 24), trials = run.Size(200, 2000);
        double[] distance = Grid(0, Farthest, count), inverse = [.. distance.Select(d => Math.Exp(d / LengthConstant))];
        (double Mean, double Error)[] dendritic = new (double, double)[count];
        run.ForEach(count, k =>
        {
            // Every distance has inputs of its own.
            EnsembleRun learners = Synapse(inverse[k], trials).Start(run.Random.Fork("distance", (ulong)k), threads: 1);
            learners.AdvanceTo(Steps(Duration), run.Cancellation);
            dendritic[k] = Statistics.Mean([.. Enumerable.Range(0, trials).Select(trial => Weight(learners, trial) - (SomaticWeight * inverse[k]))]);
        });
        return new FigureTable(
            "distances",
            new("distance", "um", distance),
            new("inverse_attenuation", "1", inverse),
            new("somatic_change", "1", [.. dendritic.Zip(inverse, (c, a) => c.Mean / a)]),
            new("somatic_change_se", "1", [.. dendritic.Zip(inverse, (c, a) => c.Error / a)]),
            new("dendritic_change", "1", [.. dendritic.Select(c => c.Mean)]),
            new("dendritic_change_se", "1", [.. dendritic.Select(c => c.Error)]),
            new("relative_change", "1", [.. dendritic.Zip(inverse, (c, a) => c.Mean / (a * SomaticWeight))]),
            new("relative_change_se", "1", [.. dendritic.Zip(inverse, (c, a) => c.Error / (a * SomaticWeight))]));
    }

    private static double Weight(EnsembleRun learners, int trial)
    {
        double[] weight = new double[1];
        learners.CopyWeights(trial, weight);
        return weight[0];
    }

    private static double SomaticSlope(FigureData data)
    {
        StraightLine line = StraightLine.Through(data["distances"]["distance"], data["distances"]["somatic_change"]);
        return line.Slope / line.SlopeError;
    }

    private static double DendriticExponent(FigureData data) => StraightLine.Through(
        [.. data["distances"]["inverse_attenuation"].Select(v => Math.Log(v))], [.. data["distances"]["dendritic_change"].Select(v => Math.Log(v))]).Slope;

    private static double SameSpikes(FigureData data)
    {
        double[] near = data["traces"][$"somatic_weight_{Examples[0]}"], far = data["traces"][$"somatic_weight_{Examples[1]}"];
        double largest = near.Max(w => Math.Abs(w - near[0]));
        return near.Zip(far, (a, b) => Math.Abs(a - b)).Max() / largest;
    }

    private static void DrawPsps(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["psps"];
        panel.Label("time after a spike (ms)", "PSP (mV)");
        for (int k = 0; k < Examples.Length; k++)
        {
            ScottPlot.Color color = OkabeIto.Series[k];
            panel.Line(t["time"], t[$"dendrite_before_{Examples[k]}"], color, null, LegendSymbol.Dashed);
            panel.Line(t["time"], t[$"dendrite_after_{Examples[k]}"], color, $"at 1/α = {Examples[k]}");
        }

        panel.Line(t["time"], t[$"soma_before_{Examples[0]}"], OkabeIto.Black, null, LegendSymbol.Dashed);
        panel.Line(t["time"], t[$"soma_after_{Examples[0]}"], OkabeIto.Black, "both, at the soma");
        panel.Notes.Add("dashed: before, solid: after learning");
        panel.Plot.Axes.SetLimits(0, 50, 0, 1.05 * t[$"dendrite_after_{Examples[1]}"].Max());
    }

    private static void DrawTraces(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["traces"];
        panel.Label("time (s)", "weight");
        for (int k = 0; k < Examples.Length; k++)
        {
            panel.Line(t["time"], t[$"dendritic_weight_{Examples[k]}"], OkabeIto.Series[k], $"at 1/α = {Examples[k]}");
        }

        panel.Line(t["time"], t[$"somatic_weight_{Examples[0]}"], OkabeIto.Black, "both, at the soma");
        panel.Plot.Axes.SetLimits(0, Duration, 0, 1.05 * t[$"dendritic_weight_{Examples[1]}"].Max());
    }

    private static void DrawDistances(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["distances"];
        panel.Label("distance from the soma (µm)", "change of weight");
        foreach ((string column, ScottPlot.Color color, string legend) in new[]
        {
            ("dendritic_change", OkabeIto.Blue, "dendritic"), ("somatic_change", OkabeIto.Black, "somatic"),
        })
        {
            double[] mean = t[column], error = t[column + "_se"];
            panel.Band(t["distance"], [.. mean.Zip(error, (m, e) => m - e)], [.. mean.Zip(error, (m, e) => m + e)], color.WithAlpha(0.25));
            panel.Line(t["distance"], mean, color, legend);
        }

        double somatic = t["somatic_change"].Average();
        double[] fine = Grid(0, Farthest, 60);
        panel.Line(fine, [.. fine.Select(d => somatic * Math.Exp(d / LengthConstant))], panel.Style.Quiet, "mean somatic / α", LegendSymbol.Dotted, panel.Style.ThinWidth);
        panel.Notes.Add("bands: ± standard error of the mean");
        panel.Notes.Add($"relative change {100 * t["relative_change"].Min():0}–{100 * t["relative_change"].Max():0} %, at both");
        panel.Plot.Axes.SetLimits(0, Farthest, 0, 1.08 * t["dendritic_change"].Max());
    }
}
