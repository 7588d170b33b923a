using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using SynapticGeometry.Data;

namespace SynapticGeometry.Cli;

/// <summary>
/// One run of a command that computes, prints a summary, and writes JSON and a folder: where things go, in which order, whole or not at all.
/// </summary>
internal sealed class CommandRun : IDisposable
{
    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly bool quiet;
    private readonly string? json;
    private readonly string? asked;
    private readonly AtomicDirectory? target;

    private CommandRun(TextWriter output, TextWriter error, bool quiet, string? json, string? asked, AtomicDirectory? target) =>
        (this.output, this.error, this.quiet, this.json, this.asked, this.target) = (output, error, quiet, json, asked, target);

    /// <summary>The folder to write to until <see cref="FinishAsync"/> puts it in its place; null where none was asked for.</summary>
    public string? Folder => target?.Path;

    /// <summary>Checks where the results are to go.</summary>
    /// <exception cref="BadInputException">A file that exists would be replaced without --force.</exception>
    public static CommandRun Start(ParseResult parsed, CommonOptions common, TextWriter output, TextWriter error)
    {
        string? json = parsed.GetValue(common.Json), folder = parsed.GetValue(common.Out);
        bool force = parsed.GetValue(common.Force);
        MustBeFree(json, force);

        // The folder is claimed first: an hour of computing must not end at a folder that cannot be written.
        return new CommandRun(output, error, parsed.GetValue(common.Quiet), json, folder, folder is null ? null : AtomicDirectory.Create(folder, force));
    }

    /// <summary>Sentences for the user, unless he wants to hear none.</summary>
    public async Task TellAsync(IEnumerable<string> notes)
    {
        foreach (string note in quiet ? [] : notes)
        {
            await error.WriteLineAsync($"syngeo: {note}");
        }
    }

    /// <summary>Computes in the background and shows the progress.</summary>
    public Task<T> ComputeAsync<T>(Func<IProgress<(string Stage, double Done)>, T> work) => ProgressDisplay.RunAsync(error, quiet, work);

    /// <summary>Puts folder and files in their places and prints the summary, or the JSON where that was asked for.</summary>
    public async Task<int> FinishAsync(string document, string summary)
    {
        target?.Commit();
        await PublishAsync(output, json, document, summary);
        if (!quiet && json != "-")
        {
            await error.WriteLineAsync(asked is null
                ? "syngeo: add --out DIR for the report with its figures, --json - for all the numbers."
                : $"syngeo: the report is {Path.Combine(asked, "report.html")}.");
        }

        return ExitStatus.Done;
    }

    /// <summary>Checks that --json names no file that exists, unless it may be replaced.</summary>
    /// <exception cref="BadInputException">It does.</exception>
    public static void MustBeFree(string? json, bool force)
    {
        if (json is not null and not "-" && File.Exists(json) && !force)
        {
            throw new BadInputException($"{json} exists; give --force to replace it.");
        }
    }

    /// <summary>Writes the JSON to its file and prints the summary, or prints the JSON where that was asked for.</summary>
    public static async Task PublishAsync(TextWriter output, string? json, string document, string summary)
    {
        if (json is not null and not "-")
        {
            AtomicFile.Write(json, stream => stream.Write(Encoding.UTF8.GetBytes(document)));
        }

        await output.WriteAsync(json == "-" ? document : summary);
    }

    /// <inheritdoc/>
    public void Dispose() => target?.Dispose();

    /// <summary>The command as it can be given again to a shell.</summary>
    public static string CommandLine(string[] args) => "syngeo " + string.Join(' ', args.Select(Quote));

    /// <summary>A validator of file names: else a mistyped option would be taken for the name of a file.</summary>
    public static void NoOptions(ArgumentResult result, string command)
    {
        foreach (string option in result.Tokens.Select(t => t.Value).Where(v => v.Length > 1 && v[0] == '-'))
        {
            result.AddError($"'{option}' is not an option of 'syngeo {command}'.");
        }
    }

    /// <summary>A validator of a number of replicates, where 0 means none.</summary>
    public static void NotNegative(OptionResult result, Option option)
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[^1].Value, out int n) && n < 0)
        {
            result.AddError($"{option.Name} is {n}; it must be 0 (none) or more.");
        }
    }

    /// <summary>The geometries of --candidates.</summary>
    /// <exception cref="BadInputException">A name is unknown or given twice, or there is none.</exception>
    public static Potential[] ParseCandidates(string text) => ParsePotentials("--candidates", text);

    /// <summary>The potentials that an option names, joined by commas.</summary>
    /// <exception cref="BadInputException">A name is unknown or given twice, or there is none.</exception>
    public static Potential[] ParsePotentials(string option, string text)
    {
        string[] names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
        {
            throw new BadInputException($"{option} is empty; name at least one geometry, for example negative-entropy,2.");
        }

        try
        {
            Potential[] potentials = [.. names.Select(Potential.Parse)];
            return potentials.Select(p => p.Name).Distinct(StringComparer.Ordinal).Count() == potentials.Length
                ? potentials
                : throw new BadInputException($"{option} '{text}' names a geometry twice.");
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException)
        {
            throw new BadInputException($"{option}: {problem.Message}");
        }
    }

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%".Contains(c, StringComparison.Ordinal))
            ? argument
            : "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
