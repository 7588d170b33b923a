using System.CommandLine;
using System.Globalization;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Cli;

/// <summary>'syngeo power': how many synapses, which interval, which error?</summary>
internal sealed class PowerCommand
{
    private const int DefaultDataSets = 200;

    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly string commandLine;
    private readonly CommonOptions common = new();

    private readonly Argument<string?> file = new("FILE")
    {
        Description = "Nothing: a plan from the numbers of the options. A pilot table (CSV, TSV, Parquet) with sizes before and after: its sizes, groups and changes are used, and simulated.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> before = new("--before")
    {
        Description = "Pilot: column of the sizes before; several columns joined by commas are averaged. Example: --before day0",
        HelpName = "NAME",
    };

    private readonly Option<string?> after = new("--after")
    {
        Description = "Pilot: column of the sizes after. Several joined by commas, with as many --interval, measure how changes grow; the first is planned with. Example: --after day1,day7 --interval 1,7",
        HelpName = "NAMES",
    };

    private readonly Option<string[]> group = new("--group")
    {
        Description = "Pilot: column that names the dendrite, neuron or animal; whole groups are simulated and count as independent. Example: --group dendrite",
        HelpName = "COLUMN",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string[]> where = new("--where")
    {
        Description = "Pilot: use only rows with this value; repeat for more conditions. Example: --where cell_type=pyr",
        HelpName = "COLUMN=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> controlBefore = new("--control-before")
    {
        Description = "Pilot: column of a first measurement with nothing learned before the second; their difference gives the error. Example: --control-before repeat1 --control-after repeat2",
        HelpName = "NAME",
    };

    private readonly Option<string?> controlAfter = new("--control-after")
    {
        Description = "Pilot: column of the second of two control measurements. Example: --control-before repeat1 --control-after repeat2",
        HelpName = "NAME",
    };

    private readonly Option<double?> limit = new("--limit")
    {
        Description = "Smallest size that is seen, in the unit of the pilot's sizes; without a pilot, in units of the typical size. Example: --limit 0.02",
        HelpName = "SIZE",
    };

    private readonly Option<double?> spread = new("--spread")
    {
        Description = "S, standard deviation of ln(size); 0.83 (by default) means that mean and standard deviation of the sizes are equal. Example: --spread 0.6",
        HelpName = "S",
    };

    private readonly Option<double?> change = new("--change")
    {
        Description = "c, standard deviation of the relative change of a typical synapse between sessions; 0.2 by default, or the pilot's. Example: --change 0.15",
        HelpName = "C",
    };

    private readonly Option<double?> measurement = new("--error")
    {
        Description = "Standard deviation of the relative error of one measurement; 0.1 by default, with a pilot that of the controls, or none. Example: --error 0.08",
        HelpName = "TAU",
    };

    private readonly Option<double?> kurtosis = new("--kurtosis")
    {
        Description = "Kurtosis of the changes: 3 if normal (by default), 6 with heavy tails; with a pilot its own, or 3 if that is less. Example: --kurtosis 6",
        HelpName = "K",
    };

    private readonly Option<string> distinguish = new("--distinguish")
    {
        Description = "The exponent taken to be true and the one to reject: numbers (0 multiplicative, 1 additive) or names (multiplicative, additive, negative-entropy, burg-entropy, 1.5-norm, ...). Example: --distinguish 0,1",
        HelpName = "A,B",
        DefaultValueFactory = _ => "0,0.5",
    };

    private readonly Option<double> power = new("--power")
    {
        Description = "Wanted probability of rejecting the wrong exponent. Example: --power 0.8",
        HelpName = "P",
        DefaultValueFactory = _ => 0.9,
    };

    private readonly Option<double> level = new("--level")
    {
        Description = "Two-sided level of the test. Example: --level 0.01",
        HelpName = "A",
        DefaultValueFactory = _ => 0.05,
    };

    private readonly Option<int?> synapses = new("--synapses")
    {
        Description = "A number of synapses whose power is wanted. Example: --synapses 120",
        HelpName = "N",
    };

    private readonly Option<double?> halfWidth = new("--half-width")
    {
        Description = "How far the interval of the exponent may reach to either side; the synapses that takes. Example: --half-width 0.2",
        HelpName = "W",
    };

    private readonly Option<string> interval = new("--interval")
    {
        Description = "Interval between the sessions at which the change is seen, in any unit; one for each column of --after. Example: --interval 7",
        HelpName = "T",
        DefaultValueFactory = _ => "1",
    };

    private readonly Option<string?> intervals = new("--intervals")
    {
        Description = "Other intervals to look at, in the unit of --interval; by default half to eight times that. Example: --interval 7 --intervals 1,7,14,28",
        HelpName = "LIST",
    };

    private readonly Option<string> drift = new("--drift")
    {
        Description = "Mean of the change that will be fitted: 'size' (as 'syngeo infer' does) or 'constant'. Example: --drift constant",
        HelpName = "size|constant",
        DefaultValueFactory = _ => "size",
    };

    private readonly Option<bool> simulate = new("--simulate")
    {
        Description = "Simulate without a pilot too, with log-normal sizes. Example: --simulate",
    };

    private readonly Option<int?> dataSets = new("--datasets")
    {
        Description = "Simulated data sets for each number of synapses and each error; 200 by default, 0 for none. Example: --datasets 1000",
        HelpName = "N",
    };

    private readonly Option<double> exponentSpread = new("--exponent-spread")
    {
        Description = "Simulation with groups: standard deviation of the true exponent between them. Example: --exponent-spread 0.2",
        HelpName = "T",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int> groupSize = new("--group-size")
    {
        Description = "Simulation without a pilot: synapses in a group (a dendrite, say); 0 for no groups. Example: --simulate --group-size 10 --exponent-spread 0.2",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string> model = new("--model")
    {
        Description = "Model of the simulated analysis where there is error: 'auto' (small-change; latent-size with a limit) or 'latent-size', which is right for large changes too and slow. Example: --model latent-size",
        HelpName = "auto|latent-size",
        DefaultValueFactory = _ => "auto",
    };

    private PowerCommand(string[] args, TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
        commandLine = CommandRun.CommandLine(args);
    }

    /// <summary>The command with its options.</summary>
    public static Command Create(string[] args, TextWriter output, TextWriter error)
    {
        var self = new PowerCommand(args, output, error);
        var command = new Command("power", "How many synapses, how long between sessions, how good a measurement? By formula, and by simulation from a pilot.\n\n"
            + "Examples:\n"
            + "  syngeo power\n"
            + "  syngeo power --spread 0.6 --change 0.3 --error 0.1 --distinguish multiplicative,additive --synapses 100\n"
            + "  syngeo power pilot.csv --before day0 --after day7 --group dendrite --error 0.08 --out plan");
        command.Arguments.Add(self.file);
        foreach (Option option in new Option[]
        {
            self.before, self.after, self.group, self.where, self.controlBefore, self.controlAfter, self.limit, self.spread, self.change, self.measurement, self.kurtosis,
            self.distinguish, self.power, self.level, self.synapses, self.halfWidth, self.interval, self.intervals, self.drift, self.simulate, self.dataSets, self.exponentSpread,
            self.groupSize, self.model,
        })
        {
            command.Options.Add(option);
        }

        self.common.AddTo(command);
        self.file.Validators.Add(r => CommandRun.NoOptions(r, "power"));
        self.drift.AcceptOnlyFromAmong("size", "constant");
        self.model.AcceptOnlyFromAmong("auto", "latent-size");
        self.dataSets.Validators.Add(r => CommandRun.NotNegative(r, self.dataSets));
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using CommandRun run = CommandRun.Start(parsed, common, output, error);
        (PowerAnalysis analysis, string document, string description) = await run.ComputeAsync(progress =>
        {
            (PowerOptions options, string input) = Options(parsed, cancellation);
            PowerAnalysis made = PowerAnalysis.Of(options, progress, cancellation);
            string text = PowerJson.Write(made, CommandLineApplication.Version, commandLine, input);
            if (run.Folder is { } folder)
            {
                progress.Report(("report", 1));
                PowerReport.Write(folder, made, new ReportContext { Command = commandLine, Version = CommandLineApplication.Version, InputDescription = input });
                File.WriteAllText(Path.Combine(folder, "result.json"), text);
            }

            cancellation.ThrowIfCancellationRequested();
            return (made, text, input);
        });
        return await run.FinishAsync(document, PowerSummary.Write(analysis, description));
    }

    private (PowerOptions Options, string Description) Options(ParseResult parsed, CancellationToken cancellation)
    {
        string? path = parsed.GetValue(file);
        (double truth, double alternative) = Exponents(parsed.GetValue(distinguish)!);
        double[] measured = Numbers(parsed.GetValue(interval)!, interval);
        double? smallest = parsed.GetValue(limit);
        if (smallest is { } l && !(l > 0 && double.IsFinite(l)))
        {
            throw new BadInputException(FormattableString.Invariant($"--limit is {l}; a size above 0 is needed."));
        }

        if (parsed.GetValue(synapses) is { } n && n < PowerSimulation.FewestSynapses)
        {
            throw new BadInputException($"--synapses is {n}; it must be at least {PowerSimulation.FewestSynapses}.");
        }

        if (parsed.GetValue(halfWidth) is { } w && !(w > 0 && double.IsFinite(w)))
        {
            throw new BadInputException(FormattableString.Invariant($"--half-width is {w}; it must be above 0."));
        }

        var plan = new PowerFormula
        {
            SizeSpread = parsed.GetValue(spread) ?? 0.83,
            Change = parsed.GetValue(change) ?? 0.2,
            Error = parsed.GetValue(measurement) ?? 0.1,
            Kurtosis = parsed.GetValue(kurtosis) ?? 3,
            Truth = truth,
            Alternative = alternative,
            Level = parsed.GetValue(level),
            Power = parsed.GetValue(power),
            Drift = parsed.GetValue(drift) == "constant" ? Drift.Constant : Drift.SizeDependent,
        };
        Checked(plan);
        IReadOnlyList<PowerPilot> pilots = [];
        string description = "no pilot: the numbers of the options, log-normal sizes";
        if (path is not null)
        {
            (pilots, description) = Pilot(parsed, path, smallest, cancellation);
            plan = Checked(plan with
            {
                SizeSpread = pilots[0].SizeSpread,
                Change = parsed.GetValue(change) ?? pilots[0].Change,
                Error = Math.Sqrt(pilots[0].Error.Variance(pilots[0].Sizes.LogUnit)),
                Kurtosis = parsed.GetValue(kurtosis) ?? Math.Max(3, pilots[0].Kurtosis),
            });
        }
        else
        {
            NoPilot(parsed);
        }

        if (measured.Length != Math.Max(1, pilots.Count))
        {
            throw new BadInputException($"--interval has {measured.Length} intervals for {Math.Max(1, pilots.Count)} columns after; give one for each.");
        }

        PowerPilot? pilot = pilots.Count > 0 ? pilots[0] : null;
        double growth = measured.Length == 1 ? PowerFormula.RandomWalk : Grown(measured, pilots);
        int sets = parsed.GetValue(dataSets) ?? (path is not null || parsed.GetValue(simulate) ? DefaultDataSets : 0);
        int size = parsed.GetValue(groupSize);
        double between = parsed.GetValue(exponentSpread);
        if (size < 0 || !(between >= 0 && double.IsFinite(between)))
        {
            throw new BadInputException(FormattableString.Invariant($"--group-size is {size} and --exponent-spread {between}; both must be at least 0."));
        }

        if (between > 0 && size == 0 && pilot?.Sizes.GroupOf is null)
        {
            throw new BadInputException("--exponent-spread is between groups: name them with --group, or give --group-size without a pilot.");
        }

        return (
            new PowerOptions
            {
                Experiment = plan,
                Pilot = pilot,
                Synapses = parsed.GetValue(synapses),
                HalfWidth = parsed.GetValue(halfWidth),
                Interval = measured[0],
                Intervals = parsed.GetValue(intervals) is { } list ? Numbers(list, intervals) : [.. new[] { 0.5, 1, 2, 4, 8 }.Select(f => f * measured[0])],
                Growth = growth,
                GrowthMeasured = measured.Length > 1,
                DataSets = sets,
                DetectionLimit = path is null ? smallest : null,
                SynapsesPerGroup = path is null ? size : 0,
                ExponentSpread = between,
                Model = parsed.GetValue(model) == "auto" ? PowerAnalysisModel.Automatic : PowerAnalysisModel.LatentSize,
                Seed = parsed.GetValue(common.Seed),
                Threads = parsed.GetValue(common.Threads),
            },
            description);
    }

    private (IReadOnlyList<PowerPilot> Pilots, string Description) Pilot(ParseResult parsed, string path, double? smallest, CancellationToken cancellation)
    {
        string? first = parsed.GetValue(controlBefore), second = parsed.GetValue(controlAfter);
        if ((first is null) != (second is null))
        {
            throw new BadInputException($"{(first is null ? "--control-before" : "--control-after")} is missing: controls are two measurements.");
        }

        if (first is not null && parsed.GetValue(measurement) is not null)
        {
            throw new BadInputException("--error and --control-before both say how large the error is; give one of them.");
        }

        if (parsed.GetValue(spread) is not null || parsed.GetValue(groupSize) > 0)
        {
            throw new BadInputException("--spread and --group-size are for plans without a pilot; sizes and groups come from the pilot.");
        }

        string Column(Option<string?> option) => parsed.GetValue(option) ?? throw new BadInputException($"{option.Name} is missing: name the column of {path} with the sizes {option.Name.TrimStart('-')}.");
        var input = new PowerInput
        {
            File = path,
            Before = Column(before),
            After = Column(after),
            GroupColumns = InferCommand.SplitAll(parsed.GetValue(group)),
            Where = parsed.GetValue(where) ?? [],
            Controls = first is null ? null : (first, second!),
            Error = parsed.GetValue(measurement),
            Limit = smallest,
        };
        return input.Read(cancellation);
    }

    private void NoPilot(ParseResult parsed)
    {
        if (parsed.GetValue(before) is not null || parsed.GetValue(after) is not null || parsed.GetValue(controlBefore) is not null || parsed.GetValue(controlAfter) is not null
            || parsed.GetValue(group) is { Length: > 0 } || parsed.GetValue(where) is { Length: > 0 })
        {
            throw new BadInputException("--before, --after, --control-before, --control-after, --group and --where need a pilot file to read.");
        }
    }

    private static PowerFormula Checked(PowerFormula plan)
    {
        try
        {
            plan.MustBeValid();
            return plan;
        }
        catch (ArgumentOutOfRangeException problem)
        {
            throw new BadInputException(problem.Message);
        }
    }

    private static double Grown(double[] measured, IReadOnlyList<PowerPilot> pilots)
    {
        try
        {
            return PowerFormula.GrowthOf(measured, [.. pilots.Select(p => p.Change)]);
        }
        catch (ArgumentException problem)
        {
            throw new BadInputException("--interval: " + problem.Message);
        }
    }

    private static double[] Numbers(string list, Option option)
    {
        double[] numbers = [.. InferCommand.SplitAll([list]).Select(t => double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out double v) ? v : double.NaN)];
        return numbers.Length > 0 && numbers.All(v => v > 0 && double.IsFinite(v))
            ? numbers
            : throw new BadInputException($"{option.Name} '{list}': numbers above 0, joined by commas, are needed.");
    }

    private static (double Truth, double Alternative) Exponents(string text)
    {
        string[] parts = InferCommand.SplitAll([text]);
        return parts.Length == 2
            ? (Exponent(parts[0]), Exponent(parts[1]))
            : throw new BadInputException($"--distinguish '{text}': two exponents or geometries joined by a comma are needed, for example 0,1.");
    }

    private static double Exponent(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            return number;
        }

        try
        {
            return text switch
            {
                "multiplicative" => 0,
                "additive" or "euclidean" => 1,
                _ => Potential.Parse(text).Exponent ?? throw new BadInputException($"--distinguish: {text} has no exponent; plan with one of the power family."),
            };
        }
        catch (FormatException problem)
        {
            throw new BadInputException($"--distinguish: {problem.Message} Or an exponent, multiplicative or additive.");
        }
    }
}
