using System.IO.Compression;

namespace SynapticGeometry.Data;

/// <summary>Writes arrays in NumPy's .npz format, a zip archive of .npy members, which numpy.load reads.</summary>
public static class NpzWriter
{
    // The earliest date a zip archive knows: equal arrays give equal bytes.
    private static readonly DateTimeOffset NoDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a file of double-precision arrays of one dimension, whole or not at all.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="arrays">Names, without ending, and values.</param>
    /// <exception cref="ArgumentException">Two arrays have one name.</exception>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, double[] Values)> arrays)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        string? twice = arrays.GroupBy(a => a.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new ArgumentException($"Two arrays are named \"{twice}\"; a .npz file needs a name for each.", nameof(arrays));
        }

        AtomicFile.Write(path, stream =>
        {
            using ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach ((string name, double[] values) in arrays)
            {
                ZipArchiveEntry entry = archive.CreateEntry(name + ".npy", CompressionLevel.Optimal);
                entry.LastWriteTime = NoDate;
                using Stream member = entry.Open();
                NpyWriter.Write(member, values);
            }
        });
    }
}
