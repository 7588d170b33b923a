using System.CommandLine;
using System.Diagnostics;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Cli;

/// <summary>'syngeo train': networks trained by mirror descent, and what their weights tell about the potential.</summary>
internal sealed class TrainCommand
{
    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly string commandLine;
    private readonly CommonOptions common = new();
    private readonly TrainOptions options = new();

    private TrainCommand(string[] args, TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
        commandLine = CommandRun.CommandLine(args);
    }

    /// <summary>The command with its options.</summary>
    public static Command Create(string[] args, TextWriter output, TextWriter error)
    {
        var self = new TrainCommand(args, output, error);
        var command = new Command("train", "Networks trained by mirror descent under several potentials, from the same weights on the same data; then the potential is told back from the weights before and after. --out keeps the weights for 'syngeo infer'.\n\n"
            + "Examples:\n"
            + "  syngeo train\n"
            + "  syngeo train --model linear --weights 5000 --samples-power 0.5 --out linear\n"
            + "  syngeo train --model rnn --data mnist --seeds 10 --checkpoint rnn.work --out rnn\n"
            + "  syngeo train --model resnet-18 --start resnet18.pth --data imagenet/val --checkpoint resnet.work --out resnet\n"
            + "  syngeo infer rnn/3-norm-seed1/weights-before.safetensors rnn/3-norm-seed1/weights-after.safetensors");
        self.options.AddTo(command);
        self.common.AddTo(command);
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ulong seed = parsed.GetValue(common.Seed);
        int threads = parsed.GetValue(common.Threads);
        TrainInput input = options.Read(parsed, threads);
        using CommandRun run = CommandRun.Start(parsed, common, output, error);
        using WorkFolder work = WorkFolder.Open(input.Checkpoint);
        (bool goingOn, long weights) = input.Begin(work.Path, seed);
        if (goingOn)
        {
            await run.TellAsync([$"going on from {input.Checkpoint}."]);
        }

        TrainingOutcome outcome;
        string document;
        try
        {
            (outcome, document) = await run.ComputeAsync(progress =>
            {
                progress.Report(("beginning", 0));
                var clock = Stopwatch.StartNew();
                IReadOnlyList<TrainedNetwork> networks = input.Train(work.Path, seed, weights, threads, progress, cancellation);
                TrainingOutcome made = new(networks, seed, clock.Elapsed.TotalSeconds);
                string text = TrainJson.Write(made, input, threads, CommandLineApplication.Version, commandLine);
                if (run.Folder is { } folder)
                {
                    progress.Report(("report", 1));
                    TrainingReport.Write(folder, made, new ReportContext { Command = commandLine, Version = CommandLineApplication.Version, InputDescription = input.Description });
                    CopyWeights(work.Path, folder, networks);
                    File.WriteAllText(Path.Combine(folder, "result.json"), text);
                }

                cancellation.ThrowIfCancellationRequested();
                return (made, text);
            });
        }
        catch (OperationCanceledException) when (work.Kept)
        {
            await error.WriteLineAsync($"syngeo: interrupted; what is done is in {input.Checkpoint}, and the same command goes on from there.");
            return ExitStatus.Interrupted;
        }

        return await run.FinishAsync(document, TrainSummary.Write(outcome, input.Description));
    }

    private static void CopyWeights(string from, string to, IEnumerable<TrainedNetwork> networks)
    {
        foreach (TrainedNetwork network in networks)
        {
            Directory.CreateDirectory(Path.Combine(to, network.Folder));
            foreach (string file in Directory.EnumerateFiles(Path.Combine(from, network.Folder), "*.safetensors"))
            {
                File.Copy(file, Path.Combine(to, network.Folder, Path.GetFileName(file)));
            }
        }
    }

    // Where a study leaves what it has done: the folder of --checkpoint, or one that goes with the run.
    private sealed class WorkFolder(string path, bool kept) : IDisposable
    {
        public string Path { get; } = path;

        public bool Kept { get; } = kept;

        public static WorkFolder Open(string? checkpoint)
        {
            if (checkpoint is null)
            {
                return new WorkFolder(Directory.CreateTempSubdirectory("syngeo-train-").FullName, kept: false);
            }

            try
            {
                return new WorkFolder(Directory.CreateDirectory(checkpoint).FullName, kept: true);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new BadInputException($"--checkpoint {checkpoint}: {problem.Message}");
            }
        }

        public void Dispose()
        {
            if (!Kept)
            {
                Directory.Delete(Path, recursive: true);
            }
        }
    }
}
