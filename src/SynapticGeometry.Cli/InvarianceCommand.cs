using System.CommandLine;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Cli;

/// <summary>'syngeo invariance': does a rule learn the same behaviour in two parametrizations?</summary>
internal sealed class InvarianceCommand
{
    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly string commandLine;
    private readonly CommonOptions common = new();

    private readonly Option<string?> rule = new("--rule")
    {
        Description = $"Learning rule: {RuleNames.Listed}; all of them by default. Example: --rule natural",
        HelpName = "NAME",
    };

    private readonly Option<string> first = new("--first")
    {
        Description = $"First parametrization: {ParametrizationNames.Listed}. Example: --first somatic",
        HelpName = "NAME",
        DefaultValueFactory = _ => "somatic",
    };

    private readonly Option<string> second = new("--second")
    {
        Description = "Second parametrization, named as the first. Example: --second dendritic:200um",
        HelpName = "NAME",
        DefaultValueFactory = _ => "dendritic:200um",
    };

    private readonly Option<int> synapses = new("--n")
    {
        Description = "Number of synapses. Example: --n 100",
        HelpName = "N",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<string> rates = new("--rates")
    {
        Description = "Input rates of equal groups of synapses, Hz. Example: --rates 10,50",
        HelpName = "LIST",
        DefaultValueFactory = _ => "10,50",
    };

    private readonly Option<int> states = new("--states")
    {
        Description = "States (weights, input, teacher spike) drawn and compared. Example: --states 50",
        HelpName = "N",
        DefaultValueFactory = _ => 20,
    };

    private readonly Option<int> steps = new("--steps")
    {
        Description = "Steps of 0.5 ms of learning from the same spikes; 0 for none. Example: --steps 20000",
        HelpName = "N",
        DefaultValueFactory = _ => 2000,
    };

    private readonly Option<double?> learningRate = new("--learning-rate")
    {
        Description = "Learning rate of --rule; by default about that of the paper's Table 1. Example: --rule natural --learning-rate 6e-4",
        HelpName = "ETA",
    };

    private readonly Option<string?> expect = new("--expect")
    {
        Description = "What every rule is claimed to do; exit status 1 where one does not. Example: --rule natural --expect pass",
        HelpName = "pass|fail",
    };

    private InvarianceCommand(string[] args, TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
        commandLine = CommandRun.CommandLine(args);
    }

    /// <summary>The command with its options.</summary>
    public static Command Create(string[] args, TextWriter output, TextWriter error)
    {
        var self = new InvarianceCommand(args, output, error);
        var command = new Command("invariance", "Does a learning rule learn the same behaviour whatever its weights are measured by? One change, one step and a stretch of learning, in two parametrizations.\n\n"
            + "Examples:\n"
            + "  syngeo invariance\n"
            + "  syngeo invariance --rule natural --second log --expect pass\n"
            + "  syngeo invariance --rule euclidean --first somatic --second dendritic:200um --n 100 --out report");
        foreach (Option option in new Option[] { self.rule, self.first, self.second, self.synapses, self.rates, self.states, self.steps, self.learningRate, self.expect })
        {
            command.Options.Add(option);
        }

        self.common.AddTo(command);
        self.synapses.Validators.Add(r => CommonOptions.AtLeast(r, self.synapses, 1));
        self.states.Validators.Add(r => CommonOptions.AtLeast(r, self.states, 1));
        self.steps.Validators.Add(r => CommandRun.NotNegative(r, self.steps));
        self.expect.AcceptOnlyFromAmong("pass", "fail");
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        InvarianceInput input = new()
        {
            Rule = parsed.GetValue(rule),
            First = parsed.GetValue(first)!,
            Second = parsed.GetValue(second)!,
            Synapses = parsed.GetValue(synapses),
            Rates = parsed.GetValue(rates)!,
            States = parsed.GetValue(states),
            Steps = parsed.GetValue(steps),
            LearningRate = parsed.GetValue(learningRate),
            Seed = parsed.GetValue(common.Seed),
            Threads = parsed.GetValue(common.Threads),
        };
        (IReadOnlyList<InvarianceCheck> checks, string description) = input.Read();
        using CommandRun run = CommandRun.Start(parsed, common, output, error);
        (IReadOnlyList<InvarianceResult> results, string document) = await run.ComputeAsync(progress =>
        {
            List<InvarianceResult> made = [];
            foreach (InvarianceCheck check in checks)
            {
                progress.Report((check.Name, (double)made.Count / checks.Count));
                made.Add(Run(check, cancellation));
            }

            string text = InvarianceJson.Write(made, input, CommandLineApplication.Version, commandLine, description);
            if (run.Folder is { } folder)
            {
                progress.Report(("report", 1));
                InvarianceReport.Write(folder, made, new ReportContext { Command = commandLine, Version = CommandLineApplication.Version, InputDescription = description });
                File.WriteAllText(Path.Combine(folder, "result.json"), text);
            }

            cancellation.ThrowIfCancellationRequested();
            return ((IReadOnlyList<InvarianceResult>)made, text);
        });
        int status = await run.FinishAsync(document, InvarianceSummary.Write(results, description));
        string? claim = parsed.GetValue(expect);
        string[] broken = claim is null ? [] : [.. results.Where(r => r.Passed != (claim == "pass")).Select(r => r.Name)];
        if (broken.Length == 0)
        {
            return status;
        }

        await error.WriteLineAsync($"syngeo: --expect {claim}, but {string.Join(", ", broken)} {(claim == "pass" ? "failed" : "passed")}.");
        return ExitStatus.Failure;
    }

    private static InvarianceResult Run(InvarianceCheck check, CancellationToken cancellation)
    {
        try
        {
            return check.Run(cancellation);
        }
        catch (ArgumentOutOfRangeException problem)
        {
            throw new BadInputException($"{check.Name}: {problem.Message}");
        }
    }
}
