using System.Globalization;
using System.Text.RegularExpressions;

namespace SynapticGeometry.Data;

/// <summary>
/// A file that is written whole or not at all: the bytes go to a temporary file in the same folder, reach the disk, and take the
/// name in one step. Until <see cref="Commit"/> a file that was there before stays as it was.
/// </summary>
public sealed class AtomicFile : IDisposable
{
    private readonly string given;
    private readonly string target;
    private readonly string? temporary;
    private readonly FileStream stream;
    private bool done;

    private AtomicFile(string given, string target, string? temporary, FileStream stream)
    {
        this.given = given;
        this.target = target;
        this.temporary = temporary;
        this.stream = stream;
    }

    /// <summary>Where to write.</summary>
    public Stream Stream => stream;

    /// <summary>Begins a file; dispose of it, and the temporary file is gone unless <see cref="Commit"/> was called.</summary>
    /// <param name="path">The name that the file is to have. Devices under /dev, such as /dev/stdout, are written to directly.</param>
    /// <exception cref="DataFileException">The name is a folder's, or its folder does not exist or may not be written to.</exception>
    public static AtomicFile Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new DataFileException($"{path} cannot be written: it is a folder.");
        }

        return WriteErrors.Guard(path, () =>
        {
            string full = Path.GetFullPath(path);
            if (full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal))
            {
                return new AtomicFile(path, full, null, new FileStream(full, FileMode.Open, FileAccess.Write));
            }

            string folder = Path.GetDirectoryName(full)!, name = Path.GetFileName(full);
            if (!Directory.Exists(folder))
            {
                throw new DataFileException($"{path} cannot be written: there is no folder {folder}.");
            }

            // A name that an interrupted run left behind, or that another run uses now, is passed over.
            for (int attempt = 0; ; attempt++)
            {
                string partial = Path.Combine(folder, $".{name}.{attempt.ToString(CultureInfo.InvariantCulture)}.partial");
                if (!File.Exists(partial))
                {
                    try
                    {
                        return new AtomicFile(path, full, partial, new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite));
                    }
                    catch (IOException) when (File.Exists(partial))
                    {
                        // Taken in between: try the next.
                    }
                }
            }
        });
    }

    /// <summary>Writes a file whole or not at all: where <paramref name="write"/> throws, nothing has changed.</summary>
    /// <param name="path">The name that the file is to have; a file of that name is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using AtomicFile file = Create(path);
        WriteErrors.Guard(path, () =>
        {
            write(file.Stream);
            return 0;
        });
        file.Commit();
    }

    /// <summary>Sends what was written to the disk and gives it its name.</summary>
    /// <exception cref="DataFileException">The disk is full or the name may not be replaced.</exception>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(done, this);
        WriteErrors.Guard(given, () =>
        {
            if (temporary is null)
            {
                stream.Dispose();
            }
            else
            {
                stream.Flush(flushToDisk: true);
                stream.Dispose();
                File.Move(temporary, target, overwrite: true);
            }

            done = true;
            return 0;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (done)
        {
            return;
        }

        done = true;
        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            // The buffer could not be emptied onto a full disk; the file goes all the same.
        }

        if (temporary is not null)
        {
            File.Delete(temporary);
        }
    }
}

/// <summary>Turns the failures of the file system into one sentence that names the file or folder.</summary>
internal static partial class WriteErrors
{
    public static T Guard<T>(string path, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or NotSupportedException or ArgumentException)
        {
            throw new DataFileException($"{path} cannot be written: {TemporaryName.Replace(e.Message, "${name}")}", e);
        }
    }

    // The user knows nothing of the name that a file has until it is whole.
    [GeneratedRegex(@"\.(?<name>[^/\\]+)\.\d+\.partial\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TemporaryName { get; }
}
