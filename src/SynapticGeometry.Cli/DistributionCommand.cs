using System.CommandLine;
using System.Globalization;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Cli;

/// <summary>'syngeo distribution': what could have become the sizes seen at one time point?</summary>
internal sealed class DistributionCommand
{
    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly string commandLine;
    private readonly CommonOptions common = new();

    private readonly Argument<string?> file = new("FILE")
    {
        Description = "Nothing: a built-in simulated example. A file with the sizes at one time point: a CSV, TSV or Parquet table, .npy, .npz, HDF5, safetensors or PyTorch .pt.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> column = new("--column")
    {
        Description = "Column, member, dataset or tensor of the sizes; may be left out where the file has only one. Example: --column psd_area",
        HelpName = "NAME",
    };

    private readonly Option<string[]> where = new("--where")
    {
        Description = "Use only rows with this value; repeat for more conditions (on one column: any of the values). Example: --where axon_type=0 --where on_spine=1",
        HelpName = "COLUMN=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> positive = new("--positive")
    {
        Description = "Leave out and count negative values. Example: --positive",
    };

    private readonly Option<bool> absolute = new("--absolute")
    {
        Description = "Take absolute values: amplitudes of inhibitory potentials, signed weights. Example: --absolute",
    };

    private readonly Option<double> limit = new("--limit")
    {
        Description = "Detection limit in the unit of the sizes: smaller ones are left out and counted, and every fit is one of the sizes above it. Example: --limit 0.01",
        HelpName = "SIZE",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string> candidates = new("--candidates")
    {
        Description = "Candidate geometries, joined by commas: negative-entropy, burg-entropy, hypentropy:BETA (in the sizes' unit) or a number p > 1 for the p-norm. Example: --candidates negative-entropy,1.5,2,2.5,3",
        HelpName = "LIST",
        DefaultValueFactory = _ => string.Join(',', new InferenceOptions().Candidates.Select(c => c.Name)),
    };

    private readonly Option<bool> meanChange = new("--mean-change")
    {
        Description = "For normal and log-normal starts, fit also the mean change of the dual weights instead of taking it to be zero. Example: --mean-change",
    };

    private readonly Option<int?> bootstrap = new("--bootstrap")
    {
        Description = "Samples simulated and fitted behind each goodness-of-fit p-value; 0 for none. By default 199 for up to 5000 sizes, else none. Example: --bootstrap 999",
        HelpName = "N",
    };

    private DistributionCommand(string[] args, TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
        commandLine = CommandRun.CommandLine(args);
    }

    /// <summary>The command with its options.</summary>
    public static Command Create(string[] args, TextWriter output, TextWriter error)
    {
        var self = new DistributionCommand(args, output, error);
        var command = new Command("distribution", "What could have become the sizes seen at one time point? Initial distributions and geometries, fitted and compared; and what one time point cannot decide.\n\n"
            + "Examples:\n"
            + "  syngeo distribution --out report\n"
            + "  syngeo distribution synapses.csv --column psd_px --where axon_type=0 --where on_spine=1 --out report\n"
            + "  syngeo distribution amplitudes.npy --absolute --limit 0.05 --json result.json");
        command.Arguments.Add(self.file);
        foreach (Option option in new Option[] { self.column, self.where, self.positive, self.absolute, self.limit, self.candidates, self.meanChange, self.bootstrap })
        {
            command.Options.Add(option);
        }

        self.common.AddTo(command);
        self.file.Validators.Add(r => CommandRun.NoOptions(r, "distribution"));
        self.bootstrap.Validators.Add(r => CommandRun.NotNegative(r, self.bootstrap));
        self.limit.Validators.Add(r =>
        {
            if (r.Tokens.Count > 0 && double.TryParse(r.Tokens[^1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && !(value >= 0 && double.IsFinite(value)))
            {
                r.AddError($"--limit is {r.Tokens[^1].Value}; it must be finite and at least 0.");
            }
        });
        command.Validators.Add(r =>
        {
            if (r.GetValue(self.positive) && r.GetValue(self.absolute))
            {
                r.AddError("--positive and --absolute exclude each other.");
            }
        });
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        DistributionOptions options = new()
        {
            Candidates = CommandRun.ParseCandidates(parsed.GetValue(candidates)!),
            FitMeanChange = parsed.GetValue(meanChange),
            Bootstrap = parsed.GetValue(bootstrap),
            Seed = parsed.GetValue(common.Seed),
            Threads = parsed.GetValue(common.Threads),
        };
        SizeOptions sizes = new()
        {
            Limit = parsed.GetValue(limit),
            Negative = parsed.GetValue(positive) ? NegativeSizes.Exclude : parsed.GetValue(absolute) ? NegativeSizes.Absolute : NegativeSizes.Refuse,
        };
        string? path = parsed.GetValue(file);
        string[] conditions = parsed.GetValue(where) ?? [];
        if (path is null && (parsed.GetValue(column) is not null || conditions.Length > 0))
        {
            throw new BadInputException("--column and --where need a file to read.");
        }

        using CommandRun run = CommandRun.Start(parsed, common, output, error);
        (SizeSample sample, string description) = path is null
            ? (SizeSample.From<double>(BuiltInExample.DrawSizes(options.Seed), sizes), BuiltInExample.SizesDescription)
            : new DistributionInput { File = path, Column = parsed.GetValue(column), Where = conditions, Sizes = sizes }.Read();
        await run.TellAsync(path is null ? [$"no file given; using {description}."] : []);
        (DistributionResult result, string document) = await run.ComputeAsync(progress =>
        {
            DistributionResult inferred = DistributionInference.Infer(sample, options, progress, cancellation);
            string text = DistributionJson.Write(inferred, CommandLineApplication.Version, commandLine, description);
            if (run.Folder is { } folder)
            {
                progress.Report(("report", 1));
                DistributionReport.Write(folder, inferred, new ReportContext
                {
                    Command = commandLine,
                    Version = CommandLineApplication.Version,
                    InputDescription = description,
                    SourceNote = path is null ? "Simulated data of known origin: " + description + "." : null,
                });
                File.WriteAllText(Path.Combine(folder, "result.json"), text);
            }

            cancellation.ThrowIfCancellationRequested();
            return (inferred, text);
        });
        return await run.FinishAsync(document, DistributionSummary.Write(result, description));
    }
}
