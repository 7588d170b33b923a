using System.Buffers.Binary;

namespace SynapticGeometry.Data;

/// <summary>Bytes in a shape, as an idx file holds them.</summary>
/// <param name="Shape">Lengths of the dimensions, none zero.</param>
/// <param name="Values">The bytes, in row-major order.</param>
public sealed record IdxArray(IReadOnlyList<int> Shape, byte[] Values);

/// <summary>
/// Reads idx files, the format of MNIST and of the sets made in its image: two zero bytes, the element type, the number of dimensions,
/// their lengths (big-endian), the elements. Read are unsigned bytes; the file may be packed with gzip.
/// </summary>
public static class IdxFile
{
    private const byte UnsignedByte = 0x08;

    // No set of images or labels has more; a false number would ask for lengths that are not there.
    private const int MostDimensions = 4;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="DataFileException">There is no such file, it is no idx file of bytes, it is cut short, or something follows.</exception>
    public static IdxArray Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!File.Exists(path))
        {
            throw new DataFileException($"There is no file {path}.");
        }

        return Damage.Guard(path, "idx", () =>
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> head = stackalloc byte[2];
            bool packed = file.ReadAtLeast(head, 2, throwOnEndOfStream: false) == 2 && head[0] == 0x1f && head[1] == 0x8b;
            file.Position = 0;
            if (!packed)
            {
                return Read(path, file);
            }

            using var unpacked = new WholeGzipStream(file);
            return Read(path, unpacked);
        });
    }

    /// <summary>Reads from a stream; <paramref name="path"/> is how errors name it.</summary>
    internal static IdxArray Read(string path, Stream stream)
    {
        byte[] word = Bytes(path, stream, 4);
        if (word[0] != 0 || word[1] != 0)
        {
            throw new DataFileException($"{path} is not an idx file: it does not begin with two zero bytes.");
        }

        if (word[2] != UnsignedByte)
        {
            throw new DataFileException($"{path} has elements of type 0x{word[2]:x2}; read are unsigned bytes (0x08).");
        }

        if (word[3] is 0 or > MostDimensions)
        {
            throw new DataFileException($"{path} has {word[3]} dimensions; from 1 to {MostDimensions} are read.");
        }

        int[] shape = new int[word[3]];
        long count = 1;
        for (int d = 0; d < shape.Length; d++)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(Bytes(path, stream, 4));
            count = length is 0 or > int.MaxValue ? long.MaxValue : Math.BigMul((int)length, 1) * Math.Min(count, int.MaxValue);
            if (count > Array.MaxLength)
            {
                throw new DataFileException($"{path}: dimension {d} has length {length}; lengths must be positive, and all of them together give at most {Array.MaxLength} bytes.");
            }

            shape[d] = (int)length;
        }

        byte[] values = StoredNumbers.ReadValues<byte>(stream, (int)count, bigEndian: false, found => new DataFileException(
            $"{path} is truncated: {count} bytes of shape {string.Join(" x ", shape)} were expected and {found} found."));
        return stream.ReadByte() < 0
            ? new IdxArray(shape, values)
            : throw new DataFileException($"{path} goes on after its {count} bytes of shape {string.Join(" x ", shape)}.");
    }

    private static byte[] Bytes(string path, Stream stream, int count)
    {
        byte[] bytes = new byte[count];
        return stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count
            ? bytes
            : throw new DataFileException($"{path} is truncated: its header is not whole.");
    }
}
