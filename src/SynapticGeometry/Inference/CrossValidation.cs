namespace SynapticGeometry;

/// <summary>How well a model predicts weights that it was not fitted to.</summary>
/// <param name="Name">A candidate's name, or "power", "hypentropy", "additive-multiplicative" with the shape fitted.</param>
/// <param name="IsCandidate">Whether it is a candidate, whose shape is fixed.</param>
/// <param name="LogPredictiveDensity">
/// Sum over all pairs of ln f(w after | w before) under the fit without the pair's fold, in the unit of the weights; −∞ where a held-out pair
/// is impossible.
/// </param>
/// <param name="PerSynapse">The same divided by the number of pairs.</param>
/// <param name="DifferenceToBest">This sum less that of the best model; 0 for the best.</param>
/// <param name="DifferenceStandardError">
/// Standard error of the difference from its spread between groups, or between pairs without groups; NaN where it is infinite.
/// </param>
public sealed record CrossValidatedModel(
    string Name, bool IsCandidate, double LogPredictiveDensity, double PerSynapse, double DifferenceToBest, double DifferenceStandardError);

/// <summary>Cross-validated log predictive density: every pair is predicted by a fit to the folds it is not in; folds are made of whole groups.</summary>
/// <remarks>Source: Stone 1974; whole groups as folds because pairs of one group are not independent (Roberts et al. 2017).</remarks>
public sealed record CrossValidation
{
    private const int MostFolds = 10;

    // A fit with hidden sizes costs a hundred times one without.
    private const int MostMeasuredFolds = 5;
    private const int FewestPairs = 20;

    // Without groups a difference between models is certain long before; the fits would take as long as all the rest.
    private const int MostPairsWithoutGroups = 1_000_000;

    private CrossValidation()
    {
    }

    /// <summary>Number of folds: 10, or as many as groups.</summary>
    public required int Folds { get; init; }

    /// <summary>What is held out whole: "groups" or "synapses".</summary>
    public required string Units { get; init; }

    /// <summary>Number of groups, or pairs.</summary>
    public required int UnitCount { get; init; }

    /// <summary>Pairs predicted: all, or an even selection of 50 000 of a larger set.</summary>
    public required int Synapses { get; init; }

    /// <summary>The models, best first.</summary>
    public required IReadOnlyList<CrossValidatedModel> Models { get; init; }

    /// <summary>
    /// Runs the cross-validation; null below 20 pairs, above a million without groups, and where the pairs outside a fold have changes
    /// without spread.
    /// </summary>
    internal static CrossValidation? Run(PairedWeights all, InferenceOptions options, CancellationToken cancellation)
    {
        bool grouped = all.GroupOf is not null && all.GroupNames.Count > 1;
        if (all.Count < FewestPairs || (!grouped && all.Count > MostPairsWithoutGroups))
        {
            return null;
        }

        PairedWeights pairs = all.Thin(ChangeModels.MaximumCount);
        int[][] units = grouped ? [.. pairs.GroupMembers().Where(m => m.Length > 0)] : [.. Enumerable.Range(0, pairs.Count).Select(i => new[] { i })];
        int folds = Math.Min(MostFolds, units.Length);
        int[] foldOf = Assign(units, folds, new RandomSource(options.Seed).Fork("cross-validation folds"));
        Model[] models = Candidates(options);
        int[] everything = [.. Enumerable.Range(0, pairs.Count)];
        var density = new double[models.Length][];
        for (int m = 0; m < models.Length; m++)
        {
            density[m] = new double[pairs.Count];
        }

        try
        {
            // The shapes that fit all pairs are where the search in each fold starts; its result does not depend on that.
            PairedWeights whole = pairs.Part(everything);
            double[] start = [.. models.Select(m => m.Shape(whole, options.Drift, null))];
            Parallel.For(0, folds * models.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, task =>
            {
                (int fold, int m) = (task / models.Length, task % models.Length);
                int[] outside = [.. Members(f => f != fold)], held = [.. Members(f => f == fold)];
                PairedWeights train = pairs.Part(outside), test = pairs.Part(held);
                double shape = models[m].Shape(train, options.Drift, start[m]);
                ScaleFit? fit = ScaleFit.Run(models[m].Scale(train, shape), train, options.Drift, 1)?.On(test);
                double[] values = new double[held.Length];
                Array.Fill(values, double.NegativeInfinity);
                fit?.LogDensities(0, values);
                for (int i = 0; i < held.Length; i++)
                {
                    density[m][held[i]] = values[i];
                }
            });
        }
        catch (AggregateException problem) when (problem.InnerExceptions.All(e => e is UninformativeDataException))
        {
            return null;
        }
        catch (UninformativeDataException)
        {
            return null;
        }

        return Summarise(pairs.Count, units, folds, grouped, [.. models.Select(m => (m.Name, m.IsCandidate))], density);

        IEnumerable<int> Members(Func<int, bool> wanted) => units.Where((_, u) => wanted(foldOf[u])).SelectMany(u => u);
    }

    /// <summary>The cross-validation of models of measured sizes over whole groups; null with fewer than two groups.</summary>
    /// <param name="sizes">The synapses, in groups.</param>
    /// <param name="fits">The models fitted to all of them, whose parameters the searches start from.</param>
    /// <param name="refit">The model to fit to a part of the synapses, with the error of measurement given.</param>
    /// <param name="options">Seed and threads.</param>
    /// <param name="cancellation">Stops between fits.</param>
    internal static CrossValidation? RunMeasured(
        LongitudinalSizes sizes, IReadOnlyList<(string Name, bool IsCandidate, ChangeModelFit Fit)> fits, Func<ChangeLaw, ChangeModel> refit, InferenceOptions options, CancellationToken cancellation)
    {
        if (sizes.GroupOf is null || sizes.GroupNames.Count < 2 || fits.Count < 2)
        {
            return null;
        }

        LongitudinalSizes alone = sizes.With(null);
        int[][] units = [.. alone.GroupMembers().Where(m => m.Length > 0)];
        int folds = Math.Min(MostMeasuredFolds, units.Length);
        int[] foldOf = Assign(units, folds, new RandomSource(options.Seed).Fork("cross-validation folds"));
        double[][] density = [.. fits.Select(_ => new double[alone.Count])];
        Parallel.For(0, folds * fits.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, task =>
        {
            (int fold, int m) = (task / fits.Count, task % fits.Count);
            int[] held = [.. units.Where((_, u) => foldOf[u] == fold).SelectMany(u => u)];
            int[] outside = [.. units.Where((_, u) => foldOf[u] != fold).SelectMany(u => u)];
            double[] values = new double[held.Length];
            Array.Fill(values, double.NegativeInfinity);
            try
            {
                ChangeModel model = refit(fits[m].Fit.Model.Law);
                LongitudinalSizes train = alone.Select(outside).Ungrouped();
                ChangeModelFit fit = model.FitNear(train, fits[m].Fit, cancellation);
                model.LogLikelihood(alone.Select(held).Ungrouped(), [.. fit.Parameters], values);
            }
            catch (UninformativeDataException)
            {
                // The rest of the groups gives this model no likelihood; it predicts nothing.
            }

            for (int i = 0; i < held.Length; i++)
            {
                density[m][held[i]] = values[i];
            }
        });
        return Summarise(alone.Count, units, folds, true, [.. fits.Select(f => (f.Name, f.IsCandidate))], density);
    }

    /// <summary>Deals units to folds, the largest first and each to the fold that has fewest pairs; units of one size in random order.</summary>
    internal static int[] Assign(int[][] units, int folds, RandomSource random)
    {
        int[] order = [.. Enumerable.Range(0, units.Length)];
        random.Shuffle<int>(order);
        var load = new long[folds];
        var foldOf = new int[units.Length];
        foreach (int u in order.OrderByDescending(u => units[u].Length))
        {
            int fold = Array.IndexOf(load, load.Min());
            foldOf[u] = fold;
            load[fold] += units[u].Length;
        }

        return foldOf;
    }

    private static CrossValidation Summarise(int count, int[][] units, int folds, bool grouped, (string Name, bool IsCandidate)[] models, double[][] density)
    {
        double[] total = [.. density.Select(d => d.Sum())];
        int best = Array.IndexOf(total, total.Max());
        var results = new CrossValidatedModel[models.Length];
        for (int m = 0; m < models.Length; m++)
        {
            double difference = total[m] - total[best];
            double error = double.IsNegativeInfinity(total[m]) ? double.NaN
                : Math.Sqrt(units.Length) * SampleMoments.Of<double>([.. units.Select(u => u.Sum(i => density[m][i] - density[best][i]))]).StandardDeviation;
            results[m] = new CrossValidatedModel(models[m].Name, models[m].IsCandidate, total[m], total[m] / count, m == best ? 0 : difference, m == best ? 0 : error);
        }

        return new CrossValidation
        {
            Folds = folds,
            Units = grouped ? "groups" : "synapses",
            UnitCount = units.Length,
            Synapses = count,
            Models = [.. results.OrderByDescending(r => r.LogPredictiveDensity)],
        };
    }

    private static Model[] Candidates(InferenceOptions options) =>
    [
        .. options.Candidates.Select(p => new Model(p.Name, true, (_, _, _) => 0, (pairs, _) => DualChange.ScaleOf(p, pairs))),
        new Model(ChangeModels.Power, false, PowerShape, (_, shape) => new PowerScale(shape)),
        new Model(ChangeModels.Hyperbolic, false, (pairs, drift, near) => Search(ChangeModels.HyperbolicFamily, pairs, drift, near), (_, shape) => ChangeModels.HyperbolicFamily.Scale(shape)),
        new Model(
            ChangeModels.AdditiveMultiplicative,
            false,
            (pairs, drift, near) => Search(ChangeModels.AdditiveMultiplicativeFamily(pairs), pairs, drift, near),
            (pairs, shape) => ChangeModels.AdditiveMultiplicativeFamily(pairs).Scale(shape)),
    ];

    private static double PowerShape(PairedWeights pairs, Drift drift, double? near)
    {
        var profile = new ExponentProfile(pairs, drift, 1);
        return profile.Maximise(near is { } guess ? (guess, Math.Max(0.1, 6 * profile.ExpectedStandardError)) : null, curvature: false).Estimate;
    }

    private static double Search(ShapeFamily family, PairedWeights pairs, Drift drift, double? near) =>
        family.Search(scale => ScaleFit.Run(scale, pairs, drift, 1), near);

    private sealed record Model(
        string Name, bool IsCandidate, Func<PairedWeights, Drift, double?, double> Shape, Func<PairedWeights, double, ChangeScale> Scale);
}
