using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace SynapticGeometry;

/// <summary>Two looks at the exponent that do not use the likelihood: the slope of change on size, and flatness of what is left.</summary>
internal static class CrossChecks
{
    // Regressions on more pairs than this gain nothing that could be seen.
    private const int MaximumCount = 200_000;

    /// <summary>
    /// The slope estimator: ln|r − median r| regressed on log size has slope −λ when changes are small. Sign flips and pairs whose log
    /// change equals the median exactly are left out.
    /// </summary>
    /// <returns>The estimate of λ and its heteroscedasticity-consistent standard error.</returns>
    public static (double Estimate, double StandardError) Slope(PairedWeights all)
    {
        PairedWeights pairs = all.Thin(MaximumCount);
        var kept = new List<double>(pairs.Count);
        for (int i = 0; i < pairs.Count; i++)
        {
            if (!IsFlip(pairs, i))
            {
                kept.Add(pairs.LogChange[i]);
            }
        }

        if (kept.Count < 3)
        {
            return (double.NaN, double.PositiveInfinity);
        }

        double median = kept.Median();
        List<double> x = new(pairs.Count), y = new(pairs.Count);
        for (int i = 0; i < pairs.Count; i++)
        {
            double deviation = Math.Abs(pairs.LogChange[i] - median);
            if (deviation > 0 && !IsFlip(pairs, i))
            {
                x.Add(pairs.LogSize[i]);
                y.Add(Math.Log(deviation));
            }
        }

        (double slope, double se) = Regress(x, y);
        return (-slope, se);
    }

    /// <summary>p-values of the two flatness tests at a fitted exponent.</summary>
    /// <param name="all">The pairs.</param>
    /// <param name="exponent">λ̂.</param>
    /// <param name="drift">The drift of the fit; the mean test always uses a constant.</param>
    public static FlatnessTests Flatness(PairedWeights all, double exponent, Drift drift)
    {
        PairedWeights pairs = all.Thin(MaximumCount);
        var scale = new PowerScale(exponent);
        int n = pairs.Count;
        double[] residual = new double[n], dual = new double[n], size = pairs.LogSize.ToArray();
        ScaleFit.Run(scale, pairs, Drift.Constant, 1)!.Residuals(0, residual);
        for (int i = 0; i < n; i++)
        {
            bool negative = (pairs.Signs[i] & PairedWeights.NegativeBefore) != 0;
            double y = exponent == 0 ? size[i] : Math.Exp(exponent * size[i]);
            dual[i] = negative ? -y : y;
        }

        double meanP = PValue(Regress(dual, residual), n);
        ScaleFit.Run(scale, pairs, drift, 1)!.Residuals(0, residual);
        double spreadP = PValue(Regress(size, [.. residual.Select(Math.Abs)]), n);
        return new FlatnessTests(meanP, spreadP);
    }

    /// <summary>The two tests on the normal scores of a fitted model of measured sizes, against the first size.</summary>
    public static FlatnessTests FlatnessOfScores(LongitudinalSizes sizes, ChangeModelFit fit)
    {
        List<double> size = [], score = [];
        foreach ((int synapse, double z) in fit.Model.NormalScores(sizes, fit.Parameters))
        {
            size.Add(sizes[synapse][sizes.FirstMeasured(synapse)]);
            score.Add(z);
        }

        return new FlatnessTests(PValue(Regress(size, score), size.Count), PValue(Regress(size, [.. score.Select(Math.Abs)]), size.Count));
    }

    private static bool IsFlip(PairedWeights pairs, int i) =>
        pairs.Signs[i] is PairedWeights.NegativeBefore or PairedWeights.NegativeAfter;

    private static double PValue((double Slope, double StandardError) fit, int n) =>
        fit.StandardError > 0 && double.IsFinite(fit.StandardError)
            ? 2 * (1 - StudentT.CDF(0, 1, Math.Max(1, n - 2), Math.Abs(fit.Slope / fit.StandardError)))
            : 1;

    // Least-squares slope with White's HC1 standard error.
    private static (double Slope, double StandardError) Regress(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        int n = x.Count;
        if (n < 3)
        {
            return (double.NaN, double.PositiveInfinity);
        }

        double meanX = x.Average(), meanY = y.Average(), sxx = 0, sxy = 0;
        for (int i = 0; i < n; i++)
        {
            sxx += (x[i] - meanX) * (x[i] - meanX);
            sxy += (x[i] - meanX) * (y[i] - meanY);
        }

        double slope = sxy / sxx, meat = 0;
        for (int i = 0; i < n; i++)
        {
            double e = y[i] - meanY - (slope * (x[i] - meanX));
            meat += (x[i] - meanX) * (x[i] - meanX) * e * e;
        }

        return (slope, Math.Sqrt(meat * n / (n - 2.0)) / sxx);
    }
}
