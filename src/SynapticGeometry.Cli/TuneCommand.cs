using System.CommandLine;
using SynapticGeometry.Data;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Cli;

/// <summary>'syngeo tune': the best learning rate of each rule, under one budget for all.</summary>
internal sealed class TuneCommand
{
    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly string commandLine;
    private readonly CommonOptions common = new();
    private readonly SpikingOptions spiking = new(trials: 50);

    private readonly Option<string> rules = new("--rule")
    {
        Description = $"Learning rules, joined by commas: {RuleNames.Listed}. Example: --rule natural,euclidean",
        HelpName = "LIST",
        DefaultValueFactory = _ => "natural,approximate,euclidean",
    };

    private readonly Option<int> evaluations = new("--evaluations")
    {
        Description = "Learning rates to try for each rule. Example: --evaluations 12",
        HelpName = "N",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<double> duration = new("--duration")
    {
        Description = "Longest time that is simulated for each learning rate, s; a run ends before where the target is reached or another rate is twice as fast. Example: --duration 10000",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 8000,
    };

    private readonly Option<double> target = new("--target-rmse")
    {
        Description = "Difference of rates between student and teacher to reach, root mean square, Hz. Example: --target-rmse 0.8",
        HelpName = "HZ",
        DefaultValueFactory = _ => 0.8,
    };

    private readonly Option<string> criterion = new("--criterion")
    {
        Description = "What is best: the rate that reaches the target soonest, or the largest whose remaining error is the target at most, as in the paper. Example: --criterion residual",
        HelpName = "fastest|residual",
        DefaultValueFactory = _ => "fastest",
    };

    private readonly Option<double?> start = new("--start")
    {
        Description = "First learning rate to try, as --convention says; by default that of the paper's Table 1. Example: --rule natural --start 1e-3",
        HelpName = "ETA",
    };

    private TuneCommand(string[] args, TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
        commandLine = CommandRun.CommandLine(args);
    }

    /// <summary>The command with its options.</summary>
    public static Command Create(string[] args, TextWriter output, TextWriter error)
    {
        var self = new TuneCommand(args, output, error);
        var command = new Command("tune", "The best learning rate of each rule for a spiking neuron, found under the same budget for every rule, so that rules are compared fairly.\n\n"
            + "Examples:\n"
            + "  syngeo tune --rule natural\n"
            + "  syngeo tune --rule natural,euclidean --rates 20,40 --trials 100 --out tuned\n"
            + "  syngeo tune --criterion residual --convention released --json -");
        command.Options.Add(self.rules);
        command.Options.Add(self.evaluations);
        command.Options.Add(self.duration);
        command.Options.Add(self.target);
        command.Options.Add(self.criterion);
        command.Options.Add(self.start);
        self.spiking.AddTo(command);
        self.common.AddTo(command);
        self.evaluations.Validators.Add(r => CommonOptions.AtLeast(r, self.evaluations, 3));
        self.criterion.AcceptOnlyFromAmong("fastest", "residual");
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        SpikingInput input = spiking.Read(parsed, common);
        string[] names = [.. parsed.GetValue(rules)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(n => RuleNames.Checked("--rule", n)).Distinct()];
        double? first = SpikingOptions.Positive(parsed, start);
        if (names.Length == 0 || (first is not null && names.Length > 1))
        {
            throw new BadInputException(names.Length == 0 ? "--rule is empty; name at least one rule, for example natural." : "--start goes with one rule: each has a learning rate of its own.");
        }

        double length = SpikingOptions.Positive(parsed, duration);
        (string Name, SpikingEnsemble Ensemble, LearningRateSearch Search)[] searches = [.. names.Select(n => Search(parsed, input, n, first, length))];
        using CommandRun run = CommandRun.Start(parsed, common, output, error);
        int threads = parsed.GetValue(common.Threads);
        ulong seed = parsed.GetValue(common.Seed);
        (TuningOutcome outcome, string document) = await run.ComputeAsync(progress =>
        {
            List<TunedRule> tuned = [];
            foreach ((string name, SpikingEnsemble ensemble, LearningRateSearch search) in searches)
            {
                double share = 1.0 / searches.Length, before = tuned.Count * share;
                progress.Report((name, before));
                LearningRateResult result = Run(search, seed, threads, new Relay<double>(done => progress.Report((name, before + (share * done)))), cancellation);
                double published = ensemble.Neuron.Transfer is SigmoidTransfer sigmoid ? input.Convention.Published(1, sigmoid) : 1;
                tuned.Add(new TunedRule(name, search, result, published));
            }

            TuningOutcome made = new(tuned, input.Convention, input.Trials, length, seed) { Note = Differences([.. searches.Select(s => (s.Name, s.Ensemble))]) };
            string description = input.Describe(searches[0].Ensemble), text = TuneJson.Write(made, CommandLineApplication.Version, commandLine, description);
            if (run.Folder is { } folder)
            {
                progress.Report(("report", 1));
                TuningReport.Write(folder, made, new ReportContext { Command = commandLine, Version = CommandLineApplication.Version, InputDescription = description });
                File.WriteAllText(Path.Combine(folder, "result.json"), text);
            }

            cancellation.ThrowIfCancellationRequested();
            return (made, text);
        });
        return await run.FinishAsync(document, TuneSummary.Write(outcome, input.Describe(searches[0].Ensemble)));
    }

    private (string Name, SpikingEnsemble Ensemble, LearningRateSearch Search) Search(ParseResult parsed, SpikingInput input, string name, double? first, double length)
    {
        SpikingEnsemble ensemble = input.Build(name, first);
        if (ensemble.Teacher is GivenSpikes)
        {
            throw new BadInputException("--teacher: given spikes have no rate to come close to, so no learning rate can be told best; give 'weights' or a rate.");
        }

        return (name, ensemble, new LearningRateSearch
        {
            Study = eta => new LearningStudy { Ensemble = ensemble with { Rule = ensemble.Rule with { LearningRate = eta } }, Duration = length },
            Start = ensemble.Rule.LearningRate,
            Target = SpikingOptions.Positive(parsed, target),
            Criterion = parsed.GetValue(criterion) == "residual" ? TuningCriterion.Residual : TuningCriterion.Fastest,
            Evaluations = parsed.GetValue(evaluations),
        });
    }

    // Some rules come with signs of weights or a transfer function of their own, where none is asked for.
    private static string? Differences(IReadOnlyList<(string Rule, SpikingEnsemble Ensemble)> rules)
    {
        (string Rule, string Signs, string Transfer)[] own = [.. rules.Select(r => (r.Rule, Signs(r.Ensemble), Transfer(r.Ensemble)))];
        bool signs = own.DistinctBy(r => r.Signs).Count() > 1, transfer = own.DistinctBy(r => r.Transfer).Count() > 1;
        string options = string.Join(" and ", new[] { signs ? "--excitatory" : string.Empty, transfer ? "--transfer" : string.Empty }.Where(o => o.Length > 0));
        return options.Length == 0
            ? null
            : $"The rules did not learn the same task: {string.Join("; ", own.Select(r => $"{r.Rule} with {(signs ? r.Signs : string.Empty)}{(signs && transfer ? " and " : string.Empty)}{(transfer ? r.Transfer : string.Empty)}"))}. Their times are not to be compared; {options} given, they are.";

        static string Signs(SpikingEnsemble e) =>
            e.InitialWeights is SignedWeights { ExcitatoryShare: var share } ? FormattableString.Invariant($"fixed signs ({share} excitatory)") : "signs as drawn";

        static string Transfer(SpikingEnsemble e) =>
            e.Neuron.Transfer is RectifiedQuadraticTransfer ? "a quadratic transfer function" : "a sigmoid";
    }

    private static LearningRateResult Run(LearningRateSearch search, ulong seed, int threads, IProgress<double> progress, CancellationToken cancellation)
    {
        try
        {
            return search.Run(new RandomSource(seed), threads, progress, cancellation);
        }
        catch (Exception problem) when (problem is ArithmeticException or ArgumentException or InvalidOperationException)
        {
            throw new BadInputException(DataFileException.Words(problem));
        }
    }
}
