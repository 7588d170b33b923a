using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>The layers that several architectures share.</summary>
internal static class Layers
{
    /// <summary>A convolution without bias, its borders padded so that a stride of 1 keeps the size.</summary>
    public static Conv2d Convolution(int from, int to, int size, int stride = 1, int groups = 1) =>
        Conv2d(from, to, size, stride: stride, padding: size / 2, groups: groups, bias: false);

    /// <summary>Layers in a row, named "0", "1", ... by their place.</summary>
    public static Sequential InRow(IEnumerable<Module<Tensor, Tensor>> layers) => Sequential(layers.Select((layer, i) => ($"{i}", layer)));

    /// <summary>The mean over height and width: [batch, channels, height, width] to [batch, channels].</summary>
    public static Tensor MeanOverSpace(Tensor x) => x.mean([2, 3]);
}
