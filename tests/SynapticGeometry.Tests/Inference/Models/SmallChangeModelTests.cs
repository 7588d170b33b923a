using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Variance components against SciPy, and what they make of controls and repeats.</summary>
public sealed class SmallChangeModelTests
{
    [Fact]
    public void The_likelihood_is_that_of_scipy()
    {
        // scipy 1.11, stats.norm.logpdf of the log change: exponent 0.7, drift (0.02, -0.05, 0.03), change 0.15, error 0.08 and 0.04 additive.
        double[] before = [1, 2, 0.5, 3, 1.5, 0.8, 0.62, 1.2, 2.5, 0.55], after = [1.1, 1.8, 0.52, 3.3, 1.45, 0.75, 0.7, 1.15, 2.9, 0.56];
        double[] expected =
        [
            0.5238109026222348, 0.13561903171432887, 0.8947360497292838, -0.4421557149374118, 0.4373091150117096, 0.6861210604035836,
            0.7565097250262044, 0.5440352824333486, -0.6725810047379599, 0.8649922943352016,
        ];
        double[] values = new SmallChangeModel(new PowerLaw(), new MeasurementError(0.08, 0.04))
            .LogLikelihoods(LongitudinalSizes.From([before, after]), 0.7, 0.02, -0.05, 0.03, 0.15);
        Assert.Equal(expected, values, (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void Without_error_it_is_the_exact_model_of_small_changes()
    {
        LongitudinalSizes sizes = MeasuredSizes.Draw(1000, 1, 0.005, 0);
        ChangeModelFit small = new SmallChangeModel(new PowerLaw(Drift.Constant), new MeasurementError(1e-7)).Estimate(sizes);
        ChangeModelFit exact = new ExactSizeModel(new PowerLaw(Drift.Constant)).Estimate(sizes);

        Assert.Equal(exact["exponent"], small["exponent"], 0.2 * exact.StandardError("exponent"));
        Assert.Equal(exact["change"], small["change"], 1e-4);
    }

    [Fact]
    public void Ignoring_the_error_drags_the_exponent_towards_zero_and_modelling_it_does_not()
    {
        // Ten data sets of 1000 with 10 % change and 5 % error: the mean has standard error 0.016; ignored, the bias is −0.4.
        double ignored = 0, modelled = 0;
        for (ulong seed = 1; seed <= 10; seed++)
        {
            LongitudinalSizes sizes = MeasuredSizes.Draw(1000, 1, 0.1, 0.05, seed);
            ignored += new ExactSizeModel(new PowerLaw(Drift.Constant), VanishedSynapses.Ignored).Estimate(sizes)["exponent"] / 10;
            modelled += new SmallChangeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.05)).Estimate(sizes)["exponent"] / 10;
        }

        Assert.Equal(1, modelled, 0.07);
        Assert.InRange(ignored, 0.5, 0.7);
    }

    [Fact]
    public void The_error_comes_from_controls_and_from_repeats()
    {
        LongitudinalSizes controlled = MeasuredSizes.Draw(300, 0.5, 0.1, 0.07, controls: 400);
        ChangeModelFit fit = new SmallChangeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.2), true).Estimate(controlled);

        // 400 differences give an error to 3.5 %.
        Assert.Equal(0.07, fit["error"], 0.009);
        Assert.Equal(0.07 / Math.Sqrt(800), fit.StandardError("error"), 0.0006);
    }

    [Fact]
    public void A_limit_or_an_error_that_nothing_tells_are_refused()
    {
        LongitudinalSizes limited = MeasuredSizes.Draw(100, 0.5, 0.1, 0.1, limit: 0.5), plain = MeasuredSizes.Draw(100, 0.5, 0.1, 0.1);

        Assert.Contains("detection limit", Refusal(new SmallChangeModel(new PowerLaw(), new MeasurementError(0.1)), limited), StringComparison.Ordinal);
        Assert.Contains("controls, repeated", Refusal(new SmallChangeModel(new PowerLaw(), new MeasurementError(0.1), true), plain), StringComparison.Ordinal);
        Assert.Contains("controls, repeated", Refusal(new LatentSizeModel(new PowerLaw(), new MeasurementError(0.1), true), plain), StringComparison.Ordinal);
        foreach (double bad in new[] { -0.1, double.NaN, double.PositiveInfinity })
        {
            Assert.Contains("finite and at least 0", Assert.ThrowsAny<ArgumentException>(() => new SmallChangeModel(new PowerLaw(), new MeasurementError(bad))).Message, StringComparison.Ordinal);
            Assert.ThrowsAny<ArgumentException>(() => new LatentSizeModel(new PowerLaw(), new MeasurementError(0.1, bad)));
        }

        Assert.Contains("above 0", Assert.ThrowsAny<ArgumentException>(() => new LatentSizeModel(new PowerLaw(), MeasurementError.None)).Message, StringComparison.Ordinal);

        static string Refusal(ChangeModel model, LongitudinalSizes sizes) => Assert.Throws<UninformativeDataException>(() => model.Estimate(sizes)).Message;
    }
}
