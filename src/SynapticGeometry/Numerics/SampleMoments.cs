using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SynapticGeometry;

/// <summary>Size, mean, standard deviation and extremes of a sample of finite numbers.</summary>
/// <remarks>
/// Deviations are taken from the mean of each block of 1024 values and blocks are joined by the rule of Chan, Golub and LeVeque
/// 1983, so that a mean far larger than the spread costs no digits. Blocks are joined in order: the result is the same on every
/// run.
/// </remarks>
public readonly record struct SampleMoments
{
    internal const int BlockSize = 1024;

    private SampleMoments(int count, double mean, double rootMeanSquare, double minimum, double maximum)
    {
        Count = count;
        Mean = mean;
        PopulationStandardDeviation = rootMeanSquare;
        Minimum = minimum;
        Maximum = maximum;
    }

    /// <summary>Number of values, n.</summary>
    public int Count { get; }

    /// <summary>Arithmetic mean m, in the unit of the values.</summary>
    public double Mean { get; }

    /// <summary>√(Σ(vᵢ − m)²/n), in the unit of the values: the maximum-likelihood estimate for a normal sample.</summary>
    public double PopulationStandardDeviation { get; }

    /// <summary>√(Σ(vᵢ − m)²/(n − 1)), in the unit of the values; NaN for n = 1.</summary>
    public double StandardDeviation => PopulationStandardDeviation * Math.Sqrt(Count / (Count - 1.0));

    /// <summary>Smallest value.</summary>
    public double Minimum { get; }

    /// <summary>Largest value.</summary>
    public double Maximum { get; }

    /// <summary>The moments of <paramref name="values"/>.</summary>
    /// <param name="values">n ≥ 1 finite numbers, <see cref="double"/> or <see cref="float"/>.</param>
    /// <exception cref="ArgumentException">There are no values.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is not finite.</exception>
    public static SampleMoments Of<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (values.IsEmpty)
        {
            throw new ArgumentException("There are no values.", nameof(values));
        }

        SampleMoments moments = Of(values, unit: 1);
        double range = moments.Maximum - moments.Minimum;
        if (double.IsFinite(moments.Mean) && (range == 0 || range is > 1e-140 and < 1e140))
        {
            return moments;
        }

        RequireFinite(values);

        // Squares over- or underflow: measure in a power of two near the largest value, which changes no digit.
        double largest = Math.Max(Math.Abs(moments.Minimum), Math.Abs(moments.Maximum));
        double unit = Math.ScaleB(1, Math.ILogB(range < 1e140 ? range : largest));
        moments = Of(values, unit);
        return new SampleMoments(
            moments.Count, moments.Mean * unit, moments.PopulationStandardDeviation * unit, moments.Minimum * unit, moments.Maximum * unit);
    }

    /// <summary>z = (v − centre)/scale of every value, both operations rounded in double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Standardize<T>(ReadOnlySpan<T> values, double centre, double scale, Span<double> z)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<double> wide = Widen(values, z);
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            Vector<double> c = new(centre), s = new(scale);
            for (; i <= wide.Length - Vector<double>.Count; i += Vector<double>.Count)
            {
                ((new Vector<double>(wide[i..]) - c) / s).CopyTo(z[i..]);
            }
        }

        for (; i < wide.Length; i++)
        {
            z[i] = (wide[i] - centre) / scale;
        }
    }

    private static SampleMoments Of<T>(ReadOnlySpan<T> values, double unit)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<double> buffer = stackalloc double[BlockSize];
        double mean = 0, squares = 0, minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        for (int done = 0; done < values.Length; done += BlockSize)
        {
            ReadOnlySpan<T> part = values.Slice(done, Math.Min(BlockSize, values.Length - done));
            ReadOnlySpan<double> block = Widen(part, buffer);
            if (unit != 1)
            {
                TensorPrimitives.Divide(block, unit, buffer);
                block = buffer[..block.Length];
            }

            (double sum, double low, double high) = SumAndExtremes(block);
            double blockMean = sum / block.Length;
            double blockSquares = SquaredDeviations(block, blockMean);
            double delta = blockMean - mean;
            double total = done + (double)block.Length;
            mean += delta * (block.Length / total);
            squares += blockSquares + delta * delta * (done * (block.Length / total));
            minimum = Math.Min(minimum, low);
            maximum = Math.Max(maximum, high);
        }

        return new SampleMoments(values.Length, mean, Math.Sqrt(squares / values.Length), minimum, maximum);
    }

    /// <summary>The values as doubles: themselves, or converted into <paramref name="buffer"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ReadOnlySpan<double> Widen<T>(ReadOnlySpan<T> values, Span<double> buffer)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            return MemoryMarshal.Cast<T, double>(values);
        }

        buffer = buffer[..values.Length];
        if (typeof(T) == typeof(float))
        {
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<T, float>(values), buffer);
        }
        else
        {
            for (int i = 0; i < values.Length; i++)
            {
                buffer[i] = double.CreateChecked(values[i]);
            }
        }

        return buffer;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Sum, double Low, double High) SumAndExtremes(ReadOnlySpan<double> block)
    {
        double sum = 0, low = double.PositiveInfinity, high = double.NegativeInfinity;
        int i = 0;
        int width = Vector<double>.Count;
        if (block.Length >= 2 * width)
        {
            Vector<double> sum0 = Vector<double>.Zero, sum1 = Vector<double>.Zero;
            Vector<double> low0 = new(low), high0 = new(high);
            for (; i <= block.Length - 2 * width; i += 2 * width)
            {
                Vector<double> v0 = new(block[i..]), v1 = new(block[(i + width)..]);
                sum0 += v0;
                sum1 += v1;
                low0 = Vector.MinNative(low0, Vector.MinNative(v0, v1));
                high0 = Vector.MaxNative(high0, Vector.MaxNative(v0, v1));
            }

            sum = Vector.Sum(sum0 + sum1);
            for (int lane = 0; lane < width; lane++)
            {
                low = Math.Min(low, low0[lane]);
                high = Math.Max(high, high0[lane]);
            }
        }

        for (; i < block.Length; i++)
        {
            sum += block[i];
            low = Math.Min(low, block[i]);
            high = Math.Max(high, block[i]);
        }

        return (sum, low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double SquaredDeviations(ReadOnlySpan<double> block, double mean)
    {
        double squares = 0;
        int i = 0;
        int width = Vector<double>.Count;
        if (block.Length >= 2 * width)
        {
            Vector<double> m = new(mean), sum0 = Vector<double>.Zero, sum1 = Vector<double>.Zero;
            for (; i <= block.Length - 2 * width; i += 2 * width)
            {
                Vector<double> d0 = new Vector<double>(block[i..]) - m, d1 = new Vector<double>(block[(i + width)..]) - m;
                sum0 += d0 * d0;
                sum1 += d1 * d1;
            }

            squares = Vector.Sum(sum0 + sum1);
        }

        for (; i < block.Length; i++)
        {
            double d = block[i] - mean;
            squares += d * d;
        }

        return squares;
    }

    private static void RequireFinite<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i]))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(values), $"Value {i} of {values.Length} is {values[i]}; finite numbers are needed.");
            }
        }
    }
}
