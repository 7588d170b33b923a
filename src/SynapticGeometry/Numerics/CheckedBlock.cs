using System.Security.Cryptography;
using System.Text;

namespace SynapticGeometry;

/// <summary>Bytes that prove themselves whole: eight that name their kind, the last of them its format, the length of the rest, the content, and SHA-256 of all before.</summary>
internal static class CheckedBlock
{
    private const int HashLength = 32, HeadLength = 16;

    public static void Write(Stream stream, ReadOnlySpan<byte> kind, Action<BinaryWriter> write)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using MemoryStream body = new();
        using BinaryWriter writer = new(body, Encoding.UTF8);
        writer.Write(kind);
        writer.Write(0L);
        write(writer);
        writer.Flush();
        body.Position = kind.Length;
        writer.Write(body.Length - HeadLength);
        ReadOnlySpan<byte> all = body.GetBuffer().AsSpan(0, (int)body.Length);
        stream.Write(all);
        stream.Write(SHA256.HashData(all));
    }

    /// <summary>Reads a block; the stream stands behind it afterwards.</summary>
    /// <param name="stream">Where from.</param>
    /// <param name="kind">Eight bytes, the last the digit of the format.</param>
    /// <param name="what">What it should be, for the message.</param>
    /// <param name="read">Reads the content.</param>
    /// <exception cref="InvalidDataException">It is of another kind or format, or damaged.</exception>
    public static void Read(Stream stream, ReadOnlySpan<byte> kind, string what, Action<BinaryReader> read)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] head = new byte[HeadLength];
        if (stream.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false) < HeadLength || !head.AsSpan(0, kind.Length - 1).SequenceEqual(kind[..^1]))
        {
            throw new InvalidDataException($"This is not a {what}.");
        }

        if (head[kind.Length - 1] != kind[^1])
        {
            throw new InvalidDataException(
                $"The {what} is in format {(char)head[kind.Length - 1]} and this program reads format {(char)kind[^1]}: another version of the program wrote it.");
        }

        // Read piece by piece, so that a damaged length asks for no more memory than there are bytes.
        long length = BitConverter.ToInt64(head, kind.Length);
        using MemoryStream body = new();
        body.Write(head);
        byte[] piece = new byte[1 << 16];
        for (long left = length < 0 ? 0 : length; left > 0;)
        {
            int got = stream.Read(piece, 0, (int)Math.Min(piece.Length, left));
            if (got == 0)
            {
                break;
            }

            body.Write(piece, 0, got);
            left -= got;
        }

        byte[] hash = new byte[HashLength];
        int hashed = stream.ReadAtLeast(hash, HashLength, throwOnEndOfStream: false);
        if (body.Length - HeadLength != length || hashed < HashLength || !hash.AsSpan().SequenceEqual(SHA256.HashData(body.GetBuffer().AsSpan(0, (int)body.Length))))
        {
            throw new InvalidDataException($"The {what} is damaged or cut off.");
        }

        body.Position = HeadLength;
        using BinaryReader reader = new(body, Encoding.UTF8);
        read(reader);
    }
}
