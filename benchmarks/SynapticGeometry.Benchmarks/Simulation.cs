using System.Globalization;

namespace SynapticGeometry.Benchmarks;

/// <summary>Many data sets of known truth, and what the estimates make of them.</summary>
internal static class Simulation
{
    /// <summary>Runs as many data sets as asked for, each with random numbers of its own, on all cores.</summary>
    public static T[] Repeat<T>(int sets, string purpose, Func<RandomSource, T> run) => Repeat(sets, purpose, (source, _) => run(source));

    /// <summary>The same, each told its index.</summary>
    public static T[] Repeat<T>(int sets, string purpose, Func<RandomSource, int, T> run)
    {
        RandomSource random = new RandomSource(1).Fork(purpose);
        var outcomes = new T[sets];
        Parallel.For(0, sets, i => outcomes[i] = run(random.Fork("set", (ulong)i), i));
        return outcomes;
    }

    public static Recovery Summarise(this IEnumerable<Estimate> estimates)
    {
        Estimate[] all = [.. estimates];
        double mean = all.Average(e => e.Value);
        return new Recovery(
            all.Length, mean, Math.Sqrt(all.Sum(e => (e.Value - mean) * (e.Value - mean)) / Math.Max(1, all.Length - 1)), Share(all, e => e.Covered), Share(all, e => e.Converged));
    }

    public static double Share<T>(IReadOnlyCollection<T> all, Func<T, bool> that) => (double)all.Count(that) / all.Count;

    /// <summary>The estimate of the exponent by a model, and whether its likelihood interval covers the truth.</summary>
    public static Estimate Of(ChangeModel model, LongitudinalSizes sizes, double truth)
    {
        ChangeModelFit fit = model.Fit(sizes);
        return new Estimate(fit[ModelParameter.Exponent], fit.LikelihoodInterval(ModelParameter.Exponent).Contains(truth), fit.Converged);
    }

    public static string N(double value, string format = "F3") => value.ToString(format, CultureInfo.InvariantCulture);

    public static string YesNo(bool value) => value ? "yes" : "no";
}

/// <summary>One estimate.</summary>
internal readonly record struct Estimate(double Value, bool Covered, bool Converged = true);

/// <summary>Many estimates of one truth.</summary>
internal readonly record struct Recovery(int Sets, double Mean, double Deviation, double Coverage, double Converged)
{
    public string MeanAndDeviation => $"{Simulation.N(Mean, "F2")} ({Simulation.N(Deviation, "F2")})";
}
