using System.Globalization;

namespace SynapticGeometry.Data;

/// <summary>Reads morphologies in the SWC format: lines of id, type, x, y, z, radius, parent, in micrometres; # begins a comment.</summary>
public static class SwcFile
{
    /// <summary>Reads a morphology.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="DataFileException">
    /// There is no such file, a line is not seven numbers, or the points are not one tree: a loop, a missing parent, a radius that is not
    /// positive. The message names file and line or point.
    /// </exception>
    public static Morphology Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new DataFileException($"{path} cannot be read: {e.Message}", e);
        }

        return Parse(path, lines);
    }

    /// <summary>The morphology in the lines of a file of that name.</summary>
    internal static Morphology Parse(string path, IReadOnlyList<string> lines)
    {
        List<MorphologyNode> nodes = [];
        for (int i = 0; i < lines.Count; i++)
        {
            ReadOnlySpan<char> line = lines[i].AsSpan().TrimStart('\uFEFF').Trim();
            int comment = line.IndexOf('#');
            line = comment < 0 ? line : line[..comment].TrimEnd();
            if (line.Length > 0)
            {
                nodes.Add(Node(path, i + 1, line));
            }
        }

        try
        {
            return new Morphology(nodes);
        }
        catch (ArgumentException e)
        {
            throw new DataFileException($"{path}: {e.Message}", e);
        }
    }

    private static MorphologyNode Node(string path, int number, ReadOnlySpan<char> line)
    {
        Span<double> values = stackalloc double[7];
        int count = 0;
        while (line.Length > 0)
        {
            int end = line.IndexOfAny(" \t,");
            ReadOnlySpan<char> field = end < 0 ? line : line[..end];
            if (count == values.Length || !double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out values[count]))
            {
                throw new DataFileException(
                    $"{path}, line {number}: \"{Damage.Shown(field.ToString())}\" stands where {(count == values.Length ? "the line should end" : $"number {count + 1} of 7 was expected")}; a line of SWC is id, type, x, y, z, radius, parent.");
            }

            count++;
            line = end < 0 ? [] : line[end..].TrimStart(" \t,");
        }

        if (count < values.Length)
        {
            throw new DataFileException($"{path}, line {number} has {count} numbers; a line of SWC is id, type, x, y, z, radius, parent.");
        }

        return new MorphologyNode(Whole(values[0], "id"), Whole(values[1], "type"), values[2], values[3], values[4], values[5], Whole(values[6], "parent"));

        int Whole(double value, string what) =>
            value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue
                ? (int)value
                : throw new DataFileException($"{path}, line {number}: the {what} is {value}; it must be a whole number.");
    }
}
