using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>One linear layer, "fc", from pixels to classes. It has no other weights than its read-out's, so that these are the plastic ones.</summary>
internal sealed class LinearNetwork : Network
{
    private readonly Linear fc;

    public LinearNetwork(NetworkOptions options, RandomSource random)
        : base("linear", options.Input ?? new ImageShape(1, 28, 28), options.Classes, readOut: "fc")
    {
        fc = nn.Linear(Input.Values, options.Classes);
        register_module("fc", fc);
        Initialization.Apply(this, random);
    }

    protected override bool IsPlastic(string name) => true;

    protected override Tensor Compute(Tensor input)
    {
        CheckImages(input, anySize: false);
        return fc.forward(input.flatten(1));
    }
}
