using System.Buffers.Binary;
using System.Text;

namespace SynapticGeometry.Data;

/// <summary>Where the elements of a tensor are stored: a type name such as "torch.FloatStorage", the name of a zip member, and how many it holds.</summary>
internal sealed record TorchStorage(string Type, string Key, long Count);

/// <summary>A tensor: element (i, j, ...) is number offset + i·stride₀ + j·stride₁ + ... of its storage.</summary>
internal sealed record TorchView(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>A dictionary, its keys and values in the order they were put in.</summary>
internal sealed class PickledDictionary
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}

/// <summary>
/// Reads the part of Python's pickle language that describes dictionaries, lists, tuples, numbers, text and tensors. Nothing is
/// executed: an instruction or a function outside the list that a dictionary of tensors needs is refused by its name.
/// </summary>
internal sealed class TorchPickle
{
    /// <summary>Bytes of a pickle; that of a network of a thousand layers has less than one million.</summary>
    public const int LongestPickle = 1 << 24;

    private const int MostInstructions = 2_000_000;
    private const int MostDimensions = 64;
    private const string Tensor = "torch._utils._rebuild_tensor_v2", Parameter = "torch._utils._rebuild_parameter";
    private const string Ordered = "collections.OrderedDict", Size = "torch.Size";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Instructions that build or call what is not a tensor, as Python's pickletools names them.
    private static readonly Dictionary<byte, string> Refused = new()
    {
        [(byte)'i'] = "INST",
        [(byte)'o'] = "OBJ",
        [0x81] = "NEWOBJ",
        [0x92] = "NEWOBJ_EX",
        [0x82] = "EXT1",
        [0x83] = "EXT2",
        [0x84] = "EXT4",
        [(byte)'P'] = "PERSID",
        [(byte)'B'] = "BINBYTES",
        [(byte)'C'] = "SHORT_BINBYTES",
        [0x8b] = "LONG4",
        [0x8f] = "EMPTY_SET",
        [0x91] = "FROZENSET",
        [0x96] = "BYTEARRAY8",
    };

    private readonly byte[] bytes;
    private readonly List<object?> stack = [];
    private readonly Stack<int> marks = new();
    private readonly Dictionary<uint, object?> memo = [];
    private int place;

    private TorchPickle(byte[] bytes) => this.bytes = bytes;

    private sealed record Function(string Name);

    /// <summary>What the bytes describe.</summary>
    /// <exception cref="DataFileException">They are damaged, or describe more than tensors; the message is the end of a sentence about the file.</exception>
    public static object? Read(byte[] bytes) => new TorchPickle(bytes).Run();

    private object? Run()
    {
        for (int i = 0; i < MostInstructions; i++)
        {
            byte instruction = Byte();
            if (instruction == (byte)'.')
            {
                return Pop();
            }

            Execute(instruction);
        }

        throw Refuse($"has more than {MostInstructions} pickle instructions");
    }

    private void Execute(byte instruction)
    {
        switch (instruction)
        {
            case 0x80: // PROTO
                Byte();
                break;
            case 0x95: // FRAME
                Take(8);
                break;
            case (byte)'(':
                marks.Push(stack.Count);
                break;
            case (byte)'q':
                memo[Byte()] = Top();
                break;
            case (byte)'r':
                memo[UInt32()] = Top();
                break;
            case 0x94: // MEMOIZE
                memo[(uint)memo.Count] = Top();
                break;
            case (byte)'s' or (byte)'u' or (byte)'a' or (byte)'e':
                Collect(instruction);
                break;
            case (byte)'Q': // BINPERSID
                stack.Add(Storage(Pop()));
                break;
            case (byte)'R': // REDUCE
                object? arguments = Pop();
                stack.Add(Call(Pop(), arguments));
                break;
            case (byte)'b': // BUILD
                // What torch.save attaches to the dictionary of a network: version numbers of its layers.
                Pop();
                _ = Top() as PickledDictionary ?? throw Refuse("sets the state of an object that is no dictionary");
                break;
            default:
                stack.Add(Value(instruction));
                break;
        }
    }

    private object? Value(byte instruction) => instruction switch
    {
        (byte)'N' => null,
        0x88 => true,
        0x89 => false,
        (byte)'K' => (long)Byte(),
        (byte)'M' => (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
        (byte)'J' => (long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
        0x8a => Long(),
        (byte)'G' => BinaryPrimitives.ReadDoubleBigEndian(Take(8)),
        (byte)'X' => Text(UInt32()),
        0x8c => Text(Byte()),
        (byte)'}' => new PickledDictionary(),
        (byte)']' => new List<object?>(),
        (byte)')' => Array.Empty<object?>(),
        (byte)'t' => SinceMark().ToArray(),
        0x85 => Tuple(1),
        0x86 => Tuple(2),
        0x87 => Tuple(3),
        (byte)'h' => Remembered(Byte()),
        (byte)'j' => Remembered(UInt32()),
        (byte)'c' => Allowed(Line(), Line()),
        0x93 => StackGlobal(),
        _ => throw Refuse($"uses the pickle instruction {(Refused.TryGetValue(instruction, out string? name) ? name : $"0x{instruction:x2}")}, which a dictionary of tensors does not need and which is not carried out"),
    };

    private void Collect(byte instruction)
    {
        List<object?> items = instruction is (byte)'u' or (byte)'e' ? SinceMark() : TopMost(instruction == (byte)'s' ? 2 : 1);
        if (instruction is (byte)'a' or (byte)'e')
        {
            (Top() as List<object?> ?? throw Refuse("appends to what is no list")).AddRange(items);
            return;
        }

        PickledDictionary dictionary = Top() as PickledDictionary ?? throw Refuse("puts an item into what is no dictionary");
        if (items.Count % 2 != 0)
        {
            throw Refuse("has a key without a value");
        }

        for (int i = 0; i < items.Count; i += 2)
        {
            dictionary.Items.Add(new(items[i], items[i + 1]));
        }
    }

    private static TorchStorage Storage(object? id) =>
        id is object?[] { Length: 5 } parts && parts[0] is "storage" && parts[1] is Function { Name: var type } && IsStorage(type)
            && parts[2] is string key && parts[3] is string && parts[4] is long and >= 0
            ? new TorchStorage(type, key, (long)parts[4]!)
            : throw Refuse("refers to an object outside the pickle that is no storage of a tensor");

    private static object? Call(object? function, object? arguments)
    {
        if (function is not Function { Name: var name } || arguments is not object?[] values)
        {
            throw Refuse("calls what is no function");
        }

        return name switch
        {
            Ordered when values.Length == 0 => new PickledDictionary(),
            Size when values is [object?[] lengths] => lengths,
            Parameter when values is [TorchView view, ..] => view,
            Tensor when values is [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..] => View(storage, offset, shape, strides),
            _ => throw Refuse($"calls {name} with arguments that are not those of a tensor"),
        };
    }

    private static TorchView View(TorchStorage storage, long offset, object?[] shape, object?[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > MostDimensions)
        {
            throw Refuse($"has a tensor of {shape.Length} lengths and {strides.Length} strides; they must be as many, and at most {MostDimensions}");
        }

        long[] lengths = WholeNumbers(shape), steps = WholeNumbers(strides);
        UInt128 count = 1, last = (UInt128)WholeNumber(offset);
        for (int d = 0; d < lengths.Length; d++)
        {
            // Kept at 2⁶³ where it has outgrown the storage anyway, so that nothing overflows; a length of 0 brings it back.
            count = UInt128.Min(count * (UInt128)lengths[d], long.MaxValue);
            last += (UInt128)Math.Max(0, lengths[d] - 1) * (UInt128)steps[d];
            last = UInt128.Min(last, long.MaxValue);
        }

        string Named() => $"has a tensor of shape [{string.Join(", ", lengths)}] with strides [{string.Join(", ", steps)}] at {offset} in a storage of {storage.Count}";
        if (count > 0 && last >= (UInt128)storage.Count)
        {
            throw Refuse($"{Named()}, which is too short");
        }

        if (count > (UInt128)storage.Count)
        {
            throw Refuse($"{Named()}: it repeats its elements; save it after .contiguous()");
        }

        return new TorchView(storage, offset, lengths, steps);
    }

    private static long[] WholeNumbers(object?[] values) => Array.ConvertAll(values, WholeNumber);

    private static long WholeNumber(object? value) =>
        value is long and >= 0 ? (long)value : throw Refuse($"has a tensor whose place or shape holds {Damage.Shown($"{value ?? "None"}")}; whole numbers from 0 on are allowed");

    private Function StackGlobal()
    {
        object? name = Pop();
        return Pop() is string module && name is string text ? Allowed(module, text) : throw Refuse("names a function by what is no text");
    }

    // Named only: what may be called, and how, Call decides.
    private static Function Allowed(string module, string name)
    {
        string full = $"{module}.{name}";
        return full is Tensor or Parameter or Ordered or Size || IsStorage(full)
            ? new Function(full)
            : throw Refuse($"holds an object of {Damage.Shown(full, 80)}, and pickled objects are never executed; save the network's state_dict() alone, which is tensors");
    }

    private static bool IsStorage(string name) => name.StartsWith("torch.", StringComparison.Ordinal) && name.EndsWith("Storage", StringComparison.Ordinal) && name.IndexOf('.', 6) < 0;

    private object? Remembered(uint index) =>
        memo.TryGetValue(index, out object? value) ? value : throw Refuse($"asks for object {index}, which was not kept");

    private object?[] Tuple(int length) => [.. TopMost(length)];

    private List<object?> SinceMark()
    {
        if (!marks.TryPop(out int from) || from > stack.Count)
        {
            throw Refuse("ends a group that was not begun");
        }

        return TopMost(stack.Count - from);
    }

    private List<object?> TopMost(int count)
    {
        if (count > stack.Count - (marks.TryPeek(out int mark) ? mark : 0))
        {
            throw Refuse("takes more values than there are");
        }

        List<object?> values = stack.GetRange(stack.Count - count, count);
        stack.RemoveRange(stack.Count - count, count);
        return values;
    }

    private object? Pop() => TopMost(1)[0];

    private object? Top() => stack.Count > 0 ? stack[^1] : throw Refuse("takes more values than there are");

    private byte Byte() => Take(1)[0];

    private uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (count > (uint)(bytes.Length - place))
        {
            throw Refuse("has a pickle that is cut short");
        }

        ReadOnlySpan<byte> taken = bytes.AsSpan(place, (int)count);
        place += (int)count;
        return taken;
    }

    private string Text(uint length)
    {
        try
        {
            return Strict.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw Refuse("has a text that is not valid UTF-8");
        }
    }

    private string Line()
    {
        int length = bytes.AsSpan(place).IndexOf((byte)'\n');
        string line = Text(length < 0 ? uint.MaxValue : (uint)length);
        place++;
        return line;
    }

    // Two's complement, the lowest byte first, as many bytes as are needed.
    private long Long()
    {
        ReadOnlySpan<byte> digits = Take(Byte());
        if (digits.Length > 8)
        {
            throw Refuse("holds a whole number of more than 64 bits");
        }

        long value = digits.Length > 0 && digits[^1] >= 128 ? -1 : 0;
        for (int i = digits.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | digits[i];
        }

        return value;
    }

    private static DataFileException Refuse(string problem) => new(problem);
}
