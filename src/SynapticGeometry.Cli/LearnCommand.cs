using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Cli;

/// <summary>'syngeo learn': a spiking neuron learns a teacher's spikes.</summary>
internal sealed class LearnCommand
{
    private static readonly Dictionary<string, PlasticityTerms> TermNames = new()
    {
        ["homosynaptic"] = PlasticityTerms.Homosynaptic,
        ["uniform"] = PlasticityTerms.UniformHeterosynaptic,
        ["weight"] = PlasticityTerms.WeightDependentHeterosynaptic,
    };

    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly string commandLine;
    private readonly CommonOptions common = new();
    private readonly SpikingOptions spiking = new(trials: 20);

    private readonly Option<string> rule = new("--rule")
    {
        Description = $"Learning rule: {RuleNames.Listed}. Example: --rule natural",
        HelpName = "NAME",
        DefaultValueFactory = _ => "natural",
    };

    private readonly Option<double?> learningRate = new("--learning-rate")
    {
        Description = "Learning rate, as --convention says; by default that of the paper's Table 1 for 100 synapses at 10 and 50 Hz. 'syngeo tune' finds the best one. Example: --learning-rate 6e-4",
        HelpName = "ETA",
    };

    private readonly Option<double> duration = new("--duration")
    {
        Description = "Length of learning, s; with --spikes that of the recording by default. Example: --duration 4000",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 2000,
    };

    private readonly Option<string?> terms = new("--terms")
    {
        Description = $"Terms of the rule that are on, of {string.Join(", ", TermNames.Keys)}; all by default. Example: --terms homosynaptic,uniform",
        HelpName = "LIST",
    };

    private readonly Option<double?> uniformConstant = new("--cu")
    {
        Description = "c_u of the approximate rule, mV s; 0.95 by default. Example: --rule approximate --cu 0.95",
        HelpName = "CU",
    };

    private readonly Option<double?> weightConstant = new("--cw")
    {
        Description = "c_w of the approximate rule, 1/mV²; 0.05 by default. Example: --rule approximate --cw 0.05",
        HelpName = "CW",
    };

    private readonly Option<double?> every = new("--record-every")
    {
        Description = "Time between two points of the learning curve, s; a two-hundredth of the duration by default. Example: --record-every 20",
        HelpName = "SECONDS",
    };

    private readonly Option<string?> weightsAt = new("--weights-at")
    {
        Description = "Times at which all weights are kept, s, besides start and end. Example: --weights-at 500,1000",
        HelpName = "LIST",
    };

    private readonly Option<string?> trace = new("--trace")
    {
        Description = "Windows in which the first trial is kept step by step: potential, spikes of teacher and input, factors of the three terms. Example: --trace 0:0.5,1999:2000",
        HelpName = "FROM:TO,...",
    };

    private readonly Option<int> costSamples = new("--cost-samples")
    {
        Description = "Samples of the synaptic potentials over which the distance of student and teacher is taken. Example: --cost-samples 50",
        HelpName = "N",
        DefaultValueFactory = _ => 50,
    };

    private readonly Option<double> costDuration = new("--cost-duration")
    {
        Description = "Length of the input before each of these samples, s. Example: --cost-duration 0.25",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 0.25,
    };

    private readonly Option<double> targetDivergence = new("--target-dkl")
    {
        Description = "Distance from the teacher, D_KL a step, whose time is reported. Example: --target-dkl 5e-5",
        HelpName = "NATS",
        DefaultValueFactory = _ => 5e-5,
    };

    private readonly Option<string?> checkpoint = new("--checkpoint")
    {
        Description = "File that keeps the run's state, written every minute and when interrupted; where it exists, the same command goes on from it, to the same numbers. Example: --checkpoint run.state",
        HelpName = "FILE",
    };

    private LearnCommand(string[] args, TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
        commandLine = CommandRun.CommandLine(args);
    }

    /// <summary>The command with its options.</summary>
    public static Command Create(string[] args, TextWriter output, TextWriter error)
    {
        var self = new LearnCommand(args, output, error);
        var command = new Command("learn", "A spiking neuron learns a teacher's spikes under a learning rule, in many trials side by side. Prints how fast it comes close; --out writes curves, weights and figures.\n\n"
            + "Examples:\n"
            + "  syngeo learn\n"
            + "  syngeo learn --rule euclidean --duration 10000 --trials 100 --out euclidean\n"
            + "  syngeo learn --rule exponentiated-gradient --learning-rate 5e-5 --excitatory 0.8 --json -\n"
            + "  syngeo learn --spikes units.nwb --teacher 20 --checkpoint run.state --out recorded");
        command.Options.Add(self.rule);
        command.Options.Add(self.learningRate);
        command.Options.Add(self.duration);
        self.spiking.AddTo(command);
        foreach (Option option in new Option[]
        {
            self.terms, self.uniformConstant, self.weightConstant, self.every, self.weightsAt, self.trace, self.costSamples, self.costDuration, self.targetDivergence, self.checkpoint,
        })
        {
            command.Options.Add(option);
        }

        self.common.AddTo(command);
        self.costSamples.Validators.Add(r => CommonOptions.AtLeast(r, self.costSamples, 1));
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        SpikingInput input = spiking.Read(parsed, common);
        string name = RuleNames.Checked("--rule", parsed.GetValue(rule)!);
        LearningStudy study = Study(parsed, input, name);
        ulong seed = parsed.GetValue(common.Seed);
        int threads = parsed.GetValue(common.Threads);
        double target = SpikingOptions.Positive(parsed, targetDivergence);
        string? state = parsed.GetValue(checkpoint);
        LearningRecord record = LearningCheckpoint.Open(state, study, seed);
        using CommandRun run = CommandRun.Start(parsed, common, output, error);
        if (record.Begun)
        {
            await run.TellAsync([$"going on from {state}."]);
        }

        LearningOutcome outcome;
        string document;
        try
        {
            (outcome, document) = await run.ComputeAsync(progress =>
            {
                var clock = Stopwatch.StartNew();
                LearningResult result = LearningCheckpoint.Run(study, seed, threads, record, state, progress, cancellation);
                LearningOutcome made = new(result, name, input.Convention, Rate(parsed, name), target)
                {
                    Description = input.Describe(study.Ensemble),
                    WallSeconds = clock.Elapsed.TotalSeconds,
                    Threads = threads,
                };
                string text = LearnJson.Write(made, CommandLineApplication.Version, commandLine);
                if (run.Folder is { } folder)
                {
                    progress.Report(("report", 1));

                    // Drawing takes as much memory as learning did, and need not have it beside that: given back, not only free.
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    ReportContext context = new() { Command = commandLine, Version = CommandLineApplication.Version, InputDescription = made.Description };
                    LearningReport.Write(folder, made, context);
                    LearnArrays.Write(folder, made, context);
                    File.WriteAllText(Path.Combine(folder, "result.json"), text);
                }

                cancellation.ThrowIfCancellationRequested();
                return (made, text);
            });
        }
        catch (OperationCanceledException) when (state is not null && record.Begun)
        {
            LearningCheckpoint.Save(state, record, study, seed);
            await error.WriteLineAsync($"syngeo: interrupted; the state is in {state}, and the same command goes on from there.");
            return ExitStatus.Interrupted;
        }

        return await run.FinishAsync(document, LearnSummary.Write(outcome));
    }

    private LearningStudy Study(ParseResult parsed, SpikingInput input, string name)
    {
        SpikingEnsemble ensemble = input.Build(name, Eta(parsed), (made, neuron, spikes) => Adapted(parsed, name, made, neuron, spikes));
        double length = SpikingOptions.Positive(parsed, duration);
        if (ensemble.Input is RecordedInput { Trains.Duration: var recorded })
        {
            bool given = parsed.GetResult(duration) is { Implicit: false };
            length = given ? length : recorded - (2 * input.TimeStep);
            if (length > recorded)
            {
                throw new BadInputException(FormattableString.Invariant($"--duration is {length} s, and the recording {input.Spikes} is {recorded} s long."));
            }
        }

        return new LearningStudy
        {
            Ensemble = ensemble,
            Duration = length,
            RecordInterval = SpikingOptions.Positive(parsed, every),
            CostSamples = parsed.GetValue(costSamples),
            CostDuration = SpikingOptions.Positive(parsed, costDuration),
            WeightTimes = parsed.GetValue(weightsAt) is { } times ? NumberText.List("--weights-at", times, "a time in s", "500,1000") : [],
            Windows = parsed.GetValue(trace) is { } windows ? [.. windows.Split(',').Select(w => Window(windows, w))] : [],
            Label = string.Create(CultureInfo.InvariantCulture, $"{name}|{parsed.GetValue(uniformConstant)}|{parsed.GetValue(weightConstant)}|{parsed.GetValue(terms)}|{input.Label}"),
        };
    }

    private static TimeWindow Window(string all, string text)
    {
        string[] ends = text.Split(':');
        return ends.Length == 2 && NumberText.Parse(ends[0]) is { } from && NumberText.Parse(ends[1]) is { } to
            ? new TimeWindow(from, to)
            : throw new BadInputException($"--trace '{all}': '{text.Trim()}' is no window; start and end in s are needed, such as 0:0.5.");
    }

    private double? Eta(ParseResult parsed) => parsed.GetValue(learningRate) switch
    {
        null => null,
        { } eta when eta >= 0 && double.IsFinite(eta) => eta,
        { } eta => throw new BadInputException(FormattableString.Invariant($"--learning-rate is {eta}; it must be finite and not negative.")),
    };

    private double Rate(ParseResult parsed, string name) => Eta(parsed) ?? RuleNames.LearningRate(name);

    private PlasticityRule Adapted(ParseResult parsed, string name, PlasticityRule made, PoissonNeuron neuron, SpikeInput input)
    {
        (double? cu, double? cw) = (parsed.GetValue(uniformConstant), parsed.GetValue(weightConstant));
        if (cu is not null || cw is not null)
        {
            made = made is ThreeTermPlasticity { Form: ApproximateNaturalForm form } approximate
                ? approximate with { Form = form with { Uniform = cu ?? form.Uniform, WeightDependent = cw ?? form.WeightDependent } }
                : throw new BadInputException($"--cu and --cw are constants of the approximate rule; the rule is {name}.");
        }

        if (parsed.GetValue(terms) is not { } text)
        {
            return made;
        }

        PlasticityTerms on = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(PlasticityTerms.None, (sum, t) => sum | TermNames[RuleNames.CheckedName("--terms", t, TermNames.Keys, string.Join(", ", TermNames.Keys))]);
        return made.ThreeTerms(neuron.Parametrization, input.Synapses) is { } three
            ? new ThreeTermPlasticity(three) { LearningRate = made.LearningRate, Terms = on }
            : throw new BadInputException($"--terms: the rule {name} is not of three terms.");
    }
}
