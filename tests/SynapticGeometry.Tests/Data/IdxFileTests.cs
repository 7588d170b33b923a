using System.IO.Compression;
using SynapticGeometry.Data;
using SynapticGeometry.Networks;
using Xunit;

namespace SynapticGeometry.Tests.Data;

public class IdxFileTests
{
    private static readonly byte[] Small = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Shape_and_bytes_come_out_packed_or_not(bool packed)
    {
        using var folder = new TemporaryFolder();
        IdxArray array = IdxFile.Read(Written(folder, packed ? Gzip(Small) : Small));
        Assert.Equal([2, 3], array.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 255], array.Values);
    }

    public static TheoryData<string, byte[], string> Broken => new()
    {
        { "cut in the header", Small[..7], "truncated" },
        { "cut in the values", Small[..^1], "truncated" },
        { "longer", [.. Small, 9], "goes on" },
        { "another format", [1, .. Small[1..]], "zero bytes" },
        { "floats", [0, 0, 13, .. Small[3..]], "0x0d" },
        { "no dimension", [0, 0, 8, 0], "dimensions" },
        { "a length of zero", [0, 0, 8, 1, 0, 0, 0, 0], "length 0" },
        { "lengths that no memory holds", [0, 0, 8, 2, 127, 255, 255, 255, 127, 255, 255, 255], "2147483647" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_file_is_refused_with_the_reason(string what, byte[] bytes, string reason)
    {
        using var folder = new TemporaryFolder();
        string path = Written(folder, bytes);
        DataFileException error = Assert.Throws<DataFileException>(() => IdxFile.Read(path));
        Assert.True(error.Message.Contains(reason, StringComparison.Ordinal) && error.Message.Contains(path, StringComparison.Ordinal), $"{what}: {error.Message}");
    }

    [Fact]
    public void A_packed_file_that_is_cut_short_is_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] packed = Gzip(Small);
        Assert.Throws<DataFileException>(() => IdxFile.Read(Written(folder, packed[..^9])));
    }

    // Mean and deviation of the training images, 0.1307 and 0.3081, are the numbers by which everybody normalises them.
    [Fact]
    public void Mnist_has_its_well_known_labels_and_moments()
    {
        IdxImages images = IdxImages.Open(SharedFiles.Require("data/mnist"), ImageSplit.Training);
        Assert.Equal((60000, 28, 28, 1, 10), (images.Count, images.Height, images.Width, images.Channels, images.Classes.Count));
        Assert.Equal([5, 0, 4, 1, 9, 2, 1, 3, 1, 4], Enumerable.Range(0, 10).Select(images.Label));
        float[] image = new float[images.Values];
        (double sum, double squares) = (0, 0);
        for (int i = 0; i < images.Count; i++)
        {
            images.Read(i, image);
            foreach (float value in image)
            {
                sum += value;
                squares += value * (double)value;
            }
        }

        double n = (double)images.Count * images.Values, mean = sum / n;
        Assert.Equal(0.1307, mean, 4);
        Assert.Equal(0.3081, Math.Sqrt((squares / n) - (mean * mean)), 4);
    }

    [Fact]
    public void Labels_must_go_with_the_images()
    {
        using var folder = new TemporaryFolder();
        string images = folder["t10k-images-idx3-ubyte"], labels = folder["t10k-labels-idx1-ubyte"];
        File.WriteAllBytes(images, [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 8]);
        File.WriteAllBytes(labels, [0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2]);
        Assert.Contains("2 images", Assert.Throws<DataFileException>(() => IdxImages.Open(folder.Path, ImageSplit.Test)).Message, StringComparison.Ordinal);
        Assert.Contains("0 files", Assert.Throws<DataFileException>(() => IdxImages.Open(folder.Path, ImageSplit.Training)).Message, StringComparison.Ordinal);
    }

    private static string Written(TemporaryFolder folder, byte[] bytes)
    {
        string path = folder["small.idx"];
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }
}
