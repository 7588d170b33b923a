using System.Diagnostics;
using static SynapticGeometry.Benchmarks.Simulation;

namespace SynapticGeometry.Benchmarks;

/// <summary>How long the whole inference with its sensitivity page takes: 1000 synapses in 10 groups, error from controls, a detection limit.</summary>
internal static class SensitivityBenchmark
{
    private const double Target = 180;

    public static int Run(Arguments arguments)
    {
        int rounds = arguments.Count("rounds", 3);
        var synapses = new SimulatedSynapses { Count = 1250, Exponent = 0.5, RelativeChange = 0.2, Groups = 10, Error = new MeasurementError(0.1) };
        RandomSource random = new RandomSource(1).Fork("sensitivity page");
        (double[] before, double[] after, string[] groups) = synapses.Draw(random);

        // The limit at the 20th percentile leaves about 1000 synapses detected at first.
        double limit = before.Order().ElementAt(before.Length / 5);
        var options = new LongitudinalOptions { Groups = groups, DetectionLimit = limit };
        LongitudinalSizes sizes = LongitudinalSizes.From([before, after], options).WithControls(synapses.DrawControls(300, 2, random));
        PairedWeights pairs = PairedWeights.From<double>(before, after, new PairingOptions { Groups = groups });
        List<string[]> table = [["threads", "synapses", "fits of the page", "wall s", "within target"]];
        var records = new List<object>();
        bool all = true;
        foreach (int threads in new[] { 2, 1 })
        {
            var walls = new List<double>();
            int rows = 0;
            for (int round = 0; round < rounds; round++)
            {
                var clock = Stopwatch.StartNew();
                InferenceResult result = GeometryInference.Infer(
                    pairs, sizes, new MeasurementOptions { Source = ErrorSource.Controls, Sensitivity = true }, new InferenceOptions { Threads = threads });
                walls.Add(clock.Elapsed.TotalSeconds);
                rows = result.Measurement!.Sensitivity.Count;
            }

            double wall = walls.Order().ElementAt(walls.Count / 2);
            bool within = wall < Target;
            all &= within || threads == 1;
            table.Add([$"{threads}", $"{sizes.Count}", $"{rows}", N(wall, "F1"), YesNo(within)]);
            records.Add(new { benchmark = "sensitivity-page", threads, synapses = sizes.Count, rows, rounds, wall });
        }

        Results.Write(
            "sensitivity-page",
            "Time of an inference with its sensitivity page",
            [
                "Error estimated from 300 controls, detection limit, 10 groups; five candidates, rivals, groups, cross-validation, and every row of the page refitted. "
                    + $"Median of {rounds} rounds. Target: below {Target} s on two cores.",
            ],
            table,
            records);
        return all ? 0 : 1;
    }
}
