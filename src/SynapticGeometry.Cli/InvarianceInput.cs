using System.Globalization;
using SynapticGeometry.Data;

namespace SynapticGeometry.Cli;

/// <summary>What 'syngeo invariance' was asked to compare: names of rules and parametrizations, read.</summary>
internal sealed record InvarianceInput
{
    /// <summary>Farthest synapse of a dendrite, µm.</summary>
    public const double LongestDistance = 460;

    private static readonly Dictionary<string, (double LearningRate, Func<PoissonNeuron, SpikeInput, PlasticityRule> Rule)> Known = new()
    {
        ["euclidean"] = (4.5e-7, (_, _) => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = 0 }),
        ["natural"] = (6e-4, (n, i) => new GradientPlasticity(new FisherGeometry(n, i).In(n.Parametrization)) { LearningRate = 0 }),
        ["approximate"] = (4.5e-4, (n, i) => new ThreeTermPlasticity(new ApproximateNaturalForm(new FisherGeometry(n, i))) { LearningRate = 0 }),
        ["quadratic"] = (6e-4, (n, i) => new ThreeTermPlasticity(new RectifiedQuadraticForm(new FisherGeometry(n, i))) { LearningRate = 0 }),
        ["exponentiated-gradient"] = (4.5e-5, (_, _) => new GradientPlasticity(new MirrorGeometry(new NegativeEntropy())) { LearningRate = 0 }),
    };

    private static readonly string[] Forms = ["somatic", "dendritic:200um", "log", "power:2"];

    /// <summary>The names of the rules.</summary>
    public static IReadOnlyCollection<string> Rules => Known.Keys;

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
        string[] names = Rule is null ? [.. Known.Keys] : [Named("--rule", Rule, Known.Keys, string.Join(", ", Known.Keys))];
        if (LearningRate is { } eta && !(eta > 0 && double.IsFinite(eta)))
        {
            throw new BadInputException(FormattableString.Invariant($"--learning-rate is {eta}; it must be finite and above 0."));
        }

        if (LearningRate is not null && Rule is null)
        {
            throw new BadInputException("--learning-rate needs --rule: each rule has a learning rate of its own.");
        }

        double[] rates = Grouped();
        (Parametrization first, bool firstPositive) = Parse("--first", First);
        (Parametrization second, bool secondPositive) = Parse("--second", Second);
        bool positive = firstPositive || secondPositive;
        PoissonInput input = new(rates);
        InvarianceCheck[] checks =
        [
            .. names.Select(name => new InvarianceCheck
            {
                Name = name,

                // Far above its threshold, as its closed form wants it, at about the sigmoid's rates.
                Neuron = new PoissonNeuron(name == "quadratic" ? new RectifiedQuadraticTransfer(-100, 0.016) : new SigmoidTransfer(), new SynapticKernel()),
                Input = input,
                Rule = neuron => Known[name].Rule(neuron, input) with { LearningRate = LearningRate ?? Known[name].LearningRate },
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

    private double[] Grouped()
    {
        double[] rates = [.. Rates.Split(',', StringSplitOptions.TrimEntries).Select(r => Number(r)
            ?? throw new BadInputException($"--rates '{Rates}': '{r}' is not a rate; numbers in Hz joined by commas are needed, such as 10,50."))];
        foreach (double rate in rates.Where(r => r < 0))
        {
            throw new BadInputException(FormattableString.Invariant($"--rates '{Rates}': {rate} Hz is negative; rates are at least 0."));
        }

        if (rates.Length > Synapses)
        {
            throw new BadInputException($"--n is {Synapses}, fewer than the {rates.Length} rates of --rates '{Rates}'.");
        }

        return [.. Enumerable.Range(0, Synapses).Select(i => rates[(int)((long)i * rates.Length / Synapses)])];
    }

    private (Parametrization Parametrization, bool Positive) Parse(string option, string text)
    {
        string[] parts = text.Trim().ToLowerInvariant().Split(':', 2);
        string? argument = parts.Length > 1 ? parts[1] : null;
        switch (parts[0])
        {
            case "somatic" when argument is null:
                return (new SomaticWeights(), false);
            case "dendritic":
                double length = Number((argument ?? "200um").Replace("um", string.Empty, StringComparison.Ordinal).Replace("µm", string.Empty, StringComparison.Ordinal)) ?? double.NaN;
                RandomSource draws = new RandomSource(Seed).Fork("dendritic distances");
                return length > 0
                    ? (DendriticWeights.Passive([.. Enumerable.Range(0, Synapses).Select(_ => LongestDistance * draws.NextDouble())], length), false)
                    : throw new BadInputException($"{option} '{text}': the length constant must be a number of µm above 0, as in dendritic:200um.");
            case "log" when argument is null:
                return (new MonotoneWeights("log", Synapses, (w, _) => Math.Exp(w), (w, _) => Math.Exp(w), (w, _) => Math.Log(w), -25, 5), true);
            case "power":
                double power = Number(argument ?? "2") ?? double.NaN;
                return power is >= 0.1 and <= 10
                    ? (new MonotoneWeights(text.Trim(), Synapses, (w, _) => Math.Pow(w, power), (w, _) => power * Math.Pow(w, power - 1), (w, _) => Math.Pow(w, 1 / power), 0, Math.Pow(10, 1 / power)), true)
                    : throw new BadInputException($"{option} '{text}': the power must be a number from 0.1 to 10, as in power:2.");
            default:
                Named(option, text.Trim(), Forms, "somatic, dendritic:LENGTH (such as dendritic:200um), log, power:P (such as power:2)");
                return (new SomaticWeights(), false);
        }
    }

    private static string Named(string option, string text, IReadOnlyCollection<string> names, string allowed) => names.Contains(text)
        ? text
        : throw new BadInputException(
            $"{option}: nothing is named '{text}'{(NameLookup.Closest([.. names], text) is { } close ? $"; did you mean {close}?" : ".")} Allowed are {allowed}.");

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;
}
