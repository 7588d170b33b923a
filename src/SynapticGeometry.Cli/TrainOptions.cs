using System.CommandLine;
using SynapticGeometry.Data;
using SynapticGeometry.Networks;

namespace SynapticGeometry.Cli;

/// <summary>The options of 'syngeo train'.</summary>
internal sealed class TrainOptions
{
    /// <summary>The model that makes its own data and needs no libtorch; a linear layer on images is 'linear' with --data.</summary>
    public const string Linear = "linear";

    // Of pre-training. A step of exponentiated gradient is the gradient times the weight, so that rates are larger; but rectified recurrent rates grow from step to
    // step, and on MNIST one network of six no longer learns at 0.03, none at 0.2.
    private const double GradientRate = 0.02, ExponentiatedRate = 0.2, ExponentiatedRecurrentRate = 0.02;

    private readonly Option<string> model = new("--model")
    {
        Description = "What is trained: linear, perceptron, rnn, dale-perceptron, dale-rnn, or a deep network such as resnet-18 or simsiam-resnet-50 (docs/networks.md has all); 'linear' without --data is the paper's linear regression. Example: --model rnn",
        HelpName = "NAME",
        DefaultValueFactory = _ => Linear,
    };

    private readonly Option<string?> data = new("--data")
    {
        Description = "Folder of images: MNIST's idx files (train..., t10k...; also .gz), or one folder a class. Example: --data mnist",
        HelpName = "DIR",
    };

    private readonly Option<string> potentials = new("--potential")
    {
        Description = "Potentials to train under, joined by commas. Example: --potential negative-entropy,1.5,2-norm",
        HelpName = "LIST",
        DefaultValueFactory = _ => "negative-entropy,2-norm,3-norm",
    };

    private readonly Option<int> seeds = new("--seeds")
    {
        Description = "Number of networks, each trained under every potential. Example: --seeds 10",
        HelpName = "N",
        DefaultValueFactory = _ => 3,
    };

    private readonly Option<string> initial = new("--initial")
    {
        Description = "Distribution of the initial weights: the reference implementation's, normal, or log-normal. Example: --initial log-normal",
        HelpName = "reference|normal|log-normal",
        DefaultValueFactory = _ => "reference",
    };

    private readonly Option<double> positive = new("--positive")
    {
        Description = "Share of positive weights among normal or log-normal initial ones. Example: --positive 0.8",
        HelpName = "SHARE",
        DefaultValueFactory = _ => 0.5,
    };

    private readonly Option<string?> start = new("--start")
    {
        Description = "Checkpoint to fine-tune from (.safetensors, or PyTorch's .pt, .pth); there is no pre-training then. Example: --start resnet18.pth",
        HelpName = "FILE",
    };

    private readonly Option<bool> newReadOut = new("--new-read-out")
    {
        Description = "Draw the final classifier anew instead of taking it from --start: for images of other classes than the checkpoint's. Example: --new-read-out",
    };

    private readonly Option<int> hidden = new("--hidden")
    {
        Description = "Hidden neurons of perceptrons and recurrent networks. Example: --hidden 1000",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
    };

    private readonly Option<double> excitatory = new("--excitatory")
    {
        Description = "Share of excitatory neurons in the dale- networks. Example: --excitatory 0.8",
        HelpName = "SHARE",
        DefaultValueFactory = _ => 0.8,
    };

    private readonly Option<int> pretraining = new("--pretraining")
    {
        Description = "Passes of pre-training over the training images, by gradient descent (exponentiated, which keeps signs, for the dale- networks); 0 for none. Example: --pretraining 20",
        HelpName = "PASSES",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<double?> pretrainingRate = new("--pretraining-rate")
    {
        Description = FormattableString.Invariant($"Learning rate of pre-training; {GradientRate} by default, {ExponentiatedRate} for dale-perceptron. Example: --pretraining-rate 0.02"),
        HelpName = "ETA",
    };

    private readonly Option<int?> pretrainingImages = new("--pretraining-images")
    {
        Description = "Training images that pre-training sees; all by default. Example: --pretraining-images 10000",
        HelpName = "N",
    };

    private readonly Option<int?> images = new("--images")
    {
        Description = "Images of fine-tuning; by default the square root of the number of weights. Example: --images 500",
        HelpName = "N",
    };

    private readonly Option<int?> imageSize = new("--image-size")
    {
        Description = "Rows and columns that images are brought to; by default 224 for pictures in folders, and images of idx files as they are. Example: --image-size 64",
        HelpName = "PIXELS",
    };

    private readonly Option<string?> rates = new("--learning-rate")
    {
        Description = "Learning rates to choose from, the same for every potential, joined by commas; one alone is taken as it is. By default the paper's. Example: --learning-rate 1e-3,1e-2",
        HelpName = "LIST",
    };

    private readonly Option<int?> epochs = new("--epochs")
    {
        Description = "Passes of fine-tuning, and of each rate that is tried; by default the paper's 30 (100 for the linear regression, 50 self-supervised). Example: --epochs 30",
        HelpName = "PASSES",
    };

    private readonly Option<int?> longest = new("--longest")
    {
        Description = "Passes of the longest fine-tuning: one that has not learned all begins anew with --epochs more, up to this; five times --epochs by default. Example: --longest 150",
        HelpName = "PASSES",
    };

    private readonly Option<int?> batch = new("--batch")
    {
        Description = "Images in a batch; 256 by default, 128 self-supervised. Example: --batch 128",
        HelpName = "N",
    };

    private readonly Option<double> momentum = new("--momentum")
    {
        Description = "Momentum, from 0 to below 1. Example: --momentum 0.9",
        HelpName = "MU",
        DefaultValueFactory = _ => 0.9,
    };

    private readonly Option<double> dampening = new("--dampening")
    {
        Description = "Dampening: the part of a gradient that momentum leaves out, from 0 to 1. Example: --dampening 0.1",
        HelpName = "TAU",
    };

    private readonly Option<double> decay = new("--weight-decay")
    {
        Description = "Weight decay: so many times the weight is added to its gradient. Example: --weight-decay 1e-4",
        HelpName = "LAMBDA",
    };

    private readonly Option<bool> nesterov = new("--nesterov")
    {
        Description = "Nesterov's momentum. Example: --nesterov",
    };

    private readonly Option<bool> keepSigns = new("--keep-signs")
    {
        Description = "Stop every weight at zero that would change its sign, and count them. Example: --keep-signs",
    };

    private readonly Option<bool> keepNetworks = new("--keep-networks")
    {
        Description = "Keep each whole network after fine-tuning, network.safetensors, besides its plastic weights. Example: --keep-networks",
    };

    private readonly Option<int> weights = new("--weights")
    {
        Description = "Linear regression only: number of weights. Example: --weights 5000",
        HelpName = "D",
        DefaultValueFactory = _ => 1000,
    };

    private readonly Option<double> samplesPower = new("--samples-power")
    {
        Description = "Linear regression only: it has as many samples as this power of the number of weights. Example: --samples-power 0.5",
        HelpName = "E",
        DefaultValueFactory = _ => 0.75,
    };

    private readonly Option<double> correlation = new("--covariance-power")
    {
        Description = "Linear regression only: power with which the covariance of inputs falls with distance. Example: --covariance-power 1",
        HelpName = "K",
        DefaultValueFactory = _ => 2,
    };

    private readonly Option<string?> checkpoint = new("--checkpoint")
    {
        Description = "Folder that keeps what is done: networks that are trained, and the state of those on their way; where it exists, the same command goes on from it, to the same numbers. Example: --checkpoint rnn.work",
        HelpName = "DIR",
    };

    /// <summary>Adds the options to the command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            model, data, potentials, seeds, initial, positive, start, newReadOut, hidden, excitatory, pretraining, pretrainingRate, pretrainingImages, images, imageSize, rates, epochs, longest, batch,
            momentum, dampening, decay, nesterov, keepSigns, keepNetworks, weights, samplesPower, correlation, checkpoint,
        })
        {
            command.Options.Add(option);
        }

        initial.AcceptOnlyFromAmong("reference", "normal", "log-normal");
        seeds.Validators.Add(r => CommonOptions.AtLeast(r, seeds, 1));
        hidden.Validators.Add(r => CommonOptions.AtLeast(r, hidden, 1));
        pretraining.Validators.Add(r => CommonOptions.AtLeast(r, pretraining, 0));
        weights.Validators.Add(r => CommonOptions.AtLeast(r, weights, 10));
    }

    /// <summary>What the options ask for.</summary>
    /// <param name="parsed">The options.</param>
    /// <param name="threads">Networks at a time.</param>
    /// <exception cref="BadInputException">Something is missing, out of range or does not go together.</exception>
    /// <exception cref="DataFileException">The images cannot be read.</exception>
    public TrainInput Read(ParseResult parsed, int threads)
    {
        NetworkArchitecture architecture = Architecture(parsed.GetValue(model)!);
        Potential[] chosen = CommandRun.ParsePotentials("--potential", parsed.GetValue(potentials)!);
        double[]? tried = parsed.GetValue(rates) is { } text ? Rates(text) : null;
        return architecture.Name == Linear && parsed.GetValue(data) is null
            ? Regression(parsed, chosen, tried, threads)
            : Images(parsed, architecture, chosen, tried);
    }

    private RegressionInput Regression(ParseResult parsed, Potential[] chosen, double[]? tried, int threads)
    {
        Refuse(parsed, "goes with networks on images, which --data names", start, newReadOut, pretraining, pretrainingRate, pretrainingImages, images, imageSize, batch, dampening, decay, nesterov, keepSigns, keepNetworks, hidden, excitatory, checkpoint);
        int count = parsed.GetValue(weights), passes = Passes(parsed) ?? 100;
        double power = SpikingOptions.Positive(parsed, samplesPower), share = PositiveShare(parsed);
        string distribution = parsed.GetValue(initial)!;
        MustFitMemory(count, power, chosen.Length, tried?.Length ?? 16, Math.Min(parsed.GetValue(seeds), threads));
        LinearRegressionStudy study = new()
        {
            Task = new LinearRegressionTask(count, LinearRegressionTask.SamplesOf(count, power), SpikingOptions.Positive(parsed, correlation)),
            Potentials = chosen,
            InitialWeights = distribution == "log-normal" ? StartingWeights.LogNormal(count, share) : StartingWeights.Normal(count, share),
            Momentum = Momentum(parsed),
            Epochs = passes,
            LongestEpochs = Longest(parsed, passes),
        };
        return new RegressionInput(tried is null ? study : study with { Rates = tried }, parsed.GetValue(seeds), Named(distribution == "reference" ? "normal" : distribution, share));
    }

    // The data of each network at work; and of each column of potential and rate, weights, momentum, and weights and gradient in single precision.
    private static void MustFitMemory(int count, double power, int potentials, int rates, int atOnce)
    {
        const double Gigabyte = 1L << 30;
        double samples = Math.Floor(Math.Pow(count, power)), columns = (double)potentials * rates;
        double search = count * ((4 * samples) + (24 * columns) + 100), train = atOnce * count * ((4 * samples) + (24.0 * potentials) + 100);
        double needed = Math.Max(search, train) / Gigabyte, there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Gigabyte;
        if (needed > there || samples > int.MaxValue)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"--weights {count} with {samples:g9} samples (--samples-power {power}) needs about {needed:g3} GB of memory{(train > search ? $" for {atOnce} networks at a time (--threads)" : string.Empty)}; there are {there:g3} GB."));
        }
    }

    // A distribution and its signs.
    private static string Named(string distribution, double share) => share == 0.5 ? distribution : FormattableString.Invariant($"{distribution} ({100 * share:0.##} % positive)");

    private double PositiveShare(ParseResult parsed)
    {
        double value = parsed.GetValue(positive);
        if (parsed.GetResult(positive) is { Implicit: false } && parsed.GetValue(initial) == "reference")
        {
            throw new BadInputException("--positive goes with --initial normal or --initial log-normal.");
        }

        return value is >= 0 and <= 1 ? value : throw new BadInputException(FormattableString.Invariant($"--positive is {value}; it must be from 0 to 1."));
    }

    private NetworkInput Images(ParseResult parsed, NetworkArchitecture architecture, Potential[] chosen, double[]? tried)
    {
        Refuse(parsed, "is of the linear regression, which goes without --data", weights, samplesPower, correlation);
        string folder = parsed.GetValue(data) ?? throw new BadInputException($"--model {architecture.Name} needs images: give --data DIR.");
        if (LibTorch.Unavailable is { } reason)
        {
            throw new BadInputException(reason);
        }

        if (!Directory.Exists(folder))
        {
            throw new BadInputException($"--data {folder}: there is no such folder.");
        }

        bool idx = IdxImages.IsThere(folder);
        string? file = parsed.GetValue(start);
        int? size = parsed.GetValue(imageSize) is < 32 and var few ? throw new BadInputException($"--image-size is {few}; it must be at least 32.") : parsed.GetValue(imageSize);
        ImageSet test = idx ? IdxImages.Open(folder, ImageSplit.Test) : PhotographsIn(folder, size ?? 224);
        if (!idx && file is null)
        {
            throw new BadInputException($"--data {folder} holds no idx files; a folder of images has no training part to pre-train on, so --start must name a checkpoint.");
        }

        ImageSet? training = idx && file is null && parsed.GetValue(pretraining) > 0 ? Sized(IdxImages.Open(folder, ImageSplit.Training)) : null;
        int passes = Passes(parsed) ?? (architecture.SelfSupervised ? 50 : 30);
        string distribution = parsed.GetValue(initial)!;
        double share = PositiveShare(parsed);
        if (distribution != "reference" && file is not null)
        {
            throw new BadInputException($"--initial {distribution} does not go with --start, which gives the weights.");
        }

        if (architecture.ObeysDale && (distribution == "normal" || share != 0.5))
        {
            throw new BadInputException($"{(distribution == "normal" ? "--initial normal" : "--positive")} does not go with {architecture.Name}, whose weights are log-normal and whose signs belong to its neurons (--excitatory).");
        }

        return new NetworkInput(
            architecture,
            new NetworkOptions { Classes = Classes(folder, test), Hidden = parsed.GetValue(hidden), ExcitatoryFraction = Fraction(parsed) },
            training,
            Sized(test),
            chosen,
            parsed.GetValue(seeds))
        {
            Checkpoint = parsed.GetValue(checkpoint),
            Start = file,
            NewReadOut = parsed.GetValue(newReadOut),
            Initial = architecture.ObeysDale ? "log-normal" : distribution,
            PositiveShare = share,
            PretrainingPasses = training is null ? 0 : parsed.GetValue(pretraining),
            PretrainingRate = SpikingOptions.Positive(parsed, pretrainingRate) ?? PretrainingRate(architecture),
            PretrainingImages = Positive(parsed, pretrainingImages),
            Images = Positive(parsed, images),
            KeepNetworks = parsed.GetValue(keepNetworks),
            FineTuning = new FineTuning
            {
                Epochs = passes,
                LongestEpochs = Longest(parsed, passes),
                BatchSize = Positive(parsed, batch) ?? (architecture.SelfSupervised ? 128 : 256),
                Descent = new MirrorDescentOptions { Momentum = Momentum(parsed), Dampening = Dampening(parsed), WeightDecay = Decay(parsed), Nesterov = parsed.GetValue(nesterov), KeepSigns = parsed.GetValue(keepSigns) },
            },
            Rates = tried,
        };

        // Pictures come in the size that is asked for.
        ImageSet Sized(ImageSet images) => idx && size is { } pixels ? new ResizedImages(images, pixels) : images;
    }

    // Of idx files the classes are those of the training images, even where a checkpoint has taken the place of pre-training.
    private static int Classes(string folder, ImageSet test)
    {
        if (test is not IdxImages)
        {
            return test.Classes.Count;
        }

        if (IdxImages.TrainingClasses(folder) is not { } classes)
        {
            return ImageLabels.Classes(test.LabelSource, test.Count, test.Label);
        }

        ImageLabels.MustBeBelow(test, classes, "the classes of the training images");
        return classes;
    }

    private static NetworkArchitecture Architecture(string name)
    {
        try
        {
            return NetworkArchitecture.Find(name.Trim());
        }
        catch (ArgumentException problem)
        {
            throw new BadInputException($"--model: {DataFileException.Words(problem)}");
        }
    }

    private static double[] Rates(string text)
    {
        double[] values = NumberText.List("--learning-rate", text, "a learning rate", "1e-4,1e-3,1e-2");
        foreach (double value in values.Where(v => v <= 0))
        {
            throw new BadInputException(FormattableString.Invariant($"--learning-rate '{text}': {value} is not positive."));
        }

        return [.. values.Distinct().Order()];
    }

    private static double PretrainingRate(NetworkArchitecture architecture) => architecture switch
    {
        { ObeysDale: false } => GradientRate,
        { Name: "dale-rnn" } => ExponentiatedRecurrentRate,
        _ => ExponentiatedRate,
    };

    private int? Passes(ParseResult parsed) => Positive(parsed, epochs);

    private int Longest(ParseResult parsed, int passes)
    {
        int value = Positive(parsed, longest) ?? 5 * passes;
        return value >= passes ? value : throw new BadInputException($"--longest is {value}, fewer than the {passes} passes of --epochs.");
    }

    private double Momentum(ParseResult parsed) => parsed.GetValue(momentum) is var value && value is >= 0 and < 1
        ? value
        : throw new BadInputException(FormattableString.Invariant($"--momentum is {value}; it must be at least 0 and below 1."));

    private double Dampening(ParseResult parsed)
    {
        double value = parsed.GetValue(dampening);
        if (value is not (>= 0 and <= 1))
        {
            throw new BadInputException(FormattableString.Invariant($"--dampening is {value}; it must be from 0 to 1."));
        }

        return value == 0 || parsed.GetValue(momentum) > 0 ? value : throw new BadInputException("--dampening goes with a --momentum above 0.");
    }

    private double Fraction(ParseResult parsed) => parsed.GetValue(excitatory) is var value && value is >= 0 and <= 1
        ? value
        : throw new BadInputException(FormattableString.Invariant($"--excitatory is {value}; it must be from 0 to 1."));

    private double Decay(ParseResult parsed) => parsed.GetValue(decay) is var value && value >= 0 && double.IsFinite(value)
        ? value
        : throw new BadInputException(FormattableString.Invariant($"--weight-decay is {value}; it must be finite and not negative."));

    private static int? Positive(ParseResult parsed, Option<int?> option) => parsed.GetValue(option) is { } value && value < 1
        ? throw new BadInputException($"{option.Name} is {value}; it must be at least 1.")
        : parsed.GetValue(option);

    // A mistyped folder is likelier than one of photographs in it.
    private static ImageFolder PhotographsIn(string folder, int size)
    {
        try
        {
            return new ImageFolder(folder, size);
        }
        catch (DataFileException problem)
        {
            throw new BadInputException($"--data {folder}: there are no images there, neither idx files (train...-images-idx3-ubyte, t10k-...) nor pictures in folders of their class. {problem.Message}");
        }
    }

    private static void Refuse(ParseResult parsed, string why, params Option[] options)
    {
        foreach (Option option in options.Where(o => parsed.GetResult(o) is { Implicit: false }))
        {
            throw new BadInputException($"{option.Name} {why}.");
        }
    }
}
