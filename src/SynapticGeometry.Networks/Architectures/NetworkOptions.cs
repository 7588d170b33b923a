namespace SynapticGeometry.Networks;

/// <summary>The nonlinearity of a perceptron's hidden neurons.</summary>
public enum Nonlinearity
{
    /// <summary>tanh(x), in (-1, 1).</summary>
    Tanh,

    /// <summary>max(0, x): a rate, never negative.</summary>
    Relu,
}

/// <summary>What a network of the catalogue is made with. Each architecture takes what concerns it and passes the rest over.</summary>
public sealed record NetworkOptions
{
    private readonly int classes = 10, hidden = 100, embedding = 2048, predictor = 512;
    private readonly double excitatoryFraction = 0.8;
    private readonly ImageShape? input;

    /// <summary>Classes to tell apart, at least 1; the reference checkpoints of ImageNet have 1000. No matter to SimSiam.</summary>
    public int Classes
    {
        get => classes;
        init => classes = AtLeastOne(value, nameof(Classes));
    }

    /// <summary>Hidden neurons of the perceptrons and recurrent networks, at least 1.</summary>
    public int Hidden
    {
        get => hidden;
        init => hidden = AtLeastOne(value, nameof(Hidden));
    }

    /// <summary>What the perceptron's hidden neurons do.</summary>
    public Nonlinearity Nonlinearity { get; init; } = Nonlinearity.Tanh;

    /// <summary>Share of excitatory neurons in the networks that obey Dale's principle, from 0 to 1.</summary>
    public double ExcitatoryFraction
    {
        get => excitatoryFraction;
        init => excitatoryFraction = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), $"The share of excitatory neurons is {value}; it must be from 0 to 1.");
    }

    /// <summary>
    /// The images of linear, perceptron and recurrent networks; null for 1 x 28 x 28. The deep networks take 3 channels and any
    /// size: smaller or grey images are enlarged or repeated before they come here.
    /// </summary>
    public ImageShape? Input
    {
        get => input;
        init => input = value is null or { Channels: >= 1, Height: >= 1, Width: >= 1 }
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), $"Images of {value} are none; channels, height and width must be at least 1.");
    }

    /// <summary>Length of SimSiam's embedding, at least 1.</summary>
    public int Embedding
    {
        get => embedding;
        init => embedding = AtLeastOne(value, nameof(Embedding));
    }

    /// <summary>Width of the hidden layer of SimSiam's predictor, at least 1.</summary>
    public int Predictor
    {
        get => predictor;
        init => predictor = AtLeastOne(value, nameof(Predictor));
    }

    private static int AtLeastOne(int value, string what) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(what, $"{what} is {value}; it must be at least 1.");
}
