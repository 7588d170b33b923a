using System.IO.Compression;

namespace SynapticGeometry.Data;

/// <summary>Writes several named arrays as one .npz archive, which numpy.load reads.</summary>
public static class NpzWriter
{
    // Archives hold no time of day, so that equal arrays give equal bytes; this is the earliest that a zip archive can hold.
    private static readonly DateTimeOffset Never = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a file of double-precision arrays of one dimension, whole or not at all.</summary>
    /// <inheritdoc cref="Write(string, IReadOnlyList{ValueTuple{string, NumericArray}})"/>
    /// <param name="path">As there.</param>
    /// <param name="arrays">Name and values of each array; names differ.</param>
    public static void Write(string path, IReadOnlyList<(string Name, double[] Values)> arrays) =>
        Write(path, [.. arrays.Select(a => (a.Name, new NumericArray([a.Values.Length], a.Values)))]);

    /// <summary>Writes a file whole or not at all; compressed, as numpy.savez_compressed does.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="arrays">Name, shape and values of each array; names differ.</param>
    /// <exception cref="ArgumentException">Two arrays have one name, or a shape does not hold as many values as there are.</exception>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, NumericArray Array)> arrays)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        if (arrays.GroupBy(a => a.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two arrays have the name '{twice.Key}'; names in an archive differ.", nameof(arrays));
        }

        AtomicFile.Write(path, stream =>
        {
            using ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach ((string name, NumericArray array) in arrays)
            {
                ZipArchiveEntry entry = archive.CreateEntry(name + ".npy", CompressionLevel.Fastest);
                entry.LastWriteTime = Never;
                using Stream member = entry.Open();
                if (array.SingleValues is { } single)
                {
                    NpyWriter.Write(member, single, [.. array.Shape]);
                }
                else
                {
                    NpyWriter.Write(member, array.DoubleValues, [.. array.Shape]);
                }
            }
        });
    }
}
