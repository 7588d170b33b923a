using System.Numerics.Tensors;
using ScottPlot;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Step;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>
/// One step of gradient descent in somatic and in dendritic weights: the computed version of the schematics Figs 1 and 8, which differ in
/// the geometry alone.
/// </summary>
internal abstract class StepInTwoCoordinates(string number) : KreutzerFigure(number)
{
    /// <summary>The geometry of somatic weights, for these rates.</summary>
    protected abstract Geometry Somatic(IReadOnlyList<double> rates);

    /// <summary>The geometry of dendritic weights.</summary>
    protected abstract Geometry Dendritic(IReadOnlyList<double> rates, DendriticWeights dendrite);

    /// <summary>Name of the geometry.</summary>
    protected abstract string Rule { get; }

    /// <summary>Its colour.</summary>
    protected abstract Color Color { get; }

    /// <summary>The power of f′ by which the steps disagree.</summary>
    protected abstract double Power { get; }

    public override IReadOnlyList<FigureExperiment> Experiments => [new("cost", Cost), new("steps", Steps), new("synapses", Synapses)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', $"{Rule} step in somatic weights", ["cost", "steps"], (p, d) => DrawCost(p, d, 1, "somatic weight w")),
        new('B', $"The same in dendritic weights, α = {Attenuation}", ["cost", "steps"], (p, d) => DrawCost(p, d, Attenuation, "dendritic weight ω = w/α")),
        new('C', "Both steps as the soma sees them", ["cost", "steps"], DrawBoth),
        new('D', "Somatic changes of 100 synapses", ["synapses"], DrawRatios),
    ];

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("A-C: rate, w, target w*, α", $"{Rate}, {Start}, {Target}, {Attenuation}", "Hz, 1, 1, 1"),
        new("A-C: learning rate", $"such that the somatic step is {SomaticStep}"),
        new("D: synapses, rates, α", "100, half at 10 and half at 50, 0.1 to 1", "1, Hz, 1"),
        new("D: weights and target weights", "uniform in ±1/n"),
        new("cost", $"D_KL over {Count(scale)} samples of 250 ms", "1/s"),
    ];

    /// <summary>Deviation of the ratio of changes from the law f′^power, over synapses: largest, relative.</summary>
    protected double Deviation(FigureData data)
    {
        FigureTable t = data["synapses"];
        return t["attenuation"].Zip(t["ratio"], (a, r) => Math.Abs((r / Math.Pow(a, Power)) - 1)).Max();
    }

    private static int Count(FigureScale scale) => scale == FigureScale.Sketch ? 200 : 2000;

    private static UspSamples Samples(FigureRun run, PoissonInput input) =>
        UspSamples.Draw(input, Kernel, run.Random.Fork("samples", (ulong)input.Synapses), Count(run.Scale));

    // −E[(φ* − φ) φ′/φ x], the gradient of the cost per second.
    private static double[] Gradient(UspSamples samples, double[] weights, double[] target)
    {
        SigmoidTransfer phi = Transfer;
        double[] gradient = new double[weights.Length];
        for (int k = 0; k < samples.Count; k++)
        {
            double v = TensorPrimitives.Dot<double>(weights, samples[k]), goal = TensorPrimitives.Dot<double>(target, samples[k]);
            TensorPrimitives.MultiplyAdd(samples[k], -(phi.Rate(goal) - phi.Rate(v)) * phi.LogSlope(v) / samples.Count, gradient, gradient);
        }

        return gradient;
    }

    private static double[] Raise(Geometry geometry, double[] weights, double[] gradient)
    {
        double[] direction = new double[weights.Length];
        geometry.Raise(weights, gradient, direction);
        return direction;
    }

    private static FigureTable Cost(FigureRun run)
    {
        UspSamples samples = Samples(run, new PoissonInput([Rate]));
        double[] weights = Grid(-0.05, 0.45, 101);
        return new FigureTable(
            "cost",
            new("somatic_weight", "1", weights),
            new("cost", "1/s", [.. weights.Select(w => Divergence(samples, w))]));
    }

    private static double Divergence(UspSamples samples, double weight) =>
        samples.Cost(Transfer, [weight], new TargetWeights([Target]), timeStep: 1).Divergence;

    // Row 0: the step taken in somatic weights; row 1: in dendritic weights; all as somatic weights.
    private FigureTable Steps(FigureRun run)
    {
        UspSamples samples = Samples(run, new PoissonInput([Rate]));
        DendriticWeights dendrite = new([Attenuation]);
        double[] gradient = Gradient(samples, [Start], [Target]);
        double somatic = -Raise(Somatic([Rate]), [Start], gradient)[0];
        double dendritic = -Attenuation * Raise(Dendritic([Rate], dendrite), [Start / Attenuation], [Attenuation * gradient[0]])[0];
        double learningRate = SomaticStep / somatic;
        double[] after = [Start + (learningRate * somatic), Start + (learningRate * dendritic)];
        return new FigureTable(
            "steps",
            new("in_dendritic_weights", "1", [0, 1]),
            new("before", "1", [Start, Start]),
            new("after", "1", after),
            new("cost_before", "1/s", [.. after.Select(_ => Divergence(samples, Start))]),
            new("cost_after", "1/s", [.. after.Select(w => Divergence(samples, w))]));
    }

    private FigureTable Synapses(FigureRun run)
    {
        const int N = SynapseCount;
        PoissonInput input = Halves(N, 10, 50);
        double[] attenuation = Grid(0.1, 1, N);
        run.Random.Fork("attenuations").Shuffle<double>(attenuation);
        DendriticWeights dendrite = new(attenuation);
        double[] weights = DrawWeights(run.Random.Fork("weights"), N, 1.0 / N), target = DrawWeights(run.Random.Fork("target"), N, 1.0 / N);
        double[] gradient = Gradient(Samples(run, input), weights, target);
        double[] somatic = Raise(Somatic(input.Rates), weights, gradient);
        double[] own = [.. weights.Zip(attenuation, (w, a) => w / a)], ownGradient = [.. gradient.Zip(attenuation, (g, a) => g * a)];
        double[] dendritic = [.. Raise(Dendritic(input.Rates, dendrite), own, ownGradient).Zip(attenuation, (c, a) => c * a)];
        return new FigureTable(
            "synapses",
            new("attenuation", "1", attenuation),
            new("somatic_change", "1", somatic),
            new("dendritic_change_at_soma", "1", dendritic),
            new("ratio", "1", [.. dendritic.Zip(somatic, (d, s) => d / s)]));
    }

    private void DrawCost(FigurePanel panel, FigureData data, double attenuation, string label)
    {
        FigureTable cost = data["cost"], steps = data["steps"];
        int row = attenuation == 1 ? 0 : 1;
        panel.Label(label, "cost D_KL (1/s)");
        panel.Line([.. cost["somatic_weight"].Select(w => w / attenuation)], cost["cost"], panel.Style.Quiet);
        (double X, double Y) from = (steps["before"][row] / attenuation, steps["cost_before"][row]), to = (steps["after"][row] / attenuation, steps["cost_after"][row]);
        panel.Arrow(from, (to.X, from.Y), Color);
        panel.Line([to.X, to.X], [from.Y, to.Y], Color, width: panel.Style.ThinWidth);
        panel.Markers([from.X], [from.Y], OkabeIto.Black, "before");
        panel.Markers([to.X], [to.Y], Color, "after the step");
        Limits(panel, cost, attenuation);
    }

    private void DrawBoth(FigurePanel panel, FigureData data)
    {
        FigureTable cost = data["cost"], steps = data["steps"];
        panel.Label("somatic weight w", "cost D_KL (1/s)");
        panel.Line(cost["somatic_weight"], cost["cost"], panel.Style.Quiet);
        panel.Markers([steps["before"][0]], [steps["cost_before"][0]], OkabeIto.Black, "before");
        panel.Markers([steps["after"][0]], [steps["cost_after"][0]], Color, "step in w");
        panel.Markers([steps["after"][1]], [steps["cost_after"][1]], OkabeIto.Black, "step in ω", open: true, size: 8);
        Limits(panel, cost, 1);
    }

    private static void Limits(FigurePanel panel, FigureTable cost, double attenuation) =>
        panel.Plot.Axes.SetLimits(cost["somatic_weight"][0] / attenuation, cost["somatic_weight"][^1] / attenuation, 0, 1.05 * cost["cost"].Max());

    private void DrawRatios(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["synapses"];
        panel.Label("attenuation α = f′", "Δw through ω / Δw through w");
        panel.X.Scale = panel.Y.Scale = AxisScale.Log10;
        panel.Line([-1, 0], [0, 0], panel.Style.Quiet, "agree", LegendSymbol.Line, panel.Style.ThinWidth);
        panel.Line([-1, 0], [-2, 0], panel.Style.Quiet, "f′²", LegendSymbol.Dashed, panel.Style.ThinWidth);
        panel.Markers([.. t["attenuation"].Select(Math.Log10)], [.. t["ratio"].Select(Math.Log10)], Color, "synapses", size: 3);
        panel.Plot.Axes.SetLimits(-1.05, 0.05, -2.1, 0.3);
    }
}
