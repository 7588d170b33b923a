namespace SynapticGeometry;

/// <summary>
/// Three descriptions of how the size of a change depends on the size of a synapse, each with one free shape parameter: a power
/// geometry, hyperbolic entropy, and additive plus multiplicative noise. An exponent between 0 and 1 may come from any of them.
/// </summary>
internal static class ChangeModels
{
    /// <summary>Name of the power family in results.</summary>
    public const string Power = "power";

    /// <summary>Name of the hyperbolic-entropy model in results.</summary>
    public const string Hyperbolic = "hypentropy";

    /// <summary>Name of the additive plus multiplicative model in results.</summary>
    public const string AdditiveMultiplicative = "additive-multiplicative";

    // Largest set on which the rivals are fitted: with more pairs any difference between them is certain.
    public const int MaximumCount = 50_000;

    // β is sought from a thousandth to a thousand times the geometric-mean weight: beyond, the model is a power one.
    private const double LogBetaReach = 6.9;

    // ln(ρ / (1 − ρ)) of the multiplicative share: beyond, one of the two parts is not noticeable.
    private const double LogitReach = 14;

    /// <summary>Fits the three models and tests each rival against the power family.</summary>
    public static (IReadOnlyList<ModelFit> Models, IReadOnlyList<VuongTest> Tests, int Count) Compare(
        PairedWeights all, Drift drift, int threads, CancellationToken cancellation)
    {
        PairedWeights pairs = all.Thin(MaximumCount);
        var profile = new ExponentProfile(pairs, drift, threads).Maximise(curvature: false);
        cancellation.ThrowIfCancellationRequested();
        (ShapeFamily hypentropy, ShapeFamily kesten) = (HyperbolicFamily, AdditiveMultiplicativeFamily(pairs));
        double logBeta = hypentropy.Search(Fit);
        cancellation.ThrowIfCancellationRequested();
        double logit = kesten.Search(Fit);

        var fitted = new (string Name, string Parameter, double Value, ScaleFit Fit)[]
        {
            (Power, "lambda", profile.Estimate, profile.Fit(profile.Estimate)!),
            (Hyperbolic, "beta", Math.Exp(logBeta + pairs.LogGeometricMean), Fit(hypentropy.Scale(logBeta))!),
            (AdditiveMultiplicative, "multiplicative_share", Share(logit), Fit(kesten.Scale(logit))!),
        };

        double[] aicc = [.. fitted.Select(f => Aicc(f.Fit.LogLikelihood, Parameters(f.Fit), pairs.Count))];
        double[] weights = AkaikeWeights([.. aicc.Select(a => -0.5 * a)]);
        ModelFit[] models = [.. fitted.Select((f, i) => new ModelFit(
            f.Name, f.Parameter, f.Value, f.Fit.LogLikelihood, Parameters(f.Fit), aicc[i], weights[i]))];
        VuongTest[] tests = [.. fitted.Skip(1).Select(f => Vuong(pairs, fitted[0].Name, fitted[0].Fit, f.Name, f.Fit))];
        return ([.. models.OrderBy(m => m.Aicc)], tests, pairs.Count);

        ScaleFit? Fit(ChangeScale scale) => ScaleFit.Run(scale, pairs, drift, threads);
    }

    /// <summary>Hyperbolic entropy; its shape is ln β in units of the geometric-mean weight.</summary>
    public static ShapeFamily HyperbolicFamily { get; } =
        new(Hyperbolic, LogBetaReach, b => new PotentialScale(new HyperbolicEntropy(Math.Exp(b)), 1));

    /// <summary>Additive plus multiplicative noise; its shape is the logit of the multiplicative share at the mean square of these sizes.</summary>
    public static ShapeFamily AdditiveMultiplicativeFamily(PairedWeights pairs)
    {
        double meanSquare = 0;
        foreach (double u in pairs.LogSize)
        {
            meanSquare += Math.Exp(2 * u) / pairs.Count;
        }

        return new(AdditiveMultiplicative, LogitReach, t => new AdditiveMultiplicativeScale(Share(t), meanSquare));
    }

    /// <summary>Vuong's z between two fitted models: positive where the first is closer to the truth. Groups are summed first.</summary>
    /// <remarks>Source: Vuong 1989, Eq. 3.1 without correction, since the models compared have equally many parameters.</remarks>
    public static VuongTest Vuong(PairedWeights pairs, string firstName, ScaleFit first, string secondName, ScaleFit second)
    {
        int n = pairs.Count;
        double[] difference = new double[n], other = new double[n];
        first.LogDensities(0, difference);
        second.LogDensities(0, other);
        for (int i = 0; i < n; i++)
        {
            difference[i] -= other[i];
        }

        return Vuong(difference, pairs.GroupOf, pairs.GroupNames.Count, firstName, secondName);
    }

    /// <summary>
    /// Vuong's z from the differences of the log-densities of single synapses; groups are summed first. The correction, what the first model
    /// owes to more parameters, is taken off their sum.
    /// </summary>
    public static VuongTest Vuong(double[] difference, IReadOnlyList<int>? groupOf, int groups, string firstName, string secondName, double correction = 0)
    {
        double[] units = difference;
        if (groupOf is not null)
        {
            units = new double[groups];
            for (int i = 0; i < difference.Length; i++)
            {
                units[groupOf[i]] += difference[i];
            }
        }

        double mean = units.Average();
        double variance = units.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, units.Length - 1);
        double z = variance > 0 ? (mean - (correction / units.Length)) * Math.Sqrt(units.Length / variance) : 0;
        return new VuongTest(firstName, secondName, z, 2 * NormalDistribution.Survival(Math.Abs(z)));
    }

    /// <summary>exp(L_i − max L), normalised to sum 1; 0 for −∞.</summary>
    public static double[] AkaikeWeights(double[] logLikelihoods)
    {
        double max = logLikelihoods.Max();
        double[] weights = [.. logLikelihoods.Select(l => Math.Exp(l - max))];
        double sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }

    // Shape, spread and the mean columns that are not copies of one another.
    private static int Parameters(ScaleFit fit) => 2 + fit.Rank;

    /// <summary>Akaike's criterion with the correction for small samples.</summary>
    public static double Aicc(double logLikelihood, int k, int n) =>
        (-2 * logLikelihood) + (2 * k) + (n > k + 1 ? 2.0 * k * (k + 1) / (n - k - 1) : double.PositiveInfinity);

    private static double Share(double logit) => 1 / (1 + Math.Exp(-logit));
}

/// <summary>Scales with one shape parameter between −<paramref name="Reach"/> and <paramref name="Reach"/>.</summary>
/// <param name="Name">Name in results.</param>
/// <param name="Reach">Beyond it the scale no longer changes.</param>
/// <param name="Scale">The scale of a shape.</param>
internal sealed record ShapeFamily(string Name, double Reach, Func<double, ChangeScale> Scale)
{
    private const int GridPoints = 25;

    private double Step => 2 * Reach / (GridPoints - 1);

    /// <summary>The shape of the highest likelihood: a grid, then Brent around its best point.</summary>
    /// <param name="fit">Fits a scale; null where the data are impossible on it.</param>
    /// <param name="near">A shape that is expected to be near, which saves the grid; or null.</param>
    public double Search(Func<ChangeScale, ScaleFit?> fit, double? near = null)
    {
        if (near is { } guess)
        {
            double low = Math.Max(-Reach, guess - Step), high = Math.Min(Reach, guess + Step);
            double there = Brent.Minimize(Negative, low, high, 1e-4).Location, margin = 1e-2 * Step;
            if ((there - low > margin || low == -Reach) && (high - there > margin || high == Reach))
            {
                return there;
            }
        }

        double best = -Reach, bestValue = double.NegativeInfinity;
        for (int i = 0; i < GridPoints; i++)
        {
            double at = -Reach + (i * Step), value = -Negative(at);
            if (value > bestValue)
            {
                (best, bestValue) = (at, value);
            }
        }

        Minimum found = Brent.Minimize(Negative, Math.Max(-Reach, best - Step), Math.Min(Reach, best + Step), 1e-5);
        return -found.Value > bestValue ? found.Location : best;

        double Negative(double shape) => -(fit(Scale(shape))?.LogLikelihood ?? double.NegativeInfinity);
    }
}
