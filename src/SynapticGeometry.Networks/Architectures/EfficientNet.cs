using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>How an EfficientNet is scaled from B0: its width, its depth, and the share of features dropped before the classifier.</summary>
internal sealed record EfficientNetPlan(int Size, double Width, double Depth, double Dropout)
{
    public static IReadOnlyList<EfficientNetPlan> All { get; } =
        [new(0, 1.0, 1.0, 0.2), new(1, 1.0, 1.1, 0.2), new(2, 1.1, 1.2, 0.3), new(3, 1.2, 1.4, 0.3)];

    public string Name => $"efficientnet-b{Size}";

    /// <summary>Channels of B0 at this width, in eights; never less than nine tenths of what was asked for.</summary>
    public int Channels(int channels) => InEights(channels * Width);

    /// <summary>Blocks of B0 at this depth.</summary>
    public int Blocks(int blocks) => (int)Math.Ceiling(blocks * Depth);

    public static int InEights(double channels)
    {
        int rounded = Math.Max(8, (int)(channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }
}

/// <summary>
/// EfficientNet with torchvision's names and shapes (Tan and Le 2019). While it trains, whole residual branches are dropped for
/// single images, up to one in five in the last block, and features before the classifier: the draws come from <see cref="Network.Noise"/>.
/// </summary>
internal sealed class EfficientNet : Network
{
    private const double MostBranchesDropped = 0.2;

    // Expansion, kernel, stride, channels and blocks of the seven stages of B0.
    private static readonly (int Expansion, int Kernel, int Stride, int Channels, int Blocks)[] Stages =
        [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)];

    private readonly Sequential features;
    private readonly Sequential classifier;

    public EfficientNet(EfficientNetPlan plan, int classes, RandomSource random)
        : base(plan.Name, new ImageShape(3, 224, 224), classes, readOut: "classifier")
    {
        RandomSource noise = random.Fork("noise");
        Noise = noise;
        int channels = plan.Channels(32), block = 0, blocks = Stages.Sum(s => plan.Blocks(s.Blocks));
        var row = new List<Module<Tensor, Tensor>> { ConvolutionNorm(3, channels, 3, stride: 2) };
        foreach (var stage in Stages)
        {
            int to = plan.Channels(stage.Channels);
            var units = new List<Module<Tensor, Tensor>>();
            for (int b = 0; b < plan.Blocks(stage.Blocks); b++)
            {
                double dropped = MostBranchesDropped * block++ / blocks;
                units.Add(new InvertedBottleneck(channels, to, stage.Expansion, stage.Kernel, b == 0 ? stage.Stride : 1, dropped, noise));
                channels = to;
            }

            row.Add(Layers.InRow(units));
        }

        row.Add(ConvolutionNorm(channels, 4 * channels, 1));
        features = Layers.InRow(row);
        classifier = Layers.InRow([new SeededDropout(plan.Dropout, noise), Linear(4 * channels, classes)]);
        register_module("features", features);
        register_module("classifier", classifier);
        Initialization.Apply(this, random, ConvolutionStart.NormalByOutputs, LinearStart.UniformByOutputs);
    }

    /// <summary>A convolution, its normalisation, and x·σ(x) where asked for.</summary>
    public static Sequential ConvolutionNorm(int from, int to, int size, int stride = 1, int groups = 1, bool activated = true)
    {
        Module<Tensor, Tensor>[] layers = [Layers.Convolution(from, to, size, stride, groups), BatchNorm2d(to)];
        return Layers.InRow(activated ? [.. layers, SiLU()] : layers);
    }

    protected override Tensor Compute(Tensor input)
    {
        CheckImages(input, anySize: true);
        return classifier.forward(Layers.MeanOverSpace(features.forward(input)));
    }
}

/// <summary>
/// Expansion by a 1 x 1 convolution, a convolution within each channel, squeeze and excitation, projection by a 1 x 1 convolution;
/// added to the input where the shapes agree.
/// </summary>
internal sealed class InvertedBottleneck : ScopedModule
{
    private readonly Sequential block;
    private readonly bool residual;
    private readonly double dropped;
    private readonly RandomSource noise;

    public InvertedBottleneck(int from, int to, int expansion, int kernel, int stride, double dropped, RandomSource noise)
        : base("bottleneck")
    {
        (residual, this.dropped, this.noise) = (stride == 1 && from == to, dropped, noise);
        int inner = EfficientNetPlan.InEights(from * expansion);
        Module<Tensor, Tensor>[] expand = inner == from ? [] : [EfficientNet.ConvolutionNorm(from, inner, 1)];
        block = Layers.InRow(
        [
            .. expand,
            EfficientNet.ConvolutionNorm(inner, inner, kernel, stride, groups: inner),
            new SqueezeExcitation(inner, Math.Max(1, from / 4)),
            EfficientNet.ConvolutionNorm(inner, to, 1, activated: false),
        ]);
        register_module("block", block);
    }

    protected override Tensor Compute(Tensor input)
    {
        Tensor x = block.forward(input);
        if (!residual)
        {
            return x;
        }

        return input + (training && dropped > 0 ? x * KeptNoise.Draw([x.shape[0], 1, 1, 1], dropped, noise, x.device) : x);
    }
}

/// <summary>Scales each channel by a number in (0, 1) made from the means of all channels.</summary>
internal sealed class SqueezeExcitation : ScopedModule
{
    private readonly Conv2d fc1;
    private readonly Conv2d fc2;

    public SqueezeExcitation(int channels, int squeezed)
        : base("squeeze")
    {
        fc1 = Conv2d(channels, squeezed, 1);
        fc2 = Conv2d(squeezed, channels, 1);
        register_module("fc1", fc1);
        register_module("fc2", fc2);
    }

    protected override Tensor Compute(Tensor input)
    {
        Tensor mean = input.mean([2, 3], keepdim: true);
        return input * fc2.forward(functional.silu(fc1.forward(mean))).sigmoid();
    }
}

/// <summary>Dropout whose draws come from a <see cref="RandomSource"/>.</summary>
internal sealed class SeededDropout(double dropped, RandomSource noise) : ScopedModule("dropout")
{
    protected override Tensor Compute(Tensor input) =>
        training ? input * KeptNoise.Draw(input.shape, dropped, noise, input.device) : input.alias();
}

/// <summary>Noise that drops and keeps.</summary>
internal static class KeptNoise
{
    /// <summary>0 with the probability given, else 1/(1 - probability), so that the mean is 1.</summary>
    public static Tensor Draw(long[] shape, double dropped, RandomSource random, Device device)
    {
        double[] draws = new double[shape.Aggregate(1L, (product, length) => product * length)];
        random.FillUniform(draws);
        float kept = (float)(1 / (1 - dropped));
        return tensor(Array.ConvertAll(draws, u => u < dropped ? 0f : kept), shape).to(device);
    }
}
