using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Table 1: the largest learning rate of each rule that leaves a given rate error, found by search, beside the published one.</summary>
internal sealed class Table1() : KreutzerFigure("table1")
{
    private const int Rules = 3;
    private const double Band = 1.5;

    public override string Title => "Learning rates found by search, beside the published ones";

    public override string Source => Citation("Table 1; the search is ours: the largest learning rate whose remaining rate error is 0.8 Hz, in the convention of the released code");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("searches", Searches, 1900)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Learning rates", ["searches"], DrawRates),
        new('B', "Found over published", ["searches"], DrawRatios),
        new('C', "What is left of the rate error", ["searches"], DrawTried),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("For every rule and pair there is a learning rate that leaves no more than the aim.", "largest remaining error at a found learning rate, over the aim", ["searches"], d => Best(d)["remaining_error"].Zip(Best(d)["aim"], (e, a) => e / a).Max()) { AtMost = 1 },
        new("Scaled to 100 synapses and 0.8 Hz, every learning rate is within a factor 1.5 of the published one, as far as sampling can tell.", "largest factor between a found and a published learning rate, either way, less two standard errors", ["searches"], LargestFactor) { AtMost = Band },
        new("Natural and approximate learning rates are within a factor 2 of each other.", "largest factor between natural and approximate, either way", ["searches"], d => Pairs(d).Max(p => Factor(p[LearningRules.Natural], p[LearningRules.Approximate]))) { AtMost = 2 },
        new("The Euclidean learning rate is hundreds of times smaller than the natural one.", "smallest ratio of natural to Euclidean", ["searches"], d => Pairs(d).Min(p => p[LearningRules.Natural] / p[LearningRules.Euclidean])) { AtLeast = 200 },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 70;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale)
    {
        Size size = SizeOf(scale);
        return
        [
            .. Neuron,
            new("synapses; initial and target weights", $"{size.Synapses}; uniform in ±1/√({SynapseCount} n)"),
            new("rates of the halves", string.Join("; ", size.Pairs.Select(p => $"{p.First}, {p.Second}")), "Hz"),
            new("remaining rate error (over the last quarter)", $"{size.Target}", "Hz"),
            new("trials; learning rates tried for each", $"{size.Trials}; {size.Evaluations}"),
            new("duration: natural, approximate, Euclidean", string.Join(", ", size.Durations), "s"),
            new("stepping; convention", "forward Euler; released"),
            new("scaling to 100 synapses and 0.8 Hz", "η n/100 (0.8 Hz/error)²"),
        ];
    }

    private sealed record Size(int Synapses, double Target, int Trials, int Evaluations, double[] Durations, IReadOnlyList<TunedRates> Pairs)
    {
        // The remaining divergence is η n/4 a second under the natural rule and η tr(G)/4 under the Euclidean one: both grow with η n,
        // and the squared rate error with them.
        public double Scaling => Synapses / (double)SynapseCount * Math.Pow(Learning.RemainingError / Target, 2);

        public LearningTask Task(TunedRates pair) => new(Synapses, pair);
    }

    private static Size SizeOf(FigureScale scale) => scale == FigureScale.Sketch
        ? new(10, Learning.RemainingError, 24, 5, [400, 400, 1600], [Learning.Table1[1]])
        : new(SynapseCount, Learning.RemainingError, 24, 8, [4000, 4000, 12000], Learning.Table1);

    // One row for each learning rate that was tried.
    private static FigureTable Searches(FigureRun run)
    {
        Size size = SizeOf(run.Scale);
        List<double[]> rows = [];
        for (int pair = 0; pair < size.Pairs.Count; pair++)
        {
            for (int rule = 0; rule < Rules; rule++)
            {
                int place = (pair * Rules) + rule;
                LearningRateResult found = Search(size, size.Pairs[pair], rule).Run(run.Random.Fork("search", (ulong)pair), run.Threads, run.Part(place, size.Pairs.Count * Rules).Progress, run.Cancellation);
                rows.AddRange(found.Tried.Select(t => new double[]
                {
                    rule, size.Pairs[pair].First, size.Pairs[pair].Second, Published(size.Pairs[pair], rule), size.Scaling * Learning.Convention.Published(t.LearningRate, Transfer),
                    t.Diverged ? double.PositiveInfinity : t.Residual, t == found.Best ? 1 : 0, found.Check?.Residual() ?? double.PositiveInfinity, RelativeError(found.Check), size.Target,
                }));
            }
        }

        string[] names = ["rule", "first_rate", "second_rate", "published", "learning_rate", "remaining_error", "best", "best_checked_error", "relative_se", "aim"], units = ["1", "Hz", "Hz", "1", "1", "Hz", "1", "Hz", "1", "Hz"];
        return new FigureTable("searches", [.. names.Select((name, k) => new FigureColumn(name, units[k], [.. rows.Select(r => r[k])]))]);
    }

    private static LearningRateSearch Search(Size size, TunedRates pair, int rule)
    {
        LearningTask task = size.Task(pair);
        return new LearningRateSearch
        {
            Study = eta => LearningRules.Study(rule, LearningTask.Learner, task.Input, eta, task.WeightBound, size.Trials, size.Durations[rule], TraceStepping.ForwardEuler),
            Start = Learning.Convention.Rate(Published(pair, rule) / size.Scaling, Transfer),
            Target = size.Target,
            Criterion = TuningCriterion.Residual,
            Evaluations = size.Evaluations,
        };
    }

    private static double Published(TunedRates pair, int rule) => rule == LearningRules.Natural ? pair.Natural : rule == LearningRules.Approximate ? pair.Approximate : pair.Euclidean;

    private static FigureTable Best(FigureData data) => data["searches"].Where("best", b => b == 1);

    // The found learning rates of the three rules, for each pair.
    private static List<double[]> Pairs(FigureData data) => [.. Best(data)["learning_rate"].Chunk(Rules)];

    private static double Factor(double a, double b) => Math.Max(a / b, b / a);

    private static double LargestFactor(FigureData data)
    {
        FigureTable best = Best(data);
        return Enumerable.Range(0, best.Rows).Max(i => Factor(best["learning_rate"][i], best["published"][i]) * Math.Exp(-2 * best["relative_se"][i]));
    }

    // Of a learning rate, from the spread over trials of what is left: the error goes with its square root, so its relative error is doubled.
    private static double RelativeError(LearningCurve? check)
    {
        if (check is null)
        {
            return double.PositiveInfinity;
        }

        LearningCost[][] end = [.. check.Costs.TakeLast(check.Costs.Count / 4).Select(at => at.ToArray())];
        (double mean, double error) = Statistics.Mean([.. Enumerable.Range(0, end[0].Length).Select(trial => end.Average(at => at[trial].RateError))]);
        return 2 * error / mean;
    }

    private static void PairTicks(FigurePanel panel, FigureTable best)
    {
        panel.X.Ticks = [.. best["first_rate"].Chunk(Rules).Select((f, k) => new AxisTick(k, $"{f[0]}, {best["second_rate"][k * Rules]}"))];
    }

    private static double Place(int row) => (row / Rules) + (0.2 * ((row % Rules) - 1));

    private static void DrawRates(FigurePanel panel, FigureData data)
    {
        FigureTable best = Best(data);
        panel.Label("rates of the two halves (Hz)", "learning rate η");
        panel.Y.Scale = AxisScale.Log10;
        for (int rule = 0; rule < Rules; rule++)
        {
            int[] rows = [.. Enumerable.Range(0, best.Rows).Where(i => i % Rules == rule)];
            double[] xs = [.. rows.Select(Place)];
            panel.Markers(xs, [.. rows.Select(i => Math.Log10(best["learning_rate"][i]))], LearningRules.Colors[rule], LearningRules.Names[rule], size: 5);
            panel.Markers(xs, [.. rows.Select(i => Math.Log10(best["published"][i]))], OkabeIto.Black, null, open: true, size: 7);
        }

        panel.Legend.Add(new LegendEntry("published", OkabeIto.Black, LegendSymbol.OpenMarker));
        PairTicks(panel, best);
        panel.Plot.Axes.SetLimits(-0.6, (best.Rows / Rules) - 0.4, -7, -2.7);
    }

    private static void DrawRatios(FigurePanel panel, FigureData data)
    {
        FigureTable best = Best(data);
        double right = (best.Rows / Rules) - 0.4;
        panel.Label("rates of the two halves (Hz)", "found / published");
        panel.Band([-0.6, right], [1 / Band, 1 / Band], [Band, Band], OkabeIto.SkyBlue.WithAlpha(0.25), "factor 1.5");
        panel.Line([-0.6, right], [1, 1], panel.Style.Quiet, width: panel.Style.ThinWidth);
        for (int rule = 0; rule < Rules; rule++)
        {
            int[] rows = [.. Enumerable.Range(0, best.Rows).Where(i => i % Rules == rule)];
            foreach (int i in rows)
            {
                double ratio = best["learning_rate"][i] / best["published"][i], error = Math.Exp(best["relative_se"][i]);
                panel.Line([Place(i), Place(i)], [ratio / error, ratio * error], LearningRules.Colors[rule]);
            }

            panel.Markers([.. rows.Select(Place)], [.. rows.Select(i => best["learning_rate"][i] / best["published"][i])], LearningRules.Colors[rule], LearningRules.Names[rule], size: 5);
        }

        PairTicks(panel, best);
        panel.Notes.Add("bars: ± standard error");
        panel.Plot.Axes.SetLimits(-0.6, right, 0, Math.Max(2, 1.1 * best["learning_rate"].Zip(best["published"], (f, p) => f / p).Max()));
    }

    private static void DrawTried(FigurePanel panel, FigureData data)
    {
        FigureTable all = data["searches"];
        panel.Label("learning rate / published", "remaining rate error / aim");
        panel.X.Scale = panel.Y.Scale = AxisScale.Log10;
        double[] ratio = [.. all["learning_rate"].Zip(all["published"], (f, p) => Math.Log10(f / p))];
        for (int rule = 0; rule < Rules; rule++)
        {
            int[] rows = [.. Enumerable.Range(0, all.Rows).Where(i => all["rule"][i] == rule && double.IsFinite(all["remaining_error"][i]))];
            panel.Markers([.. rows.Select(i => ratio[i])], [.. rows.Select(i => Math.Log10(all["remaining_error"][i] / all["aim"][i]))], LearningRules.Colors[rule], LearningRules.Names[rule], size: 3.5f);
        }

        panel.Line([-1, 1], [0, 0], panel.Style.Quiet, "aim", LegendSymbol.Dashed, panel.Style.ThinWidth);
        panel.Line([-0.9, 0.7], [-0.45, 0.35], panel.Style.Quiet, "∝ √η", LegendSymbol.Dotted, panel.Style.ThinWidth);
        panel.Plot.Axes.SetLimits(-0.75, 0.75, -0.4, 0.6);
    }
}
