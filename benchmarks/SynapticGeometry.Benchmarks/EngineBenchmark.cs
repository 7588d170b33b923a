using System.Globalization;
using System.Text.Json;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// How many synaptic updates (n × steps × trials) a second does the event-driven ensemble make, how does that compare with a native
/// program of the same form, with NumPy, Numba, PyTorch and Brian2, and what does a step cost as n grows?
/// </summary>
internal static class EngineBenchmark
{
    private const double TimeStep = 0.0005;

    // A peer that takes many seconds to start runs in every fifth round.
    private const int SlowPeer = 5;

    public static int Run(Arguments arguments)
    {
        // The peers' and the threads' rounds are more, against what other processes take of the machine.
        int rounds = arguments.Count("rounds", 3), many = Math.Max(rounds, 15), share = arguments.Count("percent", 100);
        string folder = arguments.Text("peers", Path.Combine(Results.Repository, "..", "shared", "peers"));
        string python = arguments.Text("python", "/usr/bin/python3"), native = arguments.Text("native", string.Empty);
        List<string> notes =
        [
            $"Natural rule unless said otherwise, double precision, 10 and 50 Hz; medians of {rounds} rounds in turns ({many} beside the peers, {2 * many} of the threads), one core unless said otherwise; ratios of processor time, the medians of each round's; ours runs as many steps uncounted before each measurement, as the native program does, and the others have compiled before and take the median of repetitions of their own.",
            "The peers hold one random stream for eight trials and draw Poisson counts; ours has a stream of its own for each trial (Philox), Bernoulli spikes, so that no trial depends on another.",
        ];
        List<string[]> table = [["case", "n", "trials", "who", "processor ns / trial and step", "updates / processor s", "our speed / theirs", "input spikes / step"]];
        List<object> records = [];

        Compare(100, 1000, Steps(2048), many, table, records,
            Native(native, "lazy", 100, 1000, Steps(2048)),
            Script("pn_numpy.py", "numpy", ["bench", "--mode", "batched"], 100, 1000, 30),
            Script("pn_numba.py", "numba", ["--threads", "1"], 100, 1000, 200),
            Script("pn_torch.py", "PyTorch", ["--dtype", "float64", "--threads", "1"], 100, 1000, 30),
            Script("pn_brian2.py", "Brian2", ["--target", "cython", "--threads", "1"], 100, 1000, 30, every: SlowPeer));

        Compare(10_000, 1, Steps(131_072), many, table, records,
            Native(native, "lazy1", 10_000, 1, Steps(131_072)),
            Script("pn_numpy.py", "numpy", ["bench", "--mode", "batched"], 10_000, 1, 2000),
            Script("pn_numba.py", "numba", ["--threads", "1"], 10_000, 1, 10_000),
            Script("pn_torch.py", "PyTorch", ["--dtype", "float64", "--threads", "1"], 10_000, 1, 500),
            Script("pn_brian2.py", "Brian2", ["--target", "cython", "--threads", "1"], 10_000, 1, 500, every: SlowPeer));

        // One trial; the rates as above, and the same number of spikes whatever n.
        foreach (int n in (int[])[100, 1000, 10_000, 100_000])
        {
            Scaling("10 and 50 Hz", n, 1, rounds, Steps(n > 10_000 ? 1024 : 8192), table, records);
        }

        foreach (int n in (int[])[100, 1000, 10_000, 100_000])
        {
            Scaling("3000 spikes a second in all", n, 100.0 / n, rounds, Steps(8192), table, records);
        }

        Threads(2 * many, Steps(8192), native, table, records);
        Figure(table, records, notes, Steps(16_384), rounds);
        notes.AddRange(Targets(table));
        Results.Write("engine", "The event-driven ensemble", notes, table, records);
        return 0;

        int Steps(int all) => Math.Max(64, all * share / 100 / 64 * 64);

        Contender Script(string file, string name, string[] kind, int n, int trials, int steps, int every = 1)
        {
            string path = Path.Combine(folder, file);
            string[] all = [path, .. kind, "--rule", "natural", "--n", $"{n}", "--trials", $"{trials}", "--steps", $"{steps}"];
            if (!File.Exists(path))
            {
                return new(name, null, $"{path} is not there; name its folder with --peers");
            }

            // Tried once, also to compile what is compiled at first use.
            try
            {
                Seconds(Peer.Run(python, all));
            }
            catch (ArgumentException e)
            {
                return new(name, null, e.Message);
            }

            return new(name, () => Seconds(Peer.Run(python, all)), "", every);
        }
    }

    private static SpikingEnsemble Ensemble(int n, int trials, double rateFactor = 1, PlasticityRule? rule = null)
    {
        PoissonNeuron neuron = new(new SigmoidTransfer(), new SynapticKernel());
        PoissonInput input = PoissonInput.Groups((n / 2, 10 * rateFactor), (n - (n / 2), 50 * rateFactor));
        return new SpikingEnsemble
        {
            Neuron = neuron,
            Input = input,
            Rule = rule ?? new GradientPlasticity(new FisherGeometry(neuron, input)) { LearningRate = 6e-4 },
            InitialWeights = new UniformWeights(-1.0 / n, 1.0 / n),
            TargetWeights = new UniformWeights(-1.0 / n, 1.0 / n),
            Trials = trials,
            Stepping = TraceStepping.ForwardEuler,
            TimeStep = TimeStep,
        };
    }

    private static void Compare(int n, int trials, int steps, int rounds, List<string[]> table, List<object> records, params Contender[] peers)
    {
        EnsembleRun run = Ensemble(n, trials).Start(new RandomSource(1), 1);
        run.Advance(64);
        Measurement ours = new("ours");
        Measurement[] theirs = [.. peers.Select(peer => new Measurement(peer.Name))], beside = [.. peers.Select(_ => new Measurement("ours"))];
        for (int round = 0; round < rounds; round++)
        {
            // Once unmeasured, as every peer does: the others have had the caches, and the processor has slept meanwhile.
            run.Advance(steps);
            double processor = ours.Run(() => Go(run, steps));
            for (int p = 0; p < peers.Length; p++)
            {
                if (peers[p].Run is { } measured && round % peers[p].Every == 0)
                {
                    beside[p].Add(0, processor, 0);
                    theirs[p].Add(0, measured() * steps * trials, 0);
                }
            }
        }

        Add(table, records, "peers", n, trials, "ours", ours.Processor / steps / trials, "1", n * 30 * TimeStep);
        for (int p = 0; p < peers.Length; p++)
        {
            if (peers[p].Run is null)
            {
                Console.Error.WriteLine($"{peers[p].Name} is left out: {peers[p].Missing}");
                continue;
            }

            Add(table, records, "peers", n, trials, peers[p].Name, theirs[p].Processor / steps / trials, N(theirs[p].ProcessorRatio(beside[p]), "F2"), n * 30 * TimeStep);
        }
    }

    private static void Scaling(string rates, int n, double factor, int rounds, int steps, List<string[]> table, List<object> records)
    {
        EnsembleRun run = Ensemble(n, 1, factor).Start(new RandomSource(1), 1);
        run.Advance(64);
        Measurement time = Time(run, steps, rounds);
        Add(table, records, rates, n, 1, "ours", time.Processor / steps, "", 30 * factor * n * TimeStep);
    }

    // Elapsed times of one thread and of two right after each other; the native program says in the same rounds what the machine gives.
    private static void Threads(int rounds, int steps, string native, List<string[]> table, List<object> records)
    {
        EnsembleRun[] runs = [Ensemble(100, 1000).Start(new RandomSource(1), 1), Ensemble(100, 1000).Start(new RandomSource(1), 2)];
        Measurement[] ours = [new("one"), new("two")], theirs = [new("one"), new("two")];
        for (int round = 0; round < rounds; round++)
        {
            for (int t = 0; t < 2; t++)
            {
                EnsembleRun run = runs[t];
                run.Advance(steps);
                ours[t].Run(() => Go(run, steps));
            }

            for (int t = 0; t < 2 && File.Exists(native); t++)
            {
                theirs[t].Add(Peer.Run(native, NativeArguments("lazy", 100, 1000, steps, t + 1)).GetProperty("median_wall_s").GetDouble(), 0, 0);
            }
        }

        Add(table, records, "one thread, processor", 100, 1000, "ours", ours[0].Processor / steps / 1000, "", 1.5);
        Add(table, records, "two threads, processor", 100, 1000, "ours", ours[1].Processor / steps / 1000, N(2 * ours[0].ProcessorRatio(ours[1]), "F2"), 1.5);
        foreach ((string who, Measurement[] times) in ((string, Measurement[])[])[("ours", ours), ("native lazy", theirs)])
        {
            if (times[0].Rounds > 0)
            {
                Add(table, records, "one thread, elapsed", 100, 1000, who, times[0].Wall / steps / 1000, "", 1.5);
                Add(table, records, "two threads, elapsed", 100, 1000, who, times[1].Wall / steps / 1000, N(times[0].WallRatio(times[1]), "F2"), 1.5);
            }
        }
    }

    // Fig. 3F as a whole from a part of it: 4000 s of the natural and 10000 s of the Euclidean rule, 1000 trials each, on two threads.
    private static void Figure(List<string[]> table, List<object> records, List<string> notes, int steps, int rounds)
    {
        SigmoidTransfer transfer = new();
        double processor = 0, elapsed = 0, least = 0;
        foreach ((string name, double rate, double whole) in ((string, double, double)[])[("natural", 6e-4, 4000), ("Euclidean", 4.5e-7, 10_000)])
        {
            double learningRate = LearningRateConvention.Released.Rate(rate, transfer);
            PoissonInput input = PoissonInput.Groups((50, 10), (50, 50));
            PlasticityRule rule = name == "natural"
                ? new GradientPlasticity(new FisherGeometry(transfer, new SynapticKernel(), input.Rates)) { LearningRate = learningRate }
                : new GradientPlasticity(new MirrorGeometry(new PNorm(2))) { LearningRate = learningRate };
            EnsembleRun run = Ensemble(100, 1000, rule: rule).Start(new RandomSource(1), 2);
            run.Advance(64);
            Measurement time = Time(run, steps, Math.Max(rounds, 5));
            double parts = whole / TimeStep / steps;
            (processor, elapsed, least) = (processor + (parts * time.Processor), elapsed + (parts * time.Wall), least + (parts * time.LeastWall));
            Add(table, records, $"Fig. 3F, {name}, two threads", 100, 1000, "ours", time.Processor / steps / 1000, "", 1.5);
        }

        notes.Add($"Fig. 3F in full (1000 trials, 4000 s natural and 10000 s Euclidean) on two threads, from parts of it: {N(elapsed / 60, "F1")} minutes by the median of their elapsed times, {N(least / 60, "F1")} by the least; {N(processor, "F0")} s of processor time, {N(processor / 120, "F1")} minutes on two cores that have nothing else to do. Target of 10 minutes: {(elapsed <= 600 ? "met" : processor <= 1200 ? "met by processor time" : "not met")}.");
        notes.Add("With one and two threads: elapsed times right after each other, and the native program's in the same rounds, with the median of each round's ratio; and processor times, of which twice the ratio is what two free cores give.");
        notes.Add($"Largest resident memory of this process: {N(System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64 / 1e6, "F0")} MB.");
    }

    // What the engine is meant to reach, beside what it reached in this run.
    private static IEnumerable<string> Targets(List<string[]> table)
    {
        foreach ((string kind, string n, string who, double target, string what) in ((string, string, string, double, string)[])
            [
                ("peers", "100", "native lazy", 0.8, "times the native program at 100 synapses and 1000 trials"),
                ("peers", "100", "numpy", 25, "times NumPy at 100 synapses and 1000 trials"),
                ("peers", "10000", "native lazy1", 0.7, "times the native program at 10000 synapses"),
                ("peers", "10000", "numba", 8, "times Numba at 10000 synapses"),
                ("two threads, elapsed", "100", "ours", 1.8, "times one thread with two, elapsed"),
            ])
        {
            if (table.Find(row => row[0] == kind && row[1] == n && row[3] == who) is { } found)
            {
                bool met = double.Parse(found[6], CultureInfo.InvariantCulture) >= target;
                yield return $"Target of {N(target, "G3")} {what}: {found[6]}, {(met ? "met" : "not met")}.";
            }
        }
    }

    private static Measurement Time(EnsembleRun run, int steps, int rounds)
    {
        var time = new Measurement("ours");
        for (int round = 0; round < rounds; round++)
        {
            time.Run(() => Go(run, steps));
        }

        return time;
    }

    private static double Go(EnsembleRun run, int steps)
    {
        run.Advance(steps);
        return 0;
    }

    private static void Add(List<string[]> table, List<object> records, string kind, int n, int trials, string who, double seconds, string ratio, double spikes)
    {
        table.Add([kind, N(n, "F0"), N(trials, "F0"), who, N(seconds * 1e9, "F1"), N(n / seconds, "G3"), ratio, N(spikes, "G3")]);
        records.Add(new { benchmark = "engine", kind, n, trials, who, seconds_per_trial_step = seconds, updates_per_s = n / seconds, ratio, machine = Results.Machine });
        Console.Error.WriteLine(string.Join(" | ", table[^1]));
    }

    private static Contender Native(string program, string form, int n, int trials, int steps)
    {
        string what = $"native {form}";
        if (!File.Exists(program))
        {
            return new(what, null, "build pn_native.cpp by its build line and name the program with --native");
        }

        return new(what, () => Seconds(Peer.Run(program, NativeArguments(form, n, trials, steps, 1))), "");
    }

    private static string[] NativeArguments(string form, int n, int trials, int steps, int threads) =>
    [
        "bench", "--rule", "natural", "--impl", form, "--prec", "f64", "--n", N(n, "F0"), "--trials", N(trials, "F0"), "--steps", N(steps, "F0"),
        "--threads", N(threads, "F0"), "--reps", "1",
    ];

    // Of one trial and step.
    private static double Seconds(JsonElement line) => line.GetProperty("n").GetInt32() / line.GetProperty("updates_per_cpu_s").GetDouble();

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    // It runs in one of every so many rounds.
    private sealed record Contender(string Name, Func<double>? Run, string Missing, int Every = 1);
}
