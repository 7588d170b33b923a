using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>What every model of measured sizes promises, under every law.</summary>
public sealed class ChangeModelTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string model in new[] { "exact", "small-change", "latent-size" })
            {
                foreach (string law in new[] { "power", "hypentropy", "additive-multiplicative" })
                {
                    data.Add(model, law);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Another_unit_moves_the_likelihood_by_n_log_k_and_the_parameters_not_at_all(string name, string lawName)
    {
        (ChangeModel model, double[] parameters) = Model(name, lawName);
        const double k = 250;
        (double[] before, double[] after) = Weights(100);
        double[] here = model.LogLikelihoods(LongitudinalSizes.From([before, after]), parameters);
        double[] there = model.LogLikelihoods(LongitudinalSizes.From([[.. before.Select(w => k * w)], [.. after.Select(w => k * w)]]), parameters);
        for (int i = 0; i < here.Length; i++)
        {
            Assert.Equal(here[i] - Math.Log(k), there[i], 1e-8);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_order_of_the_synapses_is_of_no_account_and_the_same_question_has_the_same_answer(string name, string lawName)
    {
        (ChangeModel model, double[] parameters) = Model(name, lawName);
        (double[] before, double[] after) = Weights(80);
        LongitudinalSizes sizes = LongitudinalSizes.From([before, after]);
        double[] first = model.LogLikelihoods(sizes, parameters), again = model.LogLikelihoods(sizes, parameters);
        double[] reversed = model.LogLikelihoods(LongitudinalSizes.From([[.. before.Reverse()], [.. after.Reverse()]]), parameters);

        Assert.Equal(first, again);
        Assert.Equal(first.Reverse(), reversed, (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Theory]
    [InlineData("exact", "power", VanishedSynapses.Recorded)]
    [InlineData("exact", "hypentropy", VanishedSynapses.NotRecorded)]
    [InlineData("exact", "additive-multiplicative", VanishedSynapses.NotRecorded)]
    [InlineData("latent-size", "power", VanishedSynapses.Recorded)]
    [InlineData("latent-size", "power", VanishedSynapses.NotRecorded)]
    [InlineData("latent-size", "hypentropy", VanishedSynapses.Recorded)]
    [InlineData("latent-size", "additive-multiplicative", VanishedSynapses.NotRecorded)]
    public void The_density_of_the_size_after_and_the_chance_of_vanishing_add_up_to_one(string name, string lawName, VanishedSynapses vanished)
    {
        // Many synapses of one size before, whose sizes after are a grid: their densities times its step are an integral.
        const double limit = 0.5, step = 0.01;
        const int count = 800;
        (ChangeModel model, double[] parameters) = Model(name, lawName, vanished);
        double[] before = new double[count + 1], after = new double[count + 1];
        for (int i = 0; i < count; i++)
        {
            (before[i], after[i]) = (0.8, limit * Math.Exp((i + 0.5) * step));
        }

        before[count] = 0.8;
        double[] log = model.LogLikelihoods(LongitudinalSizes.From([before, after], new LongitudinalOptions { DetectionLimit = limit }), parameters);
        double integral = Enumerable.Range(0, count).Sum(i => Math.Exp(log[i]) * after[i] * step);

        Assert.Equal(1, integral + (vanished == VanishedSynapses.Recorded ? Math.Exp(log[count]) : 0), 2e-4);
        Assert.Equal(vanished == VanishedSynapses.Recorded, log[count] != 0);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_it_simulates_it_fits(string name, string lawName)
    {
        (ChangeModel model, double[] parameters) = Model(name, lawName);
        LongitudinalSizes sizes = MeasuredSizes.Course(model, parameters, name == "latent-size" ? 1000 : 3000, [0, 1]);
        ChangeModelFit fit = model.Estimate(sizes);
        Assert.True(fit.Converged);

        // Four parameters by nine models within four standard errors each: a false alarm of 2e-3 together.
        for (int k = 0; k < parameters.Length; k++)
        {
            string parameter = model.Parameters[k].Name;
            double se = Math.Max(fit.StandardError(parameter), fit.RobustStandardError(parameter));
            Assert.True(Math.Abs(fit[parameter] - parameters[k]) < 4 * se, $"{parameter} {fit[parameter]} ± {se}, true {parameters[k]}");
        }

        // Where the model is right both standard errors mean the same.
        Assert.InRange(fit.RobustStandardError("change") / fit.StandardError("change"), 0.8, 1.25);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    [InlineData(2.0)]
    public void Every_law_is_fitted_to_data_of_any_exponent(double exponent)
    {
        // Under the wrong law the drift columns may be copies of one another and the shape at its bound: the search must end all the same.
        LongitudinalSizes sizes = MeasuredSizes.Draw(300, exponent, 0.15, 0.05);
        foreach (ChangeLaw law in new ChangeLaw[] { new PowerLaw(), new HyperbolicLaw(), new AdditiveMultiplicativeLaw(), new global::SynapticGeometry.PotentialLaw(new NegativeEntropy(), sizes.LogUnit) })
        {
            foreach (ChangeModel model in new ChangeModel[] { new ExactSizeModel(law), new SmallChangeModel(law, new MeasurementError(0.05)), new LatentSizeModel(law, new MeasurementError(0.05)) })
            {
                ChangeModelFit fit = model.Estimate(sizes);
                Assert.True(fit.Converged, $"{model.Name} {law.Name}");
                Assert.All(fit.Parameters, v => Assert.True(double.IsFinite(v)));
                Assert.True(double.IsFinite(fit.LogLikelihood) && fit.RobustStandardError("change") > 0, $"{model.Name} {law.Name}");
            }
        }
    }

    [Fact]
    public void Simulated_courses_depend_on_the_seed_alone()
    {
        (ChangeModel model, double[] parameters) = Model("latent-size", "power");
        LongitudinalSizes a = MeasuredSizes.Course(model, parameters, 50, [0, 1, 2], 7), b = MeasuredSizes.Course(model, parameters, 50, [0, 1, 2], 7);
        LongitudinalSizes c = MeasuredSizes.Course(model, parameters, 50, [0, 1, 2], 8);
        LongitudinalSizes[] many = new LongitudinalSizes[4];
        Parallel.For(0, 4, i => many[i] = MeasuredSizes.Course(model, parameters, 50, [0, 1, 2], 7));

        for (int i = 0; i < a.Count; i++)
        {
            Assert.Equal(a[i].ToArray(), b[i].ToArray());
            Assert.All(many, other => Assert.Equal(a[i].ToArray(), other[i].ToArray()));
            Assert.NotEqual(a[i][1], c[i][1]);
        }
    }

    [Theory]
    [InlineData("exact")]
    [InlineData("latent-size")]
    public void Several_sessions_tell_more_than_two(string name)
    {
        (ChangeModel model, double[] parameters) = Model(name, "power");
        LongitudinalSizes four = MeasuredSizes.Course(model, parameters, 300, [0, 1, 2, 3]);
        LongitudinalSizes two = LongitudinalSizes.From([.. Enumerable.Range(0, 2).Select(t => Enumerable.Range(0, four.Count).Select(i => Math.Exp(four[i][t])).ToArray())]);
        ChangeModelFit long4 = model.Estimate(four), short2 = model.Estimate(two);

        Assert.Equal(parameters[0], long4["exponent"], 4 * long4.StandardError("exponent"));
        Assert.InRange(long4.StandardError("exponent") / short2.StandardError("exponent"), 0.4, 0.75);
    }

    [Fact]
    public void Scores_of_the_right_model_are_standard_normal()
    {
        foreach (string name in new[] { "exact", "small-change", "latent-size" })
        {
            (ChangeModel model, double[] parameters) = Model(name, "power");
            LongitudinalSizes sizes = MeasuredSizes.Course(model, parameters, 2000, [0, 1]);
            double[] scores = [.. model.NormalScores(sizes, parameters).Select(s => s.Score)];

            // Mean to 0.022 and variance to 0.032: four standard errors.
            Assert.Equal(2000, scores.Length);
            Assert.Equal(0, scores.Average(), 0.09);
            Assert.Equal(1, scores.Average(z => z * z), 0.13);
        }
    }

    [Fact]
    public void Robust_errors_over_groups_see_what_groups_share()
    {
        // Forty groups of 25 that share a drift: the mean of a group is not known to 1/√1000 but to 1/√40.
        (double[] before, double[] after, string[] group) = new SimulatedSynapses { Count = 1000, Groups = 40, GroupShift = 1 }.Draw(new RandomSource(2));
        LongitudinalSizes grouped = LongitudinalSizes.From([before, after], new LongitudinalOptions { Groups = group });
        ChangeModelFit fit = new ExactSizeModel(new PowerLaw(Drift.Constant)).Estimate(grouped);
        ChangeModelFit alone = new ExactSizeModel(new PowerLaw(Drift.Constant)).Estimate(grouped.Ungrouped());

        Assert.Equal(40, fit.IndependentUnits);
        Assert.Equal(1000, alone.IndependentUnits);
        Assert.InRange(fit.RobustStandardError("drift") / fit.StandardError("drift"), 2.2, 5);
        Assert.InRange(alone.RobustStandardError("drift") / alone.StandardError("drift"), 0.8, 1.2);
        Assert.Equal(alone["exponent"], fit["exponent"], 1e-9);
    }

    [Fact]
    public void An_interval_cut_off_by_a_bound_is_open_and_a_fixed_parameter_has_none()
    {
        // Multiplicative data: the additive share may be none at all.
        LongitudinalSizes sizes = MeasuredSizes.Draw(300, 0, 0.1, 0);
        ChangeModelFit fit = new ExactSizeModel(new AdditiveMultiplicativeLaw(Drift.Constant)).Estimate(sizes);
        Interval interval = fit.LikelihoodInterval("multiplicative_share");
        Assert.True(double.IsPositiveInfinity(interval.High), $"{interval}");
        Assert.InRange(interval.Low, 0.8, 1);

        ChangeModelFit set = new ExactSizeModel(new PowerLaw(0.5, Drift.Constant)).Estimate(sizes);
        Assert.Equal(0, set.StandardError("exponent"));
        Assert.Equal(2, set.FreeParameters);
        Assert.Throws<ArgumentException>(() => set.LikelihoodInterval("exponent"));
        Assert.Contains("no parameter 'tau'", Assert.Throws<ArgumentException>(() => set["tau"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_of_which_the_data_say_nothing_has_an_infinite_standard_error()
    {
        // Of the drift columns of negative entropy the first two are the same.
        LongitudinalSizes sizes = MeasuredSizes.Draw(200, 0, 0.1, 0);
        ChangeModelFit fit = new ExactSizeModel(new global::SynapticGeometry.PotentialLaw(new NegativeEntropy(), sizes.LogUnit)).Estimate(sizes);

        Assert.Equal(double.PositiveInfinity, fit.StandardError("drift_slope"));
        Assert.Equal(double.PositiveInfinity, fit.RobustStandardError("drift"));
        Assert.Equal(0.1 / Math.Sqrt(400), fit.StandardError("change"), 0.001);
    }

    [Fact]
    public void Synapses_of_one_size_tell_next_to_nothing_of_the_exponent()
    {
        double[] before = new double[300], change = new double[300];
        Array.Fill(before, 2.0);
        new RandomSource(6).FillNormal(change);
        LongitudinalSizes sizes = LongitudinalSizes.From([before, [.. change.Select(z => 2 * Math.Exp(0.05 * z))]]);
        foreach (ChangeModel model in new ChangeModel[] { new ExactSizeModel(new PowerLaw(Drift.Constant)), new LatentSizeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.02)) })
        {
            ChangeModelFit fit = model.Estimate(sizes);
            Assert.True(fit.StandardError("exponent") > 0.5, $"{model.Name} {fit.StandardError("exponent")}");
        }

        LongitudinalSizes drawn = new SmallChangeModel(new PowerLaw(Drift.Constant), new MeasurementError(0.02)).Simulate(sizes, [0, 0, 0.05], new RandomSource(1));
        Assert.True(Enumerable.Range(0, drawn.Count).All(i => double.IsFinite(drawn[i][1])));
    }

    private static (ChangeModel Model, double[] Parameters) Model(string name, string lawName, VanishedSynapses vanished = VanishedSynapses.NotRecorded)
    {
        (ChangeLaw law, double shape) = lawName switch
        {
            "power" => ((ChangeLaw)new PowerLaw(Drift.Constant), 0.5),
            "hypentropy" => (new HyperbolicLaw(Drift.Constant), 1),
            _ => (new AdditiveMultiplicativeLaw(Drift.Constant), 0.4),
        };
        double[] parameters = [shape, 0.02, name == "small-change" ? 0.05 : 0.12];
        var error = new MeasurementError(name == "small-change" ? 0.03 : 0.06);
        return name switch
        {
            "exact" => (new ExactSizeModel(law, vanished), parameters),
            "small-change" => (new SmallChangeModel(law, error), parameters),
            _ => (new LatentSizeModel(law, error, vanished: vanished), parameters),
        };
    }

    private static (double[] Before, double[] After) Weights(int count)
    {
        (double[] before, double[] after, _) = new SimulatedSynapses { Count = count, Exponent = 0.5, Error = new MeasurementError(0.05) }.Draw(new RandomSource(4));
        return (before, after);
    }
}
