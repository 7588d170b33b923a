using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Beyond;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Beyond the paper: the learning task with a recorded population as input.</summary>
internal sealed class RecordedPopulation() : BeyondFigure("recorded")
{
    private const int Rules = 3;
    private const double RasterTime = 4;

    private static readonly string[] InputNames = ["recorded", "poisson"];

    public override string Title => "Natural, approximate and Euclidean learning with a recorded population as input";

    public override string Source => "In no paper: the task of Kreutzer et al. 2022, Fig. 3, with the spike trains of a recorded population (--spikes FILE), or of a simulated one with log-normal rates and bursts, as input; each rule at the learning rate that a search of the same budget finds fastest.";

    public override IReadOnlyList<FigureExperiment> Experiments => [new("units", Units), new("raster", Raster), new("curves", Curves, 400)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "The population", ["raster"], DrawRaster),
        new('B', "Its rates", ["units"], DrawUnits),
        new('C', "Learning, each rule at its best", ["curves"], DrawCurves),
        new('D', "Time to the target", ["curves"], DrawTimes),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("With this population the natural gradient is not slower than the Euclidean one, each at its best.", "time of the Euclidean rule over that of the natural rule", ["curves"], d => Time(d, 0, LearningRules.Euclidean) / Time(d, 0, LearningRules.Natural)) { AtLeast = 0.9 },
        new("Nor is it with Poisson input of the same rates.", "time of the Euclidean rule over that of the natural rule", ["curves"], d => Time(d, 1, LearningRules.Euclidean) / Time(d, 1, LearningRules.Natural)) { AtLeast = 0.9 },
        new("The approximate rule keeps pace with the natural one.", "time of the approximate rule over that of the natural rule", ["curves"], d => Time(d, 0, LearningRules.Approximate) / Time(d, 0, LearningRules.Natural)) { AtLeast = 0.67, AtMost = 1.5 },
        new("Every rule reaches the target in the time there is.", "longest time to the target, over the duration", ["curves"], d => d["curves"]["time_to_target"].Max() / d["curves"]["time"].Max()) { AtMost = 0.99 },
    ];

    public override IReadOnlyList<FigureParameter> Inputs(FigureFiles files) =>
        [new("population", files.Spikes is null ? "simulated from the seed" : files.SpikesName)];

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("simulated population: units; median rate, σ of ln rate", $"{PopulationUnits}; {MedianRate} Hz, {RateSpread}"),
        new("its bursts: mean spikes; interval", $"{PopulationBursts}; {1e3 * PopulationInterval} ms"),
        new("initial and target weights", $"uniform, so that the potential has a spread of {PotentialSpread} mV over weights and time"),
        new("target: mean rate error", $"{TargetError}", "Hz"),
        new("duration, at most the recording's; trials; learning rates tried for each", $"{Duration(scale)} s; {Trials(scale)}; {Evaluations(scale)}"),
    ];

    private static double Duration(FigureScale scale) => scale == FigureScale.Sketch ? 150 : 400;

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 8 : 40;

    private static int Evaluations(FigureScale scale) => scale == FigureScale.Sketch ? 6 : 12;

    // Units that never spike have no rate to divide by; they are left out.
    private static SpikeTrains Population(FigureRun run)
    {
        SpikeTrains all = run.Files.Spikes ?? Simulated(run.Random.Fork("population"), Duration(run.Scale));
        int[] firing = [.. Enumerable.Range(0, all.Units).Where(u => all[u].Length > 0)];
        return new SpikeTrains([.. firing.Select(u => all[u].ToArray())], all.Duration, [.. firing.Select(u => all.Names[u])]);
    }

    private static SpikeTrains Simulated(RandomSource random, double duration)
    {
        RandomSource draws = random.Fork("rates");
        BurstInput input = new([.. Enumerable.Range(0, PopulationUnits).Select(_ => Math.Min(60, MedianRate * Math.Exp(RateSpread * draws.NextNormal())))], PopulationBursts, PopulationInterval);
        SpikeSampler sampler = input.Start(random.Fork("spikes"), TimeStep);
        List<double>[] times = [.. input.Rates.Select(_ => new List<double>())];
        for (long step = 0; step < (long)Math.Round(duration / TimeStep); step++)
        {
            foreach (int unit in sampler.Draw())
            {
                times[unit].Add(step * TimeStep);
            }
        }

        return new SpikeTrains(times, duration);
    }

    private static FigureTable Units(FigureRun run)
    {
        double[] rates = [.. Population(run).Rates.OrderDescending()];
        return new FigureTable("units", new("rank", "1", [.. rates.Select((_, k) => k + 1.0)]), new("rate", "Hz", rates));
    }

    private static FigureTable Raster(FigureRun run)
    {
        SpikeTrains population = Population(run);
        double start = Math.Max(0, (population.Duration / 2) - RasterTime);
        (double Time, double Row)[] spikes =
        [
            .. Enumerable.Range(0, population.Units).OrderByDescending(u => population[u].Length)
                .SelectMany((u, row) => population[u].ToArray().Where(t => t >= start && t < start + RasterTime).Select(t => (t - start, row + 1.0))),
        ];
        return new FigureTable("raster", new("time", "s", [.. spikes.Select(s => s.Time)]), new("unit", "1", [.. spikes.Select(s => s.Row)]));
    }

    // For each input and rule the check of the best learning rate, on weights of its own.
    private static FigureTable Curves(FigureRun run)
    {
        SpikeTrains population = Population(run);
        double duration = Math.Min(Duration(run.Scale), population.Duration);
        List<double[]> rows = [];
        for (int input = 0; input < InputNames.Length; input++)
        {
            SpikeInput spikes = input == 0 ? new RecordedInput(population) : new PoissonInput(population.Rates);
            for (int rule = 0; rule < Rules; rule++)
            {
                LearningRateResult found = Search(spikes, rule, duration, run.Scale).Run(run.Random.Fork("search"), run.Threads, null, run.Cancellation);
                LearningCurve curve = found.Check ?? throw new ArithmeticException($"Every learning rate of the {LearningRules.Names[rule]} rule diverged; the first was {found.Tried[0].LearningRate}.");
                double time = found.CheckTime(TargetError) ?? duration;
                rows.AddRange(curve.MeanRateError.Select((e, k) => new[] { input, rule, curve.Steps[k] * curve.TimeStep, e, found.Best.LearningRate, time }));
                run.Progress?.Report(((input * Rules) + rule + 1.0) / (InputNames.Length * Rules));
            }
        }

        string[] names = ["input", "rule", "time", "rate_error", "learning_rate", "time_to_target"], units = ["1", "1", "s", "Hz", "1", "s"];
        return new FigureTable("curves", [.. names.Select((name, k) => new FigureColumn(name, units[k], [.. rows.Select(r => r[k])]))]);
    }

    private static LearningRateSearch Search(SpikeInput input, int rule, double duration, FigureScale scale)
    {
        PoissonNeuron neuron = new(Transfer, Kernel);

        // E V² = (limit²/3) Σ (ε₀² r² + r/c_ε) over weights and Poisson input.
        double limit = PotentialSpread * Math.Sqrt(3 / input.Rates.Sum(r => Math.Pow(Kernel.Area * r, 2) + (r * Kernel.SquareIntegral)));
        return new LearningRateSearch
        {
            Study = eta => LearningRules.Study(rule, neuron, input, eta, limit, Trials(scale), duration, TraceStepping.Exact),
            Start = PopulationStarts[rule],
            Target = TargetError,
            Evaluations = Evaluations(scale),
        };
    }

    private static FigureTable Curve(FigureData data, int input, int rule) => data["curves"].Where("input", i => i == input).Where("rule", r => r == rule);

    private static double Time(FigureData data, int input, int rule) => Curve(data, input, rule)["time_to_target"][0];

    private static void DrawRaster(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["raster"];
        panel.Label("time (s)", "unit, by rate");
        panel.Line([.. t["time"].SelectMany(at => new[] { at, at, double.NaN })], [.. t["unit"].SelectMany(u => new[] { u - 0.38, u + 0.38, double.NaN })], OkabeIto.Blue, width: panel.Style.ThinWidth);
        panel.Plot.Axes.SetLimits(0, RasterTime, 0, t["unit"].Max() + 1);
    }

    private static void DrawUnits(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["units"];
        double[] log = [.. t["rate"].Select(Math.Log10)];
        panel.Label("unit, by rate", "mean rate (Hz)");
        panel.Y.Scale = AxisScale.Log10;
        panel.Markers(t["rank"], log, OkabeIto.Blue, size: 3.5f);
        panel.Plot.Axes.SetLimits(0, t["rank"].Max() + 1, log.Min() - 0.1, log.Max() + 0.1);
    }

    private static void DrawCurves(FigurePanel panel, FigureData data)
    {
        panel.Label("time (s)", "mean rate error (Hz)");
        for (int rule = 0; rule < Rules; rule++)
        {
            FigureTable t = Curve(data, 0, rule), control = Curve(data, 1, rule);
            panel.Line(t["time"], t["rate_error"], LearningRules.Colors[rule], LearningRules.Names[rule]);
            panel.Line(control["time"], control["rate_error"], LearningRules.Colors[rule], null, LegendSymbol.Dotted, panel.Style.ThinWidth);
        }

        double end = Math.Min(data["curves"]["time"].Max(), 2 * data["curves"]["time_to_target"].Max());
        panel.Line([0, end], [TargetError, TargetError], panel.Style.Quiet, "target", LegendSymbol.Dashed, panel.Style.ThinWidth);
        panel.Notes.Add("dotted: Poisson input of the same rates");
        panel.Plot.Axes.SetLimits(0, end, 0, 1.05 * data["curves"]["rate_error"].Max());
    }

    private static void DrawTimes(FigurePanel panel, FigureData data)
    {
        panel.Label("input", "time to the target (s)");
        double top = 0;
        for (int input = 0; input < InputNames.Length; input++)
        {
            for (int rule = 0; rule < Rules; rule++)
            {
                double left = input + (0.27 * rule) - 0.4, time = Time(data, input, rule);
                panel.Steps([left, left + 0.25], [time], LearningRules.Colors[rule], filled: true, legend: input == 0 ? LearningRules.Names[rule] : null);
                top = Math.Max(top, time);
            }
        }

        panel.X.Ticks = [new(0, "population"), new(1, "Poisson, same rates")];
        panel.Plot.Axes.SetLimits(-0.6, 1.6, 0, 1.08 * top);
    }
}
