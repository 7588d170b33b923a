using System.Globalization;
using SynapticGeometry.Data;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// How long does 'syngeo', published, take as a whole process, and how much memory: its help, 1000 synapses with everything but the
/// report, and two .npy files of 1e7 float32 weights?
/// </summary>
internal static class InferBenchmark
{
    public static int Run(Arguments arguments)
    {
        int size = arguments.Count("size", 10_000_000), rounds = arguments.Count("rounds", 5);
        PublishedCommand syngeo = new(arguments);
        string folder = Directory.CreateTempSubdirectory("syngeo-benchmark-").FullName;
        try
        {
            string before = Path.Combine(folder, "before.npy"), after = Path.Combine(folder, "after.npy"), table = Path.Combine(folder, "spines.csv");
            WriteArrays(size, before, after);
            WriteTable(table);
            (string Name, string[] Arguments, double Seconds, double Megabytes)[] runs =
            [
                ("syngeo --help", ["--help"], 0.15, double.PositiveInfinity),
                ("infer, 1000 synapses, 1000 bootstrap and 1000 goodness-of-fit replicates", ["infer", table, "--before", "w0", "--after", "w1", "--json", "-", "--quiet"], 2, double.PositiveInfinity),
                ($"infer, two .npy of {size:N0} float32", ["infer", before, after, "--threads", "2", "--json", "-", "--quiet"], 5 * (size / 1e7), 6 * 8e-6 * size),
            ];
            List<string[]> lines = [["run", "elapsed [s]", "processor [s]", "largest memory [MB]", "target [s]", "target [MB]", "met"]];
            var records = new List<object>();
            bool met = true;
            foreach ((string name, string[] args, double seconds, double megabytes) in runs)
            {
                var wall = new Measurement(name);
                double memory = 0;
                for (int round = 0; round < rounds; round++)
                {
                    memory = Math.Max(memory, syngeo.Run(args, wall));
                }

                bool within = wall.Wall <= seconds && memory <= megabytes;
                met &= within;
                lines.Add([name, N(wall.Wall, "F3"), N(wall.Processor, "F3"), N(memory, "F0"), N(seconds, "G3"), double.IsFinite(megabytes) ? N(megabytes, "F0") : "-", within ? "yes" : "no"]);
                records.Add(new { benchmark = "infer", name, wall_s = wall.Wall, processor_s = wall.Processor, memory_mb = memory, rounds });
            }

            Results.Write(
                "infer",
                "The command as a whole process",
                [$"Medians of {rounds} runs of the published program, start of the process included; the largest resident memory of any run. Two cores."],
                lines,
                records);
            return met ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WriteArrays(int size, string before, string after)
    {
        (double[] w0, double[] w1, _) = new SimulatedSynapses { Count = size, Exponent = 0.5, Start = InitialWeights.Normal, VanishAtZero = false }.Draw(new RandomSource(1));
        NpyWriter.Write(before, Array.ConvertAll(w0, w => (float)w), size);
        NpyWriter.Write(after, Array.ConvertAll(w1, w => (float)w), size);
    }

    private static void WriteTable(string path)
    {
        (double[] w0, double[] w1, _) = new SimulatedSynapses { Count = 1000, Exponent = 0.5 }.Draw(new RandomSource(1));
        File.WriteAllLines(path, w0.Zip(w1, (a, b) => FormattableString.Invariant($"{a:R},{b:R}")).Prepend("w0,w1"));
    }

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
