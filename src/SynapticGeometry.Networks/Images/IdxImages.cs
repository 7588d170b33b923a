using System.Numerics.Tensors;
using SynapticGeometry.Data;

namespace SynapticGeometry.Networks;

/// <summary>The two parts of a set of images.</summary>
public enum ImageSplit
{
    /// <summary>The images to pre-train on.</summary>
    Training,

    /// <summary>The images that pre-training does not see: fine-tuning takes its images from them.</summary>
    Test,
}

/// <summary>Grey images and labels from idx files, as MNIST and Fashion-MNIST come.</summary>
public sealed class IdxImages : ImageSet
{
    private readonly byte[] pixels;
    private readonly byte[] labels;

    private IdxImages(string name, string labelSource, int height, int width, byte[] pixels, byte[] labels)
    {
        (Name, LabelSource, Height, Width, this.pixels, this.labels) = (name, labelSource, height, width, pixels, labels);
        Classes = [.. Enumerable.Range(0, labels.Max() + 1).Select(c => c.ToString(System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <inheritdoc/>
    public override string Name { get; }

    internal override string LabelSource { get; }

    internal override string Fingerprint => field ??= ContentHash.Of(pixels, labels);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public override int Count => labels.Length;

    /// <inheritdoc/>
    public override int Channels => 1;

    /// <inheritdoc/>
    public override int Height { get; }

    /// <inheritdoc/>
    public override int Width { get; }

    /// <summary>True where a folder holds idx files of images.</summary>
    /// <param name="folder">The folder.</param>
    public static bool IsThere(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*-images-idx3-ubyte*").Any();

    /// <summary>Reads one part from a folder with the files' usual names, train…-images-idx3-ubyte and t10k-…, also with .gz.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">The part.</param>
    /// <exception cref="DataFileException">A file is missing, damaged, or the two do not go together.</exception>
    public static IdxImages Open(string folder, ImageSplit split)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string prefix = split == ImageSplit.Training ? "train" : "t10k";
        return Open(Find(folder, prefix, "images-idx3-ubyte"), Find(folder, prefix, "labels-idx1-ubyte"));
    }

    /// <summary>Reads a file of images and one of labels.</summary>
    /// <param name="images">Path of the images.</param>
    /// <param name="labels">Path of the labels.</param>
    /// <exception cref="DataFileException">A file is missing or damaged, or the two do not go together.</exception>
    public static IdxImages Open(string images, string labels)
    {
        IdxArray pixels = IdxFile.Read(images), classes = IdxFile.Read(labels);
        if (pixels.Shape.Count != 3)
        {
            throw new DataFileException($"{images} has {pixels.Shape.Count} dimensions; images have 3: their number, rows and columns.");
        }

        if (classes.Shape.Count != 1 || classes.Shape[0] != pixels.Shape[0])
        {
            throw new DataFileException($"{labels} has shape {string.Join(" x ", classes.Shape)}; {images} has {pixels.Shape[0]} images, and each needs one label.");
        }

        return new IdxImages(images, labels, pixels.Shape[1], pixels.Shape[2], pixels.Values, classes.Values);
    }

    /// <summary>Number of classes of the training images in a folder, from their labels alone; null where there are none.</summary>
    /// <exception cref="DataFileException">The labels cannot be read, or do not count the classes from 0.</exception>
    internal static int? TrainingClasses(string folder)
    {
        if (!Directory.EnumerateFiles(folder, "train*-labels-idx1-ubyte*").Any())
        {
            return null;
        }

        string file = Find(folder, "train", "labels-idx1-ubyte");
        byte[] labels = IdxFile.Read(file).Values;
        return ImageLabels.Classes(file, labels.Length, i => labels[i]);
    }

    /// <inheritdoc/>
    public override int Label(int index) => labels[index];

    /// <inheritdoc/>
    public override void Read(int index, Span<float> pixels)
    {
        TensorPrimitives.ConvertChecked<byte, float>(this.pixels.AsSpan(index * Values, Values), pixels);
        TensorPrimitives.Divide(pixels[..Values], 255f, pixels);
    }

    private static string Find(string folder, string prefix, string kind)
    {
        string[] found = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, $"{prefix}*-{kind}*").Order(StringComparer.Ordinal)]
            : throw new DataFileException($"There is no folder {folder}.");
        return found.Length == 1
            ? found[0]
            : throw new DataFileException($"{folder} holds {found.Length} files {prefix}*-{kind}*; it must hold one{(found.Length == 0 ? string.Empty : ": " + string.Join(", ", found.Select(Path.GetFileName)))}.");
    }
}
