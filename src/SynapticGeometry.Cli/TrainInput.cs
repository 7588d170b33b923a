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

    /// <summary>Checks what can be checked before anything is trained, and makes the folder this study's.</summary>
    /// <returns>Whether it goes on with what is there, and the number of weights of a network.</returns>
    /// <exception cref="BadInputException">Something does not go together.</exception>
    /// <exception cref="DataFileException">A file cannot be read, or the folder is another study's.</exception>
    public abstract (bool GoingOn, long Weights) Begin(string work, ulong seed);

    /// <summary>Trains, and tells the geometry from the weights, which are left in a folder; what is there already is taken as it is.</summary>
    /// <exception cref="BadInputException">Learning diverged.</exception>
    public abstract IReadOnlyList<TrainedNetwork> Train(string work, ulong seed, long weights, int threads, IProgress<(string Stage, double Done)> progress, CancellationToken cancellation);

    /// <summary>"30 passes", or "30 to 150 passes".</summary>
    protected static string Passes(int least, int most) => least == most ? NumberText.Count(least, "pass", "passes") : $"{least} to {most} passes";

    /// <summary>"a learning rate of 0.01", or how many from which to which.</summary>
    protected static string RatesOf(IReadOnlyList<double> rates) => rates.Count == 1
        ? FormattableString.Invariant($"a learning rate of {rates[0]:g3}")
        : FormattableString.Invariant($"{rates.Count} learning rates from {rates[0]:g3} to {rates[^1]:g3}");

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
internal sealed record RegressionInput(LinearRegressionStudy Study, int Networks, string Initial) : TrainInput
{
    public override string Model => TrainOptions.Linear;

    public override string Description => FormattableString.Invariant(
        $"linear regression, {Study.Task.Weights} {Initial} weights, {Study.Task.Samples} samples, covariance falling with power {Study.Task.CovariancePower}; momentum {Study.Momentum}, {Passes(Study.Epochs, Study.LongestEpochs)}, {RatesOf(Study.Rates)}");

    public override (bool GoingOn, long Weights) Begin(string work, ulong seed) => (false, Study.Task.Weights);

    public override IReadOnlyList<TrainedNetwork> Train(string work, ulong seed, long weights, int threads, IProgress<(string Stage, double Done)> progress, CancellationToken cancellation)
    {
        RandomSource random = new RandomSource(seed).Fork("training");
        TrainProgress told = new(progress, TrainProgress.Telling(Networks * Study.Potentials.Count, weights));
        RegressionSchedule[] schedules;
        try
        {
            schedules = Study.FindRates(random.Fork("search"), new Relay<RegressionProgress>(p => told.Training(
                FormattableString.Invariant($"trying {NumberText.Count(Study.Rates.Count, "rate", "rates")}, pass {p.Epoch} of {p.Epochs}, least loss {p.LeastLoss:g3}"), SearchShare * p.Done)), cancellation);
        }
        catch (InvalidOperationException problem)
        {
            throw new BadInputException(FormattableString.Invariant($"{problem.Message} (search, seed {seed})"));
        }

        IReadOnlyList<RegressionOutcome?>[] outcomes = new IReadOnlyList<RegressionOutcome?>[Networks];
        IReadOnlyList<int>[] diverged = new IReadOnlyList<int>[Networks];
        double[] done = new double[Networks];
        Parallel.For(0, Networks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, k =>
            outcomes[k] = Study.Train(random.Fork("network", (ulong)k), schedules, out diverged[k], new Relay<RegressionProgress>(p =>
            {
                done[k] = p.Done;
                told.Training(FormattableString.Invariant($"network {k + 1}, pass {p.Epoch} of {p.Epochs}, loss {Range(p)}"), SearchShare + ((1 - SearchShare) * done.Sum() / Networks));
            }), cancellation));
        List<TrainedNetwork> networks = [];
        for (int n = 0; n < Networks * schedules.Length; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            told.Told(FormattableString.Invariant($"telling the geometry, {n + 1} of {Networks * schedules.Length}"), n, Networks * schedules.Length);
            (int k, int p) = Math.DivRem(n, schedules.Length);
            networks.Add(Told(work, k, schedules[p], outcomes[k][p], diverged[k][p], seed, threads));
        }

        return networks;
    }

    // About so much of the work is the search, which tries sixteen rates at once.
    private const double SearchShare = 0.5;

    private static string Range(RegressionProgress p) => p.LeastLoss == p.GreatestLoss ? FormattableString.Invariant($"{p.LeastLoss:g3}") : FormattableString.Invariant($"{p.LeastLoss:g3} to {p.GreatestLoss:g3}");

    private static TrainedNetwork Told(string work, int k, RegressionSchedule schedule, RegressionOutcome? outcome, int divergedAt, ulong seed, int threads)
    {
        if (outcome is null)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"Network {k + 1}, {schedule.Potential}: learning at a rate of {schedule.Rate:g3}, the best of the search, diverged in pass {divergedAt} of {schedule.Epochs} (seed {seed}); give smaller rates with --learning-rate."));
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
            Tried = [.. schedule.Trials.Where(t => t.Epochs == schedule.Epochs).Select(t => new TriedRate(t.Rate, t.DivergedAt > 0 ? double.NaN : t.Loss, double.NaN, t.DivergedAt > 0) { DivergedPass = t.DivergedAt })],
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

    /// <summary>Share of positive weights where they are normal or log-normal.</summary>
    public double PositiveShare { get; init; } = 0.5;

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
                    ? FormattableString.Invariant($"{Distribution} initial weights, pre-trained by {(Dale ? "exponentiated gradient" : "gradient descent")} on {NumberText.Count(PretrainingImages ?? Training!.Count, "image", "images")} for {Passes(PretrainingPasses, PretrainingPasses)} at {PretrainingRate}")
                    : $"{Distribution} initial weights, not pre-trained";
            string size = Architecture.Input.Channels == 1 && Model != TrainOptions.Linear ? $" of {Options.Hidden} {(Options.Hidden == 1 ? "hidden neuron" : "hidden neurons")}" : string.Empty;
            return FormattableString.Invariant($"{Model}{size}, {from}; fine-tuned on images of {Test.Name}, batches of {Protocol.BatchSize}, momentum {Protocol.Descent.Momentum}, {Passes(Protocol.Epochs, Protocol.LongestEpochs)}, {RatesOf(Protocol.LearningRates)}");
        }
    }

    private string Distribution => PositiveShare == 0.5 ? Initial : FormattableString.Invariant($"{Initial} ({100 * PositiveShare:0.##} % positive)");

    private bool Dale => Architecture.ObeysDale;

    public override (bool GoingOn, long Weights) Begin(string work, ulong seed)
    {
        try
        {
            return Study().Begin(work, Source(seed));
        }
        catch (ArgumentException problem)
        {
            throw new BadInputException(DataFileException.Words(problem));
        }
    }

    public override IReadOnlyList<TrainedNetwork> Train(string work, ulong seed, long weights, int threads, IProgress<(string Stage, double Done)> progress, CancellationToken cancellation)
    {
        try
        {
            TrainProgress told = new(progress, TrainProgress.Telling(Networks * Chosen.Length, weights));
            IReadOnlyList<TrainedWeights> trained = Study().GoOn(work, Source(seed), threads, new Relay<TrainingProgress>(p => told.Training(p.Stage, p.Done)), cancellation);
            return [.. trained.Select((t, k) =>
            {
                cancellation.ThrowIfCancellationRequested();
                told.Told(FormattableString.Invariant($"telling the geometry, {k + 1} of {trained.Count}"), k, trained.Count);
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
                    Dale = t.DaleWeights is { } signed ? DaleWeights.Of(signed, t.DaleViolationsBefore!.Value, t.DaleViolationsAfter!.Value, before, after, t.ReadSigns(work)) : null,
                    Folder = t.Folder,
                    Inference = Infer(before, after, threads, t.Tensors(work)),
                };
            })];
        }
        catch (TrainingDivergedException problem)
        {
            throw new BadInputException(problem.Message + Kept(problem, work));
        }
        catch (ArgumentException problem)
        {
            throw new BadInputException(DataFileException.Words(problem));
        }
    }

    // What there is of the last good pass.
    private string Kept(TrainingDivergedException problem, string work) => problem switch
    {
        { StateFile: { } file } when Checkpoint is not null => FormattableString.Invariant($" The state after pass {problem.Pass - 1}, the last good one, is in {Path.Combine(Checkpoint, Path.GetRelativePath(work, file))}."),
        { Pass: > 1 } => FormattableString.Invariant($" The state after pass {problem.Pass - 1}, the last good one, is not kept; with --checkpoint DIR it would be."),
        _ => string.Empty,
    };

    private static RandomSource Source(ulong seed) => new RandomSource(seed).Fork("training");

    private TrainingStudy Study() => new()
    {
        Description = FormattableString.Invariant($"{Model} {Options}, {Distribution} initial weights, start {(Start is null ? "none" : $"{Start}, SHA-256 {ContentHash.OfFile(Start)}")}{(NewReadOut ? ", new read-out" : string.Empty)}"),
        Create = Make,
        Input = Architecture.Input.Channels == 1 ? ImageInput.Grey : ImageInput.ImageNet,
        Classes = Options.Classes,
        Pretraining = Training,
        FineTuningImages = Test,
        PretrainingImages = PretrainingImages,
        Potentials = Chosen,
        Seeds = Networks,
        PretrainingSettings = PretrainingPasses > 0
            ? new TrainingSettings { Potential = Dale ? new NegativeEntropy() : new PNorm(2), LearningRate = PretrainingRate, Epochs = PretrainingPasses, BatchSize = Protocol.BatchSize }
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

        // The first weights of networks with signs are log-normal by themselves.
        if (Initial != "reference" && !Dale)
        {
            StartingWeights.Draw(network, n => Initial == "normal" ? StartingWeights.Normal(n, PositiveShare) : StartingWeights.LogNormal(n, PositiveShare), random.Fork("distribution"));
        }

        return network;
    }
}
