using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Mixed;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 10: the global factor γ_s of the natural gradient against the mean potential.</summary>
internal sealed class Figure10() : KreutzerFigure("10")
{
    public override string Title => "The global factor of the natural gradient is large where the output saturates";

    public override string Source => Citation("Fig. 10");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("samples", Samples), new("limit", Limit)];

    public override IReadOnlyList<PaperPanel> Panels => [new('A', "Global factor over sampled weights", ["samples", "limit"], Draw)];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("The factor is a function of the mean potential: the spread of the potential hardly adds to it.", "standard deviation of log₁₀ γ_s about its running median over the mean potential", ["samples"], Scatter) { AtMost = 0.05 },
        new("The factor rises several times over towards both ends of the potential, where the output is silent or saturates.", "smaller of γ_s at the lowest and at the highest mean potential over the least γ_s", ["samples"], Rise) { AtLeast = 5 },
    ];

    protected override double RowHeight => 70;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("synapses, rates of their halves", $"{SynapseCount}, {First}, {Second}", "1, Hz, Hz"),
        new("weights", $"uniform in ±{WeightLimit}/n"),
        new("samples of the weights", $"{Count(scale)}"),
    ];

    private static int Count(FigureScale scale) => scale == FigureScale.Sketch ? 300 : 2000;

    private static FigureTable Samples(FigureRun run)
    {
        FisherGeometry fisher = new(Transfer, Kernel, Halves(SynapseCount, First, Second).Rates);
        (double Mean, double Deviation, double Gamma)[] samples = [.. Enumerable.Range(0, Count(run.Scale)).Select(k =>
        {
            PotentialMoments m = fisher.Moments(DrawWeights(run.Random.Fork("weights", (ulong)k), SynapseCount, WeightLimit / SynapseCount));
            return (m.Mean, Math.Sqrt(m.Variance), fisher.Coefficients(m).GammaS);
        })];
        return new FigureTable(
            "samples",
            new("mean_potential", "mV", [.. samples.Select(s => s.Mean)]),
            new("potential_sd", "mV", [.. samples.Select(s => s.Deviation)]),
            new("gamma_s", "mV2/Hz", [.. samples.Select(s => s.Gamma)]));
    }

    // φ/φ′² at the potential itself: γ_s without fluctuations.
    private static FigureTable Limit(FigureRun run)
    {
        double[] potential = Grid(-40, 40, 161);
        return new FigureTable(
            "limit",
            new("potential", "mV", potential),
            new("gamma_s", "mV2/Hz", [.. potential.Select(v => 1 / Transfer.Fisher(v, 0).C1)]));
    }

    private static double Scatter(FigureData data)
    {
        const int Half = 10;
        double[] order = [.. data["samples"]["mean_potential"].Zip(data["samples"]["gamma_s"]).OrderBy(p => p.First).Select(p => Math.Log10(p.Second))];
        double sum = 0;
        int count = 0;
        for (int i = Half; i + Half < order.Length; i++, count++)
        {
            double[] near = [.. order[(i - Half)..(i + Half + 1)].Order()];
            sum += (order[i] - near[Half]) * (order[i] - near[Half]);
        }

        return Math.Sqrt(sum / count);
    }

    private static double Rise(FigureData data)
    {
        double[] mean = data["samples"]["mean_potential"], gamma = data["samples"]["gamma_s"];
        return Math.Min(gamma[Array.IndexOf(mean, mean.Min())], gamma[Array.IndexOf(mean, mean.Max())]) / gamma.Min();
    }

    private static void Draw(FigurePanel panel, FigureData data)
    {
        FigureTable samples = data["samples"], limit = data["limit"];
        panel.Label("mean potential μ (mV above rest)", "γ_s (mV²/Hz)");
        panel.Y.Scale = AxisScale.Log10;
        panel.Line(limit["potential"], [.. limit["gamma_s"].Select(Math.Log10)], panel.Style.Quiet, "φ/φ′² at μ, no fluctuations", LegendSymbol.Dashed, panel.Style.ThinWidth);
        panel.Markers([.. samples["mean_potential"]], [.. samples["gamma_s"].Select(Math.Log10)], OkabeIto.Vermilion.WithAlpha(0.5), "sampled weights", size: 2.2f);
        double[] gamma = [.. samples["gamma_s"].Select(Math.Log10)];
        double[] mean = samples["mean_potential"];
        panel.Plot.Axes.SetLimits(mean.Min() - 2, mean.Max() + 2, gamma.Min() - 0.2, gamma.Max() + 0.2);
    }
}
