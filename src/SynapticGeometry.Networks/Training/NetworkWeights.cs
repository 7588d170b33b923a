using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>A copy of all parameters and buffers of a network.</summary>
public sealed class NetworkWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> tensors;

    private NetworkWeights(Dictionary<string, Tensor> tensors) => this.tensors = tensors;

    /// <summary>The names.</summary>
    public IReadOnlyCollection<string> Names => tensors.Keys;

    /// <summary>Copies a network's parameters and buffers.</summary>
    /// <param name="network">The network.</param>
    public static NetworkWeights Of(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using IDisposable still = no_grad();
        Dictionary<string, Tensor> copies = [];
        foreach ((string name, Tensor tensor) in network.state_dict())
        {
            using Tensor detached = tensor.detach();
            copies.Add(name, detached.clone().DetachFromDisposeScope());
        }

        return new NetworkWeights(copies);
    }

    /// <summary>Puts the copies into a network of the same architecture.</summary>
    /// <param name="network">The network.</param>
    /// <exception cref="ArgumentException">Its names differ.</exception>
    public void CopyTo(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using IDisposable still = no_grad();
        Dictionary<string, Tensor> targets = network.state_dict();
        if (!targets.Keys.ToHashSet().SetEquals(tensors.Keys))
        {
            throw new ArgumentException("The network has other parameters than the copy.", nameof(network));
        }

        foreach ((string name, Tensor target) in targets)
        {
            target.copy_(tensors[name]);
        }
    }

    /// <summary>The values of a tensor, in row-major order.</summary>
    /// <param name="name">One of <see cref="Names"/>, of single precision.</param>
    public float[] Values(string name) => tensors[name].data<float>().ToArray();

    /// <summary>The shape of a tensor.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public long[] Shape(string name) => tensors[name].shape;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
