using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace SynapticGeometry.Data;

/// <summary>The columns of a Parquet table; nested columns go by their path, such as "a/b".</summary>
internal sealed class ParquetFile : DataFile
{
    private const string FormatName = "Parquet";
    private readonly Stream stream;
    private readonly ParquetReader reader;
    private readonly DataField[] fields;
    private readonly string[] names;
    private readonly int rows;

    public ParquetFile(string path, Stream stream)
    {
        Path = path;
        this.stream = stream;
        try
        {
            reader = Damage.Guard(path, FormatName, () => ParquetReader.CreateAsync(stream, leaveStreamOpen: true).GetAwaiter().GetResult());
            (fields, names, rows) = Damage.Guard(path, FormatName, () =>
            {
                DataField[] found = reader.Schema.GetDataFields();
                return (found, Array.ConvertAll(found, f => string.Join('/', f.Path)), CountRows());
            });
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public override string Path { get; }

    public override string Noun => "column";

    public override bool IsTable => true;

    public override IReadOnlyList<string> Names => names;

    public override IReadOnlyList<long> ShapeOf(string name)
    {
        Find(name);
        return [rows];
    }

    public override NumericArray ReadNumbers(string name)
    {
        (DataField field, string owner) = Find(name);
        return Damage.Guard(Path, FormatName, () =>
        {
            (Array values, bool[]? missing) = Read(field, owner);
            NumericArray numbers = StoredNumbers.ToNumbers(values, [rows], owner);
            for (int i = 0; i < (missing?.Length ?? 0); i++)
            {
                if (missing![i] && numbers.SingleValues is { } single)
                {
                    single[i] = float.NaN;
                }
                else if (missing[i])
                {
                    numbers.DoubleValues![i] = double.NaN;
                }
            }

            return numbers;
        });
    }

    public override string[] ReadText(string name)
    {
        (DataField field, string owner) = Find(name);
        return Damage.Guard(Path, FormatName, () =>
        {
            (Array values, bool[]? missing) = Read(field, owner);
            string[] text = StoredNumbers.ToText(values);
            return missing is null ? text : [.. text.Select((t, i) => missing[i] ? string.Empty : t)];
        });
    }

    public override void Dispose()
    {
        reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        stream.Dispose();
    }

    private int CountRows()
    {
        ulong sum = 0;
        for (int i = 0; i < reader.RowGroupCount; i++)
        {
            long count = reader.RowGroups[i].RowCount;
            if (count < 0)
            {
                throw new DataFileException($"{Path} is not a readable {FormatName} file: row group {i} declares {count} rows.");
            }

            sum += (ulong)Math.Min(count, int.MaxValue + 1L);
        }

        return Damage.CountThatFits(Path, "the table", sum, 8, stream.Length);
    }

    private (DataField Field, string Owner) Find(string name) =>
        (fields[NameLookup.Find(Path, Noun, names, name)], $"{Path}, column \"{Damage.Shown(name)}\"");

    private (Array Values, bool[]? Missing) Read(DataField field, string owner)
    {
        if (field.MaxRepetitionLevel > 0)
        {
            throw new DataFileException($"{owner} holds lists; only columns of one value a row are read.");
        }

        Type type = Nullable.GetUnderlyingType(field.ClrType) ?? field.ClrType;
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Double => ReadValues<double>(field),
            TypeCode.Single => ReadValues<float>(field),
            TypeCode.SByte => ReadValues<sbyte>(field),
            TypeCode.Byte => ReadValues<byte>(field),
            TypeCode.Int16 => ReadValues<short>(field),
            TypeCode.UInt16 => ReadValues<ushort>(field),
            TypeCode.Int32 => ReadValues<int>(field),
            TypeCode.UInt32 => ReadValues<uint>(field),
            TypeCode.Int64 => ReadValues<long>(field),
            TypeCode.UInt64 => ReadValues<ulong>(field),
            TypeCode.Boolean => ReadValues<bool>(field),
            TypeCode.Decimal => ReadValues<decimal>(field),
            TypeCode.DateTime => ReadDates(field),
            _ when type == typeof(string) || type == typeof(ReadOnlyMemory<char>) => (ReadStrings(field), null),
            _ when type == typeof(Half) => ReadValues<Half>(field),
            _ => throw new DataFileException($"{owner} holds values of type {type.Name}; read are numbers, booleans, dates and strings."),
        };
    }

    private (T[] Values, bool[]? Missing) ReadValues<T>(DataField field)
        where T : struct
    {
        T[] values = new T[rows];
        bool[]? missing = field.IsNullable ? new bool[rows] : null;
        ForEachRowGroup((group, start, count) =>
        {
            if (missing is null)
            {
                group.ReadAsync<T>(field, values.AsMemory(start, count)).AsTask().GetAwaiter().GetResult();
                return;
            }

            T?[] some = new T?[count];
            group.ReadAsync<T>(field, some.AsMemory()).AsTask().GetAwaiter().GetResult();
            for (int i = 0; i < count; i++)
            {
                values[start + i] = some[i].GetValueOrDefault();
                missing[start + i] = !some[i].HasValue;
            }
        });
        return (values, missing);
    }

    private (Array Values, bool[]? Missing) ReadDates(DataField field)
    {
        (DateTime[] dates, bool[]? missing) = ReadValues<DateTime>(field);
        return (Array.ConvertAll(dates, d => d.ToString("O", CultureInfo.InvariantCulture)), missing);
    }

    private string[] ReadStrings(DataField field)
    {
        string[] values = new string[rows];
        ForEachRowGroup((group, start, count) =>
            group.ReadAsync(field, values.AsMemory(start, count)!).AsTask().GetAwaiter().GetResult());
        return values;
    }

    private void ForEachRowGroup(Action<ParquetRowGroupReader, int, int> read)
    {
        int start = 0;
        for (int i = 0; i < reader.RowGroupCount; i++)
        {
            using ParquetRowGroupReader group = reader.OpenRowGroupReader(i);
            int count = (int)group.RowCount;
            read(group, start, count);
            start += count;
        }
    }
}
