using System.CommandLine;
using SynapticGeometry.Data;

namespace SynapticGeometry.Cli;

/// <summary>The options that say which neuron learns from what, the same in every command that simulates one.</summary>
internal sealed class SpikingOptions
{
    private readonly Option<string> rates = new("--rates")
    {
        Description = "Input rates of equal groups of synapses, Hz. Example: --rates 10,50",
        HelpName = "LIST",
        DefaultValueFactory = _ => "10,50",
    };

    private readonly Option<int> synapses = new("--n")
    {
        Description = "Number of synapses; that of the file with --spikes. Example: --n 100",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
    };

    private readonly Option<string?> spikes = new("--spikes")
    {
        Description = "Recorded spike trains as input instead of --rates, one synapse a unit: CSV, Parquet, .npz or NWB/HDF5. Example: --spikes units.nwb",
        HelpName = "FILE",
    };

    private readonly Option<string?> spikeTimes = new("--spike-times")
    {
        Description = "Column or array of spike times in --spikes; found by its usual names where it is not given. Example: --spike-times t_ms",
        HelpName = "NAME",
    };

    private readonly Option<string?> spikeUnits = new("--spike-units")
    {
        Description = "Column or array of units in --spikes. Example: --spike-units cluster",
        HelpName = "NAME",
    };

    private readonly Option<string?> spikeTrials = new("--spike-trials")
    {
        Description = "Column of trial numbers in --spikes, where times begin anew in each trial; trials are laid end to end, each of --trial-duration. Example: --spike-trials trial --trial-duration 0.5",
        HelpName = "NAME",
    };

    private readonly Option<double?> trialDuration = new("--trial-duration")
    {
        Description = "Length of a recorded trial, s. Example: --spike-trials trial --trial-duration 0.5",
        HelpName = "S",
    };

    private readonly Option<string?> commonSource = new("--common-source")
    {
        Description = "Correlated input: part of each synapse's spikes are copies of those of one source. Rate of the source in Hz and probability of a copy. Example: --common-source 20,0.3",
        HelpName = "RATE,P",
    };

    private readonly Option<string?> modulation = new("--modulation")
    {
        Description = "Input rates that go up and down as r (1 + depth sin(2 pi f t)). Frequency in Hz and depth from 0 to 1. Example: --modulation 2,0.5",
        HelpName = "F,DEPTH",
    };

    private readonly Option<string> teacher = new("--teacher")
    {
        Description = "'weights' for a teacher that sees the same input through target weights, a number for a constant rate in Hz, or a file with the spikes of one unit. Example: --teacher 20",
        HelpName = "weights|HZ|FILE",
        DefaultValueFactory = _ => "weights",
    };

    private readonly Option<string> initial = new("--initial")
    {
        Description = "Initial somatic weights: uniform between two numbers, in units of 1/n, or a file with n weights. Example: --initial=-1,1",
        HelpName = "LOW,HIGH|FILE",
        DefaultValueFactory = _ => "-1,1",
    };

    private readonly Option<string> target = new("--target")
    {
        Description = "The teacher's weights, given as --initial is. Example: --target=-1,1",
        HelpName = "LOW,HIGH|FILE",
        DefaultValueFactory = _ => "-1,1",
    };

    private readonly Option<double?> excitatory = new("--excitatory")
    {
        Description = "Part of the synapses that is excitatory, the others inhibitory; sizes as --initial and --target from 0 on, signs the same for student and teacher. By default 0.8 for exponentiated-gradient, which keeps signs, and drawn signs for the other rules. Example: --excitatory 0.8",
        HelpName = "SHARE",
    };

    private readonly Option<string> parametrization = new("--parametrization")
    {
        Description = $"What the weights that learn are: {ParametrizationNames.Listed}. Example: --parametrization dendritic:200um",
        HelpName = "NAME",
        DefaultValueFactory = _ => "somatic",
    };

    private readonly Option<string?> transfer = new("--transfer")
    {
        Description = $"Transfer function: {string.Join(", ", SpikingInput.Transfers)}; sigmoid by default, quadratic for the rule of that name. Example: --transfer exponential",
        HelpName = "NAME",
    };

    private readonly Option<double?> maximumRate = new("--max-rate")
    {
        Description = "Highest rate of the sigmoid, slope of softplus for high potentials (Hz/mV), rate of the exponential at threshold (Hz); 100, 5 and 5 by default. Example: --max-rate 100",
        HelpName = "R",
    };

    private readonly Option<double?> gain = new("--gain")
    {
        Description = "Gain of the transfer function: 1/mV, Hz/mV^2 for quadratic; sigmoid and softplus 0.3, exponential 0.2, quadratic 0.016 by default. Example: --gain 0.3",
        HelpName = "BETA",
    };

    private readonly Option<double?> threshold = new("--threshold")
    {
        Description = "Threshold of the transfer function, mV above rest; 10 by default, exponential 0, quadratic -100, as its closed form needs a low one. Example: --threshold 10",
        HelpName = "MV",
    };

    private readonly Option<double> shift = new("--shift")
    {
        Description = "Constant added to the potential, mV. Example: --shift=-5",
        HelpName = "MV",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<double> membraneTime = new("--tau-m")
    {
        Description = "Membrane time constant, s. Example: --tau-m 0.01",
        HelpName = "S",
        DefaultValueFactory = _ => 0.010,
    };

    private readonly Option<double> synapticTime = new("--tau-s")
    {
        Description = "Synaptic time constant, s. Example: --tau-s 0.003",
        HelpName = "S",
        DefaultValueFactory = _ => 0.003,
    };

    private readonly Option<double> area = new("--area")
    {
        Description = "Area of the synaptic kernel, mV s. Example: --area 1",
        HelpName = "MVS",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<double> timeStep = new("--dt")
    {
        Description = "Time step, s. Example: --dt 0.0005",
        HelpName = "S",
        DefaultValueFactory = _ => 0.0005,
    };

    private readonly Option<string> stepping = new("--stepping")
    {
        Description = "How synaptic potentials decay in a step: exactly, or by forward Euler as in the paper. Example: --stepping exact",
        HelpName = "exact|euler",
        DefaultValueFactory = _ => "exact",
    };

    private readonly Option<string> engine = new("--engine")
    {
        Description = "The event-driven loop, for rules of three terms, or the dense loop, for every rule; auto takes the first where it can. Same spikes, same weights to rounding. Example: --engine dense",
        HelpName = "auto|event|dense",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string> convention = new("--convention")
    {
        Description = "How learning rates are meant: as the rule is printed, or as the authors' released code takes them, which lacks the factor beta (the same as eta/beta printed). Example: --convention released",
        HelpName = "printed|released",
        DefaultValueFactory = _ => "printed",
    };

    private readonly Option<int> trials = new("--trials")
    {
        Description = "Trials side by side, each with weights and input of its own. Example: --trials 1000",
        HelpName = "N",
    };

    /// <summary>The options, with a default number of trials.</summary>
    public SpikingOptions(int trials) => this.trials.DefaultValueFactory = _ => trials;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            rates, synapses, trials, teacher, initial, target, excitatory, convention, engine, stepping, timeStep, spikes, spikeTimes, spikeUnits, spikeTrials, trialDuration, commonSource, modulation, parametrization,
            transfer, maximumRate, gain, threshold, shift, membraneTime, synapticTime, area,
        })
        {
            command.Options.Add(option);
        }

        synapses.Validators.Add(r => CommonOptions.AtLeast(r, synapses, 1));
        trials.Validators.Add(r => CommonOptions.AtLeast(r, trials, 1));
        stepping.AcceptOnlyFromAmong("exact", "euler");
        engine.AcceptOnlyFromAmong("auto", "event", "dense");
        convention.AcceptOnlyFromAmong("printed", "released");
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="BadInputException">A number is outside its range.</exception>
    public SpikingInput Read(ParseResult parsed, CommonOptions common) => new()
    {
        Rates = parsed.GetValue(rates)!,
        RatesGiven = parsed.GetResult(rates) is { Implicit: false },
        Synapses = parsed.GetValue(synapses),
        SynapsesGiven = parsed.GetResult(synapses) is { Implicit: false },
        Spikes = parsed.GetValue(spikes),
        SpikeColumns = new SpikeTrainOptions
        {
            Times = parsed.GetValue(spikeTimes),
            Units = parsed.GetValue(spikeUnits),
            Trials = parsed.GetValue(spikeTrials),
            TrialDuration = Positive(parsed, trialDuration),
        },
        CommonSource = parsed.GetValue(commonSource),
        Modulation = parsed.GetValue(modulation),
        Teacher = parsed.GetValue(teacher)!.Trim(),
        Initial = parsed.GetValue(initial)!,
        Target = parsed.GetValue(target)!,
        Excitatory = parsed.GetValue(excitatory),
        Parametrization = parsed.GetValue(parametrization)!,
        Transfer = parsed.GetValue(transfer),
        MaximumRate = Positive(parsed, maximumRate),
        Gain = Positive(parsed, gain),
        Threshold = parsed.GetValue(threshold) is { } mv ? Finite(threshold.Name, mv) : null,
        Shift = Finite(shift.Name, parsed.GetValue(shift)),
        Kernel = new SynapticKernel(Positive(parsed, membraneTime), Positive(parsed, synapticTime), Positive(parsed, area)),
        TimeStep = Positive(parsed, timeStep),
        Stepping = parsed.GetValue(stepping) == "euler" ? TraceStepping.ForwardEuler : TraceStepping.Exact,
        Engine = parsed.GetValue(engine)!,
        Convention = parsed.GetValue(convention) == "released" ? LearningRateConvention.Released : LearningRateConvention.Printed,
        Trials = parsed.GetValue(trials),
        Seed = parsed.GetValue(common.Seed),
    };

    /// <summary>The value of an option that must be positive.</summary>
    /// <exception cref="BadInputException">It is not.</exception>
    public static double Positive(ParseResult parsed, Option<double> option) => Positive(option.Name, parsed.GetValue(option));

    /// <summary>The value of an option that must be positive where it is given.</summary>
    /// <exception cref="BadInputException">It is not.</exception>
    public static double? Positive(ParseResult parsed, Option<double?> option) => parsed.GetValue(option) is { } value ? Positive(option.Name, value) : null;

    private static double Finite(string name, double value) => double.IsFinite(value)
        ? value
        : throw new BadInputException(FormattableString.Invariant($"{name} is {value}; it must be finite."));

    private static double Positive(string name, double value) => value > 0 && double.IsFinite(value)
        ? value
        : throw new BadInputException(FormattableString.Invariant($"{name} is {value}; it must be finite and above 0."));
}
