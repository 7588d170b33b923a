namespace SynapticGeometry.Data;

/// <summary>
/// Opens files of numbers, recognised by their content first and by their extension where the content has no signature (text).
/// </summary>
public static class DataFiles
{
    /// <summary>The kinds of file that are read, as error messages list them.</summary>
    public const string Readable =
        "CSV and TSV tables (.csv, .tsv, .txt, also with .gz), Parquet tables, NumPy arrays (.npy, .npz), HDF5 files, .safetensors files and PyTorch checkpoints (.pt, .pth)";

    private const int HeadLength = 4096;

    /// <summary>Opens a file for reading; dispose of what is returned.</summary>
    /// <param name="path">Path of a file of one of the kinds in <see cref="Readable"/>.</param>
    /// <exception cref="DataFileException">
    /// There is no such file, it is a folder or empty, it may not be read, it is of no readable kind, or it is damaged.
    /// </exception>
    public static DataFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
        {
            throw new DataFileException("The name of a data file is empty.");
        }

        if (Directory.Exists(path))
        {
            throw new DataFileException($"{path} is a folder; name a file.");
        }

        if (!File.Exists(path))
        {
            throw new DataFileException($"There is no file {path}.");
        }

        return Open(path, () => OpenRead(path));
    }

    /// <summary>Opens what <paramref name="open"/> yields, a new seekable stream at its start each time, under a name.</summary>
    internal static DataFile Open(string path, Func<Stream> open)
    {
        byte[] head = Damage.Guard(path, "data", () => ReadHead(open));
        if (head.Length == 0)
        {
            throw new DataFileException($"{path} is empty (0 bytes).");
        }

        string extension = System.IO.Path.GetExtension(path).ToLowerInvariant();
        if (head.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
        {
            return OpenGzip(path, open);
        }

        if (NpyHeader.HasSignature(head))
        {
            return new NpyFile(path, open);
        }

        if (head.AsSpan().StartsWith("PAR1"u8))
        {
            return new ParquetFile(path, open());
        }

        if (head.AsSpan().StartsWith("PK\x03\x04"u8) || head.AsSpan().StartsWith("PK\x05\x06"u8))
        {
            return TorchFile.IsCheckpoint(path, open) ? new TorchFile(path, open()) : new NpzFile(path, open());
        }

        if (Hdf5File.HasSignature(head))
        {
            return new Hdf5File(path, open());
        }

        if (SafetensorsFile.HasSignature(head) || extension == ".safetensors")
        {
            return new SafetensorsFile(path, open);
        }

        if (head.AsSpan().StartsWith("MATLAB 5.0"u8))
        {
            throw new DataFileException($"{path} is a MATLAB 5 file; save it with the option '-v7.3', which makes it an HDF5 file.");
        }

        if (head[0] == 0x80 && head.Length > 1 && head[1] is >= 2 and <= 5)
        {
            throw new DataFileException(IsOldCheckpoint(head)
                ? $"{path} is a PyTorch checkpoint in the form of versions before 1.6, which is one pickle; read are the zip archives of later ones. Save it again in Python: torch.save(torch.load(\"old.pt\"), \"new.pt\")."
                : $"{path} is a pickled Python object, and pickled objects are never executed; save its arrays as .npz or .safetensors.");
        }

        // A truncated or overwritten start: say what the extension promised.
        string? promised = extension switch
        {
            ".npy" => "NumPy .npy",
            ".npz" => "NumPy .npz",
            ".parquet" => "Parquet",
            ".h5" or ".hdf5" or ".nwb" => "HDF5",
            _ when TorchFile.HasExtension(path) => "PyTorch",
            _ => null,
        };
        if (promised is not null)
        {
            throw new DataFileException($"{path} is not a readable {promised} file: it does not begin with that format's signature.");
        }

        return extension is ".csv" or ".tsv" or ".txt"
            ? new DelimitedFile(path, open)
            : throw new DataFileException($"{path} is of no kind that is read; read are {Readable}.");
    }

    // The number 0x1950a86a20f9469cfc6c, pickled.
    private static bool IsOldCheckpoint(ReadOnlySpan<byte> head) =>
        head.Length > 14 && head[2..].StartsWith((ReadOnlySpan<byte>)[0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]);

    private static DataFile OpenGzip(string path, Func<Stream> open)
    {
        Stream Unpack() => new WholeGzipStream(open());
        byte[] head = Damage.Guard(path, "gzip", () => ReadHead(Unpack));
        string inner = System.IO.Path.GetExtension(System.IO.Path.GetFileNameWithoutExtension(path)).ToLowerInvariant();
        if (head.Length == 0)
        {
            throw new DataFileException($"{path} is empty once unpacked.");
        }

        if (NpyHeader.HasSignature(head))
        {
            return new NpyFile(path, Unpack);
        }

        // The extension may be .csv on a file packed without renaming it.
        string own = System.IO.Path.GetExtension(path).ToLowerInvariant();
        return inner is ".csv" or ".tsv" or ".txt" || own is ".csv" or ".tsv" or ".txt"
            ? new DelimitedFile(path, Unpack)
            : throw new DataFileException(
                $"{path} is a gzip file of a kind that is not read packed (.csv.gz, .tsv.gz, .txt.gz and .npy.gz are); unpack it first.");
    }

    private static byte[] ReadHead(Func<Stream> open)
    {
        using Stream stream = open();
        byte[] head = new byte[HeadLength];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return head[..read];
    }

    // No buffer of its own: the readers ask for large pieces, which then go straight into the array of values.
    private static FileStream OpenRead(string path)
    {
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (stream.CanSeek)
            {
                return stream;
            }

            stream.Dispose();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or NotSupportedException or ArgumentException)
        {
            throw new DataFileException($"{path} cannot be read: {e.Message}", e);
        }

        throw new DataFileException($"{path} is a pipe or a device; name a file.");
    }
}
