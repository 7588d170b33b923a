using System.Buffers.Binary;
using System.Text.Json;

namespace SynapticGeometry.Data;

/// <summary>
/// The tensors of a .safetensors file: a JSON header (name, element type, shape, place of each tensor) and the bytes, which must
/// lie one after the other without gap or overlap up to the end of the file.
/// </summary>
internal sealed class SafetensorsFile : DataFile
{
    /// <summary>The limit that the format's reference reader sets.</summary>
    private const long LongestHeader = 100_000_000;
    private const string FormatName = ".safetensors";
    private readonly Stream stream;
    private readonly Tensor[] tensors;
    private readonly string[] names;

    private sealed record Tensor(string Name, string Type, NumberFormat? Format, long[] Shape, long Begin, long End);

    public SafetensorsFile(string path, Func<Stream> open)
    {
        Path = path;
        stream = open();
        try
        {
            tensors = Damage.Guard(path, FormatName, ReadHeader);
            names = Array.ConvertAll(tensors, t => t.Name);
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

    /// <summary>A length that may be one, and the brace that opens the header: no text holds the zero bytes of such a length.</summary>
    public static bool HasSignature(ReadOnlySpan<byte> head) =>
        head.Length > 8 && head[8] == (byte)'{' && BinaryPrimitives.ReadUInt64LittleEndian(head) <= LongestHeader;

    public override IReadOnlyList<long> ShapeOf(string name) => tensors[NameLookup.Find(Path, Noun, names, name)].Shape;

    public override NumericArray ReadNumbers(string name)
    {
        (Tensor tensor, Array values) = Read(name);
        return StoredNumbers.ToNumbers(values, tensor.Shape, Owner(tensor.Name));
    }

    public override string[] ReadText(string name) => StoredNumbers.ToText(Read(name).Values);

    public override void Dispose() => stream.Dispose();

    private static NumberFormat? FormatOf(string type) => type switch
    {
        "F64" => NumberFormat.Float64,
        "F32" => NumberFormat.Float32,
        "F16" => NumberFormat.Float16,
        "BF16" => NumberFormat.BFloat16,
        "I8" => NumberFormat.Int8,
        "I16" => NumberFormat.Int16,
        "I32" => NumberFormat.Int32,
        "I64" => NumberFormat.Int64,
        "U8" => NumberFormat.UInt8,
        "U16" => NumberFormat.UInt16,
        "U32" => NumberFormat.UInt32,
        "U64" => NumberFormat.UInt64,
        "BOOL" => NumberFormat.Boolean,
        _ => null,
    };

    private string Owner(string name) => $"{Path}, tensor \"{Damage.Shown(name)}\"";

    private (Tensor Tensor, Array Values) Read(string name)
    {
        Tensor tensor = tensors[NameLookup.Find(Path, Noun, names, name)];
        string owner = Owner(tensor.Name);
        if (tensor.Format is not { } format)
        {
            throw new DataFileException(
                $"{owner} has elements of type {Damage.Shown(tensor.Type)}; read are F64, F32, F16, BF16, I8 to I64, U8 to U64 and BOOL.");
        }

        long count = (tensor.End - tensor.Begin) / StoredNumbers.Size(format);
        if (count > Array.MaxLength)
        {
            throw new DataFileException($"{owner} has {count} values; at most {Array.MaxLength} can be read.");
        }

        return (tensor, Damage.Guard(Path, FormatName, () =>
        {
            stream.Position = tensor.Begin;
            return StoredNumbers.Read(stream, format, (int)count, bigEndian: false, found => new DataFileException(
                $"{owner} is truncated: {tensor.End - tensor.Begin} bytes were expected and {found} found."));
        }));
    }

    private Tensor[] ReadHeader()
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
        {
            throw Refuse("it is shorter than the 8 bytes that hold the length of its header");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long rest = stream.Length - 8;
        if (length > (ulong)rest)
        {
            throw Refuse($"its header is to have {length} bytes and {rest} are left");
        }

        if (length > LongestHeader)
        {
            throw Refuse($"its header is to have {length} bytes; at most {LongestHeader} are read");
        }

        byte[] header = new byte[length];
        stream.ReadExactly(header);
        if (length == 0 || header[0] != (byte)'{')
        {
            throw Refuse("its header does not begin with '{'");
        }

        long dataStart = 8 + (long)length;
        // Two names of one tensor, or one name of two, would make a reader's choice the file's meaning.
        var options = new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false };
        using JsonDocument json = Text(() => JsonDocument.Parse(header, options));
        var found = new List<Tensor>();
        foreach (JsonProperty property in json.RootElement.EnumerateObject())
        {
            string name = Text(() => property.Name);
            if (name != "__metadata__")
            {
                found.Add(ReadTensor(name, property.Value, dataStart));
            }
        }

        CheckPlaces(found, dataStart);
        return [.. found];
    }

    private Tensor ReadTensor(string name, JsonElement value, long dataStart)
    {
        string owner = $"tensor \"{Damage.Shown(name)}\"";
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out JsonElement type) || type.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out JsonElement lengths) || lengths.ValueKind != JsonValueKind.Array
            || !value.TryGetProperty("data_offsets", out JsonElement places) || places.ValueKind != JsonValueKind.Array)
        {
            throw Refuse($"{owner} lacks its dtype, shape or data_offsets");
        }

        long[] shape = new long[lengths.GetArrayLength()];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = WholeNumber(lengths[i], $"{owner} has a shape");
        }

        if (places.GetArrayLength() != 2)
        {
            throw Refuse($"{owner} has {places.GetArrayLength()} data_offsets; two are allowed");
        }

        long begin = WholeNumber(places[0], $"{owner} has data_offsets"), end = WholeNumber(places[1], $"{owner} has data_offsets");
        long dataLength = stream.Length - dataStart;
        if (begin > end || end > dataLength)
        {
            throw Refuse($"{owner} is to lie from byte {begin} to byte {end} of {dataLength}");
        }

        string typeName = Text(() => type.GetString()!);
        NumberFormat? format = FormatOf(typeName);
        if (format is { } known)
        {
            UInt128 bytes = (UInt128)StoredNumbers.Size(known);
            foreach (long length in shape)
            {
                // A product that has outgrown 2⁶³ is wrong already; kept there, it cannot overflow and only a zero brings it back.
                bytes = UInt128.Min(bytes * (UInt128)length, long.MaxValue);
            }

            if (bytes != (UInt128)(end - begin))
            {
                throw Refuse($"{owner} of shape [{string.Join(", ", shape.Take(16))}] and type {typeName} needs {bytes} bytes, and its data_offsets give it {end - begin}");
            }
        }

        return new Tensor(name, typeName, format, shape, dataStart + begin, dataStart + end);
    }

    private void CheckPlaces(List<Tensor> found, long dataStart)
    {
        long place = dataStart;
        foreach (Tensor tensor in found.OrderBy(t => t.Begin).ThenBy(t => t.End))
        {
            if (tensor.Begin != place)
            {
                throw Refuse($"tensor \"{Damage.Shown(tensor.Name)}\" begins at byte {tensor.Begin - dataStart} of the data and the one before it ends at {place - dataStart}; gaps and overlaps are not allowed");
            }

            place = tensor.End;
        }

        if (place != stream.Length)
        {
            throw Refuse($"its tensors end at byte {place - dataStart} of the data, which has {stream.Length - dataStart}");
        }
    }

    private long WholeNumber(JsonElement element, string owner) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long number) && number >= 0
            ? number
            : throw Refuse($"{owner} with \"{Damage.Shown(element.GetRawText())}\" in it; whole numbers from 0 to 2^63 - 1 are allowed");

    // Bytes that are not UTF-8, and escapes that are half a character, come to light only when the text is asked for or compared.
    private T Text<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw Refuse("its header holds a name that is not valid text");
        }
    }

    private DataFileException Refuse(string problem) => new($"{Path} is not a readable {FormatName} file: {problem}.");
}
