namespace SynapticGeometry.Networks;

/// <summary>
/// Random views of an image, for self-supervised learning: a random part of it brought to its size, mirrored, its colours changed, made grey.
/// </summary>
/// <remarks>
/// Source: Chen and He 2021 (SimSiam), whose strengths are the defaults; their blur is left out, as in Pogodin et al. 2024, Appendix. Brightness,
/// contrast, saturation and hue are changed in this order, not in a random one.
/// </remarks>
public sealed record ImageAugmentation
{
    private const double WidestRatio = 4.0 / 3;

    /// <summary>Least share of the image's area that a view shows, above 0 and at most 1.</summary>
    public double LeastArea { get; init => field = Share(value, nameof(LeastArea), above: true); } = 0.2;

    /// <summary>Probability of mirroring left and right.</summary>
    public double Mirror { get; init => field = Share(value, nameof(Mirror)); } = 0.5;

    /// <summary>Probability that colours are changed.</summary>
    public double Jitter { get; init => field = Share(value, nameof(Jitter)); } = 0.8;

    /// <summary>Strength of the change of brightness, contrast and saturation: factors are uniform from 1 − this to 1 + this.</summary>
    public double Strength { get; init => field = Share(value, nameof(Strength)); } = 0.4;

    /// <summary>Largest change of hue, in turns of the circle of colours, from 0 to 0.5: uniform from minus this to this.</summary>
    public double Hue
    {
        get;
        init => field = value is >= 0 and <= 0.5
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Hue), $"{nameof(Hue)} is {value}; it must be from 0 to 0.5 of a turn.");
    }

        = 0.1;

    /// <summary>Probability that colours are taken away.</summary>
    public double Grey { get; init => field = Share(value, nameof(Grey)); } = 0.2;

    /// <summary>Makes a view of an image, in place.</summary>
    /// <param name="pixels">channels × height × width values from 0 to 1.</param>
    /// <param name="channels">Channels, 1 or 3.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="random">The stream of this view.</param>
    /// <exception cref="ArgumentException">The lengths do not go together.</exception>
    public void Apply(Span<float> pixels, int channels, int height, int width, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (pixels.Length != channels * height * width || channels is not (1 or 3))
        {
            throw new ArgumentException($"{pixels.Length} values for {channels} channels of {height} x {width}; 1 or 3 channels and as many values as pixels are needed.", nameof(pixels));
        }

        Crop(pixels, channels, height, width, random);
        Recolour(pixels, channels, random);
    }

    /// <summary>The part of a view in an image of other proportions than the view's: its place and lengths in whole pixels, and whether it is mirrored.</summary>
    /// <remarks>
    /// A share of the area and a ratio of width to height from 3/4 to 4/3; where ten draws do not fit into the image, the largest centred
    /// part of the nearest ratio.
    /// </remarks>
    internal (int Left, int Top, int Width, int Height, bool Mirrored) Part(int height, int width, RandomSource random)
    {
        const int Tries = 10;
        for (int k = 0; k < Tries; k++)
        {
            (double area, double ratio) = AreaAndRatio(random);
            int w = (int)Math.Round(Math.Sqrt(area * ratio * height * width)), h = (int)Math.Round(Math.Sqrt(area / ratio * height * width));
            if (w >= 1 && w <= width && h >= 1 && h <= height)
            {
                int top = random.NextInt(height - h + 1), left = random.NextInt(width - w + 1);
                return (left, top, w, h, random.NextDouble() < Mirror);
            }
        }

        double nearest = Math.Clamp((double)width / height, 1 / WidestRatio, WidestRatio);
        int centredWidth = Math.Clamp((int)Math.Round(height * nearest), 1, width), centredHeight = Math.Clamp((int)Math.Round(width / nearest), 1, height);
        return ((width - centredWidth) / 2, (height - centredHeight) / 2, centredWidth, centredHeight, random.NextDouble() < Mirror);
    }

    /// <summary>Changes the colours of a view, or takes them away, in place.</summary>
    internal void Recolour(Span<float> pixels, int channels, RandomSource random)
    {
        if (random.NextDouble() < Jitter)
        {
            ChangeColours(pixels, channels, random);
        }

        if (random.NextDouble() < Grey && channels == 3)
        {
            Saturate(pixels, 0);
        }
    }

    // A part of random area and of a ratio of sides from 3/4 to 4/3, mirrored or not, read between the pixels.
    private void Crop(Span<float> pixels, int channels, int height, int width, RandomSource random)
    {
        (double area, double ratio) = AreaAndRatio(random);
        double h = Math.Min(1, Math.Sqrt(area / ratio)) * height, w = Math.Min(1, Math.Sqrt(area * ratio)) * width;
        double top = random.NextDouble() * (height - h), left = random.NextDouble() * (width - w);
        bool mirrored = random.NextDouble() < Mirror;
        float[] from = pixels.ToArray();
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<float> plane = from.AsSpan(c * height * width, height * width);
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    double column = mirrored ? width - 1 - x : x;
                    pixels[(((c * height) + y) * width) + x] = Between(plane, height, width, top + ((y + 0.5) * h / height) - 0.5, left + ((column + 0.5) * w / width) - 0.5);
                }
            }
        }
    }

    private (double Area, double Ratio) AreaAndRatio(RandomSource random) =>
        (LeastArea + ((1 - LeastArea) * random.NextDouble()), Math.Exp(((2 * random.NextDouble()) - 1) * Math.Log(WidestRatio)));

    private static float Between(ReadOnlySpan<float> plane, int height, int width, double y, double x)
    {
        (y, x) = (Math.Clamp(y, 0, height - 1), Math.Clamp(x, 0, width - 1));
        int y0 = (int)y, x0 = (int)x, y1 = Math.Min(y0 + 1, height - 1), x1 = Math.Min(x0 + 1, width - 1);
        double fy = y - y0, fx = x - x0;
        return (float)(((1 - fy) * (((1 - fx) * plane[(y0 * width) + x0]) + (fx * plane[(y0 * width) + x1])))
            + (fy * (((1 - fx) * plane[(y1 * width) + x0]) + (fx * plane[(y1 * width) + x1]))));
    }

    private void ChangeColours(Span<float> pixels, int channels, RandomSource random)
    {
        double Factor() => 1 + (Strength * ((2 * random.NextDouble()) - 1));
        double brightness = Factor(), contrast = Factor(), saturation = Factor();
        double mean = 0;
        foreach (float value in pixels)
        {
            mean += value;
        }

        mean *= brightness / pixels.Length;
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (float)Math.Clamp(mean + (contrast * ((brightness * pixels[i]) - mean)), 0, 1);
        }

        if (channels == 3)
        {
            Saturate(pixels, saturation);
            Turn(pixels, Hue * ((2 * random.NextDouble()) - 1));
        }
    }

    /// <summary>Turns the hue of colours by a part of the circle; lightness and saturation (of hue, saturation, value) stay.</summary>
    internal static void Turn(Span<float> pixels, double turn)
    {
        int plane = pixels.Length / 3;
        for (int i = 0; i < plane; i++)
        {
            double r = pixels[i], g = pixels[plane + i], b = pixels[(2 * plane) + i], value = Math.Max(r, Math.Max(g, b)), range = value - Math.Min(r, Math.Min(g, b));
            if (range == 0)
            {
                continue;
            }

            // Sixths of a turn from red: a channel is full within one of its own hue, absent beyond two, and linear between.
            double hue = value == r ? (g - b) / range : value == g ? 2 + ((b - r) / range) : 4 + ((r - g) / range);
            for (int c = 0; c < 3; c++)
            {
                double from = hue + (6 * turn) - (2 * c);
                from = Math.Abs(from - (6 * Math.Round(from / 6)));
                pixels[(c * plane) + i] = (float)(value - (range * Math.Clamp(from - 1, 0, 1)));
            }
        }
    }

    // Away from grey or towards it; grey is the luminance of ITU-R BT.601.
    private static void Saturate(Span<float> pixels, double factor)
    {
        int plane = pixels.Length / 3;
        for (int i = 0; i < plane; i++)
        {
            double grey = (0.299 * pixels[i]) + (0.587 * pixels[plane + i]) + (0.114 * pixels[(2 * plane) + i]);
            for (int c = 0; c < 3; c++)
            {
                ref float value = ref pixels[(c * plane) + i];
                value = (float)Math.Clamp(grey + (factor * (value - grey)), 0, 1);
            }
        }
    }

    private static double Share(double value, string name, bool above = false) =>
        (above ? value > 0 : value >= 0) && value <= 1
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be {(above ? "above 0" : "at least 0")} and at most 1.");
}
