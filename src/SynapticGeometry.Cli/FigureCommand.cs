using System.CommandLine;
using System.Text.Json.Nodes;
using SynapticGeometry.Data;
using SynapticGeometry.Papers;

namespace SynapticGeometry.Cli;

/// <summary>'syngeo figure': computes, checks and draws figures of the papers.</summary>
internal sealed class FigureCommand
{
    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly string commandLine;
    private readonly CommonOptions common = new();

    private readonly Argument<string[]> ids = new("ID")
    {
        Description = "Figures, such as kreutzer-4, or panels, such as kreutzer-4b.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> all = new("--all") { Description = "Every figure. Example: --all --out figures" };

    private readonly Option<string?> paper = new("--paper")
    {
        Description = $"Every figure of a paper: {string.Join(", ", FigureCatalog.Papers)}. Example: --paper kreutzer2022",
        HelpName = "NAME",
    };

    private readonly Option<bool> list = new("--list") { Description = "List the figures asked for, or all, with their panels, and compute nothing. Example: --list" };

    private readonly Option<string> scale = new("--scale")
    {
        Description = "Size of the experiments: sketch (seconds) or paper (the sizes of the paper). Example: --scale paper",
        HelpName = "sketch|paper",
        DefaultValueFactory = _ => "sketch",
    };

    private readonly Option<string?> spikes = new("--spikes")
    {
        Description = "Recorded spike trains (table, .npz, NWB) for beyond-recorded; without it a population is simulated. Example: --spikes units.nwb",
        HelpName = "FILE",
    };

    private readonly Option<string?> morphology = new("--morphology")
    {
        Description = "A reconstructed neuron (SWC) for beyond-dendrite; without it a tree is grown from the seed. Example: --morphology cell.swc",
        HelpName = "FILE",
    };

    private readonly Option<string?> images = new("--images")
    {
        Description = "Folder with MNIST's idx files, or others like them, for the figures of networks; without it they take patterns made of the seed. Example: --images mnist",
        HelpName = "DIR",
    };

    private FigureCommand(string[] args, TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
        commandLine = CommandRun.CommandLine(args);
    }

    /// <summary>The command with its options.</summary>
    public static Command Create(string[] args, TextWriter output, TextWriter error)
    {
        var self = new FigureCommand(args, output, error);
        var command = new Command("figure", "Figures of the papers, computed anew: numbers, a drawing, and each claim checked. Exit status 1 where a claim fails.\n\n"
            + "With --out DIR each figure gets its own folder of tables (CSV, .npz), drawings (SVG, PNG, PDF) and figure.json, and DIR/index.html shows them all. "
            + "Figures that are finished there with the same scale, seed and version are used again; --force computes them anew.\n\n"
            + "Examples:\n"
            + "  syngeo figure --list\n"
            + "  syngeo figure kreutzer-4\n"
            + "  syngeo figure kreutzer-7d --scale paper --out figures\n"
            + "  syngeo figure --all --scale paper --out figures\n"
            + "  syngeo figure beyond-dendrite --morphology cell.swc --out figures");
        command.Arguments.Add(self.ids);
        foreach (Option option in new Option[] { self.all, self.paper, self.list, self.scale, self.spikes, self.morphology, self.images })
        {
            command.Options.Add(option);
        }

        self.common.Out.Description = "Folder of figures: each gets a folder of its own in it, written whole or not at all; finished ones are used again. Example: --out figures";
        self.common.Force.Description = "Compute finished figures again and replace what is in the way. Example: --out figures --force";
        self.common.AddTo(command);
        self.ids.Validators.Add(r => CommandRun.NoOptions(r, "figure"));
        self.scale.AcceptOnlyFromAmong("sketch", "paper");
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        bool listing = parsed.GetValue(list);
        FigureRequest[] requests = Requests(parsed.GetValue(ids) ?? [], parsed.GetValue(all) || listing, parsed.GetValue(paper));
        if (listing)
        {
            await output.WriteAsync(FigureSummary.List(requests));
            return ExitStatus.Done;
        }

        requests = await WithoutUnavailableAsync(requests, parsed.GetValue(ids) ?? []);
        string? json = parsed.GetValue(common.Json), path = parsed.GetValue(common.Out);
        bool force = parsed.GetValue(common.Force), quiet = parsed.GetValue(common.Quiet);
        CommandRun.MustBeFree(json, force);
        Job job = new(
            requests, parsed.GetValue(scale) == "paper" ? FigureScale.Paper : FigureScale.Sketch, parsed.GetValue(common.Seed), parsed.GetValue(common.Threads),
            path is null ? null : new FigureFolder(path, force),
            Files(requests, parsed.GetValue(spikes), parsed.GetValue(morphology), parsed.GetValue(images)));
        (List<FigureRecord> records, bool interrupted) = await ProgressDisplay.RunAsync(error, quiet, progress => Compute(job, progress, cancellation));
        if (interrupted)
        {
            await error.WriteLineAsync(path is null
                ? "syngeo: interrupted; nothing was written."
                : $"syngeo: interrupted; {records.Count} of {requests.Length} figures are finished in {path} and will be used again.");
            return ExitStatus.Interrupted;
        }

        await CommandRun.PublishAsync(output, json, Document(records), FigureSummary.Write(records));
        if (!quiet && json != "-")
        {
            await error.WriteLineAsync(path is null
                ? "syngeo: add --out DIR for the drawings and the numbers they are made of."
                : $"syngeo: the figures are in {Path.Combine(path, "index.html")}.");
        }

        return records.All(r => r.Passed) ? ExitStatus.Done : ExitStatus.Failure;
    }

    private static FigureRequest[] Requests(string[] ids, bool everything, string? paper)
    {
        if (paper is not null && !FigureCatalog.Papers.Contains(paper))
        {
            string near = NameLookup.Closest(FigureCatalog.Papers, paper) is { } close ? $" Did you mean {close}?" : string.Empty;
            throw new BadInputException($"There is no paper \"{paper}\".{near} There are {string.Join(", ", FigureCatalog.Papers)}.");
        }

        List<FigureRequest> requests = [.. ids.Select(FigureCatalog.Find)];
        if (paper is not null || (everything && ids.Length == 0))
        {
            requests.AddRange(FigureCatalog.All.Where(f => paper is null || f.Paper == paper).Select(f => new FigureRequest(f)));
        }

        return requests.Count > 0
            ? [.. requests.DistinctBy(r => r.Id)]
            : throw new BadInputException("No figure is named. Name some (syngeo figure --list shows them), or give --all or --paper NAME.");
    }

    // A figure that was named must be computed; one of many may be left out, and that is said.
    private async Task<FigureRequest[]> WithoutUnavailableAsync(FigureRequest[] requests, string[] named)
    {
        FigureRequest[] left = [.. requests.Where(r => r.Figure.Unavailable is not null)];
        if (left.FirstOrDefault(r => named.Contains(r.Id, StringComparer.OrdinalIgnoreCase)) is { } asked)
        {
            throw new BadInputException($"{asked.Id}: {asked.Figure.Unavailable}");
        }

        foreach (IGrouping<string, FigureRequest> same in left.GroupBy(r => r.Figure.Unavailable!))
        {
            await error.WriteLineAsync($"syngeo: left out {string.Join(", ", same.Select(r => r.Id))}. {same.Key}");
        }

        return [.. requests.Except(left)];
    }

    // A file that no figure asked for reads is a mistake.
    private static FigureFiles Files(FigureRequest[] requests, string? spikes, string? morphology, string? images)
    {
        FigureFiles files = FigureFiles.Read(spikes, morphology, images), none = FigureFiles.None;
        foreach ((string option, string? path, FigureFiles alone) in new[]
        {
            ("--spikes", spikes, none with { Spikes = files.Spikes, SpikesName = files.SpikesName }),
            ("--morphology", morphology, none with { Morphology = files.Morphology, MorphologyName = files.MorphologyName }),
            ("--images", images, none with { TrainingImages = files.TrainingImages, TestImages = files.TestImages, ImagesName = files.ImagesName }),
        })
        {
            if (path is not null && requests.All(r => r.Figure.Inputs(alone).SequenceEqual(r.Figure.Inputs(FigureFiles.None))))
            {
                string users = string.Join(", ", FigureCatalog.All.Where(f => !f.Inputs(alone).SequenceEqual(f.Inputs(FigureFiles.None))).Select(f => f.Id));
                throw new BadInputException($"{option} {path}: no figure asked for reads it; it is for {users}.");
            }
        }

        return files;
    }

    // Figures one after another, each on all threads; what is finished is written before the next begins.
    private (List<FigureRecord> Records, bool Interrupted) Compute(Job job, IProgress<(string Stage, double Done)> progress, CancellationToken cancellation)
    {
        List<FigureRecord> records = [];
        double done = 0;
        try
        {
            FigureRecord?[] finished = [.. job.Requests.Select(r => job.Folder?.Finished(r, job.Scale, job.Seed, CommandLineApplication.Version, job.Files))];
            double work = job.Requests.Where((_, k) => finished[k] is null).Sum(r => r.Work);
            for (int k = 0; k < finished.Length; k++)
            {
                if (finished[k] is null)
                {
                    double before = done;
                    progress.Report((job.Requests[k].Id, before / work));
                    finished[k] = Compute(job, job.Requests[k], new Relay<double>(share => progress.Report((job.Requests[k].Id, (before + (share * job.Requests[k].Work)) / work))), cancellation);
                    done += job.Requests[k].Work;
                }

                records.Add(finished[k]!);
            }
        }
        catch (OperationCanceledException)
        {
            return (records, true);
        }
        finally
        {
            if (records.Count > 0)
            {
                job.Folder?.WriteGallery();
            }
        }

        return (records, false);
    }

    private FigureRecord Compute(Job job, FigureRequest request, IProgress<double> progress, CancellationToken cancellation)
    {
        using FigureParts? parts = job.Folder?.Parts(request, job.Scale, job.Seed, CommandLineApplication.Version, job.Files);
        FigureResult result = request.Figure.Compute(request.Panels, job.Scale, job.Seed, job.Threads, progress, job.Files, parts, cancellation);
        FigureRecord record = FigureRecord.Of(request, result, job.Scale, job.Seed, CommandLineApplication.Version, commandLine);
        job.Folder?.Write(request, result, record);
        parts?.Delete();
        return record;
    }

    private string Document(List<FigureRecord> records) => ResultJson.Text(new JsonObject
    {
        ["schema"] = "syngeo.figures/1",
        ["version"] = CommandLineApplication.Version,
        ["command"] = commandLine,
        ["passed"] = records.All(r => r.Passed),
        ["figures"] = ResultJson.Array(records, r => JsonNode.Parse(r.ToJson())),
    });

    private sealed record Job(FigureRequest[] Requests, FigureScale Scale, ulong Seed, int Threads, FigureFolder? Folder, FigureFiles Files);
}
