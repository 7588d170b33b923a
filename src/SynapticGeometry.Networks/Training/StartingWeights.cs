using System.Runtime.InteropServices;
using TorchSharp.Modules;

namespace SynapticGeometry.Networks;

/// <summary>Initial weights of another distribution than the reference implementation's.</summary>
public static class StartingWeights
{
    /// <summary>Normal weights of mean 0 and standard deviation 1/√(inputs of a neuron).</summary>
    /// <param name="inputs">Number of inputs of a neuron.</param>
    /// <param name="positiveShare">Share of positive weights, 0 to 1; other than ½, the mean is not 0.</param>
    public static WeightLaw Normal(double inputs, double positiveShare = 0.5) => new NormalWeights(1 / Math.Sqrt(inputs)) { PositiveShare = positiveShare };

    /// <summary>Weights of random sign and log-normal size with equal mean and standard deviation, of the same power: E[w²] = 1/(inputs of a neuron).</summary>
    /// <param name="inputs">Number of inputs of a neuron.</param>
    /// <param name="positiveShare">Share of positive weights, 0 to 1.</param>
    public static WeightLaw LogNormal(double inputs, double positiveShare = 0.5) =>
        LogNormalWeights.WithMean(1 / Math.Sqrt(2 * inputs), 1 / Math.Sqrt(2 * inputs)) with { RandomSigns = true, PositiveShare = positiveShare };

    /// <summary>Draws all weights of a network, tensors of two dimensions or more, anew; biases and normalisations stay.</summary>
    /// <param name="network">The network, in single precision.</param>
    /// <param name="law">The distribution, given the number of inputs of a neuron.</param>
    /// <param name="random">The stream; each tensor has its own by name.</param>
    public static void Draw(Network network, Func<double, WeightLaw> law, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(law);
        ArgumentNullException.ThrowIfNull(random);
        foreach ((string name, Parameter parameter) in network.named_parameters())
        {
            if (parameter.dim() < 2)
            {
                continue;
            }

            double[] drawn = new double[parameter.numel()];
            law((double)drawn.Length / parameter.shape[0]).Draw(random.Fork(name), drawn);
            Span<float> weights = MemoryMarshal.Cast<byte, float>(parameter.bytes);
            for (int i = 0; i < drawn.Length; i++)
            {
                weights[i] = (float)drawn[i];
            }
        }
    }
}
