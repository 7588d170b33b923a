using System.IO.Compression;

namespace SynapticGeometry.Data;

/// <summary>
/// The tensors of a PyTorch checkpoint, as torch.save has written it since version 1.6: a zip archive with a pickle that says which
/// tensors there are, and a member for each storage. Nested dictionaries and lists are laid out flat, their keys joined by dots; what is
/// no tensor is passed over. The pickle is read, never executed.
/// </summary>
internal sealed class TorchFile : DataFile
{
    private const string FormatName = "PyTorch";
    private const string PickleEnd = "/data.pkl";
    private const int MostTensors = 100_000, MostVisits = 200_000, DeepestNesting = 32, LongestName = 400;
    private readonly Stream stream;
    private readonly ZipArchive archive;
    private readonly Dictionary<string, ZipArchiveEntry> members = [];
    private readonly List<(string Name, TorchView View)> tensors = [];
    private readonly string[] names;
    private readonly string folder;
    private readonly bool bigEndian;
    private (string Key, NumberFormat Format, Array Values)? lastShared;
    private int visits;

    public TorchFile(string path, Stream stream)
    {
        Path = path;
        this.stream = stream;
        try
        {
            archive = Damage.Guard(path, FormatName, () => Damage.OpenZip(path, stream));
            (folder, bigEndian) = Damage.Guard(path, FormatName, ReadDirectory);
            names = [.. tensors.Select(t => t.Name)];
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public override string Path { get; }

    public override string Noun => "tensor";

    public override bool IsTable => false;

    public override IReadOnlyList<string> Names => names;

    /// <summary>True where a zip archive has the members of a checkpoint, or cannot be listed and has a checkpoint's extension.</summary>
    public static bool IsCheckpoint(string path, Func<Stream> open)
    {
        try
        {
            using Stream stream = open();
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            return archive.Entries.Any(e => e.FullName.EndsWith(PickleEnd, StringComparison.Ordinal))
                && !archive.Entries.Any(e => e.FullName.EndsWith(".npy", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is not DataFileException)
        {
            // The reader that is chosen says what is wrong with the archive.
            return HasExtension(path);
        }
    }

    /// <summary>True for the extensions that checkpoints have.</summary>
    public static bool HasExtension(string path) =>
        System.IO.Path.GetExtension(path).ToLowerInvariant() is ".pt" or ".pth" or ".ckpt";

    public override IReadOnlyList<long> ShapeOf(string name) => tensors[NameLookup.Find(Path, Noun, names, name)].View.Shape;

    public override NumericArray ReadNumbers(string name)
    {
        (TorchView view, Array values) = Read(name);
        return StoredNumbers.ToNumbers(values, view.Shape, Owner(name));
    }

    public override string[] ReadText(string name) => StoredNumbers.ToText(Read(name).Values);

    public override void Dispose()
    {
        archive.Dispose();
        stream.Dispose();
    }

    private static NumberFormat? FormatOf(string storage) => storage switch
    {
        "torch.DoubleStorage" => NumberFormat.Float64,
        "torch.FloatStorage" => NumberFormat.Float32,
        "torch.HalfStorage" => NumberFormat.Float16,
        "torch.BFloat16Storage" => NumberFormat.BFloat16,
        "torch.CharStorage" => NumberFormat.Int8,
        "torch.ShortStorage" => NumberFormat.Int16,
        "torch.IntStorage" => NumberFormat.Int32,
        "torch.LongStorage" => NumberFormat.Int64,
        "torch.ByteStorage" => NumberFormat.UInt8,
        "torch.BoolStorage" => NumberFormat.Boolean,
        _ => null,
    };

    private string Owner(string name) => $"{Path}, tensor \"{Damage.Shown(name)}\"";

    private (string Folder, bool BigEndian) ReadDirectory()
    {
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (!members.TryAdd(entry.FullName, entry))
            {
                throw Refuse($"it has two members named \"{Damage.Shown(entry.FullName)}\"");
            }
        }

        string[] pickles = [.. members.Keys.Where(n => n.EndsWith(PickleEnd, StringComparison.Ordinal))];
        if (pickles.Length != 1)
        {
            throw Refuse($"it has {pickles.Length} members named data.pkl in a folder; one is right");
        }

        string place = pickles[0][..^(PickleEnd.Length - 1)];
        bool big = false;
        if (members.TryGetValue(place + "byteorder", out ZipArchiveEntry? order))
        {
            string text = System.Text.Encoding.ASCII.GetString(ReadMember(order, 16));
            big = text switch
            {
                "little" => false,
                "big" => true,
                _ => throw Refuse($"its byte order is \"{Damage.Shown(text)}\"; little and big are allowed"),
            };
        }

        Flatten(string.Empty, Unpickle(ReadMember(members[pickles[0]], TorchPickle.LongestPickle)), 0);
        CheckSizes(place);
        return (place, big);
    }

    private object? Unpickle(byte[] pickle)
    {
        try
        {
            return TorchPickle.Read(pickle);
        }
        catch (DataFileException e)
        {
            throw new DataFileException($"{Path} {e.Message}.", e);
        }
    }

    // The whole member, which may be packed; memory grows as bytes arrive.
    private byte[] ReadMember(ZipArchiveEntry entry, int longest)
    {
        if (entry.Length > longest)
        {
            throw Refuse($"its member \"{Damage.Shown(entry.FullName)}\" has {entry.Length} bytes; at most {longest} are read");
        }

        using var content = new Crc32Stream(entry.Open(), entry.Crc32, $"{Path}, member \"{Damage.Shown(entry.FullName)}\"");
        byte[] bytes = StoredNumbers.ReadValues<byte>(content, (int)entry.Length, bigEndian: false, found => Refuse(
            $"its member \"{Damage.Shown(entry.FullName)}\" is to have {entry.Length} bytes and has {found}"));
        ExpectEnd(content, entry);
        return bytes;
    }

    private void ExpectEnd(Stream content, ZipArchiveEntry entry)
    {
        if (content.ReadByte() >= 0)
        {
            throw Refuse($"its member \"{Damage.Shown(entry.FullName)}\" has more than the {entry.Length} bytes it is to have");
        }
    }

    private void Flatten(string name, object? value, int depth)
    {
        if (++visits > MostVisits || depth > DeepestNesting || name.Length > LongestName)
        {
            throw Refuse($"its dictionaries are nested deeper than {DeepestNesting}, hold more than {MostVisits} parts or have names of more than {LongestName} characters");
        }

        switch (value)
        {
            case TorchView view:
                if (tensors.Count == MostTensors)
                {
                    throw Refuse($"it has more than {MostTensors} tensors");
                }

                tensors.Add((name, view));
                break;
            case PickledDictionary dictionary:
                foreach ((object? key, object? item) in dictionary.Items.Where(i => MayHoldTensors(i.Value)))
                {
                    string step = key switch
                    {
                        string text => text,
                        long number => $"{number}",
                        _ => throw Refuse("it has a dictionary whose keys are neither text nor whole numbers"),
                    };
                    Flatten(name.Length == 0 ? step : $"{name}.{step}", item, depth + 1);
                }

                break;
            case System.Collections.IList list:
                for (int i = 0; i < list.Count; i++)
                {
                    if (!MayHoldTensors(list[i]))
                    {
                        continue;
                    }

                    Flatten(name.Length == 0 ? $"{i}" : $"{name}.{i}", list[i], depth + 1);
                }

                break;
            default:
                break;
        }
    }

    private static bool MayHoldTensors(object? value) => value is TorchView or PickledDictionary or System.Collections.IList;

    private void CheckSizes(string place)
    {
        if (tensors.Count == 0)
        {
            throw new DataFileException($"{Path} is a PyTorch file without a tensor in it.");
        }

        UInt128 elements = 0, stored = 0;
        var seen = new HashSet<string>();
        foreach ((string name, TorchView view) in tensors)
        {
            if (!members.TryGetValue($"{place}data/{view.Storage.Key}", out ZipArchiveEntry? entry))
            {
                throw Refuse($"tensor \"{Damage.Shown(name)}\" is to be in its member \"data/{Damage.Shown(view.Storage.Key)}\", which is not there");
            }

            if (FormatOf(view.Storage.Type) is { } format && view.Storage.Count != entry.Length / StoredNumbers.Size(format))
            {
                throw Refuse($"tensor \"{Damage.Shown(name)}\" is to lie among {view.Storage.Count} values of {StoredNumbers.Size(format)} bytes, and its member has {entry.Length} bytes");
            }

            elements += (UInt128)Count(view);
            stored += seen.Add(view.Storage.Key) ? (UInt128)view.Storage.Count : 0;
        }

        // Tensors share storages: tied weights, or the parts of a recurrent network's. A thousand views of one would be a trap.
        const int MostSharing = 16, AlwaysAllowed = 1 << 20;
        if (elements > AlwaysAllowed && elements > MostSharing * stored)
        {
            throw Refuse($"its tensors have {elements} elements together, more than {MostSharing} times the {stored} that are stored");
        }
    }

    private (TorchView View, Array Values) Read(string name)
    {
        (string found, TorchView view) = tensors[NameLookup.Find(Path, Noun, names, name)];
        string owner = Owner(found);
        if (FormatOf(view.Storage.Type) is not { } format)
        {
            throw new DataFileException(
                $"{owner} has elements of {Damage.Shown(view.Storage.Type)}; read are Double, Float, Half, BFloat16, Char, Short, Int, Long, Byte and Bool.");
        }

        if (view.Storage.Count > Array.MaxLength)
        {
            throw new DataFileException($"{owner} lies among {view.Storage.Count} values; at most {Array.MaxLength} can be read.");
        }

        return (view, Damage.Guard(Path, FormatName, () => IsHeldByFile(view) ? Gather(view, Stored(view, format, owner)) : Picked(view, format, owner)));
    }

    private ZipArchiveEntry MemberOf(TorchView view) => members[$"{folder}data/{view.Storage.Key}"];

    // torch.save does not pack its storages. A packed one may be a thousand times as long as the file: it is not taken whole for a part of it.
    private bool IsHeldByFile(TorchView view)
    {
        const long AlwaysAllowed = 1 << 20, LargestRatio = 4;
        ZipArchiveEntry entry = MemberOf(view);
        return entry.Length <= AlwaysAllowed || entry.Length / LargestRatio <= entry.CompressedLength;
    }

    /// <summary>The elements of a view out of its packed storage, which is read to its end but never held.</summary>
    private Array Picked(TorchView view, NumberFormat format, string owner)
    {
        long count = Count(view), reach = 1, step = 1;
        if (count == 0)
        {
            return StoredNumbers.Read(Stream.Null, format, 0, bigEndian, _ => Refuse("it is empty"));
        }

        // By falling stride the elements come in the order of the storage, unless some of them are the same.
        int[] order = [.. Enumerable.Range(0, view.Shape.Length).OrderByDescending(d => view.Strides[d]).ThenBy(d => view.Shape[d])];
        long[] dense = new long[order.Length];
        foreach (int d in Enumerable.Reverse(order))
        {
            if (view.Shape[d] > 1 && view.Strides[d] < reach)
            {
                throw new DataFileException($"{owner} repeats elements of its storage; save it after .contiguous().");
            }

            reach += (view.Shape[d] - 1) * view.Strides[d];
            dense[d] = step;
            step *= view.Shape[d];
        }

        ZipArchiveEntry entry = MemberOf(view);
        using var content = new BufferedStream(new Crc32Stream(entry.Open(), entry.Crc32, owner), 1 << 16);
        using var picked = new PickedStream(content, StoredNumbers.Size(format), view.Offset, [.. order.Select(d => view.Shape[d])], [.. order.Select(d => view.Strides[d])]);
        Array values = StoredNumbers.Read(picked, format, (int)count, bigEndian, found => new DataFileException(
            $"{owner} is truncated: {count} values of {StoredNumbers.Size(format)} bytes were expected and {found} bytes found."));

        // The checksum is compared at the end.
        content.CopyTo(Stream.Null);
        return Gather(new TorchView(view.Storage with { Count = count }, 0, view.Shape, dense), values);
    }

    // The storage whole. Where a tensor is only a part of it, it is kept: the next one asked for is likely to be another part.
    private Array Stored(TorchView view, NumberFormat format, string owner)
    {
        if (lastShared is { } last && last.Key == view.Storage.Key && last.Format == format)
        {
            return last.Values;
        }

        ZipArchiveEntry entry = MemberOf(view);
        using var content = new Crc32Stream(entry.Open(), entry.Crc32, owner);
        Array values = StoredNumbers.Read(content, format, (int)view.Storage.Count, bigEndian, found => new DataFileException(
            $"{owner} is truncated: {entry.Length} bytes were expected and {found} found."));

        // What is behind the last whole element, and the checksum, which is compared at the end.
        Span<byte> rest = stackalloc byte[8];
        int behind = content.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false);
        if (behind != entry.Length - (view.Storage.Count * StoredNumbers.Size(format)))
        {
            throw Refuse($"its member \"{Damage.Shown(entry.FullName)}\" has more than the {entry.Length} bytes it is to have");
        }

        lastShared = IsWhole(view) ? null : (view.Storage.Key, format, values);
        return values;
    }

    private static bool IsWhole(TorchView view) => view.Offset == 0 && IsRowMajor(view) && Count(view) == view.Storage.Count;

    private static bool IsRowMajor(TorchView view)
    {
        long step = 1;
        for (int d = view.Shape.Length - 1; d >= 0; d--)
        {
            if (view.Shape[d] != 1 && view.Strides[d] != step)
            {
                return false;
            }

            step *= view.Shape[d];
        }

        return true;
    }

    private static long Count(TorchView view) => view.Shape.Contains(0) ? 0 : view.Shape.Aggregate(1L, (product, length) => product * length);

    /// <summary>The elements of a view in row-major order: in pieces along the last dimension where its elements are neighbours, else one by one.</summary>
    private static Array Gather(TorchView view, Array values)
    {
        if (IsWhole(view))
        {
            return values;
        }

        int count = (int)Count(view), dimensions = view.Shape.Length;
        Array result = Array.CreateInstance(values.GetType().GetElementType()!, count);
        bool rowMajor = IsRowMajor(view);
        int run = rowMajor ? count : view.Strides[^1] == 1 ? (int)view.Shape[^1] : 1;
        int inner = rowMajor ? 0 : run > 1 ? dimensions - 1 : dimensions;
        long[] index = new long[inner];
        long source = view.Offset;
        for (int i = 0; i < count; i += run)
        {
            Array.Copy(values, source, result, i, run);
            for (int d = inner - 1; d >= 0; d--)
            {
                source += view.Strides[d];
                if (++index[d] < view.Shape[d])
                {
                    break;
                }

                source -= index[d] * view.Strides[d];
                index[d] = 0;
            }
        }

        return result;
    }

    private DataFileException Refuse(string problem) => new($"{Path} is not a readable {FormatName} file: {problem}.");
}
