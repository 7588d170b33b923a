using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SynapticGeometry.Data;

/// <summary>The kinds of number that files store.</summary>
internal enum NumberFormat
{
    Float64,
    Float32,
    Float16,
    BFloat16,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Boolean,
}

/// <summary>Reads stored numbers as they are, and turns them into single or double precision or into text.</summary>
internal static class StoredNumbers
{
    /// <summary>2⁵³: the whole numbers up to here, of either sign, are all exact in double precision.</summary>
    private const long LargestExact = 1L << 53;

    public static int Size(NumberFormat format) => format switch
    {
        NumberFormat.Float64 or NumberFormat.Int64 or NumberFormat.UInt64 => 8,
        NumberFormat.Float32 or NumberFormat.Int32 or NumberFormat.UInt32 => 4,
        NumberFormat.Float16 or NumberFormat.BFloat16 or NumberFormat.Int16 or NumberFormat.UInt16 => 2,
        _ => 1,
    };

    /// <summary>
    /// Reads <paramref name="count"/> numbers into an array of the type that holds them (<see cref="BFloat16Bits"/> and bool as
    /// such). From a stream that knows its length the array is taken at once; from others it grows as the numbers arrive, so that a
    /// false declaration costs no more memory than the bytes that are really there. Where the bytes are too few,
    /// <paramref name="truncated"/> makes the error from how many were found.
    /// </summary>
    public static Array Read(Stream stream, NumberFormat format, int count, bool bigEndian, Func<long, DataFileException> truncated) =>
        format switch
        {
            NumberFormat.Float64 => ReadValues<double>(stream, count, bigEndian, truncated),
            NumberFormat.Float32 => ReadValues<float>(stream, count, bigEndian, truncated),
            NumberFormat.Float16 => ReadValues<Half>(stream, count, bigEndian, truncated),
            NumberFormat.BFloat16 => ReadValues<BFloat16Bits>(stream, count, bigEndian, truncated),
            NumberFormat.Int8 => ReadValues<sbyte>(stream, count, bigEndian, truncated),
            NumberFormat.Int16 => ReadValues<short>(stream, count, bigEndian, truncated),
            NumberFormat.Int32 => ReadValues<int>(stream, count, bigEndian, truncated),
            NumberFormat.Int64 => ReadValues<long>(stream, count, bigEndian, truncated),
            NumberFormat.UInt8 => ReadValues<byte>(stream, count, bigEndian, truncated),
            NumberFormat.UInt16 => ReadValues<ushort>(stream, count, bigEndian, truncated),
            NumberFormat.UInt32 => ReadValues<uint>(stream, count, bigEndian, truncated),
            NumberFormat.UInt64 => ReadValues<ulong>(stream, count, bigEndian, truncated),
            _ => Array.ConvertAll(ReadValues<byte>(stream, count, bigEndian, truncated), b => b != 0),
        };

    public static T[] ReadValues<T>(Stream stream, int count, bool bigEndian, Func<long, DataFileException> truncated)
        where T : unmanaged
    {
        const int StepBytes = 1 << 22;
        int step = StepBytes / Unsafe.SizeOf<T>();
        bool lengthKnown = stream.CanSeek;
        if (lengthKnown && (stream.Length - stream.Position) / Unsafe.SizeOf<T>() < count)
        {
            throw truncated(stream.Length - stream.Position);
        }

        T[] values = GC.AllocateUninitializedArray<T>(lengthKnown ? count : Math.Min(count, step));
        int filled = 0;
        while (filled < count)
        {
            if (filled == values.Length)
            {
                Array.Resize(ref values, (int)Math.Min(count, 2L * values.Length));
            }

            Span<byte> target = MemoryMarshal.AsBytes(values.AsSpan(filled, Math.Min(values.Length - filled, step)));
            int got = stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
            if (got < target.Length)
            {
                throw truncated(((long)filled * Unsafe.SizeOf<T>()) + got);
            }

            filled += target.Length / Unsafe.SizeOf<T>();
        }

        if (bigEndian == BitConverter.IsLittleEndian)
        {
            SwapBytes(values);
        }

        return values;
    }

    /// <summary>
    /// The numbers in single precision where they were stored in single, half or bfloat16, else in double precision;
    /// <paramref name="owner"/> is how the error names the array.
    /// </summary>
    /// <exception cref="DataFileException">A whole number beyond 2⁵³ in magnitude.</exception>
    public static NumericArray ToNumbers(Array values, IReadOnlyList<long> shape, string owner)
    {
        // The runtime lets an sbyte[] pass for a byte[] in a type pattern: choose by the exact element type.
        Type element = values.GetType().GetElementType()!;
        return Type.GetTypeCode(element) switch
        {
            TypeCode.Double => new NumericArray(shape, (double[])values),
            TypeCode.Single => new NumericArray(shape, (float[])values),
            TypeCode.SByte => Doubles<sbyte>(x => x),
            TypeCode.Byte => Doubles<byte>(x => x),
            TypeCode.Int16 => Doubles<short>(x => x),
            TypeCode.UInt16 => Doubles<ushort>(x => x),
            TypeCode.Int32 => Doubles<int>(x => x),
            TypeCode.UInt32 => Doubles<uint>(x => x),
            TypeCode.Int64 => new NumericArray(shape, Exact((long[])values, owner)),
            TypeCode.UInt64 => new NumericArray(shape, Exact((ulong[])values, owner)),
            TypeCode.Boolean => Doubles<bool>(x => x ? 1 : 0),
            TypeCode.Decimal => Doubles<decimal>(x => (double)x),
            _ when values is Half[] v => new NumericArray(shape, Array.ConvertAll(v, x => (float)x)),
            _ when values is BFloat16Bits[] v => new NumericArray(shape, Array.ConvertAll(v, x => x.ToSingle())),
            _ => throw new DataFileException($"{owner} holds {(element == typeof(string) ? "text" : element.Name)}, not numbers."),
        };

        NumericArray Doubles<T>(Converter<T, double> widen) => new(shape, Array.ConvertAll((T[])values, widen));
    }

    /// <summary>Each value as text: numbers shortest round-trip, booleans True or False.</summary>
    public static string[] ToText(Array values)
    {
        string[] text = new string[values.Length];
        switch (values)
        {
            case string?[] v:
                return Array.ConvertAll(v, x => x ?? string.Empty);
            case BFloat16Bits[] v:
                return Array.ConvertAll(v, x => x.ToSingle().ToString("R", CultureInfo.InvariantCulture));
            case double[] v:
                return Array.ConvertAll(v, x => x.ToString("R", CultureInfo.InvariantCulture));
            case float[] v:
                return Array.ConvertAll(v, x => x.ToString("R", CultureInfo.InvariantCulture));
            default:
                for (int i = 0; i < text.Length; i++)
                {
                    text[i] = Convert.ToString(values.GetValue(i), CultureInfo.InvariantCulture) ?? string.Empty;
                }

                return text;
        }
    }

    private static double[] Exact(long[] values, string owner)
    {
        double[] result = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            result[i] = values[i] is >= -LargestExact and <= LargestExact ? values[i] : throw NotExact(owner, i, values[i]);
        }

        return result;
    }

    private static double[] Exact(ulong[] values, string owner)
    {
        double[] result = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            result[i] = values[i] <= LargestExact ? values[i] : throw NotExact(owner, i, values[i]);
        }

        return result;
    }

    private static DataFileException NotExact(string owner, int index, IFormattable value) =>
        new($"{owner}: value {index} is {value.ToString(null, CultureInfo.InvariantCulture)}; whole numbers beyond 2^53 in size are not exact in double precision and are not read as numbers.");

    private static void SwapBytes<T>(T[] values)
        where T : unmanaged
    {
        switch (Unsafe.SizeOf<T>())
        {
            case 2:
                Span<ushort> two = MemoryMarshal.Cast<T, ushort>(values.AsSpan());
                BinaryPrimitives.ReverseEndianness(two, two);
                break;
            case 4:
                Span<uint> four = MemoryMarshal.Cast<T, uint>(values.AsSpan());
                BinaryPrimitives.ReverseEndianness(four, four);
                break;
            case 8:
                Span<ulong> eight = MemoryMarshal.Cast<T, ulong>(values.AsSpan());
                BinaryPrimitives.ReverseEndianness(eight, eight);
                break;
            default:
                break;
        }
    }
}

/// <summary>The bits of a bfloat16: the upper half of a single.</summary>
internal readonly record struct BFloat16Bits(ushort Bits)
{
    public float ToSingle() => BitConverter.UInt32BitsToSingle((uint)Bits << 16);
}
