using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Measured sizes with a known law, for tests.</summary>
internal static class MeasuredSizes
{
    public static LongitudinalSizes Draw(
        int count, double exponent, double change, double error, ulong seed = 1, int controls = 0, double? limit = null, double additive = 0)
    {
        var synapses = new SimulatedSynapses { Count = count, Exponent = exponent, RelativeChange = change, Error = new MeasurementError(error, additive) };
        RandomSource random = new RandomSource(seed).Fork("measured sizes");
        (double[] before, double[] after, _) = synapses.Draw(random);
        LongitudinalSizes sizes = LongitudinalSizes.From([before, after], new LongitudinalOptions { DetectionLimit = limit });
        return controls == 0 ? sizes : sizes.WithControls(synapses.DrawControls(controls, 2, random));
    }

    /// <summary>Sizes at several sessions drawn from a model; all first sizes are there.</summary>
    public static LongitudinalSizes Course(ChangeModel model, double[] parameters, int count, int[] epochs, ulong seed = 1)
    {
        double[] first = new double[count];
        new RandomSource(seed).Fork("first sizes").FillNormal(first);
        double[] sizes = [.. first.Select(z => Math.Exp(0.8 * z))];
        LongitudinalSizes design = LongitudinalSizes.From([.. epochs.Select(_ => sizes)], new LongitudinalOptions { EpochOfSession = epochs });
        return model.Simulate(design, parameters, new RandomSource(seed).Fork("course"));
    }

    public static ChangeModelFit Estimate(this ChangeModel model, LongitudinalSizes sizes, double[]? start = null) =>
        model.Fit(sizes, start, TestContext.Current.CancellationToken);

    /// <summary>Log-likelihood of every synapse and control.</summary>
    public static double[] LogLikelihoods(this ChangeModel model, LongitudinalSizes sizes, params double[] parameters)
    {
        double[] values = new double[sizes.TotalCount];
        model.LogLikelihood(sizes, parameters, values);
        return values;
    }
}
