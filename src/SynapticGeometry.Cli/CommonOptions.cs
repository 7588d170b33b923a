using System.CommandLine;
using System.CommandLine.Parsing;

namespace SynapticGeometry.Cli;

/// <summary>The options that mean the same in every command.</summary>
internal sealed class CommonOptions
{
    public Option<ulong> Seed { get; } = new("--seed")
    {
        Description = "Seed of every random number; equal seeds give equal results on any number of threads. Example: --seed 7",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "Number of threads; results do not depend on it. Example: --threads 2",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public Option<string?> Out { get; } = new("--out", "-o")
    {
        Description = "Folder to write to; it must not exist or be empty, unless --force is given. It is written whole or not at all. Example: --out results",
        HelpName = "DIR",
    };

    public Option<string?> Json { get; } = new("--json")
    {
        Description = "Write the result as JSON to a file, or to standard output with '-' (then nothing else goes there). Example: --json -",
        HelpName = "FILE|-",
    };

    public Option<bool> Quiet { get; } = new("--quiet", "-q")
    {
        Description = "No progress and no messages on standard error; errors still appear. Example: --quiet",
    };

    public Option<bool> Force { get; } = new("--force")
    {
        Description = "Replace an output folder or file that exists. Example: --out results --force",
    };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "TOML file of options, under their long names, at the top or in a table named after the command; the command line wins. Example: --config study.toml",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Threads.Validators.Add(r => AtLeast(r, Threads, 1));
        foreach (Option option in new Option[] { Out, Json, Seed, Threads, Config, Force, Quiet })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>A validator that refuses values below a minimum, naming the value.</summary>
    public static void AtLeast(OptionResult result, Option<int> option, int minimum)
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[^1].Value, out int value) && value < minimum)
        {
            result.AddError($"{option.Name} is {value}; it must be at least {minimum}.");
        }
    }
}
