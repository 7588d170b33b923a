using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Variance;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 5: the more the input of a synapse varies, the less it learns.</summary>
internal sealed class Figure5() : KreutzerFigure("5")
{
    // Three scenarios: reference, shorter synaptic time constant (variance up), higher rate (variance down).
    private static readonly Scenario[] Scenarios = [new("reference", 0.020, 10), new("fast", 0.003, 10), new("frequent", 0.020, 30)];

    private static readonly string[] Titles = ["Reference: τ_s = 20 ms, 10 Hz", "Shorter time constant: 3 ms, 10 Hz", "Higher rate: 20 ms, 30 Hz"];

    public override string Title => "Synapses learn less the more their input varies";

    public override string Source => Citation("Fig. 5");

    public override IReadOnlyList<FigureExperiment> Experiments =>
        [new("usps", Usps), new("distributions", Distributions, 2), new("learning", Learning, 2), new("variances", Variances, 4)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        .. Scenarios.Select((s, k) => new PaperPanel((char)('A' + k), Titles[k], ["usps"], (p, d) => DrawUsp(p, d, k))),
        .. Scenarios.Select((s, k) => new PaperPanel((char)('D' + k), $"Distribution: variance {s.UspVariance:0} mV²", ["distributions"], (p, d) => DrawDistribution(p, d, k))),
        new('G', "Weight while learning", ["learning"], DrawLearning),
        new('H', "Change after 5 s", ["variances"], DrawVariances),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("The change falls as the variance of the unweighted synaptic potential rises.", "rank correlation of change and variance", ["variances"], d => Statistics.RankCorrelation(d["variances"]["change"], d["variances"]["usp_variance"])) { AtMost = -0.95 },
        new("Change times variance is constant within 15 % where the synaptic time constant varies.", "half the range of change times variance over its middle", ["variances"], d => TimesVariance(d, scan: 0)) { AtMost = 0.15 },
        new("Change times variance is constant within 15 % where the rate varies.", "half the range of change times variance over its middle", ["variances"], d => TimesVariance(d, scan: 1)) { AtMost = 0.15 },
        new("Change times the second moment, variance plus squared mean, is constant within 15 % in both.", "half the range of the product over its middle", ["variances"], TimesSecondMoment) { AtMost = 0.15 },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 50;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        Neuron[0],
        new("τ_m; mean USP, kept by ε₀ = mean/r", $"10; {MeanUsp}", "ms; mV"),
        new("teacher (constant), duration", $"{TeacherRate}, {Duration}", "Hz, s"),
        new("initial weight, learning rate", $"{Weight}, {LearningRate}"),
        new("scan of τ_s at 10 Hz", "1 to 20", "ms"),
        new("scan of the rate at τ_s = 20 ms", "10 to 50", "Hz"),
        new("trials at each point", scale == FigureScale.Sketch ? "64" : "1000"),
    ];

    private static FigureTable Usps(FigureRun run)
    {
        const int Steps = 2000;
        double[][] traces = [.. Scenarios.Select((s, k) => Record(s, run.Random.Fork("usp", (ulong)k), Steps, 2))];
        return new FigureTable(
            "usps",
            [new("time", "s", [.. traces[0].Select((_, i) => i * 2 * TimeStep)]), .. Scenarios.Select((s, k) => new FigureColumn(s.Name, "mV", traces[k]))]);
    }

    private static FigureTable Distributions(FigureRun run)
    {
        const int Bins = 60;
        const double Width = 2;
        int seconds = run.Size(60, 600);
        double[][] density = new double[Scenarios.Length][];
        run.ForEach(Scenarios.Length, k =>
        {
            double[] x = Record(Scenarios[k], run.Random.Fork("distribution", (ulong)k), (int)(seconds / TimeStep), 10);
            density[k] = new double[Bins];
            foreach (double value in x)
            {
                if (value < Bins * Width)
                {
                    density[k][(int)(value / Width)] += 1.0 / x.Length / Width;
                }
            }
        });
        return new FigureTable(
            "distributions",
            [new("usp_from", "mV", [.. Enumerable.Range(0, Bins).Select(b => b * Width)]), new("usp_to", "mV", [.. Enumerable.Range(1, Bins).Select(b => b * Width)]), .. Scenarios.Select((s, k) => new FigureColumn(s.Name, "1/mV", density[k]))]);
    }

    // The USP of one synapse after a second of input, every so many steps.
    private static double[] Record(Scenario scenario, RandomSource random, int steps, int every)
    {
        SpikeSampler spikes = new PoissonInput([scenario.Rate]).Start(random, TimeStep);
        SynapticTrace trace = new(scenario.Kernel, 1, TimeStep);
        double[] values = new double[steps / every];
        const int Before = 2000;
        for (int t = 0; t < Before + steps; t++)
        {
            trace.Advance(spikes.Draw());
            if (t >= Before && (t - Before) % every == 0)
            {
                values[(t - Before) / every] = trace.Usp[0];
            }
        }

        return values;
    }

    private static EnsembleRun Start(Scenario scenario, FigureRun run, RandomSource random)
    {
        PoissonInput input = new([scenario.Rate]);
        return new SpikingEnsemble
        {
            Neuron = new PoissonNeuron(Transfer, scenario.Kernel),
            Input = input,
            Teacher = new ConstantRate(TeacherRate),
            Rule = new ThreeTermPlasticity(new NaturalForm(new FisherGeometry(Transfer, scenario.Kernel, input.Rates))) { LearningRate = LearningRate },
            InitialWeights = new GivenWeights([Weight]),
            Trials = run.Size(64, 1000),
        }.Start(random, run.Threads);
    }

    private static (double Mean, double Error) Changes(EnsembleRun learners) => Statistics.Mean([.. Enumerable.Range(0, learners.Trials).Select(k =>
    {
        double[] w = new double[1];
        learners.CopySomatic(k, w);
        return w[0] - Weight;
    })]);

    private static FigureTable Learning(FigureRun run)
    {
        long[] steps = [.. Enumerable.Range(0, 51).Select(k => (long)Math.Round(k * Duration / 50 / TimeStep))];
        List<FigureColumn> columns = [new("time", "s", [.. steps.Select(s => s * TimeStep)])];
        for (int k = 0; k < Scenarios.Length; k++)
        {
            EnsembleRun learners = Start(Scenarios[k], run, run.Random.Fork("learning", (ulong)k));
            (double Mean, double Error)[] course = [.. steps.Select(s =>
            {
                learners.AdvanceTo(s, run.Cancellation);
                return Changes(learners);
            })];
            columns.Add(new(Scenarios[k].Name, "1", [.. course.Select(c => c.Mean)]));
            columns.Add(new(Scenarios[k].Name + "_se", "1", [.. course.Select(c => c.Error)]));
            run.Progress?.Report((k + 1.0) / Scenarios.Length);
        }

        return new FigureTable("learning", columns);
    }

    private static FigureTable Variances(FigureRun run)
    {
        int points = run.Size(5, 12);
        (int Scan, Scenario Scenario)[] all =
        [
            .. Grid(0.001, 0.020, points).Select(t => (0, new Scenario(string.Empty, t, 10))),
            .. Grid(10, 50, points).Select(r => (1, new Scenario(string.Empty, 0.020, r))),
        ];
        (double Mean, double Error)[] changes = new (double, double)[all.Length];
        for (int k = 0; k < all.Length; k++)
        {
            EnsembleRun learners = Start(all[k].Scenario, run, run.Random.Fork("variance", (ulong)k));
            learners.AdvanceTo((long)Math.Round(Duration / TimeStep), run.Cancellation);
            changes[k] = Changes(learners);
            run.Progress?.Report((k + 1.0) / all.Length);
        }

        return new FigureTable(
            "variances",
            new("scan", "1", [.. all.Select(a => (double)a.Scan)]),
            new("synaptic_time", "ms", [.. all.Select(a => 1e3 * a.Scenario.SynapticTime)]),
            new("rate", "Hz", [.. all.Select(a => a.Scenario.Rate)]),
            new("usp_variance", "mV2", [.. all.Select(a => a.Scenario.UspVariance)]),
            new("change", "1", [.. changes.Select(c => c.Mean)]),
            new("change_se", "1", [.. changes.Select(c => c.Error)]));
    }

    private static double TimesVariance(FigureData data, int scan)
    {
        FigureTable t = data["variances"].Where("scan", s => s == scan);
        return Statistics.HalfRange([.. t["change"].Zip(t["usp_variance"], (c, v) => c * v)]);
    }

    private static double TimesSecondMoment(FigureData data) =>
        Statistics.HalfRange([.. data["variances"]["change"].Zip(data["variances"]["usp_variance"], (c, v) => c * (v + (MeanUsp * MeanUsp)))]);

    private static void DrawUsp(FigurePanel panel, FigureData data, int scenario)
    {
        FigureTable t = data["usps"];
        panel.Label("time (s)", "USP x (mV)");
        panel.Line([0, 1], [MeanUsp, MeanUsp], panel.Style.Quiet, null, LegendSymbol.Dashed, panel.Style.ThinWidth);
        panel.Line(t["time"], t[Scenarios[scenario].Name], OkabeIto.Series[scenario], width: 0.9f);
        panel.Plot.Axes.SetLimits(0, 1, 0, 1.05 * Scenarios.Max(s => t[s.Name].Max()));
    }

    private static void DrawDistribution(FigurePanel panel, FigureData data, int scenario)
    {
        FigureTable t = data["distributions"];
        panel.Label("USP x (mV)", "density (1/mV)");
        panel.Steps([t["usp_from"][0], .. t["usp_to"]], t[Scenarios[scenario].Name], OkabeIto.Series[scenario].WithAlpha(0.6), filled: true);
        double top = 1.05 * Scenarios.Max(s => t[s.Name].Max());
        panel.Line([MeanUsp, MeanUsp], [0, top], panel.Style.Quiet, "mean", LegendSymbol.Dashed, panel.Style.ThinWidth);
        panel.Plot.Axes.SetLimits(0, 60, 0, top);
    }

    private static void DrawLearning(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["learning"];
        panel.Label("time (s)", "change of weight");
        string[] legends = ["reference", "3 ms", "30 Hz"];
        for (int k = 0; k < Scenarios.Length; k++)
        {
            double[] mean = t[Scenarios[k].Name], error = t[Scenarios[k].Name + "_se"];
            panel.Band(t["time"], [.. mean.Zip(error, (m, e) => m - e)], [.. mean.Zip(error, (m, e) => m + e)], OkabeIto.Series[k].WithAlpha(0.25));
            panel.Line(t["time"], mean, OkabeIto.Series[k], legends[k]);
        }

        panel.Plot.Axes.SetLimits(0, Duration, 0, 1.05 * Scenarios.Max(s => t[s.Name].Max()));
    }

    private static void DrawVariances(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["variances"];
        panel.Label("variance of the USP (mV²)", "change of weight");
        panel.X.Scale = panel.Y.Scale = AxisScale.Log10;
        double second = t["change"].Zip(t["usp_variance"], (c, v) => c * (v + (MeanUsp * MeanUsp))).Average();
        double reference = t["change"][^1] * t["usp_variance"][^1];
        double[] variance = Grid(t["usp_variance"].Min(), t["usp_variance"].Max(), 100), log = [.. variance.Select(Math.Log10)];
        panel.Line(log, [.. variance.Select(v => Math.Log10(reference / v))], panel.Style.Quiet, "∝ 1/variance", LegendSymbol.Dotted, panel.Style.ThinWidth);
        panel.Line(log, [.. variance.Select(v => Math.Log10(second / (v + (MeanUsp * MeanUsp))))], panel.Style.Quiet, "∝ 1/(variance + mean²)", LegendSymbol.Line, panel.Style.ThinWidth);
        for (int scan = 0; scan < 2; scan++)
        {
            FigureTable part = t.Where("scan", s => s == scan);
            panel.Markers([.. part["usp_variance"].Select(Math.Log10)], [.. part["change"].Select(Math.Log10)], OkabeIto.Series[scan], scan == 0 ? "τ_s 1–20 ms" : "10–50 Hz", size: 4);
        }
    }

    // One synapse; the height of its kernel keeps the mean of its potential.
    private sealed record Scenario(string Name, double SynapticTime, double Rate)
    {
        public SynapticKernel Kernel { get; } = new(0.010, SynapticTime, MeanUsp / Rate);

        public double UspVariance => Rate * Kernel.SquareIntegral;
    }
}
