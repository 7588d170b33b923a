using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using SynapticGeometry.Data;

namespace SynapticGeometry.Cli;

/// <summary>
/// The command line as a whole: results on standard output, progress and messages on standard error, one meaning of every exit status.
/// </summary>
internal static class CommandLineApplication
{
    /// <summary>The version of the tool, as printed by --version and written into reports.</summary>
    public static string Version { get; } =
        typeof(CommandLineApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Runs one command and returns the exit status.</summary>
    /// <param name="args">Arguments after the program's name.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="cancellation">Stops the command as Ctrl-C does.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        var root = new RootCommand("Which geometry produced these synaptic changes? Reference software for the geometry of synaptic plasticity.")
        {
            InferCommand.Create(args, output, error),
            DistributionCommand.Create(args, output, error),
            PowerCommand.Create(args, output, error),
            LearnCommand.Create(args, output, error),
            TuneCommand.Create(args, output, error),
            InvarianceCommand.Create(args, output, error),
            TrainCommand.Create(args, output, error),
            FigureCommand.Create(args, output, error),
        };

        NumericOptions.Install(root);
        try
        {
            ParseResult parsed = root.Parse(ConfigurationFile.Expand(root, args));
            if (parsed.Errors.Count > 0)
            {
                foreach (ParseError problem in parsed.Errors)
                {
                    await error.WriteLineAsync($"syngeo: {problem.Message}");
                }

                await error.WriteLineAsync($"Try 'syngeo {(parsed.CommandResult.Command is RootCommand ? string.Empty : parsed.CommandResult.Command.Name + " ")}--help'.");
                return ExitStatus.BadInput;
            }

            var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("syngeo: interrupted; nothing was written.");
            return ExitStatus.Interrupted;
        }
        catch (Exception problem) when (problem is BadInputException or DataFileException or UninformativeDataException)
        {
            await error.WriteLineAsync($"syngeo: {problem.Message}");
            return ExitStatus.BadInput;
        }
        catch (AggregateException problem) when (problem.Flatten().InnerExceptions.FirstOrDefault(e => e is UninformativeDataException) is { } inner)
        {
            await error.WriteLineAsync($"syngeo: {inner.Message}");
            return ExitStatus.BadInput;
        }
        catch (OutOfMemoryException)
        {
            await error.WriteLineAsync("syngeo: not enough memory for this input.");
            return ExitStatus.Failure;
        }
#pragma warning disable CA1031 // The last line of defence: whatever it is, it must not look like success.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            await error.WriteLineAsync($"syngeo: an internal error, please report it: {problem}");
            return ExitStatus.Failure;
        }
    }
}
