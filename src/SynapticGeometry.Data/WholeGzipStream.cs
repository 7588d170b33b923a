using System.IO.Compression;

namespace SynapticGeometry.Data;

/// <summary>
/// Unpacks a gzip file and fails where it is cut short, which .NET's stream lets pass: what is there would be taken for the whole
/// table. A gzip file may consist of several members, and one of ours, with a known content, is put behind the last: it comes out
/// at the end only where the file before it is complete.
/// </summary>
internal sealed class WholeGzipStream(Stream packed)
    : ReadOnlyStream(new GZipStream(new ChainedStream(packed, new MemoryStream(LastMember, writable: false)), CompressionMode.Decompress))
{
    private static readonly byte[] Mark = [.. "end of a whole file\0\x01\x02\x03\x04"u8];
    private static readonly byte[] LastMember = Pack(Mark);

    // The last bytes read are kept back, since they may be the mark.
    private readonly byte[] work = new byte[Mark.Length + (1 << 16)];
    private int start;
    private int end;

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            int ready = Math.Min(end - start - Mark.Length, buffer.Length);
            if (ready > 0 || buffer.IsEmpty)
            {
                work.AsSpan(start, Math.Max(ready, 0)).CopyTo(buffer);
                start += Math.Max(ready, 0);
                return Math.Max(ready, 0);
            }

            work.AsSpan(start, end - start).CopyTo(work);
            (start, end) = (0, end - start);
            int read = Inner.Read(work.AsSpan(end));
            if (read > 0)
            {
                end += read;
            }
            else
            {
                return work.AsSpan(start, end - start).SequenceEqual(Mark)
                    ? 0
                    : throw new InvalidDataException("it is truncated, or something follows the packed data.");
            }
        }
    }

    private static byte[] Pack(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }
}
