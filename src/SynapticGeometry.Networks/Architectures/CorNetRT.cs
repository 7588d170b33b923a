using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>
/// CORnet-RT with its authors' names and shapes (Kubilius et al. 2018): V1, V2, V4 and IT, each with a state, take five steps side by
/// side; what an area sends arrives a step later. In the first step only V1 has an input.
/// </summary>
/// <remarks>The reference takes images of 224 pixels alone, since it writes the sizes of the first step's empty inputs out; here they follow from the image.</remarks>
internal sealed class CorNetRT : Network
{
    private const int Times = 5;
    private static readonly string[] Names = ["V1", "V2", "V4", "IT"];
    private readonly TimedArea[] areas = [new(3, 64, 7, 4), new(64, 128, 3, 2), new(128, 256, 3, 2), new(256, 512, 3, 2)];
    private readonly Linear linear;

    public CorNetRT(int classes, RandomSource random)
        : base("cornet-rt", new ImageShape(3, 224, 224), classes, readOut: "decoder")
    {
        for (int a = 0; a < areas.Length; a++)
        {
            register_module(Names[a], areas[a]);
        }

        linear = Linear(512, classes);
        register_module("decoder", Sequential(("linear", linear)));
        Initialization.Apply(this, random);
    }

    protected override Tensor Compute(Tensor input)
    {
        CheckImages(input, anySize: true);

        // The image stays, and so does its first convolution.
        Tensor image = areas[0].Receive(input);
        var states = new Tensor[areas.Length];
        (long height, long width) = (input.shape[2], input.shape[3]);
        for (int a = 0; a < areas.Length; a++)
        {
            (height, width) = (areas[a].SizeAfter(height), areas[a].SizeAfter(width));
            states[a] = areas[a].forward(a == 0 ? image : areas[a].Silence(input, height, width));
        }

        for (int t = 1; t < Times; t++)
        {
            // From the last area to the first: each reads what the one before it was a step ago.
            for (int a = areas.Length - 1; a >= 0; a--)
            {
                Tensor received = a == 0 ? image : areas[a].Receive(states[a - 1]);
                states[a] = areas[a].forward(received + states[a]);
            }
        }

        return linear.forward(Layers.MeanOverSpace(states[^1]));
    }
}

/// <summary>An area of CORnet-RT: what it receives is added to its state, and the sum gives the next state.</summary>
internal sealed class TimedArea : ScopedModule
{
    private const int Groups = 32;
    private readonly Conv2d convInput;
    private readonly GroupNorm normInput;
    private readonly Conv2d conv1;
    private readonly GroupNorm norm1;
    private readonly int channels, kernel, stride;

    public TimedArea(int from, int to, int kernel, int stride)
        : base("area")
    {
        (channels, this.kernel, this.stride) = (to, kernel, stride);
        convInput = Conv2d(from, to, kernel, stride: stride, padding: kernel / 2);
        normInput = GroupNorm(Groups, to);
        conv1 = Layers.Convolution(to, to, 3);
        norm1 = GroupNorm(Groups, to);
        register_module("conv_input", convInput);
        register_module("norm_input", normInput);
        register_module("conv1", conv1);
        register_module("norm1", norm1);
    }

    /// <summary>Height or width of the area's state for that of its input.</summary>
    public long SizeAfter(long size) => ((size + (2 * (kernel / 2)) - kernel) / stride) + 1;

    /// <summary>What arrives of an input.</summary>
    public Tensor Receive(Tensor input) => normInput.forward(convInput.forward(input)).relu();

    /// <summary>What arrives where there is no input yet.</summary>
    public Tensor Silence(Tensor like, long height, long width) =>
        zeros([like.shape[0], channels, height, width], like.dtype, like.device);

    /// <summary>The next state from the sum of what arrived and the state.</summary>
    protected override Tensor Compute(Tensor input) => norm1.forward(conv1.forward(input)).relu();
}
