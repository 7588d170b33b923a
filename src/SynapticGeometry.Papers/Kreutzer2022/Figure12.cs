using System.Numerics.Tensors;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 12 A, B: how near the approximate rule's direction is to the natural gradient's.</summary>
internal sealed class Figure12() : KreutzerFigure("12")
{
    private static readonly string[] Metrics = ["fisher", "euclidean"];
    private static readonly string[] Pairings = ["natural_approximate", "natural_euclidean"];

    public override string Title => "The approximate rule points nearly where the natural gradient does, the Euclidean one elsewhere";

    public override string Source => Citation("Fig. 12 A, B");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("angles", Angles, 9)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Angle in the Fisher metric", ["angles"], (p, d) => Draw(p, d, "fisher")),
        new('B', "Angle in the Euclidean metric", ["angles"], (p, d) => Draw(p, d, "euclidean")),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        .. Metrics.Select(metric => new FigureClaim(
            $"In the {(metric == "fisher" ? "Fisher" : "Euclidean")} metric the approximate direction is much nearer to the natural one than the Euclidean direction is, for every pair of rates.",
            "largest ratio over the pairs of the mean angles natural-approximate and natural-Euclidean", ["angles"], d => LargestRatio(d, metric)) { AtMost = 0.6 }),
    ];

    protected override double RowHeight => 66;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("synapses, weights", $"{SynapseCount}, uniform in ±{WeightLimit}/n"),
        new("rates of the halves", string.Join("; ", RatePairs.Select(p => $"{p.First}, {p.Second}")), "Hz"),
        new("samples of the weights for each pair; of the input for each", scale == FigureScale.Sketch ? "8; 10 of 250 ms" : "100; 100 of 1 s"),
        new("c_u, c_w", $"{ConstantUniform}, {ConstantWeight}", "mV s, 1/mV"),
    ];

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
