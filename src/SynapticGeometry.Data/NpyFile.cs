using System.Text;

namespace SynapticGeometry.Data;

/// <summary>One array in NumPy's .npy format, in a file of its own or packed by gzip.</summary>
internal sealed class NpyFile : DataFile
{
    private static readonly string[] OnlyName = [string.Empty];
    private readonly Func<Stream> open;

    public NpyFile(string path, Func<Stream> open)
    {
        Path = path;
        this.open = open;
        Damage.Guard(path, "NumPy .npy", () =>
        {
            using Stream stream = open();
            return NpyHeader.Read(stream, path);
        });
    }

    public override string Path { get; }

    public override string Noun => "array";

    public override bool IsTable => false;

    public override IReadOnlyList<string> Names => OnlyName;

    public override IReadOnlyList<long> ShapeOf(string name) => Read(name, (stream, owner) => NpyHeader.Read(stream, owner).Shape);

    public override NumericArray ReadNumbers(string name) => Read(name, NpyReader.ReadNumbers);

    public override string[] ReadText(string name) => Read(name, NpyReader.ReadText);

    public override void Dispose()
    {
        // The file is open only while it is read.
    }

    private T Read<T>(string name, Func<Stream, string, T> read)
    {
        NameLookup.Find(Path, Noun, Names, name);
        return Damage.Guard(Path, "NumPy .npy", () =>
        {
            using Stream stream = open();
            return read(stream, Path);
        });
    }
}

/// <summary>Reads one .npy array from a stream.</summary>
internal static class NpyReader
{
    public static NumericArray ReadNumbers(Stream stream, string owner)
    {
        NpyHeader header = NpyHeader.Read(stream, owner);
        return header.IsText
            ? throw new DataFileException($"{owner} holds text, not numbers.")
            : StoredNumbers.ToNumbers(ReadArray(stream, header, owner), header.Shape, owner);
    }

    public static string[] ReadText(Stream stream, string owner)
    {
        NpyHeader header = NpyHeader.Read(stream, owner);
        return header.IsText ? ReadStrings(stream, header, owner) : StoredNumbers.ToText(ReadArray(stream, header, owner));
    }

    private static Array ReadArray(Stream stream, NpyHeader header, string owner)
    {
        Array values = StoredNumbers.Read(stream, header.Format, header.Count, header.BigEndian, Truncated(header, owner));
        ExpectEnd(stream, owner);
        return header.FortranOrder ? RowMajor(values, header.Shape) : values;
    }

    private static string[] ReadStrings(Stream stream, NpyHeader header, string owner)
    {
        long bytes = (long)header.Count * header.ItemSize;
        if (bytes > Array.MaxLength)
        {
            throw new DataFileException($"{owner} holds {bytes} bytes of text; at most {Array.MaxLength} can be read.");
        }

        byte[] all = StoredNumbers.ReadValues<byte>(stream, (int)bytes, bigEndian: false, Truncated(header, owner));
        ExpectEnd(stream, owner);
        Encoding encoding = header.Kind == 'S' ? Encoding.UTF8 : new UTF32Encoding(header.BigEndian, byteOrderMark: false);
        string[] text = new string[header.Count];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = encoding.GetString(all, i * header.ItemSize, header.ItemSize).TrimEnd('\0');
        }

        return header.FortranOrder ? (string[])RowMajor(text, header.Shape) : text;
    }

    private static Func<long, DataFileException> Truncated(NpyHeader header, string owner) => found =>
        new DataFileException(
            $"{owner} is truncated: the shape ({string.Join(", ", header.Shape)}) of {header.ItemSize}-byte elements needs {(long)header.Count * header.ItemSize} bytes, and {found} are there.");

    private static void ExpectEnd(Stream stream, string owner)
    {
        if (stream.ReadByte() >= 0)
        {
            throw new DataFileException($"{owner} goes on after its array: one array is read, of exactly the size that its header declares.");
        }
    }

    /// <summary>Moves values stored with the first index fastest to the order with the last index fastest.</summary>
    private static Array RowMajor(Array values, long[] shape)
    {
        if (shape.Length < 2 || values.Length == 0)
        {
            return values;
        }

        Array result = Array.CreateInstance(values.GetType().GetElementType()!, values.Length);
        switch (values)
        {
            case double[] v:
                Transpose(v, (double[])result, shape);
                break;
            case float[] v:
                Transpose(v, (float[])result, shape);
                break;
            case string[] v:
                Transpose(v, (string[])result, shape);
                break;
            case bool[] v:
                Transpose(v, (bool[])result, shape);
                break;
            case Half[] v:
                Transpose(v, (Half[])result, shape);
                break;
            default:
                // Whole numbers of any width: signed and unsigned arrays of a width may stand for each other.
                switch (Buffer.ByteLength(values) / values.Length)
                {
                    case 1:
                        Transpose((byte[])values, (byte[])result, shape);
                        break;
                    case 2:
                        Transpose((ushort[])values, (ushort[])result, shape);
                        break;
                    case 4:
                        Transpose((uint[])values, (uint[])result, shape);
                        break;
                    default:
                        Transpose((ulong[])values, (ulong[])result, shape);
                        break;
                }

                break;
        }

        return result;
    }

    private static void Transpose<T>(T[] from, T[] to, long[] shape)
    {
        // index[] counts as row-major order does; source is the column-major place of the same element.
        int[] index = new int[shape.Length], stride = new int[shape.Length];
        for (int d = 0, step = 1; d < shape.Length; d++)
        {
            stride[d] = step;
            step *= (int)shape[d];
        }

        int source = 0;
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = from[source];
            for (int d = shape.Length - 1; d >= 0; d--)
            {
                source += stride[d];
                if (++index[d] < shape[d])
                {
                    break;
                }

                source -= index[d] * stride[d];
                index[d] = 0;
            }
        }
    }
}
