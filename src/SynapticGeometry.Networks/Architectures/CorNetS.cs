using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>
/// CORnet-S with its authors' names and shapes (Kubilius et al. 2019): V1, and V2, V4 and IT that pass their input two, four and two
/// times through the same convolutions, with a normalisation of its own for each time.
/// </summary>
internal sealed class CorNetS : Network
{
    private readonly Conv2d conv1 = Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false);
    private readonly BatchNorm2d norm1 = BatchNorm2d(64);
    private readonly Conv2d conv2 = Layers.Convolution(64, 64, 3);
    private readonly BatchNorm2d norm2 = BatchNorm2d(64);
    private readonly RecurrentArea[] areas = [new(64, 128, times: 2), new(128, 256, times: 4), new(256, 512, times: 2)];
    private readonly Linear linear;

    public CorNetS(int classes, RandomSource random)
        : base("cornet-s", new ImageShape(3, 224, 224), classes, readOut: "decoder")
    {
        linear = Linear(512, classes);
        register_module("V1", Sequential(
            ("conv1", conv1), ("norm1", norm1), ("nonlin1", ReLU()), ("pool", MaxPool2d(3, stride: 2, padding: 1)), ("conv2", conv2), ("norm2", norm2), ("nonlin2", ReLU())));
        register_module("V2", areas[0]);
        register_module("V4", areas[1]);
        register_module("IT", areas[2]);
        register_module("decoder", Sequential(("linear", linear)));
        Initialization.Apply(this, random, ConvolutionStart.NormalByOutputs);
    }

    protected override Tensor Compute(Tensor input)
    {
        CheckImages(input, anySize: true);
        Tensor x = functional.max_pool2d(norm1.forward(conv1.forward(input)).relu(), 3, stride: 2, padding: 1);
        x = norm2.forward(conv2.forward(x)).relu();
        foreach (RecurrentArea area in areas)
        {
            x = area.forward(x);
        }

        return linear.forward(Layers.MeanOverSpace(x));
    }
}

/// <summary>An area of CORnet-S: a bottleneck that is run through several times, at half the resolution from the first time on.</summary>
internal sealed class RecurrentArea : ScopedModule
{
    private const int Scale = 4;
    private readonly Conv2d convInput;
    private readonly Conv2d skip;
    private readonly BatchNorm2d normSkip;
    private readonly Conv2d[] convolutions;
    private readonly BatchNorm2d[][] norms;

    public RecurrentArea(int from, int to, int times)
        : base("area")
    {
        int inner = to * Scale;
        convInput = Layers.Convolution(from, to, 1);
        skip = Layers.Convolution(to, to, 1, stride: 2);
        normSkip = BatchNorm2d(to);
        convolutions = [Layers.Convolution(to, inner, 1), Layers.Convolution(inner, inner, 3, stride: 2), Layers.Convolution(inner, to, 1)];
        register_module("conv_input", convInput);
        register_module("skip", skip);
        register_module("norm_skip", normSkip);
        norms = new BatchNorm2d[times][];
        for (int i = 0; i < convolutions.Length; i++)
        {
            register_module($"conv{i + 1}", convolutions[i]);
        }

        for (int t = 0; t < times; t++)
        {
            norms[t] = [BatchNorm2d(inner), BatchNorm2d(inner), BatchNorm2d(to)];
            for (int i = 0; i < norms[t].Length; i++)
            {
                register_module($"norm{i + 1}_{t}", norms[t][i]);
            }
        }
    }

    protected override Tensor Compute(Tensor input)
    {
        Tensor x = convInput.forward(input);
        for (int t = 0; t < norms.Length; t++)
        {
            Tensor past = t == 0 ? normSkip.forward(skip.forward(x)) : x;
            x = norms[t][0].forward(convolutions[0].forward(x)).relu();

            // The stride is that of the first time alone.
            long stride = t == 0 ? 2 : 1;
            x = functional.conv2d(x, convolutions[1].weight!, strides: [stride, stride], padding: [1, 1]);
            x = norms[t][1].forward(x).relu();
            x = norms[t][2].forward(convolutions[2].forward(x));
            x = (x + past).relu();
        }

        return x;
    }
}
