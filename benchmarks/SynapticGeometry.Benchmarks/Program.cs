using SynapticGeometry.Benchmarks;

// One line a benchmark: its name on the command line, what it measures, and what runs it.
(string Name, string Measures, Func<Arguments, int> Run)[] benchmarks =
[
    ("delta-cdf", "Delta-CDF, Wasserstein distance and normality statistics of many changes, against the peers' Python", DeltaCdfBenchmark.Run),
    ("infer", "the published command as a whole process: start, 1000 synapses, two files of 1e7 weights", InferBenchmark.Run),
    ("recovery", "is the exponent recovered from simulated synapses, and do its intervals cover?", RecoveryBenchmark.Run),
    ("groups", "the mean exponent of groups that differ: coverage of five kinds of interval", GroupsBenchmark.Run),
    ("power", "does the closed form for the number of synapses keep what it promises?", PowerBenchmark.Run),
    ("goodness-of-fit", "do the goodness-of-fit tests reject as often as they say?", GoodnessOfFitBenchmark.Run),
    ("measurement-error", "the exponent under measurement error: ignored, small-change and latent-size models", MeasurementErrorBenchmark.Run),
    ("detection-limit", "the exponent under a detection limit: vanished synapses dropped, recorded, not recorded", DetectionLimitBenchmark.Run),
    ("heavy-tails", "the exponent when changes are not normal, or drift with size", HeavyTailsBenchmark.Run),
    ("model-choice", "is the right kind of law chosen?", ModelChoiceBenchmark.Run),
    ("trained-weights", "the geometry of weights trained by mirror descent", TrainedWeightsBenchmark.Run),
    ("engine", "the event-driven ensemble: updates a second, against the peers, and the cost of a step as n grows", EngineBenchmark.Run),
    ("learn", "learning with a report as a whole process, its memory, and the share of the time that recording takes", LearnBenchmark.Run),
    ("figure-3f", "Fig. 3 F of Kreutzer et al. 2022 in full, as a whole process", FigureBenchmark.Run),
    ("regression", "the linear-regression study: correlated inputs, passes over the data, and what the published sizes take", RegressionBenchmark.Run),
    ("mirror", "a step of mirror descent on many weights, against PyTorch, a native loop and the bandwidth of the memory", MirrorBenchmark.Run),
    ("grid-exact", "time of a fit under measurement error", GridExactBenchmark.Run),
    ("sensitivity-page", "time of an inference with its sensitivity page", SensitivityBenchmark.Run),
];

if (args.Length == 0 || benchmarks.FirstOrDefault(b => b.Name == args[0]) is not { Run: { } run })
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project benchmarks/SynapticGeometry.Benchmarks -- NAME [options]");
    foreach ((string name, string measures, _) in benchmarks)
    {
        Console.Error.WriteLine($"  {name,-16} {measures}");
    }

    return 2;
}

try
{
    return run(new Arguments(args[1..]));
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
