using System.Numerics.Tensors;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Mixed;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 11: the coefficients of the heterosynaptic terms and their approximations.</summary>
internal sealed class Figure11() : KreutzerFigure("11")
{
    private static readonly string[] Coefficients = ["g1", "g2", "g3", "g4"];
    private static readonly string[] Labels = ["g₁", "g₂ (1/mV)", "g₃ (1/mV)", "g₄ (1/mV²)"];

    private static readonly double[] RateTicks = [10, 30, 50];
    private static readonly double[] SizeTicks = [10, 100, 200];

    public override string Title => "The coefficients of the heterosynaptic terms and how well constants stand for them";

    public override string Source => Citation("Fig. 11");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("rates", Rates), new("synapses", Counts), new("factors", Factors, 4)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        .. Coefficients.Select((c, k) => new PaperPanel((char)('A' + k), $"{Labels[k].Split(' ')[0]} over the rate", ["rates"], (p, d) => DrawCoefficient(p, d["rates"], "rate", "input rate r (Hz)", k))),
        .. Coefficients.Select((c, k) => new PaperPanel((char)('E' + k), $"{Labels[k].Split(' ')[0]} over the size", ["synapses"], (p, d) => DrawCoefficient(p, d["synapses"], "synapses", "number of synapses n", k))),
        new('I', "g₁ and −1/q", ["rates", "synapses"], DrawFirst),
        new('J', "γ_u and c_ε Σx/Σr", ["factors"], (p, d) => DrawFactor(p, d, "usp_over_rate", "gamma_u", "c_ε Σx/Σr (1/mV)", "γ_u (1/mV)", ConstantUniform * Kernel.CEpsilon)),
        new('K', "γ_w and g₄ V", ["factors"], (p, d) => DrawFactor(p, d, "g4_potential", "gamma_w", "g₄ V (1/mV)", "γ_w (1/mV)", null)),
        new('L', "γ_w and c_w V", ["factors"], (p, d) => DrawFactor(p, d, "cw_potential", "gamma_w", "c_w V (1/mV)", "γ_w (1/mV)", null)),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("g₁ is near −1/q for large input.", "largest |mean of g₁ q over weights, plus 1| where n r is at least 2000 Hz", ["rates", "synapses"], FirstCoefficientOnAverage) { AtMost = 0.05 },
        new("It is so for every sample of the weights, a little less closely.", "largest |g₁ q + 1| where n r is at least 2000 Hz", ["rates", "synapses"], FirstCoefficient) { AtMost = 0.1 },
        new("γ_u is near c_u c_ε with c_u = 0.95.", "root-mean-square of γ_u/(c_u c_ε) − 1", ["factors"], UniformError) { AtMost = 0.2 },
        new("γ_u follows c_ε Σx/Σr.", "correlation of the two", ["factors"], d => Correlation(d["factors"]["usp_over_rate"], d["factors"]["gamma_u"])) { AtLeast = 0.9 },
        new("γ_w is near c_w V with c_w = 0.05.", "root-mean-square of γ_w − c_w V over that of γ_w", ["factors"], WeightError) { AtMost = 0.5 },
        new("γ_w follows g₄ V, but for an offset.", "correlation of the two", ["factors"], d => Correlation(d["factors"]["g4_potential"], d["factors"]["gamma_w"])) { AtLeast = 0.9 },
    ];

    protected override int Columns => 4;

    protected override double RowHeight => 52;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("A-D: synapses, rates", $"{SynapseCount}, 5 to 55", "1, Hz"),
        new("E-H: synapses, rate", "10 to 200, 20", "1, Hz"),
        new("weights", $"uniform in ±{WeightLimit}/n, {SamplesOfWeights} samples each"),
        new("J-L: synapses, rates of their halves", $"{SynapseCount}, {First}, {Second}", "1, Hz, Hz"),
        new("J-L: samples of the weights; of the input", $"{FactorWeights(scale)}; 20 of 250 ms each"),
        new("c_u, c_w", $"{ConstantUniform}, {ConstantWeight}", "mV s, 1/mV²"),
    ];

    private const int SamplesOfWeights = 20;

    private static int FactorWeights(FigureScale scale) => scale == FigureScale.Sketch ? 10 : 50;

    private static FigureTable Rates(FigureRun run) => Sample(
        run, "rates", [.. Grid(5, 55, run.Size(6, 21)).Select(r => (SynapseCount, r))]);

    private static FigureTable Counts(FigureRun run) => Sample(
        run, "synapses", [.. Grid(10, 200, run.Size(6, 20)).Select(n => ((int)Math.Round(n), 20.0))]);

    private static FigureTable Sample(FigureRun run, string table, (int Synapses, double Rate)[] settings)
    {
        double[][] rows = [.. settings.SelectMany((s, k) => Enumerable.Range(0, SamplesOfWeights).Select(sample =>
        {
            FisherGeometry fisher = new(Transfer, Kernel, PoissonInput.Groups((s.Synapses, s.Rate)).Rates);
            double[] weights = DrawWeights(run.Random.Fork(table, (ulong)((k * SamplesOfWeights) + sample)), s.Synapses, WeightLimit / s.Synapses);
            FisherCoefficients c = fisher.Coefficients(fisher.Moments(weights));
            return new[] { s.Synapses, s.Rate, fisher.Q, c.G1, c.G2, c.G3, c.G4 };
        }))];
        (string Name, string Unit)[] names = [("synapses", "1"), ("rate", "Hz"), ("q", "1"), ("g1", "1"), ("g2", "1/mV"), ("g3", "1/mV"), ("g4", "1/mV2")];
        return new FigureTable(table, [.. names.Select((n, k) => new FigureColumn(n.Name, n.Unit, [.. rows.Select(r => r[k])]))]);
    }

    private static FigureTable Factors(FigureRun run)
    {
        const int Inputs = 20;
        PoissonInput input = Halves(SynapseCount, First, Second);
        FisherGeometry fisher = new(Transfer, Kernel, input.Rates);
        NaturalForm natural = new(fisher);
        double sumOfRates = input.Rates.Sum();
        double[][] rows = new double[FactorWeights(run.Scale) * Inputs][];
        run.ForEach(FactorWeights(run.Scale), k =>
        {
            double[] weights = DrawWeights(run.Random.Fork("factor weights", (ulong)k), SynapseCount, WeightLimit / SynapseCount);
            UspSamples samples = UspSamples.Draw(input, Kernel, run.Random.Fork("factor input", (ulong)k), Inputs);
            FisherCoefficients c = fisher.Coefficients(fisher.Moments(weights));
            ThreeTermCoefficients terms = natural.At(fisher.Moments(weights));
            for (int sample = 0; sample < Inputs; sample++)
            {
                double sum = TensorPrimitives.Sum(samples[sample]), potential = TensorPrimitives.Dot(weights, samples[sample]);
                (double u, double m) = terms.Shared(sum, potential);
                rows[(k * Inputs) + sample] = [potential, Kernel.CEpsilon * sum / sumOfRates, u, m, c.G4 * potential, ConstantWeight * potential];
            }
        });
        (string Name, string Unit)[] names = [("potential", "mV"), ("usp_over_rate", "1/mV"), ("gamma_u", "1/mV"), ("gamma_w", "1/mV"), ("g4_potential", "1/mV"), ("cw_potential", "1/mV")];
        return new FigureTable("factors", [.. names.Select((n, k) => new FigureColumn(n.Name, n.Unit, [.. rows.Select(r => r[k])]))]);
    }

    // g₁ q + 1 of all samples where n r is at least 2000 Hz, with the place, n r, that they belong to.
    private static IEnumerable<(double Place, double Deviation)> LargeInput(FigureData data) => new[] { data["rates"], data["synapses"] }.SelectMany(t =>
        Enumerable.Range(0, t.Rows).Where(i => t["synapses"][i] * t["rate"][i] >= 2000).Select(i => (t["synapses"][i] * t["rate"][i], (t["g1"][i] * t["q"][i]) + 1)));

    private static double FirstCoefficient(FigureData data) => LargeInput(data).Max(s => Math.Abs(s.Deviation));

    private static double FirstCoefficientOnAverage(FigureData data) =>
        LargeInput(data).GroupBy(s => s.Place).Max(place => Math.Abs(place.Average(s => s.Deviation)));

    private static double UniformError(FigureData data) =>
        Math.Sqrt(data["factors"]["gamma_u"].Average(g => Math.Pow((g / (ConstantUniform * Kernel.CEpsilon)) - 1, 2)));

    private static double WeightError(FigureData data)
    {
        double[] exact = data["factors"]["gamma_w"];
        return Math.Sqrt(exact.Zip(data["factors"]["cw_potential"], (g, a) => (g - a) * (g - a)).Sum() / exact.Sum(g => g * g));
    }

    private static double Correlation(double[] a, double[] b)
    {
        double ma = a.Average(), mb = b.Average();
        return a.Zip(b, (x, y) => (x - ma) * (y - mb)).Sum() / Math.Sqrt(a.Sum(x => (x - ma) * (x - ma)) * b.Sum(y => (y - mb) * (y - mb)));
    }

    private static void DrawCoefficient(FigurePanel panel, FigureTable t, string axis, string label, int k)
    {
        panel.Label(label, Labels[k]);
        panel.X.Ticks = [.. (axis == "rate" ? RateTicks : SizeTicks).Select(v => new AxisTick(v, AxisTicks.Label(v)))];
        double[] g = t[Coefficients[k]];
        panel.Markers([.. t[axis]], [.. g], OkabeIto.Blue.WithAlpha(0.5), size: 2.2f);
        double[] places = [.. t[axis].Distinct()];
        panel.Line(places, [.. places.Select(x => t.Where(axis, v => v == x)[Coefficients[k]].Average())], OkabeIto.Vermilion, "mean");
        if (k == 0)
        {
            panel.Line(places, [.. places.Select(x => -1 / t.Where(axis, v => v == x)["q"][0])], OkabeIto.Black, "−1/q", LegendSymbol.Dashed);
        }

        Limits(panel, [.. t[axis]], g);
    }

    private static void DrawFirst(FigurePanel panel, FigureData data)
    {
        panel.Label("−1/q", "g₁");
        FigureTable[] tables = [data["rates"], data["synapses"]];
        double[] q = [.. tables.SelectMany(t => t["q"]).Select(v => -1 / v)], g = [.. tables.SelectMany(t => t["g1"])];
        double low = Math.Min(q.Min(), g.Min());
        panel.Line([low, 0], [low, 0], panel.Style.Quiet, "equal", width: panel.Style.ThinWidth);
        panel.Markers(q, g, OkabeIto.Blue.WithAlpha(0.5), size: 2.2f);
        Limits(panel, [low, 0], [low, 0]);
    }

    private static void DrawFactor(FigurePanel panel, FigureData data, string x, string y, string xLabel, string yLabel, double? constant)
    {
        FigureTable t = data["factors"];
        panel.Label(xLabel, yLabel);
        double[] both = [.. t[x], .. t[y]];
        double low = both.Min(), high = both.Max();
        panel.Line([low, high], [low, high], panel.Style.Quiet, "equal", width: panel.Style.ThinWidth);
        panel.Markers([.. t[x]], [.. t[y]], OkabeIto.Blue.WithAlpha(0.35), size: 1.8f);
        if (constant is { } c)
        {
            panel.Line([low, high], [c, c], OkabeIto.Black, "c_u c_ε", LegendSymbol.Dashed);
        }

        Limits(panel, t[x], t[y]);
    }

    private static void Limits(FigurePanel panel, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double dx = 0.04 * (x.Max() - x.Min()), dy = 0.06 * (y.Max() - y.Min());
        panel.Plot.Axes.SetLimits(x.Min() - dx, x.Max() + dx, y.Min() - dy, y.Max() + dy);
    }
}
