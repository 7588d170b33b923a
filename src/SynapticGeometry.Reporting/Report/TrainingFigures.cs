using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>The figure of networks trained under several potentials.</summary>
public static class TrainingFigures
{
    /// <summary>Δ-CDF against the exponent assumed, a curve for each potential, and the exponents told from the weights beside the true ones.</summary>
    /// <param name="outcome">What was trained.</param>
    public static IReadOnlyList<ReportFigure> Draw(TrainingOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        FigureSheet sheet = new(FigureStyle.TwoColumns, 72, 1, 2);
        FigurePanel curves = sheet.Panel(0, 0), estimates = sheet.Panel(0, 1);
        curves.Label("exponent assumed, p − 1", "Δ-CDF");
        estimates.Label("exponent trained under", "exponent told from the weights");
        double most = 0, low = -0.2, high = 1.2;
        List<double> told = [];
        for (int k = 0; k < outcome.Potentials.Count; k++)
        {
            Potential potential = outcome.Potentials[k];
            Color color = OkabeIto.Series[k % OkabeIto.Series.Count];
            TrainedNetwork[] networks = [.. outcome.Of(potential).Where(n => n.Inference is not null)];
            if (networks.Length == 0)
            {
                continue;
            }

            (double X, double[] Ys)[] curve = Curve(networks, n => n.Layers?.DeltaCdfCurve ?? n.DeltaCdfCurve);
            double[] x = [.. curve.Select(c => c.X)];
            curves.Band(x, [.. curve.Select(c => c.Ys.Min())], [.. curve.Select(c => c.Ys.Max())], color.WithAlpha(0.18));
            curves.Line(x, [.. curve.Select(c => c.Ys.Average())], color, potential.Name);
            if (outcome.ByLayer)
            {
                (double X, double[] Ys)[] together = Curve(networks, n => n.DeltaCdfCurve);
                curves.Line([.. together.Select(c => c.X)], [.. together.Select(c => c.Ys.Average())], color, width: curves.Style.ThinWidth);
                most = Math.Max(most, together.Max(c => c.Ys.Average()));
            }

            // The candidates themselves, whose least decides.
            (double X, double[] Ys)[] candidates = Curve(networks, Scored);
            curves.Markers([.. candidates.Select(c => c.X)], [.. candidates.Select(c => c.Ys.Average())], color, size: 3);
            most = Math.Max(most, curve.Concat(candidates).SelectMany(c => c.Ys).DefaultIfEmpty(0).Max());
            (low, high) = (Math.Min(low, x[0]), Math.Max(high, x[^1]));
            if (potential.Exponent is { } truth)
            {
                curves.Line([truth, truth], [0, 10], color, pattern: LegendSymbol.Dotted, width: curves.Style.ThinWidth * 1.4f);
                estimates.Line([truth - 0.2, truth + 0.2], [truth, truth], estimates.Style.Quiet, told.Count == 0 ? "as trained" : null, LegendSymbol.Dashed, estimates.Style.ThinWidth * 1.4f);
                double[] values = [.. networks.Select(n => n.Told!.Value.Estimate)];
                for (int j = 0; j < networks.Length; j++)
                {
                    // Side by side, so that intervals do not hide one another.
                    double place = truth + (networks.Length == 1 ? 0 : 0.16 * ((j / (networks.Length - 1.0)) - 0.5));
                    Interval interval = networks[j].Told!.Value.Interval;
                    estimates.Line([place, place], [interval.Low, interval.High], color, width: estimates.Style.ThinWidth * 1.4f);
                    estimates.Markers([place], [values[j]], color, j == 0 ? potential.Name : null, size: 3.5f);
                    told.AddRange([interval.Low, interval.High, values[j], truth]);
                }
            }
        }

        curves.Plot.Axes.SetLimits(low, high, 0, most > 0 ? 1.05 * most : 1);
        if (told.Count > 0)
        {
            (double bottom, double top) = AxisRange.Around(told);
            double[] truths = [.. outcome.Potentials.Select(p => p.Exponent).OfType<double>()];
            (double left, double right) = (truths.Min() - 0.3, truths.Max() + 0.3);
            estimates.Plot.Axes.SetLimits(left, right, Math.Min(bottom, left), Math.Max(top, right));
        }

        int without = outcome.Networks.Count(n => n.Inference is null);
        return
        [
            new ReportFigure(
                "training",
                "The geometry of training, told from the weights before and after",
                "A: distance of the dual changes from a Gaussian under assumed exponents (0: negative entropy, 1: 2-norm, 2: 3-norm)"
                + (outcome.ByLayer ? ", layer by layer, the mean over layers; thin: all weights together, which are a mixture of layers that change on different scales." : ".")
                + " Lines are means over networks, bands reach from least to greatest, markers are the candidates, dotted lines stand at the exponents of training. B: the exponent estimated from each network's weights"
                + (outcome.ByLayer ? ", the median over layers," : string.Empty) + " with its 95 % interval."
                + (without > 0 ? $" {Numbers.Count(without, "network is", "networks are")} not drawn: too few of their weights changed." : string.Empty),
                sheet),
        ];
    }

    // At each exponent at which every network has a value, the values of all.
    private static (double X, double[] Ys)[] Curve(TrainedNetwork[] networks, Func<InferenceResult, IEnumerable<(double Exponent, double DeltaCdf, double Centred)>> of) =>
    [
        .. networks.SelectMany(n => of(n.Inference!)).Where(c => double.IsFinite(c.DeltaCdf)).GroupBy(c => c.Exponent).Where(g => g.Count() == networks.Length).OrderBy(g => g.Key)
            .Select(g => (g.Key, g.Select(c => c.DeltaCdf).ToArray())),
    ];

    private static IEnumerable<(double Exponent, double DeltaCdf, double Centred)> Scored(InferenceResult result) => result.Layers is { } layers
        ? layers.Candidates.Where(c => c.Exponent is not null).Select(c => (c.Exponent!.Value, c.DeltaCdf, c.DeltaCdfCentred))
        : result.Candidates.Where(c => c.Exponent is not null).Select(c => (c.Exponent!.Value, c.DeltaCdf, c.DeltaCdfCentred));
}
