using System.IO.Compression;
using System.Text.Json;
using CsvHelper;
using SharpFuzz;
using SynapticGeometry;
using SynapticGeometry.Data;

// Reads whatever AFL++ sends as a file of one kind: values or a DataFileException are right, anything else is a crash.
// Further arguments are files that it reads instead, to look at a crash or at what was collected.
string kind = args.Length > 0 ? args[0] : string.Empty;
string name = kind switch
{
    "npy" => "w.npy",
    "npz" or "spikes-npz" => "w.npz",
    "safetensors" => "w.safetensors",
    "torch" or "pickle" => "w.pt",
    "csv" or "spikes-csv" => "w.csv",
    "swc" => "w.swc",
    _ => throw new ArgumentException("The first argument is npy, npz, safetensors, torch, pickle, csv, spikes-csv, spikes-npz or swc."),
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
        switch (kind)
        {
            case "swc":
                ReadMorphology(content);
                break;
            case "spikes-csv" or "spikes-npz":
                ReadSpikes(content);
                break;
            default:
                ReadArrays(content);
                break;
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

void ReadArrays(byte[] content)
{
    using DataFile file = OpenAs(content);
    foreach (string array in file.Names)
    {
        Try(() =>
        {
            if (!file.ReadNumbers(array).Shape.SequenceEqual(file.ShapeOf(array)))
            {
                throw new InvalidOperationException("The shape that is read is not the one that is declared.");
            }
        });
        Try(() => file.ReadText(array));
    }
}

// Trains as they are found, and where times begin anew in each trial. What is accepted must be what it claims to be.
void ReadSpikes(byte[] content)
{
    foreach (SpikeTrainOptions options in new[] { new SpikeTrainOptions(), new SpikeTrainOptions { Trials = "trial", TrialDuration = 2 } })
    {
        Try(() =>
        {
            using DataFile file = OpenAs(content);
            SpikeTrains trains = SpikeTrainFile.Read(file, options);
            bool right = double.IsFinite(trains.Duration) && trains.Names.Count == trains.Units;
            for (int u = 0; u < trains.Units; u++)
            {
                ReadOnlySpan<double> train = trains[u];
                for (int i = 0; i < train.Length; i++)
                {
                    right &= train[i] >= (i > 0 ? train[i - 1] : 0) && train[i] < trains.Duration;
                }
            }

            if (!right)
            {
                throw new InvalidOperationException("Spike trains were accepted that are none.");
            }
        });
    }
}

// As from a file: every point is reached from the soma, at a finite distance.
void ReadMorphology(byte[] content)
{
    using var reader = new StreamReader(new MemoryStream(content));
    List<string> lines = [];
    while (reader.ReadLine() is { } line)
    {
        lines.Add(line);
    }

    Morphology morphology = SwcFile.Parse(name, lines);
    bool right = morphology.Outwards.ToArray().Distinct().Count() == morphology.Nodes.Count;
    foreach (double distance in morphology.PathDistances)
    {
        right &= double.IsFinite(distance) && distance >= 0;
    }

    if (!right)
    {
        throw new InvalidOperationException("A morphology was accepted that is no tree.");
    }
}

// The reader is named, not found by content: every input exercises it.
DataFile OpenAs(byte[] content)
{
    Stream Open() => new MemoryStream(content, writable: false);
    return kind switch
    {
        "npy" => new NpyFile(name, Open),
        "npz" or "spikes-npz" => new NpzFile(name, Open()),
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
// out of range or a null reference would be a mistake of ours in disguise. Trains and trees are refused by the library's own argument errors.
static bool IsAnswer(DataFileException e) =>
    e.InnerException is null or DataFileException or JsonException or InvalidDataException or EndOfStreamException or FormatException or CsvFormatException
    || (e.InnerException is ArgumentException ours && ours.TargetSite?.Module.Name.StartsWith("SynapticGeometry", StringComparison.Ordinal) == true);

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
