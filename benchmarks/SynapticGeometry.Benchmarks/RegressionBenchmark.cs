using System.Globalization;

namespace SynapticGeometry.Benchmarks;

/// <summary>
/// The linear-regression study in its parts: correlated inputs by circulant embedding against a Cholesky factor, passes over the data with three
/// columns and with all rates, and what the published sizes take by these.
/// </summary>
internal static class RegressionBenchmark
{
    public static int Run(Arguments arguments)
    {
        int weights = arguments.Count("weights", 20_000, least: 100), rounds = arguments.Count("rounds", 3);
        string folder = arguments.Text("peers", Path.Combine(Results.Repository, "..", "shared", "peers"));
        string python = arguments.Text("python", "/usr/bin/python3");

        // Processor seconds after which the Cholesky way, which takes many minutes, is given up.
        int cholesky = arguments.Count("cholesky", 120, least: 0);
        int samples = LinearRegressionTask.SamplesOf(weights, 0.75);
        LinearRegressionTask task = new(weights, samples, 1);
        List<string> notes = [$"{weights} weights, {samples} samples; medians of {rounds} rounds, one core; processor time unless said otherwise."];
        List<string[]> table = [["what", "who", "elapsed s", "processor s", "GFLOP/s"]];
        List<object> records = [];

        var draw = new Measurement("draw");
        LinearRegressionData? data = null;
        for (int round = 0; round < rounds; round++)
        {
            draw.Run(() =>
            {
                data = task.Draw(new RandomSource(1));
                return 0;
            });
        }

        Add("inputs, noise and labels", "ours", draw.Wall, draw.Processor, null);
        var sampling = new Measurement("sampling");
        StationaryGaussian sampler = StationaryGaussian.Alternating(weights, 1);
        double[] first = new double[weights], second = new double[weights];
        for (int round = 0; round < rounds; round++)
        {
            sampling.Run(() =>
            {
                RandomSource random = new(1);
                for (int pair = 0; pair < (samples + 1) / 2; pair++)
                {
                    sampler.FillPair(random, first, second);
                }

                return 0;
            });
        }

        Add("correlated rows", "ours", sampling.Wall, sampling.Processor, null);
        Peers(cholesky > 0 ? ["fft", "cholesky", "gradstep"] : ["fft", "gradstep"]);
        double three = Pass(3), many = Pass(48);
        notes.Add($"A pass is residuals and gradients, 4 N D operations a column. {N(draw.Processor / three, "F1")} passes of three columns take as long as drawing the data.");
        Results.Write("regression", "The linear-regression study", notes, table, records);
        return 0;

        double Pass(int columns)
        {
            FloatMatrix w = new(columns, weights, FewColumns.VectorGroup), g = new(columns, weights, FewColumns.VectorGroup);
            NormalWeights law = new(1 / Math.Sqrt(weights));
            for (int c = 0; c < columns; c++)
            {
                double[] drawn = new double[weights];
                law.Draw(new RandomSource((ulong)c), drawn);
                for (int i = 0; i < weights; i++)
                {
                    w.Row(c)[i] = (float)drawn[i];
                }
            }

            double[] loss = new double[columns];
            var pass = new Measurement("pass");
            for (int round = 0; round < 3 * rounds; round++)
            {
                pass.Run(() =>
                {
                    FewColumns.LossAndGradient(data!.Inputs, data.Labels, w, columns, g, loss);
                    return loss[0];
                });
            }

            Add($"pass, {columns} columns", "ours", pass.Wall, pass.Processor, 4.0 * samples * weights * columns / pass.Processor / 1e9);
            return pass.Processor;
        }

        void Peers(string[] methods)
        {
            foreach (string method in methods)
            {
                string type = method == "gradstep" ? "float32" : "float64";
                bool factor = method == "cholesky";
                System.Text.Json.JsonElement? ended = Peer.Run(python, [Path.Combine(folder, "md_linreg_sampling.py"), "--method", method, "--dim", N(weights, "F0"), "--p", "1", "--dtype", type, "--reps", factor ? "1" : "3"], factor ? cholesky : double.PositiveInfinity);
                if (factor)
                {
                    double least = ended?.GetProperty("median_cpu_s").GetDouble() ?? cholesky;
                    string more = ended is null ? "more than " : string.Empty;
                    notes.Add($"Circulant embedding against the Cholesky factor with its factorisation, by processor time: {more}{N(least / sampling.Processor, "F0")} times. Target of 20: {(least >= 20 * sampling.Processor ? "met" : "not met")}.{(ended is null ? $" The Cholesky way was ended after {cholesky} s, unfinished." : "")}");
                    if (ended is null)
                    {
                        table.Add(["correlated rows", "NumPy cholesky", "", $"> {cholesky}", ""]);
                        continue;
                    }
                }

                System.Text.Json.JsonElement line = ended!.Value;
                double wall = line.GetProperty("median_wall_s").GetDouble(), processor = line.GetProperty("median_cpu_s").GetDouble();
                bool step = method == "gradstep";
                Add(step ? "pass, 1 column" : "correlated rows", $"NumPy {method}", wall, processor, step ? 4.0 * samples * weights / processor / 1e9 : null);
            }
        }

        void Add(string what, string who, double wall, double processor, double? speed)
        {
            table.Add([what, who, N(wall, "G3"), N(processor, "G3"), speed is { } s ? N(s, "F1") : ""]);
            records.Add(new { benchmark = "regression", what, who, weights, samples, wall_s = wall, processor_s = processor, gflops = speed, machine = Results.Machine });
            Console.Error.WriteLine(string.Join(" | ", table[^1]));
        }
    }

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
