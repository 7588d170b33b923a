using SynapticGeometry.Data;

namespace SynapticGeometry.Networks;

/// <summary>What training one network under one potential gave: how it went, and its weights before and after.</summary>
public sealed record TrainedWeights
{
    /// <summary>Name of the file of the weights before training.</summary>
    public const string BeforeFile = "weights-before.safetensors";

    /// <summary>Name of the file of the weights after training.</summary>
    public const string AfterFile = "weights-after.safetensors";

    /// <summary>Name of the file of the signs of sending neurons, of networks that obey Dale's principle.</summary>
    public const string SignsFile = "signs.safetensors";

    /// <summary>Name of the potential.</summary>
    public required string Potential { get; init; }

    /// <summary>Number of the network, from 1: networks of one number start from the same weights under every potential.</summary>
    public required int Seed { get; init; }

    /// <summary>The rates that were tried.</summary>
    public required IReadOnlyList<TriedRate> Tried { get; init; }

    /// <summary>The rate of the run.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Passes of the run.</summary>
    public required int Epochs { get; init; }

    /// <summary>Mean loss after it.</summary>
    public required double Loss { get; init; }

    /// <summary>Share told right after it; NaN without classes.</summary>
    public required double Accuracy { get; init; }

    /// <summary>How often a weight was stopped at zero to keep its sign.</summary>
    public required long Stopped { get; init; }

    /// <summary>Number of plastic weights.</summary>
    public required long Weights { get; init; }

    /// <summary>Number of them that changed their sign, or became or ceased to be zero.</summary>
    public required long SignChanges { get; init; }

    /// <summary>Number of weights in all matrices whose neurons are excitatory or inhibitory, also input and read-out; null where there are none.</summary>
    public long? DaleWeights { get; init; }

    /// <summary>How many of them had another sign than their neuron before fine-tuning; null where there are none.</summary>
    public long? DaleViolationsBefore { get; init; }

    /// <summary>How many of them had another sign than their neuron after it; null where there are none.</summary>
    public long? DaleViolationsAfter { get; init; }

    /// <summary>Folder with weights-before.safetensors and weights-after.safetensors, relative to the study's.</summary>
    public required string Folder { get; init; }

    /// <summary>The folder of a network under a potential.</summary>
    /// <param name="potential">The potential.</param>
    /// <param name="seed">Number of the network, from 1.</param>
    public static string FolderOf(Potential potential, int seed)
    {
        ArgumentNullException.ThrowIfNull(potential);
        return FormattableString.Invariant($"{potential.Name}-seed{seed}").Replace(':', '-');
    }

    /// <summary>Names of the tensors and numbers of their weights, in the order of <see cref="Read"/>.</summary>
    /// <param name="studyFolder">The study's folder.</param>
    /// <exception cref="DataFileException">A file cannot be read.</exception>
    public IReadOnlyList<(string Name, int Count)> Tensors(string studyFolder)
    {
        using DataFile file = DataFiles.Open(Path.Combine(studyFolder, Folder, BeforeFile));
        return [.. file.Names.Order(StringComparer.Ordinal).Select(n => (n, file.ReadNumbers(n).Count))];
    }

    /// <summary>The sign of the neuron that sends each weight, +1 or −1, in the order of <see cref="Read"/>; 0 where it has none.</summary>
    /// <param name="studyFolder">The study's folder.</param>
    /// <exception cref="DataFileException">A file cannot be read.</exception>
    public float[] ReadSigns(string studyFolder)
    {
        string path = Path.Combine(studyFolder, Folder, SignsFile);
        using DataFile? file = File.Exists(path) ? DataFiles.Open(path) : null;
        return [.. Tensors(studyFolder).SelectMany(t => file?.Names.Contains(t.Name) == true && file.ReadNumbers(t.Name).SingleValues is { } signs
            ? Enumerable.Range(0, t.Count).Select(i => signs[i % signs.Length])
            : Enumerable.Repeat(0f, t.Count))];
    }

    /// <summary>Reads the weights before and after, all tensors one after the other.</summary>
    /// <param name="studyFolder">The study's folder.</param>
    /// <exception cref="DataFileException">A file cannot be read.</exception>
    public (float[] Before, float[] After) Read(string studyFolder)
    {
        return (All(BeforeFile), All(AfterFile));

        float[] All(string name)
        {
            using DataFile file = DataFiles.Open(Path.Combine(studyFolder, Folder, name));
            return [.. file.Names.Order(StringComparer.Ordinal).SelectMany(n => file.ReadNumbers(n).SingleValues!)];
        }
    }
}
