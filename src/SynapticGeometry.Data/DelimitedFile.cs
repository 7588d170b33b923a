using System.Buffers;
using System.Globalization;
using System.Text;
using CsvHelper;

namespace SynapticGeometry.Data;

/// <summary>
/// A table as text: fields between commas, semicolons, tabs or bars, the names of the columns in the first line. The file is
/// parsed once, when the first column is asked for; each column then becomes numbers or text on demand.
/// </summary>
internal sealed class DelimitedFile : DataFile
{
    private const int HeadLength = 1 << 16;

    // An unclosed quote would otherwise take the rest of the file for one field.
    private const int LongestRecord = 1 << 24;
    private static readonly string[] MissingMarks = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "None"];
    private static readonly byte[][] MissingBytes = Array.ConvertAll(MissingMarks, Encoding.UTF8.GetBytes);
    private readonly CsvReader reader;
    private readonly string[] names;
    private readonly int commentLines;
    private readonly List<int> lines = [];
    private Column[]? columns;

    private sealed class Column
    {
        public ArrayBufferWriter<byte> Bytes { get; } = new();

        public List<int> Ends { get; } = [];

        public ReadOnlySpan<byte> this[int row] => Bytes.WrittenSpan[(row == 0 ? 0 : Ends[row - 1])..Ends[row]];
    }

    public DelimitedFile(string path, Func<Stream> open)
    {
        Path = path;
        Stream stream = open();
        try
        {
            (Stream body, commentLines) = Damage.Guard(path, "text", () => SkipComments(stream));
            reader = CsvReader.Create(body, new CsvReaderOptions
            {
                TrackLineNumbers = true,
                TrimWhitespace = true,
                MalformedData = CsvMalformedDataHandling.Throw,
                MaxRecordSize = LongestRecord,
            });
            names = Guard(() => reader.Headers.ToArray());
            CheckHeader();
        }
        catch
        {
            reader?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    public override string Path { get; }

    public override string Noun => "column";

    public override bool IsTable => true;

    public override IReadOnlyList<string> Names => names;

    public override IReadOnlyList<long> ShapeOf(string name) => [Find(name).Ends.Count];

    public override NumericArray ReadNumbers(string name)
    {
        Column column = Find(name);
        double[] values = new double[column.Ends.Count];
        for (int row = 0; row < values.Length; row++)
        {
            ReadOnlySpan<byte> field = column[row];
            if (!TryParse(field, out values[row]))
            {
                throw NotANumber(name, row, Encoding.UTF8.GetString(field));
            }
        }

        return new NumericArray([values.Length], values);
    }

    public override string[] ReadText(string name)
    {
        Column column = Find(name);
        string[] text = new string[column.Ends.Count];

        // Groups and conditions repeat a few words over many rows.
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> lookup = seen.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> small = stackalloc char[64];
        for (int row = 0; row < text.Length; row++)
        {
            ReadOnlySpan<byte> field = column[row];
            if (field.Length > small.Length)
            {
                text[row] = Encoding.UTF8.GetString(field);
                continue;
            }

            ReadOnlySpan<char> word = small[..Encoding.UTF8.GetChars(field, small)];
            if (!lookup.TryGetValue(word, out string? known))
            {
                known = word.ToString();
                seen.Add(known, known);
            }

            text[row] = known;
        }

        return text;
    }

    public override void Dispose() => reader.Dispose();

    /// <summary>A number as written with a decimal point, "inf" and "infinity" too; a missing value becomes NaN.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> field, out double value)
    {
        // Digits first: nearly every field is a number.
        if (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        foreach (byte[] mark in MissingBytes)
        {
            if (field.SequenceEqual(mark))
            {
                value = double.NaN;
                return true;
            }
        }

        ReadOnlySpan<byte> unsigned = field.Length > 0 && field[0] is (byte)'+' or (byte)'-' ? field[1..] : field;
        value = field.Length > 0 && field[0] == (byte)'-' ? double.NegativeInfinity : double.PositiveInfinity;
        return Ascii.EqualsIgnoreCase(unsigned, "inf"u8) || Ascii.EqualsIgnoreCase(unsigned, "infinity"u8);
    }

    /// <summary>Passes over lines that begin with '#' before the header; elsewhere '#' is text like any other.</summary>
    private static (Stream Body, int Lines) SkipComments(Stream stream)
    {
        byte[] head = new byte[HeadLength];
        int length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> text = head.AsSpan(0, length);
        bool wide = text.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || text.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]);
        if (!wide && text.Contains((byte)0))
        {
            throw new FormatException("it has NUL bytes and is no text.");
        }

        int start = text.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? 3 : 0;
        int count = 0;
        while (!wide && start < length && text[start] == (byte)'#')
        {
            int end = text[start..].IndexOf((byte)'\n');
            if (end < 0)
            {
                throw new FormatException($"no header follows the comment in its first {HeadLength} bytes.");
            }

            start += end + 1;
            count++;
        }

        return (new ChainedStream(new MemoryStream(head, start, length - start, writable: false), stream), count);
    }

    private void CheckHeader()
    {
        if (names.Length == 0)
        {
            throw new DataFileException($"{Path} has no header row: its first line must name the columns.");
        }

        bool allNumbers = names.All(n => n.Length == 0 || double.TryParse(n, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

        // pandas names columns 0, 1, 2, ... where it knows no better, and the index ""; other numbers are data.
        string[] given = names.Length > 1 && names[0].Length == 0 ? names[1..] : names;
        bool counted = names.Length > 1 && given.Select((n, i) => n == i.ToString(CultureInfo.InvariantCulture)).All(same => same);
        if (allNumbers && !counted)
        {
            throw new DataFileException(
                $"{Path} has no header row: its first line holds numbers (\"{Damage.Shown(names[0])}\", ...); it must name the columns.");
        }
    }

    private Column Find(string name)
    {
        int index = NameLookup.Find(Path, Noun, names, name);
        columns ??= Guard(Parse);
        return columns[index];
    }

    private Column[] Parse()
    {
        Column[] parsed = Array.ConvertAll(names, _ => new Column());
        while (reader.Read())
        {
            int line = checked((int)reader.LineNumber + commentLines);
            if (reader.FieldCount != names.Length)
            {
                throw new DataFileException(
                    $"{Path}, line {line}: {reader.FieldCount} {(reader.FieldCount == 1 ? "field" : "fields")}, and the header names {names.Length} columns.");
            }

            lines.Add(line);
            for (int i = 0; i < parsed.Length; i++)
            {
                parsed[i].Bytes.Write(reader.GetSpan(i));
                parsed[i].Ends.Add(parsed[i].Bytes.WrittenCount);
            }
        }

        return parsed;
    }

    private DataFileException NotANumber(string name, int row, string text)
    {
        string advice = text.Count(c => c == ',') == 1
            && double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                ? "; decimals are written with a point"
                : string.Empty;
        return new DataFileException(
            $"{Path}, row {row + 1} (line {lines[row]}), column \"{Damage.Shown(name)}\": \"{Damage.Shown(text)}\" is not a number{advice}.");
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return Damage.Guard(Path, "CSV", read);
        }
        catch (DataFileException e) when (e.InnerException is CsvFormatException { LineNumber: > 0 } inner)
        {
            // "Malformed CSV in record R (line L): what is wrong", where the library's lines leave our comments out.
            string problem = inner.Message[(inner.Message.IndexOf("): ", StringComparison.Ordinal) is > 0 and int at ? at + 3 : 0)..];
            throw new DataFileException($"{Path}, line {inner.LineNumber + commentLines}: {Damage.Shown(problem, 120)}", inner);
        }
    }
}
