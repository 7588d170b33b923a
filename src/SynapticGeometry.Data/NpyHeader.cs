using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SynapticGeometry.Data;

/// <summary>
/// The header of a .npy array, versions 1 to 3: a Python dictionary with the element type, the order and the shape.
/// </summary>
/// <param name="Kind">NumPy's letter: f, i, u, b, U, S.</param>
/// <param name="ItemSize">Bytes of an element; for U characters of four bytes each are already counted.</param>
/// <param name="BigEndian">Whether the bytes of an element run from high to low.</param>
/// <param name="FortranOrder">Whether the first index runs fastest.</param>
/// <param name="Shape">Lengths of the dimensions.</param>
/// <param name="Count">Number of elements, their product.</param>
internal sealed record NpyHeader(char Kind, int ItemSize, bool BigEndian, bool FortranOrder, long[] Shape, int Count)
{
    // NumPy writes some hundred bytes and by default refuses to read more than 10,000.
    private const int LongestHeader = 1 << 20;
    private const int MostDimensions = 64;

    public bool IsText => Kind is 'U' or 'S';

    public NumberFormat Format => (Kind, ItemSize) switch
    {
        ('f', 8) => NumberFormat.Float64,
        ('f', 4) => NumberFormat.Float32,
        ('f', 2) => NumberFormat.Float16,
        ('i', 1) => NumberFormat.Int8,
        ('i', 2) => NumberFormat.Int16,
        ('i', 4) => NumberFormat.Int32,
        ('i', 8) => NumberFormat.Int64,
        ('u', 1) => NumberFormat.UInt8,
        ('u', 2) => NumberFormat.UInt16,
        ('u', 4) => NumberFormat.UInt32,
        ('u', 8) => NumberFormat.UInt64,
        _ => NumberFormat.Boolean,
    };

    public static bool HasSignature(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']);

    /// <summary>
    /// Reads the header and leaves the stream at the first element; <paramref name="owner"/> is how errors name the array.
    /// </summary>
    /// <exception cref="DataFileException">Not a header, or one of an array that is not read.</exception>
    public static NpyHeader Read(Stream stream, string owner)
    {
        Span<byte> start = stackalloc byte[12];
        ReadExactly(stream, start[..8], owner);
        if (!HasSignature(start))
        {
            throw new DataFileException($"{owner} is not a .npy array: it does not begin with NumPy's signature.");
        }

        int major = start[6];
        if (major is < 1 or > 3)
        {
            throw new DataFileException($"{owner} has .npy version {major}.{start[7]}; versions 1.0, 2.0 and 3.0 are read.");
        }

        int lengthBytes = major == 1 ? 2 : 4;
        ReadExactly(stream, start.Slice(8, lengthBytes), owner);
        uint length = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > LongestHeader)
        {
            throw new DataFileException($"{owner} declares a .npy header of {length} bytes; at most {LongestHeader} are read.");
        }

        if (stream.CanSeek && stream.Length - stream.Position < length)
        {
            throw new DataFileException(
                $"{owner} is truncated: its .npy header has {length} bytes and {stream.Length - stream.Position} are left.");
        }

        byte[] header = new byte[length];
        ReadExactly(stream, header, owner);
        return Parse(header, owner);
    }

    /// <summary>Parses the dictionary.</summary>
    internal static NpyHeader Parse(ReadOnlySpan<byte> header, string owner)
    {
        var parser = new Parser(header, owner);
        string? descr = null;
        bool? fortran = null;
        List<long>? shape = null;
        parser.Expect('{');
        while (!parser.TryTake('}'))
        {
            string key = parser.Text();
            parser.Expect(':');
            switch (key)
            {
                case "descr" when descr is null:
                    if (parser.Peek() is '[' or '(')
                    {
                        throw new DataFileException($"{owner} is a structured array; save each of its fields as an array of numbers.");
                    }

                    descr = parser.Text();
                    break;
                case "fortran_order" when fortran is null:
                    fortran = parser.Boolean();
                    break;
                case "shape" when shape is null:
                    shape = parser.Shape(MostDimensions);
                    break;
                default:
                    throw parser.Error($"the key '{Damage.Shown(key)}' is unknown or stands there twice");
            }

            if (!parser.TryTake(','))
            {
                parser.Expect('}');
                break;
            }
        }

        parser.ExpectEnd();
        if (descr is null || fortran is null || shape is null)
        {
            throw parser.Error("'descr', 'fortran_order' and 'shape' must all be given");
        }

        (char kind, int size, bool bigEndian) = ElementType(descr, owner);
        return new NpyHeader(kind, size, bigEndian, fortran.Value, [.. shape], CountOf(shape, owner));
    }

    private static (char Kind, int Size, bool BigEndian) ElementType(string descr, string owner)
    {
        ReadOnlySpan<char> rest = descr;
        bool bigEndian = false;
        if (rest.Length > 0 && rest[0] is '<' or '>' or '|' or '=')
        {
            bigEndian = rest[0] == '>';
            rest = rest[1..];
        }

        char kind = rest.Length > 0 ? rest[0] : '\0';
        if (kind == 'O')
        {
            throw new DataFileException(
                $"{owner} holds pickled Python objects, and pickled objects are never executed: save it as numbers, with allow_pickle=False.");
        }

        ReadOnlySpan<char> digits = rest.Length > 0 ? rest[1..] : rest;
        bool sized = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int size);
        return (kind, sized, size) switch
        {
            ('f', true, 2 or 4 or 8) or ('i' or 'u', true, 1 or 2 or 4 or 8) or ('b', true, 1) => (kind, size, bigEndian),
            ('?', false, _) when digits.IsEmpty => ('b', 1, bigEndian),
            ('S', true, > 0 and < 1 << 24) => (kind, size, bigEndian),
            ('U', true, > 0 and < 1 << 22) => (kind, 4 * size, bigEndian),
            _ => throw new DataFileException(
                $"{owner} has elements of type '{Damage.Shown(descr)}'; read are f2, f4, f8, i1 to i8, u1 to u8, b1, and text (U, S)."),
        };
    }

    private static int CountOf(List<long> shape, string owner)
    {
        if (shape.Contains(0))
        {
            return 0;
        }

        long count = 1;
        foreach (long length in shape)
        {
            // Neither factor exceeds 2³¹ here, so that the product cannot overflow.
            count = length <= Array.MaxLength ? count * length : long.MaxValue;
            if (count > Array.MaxLength)
            {
                throw new DataFileException(
                    $"{owner} declares the shape ({string.Join(", ", shape)}); at most {Array.MaxLength} values can be read.");
            }
        }

        return (int)count;
    }

    private static void ReadExactly(Stream stream, Span<byte> buffer, string owner)
    {
        int got = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (got < buffer.Length)
        {
            throw new DataFileException($"{owner} is truncated within its .npy header.");
        }
    }

    /// <summary>Reads the subset of Python's literals that NumPy writes; takes each byte at most twice.</summary>
    private ref struct Parser(ReadOnlySpan<byte> text, string owner)
    {
        private readonly ReadOnlySpan<byte> text = text;
        private int position;

        public readonly DataFileException Error(string problem) =>
            new($"{owner} has a .npy header that cannot be read: {problem} (at byte {position} of the dictionary).");

        /// <summary>The next character that is not space, or NUL at the end.</summary>
        public char Peek()
        {
            while (position < text.Length && text[position] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            {
                position++;
            }

            return position < text.Length ? (char)text[position] : '\0';
        }

        public bool TryTake(char wanted)
        {
            bool found = Peek() == wanted && position < text.Length;
            position += found ? 1 : 0;
            return found;
        }

        public void Expect(char wanted)
        {
            if (!TryTake(wanted))
            {
                throw Error($"'{wanted}' was expected");
            }
        }

        public void ExpectEnd()
        {
            Peek();
            if (position < text.Length)
            {
                throw Error("something follows the dictionary");
            }
        }

        public string Text()
        {
            char quote = Peek();
            if (quote is not ('\'' or '"'))
            {
                throw Error("a quoted name was expected");
            }

            int length = text[(position + 1)..].IndexOf((byte)quote);
            if (length < 0)
            {
                throw Error("a quote is not closed");
            }

            ReadOnlySpan<byte> inside = text.Slice(position + 1, length);
            if (inside.Contains((byte)'\\'))
            {
                throw Error("escapes are not allowed");
            }

            position += length + 2;
            return Encoding.Latin1.GetString(inside);
        }

        public bool Boolean()
        {
            Peek();
            ReadOnlySpan<byte> rest = text[position..];
            bool value = rest.StartsWith("True"u8);
            if (!value && !rest.StartsWith("False"u8))
            {
                throw Error("True or False was expected");
            }

            position += value ? 4 : 5;
            return value;
        }

        public List<long> Shape(int most)
        {
            List<long> lengths = [];
            Expect('(');
            while (!TryTake(')'))
            {
                if (lengths.Count == most)
                {
                    throw Error($"the shape has more than {most} dimensions");
                }

                lengths.Add(Length());
                if (!TryTake(','))
                {
                    Expect(')');
                    break;
                }
            }

            return lengths;
        }

        private long Length()
        {
            if (Peek() == '-')
            {
                throw Error("a length in the shape is negative");
            }

            int start = position;
            while (position < text.Length && char.IsAsciiDigit((char)text[position]))
            {
                position++;
            }

            ReadOnlySpan<byte> digits = text[start..position];
            if (digits.IsEmpty)
            {
                throw Error("a length in the shape was expected");
            }

            if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long length))
            {
                throw Error("a length in the shape is beyond 2^63");
            }

            // Python 2 wrote long integers with this suffix.
            position += position < text.Length && text[position] == (byte)'L' ? 1 : 0;
            return length;
        }
    }
}
