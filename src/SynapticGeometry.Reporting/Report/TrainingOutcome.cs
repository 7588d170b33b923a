namespace SynapticGeometry.Reporting;

/// <summary>One network trained under one potential, and what its weights say about the geometry.</summary>
public sealed record TrainedNetwork
{
    /// <summary>The potential it was trained under.</summary>
    public required Potential Potential { get; init; }

    /// <summary>Number of the network, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The learning rates that were tried; empty where one was given.</summary>
    public required IReadOnlyList<TriedRate> Tried { get; init; }

    /// <summary>η.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Passes over the data.</summary>
    public required int Epochs { get; init; }

    /// <summary>Mean loss at the end.</summary>
    public required double Loss { get; init; }

    /// <summary>Share told right at the end; NaN without classes.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Number of weights.</summary>
    public required long Weights { get; init; }

    /// <summary>Number of weights of another sign afterwards.</summary>
    public required long SignChanges { get; init; }

    /// <summary>How often a weight was stopped at zero to keep its sign.</summary>
    public required long Stopped { get; init; }

    /// <summary>The weights' folder, relative to the report's.</summary>
    public required string Folder { get; init; }

    /// <summary>What the inference makes of the weights before and after; null where too few changed.</summary>
    public required InferenceResult? Inference { get; init; }

    /// <summary>
    /// The exponent told from the weights with its 95 % interval: the median over tensors where there are at least six, since tensors change on different scales and together are a
    /// mixture; else that of all weights. Null without an inference.
    /// </summary>
    public (double Estimate, Interval Interval)? Told => Inference?.Told;

    /// <summary>
    /// The candidate under which changes look most Gaussian, by Δ-CDF: its mean over tensors where there are at least six, else that of all weights. Null without an inference.
    /// </summary>
    public string? LeastDeltaCdf => Inference?.Layers is { } layers
        ? layers.Candidates.Where(c => double.IsFinite(c.DeltaCdf)).MinBy(c => c.DeltaCdf)?.Geometry
        : LeastDeltaCdfOfAll;

    /// <summary>The candidate under which the changes of all weights together look most Gaussian, by Δ-CDF; null without an inference.</summary>
    public string? LeastDeltaCdfOfAll => Inference?.Candidates.Where(c => double.IsFinite(c.DeltaCdf)).MinBy(c => c.DeltaCdf)?.Geometry;
}

/// <summary>Networks trained under several potentials.</summary>
/// <param name="Networks">The networks, by number and then by potential.</param>
/// <param name="Seed">Seed of the random numbers.</param>
/// <param name="Seconds">Time it took, s.</param>
public sealed record TrainingOutcome(IReadOnlyList<TrainedNetwork> Networks, ulong Seed, double Seconds)
{
    /// <summary>The potentials, in order.</summary>
    public IReadOnlyList<Potential> Potentials => [.. Networks.Select(n => n.Potential).Distinct()];

    /// <summary>The networks of one potential.</summary>
    /// <param name="potential">One of <see cref="Potentials"/>.</param>
    public IReadOnlyList<TrainedNetwork> Of(Potential potential) => [.. Networks.Where(n => n.Potential == potential)];

    /// <summary>Whether networks are judged tensor by tensor, since they have six or more.</summary>
    public bool ByLayer => Networks.Any(n => n.Inference?.Layers is not null);

    /// <summary>In how many networks the potential of training is the closest candidate, and the one under which changes look most Gaussian.</summary>
    public string Headline
    {
        get
        {
            TrainedNetwork[] told = [.. Networks.Where(n => n.Inference is { } r && r.Candidates.Any(c => c.Geometry == n.Potential.Name))];
            return told.Length == 0
                ? "No network tells its potential."
                : $"{(ByLayer ? "Layer by layer, the" : "The")} candidate closest to the changes is the potential of training in {told.Count(n => n.Inference!.Closest == n.Potential.Name)} of {Numbers.Count(told.Length, "network", "networks")}; "
                    + $"changes look most Gaussian under it in {told.Count(n => n.LeastDeltaCdf == n.Potential.Name)}.";
        }
    }

    /// <summary>What came out, a sentence a potential.</summary>
    public IEnumerable<string> Sentences => Potentials.Select(Sentence);

    private string Sentence(Potential potential)
    {
        IReadOnlyList<TrainedNetwork> all = Of(potential);
        InferenceResult[] told = [.. all.Select(n => n.Inference).OfType<InferenceResult>()];
        if (told.Length == 0)
        {
            return $"{potential}: too few weights changed to say anything.";
        }

        double[] exponents = [.. all.Select(n => n.Told?.Estimate).OfType<double>()];
        string range = exponents.Length == 1
            ? Numbers.Fixed(exponents[0], 3)
            : $"{Numbers.Fixed(exponents.Average(), 3)} on average, from {Numbers.Fixed(exponents.Min(), 3)} to {Numbers.Fixed(exponents.Max(), 3)}";
        string truth = potential.Exponent is { } exponent ? $" (truth {Numbers.Fixed(exponent, 1)})" : string.Empty;
        int closest = told.Count(r => r.Closest == potential.Name), own = all.Count(n => n.LeastDeltaCdf == potential.Name);
        string scored = told[0].Candidates.Any(c => c.Geometry == potential.Name)
            ? $"; {potential} itself is closest in {closest} of {Numbers.Count(told.Length, "network", "networks")}, and Δ-CDF least under it in {own}"
            : string.Empty;
        long signs = all.Sum(n => n.SignChanges), weights = all.Sum(n => n.Weights);
        string median = all.Any(n => n.Inference?.Layers is not null) ? ", the median of layers," : string.Empty;
        return $"{potential}: the exponent told from the weights{median} is {range}{truth}{scored}; {signs} of {weights} weights changed sign.";
    }
}
