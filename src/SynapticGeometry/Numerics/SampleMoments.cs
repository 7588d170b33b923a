using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>Size, mean, standard deviation and extremes of a sample of finite numbers.</summary>
/// <remarks>
/// Deviations are taken from the mean so far, block by block of 1024 values, and blocks are joined by the rule of Chan, Golub and
/// LeVeque 1983, so that a mean far larger than the spread costs no digits. Blocks are joined in order: the result is the same on
/// every run.
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

        // The mean is kept as its distance from the first block's, which is small where the spread is.
        double origin = 0, mean = 0, squares = 0, minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        for (int done = 0; done < values.Length; done += BlockSize)
        {
            ReadOnlySpan<T> part = values.Slice(done, Math.Min(BlockSize, values.Length - done));
            ReadOnlySpan<double> block = Widen(part, buffer);
            if (unit != 1)
            {
                TensorPrimitives.Divide(block, unit, buffer);
                block = buffer[..block.Length];
            }

            // The mean so far is near enough to the block's own that the correction of the squares costs no digits of their total.
            origin = done == 0 ? MeanOf(block) : origin;
            double shift = origin + mean;
            BlockSums sums = Sum(block, shift);
            double offset = sums.First / block.Length;
            double total = done + (double)block.Length;
            double delta = shift - origin + offset - mean;
            mean += delta * (block.Length / total);
            squares += Math.Max(0, sums.Second - offset * sums.First) + delta * delta * (done * (block.Length / total));
            minimum = Math.Min(minimum, sums.Low);
            maximum = Math.Max(maximum, sums.High);
        }

        return new SampleMoments(values.Length, origin + mean, Math.Sqrt(squares / values.Length), minimum, maximum);
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

    private static double MeanOf(ReadOnlySpan<double> block)
    {
        double sum = 0;
        foreach (double v in block)
        {
            sum += v;
        }

        return sum / block.Length;
    }

    // Σ(v − shift), Σ(v − shift)², smallest and largest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe BlockSums Sum(ReadOnlySpan<double> block, double shift)
    {
        BlockSums sums = new() { Low = double.PositiveInfinity, High = double.NegativeInfinity };
        int i = 0;
        if (block.Length >= 16)
        {
            Vector256<double> s = Vector256.Create(shift);
            Vector256<double> first0 = default, first1 = default, first2 = default, first3 = default;
            Vector256<double> second0 = default, second1 = default, second2 = default, second3 = default;
            Vector256<double> low0 = Vector256.Create(double.PositiveInfinity), low1 = low0;
            Vector256<double> high0 = Vector256.Create(double.NegativeInfinity), high1 = high0;
            fixed (double* values = block)
            {
                for (; i <= block.Length - 16; i += 16)
                {
                    MemoryHint.PageAhead(values + i);
                    MemoryHint.PageAhead(values + i + 8);
                    Vector256<double> v0 = Vector256.Load(values + i), v1 = Vector256.Load(values + i + 4);
                    Vector256<double> v2 = Vector256.Load(values + i + 8), v3 = Vector256.Load(values + i + 12);
                    low0 = Vector256.MinNative(low0, Vector256.MinNative(v0, v1));
                    low1 = Vector256.MinNative(low1, Vector256.MinNative(v2, v3));
                    high0 = Vector256.MaxNative(high0, Vector256.MaxNative(v0, v1));
                    high1 = Vector256.MaxNative(high1, Vector256.MaxNative(v2, v3));
                    v0 -= s;
                    v1 -= s;
                    v2 -= s;
                    v3 -= s;
                    first0 += v0;
                    first1 += v1;
                    first2 += v2;
                    first3 += v3;
                    second0 = Vector256.FusedMultiplyAdd(v0, v0, second0);
                    second1 = Vector256.FusedMultiplyAdd(v1, v1, second1);
                    second2 = Vector256.FusedMultiplyAdd(v2, v2, second2);
                    second3 = Vector256.FusedMultiplyAdd(v3, v3, second3);
                }
            }

            sums.First = Vector256.Sum((first0 + first1) + (first2 + first3));
            sums.Second = Vector256.Sum((second0 + second1) + (second2 + second3));
            low0 = Vector256.MinNative(low0, low1);
            high0 = Vector256.MaxNative(high0, high1);
            for (int lane = 0; lane < 4; lane++)
            {
                sums.Low = Math.Min(sums.Low, low0[lane]);
                sums.High = Math.Max(sums.High, high0[lane]);
            }
        }

        for (; i < block.Length; i++)
        {
            double v = block[i], d = v - shift;
            sums.First += d;
            sums.Second = Math.FusedMultiplyAdd(d, d, sums.Second);
            sums.Low = Math.Min(sums.Low, v);
            sums.High = Math.Max(sums.High, v);
        }

        return sums;
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

    private struct BlockSums
    {
        public double First;
        public double Second;
        public double Low;
        public double High;
    }
}
