using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace SynapticGeometry.Data;

/// <summary>Writes arrays in NumPy's .npy format (version 1.0, row-major), which numpy.load reads.</summary>
public static class NpyWriter
{
    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="array">Shape and values, in single or double precision.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many values as there are.</exception>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Write(string path, NumericArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        using AtomicFile file = AtomicFile.Create(path);
        if (array.SingleValues is { } single)
        {
            WriteValues<float>(file.Stream, single, [.. array.Shape]);
        }
        else
        {
            WriteValues<double>(file.Stream, array.DoubleValues, [.. array.Shape]);
        }

        file.Commit();
    }

    /// <summary>Writes a file of double-precision values whole or not at all.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="values">The values in row-major order.</param>
    /// <param name="shape">Lengths of the dimensions; one dimension where it is left out.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many values as there are.</exception>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Write(string path, ReadOnlySpan<double> values, params ReadOnlySpan<long> shape)
    {
        using AtomicFile file = AtomicFile.Create(path);
        Write(file.Stream, values, shape);
        file.Commit();
    }

    /// <summary>Writes a file of single-precision values whole or not at all.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="values">The values in row-major order.</param>
    /// <param name="shape">Lengths of the dimensions; one dimension where it is left out.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many values as there are.</exception>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Write(string path, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        using AtomicFile file = AtomicFile.Create(path);
        Write(file.Stream, values, shape);
        file.Commit();
    }

    /// <summary>Writes double-precision values to a stream, such as a member of a zip archive.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="values">The values in row-major order.</param>
    /// <param name="shape">Lengths of the dimensions; one dimension where it is left out.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many values as there are.</exception>
    public static void Write(Stream stream, ReadOnlySpan<double> values, params ReadOnlySpan<long> shape) =>
        WriteValues(stream, values, shape.IsEmpty ? [values.Length] : shape.ToArray());

    /// <summary>Writes single-precision values to a stream, such as a member of a zip archive.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="values">The values in row-major order.</param>
    /// <param name="shape">Lengths of the dimensions; one dimension where it is left out.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many values as there are.</exception>
    public static void Write(Stream stream, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        WriteValues(stream, values, shape.IsEmpty ? [values.Length] : shape.ToArray());

    internal static void WriteRaw<T>(Stream stream, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        // Bytes are counted in an int: large arrays go in pieces.
        const int Step = 1 << 24;
        for (; values.Length > 0; values = values[Math.Min(Step, values.Length)..])
        {
            stream.Write(MemoryMarshal.AsBytes(values[..Math.Min(Step, values.Length)]));
        }
    }

    /// <summary>Checks that a shape holds a number of values.</summary>
    internal static void CheckShape(int count, ReadOnlySpan<long> shape)
    {
        UInt128 product = 1;
        foreach (long length in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(shape));
            product = UInt128.Min(product * (UInt128)length, long.MaxValue);
        }

        if (product != (UInt128)count)
        {
            throw new ArgumentException($"The shape ({string.Join(", ", shape.ToArray())}) holds {product} values; {count} are given.", nameof(shape));
        }
    }

    private static void WriteValues<T>(Stream stream, ReadOnlySpan<T> values, long[] shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckShape(values.Length, shape);
        string order = BitConverter.IsLittleEndian ? "<" : ">";
        string dimensions = string.Join(", ", shape.Select(l => l.ToString(CultureInfo.InvariantCulture)));
        string text = $"{{'descr': '{order}f{Unsafe.SizeOf<T>()}', 'fortran_order': False, 'shape': ({dimensions}{(shape.Length == 1 ? "," : "")}), }}";

        // Signature, version and length take 10 bytes; the data begin at a multiple of 64, after a line feed.
        int length = ((10 + text.Length + 1 + 63) / 64 * 64) - 10;
        if (length > ushort.MaxValue)
        {
            throw new ArgumentException($"A shape of {shape.Length} dimensions does not fit a .npy header.", nameof(shape));
        }

        byte[] header = new byte[10 + length];
        ReadOnlySpan<byte> start = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)length, (byte)(length >> 8)];
        start.CopyTo(header);
        Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n", header.AsSpan(10));
        stream.Write(header);
        WriteRaw(stream, values);
    }
}
