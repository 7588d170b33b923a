using System.Numerics.Tensors;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 12: how near the approximate rule's direction is to the natural gradient's, and how fast the three rules learn.</summary>
internal sealed class Figure12() : KreutzerFigure("12")
{
    private static readonly string[] Metrics = ["fisher", "euclidean"];
    private static readonly string[] Pairings = ["natural_approximate", "natural_euclidean"];

    private static readonly LearningRule[] Rules = [LearningRule.Euclidean, LearningRule.Approximate, LearningRule.Natural];

    public override string Title => "The approximate rule points nearly where the natural gradient does, and learns nearly as fast; the Euclidean one does not";

    public override string Source => Citation("Fig. 12; times in C-F are those by which half of the trials have been at the target");

    public override IReadOnlyList<FigureExperiment> Experiments =>
    [
        new("angles", Angles, 9),
        .. Learning.Table1.SelectMany(_ => Rules, (rates, rule) => new FigureExperiment(Table(rates, rule), r => Curve(r, rates, rule), rule == LearningRule.Euclidean ? 33 : 18)),
    ];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Angle in the Fisher metric", ["angles"], (p, d) => Draw(p, d, "fisher")),
        new('B', "Angle in the Euclidean metric", ["angles"], (p, d) => Draw(p, d, "euclidean")),
        .. Learning.Table1.Select((rates, k) => new PaperPanel((char)('C' + k), $"Inputs at {rates.First} and {rates.Second} Hz", Tables(rates), (p, d) => DrawCurves(p, d, rates))),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        .. Metrics.Select(metric => new FigureClaim(
            $"In the {(metric == "fisher" ? "Fisher" : "Euclidean")} metric the approximate direction is much nearer to the natural one than the Euclidean direction is, for every pair of rates.",
            "largest ratio over the pairs of the mean angles natural-approximate and natural-Euclidean", ["angles"], d => LargestRatio(d, metric)) { AtMost = 0.6 }),
        new("At every pair of rates the natural rule reaches the target as soon as the approximate one or sooner, within the sampling error.", "largest difference over the pairs of the median times to D_KL = 5e-5, natural less approximate, in standard errors", AllCurves, d => Learning.Table1.Max(rates => Lateness(d, rates))) { AtMost = 2 },
        new("At every pair of rates the approximate rule reaches it sooner than the Euclidean one.", "largest ratio over the pairs of the median times, approximate over Euclidean", AllCurves, d => Learning.Table1.Max(rates => MedianTime(d, rates, LearningRule.Approximate).Time / MedianTime(d, rates, LearningRule.Euclidean).Time)) { AtMost = 1 },
    ];

    protected override double RowHeight => 66;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("synapses, weights", $"{SynapseCount}, uniform in ±{WeightLimit}/n"),
        new("rates of the halves", string.Join("; ", RatePairs.Select(p => $"{p.First}, {p.Second}")), "Hz"),
        new("samples of the weights for each pair; of the input for each", scale == FigureScale.Sketch ? "8; 10 of 250 ms" : "100; 100 of 1 s"),
        new("c_u, c_w", $"{ConstantUniform}, {ConstantWeight}", "mV s, 1/mV²"),
        .. Task(scale, Learning.Table1[0]).Setting.Skip(Neuron.Count).Select(p => p with { Name = "C-F: " + p.Name }),
        new("C-F: rates of the halves; learning rates, natural, approximate, Euclidean", string.Join("; ", Learning.Table1.Select(r => $"{r.First}, {r.Second}: {r.Natural}, {r.Approximate}, {r.Euclidean}")), "Hz; 1"),
        new("C-F: trials; a run ends", $"{Trials(scale)}; where nine tenths of them have been at the target"),
    ];

    private static IReadOnlyList<string> AllCurves => [.. Learning.Table1.SelectMany(Tables)];

    private static LearningTask Task(FigureScale scale, TunedRates rates) => new(scale == FigureScale.Sketch ? 10 : SynapseCount, rates);

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 24 : 200;

    private static string Table(TunedRates rates, LearningRule rule) => CurveDrawing.Table(rule, $"_{rates.First}_{rates.Second}");

    private static string[] Tables(TunedRates rates) => [.. Rules.Select(r => Table(rates, r))];

    private static FigureTable Curve(FigureRun run, TunedRates rates, LearningRule rule)
    {
        LearningTask task = Task(run.Scale, rates);
        LearningStudy study = task.Study(task.Ensemble(rule, Trials(run.Scale)), duration: 10000, until: 0.9);
        RandomSource random = run.Random.Fork($"curves {rates.First} {rates.Second}");
        return LearningTask.Table(Table(rates, rule), study.Run(random, run.Threads, null, run.Progress, run.Cancellation).Curve);
    }

    private static (double Time, double Error) MedianTime(FigureData data, TunedRates rates, LearningRule rule) => LearningTask.MedianTime(data[Table(rates, rule)]);

    private static double Lateness(FigureData data, TunedRates rates)
    {
        (double Time, double Error) natural = MedianTime(data, rates, LearningRule.Natural), approximate = MedianTime(data, rates, LearningRule.Approximate);
        return (natural.Time - approximate.Time) / Math.Sqrt((natural.Error * natural.Error) + (approximate.Error * approximate.Error));
    }

    private static void DrawCurves(FigurePanel panel, FigureData data, TunedRates rates)
    {
        panel.Label("time (s)", "mean D_KL in a time step (nats)");
        panel.Notes.Add("circles: half of the trials have been at 5·10⁻⁵");
        CurveDrawing.Draw(panel, [.. Rules.Select(r => (r, data[Table(rates, r)]))], "divergence", null, null, t => LearningTask.MedianTime(t).Time);
    }

    // One row for each sample of the weights: mean angles over the samples of the input.
    private static FigureTable Angles(FigureRun run)
    {
        int weightSamples = run.Size(8, 100), inputs = run.Size(10, 100);
        double[][] rows = new double[RatePairs.Count * weightSamples][];
        run.ForEach(rows.Length, index =>
        {
            (double First, double Second) pair = RatePairs[index / weightSamples];
            PoissonInput input = Halves(SynapseCount, pair.First, pair.Second);
            double[] weights = DrawWeights(run.Random.Fork("weights", (ulong)index), SynapseCount, WeightLimit / SynapseCount);
            UspSamples samples = UspSamples.Draw(input, Kernel, run.Random.Fork("input", (ulong)index), inputs, run.Scale == FigureScale.Sketch ? 0.25 : 1);
            rows[index] = [pair.First, pair.Second, .. MeanAngles(new FisherGeometry(Transfer, Kernel, input.Rates), weights, samples, run.Cancellation)];
        });
        (string Name, string Unit)[] names =
        [
            ("first_rate", "Hz"), ("second_rate", "Hz"),
            .. Metrics.SelectMany(metric => Pairings.Select(c => ($"{metric}_{c}", "deg"))),
        ];
        return new FigureTable("angles", [.. names.Select((n, k) => new FigureColumn(n.Name, n.Unit, [.. rows.Select(r => r[k])]))]);
    }

    // A change's size and sign are those of the error; the angle is that of the directions.
    private static double[] MeanAngles(FisherGeometry fisher, double[] weights, UspSamples samples, CancellationToken cancellation)
    {
        int n = weights.Length;
        double[] natural = new double[n], approximate = new double[n], ones = [.. Enumerable.Repeat(1.0, n)], sums = new double[4];
        NaturalForm exact = new(fisher);
        ApproximateNaturalForm constants = new(fisher, ConstantUniform, ConstantWeight);
        for (int k = 0; k < samples.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            SynapticState state = new() { Weights = weights, Somatic = weights, Slope = ones, Usp = samples[k], Potential = TensorPrimitives.Dot<double>(weights, samples[k]), Score = 1 };
            exact.Change(state, 1, PlasticityTerms.All, natural);
            constants.Change(state, 1, PlasticityTerms.All, approximate);
            double[] euclidean = samples[k].ToArray();
            sums[0] += fisher.Angle(weights, natural, approximate);
            sums[1] += fisher.Angle(weights, natural, euclidean);
            sums[2] += Angle(natural, approximate);
            sums[3] += Angle(natural, euclidean);
        }

        return [.. sums.Select(s => s / samples.Count * 180 / Math.PI)];
    }

    private static double Angle(double[] a, double[] b) =>
        Math.Acos(Math.Clamp(TensorPrimitives.CosineSimilarity<double>(a, b), -1, 1));

    private static (double Mean, double Error)[] Pairs(FigureData data, string column) =>
        [.. RatePairs.Select(p => Statistics.Mean(data["angles"].Where("first_rate", r => r == p.First).Where("second_rate", r => r == p.Second)[column]))];

    private static double LargestRatio(FigureData data, string metric) =>
        Pairs(data, $"{metric}_{Pairings[0]}").Zip(Pairs(data, $"{metric}_{Pairings[1]}"), (a, e) => a.Mean / e.Mean).Max();

    private static void Draw(FigurePanel panel, FigureData data, string metric)
    {
        panel.Label("rates of the two halves (Hz)", "mean angle (°)");
        string[] legends = ["natural – approximate", "natural – Euclidean"];
        ScottPlot.Color[] colors = [OkabeIto.Orange, OkabeIto.Blue];
        for (int k = 0; k < 2; k++)
        {
            (double Mean, double Error)[] pairs = Pairs(data, $"{metric}_{Pairings[k]}");
            for (int p = 0; p < pairs.Length; p++)
            {
                double left = p + (0.36 * k) - 0.36, middle = left + 0.17;
                panel.Steps([left, left + 0.34], [pairs[p].Mean], colors[k], filled: true, legend: p == 0 ? legends[k] : null);
                panel.Line([middle, middle], [pairs[p].Mean - pairs[p].Error, pairs[p].Mean + pairs[p].Error], panel.Style.Ink, width: panel.Style.ThinWidth);
            }
        }

        panel.X.Ticks = [.. RatePairs.Select((p, k) => new AxisTick(k, $"{p.First}, {p.Second}"))];
        panel.Y.Ticks = [.. Enumerable.Range(0, 7).Select(k => new AxisTick(15 * k, $"{15 * k}"))];
        panel.Plot.Axes.SetLimits(-0.6, RatePairs.Count - 0.4, 0, 92);
    }
}
