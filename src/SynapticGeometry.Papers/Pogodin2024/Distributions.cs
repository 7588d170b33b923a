using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Pogodin2024.Parameters;
using static SynapticGeometry.Papers.Pogodin2024.Parameters.OneTime;

namespace SynapticGeometry.Papers.Pogodin2024;

/// <summary>Log-normal sizes at one time point: from which initial distributions, under which geometries, could a Gaussian dual change have made them?</summary>
internal sealed class Distributions() : PogodinFigure("distributions")
{
    private const int Points = 161;
    private const double Reach = 4.2;

    private static readonly string[] Starts = ["one-constant", "two-constants", "normal", "log-normal"];

    public override string Title => "From a constant start negative entropy gives log-normal sizes and the Euclidean geometry cannot; from a log-normal start every geometry can";

    public override string Source => Citation("single-time-point distributions; sizes are made up to be log-normal as those of electron microscopy, fits are those of syngeo distribution");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("fits", Fits, 5), new("densities", Densities, 5)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "One constant at first", ["densities"], (p, d) => Draw(p, d, 0)),
        new('B', "Two constants", ["densities"], (p, d) => Draw(p, d, 1)),
        new('C', "Normal", ["densities"], (p, d) => Draw(p, d, 2)),
        new('D', "Log-normal", ["densities"], (p, d) => Draw(p, d, 3)),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("From one constant, a Gaussian dual change under negative entropy gives these sizes.", "AICc above that of the closest fit", ["fits"], d => Of(d, 0, 0, "delta_aicc")) { AtMost = 10 },
        new("From one constant, the 2-norm does not give them.", "AICc above that of the closest fit", ["fits"], d => Of(d, 0, 1, "delta_aicc")) { AtLeast = 10 },
        new("From one constant, negative entropy gives the tail of large sizes.", "predicted share above the true 99.9 % quantile, over 0.1 %", ["fits"], d => Of(d, 0, 0, "tail")) { AtLeast = 0.3, AtMost = 3 },
        new("From one constant, the 2-norm has no such tail.", "predicted share above the true 99.9 % quantile, over 0.1 %", ["fits"], d => Of(d, 0, 1, "tail")) { AtMost = 0.1 },
        new("From a log-normal start every geometry gives them: one time point does not decide.", "largest AICc above that of the closest fit", ["fits"], d => Enumerable.Range(0, Potentials.Count).Max(p => Of(d, 3, p, "delta_aicc"))) { AtMost = 10 },
    ];

    protected override double RowHeight => 64;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        new("sizes", $"{Count(scale)}, log-normal, median 1, standard deviation of ln {Spread}"),
        new("initial distributions", string.Join(", ", Starts)),
        new("dual change", "normal, independent of the initial size, spread fitted"),
        new("geometries", string.Join(", ", PotentialNames)),
    ];

    private static int Count(FigureScale scale) => scale == FigureScale.Sketch ? SketchSizes : Sizes;

    private static DistributionResult Infer(FigureRun run)
    {
        double[] sizes = new double[Count(run.Scale)];
        new LogNormalWeights(1, Spread).Draw(run.Random.Fork("sizes"), sizes);
        return DistributionInference.Infer(
            SizeSample.From<double>(sizes), new DistributionOptions { Candidates = Potentials, Bootstrap = 0, Threads = run.Threads },
            new FitProgress(share => run.Progress?.Report(Math.Min(1, 5 * share))), run.Cancellation);
    }

    private static DistributionFit FitOf(DistributionResult result, int start, int potential) =>
        result.Fits.First(f => f.Initial == Starts[start] && f.Geometry == Potentials[potential].Name);

    private static FigureTable Fits(FigureRun run)
    {
        DistributionResult result = Infer(run);
        double quantile = 3.090232306167813 * Spread;
        List<double[]> rows = [];
        for (int start = 0; start < Starts.Length; start++)
        {
            for (int potential = 0; potential < Potentials.Count; potential++)
            {
                DistributionFit fit = FitOf(result, start, potential);
                double[] at = [quantile - Math.Log(fit.Fit.Model.Reference)], below = [0], above = [0];
                Distribution(fit, at[0]).Shares(at, below, above);
                rows.Add([start, potential, fit.LogLikelihood, fit.Fit.Model.ParameterCount, fit.DeltaAicc, fit.Wasserstein1.Statistic, above[0] / 0.001]);
            }
        }

        string[] names = ["start", "potential", "log_likelihood", "parameters", "delta_aicc", "wasserstein_1", "tail"];
        return new FigureTable("fits", [.. names.Select((name, c) => new FigureColumn(name, "1", [.. rows.Select(r => r[c])]))]);
    }

    // Densities of ln w on a grid, and how often sizes fall around its points.
    private static FigureTable Densities(FigureRun run)
    {
        DistributionResult result = Infer(run);
        double step = 2 * Reach / (Points - 1);
        double[] u = [.. Enumerable.Range(0, Points).Select(k => -Reach + (k * step))], sizes = result.Sample.LogSizes.ToArray();
        List<FigureColumn> columns = [new("log_size", "1", u), new("sizes", "1", [.. u.Select(x => sizes.Count(s => Math.Abs(s - x) <= 0.15) / 0.3 / sizes.Length)])];
        for (int start = 0; start < Starts.Length; start++)
        {
            for (int potential = 0; potential < Potentials.Count; potential++)
            {
                DistributionFit fit = FitOf(result, start, potential);
                double[] at = [.. u.Select(x => x - Math.Log(fit.Fit.Model.Reference))], density = new double[Points];
                Distribution(fit, Reach).LogDensity(at, density);
                columns.Add(new FigureColumn($"density_{start}_{potential}", "1", [.. density.Select(Math.Exp)]));
            }
        }

        return new FigureTable("densities", columns);
    }

    private static SizeDistribution Distribution(DistributionFit fit, double farthest) =>
        fit.Fit.Model.At([.. fit.Fit.Parameters], 0, -Reach - 1, Math.Max(Reach, farthest) + 1)
            ?? throw new InvalidOperationException($"The fit {fit.Name} has parameters that are not allowed.");

    private static double Of(FigureData data, int start, int potential, string column) =>
        data["fits"].Where("start", s => s == start).Where("potential", p => p == potential)[column][0];

    private static void Draw(FigurePanel panel, FigureData data, int start)
    {
        FigureTable t = data["densities"];
        panel.Label("ln (size / median)", "density");
        panel.Band(t["log_size"], new double[t.Rows], t["sizes"], panel.Style.Quiet.WithAlpha(0.3), "sizes");
        double highest = t["sizes"].Max();
        LegendSymbol[] patterns = [LegendSymbol.Line, LegendSymbol.Dashed, LegendSymbol.Dotted];
        for (int potential = 0; potential < Potentials.Count; potential++)
        {
            double[] density = t[$"density_{start}_{potential}"];
            panel.Line(t["log_size"], density, Colors[potential], PotentialNames[potential], patterns[potential]);
            highest = Math.Max(highest, density.Max());
        }

        panel.Plot.Axes.SetLimits(-Reach, Reach, 0, Math.Min(1, highest * 1.08));
    }

    private sealed class FitProgress(Action<double> report) : IProgress<(string Stage, double Done)>
    {
        public void Report((string Stage, double Done) value) => report(value.Done);
    }
}
