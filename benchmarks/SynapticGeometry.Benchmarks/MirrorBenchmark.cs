using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// Time of a step of mirror descent with momentum on many weights of single precision, beside PyTorch's operations one after another, a native fused loop, and
/// the bandwidth of the memory.
/// </summary>
internal static class MirrorBenchmark
{
    // What a step has to move: reads of weight, gradient and momentum, writes of weight and momentum.
    private const double Bytes = 20;

    public static int Run(Arguments arguments)
    {
        int size = arguments.Count("size", 10_000_000), rounds = arguments.Count("rounds", 7), threads = arguments.Count("threads", 1);
        string folder = arguments.Text("peers", Path.Combine(Results.Repository, "..", "shared", "peers"));
        string python = arguments.Text("python", "/usr/bin/python3"), native = arguments.Text("native", string.Empty), only = arguments.Text("only", string.Empty);
        Case[] cases = [.. All().Where(c => only.Length == 0 || c.Name == only)];
        Dictionary<(string Case, string Who), List<double>> times = [];
        Triad triad = new(size);
        for (int round = 0; round < rounds; round++)
        {
            Note("memory", "triad", triad.Run(threads));
            foreach (Case c in cases)
            {
                Note(c.Name, "ours", Ours(c, size, threads));
                foreach (string style in (string[])["inplace", "naive"])
                {
                    Note(c.Name, $"torch {style}", Least(Peer.Run(python, [Path.Combine(folder, "md_steps.py"), "--potential", c.Kind, "--p", N(c.Power, "G"), "--size", N(size, "F0"), "--style", style, "--threads", N(threads, "F0"), "--reps", "5"])));
                }

                if (c.Power == 2 && c.Kind == "pnorm")
                {
                    Note(c.Name, "torch SGD", Least(Peer.Run(python, [Path.Combine(folder, "md_steps.py"), "--potential", "sgd", "--size", N(size, "F0"), "--threads", N(threads, "F0"), "--reps", "5"])));
                }

                if (File.Exists(native))
                {
                    Note(c.Name, "native", Median(Peer.Run(native, ["step", "--potential", c.Kind, "--p", N(c.Power, "G"), "--size", N(size, "F0"), "--threads", N(threads, "F0"), "--reps", "5"])));
                }
            }
        }

        double Of(string name, string who) => times[(name, who)].Order().ElementAt(times[(name, who)].Count / 2);
        double memory = Of("memory", "triad");
        List<string> notes =
        [
            $"{size} weights in single precision, momentum 0.9, {threads} thread{(threads == 1 ? "" : "s")}; elapsed time of a step, the least of five; medians of {rounds} rounds in turns.",
            "A step moves 20 bytes a weight: the share of the bandwidth is that against a triad a ← b + s c of as many numbers, which moves 12 and has its writes read first, as 16.",
            "PyTorch: in-place operations on prepared buffers, or expressions as they stand in the formula; SGD: torch.optim.SGD, which knows no potential and so has two operations only. Native: g++ -O3 -march=native -ffast-math, single precision throughout.",
        ];
        List<string[]> table = [["potential", "who", "ns / weight", "GB / s at 20 bytes", "share of the triad's", "our speed / theirs"]];
        table.Add(["", "triad", N(1e9 * memory / size, "F2"), N(16 * size / memory / 1e9, "F1"), "1", ""]);
        List<object> records = [];
        foreach (Case c in cases)
        {
            double our = Of(c.Name, "ours");
            foreach (string who in times.Keys.Where(k => k.Case == c.Name).Select(k => k.Who))
            {
                double seconds = Of(c.Name, who), share = Bytes / seconds / (16 / memory);
                table.Add([c.Name, who, N(1e9 * seconds / size, "F2"), N(Bytes * size / seconds / 1e9, "F1"), N(share, "F2"), N(seconds / our, "F2")]);
                records.Add(new { benchmark = "mirror", potential = c.Name, who, size, threads, seconds, share, ratio = seconds / our, machine = Results.Machine });
            }

            double gain = Of(c.Name, "torch inplace") / our, used = Bytes / our / (16 / memory);
            notes.Add($"{c.Name}: target of 2 times PyTorch in place: {N(gain, "F2")}, {(gain >= 2 ? "met" : "not met")}; target of 70 % of the bandwidth: {N(100 * used, "F0")} %, {(used >= 0.7 ? "met" : "not met")}.");
        }

        Results.Write(threads == 1 ? "mirror" : $"mirror-{threads}-threads", "A step of mirror descent", notes, table, records);
        return 0;

        void Note(string name, string who, double seconds)
        {
            if (!times.TryGetValue((name, who), out List<double>? list))
            {
                times[(name, who)] = list = [];
            }

            list.Add(seconds);
            Console.Error.WriteLine($"{name} {who}: {N(1e9 * seconds / size, "F2")} ns a weight");
        }
    }

    private static Case[] All() =>
    [
        new("2-norm", "pnorm", 2), new("3-norm", "pnorm", 3), new("1.5-norm", "pnorm", 1.5), new("negative-entropy", "negent", 2), new("2.5-norm", "pnorm", 2.5),
        new("1.7-norm", "pnorm", 1.7), new("10-norm", "pnorm", 10),
    ];

    // The least of five steps, as the peers are asked for.
    private static double Ours(Case c, int size, int threads)
    {
        float[] w = new float[size], g = new float[size];
        double[] drawn = new double[size];
        new RandomSource(1).FillNormal(drawn);
        for (int i = 0; i < size; i++)
        {
            (w[i], g[i]) = ((float)(0.1 * drawn[i]), (float)drawn[size - 1 - i]);
        }

        MirrorDescent<float> descent = new(Potential.Parse(c.Name), size, new MirrorDescentOptions { Momentum = 0.9, Threads = threads });
        descent.Step(w, g, 1e-3);
        var steps = new Measurement("steps");
        for (int k = 0; k < 5; k++)
        {
            steps.Run(() => descent.Step(w, g, 1e-3));
        }

        return steps.LeastWall;
    }

    private static double Least(JsonElement line) => line.GetProperty("min_wall_s").GetDouble();

    private static double Median(JsonElement line) => line.GetProperty("median_wall_s").GetDouble();

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Case(string Name, string Kind, double Power);

    /// <summary>a ← b + s c, what memory can be asked for.</summary>
    private sealed class Triad(int size)
    {
        // Written to, or they would all be one page of zeros.
        private readonly float[] a = Filled(size);
        private readonly float[] b = Filled(size);
        private readonly float[] c = Filled(size);

        public double Run(int threads)
        {
            var passes = new Measurement("triad");
            for (int k = 0; k < 6; k++)
            {
                passes.Run(() =>
                {
                    int part = (size + threads - 1) / threads;
                    Parallel.For(0, threads, t => Pass(t * part, Math.Min(size, (t + 1) * part)));
                    return a[0];
                });
            }

            return passes.LeastWall;
        }

        private static float[] Filled(int size)
        {
            float[] values = new float[size];
            Array.Fill(values, 1);
            return values;
        }

        private void Pass(int from, int to)
        {
            Vector256<float> factor = Vector256.Create(0.5f);
            for (int i = from; i <= to - 8; i += 8)
            {
                Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref c[i]), factor, Vector256.LoadUnsafe(ref b[i])).StoreUnsafe(ref a[i]);
            }
        }
    }
}
