using System.Globalization;
using System.Numerics.Tensors;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Interpolation;
using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>
/// The figures of an inference: the change against the size, the profile likelihood, the drift, the dual changes under each candidate,
/// Delta-CDF, the weights, the groups; of sizes that were measured also the exponent against the error, under other assumptions and by
/// the interval between sessions.
/// </summary>
/// <remarks>Each walks over the synapses at most twice and keeps no copy of them: ten million are drawn in about a second.</remarks>
public static class InferenceFigures
{
    // More points than this cover one another: a density says more.
    private const int PointsDrawn = 5000;

    // Quantiles of so many synapses are known to a fraction of a line's width.
    private const int SampleSize = 20_000;

    // Synapses worked on at a time, few enough for the cache.
    private const int Block = 4096;

    private const double Log10E = 0.43429448190325182765;

    // Median of |z| of a standard normal z.
    private const double MedianOfNormal = 0.67448975019608174320;

    private static readonly Color BeforeColor = OkabeIto.Blue, AfterColor = OkabeIto.Vermilion;

    /// <summary>Draws all that the result has something for, in the order of the report.</summary>
    /// <param name="result">What the inference found.</param>
    /// <param name="weightsUnit">Unit of the weights, such as "µm³"; null where it is not known.</param>
    public static IReadOnlyList<ReportFigure> Draw(InferenceResult result, string? weightsUnit = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        ReportFigure?[] all =
        [
            ErrorCurveFigure.Draw(result),
            SizeDependence(result, weightsUnit),
            ProfileLikelihood(result),
            DriftFigure.Draw(result, Unit(weightsUnit)),
            DualChanges(result),
            DeltaCdf(result),
            Weights(result, weightsUnit),
            Groups(result),
            SensitivityFigure.Draw(result),
            IntervalFigure.Draw(result),
        ];
        return [.. all.OfType<ReportFigure>()];
    }

    /// <summary>The forest plot: the exponent of every group, their mean and prediction interval; null with fewer than two estimates.</summary>
    /// <param name="result">What the inference found.</param>
    public static ReportFigure? Groups(InferenceResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return ForestPlot.Draw(result);
    }

    /// <summary>Histograms of the weights before and after, on a linear and on a logarithmic axis; negative weights apart.</summary>
    /// <param name="result">What the inference found.</param>
    /// <param name="weightsUnit">Unit of the weights; null where it is not known.</param>
    public static ReportFigure Weights(InferenceResult result, string? weightsUnit = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        PairedWeights data = result.Data;
        string unit = Unit(weightsUnit);
        int bins = Math.Clamp((int)Math.Ceiling(2 * Math.Cbrt(data.Count)), 6, 60);

        (double[] before, double[] after) = Sample(data);
        double[] all = [.. before, .. after];
        Array.Sort(all);
        (bool positive, bool negative) = (all.Any(w => w > 0), all.Any(w => w < 0));
        double high = positive ? (negative ? Quantile(all, 0.9975) : Quantile(all, 0.995)) : 0;
        double low = negative ? (positive ? Quantile(all, 0.0025) : Quantile(all, 0.005)) : 0;
        (low, high) = Widen(low, high);

        double[] sizes = [.. all.Select(Math.Abs).Where(w => w > 0 && double.IsFinite(w)).Select(Math.Log10)];
        (double logLow, double logHigh) = sizes.Length == 0 ? (-1, 1) : Widen(sizes.Min(), sizes.Max());

        Counter linearBefore = new(low, high, bins), linearAfter = new(low, high, bins);
        Counter[] logBefore = [new(logLow, logHigh, bins), new(logLow, logHigh, bins)];
        Counter[] logAfter = [new(logLow, logHigh, bins), new(logLow, logHigh, bins)];
        bool signs = data.Counts.Negative > 0 || data.Counts.SignFlips > 0;
        double[] sizeBefore = new double[Block], sizeAfter = new double[Block], logs = new double[Block];
        for (int start = 0; start < data.Count; start += Block)
        {
            int length = Math.Min(Block, data.Count - start);
            Span<double> w0 = sizeBefore.AsSpan(0, length), w1 = sizeAfter.AsSpan(0, length), u1 = logs.AsSpan(0, length);
            ReadOnlySpan<double> u0 = data.LogSize.Slice(start, length);
            TensorPrimitives.Add(u0, data.LogChange.Slice(start, length), u1);
            TensorPrimitives.Add(u0, data.LogGeometricMean, w0);
            TensorPrimitives.Exp<double>(w0, w0);
            TensorPrimitives.Add(u1, data.LogGeometricMean, w1);
            TensorPrimitives.Exp<double>(w1, w1);
            for (int i = 0; i < length; i++)
            {
                bool below0 = signs && data.Before(start + i) < 0, below1 = signs && data.After(start + i) < 0;
                linearBefore.Add(below0 ? -w0[i] : w0[i]);
                linearAfter.Add(below1 ? -w1[i] : w1[i]);
                logBefore[below0 ? 1 : 0].Add(Log10E * (u0[i] + data.LogGeometricMean));
                logAfter[below1 ? 1 : 0].Add(Log10E * (u1[i] + data.LogGeometricMean));
            }
        }

        bool apart = positive && negative;
        FigureSheet sheet = new(FigureStyle.TwoColumns, 62, 1, apart ? 3 : 2);
        FigurePanel linear = sheet.Panel(0, 0);
        Pair(linear, linearBefore, linearAfter, data.Count);
        linear.Heading = apart ? "all weights" : null;
        linear.Label($"weight ({unit})", "share of synapses per bin");
        linear.Plot.Axes.SetLimitsX(low, high);
        int column = 1;
        foreach (int sign in apart ? [1, 0] : positive ? new[] { 0 } : [1])
        {
            FigurePanel panel = sheet.Panel(0, column++);
            Pair(panel, logBefore[sign], logAfter[sign], data.Count);
            panel.Heading = apart ? (sign == 1 ? "negative weights" : "positive weights") : null;
            panel.Label($"{(negative ? "size of weight" : "weight")} ({unit}), log scale", string.Empty);
            panel.X.Scale = AxisScale.Log10;
            panel.Plot.Axes.SetLimitsX(logLow, logHigh);
        }

        string panels = apart
            ? "A, all weights on a linear axis; B, the size of the negative and C, the positive weights on a logarithmic axis"
            : $"A, on a linear axis; B, {(negative ? "their size " : string.Empty)}on a logarithmic axis";
        long outside = linearBefore.Outside + linearAfter.Outside;
        string left = outside == 0
            ? string.Empty
            : $" The linear axis ends where {Numbers.Percent((double)outside / (2.0 * data.Count))} of the weights lie beyond it.";
        return new ReportFigure(
            "weights",
            "Weights before and after",
            $"Weights of {Numbers.Count(data.Count, "synapse", "synapses")} before (filled) and after (outline): {panels}.{left}",
            sheet);
    }

    /// <summary>
    /// The size of the relative change against the size of the synapse, both logarithmic: under a geometry of exponent λ a
    /// straight line of slope −λ.
    /// </summary>
    /// <param name="result">What the inference found.</param>
    /// <param name="weightsUnit">Unit of the weights; null where it is not known.</param>
    public static ReportFigure SizeDependence(InferenceResult result, string? weightsUnit = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        PairedWeights data = result.Data;
        bool flips = data.Counts.SignFlips > 0;
        double median = MedianChange(data, flips);
        double shift = data.LogGeometricMean;

        // The sample: every synapse where there are few, evenly spaced ones otherwise.
        List<(double X, double Y)> sample = [];
        foreach (int i in Spaced(data.Count, SampleSize))
        {
            if (Place(data, i, median, shift, flips) is { } at)
            {
                sample.Add(at);
            }
        }

        FigureSheet sheet = new(FigureStyle.OneColumn, 82);
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label($"weight before ({Unit(weightsUnit)}), log scale", "|ln(after / before) − median|, log scale");
        panel.X.Scale = AxisScale.Log10;
        panel.Y.Scale = AxisScale.Log10;
        if (data.Counts.Negative > 0)
        {
            panel.X.Label = $"size of weight before ({Unit(weightsUnit)}), log scale";
        }

        ExponentEstimate exponent = result.Exponent;
        int decimals = Numbers.Decimals(exponent.RobustStandardError);
        string title = "Size of the change against size of the synapse";
        if (sample.Count == 0)
        {
            panel.Notes.Add("No synapse changed by another factor than the median one.");
            panel.Plot.Axes.SetLimits(-1, 1, -1, 1);
            return new ReportFigure("size-dependence", title, "No synapse changed by another factor than the median one: nothing to draw.", sheet);
        }

        double[] xs = [.. sample.Select(s => s.X).Order()], ys = [.. sample.Select(s => s.Y).Order()];
        (double left, double right) = Pad(xs[0], xs[^1], 0.04);
        (double bottom, double top) = Pad(ys.Length >= 200 ? Quantile(ys, 0.01) : ys[0], ys[^1], 0.04);

        long drawn, below = 0;
        string shown;
        if (data.Count <= PointsDrawn)
        {
            drawn = sample.Count;
            below = sample.Count(s => s.Y < bottom);
            double[] px = [.. sample.Where(s => s.Y >= bottom).Select(s => s.X)], py = [.. sample.Where(s => s.Y >= bottom).Select(s => s.Y)];
            float diameter = px.Length > 1000 ? 1.6f : px.Length > 200 ? 2.2f : 3f;
            panel.Plot.Add.Plottable(new PointCloud(px, py, OkabeIto.SkyBlue.WithAlpha(px.Length > 200 ? 0.55 : 0.8), diameter));
            panel.Legend.Add(new LegendEntry("synapse", OkabeIto.SkyBlue, LegendSymbol.Marker));
            shown = "Each point is a synapse.";
        }
        else
        {
            (drawn, below) = Density(panel, data, median, shift, flips, left, right, bottom, top);
            shown = "The darker, the more synapses (logarithmic shade).";
        }

        // The line that a slope of −λ gives through the middle of the data, in the sense of medians.
        double middle = Quantile(xs, 0.5);
        double Level(double slope)
        {
            double[] over = [.. sample.Select(s => s.Y - (slope * (s.X - middle))).Order()];
            return Quantile(over, 0.5);
        }

        // Sizes measured with error change by more than plasticity: then the level is that of the fit, c at the geometric mean.
        MeasurementError error = result.Measurement?.Error ?? MeasurementError.None;
        if (!error.IsNone)
        {
            middle = Math.Log10(result.TypicalSize);
        }

        double pivot = error.IsNone ? Level(-exponent.Estimate) : Math.Log10(MedianOfNormal * result.TypicalChange);
        double[] ends = [left, right];
        double[] Through(double slope) => [.. ends.Select(x => pivot + (slope * (x - middle)))];
        panel.Line(ends, Through(0), panel.Style.Ink, "λ = 0", LegendSymbol.Dashed, panel.Style.ThinWidth * 1.4f);
        panel.Line(ends, Through(-1), panel.Style.Ink, "λ = 1", LegendSymbol.Dotted, panel.Style.ThinWidth * 1.4f);

        (double[] medianX, double[] medianY) = RunningMedian(sample);
        if (medianX.Length > 1)
        {
            panel.Line(medianX, medianY, OkabeIto.Black, "running median");
            panel.Markers(medianX, medianY, OkabeIto.Black, size: 3);
        }

        Interval robust = exponent.RobustInterval;
        double steep = double.IsFinite(robust.High) ? robust.High : exponent.Estimate + 10, flat = double.IsFinite(robust.Low) ? robust.Low : exponent.Estimate - 10;
        double[] around = [left, middle, right];
        double[] lower = [.. around.Select(x => pivot + Math.Min(-steep * (x - middle), -flat * (x - middle)))];
        double[] upper = [.. around.Select(x => pivot + Math.Max(-steep * (x - middle), -flat * (x - middle)))];
        panel.Band(around, [.. lower.Select(y => Math.Max(y, bottom - 10))], [.. upper.Select(y => Math.Min(y, top + 10))], AfterColor.WithAlpha(0.25));
        panel.Line(ends, Through(-exponent.Estimate), AfterColor, $"slope −λ̂, λ̂ = {Numbers.Fixed(exponent.Estimate, decimals)}");
        if (!error.IsNone)
        {
            double[] along = [.. Enumerable.Range(0, 101).Select(i => left + ((right - left) * i / 100))];
            double[] variance = [.. along.Select(x => 2 * error.Variance(x / Log10E))];
            double[] both = [.. along.Zip(variance, (x, v) => Math.Log10(Math.Sqrt(v + Math.Pow(result.TypicalChange, 2) * Math.Pow(10, -2 * exponent.Estimate * (x - middle))) * MedianOfNormal))];
            panel.Line(along, [.. variance.Select(v => Math.Log10(MedianOfNormal * Math.Sqrt(v)))], OkabeIto.Green, "error alone", LegendSymbol.Dotted);
            panel.Line(along, both, OkabeIto.Green, "plasticity and error", LegendSymbol.Dashed);
        }

        panel.Plot.Axes.SetLimits(left, right, bottom, top);

        List<string> notDrawn = [];
        if (flips)
        {
            notDrawn.Add($"{Numbers.Count(data.Counts.SignFlips)} that changed sign");
        }

        if (data.Count - data.Counts.SignFlips - drawn is > 0 and var still)
        {
            notDrawn.Add($"{Numbers.Count(still)} that changed by exactly the median");
        }

        if (below > 0)
        {
            notDrawn.Add($"{Numbers.Count(below)} beyond the axes");
        }

        string missing = notDrawn.Count == 0 ? string.Empty : $" Not drawn: {string.Join(", ", notDrawn)}.";
        string level = error.IsNone
            ? "drawn through the median"
            : "at the level fitted to plasticity alone. Sizes and changes are drawn as measured, with their error, so this line is not a fit to the points: green, dotted, is what the error alone "
              + "would give (√2 times the error of one measurement) and, dashed, error and plasticity together, which is what the running median should follow (medians of normal changes)";
        string caption =
            $"Size of the relative change, |ln(after / before) − median|, against the weight before. {shown} Under a geometry of exponent λ "
            + $"the points scatter about a line of slope −λ: flat where changes are multiplicative (λ = 0, dashed), slope −1 where they are additive (λ = 1, dotted). "
            + $"Vermilion: the fitted exponent {Numbers.Fixed(exponent.Estimate, decimals)} with its robust 95 % interval, {level}; black: running median.{missing}";
        return new ReportFigure("size-dependence", title, caption, sheet);
    }

    /// <summary>Histograms of the standardised dual changes with the standard normal density, one panel a candidate.</summary>
    /// <param name="result">What the inference found.</param>
    public static ReportFigure DualChanges(InferenceResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        int count = Math.Max(1, result.Candidates.Count);
        int columns = count == 4 ? 2 : Math.Min(count, 3);
        int rows = (count + columns - 1) / columns;
        FigureSheet sheet = new(columns == 1 ? FigureStyle.OneColumn : FigureStyle.TwoColumns, Math.Min(6 + (rows * 50), 1000), rows, columns);
        double[] grid = [.. Enumerable.Range(0, 201).Select(i => -5 + (0.05 * i))];
        double[] normal = [.. grid.Select(z => Normal.PDF(0, 1, z))];
        long beyond = 0;
        for (int k = 0; k < result.Candidates.Count; k++)
        {
            CandidateResult candidate = result.Candidates[k];
            FigurePanel panel = sheet.Panel(k / columns, k % columns);
            panel.Heading = FigureText.Short(candidate.Geometry, 40);
            panel.Notes.Add($"Delta-CDF {Numbers.Significant(candidate.DeltaCdf, 2)}, AD {Numbers.PEquals(candidate.AndersonDarling.P)}");
            Histogram histogram = candidate.DualChanges;
            long total = histogram.Counts.Sum() + histogram.Below + histogram.Above;
            beyond = Math.Max(beyond, histogram.Below + histogram.Above);
            (double[] edges, double[] heights) = Merge(histogram, total);
            panel.Steps(edges, heights, OkabeIto.SkyBlue.WithAlpha(0.6), filled: true);
            panel.Steps(edges, heights, OkabeIto.Blue, filled: false);
            panel.Line(grid, normal, OkabeIto.Black, pattern: LegendSymbol.Dashed);
            panel.Label("dual change / SD", k % columns == 0 ? "density" : string.Empty);
            panel.Plot.Axes.SetLimits(
                histogram.Low, histogram.High, 0, 1.08 * Math.Max(0.4, heights.DefaultIfEmpty(0).Where(double.IsFinite).DefaultIfEmpty(0).Max()));
        }

        string left = beyond == 0 ? string.Empty : $" Up to {Numbers.Count(beyond)} changes in a panel lie beyond its axis.";
        string measured = result.Measurement is { Error.IsNone: false }
            ? " The changes and Delta-CDF are those of the sizes as measured, error included, and need not look normal even under the true geometry; the Anderson-Darling test is of the residuals of the likelihood that accounts for the error."
            : string.Empty;
        return new ReportFigure(
            "dual-changes",
            "Dual changes under each candidate geometry",
            "Change of the dual weights under each candidate, divided by its standard deviation and not centred (filled), with the standard normal density "
            + "(dashed). Under the geometry that produced the changes they look normal. Delta-CDF: distance of the two, as published. AD: "
            + $"Anderson-Darling test of the residuals, drift removed.{measured}{left}",
            sheet);
    }

    /// <summary>Delta-CDF, as published and centred, against the exponent, with the candidates marked.</summary>
    /// <param name="result">What the inference found.</param>
    public static ReportFigure DeltaCdf(InferenceResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        FigureSheet sheet = new(FigureStyle.OneColumn, 68);
        FigurePanel panel = sheet.Panel(0, 0);
        panel.Label("exponent λ", "Delta-CDF");
        LayerAnalysis? layers = result.Layers;
        (double Exponent, double DeltaCdf, double Centred)[] curve = [.. (layers?.DeltaCdfCurve ?? result.DeltaCdfCurve).OrderBy(c => c.Exponent)];
        (double Exponent, double DeltaCdf, double Centred)[] together = layers is null ? [] : [.. result.DeltaCdfCurve.OrderBy(c => c.Exponent)];
        double[] xs = [.. curve.Select(c => c.Exponent)];
        CandidateResult[] onCurve = [.. result.Candidates.Where(c => c.Exponent is not null && double.IsFinite(c.DeltaCdf))];
        (double Exponent, double DeltaCdf, double Centred)[] scored = layers is null
            ? [.. onCurve.Select(c => (c.Exponent!.Value, c.DeltaCdf, c.DeltaCdfCentred))]
            : [.. layers.Candidates.Where(c => c.Exponent is not null && double.IsFinite(c.DeltaCdf)).Select(c => (c.Exponent!.Value, c.DeltaCdf, c.DeltaCdfCentred))];
        double floor = layers is null
            ? 0.83 / Math.Sqrt(Math.Max(1, result.Data.Count))
            : result.Groups.Where(g => g.Estimate is not null).Sum(g => 0.83 * Math.Sqrt(g.Synapses)) / layers.Weights;

        double[] heights = [.. curve.Concat(scored).SelectMany(c => new[] { c.DeltaCdf, c.Centred }).Concat(together.Select(c => c.DeltaCdf)).Where(double.IsFinite).Append(floor)];
        (double left, double right) = Range(xs.Concat(onCurve.Select(c => c.Exponent!.Value)), 0.03);
        panel.Plot.Axes.SetLimits(left, right, 0, 1.06 * heights.Max());
        panel.Line(xs, [.. curve.Select(c => c.DeltaCdf)], OkabeIto.Blue, layers is null ? "as published" : "layer by layer");
        panel.Line(xs, [.. curve.Select(c => c.Centred)], OkabeIto.Vermilion, "centred", LegendSymbol.Dashed);
        panel.Line([left, right], [floor, floor], panel.Style.Quiet, "centred, mean if normal", LegendSymbol.Dotted, panel.Style.ThinWidth * 1.4f);
        if (together.Length > 0)
        {
            panel.Line([.. together.Select(c => c.Exponent)], [.. together.Select(c => c.DeltaCdf)], OkabeIto.SkyBlue, "all together, as published", LegendSymbol.Dotted);
        }

        double[] at = [.. scored.Select(c => c.Exponent)];
        panel.Markers(at, [.. scored.Select(c => c.DeltaCdf)], OkabeIto.Blue);
        panel.Markers(at, [.. scored.Select(c => c.Centred)], OkabeIto.Vermilion, open: true);
        panel.Top = PAxis(onCurve, left, right);

        IEnumerable<(string Geometry, double DeltaCdf, double Centred)> beside = layers is null
            ? result.Candidates.Where(c => c.Exponent is null).Select(c => (c.Geometry, c.DeltaCdf, c.DeltaCdfCentred))
            : layers.Candidates.Where(c => c.Exponent is null).Select(c => (c.Geometry, c.DeltaCdf, c.DeltaCdfCentred));
        string others = string.Join(", ", beside.Select(c => $"{FigureText.Short(c.Geometry, 40)} {Numbers.Significant(c.DeltaCdf, 2)} (centred {Numbers.Significant(c.Centred, 2)})"));
        string outside = others.Length == 0 ? string.Empty : $" Candidates outside the power family: {others}.";
        return new ReportFigure(
            "delta-cdf",
            "Delta-CDF against the exponent of the geometry",
            $"Distance of the standardised dual changes from the standard normal distribution (Delta-CDF) for every exponent λ, {(layers is null ? "as published" : "not centred")} "
            + "(solid, filled circles) and with the changes centred first (dashed, open circles); circles mark the candidates. "
            + (layers is null ? string.Empty : $"Means over {layers.Median.Groups} layers, weighted by their numbers of weights; pale and dotted: all weights together, as published. ")
            + $"p = 1 is negative entropy, p = 2 the Euclidean geometry. Dotted: the mean of the centred statistic if the changes were exactly normal, 0.83/√n.{outside} Delta-CDF is shown for comparison with the "
            + $"published analysis; the exponent is estimated by likelihood.{(result.Measurement is { Error.IsNone: false } ? " It is that of the sizes as measured, error included." : string.Empty)}",
            sheet);
    }

    /// <summary>The profile log-likelihood of the exponent with its 95 % threshold and the intervals.</summary>
    /// <param name="result">What the inference found.</param>
    public static ReportFigure ProfileLikelihood(InferenceResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        const double Threshold = -1.9207;
        ExponentEstimate exponent = result.Exponent;
        (double X, double Y)[] profile =
            [.. result.Profile.Where(p => double.IsFinite(p.LogLikelihood)).Select(p => (p.Exponent, p.LogLikelihood)).OrderBy(p => p.Exponent)];

        // Where the likelihood is costly only the candidates are known far from the maximum: no line belongs between them.
        HashSet<double?> fixedExponents = [.. result.Candidates.Select(c => c.Exponent)];
        double[] free = [.. profile.Select(p => p.X).Where(x => !fixedExponents.Contains(x))];
        profile = free.Length < 2 ? profile : [.. profile.Where(p => p.X >= free[0] && p.X <= free[^1])];
        (double X, double Y)[] candidates =
        [
            .. result.Candidates.Where(c => c.Exponent is not null && double.IsFinite(c.LogLikelihood))
                .Select(c => (c.Exponent!.Value, c.LogLikelihood - exponent.LogLikelihood)),
        ];

        FigureSheet sheet = new(FigureStyle.TwoColumns, 70, 1, 2);
        FigurePanel whole = sheet.Panel(0, 0);
        whole.Label("exponent λ", "L(λ) − L(λ̂)");
        (double left, double right) = Range(profile.Select(p => p.X).Concat(candidates.Select(c => c.X)).Append(exponent.Estimate), 0.03);
        double lowest = profile.Select(p => p.Y).Concat(candidates.Select(c => c.Y)).Append(-4).Min();
        whole.Plot.Axes.SetLimits(left, right, 1.06 * lowest, -0.06 * lowest);
        whole.Line([left, right], [Threshold, Threshold], whole.Style.Quiet, "95 % threshold", LegendSymbol.Dashed, whole.Style.ThinWidth * 1.4f);
        // The profile may have been computed near its maximum only; the candidates lie on it too.
        (double X, double Y)[] known = [.. profile.Concat(candidates).DistinctBy(p => p.X).OrderBy(p => p.X)];
        bool guided = profile.Length > 0 && known.Length >= 4 && (known[0].X < profile[0].X || known[^1].X > profile[^1].X);
        if (guided)
        {
            CubicSpline guide = CubicSpline.InterpolatePchipSorted([.. known.Select(p => p.X)], [.. known.Select(p => p.Y)]);
            double[] along = [.. Enumerable.Range(0, 201).Select(i => known[0].X + ((known[^1].X - known[0].X) * i / 200))];
            whole.Line(along, [.. along.Select(guide.Interpolate)], OkabeIto.Blue, pattern: LegendSymbol.Dotted);
        }

        whole.Line([.. profile.Select(p => p.X)], [.. profile.Select(p => p.Y)], OkabeIto.Blue, "profile likelihood");
        whole.Markers([.. candidates.Select(c => c.X)], [.. candidates.Select(c => c.Y)], OkabeIto.Black, "candidate");
        whole.Top = PAxis(result.Candidates, left, right);

        FigurePanel close = sheet.Panel(0, 1);
        List<(string Name, Interval Interval, Color Color)> intervals =
        [
            ("likelihood interval", exponent.LikelihoodInterval, OkabeIto.Blue),
            ("robust interval", exponent.RobustInterval, OkabeIto.Vermilion),
        ];
        if (exponent.BootstrapInterval is { } bootstrap)
        {
            intervals.Add(("bootstrap interval", bootstrap, OkabeIto.Green));
        }

        close.Label("exponent λ", "L(λ) − L(λ̂)");
        double[] ends = [.. intervals.SelectMany(i => new[] { i.Interval.Low, i.Interval.High }).Where(double.IsFinite).Append(exponent.Estimate)];
        double reach = ends.Max(e => Math.Abs(e - exponent.Estimate));
        if (intervals.Exists(i => !double.IsFinite(i.Interval.Low) || !double.IsFinite(i.Interval.High)) || reach == 0)
        {
            reach = Math.Max(reach, Math.Max(right - exponent.Estimate, exponent.Estimate - left));
        }

        reach = Math.Max(1.35 * reach, 1e-6);
        double from = exponent.Estimate - reach, to = exponent.Estimate + reach;
        close.Plot.Axes.SetLimits(from, to, -6, 0.9 + (0.8 * intervals.Count));
        close.Y.Ticks = [.. new[] { -6, -4, -2, 0 }.Select(y => new AxisTick(y, AxisTicks.Label(y)))];
        close.Line([from, to], [Threshold, Threshold], close.Style.Quiet, "95 % threshold", LegendSymbol.Dashed, close.Style.ThinWidth * 1.4f);
        bool quadratic = profile.Count(p => p.X >= from && p.X <= to) < 5 && double.IsFinite(exponent.StandardError) && exponent.StandardError > 0;
        double[] grid = [.. Enumerable.Range(0, 161).Select(i => from + ((to - from) * i / 160))];
        if (quadratic)
        {
            close.Line(grid, [.. grid.Select(x => -0.5 * Math.Pow((x - exponent.Estimate) / exponent.StandardError, 2))], OkabeIto.Blue);
        }
        else if (profile.Length >= 3)
        {
            // The profile is smooth and may be coarse here: a spline through its points.
            CubicSpline spline = CubicSpline.InterpolateNaturalSorted([.. profile.Select(p => p.X)], [.. profile.Select(p => p.Y)]);
            double[] inside = [.. grid.Where(x => x >= profile[0].X && x <= profile[^1].X)];
            close.Line(inside, [.. inside.Select(spline.Interpolate)], OkabeIto.Blue);
        }

        close.Line([exponent.Estimate, exponent.Estimate], [-6, 0], close.Style.Quiet, "λ̂", LegendSymbol.Dotted, close.Style.ThinWidth * 1.4f);
        (double X, double Y)[] near = [.. candidates.Where(c => c.X >= from && c.X <= to && c.Y >= -6)];
        close.Markers([.. near.Select(c => c.X)], [.. near.Select(c => c.Y)], OkabeIto.Black);
        for (int k = 0; k < intervals.Count; k++)
        {
            (string name, Interval interval, Color color) = intervals[k];
            double y = 0.8 + (0.8 * k);
            close.Line([Math.Max(interval.Low, from), Math.Min(interval.High, to)], [y, y], color, name, width: 2.2f);
            foreach (double end in new[] { interval.Low, interval.High })
            {
                if (double.IsFinite(end))
                {
                    close.Line([end, end], [y - 0.22, y + 0.22], color);
                }
            }
        }

        int decimals = Numbers.Decimals(exponent.RobustStandardError);
        string approximated = quadratic ? " The curve in B is the quadratic approximation at the maximum." : string.Empty;
        string measured = result.Measurement is { Error.IsNone: false } m
            ? $" The likelihood is that of measured sizes with their error ({MeasurementWords.Method(m.Method)}), fitted anew at each of {Numbers.Count(profile.Length, "exponent", "exponents")}."
            : string.Empty;
        string joined = guided ? " Dotted in A: interpolated between the candidates." : string.Empty;
        string[] impossible = [.. result.Candidates.Where(c => double.IsNegativeInfinity(c.LogLikelihood)).Select(c => FigureText.Short(c.Geometry, 40))];
        string excluded = impossible.Length == 0
            ? string.Empty
            : $" Impossible with these data, because weights changed sign: {string.Join(", ", impossible)}.";
        string[] outside = [.. result.Candidates.Where(c => c.Exponent is null && double.IsFinite(c.LogLikelihood))
            .Select(c => $"{FigureText.Short(c.Geometry, 40)} ({Numbers.Fixed(c.LogLikelihood - exponent.LogLikelihood, 1)})")];
        string others = outside.Length == 0 ? string.Empty : $" Outside the power family, with their difference to L(λ̂): {string.Join(", ", outside)}.";
        string open = intervals.Exists(i => !double.IsFinite(i.Interval.Low) || !double.IsFinite(i.Interval.High))
            ? " A bar without an end mark is open on that side: the data do not bound the exponent there."
            : string.Empty;
        return new ReportFigure(
            "profile-likelihood",
            "Profile likelihood of the exponent",
            $"Profile log-likelihood of the exponent λ, less its maximum at λ̂ = {Numbers.Fixed(exponent.Estimate, decimals)}: A, over its range, with the "
            + $"candidates marked; B, near the maximum, with the 95 % intervals above. The dashed line at −1.92 bounds the 95 % likelihood interval.{measured}{joined}{open}{approximated}{excluded}{others}",
            sheet);
    }

    private static string Unit(string? unit) => string.IsNullOrWhiteSpace(unit) ? "unit of input" : FigureText.Short(unit, 30);

    private static FigureAxis PAxis(IEnumerable<CandidateResult> candidates, double left, double right) =>
        new() { Label = "p = λ + 1 of the candidates", Ticks = [.. PTicks(candidates, left, right)] };

    private static IEnumerable<AxisTick> PTicks(IEnumerable<CandidateResult> candidates, double left, double right)
    {
        // Labels closer than this would touch.
        double gap = (right - left) / 14, last = double.NegativeInfinity;
        foreach (double exponent in candidates.Select(c => c.Exponent).OfType<double>().Where(e => e >= left && e <= right).Distinct().Order())
        {
            yield return new AxisTick(exponent, exponent - last < gap ? string.Empty : (exponent + 1).ToString("0.##", CultureInfo.InvariantCulture).Replace('-', '−'));
            last = exponent - last < gap ? last : exponent;
        }
    }

    private static void Pair(FigurePanel panel, Counter before, Counter after, int total)
    {
        double[] heightsBefore = before.Shares(total), heightsAfter = after.Shares(total);
        panel.Steps(before.Edges(), heightsBefore, BeforeColor.WithAlpha(0.35), filled: true, legend: "before");
        panel.Steps(after.Edges(), heightsAfter, AfterColor, filled: false, legend: "after");
        double top = Math.Max(heightsBefore.Max(), heightsAfter.Max());
        panel.Plot.Axes.SetLimitsY(0, top > 0 ? 1.06 * top : 1);
    }

    private static (long Drawn, long Beyond) Density(
        FigurePanel panel, PairedWeights data, double median, double shift, bool flips, double left, double right, double bottom, double top)
    {
        const int Columns = 90, Rows = 70;
        double[,] cells = new double[Rows, Columns];
        long drawn = 0, beyond = 0;
        double perColumn = Columns / (right - left), perRow = Rows / (top - bottom);
        double[] changes = new double[Block];
        for (int start = 0; start < data.Count; start += Block)
        {
            int length = Math.Min(Block, data.Count - start);
            Span<double> y = changes.AsSpan(0, length);
            ReadOnlySpan<double> u = data.LogSize.Slice(start, length);
            TensorPrimitives.Subtract(data.LogChange.Slice(start, length), median, y);
            TensorPrimitives.Abs<double>(y, y);
            TensorPrimitives.Log10<double>(y, y);
            for (int i = 0; i < length; i++)
            {
                if (double.IsNegativeInfinity(y[i]) || (flips && Flipped(data, start + i)))
                {
                    continue;
                }

                drawn++;
                double column = ((Log10E * (u[i] + shift)) - left) * perColumn, row = (top - y[i]) * perRow;
                if (column >= 0 && column < Columns && row >= 0 && row < Rows)
                {
                    cells[(int)row, (int)column]++;
                }
                else
                {
                    beyond++;
                }
            }
        }

        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
            {
                cells[row, column] = cells[row, column] == 0 ? double.NaN : Math.Log(cells[row, column]);
            }
        }

        double most = cells.Cast<double>().Where(double.IsFinite).DefaultIfEmpty(1).Max();
        var map = panel.Plot.Add.Heatmap(cells);
        map.Colormap = new ScottPlot.Colormaps.CustomInterpolated([new Color(232, 243, 250), OkabeIto.SkyBlue, OkabeIto.Blue]);
        map.ManualRange = new ScottPlot.Range(0, Math.Max(most, 1));
        map.Position = new CoordinateRect(left, right, bottom, top);
        map.NaNCellColor = Colors.Transparent;
        return (drawn, beyond);
    }

    // log₁₀ of the size and of the change, or null where the pair has no place on a logarithmic axis.
    private static (double X, double Y)? Place(PairedWeights data, int i, double median, double shift, bool flips)
    {
        double change = Math.Abs(data.LogChange[i] - median);
        if (!(change > 0) || (flips && Flipped(data, i)))
        {
            return null;
        }

        return (Log10E * (data.LogSize[i] + shift), Math.Log10(change));
    }

    /// <summary>Whether a weight changed its sign.</summary>
    internal static bool Flipped(PairedWeights data, int i) => (data.Before(i) < 0) != (data.After(i) < 0);

    private static double MedianChange(PairedWeights data, bool flips)
    {
        List<double> changes = [];
        foreach (int i in Spaced(data.Count, 10 * SampleSize))
        {
            if (!flips || !Flipped(data, i))
            {
                changes.Add(data.LogChange[i]);
            }
        }

        changes.Sort();
        return changes.Count == 0 ? 0 : Quantile(changes, 0.5);
    }

    private static (double[] Before, double[] After) Sample(PairedWeights data)
    {
        int[] chosen = [.. Spaced(data.Count, SampleSize)];
        return ([.. chosen.Select(data.Before)], [.. chosen.Select(data.After)]);
    }

    /// <summary>All of 0 to count − 1, or so many of them evenly spaced.</summary>
    internal static IEnumerable<int> Spaced(int count, int most)
    {
        int taken = Math.Min(count, most);
        for (int k = 0; k < taken; k++)
        {
            yield return (int)((long)k * count / taken);
        }
    }

    private static (double[] X, double[] Y) RunningMedian(List<(double X, double Y)> sample)
    {
        int groups = Math.Min(14, sample.Count / 8);
        if (groups < 2)
        {
            return ([], []);
        }

        (double X, double Y)[] ordered = [.. sample.OrderBy(s => s.X).ThenBy(s => s.Y)];
        double[] xs = new double[groups], ys = new double[groups];
        for (int g = 0; g < groups; g++)
        {
            int from = (int)((long)g * ordered.Length / groups), to = (int)((long)(g + 1) * ordered.Length / groups);
            double[] gx = [.. ordered[from..to].Select(s => s.X)], gy = [.. ordered[from..to].Select(s => s.Y).Order()];
            xs[g] = Quantile(gx, 0.5);
            ys[g] = Quantile(gy, 0.5);
        }

        return (xs, ys);
    }

    // As few bins as the number of changes bears, by joining neighbours.
    private static (double[] Edges, double[] Heights) Merge(Histogram histogram, long total)
    {
        int bins = histogram.Counts.Count;
        double wanted = Math.Clamp(2.5 * Math.Cbrt(total), 10, 80);
        int factor = 1;
        for (int f = 1; f <= bins; f++)
        {
            if (bins % f == 0 && bins / f >= wanted)
            {
                factor = f;
            }
        }

        int merged = bins / factor;
        double width = (histogram.High - histogram.Low) / merged;
        double[] edges = [.. Enumerable.Range(0, merged + 1).Select(k => histogram.Low + (k * width))];
        double[] heights = new double[merged];
        for (int i = 0; i < bins; i++)
        {
            heights[i / factor] += histogram.Counts[i] / (Math.Max(1, total) * width);
        }

        return (edges, heights);
    }

    private static double Quantile(IReadOnlyList<double> sorted, double q)
    {
        double at = q * (sorted.Count - 1);
        int below = (int)at;
        return below + 1 < sorted.Count ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[^1];
    }

    private static (double Low, double High) Range(IEnumerable<double> values, double margin)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        return finite.Length == 0 ? (-1, 3) : Pad(finite.Min(), finite.Max(), margin);
    }

    private static (double Low, double High) Pad(double low, double high, double margin)
    {
        (low, high) = Widen(low, high);
        double pad = margin * (high - low);
        return (low - pad, high + pad);
    }

    // An axis needs some length even where all values are equal.
    private static (double Low, double High) Widen(double low, double high)
    {
        double least = 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high));
        if (high - low > least)
        {
            return (low, high);
        }

        double half = low == 0 ? 0.5 : Math.Min(0.5, 0.1 * Math.Abs(low));
        return (low - half, high + half);
    }

    private sealed class Counter(double low, double high, int bins)
    {
        private readonly long[] counts = new long[bins];
        private readonly double scale = bins / (high - low);

        public long Outside { get; private set; }

        public void Add(double value)
        {
            // The outermost values are the edges themselves, up to rounding.
            double place = (value - low) * scale;
            if (place >= -1e-6 && place <= counts.Length + 1e-6)
            {
                counts[Math.Clamp((int)place, 0, counts.Length - 1)]++;
            }
            else
            {
                Outside++;
            }
        }

        public double[] Edges() => [.. Enumerable.Range(0, bins + 1).Select(k => low + ((high - low) * k / bins))];

        public double[] Shares(long total) => [.. counts.Select(c => (double)c / Math.Max(1, total))];
    }
}
