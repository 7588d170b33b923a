using SynapticGeometry.Networks;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Pogodin2024.Parameters;

namespace SynapticGeometry.Papers.Pogodin2024;

/// <summary>A recurrent network, pre-trained and fine-tuned under each potential: the changes of its recurrent weights tell which.</summary>
internal sealed class Recurrent() : NetworkFigure("rnn")
{
    public override string Title => "A recurrent network's weights before and after fine-tuning tell the potential";

    public override string Source => Citation("the recurrent network and its Appendix, on MNIST (--images DIR); without it on patterns made of the seed");

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Changes look Gaussian under their own potential", [Table], (p, d) => DrawCurves(p, d, 0)),
        new('B', "The exponent, told from the weights", [Table], (p, d) => DrawExponents(p, d, 0)),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Under negative entropy every network's Δ-CDF is least at negative entropy, of it and the 1.5-, 2-, 2.5- and 3-norm.", "networks where it is not", [Table], d => NotOwnLeast(d, 0, 0)) { AtMost = 0 },
        new("Under each potential the mean Δ-CDF over networks is least at its own, of these five.", "potentials where it is not", [Table], d => Trained.Count(t => LeastMean(d, 0, t) != t)) { AtMost = 0 },
        new("Estimated exponents are within 0.1 of the truth, on average over networks.", "largest distance over potentials", [Table], d => Trained.Max(t => Math.Abs(Each(d, 0, t, "exponent").Average() - t))) { AtMost = 0.1 },
        new("Exponentiated gradient changes no sign.", "signs changed, over all networks", [Table], d => Each(d, 0, 0, "sign_changes").Sum()) { AtMost = 0 },
        new("Gradient descent changes signs.", "signs changed, fewest over networks", [Table], d => Each(d, 0, 1, "sign_changes").Min()) { AtLeast = 1 },
    ];

    protected override double Work => 900;

    protected override double RowHeight => 72;

    protected override IReadOnlyList<NetworkPlan> Plans(FigureScale scale) => scale == FigureScale.Sketch
        ? [new("rnn", new NetworkOptions { Hidden = 64 }, 2, 3000, 4, 64, new FineTuning { LearningRates = [1e-2, 1e-1], Epochs = 30, LongestEpochs = 60 }) { PretrainingRate = 0.05 }]
        : [new("rnn", new NetworkOptions { Hidden = 100 }, 10, 60_000, 10, null, new FineTuning())];
}

/// <summary>Convolutional networks, from scratch, fine-tuned under each potential.</summary>
internal sealed class DeepNetworks() : NetworkFigure("networks")
{
    public override string Title => "The weights of deep networks tell the potential of fine-tuning";

    public override string Source => Citation("deep networks and its Appendix; trained from scratch on small images (--images DIR) instead of taken from ImageNet checkpoints, which 'syngeo train --start' fine-tunes");

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "ShuffleNet v2 x0.5", [Table], (p, d) => DrawCurves(p, d, 0)),
        new('B', "Its exponents", [Table], (p, d) => DrawExponents(p, d, 0)),
        new('C', "CORnet-RT", [Table], (p, d) => DrawCurves(p, d, 1)),
        new('D', "Its exponents", [Table], (p, d) => DrawExponents(p, d, 1)),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("In every network fine-tuned under negative entropy Δ-CDF, layer by layer, is least at negative entropy, of it and the 1.5-, 2-, 2.5- and 3-norm.", "networks where it is not", [Table], d => Models(d).Sum(m => NotOwnLeast(d, m, 0, ByLayer))) { AtMost = 0 },
        new("Layer by layer the mean Δ-CDF over networks is least at the potential of training, or next to it, of these five.", "largest distance in p, over kinds of network and potentials", [Table], d => Models(d).Max(m => FarthestLeast(d, m))) { AtMost = 0.5 },
        new("Told from layers, every exponent is nearest to the potential of training.", "exponents nearer to another", [Table], d => Models(d).Sum(m => Mistaken(d, m))) { AtMost = 0 },
        new("Exponents told from layers are within 0.1 of the truth, on average over networks.", "largest distance over kinds of network and potentials", [Table], d => Models(d).Max(m => LargestError(d, m))) { AtMost = 0.1 },
        new("Exponentiated gradient changes no sign.", "signs changed, over all networks", [Table], d => Models(d).Sum(m => Each(d, m, 0, "sign_changes").Sum())) { AtMost = 0 },
        new("Gradient descent changes signs.", "signs changed, fewest over networks", [Table], d => Models(d).Min(m => Each(d, m, 1, "sign_changes").Min())) { AtLeast = 1 },
    ];

    protected override double Work => 2000;

    protected override IReadOnlyList<NetworkPlan> Plans(FigureScale scale)
    {
        NetworkOptions options = new() { Classes = 10 };
        FineTuning sketch = new() { LearningRates = [1e-2], Epochs = 2, LongestEpochs = 2, BatchSize = 16 };
        FineTuning large = new() { LearningRates = [1e-3, 1e-2, 1e-1] };
        return scale == FigureScale.Sketch
            ? [new("shufflenet-v2-x0.5", options, 1, 32, 1, 16, sketch), new("cornet-rt", options, 1, 16, 1, 8, sketch)]
            : [new("shufflenet-v2-x0.5", options, 2, 10_000, 5, null, large), new("cornet-rt", options, 2, 5000, 5, 128, new() { BatchSize = 32 })];
    }

    private static IEnumerable<int> Models(FigureData data) => data[Table]["model"].Distinct().Select(m => (int)m);
}

/// <summary>Learning without classes under each potential.</summary>
internal sealed class SelfSupervised() : NetworkFigure("selfsupervised")
{
    public override string Title => "Learning from views without classes leaves the same trace of the potential";

    public override string Source => Citation("self-supervised learning and its Appendix; SimSiam over ResNet-18 on small images (--images DIR) instead of ResNet-50 on ImageNet, for which 'syngeo train --model simsiam-resnet-50 --start' is there");

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Changes look Gaussian under their own potential", [Table], (p, d) => DrawCurves(p, d, 0)),
        new('B', "The exponent, told from the weights", [Table], (p, d) => DrawExponents(p, d, 0)),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("In every network trained under negative entropy Δ-CDF of all weights together is least at negative entropy, of it and the 1.5-, 2-, 2.5- and 3-norm.", "networks where it is not", [Table], d => NotOwnLeast(d, 0, 0)) { AtMost = 0 },
        new("Layer by layer the mean Δ-CDF over networks is least at the potential of training, of these five.", "largest distance in p, over potentials", [Table], d => FarthestLeast(d, 0)) { AtMost = 0 },
        new("Told from layers, every exponent is nearest to the potential of training.", "exponents nearer to another", [Table], d => Mistaken(d, 0)) { AtMost = 0 },
        new("Exponents told from layers are within 0.1 of the truth, on average over networks.", "largest distance over potentials", [Table], d => LargestError(d, 0)) { AtMost = 0.1 },
        new("Exponentiated gradient changes no sign.", "signs changed, over all networks", [Table], d => Each(d, 0, 0, "sign_changes").Sum()) { AtMost = 0 },
    ];

    protected override double Work => 600;

    protected override double RowHeight => 72;

    protected override IReadOnlyList<NetworkPlan> Plans(FigureScale scale) => scale == FigureScale.Sketch
        ? [new("simsiam-resnet-18", new NetworkOptions { Embedding = 128, Predictor = 32 }, 1, 1, 0, 8, new FineTuning { LearningRates = [1e-2], Epochs = 2, LongestEpochs = 2, BatchSize = 8 })]
        : [new("simsiam-resnet-18", new NetworkOptions { Embedding = 512, Predictor = 128 }, 2, 1, 0, 128, new FineTuning { LearningRates = [1e-3, 1e-2, 1e-1], Epochs = 10, LongestEpochs = 10, BatchSize = 64 })];
}

/// <summary>Every kind of small network: which potential do its changes look like, against the one it was trained under?</summary>
internal sealed class TrueAgainstAssumed() : NetworkFigure("matrix")
{
    private static readonly string[] Models = ["linear", "perceptron", "rnn"], Titles = ["Linear layer", "Perceptron", "Recurrent network"], ScoredNames = ["NE", "1.5", "2", "2.5", "3"], TrainedNames = ["3-norm", "2-norm", "neg. entropy"];

    public override string Title => "True against assumed potential, for three kinds of network";

    public override string Source => Citation("the matrix of true against assumed potential; on MNIST (--images DIR) or on patterns made of the seed");

    public override IReadOnlyList<PaperPanel> Panels => [.. Titles.Select((t, k) => new PaperPanel((char)('A' + k), t, [Table], (p, d) => DrawMatrix(p, d, k)))];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Under negative entropy the mean Δ-CDF is least at negative entropy for every kind of network.", "kinds where it is not", [Table], d => Enumerable.Range(0, Models.Length).Count(m => LeastMean(d, m, 0) != 0)) { AtMost = 0 },
        new("Under the 2-norm and the 3-norm it is least within half a step of p of the truth.", "largest distance in p, over kinds of network", [Table], d => Enumerable.Range(0, Models.Length).Max(m => Math.Max(Math.Abs(LeastMean(d, m, 1) - 1), Math.Abs(LeastMean(d, m, 2) - 2)))) { AtMost = 0.5 },
    ];

    protected override double Work => 500;

    protected override int Columns => 3;

    protected override IReadOnlyList<NetworkPlan> Plans(FigureScale scale)
    {
        FineTuning sketch = new() { LearningRates = [1e-2, 1e-1], Epochs = 30, LongestEpochs = 60 }, paper = new();
        return scale == FigureScale.Sketch
            ? [.. Models.Select(m => new NetworkPlan(m, new NetworkOptions { Hidden = 48 }, 2, 2000, 3, 64, sketch) { PretrainingRate = 0.05 })]
            : [.. Models.Select(m => new NetworkPlan(m, new NetworkOptions { Hidden = 100 }, 5, 20_000, 5, null, paper))];
    }

    private static void DrawMatrix(FigurePanel panel, FigureData data, int model)
    {
        panel.Label("assumed", "trained under");
        double[][] means = [.. Trained.Select(t => Scored.Select(a => Mean(data, model, t, a)).ToArray())];
        for (int row = 0; row < means.Length; row++)
        {
            // Dark where changes look most Gaussian: within a row, from its least to its greatest.
            double least = means[row].Min(), most = means[row].Max();
            double[] xs = [.. Scored.Select((_, c) => (double)c)], ys = [.. Scored.Select(_ => (double)(means.Length - 1 - row))];
            panel.Cells(xs, ys, [.. means[row].Select(v => Shade(most > least ? (v - least) / (most - least) : 1))], 1, 1);
        }

        for (int row = 0; row < means.Length; row++)
        {
            double least = means[row].Min(), most = means[row].Max();
            for (int c = 0; c < Scored.Count; c++)
            {
                bool dark = most > least && (means[row][c] - least) / (most - least) < 0.45;
                ScottPlot.Plottables.Text number = panel.Plot.Add.Text(means[row][c].ToString("F2", System.Globalization.CultureInfo.InvariantCulture), c, means.Length - 1 - row);
                (number.LabelFontSize, number.LabelFontColor, number.LabelAlignment, number.LabelFontName) = (panel.Style.SmallSize, dark ? ScottPlot.Colors.White : panel.Style.Ink, ScottPlot.Alignment.MiddleCenter, EmbeddedFonts.Family);
            }
        }

        panel.X.Ticks = [.. ScoredNames.Select((name, c) => new AxisTick(c, name))];
        panel.Y.Ticks = [.. TrainedNames.Select((name, r) => new AxisTick(r, name))];
        panel.Notes.Add("mean Δ-CDF; dark: least in row");
        panel.Plot.Axes.SetLimits(-0.5, Scored.Count - 0.5, -0.5, means.Length - 0.5);
    }

    private static ScottPlot.Color Shade(double share)
    {
        byte Mix(byte dark, byte light) => (byte)Math.Round(dark + (share * (light - dark)));
        return new ScottPlot.Color(Mix(0, 240), Mix(72, 244), Mix(120, 248));
    }
}
