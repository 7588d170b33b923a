using System.Security.Cryptography;
using SynapticGeometry.Data;

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

    /// <summary>Reads files; the record names each with the beginning of its SHA-256, so that results of other data are not taken for theirs.</summary>
    /// <param name="spikes">A file of spike trains, or null.</param>
    /// <param name="morphology">A file in the SWC format, or null.</param>
    /// <exception cref="DataFileException">A file cannot be read.</exception>
    public static FigureFiles Read(string? spikes, string? morphology)
    {
        FigureFiles files = None;
        if (spikes is not null)
        {
            files = files with { Spikes = SpikeTrainFile.Read(spikes), SpikesName = Name(spikes) };
        }

        return morphology is null ? files : files with { Morphology = SwcFile.Read(morphology), MorphologyName = Name(morphology) };
    }

    private static string Name(string path)
    {
        using FileStream file = File.OpenRead(path);
        return $"{Path.GetFileName(path)}, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(file))[..16]}";
    }
}
