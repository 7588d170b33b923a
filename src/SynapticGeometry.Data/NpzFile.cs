using System.IO.Compression;

namespace SynapticGeometry.Data;

/// <summary>The .npy arrays of a .npz file, which is a zip archive. Members of other kinds are not listed.</summary>
internal sealed class NpzFile : DataFile
{
    private const string Extension = ".npy";
    private readonly Stream stream;
    private readonly ZipArchive archive;
    private readonly List<ZipArchiveEntry> members;
    private readonly string[] names;

    public NpzFile(string path, Stream stream)
    {
        Path = path;
        this.stream = stream;
        try
        {
            archive = Damage.Guard(path, "NumPy .npz", () => Damage.OpenZip(path, stream));
            members = Damage.Guard(path, "NumPy .npz", () => archive.Entries
                .Where(e => e.FullName.EndsWith(Extension, StringComparison.Ordinal)).ToList());
            names = [.. members.Select(e => e.FullName[..^Extension.Length])];
            if (members.Count == 0)
            {
                throw new DataFileException(Damage.Guard(path, "NumPy .npz", () => WithoutArrays(path, archive)));
            }
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public override string Path { get; }

    public override string Noun => "member";

    public override bool IsTable => false;

    public override IReadOnlyList<string> Names => names;

    public override IReadOnlyList<long> ShapeOf(string name) => Read(name, (stream, owner) => NpyHeader.Read(stream, owner).Shape);

    public override NumericArray ReadNumbers(string name) => Read(name, NpyReader.ReadNumbers);

    public override string[] ReadText(string name) => Read(name, NpyReader.ReadText);

    public override void Dispose()
    {
        archive.Dispose();
        stream.Dispose();
    }

    private static string WithoutArrays(string path, ZipArchive archive)
    {
        string kind = archive.Entries.Any(e => e.FullName is "[Content_Types].xml")
            ? "is an Excel or other Office file; save the sheet as CSV"
            : "is a zip archive without .npy members";
        return $"{path} {kind}.";
    }

    private T Read<T>(string name, Func<Stream, string, T> read)
    {
        ZipArchiveEntry entry = members[NameLookup.Find(Path, Noun, names, name)];
        string owner = $"{Path}, member \"{Damage.Shown(name)}\"";
        return Damage.Guard(Path, "NumPy .npz", () =>
        {
            using var checkedStream = new Crc32Stream(entry.Open(), entry.Crc32, owner);
            return read(checkedStream, owner);
        });
    }
}
