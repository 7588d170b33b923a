using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Pogodin2024.Parameters;
using static SynapticGeometry.Papers.Pogodin2024.Parameters.Linear;

namespace SynapticGeometry.Papers.Pogodin2024;

/// <summary>Linear regression: as weights outnumber samples, the dual change becomes Gaussian under the potential that learned.</summary>
internal sealed class LinearRegression() : PogodinFigure("linear")
{
    private static readonly string[] Names =
    [
        "power", "sample_exponent", "weights", "samples", "potential", "seed", "rate", "epochs", "rates_diverged", "search_loss", "seeds_diverged", "loss", "delta_cdf", "delta_cdf_centred", "magnitude",
    ];

    public override string Title => "The more weights outnumber samples, the more Gaussian is the dual change under the potential that learned";

    public override string Source => Citation("linear regression, and its Appendix; inputs by circulant embedding, single precision in the products");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("seeds", Seeds, 300)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Misfit, covariance falls as 1/j²", ["seeds"], (p, d) => DrawMisfit(p, d, 2)),
        new('B', "Misfit, covariance falls as 1/j", ["seeds"], (p, d) => DrawMisfit(p, d, 1)),
        new('C', "Size of the change, 1/j²", ["seeds"], (p, d) => DrawMagnitude(p, d, 2)),
        new('D', "Size of the change, 1/j", ["seeds"], (p, d) => DrawMagnitude(p, d, 1)),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("The median Delta-CDF falls as the number of weights grows, for every potential, number of samples and covariance.", "largest rank correlation of the median with D, over the twelve curves", ["seeds"], d => LargestRankCorrelation(d, "delta_cdf")) { AtMost = -0.8 },
        new("At the largest number of weights it is lower with √D samples than with D^0.75, for every potential and covariance, within the sampling error.", "largest ratio of the medians, less two standard errors", ["seeds"], LargestRatio) { AtMost = 1 },
        new("The change gets smaller against the initial weights as their number grows.", "largest rank correlation of its median with D, over the twelve curves", ["seeds"], d => LargestRankCorrelation(d, "magnitude")) { AtMost = -0.8 },
    ];

    protected override double RowHeight => 68;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        new("weights D", string.Join(", ", Sizes(scale))),
        new("samples N", "⌊D^0.75⌋ or ⌊D^0.5⌋"),
        new("covariance of the inputs", "(−1)^(i−j) / (1 + |i−j|ᵏ), k = 2 or 1; noise uniform in ±0.5 on top"),
        new("labels", "−1 or +1, random"),
        new("initial weights", "normal, standard deviation 1/√D"),
        new("learning", "full batch, momentum 0.9, cosine schedule of 100 epochs, up to 500 in steps of 100 until the loss of the search is below 0.001"),
        new("learning rate", "best of 16 from 1e-7 to 1e-1, on a data set of its own"),
        new("potentials", string.Join(", ", PotentialNames)),
        new("seeds", $"{SeedCount(scale)}"),
    ];

    private static IReadOnlyList<int> Sizes(FigureScale scale) => scale == FigureScale.Sketch ? SketchWeights : Weights;

    private static int SeedCount(FigureScale scale) => scale == FigureScale.Sketch ? SketchSeeds : Linear.Seeds;

    // Settings by falling amount of work, so that threads end together.
    private static Setting[] Settings(FigureScale scale) =>
    [
        .. (from size in Sizes(scale) from power in Powers from exponent in SampleExponents select new Setting(power, exponent, size)).OrderByDescending(s => s.Work),
    ];

    private static FigureTable Seeds(FigureRun run)
    {
        Setting[] settings = Settings(run.Scale);
        int seeds = SeedCount(run.Scale);
        double[][] rates = new double[settings.Length][], outcomes = new double[settings.Length * seeds][];
        run.Part(0, 2).ForEach(settings.Length, i => rates[i] = run.Once($"rates {settings[i]}", () => FindRates(run, settings[i])), i => settings[i].Work);
        run.Part(1, 2).ForEach(
            outcomes.Length,
            k => outcomes[k] = run.Once($"seed {k % seeds} {settings[k / seeds]}", () => Train(run, settings[k / seeds], k % seeds, rates[k / seeds])),
            k => settings[k / seeds].Work);

        List<double[]> rows = [];
        foreach (Setting setting in settings.OrderByDescending(s => s.Power).ThenByDescending(s => s.Exponent).ThenBy(s => s.Weights))
        {
            int at = Array.IndexOf(settings, setting);
            for (int potential = 0; potential < Potentials.Count; potential++)
            {
                double[][] own = [.. outcomes.Skip(at * seeds).Take(seeds).Select(o => o.Skip(5 * potential).Take(5).ToArray())];
                int diverged = own.Count(o => o[0] == 0);

                // A seed that diverged has no statistic, and no row: the others say how many there are.
                rows.AddRange(own.Select((o, seed) => (o, seed)).Where(p => p.o[0] > 0).Select(p => (double[])
                    [setting.Power, setting.Exponent, setting.Weights, setting.Task.Samples, potential, p.seed, .. rates[at].Skip(4 * potential).Take(4), diverged, .. p.o[1..]]));
            }
        }

        return new FigureTable("seeds", [.. Names.Select((name, c) => new FigureColumn(name, "1", [.. rows.Select(r => r[c])]))]);
    }

    // Rate, epochs, rates that diverged and loss, for each potential.
    private static double[] FindRates(FigureRun run, Setting setting)
    {
        RegressionSchedule[] found = setting.Study.FindRates(run.Random.Fork($"search {setting}"), null, run.Cancellation);
        return [.. found.SelectMany(s => new[] { s.Rate, s.Epochs, s.Trials.Where(t => t.Epochs == s.Epochs).Count(t => t.DivergedAt > 0), s.Loss })];
    }

    // 1 where it did not diverge, loss, Delta-CDF, centred, magnitude, for each potential.
    private static double[] Train(FigureRun run, Setting setting, int seed, double[] rates)
    {
        RegressionSchedule[] schedules = [.. Potentials.Select((p, k) => new RegressionSchedule(p, rates[4 * k], (int)rates[(4 * k) + 1], rates[(4 * k) + 3], []))];
        RegressionOutcome?[] outcomes = setting.Study.Train(run.Random.Fork($"learning {setting}", (ulong)seed), schedules, null, run.Cancellation);
        return [.. outcomes.SelectMany(o => o is null ? new double[5] : [1, o.Loss, o.DeltaCdf, o.CentredDeltaCdf, o.Magnitude])];
    }

    private static double[] Column(FigureData data, double power, double exponent, int potential, double weights, string column) =>
        data["seeds"].Where("power", p => p == power).Where("sample_exponent", e => e == exponent).Where("potential", p => p == potential).Where("weights", w => w == weights)[column];

    private static double[] WeightsOf(FigureData data) => [.. data["seeds"]["weights"].Distinct().Order()];

    private static double Median(FigureData data, double power, double exponent, int potential, double weights, string column) =>
        Statistics.Quantile(Column(data, power, exponent, potential, weights, column), 0.5);

    private static double LargestRankCorrelation(FigureData data, string column)
    {
        double[] sizes = WeightsOf(data);
        return (from power in Powers
                from exponent in SampleExponents
                from potential in Enumerable.Range(0, Potentials.Count)
                select Statistics.RankCorrelation(sizes, [.. sizes.Select(w => Median(data, power, exponent, potential, w, column))])).Max();
    }

    // The standard error of a median of normal numbers is 1.25 of that of their mean.
    private static double LargestRatio(FigureData data)
    {
        double largest = WeightsOf(data)[^1];
        (double Median, double Error) Of(double power, double exponent, int potential)
        {
            double[] values = Column(data, power, exponent, potential, largest, "delta_cdf");
            return (Statistics.Quantile(values, 0.5), 1.25 * Statistics.Mean(values).Error);
        }

        return (from power in Powers
                from potential in Enumerable.Range(0, Potentials.Count)
                let few = Of(power, SampleExponents[1], potential)
                let many = Of(power, SampleExponents[0], potential)
                let ratio = few.Median / many.Median
                select ratio - (2 * ratio * Math.Sqrt(Math.Pow(few.Error / few.Median, 2) + Math.Pow(many.Error / many.Median, 2)))).Max();
    }

    private static void DrawMisfit(FigurePanel panel, FigureData data, double power)
    {
        Draw(panel, data, power, "delta_cdf", "Delta-CDF (not centred)");

        // The mean of the statistic for n normal numbers, scaled but not centred.
        double[] sizes = WeightsOf(data);
        panel.Line([.. sizes.Select(Math.Log10)], [.. sizes.Select(n => Math.Log10(1.21 / Math.Sqrt(n)))], panel.Style.Quiet, "normal numbers", LegendSymbol.Dotted, panel.Style.ThinWidth);
    }

    private static void DrawMagnitude(FigurePanel panel, FigureData data, double power) => Draw(panel, data, power, "magnitude", "dual change / initial dual weights");

    private static void Draw(FigurePanel panel, FigureData data, double power, string column, string label)
    {
        panel.Label("number of weights D", label);
        panel.X.Scale = panel.Y.Scale = AxisScale.Log10;
        double[] sizes = WeightsOf(data), xs = [.. sizes.Select(Math.Log10)];
        (int Potential, int Samples)[] curves = [.. Enumerable.Range(0, Potentials.Count).SelectMany(p => Enumerable.Range(0, SampleExponents.Count).Select(e => (p, e)))];
        double[] Quantiles((int Potential, int Samples) curve, double q) =>
            [.. sizes.Select(w => Math.Log10(Statistics.Quantile(Column(data, power, SampleExponents[curve.Samples], curve.Potential, w, column), q)))];

        // Lines over all bands, which would dull them.
        foreach ((int Potential, int Samples) curve in curves)
        {
            panel.Band(xs, Quantiles(curve, 0.05), Quantiles(curve, 0.95), Colors[curve.Potential].WithAlpha(0.13));
        }

        foreach ((int Potential, int Samples) curve in curves)
        {
            panel.Line(xs, Quantiles(curve, 0.5), Colors[curve.Potential], curve.Samples == 0 ? PotentialNames[curve.Potential] : null, curve.Samples == 0 ? LegendSymbol.Line : LegendSymbol.Dashed);
        }

        panel.Legend.Add(new LegendEntry("D^0.75 samples", panel.Style.Ink, LegendSymbol.Line));
        panel.Legend.Add(new LegendEntry("D^0.5", panel.Style.Ink, LegendSymbol.Dashed));
        double[] all = [.. data["seeds"][column].Select(Math.Log10)];
        panel.Plot.Axes.SetLimits(xs[0], xs[^1] + 0.1, all.Min() - 0.1, all.Max() + 0.1);
    }

    private readonly record struct Setting(double Power, double Exponent, int Weights)
    {
        public LinearRegressionTask Task => new(Weights, LinearRegressionTask.SamplesOf(Weights, Exponent), Power);

        public LinearRegressionStudy Study => new() { Task = Task, Potentials = Potentials };

        public double Work => (double)Weights * Task.Samples;

        public override string ToString() => FormattableString.Invariant($"k = {Power}; N = D^{Exponent}; D = {Weights}");
    }
}
