using System.Globalization;
using System.Text;
using SynapticGeometry.Data;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Papers;

/// <summary>
/// The finished pieces of a figure that is not finished, in a file beside its folder to which each is added as it comes; a run that was cut
/// off goes on from there. Safe for several threads.
/// </summary>
/// <remarks>The file is made with the first piece. A line that was cut off is dropped, and so is everything where scale, seed or version differ.</remarks>
public sealed class FigureParts : IDisposable
{
    private readonly Dictionary<string, double[]> finished = [];
    private readonly Lock door = new();
    private readonly string path;
    private readonly string key;
    private FileStream? file;

    private FigureParts(string path, string key) => (this.path, this.key) = (path, key);

    /// <summary>Number of finished pieces.</summary>
    public int Count => finished.Count;

    /// <summary>Reads what is there.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="key">What the pieces belong to; others are not used.</param>
    /// <param name="fresh">True to begin anew.</param>
    /// <exception cref="DataFileException">It cannot be read.</exception>
    public static FigureParts Open(string path, string key, bool fresh = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FigureParts parts = new(path, key);
        if (!fresh && File.Exists(path))
        {
            WriteErrors.Guard(path, () =>
            {
                parts.Read(File.ReadAllText(path));
                return 0;
            });
        }

        return parts;
    }

    /// <summary>The numbers of a piece, or null where it is not finished.</summary>
    /// <param name="piece">Its name.</param>
    public double[]? Find(string piece)
    {
        lock (door)
        {
            return finished.GetValueOrDefault(piece);
        }
    }

    /// <summary>Keeps a piece.</summary>
    /// <param name="piece">Its name, without commas or line ends.</param>
    /// <param name="values">Its numbers.</param>
    /// <exception cref="ArgumentException">The name has a comma or a line end.</exception>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public void Add(string piece, double[] values)
    {
        ArgumentNullException.ThrowIfNull(piece);
        ArgumentNullException.ThrowIfNull(values);
        if (piece.AsSpan().IndexOfAny(",\r\n") >= 0)
        {
            throw new ArgumentException($"The piece \"{piece}\" has a comma or a line end in its name.", nameof(piece));
        }

        lock (door)
        {
            WriteErrors.Guard(path, () =>
            {
                file ??= Begin();
                file.Write(Line(piece, values));
                file.Flush();
                return 0;
            });
            finished[piece] = values;
        }
    }

    /// <summary>Removes the file: the figure is finished.</summary>
    public void Delete()
    {
        Dispose();
        File.Delete(path);
    }

    /// <summary>Closes the file; the pieces stay.</summary>
    public void Dispose()
    {
        file?.Dispose();
        file = null;
    }

    // What was read is written again, so that a line cut off is gone.
    private FileStream Begin()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        FileStream made = new(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        made.Write(Encoding.UTF8.GetBytes(key + "\n"));
        foreach ((string piece, double[] values) in finished)
        {
            made.Write(Line(piece, values));
        }

        return made;
    }

    private static byte[] Line(string piece, double[] values) =>
        Encoding.UTF8.GetBytes(string.Join(',', values.Select(v => CsvTable.Text(v)).Prepend(piece)) + "\n");

    private void Read(string text)
    {
        string[] lines = text.Split('\n');
        if (lines[0] != key)
        {
            return;
        }

        // What follows the last line end was cut off.
        foreach (string[] cells in lines[1..^1].Select(l => l.Split(',')))
        {
            double[] values = new double[cells.Length - 1];
            if (values.Select((_, k) => double.TryParse(cells[k + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out values[k])).All(good => good))
            {
                finished[cells[0]] = values;
            }
        }
    }
}
