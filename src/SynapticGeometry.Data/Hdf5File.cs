using PureHDF;
using PureHDF.VOL.Native;

namespace SynapticGeometry.Data;

/// <summary>The datasets of an HDF5 file under their paths, such as "/layer1/weights".</summary>
internal sealed class Hdf5File : DataFile
{
    private const string FormatName = "HDF5";

    // A group may hold itself: the walk ends somewhere.
    private const int DeepestGroup = 32;
    private const int MostObjects = 100_000;
    private readonly Stream stream;
    private readonly NativeFile file;
    private readonly List<string> names = [];
    private readonly List<IH5Dataset> datasets = [];
    private int objects;

    public Hdf5File(string path, Stream stream)
    {
        Path = path;
        this.stream = stream;
        NativeFile? opened = null;
        try
        {
            file = opened = Damage.Guard(path, FormatName, () => H5File.Open(stream, leaveOpen: true));
            Damage.Guard(path, FormatName, () =>
            {
                Walk(opened, string.Empty, 0);
                return 0;
            });
        }
        catch
        {
            opened?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    public override string Path { get; }

    public override string Noun => "dataset";

    public override bool IsTable => false;

    public override IReadOnlyList<string> Names => names;

    /// <summary>The signature stands at the start, or at a power of two from 512 where a user block comes first (MATLAB).</summary>
    public static bool HasSignature(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> signature = [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a];
        for (int place = 0; place + signature.Length <= head.Length; place = place == 0 ? 512 : 2 * place)
        {
            if (head[place..].StartsWith(signature))
            {
                return true;
            }
        }

        return false;
    }

    public override IReadOnlyList<long> ShapeOf(string name)
    {
        (IH5Dataset dataset, _) = Find(name);
        return Damage.Guard(Path, FormatName, () => Array.ConvertAll(dataset.Space.Dimensions, d => checked((long)d)));
    }

    public override NumericArray ReadNumbers(string name)
    {
        (IH5Dataset dataset, string owner) = Find(name);
        return Damage.Guard(Path, FormatName, () =>
            StoredNumbers.ToNumbers(Read(dataset, owner), Array.ConvertAll(dataset.Space.Dimensions, d => (long)d), owner));
    }

    public override string[] ReadText(string name)
    {
        (IH5Dataset dataset, string owner) = Find(name);
        return Damage.Guard(Path, FormatName, () => StoredNumbers.ToText(Read(dataset, owner)));
    }

    public override void Dispose()
    {
        file.Dispose();
        stream.Dispose();
    }

    private void Walk(IH5Group group, string at, int depth)
    {
        foreach (IH5Object child in group.Children())
        {
            if (++objects > MostObjects)
            {
                throw new DataFileException($"{Path} has more than {MostObjects} objects, or a group that holds itself.");
            }

            string name = $"{at}/{child.Name}";
            if (child is IH5Dataset dataset)
            {
                names.Add(name);
                datasets.Add(dataset);
            }
            else if (child is IH5Group inner && depth < DeepestGroup)
            {
                Walk(inner, name, depth + 1);
            }
        }
    }

    private (IH5Dataset Dataset, string Owner) Find(string name)
    {
        // Users write paths with and without the first slash.
        string path = name.StartsWith('/') || names.Contains(name) ? name : "/" + name;
        int index = NameLookup.Find(Path, Noun, names, path);
        return (datasets[index], $"{Path}, dataset \"{Damage.Shown(path)}\"");
    }

    private Array Read(IH5Dataset dataset, string owner)
    {
        IH5DataType type = dataset.Type;
        if (dataset.Space.Type == H5DataspaceType.Null)
        {
            throw new DataFileException($"{owner} is empty: it has no values at all.");
        }

        ulong count = 1;
        foreach (ulong length in dataset.Space.Dimensions)
        {
            count = length == 0 ? 0 : count > ulong.MaxValue / length ? ulong.MaxValue : count * length;
        }

        // Zero is zero whatever the other lengths are.
        count = dataset.Space.Dimensions.Contains(0UL) ? 0 : count;
        int fits = Damage.CountThatFits(Path, $"dataset \"{Damage.Shown(dataset.Name)}\"", count, Math.Max(1, type.Size), stream.Length);
        Array values;
        try
        {
            values = ReadValues(dataset, type, owner);
        }
        catch (Exception e) when (e.Message.StartsWith("Byte order", StringComparison.Ordinal))
        {
            throw new DataFileException($"{owner} is stored with the high byte first, which is not read from HDF5; store it little-endian.", e);
        }

        return values.Length == fits
            ? values
            : throw new DataFileException($"{owner} declares {fits} values and yields {values.Length}.");
    }

    private static Array ReadValues(IH5Dataset dataset, IH5DataType type, string owner) =>
        (type.Class, type.Size) switch
        {
            (H5DataTypeClass.FloatingPoint, 8) => dataset.Read<double[]>(),
            (H5DataTypeClass.FloatingPoint, 4) => dataset.Read<float[]>(),
            (H5DataTypeClass.FloatingPoint, 2) => dataset.Read<Half[]>(),
            (H5DataTypeClass.FixedPoint, 1) when type.FixedPoint.IsSigned => dataset.Read<sbyte[]>(),
            (H5DataTypeClass.FixedPoint, 1) => dataset.Read<byte[]>(),
            (H5DataTypeClass.FixedPoint, 2) when type.FixedPoint.IsSigned => dataset.Read<short[]>(),
            (H5DataTypeClass.FixedPoint, 2) => dataset.Read<ushort[]>(),
            (H5DataTypeClass.FixedPoint, 4) when type.FixedPoint.IsSigned => dataset.Read<int[]>(),
            (H5DataTypeClass.FixedPoint, 4) => dataset.Read<uint[]>(),
            (H5DataTypeClass.FixedPoint, 8) when type.FixedPoint.IsSigned => dataset.Read<long[]>(),
            (H5DataTypeClass.FixedPoint, 8) => dataset.Read<ulong[]>(),

            // h5py stores booleans as an enumeration of FALSE = 0 and TRUE = 1 over one byte.
            (H5DataTypeClass.Enumerated, 1) => Array.ConvertAll(dataset.Read<byte[]>(), b => b != 0),
            (H5DataTypeClass.String, _) => dataset.Read<string[]>(),
            (H5DataTypeClass.VariableLength, _) => dataset.Read<string[]>(),
            _ => throw new DataFileException(
                $"{owner} holds values of class {type.Class} and {type.Size} bytes; read are whole and floating-point numbers of up to 8 bytes, booleans and strings."),
        };
}
