using SynapticGeometry.Data;
using SynapticGeometry.Networks;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Cli;

/// <summary>What 'syngeo train' was asked to train.</summary>
internal abstract record TrainInput
{
    /// <summary>Name of the model.</summary>
    public abstract string Model { get; }

    /// <summary>Model, data and protocol, in a sentence without its point.</summary>
    public abstract string Description { get; }

    /// <summary>Folder that keeps what is done; null for none.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Trains, and tells the geometry from the weights, which are left in a folder; what is there already is taken as it is.</summary>
    /// <exception cref="BadInputException">Learning diverged at every rate.</exception>
    public abstract IReadOnlyList<TrainedNetwork> Train(string work, ulong seed, int threads, IProgress<(string Stage, double Done)> progress, CancellationToken cancellation);

    /// <summary>What the inference makes of weights, each tensor a group as 'syngeo infer' has it; null where too few changed to say anything.</summary>
    protected static InferenceResult? Infer<T>(T[] before, T[] after, int threads, IReadOnlyList<(string Name, int Count)>? tensors = null)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        try
        {
            PairingOptions pairing = new() { Groups = tensors?.Count > 1 ? new RunLabels(tensors) : null };
            return GeometryInference.Infer(PairedWeights.From<T>(before, after, pairing), new InferenceOptions { GroupsAreLayers = true, Bootstrap = 0, GoodnessOfFitReplicates = 19, Threads = threads });
        }
        catch (UninformativeDataException)
        {
            return null;
        }
    }
}

/// <summary>The linear regression of Pogodin et al. 2024.</summary>
internal sealed record RegressionInput(LinearRegressionStudy Study, int Networks, bool LogNormal) : TrainInput
{
    public override string Model => TrainOptions.Linear;

    public override string Description => FormattableString.Invariant(
        $"linear regression, {Study.Task.Weights} {(LogNormal ? "log-normal" : "normal")} weights, {Study.Task.Samples} samples, covariance falling with power {Study.Task.CovariancePower}; momentum {Study.Momentum}, {Study.Epochs} to {Study.LongestEpochs} passes, {Study.Rates.Count} learning rates from {Study.Rates[0]:g3} to {Study.Rates[^1]:g3}");

    public override IReadOnlyList<TrainedNetwork> Train(string work, ulong seed, int threads, IProgress<(string Stage, double Done)> progress, CancellationToken cancellation)
    {
        RandomSource random = new RandomSource(seed).Fork("training");
        RegressionSchedule[] schedules;
        try
        {
            schedules = Study.FindRates(random.Fork("search"), new Relay(done => progress.Report(("trying rates", done / 2))), cancellation);
        }
        catch (InvalidOperationException problem)
        {
            throw new BadInputException(problem.Message);
        }

        IReadOnlyList<RegressionOutcome?>[] outcomes = new IReadOnlyList<RegressionOutcome?>[Networks];
        int finished = 0;
        Parallel.For(0, Networks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, k =>
        {
            outcomes[k] = Study.Train(random.Fork("network", (ulong)k), schedules, null, cancellation);
            progress.Report(("learning", 0.5 + (0.5 * Interlocked.Increment(ref finished) / Networks)));
        });
        return [.. outcomes.SelectMany((all, k) => all.Select((o, p) => Told(work, k, schedules[p], o, threads)))];
    }

    private static TrainedNetwork Told(string work, int k, RegressionSchedule schedule, RegressionOutcome? outcome, int threads)
    {
        if (outcome is null)
        {
            throw new BadInputException(FormattableString.Invariant($"Learning under {schedule.Potential} at a rate of {schedule.Rate:g3}, the best of the search, diverged on data set {k + 1}; give smaller rates with --learning-rate."));
        }

        string folder = TrainedWeights.FolderOf(schedule.Potential, k + 1);
        Directory.CreateDirectory(Path.Combine(work, folder));
        double[] before = outcome.InitialWeights.ToArray(), after = outcome.Weights.ToArray();
        Save(TrainedWeights.BeforeFile, before);
        Save(TrainedWeights.AfterFile, after);
        return new TrainedNetwork
        {
            Potential = schedule.Potential,
            Number = k + 1,
            Tried = [.. schedule.Trials.Where(t => t.Epochs == schedule.Epochs).Select(t => new TriedRate(t.Rate, t.DivergedAt > 0 ? double.NaN : t.Loss, double.NaN, t.DivergedAt > 0))],
            LearningRate = schedule.Rate,
            Epochs = schedule.Epochs,
            Loss = outcome.Loss,
            Accuracy = double.NaN,
            Weights = before.Length,
            SignChanges = before.Zip(after).LongCount(pair => Math.Sign(pair.First) != Math.Sign(pair.Second)),
            Stopped = 0,
            Folder = folder,
            Inference = Infer(before, after, threads),
        };

        void Save(string name, double[] weights) =>
            SafetensorsWriter.Write(Path.Combine(work, folder, name), [new("weight", new NumericArray([weights.Length], weights))]);
    }
}

/// <summary>Networks on images.</summary>
internal sealed record NetworkInput(NetworkArchitecture Architecture, NetworkOptions Options, ImageSet? Training, ImageSet Test, Potential[] Chosen, int Networks) : TrainInput
{
    public override string Model => Architecture.Name;

    /// <summary>Checkpoint to begin from; null for none.</summary>
    public string? Start { get; init; }

    /// <summary>True where its classifier is not taken.</summary>
    public bool NewReadOut { get; init; }

    /// <summary>"reference", "normal" or "log-normal".</summary>
    public string Initial { get; init; } = "reference";

    public int PretrainingPasses { get; init; }

    public double PretrainingRate { get; init; }

    public int? PretrainingImages { get; init; }

    public int? Images { get; init; }

    public bool KeepNetworks { get; init; }

    public required FineTuning FineTuning { get; init; }

    /// <summary>The learning rates; null for the protocol's.</summary>
    public double[]? Rates { get; init; }

    private FineTuning Protocol => Rates is null ? FineTuning : FineTuning with { LearningRates = Rates };

    public override string Description
    {
        get
        {
            string from = Start is not null
                ? $"from {Start}"
                : PretrainingPasses > 0
                    ? FormattableString.Invariant($"{Initial} initial weights, pre-trained on {PretrainingImages ?? Training!.Count} images for {PretrainingPasses} passes at {PretrainingRate}")
                    : $"{Initial} initial weights, not pre-trained";
            string size = Architecture.Input.Channels == 1 && Model != TrainOptions.Linear ? $" of {Options.Hidden} hidden neurons" : string.Empty;
            return FormattableString.Invariant($"{Model}{size}, {from}; fine-tuned on images of {Test.Name}, batches of {Protocol.BatchSize}, momentum {Protocol.Descent.Momentum}, {Protocol.Epochs} to {Protocol.LongestEpochs} passes, {Protocol.LearningRates.Count} learning rates from {Protocol.LearningRates[0]:g3} to {Protocol.LearningRates[^1]:g3}");
        }
    }

    public override IReadOnlyList<TrainedNetwork> Train(string work, ulong seed, int threads, IProgress<(string Stage, double Done)> progress, CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<TrainedWeights> trained = Study().Run(work, new RandomSource(seed).Fork("training"), threads, new Said(progress), cancellation);
            return [.. trained.Select((t, k) =>
            {
                cancellation.ThrowIfCancellationRequested();
                progress.Report((FormattableString.Invariant($"telling the geometry, {k + 1} of {trained.Count}"), 1));
                (float[] before, float[] after) = t.Read(work);
                return new TrainedNetwork
                {
                    Potential = Potential.Parse(t.Potential),
                    Number = t.Seed,
                    Tried = t.Tried,
                    LearningRate = t.LearningRate,
                    Epochs = t.Epochs,
                    Loss = t.Loss,
                    Accuracy = t.Accuracy,
                    Weights = t.Weights,
                    SignChanges = t.SignChanges,
                    Stopped = t.Stopped,
                    Folder = t.Folder,
                    Inference = Infer(before, after, threads, t.Tensors(work)),
                };
            })];
        }
        catch (Exception problem) when (problem is TrainingDivergedException or ArgumentException)
        {
            throw new BadInputException(DataFileException.Words(problem));
        }
    }

    private TrainingStudy Study() => new()
    {
        Description = FormattableString.Invariant($"{Model} {Options} {Initial} {Start} {NewReadOut}"),
        Create = Make,
        Input = Architecture.Input.Channels == 1 ? ImageInput.Grey : ImageInput.ImageNet,
        Classes = Options.Classes,
        Pretraining = Training,
        FineTuningImages = Test,
        PretrainingImages = PretrainingImages,
        Potentials = Chosen,
        Seeds = Networks,
        PretrainingSettings = PretrainingPasses > 0
            ? new TrainingSettings { Potential = new PNorm(2), LearningRate = PretrainingRate, Epochs = PretrainingPasses, BatchSize = Protocol.BatchSize }
            : null,
        FineTuning = Protocol,
        Images = Images,
        KeepNetworks = KeepNetworks,
    };

    private Network Make(RandomSource random)
    {
        Network network = Architecture.Create(Options, random);
        if (Start is not null)
        {
            SynapticGeometry.Networks.Checkpoint.Load(network, Start, withReadOut: !NewReadOut);
        }

        if (Initial != "reference")
        {
            StartingWeights.Draw(network, Initial == "normal" ? StartingWeights.Normal : StartingWeights.LogNormal, random.Fork("distribution"));
        }

        return network;
    }

    private sealed class Said(IProgress<(string Stage, double Done)> progress) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress.Report((value.Stage, value.Done));
    }
}
