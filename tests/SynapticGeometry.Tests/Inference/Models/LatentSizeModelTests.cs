using MathNet.Numerics.Interpolation;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Hidden true sizes: the sums over the grid against integrals done another way, against each other, and against the limits of the model.</summary>
public sealed class LatentSizeModelTests
{
    [Theory]
    [InlineData(0.0, 0.1, 0.1)]
    [InlineData(0.5, 0.3, 0.05)]
    [InlineData(1.0, 0.1, 0.2)]
    [InlineData(2.0, 0.1, 0.1)]
    [InlineData(2.0, 0.4, 0.05)]
    [InlineData(-1.0, 0.1, 0.1)]
    public void Two_sessions_are_the_double_integral_over_true_sizes(double exponent, double change, double error)
    {
        // In a set with λ = 2 and these errors most large synapses change by far less than a grid step.
        LongitudinalSizes sizes = MeasuredSizes.Draw(25, exponent, change, error);
        double[] parameters = [exponent, 0.03, change];
        double[] values = new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(error), vanished: VanishedSynapses.NotRecorded).LogLikelihoods(sizes, parameters);

        for (int i = 0; i < sizes.Count; i++)
        {
            // Far out, where a density is a hundredth of its peak, a little more.
            double expected = Integral(sizes, i, parameters, error);
            Assert.Equal(expected, values[i], 1.5e-3 * (1 + Math.Abs(expected)));
        }
    }

    [Fact]
    public void Normal_scores_reject_the_right_law_seldom_and_a_wrong_one_mostly()
    {
        // 60 sets at the 5 % level: more than 9 rejections of the truth have a chance below 0.1 %.
        const int sets = 60;
        var reference = new NormalityNull(300, 499, 1);
        int truth = 0, wrong = 0;
        for (int i = 0; i < sets; i++)
        {
            LongitudinalSizes sizes = MeasuredSizes.Draw(300, 1, 0.3, 0.05, (ulong)i);
            truth += Rejects(new PowerLaw(), sizes) ? 1 : 0;
            wrong += Rejects(new PowerLaw(-0.5), sizes) ? 1 : 0;
        }

        Assert.InRange(truth, 0, 9);
        Assert.True(wrong > sets / 2, $"{wrong} of {sets}");

        bool Rejects(PowerLaw law, LongitudinalSizes sizes)
        {
            var model = new LatentSizeModel(law, new MeasurementError(0.05), vanished: VanishedSynapses.NotRecorded);
            double[] scores = [.. model.NormalScores(sizes, model.Estimate(sizes).Parameters).Select(s => s.Score)];
            return reference.AndersonDarlingP(NormalityTest.StatisticsOfSample(scores).AndersonDarling) < 0.05;
        }
    }

    [Fact]
    public void Repeats_of_one_size_that_lie_far_apart_are_unlikely_and_not_impossible()
    {
        // One control among many, its two measurements 20 errors apart: for a broad distribution of true sizes x₂ given x₁ is N(x₁, 2τ²).
        const double tau = 0.05;
        double[] first = [.. Enumerable.Range(0, 400).Select(i => Math.Exp(-1 + (0.005 * i)))], second = [.. first];
        for (int i = 0; i < first.Length; i++)
        {
            second[i] *= Math.Exp(tau * ((i % 3) - 1));
        }

        second[200] = first[200] * Math.Exp(20 * tau);
        LongitudinalSizes sizes = MeasuredSizes.Draw(50, 0.5, 0.2, tau).WithControls([first, second]);
        double[] values = new LatentSizeModel(new PowerLaw(), new MeasurementError(tau)).LogLikelihoods(sizes, [0.5, 0, 0, 0, 0.2]);

        ReadOnlySpan<double> outlier = sizes.Controls![200], usual = sizes.Controls[199];
        double Expected(ReadOnlySpan<double> x) => (-0.25 * Math.Pow((x[1] - x[0]) / tau, 2)) - x[1];
        double expected = Expected(outlier) - Expected(usual);
        Assert.Equal(expected, values[sizes.Count + 200] - values[sizes.Count + 199], 0.05 * Math.Abs(expected));
    }

    [Fact]
    public void A_limit_enters_as_the_integral_says()
    {
        LongitudinalSizes sizes = MeasuredSizes.Draw(40, 1, 0.3, 0.1, limit: 0.5);
        double[] parameters = [1, 0.02, 0.3];
        double[] seen = new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.1), vanished: VanishedSynapses.NotRecorded).LogLikelihoods(sizes, parameters);
        double[] all = new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.1)).LogLikelihoods(sizes, parameters);
        Assert.Contains(Enumerable.Range(0, sizes.Count), i => double.IsNegativeInfinity(sizes[i][1]));

        for (int i = 0; i < sizes.Count; i++)
        {
            bool vanished = double.IsNegativeInfinity(sizes[i][1]);
            Assert.Equal(vanished ? 0 : Integral(sizes, i, parameters, 0.1), seen[i], 2e-3);
            Assert.Equal(Integral(sizes, i, parameters, 0.1, recorded: true), all[i], 2e-3);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(2.0)]
    public void A_vanishing_error_leaves_the_exact_model(double exponent)
    {
        LongitudinalSizes sizes = MeasuredSizes.Draw(300, exponent, 0.2, 0);
        double[] parameters = [exponent, 0.01, 0.2];
        double exact = new ExactSizeModel(new PowerLaw(Drift.Constant), VanishedSynapses.Ignored).LogLikelihoods(sizes, parameters).Sum();
        double near = Latent(0.004), far = Latent(0.02);

        double Latent(double tau) => new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(tau), vanished: VanishedSynapses.Ignored).LogLikelihoods(sizes, parameters).Sum();
        Assert.True(Math.Abs(near - exact) < 0.2 * Math.Abs(far - exact) + 0.05, $"{exact} {near} {far}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_transition_loses_probability(bool blurred)
    {
        double[] w = [0.1, 0.5, 1, 2, 3, 8];
        LongitudinalSizes sizes = LongitudinalSizes.From(blurred ? [w, w] : [w, w, w]);
        SizeGrid grid = SizeGrid.For(sizes, new MeasurementError(0.1));
        Assert.Equal(blurred, grid.Blurred);
        var transition = new SizeTransitionMatrix(grid);
        foreach (double exponent in new[] { -1, 0, 0.5, 2 })
        {
            foreach (double change in new[] { 0.001, 0.1, 2 })
            {
                Assert.True(transition.Fill(new PowerLaw(Drift.Constant), [exponent, 0.05, change], [], []));
                for (int j = 0; j < grid.Count; j++)
                {
                    double sum = transition.Gone[j];
                    foreach (double p in transition.Row(j)[..grid.Count])
                    {
                        sum += p;
                    }

                    // Rows end where the normal tail does, which a blur rounds off.
                    Assert.Equal(1, sum, 1e-8);
                }
            }
        }
    }

    [Theory]
    [InlineData(VanishedSynapses.Recorded)]
    [InlineData(VanishedSynapses.NotRecorded)]
    public void A_course_is_the_sum_over_all_paths(VanishedSynapses vanished)
    {
        // Every path of true sizes through the grid, one by one: seen, missed, repeated and unseen sessions.
        double no = double.NaN;
        double[][] table =
        [
            [1, 2, 1.5, 1.2, 0.9, 1.1],
            [1.2, no, 1.4, 1.3, 1.0, 1.2],
            [1.1, 2.3, 1.7, vanished == VanishedSynapses.Recorded ? 0.1 : 1, 0.9, 1.3],
            [0.8, 2.5, no, 1.1, 0.7, 1.4],
        ];
        LongitudinalSizes sizes = LongitudinalSizes.From(table, new LongitudinalOptions { EpochOfSession = [0, 1, 1, 2], DetectionLimit = 0.6 });
        var error = new MeasurementError(0.15);
        var model = new LatentSizeModel(new PowerLaw(Drift.Constant), error, vanished: vanished);
        double[] law = [0.7, 0.02, 0.25], values = model.LogLikelihoods(sizes, law);
        (SizeGrid grid, double[] prior) = model.TrueSizes(sizes, error);
        var k = new SizeTransitionMatrix(grid);
        Assert.True(k.Fill(model.Law, law, [], []));

        for (int i = 0; i < sizes.Count; i++)
        {
            double[] x = sizes[i].ToArray();
            double numerator = 0, denominator = 0;
            for (int a = 0; a < grid.Count; a++)
            {
                double first = prior[a] * Seen(x[0], a);
                for (int b = 0; b < grid.Count && first > 1e-30; b++)
                {
                    double second = first * k.Row(a)[b];
                    for (int c = 0; c < grid.Count && second > 1e-30; c++)
                    {
                        double path = second * k.Row(b)[c];
                        numerator += path * Seen(x[1], b) * Seen(x[2], b) * Seen(x[3], c);
                        denominator += path * Chance(x[1], b) * Chance(x[2], b) * Chance(x[3], c);
                    }
                }

                denominator += vanished == VanishedSynapses.Recorded ? first * (1 - Row(k, a)) : 0;
            }

            if (vanished == VanishedSynapses.Recorded)
            {
                denominator = Enumerable.Range(0, grid.Count).Sum(a => prior[a] * Seen(x[0], a));
            }

            double log = Math.Log(numerator / denominator) - x[1..].Where(double.IsFinite).Sum(v => v + sizes.LogUnit);
            Assert.Equal(log, values[i], 1e-4);
        }

        static double Row(SizeTransitionMatrix k, int a) => 1 - k.Gone[a];
        double Chance(double measured, int point) => double.IsNaN(measured) ? 1 : NormalDistribution.Survival((sizes.LogLimit - grid.Points[point]) / 0.15);
        double Seen(double measured, int point)
        {
            double z = (measured - grid.Points[point]) / 0.15;
            return double.IsNaN(measured) ? 1
                : double.IsFinite(measured) ? NormalDistribution.Density(z) / 0.15
                : NormalDistribution.Cdf((sizes.LogLimit - grid.Points[point]) / 0.15);
        }
    }

    [Fact]
    public void Two_grids_for_one_set_agree()
    {
        // A session after that was never looked at changes nothing but the grid: the first is blurred, the second finer and is not.
        (double[] before, double[] after, _) = new SimulatedSynapses { Count = 300, Exponent = 0.5, RelativeChange = 0.15, Error = new MeasurementError(0.1) }.Draw(new RandomSource(5));
        double[] never = new double[300];
        Array.Fill(never, double.NaN);
        var model = new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.1));
        double[] two = model.LogLikelihoods(LongitudinalSizes.From([before, after]), 0.5, 0.01, 0.15);
        double[] three = model.LogLikelihoods(LongitudinalSizes.From([before, after, never]), 0.5, 0.01, 0.15);

        Assert.Equal(two.Sum(), three.Sum(), 0.1);
        Assert.Equal(two, three, (a, b) => Math.Abs(a - b) < 0.02 * (1 + Math.Abs(a)));
    }

    [Theory]
    [InlineData(VanishedSynapses.Recorded)]
    [InlineData(VanishedSynapses.NotRecorded)]
    public void Repeats_may_be_merged_epoch_by_epoch(VanishedSynapses vanished)
    {
        // With an epoch behind them that was never looked at they are taken one by one.
        var model = new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.08), true, vanished);
        double[] parameters = [1, 0.02, 0.3, 0.08], never = new double[200];
        Array.Fill(never, double.NaN);
        (double[] first, double[] last, _) = new SimulatedSynapses { Count = 200, Exponent = 1, RelativeChange = 0.3 }.Draw(new RandomSource(9));
        double[][] table = [.. new[] { first, first, last, last, last }.Select((sizes, t) =>
        {
            var errors = new double[200];
            new RandomSource(9).Fork("errors", (ulong)t).FillNormal(errors);
            return sizes.Select((w, i) => (i + t) % 7 == 0 && t is 1 or 3 ? double.NaN : w * Math.Exp(0.08 * errors[i])).ToArray();
        })];
        double[] merged = model.LogLikelihoods(LongitudinalSizes.From(table, new LongitudinalOptions { EpochOfSession = [0, 0, 1, 1, 1] }), parameters);
        double[] apart = model.LogLikelihoods(LongitudinalSizes.From([.. table, never], new LongitudinalOptions { EpochOfSession = [0, 0, 1, 1, 1, 2] }), parameters);

        Assert.Equal(apart, merged, (a, b) => Math.Abs(a - b) < 1e-8);
        Assert.All(merged, value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void Where_only_controls_tell_of_the_error_it_is_their_spread()
    {
        // Changes a hundred times the error: they say nothing about it.
        LongitudinalSizes sizes = MeasuredSizes.Draw(30, 0, 1, 0.02, controls: 200);
        ChangeModelFit fit = new LatentSizeModel(new PowerLaw(0, Drift.Constant), new MeasurementError(0.05), true).Estimate(sizes);
        LongitudinalSizes controls = sizes.Controls!;
        double expected = Math.Sqrt(Enumerable.Range(0, controls.Count).Average(i => Math.Pow(controls[i][1] - controls[i][0], 2)) / 2);

        Assert.Equal(expected, fit["error"], 0.02 * expected);
    }

    [Fact]
    public void The_start_of_the_error_does_not_matter()
    {
        // Ten times too large: the grid is made anew on the way.
        LongitudinalSizes sizes = MeasuredSizes.Draw(200, 0.5, 0.15, 0.06, controls: 100);
        ChangeModelFit near = new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.06), true).Estimate(sizes);
        var model = new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.5), true);
        double[] far = [0.5, 0, 0.1, 0.5];
        ChangeModelFit other = model.Estimate(sizes, far);

        Assert.Equal(near["exponent"], other["exponent"], 0.05 * near.StandardError("exponent"));
        Assert.Equal(near["error"], other["error"], 0.05 * near.StandardError("error"));
    }

    [Theory]
    [InlineData(1.0, 0.1, 0.05)]
    [InlineData(2.0, 0.3, 0.1)]
    public void The_exponent_is_recovered_under_error_of_any_size_of_change(double exponent, double change, double error)
    {
        // Twelve sets of 500. Single estimates have standard errors 0.06 and 0.12: their mean errs by 0.017 and 0.035, the bounds are four times that.
        double mean = 0;
        int covered = 0;
        for (ulong seed = 1; seed <= 12; seed++)
        {
            LongitudinalSizes sizes = MeasuredSizes.Draw(500, exponent, change, error, seed);
            ChangeModelFit fit = new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(error), vanished: VanishedSynapses.NotRecorded).Estimate(sizes);
            Assert.True(fit.Converged);
            mean += fit["exponent"] / 12;
            covered += fit.LikelihoodInterval("exponent").Contains(exponent) ? 1 : 0;
        }

        Assert.Equal(exponent, mean, exponent == 1 ? 0.07 : 0.14);

        // Fewer than 9 of 12 intervals that cover with probability 0.95 do so with probability 2e-4.
        Assert.InRange(covered, 9, 12);
    }

    // ∫ A(u) ∫ φ(z) N(x₁; u₁(u, z), τ²) dz du with the model's distribution of true sizes between its grid points by a spline.
    private static double Integral(LongitudinalSizes sizes, int synapse, double[] parameters, double error, bool recorded = false)
    {
        var law = new PowerLaw(Drift.Constant);
        var model = new LatentSizeModel(law, new MeasurementError(error));
        (SizeGrid grid, double[] prior) = model.TrueSizes(sizes, new MeasurementError(error));
        var logPrior = CubicSpline.InterpolateNatural(grid.Points, prior.Select(p => Math.Log(p)));
        double x0 = sizes[synapse][0], x1 = sizes[synapse][1], numerator = 0, denominator = 0;
        (double zero, double infinity) = law.Range(parameters.AsSpan(0, 1));
        for (int a = -140; a <= 140; a++)
        {
            double u = x0 + (a * error / 20);
            double weight = Math.Exp(logPrior.Interpolate(u)) * NormalDistribution.Density((x0 - u) / error);
            double[] y = [0];
            law.Dual(parameters.AsSpan(0, 1), [u], y, []);
            double centre = y[0] + parameters[1];
            const int half = 250;
            for (int b = -half; b <= half; b++)
            {
                double z = b * 8.0 / half, at = centre + (parameters[2] * z), share = weight * NormalDistribution.Density(z) * 8.0 / half;
                y[0] = at;
                law.FromDual(parameters.AsSpan(0, 1), y, y);
                bool gone = at <= zero;
                double detected = gone ? 0 : NormalDistribution.Survival((sizes.LogLimit - y[0]) / error);
                if (double.IsNegativeInfinity(x1))
                {
                    numerator += share * (1 - detected);
                }
                else if (!gone && at < infinity)
                {
                    numerator += share * NormalDistribution.Density((x1 - y[0]) / error) / error;
                }

                denominator += recorded ? share : share * detected;
            }
        }

        return Math.Log(numerator / denominator) - (double.IsFinite(x1) ? x1 + sizes.LogUnit : 0);
    }
}
