using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>The signs of the neurons of a network that obeys Dale's principle, kept in its buffers.</summary>
internal sealed class DaleSigns
{
    /// <summary>The buffer with the signs of the inputs.</summary>
    public const string InputBuffer = "input_sign";

    /// <summary>The buffer with the signs of the hidden neurons.</summary>
    public const string HiddenBuffer = "hidden_sign";

    private readonly Dictionary<string, float[]> signs = [];

    /// <summary>Draws the signs and registers the buffers.</summary>
    public DaleSigns(Network network, int inputs, int hidden, double excitatoryFraction, RandomSource random)
    {
        foreach ((string name, int neurons) in new[] { (InputBuffer, inputs), (HiddenBuffer, hidden) })
        {
            float[] drawn = Initialization.Signs(neurons, excitatoryFraction, random.Fork("signs").Fork(name));
            signs.Add(name, drawn);
            network.register_buffer(name, tensor(drawn).DetachFromDisposeScope());
        }
    }

    /// <summary>Draws weights under the signs of a buffer.</summary>
    public void Draw(string name, Tensor weight, string buffer, double power, RandomSource random) =>
        Initialization.SignedLogNormal(weight, signs[buffer], power, random.Fork("initial weights").Fork(name));

    /// <summary>Weights of a network with the signs of the neurons that send them, as they are now.</summary>
    public static SignedColumns Of(Network network, string weights, string buffer)
    {
        Parameter found = network.named_parameters().First(p => p.name == weights).parameter;
        return new SignedColumns(weights, found, network.get_buffer(buffer)!);
    }
}
