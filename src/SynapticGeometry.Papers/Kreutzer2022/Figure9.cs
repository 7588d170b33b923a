using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 9: how learning varies over trials, and with the learning rate.</summary>
internal sealed class Figure9() : KreutzerFigure("9")
{
    private static readonly LearningRule[] Rules = [LearningRule.Euclidean, LearningRule.Natural];

    public override string Title => "Over all trials, in weights and rates, and at every learning rate near the tuned one, the natural gradient arrives sooner";

    public override string Source => Citation("Fig. 9; times in D are medians over trials");

    public override IReadOnlyList<FigureExperiment> Experiments =>
    [
        new("curve_natural", r => Curve(r, LearningRule.Natural), 100), new("curve_euclidean", r => Curve(r, LearningRule.Euclidean), 250), new("learning_rates", LearningRates, 490),
    ];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Distance from the teacher", ["curve_natural", "curve_euclidean"], (p, d) => DrawCurve(p, d, "divergence", "D_KL in a time step (nats)", LearningTask.TimeToTarget)),
        new('B', "Distance of weights", ["curve_natural", "curve_euclidean"], (p, d) => DrawCurve(p, d, "weight_distance", "|w − w*|", null)),
        new('C', "Difference of rates", ["curve_natural", "curve_euclidean"], (p, d) => DrawCurve(p, d, "rate_error", "root mean square (Hz)", null)),
        new('D', "Time to the target over the learning rate", ["learning_rates"], DrawLearningRates),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("The natural rule is faster at every learning rate from 0.5 to 2 times the tuned one.", "largest ratio of the median times to D_KL = 5e-5, natural over Euclidean, at equal factors", ["learning_rates"], d => Ratios(d).Max()) { AtMost = 0.9 },
        new("Its weights are closer to the teacher's.", "mean |w − w*|, natural over Euclidean, when the natural mean D_KL is at the target", ["curve_natural", "curve_euclidean"], WeightRatio) { AtMost = 0.75 },
        new("At the end the worst trial is better under the natural rule.", "greatest D_KL over trials, natural over Euclidean, mean of the last quarter of the natural curve", ["curve_natural", "curve_euclidean"], LateWorst) { AtMost = 0.8 },
    ];

    protected override double RowHeight => 66;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Figure3.Task(scale).Setting,
        new("rates of the halves of the afferents", $"{Figure3.Task(scale).Tuned.First}, {Figure3.Task(scale).Tuned.Second}", "Hz"),
        new("A-C: trials; duration, natural, Euclidean", $"{Trials(scale)}; {string.Join(", ", new[] { LearningRule.Natural, LearningRule.Euclidean }.Select(r => Figure3.Duration(scale, r) / Figure3.Task(scale).Speed))}", "1; s, s"),
        new("D: factors on the learning rate; trials", $"0.5 to 2, {Factors(scale).Length} values; {RateTrials(scale)}"),
    ];

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 24 : 500;

    private static int RateTrials(FigureScale scale) => scale == FigureScale.Sketch ? 24 : 200;

    private static double[] Factors(FigureScale scale) => [.. Grid(-1, 1, scale == FigureScale.Sketch ? 3 : 7).Select(e => Math.Pow(2, e))];

    private static FigureTable Curve(FigureRun run, LearningRule rule)
    {
        LearningTask task = Figure3.Task(run.Scale);
        RandomSource random = run.Random.Fork("curves");
        LearningStudy study = task.Study(task.Ensemble(rule, Trials(run.Scale)), Figure3.Duration(run.Scale, rule), interval: 50);
        study = study with { WeightTimes = [.. Enumerable.Range(0, (int)Math.Ceiling(study.Duration / study.RecordInterval!.Value)).Select(k => k * study.RecordInterval!.Value)] };
        LearningResult result = study.Run(random, run.Threads, null, run.Progress, run.Cancellation);
        return LearningTask.Table(CurveDrawing.Table(rule), result.Curve, LearningTask.WeightDistance(result, random));
    }

    // A run ends where nine tenths of the trials have been at the target.
    private static FigureTable LearningRates(FigureRun run)
    {
        LearningTask task = Figure3.Task(run.Scale);
        double[] factors = Factors(run.Scale);
        List<FigureColumn> columns = [new("factor", "1", factors)];
        foreach (LearningRule rule in Rules)
        {
            (double Time, double Error)[] times =
            [
                .. factors.Select((factor, k) =>
                {
                    FigureRun part = run.Part((Array.IndexOf(Rules, rule) * factors.Length) + k, Rules.Length * factors.Length);
                    LearningStudy study = task.Study(task.Ensemble(rule, RateTrials(run.Scale), factor), duration: 12000, until: 0.9);
                    return LearningTask.MedianTime(LearningTask.Table("curve", study.Run(run.Random.Fork("learning rates"), run.Threads, null, part.Progress, run.Cancellation).Curve));
                }),
            ];
            string name = rule.ToString().ToLowerInvariant();
            columns.AddRange([new($"{name}_time", "s", [.. times.Select(t => t.Time)]), new($"{name}_time_se", "s", [.. times.Select(t => t.Error)])]);
        }

        return new FigureTable("learning_rates", columns);
    }

    private static IEnumerable<double> Ratios(FigureData data) => data["learning_rates"]["natural_time"].Zip(data["learning_rates"]["euclidean_time"], (n, e) => n / e);

    private static double WeightRatio(FigureData data) => Ratio(data, "weight_distance", LearningTask.TimeToTarget(data["curve_natural"]));

    private static double LateWorst(FigureData data)
    {
        double[] times = data["curve_natural"]["time"];
        return times.TakeLast(times.Length / 4).Average(t => Ratio(data, "divergence_max", t));
    }

    // Natural over Euclidean at a time.
    private static double Ratio(FigureData data, string quantity, double time) =>
        data["curve_natural"][quantity][At(data["curve_natural"], time)] / data["curve_euclidean"][quantity][At(data["curve_euclidean"], time)];

    // The first row at or after a time; the last where there is none.
    private static int At(FigureTable curve, double time)
    {
        int at = Array.FindIndex(curve["time"], t => t >= time);
        return at < 0 ? curve.Rows - 1 : at;
    }

    private static void DrawCurve(FigurePanel panel, FigureData data, string quantity, string label, Func<FigureTable, double>? reached)
    {
        panel.Label("time (s)", label);
        panel.Notes.Add("mean of trials; band: least to greatest" + (reached is null ? string.Empty : "; circles: mean at 5·10⁻⁵"));
        CurveDrawing.Draw(panel, [.. Rules.Select(r => (r, data[CurveDrawing.Table(r)]))], quantity, quantity + "_min", quantity + "_max", reached);
    }

    private static void DrawLearningRates(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["learning_rates"];
        double[] x = [.. t["factor"].Select(Math.Log2)];
        panel.Label("learning rate / tuned", "median time to D_KL = 5·10⁻⁵ (s)");
        foreach (LearningRule rule in Rules)
        {
            string name = rule.ToString().ToLowerInvariant();
            double[] times = t[$"{name}_time"], errors = t[$"{name}_time_se"];
            int[] reached = [.. Enumerable.Range(0, x.Length).Where(k => double.IsFinite(times[k]))];
            panel.Line([.. reached.Select(k => x[k])], [.. reached.Select(k => times[k])], LearningRules.Colors[(int)rule], rule.ToString());
            panel.Markers([.. reached.Select(k => x[k])], [.. reached.Select(k => times[k])], LearningRules.Colors[(int)rule], size: 3.5f);
            foreach (int k in reached.Where(k => double.IsFinite(errors[k])))
            {
                panel.Line([x[k], x[k]], [times[k] - errors[k], times[k] + errors[k]], LearningRules.Colors[(int)rule], width: panel.Style.ThinWidth);
            }
        }

        panel.Notes.Add("bars: standard error");
        panel.X.Ticks = [.. new[] { 0.5, 0.7, 1, 1.4, 2 }.Select(f => new AxisTick(Math.Log2(f), AxisTicks.Label(f)))];
        panel.Plot.Axes.SetLimits(-1.08, 1.08, 0, 1.15 * Rules.Max(r => t[$"{r.ToString().ToLowerInvariant()}_time"].Where(double.IsFinite).DefaultIfEmpty(1).Max()));
    }
}
