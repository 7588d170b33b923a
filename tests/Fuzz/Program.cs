using SharpFuzz;
using SynapticGeometry.Data;

// Reads whatever AFL++ sends as a file of one kind: values or a DataFileException are right, anything else is a crash.
// With a second argument it reads that file instead, to look at a crash.
string kind = args.Length > 0 ? args[0] : string.Empty;
string name = kind switch
{
    "npy" => "w.npy",
    "npz" => "w.npz",
    "safetensors" => "w.safetensors",
    "csv" => "w.csv",
    _ => throw new ArgumentException("The first argument is npy, npz, safetensors or csv."),
};

if (args.Length > 1)
{
    Read(File.ReadAllBytes(args[1]));
    Console.WriteLine("read, or refused as it should be");
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
    catch (DataFileException)
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
        _ => new DelimitedFile(name, Open),
    };
}

static void Try(Action read)
{
    try
    {
        read();
    }
    catch (DataFileException)
    {
        // One array may be damaged and the next one not.
    }
}
