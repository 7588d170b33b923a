using System.Globalization;
using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>The figures of a learning study.</summary>
public static class LearningFigures
{
    // What a distance of 0 is drawn as on a logarithmic axis: far below any that a study ends at.
    private const double Least = 1e-300;

    // Repetitions in a raster; histograms take all.
    private const int MostRows = 50;

    private static readonly Color Student = OkabeIto.Vermilion;
    private static readonly Color Teacher = OkabeIto.Blue;

    /// <summary>Draws those for which there are numbers.</summary>
    /// <param name="outcome">What was found.</param>
    public static IReadOnlyList<ReportFigure> Draw(LearningOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return
        [
            .. outcome.Result.Curve.Steps.Count > 1 ? new[] { LearningCurve(outcome) } : [],
            Responses(outcome),
            Weights(outcome),
            .. outcome.Result.Traces.Select(Trace),
        ];
    }

    /// <summary>Distance from the teacher over time, D_KL and difference of rates: mean and range over trials.</summary>
    /// <param name="outcome">What was found; its curve has at least two times.</param>
    public static ReportFigure LearningCurve(LearningOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        FigureSheet sheet = new(FigureStyle.TwoColumns, 75, 1, 2);
        LearningCurve curve = outcome.Result.Curve;
        double[] t = [.. curve.Steps.Select(s => s * curve.TimeStep)];
        FigurePanel divergence = sheet.Panel(0, 0), rate = sheet.Panel(0, 1);
        divergence.Label("time, s", "D_KL per time step, nats, log scale");
        divergence.Y.Scale = AxisScale.Log10;
        rate.Label("time, s", "difference of rates, root mean square, Hz");
        double[] mean = [.. curve.MeanDivergence.Select(Log)], rates = curve.MeanRateError;
        if (outcome.Trials > 1)
        {
            Color range = Student.WithAlpha(0.2);
            divergence.Band(t, [.. curve.Costs.Select(c => Log(c.Min(x => x.Divergence)))], [.. curve.Costs.Select(c => Log(c.Max(x => x.Divergence)))], range, "all trials");
            rate.Band(t, [.. curve.Costs.Select(c => c.Min(x => x.RateError))], [.. curve.Costs.Select(c => c.Max(x => x.RateError))], range, "all trials");
        }

        divergence.Line(t, mean, Student, outcome.Trials > 1 ? "mean" : outcome.Rule);
        rate.Line(t, rates, Student, outcome.Trials > 1 ? "mean" : outcome.Rule);
        double target = Log(outcome.Target);
        divergence.Line([t[0], t[^1]], [target, target], divergence.Style.Quiet, "target", LegendSymbol.Dashed, divergence.Style.ThinWidth);
        if (outcome.MeanTime is { } reached)
        {
            divergence.Markers([reached], [target], divergence.Style.Ink, $"reached at {Numbers.Significant(reached, 3)} s", open: true);
        }

        double low = Math.Min(target, mean.Min()) - 0.15, high = Math.Max(target, curve.Costs.Max(c => Log(c.Max(x => x.Divergence)))) + 0.15;
        divergence.Plot.Axes.SetLimits(t[0], t[^1], low, high);
        rate.Plot.Axes.SetLimits(t[0], t[^1], 0, 1.05 * Math.Max(1e-12, curve.Costs.Max(c => c.Max(x => x.RateError))));
        return new ReportFigure(
            "learning-curve",
            "Distance from the teacher over time",
            $"A: divergence of the student's spikes from the teacher's in one time step; B: root-mean-square difference of their rates. Each over {outcome.Result.Study.CostSamples} samples of the input in each of {outcome.Trials} trials"
            + (outcome.Trials > 1 ? "; lines are means over trials, bands the range of all." : ".")
            + (mean.Min() < low ? " Parts of the band lie below the axis." : string.Empty),
            sheet);
    }

    /// <summary>The first trial before and after learning, and its teacher: spikes, rates in bins and potential, for the same input.</summary>
    /// <param name="outcome">What was found.</param>
    public static ReportFigure Responses(LearningOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        FigureSheet sheet = new(FigureStyle.TwoColumns, 115, 3, 2) { Letters = true };
        FrozenResponse? teacher = outcome.Responses.Count > 2 ? outcome.Responses[2] : null;
        double? constant = (outcome.TeacherOf(0) as ConstantRate)?.Frequency;
        FrozenResponse[] students = [outcome.Responses[0], outcome.Responses[1]];
        double highest = outcome.Responses.Max(r => r.Histogram(LearningOutcome.BinWidth).Max());
        double low = outcome.Responses.Min(r => r.Potential.Min()), high = outcome.Responses.Max(r => r.Potential.Max());
        for (int column = 0; column < 2; column++)
        {
            FigurePanel raster = sheet.Panel(0, column), histogram = sheet.Panel(1, column), potential = sheet.Panel(2, column);
            FrozenResponse student = students[column];
            double length = student.Potential.Count * student.TimeStep * 1e3;
            raster.Heading = column == 0 ? "before learning" : "after learning";
            histogram.Label(string.Empty, "rate, Hz");
            potential.Label("time, ms", "potential, mV");

            // The teacher's repetitions above the student's.
            int repetitions = Math.Min(MostRows, student.Spikes.Count);
            Raster(raster, student, 0, Student);
            raster.Y.Label = $"{repetitions} repetitions{(teacher is null ? string.Empty : " each")}";
            raster.Y.Ticks = teacher is null ? [new AxisTick(0.5 * repetitions, "student")] : [new AxisTick(0.5 * repetitions, "student"), new AxisTick(1.5 * repetitions, "teacher")];
            if (teacher is not null)
            {
                Raster(raster, teacher, repetitions, Teacher);
            }

            Histogram(histogram, student, Student, "student");
            if (teacher is not null)
            {
                Histogram(histogram, teacher, Teacher, "teacher");
            }

            if (constant is { } hertz)
            {
                histogram.Line([0, length], [hertz, hertz], Teacher, "teacher");
            }

            double[] t = [.. Enumerable.Range(1, student.Potential.Count).Select(s => s * student.TimeStep * 1e3)];
            if (teacher is not null)
            {
                potential.Line(t, teacher.Potential, Teacher);
            }

            potential.Line(t, student.Potential, Student);
            raster.Plot.Axes.SetLimits(0, length, -1, (teacher is null ? 1 : 2) * repetitions);
            histogram.Plot.Axes.SetLimits(0, length, 0, 1.08 * Math.Max(Math.Max(highest, constant ?? 0), 1));
            double margin = Math.Max(0.5, 0.06 * (high - low));
            potential.Plot.Axes.SetLimits(0, length, low - margin, high + margin);
        }

        return new ReportFigure(
            "before-and-after",
            "The student before and after learning",
            $"The same input, which the first trial did not learn from, given {students[0].Spikes.Count} times. Top: output spikes of the first {Math.Min(MostRows, students[0].Spikes.Count)}"
            + (teacher is null ? string.Empty : ", the teacher's (blue) above the student's (vermilion)")
            + ". Middle: their rate in bins of 12.5 ms. Bottom: somatic potential above rest.",
            sheet);
    }

    /// <summary>The first trial's somatic weights before and after learning, against the teacher's where it has weights.</summary>
    /// <param name="outcome">What was found.</param>
    public static ReportFigure Weights(LearningOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        FigureSheet sheet = new(FigureStyle.OneColumn, 78);
        FigurePanel panel = sheet.Panel(0, 0);
        double[] before = outcome.Result.Snapshots[0][0].ToArray(), after = outcome.Result.Snapshots[^1][0].ToArray();
        IReadOnlyList<double>? goal = outcome.TargetWeights;
        double[] at = goal is null ? before : [.. goal];
        panel.Label(goal is null ? "weight before, n w" : "teacher's weight, n w", goal is null ? "weight after, n w" : "student's weight, n w");
        int n = outcome.Synapses;
        double[] x = [.. at.Select(w => n * w)];
        double[] all = [.. x, .. before.Select(w => n * w), .. after.Select(w => n * w)];
        double margin = Math.Max(1e-9, 0.05 * (all.Max() - all.Min())), low = all.Min() - margin, high = all.Max() + margin;
        panel.Line([low, high], [low, high], panel.Style.Quiet, "equal", LegendSymbol.Line, panel.Style.ThinWidth);
        if (goal is not null)
        {
            panel.Markers(x, [.. before.Select(w => n * w)], OkabeIto.SkyBlue, "before", open: true, size: 3.5f);
        }

        panel.Markers(x, [.. after.Select(w => n * w)], Student, "after", size: 3.5f);
        panel.Plot.Axes.SetLimits(low, high, low, high);
        return new ReportFigure(
            "weights",
            "Weights of the first trial",
            $"Every point is one of {n} synapses of the first trial: its somatic weight, in units of 1/n, {(goal is null ? "after learning against before." : "before and after learning against the teacher's.")}",
            sheet);
    }

    private static ReportFigure Trace(LearningTrace trace, int index)
    {
        bool terms = trace.Steps.All(s => s.Factors is not null);
        FigureSheet sheet = new(FigureStyle.TwoColumns, terms ? 115 : 80, terms ? 3 : 2);
        double[] t = [.. Enumerable.Range(1, trace.Steps.Count).Select(s => (trace.FirstStep + s) * trace.TimeStep)];
        FigurePanel input = sheet.Panel(0, 0), potential = sheet.Panel(1, 0);
        input.Label(string.Empty, "synapse");
        input.Markers([.. trace.Input.Select(i => t[i.Step])], [.. trace.Input.Select(i => (double)i.Synapse)], input.Style.Ink, size: 1.2f);
        potential.Label(terms ? string.Empty : "time, s", "potential, mV");
        double[] v = [.. trace.Steps.Select(s => s.Potential)];
        potential.Line(t, v, Student, "potential");
        double[] spikes = [.. t.Where((_, i) => trace.Steps[i].TeacherSpikes > 0)];
        potential.Markers(spikes, [.. spikes.Select(_ => v.Max())], Teacher, "teacher's spikes", size: 3);
        FigurePanel[] panels = [input, potential];
        if (terms)
        {
            FigurePanel factors = sheet.Panel(2, 0);
            factors.Label("time, s", "u, m, 1/mV");
            factors.Line(t, [.. trace.Steps.Select(s => s.Factors!.Value.Uniform)], OkabeIto.Green, "u, uniform");
            factors.Line(t, [.. trace.Steps.Select(s => s.Factors!.Value.WeightDependent)], OkabeIto.Purple, "m, weight-dependent");
            panels = [.. panels, factors];
        }

        foreach (FigurePanel panel in panels)
        {
            AxisLimits limits = panel.Plot.Axes.GetLimits();
            panel.Plot.Axes.SetLimits(t[0], t[^1], limits.Bottom, limits.Top);
        }

        return new ReportFigure(
            $"trace-{index}",
            string.Create(CultureInfo.InvariantCulture, $"The first trial step by step, {trace.FirstStep * trace.TimeStep:0.####} to {t[^1]:0.####} s"),
            "Top: input spikes. Middle: somatic potential, and the teacher's spikes as dots." + (terms ? " Bottom: the neuron-wide factors of the heterosynaptic terms in Δw = e (h x − u + m w)." : string.Empty),
            sheet);
    }

    private static void Raster(FigurePanel panel, FrozenResponse response, int from, Color color)
    {
        (int Row, int Step)[] spikes = [.. response.Spikes.Take(MostRows).SelectMany((s, r) => s.Select(step => (r, step)))];
        panel.Markers([.. spikes.Select(s => (s.Step + 0.5) * response.TimeStep * 1e3)], [.. spikes.Select(s => (double)(from + s.Row))], color, size: 1.6f);
    }

    private static void Histogram(FigurePanel panel, FrozenResponse response, Color color, string legend)
    {
        double[] rates = response.Histogram(LearningOutcome.BinWidth);
        double end = response.Potential.Count * response.TimeStep * 1e3, width = LearningOutcome.BinWidth * 1e3;
        panel.Steps([.. Enumerable.Range(0, rates.Length + 1).Select(i => Math.Min(end, i * width))], rates, color, filled: false, legend);
    }

    private static double Log(double value) => Math.Log10(Math.Max(Least, value));
}
