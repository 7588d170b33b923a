using System.Security.Cryptography;
using SynapticGeometry.Data;
using SynapticGeometry.Networks;

namespace SynapticGeometry.Papers;

/// <summary>A user's own data for the figures that take some: a recorded population, a reconstructed neuron.</summary>
public sealed record FigureFiles
{
    /// <summary>No data: figures make up their own from the seed.</summary>
    public static FigureFiles None { get; } = new();

    /// <summary>The recorded population, or null.</summary>
    public SpikeTrains? Spikes { get; init; }

    /// <summary>What the record calls it.</summary>
    public string SpikesName { get; init; } = "given spike trains";

    /// <summary>The reconstructed neuron, or null.</summary>
    public Morphology? Morphology { get; init; }

    /// <summary>What the record calls it.</summary>
    public string MorphologyName { get; init; } = "given morphology";

    /// <summary>The images of pre-training, or null.</summary>
    public ImageSet? TrainingImages { get; init; }

    /// <summary>The images of fine-tuning, or null.</summary>
    public ImageSet? TestImages { get; init; }

    /// <summary>What the record calls them.</summary>
    public string ImagesName { get; init; } = "given images";

    /// <summary>Reads files; the record names each with the beginning of its SHA-256, so that results of other data are not taken for theirs.</summary>
    /// <param name="spikes">A file of spike trains, or null.</param>
    /// <param name="morphology">A file in the SWC format, or null.</param>
    /// <param name="images">A folder of idx files as MNIST's, or null.</param>
    /// <exception cref="DataFileException">A file cannot be read.</exception>
    public static FigureFiles Read(string? spikes, string? morphology, string? images = null)
    {
        FigureFiles files = None;
        if (spikes is not null)
        {
            files = files with { Spikes = SpikeTrainFile.Read(spikes), SpikesName = Name(spikes) };
        }

        if (images is not null)
        {
            IdxImages training = IdxImages.Open(images, ImageSplit.Training), test = IdxImages.Open(images, ImageSplit.Test);
            files = files with { TrainingImages = training, TestImages = test, ImagesName = $"{Path.GetFileName(Path.GetFullPath(images))}: {Name(training.Name)}; {Name(test.Name)}" };
        }

        return morphology is null ? files : files with { Morphology = SwcFile.Read(morphology), MorphologyName = Name(morphology) };
    }

    private static string Name(string path)
    {
        using FileStream file = File.OpenRead(path);
        return $"{Path.GetFileName(path)}, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(file))[..16]}";
    }
}
