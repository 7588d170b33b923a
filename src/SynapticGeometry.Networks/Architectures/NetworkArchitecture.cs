using SynapticGeometry.Data;

namespace SynapticGeometry.Networks;

/// <summary>The catalogue of network architectures: what each is, and how one is made.</summary>
public sealed class NetworkArchitecture
{
    private static readonly ImageShape Digits = new(1, 28, 28), Photographs = new(3, 224, 224);
    private readonly Func<NetworkOptions, RandomSource, Network> create;

    private NetworkArchitecture(string name, ImageShape input, string summary, Func<NetworkOptions, RandomSource, Network> create)
    {
        Name = name;
        Input = input;
        Summary = summary;
        this.create = create;
    }

    /// <summary>All architectures, the simple ones first.</summary>
    public static IReadOnlyList<NetworkArchitecture> All { get; } =
    [
        new("linear", Digits, "One linear layer from pixels to classes.", (o, r) => new LinearNetwork(o, r)),
        new("perceptron", Digits, "One hidden layer of tanh or rectified neurons.", (o, r) => new Perceptron("perceptron", o, r, signed: false)),
        new("rnn", Digits, "A tanh recurrent network that reads an image row by row; linear read-out of the last step.", (o, r) => new RecurrentNetwork("rnn", o, r, signed: false)),
        new("dale-perceptron", Digits, "A perceptron whose neurons are excitatory or inhibitory: outgoing weights of one sign, rectified rates.", (o, r) => new Perceptron("dale-perceptron", o, r, signed: true)) { ObeysDale = true },
        new("dale-rnn", Digits, "A recurrent network whose neurons are excitatory or inhibitory: outgoing weights of one sign, rectified rates.", (o, r) => new RecurrentNetwork("dale-rnn", o, r, signed: true)) { ObeysDale = true },
        .. ResNetPlan.All.Select(p => new NetworkArchitecture(p.Name, Photographs, $"Residual network of {p.Layers} layers, as in torchvision.", (o, r) => new ResNet(p, o.Classes, r))),
        .. ShuffleNetPlan.All.Select(p => new NetworkArchitecture(p.Name, Photographs, $"ShuffleNet v2 of width {p.Width}, as in torchvision.", (o, r) => new ShuffleNetV2(p, o.Classes, r))),
        .. EfficientNetPlan.All.Select(p => new NetworkArchitecture(p.Name, Photographs, $"EfficientNet B{p.Size}, as in torchvision.", (o, r) => new EfficientNet(p, o.Classes, r))),
        new("cornet-s", Photographs, "CORnet-S: four areas of the ventral stream with recurrence within each, as published by its authors.", (o, r) => new CorNetS(o.Classes, r)),
        new("cornet-rt", Photographs, "CORnet-RT: four areas of the ventral stream, recurrent in time, as published by its authors.", (o, r) => new CorNetRT(o.Classes, r)),
        .. ResNetPlan.All.Select(p => new NetworkArchitecture($"simsiam-{p.Name}", Photographs, $"SimSiam over {p.Name}: self-supervised, with projector and predictor, as published by its authors.", (o, r) => new SimSiam(p, o, r)) { SelfSupervised = true }),
    ];

    /// <summary>The names of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(a => a.Name)];

    /// <summary>What a command line calls it.</summary>
    public string Name { get; }

    /// <summary>The images it is meant for where <see cref="NetworkOptions.Input"/> says nothing else.</summary>
    public ImageShape Input { get; }

    /// <summary>What it is, in a sentence.</summary>
    public string Summary { get; }

    /// <summary>True where it learns from two views of an image without labels (<see cref="SimSiam"/>).</summary>
    public bool SelfSupervised { get; private init; }

    /// <summary>True where neurons are excitatory or inhibitory (Dale's principle): <see cref="Network.SignedColumns"/>.</summary>
    public bool ObeysDale { get; private init; }

    /// <summary>The architecture of a name, which may also be written as others do: resnet18, ResNet-18, shufflenet_v2_x0_5.</summary>
    /// <param name="name">One of <see cref="Names"/>; the case of letters and the signs "-", "_" and "." do not count.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message names the nearest, and all.</exception>
    public static NetworkArchitecture Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string plain = Plain(name);
        if (All.FirstOrDefault(a => Plain(a.Name).Equals(plain, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return found;
        }

        string near = NameLookup.Closest(Names, name) is { } close ? $" Did you mean {close}?" : string.Empty;
        throw new ArgumentException($"There is no network \"{Damage.Shown(name)}\".{near} There are {string.Join(", ", Names)}.", nameof(name));
    }

    private static string Plain(string name) => string.Concat(name.Where(c => c is not ('-' or '_' or '.')));

    /// <summary>Makes a network, its weights drawn by the scheme of the reference implementation.</summary>
    /// <param name="options">Sizes; what does not concern this architecture is passed over.</param>
    /// <param name="random">Where weights, signs and later noise come from; equal sources give equal bits.</param>
    /// <exception cref="LibTorchException">libtorch cannot be loaded here.</exception>
    public Network Create(NetworkOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        LibTorch.Require();
        return create(options, random);
    }
}
