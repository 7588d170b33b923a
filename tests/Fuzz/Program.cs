using System.IO.Compression;
using System.Text.Json;
using CsvHelper;
using SharpFuzz;
using SynapticGeometry.Data;

// Reads whatever AFL++ sends as a file of one kind: values or a DataFileException are right, anything else is a crash.
// Further arguments are files that it reads instead, to look at a crash or at what was collected.
string kind = args.Length > 0 ? args[0] : string.Empty;
string name = kind switch
{
    "npy" => "w.npy",
    "npz" => "w.npz",
    "safetensors" => "w.safetensors",
    "torch" or "pickle" => "w.pt",
    "csv" => "w.csv",
    _ => throw new ArgumentException("The first argument is npy, npz, safetensors, torch, pickle or csv."),
};

if (args.Length > 1)
{
    foreach (string path in args.Skip(1))
    {
        Console.Error.WriteLine(path);
        Read(File.ReadAllBytes(path));
    }

    Console.WriteLine($"{args.Length - 1} files were read, or refused as they should be");
    return;
}

Fuzzer.OutOfProcess.Run(stream =>
{
    using var content = new MemoryStream();
    stream.CopyTo(content);
    Read(content.ToArray());
});

void Read(byte[] content)
{
    long before = GC.GetAllocatedBytesForCurrentThread();
    try
    {
        using DataFile file = OpenAs(content);
        foreach (string array in file.Names)
        {
            Try(() => file.ReadNumbers(array));
            Try(() => file.ReadText(array));
        }
    }
    catch (DataFileException e) when (IsAnswer(e))
    {
        // The answer to a damaged file.
    }

    // Each array may be read twice and be widened, unpacked and turned into text: generous, but not what a false header asks for.
    if (GC.GetAllocatedBytesForCurrentThread() - before > 256L << 20)
    {
        throw new InvalidOperationException("More memory was taken than the file can be worth.");
    }
}

// The reader is named, not found by content: every input exercises it.
DataFile OpenAs(byte[] content)
{
    Stream Open() => new MemoryStream(content, writable: false);
    return kind switch
    {
        "npy" => new NpyFile(name, Open),
        "npz" => new NpzFile(name, Open()),
        "safetensors" => new SafetensorsFile(name, Open),
        "torch" => new TorchFile(name, Open()),
        "pickle" => new TorchFile(name, Checkpoint(content)),
        _ => new DelimitedFile(name, Open),
    };
}

// A checkpoint with this pickle and right checksums, which no mutation of a whole file would find.
static MemoryStream Checkpoint(byte[] pickle)
{
    var file = new MemoryStream();
    using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
    {
        foreach ((string member, byte[] bytes) in new[] { ("a/data.pkl", pickle), ("a/data/0", new byte[24]), ("a/data/1", new byte[8]) })
        {
            using Stream stream = zip.CreateEntry(member, CompressionLevel.NoCompression).Open();
            stream.Write(bytes);
        }
    }

    file.Position = 0;
    return file;
}

// The readers turn every exception into one for the user. Only those that tell of bad data may have been there before; an index
// out of range or a null reference would be a mistake of ours in disguise.
static bool IsAnswer(DataFileException e) =>
    e.InnerException is null or DataFileException or JsonException or InvalidDataException or EndOfStreamException or FormatException or CsvFormatException;

static void Try(Action read)
{
    try
    {
        read();
    }
    catch (DataFileException e) when (IsAnswer(e))
    {
        // One array may be damaged and the next one not.
    }
}
