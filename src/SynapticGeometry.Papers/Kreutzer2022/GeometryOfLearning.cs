using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Beyond;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Beyond the paper: which geometry does the neuron's own learning look like to the inference, at the soma and at the spine?</summary>
internal sealed class GeometryOfLearning() : BeyondFigure("geometry")
{
    private const int Bins = 8;

    // Where weights are read: as they arrive at the soma, or where the synapses sit.
    private static readonly string[] Places = ["soma", "synapse"];

    public override string Title => "Which geometry a neuron's learning looks like depends on the rule and on where weights are measured";

    public override string Source => "In no paper: the learning task of Kreutzer et al. 2022 with excitatory synapses along a dendrite (exp(−d/λ)), which learn their dendritic weights; weights before and after are given to the geometry inference (after Pogodin et al. 2024), as somatic weights and as dendritic ones, which spine sizes stand for.";

    public override IReadOnlyList<FigureExperiment> Experiments => [new("weights", Weights, 60), new("exponents", Exponents, 30)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Changes by size, at the soma", ["weights"], (p, d) => DrawSizes(p, d, 0)),
        new('B', "Changes by size, at the synapse", ["weights"], (p, d) => DrawSizes(p, d, 1)),
        new('C', "Geometry inferred", ["exponents"], DrawExponents),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Read at the soma, natural, approximate and Euclidean learning look additive, λ = 1.", "largest distance of their exponents from 1", ["exponents"], d => Rows(d, 0).Where(r => r.Rule != LearningRules.ExponentiatedGradient).Max(r => Math.Abs(r.Estimate - 1))) { AtMost = 0.2 },
        new("Read at the soma, exponentiated gradient looks like negative entropy, λ = 0.", "size of the exponent", ["exponents"], d => Math.Abs(Row(d, LearningRules.ExponentiatedGradient, 0).Estimate)) { AtMost = 0.2 },
        new("Read at the synapse, the natural gradient looks more multiplicative than it is.", "exponent of natural learning", ["exponents"], d => Row(d, LearningRules.Natural, 1).Estimate) { AtMost = 0.7 },
        new("Read at the synapse, the Euclidean gradient looks less multiplicative than additive.", "exponent of Euclidean learning", ["exponents"], d => Row(d, LearningRules.Euclidean, 1).Estimate) { AtLeast = 1.2 },
        new("The shifts are what the spread of attenuations makes of them: λ = 1 − f, 1 − f, 1 + f and f, f being its share in the variance of log dendritic weights.", "largest distance from the expected exponents", ["exponents"], d => Rows(d, 1).Max(r => Math.Abs(r.Estimate - r.Expected))) { AtMost = 0.25 },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 72;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("synapses; rates of the halves", $"{InferenceSynapses}; {Mixed.First}, {Mixed.Second} Hz"),
        new("initial and target somatic weights", $"log-normal, median {InferenceMedian}, σ of ln {InferenceSpread}"),
        new("distances d; λ", $"0 to {Distance.Farthest}; {LengthConstant}", "µm"),
        new("learning rates: natural, approximate, Euclidean, exponentiated gradient", string.Join(", ", InferenceRates)),
        new("duration; neurons", $"{InferenceDuration} s; {Trials(scale)}"),
        new("inference", "size-dependent drift; neurons as groups; weights that change sign left out"),
    ];

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 8 : 100;

    // Distances in an order that has nothing to do with rates; the same for every neuron.
    private static DendriticWeights Dendrite(FigureRun run)
    {
        double[] distances = Grid(0, Distance.Farthest, InferenceSynapses);
        run.Random.Fork("order of distances").Shuffle<double>(distances);
        return DendriticWeights.Passive(distances, LengthConstant);
    }

    // One row for each synapse of each neuron, somatic weights before and after.
    private static FigureTable Weights(FigureRun run)
    {
        DendriticWeights dendrite = Dendrite(run);
        PoissonNeuron neuron = new(Transfer, Kernel) { Parametrization = dendrite };
        PoissonInput input = Halves(InferenceSynapses, Mixed.First, Mixed.Second);
        LogNormalWeights law = new(InferenceMedian, InferenceSpread);
        List<double[]> rows = [];
        for (int rule = 0; rule < LearningRules.Names.Count; rule++)
        {
            LearningResult learned = new LearningStudy
            {
                Ensemble = new SpikingEnsemble
                {
                    Neuron = neuron,
                    Input = input,
                    Rule = LearningRules.Make(rule, neuron, input, InferenceRates[rule]),
                    InitialWeights = law,
                    TargetWeights = law,
                    Trials = Trials(run.Scale),
                },
                Duration = InferenceDuration,
                RecordInterval = InferenceDuration,
                CostSamples = 2,
            }.Run(run.Random.Fork("learning"), run.Threads, cancellation: run.Cancellation);
            for (int trial = 0; trial < learned.Study.Ensemble.Trials; trial++)
            {
                ReadOnlySpan<double> before = learned.Snapshots[0][trial], after = learned.Snapshots[^1][trial];
                for (int i = 0; i < before.Length; i++)
                {
                    rows.Add([rule, trial, dendrite.Attenuation[i], before[i], after[i]]);
                }
            }

            run.Progress?.Report((rule + 1.0) / LearningRules.Names.Count);
        }

        string[] names = ["rule", "neuron", "alpha", "before", "after"];
        return new FigureTable("weights", [.. names.Select((name, k) => new FigureColumn(name, "1", [.. rows.Select(r => r[k])]))]);
    }

    private static FigureTable Exponents(FigureRun run)
    {
        FigureTable weights = Weights(run with { Progress = null });
        double[][] rows = new double[LearningRules.Names.Count * Places.Length][];
        for (int k = 0; k < rows.Length; k++)
        {
            (int rule, int place) = (k / Places.Length, k % Places.Length);
            FigureTable own = weights.Where("rule", r => r == rule);
            (double[] before, double[] after) = Read(own, place);
            PairedWeights pairs = PairedWeights.From<double>(before, after, new PairingOptions { Groups = [.. own["neuron"].Select(n => $"{n}")], PositiveOnly = true, ExcludeSignFlips = true, Threads = run.Threads });
            InferenceResult found = GeometryInference.Infer(pairs, new InferenceOptions { Bootstrap = 0, GoodnessOfFitReplicates = 19, Threads = run.Threads }, null, run.Cancellation);
            CandidateResult closest = found.Candidates.MaxBy(c => c.LogLikelihood)!;
            rows[k] =
            [
                rule, place, found.Exponent.Estimate, found.Exponent.RobustInterval.Low, found.Exponent.RobustInterval.High, Expected(rule, place, own),
                closest.Exponent ?? 0, pairs.Count, before.Length - pairs.Count, found.TypicalChange,
            ];
            run.Progress?.Report((k + 1.0) / rows.Length);
        }

        string[] names = ["rule", "place", "exponent", "low", "high", "expected", "closest_candidate", "pairs", "left_out", "typical_relative_change"];
        return new FigureTable("exponents", [.. names.Select((name, c) => new FigureColumn(name, "1", [.. rows.Select(r => r[c])]))]);
    }

    // Weights as they are measured: w at the soma, ω = w/α at the synapse.
    private static (double[] Before, double[] After) Read(FigureTable own, int place)
    {
        double[] alpha = own["alpha"];
        return place == 0
            ? (own["before"], own["after"])
            : ([.. own["before"].Zip(alpha, (w, a) => w / a)], [.. own["after"].Zip(alpha, (w, a) => w / a)]);
    }

    // The spread of a relative change of ω goes with 1/w under rules of somatic weights, with α/ω under the Euclidean and with α under
    // exponentiated gradient; −λ is the slope of its logarithm on ln ω, and ln α has slope −f there.
    private static double Expected(int rule, int place, FigureTable own)
    {
        double size = Variance(own["before"]), attenuation = Variance(own["alpha"]), f = attenuation / (size + attenuation);
        return (rule, place) switch
        {
            (LearningRules.ExponentiatedGradient, 0) => 0,
            (_, 0) => 1,
            (LearningRules.ExponentiatedGradient, _) => f,
            (LearningRules.Euclidean, _) => 1 + f,
            _ => 1 - f,
        };
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average(Math.Log);
        return values.Average(v => Math.Pow(Math.Log(v) - mean, 2));
    }

    private static IEnumerable<(int Rule, double Estimate, double Low, double High, double Expected)> Rows(FigureData data, int place)
    {
        FigureTable t = data["exponents"].Where("place", p => p == place);
        return Enumerable.Range(0, t.Rows).Select(i => ((int)t["rule"][i], t["exponent"][i], t["low"][i], t["high"][i], t["expected"][i]));
    }

    private static (int Rule, double Estimate, double Low, double High, double Expected) Row(FigureData data, int rule, int place) => Rows(data, place).First(r => r.Rule == rule);

    // Synapses in order of size in groups of equal number: their size and the spread of their relative change.
    private static (double[] Size, double[] Spread) Sizes(FigureData data, int rule, int place)
    {
        (double[] before, double[] after) = Read(data["weights"].Where("rule", r => r == rule), place);
        (double Size, double Change)[] ordered = [.. before.Zip(after).Where(p => p.Second > 0).Select(p => (Math.Log10(p.First), Math.Log(p.Second / p.First))).OrderBy(p => p.Item1)];
        (double Size, double Change)[][] groups = [.. ordered.Chunk((ordered.Length + Bins - 1) / Bins)];
        return ([.. groups.Select(g => g.Average(p => p.Size))], [.. groups.Select(g =>
        {
            double mean = g.Average(p => p.Change);
            return Math.Log10(Math.Sqrt(g.Average(p => Math.Pow(p.Change - mean, 2))));
        })]);
    }

    private static void DrawSizes(FigurePanel panel, FigureData data, int place)
    {
        panel.Label(place == 0 ? "somatic weight before" : "dendritic weight before", "spread of the relative change");
        panel.X.Scale = panel.Y.Scale = AxisScale.Log10;
        List<(double X, double Y)> seen = [];
        for (int rule = 0; rule < LearningRules.Names.Count; rule++)
        {
            (double[] size, double[] spread) = Sizes(data, rule, place);
            panel.Line(size, spread, LearningRules.Colors[rule], width: panel.Style.ThinWidth);
            panel.Markers(size, spread, LearningRules.Colors[rule], LearningRules.Names[rule], size: 3.5f);
            seen.AddRange(size.Zip(spread));
        }

        panel.Plot.Axes.SetLimits(seen.Min(s => s.X) - 0.05, seen.Max(s => s.X) + 0.05, seen.Min(s => s.Y) - 0.1, seen.Max(s => s.Y) + 0.1);
    }

    private static void DrawExponents(FigurePanel panel, FigureData data)
    {
        panel.Label("exponent λ inferred", string.Empty);
        int rules = LearningRules.Names.Count;
        double low = -0.5, high = 2.2;
        foreach (double candidate in new[] { 0.0, 1.0 })
        {
            panel.Line([candidate, candidate], [-0.6, rules - 0.4], panel.Style.Quiet, null, LegendSymbol.Dashed, panel.Style.ThinWidth);
        }

        for (int place = 0; place < Places.Length; place++)
        {
            ScottPlot.Color color = place == 0 ? OkabeIto.Black : OkabeIto.Orange;
            double[] Y(IEnumerable<int> r) => [.. r.Select(rule => rules - 1 - rule + (place == 0 ? 0.16 : -0.16))];
            (int Rule, double Estimate, double Low, double High, double Expected)[] rows = [.. Rows(data, place)];
            double[] ys = Y(rows.Select(r => r.Rule));
            for (int k = 0; k < rows.Length; k++)
            {
                panel.Line([rows[k].Low, rows[k].High], [ys[k], ys[k]], color);
                (low, high) = (Math.Min(low, rows[k].Low - 0.1), Math.Max(high, rows[k].High + 0.1));
            }

            panel.Markers([.. rows.Select(r => r.Estimate)], ys, color, place == 0 ? "read at the soma" : "read at the synapse", size: 4.5f);
            panel.Markers([.. rows.Select(r => r.Expected)], ys, color, null, open: true, size: 8);
        }

        panel.Legend.Add(new LegendEntry("expected", panel.Style.Ink, LegendSymbol.OpenMarker));
        panel.Notes.Add("0 negative entropy, 1 Euclidean");
        panel.Notes.Add("bars: 95 % intervals");
        panel.Y.Ticks = [.. LearningRules.Names.Select((name, rule) => new AxisTick(rules - 1 - rule, name.Replace("exponentiated ", "exp. ", StringComparison.Ordinal)))];
        panel.Plot.Axes.SetLimits(low, high, -0.6, rules - 0.4);
    }
}
