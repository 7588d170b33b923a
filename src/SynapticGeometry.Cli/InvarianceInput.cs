namespace SynapticGeometry.Cli;

/// <summary>What 'syngeo invariance' was asked to compare: names of rules and parametrizations, read.</summary>
internal sealed record InvarianceInput
{
    /// <summary>Rule, or null for all.</summary>
    public string? Rule { get; init; }

    /// <summary>The first parametrization.</summary>
    public required string First { get; init; }

    /// <summary>The second parametrization.</summary>
    public required string Second { get; init; }

    /// <summary>n.</summary>
    public required int Synapses { get; init; }

    /// <summary>Rates of equal groups, Hz, joined by commas.</summary>
    public required string Rates { get; init; }

    /// <summary>Number of drawn states.</summary>
    public required int States { get; init; }

    /// <summary>Steps of learning.</summary>
    public required int Steps { get; init; }

    /// <summary>η; null for each rule's own.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Number of threads.</summary>
    public required int Threads { get; init; }

    /// <summary>The checks, and one line that says what is compared.</summary>
    /// <exception cref="BadInputException">A name is unknown or a number outside its range.</exception>
    public (IReadOnlyList<InvarianceCheck> Checks, string Description) Read()
    {
        string[] names = Rule is null ? [.. RuleNames.All] : [RuleNames.Checked("--rule", Rule)];
        if (LearningRate is { } eta && !(eta > 0 && double.IsFinite(eta)))
        {
            throw new BadInputException(FormattableString.Invariant($"--learning-rate is {eta}; it must be finite and above 0."));
        }

        if (LearningRate is not null && Rule is null)
        {
            throw new BadInputException("--learning-rate needs --rule: each rule has a learning rate of its own.");
        }

        double[] rates = NumberText.Rates(Rates, Synapses);
        (Parametrization first, bool firstPositive) = ParametrizationNames.Parse("--first", First, Synapses, Seed);
        (Parametrization second, bool secondPositive) = ParametrizationNames.Parse("--second", Second, Synapses, Seed);
        bool positive = firstPositive || secondPositive;
        PoissonInput input = new(rates);
        InvarianceCheck[] checks =
        [
            .. names.Select(name => new InvarianceCheck
            {
                Name = name,
                Neuron = new PoissonNeuron(RuleNames.Transfer(name), new SynapticKernel()),
                Input = input,
                Rule = neuron => RuleNames.Make(name, neuron, input, LearningRate ?? RuleNames.LearningRate(name)),
                First = first,
                Second = second,
                States = States,
                Steps = Steps,
                LowestWeight = positive ? 0.2 : -1,
                Seed = Seed,
                Threads = Threads,
            }),
        ];
        string weights = positive ? "0.2/n to 1/n" : "-1/n to 1/n";
        return (checks, $"{First} against {Second} weights; {Synapses} {(Synapses == 1 ? "synapse" : "synapses")} at {Rates.Trim()} Hz, {States} drawn states, somatic weights {weights}");
    }
}
