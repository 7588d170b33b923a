using SkiaSharp;
using SynapticGeometry.Data;

namespace SynapticGeometry.Networks;

/// <summary>
/// Images from a folder tree, one folder a class (ImageNet's validation images as they are usually sorted): red, green and blue, the
/// shorter side brought to 8/7 of the size that is asked for, and its centre cut out. Random views are parts of the whole image.
/// </summary>
/// <remarks>Files are opened when they are read. Classes and files are in the order of their names.</remarks>
public sealed class ImageFolder : ImageSet
{
    private static readonly string[] Extensions = [".jpeg", ".jpg", ".png", ".webp", ".bmp"];
    private readonly (string File, int Class)[] images;

    /// <summary>Lists a folder's images.</summary>
    /// <param name="folder">The folder; each folder in it is a class.</param>
    /// <param name="size">Rows and columns of the images that are given out, at least 1; 224 by the protocol.</param>
    /// <exception cref="DataFileException">There is no such folder, or it has no classes with images in them.</exception>
    public ImageFolder(string folder, int size = 224)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (!Directory.Exists(folder))
        {
            throw new DataFileException($"There is no folder {folder}.");
        }

        string[] classes = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)];
        images = [.. classes.SelectMany((c, k) => Directory.EnumerateFiles(c).Where(IsImage).Order(StringComparer.Ordinal).Select(f => (f, k)))];
        if (images.Length == 0)
        {
            throw new DataFileException($"{folder} holds no images in folders of their class; looked for {string.Join(", ", Extensions)} in {classes.Length} folders.");
        }

        (Name, Classes, Size) = (folder, [.. classes.Select(c => Path.GetFileName(c))], size);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    // Of names and lengths: to read a million photographs through would take longer than it is worth.
    internal override string Fingerprint => field ??= ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(string.Concat(
        images.Select(i => FormattableString.Invariant($"{Path.GetRelativePath(Name, i.File)}\0{new FileInfo(i.File).Length}\0")))));

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes { get; }

    /// <summary>Rows and columns.</summary>
    public int Size { get; }

    /// <inheritdoc/>
    public override int Count => images.Length;

    /// <inheritdoc/>
    public override int Channels => 3;

    /// <inheritdoc/>
    public override int Height => Size;

    /// <inheritdoc/>
    public override int Width => Size;

    /// <inheritdoc/>
    public override int Label(int index) => images[index].Class;

    /// <summary>Path of an image.</summary>
    /// <param name="index">Number of the image, from 0.</param>
    public string FileOf(int index) => images[index].File;

    /// <inheritdoc/>
    public override void Read(int index, Span<float> pixels)
    {
        string file = images[index].File;
        using SKBitmap whole = Decode(file);
        double scale = Math.Round(Size * 8.0 / 7) / Math.Min(whole.Width, whole.Height);
        var info = new SKImageInfo(Math.Max(Size, (int)Math.Round(whole.Width * scale)), Math.Max(Size, (int)Math.Round(whole.Height * scale)), SKColorType.Rgba8888, SKAlphaType.Unpremul);
        Copy(file, whole, info, mirrored: false, pixels);
    }

    /// <inheritdoc/>
    public override void ReadView(int index, ImageAugmentation augmentation, RandomSource random, Span<float> pixels)
    {
        ArgumentNullException.ThrowIfNull(augmentation);
        ArgumentNullException.ThrowIfNull(random);
        string file = images[index].File;
        using SKBitmap whole = Decode(file), part = new();
        (int left, int top, int width, int height, bool mirrored) = augmentation.Part(whole.Height, whole.Width, random);
        if (!whole.ExtractSubset(part, SKRectI.Create(left, top, width, height)))
        {
            throw new DataFileException($"{file} of {whole.Width} x {whole.Height} pixels has no part of {width} x {height} at {left}, {top}.");
        }

        Copy(file, part, new SKImageInfo(Size, Size, SKColorType.Rgba8888, SKAlphaType.Unpremul), mirrored, pixels);
        augmentation.Recolour(pixels, Channels, random);
    }

    private static SKBitmap Decode(string file) => SKBitmap.Decode(file) ?? throw new DataFileException($"{file} is not a readable image.");

    // The centre of an image brought to a size.
    private void Copy(string file, SKBitmap image, SKImageInfo info, bool mirrored, Span<float> pixels)
    {
        using SKBitmap scaled = image.Resize(info, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear))
            ?? throw new DataFileException($"{file} of {image.Width} x {image.Height} pixels cannot be brought to {info.Width} x {info.Height}.");
        int left = (info.Width - Size) / 2, top = (info.Height - Size) / 2, plane = Size * Size;
        ReadOnlySpan<byte> bytes = scaled.GetPixelSpan();
        for (int y = 0; y < Size; y++)
        {
            ReadOnlySpan<byte> row = bytes.Slice(((top + y) * scaled.RowBytes) + (left * 4), Size * 4);
            for (int x = 0; x < Size; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    pixels[(c * plane) + (y * Size) + (mirrored ? Size - 1 - x : x)] = row[(4 * x) + c] / 255f;
                }
            }
        }
    }

    private static bool IsImage(string file) => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);
}
