namespace SynapticGeometry;

/// <summary>Draws measured sizes of later sessions: the true size moves under a law from epoch to epoch and is seen with error above a limit.</summary>
internal static class SizeSimulation
{
    // A synapse whose every later size would go unrecorded is drawn again, at most so often.
    private const int Attempts = 1000;

    /// <summary>Draws all sessions after the first detection of each synapse; what was not measured stays not measured.</summary>
    /// <param name="law">How true sizes change.</param>
    /// <param name="error">The error of a measurement.</param>
    /// <param name="vanished">Where vanished synapses are not recorded, a course with one is drawn again.</param>
    /// <param name="design">Synapses and sessions.</param>
    /// <param name="parameters">Parameters of the law.</param>
    /// <param name="random">Source of the random numbers; every synapse has a stream of its own.</param>
    /// <param name="trueSize">Draws the true log size of a synapse at its first detection.</param>
    public static LongitudinalSizes Draw(
        ChangeLaw law, MeasurementError error, VanishedSynapses vanished, LongitudinalSizes design, ReadOnlySpan<double> parameters, RandomSource random, Func<int, RandomSource, double> trueSize)
    {
        var values = new double[design.Count * design.Sessions];
        double[] all = parameters.ToArray();
        for (int i = 0; i < design.Count; i++)
        {
            RandomSource stream = random.Fork("simulated synapse", (ulong)i);
            Span<double> row = values.AsSpan(i * design.Sessions, design.Sessions);
            int attempt = 0;
            do
            {
                Course(law, error, design, i, all, stream, trueSize(i, stream), row);
            }
            while (vanished != VanishedSynapses.Recorded && row.Contains(double.NegativeInfinity) && ++attempt < Attempts);
            if (attempt == Attempts)
            {
                throw new ArgumentException($"Synapse {i + 1} vanishes in every one of {Attempts} simulated courses.", nameof(parameters));
            }
        }

        return design.WithLogSizes(values);
    }

    private static void Course(ChangeLaw law, MeasurementError error, LongitudinalSizes design, int synapse, double[] parameters, RandomSource stream, double start, Span<double> row)
    {
        ReadOnlySpan<double> measured = design[synapse];
        int first = design.FirstMeasured(synapse), epoch = design.EpochOfSession[first];
        measured[..(first + 1)].CopyTo(row);
        double size = start;
        Span<double> u = stackalloc double[1], y = stackalloc double[1], mean = stackalloc double[1], spread = stackalloc double[1];
        (double zero, double infinity) = law.Range(parameters.AsSpan(0, law.ShapeCount));
        for (int t = first + 1; t < row.Length; t++)
        {
            for (; epoch < design.EpochOfSession[t]; epoch++)
            {
                double z = stream.NextNormal();
                if (!double.IsFinite(size))
                {
                    continue;
                }

                u[0] = size;
                law.Dual(parameters.AsSpan(0, law.ShapeCount), u, y, []);
                law.Change(parameters, u, mean, spread);
                y[0] = Math.Min(y[0] + mean[0] + (spread[0] * z), double.IsFinite(infinity) ? infinity * (1 - 1e-9) : infinity);
                law.FromDual(parameters.AsSpan(0, law.ShapeCount), y, u);
                size = y[0] <= zero ? double.NegativeInfinity : u[0];
            }

            double e = stream.NextNormal();
            double seen = double.IsFinite(size) ? size + (e * Math.Sqrt(error.Variance(size + design.LogUnit))) : size;
            row[t] = double.IsNaN(measured[t]) ? double.NaN : seen < design.LogLimit ? double.NegativeInfinity : seen;
        }
    }
}
