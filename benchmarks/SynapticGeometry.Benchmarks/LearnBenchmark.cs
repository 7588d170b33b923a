using System.Globalization;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// What does 'syngeo learn' take beside the loop: the largest memory of the whole command with its report at 100 synapses and 1000 trials, and the share of the time that distances
/// from the teacher take where they are recorded every 20 s, as in the paper?
/// </summary>
internal static class LearnBenchmark
{
    private const double TargetMegabytes = 200, TargetShare = 0.05, TimeStep = 0.0005;

    public static int Run(Arguments arguments)
    {
        int trials = arguments.Count("trials", 1000), rounds = arguments.Count("rounds", 5), seconds = arguments.Count("seconds", 400);
        List<string[]> table = [["what", "elapsed [s]", "processor [s]", "largest memory [MB]", "share of recording", "target", "met"]];
        List<object> records = [];
        bool met = Whole(new PublishedCommand(arguments), trials, rounds, table, records) & Recording(trials, seconds, table, records);
        Results.Write(
            "learn",
            "Learning: memory, and the cost of recording",
            [
                $"100 synapses, {trials} trials, natural rule, two threads. The whole command, published: medians of {rounds} runs of 10 s of time with a report, its figures and arrays; the largest resident memory of any of them (10 s say what 10 000 do: only the curve grows with time, by 16 bytes a trial and record).",
                $"Recording: processor time of {seconds} s in parts of 20 s, and of a distance of every trial (50 samples) after each part.",
            ],
            table,
            records);
        return met ? 0 : 1;
    }

    private static bool Whole(PublishedCommand syngeo, int trials, int rounds, List<string[]> table, List<object> records)
    {
        string folder = Directory.CreateTempSubdirectory("syngeo-benchmark-").FullName;
        try
        {
            var time = new Measurement("learn");
            double memory = 0;
            for (int round = 0; round < rounds; round++)
            {
                memory = Math.Max(memory, syngeo.Run(
                    ["learn", "--n", "100", "--trials", N(trials, "F0"), "--duration", "10", "--threads", "2", "--out", Path.Combine(folder, N(round, "F0")), "--quiet"], time));
            }

            bool met = memory <= TargetMegabytes;
            table.Add(["learn with a report, 10 s", N(time.Wall, "F2"), N(time.Processor, "F2"), N(memory, "F0"), "", $"{TargetMegabytes} MB", met ? "yes" : "no"]);
            records.Add(new { benchmark = "learn", name = "whole", trials, wall_s = time.Wall, processor_s = time.Processor, memory_mb = memory, rounds, machine = Results.Machine });
            return met;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Recording(int trials, int seconds, List<string[]> table, List<object> records)
    {
        PoissonNeuron neuron = new(new SigmoidTransfer(), new SynapticKernel());
        PoissonInput input = PoissonInput.Groups((50, 10), (50, 50));
        EnsembleRun run = new SpikingEnsemble
        {
            Neuron = neuron,
            Input = input,
            Rule = new GradientPlasticity(new FisherGeometry(neuron, input)) { LearningRate = 6e-4 },
            InitialWeights = new UniformWeights(-0.01, 0.01),
            TargetWeights = new UniformWeights(-0.01, 0.01),
            Trials = trials,
            TimeStep = TimeStep,
        }.Start(new RandomSource(1), 2);
        UspSamples[] samples = run.DrawSamples();
        LearningCost[] costs = new LearningCost[trials];
        run.Costs(samples, costs);
        run.Advance(64);
        Measurement loop = new("loop"), recording = new("recording");
        int parts = Math.Max(1, seconds / 20);
        for (int part = 0; part < parts; part++)
        {
            loop.Run(() =>
            {
                run.Advance((long)(20 / TimeStep));
                return 0;
            });
            recording.Run(() =>
            {
                run.Costs(samples, costs);
                return 0;
            });
        }

        double share = recording.Processor / (recording.Processor + loop.Processor);
        bool met = share <= TargetShare;
        table.Add([$"20 s of time, median of {parts}", N(loop.Wall, "F2"), N(loop.Processor, "F2"), "", "", "", ""]);
        table.Add(["distance of all trials", N(recording.Wall, "F4"), N(recording.Processor, "F4"), "", N(share, "P2"), N(TargetShare, "P0"), met ? "yes" : "no"]);
        records.Add(new { benchmark = "learn", name = "recording", trials, loop_processor_s = loop.Processor, recording_processor_s = recording.Processor, share, machine = Results.Machine });
        return met;
    }

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
