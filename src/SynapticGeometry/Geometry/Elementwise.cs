using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SynapticGeometry;

/// <summary>A function of one number, written for a vector of them. A NaN or infinite result means "not defined here".</summary>
internal interface IElementMap
{
    Vector<double> Invoke(Vector<double> x);
}

/// <summary>A function of two numbers, written for vectors of them. A NaN or infinite result means "not defined here".</summary>
internal interface IElementPairMap
{
    Vector<double> Invoke(Vector<double> x, Vector<double> y);
}

/// <summary>The words of an error about one element: what it is, what is made of it, and what is wrong with a zero.</summary>
internal readonly record struct Wording(string Item, string Result, string Zero);

/// <summary>
/// The loops of the potentials. Every kernel works in double precision whatever the element type, so float results are
/// rounded once; a short block lives in the first-level cache and is padded with ones, so that an element's result does not
/// depend on where in the span it stands.
/// </summary>
internal static class Elementwise
{
    // A program that infers once calls each loop once: without this its weights would pass through unoptimized code.
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;
    private const int Block = 256;
    private const double One = 1;

    /// <summary>destination[i] = map(source[i]); throws, naming the first element with a non-finite input or result.</summary>
    [MethodImpl(Hot)]
    public static void Map<T, TMap>(ReadOnlySpan<T> source, Span<T> destination, TMap map, in Wording wording)
        where T : IFloatingPointIeee754<T>
        where TMap : struct, IElementMap
    {
        MustMatch(source.Length, destination.Length, wording.Item, wording.Result);
        MustNotOverlapInPart<T>(source, destination);
        Span<double> x = stackalloc double[Block], y = stackalloc double[Block];
        Vector<double> limit = new(LargestOf<T>());
        for (int start = 0; start < source.Length; start += Block)
        {
            int count = Load(source, start, x);
            for (int i = 0; i < count; i += Vector<double>.Count)
            {
                Vector<double> input = new(x[i..]), result = map.Invoke(input);
                if (!Finite(input, result, limit))
                {
                    throw Undefined(x, result, i, start, source.Length, wording, LargestOf<T>());
                }

                result.CopyTo(y[i..]);
            }

            Store(y[..count], destination.Slice(start, count));
        }
    }

    /// <summary>
    /// destination[i] = map(source[i], sign of orthant[i]); throws, naming the first element with a non-finite input or result.
    /// </summary>
    [MethodImpl(Hot)]
    public static void MapInOrthant<T, TMap>(
        ReadOnlySpan<T> source, ReadOnlySpan<T> orthant, Span<T> destination, TMap map, in Wording wording)
        where T : IFloatingPointIeee754<T>
        where TMap : struct, IElementPairMap
    {
        MustMatch(source.Length, orthant.Length, wording.Item, "orthant");
        MustMatch(source.Length, destination.Length, wording.Item, wording.Result);
        MustNotOverlapInPart<T>(source, destination);
        MustNotOverlapInPart<T>(orthant, destination);
        Span<double> x = stackalloc double[Block], s = stackalloc double[Block], y = stackalloc double[Block];
        Vector<double> limit = new(LargestOf<T>());
        for (int start = 0; start < source.Length; start += Block)
        {
            int count = Load(source, start, x);
            LoadSigns(orthant, start, s);
            for (int i = 0; i < count; i += Vector<double>.Count)
            {
                Vector<double> input = new(x[i..]), result = map.Invoke(input, new Vector<double>(s[i..]));
                if (!Finite(input, result, limit))
                {
                    throw Undefined(x, result, i, start, source.Length, wording, LargestOf<T>());
                }

                result.CopyTo(y[i..]);
            }

            Store(y[..count], destination.Slice(start, count));
        }
    }

    /// <summary>values[i] = map(values[i], others[i]) in place; throws where a result is not finite, naming the value before.</summary>
    [MethodImpl(Hot)]
    public static void Replace<TMap>(Span<double> values, ReadOnlySpan<double> others, TMap map)
        where TMap : struct, IElementPairMap
    {
        Span<double> x = stackalloc double[Vector<double>.Count], y = stackalloc double[Vector<double>.Count];
        Vector<double> limit = new(double.MaxValue);
        for (int i = 0; i < values.Length; i += Vector<double>.Count)
        {
            int count = Math.Min(Vector<double>.Count, values.Length - i);
            x.Fill(1);
            y.Clear();
            values.Slice(i, count).CopyTo(x);
            others.Slice(i, count).CopyTo(y);
            Vector<double> before = new(x), result = map.Invoke(before, new Vector<double>(y));
            if (!Finite(before, result, limit))
            {
                for (int k = 0; k < count; k++)
                {
                    if (!double.IsFinite(x[k]) || !double.IsFinite(result[k]))
                    {
                        throw new ArgumentOutOfRangeException(
                            nameof(values), $"Weight {i + k} of {values.Length} goes from {x[k]} to {result[k]} in one step of its dual by {y[k]}; the learning rate is too large.");
                    }
                }
            }

            result.CopyTo(x);
            x[..count].CopyTo(values[i..]);
        }
    }

    /// <summary>Σᵢ map(source[i]), compensated; throws, naming the first element with a non-finite input or term.</summary>
    [MethodImpl(Hot)]
    public static T Sum<T, TMap>(ReadOnlySpan<T> source, TMap map, in Wording wording)
        where T : IFloatingPointIeee754<T>
        where TMap : struct, IElementMap
    {
        Span<double> x = stackalloc double[Block];
        Vector<double> limit = new(double.MaxValue);
        CompensatedSum sum = default;
        for (int start = 0; start < source.Length; start += Block)
        {
            int count = Load(source, start, x);
            for (int i = 0; i < count; i += Vector<double>.Count)
            {
                Vector<double> input = new(x[i..]), term = map.Invoke(input);
                if (!Finite(input, term, limit))
                {
                    throw Undefined(x, term, i, start, source.Length, wording, double.MaxValue);
                }

                sum.Add(term, Math.Min(count - i, Vector<double>.Count));
            }
        }

        return Total<T>(sum.Value, wording.Result);
    }

    /// <summary>Σᵢ map(source[i], sign of orthant[i]), compensated; throws as <see cref="MapInOrthant"/> does.</summary>
    [MethodImpl(Hot)]
    public static T SumInOrthant<T, TMap>(ReadOnlySpan<T> source, ReadOnlySpan<T> orthant, TMap map, in Wording wording)
        where T : IFloatingPointIeee754<T>
        where TMap : struct, IElementPairMap
    {
        MustMatch(source.Length, orthant.Length, wording.Item, "orthant");
        Span<double> x = stackalloc double[Block], s = stackalloc double[Block];
        Vector<double> limit = new(double.MaxValue);
        CompensatedSum sum = default;
        for (int start = 0; start < source.Length; start += Block)
        {
            int count = Load(source, start, x);
            LoadSigns(orthant, start, s);
            for (int i = 0; i < count; i += Vector<double>.Count)
            {
                Vector<double> input = new(x[i..]), term = map.Invoke(input, new Vector<double>(s[i..]));
                if (!Finite(input, term, limit))
                {
                    throw Undefined(x, term, i, start, source.Length, wording, double.MaxValue);
                }

                sum.Add(term, Math.Min(count - i, Vector<double>.Count));
            }
        }

        return Total<T>(sum.Value, wording.Result);
    }

    /// <summary>
    /// Σᵢ divergence(aᵢ, bᵢ), compensated. Where <paramref name="sameSign"/> is true a pair on two sides of zero has none.
    /// </summary>
    public static T SumDivergence<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, Func<double, double, double> divergence, bool allowsZero, bool sameSign, string name)
        where T : IFloatingPointIeee754<T>
    {
        MustMatch(a.Length, b.Length, "a", "b");
        CompensatedSum sum = default;
        for (int i = 0; i < a.Length; i++)
        {
            double x = double.CreateTruncating(a[i]), y = double.CreateTruncating(b[i]);
            MustBeWeight(x, i, a.Length, allowsZero, name, nameof(a));
            MustBeWeight(y, i, b.Length, allowsZero, name, nameof(b));
            if (sameSign && (x < 0) != (y < 0))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(a), $"Weight {i} of {a.Length} is {x} in a and {y} in b; under {name} both must have the same sign.");
            }

            double term = divergence(x, y);
            if (!double.IsFinite(term))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(a), $"Weight {i} of {a.Length} is {x} in a and {y} in b; their divergence under {name} is not a finite number.");
            }

            sum.Add(term);
        }

        return Total<T>(sum.Value, "Bregman divergence");
    }

    /// <summary>Throws where the weight is not finite, or is zero and zero is excluded.</summary>
    public static void MustBeWeight(double weight, int index, int count, bool allowsZero, string name, string parameter)
    {
        if (!double.IsFinite(weight))
        {
            throw new ArgumentOutOfRangeException(parameter, $"Weight {index} of {count} is {weight}; weights must be finite.");
        }

        if (weight == 0 && !allowsZero)
        {
            throw new ArgumentOutOfRangeException(parameter, $"Weight {index} of {count} is 0; {name} needs nonzero weights.");
        }
    }

    /// <summary>Throws where an element of the span is not finite, naming it.</summary>
    public static void MustBeFinite(ReadOnlySpan<double> values, string item, string parameter)
    {
        if (TensorPrimitives.IsFiniteAll(values))
        {
            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new ArgumentOutOfRangeException(parameter, $"{Capital(item)} {i} of {values.Length} is {values[i]}; it must be finite.");
            }
        }
    }

    /// <summary>Throws where two lengths differ, naming both.</summary>
    public static void MustMatch(int first, int second, string firstItem, string secondItem)
    {
        if (first != second)
        {
            throw new ArgumentException($"The lengths must agree: {firstItem} has {first} elements, {secondItem} has {second}.");
        }
    }

    /// <summary>Throws where the destination shares some but not all of its memory with an input.</summary>
    public static void MustNotOverlapInPart<T>(ReadOnlySpan<T> source, ReadOnlySpan<T> destination)
    {
        if (source.Overlaps(destination, out int offset) && offset != 0)
        {
            throw new ArgumentException(
                $"The destination overlaps an input in part, {Math.Abs(offset)} elements apart; it may be the same span or none of it.");
        }
    }

    /// <summary>The error about a value of a public method's parameter, from a helper that has it under another name.</summary>
    public static ArgumentOutOfRangeException OutOfDomain(string parameter, string message) => new(parameter, message);

    /// <summary>The total as a T; throws where it is beyond T's range.</summary>
    public static T Total<T>(double total, string what)
        where T : IFloatingPointIeee754<T> =>
        Math.Abs(total) <= LargestOf<T>()
            ? T.CreateTruncating(total)
            : throw new OverflowException($"The {what} sums to {total}, beyond the largest {typeof(T).Name}.");

    /// <summary>The first letter in upper case, for the head of a sentence.</summary>
    public static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Finite(Vector<double> input, Vector<double> result, Vector<double> limit) =>
        Vector.LessThanOrEqualAll(Vector.Abs(input), new Vector<double>(double.MaxValue))
        && Vector.LessThanOrEqualAll(Vector.Abs(result), limit);

    // Loads a block as doubles; ones, which every built-in potential accepts, fill the last vector.
    private static int Load<T>(ReadOnlySpan<T> source, int start, Span<double> block)
        where T : IFloatingPointIeee754<T>
    {
        int count = Math.Min(Block, source.Length - start);
        ref T first = ref Unsafe.Add(ref MemoryMarshal.GetReference(source), start);
        if (typeof(T) == typeof(double))
        {
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, double>(ref first), count).CopyTo(block);
        }
        else if (typeof(T) == typeof(float))
        {
            TensorPrimitives.ConvertTruncating<float, double>(
                MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, float>(ref first), count), block);
        }
        else
        {
            throw new NotSupportedException($"Weights are float or double, not {typeof(T).Name}.");
        }

        block[count..].Fill(One);
        return count;
    }

    private static void Store<T>(ReadOnlySpan<double> block, Span<T> destination)
        where T : IFloatingPointIeee754<T>
    {
        ref T first = ref MemoryMarshal.GetReference(destination);
        if (typeof(T) == typeof(double))
        {
            block.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.As<T, double>(ref first), block.Length));
        }
        else
        {
            TensorPrimitives.ConvertTruncating<double, float>(
                block, MemoryMarshal.CreateSpan(ref Unsafe.As<T, float>(ref first), block.Length));
        }
    }

    private static void LoadSigns<T>(ReadOnlySpan<T> orthant, int start, Span<double> signs)
        where T : IFloatingPointIeee754<T>
    {
        int count = Load(orthant, start, signs);
        for (int i = 0; i < count; i++)
        {
            if (signs[i] == 0 || double.IsNaN(signs[i]))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(orthant), $"Orthant value {start + i} of {orthant.Length} is {signs[i]}; it must be positive or negative.");
            }

            signs[i] = Math.CopySign(One, signs[i]);
        }

        // A dual weight of one is in the range of every mirror map for a negative weight, of Burg's for no other.
        signs[count..].Fill(-One);
    }

    private static double LargestOf<T>() => typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue;

    private static ArgumentOutOfRangeException Undefined(
        ReadOnlySpan<double> x, Vector<double> result, int at, int start, int count, in Wording wording, double limit)
    {
        int lane = 0;
        while (lane < Vector<double>.Count - 1 && double.IsFinite(x[at + lane]) && Math.Abs(result[lane]) <= limit)
        {
            lane++;
        }

        double value = x[at + lane];
        string item = $"{Capital(wording.Item)} {start + at + lane} of {count} is {value}; ";
        string fault = !double.IsFinite(value) ? "it must be finite."
            : value == 0 ? $"{wording.Zero}."
            : double.IsNaN(result[lane]) ? $"it has no {wording.Result}."
            : $"its {wording.Result} is beyond the largest {(limit == float.MaxValue ? nameof(Single) : nameof(Double))}.";
        return new ArgumentOutOfRangeException(wording.Item == "weight" ? "weights" : "dual", item + fault);
    }

    // Neumaier's sum, lane by lane: the error does not grow with the number of weights.
    private struct CompensatedSum
    {
        private double _sum;
        private double _lost;
        private Vector<double> _sums;
        private Vector<double> _losses;

        public void Add(double term)
        {
            double sum = _sum + term;
            _lost += Math.Abs(_sum) >= Math.Abs(term) ? (_sum - sum) + term : (term - sum) + _sum;
            _sum = sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector<double> terms, int count)
        {
            if (count < Vector<double>.Count)
            {
                for (int lane = 0; lane < count; lane++)
                {
                    Add(terms[lane]);
                }

                return;
            }

            Vector<double> sums = _sums + terms;
            _losses += Vector.ConditionalSelect(
                Vector.GreaterThanOrEqual(Vector.Abs(_sums), Vector.Abs(terms)), (_sums - sums) + terms, (terms - sums) + _sums);
            _sums = sums;
        }

        public readonly double Value
        {
            get
            {
                CompensatedSum all = this;
                for (int lane = 0; lane < Vector<double>.Count; lane++)
                {
                    all.Add(_sums[lane]);
                    all.Add(_losses[lane]);
                }

                return all._sum + all._lost;
            }
        }
    }
}
