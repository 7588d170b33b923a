using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>How the weights of convolutions start.</summary>
internal enum ConvolutionStart
{
    /// <summary>PyTorch's own: uniform on ±1/√(inputs of a neuron), the bias too.</summary>
    Uniform,

    /// <summary>Normal with variance 2/(outputs of a neuron), after He et al. 2015; the bias 0.</summary>
    NormalByOutputs,
}

/// <summary>How the weights of linear layers start.</summary>
internal enum LinearStart
{
    /// <summary>PyTorch's own: uniform on ±1/√(inputs), the bias too.</summary>
    UniformByInputs,

    /// <summary>Uniform on ±1/√(outputs), the bias 0.</summary>
    UniformByOutputs,
}

/// <summary>
/// Draws the parameters of a network anew from a <see cref="RandomSource"/>, each from a stream of its own name, so that equal
/// seeds give equal bits whatever else draws, and a new layer moves no other.
/// </summary>
internal static class Initialization
{
    /// <summary>Sets all parameters: convolutions and linear layers as said, recurrent ones uniform on ±1/√(neurons), normalisations to scale 1 and shift 0.</summary>
    public static void Apply(
        nn.Module network,
        RandomSource random,
        ConvolutionStart convolutions = ConvolutionStart.Uniform,
        LinearStart linear = LinearStart.UniformByInputs)
    {
        foreach ((string name, nn.Module module) in network.named_modules())
        {
            RandomSource Stream(string parameter) => random.Fork("initial weights").Fork($"{name}.{parameter}");
            switch (module)
            {
                case Conv2d { weight: { } weight } layer when convolutions == ConvolutionStart.NormalByOutputs:
                    Normal(weight, Math.Sqrt(2.0 / (weight.shape[0] * weight.shape[2] * weight.shape[3])), Stream("weight"));
                    Fill(layer.bias, 0);
                    break;
                case Conv2d { weight: { } weight } layer:
                    Uniform(weight, 1 / Math.Sqrt(weight.numel() / weight.shape[0]), Stream("weight"));
                    Uniform(layer.bias, 1 / Math.Sqrt(weight.numel() / weight.shape[0]), Stream("bias"));
                    break;
                case Linear { weight: { } weight } layer when linear == LinearStart.UniformByOutputs:
                    Uniform(weight, 1 / Math.Sqrt(weight.shape[0]), Stream("weight"));
                    Fill(layer.bias, 0);
                    break;
                case Linear { weight: { } weight } layer:
                    Uniform(weight, 1 / Math.Sqrt(weight.shape[1]), Stream("weight"));
                    Uniform(layer.bias, 1 / Math.Sqrt(weight.shape[1]), Stream("bias"));
                    break;
                case RNN layer:
                    foreach ((string parameter, Parameter values) in layer.named_parameters())
                    {
                        Uniform(values, 1 / Math.Sqrt(layer.get_parameter("weight_hh_l0")!.shape[1]), Stream(parameter));
                    }

                    break;
                case BatchNorm or GroupNorm:
                    Fill(module.get_parameter("weight"), 1);
                    Fill(module.get_parameter("bias"), 0);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Sets every value of a parameter that is there.</summary>
    public static void Fill(Tensor? target, float value)
    {
        using IDisposable still = no_grad();

        // Kept until it has been read: one that is made of a number on the way may be collected before.
        using Scalar number = value;
        target?.fill_(number);
    }

    /// <summary>
    /// Magnitudes log-normal with equal mean and deviation, signs by column: column j of [to, from] has the sign of neuron j. Each
    /// row has Σ E[w²] = <paramref name="power"/>, and Σ E[w] = 0 where there are neurons of both signs, the rarer ones being stronger.
    /// </summary>
    public static void SignedLogNormal(Tensor weight, ReadOnlySpan<float> signs, double power, RandomSource random)
    {
        int excitatory = 0;
        foreach (float sign in signs)
        {
            excitatory += sign > 0 ? 1 : 0;
        }

        int inhibitory = signs.Length - excitatory;
        double ratio = excitatory == 0 || inhibitory == 0 ? 1 : (double)excitatory / inhibitory;

        // Mean m and deviation m: E[w²] = 2m², and σ² = ln 2 of the logarithm.
        double mean = Math.Sqrt(power / (2 * (excitatory + (inhibitory * ratio * ratio))));
        double sigma = Math.Sqrt(Math.Log(2)), mu = Math.Log(mean) - (sigma * sigma / 2);
        float[] signOf = signs.ToArray();
        long place = 0;
        Write(weight, random.FillNormal, z =>
        {
            float sign = signOf[place++ % signOf.Length];
            return (float)(sign * (sign > 0 ? 1 : ratio) * Math.Exp(mu + (sigma * z)));
        });
    }

    /// <summary>+1 for a share of the neurons and -1 for the others, in random order.</summary>
    public static float[] Signs(int neurons, double excitatoryFraction, RandomSource random)
    {
        float[] signs = new float[neurons];
        Array.Fill(signs, -1f);
        signs.AsSpan(0, (int)Math.Round(excitatoryFraction * neurons)).Fill(1f);
        random.Shuffle(signs.AsSpan());
        return signs;
    }

    private static void Uniform(Tensor? target, double bound, RandomSource random)
    {
        if (target is not null)
        {
            Write(target, random.FillUniform, u => (float)(bound * ((2 * u) - 1)));
        }
    }

    private static void Normal(Tensor target, double deviation, RandomSource random) =>
        Write(target, random.FillNormal, z => (float)(deviation * z));

    private delegate void Filling(Span<double> draws);

    // Block by block into the tensor's own memory: a network of fifty million weights takes no second copy.
    private static void Write(Tensor target, Filling draw, Func<double, float> value)
    {
        Span<float> weights = MemoryMarshal.Cast<byte, float>(target.bytes);
        Span<double> block = stackalloc double[1024];
        while (weights.Length > 0)
        {
            Span<double> draws = block[..Math.Min(block.Length, weights.Length)];
            draw(draws);
            for (int i = 0; i < draws.Length; i++)
            {
                weights[i] = value(draws[i]);
            }

            weights = weights[draws.Length..];
        }
    }
}
