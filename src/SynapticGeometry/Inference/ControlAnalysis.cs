namespace SynapticGeometry;

/// <summary>
/// The error of measurement from repeats: of k measurements x₁…x_k of one unchanged synapse, the differences √(j/(j+1)) (x_{j+1} − mean(x₁…x_j)) are independent
/// N(0, τ²).
/// </summary>
public static class ControlAnalysis
{
    private const double Level = 0.05;

    // Below this share of the smallest size's error an additive part cannot be seen.
    private const double SmallestShare = 1e-3;

    /// <summary>Estimates the error from the controls of a set and from its own repeats within epochs.</summary>
    /// <param name="sizes">Synapses with controls, with repeats, or both.</param>
    /// <returns>The estimate, or null where nothing was measured twice.</returns>
    public static ErrorEstimate? Estimate(LongitudinalSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        List<(double Size, double Contrast)> contrasts = [];
        int synapses = Add(sizes, contrasts) + (sizes.Controls is { } controls ? Add(controls, contrasts) : 0);
        if (contrasts.Count < 2)
        {
            return null;
        }

        (double logSize, double square)[] data = [.. contrasts.Select(c => (c.Size + sizes.LogUnit, c.Contrast * c.Contrast))];
        double relative = Math.Sqrt(data.Average(d => d.square));
        if (!(relative > 0))
        {
            return null;
        }

        double plain = LogLikelihood(data, new MeasurementError(relative));
        double smallest = Math.Exp(data.Min(d => d.logSize));
        double bestRelative = relative;
        double LogLikelihoodAt(double logAbsolute, out double profiled)
        {
            // With the additive part fixed, the relative part by a search on its logarithm.
            double additive = Math.Exp(logAbsolute);
            Minimum found = Brent.Minimize(
                t => -LogLikelihood(data, new MeasurementError(Math.Exp(t), additive)), Math.Log(relative * 1e-3), Math.Log(relative * 2), 1e-6);
            profiled = Math.Exp(found.Location);
            return -found.Value;
        }

        double low = Math.Log(smallest * relative * SmallestShare), high = Math.Log(Math.Exp(data.Max(d => d.logSize)) * relative * 3);
        Minimum best = Brent.Minimize(t => -LogLikelihoodAt(t, out _), low, high, 1e-4);
        double full = LogLikelihoodAt(best.Location, out bestRelative);

        // One-sided: the additive part cannot be negative, so half of the null distribution is at zero.
        double ratio = Math.Max(0, 2 * (full - plain)), p = 0.5 * ChiSquared.P(ratio, 1);
        MeasurementError error = p < Level ? new MeasurementError(bestRelative, Math.Exp(best.Location)) : new MeasurementError(relative);
        double[] standardised = [.. data.Select(d => d.square / error.Variance(d.logSize))];
        double mean = standardised.Average(), kurtosis = standardised.Average(s => s * s) / (mean * mean);
        return new ErrorEstimate(
            error,
            relative * Math.Sqrt(Math.Max(kurtosis - 1, 0) / data.Length) / 2,
            synapses,
            data.Length,
            p,
            kurtosis,
            sizes.Controls is { } set ? set.MedianSize() / sizes.MedianSize() : null);
    }

    private static int Add(LongitudinalSizes set, List<(double Size, double Contrast)> contrasts)
    {
        int synapses = 0;
        for (int i = 0; i < set.Count; i++)
        {
            bool repeated = false;
            double sum = 0;
            int seen = 0, epoch = -1;
            for (int t = 0; t < set.Sessions; t++)
            {
                double x = set[i][t];
                if (set.EpochOfSession[t] != epoch)
                {
                    (sum, seen, epoch) = (0, 0, set.EpochOfSession[t]);
                }

                if (!double.IsFinite(x))
                {
                    continue;
                }

                if (seen > 0)
                {
                    contrasts.Add(((sum + x) / (seen + 1), (x - (sum / seen)) * Math.Sqrt(seen / (seen + 1.0))));
                    repeated = true;
                }

                sum += x;
                seen++;
            }

            synapses += repeated ? 1 : 0;
        }

        return synapses;
    }

    private static double LogLikelihood((double LogSize, double Square)[] data, MeasurementError error)
    {
        double sum = 0;
        foreach ((double logSize, double square) in data)
        {
            double variance = error.Variance(logSize);
            sum -= 0.5 * (Math.Log(variance) + (square / variance));
        }

        return sum;
    }
}
