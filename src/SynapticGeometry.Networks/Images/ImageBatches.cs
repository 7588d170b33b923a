using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>What a network takes images as.</summary>
/// <param name="Channels">Channels, 1 or 3; a grey image is repeated for three.</param>
/// <param name="Least">The least rows and columns; a smaller image is surrounded by zeros. 1 for no such limit.</param>
/// <param name="Mean">Of each channel, subtracted; one value or as many as channels.</param>
/// <param name="Deviation">Of each channel, divided by.</param>
public sealed record ImageInput(int Channels, int Least, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    /// <summary>Grey values from 0 to 1 as they are.</summary>
    public static ImageInput Grey { get; } = new(1, 1, [0f], [1f]);

    /// <summary>Three channels, scaled by ImageNet's means and standard deviations as the reference networks expect; 32 pixels at least.</summary>
    public static ImageInput ImageNet { get; } = new(3, 32, [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);
}

/// <summary>Makes tensors of images and labels.</summary>
public static class ImageBatches
{
    /// <summary>Some images, (number, channels, height, width), in single precision.</summary>
    /// <param name="images">The set.</param>
    /// <param name="indices">Which.</param>
    /// <param name="input">What the network takes.</param>
    /// <param name="augment">Changes an image in place, given its place in the batch; null for none.</param>
    /// <exception cref="ArgumentException">A set of three channels for a network that takes one.</exception>
    public static Tensor Images(ImageSet images, ReadOnlySpan<int> indices, ImageInput input, Action<int, Span<float>>? augment = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Images(images, indices, input, (k, index, pixels) =>
        {
            images.Read(index, pixels);
            augment?.Invoke(k, pixels);
        });
    }

    /// <summary>Random views of some images, (number, channels, height, width), in single precision.</summary>
    /// <param name="images">The set.</param>
    /// <param name="indices">Which.</param>
    /// <param name="input">What the network takes.</param>
    /// <param name="augmentation">How views are made.</param>
    /// <param name="random">The stream of these views.</param>
    /// <exception cref="ArgumentException">A set of three channels for a network that takes one.</exception>
    public static Tensor Views(ImageSet images, ReadOnlySpan<int> indices, ImageInput input, ImageAugmentation augmentation, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(random);
        return Images(images, indices, input, (k, index, pixels) => images.ReadView(index, augmentation, random.Fork("image", (ulong)k), pixels));
    }

    private static Tensor Images(ImageSet images, ReadOnlySpan<int> indices, ImageInput input, Action<int, int, Span<float>> read)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (images.Channels > input.Channels)
        {
            throw new ArgumentException($"{images.Name} has {images.Channels} channels; the network takes {input.Channels}.", nameof(images));
        }

        int height = Math.Max(images.Height, input.Least), width = Math.Max(images.Width, input.Least), plane = height * width;
        float[] values = new float[(long)indices.Length * input.Channels * plane];
        float[] image = new float[images.Values];
        for (int k = 0; k < indices.Length; k++)
        {
            read(k, indices[k], image);
            Place(images, image, input, height, width, values.AsSpan(k * input.Channels * plane, input.Channels * plane));
        }

        return tensor(values, [indices.Length, input.Channels, height, width]);
    }

    /// <summary>The labels of some images, one whole number each.</summary>
    /// <param name="images">The set.</param>
    /// <param name="indices">Which.</param>
    public static Tensor Labels(ImageSet images, ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(images);
        long[] labels = new long[indices.Length];
        for (int k = 0; k < labels.Length; k++)
        {
            labels[k] = images.Label(indices[k]);
        }

        return tensor(labels);
    }

    private static void Place(ImageSet images, ReadOnlySpan<float> image, ImageInput input, int height, int width, Span<float> to)
    {
        int top = (height - images.Height) / 2, left = (width - images.Width) / 2;
        for (int c = 0; c < input.Channels; c++)
        {
            float mean = input.Mean[Math.Min(c, input.Mean.Count - 1)], scale = 1 / input.Deviation[Math.Min(c, input.Deviation.Count - 1)];
            Span<float> plane = to.Slice(c * height * width, height * width);
            plane.Fill(-mean * scale);
            ReadOnlySpan<float> from = image.Slice(Math.Min(c, images.Channels - 1) * images.Height * images.Width, images.Height * images.Width);
            for (int y = 0; y < images.Height; y++)
            {
                for (int x = 0; x < images.Width; x++)
                {
                    plane[((top + y) * width) + left + x] = (from[(y * images.Width) + x] - mean) * scale;
                }
            }
        }
    }
}
