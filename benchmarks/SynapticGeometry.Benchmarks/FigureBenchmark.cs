using System.Globalization;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// How long does 'syngeo figure kreutzer-3f --scale paper' take, published: 1000 trials of 100 synapses under the natural rule for 4000 s and under the Euclidean one for 10 000 s,
/// distances of all trials every 20 s, claims and drawing?
/// </summary>
internal static class FigureBenchmark
{
    private const double Target = 600, Updates = 100 * 1000 * (4000 + 10_000) / 0.0005;

    public static int Run(Arguments arguments)
    {
        int threads = arguments.Count("threads", 2), rounds = arguments.Count("rounds", 1);
        PublishedCommand syngeo = new(arguments);
        string folder = Directory.CreateTempSubdirectory("syngeo-benchmark-").FullName;
        try
        {
            var time = new Measurement("figure");
            double memory = 0;
            for (int round = 0; round < rounds; round++)
            {
                memory = Math.Max(memory, syngeo.Run(["figure", "kreutzer-3f", "--scale", "paper", "--threads", N(threads, "F0"), "--out", Path.Combine(folder, N(round, "F0")), "--quiet"], time));
                Console.Error.WriteLine($"round {round + 1}: {N(time.Wall, "F0")} s elapsed, {N(time.Processor, "F0")} s of processor time");
            }

            Results.Write(
                "figure-3f",
                "Fig. 3 F of Kreutzer et al. 2022 in full",
                [
                    "`syngeo figure kreutzer-3f --scale paper` as a whole process: 1000 trials of 100 synapses at 10 and 50 Hz, natural rule for 4000 s and Euclidean rule for 10 000 s in steps of 0.5 ms (exact decay, released convention), D_KL and rate error of every trial each 20 s from 50 samples, claims, tables, drawing.",
                    $"Target of 10 minutes on two cores: {N(time.Wall / 60, "F1")}, {(time.Wall <= Target ? "met" : "not met")}.",
                ],
                [
                    ["threads", "elapsed [s]", "processor [s]", "updates / elapsed s", "largest memory [MB]"],
                    [N(threads, "F0"), N(time.Wall, "F0"), N(time.Processor, "F0"), N(Updates / time.Wall, "G3"), N(memory, "F0")],
                ],
                [new { benchmark = "figure-3f", threads, wall_s = time.Wall, processor_s = time.Processor, updates = Updates, memory_mb = memory, rounds, machine = Results.Machine }]);
            return time.Wall <= Target ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
