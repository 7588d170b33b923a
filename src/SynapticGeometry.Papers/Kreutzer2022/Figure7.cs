using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Regimes;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 7: which synapses are potentiated and which are depressed, with and without input.</summary>
internal sealed class Figure7() : KreutzerFigure("7")
{
    private static readonly string[] Changes = ["stimulated_change", "unstimulated_change"];

    /// <summary>The parameters of the setting, which Fig. 6 shares.</summary>
    public static IReadOnlyList<FigureParameter> Setting { get; } =
    [
        .. Neuron,
        new("constant shift of the potential", $"{Shift}", "mV"),
        new("synapses; stimulated", $"{N}; {Stimulated} at {InputRate}", "1; Hz"),
        new("teacher (constant)", $"{TeacherRate}", "Hz"),
        new("learning rate", $"{LearningRate}"),
    ];

    public override string Title => "Plasticity at stimulated and at unstimulated synapses: three regimes";

    public override string Source => Citation("Fig. 7");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("setup", Setup), new("map", Map, 70), new("traces", Traces, 2)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Input and teacher", ["setup"], DrawSetup),
        new('B', "Stimulated synapses", ["map"], (p, d) => DrawMap(p, d, "stimulated_change")),
        new('C', "Unstimulated synapses", ["map"], (p, d) => DrawMap(p, d, "unstimulated_change")),
        new('D', "Regimes", ["map"], DrawRegimes),
        .. Examples.Select((e, k) => new PaperPanel((char)('E' + k), $"{e.Regime}: from {e.Weight}/n", ["traces"], (p, d) => DrawTrace(p, d, k))),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Stimulated synapses switch from potentiation to depression near 1.9/n.", "initial stimulated weight at which the mean change crosses zero, in 1/n, mean over unstimulated weights", ["map"], Switch) { AtLeast = 1.7, AtMost = 2.1, Unit = "1/n" },
        new("The switch does not depend on the unstimulated weights.", "standard deviation of the switch over unstimulated weights, in 1/n", ["map"], SwitchSpread) { AtMost = 0.1, Unit = "1/n" },
        new("Below 4/n unstimulated synapses change opposite to stimulated ones (O1, O2).", "share of the weights, more than 2 standard errors from zero at both, where the signs differ", ["map"], Opposed) { AtLeast = 0.95 },
        new("Where all weights are large both depress (S).", "larger of the two changes at 5/n, 5/n, in standard errors", ["map"], BothDepress) { AtMost = -3 },
    ];

    protected override int Columns => 4;

    protected override double RowHeight => 62;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Setting,
        new("duration", $"{Duration}", "s"),
        new("initial weights of each group", $"{Lowest}/n to {Highest}/n, {Points(scale)} values"),
        new("trials at each point", $"{Trials(scale)}"),
        new("traces: initial weights; trials", $"{string.Join(", ", Examples.Select(e => $"{e.Weight}/n"))}; {TraceTrials(scale)}"),
    ];

    /// <summary>One neuron of this setting.</summary>
    /// <param name="stimulated">Initial weight of the stimulated synapses, in 1/n.</param>
    /// <param name="unstimulated">Initial weight of the others, in 1/n.</param>
    public static TeacherStudent Experiment(double stimulated, double unstimulated)
    {
        SpikingEnsemble e = Ensemble(stimulated, unstimulated, 1);
        return new TeacherStudent { Neuron = e.Neuron, Input = e.Input, Teacher = e.Teacher!, Rule = e.Rule, InitialWeights = Weights(stimulated, unstimulated) };
    }

    private static int Points(FigureScale scale) => scale == FigureScale.Sketch ? 9 : 21;

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 8 : 20;

    private static int TraceTrials(FigureScale scale) => scale == FigureScale.Sketch ? 16 : 200;

    private static double[] Weights(double stimulated, double unstimulated) =>
        [.. Enumerable.Range(0, N).Select(i => (i < Stimulated ? stimulated : unstimulated) / N)];

    private static SpikingEnsemble Ensemble(double stimulated, double unstimulated, int trials)
    {
        // The shift belongs to the transfer function, so that V = w · x stays the potential of the formulas.
        PoissonNeuron neuron = new(Transfer.Shifted(Shift), Kernel);
        PoissonInput input = PoissonInput.Groups((Stimulated, InputRate), (N - Stimulated, 0));
        return new SpikingEnsemble
        {
            Neuron = neuron,
            Input = input,
            Teacher = new ConstantRate(TeacherRate),
            Rule = new ThreeTermPlasticity(new NaturalForm(new FisherGeometry(neuron, input))) { LearningRate = LearningRate },
            InitialWeights = new GivenWeights(Weights(stimulated, unstimulated)),
            Trials = trials,
        };
    }

    // Spikes of the afferents (trains 0 to n − 1) and of the teacher (train n).
    private static FigureTable Setup(FigureRun run)
    {
        TeacherStudent experiment = Experiment(1, 1);
        RandomSource random = run.Random.Fork("setup");
        SpikeSampler input = experiment.Input.Start(random.Fork("input"), TimeStep);
        RandomSource teacher = random.Fork("teacher");
        List<double> time = [], train = [];
        for (int step = 0; step < 4000; step++)
        {
            foreach (int synapse in input.Draw())
            {
                time.Add(step * TimeStep);
                train.Add(synapse);
            }

            if (teacher.NextDouble() < TeacherRate * TimeStep)
            {
                time.Add(step * TimeStep);
                train.Add(N);
            }
        }

        return new FigureTable("setup", new("time", "s", [.. time]), new("train", "1", [.. train]));
    }

    private static FigureTable Map(FigureRun run)
    {
        int points = Points(run.Scale), trials = Trials(run.Scale);
        double[] axis = Grid(Lowest, Highest, points);
        double[][] cells = new double[points * points][];
        run.ForEach(cells.Length, cell =>
        {
            (double stimulated, double unstimulated) = (axis[cell % points], axis[cell / points]);
            EnsembleRun learners = Ensemble(stimulated, unstimulated, trials).Start(run.Random.Fork("map", (ulong)cell), threads: 1);
            learners.AdvanceTo((long)Math.Round(Duration / TimeStep), run.Cancellation);
            (double Mean, double Error) first = Statistics.Mean(RelativeWeights(learners, 0, stimulated)), last = Statistics.Mean(RelativeWeights(learners, N - 1, unstimulated));
            cells[cell] = [stimulated, unstimulated, first.Mean - 1, first.Error, last.Mean - 1, last.Error];
        });
        string[] names = ["stimulated_weight", "unstimulated_weight", "stimulated_change", "stimulated_change_se", "unstimulated_change", "unstimulated_change_se"];
        return new FigureTable("map", [.. names.Select((name, k) => new FigureColumn(name, k < 2 ? "1/n" : "1", [.. cells.Select(c => c[k])]))]);
    }

    // Mean weight of the group that a synapse belongs to over its initial weight, for each trial.
    private static double[] RelativeWeights(EnsembleRun learners, int member, double initial)
    {
        double[] w = new double[N];
        return [.. Enumerable.Range(0, learners.Trials).Select(trial =>
        {
            learners.CopySomatic(trial, w);
            return (member < Stimulated ? w.AsSpan(0, Stimulated) : w.AsSpan(Stimulated)).ToArray().Average() * N / initial;
        })];
    }

    private static FigureTable Traces(FigureRun run)
    {
        long[] steps = [.. Enumerable.Range(0, 121).Select(k => 1000L * k)];
        List<FigureColumn> columns = [new("time", "s", [.. steps.Select(s => s * TimeStep)])];
        for (int k = 0; k < Examples.Length; k++)
        {
            EnsembleRun learners = Ensemble(Examples[k].Weight, Examples[k].Weight, TraceTrials(run.Scale)).Start(run.Random.Fork("traces", (ulong)k), run.Threads);
            List<double>[] course = [[], []];
            foreach (long step in steps)
            {
                learners.AdvanceTo(step, run.Cancellation);
                course[0].Add(RelativeWeights(learners, 0, Examples[k].Weight).Average());
                course[1].Add(RelativeWeights(learners, N - 1, Examples[k].Weight).Average());
            }

            columns.Add(new($"stimulated_{Examples[k].Regime}", "1", [.. course[0]]));
            columns.Add(new($"unstimulated_{Examples[k].Regime}", "1", [.. course[1]]));
            run.Progress?.Report((k + 1.0) / Examples.Length);
        }

        return new FigureTable("traces", columns);
    }

    // Where the change at stimulated synapses crosses zero, for each unstimulated weight.
    private static double[] Switches(FigureData data) =>
    [
        .. data["map"]["unstimulated_weight"].Distinct().Select(u =>
        {
            FigureTable row = data["map"].Where("unstimulated_weight", w => w == u);
            double[] w = row["stimulated_weight"], change = row["stimulated_change"];
            int at = Array.FindIndex(change, c => c < 0);
            return at <= 0 ? double.NaN : w[at - 1] + ((w[at] - w[at - 1]) * change[at - 1] / (change[at - 1] - change[at]));
        }),
    ];

    private static double Switch(FigureData data) => Switches(data).Average();

    private static double SwitchSpread(FigureData data)
    {
        double[] at = Switches(data);
        return Statistics.Mean(at).Error * Math.Sqrt(at.Length);
    }

    private static double Opposed(FigureData data)
    {
        FigureTable below = data["map"].Where("stimulated_weight", w => w < 4).Where("unstimulated_weight", w => w < 4);
        double[] s = below["stimulated_change"], u = below["unstimulated_change"], se = below["stimulated_change_se"], ue = below["unstimulated_change_se"];
        int[] clear = [.. Enumerable.Range(0, s.Length).Where(i => Math.Abs(s[i]) > 2 * se[i] && Math.Abs(u[i]) > 2 * ue[i])];
        return clear.Count(i => s[i] * u[i] < 0) / (double)clear.Length;
    }

    private static double BothDepress(FigureData data)
    {
        FigureTable t = data["map"];
        return Math.Max(t["stimulated_change"][^1] / t["stimulated_change_se"][^1], t["unstimulated_change"][^1] / t["unstimulated_change_se"][^1]);
    }

    private static void DrawSetup(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["setup"];
        panel.Label("time (s)", "afferent");
        for (int train = 0; train <= N; train++)
        {
            double[] times = t.Where("train", k => k == train)["time"];
            double[] xs = [.. times.SelectMany(at => new[] { at, at, double.NaN })];
            double[] ys = [.. times.SelectMany(_ => new[] { Row(train) - 0.35, Row(train) + 0.35, double.NaN })];
            panel.Line(xs, ys, train < N ? OkabeIto.Blue : OkabeIto.Vermilion, width: panel.Style.ThinWidth);
        }

        panel.Y.Ticks = [.. Enumerable.Range(0, N).Where(k => k % 3 == 0).Select(k => new AxisTick(k, (k + 1).ToString(System.Globalization.CultureInfo.InvariantCulture))), new(Row(N), "teacher")];
        panel.Notes.Add($"1–{Stimulated} at {InputRate} Hz, {Stimulated + 1}–{N} silent,");
        panel.Notes.Add($"teacher at {TeacherRate} Hz");
        panel.Plot.Axes.SetLimits(0, 2, -0.7, Row(N) + 0.7);

        static double Row(int train) => train < N ? train : N + 0.5;
    }

    private static void DrawMap(FigurePanel panel, FigureData data, string column)
    {
        FigureTable t = data["map"];
        panel.Colors = new DivergingColors(Changes.Max(c => Math.Round(100 * t[c].Max(Math.Abs))), "change (%)");
        Cells(panel, t, [.. t[column].Select(c => panel.Colors.At(100 * c))]);
        Zero(panel, t, column, OkabeIto.Black, null);
        Crosses(panel);
    }

    private static void DrawRegimes(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["map"];
        double[] s = t["stimulated_change"], u = t["unstimulated_change"];
        ScottPlot.Color opposed = new(190, 225, 246), same = new(240, 190, 80);
        Cells(panel, t, [.. s.Zip(u, (a, b) => a < 0 && b < 0 ? same : a * b < 0 ? opposed : new ScottPlot.Color(225, 225, 225))]);
        panel.Legend.Add(new("opposed", opposed, LegendSymbol.Fill));
        panel.Legend.Add(new("both fall", same, LegendSymbol.Fill));
        Zero(panel, t, "unstimulated_change", OkabeIto.Vermilion, "unstimulated: no change");
        Zero(panel, t, "stimulated_change", OkabeIto.Black, "stimulated: no change");
        Crosses(panel);
    }

    private static void Cells(FigurePanel panel, FigureTable map, ScottPlot.Color[] colors)
    {
        double width = (Highest - Lowest) / (map["stimulated_weight"].Distinct().Count() - 1);
        panel.Label("stimulated weight (1/n)", "unstimulated weight (1/n)");
        panel.Cells(map["stimulated_weight"], map["unstimulated_weight"], colors, width, width);
        panel.Plot.Axes.SetLimits(Lowest - (width / 2), Highest + (width / 2), Lowest - (width / 2), Highest + (width / 2));
    }

    private static void Zero(FigurePanel panel, FigureTable map, string column, ScottPlot.Color color, string? legend)
    {
        double[] axis = [.. map["stimulated_weight"].Distinct()];
        (double[] x, double[] y) = ContourLines.At(axis, axis, map[column], 0);
        panel.Line(x, y, color, legend, width: 0.9f);
    }

    private static void Crosses(FigurePanel panel)
    {
        foreach ((string regime, double w) in Examples)
        {
            var cross = panel.Plot.Add.Marker(w, w, ScottPlot.MarkerShape.Eks, panel.Style.MarkerSize, OkabeIto.Black);
            cross.MarkerLineWidth = 0.9f;
            var text = panel.Plot.Add.Text(regime, w, w + 0.14);
            text.LabelFontSize = panel.Style.SmallSize;
            text.LabelFontName = "SynGeo Sans";
            text.LabelFontColor = OkabeIto.Black;
            text.LabelAlignment = ScottPlot.Alignment.LowerCenter;
        }
    }

    private static void DrawTrace(FigurePanel panel, FigureData data, int example)
    {
        FigureTable t = data["traces"];
        panel.Label("time (s)", "weight / initial weight");
        panel.Line([0, Duration], [1, 1], panel.Style.Quiet, width: panel.Style.ThinWidth);
        panel.Line(t["time"], t[$"stimulated_{Examples[example].Regime}"], OkabeIto.Blue, "stimulated");
        panel.Line(t["time"], t[$"unstimulated_{Examples[example].Regime}"], OkabeIto.Orange, "unstimulated");
        double[] all = [.. t.Columns.Skip(1).SelectMany(c => c.Values)];
        double margin = 0.05 * (all.Max() - all.Min());
        panel.Plot.Axes.SetLimits(0, Duration, all.Min() - margin, all.Max() + margin);
    }
}
