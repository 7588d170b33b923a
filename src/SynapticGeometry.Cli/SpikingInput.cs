using SynapticGeometry.Data;

namespace SynapticGeometry.Cli;

/// <summary>Which neuron learns from what, as asked for on the command line.</summary>
internal sealed record SpikingInput
{
    private const double DefaultExcitatory = 0.8;

    /// <summary>The transfer functions that the command line knows.</summary>
    public static IReadOnlyList<string> Transfers { get; } = ["sigmoid", "softplus", "exponential", "quadratic"];

    /// <summary>Rates of equal groups, Hz, joined by commas.</summary>
    public required string Rates { get; init; }

    /// <summary>True where the rates are not the default.</summary>
    public required bool RatesGiven { get; init; }

    /// <summary>n, where it is not that of recorded spikes.</summary>
    public required int Synapses { get; init; }

    /// <summary>True where n is not the default.</summary>
    public required bool SynapsesGiven { get; init; }

    /// <summary>File of recorded spikes, or null.</summary>
    public string? Spikes { get; init; }

    /// <summary>Where the spikes stand in that file.</summary>
    public required SpikeTrainOptions SpikeColumns { get; init; }

    /// <summary>Rate and copy probability of a common source, or null.</summary>
    public string? CommonSource { get; init; }

    /// <summary>Frequency and depth of modulated rates, or null.</summary>
    public string? Modulation { get; init; }

    /// <summary>weights, a rate, or a file.</summary>
    public required string Teacher { get; init; }

    /// <summary>Initial weights.</summary>
    public required string Initial { get; init; }

    /// <summary>Target weights.</summary>
    public required string Target { get; init; }

    /// <summary>Excitatory share, or null.</summary>
    public double? Excitatory { get; init; }

    /// <summary>Parametrization.</summary>
    public required string Parametrization { get; init; }

    /// <summary>Transfer function, or null for the rule's.</summary>
    public string? Transfer { get; init; }

    /// <summary>Highest rate of the transfer function, or null.</summary>
    public double? MaximumRate { get; init; }

    /// <summary>Gain of the transfer function, or null.</summary>
    public double? Gain { get; init; }

    /// <summary>Threshold of the transfer function, mV, or null.</summary>
    public double? Threshold { get; init; }

    /// <summary>Constant shift of the potential, mV.</summary>
    public required double Shift { get; init; }

    /// <summary>Synaptic kernel.</summary>
    public required SynapticKernel Kernel { get; init; }

    /// <summary>dt, s.</summary>
    public required double TimeStep { get; init; }

    /// <summary>How the potentials are stepped.</summary>
    public required TraceStepping Stepping { get; init; }

    /// <summary>auto, event or dense.</summary>
    public required string Engine { get; init; }

    /// <summary>How a learning rate is meant.</summary>
    public required LearningRateConvention Convention { get; init; }

    /// <summary>Number of trials.</summary>
    public required int Trials { get; init; }

    /// <summary>Seed of drawn distances and sites.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The ensemble for one rule.</summary>
    /// <param name="rule">A name of <see cref="RuleNames"/>.</param>
    /// <param name="learningRate">η in the convention asked for; null for the rule's own.</param>
    /// <param name="adapt">Changes the rule, such as its terms; null for none.</param>
    /// <exception cref="BadInputException">A value is out of range, or values do not go together.</exception>
    /// <exception cref="DataFileException">A file cannot be read.</exception>
    public SpikingEnsemble Build(string rule, double? learningRate, Func<PlasticityRule, PoissonNeuron, SpikeInput, PlasticityRule>? adapt = null)
    {
        try
        {
            SpikeInput input = Input();
            (Parametrization parametrization, bool positive) = ParametrizationNames.Parse("--parametrization", Parametrization, input.Synapses, Seed);
            PoissonNeuron neuron = new(TransferOf(rule), Kernel) { Parametrization = parametrization };
            double? share = Share(rule, positive);
            PlasticityRule made = RuleNames.Make(rule, neuron, input, PrintedRate(learningRate ?? RuleNames.LearningRate(rule), neuron.Transfer));
            (Teacher? teacher, WeightLaw? target) = TeacherOf(input.Synapses, share);
            SpikingEnsemble ensemble = new()
            {
                Neuron = neuron,
                Input = input,
                Rule = adapt?.Invoke(made, neuron, input) ?? made,
                InitialWeights = Law("--initial", Initial, input.Synapses, share),
                TargetWeights = target,
                Teacher = teacher,
                Trials = Trials,
                TimeStep = TimeStep,
                Stepping = Stepping,
                Engine = Engine == "dense" ? EnsembleEngine.Dense : EnsembleEngine.Automatic,
            };
            return Engine != "event" || made.ThreeTerms(parametrization, input.Synapses) is not null
                ? ensemble
                : throw new BadInputException($"--engine event: the rule {rule} with {Parametrization} weights is not of three terms; it runs with --engine dense, or auto.");
        }
        catch (ArgumentException problem)
        {
            throw new BadInputException(DataFileException.Words(problem));
        }
    }

    /// <summary>One line on neuron, input and teacher.</summary>
    public string Describe(SpikingEnsemble ensemble)
    {
        string input = Spikes is { } file ? $"spikes of {TableInput.Name(file)}, {ensemble.Input.Rates.Average():0.##} Hz on average"
            : $"{Rates.Trim()} Hz"
                + (CommonSource is { } common ? $" with copies of a common source ({common})" : string.Empty)
                + (Modulation is { } wave ? $" modulated ({wave})" : string.Empty);
        string teacher = ensemble.Teacher switch
        {
            ConstantRate c => FormattableString.Invariant($"a teacher of {c.Frequency} Hz"),
            GivenSpikes => $"the spikes of {TableInput.Name(Teacher)} as teacher",
            _ => "a teacher with target weights",
        };
        return FormattableString.Invariant($"{ensemble.Input.Synapses} synapses ({Parametrization}) at {input}; {teacher}; {Trials} {(Trials == 1 ? "trial" : "trials")}");
    }

    /// <summary>All that is asked for, to tell one study from another.</summary>
    public string Label => string.Join(
        '|',
        Rates, Spikes, CommonSource, Modulation, Teacher, Initial, Target, Excitatory?.ToString("R", System.Globalization.CultureInfo.InvariantCulture), Parametrization, Engine);

    private double PrintedRate(double published, TransferFunction transfer) => transfer is SigmoidTransfer sigmoid
        ? Convention.Rate(published, sigmoid)
        : Convention == LearningRateConvention.Printed
            ? published
            : throw new BadInputException($"--convention released is about the gain of a sigmoid; the transfer function is {Transfer ?? "quadratic"}.");

    private SpikeInput Input()
    {
        if (Spikes is null && SpikeColumns != new SpikeTrainOptions())
        {
            throw new BadInputException("--spike-times, --spike-units, --spike-trials and --trial-duration belong to --spikes; name the file.");
        }

        if (Spikes is { } file)
        {
            return RatesGiven || SynapsesGiven || CommonSource is not null || Modulation is not null
                ? throw new BadInputException("--spikes gives number of synapses and rates; --n, --rates, --common-source and --modulation do not go with it.")
                : new RecordedInput(Recording(file));
        }

        double[] rates = NumberText.Rates(Rates, Synapses);
        switch (CommonSource, Modulation)
        {
            case (null, null):
                return new PoissonInput(rates);
            case ({ } common, null):
                double[] source = NumberText.List("--common-source", common, "a number", "20,0.3", 2);
                return new CommonSourceInput(rates, source[0], source[1]);
            case (null, { } wave):
                double[] modulation = NumberText.List("--modulation", wave, "a number", "2,0.5", 2);
                (double frequency, double depth) = (modulation[0], modulation[1]);
                return frequency > 0 && depth is >= 0 and <= 1
                    ? new VaryingPoissonInput(rates, [.. rates.Select(r => r * (1 + depth))], (time, synapse) => rates[synapse] * (1 + (depth * Math.Sin(2 * Math.PI * frequency * time)))) { Period = 1 / frequency }
                    : throw new BadInputException($"--modulation '{wave}': the frequency must be above 0 Hz and the depth from 0 to 1, as in 2,0.5.");
            default:
                throw new BadInputException("--common-source and --modulation do not go together; give one of them.");
        }
    }

    private SpikeTrains Recording(string file)
    {
        SpikeTrains trains = SpikeTrainFile.Read(file, SpikeColumns);
        return trains.Rates.All(double.IsFinite)
            ? trains
            : throw new BadInputException(FormattableString.Invariant($"--spikes {file}: the recording ends with its last spike, at {trains.Duration:G3} s; rates cannot be told from it."));
    }

    private TransferFunction TransferOf(string rule)
    {
        string name = Transfer is { } given ? RuleNames.CheckedName("--transfer", given.Trim(), Transfers, string.Join(", ", Transfers)) : rule == "quadratic" ? "quadratic" : "sigmoid";
        if (name == "quadratic" && MaximumRate is not null)
        {
            throw new BadInputException("--max-rate: a quadratic transfer function has no such number; --gain is its factor in Hz/mV^2.");
        }

        TransferFunction transfer = name switch
        {
            "softplus" => Adapted(new SoftplusTransfer()),
            "exponential" => Adapted(new ExponentialTransfer()),
            "quadratic" => Adapted((RectifiedQuadraticTransfer)RuleNames.Transfer("quadratic")),
            _ => Adapted(new SigmoidTransfer()),
        };
        return Shift == 0 ? transfer : transfer.Shifted(Shift);
    }

    private SigmoidTransfer Adapted(SigmoidTransfer usual) =>
        usual with { MaximumRate = MaximumRate ?? usual.MaximumRate, Gain = Gain ?? usual.Gain, Threshold = Threshold ?? usual.Threshold };

    private SoftplusTransfer Adapted(SoftplusTransfer usual) =>
        usual with { MaximumSlope = MaximumRate ?? usual.MaximumSlope, Sharpness = Gain ?? usual.Sharpness, Threshold = Threshold ?? usual.Threshold };

    private ExponentialTransfer Adapted(ExponentialTransfer usual) =>
        usual with { RateAtThreshold = MaximumRate ?? usual.RateAtThreshold, Gain = Gain ?? usual.Gain, Threshold = Threshold ?? usual.Threshold };

    private RectifiedQuadraticTransfer Adapted(RectifiedQuadraticTransfer usual) =>
        usual with { Gain = Gain ?? usual.Gain, Threshold = Threshold ?? usual.Threshold };

    private double? Share(string rule, bool positive)
    {
        double? share = Excitatory ?? (rule == "exponentiated-gradient" ? DefaultExcitatory : positive ? 1 : null);
        return share switch
        {
            null or (>= 0 and <= 1) when !positive || share == 1 => share,
            null or (>= 0 and <= 1) => throw new BadInputException(
                FormattableString.Invariant($"--parametrization {Parametrization} has positive weights only; --excitatory must be 1, not {share}{(Excitatory is null ? $" (the default for {rule})" : string.Empty)}.")),
            _ => throw new BadInputException(FormattableString.Invariant($"--excitatory is {share}; it must be from 0 to 1.")),
        };
    }

    private (Teacher? Teacher, WeightLaw? Target) TeacherOf(int synapses, double? share)
    {
        if (Teacher == "weights")
        {
            return (null, Law("--target", Target, synapses, share));
        }

        if (NumberText.Parse(Teacher) is { } rate)
        {
            return rate >= 0 ? (new ConstantRate(rate), null) : throw new BadInputException($"--teacher is {Teacher} Hz; a rate is at least 0.");
        }

        if (!File.Exists(Teacher))
        {
            throw new BadInputException($"--teacher '{Teacher}' is neither 'weights' nor a rate in Hz, and there is no such file.");
        }

        SpikeTrains trains = SpikeTrainFile.Read(Teacher);
        return trains.Units == 1
            ? (new GivenSpikes(trains[0].ToArray()), null)
            : throw new BadInputException($"--teacher {Teacher} has {trains.Units} units; a teacher is one unit.");
    }

    // Uniform in units of 1/n, with the signs of Dale's law where there is one; or given, the same in every trial.
    private static WeightLaw Law(string option, string text, int synapses, double? share)
    {
        if (File.Exists(text))
        {
            using DataFile file = DataFiles.Open(text);
            string name = TableInput.Sole(file) ?? throw new BadInputException($"{option} {text} has several {file.Noun}s ({TableInput.Some(file.Names)}); one is needed.");
            double[] weights = file.ReadNumbers(name).ToDouble();
            return weights.Length == synapses
                ? new GivenWeights(weights)
                : throw new BadInputException($"{option} {text} has {weights.Length} weights for {synapses} synapses.");
        }

        double[] ends = NumberText.List(option, text, "a number, and there is no file of that name", "-1,1", 2);
        if (ends[0] > ends[1])
        {
            throw new BadInputException($"{option} '{text}': the lower end comes first, as in -1,1.");
        }

        if (share is not { } part)
        {
            return new UniformWeights(ends[0] / synapses, ends[1] / synapses);
        }

        // Sizes; the default of both signs means sizes up to its upper end.
        double smallest = Math.Max(0, ends[0]);
        return ends[0] < 0 && ends[0] != -ends[1]
            ? throw new BadInputException($"{option} '{text}': with --excitatory these are sizes of weights, from 0 on, as in 0,1.")
            : new SignedWeights(smallest / synapses, ends[1] / synapses, part);
    }
}
