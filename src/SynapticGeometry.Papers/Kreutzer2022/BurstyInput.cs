using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Predictions;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Second prediction of the discussion: correlation in time makes the input vary more and the synapse learn less.</summary>
internal sealed class BurstyInput() : KreutzerFigure("p2")
{
    private const double Example = 4;

    private static readonly string[] Rules = ["true_variance", "rate_alone"];

    public override string Title => "Bursts at the same mean rate raise the variance of the synaptic potential and reduce potentiation";

    public override string Source => Citation("Discussion, second prediction; the experiment is ours, in the setting of Fig. 5: trains of bursts of a geometric number of spikes, mean rate kept; the metric has the variance of that input, or, for comparison, that of Poisson input");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("usps", Usps), new("bursts", Measure, 20)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Potential at one synapse", ["usps"], DrawUsps),
        new('B', "Rate kept, variance raised", ["bursts"], DrawVariance),
        new('C', "Change of weight after 5 s", ["bursts"], DrawChanges),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Bursts keep the mean of the unweighted synaptic potential.", "largest deviation of the mean from ε₀ r, relative", ["bursts"], d => d["bursts"]["usp_mean"].Max(m => Math.Abs((m / BurstRate) - 1))) { AtMost = 0.08 },
        new("Bursts raise its variance as the autocorrelation of kernel and bursts says.", "largest deviation of the variance from the formula, relative", ["bursts"], d => d["bursts"]["usp_variance"].Zip(d["bursts"]["expected_variance"], (v, e) => Math.Abs((v / e) - 1)).Max()) { AtMost = 0.2 },
        new("A natural gradient with the variance of its input potentiates less the larger the bursts.", "rank correlation of change and spikes per burst", ["bursts"], d => Statistics.RankCorrelation(d["bursts"][Rules[0]], d["bursts"]["spikes_per_burst"])) { AtMost = -0.9 },
        new("With 4 spikes per burst it potentiates by less than half as much as with Poisson input.", "change with bursts of 4 over change with Poisson input", ["bursts"], d => Ratio(d, Rules[0])) { AtMost = 0.5 },
        new("Most of the reduction is the metric's: a rule that knows the rate alone also potentiates less, as the neuron itself answers to bursts, but far more than that.", "reduced change with the variance over that with the rate alone, bursts of 4", ["bursts"], d => Ratio(d, Rules[0]) / Ratio(d, Rules[1])) { AtMost = 0.6 },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 68;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("input; teacher (constant)", $"{BurstRate}; {BurstTeacher}", "Hz"),
        new("mean spikes per burst m", string.Join(", ", Bursts)),
        new("interval within a burst d", $"{1e3 * BurstInterval}", "ms"),
        new("initial weight, learning rate, duration", $"{BurstWeight}, {LearningRate}, {Duration} s"),
        new("trials; time for mean and variance", scale == FigureScale.Sketch ? "96; 100 synapses for 10 s" : "2000; 100 synapses for 100 s"),
    ];

    private static BurstInput Input(double perBurst, int synapses = 1) => new([.. Enumerable.Repeat(BurstRate, synapses)], perBurst, BurstInterval);

    private static FigureTable Usps(FigureRun run)
    {
        double[] Record(double perBurst)
        {
            SpikeSampler spikes = Input(perBurst).Start(run.Random.Fork("usp"), TimeStep);
            SynapticTrace trace = new(Kernel, 1, TimeStep);
            double[] values = new double[1000];
            for (int step = 0; step < 2 * values.Length; step++)
            {
                trace.Advance(spikes.Draw());
                values[step / 2] = trace.Usp[0];
            }

            return values;
        }

        return new FigureTable("usps", new("time", "s", [.. Enumerable.Range(0, 1000).Select(k => 2 * k * TimeStep)]), new("poisson", "mV", Record(1)), new("bursts", "mV", Record(Example)));
    }

    private static FigureTable Measure(FigureRun run)
    {
        double[][] rows = new double[Bursts.Length][];
        run.ForEach(rows.Length, k =>
        {
            BurstInput input = Input(Bursts[k]);
            (double mean, double variance) = Moments(run, k);
            double poisson = BurstRate * Kernel.SquareIntegral, expected = BurstRate * input.VariancePerRate(Kernel);
            (double Mean, double Error) own = Learn(run, k, input, expected), rate = Learn(run, k, input, poisson);
            rows[k] = [Bursts[k], mean, variance, expected, own.Mean, own.Error, rate.Mean, rate.Error];
        });
        string[] names = ["spikes_per_burst", "usp_mean", "usp_variance", "expected_variance", Rules[0], Rules[0] + "_se", Rules[1], Rules[1] + "_se"];
        string[] units = ["1", "mV", "mV2", "mV2", "1", "1", "1", "1"];
        return new FigureTable("bursts", [.. names.Select((name, c) => new FigureColumn(name, units[c], [.. rows.Select(r => r[c])]))]);
    }

    private static (double Mean, double Variance) Moments(FigureRun run, int burst)
    {
        const int Synapses = 100, Settle = 1000;
        SpikeSampler spikes = Input(Bursts[burst], Synapses).Start(run.Random.Fork("moments", (ulong)burst), TimeStep);
        SynapticTrace trace = new(Kernel, Synapses, TimeStep);
        int steps = run.Size(20_000, 200_000);
        double sum = 0, squares = 0;
        long count = 0;
        for (int step = 0; step < steps + Settle; step++)
        {
            trace.Advance(spikes.Draw());
            if (step >= Settle && step % 10 == 0)
            {
                foreach (double x in trace.Usp)
                {
                    (sum, squares, count) = (sum + x, squares + (x * x), count + 1);
                }
            }
        }

        double mean = sum / count;
        return (mean, (squares / count) - (mean * mean));
    }

    // The natural rule whose metric has a given variance of the potential: a kernel of the same area, with time constants scaled so that
    // r ∫ε² is that variance. The metric sees nothing else of the kernel.
    private static (double Mean, double Error) Learn(FigureRun run, int burst, BurstInput input, double variance)
    {
        double scale = BurstRate * Kernel.SquareIntegral / variance;
        SynapticKernel seen = Kernel with { MembraneTime = scale * Kernel.MembraneTime, SynapticTime = scale * Kernel.SynapticTime };
        EnsembleRun learners = new SpikingEnsemble
        {
            Neuron = new PoissonNeuron(Transfer, Kernel),
            Input = input,
            Teacher = new ConstantRate(BurstTeacher),
            Rule = new ThreeTermPlasticity(new NaturalForm(new FisherGeometry(Transfer, seen, input.Rates))) { LearningRate = LearningRate },
            InitialWeights = new GivenWeights([BurstWeight]),
            Trials = run.Size(96, 2000),
        }.Start(run.Random.Fork("learning", (ulong)burst), threads: 1);
        learners.AdvanceTo((long)Math.Round(Duration / TimeStep), run.Cancellation);
        double[] weight = new double[1];
        return Statistics.Mean([.. Enumerable.Range(0, learners.Trials).Select(k =>
        {
            learners.CopySomatic(k, weight);
            return weight[0] - BurstWeight;
        })]);
    }

    private static double Ratio(FigureData data, string rule)
    {
        double[] change = data["bursts"][rule];
        return change[Array.IndexOf(data["bursts"]["spikes_per_burst"], Example)] / change[0];
    }

    private static void DrawUsps(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["usps"];
        panel.Label("time (s)", "USP x (mV)");
        panel.Line(t["time"], t["poisson"], OkabeIto.Blue, "Poisson", width: 0.9f);
        panel.Line(t["time"], t["bursts"], OkabeIto.Vermilion, $"bursts of {Example}", width: 0.9f);
        panel.Line([0, 1], [BurstRate, BurstRate], panel.Style.Quiet, "mean of both", LegendSymbol.Dashed, panel.Style.ThinWidth);
        panel.Plot.Axes.SetLimits(0, 1, 0, 1.05 * Math.Max(t["poisson"].Max(), t["bursts"].Max()));
    }

    private static void DrawVariance(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["bursts"];
        panel.Label("mean spikes per burst", "over that of Poisson input");
        double poisson = t["expected_variance"][0];
        double[] fine = Grid(1, Bursts[^1], 60);
        panel.Line(fine, [.. fine.Select(m => Input(m).VariancePerRate(Kernel) / Kernel.SquareIntegral)], panel.Style.Quiet, "expected variance", LegendSymbol.Dotted, panel.Style.ThinWidth);
        panel.Markers(t["spikes_per_burst"], [.. t["usp_variance"].Select(v => v / poisson)], OkabeIto.Vermilion, "variance of x");
        panel.Markers(t["spikes_per_burst"], [.. t["usp_mean"].Select(m => m / BurstRate)], OkabeIto.Blue, "mean of x");
        panel.Plot.Axes.SetLimits(0.7, Bursts[^1] + 0.3, 0, 1.15 * t["usp_variance"].Max() / poisson);
    }

    private static void DrawChanges(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["bursts"];
        panel.Label("variance of the USP (mV²)", "change of weight");
        string[] legends = ["metric of this input", "metric of Poisson input"];
        ScottPlot.Color[] colors = [OkabeIto.Blue, OkabeIto.Orange];
        for (int rule = 0; rule < Rules.Length; rule++)
        {
            double[] mean = t[Rules[rule]], error = t[Rules[rule] + "_se"];
            panel.Band(t["expected_variance"], [.. mean.Zip(error, (m, e) => m - e)], [.. mean.Zip(error, (m, e) => m + e)], colors[rule].WithAlpha(0.25));
            panel.Line(t["expected_variance"], mean, colors[rule], width: panel.Style.ThinWidth);
            panel.Markers(t["expected_variance"], mean, colors[rule], legends[rule], size: 4);
        }

        panel.Notes.Add("bands: ± standard error of the mean");
        panel.Plot.Axes.SetLimits(0.8 * t["expected_variance"][0], 1.05 * t["expected_variance"].Max(), 0, 1.15 * Rules.Max(r => t[r].Max()));
    }
}
