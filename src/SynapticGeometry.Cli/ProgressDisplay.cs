using System.Diagnostics;
using Spectre.Console;

namespace SynapticGeometry.Cli;

/// <summary>
/// Shows how far a command is: nothing for the first two seconds, then a bar with the time left on a terminal, or a plain line every few
/// seconds where standard error is a file or a pipe.
/// </summary>
internal sealed class ProgressDisplay : IProgress<(string Stage, double Done)>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly TextWriter error;
    private readonly bool terminal;
    private readonly Lock gate = new();
    private string stage = string.Empty;
    private double done;

    // Where the work began: not at 0 where it goes on from an earlier run.
    private double? begun;

    private ProgressDisplay(TextWriter error)
    {
        this.error = error;
        terminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    }

    /// <inheritdoc/>
    public void Report((string Stage, double Done) value)
    {
        lock (gate)
        {
            (stage, done) = value;
            begun ??= done;
        }
    }

    /// <summary>Runs the work in the background and shows its progress until it ends.</summary>
    public static async Task<T> RunAsync<T>(TextWriter error, bool quiet, Func<IProgress<(string Stage, double Done)>, T> work)
    {
        var display = new ProgressDisplay(error);
        Task<T> task = Task.Run(() => work(display));
        if (!quiet && await Task.WhenAny(task, Task.Delay(Patience)) != task)
        {
            await (display.terminal ? display.ShowBarAsync(task) : display.ShowLinesAsync(task));
        }

        return await task;
    }

    private async Task ShowBarAsync(Task task)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask("starting", maxValue: 1);
                while (await Task.WhenAny(task, Task.Delay(100)) != task)
                {
                    (string name, double share) = Now();
                    bar.Description = Markup.Escape(name);
                    bar.Value = share;
                }
            });
    }

    private async Task ShowLinesAsync(Task task)
    {
        var clock = Stopwatch.StartNew();
        do
        {
            (string name, double share) = Now();
            double since = share - (begun ?? 0);
            string left = since > 0.02 ? $", about {Math.Ceiling((Patience + clock.Elapsed).TotalSeconds * (1 - share) / since):0} s left" : string.Empty;
            await error.WriteLineAsync($"syngeo: {name}, {100 * share:0} %{left}");
        }
        while (await Task.WhenAny(task, Task.Delay(LineInterval)) != task);
    }

    private (string Stage, double Done) Now()
    {
        lock (gate)
        {
            return (stage, done);
        }
    }
}
