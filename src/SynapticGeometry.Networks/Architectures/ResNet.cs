using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>A residual network's layers: blocks in each of four stages, of two convolutions or three.</summary>
internal sealed record ResNetPlan(int Layers, bool Bottleneck, int[] Blocks)
{
    public static IReadOnlyList<ResNetPlan> All { get; } =
    [
        new(18, Bottleneck: false, [2, 2, 2, 2]),
        new(34, Bottleneck: false, [3, 4, 6, 3]),
        new(50, Bottleneck: true, [3, 4, 6, 3]),
    ];

    public string Name => $"resnet-{Layers}";

    /// <summary>Channels that go out of a block for each of its width.</summary>
    public int Expansion => Bottleneck ? 4 : 1;

    /// <summary>Channels that reach the classifier.</summary>
    public int Features => 512 * Expansion;
}

/// <summary>A residual network with torchvision's names and shapes (He et al. 2016, the stride of a bottleneck in its 3 x 3 convolution).</summary>
internal sealed class ResNet : Network
{
    private readonly Conv2d conv1 = Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false);
    private readonly BatchNorm2d bn1 = BatchNorm2d(64);
    private readonly Sequential[] stages = new Sequential[4];
    private readonly Module<Tensor, Tensor> fc;

    /// <summary>A classifier.</summary>
    public ResNet(ResNetPlan plan, int classes, RandomSource random)
        : this(plan, classes, Linear(plan.Features, classes), readOut: "fc") =>
        Initialization.Apply(this, random, ConvolutionStart.NormalByOutputs);

    /// <summary>An encoder with another head in the place of the classifier; its parameters are still to be drawn.</summary>
    public ResNet(ResNetPlan plan, int outputs, Module<Tensor, Tensor> head, string? readOut)
        : base(plan.Name, new ImageShape(3, 224, 224), outputs, readOut)
    {
        fc = head;
        register_module("conv1", conv1);
        register_module("bn1", bn1);
        int channels = 64;
        for (int s = 0; s < stages.Length; s++)
        {
            int width = 64 << s, blocks = plan.Blocks[s], stride = s == 0 ? 1 : 2;
            var row = new List<Module<Tensor, Tensor>>();
            for (int b = 0; b < blocks; b++)
            {
                row.Add(new ResidualBlock(plan, channels, width, b == 0 ? stride : 1));
                channels = width * plan.Expansion;
            }

            stages[s] = Layers.InRow(row);
            register_module($"layer{s + 1}", stages[s]);
        }

        register_module("fc", fc);
    }

    /// <summary>Lets each block begin as the identity: the scale of its last normalisation becomes 0.</summary>
    public void BeginAsIdentity()
    {
        foreach (ResidualBlock block in modules().OfType<ResidualBlock>())
        {
            Initialization.Fill(block.LastNorm.weight, 0);
        }
    }

    protected override Tensor Compute(Tensor input)
    {
        CheckImages(input, anySize: true);
        Tensor x = functional.max_pool2d(bn1.forward(conv1.forward(input)).relu(), 3, stride: 2, padding: 1);
        foreach (Sequential stage in stages)
        {
            x = stage.forward(x);
        }

        return fc.forward(Layers.MeanOverSpace(x));
    }
}

/// <summary>relu(F(x) + shortcut(x)) with F two convolutions of 3 x 3, or three of 1 x 1, 3 x 3 and 1 x 1.</summary>
internal sealed class ResidualBlock : ScopedModule
{
    private readonly Conv2d[] convolutions;
    private readonly BatchNorm2d[] norms;
    private readonly Sequential? downsample;

    public ResidualBlock(ResNetPlan plan, int from, int width, int stride)
        : base("block")
    {
        int to = width * plan.Expansion;
        convolutions = plan.Bottleneck
            ? [Layers.Convolution(from, width, 1), Layers.Convolution(width, width, 3, stride), Layers.Convolution(width, to, 1)]
            : [Layers.Convolution(from, width, 3, stride), Layers.Convolution(width, to, 3)];
        norms = [.. convolutions.Select(c => BatchNorm2d(c.out_channels))];
        for (int i = 0; i < convolutions.Length; i++)
        {
            register_module($"conv{i + 1}", convolutions[i]);
            register_module($"bn{i + 1}", norms[i]);
        }

        if (stride != 1 || from != to)
        {
            downsample = Layers.InRow([Layers.Convolution(from, to, 1, stride), BatchNorm2d(to)]);
            register_module("downsample", downsample);
        }
    }

    /// <summary>The normalisation before the sum.</summary>
    public BatchNorm2d LastNorm => norms[^1];

    protected override Tensor Compute(Tensor input)
    {
        Tensor x = input;
        for (int i = 0; i < convolutions.Length; i++)
        {
            x = norms[i].forward(convolutions[i].forward(x));
            x = i < convolutions.Length - 1 ? x.relu() : x;
        }

        return (x + (downsample?.forward(input) ?? input)).relu();
    }
}
