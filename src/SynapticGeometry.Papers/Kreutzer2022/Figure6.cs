using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 6: the homosynaptic and the two heterosynaptic parts of a natural-gradient change.</summary>
internal sealed class Figure6() : KreutzerFigure("6")
{
    private const double InitialWeight = 1.6;
    private const int Parts = 4;

    private static readonly string[] Names = ["homosynaptic", "uniform", "weight_dependent", "total"];
    private static readonly string[] Synapses = ["stimulated", "unstimulated"];
    private static readonly string[] Legends = ["homosynaptic", "uniform heterosynaptic", "weight-dependent heterosynaptic", "sum"];
    private static readonly PlasticityTerms[] Terms =
        [PlasticityTerms.Homosynaptic, PlasticityTerms.UniformHeterosynaptic, PlasticityTerms.WeightDependentHeterosynaptic, PlasticityTerms.All];

    public override string Title => "A natural-gradient change is one homosynaptic and two heterosynaptic terms";

    public override string Source => Citation("Fig. 6, a schematic; here the terms are computed in the setting of Fig. 7");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("course", Course), new("means", Means, 2)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "A stimulated synapse", ["course"], (p, d) => DrawCourse(p, d, "stimulated")),
        new('B', "An unstimulated synapse", ["course"], (p, d) => DrawCourse(p, d, "unstimulated")),
        new('C', "Mean change by each term", ["means"], DrawMeans),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("The three terms add up to the change that was learned.", "largest difference between the sum of the terms and the change of the weight, relative to the largest change", ["course"], Remainder) { AtMost = 1e-9 },
        new("A synapse without input changes by the heterosynaptic terms alone.", "largest homosynaptic change of the unstimulated synapse", ["course"], d => d["course"]["unstimulated_homosynaptic"].Max(Math.Abs)) { AtMost = 0 },
        new("The uniform heterosynaptic term opposes the homosynaptic one at stimulated synapses.", "mean uniform over mean homosynaptic change", ["means"], Opposition) { AtMost = 0 },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 68;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Figure7.Setting,
        new("initial weights", $"{InitialWeight}/n"),
        new("duration", "10", "s"),
        new("C: trials", $"{Trials(scale)}"),
    ];

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 16 : 400;

    // The change of a stimulated and of an unstimulated synapse up to times, by term; and the weights themselves.
    private static double[][] Learn(FigureRun run, RandomSource random, ulong trial, long[] steps)
    {
        TeacherStudent experiment = Figure7.Experiment(InitialWeight, InitialWeight);
        TeacherStudentRun learner = experiment.Start(random, trial);
        ThreeTermForm form = ((ThreeTermPlasticity)experiment.Rule).Form;
        int n = learner.Weights.Length;
        double[] before = new double[n], change = new double[n], ones = [.. Enumerable.Repeat(1.0, n)];
        double[] sums = new double[2 * Parts];
        List<double[]> course = [];
        foreach (long step in steps)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            while (learner.Steps < step)
            {
                learner.Somatic.CopyTo(before);
                learner.Advance(1);
                SynapticState state = new()
                {
                    Weights = before,
                    Somatic = before,
                    Slope = ones,
                    Usp = learner.Usp,
                    Potential = learner.Potential,
                    Score = experiment.Neuron.Transfer.Score(learner.Potential, learner.TeacherSpikes, TimeStep),
                };
                for (int part = 0; part < Parts; part++)
                {
                    form.Change(state, Figure7.LearningRate, Terms[part], change);
                    sums[part] += change[0];
                    sums[Parts + part] += change[n - 1];
                }
            }

            course.Add([.. sums, learner.Somatic[0], learner.Somatic[n - 1]]);
        }

        return [.. course];
    }

    private static FigureTable Course(FigureRun run)
    {
        long[] steps = [.. Enumerable.Range(0, 501).Select(k => 40L * k)];
        double[][] course = Learn(run, run.Random.Fork("course"), 0, steps);
        return new FigureTable(
            "course",
            [
                new("time", "s", [.. steps.Select(s => s * TimeStep)]),
                .. Synapses.SelectMany((who, k) => Names.Select((name, part) =>
                    new FigureColumn($"{who}_{name}", "1", [.. course.Select(c => c[(k * Parts) + part])]))),
                new("stimulated_weight", "1", [.. course.Select(c => c[2 * Parts])]),
                new("unstimulated_weight", "1", [.. course.Select(c => c[(2 * Parts) + 1])]),
            ]);
    }

    private static FigureTable Means(FigureRun run)
    {
        double[][] last = new double[Trials(run.Scale)][];
        run.ForEach(last.Length, k => last[k] = Learn(run, run.Random.Fork("trial"), (ulong)k, [20_000])[0]);
        (double Mean, double Error)[] means = [.. Enumerable.Range(0, 2 * Parts).Select(p => Statistics.Mean([.. last.Select(l => l[p])]))];
        return new FigureTable(
            "means",
            new("stimulated", "1", [.. means.Select((_, p) => p < Parts ? 1.0 : 0)]),
            new("term", "1", [.. means.Select((_, p) => (double)(p % Parts))]),
            new("change", "1", [.. means.Select(m => m.Mean)]),
            new("change_se", "1", [.. means.Select(m => m.Error)]));
    }

    private static double Remainder(FigureData data)
    {
        FigureTable t = data["course"];
        return Synapses.Max(who =>
        {
            double[] weight = t[who + "_weight"];
            double largest = weight.Max(w => Math.Abs(w - weight[0]));
            return Enumerable.Range(0, t.Rows).Max(i => Math.Abs(
                Enumerable.Range(0, Parts - 1).Sum(p => t[$"{who}_{Names[p]}"][i]) - (weight[i] - weight[0]))) / largest;
        });
    }

    private static double Opposition(FigureData data) => data["means"]["change"][1] / data["means"]["change"][0];

    private static void DrawCourse(FigurePanel panel, FigureData data, string who)
    {
        FigureTable t = data["course"];
        panel.Label("time (s)", "change of weight so far");
        panel.Line([0, 10], [0, 0], panel.Style.Quiet, width: panel.Style.ThinWidth);
        for (int part = 0; part < Parts; part++)
        {
            panel.Line(t["time"], t[$"{who}_{Names[part]}"], Color(part), Legends[part]);
        }

        // One scale for both panels, so that they can be compared.
        double[] all = [.. t.Columns.Where(c => Names.Any(n => c.Name.EndsWith("stimulated_" + n, StringComparison.Ordinal))).SelectMany(c => c.Values)];
        double margin = 0.04 * (all.Max() - all.Min());
        panel.Plot.Axes.SetLimits(0, 10, all.Min() - margin, all.Max() + margin);
    }

    private static void DrawMeans(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["means"];
        panel.Label("synapse", "mean change of weight in 10 s");
        panel.Line([-0.6, 1.6], [0, 0], panel.Style.Quiet, width: panel.Style.ThinWidth);
        for (int row = 0; row < t.Rows; row++)
        {
            int part = (int)t["term"][row];
            double left = (1 - t["stimulated"][row]) + (0.2 * part) - 0.38, height = t["change"][row], middle = left + 0.09, error = t["change_se"][row];
            panel.Steps([left, left + 0.18], [height], Color(part), filled: true, legend: row < Parts ? Legends[part] : null);
            panel.Line([middle, middle], [height - error, height + error], panel.Style.Ink, width: panel.Style.ThinWidth);
        }

        panel.X.Ticks = [new(0, "stimulated"), new(1, "unstimulated")];
        double low = t["change"].Min(), high = t["change"].Max(), margin = 0.08 * (high - low);
        panel.Plot.Axes.SetLimits(-0.5, 1.5, low - margin, high + margin);
    }

    private static ScottPlot.Color Color(int part) => part == Parts - 1 ? OkabeIto.Black : OkabeIto.Series[part];
}
