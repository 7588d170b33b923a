using System.IO.Compression;

namespace SynapticGeometry.Data;

/// <summary>Turns whatever a damaged file makes a library throw into one sentence that names the file.</summary>
internal static class Damage
{
    // Always affordable, so never refused: constant columns and unwritten chunks pack without limit.
    private const long AlwaysAllowed = 1L << 26;
    private const long LargestRatio = 10_000;

    public static T Guard<T>(string path, string format, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (OutOfMemoryException e)
        {
            throw new DataFileException($"{path} is not a readable {format} file, or too large: it asks for more memory than there is.", e);
        }
        catch (Exception e) when (e is not (DataFileException or OperationCanceledException))
        {
            throw new DataFileException($"{path} is not a readable {format} file: {OneLine(e.Message).TrimEnd('.', ' ')}.", e);
        }
    }

    /// <summary>
    /// Refuses a declared size that the file cannot hold, before memory is taken for it. Packed formats may exceed the file's
    /// length, by at most the ratios that occur.
    /// </summary>
    public static int CountThatFits(string path, string what, ulong count, int bytesEach, long fileLength)
    {
        if (count > (ulong)Array.MaxLength)
        {
            throw new DataFileException($"{path}: {what} declares {count} values; at most {Array.MaxLength} can be read.");
        }

        long bytes = (long)count * bytesEach;
        if (bytes > AlwaysAllowed && bytes / LargestRatio > fileLength)
        {
            throw new DataFileException(
                $"{path}: {what} declares {count} values ({bytes} bytes), more than a file of {fileLength} bytes can hold.");
        }

        return (int)count;
    }

    /// <summary>
    /// A zip archive to read from. One whose members lie over one another is refused: a small file unpacks to any size that way, and no
    /// program writes it.
    /// </summary>
    public static ZipArchive OpenZip(string path, Stream stream)
    {
        var archive = new ZipArchive(stream, ZipArchiveMode.Read);
        UInt128 together = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            together += (UInt128)Math.Max(0, entry.CompressedLength);
        }

        return together <= (UInt128)stream.Length
            ? archive
            : throw new DataFileException($"{path} is not a readable zip archive: its members have {together} bytes together and the file has {stream.Length}, so that some lie over one another.");
    }

    /// <summary>A value as an error message shows it: on one line, at most <paramref name="longest"/> characters.</summary>
    public static string Shown(string text, int longest = 40)
    {
        string line = OneLine(text);
        return line.Length <= longest ? line : string.Concat(line.AsSpan(0, longest - 1), "…");
    }

    private static string OneLine(string text) =>
        string.Create(text.Length, text, (to, from) =>
        {
            for (int i = 0; i < to.Length; i++)
            {
                to[i] = char.IsControl(from[i]) ? ' ' : from[i];
            }
        });
}
