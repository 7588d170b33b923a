using System.Diagnostics;
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
        string program = arguments.Text("syngeo", Path.Combine(Results.Repository, "artifacts", "publish-syngeo", "syngeo"));
        if (!File.Exists(program))
        {
            throw new ArgumentException($"{program} is not there: publish first with 'dotnet publish src/SynapticGeometry.Cli -c Release -r linux-x64 -p:PublishReadyToRun=true -o artifacts/publish-syngeo', or name it with --syngeo.");
        }

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
                    memory = Math.Max(memory, RunOnce(program, args, wall));
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

    private static double RunOnce(string program, string[] arguments, Measurement into)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        double memory = 0, processor = 0;
        while (!process.WaitForExit(10))
        {
            (double peak, double used) = Usage(process.Id);
            (memory, processor) = (Math.Max(memory, peak), Math.Max(processor, used));
        }

        output.Wait();
        if (process.ExitCode != 0)
        {
            throw new ArgumentException($"{program} {string.Join(' ', arguments)} ended with status {process.ExitCode}.");
        }

        into.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds, processor, 0);
        return memory;
    }

    // The kernel's own counts, in MB and s; gone with the process, hence read while it runs.
    private static (double PeakMegabytes, double ProcessorSeconds) Usage(int id)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            double peak = line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;

            // Fields 14 and 15 of stat, user and system time in hundredths of a second; the name before them may hold spaces.
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (peak, (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100);
        }
        catch (IOException)
        {
            return (0, 0);
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
