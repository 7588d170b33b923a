using System.CommandLine;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Cli;

/// <summary>'syngeo infer': which geometry produced these changes?</summary>
internal sealed class InferCommand
{
    // From here on the input's arrays are worth releasing before the inference makes its own.
    private const int LargeCount = 1_000_000;

    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly string commandLine;
    private readonly CommonOptions common = new();

    private readonly Argument<string[]> files = new("FILE")
    {
        Description = "Nothing: a built-in simulated example. One file that holds the weights before and after (a CSV, TSV or Parquet table, .npz, HDF5, "
            + "safetensors): name both with --before and --after. Two files, before and after, of the same shape (.npy, .npz, HDF5, safetensors): "
            + "arrays are matched by name.",
        Arity = new ArgumentArity(0, 2),
    };

    private readonly Option<string?> before = new("--before")
    {
        Description = "Column, member, dataset or tensor of the weights before; several columns joined by commas are averaged. Example: --before size_m15,size_m10,size_m5",
        HelpName = "NAME",
    };

    private readonly Option<string?> after = new("--after")
    {
        Description = "Column, member, dataset or tensor of the weights after. Example: --after w_d24",
        HelpName = "NAME",
    };

    private readonly Option<string[]> group = new("--group")
    {
        Description = "Column that names the neuron, dendrite, animal or layer; several joined by commas make one label. Intervals then treat groups, not synapses, as independent. Example: --group dendrite",
        HelpName = "COLUMN",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string[]> where = new("--where")
    {
        Description = "Use only rows with this value; repeat for more conditions (on one column: any of the values). Example: --where cell_type=pyr --where from_split=0",
        HelpName = "COLUMN=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> id = new("--id")
    {
        Description = "Column that identifies a synapse (within its group); of rows with the same identifier the first is used. Example: --id spine",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> only = new("--only")
    {
        Description = "Of arrays matched by name, only those that match this pattern of * and ?. Example: --only '*.weight'",
        HelpName = "PATTERN",
    };

    private readonly Option<bool> positive = new("--positive")
    {
        Description = "The weights are sizes and cannot be negative: leave out and count those that are. Example: --positive",
    };

    private readonly Option<bool> excludeFlips = new("--exclude-sign-flips")
    {
        Description = "Leave out and count weights that change their sign. By default they stay, and exclude exponents of 0 and below. Example: --exclude-sign-flips",
    };

    private readonly Option<bool> normalise = new("--normalise-groups")
    {
        Description = "Divide each group's weights, before and after, by its geometric mean before: for groups on different scales. Example: --group recording --normalise-groups",
    };

    private readonly Option<string> candidates = new("--candidates")
    {
        Description = "Candidate geometries, joined by commas: negative-entropy, burg-entropy, hypentropy:BETA (in the weights' unit) or a number p > 1 for the p-norm. Example: --candidates negative-entropy,1.5,2,2.5,3",
        HelpName = "LIST",
        DefaultValueFactory = _ => "negative-entropy,1.5,2,2.5,3",
    };

    private readonly Option<string> drift = new("--drift")
    {
        Description = "Mean of the dual change: 'size' (a constant, a relative drift and a reversion to a mean size) or 'constant'. Example: --drift constant",
        HelpName = "size|constant",
        DefaultValueFactory = _ => "size",
    };

    private readonly Option<int?> bootstrap = new("--bootstrap")
    {
        Description = "Bootstrap replicates for the exponent's interval, over groups where there are any; 0 for none. By default 1000 for up to 20000 synapses, else none. Example: --bootstrap 5000",
        HelpName = "N",
    };

    private readonly Option<int> replicates = new("--gof-replicates")
    {
        Description = "Simulated samples behind each goodness-of-fit p-value. Example: --gof-replicates 10000",
        HelpName = "N",
        DefaultValueFactory = _ => 1000,
    };

    private InferCommand(string[] args, TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
        commandLine = CommandRun.CommandLine(args);
    }

    /// <summary>The command with its options.</summary>
    public static Command Create(string[] args, TextWriter output, TextWriter error)
    {
        var self = new InferCommand(args, output, error);
        var command = new Command("infer", "Which geometry produced these changes? Weights before and after in, verdict and report out.\n\n"
            + "Examples:\n"
            + "  syngeo infer --out report\n"
            + "  syngeo infer spines.csv --before day0 --after day24 --group dendrite --positive --out report\n"
            + "  syngeo infer before.safetensors after.safetensors --only '*.weight' --json result.json");
        command.Arguments.Add(self.files);
        foreach (Option option in new Option[]
        {
            self.before, self.after, self.group, self.where, self.id, self.only, self.positive, self.excludeFlips, self.normalise,
            self.candidates, self.drift, self.bootstrap, self.replicates,
        })
        {
            command.Options.Add(option);
        }

        self.common.AddTo(command);
        self.files.Validators.Add(r => CommandRun.NoOptions(r, "infer"));
        self.drift.AcceptOnlyFromAmong("size", "constant");
        self.replicates.Validators.Add(r => CommonOptions.AtLeast(r, self.replicates, 19));
        self.bootstrap.Validators.Add(r => CommandRun.NotNegative(r, self.bootstrap));
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        InferenceOptions options = new()
        {
            Candidates = CommandRun.ParseCandidates(parsed.GetValue(candidates)!),
            Drift = parsed.GetValue(drift) == "constant" ? Drift.Constant : Drift.SizeDependent,
            Bootstrap = parsed.GetValue(bootstrap),
            GoodnessOfFitReplicates = parsed.GetValue(replicates),
            Seed = parsed.GetValue(common.Seed),
            Threads = parsed.GetValue(common.Threads),
        };
        InferInput input = new()
        {
            Files = parsed.GetValue(files) ?? [],
            Before = parsed.GetValue(before),
            After = parsed.GetValue(after),
            GroupColumns = SplitAll(parsed.GetValue(group)),
            IdentifierColumn = parsed.GetValue(id),
            Where = parsed.GetValue(where) ?? [],
            Only = parsed.GetValue(only),
            PositiveOnly = parsed.GetValue(positive),
            ExcludeSignFlips = parsed.GetValue(excludeFlips),
            NormaliseGroups = parsed.GetValue(normalise),
            Threads = options.Threads,
        };
        using CommandRun run = CommandRun.Start(parsed, common, output, error);
        var notes = new List<string>();
        bool example = input.Files.Count == 0;
        (PairedWeights pairs, string description) = example ? Example(input, options, parsed) : input.Read(notes);
        if (pairs.Count > LargeCount)
        {
            // The arrays read are done with; without this they stay until the collector next looks at large arrays.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        await run.TellAsync(notes);
        (InferenceResult result, string document) = await run.ComputeAsync(progress =>
        {
            InferenceResult inferred = GeometryInference.Infer(pairs, options, progress, cancellation);
            string text = ResultJson.Write(inferred, CommandLineApplication.Version, commandLine, description);
            if (run.Folder is { } folder)
            {
                progress.Report(("report", 1));
                InferenceReport.Write(folder, inferred, new ReportContext
                {
                    Command = commandLine,
                    Version = CommandLineApplication.Version,
                    InputDescription = description,
                    SourceNote = example ? "Simulated data of known geometry: " + BuiltInExample.Description + "." : null,
                });
                File.WriteAllText(Path.Combine(folder, "result.json"), text);
            }

            cancellation.ThrowIfCancellationRequested();
            return (inferred, text);
        });

        return await run.FinishAsync(document, InferSummary.Write(result, description));
    }

    private (PairedWeights Pairs, string Description) Example(InferInput input, InferenceOptions options, ParseResult parsed)
    {
        if (input.Before is not null || input.After is not null || input.GroupColumns.Count > 0 || input.Where.Count > 0)
        {
            throw new BadInputException("--before, --after, --group and --where need a file to read.");
        }

        if (!parsed.GetValue(common.Quiet))
        {
            error.WriteLine($"syngeo: no file given; using {BuiltInExample.Description}.");
        }

        return (BuiltInExample.Draw(options.Seed), BuiltInExample.Description);
    }

    private static string[] SplitAll(string[]? values) =>
        [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
