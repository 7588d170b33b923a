using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>What a report says of networks whose neurons are excitatory or inhibitory: whether they keep their signs, and whether sizes stay log-normal.</summary>
internal static class DaleReport
{
    private const int Bins = 40;

    /// <summary>A sentence a potential; none where there are no such networks.</summary>
    public static IEnumerable<string> Sentences(TrainingOutcome outcome)
    {
        foreach (Potential potential in outcome.Potentials)
        {
            DaleWeights[] all = Of(outcome, potential);
            if (all.Length == 0)
            {
                continue;
            }

            yield return $"{potential}: of {all.Sum(d => d.Weights)} weights of excitatory or inhibitory neurons {all.Sum(d => d.ViolationsBefore)} have the wrong sign before fine-tuning and {all.Sum(d => d.ViolationsAfter)} after. "
                + $"Distance of ln|w| from a normal distribution (Δ-CDF, centred; 0 for log-normal sizes): {Distances("excitatory", all, d => d.ExcitatoryBefore, d => d.ExcitatoryAfter)}; {Distances("inhibitory", all, d => d.InhibitoryBefore, d => d.InhibitoryAfter)}.";
        }
    }

    /// <summary>Histograms of ln|w| before and after, a column for each potential; none where there are no such networks.</summary>
    public static IEnumerable<ReportFigure> Figures(TrainingOutcome outcome)
    {
        (Potential Potential, DaleWeights[] Networks)[] all = [.. outcome.Potentials.Select(p => (p, Of(outcome, p))).Where(p => p.Item2.Length > 0)];
        if (all.Length == 0)
        {
            yield break;
        }

        FigureSheet sheet = new(FigureStyle.TwoColumns, 120, 2, all.Length);
        for (int column = 0; column < all.Length; column++)
        {
            (Potential potential, DaleWeights[] networks) = all[column];
            Color color = OkabeIto.Series[column % OkabeIto.Series.Count];
            Draw(sheet.Panel(0, column), $"{potential}, excitatory", color, [.. networks.SelectMany(d => d.ExcitatoryBefore)], [.. networks.SelectMany(d => d.ExcitatoryAfter)]);
            Draw(sheet.Panel(1, column), $"{potential}, inhibitory", color, [.. networks.SelectMany(d => d.InhibitoryBefore)], [.. networks.SelectMany(d => d.InhibitoryAfter)]);
        }

        yield return new ReportFigure(
            "dale",
            "Sizes of excitatory and inhibitory weights before and after",
            "Plastic weights of all networks, on a logarithmic axis: before fine-tuning (grey) and after it (outline); dotted, the normal density with the mean and the standard deviation of ln|w| after it, which log-normal sizes follow. Weights of the wrong sign and zeros are left out.",
            sheet);
    }

    private static DaleWeights[] Of(TrainingOutcome outcome, Potential potential) => [.. outcome.Of(potential).Select(n => n.Dale).OfType<DaleWeights>()];

    private static string Distances(string kind, DaleWeights[] all, Func<DaleWeights, IReadOnlyList<double>> before, Func<DaleWeights, IReadOnlyList<double>> after)
    {
        double[] from = [.. all.SelectMany(before)], to = [.. all.SelectMany(after)];
        return from.Length < 2 || to.Length < 2 ? $"too few {kind} weights" : $"{kind} {Distance(from)} before and {Distance(to)} after";
    }

    // Equal sizes have no distance from anything.
    private static string Distance(double[] logs) => logs.Max() > logs.Min() ? Numbers.Fixed(DeltaCdf.Statistic(logs, centred: true), 3) : Numbers.None;

    private static void Draw(FigurePanel panel, string heading, Color color, double[] before, double[] after)
    {
        panel.Heading = heading;
        panel.Label("ln|w|", "density");
        double[] both = [.. before, .. after];
        if (before.Length < 2 || after.Length < 2 || both.Max() == both.Min())
        {
            panel.Notes.Add("too few weights");
            return;
        }

        // Without the outermost, which would stretch the axis: one weight in a thousand on either side.
        Array.Sort(both);
        double low = both[both.Length / 1000], high = both[^(1 + (both.Length / 1000))];
        double[] edges = [.. Enumerable.Range(0, Bins + 1).Select(k => low + ((high - low) * k / Bins))];
        double[] first = Density(before, low, high), second = Density(after, low, high);
        double mean = after.Average(), deviation = Math.Sqrt(after.Average(v => (v - mean) * (v - mean)));
        double[] normal = [.. edges.Select(x => deviation > 0 ? NormalDistribution.Density((x - mean) / deviation) / deviation : 0)];
        panel.Steps(edges, first, panel.Style.Quiet.WithAlpha(0.4), filled: true, "before");
        panel.Steps(edges, second, color, filled: false, "after");
        panel.Line(edges, normal, panel.Style.Ink, "normal", LegendSymbol.Dotted, panel.Style.ThinWidth * 1.4f);
        panel.Plot.Axes.SetLimits(low, high, 0, 1.08 * first.Concat(second).Concat(normal).Max());
    }

    private static double[] Density(double[] values, double low, double high)
    {
        double[] density = new double[Bins];
        double width = (high - low) / Bins;
        foreach (double value in values.Where(v => v >= low && v <= high))
        {
            density[Math.Min(Bins - 1, (int)((value - low) / width))] += 1 / (width * values.Length);
        }

        return density;
    }
}
