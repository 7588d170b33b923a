using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace SynapticGeometry.Benchmarks;

/// <summary>Where results go, and what they say of the machine.</summary>
internal static class Results
{
    /// <summary>The repository's root, found from the current folder or the program's own.</summary>
    public static string Repository { get; } =
        Above(Environment.CurrentDirectory) ?? Above(AppContext.BaseDirectory)
        ?? throw new ArgumentException("Run this inside the repository: SynapticGeometry.slnx was not found in any folder above.");

    /// <summary>Processor, cores, runtime and operating system, in a line.</summary>
    public static string Machine =>
        $"{Processor()}, {Environment.ProcessorCount} logical cores, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSArchitecture}";

    /// <summary>Prints the table and writes it, and the records behind it, to benchmarks/results.</summary>
    public static void Write(string name, string title, IReadOnlyList<string> notes, IReadOnlyList<string[]> table, IEnumerable<object> records)
    {
        var markdown = new StringBuilder();
        markdown.Append("# ").AppendLine(title).AppendLine().AppendLine(Machine).AppendLine();
        for (int row = 0; row < table.Count; row++)
        {
            markdown.Append("| ").AppendJoin(" | ", table[row]).AppendLine(" |");
            if (row == 0)
            {
                markdown.Append('|').Insert(markdown.Length, "---|", table[0].Length).AppendLine();
            }
        }

        markdown.AppendLine();
        foreach (string note in notes)
        {
            markdown.Append("- ").AppendLine(note);
        }

        Console.WriteLine(markdown);
        string folder = Path.Combine(Repository, "benchmarks", "results");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name + ".md"), markdown.ToString());
        File.WriteAllLines(Path.Combine(folder, name + ".jsonl"), records.Select(r => JsonSerializer.Serialize(r)));
    }

    private static string? Above(string folder)
    {
        for (DirectoryInfo? d = new(folder); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "SynapticGeometry.slnx")))
            {
                return d.FullName;
            }
        }

        return null;
    }

    private static string Processor()
    {
        const string linux = "/proc/cpuinfo";
        string? line = File.Exists(linux)
            ? File.ReadLines(linux).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
    }
}
