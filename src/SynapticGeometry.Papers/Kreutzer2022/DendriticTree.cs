using SynapticGeometry.Data;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Beyond;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Beyond the paper: democratic plasticity on a dendritic tree, synapse by synapse.</summary>
internal sealed class DendriticTree() : BeyondFigure("dendrite")
{
    private const int Basal = 3, Apical = 4, MostSynapses = 100, Bins = 8;

    private static readonly string[] Models = ["path", "cable"];
    private static readonly int[] Rules = [LearningRules.Natural, LearningRules.Euclidean];

    public override string Title => "Democratic plasticity on a dendritic tree: the natural gradient changes all synapses alike at the soma";

    public override string Source => "In no paper: Kreutzer et al. 2022, Fig. 4, on a whole tree (--morphology FILE, or one grown from the seed), about a hundred synapses spread evenly, which learn their own dendritic weights; attenuation by path distance as in the paper, and by the passive cable.";

    public override IReadOnlyList<FigureExperiment> Experiments => [new("synapses", LearnAll, 60), new("tree", Tree)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Natural gradient, passive cable", ["tree", "synapses"], (p, d) => DrawTree(p, d, LearningRules.Natural)),
        new('B', "Euclidean gradient, passive cable", ["tree", "synapses"], (p, d) => DrawTree(p, d, LearningRules.Euclidean)),
        new('C', "What arrives at the soma", ["synapses"], DrawAttenuation),
        new('D', "Change at the soma", ["synapses"], DrawChanges),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        .. Models.SelectMany(model => new FigureClaim[]
        {
            new($"Under the natural gradient the somatic change does not depend on where a synapse sits ({Words(model)}).", "exponent of α in the somatic change", ["synapses"], d => Exponent(d, LearningRules.Natural, model)) { AtLeast = -0.15, AtMost = 0.15 },
            new($"Under the Euclidean gradient it goes with α² ({Words(model)}).", "exponent of α in the somatic change", ["synapses"], d => Exponent(d, LearningRules.Euclidean, model)) { AtLeast = 1.8, AtMost = 2.2 },
        }),
    ];

    protected override double RowHeight => 82;

    public override IReadOnlyList<FigureParameter> Inputs(FigureFiles files) =>
        [new("morphology", files.Morphology is null ? "grown from the seed" : files.MorphologyName)];

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("synapses", $"one on each piece of dendrite, or on every k-th, so that there are at most {MostSynapses}; the pieces between have the colour of the nearest"),
        new("input; teacher (constant)", $"{DendriteRate}; {DendriteTeacher}", "Hz"),
        new("initial somatic weights", $"equal, mean potential {DendritePotential} mV"),
        new("attenuation, path", $"exp(−d/{LengthConstant} µm)"),
        new("attenuation, cable: R_m, R_a", "1.5, 1.5", "Ω m², Ω m"),
        new("learning rate: natural, Euclidean; duration", $"{DendriteNatural}, {DendriteEuclidean}; {DendriteDuration} s"),
        new("trials", $"{Trials(scale)}"),
    ];

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 600 : 20000;

    private static string Words(string model) => model == "path" ? "attenuation by path distance" : "passive cable";

    private static string Change(int rule, string model) => $"{LearningRules.Names[rule].ToLowerInvariant()}_{model}";

    private static Morphology Shape(FigureRun run) => run.Files.Morphology ?? GeneratedDendrite.Grow(run.Random.Fork("tree"));

    private static int[] Pieces(Morphology shape)
    {
        int[] pieces = [.. Enumerable.Range(0, shape.Nodes.Count).Where(i => shape.Nodes[i].Type is Basal or Apical && shape.Length(i) > 0)];
        return pieces.Length > 0 ? pieces : throw new DataFileException("The morphology has no dendrite: no cable to a point of type 3 or 4.");
    }

    private static int[] Sites(Morphology shape)
    {
        int[] pieces = Pieces(shape);
        int every = (pieces.Length + MostSynapses - 1) / MostSynapses;
        return [.. pieces.Where((_, k) => k % every == every / 2)];
    }

    // One row for each piece of dendrite, with the synapse that is nearest to it.
    private static FigureTable Tree(FigureRun run)
    {
        Morphology shape = Shape(run);
        int[] pieces = Pieces(shape), sites = Sites(shape);
        double Apart(int a, int b) => Math.Pow(shape.Nodes[a].X - shape.Nodes[b].X, 2) + Math.Pow(shape.Nodes[a].Y - shape.Nodes[b].Y, 2) + Math.Pow(shape.Nodes[a].Z - shape.Nodes[b].Z, 2);
        return new FigureTable(
            "tree",
            new("x", "um", [.. pieces.Select(i => shape.Nodes[i].X)]),
            new("y", "um", [.. pieces.Select(i => shape.Nodes[i].Y)]),
            new("toward_x", "um", [.. pieces.Select(i => shape.Nodes[shape.TowardsSoma(i)].X)]),
            new("toward_y", "um", [.. pieces.Select(i => shape.Nodes[shape.TowardsSoma(i)].Y)]),
            new("synapse", "1", [.. pieces.Select(i => (double)Enumerable.Range(0, sites.Length).MinBy(k => Apart(i, sites[k])))]));
    }

    // One row for each synapse.
    private static FigureTable LearnAll(FigureRun run)
    {
        Morphology shape = Shape(run);
        int[] sites = Sites(shape);
        double[] distances = [.. sites.Select(i => shape.PathDistances[i])];
        DendriticWeights[] attenuations = [DendriticWeights.Passive(distances, LengthConstant), new PassiveCable(shape).Weights(sites)];
        List<FigureColumn> columns =
        [
            new("distance", "um", distances),
            .. Models.Select((m, k) => new FigureColumn("alpha_" + m, "1", [.. attenuations[k].Attenuation])),
        ];
        for (int k = 0; k < Models.Length * Rules.Length; k++)
        {
            int rule = Rules[k / Models.Length], model = k % Models.Length;
            columns.Add(new(Change(rule, Models[model]), "1", Learn(run, rule, attenuations[model])));
            run.Progress?.Report((k + 1.0) / (Models.Length * Rules.Length));
        }

        return new FigureTable("synapses", columns);
    }

    // Mean change of each somatic weight over trials, relative to the weight at the start.
    private static double[] Learn(FigureRun run, int rule, DendriticWeights dendrite)
    {
        int n = dendrite.Attenuation.Count;
        double start = DendritePotential / (n * DendriteRate * Kernel.Area);
        PoissonNeuron neuron = new(Transfer, Kernel) { Parametrization = dendrite };
        PoissonInput input = PoissonInput.Groups((n, DendriteRate));
        EnsembleRun learners = new SpikingEnsemble
        {
            Neuron = neuron,
            Input = input,
            Teacher = new ConstantRate(DendriteTeacher),
            Rule = LearningRules.Make(rule, neuron, input, rule == LearningRules.Natural ? DendriteNatural : DendriteEuclidean),
            InitialWeights = new GivenWeights([.. Enumerable.Repeat(start, n)]),
            Trials = Trials(run.Scale),
        }.Start(run.Random.Fork("trials"), run.Threads);
        learners.AdvanceTo((long)Math.Round(DendriteDuration / TimeStep), run.Cancellation);
        double[] w = new double[n], change = new double[n];
        for (int trial = 0; trial < learners.Trials; trial++)
        {
            learners.CopySomatic(trial, w);
            for (int i = 0; i < n; i++)
            {
                change[i] += ((w[i] / start) - 1) / learners.Trials;
            }
        }

        return change;
    }

    // Synapses in order of α in groups of equal number: mean α and mean change of each.
    private static (double Alpha, double Change)[] Groups(FigureData data, int rule, string model)
    {
        FigureTable t = data["synapses"];
        double[] alpha = t["alpha_" + model], change = t[Change(rule, model)];
        int[] order = [.. Enumerable.Range(0, t.Rows).OrderBy(i => alpha[i])];
        return [.. order.Chunk((order.Length + Bins - 1) / Bins).Select(g => (Math.Sqrt(g.Average(i => alpha[i] * alpha[i])), g.Average(i => change[i])))];
    }

    private static double Exponent(FigureData data, int rule, string model)
    {
        (double Alpha, double Change)[] groups = Groups(data, rule, model);
        return StraightLine.Through([.. groups.Select(g => Math.Log(g.Alpha))], [.. groups.Select(g => Math.Log(g.Change))]).Slope;
    }

    // The change of each synapse over the mean of all.
    private static double[] Relative(FigureTable t, int rule, string model)
    {
        double mean = t[Change(rule, model)].Average();
        return [.. t[Change(rule, model)].Select(c => c / mean)];
    }

    private static void DrawTree(FigurePanel panel, FigureData data, int rule)
    {
        FigureTable t = data["tree"];
        double[] change = Relative(data["synapses"], rule, "cable");
        panel.Label("x (µm)", "y (µm)");
        panel.Colors = new DivergingColors(2, "change at the soma / mean");

        // A darker line below keeps pale branches in sight.
        for (int i = 0; i < t.Rows; i++)
        {
            panel.Line([t["toward_x"][i], t["x"][i]], [t["toward_y"][i], t["y"][i]], panel.Style.Quiet, width: 2.6f);
        }

        for (int i = 0; i < t.Rows; i++)
        {
            panel.Line([t["toward_x"][i], t["x"][i]], [t["toward_y"][i], t["y"][i]], panel.Colors.At(change[(int)t["synapse"][i]]), width: 2);
        }

        panel.Markers([0], [0], panel.Style.Ink, size: 6);
        Square(panel, t);
    }

    // Equal scales on both axes, for a panel that is about as wide as high.
    private static void Square(FigurePanel panel, FigureTable t)
    {
        double x = (t["x"].Max() + t["x"].Min()) / 2, y = (t["y"].Max() + t["y"].Min()) / 2;
        double half = 0.55 * Math.Max(t["x"].Max() - t["x"].Min(), t["y"].Max() - t["y"].Min());
        panel.Plot.Axes.SetLimits(x - (1.3 * half), x + (1.3 * half), y - half, y + half);
    }

    private static void DrawAttenuation(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["synapses"];
        panel.Label("path distance to the soma (µm)", "attenuation α");
        panel.Markers(t["distance"], t["alpha_cable"], OkabeIto.Green, "passive cable", size: 2.5f);
        double[] fine = Grid(0, t["distance"].Max(), 80);
        panel.Line(fine, [.. fine.Select(d => Math.Exp(-d / LengthConstant))], OkabeIto.Purple, $"exp(−d/{LengthConstant} µm)");
        panel.Plot.Axes.SetLimits(0, 1.02 * t["distance"].Max(), 0, 1.02);
    }

    private static void DrawChanges(FigurePanel panel, FigureData data)
    {
        panel.Label("attenuation α", "change at the soma / mean");
        panel.X.Scale = panel.Y.Scale = AxisScale.Log10;
        List<(double X, double Y)> seen = [];
        foreach (int rule in Rules)
        {
            foreach (string model in Models)
            {
                (double Alpha, double Change)[] groups = Groups(data, rule, model);
                double mean = data["synapses"][Change(rule, model)].Average();
                double[] xs = [.. groups.Select(g => Math.Log10(g.Alpha))], ys = [.. groups.Select(g => Math.Log10(g.Change / mean))];
                panel.Markers(xs, ys, LearningRules.Colors[rule], $"{LearningRules.Names[rule]}, {model}", open: model == "path", size: 4);
                panel.Line(xs, ys, LearningRules.Colors[rule], pattern: model == "path" ? LegendSymbol.Dotted : LegendSymbol.Line, width: panel.Style.ThinWidth);
                seen.AddRange(xs.Zip(ys));
            }
        }

        panel.Plot.Axes.SetLimits(seen.Min(s => s.X) - 0.05, seen.Max(s => s.X) + 0.05, seen.Min(s => s.Y) - 0.1, seen.Max(s => s.Y) + 0.1);
    }
}
