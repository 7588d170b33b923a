using static SynapticGeometry.Benchmarks.Simulation;

namespace SynapticGeometry.Benchmarks;

/// <summary>How long one fit under measurement error takes, interval included, on one core.</summary>
internal static class GridExactBenchmark
{
    private const double Target = 10;

    public static int Run(Arguments arguments)
    {
        int rounds = arguments.Count("rounds", 7);
        List<string[]> table = [["c", "τ", "error", "drift", "fit and interval, processor s", "wall s", "within target"]];
        var records = new List<object>();
        bool all = true;
        foreach ((double change, double error, bool estimated, Drift drift) in new[]
        {
            (0.1, 0.1, false, Drift.Constant), (0.1, 0.1, false, Drift.SizeDependent), (0.1, 0.05, false, Drift.SizeDependent), (0.3, 0.05, true, Drift.SizeDependent),
        })
        {
            var synapses = new SimulatedSynapses { Count = 1000, Exponent = 0.5, RelativeChange = change, Error = new MeasurementError(error) };
            RandomSource random = new RandomSource(1).Fork("grid-exact speed");
            (double[] before, double[] after, _) = synapses.Draw(random);
            LongitudinalSizes sizes = LongitudinalSizes.From([before, after]).WithControls(synapses.DrawControls(300, 2, random));
            var measurement = new Measurement("fit");
            for (int round = 0; round <= rounds; round++)
            {
                double Work() => Of(new LatentSizeModel(new PowerLaw(drift), new MeasurementError(error), estimated), sizes, 0.5).Value;
                if (round == 0)
                {
                    Work();
                }
                else
                {
                    measurement.Run(Work);
                }
            }

            bool within = measurement.Processor < Target;
            all &= within;
            table.Add([N(change, "0.#"), N(error, "0.##"), estimated ? "estimated" : "given", drift == Drift.Constant ? "constant" : "size", N(measurement.Processor, "F2"), N(measurement.Wall, "F2"), YesNo(within)]);
            records.Add(new { benchmark = "grid-exact", change, error, estimated, drift = drift.ToString(), rounds, processor = measurement.Processor, wall = measurement.Wall });
        }

        Results.Write(
            "grid-exact",
            "Time of a fit under measurement error",
            [$"1000 synapses, 300 controls, latent-size model, exponent with its likelihood interval; median of {rounds} rounds on one core. Target: below {Target} s."],
            table,
            records);
        return all ? 0 : 1;
    }
}
