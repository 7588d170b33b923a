using SkiaSharp;
using SynapticGeometry.Data;
using SynapticGeometry.Networks;
using Xunit;

namespace SynapticGeometry.Tests.Networks;

public class ImageTests
{
    [Fact]
    public void Folders_are_classes_and_the_centre_is_cut_out()
    {
        using TemporaryFolder folder = new();
        Picture(folder, "b-cats/1.png", 128, 64, (x, _) => x < 64 ? SKColors.Red : SKColors.Blue);
        Picture(folder, "a-dogs/2.png", 40, 80, (_, _) => new SKColor(51, 102, 204));
        ImageFolder images = new(folder.Path, 32);
        Assert.Equal(["a-dogs", "b-cats"], images.Classes);
        Assert.Equal((2, 3, 32, 32), (images.Count, images.Channels, images.Height, images.Width));
        Assert.Equal([0, 1], [images.Label(0), images.Label(1)]);
        float[] pixels = new float[images.Values];
        images.Read(0, pixels);
        Assert.All(pixels[..1024], v => Assert.Equal(0.2f, v, 0.005f));
        Assert.All(pixels[1024..2048], v => Assert.Equal(0.4f, v, 0.005f));
        Assert.All(pixels[2048..], v => Assert.Equal(0.8f, v, 0.005f));

        // The border of red and blue stays in the middle.
        images.Read(1, pixels);
        for (int x = 0; x < 32; x++)
        {
            Assert.Equal(x < 16 ? 1 : 0, pixels[(16 * 32) + x], x is 15 or 16 ? 0.6f : 0.01f);
        }
    }

    [Fact]
    public void An_enlarged_ramp_stays_a_ramp_between_the_outermost_centres_and_keeps_its_labels()
    {
        // Two channels' worth of slope: by row and by column, known in closed form at every new centre.
        RampImages ramp = new(4, 6);
        ResizedImages images = new(ramp, 12);
        float[] pixels = new float[images.Values];
        images.Read(1, pixels);
        Assert.Equal((2, 1, 12, 12, "ramp"), (images.Count, images.Channels, images.Height, images.Width, images.Name));
        Assert.Equal(1, images.Label(1));
        for (int y = 0; y < 12; y++)
        {
            for (int x = 0; x < 12; x++)
            {
                double row = Math.Clamp(((y + 0.5) / 3) - 0.5, 0, 3), column = Math.Clamp(((x + 0.5) / 2) - 0.5, 0, 5);
                Assert.Equal((0.1 * row) + (0.05 * column), pixels[(y * 12) + x], 1e-6);
            }
        }

        // The same size is the same image.
        float[] same = new float[36], before = new float[36];
        new ResizedImages(new RampImages(6, 6), 6).Read(0, same);
        new RampImages(6, 6).Read(0, before);
        Assert.Equal(before, same);
    }

    [Fact]
    public void A_folder_without_images_and_a_file_that_is_none_are_told()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("no images", Assert.Throws<DataFileException>(() => new ImageFolder(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<DataFileException>(() => new ImageFolder(folder["nowhere"]));
        Directory.CreateDirectory(folder["class"]);
        File.WriteAllText(System.IO.Path.Combine(folder["class"], "bad.png"), "not a picture");
        ImageFolder images = new(folder.Path, 32);
        Assert.Contains("bad.png", Assert.Throws<DataFileException>(() => images.Read(0, new float[images.Values])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Grey_images_are_surrounded_repeated_and_scaled_for_networks_of_photographs()
    {
        NetworksHere.Require();
        using TorchSharp.torch.Tensor x = ImageBatches.Images(new QuarterImages(3), [2], ImageInput.ImageNet);
        Assert.Equal([1, 3, 32, 32], x.shape);
        float[] image = new float[64];
        new QuarterImages(3).Read(2, image);
        float[] values = x.data<float>().ToArray();
        Assert.Equal((image[(2 * 8) + 5] - 0.456f) / 0.224f, values[1024 + ((12 + 2) * 32) + 12 + 5], 1e-5f);
        Assert.Equal(-0.485f / 0.229f, values[0], 1e-5f);
    }

    [Fact]
    public void Views_are_random_but_the_same_for_the_same_stream_and_stay_between_black_and_white()
    {
        RandomSource random = new(3);
        ImageAugmentation augmentation = new();
        float[] Image()
        {
            double[] values = new double[3 * 16 * 16];
            new RandomSource(8).FillUniform(values);
            return Array.ConvertAll(values, v => (float)v);
        }

        float[] first = Image(), again = Image(), other = Image();
        augmentation.Apply(first, 3, 16, 16, random.Fork("view"));
        augmentation.Apply(again, 3, 16, 16, random.Fork("view"));
        augmentation.Apply(other, 3, 16, 16, random.Fork("view", 1));
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.All(first.Concat(other), v => Assert.InRange(v, 0, 1));
    }

    [Fact]
    public void Without_colour_all_channels_are_the_luminance()
    {
        float[] image = new float[3 * 4 * 4];
        image.AsSpan(0, 16).Fill(0.5f);
        image.AsSpan(16, 16).Fill(0.25f);
        image.AsSpan(32, 16).Fill(1f);
        new ImageAugmentation { Jitter = 0, Grey = 1 }.Apply(image, 3, 4, 4, new RandomSource(1));
        Assert.All(image, v => Assert.Equal((0.299f * 0.5f) + (0.587f * 0.25f) + 0.114f, v, 1e-6f));
    }

    [Fact]
    public void Different_images_are_drawn_the_same_for_the_same_stream()
    {
        QuarterImages images = new(100);
        int[] drawn = images.Draw(40, new RandomSource(4).Fork("images"));
        Assert.Equal(40, drawn.Distinct().Count());
        Assert.Equal(drawn, images.Draw(40, new RandomSource(4).Fork("images")));
        Assert.Throws<ArgumentOutOfRangeException>(() => images.Draw(101, new RandomSource(4)));
    }

    private static void Picture(TemporaryFolder folder, string name, int width, int height, Func<int, int, SKColor> color)
    {
        using SKBitmap bitmap = new(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, color(x, y));
            }
        }

        string path = folder[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        using FileStream stream = File.Create(path);
        bitmap.Encode(stream, SKEncodedImageFormat.Png, 100);
    }

    // 0.1 a row and 0.05 a column.
    private sealed class RampImages(int height, int width) : ImageSet
    {
        public override string Name => "ramp";

        public override IReadOnlyList<string> Classes => ["a", "b"];

        public override int Count => 2;

        public override int Channels => 1;

        public override int Height => height;

        public override int Width => width;

        public override int Label(int index) => index;

        public override void Read(int index, Span<float> pixels)
        {
            for (int k = 0; k < pixels.Length; k++)
            {
                pixels[k] = (0.1f * (k / width)) + (0.05f * (k % width));
            }
        }
    }
}
