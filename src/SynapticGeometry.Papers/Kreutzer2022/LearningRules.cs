using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Every rule that figures compare, by its place in a table: those of <see cref="LearningRule"/>, and exponentiated gradient.</summary>
internal static class LearningRules
{
    public const int Natural = (int)LearningRule.Natural, Approximate = (int)LearningRule.Approximate, Euclidean = (int)LearningRule.Euclidean, ExponentiatedGradient = 3;

    public static IReadOnlyList<string> Names { get; } = ["natural", "approximate", "Euclidean", "exponentiated gradient"];

    public static IReadOnlyList<ScottPlot.Color> Colors { get; } = [OkabeIto.Vermilion, OkabeIto.Green, OkabeIto.Blue, OkabeIto.Purple];

    /// <summary>A rule, in the weights that a neuron learns.</summary>
    public static PlasticityRule Make(int rule, PoissonNeuron neuron, SpikeInput input, double learningRate) => rule switch
    {
        Natural => new GradientPlasticity(new FisherGeometry(neuron, input).In(neuron.Parametrization)) { LearningRate = learningRate },
        Approximate => new ThreeTermPlasticity(new ApproximateNaturalForm(new FisherGeometry(neuron, input), ConstantUniform, ConstantWeight)) { LearningRate = learningRate },
        Euclidean => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = learningRate },
        _ => new GradientPlasticity(new MirrorGeometry(new NegativeEntropy())) { LearningRate = learningRate },
    };

    /// <summary>Trials in which a rule learns other weights of the same uniform law, recorded about a hundred times.</summary>
    public static LearningStudy Study(int rule, PoissonNeuron neuron, SpikeInput input, double learningRate, double weightBound, int trials, double duration, TraceStepping stepping) => new()
    {
        Ensemble = new SpikingEnsemble
        {
            Neuron = neuron,
            Input = input,
            Rule = Make(rule, neuron, input, learningRate),
            InitialWeights = new UniformWeights(-weightBound, weightBound),
            TargetWeights = new UniformWeights(-weightBound, weightBound),
            Trials = trials,
            Stepping = stepping,
        },
        Duration = duration,
        RecordInterval = duration / 100,
    };
}
