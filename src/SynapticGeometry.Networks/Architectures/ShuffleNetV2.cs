using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>The channels of a ShuffleNet v2 after its three stages.</summary>
internal sealed record ShuffleNetPlan(string Width, int[] Channels)
{
    public static IReadOnlyList<ShuffleNetPlan> All { get; } = [new("0.5", [48, 96, 192]), new("1.0", [116, 232, 464])];

    public string Name => $"shufflenet-v2-x{Width}";
}

/// <summary>ShuffleNet v2 with torchvision's names and shapes (Ma et al. 2018).</summary>
internal sealed class ShuffleNetV2 : Network
{
    private const int First = 24, Last = 1024;
    private static readonly int[] Blocks = [4, 8, 4];
    private readonly Sequential conv1 = Layers.InRow([Layers.Convolution(3, First, 3, stride: 2), BatchNorm2d(First), ReLU()]);
    private readonly Sequential[] stages = new Sequential[Blocks.Length];
    private readonly Sequential conv5;
    private readonly Linear fc;

    public ShuffleNetV2(ShuffleNetPlan plan, int classes, RandomSource random)
        : base(plan.Name, new ImageShape(3, 224, 224), classes, readOut: "fc")
    {
        register_module("conv1", conv1);
        int channels = First;
        for (int s = 0; s < stages.Length; s++)
        {
            int from = channels, to = plan.Channels[s];
            stages[s] = Layers.InRow(Enumerable.Range(0, Blocks[s]).Select(b => new ShuffleUnit(b == 0 ? from : to, to, b == 0 ? 2 : 1)));
            register_module($"stage{s + 2}", stages[s]);
            channels = to;
        }

        conv5 = Layers.InRow([Layers.Convolution(channels, Last, 1), BatchNorm2d(Last), ReLU()]);
        fc = Linear(Last, classes);
        register_module("conv5", conv5);
        register_module("fc", fc);
        Initialization.Apply(this, random);
    }

    protected override Tensor Compute(Tensor input)
    {
        CheckImages(input, anySize: true);
        Tensor x = functional.max_pool2d(conv1.forward(input), 3, stride: 2, padding: 1);
        foreach (Sequential stage in stages)
        {
            x = stage.forward(x);
        }

        return fc.forward(Layers.MeanOverSpace(conv5.forward(x)));
    }
}

/// <summary>
/// Two branches side by side, their channels then dealt out in turn. At stride 1 the first branch passes half of the channels on as
/// they are; at stride 2 both take all.
/// </summary>
internal sealed class ShuffleUnit : ScopedModule
{
    private readonly Sequential branch1;
    private readonly Sequential branch2;
    private readonly bool halves;

    public ShuffleUnit(int from, int to, int stride)
        : base("unit")
    {
        int half = to / 2;
        halves = stride == 1;
        branch1 = halves
            ? Sequential()
            : Layers.InRow([.. Depthwise(from, stride), .. Pointwise(from, half)]);
        branch2 = Layers.InRow([.. Pointwise(halves ? half : from, half), .. Depthwise(half, stride), .. Pointwise(half, half)]);
        register_module("branch1", branch1);
        register_module("branch2", branch2);
    }

    protected override Tensor Compute(Tensor input)
    {
        Tensor both;
        if (halves)
        {
            Tensor[] parts = input.chunk(2, 1);
            both = cat([parts[0], branch2.forward(parts[1])], 1);
        }
        else
        {
            both = cat([branch1.forward(input), branch2.forward(input)], 1);
        }

        long[] shape = both.shape;
        return both.view(shape[0], 2, shape[1] / 2, shape[2], shape[3]).transpose(1, 2).flatten(1, 2);
    }

    private static Module<Tensor, Tensor>[] Pointwise(int from, int to) => [Layers.Convolution(from, to, 1), BatchNorm2d(to), ReLU()];

    private static Module<Tensor, Tensor>[] Depthwise(int channels, int stride) =>
        [Layers.Convolution(channels, channels, 3, stride, groups: channels), BatchNorm2d(channels)];
}
