using MathNet.Numerics.Distributions;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>The likelihood of the exponent against closed forms, other roads to the same number, and its invariances.</summary>
public sealed class ExponentLikelihoodTests
{
    [Fact]
    public void The_euclidean_member_is_the_normal_likelihood_of_the_difference()
    {
        (double[] before, double[] after) = Weights(500, 1);
        double[] difference = [.. after.Zip(before, (a, b) => a - b)];
        var normal = Normal.Estimate(difference);
        double mean = normal.Mean, sd = Math.Sqrt(difference.Average(d => (d - mean) * (d - mean)));
        double expected = difference.Sum(d => Normal.PDFLn(mean, sd, d));

        Assert.Equal(expected, LogLikelihood(before, after, 1), 1e-10 * Math.Abs(expected));
    }

    [Fact]
    public void The_logarithmic_member_is_the_log_normal_likelihood()
    {
        (double[] before, double[] after) = Weights(500, 0);
        double[] change = [.. after.Zip(before, (a, b) => Math.Log(a / b))];
        double mean = change.Average(), sd = Math.Sqrt(change.Average(d => (d - mean) * (d - mean)));
        double expected = before.Zip(after).Sum(p => LogNormal.PDFLn(Math.Log(p.First) + mean, sd, p.Second));

        Assert.Equal(expected, LogLikelihood(before, after, 0), 1e-10 * Math.Abs(expected));
    }

    [Theory]
    [InlineData("1.5-norm")]
    [InlineData("2-norm")]
    [InlineData("2.5-norm")]
    [InlineData("3-norm")]
    [InlineData("negative-entropy")]
    [InlineData("burg-entropy")]
    public void The_power_family_agrees_with_the_mirror_map_of_each_potential(string name)
    {
        // Two roads: the exact small-change form in logarithms, and the difference of two dual weights with the Hessian as Jacobian.
        Potential potential = Potential.Parse(name);
        foreach (PairedWeights pairs in new[] { Simulated.Pairs(400, 0.5), PairedWeights.From<double>([.. Weights(300, 0).Before.Select(w => -w)], [.. Weights(300, 0).After.Select(w => -w)]) })
        {
            foreach (Drift drift in Enum.GetValues<Drift>())
            {
                if (potential.Exponent == 0 && drift == Drift.SizeDependent)
                {
                    // The family continues its three drift columns to λ = 0, where a potential's own are only two.
                    continue;
                }

                ScaleFit power = ScaleFit.Run(new PowerScale(potential.Exponent!.Value), pairs, drift, 1)!;
                ScaleFit mirror = ScaleFit.Run(new PotentialScale(potential, pairs), pairs, drift, 1)!;

                Assert.Equal(mirror.LogLikelihood, power.LogLikelihood, 1e-7);
            }
        }
    }

    [Fact]
    public void Sign_flips_enter_p_norms_with_their_exact_dual_change()
    {
        PairedWeights pairs = Simulated.Signed(2000, 2);
        Assert.True(pairs.Counts.SignFlips > 100);

        ScaleFit power = ScaleFit.Run(new PowerScale(1.5), pairs, Drift.SizeDependent, 1)!;
        ScaleFit mirror = ScaleFit.Run(new PotentialScale(new PNorm(2.5), pairs), pairs, Drift.SizeDependent, 1)!;

        Assert.Equal(mirror.LogLikelihood, power.LogLikelihood, 1e-7);
        Assert.Null(ScaleFit.Run(new PowerScale(0), pairs, Drift.Constant, 1));
        Assert.Null(ScaleFit.Run(new PowerScale(-0.5), pairs, Drift.Constant, 1));
    }

    [Fact]
    public void Hyperbolic_entropy_is_euclidean_for_large_beta_and_entropic_for_small()
    {
        PairedWeights pairs = Simulated.Pairs(500, 0.5);

        Assert.Equal(Fit(new PowerScale(1)), Fit(new PotentialScale(new HyperbolicEntropy(1e5), 1)), 1e-4);
        Assert.Equal(Fit(new PowerScale(0)), Fit(new PotentialScale(new HyperbolicEntropy(1e-6), 1)), 1e-4);
        Assert.NotEqual(Fit(new PowerScale(0)), Fit(new PotentialScale(new HyperbolicEntropy(1), 1)), 1.0);

        double Fit(ChangeScale scale) => ScaleFit.Run(scale, pairs, Drift.Constant, 1)!.LogLikelihood;
    }

    [Fact]
    public void Purely_additive_noise_is_the_euclidean_model()
    {
        PairedWeights pairs = Simulated.Signed(500, 1);

        double additive = ScaleFit.Run(new AdditiveMultiplicativeScale(0, 1), pairs, Drift.SizeDependent, 1)!.LogLikelihood;
        double euclidean = ScaleFit.Run(new PowerScale(1), pairs, Drift.SizeDependent, 1)!.LogLikelihood;

        Assert.Equal(euclidean, additive, 1e-8);
    }

    [Fact]
    public void Densities_integrate_to_one()
    {
        // A pair set that differs from a fitted one in the weight after of one synapse only: its density must be a density.
        PairedWeights pairs = Simulated.Pairs(200, 0.5);
        foreach (ChangeScale scale in new ChangeScale[]
        {
            new PowerScale(0.5), new PowerScale(0), new PowerScale(1), new PotentialScale(new HyperbolicEntropy(0.7), 1), new AdditiveMultiplicativeScale(0.4, 2),
        })
        {
            ScaleFit fit = ScaleFit.Run(scale, pairs, Drift.SizeDependent, 1)!;
            double[] mean = new double[1], log = new double[1];
            fit.Means(0, mean);
            fit.LogDensities(0, log);

            // The density of the change is normal by construction; that of the weight must be it times the derivative of the scale.
            double w = pairs.After(0), h = 1e-6;
            double up = Change(scale, pairs, w * (1 + h)), down = Change(scale, pairs, w * (1 - h)), here = Change(scale, pairs, w);
            double slope = (up - down) / (2 * h * w);
            double expected = Normal.PDFLn(mean[0], Math.Sqrt(fit.Variance), here) + Math.Log(slope);
            Assert.Equal(expected, log[0], 1e-6);
        }

        static double Change(ChangeScale scale, PairedWeights pairs, double after)
        {
            double log = Math.Log(pairs.Before(0)) - pairs.LogGeometricMean;
            var probe = new PairedWeights([log], [Math.Log(after / pairs.Before(0))], [0], pairs.LogGeometricMean, pairs.Counts, null, []);
            double[] buffer = new double[5 * ChangeBlock.MaximumLength];
            ChangeBlock block = ChangeBlock.In(buffer, 1);
            scale.Evaluate(probe, 0, block);
            return block.Change[0];
        }
    }

    [Fact]
    public void The_likelihood_is_continuous_at_exponent_zero()
    {
        foreach (Drift drift in Enum.GetValues<Drift>())
        {
            PairedWeights pairs = Simulated.Pairs(500, 0);
            double at = new ExponentProfile(pairs, drift, 1).LogLikelihood(0);
            double near = new ExponentProfile(pairs, drift, 1).LogLikelihood(1e-9), other = new ExponentProfile(pairs, drift, 1).LogLikelihood(-1e-9);

            Assert.Equal(at, near, 1e-4);
            Assert.Equal(at, other, 1e-4);
            Assert.NotEqual(at, new ExponentProfile(pairs, drift, 1).LogLikelihood(0.2), 1.0);
        }
    }

    [Fact]
    public void Another_unit_moves_the_likelihood_by_n_log_k_and_the_estimate_not_at_all()
    {
        const double k = 1000;
        (double[] before, double[] after) = Weights(400, 0.5);
        double[] scaledBefore = [.. before.Select(w => k * w)], scaledAfter = [.. after.Select(w => k * w)];
        foreach (double lambda in new[] { -1, 0, 0.5, 2 })
        {
            Assert.Equal(LogLikelihood(before, after, lambda) - (400 * Math.Log(k)), LogLikelihood(scaledBefore, scaledAfter, lambda), 1e-7);
        }

        Assert.Equal(Estimate(before, after), Estimate(scaledBefore, scaledAfter), 1e-6);
    }

    [Fact]
    public void Turning_every_sign_changes_nothing_and_turning_half_of_them_does()
    {
        (double[] before, double[] after) = Weights(400, 0.5);
        double[] negativeBefore = [.. before.Select(w => -w)], negativeAfter = [.. after.Select(w => -w)];
        double[] halfBefore = [.. before.Select((w, i) => i % 2 == 0 ? w : -w)], halfAfter = [.. after.Select((w, i) => i % 2 == 0 ? w : -w)];

        Assert.Equal(LogLikelihood(before, after, 0.7), LogLikelihood(negativeBefore, negativeAfter, 0.7), 1e-9);

        // The constant mean of the dual change is not symmetric, so that it must change.
        Assert.NotEqual(LogLikelihood(before, after, 0.7), LogLikelihood(halfBefore, halfAfter, 0.7), 1e-3);
    }

    [Fact]
    public void Swapping_before_and_after_changes_only_the_jacobian()
    {
        (double[] before, double[] after) = Weights(400, 0.5);
        foreach (double lambda in new[] { -0.5, 0.3, 1, 1.7 })
        {
            double jacobian = (lambda - 1) * (before.Sum(Math.Log) - after.Sum(Math.Log));

            Assert.Equal(LogLikelihood(before, after, lambda) + jacobian, LogLikelihood(after, before, lambda), 1e-7);
        }
    }

    [Fact]
    public void The_interval_ends_where_the_likelihood_has_dropped_by_half_the_chi_squared_point()
    {
        PairedWeights pairs = Simulated.Pairs(300, 0.5);
        ExponentProfile profile = new ExponentProfile(pairs, Drift.SizeDependent, 1).Maximise();
        Interval interval = profile.LikelihoodInterval();
        double drop = MathNet.Numerics.Distributions.ChiSquared.InvCDF(1, 0.95) / 2;

        Assert.Equal(profile.Maximum - drop, profile.LogLikelihood(interval.Low), 1e-3);
        Assert.Equal(profile.Maximum - drop, profile.LogLikelihood(interval.High), 1e-3);
        Assert.True(interval.Contains(profile.Estimate));
    }

    [Fact]
    public void The_maximum_is_found_whether_or_not_it_is_hinted_at()
    {
        foreach (ulong seed in new ulong[] { 1, 2, 3, 4, 5 })
        {
            PairedWeights pairs = Simulated.Pairs(200, 1, seed);
            double free = new ExponentProfile(pairs, Drift.SizeDependent, 1).Maximise().Estimate;
            double hinted = new ExponentProfile(pairs, Drift.SizeDependent, 1).Maximise((free + 0.1, 0.4)).Estimate;
            double misled = new ExponentProfile(pairs, Drift.SizeDependent, 1).Maximise((free + 2, 0.5)).Estimate;

            Assert.Equal(free, hinted, 1e-4);
            Assert.Equal(free, misled, 1e-4);
        }
    }

    private static (double[] Before, double[] After) Weights(int count, double exponent)
    {
        PairedWeights pairs = Simulated.Pairs(count + 50, exponent);
        return ([.. Enumerable.Range(0, count).Select(pairs.Before)], [.. Enumerable.Range(0, count).Select(pairs.After)]);
    }

    private static double LogLikelihood(double[] before, double[] after, double lambda) =>
        new ExponentProfile(PairedWeights.From<double>(before, after), Drift.Constant, 1).LogLikelihood(lambda);

    private static double Estimate(double[] before, double[] after) =>
        GeometryInference.EstimateExponent(PairedWeights.From<double>(before, after)).Estimate;
}
