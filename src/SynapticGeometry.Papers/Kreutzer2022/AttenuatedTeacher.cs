using System.Numerics.Tensors;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Predictions;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>First prediction of the discussion: where the teacher is attenuated along the dendrite, distal synapses depress.</summary>
internal sealed class AttenuatedTeacher() : KreutzerFigure("p1")
{
    private const double Unattenuated = double.PositiveInfinity;

    public override string Title => "A teacher that is attenuated along the dendrite potentiates near the soma and depresses beyond a distance";

    public override string Source => Citation("Discussion, first prediction; the experiment is ours: the error that a synapse at distance d sees is exp(−d/λ_t) Y* − φ(V) dt, the rest of the natural rule is unchanged");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("profiles", Profiles, 40), new("switches", Switches, 40)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "What a synapse compares", ["profiles"], DrawRates),
        new('B', "Change of the somatic weight", ["profiles"], DrawProfiles),
        new('C', "Where potentiation ends", ["switches"], DrawSwitches),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Without attenuation every synapse potentiates.", "smallest mean change of a fifth of the synapses, in standard errors", ["profiles"], d => Scores(d, Unattenuated).Min()) { AtLeast = 2 },
        new("With an attenuated teacher (λ_t = 200 µm) the nearest synapses potentiate.", "mean change of the nearest synapses, in standard errors", ["profiles"], d => Scores(d, TeacherLength)[0]) { AtLeast = 3 },
        new("With an attenuated teacher (λ_t = 200 µm) the farthest synapses depress.", "mean change of the farthest synapses, in standard errors", ["profiles"], d => Scores(d, TeacherLength)[^1]) { AtMost = -3 },
        new("Potentiation ends where the attenuated rate of the teacher equals the neuron's own, λ_t ln(teacher/φ).", "mean difference of the switch from that distance, relative, over teachers and λ_t", ["switches"], MeanMiss) { AtLeast = -0.25, AtMost = 0.25 },
    ];

    protected override int Columns => 3;

    protected override double RowHeight => 68;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("synapses; initial somatic weight", $"{Synapses}; {SomaticWeight}"),
        new("input; teacher (constant)", $"{InputRate}; {TeacherRate}", "Hz"),
        new("distance d, λ_t of the teacher", $"0 to {Distance.Farthest}; {string.Join(", ", TeacherLengths)}, none", "µm"),
        new("coefficients of the rule", "those of the weights at the start"),
        new("duration, learning rate", $"{Duration} s, {LearningRate}"),
        new("trials", $"{Trials(scale)}"),
        new("teachers of the switches", string.Join(", ", Teachers), "Hz"),
    ];

    private static int Trials(FigureScale scale) => scale == FigureScale.Sketch ? 100 : 1000;

    private static double[] Teachers => [20, 30];

    private static double[] Places => Grid(0, Distance.Farthest, Synapses);

    private static double[] Shares(double length) => [.. Places.Select(d => Math.Exp(-d / length))];

    private static TeacherStudent Experiment(double length, double teacher)
    {
        PoissonNeuron neuron = new(Transfer, Kernel);
        PoissonInput input = PoissonInput.Groups((Synapses, InputRate));
        NaturalForm form = new(new FisherGeometry(neuron, input));
        double[] weights = [.. Enumerable.Repeat(SomaticWeight, Synapses)];
        return new TeacherStudent
        {
            Neuron = neuron,
            Input = input,
            Teacher = new ConstantRate(teacher),
            Rule = new DistantTeacherPlasticity(form, form.At(form.Moments(weights)), Shares(length)) { LearningRate = LearningRate },
            InitialWeights = weights,
        };
    }

    // For each synapse mean change and standard error over trials, and the neuron's own rate, averaged over time and trials.
    private static ((double Mean, double Error)[] Changes, double OwnRate) Learn(FigureRun run, double length, double teacher, ulong condition)
    {
        int trials = Trials(run.Scale);
        double[][] changes = new double[trials][];
        double[] rates = new double[trials];
        TeacherStudent experiment = Experiment(length, teacher);
        long steps = (long)Math.Round(Duration / TimeStep);
        run.ForEach(trials, k =>
        {
            TeacherStudentRun learner = experiment.Start(run.Random.Fork("trial", condition), (ulong)k);
            for (long step = 0; step < steps; step += 20)
            {
                learner.Advance(20, run.Cancellation);
                rates[k] += 20.0 / steps * Transfer.Rate(learner.Potential);
            }

            changes[k] = [.. learner.Somatic.ToArray().Select(w => w - SomaticWeight)];
        });
        return ([.. Enumerable.Range(0, Synapses).Select(i => Statistics.Mean([.. changes.Select(c => c[i])]))], rates.Average());
    }

    private static FigureTable Profiles(FigureRun run)
    {
        List<double[]> rows = [];
        foreach ((double length, int k) in TeacherLengths.Append(Unattenuated).Select((l, k) => (l, k)))
        {
            ((double Mean, double Error)[] changes, double own) = Learn(run, length, TeacherRate, (ulong)k);
            rows.AddRange(changes.Select((c, i) => new[] { length, Places[i], TeacherRate * Shares(length)[i], own, c.Mean, c.Error }));
        }

        string[] names = ["teacher_length", "distance", "teacher_rate_there", "own_rate", "somatic_change", "somatic_change_se"], units = ["um", "um", "Hz", "Hz", "1", "1"];
        return new FigureTable("profiles", [.. names.Select((name, k) => new FigureColumn(name, units[k], [.. rows.Select(r => r[k])]))]);
    }

    private static FigureTable Switches(FigureRun run)
    {
        List<double[]> rows = [];
        foreach (double teacher in Teachers)
        {
            foreach (double length in new[] { TeacherLength / 2, TeacherLength })
            {
                ((double Mean, double Error)[] changes, double own) = Learn(run, length, teacher, (ulong)(100 + rows.Count));
                rows.Add([teacher, length, own, length * Math.Log(teacher / own), Crossing([.. changes.Select(c => c.Mean)], length)]);
            }
        }

        string[] names = ["teacher_rate", "teacher_length", "own_rate", "expected_switch", "switch"], units = ["Hz", "um", "Hz", "um", "um"];
        return new FigureTable("switches", [.. names.Select((name, k) => new FigureColumn(name, units[k], [.. rows.Select(r => r[k])]))]);
    }

    // Changes go as A exp(−d/λ_t) − B; the line through them over exp(−d/λ_t) says where they cross zero.
    private static double Crossing(double[] change, double length)
    {
        StraightLine line = StraightLine.Through(Shares(length), change);
        return -length * Math.Log(-line.Intercept / line.Slope);
    }

    private static FigureTable Profile(FigureData data, double length) => data["profiles"].Where("teacher_length", l => l == length);

    // Fifths of the synapses, nearest first: mean change in standard errors.
    private static double[] Scores(FigureData data, double length)
    {
        FigureTable t = Profile(data, length);
        return
        [
            .. t["somatic_change"].Chunk(Synapses / 5).Zip(t["somatic_change_se"].Chunk(Synapses / 5), (c, e) => c.Sum() / Math.Sqrt(e.Sum(v => v * v))),
        ];
    }

    private static double MeanMiss(FigureData data) =>
        data["switches"]["switch"].Zip(data["switches"]["expected_switch"], (found, expected) => (found - expected) / expected).Average();

    private static void DrawRates(FigurePanel panel, FigureData data)
    {
        FigureTable t = Profile(data, TeacherLength);
        panel.Label("distance from the soma (µm)", "rate (Hz)");
        panel.Line(t["distance"], t["teacher_rate_there"], OkabeIto.Vermilion, "teacher, attenuated");
        panel.Line(t["distance"], t["own_rate"], OkabeIto.Black, "neuron's own");
        panel.Notes.Add($"λ_t = {TeacherLength} µm");
        panel.Plot.Axes.SetLimits(0, Distance.Farthest, 0, 1.08 * TeacherRate);
    }

    private static void DrawProfiles(FigurePanel panel, FigureData data)
    {
        panel.Label("distance from the soma (µm)", "change of somatic weight");
        panel.Line([0, Distance.Farthest], [0, 0], panel.Style.Quiet, width: panel.Style.ThinWidth);
        double[] lengths = [.. TeacherLengths, Unattenuated];
        for (int k = 0; k < lengths.Length; k++)
        {
            FigureTable t = Profile(data, lengths[k]);
            panel.Line(t["distance"], t["somatic_change"], Color(k), width: panel.Style.ThinWidth);
            panel.Markers(t["distance"], t["somatic_change"], Color(k), double.IsFinite(lengths[k]) ? $"λ_t = {lengths[k]} µm" : "not attenuated", size: 3.5f);
        }

        double[] all = data["profiles"]["somatic_change"];
        double margin = 0.08 * (all.Max() - all.Min());
        panel.Plot.Axes.SetLimits(0, Distance.Farthest, all.Min() - margin, all.Max() + margin);

        static ScottPlot.Color Color(int k) => k == TeacherLengths.Length ? OkabeIto.Black : OkabeIto.Series[k];
    }

    private static void DrawSwitches(FigurePanel panel, FigureData data)
    {
        FigureTable t = data["switches"];
        double top = 1.15 * Math.Max(t["switch"].Max(), t["expected_switch"].Max());
        panel.Label("λ_t ln(teacher/own rate) (µm)", "switch found (µm)");
        panel.Line([0, top], [0, top], panel.Style.Quiet, "equal", LegendSymbol.Dashed, panel.Style.ThinWidth);
        foreach ((double length, int k) in t["teacher_length"].Distinct().Select((l, k) => (l, k)))
        {
            FigureTable part = t.Where("teacher_length", l => l == length);
            panel.Markers(part["expected_switch"], part["switch"], OkabeIto.Series[k], $"λ_t = {length} µm");
        }

        panel.Notes.Add($"teachers of {string.Join(", ", Teachers)} Hz");
        panel.Plot.Axes.SetLimits(0, top, 0, top);
    }

    /// <summary>
    /// The natural rule with coefficients kept, under which the spikes of the teacher arrive at synapse i with the share aᵢ: its error is
    /// aᵢ Y* − φ(V) dt.
    /// </summary>
    private sealed record DistantTeacherPlasticity(NaturalForm Form, ThreeTermCoefficients Coefficients, double[] Shares) : PlasticityRule
    {
        public override void Change(in SynapticState state, Span<double> change)
        {
            // The score is linear in Y*: that of no spike, and what the spikes add.
            double silent = Transfer.Score(state.Potential, 0, TimeStep), spikes = state.Score - silent;
            (double u, double m) = Coefficients.Shared(TensorPrimitives.Sum(state.Usp), state.Potential);
            double rate = LearningRate * Coefficients.Scale;
            for (int i = 0; i < change.Length; i++)
            {
                double term = (Form.Gains[i] * state.Usp[i]) - u + (m * state.Somatic[i]);
                change[i] = rate * (silent + (Shares[i] * spikes)) * term / state.Slope[i];
            }
        }
    }
}
