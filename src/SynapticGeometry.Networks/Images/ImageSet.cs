namespace SynapticGeometry.Networks;

/// <summary>Images of one size, each of a class.</summary>
public abstract class ImageSet
{
    /// <summary>Where it comes from, for messages and records.</summary>
    public abstract string Name { get; }

    /// <summary>Where the labels come from, for messages.</summary>
    internal virtual string LabelSource => Name;

    /// <summary>The beginning of a SHA-256 of what the images are made from, so that others under the same name are told apart; empty where the name says all.</summary>
    internal virtual string Fingerprint => string.Empty;

    /// <summary>Names of the classes; labels count them from 0.</summary>
    public abstract IReadOnlyList<string> Classes { get; }

    /// <summary>Number of images.</summary>
    public abstract int Count { get; }

    /// <summary>Channels: 1 for grey, 3 for red, green and blue.</summary>
    public abstract int Channels { get; }

    /// <summary>Rows of pixels.</summary>
    public abstract int Height { get; }

    /// <summary>Pixels in a row.</summary>
    public abstract int Width { get; }

    /// <summary>Number of values of an image, channels × height × width.</summary>
    public int Values => Channels * Height * Width;

    /// <summary>The class of an image.</summary>
    /// <param name="index">Number of the image, from 0.</param>
    public abstract int Label(int index);

    /// <summary>The pixels of an image, each from 0 to 1, channel by channel and row by row.</summary>
    /// <param name="index">Number of the image, from 0.</param>
    /// <param name="pixels">Receives channels × height × width values.</param>
    /// <exception cref="Data.DataFileException">The image's file cannot be read.</exception>
    public abstract void Read(int index, Span<float> pixels);

    /// <summary>The pixels of a random view of an image, as <see cref="Read"/> gives them.</summary>
    /// <param name="index">Number of the image, from 0.</param>
    /// <param name="augmentation">How views are made.</param>
    /// <param name="random">The stream of this view.</param>
    /// <param name="pixels">Receives channels × height × width values.</param>
    /// <exception cref="Data.DataFileException">The image's file cannot be read.</exception>
    public virtual void ReadView(int index, ImageAugmentation augmentation, RandomSource random, Span<float> pixels)
    {
        ArgumentNullException.ThrowIfNull(augmentation);
        Read(index, pixels);
        augmentation.Apply(pixels, Channels, Height, Width, random);
    }

    /// <summary>Different images, drawn at random.</summary>
    /// <param name="count">How many, from 1 to <see cref="Count"/>.</param>
    /// <param name="random">The stream; a fork by purpose, since numbers are drawn from it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public int[] Draw(int count, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (count < 1 || count > Count)
        {
            throw new ArgumentOutOfRangeException(nameof(count), $"{count} images are to be drawn from the {Count} of {Name}; from 1 to {Count} can be.");
        }

        int[] all = [.. Enumerable.Range(0, Count)];
        random.Shuffle<int>(all);
        return all[..count];
    }
}
