using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 3: a neuron learns the spikes of a teacher.</summary>
internal sealed class Figure3() : KreutzerFigure("3")
{
    private const double Stretch = 0.25, BinWidth = 0.0125;
    private const int Repetitions = 50;

    // Neurons of the tables "spikes" and "potentials".
    private static readonly string[] Neurons = ["before", "after", "teacher"];

    private static readonly LearningRule[] Rules = [LearningRule.Euclidean, LearningRule.Natural];

    public override string Title => "A neuron learns a teacher's spikes: the natural gradient goes more directly and arrives sooner";

    public override string Source => Citation("Fig. 3; A is a schematic in the paper and computed here");

    public override IReadOnlyList<FigureExperiment> Experiments =>
    [
        new("input", InputSpikes, 0.1), new("spikes", OutputSpikes, 3), new("potentials", Potentials, 3),
        new("cost", Cost, 2), new("fields", Fields, 1), new("path_euclidean", r => Path(r, LearningRule.Euclidean), 150), new("path_natural", r => Path(r, LearningRule.Natural), 150),
        new("curve_natural", r => Curve(r, LearningRule.Natural), 200), new("curve_euclidean", r => Curve(r, LearningRule.Euclidean), 500),
    ];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "The task: one input, two neurons", ["input", "spikes"], DrawTask),
        new('B', "Before learning", ["spikes", "potentials"], (p, d) => DrawResponse(p, d, 0)),
        new('C', "After learning", ["spikes", "potentials"], (p, d) => DrawResponse(p, d, 1)),
        new('D', "Euclidean gradient", ["cost", "fields", "path_euclidean"], (p, d) => DrawPlane(p, d, LearningRule.Euclidean)),
        new('E', "Natural gradient", ["cost", "fields", "path_natural"], (p, d) => DrawPlane(p, d, LearningRule.Natural)),
        new('F', "Learning curves", ["curve_natural", "curve_euclidean"], DrawCurves),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("After learning the student's potential follows the teacher's.", "root-mean-square difference of the potentials before learning, over that after", ["potentials"], PotentialRatio) { AtLeast = 2.5 },
        new("The natural gradient points more directly to the target weights than the Euclidean one.", "mean angle to the direction of the target, Euclidean less natural", ["fields"], AngleGain) { AtLeast = 10, Unit = "deg" },
        new("The natural rule takes the more direct path.", "farthest the mean path is from the straight line to the target: Euclidean over natural", ["path_euclidean", "path_natural"], PathRatio) { AtLeast = 2 },
        new("On the mean curve the natural rule reaches the target at least 1.8 times sooner.", "time to D_KL = 5e-5, Euclidean over natural", ["curve_natural", "curve_euclidean"], TimeRatio) { AtLeast = 1.8 },
        new("At first the Euclidean rule is ahead.", "mean D_KL, natural over Euclidean, after a fifth of the natural rule's time to the target", ["curve_natural", "curve_euclidean"], EarlyRatio) { AtLeast = 1.1 },
        new("What is left under the natural rule is the 0.8 Hz that the paper tuned for.", "mean difference of rates in the last quarter of the curve", ["curve_natural"], d => Floor(d["curve_natural"])) { AtLeast = 0.7, AtMost = 0.9, Unit = "Hz" },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 78;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Task(scale).Setting,
        new("A-C, F: rates of the halves of the afferents", $"{Task(scale).Tuned.First}, {Task(scale).Tuned.Second}", "Hz"),
        new("B, C: trials learned for; stretch, repetitions, bins", $"1; {Stretch * 1e3}, {Repetitions}, {BinWidth * 1e3}", "ms, 1, ms"),
        new("D, E: rates of the two afferents", string.Join(", ", Plane.Rates), "Hz"),
        new("D, E: first, target weights, in 1/n", $"{string.Join(", ", Plane.Start)}; {string.Join(", ", Plane.Target)}", "1/n"),
        new("D, E: learning rates, natural, Euclidean", $"{Plane.NaturalRate}, {Plane.EuclideanRate}" + (scale == FigureScale.Sketch ? $", each times {PlaneSpeed(scale)}" : string.Empty)),
        new("D, E: trials; duration", $"{PlaneTrials(scale)}; {PlaneDuration / PlaneSpeed(scale)}", "1; s"),
        new("D, E: samples of the input behind contours and arrows", $"{PlaneSamples(scale)} of 250 ms"),
        new("F: trials; duration, natural, Euclidean", $"{Trials(scale)}; {Duration(scale, LearningRule.Natural) / Task(scale).Speed}, {Duration(scale, LearningRule.Euclidean) / Task(scale).Speed}", "1; s, s"),
    ];

    /// <summary>The task of a scale; Fig. 9 has the same.</summary>
    public static LearningTask Task(FigureScale scale) => new(scale == FigureScale.Sketch ? 10 : SynapseCount, Learning.Table1[1]);

    /// <summary>Duration with 100 synapses, s.</summary>
    public static double Duration(FigureScale scale, LearningRule rule) => (scale, rule) switch
    {
        (FigureScale.Sketch, LearningRule.Natural) => 2700,
        (FigureScale.Sketch, _) => 3600,
        (_, LearningRule.Natural) => 4000,
        _ => 10000,
    };

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 64 : 1000;

    private const double PlaneDuration = 6000;

    private static int PlaneTrials(FigureScale scale) => scale == FigureScale.Sketch ? 32 : 500;

    private static int PlaneSamples(FigureScale scale) => scale == FigureScale.Sketch ? 500 : 2000;

    private static double PlaneSpeed(FigureScale scale) => scale == FigureScale.Sketch ? 20 : 1;

    private static FigureTable Curve(FigureRun run, LearningRule rule)
    {
        LearningTask task = Task(run.Scale);
        LearningStudy study = task.Study(task.Ensemble(rule, Trials(run.Scale)), Duration(run.Scale, rule));
        return LearningTask.Table(CurveDrawing.Table(rule), study.Run(run.Random.Fork("curves"), run.Threads, null, run.Progress, run.Cancellation).Curve);
    }

    // Weights of one trial before and after learning by the natural rule, and its teacher's; none learned where only the input is asked for.
    private static (IReadOnlyList<FrozenResponse> Responses, IReadOnlyList<(int Step, int Synapse)> Input) Respond(FigureRun run, bool learn)
    {
        LearningTask task = Task(run.Scale);
        RandomSource random = run.Random.Fork("example");
        double[][] weights = [];
        if (learn)
        {
            SpikingEnsemble one = task.Ensemble(LearningRule.Natural, 1);
            TeacherStudent trial = one.Trial(random, 0);
            LearningResult learned = task.Study(one, Duration(run.Scale, LearningRule.Natural)).Run(random, run.Threads, null, run.Progress, run.Cancellation);
            weights = [[.. trial.InitialWeights], learned.Snapshots[^1][0].ToArray(), [.. ((TargetWeights)trial.Teacher).Weights]];
        }

        return FrozenResponse.Simulate(LearningTask.Learner, task.Input, weights, random, Stretch, Repetitions);
    }

    private static FigureTable InputSpikes(FigureRun run)
    {
        IReadOnlyList<(int Step, int Synapse)> input = Respond(run, learn: false).Input;
        return new FigureTable("input", new("time", "s", [.. input.Select(s => s.Step * TimeStep)]), new("afferent", "1", [.. input.Select(s => (double)s.Synapse)]));
    }

    private static FigureTable OutputSpikes(FigureRun run)
    {
        (double Neuron, double Repetition, double Time)[] spikes =
        [
            .. Respond(run, learn: true).Responses.SelectMany((r, k) => r.Spikes.SelectMany((steps, repetition) => steps.Select(s => ((double)k, (double)repetition, s * TimeStep)))),
        ];
        return new FigureTable(
            "spikes", new("neuron", "1", [.. spikes.Select(s => s.Neuron)]), new("repetition", "1", [.. spikes.Select(s => s.Repetition)]), new("time", "s", [.. spikes.Select(s => s.Time)]));
    }

    private static FigureTable Potentials(FigureRun run)
    {
        IReadOnlyList<FrozenResponse> responses = Respond(run, learn: true).Responses;
        return new FigureTable(
            "potentials",
            [
                new("time", "s", [.. Enumerable.Range(1, responses[0].Potential.Count).Select(s => s * TimeStep)]),
                .. responses.Select((r, k) => new FigureColumn(Neurons[k], "mV", [.. r.Potential])),
            ]);
    }

    private static PoissonInput PlaneInput => PoissonInput.Groups((1, Plane.Rates[0]), (1, Plane.Rates[1]));

    private static UspSamples PlaneInputs(FigureRun run) => UspSamples.Draw(PlaneInput, Kernel, run.Random.Fork("plane"), PlaneSamples(run.Scale));

    private static double[] Scaled(double[] weights) => [.. weights.Select(w => w / 2)];

    private static FigureTable Cost(FigureRun run)
    {
        int points = run.Size(31, 81);
        double[] axis = Grid(Plane.Lowest / 2, Plane.Highest / 2, points), costs = new double[points * points];
        UspSamples samples = PlaneInputs(run);
        TargetWeights teacher = new(Scaled(Plane.Target));
        run.ForEach(costs.Length, k => costs[k] = samples.Cost(Transfer, [axis[k % points], axis[k / points]], teacher, TimeStep).Divergence);
        return new FigureTable(
            "cost",
            new("first_weight", "1", [.. costs.Select((_, k) => axis[k % points])]), new("second_weight", "1", [.. costs.Select((_, k) => axis[k / points])]), new("divergence", "nats", costs));
    }

    // −∇C and −G⁻¹∇C, per unit time, from samples of the input.
    private static FigureTable Fields(FigureRun run)
    {
        UspSamples samples = PlaneInputs(run);
        FisherGeometry fisher = new(LearningTask.Learner, PlaneInput);
        double[] target = Scaled(Plane.Target);
        double[][] rows =
        [
            .. Plane.ArrowsSecond.SelectMany(_ => Plane.ArrowsFirst, (y, x) => Scaled([x, y])).Select(w =>
            {
                double[] descent = new double[2], natural = new double[2];
                for (int k = 0; k < samples.Count; k++)
                {
                    ReadOnlySpan<double> x = samples[k];
                    double v = (w[0] * x[0]) + (w[1] * x[1]), goal = (target[0] * x[0]) + (target[1] * x[1]);
                    double error = (Transfer.Rate(goal) - Transfer.Rate(v)) * Transfer.LogSlope(v) / samples.Count;
                    descent[0] += error * x[0];
                    descent[1] += error * x[1];
                }

                fisher.Raise(w, descent, natural);
                return new[] { w[0], w[1], descent[0], descent[1], natural[0], natural[1] };
            }),
        ];
        (string Name, string Unit)[] names =
        [
            ("first_weight", "1"), ("second_weight", "1"), ("euclidean_first", "1/s"), ("euclidean_second", "1/s"), ("natural_first", "1/s"), ("natural_second", "1/s"),
        ];
        return new FigureTable("fields", [.. names.Select((n, k) => new FigureColumn(n.Name, n.Unit, [.. rows.Select(r => r[k])]))]);
    }

    // Mean over trials, standard deviations and covariance at each time.
    private static FigureTable Path(FigureRun run, LearningRule rule)
    {
        double speed = PlaneSpeed(run.Scale), duration = PlaneDuration / speed;
        double[] times = Grid(0, duration, 121);
        LearningStudy study = new()
        {
            Ensemble = new SpikingEnsemble
            {
                Neuron = LearningTask.Learner,
                Input = PlaneInput,
                Rule = LearningTask.Rule(rule, PlaneInput, speed * (rule == LearningRule.Natural ? Plane.NaturalRate : Plane.EuclideanRate)),
                InitialWeights = new GivenWeights(Scaled(Plane.Start)),
                TargetWeights = new GivenWeights(Scaled(Plane.Target)),
                Trials = PlaneTrials(run.Scale),
            },
            Duration = duration,
            WeightTimes = times,
            CostSamples = 1,
        };
        IReadOnlyList<LearningSnapshot> snapshots = study.Run(run.Random.Fork("paths"), run.Threads, null, run.Progress, run.Cancellation).Snapshots;
        double[][] rows = [.. snapshots.Select(s => Moments(s, study.Ensemble.Trials))];
        (string Name, string Unit)[] names = [("time", "s"), ("first_weight", "1"), ("second_weight", "1"), ("first_sd", "1"), ("second_sd", "1"), ("correlation", "1")];
        return new FigureTable(
            rule == LearningRule.Natural ? "path_natural" : "path_euclidean", [.. names.Select((n, k) => new FigureColumn(n.Name, n.Unit, [.. rows.Select(r => r[k])]))]);
    }

    private static double[] Moments(LearningSnapshot snapshot, int trials)
    {
        double[] x = [.. Enumerable.Range(0, trials).Select(k => snapshot[k][0])], y = [.. Enumerable.Range(0, trials).Select(k => snapshot[k][1])];
        double mx = x.Average(), my = y.Average();
        double xx = x.Average(v => (v - mx) * (v - mx)), yy = y.Average(v => (v - my) * (v - my)), xy = x.Zip(y, (a, b) => (a - mx) * (b - my)).Average();
        return [snapshot.Step * TimeStep, mx, my, Math.Sqrt(xx), Math.Sqrt(yy), xx * yy > 0 ? xy / Math.Sqrt(xx * yy) : 0];
    }

    private static double PotentialRatio(FigureData data)
    {
        FigureTable t = data["potentials"];
        double Difference(string neuron) => Math.Sqrt(t[neuron].Zip(t["teacher"], (a, b) => (a - b) * (a - b)).Average());
        return Difference("before") / Difference("after");
    }

    private static double AngleGain(FigureData data)
    {
        FigureTable t = data["fields"];
        double[] target = Scaled(Plane.Target), x = t["first_weight"], y = t["second_weight"];
        return Mean("euclidean") - Mean("natural");

        double Mean(string field) => Enumerable.Range(0, t.Rows).Average(k =>
        {
            double angle = Math.Atan2(t[field + "_second"][k], t[field + "_first"][k]) - Math.Atan2(target[1] - y[k], target[0] - x[k]);
            return Math.Abs(Math.IEEERemainder(angle, 2 * Math.PI)) * 180 / Math.PI;
        });
    }

    private static double PathRatio(FigureData data) => Farthest(data["path_euclidean"]) / Farthest(data["path_natural"]);

    private static double Farthest(FigureTable path)
    {
        double[] from = Scaled(Plane.Start), to = Scaled(Plane.Target);
        double dx = to[0] - from[0], dy = to[1] - from[1], length = Math.Sqrt((dx * dx) + (dy * dy));
        return path["first_weight"].Zip(path["second_weight"], (x, y) => Math.Abs(((x - from[0]) * dy) - ((y - from[1]) * dx)) / length).Max();
    }

    private static double TimeRatio(FigureData data) => LearningTask.TimeToTarget(data["curve_euclidean"]) / LearningTask.TimeToTarget(data["curve_natural"]);

    private static double EarlyRatio(FigureData data)
    {
        FigureTable natural = data["curve_natural"], euclidean = data["curve_euclidean"];
        int at = Math.Max(0, Array.FindIndex(natural["time"], t => t >= LearningTask.TimeToTarget(natural) / 5));
        return natural["divergence"][at] / euclidean["divergence"][at];
    }

    private static double Floor(FigureTable curve) => curve["rate_error"].TakeLast(Math.Max(1, curve.Rows / 4)).Average();

    private static void DrawTask(FigurePanel panel, FigureData data)
    {
        const int Shown = 5;
        FigureTable input = data["input"], spikes = data["spikes"].Where("repetition", r => r < Shown);
        int n = (int)input["afferent"].Max() + 1;
        double row = n / 24.0, teacher = n + (2 * row), student = teacher + ((Shown + 1) * row);
        panel.Label("time (ms)", string.Empty);
        Strokes(panel, input["time"], input["afferent"], 0.8 * Math.Max(1, n / 40.0), panel.Style.Ink);
        Output(2, OkabeIto.Blue, teacher);
        Output(0, OkabeIto.Vermilion, student);
        panel.Y.Ticks =
        [
            new(((n / 2) - 1) / 2.0, $"{Learning.Table1[1].First} Hz"), new((n / 2) + (((n / 2) - 1) / 2.0), $"{Learning.Table1[1].Second} Hz"),
            new(teacher + ((Shown - 1) * row / 2), "teacher"), new(student + ((Shown - 1) * row / 2), "student"),
        ];
        panel.Notes.Add($"{n} afferents; neurons differ in weights;");
        panel.Notes.Add($"their spikes in {Shown} repetitions");
        panel.Plot.Axes.SetLimits(0, Stretch * 1e3, -1, student + (Shown * row));

        void Output(int neuron, ScottPlot.Color color, double from)
        {
            FigureTable own = spikes.Where("neuron", k => k == neuron);
            Strokes(panel, own["time"], [.. own["repetition"].Select(r => from + (r * row))], 0.8 * row, color);
        }
    }

    private static void Strokes(FigurePanel panel, double[] times, double[] rows, double height, ScottPlot.Color color)
    {
        double[] xs = [.. times.SelectMany(t => new[] { t * 1e3, t * 1e3, double.NaN })];
        double[] ys = [.. rows.SelectMany(r => new[] { r - (height / 2), r + (height / 2), double.NaN })];
        panel.Line(xs, ys, color, width: panel.Style.ThinWidth);
    }

    // Three bands in one panel, each on an axis of its own from 0 to 1: potentials, rates in bins, spikes of all repetitions.
    private static void DrawResponse(FigurePanel panel, FigureData data, int student)
    {
        const double Rates = 1.12, Spikes = 2.24;
        FigureTable potentials = data["potentials"], spikes = data["spikes"];
        double[] all = [.. Neurons.SelectMany(n => potentials[n])];
        double low = all.Min(), high = all.Max(), highest = Enumerable.Range(0, 3).Max(k => Histogram(spikes, k).Max());
        double[] t = [.. potentials["time"].Select(s => s * 1e3)], edges = [.. Enumerable.Range(0, (int)Math.Round(Stretch / BinWidth) + 1).Select(k => k * BinWidth * 1e3)];
        panel.Label("time (ms)", string.Empty);
        foreach ((int neuron, ScottPlot.Color color, string name) in new[] { (2, OkabeIto.Blue, "teacher"), (student, OkabeIto.Vermilion, "student") })
        {
            panel.Line(t, [.. potentials[Neurons[neuron]].Select(v => (v - low) / (high - low))], color, name);
            double[] heights = Histogram(spikes, neuron);
            panel.Line([.. heights.SelectMany((_, k) => new[] { edges[k], edges[k + 1] })], [.. heights.SelectMany(h => new[] { h, h }).Select(h => Rates + (h / highest))], color);
            FigureTable own = spikes.Where("neuron", k => k == neuron);
            double from = Spikes + (neuron == 2 ? 0.52 : 0);
            panel.Markers([.. own["time"].Select(s => s * 1e3)], [.. own["repetition"].Select(r => from + (0.48 * r / Repetitions))], color, size: 1.1f);
        }

        foreach (double between in new[] { Rates - 0.06, Spikes - 0.06 })
        {
            panel.Line([0, Stretch * 1e3], [between, between], panel.Style.Quiet, width: panel.Style.ThinWidth);
        }

        panel.Y.Ticks =
        [
            .. AxisTicks.Linear(low, high, 3).Select(tick => new AxisTick((tick.Position - low) / (high - low), $"{tick.Label} mV")),
            .. AxisTicks.Linear(0, highest, 3).Select(tick => new AxisTick(Rates + (tick.Position / highest), $"{tick.Label} Hz")),
            new(Spikes + 0.5, "spikes"),
        ];
        panel.Plot.Axes.SetLimits(0, Stretch * 1e3, -0.06, Spikes + 1.04);
    }

    // Spikes a second in each bin, over all repetitions.
    private static double[] Histogram(FigureTable spikes, int neuron)
    {
        double[] rates = new double[(int)Math.Round(Stretch / BinWidth)];
        foreach (double time in spikes.Where("neuron", k => k == neuron)["time"])
        {
            rates[(int)((time + (TimeStep / 2)) / BinWidth)] += 1 / (Repetitions * BinWidth);
        }

        return rates;
    }

    private static void DrawPlane(FigurePanel panel, FigureData data, LearningRule rule)
    {
        string name = rule == LearningRule.Natural ? "natural" : "euclidean";
        FigureTable cost = data["cost"], fields = data["fields"], path = data["path_" + name];
        double[] axis = [.. cost["first_weight"].Distinct().Select(w => 2 * w)];
        panel.Label("weight at 10 Hz (1/n)", "weight at 50 Hz (1/n)");
        foreach (double level in Plane.Levels)
        {
            (double[] x, double[] y) = ContourLines.At(axis, axis, cost["divergence"], level);
            panel.Line(x, y, panel.Style.Quiet, level == Plane.Levels[0] ? "equal D_KL" : null, width: panel.Style.ThinWidth);
        }

        ScottPlot.Color color = LearningRules.Colors[(int)rule];
        double[] ax = fields["first_weight"], ay = fields["second_weight"], dx = fields[name + "_first"], dy = fields[name + "_second"];
        for (int k = 0; k < ax.Length; k++)
        {
            double length = Math.Sqrt((dx[k] * dx[k]) + (dy[k] * dy[k])), reach = 0.09;
            panel.Arrow((2 * ax[k], 2 * ay[k]), ((2 * ax[k]) + (reach * dx[k] / length), (2 * ay[k]) + (reach * dy[k] / length)), OkabeIto.Black, 0.8f);
        }

        double[] px = [.. path["first_weight"].Select(w => 2 * w)], py = [.. path["second_weight"].Select(w => 2 * w)];
        int every = (px.Length - 1) / 6;
        for (int k = every; k < px.Length; k += every)
        {
            Ellipse(panel, (px[k], py[k]), (6 * path["first_sd"][k], 6 * path["second_sd"][k]), path["correlation"][k], color.WithAlpha(0.6), k == every ? "3 sd of trials" : null);
        }

        panel.Line(px, py, color, "mean path", width: 1.6f);
        panel.Markers([px[0]], [py[0]], color, open: true);
        panel.Markers([Plane.Target[0]], [Plane.Target[1]], OkabeIto.Black, "target");
        panel.Plot.Axes.SetLimits(Plane.Lowest, Plane.Highest, Plane.Lowest, Plane.Highest);
    }

    // The ellipse of a normal distribution with these standard deviations.
    private static void Ellipse(FigurePanel panel, (double X, double Y) centre, (double X, double Y) sd, double correlation, ScottPlot.Color color, string? legend)
    {
        double[] angles = Grid(0, 2 * Math.PI, 61);
        double across = Math.Sqrt(Math.Max(0, 1 - (correlation * correlation)));
        panel.Line(
            [.. angles.Select(a => centre.X + (sd.X * Math.Cos(a)))],
            [.. angles.Select(a => centre.Y + (sd.Y * ((correlation * Math.Cos(a)) + (across * Math.Sin(a)))))],
            color, legend, width: 0.9f);
    }

    private static void DrawCurves(FigurePanel panel, FigureData data)
    {
        panel.Label("time (s)", "D_KL in a time step (nats)");
        panel.Notes.Add("mean of trials; band: 10 to 90 %");
        panel.Notes.Add("circles: mean at 5·10⁻⁵");
        CurveDrawing.Draw(panel, [.. Rules.Select(r => (r, data[CurveDrawing.Table(r)]))], "divergence", "divergence_p10", "divergence_p90", LearningTask.TimeToTarget);
    }
}
