using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SynapticGeometry.Data;

/// <summary>
/// A folder of results that appears whole or not at all: files are written to a temporary folder beside it, which takes the name
/// in one step. Where the run fails or is cancelled, nothing is left; where it is killed, the next of the same name sweeps up.
/// </summary>
public sealed class AtomicDirectory : IDisposable
{
    private const string OwnerFile = ".owner";

    private readonly string given;
    private readonly string target;
    private readonly string? firstMadeParent;
    private readonly FileStream? owner;
    private bool done;

    private AtomicDirectory(string given, string target, string temporary, string? firstMadeParent)
    {
        this.given = given;
        this.target = target;
        Path = temporary;
        this.firstMadeParent = firstMadeParent;
        owner = Claim(temporary);
    }

    /// <summary>The temporary folder: write the files here.</summary>
    public string Path { get; }

    /// <summary>Begins a folder; dispose of it, and the temporary folder is gone unless <see cref="Commit"/> was called.</summary>
    /// <param name="path">The name that the folder is to have; its parents are made where they are missing.</param>
    /// <param name="force">
    /// Whether a folder that has files in it may be written to. Files of the same names are then replaced, and the others stay.
    /// </param>
    /// <exception cref="DataFileException">
    /// There is a file of that name, or a folder with files in it and no <paramref name="force"/>, or it may not be written.
    /// </exception>
    public static AtomicDirectory Create(string path, bool force = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return WriteErrors.Guard(path, () =>
        {
            string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
            if (File.Exists(full))
            {
                throw new DataFileException($"{path} cannot be written: it is a file, not a folder.");
            }

            if (!force && Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any())
            {
                throw new DataFileException($"{path} is not empty; name another folder, or ask for its files to be replaced (--force).");
            }

            string parent = System.IO.Path.GetDirectoryName(full)
                ?? throw new DataFileException($"{path} cannot be written: it is the root of the file system.");
            string? firstMade = FirstMissing(parent);
            try
            {
                Directory.CreateDirectory(parent);
                RemoveAbandoned(parent, System.IO.Path.GetFileName(full));
                return new AtomicDirectory(path, full, MakeTemporary(parent, System.IO.Path.GetFileName(full)), firstMade);
            }
            catch
            {
                RemoveEmpty(firstMade);
                throw;
            }
        });
    }

    /// <summary>Writes a folder whole or not at all: where <paramref name="write"/> throws, nothing has changed.</summary>
    /// <param name="path">The name that the folder is to have.</param>
    /// <param name="force">Whether a folder that has files in it may be written to.</param>
    /// <param name="write">Writes the files into the folder whose path it is given.</param>
    /// <exception cref="DataFileException">The folder cannot be written.</exception>
    public static void Write(string path, bool force, Action<string> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using AtomicDirectory folder = Create(path, force);
        WriteErrors.Guard(path, () =>
        {
            write(folder.Path);
            return 0;
        });
        folder.Commit();
    }

    /// <summary>Gives the folder its name, or moves its files into the folder that has it already, each in one step.</summary>
    /// <exception cref="DataFileException">The name is taken or may not be written to.</exception>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(done, this);
        WriteErrors.Guard(given, () =>
        {
            Release();
            if (Directory.Exists(target))
            {
                Merge(Path, target);
                Directory.Delete(Path, recursive: true);
            }
            else
            {
                Directory.Move(Path, target);
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
        Release();
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }

        RemoveEmpty(firstMadeParent);
    }

    private static string MakeTemporary(string parent, string name)
    {
        for (int attempt = 0; ; attempt++)
        {
            string temporary = System.IO.Path.Combine(parent, $".{name}.{attempt.ToString(CultureInfo.InvariantCulture)}.partial");
            if (!System.IO.Path.Exists(temporary))
            {
                return Directory.CreateDirectory(temporary).FullName;
            }
        }
    }

    // Says in the temporary folder who writes to it, in a file that no one else can open until this process ends, however it does.
    private static FileStream? Claim(string temporary)
    {
        try
        {
            FileStream file = new(System.IO.Path.Combine(temporary, OwnerFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            file.Write(Encoding.UTF8.GetBytes($"{Environment.MachineName} {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}"));
            file.Flush();
            return file;
        }
        catch (IOException)
        {
            // Then no one will sweep it away; it is written to all the same.
            return null;
        }
    }

    private void Release()
    {
        if (owner is not null)
        {
            owner.Dispose();
            File.Delete(owner.Name);
        }
    }

    // Temporary folders of the same name whose writer was killed: it was a process of this machine, is gone, and its file can be opened.
    private static void RemoveAbandoned(string parent, string name)
    {
        foreach (string folder in Directory.EnumerateDirectories(parent, $".{name}.*.partial").ToArray())
        {
            try
            {
                using (FileStream file = new(System.IO.Path.Combine(folder, OwnerFile), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                using (StreamReader reader = new(file, Encoding.UTF8))
                {
                    string[] words = reader.ReadToEnd().Split(' ');
                    if (words.Length != 2 || words[0] != Environment.MachineName || !int.TryParse(words[1], CultureInfo.InvariantCulture, out int process) || Runs(process))
                    {
                        continue;
                    }
                }

                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, of another kind, or not ours: it stays.
            }
        }
    }

    private static bool Runs(int process)
    {
        try
        {
            using Process found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Merge(string from, string to)
    {
        foreach (string folder in Directory.EnumerateDirectories(from))
        {
            string into = System.IO.Path.Combine(to, System.IO.Path.GetFileName(folder));
            Directory.CreateDirectory(into);
            Merge(folder, into);
        }

        foreach (string file in Directory.GetFiles(from))
        {
            File.Move(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)), overwrite: true);
        }
    }

    /// <summary>The highest of the folders on the way to <paramref name="folder"/> that does not exist.</summary>
    private static string? FirstMissing(string folder)
    {
        string? missing = null;
        for (string? f = folder; f is not null && !Directory.Exists(f); f = System.IO.Path.GetDirectoryName(f))
        {
            missing = f;
        }

        return missing;
    }

    // Parents made for a folder that did not come to be go too, unless someone has put something there meanwhile.
    private static void RemoveEmpty(string? folder)
    {
        if (folder is null || !Directory.Exists(folder))
        {
            return;
        }

        foreach (string inner in Directory.GetDirectories(folder))
        {
            RemoveEmpty(inner);
        }

        if (!Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }
}
