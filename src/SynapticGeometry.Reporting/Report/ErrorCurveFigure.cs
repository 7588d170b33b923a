namespace SynapticGeometry.Reporting;

/// <summary>The exponent against the error of measurement: one answer for every error.</summary>
internal static class ErrorCurveFigure
{
    /// <summary>Name of the figure's files.</summary>
    public const string Name = "error-curve";

    /// <summary>The figure; null without a curve of at least two points.</summary>
    public static ReportFigure? Draw(InferenceResult result)
    {
        if (result.Measurement is not { Curve.Count: >= 2 } measurement)
        {
            return null;
        }

        ErrorCurvePoint[] curve = [.. measurement.Curve.OrderBy(p => p.Error)];
        double[] errors = [.. curve.Select(p => 100 * p.Error)], estimates = [.. curve.Select(p => p.Estimate)];
        bool known = measurement.Source != ErrorSource.Unknown && measurement.Error.Relative > 0;
        double used = 100 * measurement.Error.Relative, largest = 100 * measurement.LargestError;
        double right = 1.04 * new[] { errors[^1], largest, known ? used : 0 }.Max();
        (double bottom, double top) = ExponentAxis.Limits(estimates, curve.Select(p => (Interval?)p.Interval), []);

        FigureSheet sheet = new(FigureStyle.TwoColumns, 66, 1, 2);
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label("relative error of one measurement (%)", "exponent λ");
        panel.Plot.Axes.SetLimits(0, right, bottom, top);
        panel.Band(errors, [.. curve.Select(p => Math.Max(p.Interval.Low, bottom))], [.. curve.Select(p => Math.Min(p.Interval.High, top))], OkabeIto.SkyBlue.WithAlpha(0.35), "95 % robust interval");
        ExponentAxis.MarkVertical(panel, 0, right, bottom, top);
        panel.Line(errors, estimates, OkabeIto.Blue, "λ̂ if the error were this");
        panel.Markers(errors, estimates, OkabeIto.Blue, size: 3.5f);
        panel.Line([largest, largest], [bottom, top], OkabeIto.Vermilion, "all change is error", width: panel.Style.LineWidth);
        if (known)
        {
            panel.Line([used, used], [bottom, top], OkabeIto.Black, "error as used", LegendSymbol.Dotted);
            panel.Markers([used], [result.Exponent.Estimate], OkabeIto.Black);
        }

        FigurePanel left = sheet.Panel(0, 1);
        left.Label("relative error of one measurement (%)", "spread of change left as plasticity (%)");
        double[] change = [.. curve.Select(p => 100 * p.Change)];
        left.Plot.Axes.SetLimits(0, right, 0, 1.08 * change.Where(double.IsFinite).DefaultIfEmpty(1).Max());
        left.Line(errors, change, OkabeIto.Green, "c, for a synapse of middle size");
        left.Markers(errors, change, OkabeIto.Green, size: 3.5f);
        left.Line([largest, largest], [0, 1000], OkabeIto.Vermilion, width: left.Style.LineWidth);

        string answer = known
            ? $" Dotted, with the black point: the error used, {Numbers.Significant(used)} %, and the estimate under it."
            : " The error is not known, so that every point of the curve is an answer and none is the answer.";
        string cut = curve.Any(p => p.Interval.Low < bottom || p.Interval.High > top) ? " The band reaches beyond the frame of A where it touches it." : string.Empty;
        return new ReportFigure(
            Name,
            "The exponent against the error of measurement",
            $"A, the exponent estimated under each relative error of one measurement (standard deviation of the measured log size), at {curve.Length} errors, with the 95 % robust interval; "
            + $"dashed: multiplicative (0) and additive change (1). B, the spread of the relative change that is left as plasticity.{answer} "
            + $"Vermilion: at an error of {Numbers.Significant(largest)} % all observed change would be error. Large sets are thinned to 2,000 synapses for this curve, which widens its band.{cut}",
            sheet);
    }
}
