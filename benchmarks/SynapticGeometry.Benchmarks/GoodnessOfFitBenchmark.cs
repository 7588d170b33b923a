using System.Globalization;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// Do the goodness-of-fit tests reject as often as they say where the model is right, the exponent and the drift being estimated, and do
/// they see heavy tails and skewness?
/// </summary>
internal static class GoodnessOfFitBenchmark
{
    public static int Run(Arguments arguments)
    {
        int sets = arguments.Count("sets", 500, least: 10);
        List<string[]> table = [["dual changes", "drift", "n", "W1", "Anderson-Darling", "Cramér-von Mises", "within 0.03 to 0.07"]];
        var records = new List<object>();
        bool allWithin = true;
        foreach (string shape in new[] { "normal", "t5", "skewed" })
        {
            foreach (Drift drift in new[] { Drift.Constant, Drift.SizeDependent })
            {
                foreach (int count in new[] { 100, 300, 1000 })
                {
                    var reference = new NormalityNull(count, 2000, 1, Environment.ProcessorCount);
                    int[] rejected = new int[3];
                    RandomSource random = new RandomSource(1).Fork($"goodness of fit {shape}", (ulong)count);
                    Parallel.For(0, sets, i =>
                    {
                        NormalityStatistics s = Statistics(random.Fork("set", (ulong)i), shape, count, drift);
                        Add(ref rejected[0], reference.Wasserstein1P(s.Wasserstein1));
                        Add(ref rejected[1], reference.AndersonDarlingP(s.AndersonDarling));
                        Add(ref rejected[2], reference.CramerVonMisesP(s.CramerVonMises));
                    });
                    double[] shares = [.. rejected.Select(r => r / (double)sets)];
                    bool within = shape != "normal" || shares.All(s => s is >= 0.03 and <= 0.07);
                    allWithin &= within;
                    table.Add([shape, drift == Drift.Constant ? "constant" : "size", count.ToString(CultureInfo.InvariantCulture), .. shares.Select(s => s.ToString("F3", CultureInfo.InvariantCulture)), shape != "normal" ? "-" : within ? "yes" : "no"]);
                    records.Add(new { benchmark = "goodness-of-fit", shape, drift = drift.ToString(), count, sets, w1 = shares[0], ad = shares[1], cvm = shares[2] });
                }
            }
        }

        Results.Write(
            "goodness-of-fit",
            "Rejections of the goodness-of-fit tests at nominal 5 %",
            [
                $"{sets} data sets a row, exponent and drift estimated, true exponent 0.5. Normal: the false-alarm rate; t with 5 degrees of freedom and gamma with shape 4: the power.",
                "A test of exact size 0.05 falls outside 0.03 to 0.07 over 500 sets by chance with probability 0.04 a cell.",
            ],
            table,
            records);
        return allWithin ? 0 : 1;
    }

    private static void Add(ref int rejected, double p)
    {
        if (p <= 0.05)
        {
            Interlocked.Increment(ref rejected);
        }
    }

    private static NormalityStatistics Statistics(RandomSource random, string shape, int count, Drift drift)
    {
        double[] size = new double[count], z = new double[count], w0 = new double[count], w1 = new double[count];
        random.Fork("sizes").FillNormal(size);
        Noise(random.Fork("changes"), shape, z);
        for (int i = 0; i < count; i++)
        {
            w0[i] = Math.Exp(0.83 * size[i]);
            double root = Math.Sqrt(w0[i]) + (0.05 * z[i]);
            w1[i] = root * root;
        }

        PairedWeights pairs = PairedWeights.From<double>(w0, w1);
        ExponentProfile profile = new ExponentProfile(pairs, drift, 1).Maximise(curvature: false);
        ScaleFit fit = profile.Fit(profile.Estimate)!;
        fit.Residuals(0, z);
        double scale = Math.Sqrt(fit.Variance);
        for (int i = 0; i < count; i++)
        {
            z[i] /= scale;
        }

        return NormalityTest.Statistics(z);
    }

    // Standardised noise: normal, Student's t with 5 degrees of freedom, or gamma with shape 4 as a sum of exponentials.
    private static void Noise(RandomSource random, string shape, double[] z)
    {
        random.FillNormal(z);
        if (shape == "normal")
        {
            return;
        }

        double[] more = new double[5];
        for (int i = 0; i < z.Length; i++)
        {
            if (shape == "t5")
            {
                random.FillNormal(more);
                z[i] /= Math.Sqrt(more.Sum(v => v * v) / 5) * Math.Sqrt(5.0 / 3);
            }
            else
            {
                random.FillUniform(more);
                z[i] = (more.Take(4).Sum(v => -Math.Log(1 - v)) - 4) / 2;
            }
        }
    }
}
