using System.CommandLine;
using System.Globalization;
using SynapticGeometry.Data;
using Tomlyn;
using Tomlyn.Model;

namespace SynapticGeometry.Cli;

/// <summary>
/// Reads --config: a TOML file whose keys are long option names. Its values are put before the command line's own, so that every option
/// is checked in one place and the command line wins.
/// </summary>
internal static class ConfigurationFile
{
    /// <summary>The arguments with those of the file added; the arguments themselves where no file is named.</summary>
    /// <exception cref="BadInputException">The file is missing, no TOML, or names an unknown option.</exception>
    public static string[] Expand(RootCommand root, string[] args)
    {
        int at = Array.FindIndex(args, a => a == "--config" || a.StartsWith("--config=", StringComparison.Ordinal));
        if (at < 0 || args.Length == 0)
        {
            return args;
        }

        string path = args[at].Contains('=', StringComparison.Ordinal) ? args[at][(args[at].IndexOf('=', StringComparison.Ordinal) + 1)..]
            : at + 1 < args.Length ? args[at + 1] : string.Empty;
        Command? command = root.Subcommands.FirstOrDefault(c => c.Name == args[0]);
        if (command is null || path.Length == 0)
        {
            return args;
        }

        var added = new List<string>();
        foreach ((string key, object value) in Settings(path, command))
        {
            Option option = command.Options.FirstOrDefault(o => o.Name == "--" + key)
                ?? throw new BadInputException(
                    $"{path} sets '{key}', which 'syngeo {command.Name}' does not know; it knows {string.Join(", ", command.Options.Select(o => o.Name.TrimStart('-')).Order())}.");
            bool given = args.Any(a => a == option.Name || option.Aliases.Contains(a) || a.StartsWith(option.Name + "=", StringComparison.Ordinal));
            if (given || key == "config")
            {
                continue;
            }

            foreach (object item in value is TomlArray array && option.Arity.MaximumNumberOfValues > 1 ? array.OfType<object>() : [value])
            {
                added.Add(option.Name);
                added.Add(item is TomlArray list ? string.Join(',', list.Select(Text)) : Text(item));
            }
        }

        return [args[0], .. added, .. args[1..]];
    }

    private static IEnumerable<KeyValuePair<string, object>> Settings(string path, Command command)
    {
        TomlTable table;
        try
        {
            table = TomlSerializer.Deserialize<TomlTable>(File.ReadAllText(path)) ?? [];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException($"The configuration file {path} cannot be read: {problem.Message}", problem);
        }
        catch (TomlException problem)
        {
            throw new BadInputException($"{path} is not valid TOML: {problem.Message}");
        }

        // Tables of other commands may stand in the same file; they do not concern this one.
        foreach ((string key, object value) in table)
        {
            if (value is not TomlTable inner)
            {
                yield return new(key, value);
            }
            else if (key == command.Name)
            {
                foreach (KeyValuePair<string, object> setting in inner)
                {
                    yield return setting;
                }
            }
        }
    }

    private static string Text(object? value) => value switch
    {
        bool b => b ? "true" : "false",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? string.Empty,
    };
}
