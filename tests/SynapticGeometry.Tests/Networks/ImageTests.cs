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

    // Eight colours that torchvision 0.14 drew (grey, yellow, black, any), and what its adjust_hue makes of them.
    private static readonly float[] Colours =
    [
        0.5f, 1f, 0f, 0.13203f, 0.307423f, 0.634079f, 0.490093f, 0.896445f, 0.5f, 1f, 0f, 0.401717f, 0.0223258f, 0.168859f, 0.293888f, 0.518522f,
        0.5f, 0.2f, 0f, 0.282269f, 0.681609f, 0.915194f, 0.3971f, 0.874156f,
    ];

    [Theory]
    [InlineData(-0.5, new[] { 0.5f, 0.2f, 0f, 0.401717f, 0.396511f, 0.449974f, 0.293888f, 0.518522f, 0.5f, 0.2f, 0f, 0.132031f, 0.681609f, 0.915194f, 0.490093f, 0.896445f, 0.5f, 1f, 0f, 0.251479f, 0.0223257f, 0.168859f, 0.386882f, 0.540811f })]
    [InlineData(-0.1, new[] { 0.5f, 1f, 0f, 0.143604f, 0.0223257f, 0.186277f, 0.465364f, 0.69198f, 0.5f, 0.52f, 0f, 0.401717f, 0.132798f, 0.168859f, 0.293888f, 0.518522f, 0.5f, 0.2f, 0f, 0.132031f, 0.681609f, 0.915194f, 0.490093f, 0.896445f })]
    [InlineData(0.07, new[] { 0.5f, 0.664f, 0f, 0.132031f, 0.584322f, 0.915194f, 0.490093f, 0.896445f, 0.5f, 1f, 0f, 0.401717f, 0.0223258f, 0.168859f, 0.293888f, 0.518522f, 0.5f, 0.2f, 0f, 0.395537f, 0.681609f, 0.882849f, 0.314694f, 0.715428f })]
    [InlineData(0.3, new[] { 0.5f, 0.2f, 0f, 0.228331f, 0.681609f, 0.915194f, 0.436341f, 0.896445f, 0.5f, 1f, 0f, 0.132031f, 0.175566f, 0.484811f, 0.490093f, 0.843149f, 0.5f, 0.84f, 0f, 0.401717f, 0.0223258f, 0.168859f, 0.293888f, 0.518522f })]
    public void Hues_turn_as_torchvision_turns_them(double turn, float[] expected)
    {
        float[] pixels = [.. Colours];
        ImageAugmentation.Turn(pixels, turn);
        Assert.All(expected.Zip(pixels), p => Assert.Equal(p.First, p.Second, 2e-6f));
    }

    [Fact]
    public void The_hue_of_a_view_changes_by_no_more_than_it_may()
    {
        double most = 0;
        for (ulong view = 0; view < 200; view++)
        {
            // Orange, a twelfth of a turn from red; its hue is read off the one channel between the largest and the least.
            float[] pixels = [.. Enumerable.Repeat(0.8f, 4), .. Enumerable.Repeat(0.5f, 4), .. Enumerable.Repeat(0.2f, 4)];
            new ImageAugmentation { Jitter = 1, Strength = 0, Grey = 0 }.Apply(pixels, 3, 2, 2, new RandomSource(view));
            Assert.Equal((0.8f, 0.2f), (pixels.Max(), pixels.Min()), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-5);
            double hue = pixels[0] >= pixels[4] ? (pixels[4] - pixels[8]) / 3.6 : (2 + ((pixels[8] - pixels[0]) / 0.6)) / 6;
            most = Math.Max(most, Math.Abs(hue - (1.0 / 12)));
        }

        // The largest of 200 is below 0.095 once in 30 000 times.
        Assert.InRange(most, 0.095, 0.1 + 1e-5);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageAugmentation { Hue = 0.6 });
    }

    [Fact]
    public void Views_of_a_folder_are_parts_of_whole_images_and_not_of_their_centres()
    {
        using TemporaryFolder folder = new();
        Picture(folder, "class/wide.png", 256, 64, (x, _) => x < 64 ? SKColors.Lime : x < 192 ? SKColors.Red : SKColors.Blue);
        ImageFolder images = new(folder.Path, 32);
        float[] pixels = new float[images.Values];
        images.Read(0, pixels);
        Assert.All(pixels[1024..], v => Assert.Equal(0, v, 0.01f));

        ImageAugmentation plain = new() { Jitter = 0, Grey = 0, Mirror = 0 };
        int left = 0, right = 0;
        for (ulong view = 0; view < 100; view++)
        {
            images.ReadView(0, plain, new RandomSource(1).Fork("view", view), pixels);
            (left, right) = (left + (pixels[1024..2048].Max() > 0.9f ? 1 : 0), right + (pixels[2048..].Max() > 0.9f ? 1 : 0));
        }

        // Parts are 50 to 85 of 256 pixels wide, so that about a third of them reach into each outer quarter; four standard errors are 19.
        Assert.InRange(left, 15, 53);
        Assert.InRange(right, 15, 53);

        // The whole area does not fit with sides of at most 4 to 3: the largest centred part, which is red.
        images.ReadView(0, plain with { LeastArea = 1 }, new RandomSource(1), pixels);
        Assert.All(pixels[1024..], v => Assert.Equal(0, v, 0.01f));
        images.ReadView(0, plain, new RandomSource(1), pixels);
        float[] mirrored = new float[images.Values], other = new float[images.Values];
        images.ReadView(0, plain with { Mirror = 1 }, new RandomSource(1), mirrored);
        Assert.Equal(pixels.Chunk(32).SelectMany(row => row.Reverse()), mirrored);
        images.ReadView(0, new ImageAugmentation(), new RandomSource(2), pixels);
        images.ReadView(0, new ImageAugmentation(), new RandomSource(2), other);
        Assert.Equal(pixels, other);
    }

    // Share of the area and logarithm of the ratio are uniform: that is what the reference draws, wherever all draws fit.
    [Fact]
    public void Parts_have_areas_and_ratios_as_the_recipe_says()
    {
        ImageAugmentation augmentation = new() { LeastArea = 0.2 };
        const int Side = 1000, Count = 2000;
        double[] areas = new double[Count], ratios = new double[Count];
        for (int k = 0; k < Count; k++)
        {
            (int left, int top, int width, int height, _) = augmentation.Part(Side, Side, new RandomSource(4).Fork("part", (ulong)k));
            Assert.True(left >= 0 && top >= 0 && left + width <= Side && top + height <= Side);
            (areas[k], ratios[k]) = ((double)width * height / (Side * Side), Math.Log((double)width / height));
        }

        // Areas beyond 3/4 do not fit at every ratio, so that they are a little rarer; ratios stay symmetric (standard error 0.0037).
        Assert.InRange(areas.Min(), 0.199, 0.21);
        Assert.InRange(areas.Count(a => a < 0.475) / (double)areas.Count(a => a < 0.75), 0.44, 0.56);
        Assert.InRange(ratios.Average(), -0.02, 0.02);
        Assert.InRange(ratios.Max(Math.Abs), 0.27, 0.29);
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
