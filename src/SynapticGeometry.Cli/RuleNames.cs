using SynapticGeometry.Data;

namespace SynapticGeometry.Cli;

/// <summary>The learning rules that the command line knows by name.</summary>
internal static class RuleNames
{
    private static readonly Dictionary<string, (double LearningRate, Func<PoissonNeuron, SpikeInput, PlasticityRule> Rule)> Known = new()
    {
        ["euclidean"] = (4.5e-7, (_, _) => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = 0 }),
        ["natural"] = (6e-4, (n, i) => new GradientPlasticity(new FisherGeometry(n, i).In(n.Parametrization)) { LearningRate = 0 }),
        ["approximate"] = (4.5e-4, (n, i) => new ThreeTermPlasticity(new ApproximateNaturalForm(new FisherGeometry(n, i))) { LearningRate = 0 }),
        ["quadratic"] = (6e-4, (n, i) => new ThreeTermPlasticity(new RectifiedQuadraticForm(new FisherGeometry(n, i))) { LearningRate = 0 }),
        ["exponentiated-gradient"] = (4.5e-5, (_, _) => new GradientPlasticity(new MirrorGeometry(new NegativeEntropy())) { LearningRate = 0 }),
    };

    /// <summary>The names.</summary>
    public static IReadOnlyCollection<string> All => Known.Keys;

    /// <summary>The names, for a help text.</summary>
    public static string Listed => string.Join(", ", Known.Keys);

    /// <summary>η where none is given: about Kreutzer et al. 2022, Table 1, 100 synapses at 10 and 50 Hz, as printed.</summary>
    /// <param name="name">A name of <see cref="All"/>.</param>
    public static double LearningRate(string name) => Known[name].LearningRate;

    /// <summary>The rule of a name for a neuron and its input.</summary>
    /// <param name="name">A name of <see cref="All"/>.</param>
    /// <param name="neuron">The neuron.</param>
    /// <param name="input">Its input.</param>
    /// <param name="learningRate">η of the rule as printed.</param>
    public static PlasticityRule Make(string name, PoissonNeuron neuron, SpikeInput input, double learningRate) =>
        Known[name].Rule(neuron, input) with { LearningRate = learningRate };

    /// <summary>A transfer function that goes with the rule: for the closed form a quadratic one far above its threshold, at about the sigmoid's rates.</summary>
    /// <param name="name">A name of <see cref="All"/>.</param>
    public static TransferFunction Transfer(string name) => name == "quadratic" ? new RectifiedQuadraticTransfer(-100, 0.016) : new SigmoidTransfer();

    /// <summary>The name, where it is one.</summary>
    /// <exception cref="BadInputException">Nothing has this name; the message names the closest.</exception>
    public static string Checked(string option, string name) => CheckedName(option, name.Trim(), All, Listed);

    /// <summary>The text, where it is one of some names.</summary>
    /// <exception cref="BadInputException">It is none; the message names the closest.</exception>
    public static string CheckedName(string option, string text, IReadOnlyCollection<string> names, string allowed) => names.Contains(text)
        ? text
        : throw new BadInputException(
            $"{option}: nothing is named '{text}'{(NameLookup.Closest([.. names], text) is { } close ? $"; did you mean {close}?" : ".")} Allowed are {allowed}.");
}
