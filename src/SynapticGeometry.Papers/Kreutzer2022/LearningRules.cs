using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>The rules that figures compare, by their place in a table: natural 0, approximate 1, Euclidean 2, exponentiated gradient 3.</summary>
internal static class LearningRules
{
    public const int Natural = 0, Approximate = 1, Euclidean = 2, ExponentiatedGradient = 3;

    public static IReadOnlyList<string> Names { get; } = ["natural", "approximate", "Euclidean", "exponentiated gradient"];

    public static IReadOnlyList<ScottPlot.Color> Colors { get; } = [OkabeIto.Blue, OkabeIto.Orange, OkabeIto.Vermilion, OkabeIto.Green];

    /// <summary>A rule, in the weights that a neuron learns.</summary>
    public static PlasticityRule Make(int rule, PoissonNeuron neuron, SpikeInput input, double learningRate) => rule switch
    {
        Natural => new GradientPlasticity(new FisherGeometry(neuron, input).In(neuron.Parametrization)) { LearningRate = learningRate },
        Approximate => new ThreeTermPlasticity(new ApproximateNaturalForm(new FisherGeometry(neuron, input), ConstantUniform, ConstantWeight)) { LearningRate = learningRate },
        Euclidean => new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = learningRate },
        _ => new GradientPlasticity(new MirrorGeometry(new NegativeEntropy())) { LearningRate = learningRate },
    };
}
