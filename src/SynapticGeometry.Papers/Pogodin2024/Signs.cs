using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Pogodin2024.Parameters;
using static SynapticGeometry.Papers.Pogodin2024.Parameters.Dale;

namespace SynapticGeometry.Papers.Pogodin2024;

/// <summary>Neurons with excitatory and inhibitory inputs learn by exponentiated gradient, gradient descent and projected gradient descent: who keeps signs and log-normal sizes?</summary>
internal sealed class Signs() : PogodinFigure("signs")
{
    // The 1 % point of the Anderson-Darling statistic with estimated mean and standard deviation (Stephens 1974).
    private const double Critical = 1.035;

    private static readonly string[] Rules = ["exponentiated gradient", "gradient descent", "projected"];
    private static readonly ScottPlot.Color[] RuleColors = [OkabeIto.Vermilion, OkabeIto.Blue, OkabeIto.Purple];

    public override string Title => "Exponentiated gradient keeps every sign and log-normal sizes; gradient descent keeps neither";

    public override string Source => Citation("excitatory and inhibitory synapses; here a layer of linear neurons with inputs of fixed sign (Dale's law) in place of a deep network");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("neurons", Neurons, 5), new("sizes", Sizes, 5)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Synapses whose sign is lost", ["neurons"], DrawViolations),
        new('B', "Sizes before and after", ["sizes"], DrawSizes),
        new('C', "Log-normal?", ["neurons"], DrawNormality),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Exponentiated gradient changes no sign.", "signs changed or lost, all neurons", ["neurons"], d => Column(d, 0, "changed").Sum() + Column(d, 0, "silent").Sum()) { AtMost = 0 },
        new("Gradient descent changes signs in every neuron.", "least share of synapses", ["neurons"], d => Column(d, 1, "changed").Min() / d["neurons"]["weights"][0]) { AtLeast = 0.01 },
        new("Projected gradient descent changes no sign, but silences synapses.", "least share of synapses at zero, less all changed signs", ["neurons"], d => (Column(d, 2, "silent").Min() / d["neurons"]["weights"][0]) - Column(d, 2, "changed").Sum()) { AtLeast = 0.01 },
        new("Sizes stay log-normal under exponentiated gradient.", "median Anderson-Darling statistic of log sizes; 1 % point 1.035", ["neurons"], d => Normality(d, 0)) { AtMost = Critical },
        new("Sizes do not stay log-normal under gradient descent.", "median Anderson-Darling statistic of log sizes; 1 % point 1.035", ["neurons"], d => Normality(d, 1)) { AtLeast = Critical },
        new("All three learn.", "largest median loss; labels alone have 1", ["neurons"], d => Enumerable.Range(0, Rules.Length).Max(r => Statistics.Quantile(Column(d, r, "loss"), 0.5))) { AtMost = 0.05 },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 74;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        new("neurons; inputs", $"{NeuronCount(scale)}; {WeightCount(scale)}, {ExcitatoryShare} of them excitatory"),
        new("initial sizes", "log-normal, mean and standard deviation 1/√(number of inputs)"),
        new("samples", "⌊D^0.5⌋, random labels, covariance of the inputs as in pogodin-linear with k = 2"),
        new("learning", "full batch, momentum 0.9, cosine schedule; rate and length as in pogodin-linear, for gradient descent without projection"),
        new("rules", string.Join(", ", Rules)),
    ];

    private static int NeuronCount(FigureScale scale) => scale == FigureScale.Sketch ? SketchNeurons : Dale.Neurons;

    private static int WeightCount(FigureScale scale) => scale == FigureScale.Sketch ? SketchWeights : Weights;

    private static FigureTable Neurons(FigureRun run)
    {
        double[][] rows = [.. Learn(run).SelectMany((neuron, k) => neuron.After.Select((after, rule) => Row(rule, k, neuron, after, neuron.Losses[rule])))];
        string[] names = ["rule", "neuron", "weights", "changed", "silent", "loss", "anderson_darling", "log_skewness", "log_excess_kurtosis"];
        return new FigureTable("neurons", [.. names.Select((name, c) => new FigureColumn(name, "1", [.. rows.Select(r => r[c])]))]);
    }

    private static double[] Row(int rule, int neuron, Learned learned, double[] after, double loss)
    {
        double[] log = LogSizes(after), z = Standardized(log);
        return
        [
            rule, neuron, after.Length, after.Zip(learned.Before).Count(p => p.First * p.Second < 0), after.Count(w => w == 0), loss,
            NormalityTest.StatisticsOfSample(log).AndersonDarling, z.Average(x => x * x * x), z.Average(x => x * x * x * x) - 3,
        ];
    }

    // Histograms of log₁₀ sizes over all neurons, before and after; rule 3 is before.
    private static FigureTable Sizes(FigureRun run)
    {
        Learned[] neurons = Learn(run);
        List<double[]> rows = [];
        for (int rule = 0; rule <= Rules.Length; rule++)
        {
            double[] log = [.. neurons.SelectMany(n => LogSizes(rule < Rules.Length ? n.After[rule] : n.Before)).Select(l => l / Math.Log(10))];
            for (int bin = 0; bin < Bins; bin++)
            {
                double low = LowestSize + (bin * BinWidth), high = low + BinWidth;
                rows.Add([rule, low, high, log.Count(l => l >= low && l < high) / BinWidth / neurons.Length / neurons[0].Before.Length]);
            }
        }

        string[] names = ["rule", "log10_low", "log10_high", "density"];
        return new FigureTable("sizes", [.. names.Select((name, c) => new FigureColumn(name, "1", [.. rows.Select(r => r[c])]))]);
    }

    private static Learned[] Learn(FigureRun run)
    {
        int weights = WeightCount(run.Scale);
        LinearRegressionTask task = new(weights, LinearRegressionTask.SamplesOf(weights, SampleExponent), CovariancePower);
        LinearRegressionStudy study = new() { Task = task, Potentials = [new NegativeEntropy(), new PNorm(2)], InitialWeights = Initial(weights) };
        RegressionSchedule[] schedules = study.FindRates(run.Random.Fork("search"), null, run.Cancellation);
        Learned[] neurons = new Learned[NeuronCount(run.Scale)];
        run.ForEach(neurons.Length, k =>
        {
            RandomSource random = run.Random.Fork("neuron", (ulong)k);
            LinearRegressionData data = task.Draw(random.Fork("data"), run.Cancellation);
            double[] before = new double[weights];
            Initial(weights).Draw(random.Fork("weights"), before);
            (double[] After, double Loss)[] learned = [Train(data, before, schedules[0], false, run.Cancellation), Train(data, before, schedules[1], false, run.Cancellation), Train(data, before, schedules[1], true, run.Cancellation)];
            neurons[k] = new Learned(before, [.. learned.Select(l => l.After)], [.. learned.Select(l => l.Loss)]);
        });
        return neurons;
    }

    private static (double[] After, double Loss) Train(LinearRegressionData data, double[] before, RegressionSchedule schedule, bool projected, CancellationToken cancellation)
    {
        double[] w = [.. before], gradient = new double[w.Length];
        MirrorDescent<double> descent = new(schedule.Potential, w.Length, new MirrorDescentOptions { Momentum = 0.9, KeepSigns = projected });
        for (int epoch = 0; epoch < schedule.Epochs; epoch++)
        {
            cancellation.ThrowIfCancellationRequested();
            data.LossAndGradient(w, gradient);
            descent.Step(w, gradient, LearningRateSchedules.Cosine(schedule.Rate, epoch, schedule.Epochs));
        }

        return (w, data.LossAndGradient(w, gradient));
    }

    private static DaleWeights Initial(int weights) => new(LogNormalWeights.WithMean(1 / Math.Sqrt(weights), 1 / Math.Sqrt(weights)), new SignedWeights(0, 1, ExcitatoryShare));

    private static double[] LogSizes(double[] weights) => [.. weights.Where(w => w != 0).Select(w => Math.Log(Math.Abs(w)))];

    private static double[] Standardized(double[] values)
    {
        SampleMoments moments = SampleMoments.Of<double>(values);
        return [.. values.Select(v => (v - moments.Mean) / moments.PopulationStandardDeviation)];
    }

    private static double[] Column(FigureData data, int rule, string column) => data["neurons"].Where("rule", r => r == rule)[column];

    private static double Normality(FigureData data, int rule) => Statistics.Quantile(Column(data, rule, "anderson_darling"), 0.5);

    private static void DrawViolations(FigurePanel panel, FigureData data)
    {
        panel.Label(string.Empty, "share of synapses");
        double weights = data["neurons"]["weights"][0], highest = 0;
        for (int rule = 0; rule < Rules.Length; rule++)
        {
            double changed = Column(data, rule, "changed").Average() / weights, silent = Column(data, rule, "silent").Average() / weights;
            panel.Steps([rule - 0.32, rule - 0.02], [changed], OkabeIto.Black, filled: true, legend: rule == 0 ? "changed" : null);
            panel.Steps([rule + 0.02, rule + 0.32], [silent], OkabeIto.SkyBlue, filled: true, legend: rule == 0 ? "at zero" : null);
            highest = Math.Max(highest, Math.Max(changed, silent));
        }

        Axis(panel);
        panel.Plot.Axes.SetLimits(-0.6, 2.6, 0, highest * 1.08);
    }

    private static void DrawSizes(FigurePanel panel, FigureData data)
    {
        panel.Label("size |w|", "density of log₁₀ size");
        panel.X.Scale = AxisScale.Log10;
        double highest = 0;
        for (int rule = Rules.Length; rule >= 0; rule--)
        {
            FigureTable own = data["sizes"].Where("rule", r => r == rule);
            double[] edges = [.. own["log10_low"], own["log10_high"][^1]];
            bool before = rule == Rules.Length;
            panel.Steps(edges, own["density"], before ? panel.Style.Quiet.WithAlpha(0.35) : RuleColors[rule], before, before ? "before" : Rules[rule]);
            highest = Math.Max(highest, own["density"].Max());
        }

        panel.Plot.Axes.SetLimits(LowestSize, LowestSize + (Bins * BinWidth), 0, highest * 1.05);
    }

    private static void DrawNormality(FigurePanel panel, FigureData data)
    {
        panel.Label(string.Empty, "Anderson-Darling, log sizes");
        panel.Notes.Add("without weights at zero");
        panel.Y.Scale = AxisScale.Log10;
        for (int rule = 0; rule < Rules.Length; rule++)
        {
            double[] values = [.. Column(data, rule, "anderson_darling").Select(Math.Log10)];
            panel.Markers([.. values.Select((_, k) => rule - 0.25 + (0.5 * (k + 0.5) / values.Length))], values, RuleColors[rule], size: 3);
        }

        panel.Line([-0.6, 2.6], [Math.Log10(Critical), Math.Log10(Critical)], panel.Style.Quiet, "1 % point", LegendSymbol.Dashed, panel.Style.ThinWidth);
        Axis(panel);
        double[] all = [.. data["neurons"]["anderson_darling"].Select(Math.Log10)];
        panel.Plot.Axes.SetLimits(-0.6, 2.6, all.Min() - 0.2, all.Max() + 0.2);
    }

    private static void Axis(FigurePanel panel) => panel.X.Ticks = [new(0, "exp. grad."), new(1, "gradient"), new(2, "projected")];

    private sealed record Learned(double[] Before, double[][] After, double[] Losses);

    /// <summary>Sizes of one law with the signs of another.</summary>
    private sealed record DaleWeights(WeightLaw Sizes, SignedWeights Signs) : WeightLaw
    {
        public override void Draw(RandomSource random, Span<double> weights)
        {
            Sizes.Draw(random, weights);
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = Signs.Inhibitory(i) ? -weights[i] : weights[i];
            }
        }
    }
}
