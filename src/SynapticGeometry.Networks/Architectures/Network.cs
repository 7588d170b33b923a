using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>What a network takes: images of so many channels and so many pixels.</summary>
/// <param name="Channels">1 for grey, 3 for red, green and blue.</param>
/// <param name="Height">Rows, pixels.</param>
/// <param name="Width">Columns, pixels.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Number of values in an image.</summary>
    public int Values => Channels * Height * Width;

    /// <inheritdoc/>
    public override string ToString() => $"{Channels} x {Height} x {Width}";
}

/// <summary>A weight matrix [to, from] whose columns have one sign each, as the outgoing synapses of a neuron do (Dale's principle).</summary>
/// <param name="Name">The name of the weights in the network.</param>
/// <param name="Weights">The weights, [to, from].</param>
/// <param name="Signs">+1 (excitatory) or -1 (inhibitory) for each sending neuron, [from].</param>
public sealed record SignedColumns(string Name, Parameter Weights, Tensor Signs)
{
    /// <summary>Number of weights whose sign is not that of their neuron. A weight of exactly 0 counts as none.</summary>
    public long CountViolations()
    {
        using IDisposable still = no_grad();
        using var scope = NewDisposeScope();
        using Scalar zero = 0;
        return (Weights * Signs).lt(zero).sum().item<long>();
    }
}

/// <summary>
/// A network of images to numbers: one of the catalogue (<see cref="NetworkArchitecture"/>) or one's own. Its parameters and
/// buffers have the names and shapes of the reference implementation, so that checkpoints fit.
/// </summary>
/// <remarks>Parameters are in single precision and in main memory until they are moved.</remarks>
public abstract class Network : ScopedModule
{
    /// <summary>A network.</summary>
    /// <param name="name">The name of the architecture.</param>
    /// <param name="input">The images it is meant for.</param>
    /// <param name="outputs">Numbers that come out for each image.</param>
    /// <param name="readOut">Name of the final classifier, whose weights are no subject of the statistic; null where there is none.</param>
    protected Network(string name, ImageShape input, int outputs, string? readOut)
        : base(name)
    {
        Architecture = name;
        Input = input;
        Outputs = outputs;
        ReadOut = readOut;
    }

    /// <summary>The name of the architecture, as in <see cref="NetworkArchitecture.Names"/>.</summary>
    public string Architecture { get; }

    /// <summary>The images it is meant for. Convolutional networks take other heights and widths as well.</summary>
    public ImageShape Input { get; }

    /// <summary>Numbers that come out for each image: a score for each class, or the length of the embedding.</summary>
    public int Outputs { get; }

    /// <summary>Name of the final classifier or read-out, such as "fc"; null where there is none.</summary>
    public string? ReadOut { get; }

    /// <summary>
    /// Where the network draws its noise while it trains (dropout, dropped branches); null where it has none. Its position is part
    /// of the state of a run.
    /// </summary>
    public RandomSource? Noise { get; protected init; }

    /// <summary>
    /// The weights that the statistic of Pogodin et al. 2024 is taken of, by name: those of all convolutions and linear layers
    /// except the final classifier, of a recurrent network the recurrent ones. No biases, no scales and shifts of normalisations.
    /// </summary>
    public IReadOnlyList<(string Name, Parameter Weights)> PlasticWeights =>
        [.. named_parameters().Where(p => p.parameter.dim() >= 2 && IsPlastic(p.name)).Select(p => (p.name, p.parameter))];

    /// <summary>How many weights <see cref="PlasticWeights"/> are.</summary>
    public long PlasticWeightCount => PlasticWeights.Sum(p => p.Weights.numel());

    /// <summary>The weight matrices whose neurons are excitatory or inhibitory; empty where neurons may be both.</summary>
    public virtual IReadOnlyList<SignedColumns> SignedColumns => [];

    /// <summary>True where the parameter of this name, of two dimensions or more, belongs to <see cref="PlasticWeights"/>.</summary>
    /// <param name="name">Name of a parameter.</param>
    protected virtual bool IsPlastic(string name) => !InReadOut(name);

    /// <summary>True for parameters and buffers of the final classifier.</summary>
    internal bool InReadOut(string name) => ReadOut is not null && name.StartsWith(ReadOut + ".", StringComparison.Ordinal);

    /// <summary>Refuses images of another shape than [batch, channels, height, width] with these channels.</summary>
    /// <param name="images">The images.</param>
    /// <param name="anySize">True where any height and width will do.</param>
    /// <exception cref="ArgumentException">They have another shape.</exception>
    protected void CheckImages(Tensor images, bool anySize)
    {
        ArgumentNullException.ThrowIfNull(images);
        long[] shape = images.shape;
        if (shape.Length != 4 || shape[1] != Input.Channels || (!anySize && (shape[2] != Input.Height || shape[3] != Input.Width)))
        {
            string wanted = anySize ? $"[batch, {Input.Channels}, height, width]" : $"[batch, {Input.Channels}, {Input.Height}, {Input.Width}]";
            throw new ArgumentException($"{Architecture} takes images of shape {wanted}, not [{string.Join(", ", shape)}].", nameof(images));
        }
    }
}
