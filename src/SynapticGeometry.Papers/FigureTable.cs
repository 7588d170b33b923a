using System.Globalization;
using System.Text;
using SynapticGeometry.Data;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Papers;

/// <summary>One column of a table.</summary>
/// <param name="Name">Its name: lower-case letters, digits and underscores.</param>
/// <param name="Unit">Unit of its values; "1" for a pure number.</param>
/// <param name="Values">Its values, one a row.</param>
public sealed record FigureColumn(string Name, string Unit, double[] Values);

/// <summary>A table of numbers, from which a panel is drawn and a claim is checked. Columns are of one length.</summary>
public sealed class FigureTable
{
    private readonly Dictionary<string, FigureColumn> columns;

    /// <summary>A table.</summary>
    /// <param name="name">Its name, which is also that of its file.</param>
    /// <param name="columns">At least one column; names differ, lengths agree.</param>
    /// <exception cref="ArgumentException">There is no column, two have one name, or lengths differ.</exception>
    public FigureTable(string name, params IReadOnlyList<FigureColumn> columns)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0)
        {
            throw new ArgumentException($"The table {name} has no column.", nameof(columns));
        }

        Name = name;
        Columns = columns;
        this.columns = columns.ToDictionary(c => c.Name);
        foreach (FigureColumn column in columns.Where(c => c.Values.Length != Rows))
        {
            throw new ArgumentException($"Column {column.Name} of the table {name} has {column.Values.Length} rows; the first has {Rows}.", nameof(columns));
        }
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its columns.</summary>
    public IReadOnlyList<FigureColumn> Columns { get; }

    /// <summary>Number of rows.</summary>
    public int Rows => Columns[0].Values.Length;

    /// <summary>The values of a column.</summary>
    /// <param name="column">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such column.</exception>
    public double[] this[string column] => columns.TryGetValue(column, out FigureColumn? found)
        ? found.Values
        : throw new KeyNotFoundException($"The table {Name} has no column {column}; it has {string.Join(", ", columns.Keys)}.");

    /// <summary>The rows for which a condition on one column holds.</summary>
    /// <param name="column">Name of the column.</param>
    /// <param name="holds">The condition.</param>
    public FigureTable Where(string column, Func<double, bool> holds)
    {
        double[] key = this[column];
        int[] rows = [.. Enumerable.Range(0, Rows).Where(i => holds(key[i]))];
        return new FigureTable(Name, [.. Columns.Select(c => c with { Values = [.. rows.Select(i => c.Values[i])] })]);
    }

    /// <summary>The table as comma-separated values with round-trip precision; a heading is "name [unit]".</summary>
    public string ToCsv()
    {
        StringBuilder csv = new();
        csv.AppendJoin(',', Columns.Select(c => $"{c.Name} [{c.Unit}]")).Append('\n');
        for (int row = 0; row < Rows; row++)
        {
            for (int k = 0; k < Columns.Count; k++)
            {
                csv.Append(k == 0 ? string.Empty : ",").Append(CsvTable.Text(Columns[k].Values[row]));
            }

            csv.Append('\n');
        }

        return csv.ToString();
    }

    /// <summary>Reads what <see cref="ToCsv"/> writes.</summary>
    /// <param name="name">The table's name.</param>
    /// <param name="csv">The text.</param>
    /// <exception cref="DataFileException">The text is not such a table; the message names line and column.</exception>
    public static FigureTable Parse(string name, string csv)
    {
        ArgumentNullException.ThrowIfNull(csv);
        string[] lines = csv.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        (string Name, string Unit)[] heads = [.. lines[0].Split(',').Select(Head)];
        double[][] values = [.. heads.Select(_ => new double[lines.Length - 1])];
        for (int row = 1; row < lines.Length; row++)
        {
            string[] cells = lines[row].Split(',');
            if (cells.Length != heads.Length)
            {
                throw new DataFileException($"Table {name}, line {row + 1}: {cells.Length} cells; the heading has {heads.Length}.");
            }

            for (int k = 0; k < cells.Length; k++)
            {
                values[k][row - 1] = Number(cells[k]) ?? throw new DataFileException($"Table {name}, line {row + 1}, column {heads[k].Name}: \"{cells[k]}\" is not a number.");
            }
        }

        return new FigureTable(name, [.. heads.Select((h, k) => new FigureColumn(h.Name, h.Unit, values[k]))]);

        (string Name, string Unit) Head(string text)
        {
            int at = text.IndexOf(" [", StringComparison.Ordinal);
            return at > 0 && text[^1] == ']'
                ? (text[..at], text[(at + 2)..^1])
                : throw new DataFileException($"Table {name}: the heading \"{text}\" is not a name with its unit, as \"rate [Hz]\".");
        }
    }

    // The spellings that CsvTable writes.
    private static double? Number(string text) => text switch
    {
        "nan" => double.NaN,
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null,
    };
}

/// <summary>The tables of a figure, by name.</summary>
public sealed class FigureData
{
    private readonly Dictionary<string, FigureTable> tables;

    /// <summary>Tables together.</summary>
    /// <param name="tables">Tables of different names.</param>
    public FigureData(params IReadOnlyList<FigureTable> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        Tables = tables;
        this.tables = tables.ToDictionary(t => t.Name);
    }

    /// <summary>The tables.</summary>
    public IReadOnlyList<FigureTable> Tables { get; }

    /// <summary>A table.</summary>
    /// <param name="table">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such table.</exception>
    public FigureTable this[string table] => tables.TryGetValue(table, out FigureTable? found)
        ? found
        : throw new KeyNotFoundException($"There is no table {table}; there are {string.Join(", ", tables.Keys)}.");

    /// <summary>True where all of these tables are there.</summary>
    /// <param name="names">Names of tables.</param>
    public bool Has(IEnumerable<string> names) => names.All(tables.ContainsKey);

    /// <summary>Writes each table as NAME.csv, and all columns as one .npz file with members "table/column".</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <param name="npz">Name of the .npz file.</param>
    /// <exception cref="DataFileException">A file cannot be written.</exception>
    public void Write(string folder, string npz)
    {
        foreach (FigureTable table in Tables)
        {
            byte[] text = Encoding.UTF8.GetBytes(table.ToCsv());
            AtomicFile.Write(Path.Combine(folder, table.Name + ".csv"), stream => stream.Write(text));
        }

        NpzWriter.Write(Path.Combine(folder, npz), [.. Tables.SelectMany(t => t.Columns.Select(c => ($"{t.Name}/{c.Name}", c.Values)))]);
    }

    /// <summary>Reads tables that <see cref="Write"/> wrote.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="names">Names of the tables.</param>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="DataFileException">A file is not such a table.</exception>
    public static FigureData Read(string folder, IEnumerable<string> names) =>
        new([.. names.Select(n => FigureTable.Parse(n, File.ReadAllText(Path.Combine(folder, n + ".csv"))))]);
}
