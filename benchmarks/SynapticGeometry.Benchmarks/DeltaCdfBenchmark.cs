using System.Globalization;
using System.Text.Json;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// How long do Delta-CDF, the exact Wasserstein distance and the normality statistics of n changes take on one core, and how long do
/// the peers' NumPy forms of Delta-CDF? Both in one run, in turns.
/// </summary>
internal static class DeltaCdfBenchmark
{
    private const string Script = "md_deltacdf.py";

    public static int Run(Arguments arguments)
    {
        int size = arguments.Count("size", 10_000_000);
        int rounds = arguments.Count("rounds", 5);
        int broadcastRounds = arguments.Count("broadcast-rounds", 1, least: 0);
        string python = arguments.Text("python", "python3");
        string script = Path.Combine(arguments.Text("peers", Path.Combine(Results.Repository, "..", "shared", "peers")), Script);
        bool withPeers = File.Exists(script);

        // Student's t with 8 degrees of freedom, as the peer's, and the hardest case: normal values, whose distribution function
        // crosses Φ often.
        double[] normal = new double[size];
        new RandomSource(1).Fork("normal").FillNormal(normal);
        for (int i = 0; i < size; i++)
        {
            normal[i] *= 0.01;
        }

        double[] student = Student(size);
        float[] single = [.. student.Select(v => (float)v)];
        double[] residuals = new double[size], scratch = new double[size];

        (Measurement Measurement, Func<double> Work)[] ours =
        [
            (new("Delta-CDF, float64"), () => DeltaCdf.Statistic(student)),
            (new("Delta-CDF, float32"), () => DeltaCdf.Statistic(single)),
            (new("Wasserstein-1, float64"), () => Wasserstein.ToNormal(student)),
            (new("Wasserstein-1, float32"), () => Wasserstein.ToNormal(single)),
            (new("Wasserstein-1, float64, normal changes"), () => Wasserstein.ToNormal(normal)),
            (new("A², W² and W1, float64"), () => NormalityTest.Statistics(residuals, scratch).AndersonDarling),
            (new("A², W² and W1, float64, normal changes"), () => NormalityTest.Statistics(residuals, scratch).AndersonDarling),
        ];
        string[] methods = withPeers ? ["hist", "sort", "broadcast"] : [];
        Measurement[] peers = [.. methods.Select(m => new Measurement("NumPy " + m))];

        for (int round = -1; round < rounds; round++)
        {
            foreach ((Measurement measurement, Func<double> work) in ours)
            {
                Standardize(measurement.Name.EndsWith("normal changes", StringComparison.Ordinal) ? normal : student, residuals);
                if (round < 0)
                {
                    // Compiles, touches memory, is not counted.
                    work();
                }
                else
                {
                    measurement.Run(work);
                }
            }

            for (int m = 0; m < methods.Length && round >= 0; m++)
            {
                if (methods[m] == "broadcast" && round >= broadcastRounds)
                {
                    continue;
                }

                JsonElement line = Peer.Run(
                    python, [script, "--size", size.ToString(CultureInfo.InvariantCulture), "--method", methods[m], "--reps", "1"]);
                peers[m].Add(
                    line.GetProperty("median_wall_s").GetDouble(),
                    line.GetProperty("median_cpu_s").GetDouble(),
                    line.GetProperty("value").GetDouble());
            }
        }

        Measurement[] all = [.. ours.Select(o => o.Measurement), .. peers.Where(p => p.Rounds > 0)];
        Measurement grid = ours[0].Measurement, exact = ours[2].Measurement;
        List<string[]> table = [["form", "elapsed [s]", "processor [s]", "ns / change", "time / our Delta-CDF", "time / our W1", "value", "rounds"]];
        foreach (Measurement m in all)
        {
            table.Add(
            [
                m.Name,
                Number(m.Wall, "F4"),
                Number(m.Processor, "F4"),
                Number(m.Processor / size * 1e9, "F2"),
                Number(m.Processor / grid.Processor, "F2"),
                Number(m.Processor / exact.Processor, "F2"),
                Number(m.Value, "G6"),
                m.Rounds.ToString(CultureInfo.InvariantCulture),
            ]);
        }

        List<string> notes =
        [
            $"{size} changes, Student's t with 8 degrees of freedom times 0.01 unless said otherwise; the peer draws its own.",
            "Medians; one core each; ratios of processor time; our forms and the peer's take turns. Values in, statistic out: the standard deviation is included, as in the peer's.",
            withPeers
                ? "NumPy forms count values at or below a grid point and divide by n in the standard deviation; ours counts values strictly below and divides by n − 1, as published."
                : $"No peers: {Script} is not there; name its folder with --peers.",
        ];
        Results.Write(
            "delta-cdf",
            "Delta-CDF and exact distances of many changes",
            notes,
            table,
            all.Select(m => new
            {
                benchmark = "delta-cdf",
                form = m.Name,
                size,
                rounds = m.Rounds,
                wall_s = m.Wall,
                processor_s = m.Processor,
                value = m.Value,
                machine = Results.Machine,
            }));
        return 0;
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Standardize(double[] values, double[] residuals)
    {
        SampleMoments moments = SampleMoments.Of<double>(values);
        for (int i = 0; i < values.Length; i++)
        {
            residuals[i] = (values[i] - moments.Mean) / moments.PopulationStandardDeviation;
        }
    }

    private static double[] Student(int size)
    {
        const int degreesOfFreedom = 8;
        double[] t = new double[size], squares = new double[degreesOfFreedom];
        RandomSource numerator = new RandomSource(1).Fork("numerator"), denominator = new RandomSource(1).Fork("denominator");
        numerator.FillNormal(t);
        for (int i = 0; i < size; i++)
        {
            denominator.FillNormal(squares);
            t[i] *= 0.01 / Math.Sqrt(squares.Sum(v => v * v) / degreesOfFreedom);
        }

        return t;
    }
}
