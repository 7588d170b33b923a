using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Sizes without error: against the profile likelihood of pairs, and against SciPy where synapses vanish.</summary>
public sealed class ExactSizeModelTests
{
    private static readonly double[] Before = [1, 2, 0.5, 3, 1.5, 0.8, 0.62, 1.2, 2.5, 0.55];
    private static readonly double[] After = [1.1, 1.8, 0, 3.3, 1.45, 0, 0.7, 1.15, 2.9, 0.56];

    [Theory]
    [InlineData(0.0, Drift.Constant)]
    [InlineData(0.5, Drift.SizeDependent)]
    [InlineData(1.0, Drift.SizeDependent)]
    [InlineData(2.0, Drift.Constant)]
    public void Without_a_limit_it_is_the_likelihood_of_pairs(double exponent, Drift drift)
    {
        // Two algorithms: profiled least squares on relative changes, and a search over all parameters on differences of dual values.
        var synapses = new SimulatedSynapses { Count = 500, Exponent = exponent };
        (double[] before, double[] after, _) = synapses.Draw(new RandomSource(3).Fork("pairs"));
        PairedWeights pairs = PairedWeights.From<double>(before, after);
        ExponentProfile profile = new ExponentProfile(pairs, drift, 1).Maximise();
        ChangeModelFit fit = new ExactSizeModel(new PowerLaw(drift), VanishedSynapses.Ignored).Estimate(LongitudinalSizes.From([before, after]));

        Assert.True(fit.Converged);
        Assert.Equal(profile.Estimate, fit["exponent"], 1e-2 * profile.StandardError);
        Assert.Equal(profile.Maximum, fit.LogLikelihood, 1e-4);
        Assert.Equal(profile.StandardError, fit.StandardError("exponent"), 0.01 * profile.StandardError);

        // At the same exponent the search over the rest ends at the least squares.
        var at = new PowerLaw(0.3, drift);
        Assert.Equal(profile.LogLikelihood(0.3), new ExactSizeModel(at, VanishedSynapses.Ignored).Estimate(LongitudinalSizes.From([before, after])).LogLikelihood, 1e-4);
        Interval interval = fit.LikelihoodInterval("exponent"), expected = profile.LikelihoodInterval();
        Assert.Equal(expected.Low, interval.Low, 0.02 * profile.StandardError);
        Assert.Equal(expected.High, interval.High, 0.02 * profile.StandardError);
    }

    [Fact]
    public void Vanished_synapses_count_as_changes_below_the_limit()
    {
        // scipy 1.11, stats.norm logcdf and logpdf: exponent 0.5, drift 0.02, change 0.3, limit 0.45.
        double[] expected =
        [
            0.14382782569559788, -0.20921880134291038, -0.9554409974304087, -0.48353892961808376, 0.015009004651184099, -2.6353819197331134,
            0.3691463664263077, 0.12776662399409947, -0.5533860374798907, 0.5094536688470859,
        ];
        Assert.Equal(expected, Values(VanishedSynapses.Recorded), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Where_vanished_synapses_are_not_recorded_the_likelihood_is_that_of_detected_ones()
    {
        // scipy 1.11, stats.norm logpdf less logsf: the same case.
        double[] expected =
        [
            0.16086105345206758, -0.20921756201329084, 0, -0.483538929607306, 0.015219602732346828, 0, 0.6091282433731222, 0.1310473703606175,
            -0.5533860330829029, 0.8739000359288934,
        ];
        Assert.Equal(expected, Values(VanishedSynapses.NotRecorded), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Theory]
    [InlineData(VanishedSynapses.Recorded)]
    [InlineData(VanishedSynapses.NotRecorded)]
    public void Modelling_the_limit_removes_the_bias_that_dropping_leaves(VanishedSynapses treatment)
    {
        // Ten data sets of 2000: the mean of their estimates has standard error 0.007; the bias of dropping is about −0.13.
        double mean = 0, dropped = 0;
        for (ulong seed = 1; seed <= 10; seed++)
        {
            LongitudinalSizes sizes = MeasuredSizes.Draw(2000, 1, 0.3, 0, seed, limit: 0.5);
            mean += new ExactSizeModel(new PowerLaw(Drift.Constant), treatment).Estimate(sizes)["exponent"] / 10;
            dropped += new ExactSizeModel(new PowerLaw(Drift.Constant), VanishedSynapses.Ignored).Estimate(sizes)["exponent"] / 10;
        }

        Assert.Equal(1, mean, 0.03);
        Assert.True(dropped < 0.93, $"{dropped}");
    }

    private static double[] Values(VanishedSynapses vanished) =>
        new ExactSizeModel(new PowerLaw(Drift.Constant), vanished).LogLikelihoods(
            LongitudinalSizes.From([Before, After], new LongitudinalOptions { DetectionLimit = 0.45 }), 0.5, 0.02, 0.3);
}
