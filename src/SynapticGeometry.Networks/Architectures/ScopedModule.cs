using TorchSharp;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>
/// A part of a network that frees what its forward pass made on the way: what autograd still needs, it keeps by itself. Layers are
/// registered by name, one by one (<c>register_module</c>); fields are not.
/// </summary>
public abstract class ScopedModule : nn.Module<Tensor, Tensor>
{
    /// <summary>A part of a network.</summary>
    /// <param name="name">What it is called in texts; parameters take their names from where they are registered.</param>
    protected ScopedModule(string name)
        : base(name)
    {
    }

    /// <inheritdoc/>
    public sealed override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return Compute(input).MoveToOuterDisposeScope();
    }

    /// <summary>Does nothing: a field's name is not its layer's in the reference.</summary>
    protected sealed override void RegisterComponents()
    {
    }

    /// <summary>The forward pass.</summary>
    /// <param name="input">The input; its owner is the caller.</param>
    /// <returns>A tensor other than <paramref name="input"/>.</returns>
    protected abstract Tensor Compute(Tensor input);
}
