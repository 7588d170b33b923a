using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace SynapticGeometry.Data;

/// <summary>A tensor to be written: its values (float, double or long) in row-major order.</summary>
internal sealed record NamedTensor(string Name, IReadOnlyList<long> Shape, Array Values);

/// <summary>Writes named arrays as a .safetensors file: a JSON header, and the tensors one after the other.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="tensors">Names and arrays, in single (F32) or double precision (F64), in the order they are to have.</param>
    /// <exception cref="ArgumentException">Two tensors of one name, the reserved name "__metadata__", or a shape that does not hold its values.</exception>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<KeyValuePair<string, NumericArray>> tensors)
    {
        using AtomicFile file = AtomicFile.Create(path);
        Write(file.Stream, tensors);
        file.Commit();
    }

    /// <summary>Writes to a stream.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="tensors">Names and arrays, in single (F32) or double precision (F64), in the order they are to have.</param>
    /// <exception cref="ArgumentException">Two tensors of one name, the reserved name "__metadata__", or a shape that does not hold its values.</exception>
    public static void Write(Stream stream, IReadOnlyList<KeyValuePair<string, NumericArray>> tensors)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        Write(stream, [.. tensors.Select(t => new NamedTensor(t.Key, t.Value.Shape, t.Value.SingleValues is { } single ? single : t.Value.DoubleValues!))]);
    }

    /// <summary>Writes to a stream tensors of single (F32) or double precision (F64) or whole numbers (I64).</summary>
    internal static void Write(Stream stream, IReadOnlyList<NamedTensor> tensors)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("The format is little-endian and this processor is not.");
        }

        byte[] header = Header(tensors);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (NamedTensor tensor in tensors)
        {
            switch (tensor.Values)
            {
                case float[] single:
                    NpyWriter.WriteRaw<float>(stream, single);
                    break;
                case double[] real:
                    NpyWriter.WriteRaw<double>(stream, real);
                    break;
                case long[] whole:
                    NpyWriter.WriteRaw<long>(stream, whole);
                    break;
                default:
                    throw NotWritten(tensor);
            }
        }
    }

    private static (string Type, int Size) ElementOf(NamedTensor tensor) => tensor.Values switch
    {
        float[] => ("F32", 4),
        double[] => ("F64", 8),
        long[] => ("I64", 8),
        _ => throw NotWritten(tensor),
    };

    private static ArgumentException NotWritten(NamedTensor tensor) =>
        new($"The tensor \"{tensor.Name}\" has elements of type {tensor.Values.GetType().GetElementType()!.Name}; float, double and long are written.");

    private static byte[] Header(IReadOnlyList<NamedTensor> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            long place = 0;
            json.WriteStartObject();
            foreach (NamedTensor tensor in tensors)
            {
                (string name, (string type, int size)) = (tensor.Name, ElementOf(tensor));
                if (!names.Add(name))
                {
                    throw new ArgumentException($"The name \"{name}\" is there twice, or reserved.", nameof(tensors));
                }

                NpyWriter.CheckShape(tensor.Values.Length, [.. tensor.Shape]);
                long end = place + ((long)tensor.Values.Length * size);
                json.WriteStartObject(name);
                json.WriteString("dtype", type);
                json.WriteStartArray("shape");
                foreach (long d in tensor.Shape)
                {
                    json.WriteNumberValue(d);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(place);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                place = end;
            }

            json.WriteEndObject();
        }

        // Spaces up to a multiple of 8, so that the tensors lie aligned.
        byte[] header = new byte[(buffer.WrittenCount + 7) / 8 * 8];
        header.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(header);
        return header;
    }
}
