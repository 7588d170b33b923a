using System.Numerics.Tensors;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Terms;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 6: the homosynaptic and the two heterosynaptic parts of a natural-gradient change.</summary>
internal sealed class Figure6() : KreutzerFigure("6")
{
    private const int Parts = 4, Points = 101, Every = 200;

    private static readonly string[] Names = ["homosynaptic", "uniform", "weight_dependent", "total"];
    private static readonly string[] Synapses = ["stimulated", "unstimulated"];
    private static readonly string[] Legends = ["homosynaptic", "uniform heterosynaptic", "weight-dependent", "whole change"];

    public override string Title => "A natural-gradient change is one homosynaptic and two heterosynaptic terms";

    public override string Source => Citation("Fig. 6, a schematic; here the terms are computed in the setting of Fig. 7");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("course", Course, 30)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "A stimulated synapse", ["course"], (p, d) => DrawCourse(p, d, "stimulated")),
        new('B', "An unstimulated synapse", ["course"], (p, d) => DrawCourse(p, d, "unstimulated")),
        new('C', "Change after 10 s by each term", ["course"], DrawMeans),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("The three terms add up to the change that was learned.", "largest difference between the sum of the terms and the change of the weight, relative to the largest change", ["course"], Remainder) { AtMost = 1e-9 },
        new("A synapse without input changes by the heterosynaptic terms alone.", "largest homosynaptic change of the unstimulated synapse", ["course"], d => d["course"]["unstimulated_homosynaptic"].Max(Math.Abs)) { AtMost = 0 },
        new("The uniform heterosynaptic term opposes the homosynaptic one at stimulated synapses.", "uniform over homosynaptic change after 10 s", ["course"], Opposition) { AtMost = 0 },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 68;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Figure7.Setting,
        new("initial weights", $"{InitialWeight}/n"),
        new("duration", "10", "s"),
        new("trials", $"{Trials(scale)}"),
    ];

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 16 : 400;

    // The change of a stimulated and of an unstimulated synapse up to each time, by term and as it was learned.
    private static double[][] Learn(FigureRun run, ulong trial)
    {
        TeacherStudent experiment = Figure7.Experiment(InitialWeight, InitialWeight);
        TeacherStudentRun learner = experiment.Start(run.Random.Fork("trial"), trial);
        ThreeTermForm form = ((ThreeTermPlasticity)experiment.Rule).Form;
        int[] members = [0, learner.Weights.Length - 1];
        double[] before = new double[learner.Weights.Length], sums = new double[2 * Parts];
        double[][] course = new double[Points][];
        for (int point = 0; point < Points; point++)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            while (learner.Steps < point * Every)
            {
                learner.Somatic.CopyTo(before);
                learner.Advance(1);

                // e (h x − u + m w), each term by itself; the loop above has taken the same step by the rule.
                ThreeTermCoefficients c = form.At(form.Moments(before));
                (double u, double m) = c.Shared(TensorPrimitives.Sum(learner.Usp), learner.Potential);
                double e = Regimes.LearningRate * c.Scale * experiment.Neuron.Transfer.Score(learner.Potential, learner.TeacherSpikes, TimeStep);
                for (int k = 0; k < members.Length; k++)
                {
                    int i = members[k];
                    sums[k * Parts] += e * form.Gains[i] * learner.Usp[i];
                    sums[(k * Parts) + 1] -= e * u;
                    sums[(k * Parts) + 2] += e * m * before[i];
                    sums[(k * Parts) + 3] += learner.Somatic[i] - before[i];
                }
            }

            course[point] = [.. sums];
        }

        return course;
    }

    private static FigureTable Course(FigureRun run)
    {
        double[][][] trials = new double[Trials(run.Scale)][][];
        run.ForEach(trials.Length, k => trials[k] = Learn(run, (ulong)k));
        (double Mean, double Error)[][] course =
        [
            .. Enumerable.Range(0, Points).Select(point => Enumerable.Range(0, 2 * Parts).Select(p => Statistics.Mean([.. trials.Select(t => t[point][p])])).ToArray()),
        ];
        return new FigureTable(
            "course",
            [
                new("time", "s", [.. course.Select((_, point) => point * Every * TimeStep)]),
                .. Synapses.SelectMany((who, k) => Names.SelectMany((name, part) => new FigureColumn[]
                {
                    new($"{who}_{name}", "1", [.. course.Select(c => c[(k * Parts) + part].Mean)]),
                    new($"{who}_{name}_se", "1", [.. course.Select(c => c[(k * Parts) + part].Error)]),
                })),
            ]);
    }

    private static double Remainder(FigureData data)
    {
        FigureTable t = data["course"];
        return Synapses.Max(who =>
        {
            double[] learned = t[$"{who}_{Names[^1]}"];
            return Enumerable.Range(0, t.Rows).Max(i => Math.Abs(Names[..^1].Sum(name => t[$"{who}_{name}"][i]) - learned[i])) / learned.Max(Math.Abs);
        });
    }

    private static double Opposition(FigureData data) => data["course"]["stimulated_uniform"][^1] / data["course"]["stimulated_homosynaptic"][^1];

    private static void DrawCourse(FigurePanel panel, FigureData data, string who)
    {
        FigureTable t = data["course"];
        panel.Label("time (s)", "mean change of weight");
        panel.Line([0, 10], [0, 0], panel.Style.Quiet, width: panel.Style.ThinWidth);
        for (int part = 0; part < Parts; part++)
        {
            panel.Line(t["time"], t[$"{who}_{Names[part]}"], Color(part), Legends[part]);
        }

        (double low, double high) = Range(t);
        panel.Plot.Axes.SetLimits(0, 10, low, high);
    }

    // One scale for all panels, so that they can be compared.
    private static (double Low, double High) Range(FigureTable t)
    {
        double[] all = [.. Synapses.SelectMany(who => Names.SelectMany(name => t[$"{who}_{name}"]))];
        double margin = 0.06 * (all.Max() - all.Min());
        return (all.Min() - margin, all.Max() + margin);
    }

    private static void DrawMeans(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["course"];
        panel.Label("synapse", "change of weight");
        panel.Line([-0.6, 1.6], [0, 0], panel.Style.Quiet, width: panel.Style.ThinWidth);
        for (int k = 0; k < Synapses.Length; k++)
        {
            for (int part = 0; part < Parts; part++)
            {
                double left = k + (0.2 * part) - 0.38, middle = left + 0.09;
                double height = t[$"{Synapses[k]}_{Names[part]}"][^1], error = t[$"{Synapses[k]}_{Names[part]}_se"][^1];
                panel.Steps([left, left + 0.18], [height], Color(part), filled: true, legend: k == 0 ? Legends[part] : null);
                panel.Line([middle, middle], [height - error, height + error], panel.Style.Quiet, width: panel.Style.ThinWidth);
            }
        }

        panel.X.Ticks = [new(0, "stimulated"), new(1, "unstimulated")];
        (double low, double high) = Range(t);
        panel.Plot.Axes.SetLimits(-0.5, 1.5, low, high);
    }

    private static ScottPlot.Color Color(int part) => part == Parts - 1 ? OkabeIto.Black : OkabeIto.Series[part];
}
