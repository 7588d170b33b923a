using SynapticGeometry.Networks;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Pogodin2024.Parameters;

namespace SynapticGeometry.Papers.Pogodin2024;

/// <summary>One kind of network in a figure, and how it is trained.</summary>
/// <param name="Architecture">Its name in the catalogue.</param>
/// <param name="Options">Its sizes.</param>
/// <param name="Seeds">Number of networks.</param>
/// <param name="PretrainingImages">Images of pre-training, at most.</param>
/// <param name="PretrainingPasses">Passes of pre-training; 0 for none.</param>
/// <param name="Images">Images of fine-tuning; null for the protocol's, the square root of the number of weights.</param>
/// <param name="FineTuning">The protocol of fine-tuning.</param>
internal sealed record NetworkPlan(string Architecture, NetworkOptions Options, int Seeds, int PretrainingImages, int PretrainingPasses, int? Images, FineTuning FineTuning)
{
    /// <summary>Learning rate of pre-training.</summary>
    public double PretrainingRate { get; init; } = 0.02;

    /// <summary>What the record says of it.</summary>
    public FigureParameter Parameter => new(
        Architecture,
        FormattableString.Invariant($"{Seeds} networks; ") + (PretrainingPasses > 0 ? FormattableString.Invariant($"pre-trained by gradient descent on at most {PretrainingImages} images, {PretrainingPasses} passes, learning rate {PretrainingRate}; ") : "not pre-trained; ")
        + FormattableString.Invariant($"fine-tuned on {(Images is { } n ? $"{n}" : "√weights")} other images, batches of {FineTuning.BatchSize}, momentum {FineTuning.Descent.Momentum}, cosine over {FineTuning.Epochs} to {FineTuning.LongestEpochs} passes, best of {FineTuning.LearningRates.Count} learning rates from {FineTuning.LearningRates[0]:g2} to {FineTuning.LearningRates[^1]:g2}"));
}

/// <summary>
/// Networks trained under negative entropy, the 2-norm and the 3-norm, and how Gaussian the dual changes of their weights look under each assumed exponent.
/// </summary>
internal abstract class NetworkFigure(string name) : PogodinFigure(name)
{
    /// <summary>The table of all networks.</summary>
    protected const string Table = "networks";

    /// <summary>The column of Δ-CDF of all weights together, as published.</summary>
    protected const string Pooled = "delta_cdf";

    /// <summary>The column of its mean over layers, each by itself.</summary>
    protected const string ByLayer = "delta_cdf_layers";

    // Weights that are judged, evenly chosen where there are more.
    private const int MostWeights = 200_000;

    /// <summary>Exponents of the paper's candidates: negative entropy, 1.5-, 2-, 2.5- and 3-norm.</summary>
    protected static IReadOnlyList<double> Scored { get; } = [0, 0.5, 1, 1.5, 2];

    /// <summary>Exponents p − 1 of the curves: 0 is negative entropy.</summary>
    protected static IReadOnlyList<double> Assumed { get; } = [.. Enumerable.Range(0, 26).Select(k => k / 10.0)];

    private static IReadOnlyList<Potential> Candidates { get; } = [.. Assumed.Select(a => a == 0 ? (Potential)new NegativeEntropy() : new PNorm(1 + a))];

    public sealed override string? Unavailable => LibTorch.Unavailable;

    public override IReadOnlyList<FigureExperiment> Experiments => [new(Table, Train, Work)];

    /// <summary>About how many seconds it takes at the paper's scale.</summary>
    protected abstract double Work { get; }

    /// <summary>What is trained.</summary>
    protected abstract IReadOnlyList<NetworkPlan> Plans(FigureScale scale);

    public sealed override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
        [.. Plans(scale).Select(p => p.Parameter), new("potentials", string.Join(", ", PotentialNames)), new("assumed", "p = 1 (negative entropy) to 3.5 in steps of 0.1"), new("weights judged, evenly chosen where there are more", $"{MostWeights}")];

    public sealed override IReadOnlyList<FigureParameter> Inputs(FigureFiles files) =>
        [new("images", files.TestImages is null ? "patterns made of the seed" : files.ImagesName)];

    /// <summary>Rows of one kind of network, trained under one exponent.</summary>
    protected static FigureTable Of(FigureData data, int model, double trained) => data[Table].Where("model", m => m == model).Where("trained", t => t == trained);

    /// <summary>The values of a column, one a network, for one kind of network and exponent.</summary>
    protected static double[] Each(FigureData data, int model, double trained, string column) => Of(data, model, trained).Where("assumed", a => a == 0)[column];

    /// <summary>Exponents that networks were trained under.</summary>
    protected static IReadOnlyList<double> Trained { get; } = [.. Potentials.Select(p => p.Exponent!.Value)];

    /// <summary>The mean over networks of a column of Δ-CDF.</summary>
    protected static double Mean(FigureData data, int model, double trained, double assumed, string column = Pooled) =>
        Of(data, model, trained).Where("assumed", a => a == assumed)[column].Average();

    /// <summary>The exponent of the paper's five candidates with the least mean Δ-CDF over networks.</summary>
    protected static double LeastMean(FigureData data, int model, double trained, string column = Pooled) => Scored.MinBy(a => Mean(data, model, trained, a, column));

    /// <summary>Over the potentials the largest distance of the least mean Δ-CDF, layer by layer, from the truth.</summary>
    protected static double FarthestLeast(FigureData data, int model) => Trained.Max(t => Math.Abs(LeastMean(data, model, t, ByLayer) - t));

    /// <summary>Over the potentials the largest distance of the mean exponent over networks, told from layers, from the truth.</summary>
    protected static double LargestError(FigureData data, int model) => Trained.Max(t => Math.Abs(Each(data, model, t, "exponent_layers").Average() - t));

    /// <summary>Number of exponents, told from layers, that are nearer to another potential than to the one trained under.</summary>
    protected static int Mistaken(FigureData data, int model) => Trained.Sum(t => Each(data, model, t, "exponent_layers").Count(e => Trained.MinBy(other => Math.Abs(other - e)) != t));

    /// <summary>Number of networks whose Δ-CDF is not least, of the paper's five candidates, at their own.</summary>
    protected static int NotOwnLeast(FigureData data, int model, double trained, string column = Pooled)
    {
        FigureTable own = Of(data, model, trained).Where("assumed", Scored.Contains);
        return Enumerable.Range(0, own.Rows).GroupBy(i => own["network"][i]).Count(n => own["assumed"][n.MinBy(i => own[column][i])] != trained);
    }

    /// <summary>Mean and range of Δ-CDF over networks against the assumed exponent, a curve for each potential; where there are layers, of layers, and thin of all weights together.</summary>
    protected static void DrawCurves(FigurePanel panel, FigureData data, int model)
    {
        panel.Label("exponent assumed, p − 1 (0: negative entropy)", "Δ-CDF (not centred)");
        bool layers = HasLayers(data, model);
        double highest = 0;
        for (int k = 0; k < Trained.Count; k++)
        {
            double[][] values = Values(k, layers ? ByLayer : Pooled);
            panel.Band([.. Assumed], [.. values.Select(v => v.Min())], [.. values.Select(v => v.Max())], Colors[k].WithAlpha(0.18));
            highest = Math.Max(highest, values.SelectMany(v => v).Max());
        }

        for (int k = 0; k < Trained.Count; k++)
        {
            panel.Line([.. Assumed], [.. Values(k, layers ? ByLayer : Pooled).Select(v => v.Average())], Colors[k], PotentialNames[k]);
            if (layers)
            {
                double[] pooled = [.. Values(k, Pooled).Select(v => v.Average())];
                panel.Line([.. Assumed], pooled, Colors[k], null, LegendSymbol.Line, panel.Style.ThinWidth);
                highest = Math.Max(highest, pooled.Max());
            }

            panel.Line([Trained[k], Trained[k]], [0, 3], Colors[k], null, LegendSymbol.Dotted, panel.Style.ThinWidth * 1.4f);
        }

        panel.Notes.Add(layers ? "mean of networks, layer by layer; thin: all weights together" : "mean of networks; band: least to greatest; dotted: trained under");
        panel.Plot.Axes.SetLimits(0, Assumed[^1], 0, 1.05 * highest);

        double[][] Values(int k, string column)
        {
            FigureTable own = Of(data, model, Trained[k]);
            return [.. Assumed.Select(a => own.Where("assumed", x => x == a)[column])];
        }
    }

    /// <summary>Estimated exponents with their intervals beside the true ones: medians over layers where there are several, and pale those of all weights together.</summary>
    protected static void DrawExponents(FigurePanel panel, FigureData data, int model)
    {
        panel.Label("trained under", "exponent told, p − 1");
        bool layers = HasLayers(data, model);
        (double low, double high) = (-0.4, 2.4);
        for (int k = 0; k < Trained.Count; k++)
        {
            panel.Line([Trained[k] - 0.3, Trained[k] + 0.3], [Trained[k], Trained[k]], panel.Style.Quiet, k == 0 ? "truth" : null, LegendSymbol.Dashed, panel.Style.ThinWidth * 1.4f);
            if (layers)
            {
                Draw(k, "exponent", "low", "high", 0.06, Colors[k].WithAlpha(0.35));
                Draw(k, "exponent_layers", "layers_low", "layers_high", -0.06, Colors[k]);
            }
            else
            {
                Draw(k, "exponent", "low", "high", 0, Colors[k]);
            }
        }

        panel.X.Ticks = [.. Trained.Select((t, k) => new AxisTick(t, PotentialNames[k]))];
        panel.Notes.Add(layers ? "median of layers, 95 %; pale: all weights together" : "each network with its 95 % interval");
        panel.Plot.Axes.SetLimits(-0.4, 2.4, Math.Max(low, -1.5) - 0.05, Math.Min(high, 4) + 0.05);

        void Draw(int k, string estimate, string from, string to, double beside, ScottPlot.Color color)
        {
            double[] told = Each(data, model, Trained[k], estimate), lows = Each(data, model, Trained[k], from), highs = Each(data, model, Trained[k], to);
            for (int j = 0; j < told.Length; j++)
            {
                double x = Trained[k] + beside + (told.Length == 1 ? 0 : 0.4 * ((j / (told.Length - 1.0)) - 0.5));
                panel.Line([x, x], [lows[j], highs[j]], color, width: panel.Style.ThinWidth * 1.4f);
                panel.Markers([x], [told[j]], color, size: 3.5f);
            }

            (low, high) = (Math.Min(low, lows.Min()), Math.Max(high, highs.Max()));
        }
    }

    private static bool HasLayers(FigureData data, int model) => Of(data, model, Trained[0])["layers"].Max() > 1;

    private FigureTable Train(FigureRun run)
    {
        IReadOnlyList<NetworkPlan> plans = Plans(run.Scale);
        (int Model, int Network)[] pieces = [.. plans.SelectMany((p, m) => Enumerable.Range(0, p.Seeds).Select(n => (m, n)))];
        double[][] rows = new double[pieces.Length][];
        run.ForEach(pieces.Length, (k, progress) => rows[k] = Piece(run, plans, pieces[k].Model, pieces[k].Network, progress));
        double[][] all = [.. rows.SelectMany(r => r.Chunk(Fields.Length))];
        return new FigureTable(Table, [.. Fields.Select((c, k) => new FigureColumn(c.Name, c.Unit, [.. all.Select(r => r[k])]))]);
    }

    // Of one network: a row for each potential and assumed exponent, all in one line of numbers.
    private static double[] Piece(FigureRun run, IReadOnlyList<NetworkPlan> plans, int model, int network, IProgress<double> progress)
    {
        NetworkPlan plan = plans[model];
        return run.Once(FormattableString.Invariant($"{plan.Architecture} {network + 1}"), () =>
        {
            DirectoryInfo folder = Directory.CreateTempSubdirectory("syngeo-figure-");
            try
            {
                IReadOnlyList<TrainedWeights> trained = Study(run, plan).Run(folder.FullName, run.Random.Fork(plan.Architecture, (ulong)network), progress: new Progressed(progress), cancellation: run.Cancellation);
                return [.. trained.SelectMany((t, k) => Rows(t, folder.FullName, model, network, Potentials[k].Exponent!.Value))];
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
    }

    private static readonly (string Name, string Unit)[] Fields =
    [
        ("model", "1"), ("network", "1"), ("trained", "1"), ("learning_rate", "1"), ("epochs", "1"), ("loss", "1"), ("accuracy", "1"), ("weights", "1"), ("sign_changes", "1"),
        ("exponent", "1"), ("low", "1"), ("high", "1"), ("layers", "1"), ("exponent_layers", "1"), ("layers_low", "1"), ("layers_high", "1"), ("magnitude", "1"), ("assumed", "1"), ("delta_cdf", "1"), ("delta_cdf_layers", "1"),
    ];

    private static IEnumerable<double> Rows(TrainedWeights trained, string folder, int model, int network, double exponent)
    {
        (float[] before, float[] after) = trained.Read(folder);
        int[] chosen = Chosen(before.Length);
        (string Name, int Count)[] tensors = [.. trained.Tensors(folder)];
        string[] layer = Labels(tensors, chosen);
        (before, after) = ([.. chosen.Select(i => before[i])], [.. chosen.Select(i => after[i])]);
        InferenceOptions options = new() { Candidates = Candidates, Bootstrap = 0, GoodnessOfFitReplicates = 19, Threads = 1, GroupsAreLayers = true };
        InferenceResult result = GeometryInference.Infer(PairedWeights.From<float>(before, after, new PairingOptions { Groups = tensors.Length > 1 ? layer : null }), options);
        LayerAnalysis? layers = result.Layers;
        (double median, Interval interval) = result.Told;
        double[] own = [.. layers is null ? result.Candidates.Select(c => c.DeltaCdf) : layers.Candidates.Select(c => c.DeltaCdf)];
        for (int k = 0; k < Assumed.Count; k++)
        {
            foreach (double value in new[]
            {
                model, network, exponent, trained.LearningRate, trained.Epochs, trained.Loss, double.IsNaN(trained.Accuracy) ? -1 : trained.Accuracy, trained.Weights, trained.SignChanges,
                result.Exponent.Estimate, result.Exponent.RobustInterval.Low, result.Exponent.RobustInterval.High,
                layers?.Median.Groups ?? 1, median, interval.Low, interval.High, result.Candidates.First(c => c.Exponent == exponent).ChangeMagnitude, Assumed[k], result.Candidates[k].DeltaCdf, own[k],
            })
            {
                yield return value;
            }
        }
    }

    // Of millions of weights, evenly many.
    private static int[] Chosen(int weights)
    {
        int count = Math.Min(weights, MostWeights);
        return [.. Enumerable.Range(0, count).Select(k => (int)((long)k * weights / count))];
    }

    // The tensor of each chosen weight.
    private static string[] Labels((string Name, int Count)[] tensors, int[] chosen)
    {
        string[] labels = new string[chosen.Length];
        (int tensor, int end) = (0, tensors[0].Count);
        for (int k = 0; k < chosen.Length; k++)
        {
            while (chosen[k] >= end)
            {
                end += tensors[++tensor].Count;
            }

            labels[k] = tensors[tensor].Name;
        }

        return labels;
    }

    private static TrainingStudy Study(FigureRun run, NetworkPlan plan)
    {
        NetworkArchitecture architecture = NetworkArchitecture.Find(plan.Architecture);
        RandomSource made = run.Random.Fork("images");
        ImageSet training = run.Files.TrainingImages ?? new PatternImages(plan.PretrainingImages, plan.Options.Classes, made.Fork("patterns"), made.Fork("training"));
        return new TrainingStudy
        {
            Description = plan.ToString(),
            Create = random => architecture.Create(plan.Options, random),
            Input = architecture.Input.Channels == 1 ? ImageInput.Grey : ImageInput.ImageNet,
            Classes = plan.Options.Classes,
            Pretraining = plan.PretrainingPasses > 0 ? training : null,
            PretrainingImages = Math.Min(plan.PretrainingImages, training.Count),
            FineTuningImages = run.Files.TestImages ?? new PatternImages(10_000, plan.Options.Classes, made.Fork("patterns"), made.Fork("test")),
            Potentials = Potentials,
            PretrainingSettings = plan.PretrainingPasses > 0 ? new TrainingSettings { Potential = new PNorm(2), LearningRate = plan.PretrainingRate, Epochs = plan.PretrainingPasses } : null,
            FineTuning = plan.FineTuning,
            Images = plan.Images,
        };
    }

    private sealed class Progressed(IProgress<double> share) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => share.Report(value.Done);
    }
}
