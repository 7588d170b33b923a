using System.Globalization;
using SynapticGeometry.Data;

namespace SynapticGeometry.Cli;

/// <summary>What commands that read named arrays and tables have in common.</summary>
internal static class TableInput
{
    // A name that exists is taken whole, commas and all; else its parts, as for several baseline sessions.
    public static string[] Columns(DataFile file, string name) => file.Names.Contains(name) || !name.Contains(',', StringComparison.Ordinal)
        ? [name]
        : name.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // Several columns, joined by a slash, make one label.
    public static string[] Joined(DataFile file, IReadOnlyList<string> columns)
    {
        string[][] parts = [.. columns.Select(file.ReadText)];
        return parts.Length == 1 ? parts[0] : [.. Enumerable.Range(0, parts[0].Length).Select(i => string.Join('/', parts.Select(p => p[i])))];
    }

    // Conditions on different columns must all hold; of several on one column, one must.
    public static bool[]? Selected(DataFile file, int rows, IReadOnlyList<string> conditions)
    {
        if (conditions.Count == 0)
        {
            return null;
        }

        var keep = new bool[rows];
        Array.Fill(keep, true);
        foreach (IGrouping<string, string> condition in conditions.Select(Split).GroupBy(c => c.Column, c => c.Value))
        {
            string[] values = file.ReadText(condition.Key);
            string[] wanted = [.. condition];
            for (int i = 0; i < rows; i++)
            {
                keep[i] &= wanted.Any(w => SameValue(values[i], w));
            }

            if (!values.Any(v => wanted.Any(w => SameValue(v, w))))
            {
                throw new BadInputException(
                    $"No row of {file.Path} has {condition.Key}={string.Join(" or ", wanted)}; the column holds {Some([.. values.Distinct(StringComparer.Ordinal).Take(21)])}.");
            }
        }

        return keep;

        static (string Column, string Value) Split(string condition)
        {
            int at = condition.IndexOf('=', StringComparison.Ordinal);
            return at > 0
                ? (condition[..at].Trim(), condition[(at + 1)..].Trim())
                : throw new BadInputException($"--where '{condition}' is not of the form COLUMN=VALUE.");
        }
    }

    private static bool SameValue(string cell, string wanted) =>
        string.Equals(cell, wanted, StringComparison.Ordinal)
        || (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double a)
            && double.TryParse(wanted, NumberStyles.Float, CultureInfo.InvariantCulture, out double b) && a == b);

    public static T[] Filter<T>(T[] values, bool[] keep) => [.. values.Where((_, i) => keep[i])];

    public static string[]? Filter(string[]? values, bool[] keep) => values is null ? null : Filter<string>(values, keep);

    public static string? Sole(DataFile file) => file.Names.Count == 1 ? file.Names[0] : null;

    // Reports travel: they name the file, not the folders of one machine.
    public static string Name(string path) => Path.GetFileName(path);

    public static string Some(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(8)) + (names.Count > 8 ? $", ... ({names.Count} in all)" : string.Empty);
}
