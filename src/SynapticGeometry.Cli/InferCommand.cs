using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
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
            + "safetensors, PyTorch .pt): name both with --before and --after. Two files, before and after, of the same shape (.npy, .npz, HDF5, safetensors, .pt): "
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

    private readonly Option<string?> measurementError = new("--error")
    {
        Description = "Relative error of one measurement of a size (standard deviation of its logarithm), or 'none' where sizes are exact, or 'sessions' to estimate it from three or more sessions as what the next session undoes. Left out: estimated from controls or repeated columns where there are any, else not known. Example: --error 0.08",
        HelpName = "TAU|none|sessions",
    };

    private readonly Option<double?> additiveError = new("--error-additive")
    {
        Description = "Standard deviation of an additive error, in the unit of the sizes, besides the relative one. Example: --error 0.08 --error-additive 0.01",
        HelpName = "SIZE",
    };

    private readonly Option<string?> control = new("--control")
    {
        Description = "Table of controls: the same synapses measured twice or more with nothing learned between. The error is estimated from them together with the geometry. Example: --control repeats.csv --control-columns first,second",
        HelpName = "FILE",
    };

    private readonly Option<string?> controlColumns = new("--control-columns")
    {
        Description = "Columns of the repeated measurements, of --control or of the table itself; by default those of --before and --after. Example: --control-columns size_m15,size_m10,size_m5",
        HelpName = "NAMES",
    };

    private readonly Option<string[]> controlWhere = new("--control-where")
    {
        Description = "Rows that are controls, as for --where. Example: --control-where condition=Sham",
        HelpName = "COLUMN=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<double?> limit = new("--limit")
    {
        Description = "Smallest size that can be detected, in the unit of the sizes; sizes of 0 or below it count as vanished. Example: --limit 0.02",
        HelpName = "SIZE",
    };

    private readonly Option<string> vanished = new("--vanished")
    {
        Description = "Synapses below the limit: 'recorded' (in the table, as 0), 'not-recorded' (missing from it) or 'ignored'. By default by what the table holds. Example: --limit 0.02 --vanished not-recorded",
        HelpName = "recorded|not-recorded|ignored|auto",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string> method = new("--method")
    {
        Description = "Likelihood of measured sizes: 'exact', 'small-change' (variance components), 'latent-size' (hidden true sizes on a grid) or 'auto'. Example: --error 0.1 --method latent-size",
        HelpName = "auto|exact|small-change|latent-size",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<bool> sensitivity = new("--sensitivity")
    {
        Description = "Refit under other errors, limits, without tails, and without each group in turn; always done for a report. Example: --sensitivity",
    };

    private readonly Option<string?> sessions = new("--sessions")
    {
        Description = "Columns of several imaging sessions, in order, in place of --before and --after: all of them as one hidden chain, or pairs with --interval. Example: --sessions w_d0,w_d4,w_d8",
        HelpName = "NAMES",
    };

    private readonly Option<string?> times = new("--times")
    {
        Description = "Times of --sessions; by default the numbers at the ends of their names. Example: --times 0,4,8",
        HelpName = "NUMBERS",
    };

    private readonly Option<string?> synapse = new("--synapse")
    {
        Description = "Column of a long table that names the synapse (within its group). Example: --synapse spine --session day --size volume",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> session = new("--session")
    {
        Description = "Column of a long table that holds the session, a number. Example: --session day",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> size = new("--size")
    {
        Description = "Column of a long table that holds the size, 0 where the synapse was looked for and not seen. Example: --size volume",
        HelpName = "COLUMN",
    };

    private readonly Option<double?> interval = new("--interval")
    {
        Description = "Use all pairs of sessions that are so far apart. Example: --interval 8",
        HelpName = "TIME",
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
            + "  syngeo infer spines.csv --before day0 --after day24 --control-columns first,second --limit 0.02 --positive --out report\n"
            + "  syngeo infer spines.csv --synapse spine --session day --size volume --group neuron --error 0.08 --out report\n"
            + "  syngeo infer before.safetensors after.safetensors --only '*.weight' --json result.json");
        command.Arguments.Add(self.files);
        foreach (Option option in new Option[]
        {
            self.before, self.after, self.group, self.where, self.id, self.only, self.positive, self.excludeFlips, self.normalise,
            self.measurementError, self.additiveError, self.control, self.controlColumns, self.controlWhere, self.limit, self.vanished, self.method,
            self.sensitivity, self.sessions, self.times, self.synapse, self.session, self.size, self.interval, self.candidates, self.drift, self.bootstrap, self.replicates,
        })
        {
            command.Options.Add(option);
        }

        self.common.AddTo(command);
        self.files.Validators.Add(r => CommandRun.NoOptions(r, "infer"));
        self.drift.AcceptOnlyFromAmong("size", "constant");
        self.vanished.AcceptOnlyFromAmong("recorded", "not-recorded", "ignored", "auto");
        self.method.AcceptOnlyFromAmong("auto", "exact", "small-change", "latent-size");
        self.additiveError.Validators.Add(r => Positive(r, self.additiveError));
        self.limit.Validators.Add(r => Positive(r, self.limit));
        self.interval.Validators.Add(r => Positive(r, self.interval));
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
            Measurement = new SizeInput
            {
                Error = parsed.GetValue(measurementError),
                AdditiveError = parsed.GetValue(additiveError),
                ControlFile = parsed.GetValue(control),
                ControlColumns = parsed.GetValue(controlColumns),
                ControlWhere = parsed.GetValue(controlWhere) ?? [],
                Limit = parsed.GetValue(limit),
                Vanished = parsed.GetValue(vanished) switch
                {
                    "recorded" => VanishedSynapses.Recorded,
                    "not-recorded" => VanishedSynapses.NotRecorded,
                    "ignored" => VanishedSynapses.Ignored,
                    _ => null,
                },
                Method = parsed.GetValue(method) switch
                {
                    "exact" => MeasurementMethod.Exact,
                    "small-change" => MeasurementMethod.SmallChange,
                    "latent-size" => MeasurementMethod.LatentSize,
                    _ => MeasurementMethod.Automatic,
                },
                Sensitivity = parsed.GetValue(sensitivity) || parsed.GetValue(common.Out) is not null,
                Sessions = parsed.GetValue(sessions),
                Times = parsed.GetValue(times),
                SynapseColumn = parsed.GetValue(synapse),
                SessionColumn = parsed.GetValue(session),
                SizeColumn = parsed.GetValue(size),
                Interval = parsed.GetValue(interval),
            },
        };
        using CommandRun run = CommandRun.Start(parsed, common, output, error);
        var notes = new List<string>();
        bool example = input.Files.Count == 0;
        InferData data = example ? Example(input, options, parsed) : input.Read(notes);
        (PairedWeights pairs, string description) = (data.Pairs, data.Description);
        if (pairs.Count > LargeCount)
        {
            // The arrays read are done with; without this they stay until the collector next looks at large arrays.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        await run.TellAsync(notes);
        (InferenceResult result, string document) = await run.ComputeAsync(progress =>
        {
            options = options with { GroupsAreLayers = data.Layers };
            InferenceResult inferred = data.Sizes is null
                ? GeometryInference.Infer(pairs, options, progress, cancellation)
                : GeometryInference.Infer(pairs, data.Sizes, data.Measurement!, options, progress, cancellation);
            if (data.Sessions is { } all)
            {
                inferred = inferred with { Intervals = all.Compare(inferred, input.NormaliseGroups, cancellation) };
            }

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

    private InferData Example(InferInput input, InferenceOptions options, ParseResult parsed)
    {
        if (input.Before is not null || input.After is not null || input.GroupColumns.Count > 0 || input.Where.Count > 0 || input.Measurement.NeedsFile)
        {
            throw new BadInputException("--before, --after, --group, --where, controls, sessions and limits need a file to read.");
        }

        if (!parsed.GetValue(common.Quiet))
        {
            error.WriteLine($"syngeo: no file given; using {BuiltInExample.Description}.");
        }

        return input.FromExample(BuiltInExample.Draw(options.Seed), BuiltInExample.Description);
    }

    private static void Positive(OptionResult result, Option<double?> option)
    {
        if (result.Tokens.Count > 0 && double.TryParse(result.Tokens[^1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && !(value > 0 && double.IsFinite(value)))
        {
            result.AddError($"{option.Name} is {result.Tokens[^1].Value}; it must be positive and finite.");
        }
    }

    internal static string[] SplitAll(string[]? values) =>
        [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
