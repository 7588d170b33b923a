namespace SynapticGeometry.Networks;

/// <summary>
/// Another set's images brought to another size, linearly between the centres of pixels; for small images in deep networks, whose last areas would see little but the
/// surroundings.
/// </summary>
/// <remarks>Enlarging is what it is for: pixels between are left out where images get smaller than half.</remarks>
public sealed class ResizedImages : ImageSet
{
    private readonly ImageSet images;
    private readonly (int First, int Second, float Share)[] rows;
    private readonly (int First, int Second, float Share)[] columns;

    /// <summary>Images of a set at another size.</summary>
    /// <param name="images">The set.</param>
    /// <param name="size">Rows and columns, at least 1.</param>
    public ResizedImages(ImageSet images, int size)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        (this.images, Size) = (images, size);
        (rows, columns) = (Between(images.Height, size), Between(images.Width, size));
    }

    /// <summary>Rows and columns.</summary>
    public int Size { get; }

    /// <inheritdoc/>
    public override string Name => images.Name;

    /// <inheritdoc/>
    internal override string LabelSource => images.LabelSource;

    /// <inheritdoc/>
    internal override string Fingerprint => FormattableString.Invariant($"{images.Fingerprint} at {Size} pixels");

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => images.Classes;

    /// <inheritdoc/>
    public override int Count => images.Count;

    /// <inheritdoc/>
    public override int Channels => images.Channels;

    /// <inheritdoc/>
    public override int Height => Size;

    /// <inheritdoc/>
    public override int Width => Size;

    /// <inheritdoc/>
    public override int Label(int index) => images.Label(index);

    /// <inheritdoc/>
    public override void Read(int index, Span<float> pixels)
    {
        float[] whole = new float[images.Values];
        images.Read(index, whole);
        for (int c = 0, to = 0; c < Channels; c++)
        {
            ReadOnlySpan<float> plane = whole.AsSpan(c * images.Height * images.Width, images.Height * images.Width);
            foreach ((int above, int below, float down) in rows)
            {
                ReadOnlySpan<float> upper = plane.Slice(above * images.Width, images.Width), lower = plane.Slice(below * images.Width, images.Width);
                foreach ((int left, int right, float across) in columns)
                {
                    float high = float.Lerp(upper[left], upper[right], across), low = float.Lerp(lower[left], lower[right], across);
                    pixels[to++] = float.Lerp(high, low, down);
                }
            }
        }
    }

    // For each new pixel the two old ones around its centre, and how far it is from the first; beyond the outermost centres the outermost pixel.
    private static (int First, int Second, float Share)[] Between(int from, int to) =>
    [
        .. Enumerable.Range(0, to).Select(k =>
        {
            double at = Math.Clamp(((k + 0.5) * from / to) - 0.5, 0, from - 1);
            int first = (int)at;
            return (first, Math.Min(first + 1, from - 1), (float)(at - first));
        }),
    ];
}
