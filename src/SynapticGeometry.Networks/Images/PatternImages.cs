namespace SynapticGeometry.Networks;

/// <summary>
/// Grey images made of a seed, for where no real ones are at hand: each class is a smooth random pattern, each image its class's pattern
/// moved by up to two pixels, of random contrast and with noise.
/// </summary>
public sealed class PatternImages : ImageSet
{
    private const int Side = 28, Shift = 2, Waves = 6;
    private readonly RandomSource random;
    private readonly float[][] patterns;

    /// <summary>Images of a stream.</summary>
    /// <param name="count">Number of images, at least 1.</param>
    /// <param name="classes">Number of classes, at least 2.</param>
    /// <param name="patterns">The stream of the classes' patterns; sets of one task share it.</param>
    /// <param name="images">The stream of the images.</param>
    public PatternImages(int count, int classes, RandomSource patterns, RandomSource images)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentNullException.ThrowIfNull(patterns);
        (Count, random) = (count, images);
        Classes = [.. Enumerable.Range(0, classes).Select(c => $"pattern {c + 1}")];
        this.patterns = [.. Enumerable.Range(0, classes).Select(c => Pattern(patterns.Fork("pattern", (ulong)c)))];
    }

    /// <inheritdoc/>
    public override string Name => $"patterns of seed {random.Seed}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int Channels => 1;

    /// <inheritdoc/>
    public override int Height => Side;

    /// <inheritdoc/>
    public override int Width => Side;

    /// <inheritdoc/>
    public override int Label(int index) => random.Fork("label", (ulong)index).NextInt(Classes.Count);

    /// <inheritdoc/>
    public override void Read(int index, Span<float> pixels)
    {
        RandomSource draws = random.Fork("image", (ulong)index);
        float[] pattern = patterns[Label(index)];
        int down = draws.NextInt((2 * Shift) + 1), right = draws.NextInt((2 * Shift) + 1);
        double contrast = 0.6 + (0.4 * draws.NextDouble());
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                double value = (contrast * pattern[((y + down) * (Side + (2 * Shift))) + x + right]) + (0.1 * draws.NextNormal());
                pixels[(y * Side) + x] = (float)Math.Clamp(value, 0, 1);
            }
        }
    }

    // Waves of random direction, a few to an image, brought to 0 to 1 by a logistic function.
    private static float[] Pattern(RandomSource random)
    {
        const int Wide = Side + (2 * Shift);
        double[] values = new double[Wide * Wide];
        for (int k = 0; k < Waves; k++)
        {
            double across = random.NextNormal() * 2, along = random.NextNormal() * 2, phase = 2 * Math.PI * random.NextDouble();
            for (int i = 0; i < values.Length; i++)
            {
                values[i] += Math.Cos((2 * Math.PI * ((across * (i % Wide)) + (along * (i / Wide))) / Wide) + phase);
            }
        }

        return Array.ConvertAll(values, v => (float)(1 / (1 + Math.Exp(-2 * v))));
    }
}
