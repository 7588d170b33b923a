using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>The one-stage fit, the groups in a result, and the cross-validation over whole groups.</summary>
public sealed class GroupsTogetherTests
{
    private static readonly InferenceOptions Quick = new() { Bootstrap = 0, GoodnessOfFitReplicates = 19, Threads = 2 };

    [Fact]
    public void The_integral_over_a_normal_curve_is_the_closed_form()
    {
        // For large groups and small changes a curve is a parabola: ∫ exp(−(λ − m)²/2s²) N(λ; Λ, T²) dλ = s/√(s² + T²) exp(−(m − Λ)²/2(s² + T²)).
        GroupCurve curve = GroupCurve.Of(Simulated.Pairs(4000, 0.5), Drift.SizeDependent)!;
        (double m, double s) = (curve.Peak, curve.Width);
        foreach ((double mean, double t) in new[] { (m, 0.05), (m + 0.05, 0.1), (m - 0.03, 0.3) })
        {
            double sum = (s * s) + (t * t);
            Assert.Equal(curve.At(m) + Math.Log(s / Math.Sqrt(sum)) - ((m - mean) * (m - mean) / (2 * sum)), curve.LogIntegral(mean, t), 0.01);
        }

        // (4000 - 3)/4000 of the likelihood's curvature; 0.0133 is the formula 1/(S sqrt(2 n)).
        Assert.Equal(GeometryInference.EstimateExponent(Simulated.Pairs(4000, 0.5)).StandardError, s, 2e-4);
    }

    [Fact]
    public void The_integral_over_the_curve_of_a_small_group_agrees_with_a_fine_sum()
    {
        foreach (GroupCurve curve in new[] { GroupCurve.Of(Simulated.Pairs(9, 0.5, 3), Drift.SizeDependent)!, GroupCurve.Of(Simulated.Signed(25, 1, 3), Drift.Constant)! })
        {
            foreach ((double mean, double t) in new[] { (0.5, 0.1), (0.2, 0.5), (1, 1.0) })
            {
                const double step = 1e-3;
                double sum = 0;
                for (double x = mean - (8 * t); x <= mean + (8 * t); x += step)
                {
                    sum += step * Math.Exp(curve.At(x) - (0.5 * (x - mean) * (x - mean) / (t * t))) / (t * Math.Sqrt(2 * Math.PI));
                }

                Assert.Equal(Math.Log(sum), curve.LogIntegral(mean, t), 0.02);
            }
        }
    }

    [Fact]
    public void One_stage_and_two_stages_agree_where_groups_are_large()
    {
        PairedWeights pairs = Animals(12, 300, 0.25, 1);

        OneStageEstimate one = OneStageEstimate.Fit(pairs, Drift.SizeDependent, 2, TestContext.Current.CancellationToken)!;
        RandomEffects two = Infer(pairs, Quick).Meta!.RandomEffects!;

        Assert.Equal(two.Mean, one.Mean, 0.02);
        // Maximum likelihood against restricted: about 1 − 1/(2 K).
        Assert.Equal(two.Heterogeneity, one.Heterogeneity, 0.12 * two.Heterogeneity);
        Assert.Equal(two.Interval.High - two.Interval.Low, one.Interval.High - one.Interval.Low, 0.15);
        Assert.True(two.IsHeterogeneous);
        Assert.True(one.HeterogeneityInterval.Low > 0);
    }

    [Fact]
    public void Many_groups_of_a_dozen_synapses_are_fitted_in_one_stage()
    {
        PairedWeights pairs = Animals(60, 12, 0, 2);

        InferenceResult result = Infer(pairs, Quick);

        Assert.Null(result.Meta!.RandomEffects);
        Assert.Contains("No group has an estimate", result.Meta.Note, StringComparison.Ordinal);
        OneStageEstimate one = result.Meta.OneStage!;
        Assert.Equal(60, one.Groups);

        // A fixed seed; over 400 such data sets the interval covers 0.93 (benchmarks/results/groups.md).
        Assert.True(one.Interval.Contains(0.3), one.ToString());
        Assert.Equal(0, one.HeterogeneityInterval.Low);
    }

    [Fact]
    public void Groups_of_one_synapse_are_named_and_counted()
    {
        RandomSource random = new RandomSource(5).Fork("lonely");
        (double[] before, double[] after, _) = new SimulatedSynapses { Count = 203, Exponent = 0.5 }.Draw(random);
        string[] groups = [.. Enumerable.Range(0, 200).Select(i => $"g{i % 2}"), "lonely 1", "lonely 2", "lonely 3"];

        InferenceResult result = Infer(PairedWeights.From<double>(before, after, new PairingOptions { Groups = groups }), Quick);

        Assert.Equal(5, result.Groups.Count);
        Assert.Equal(["g0", "g1"], result.Meta!.GroupsUsed);
        Assert.Equal(["lonely 1", "lonely 2", "lonely 3"], result.Meta.GroupsLeftOut);
        Assert.Null(result.Meta.RandomEffects);
        Assert.Contains("Only 2 groups have an estimate", result.Meta.Note, StringComparison.Ordinal);
        Assert.Contains("lonely 2: fewer than 20 synapses", result.Meta.Note, StringComparison.Ordinal);
        Assert.Contains(result.Verdict.Conditions, c => c == result.Meta.Note);
        Assert.Equal(5, result.CrossValidation!.UnitCount);
    }

    [Fact]
    public void Without_groups_there_is_no_mean_over_groups_and_synapses_are_the_folds()
    {
        InferenceResult result = Infer(Simulated.Pairs(400, 0.5), Quick);

        Assert.Null(result.Meta);
        Assert.Equal(("synapses", 400, 10), (result.CrossValidation!.Units, result.CrossValidation.UnitCount, result.CrossValidation.Folds));
        Assert.DoesNotContain(result.Verdict.Conditions, c => c.Contains("not fitted to", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, "negative-entropy")]
    [InlineData(0.5, "1.5-norm")]
    [InlineData(1, "2-norm")]
    [InlineData(2, "3-norm")]
    public void Held_out_groups_are_predicted_best_by_the_geometry_that_moved_them(double exponent, string name)
    {
        PairedWeights pairs = Simulated.Pairs(new SimulatedSynapses { Count = 1500, Exponent = exponent, Groups = 15 });

        InferenceResult result = Infer(pairs, Quick);

        CrossValidatedModel[] fixedShapes = [.. result.CrossValidation!.Models.Where(m => m.IsCandidate)];
        Assert.Equal(name, fixedShapes[0].Name);
        Assert.True(fixedShapes[1].DifferenceToBest < -3 * fixedShapes[1].DifferenceStandardError);
        Assert.Equal((10, "groups", 15), (result.CrossValidation.Folds, result.CrossValidation.Units, result.CrossValidation.UnitCount));
        Assert.Equal(8, result.CrossValidation.Models.Count);
        Assert.Contains(result.Verdict.Conditions, c => c.StartsWith("Groups that a model was not fitted to", StringComparison.Ordinal));

        // A held-out density is lower than the fitted one by about the number of parameters, and never higher on average.
        CandidateResult fitted = result.Candidates.Single(c => c.Geometry == name);
        Assert.InRange(fitted.LogLikelihood - fixedShapes[0].LogPredictiveDensity, 0, 25);
    }

    [Fact]
    public void The_predictive_density_is_that_of_a_fit_to_the_other_folds()
    {
        // Two groups are two folds. Under the 2-norm with a constant mean, each is predicted as normal with the other's mean and spread.
        PairedWeights pairs = Simulated.Pairs(new SimulatedSynapses { Count = 100, Exponent = 1, Groups = 2, MedianSize = 5 });
        InferenceResult result = Infer(pairs, Quick with { Drift = Drift.Constant });
        double[][] changes = [.. pairs.GroupMembers().Select(m => m.Select(i => pairs.After(i) - pairs.Before(i)).ToArray())];
        double expected = Predicted(changes[0], changes[1]) + Predicted(changes[1], changes[0]);

        CrossValidatedModel euclidean = result.CrossValidation!.Models.Single(m => m.Name == "2-norm");
        Assert.Equal(expected, euclidean.LogPredictiveDensity, 1e-8);
        Assert.Equal(expected / pairs.Count, euclidean.PerSynapse, 1e-10);

        static double Predicted(double[] train, double[] test)
        {
            double mean = train.Average(), sd = SampleMoments.Of<double>(train).PopulationStandardDeviation;
            return test.Sum(x => MathNet.Numerics.Distributions.Normal.PDFLn(mean, sd, x));
        }
    }

    [Fact]
    public void Folds_whose_weights_have_one_sign_are_predicted_with_the_columns_of_the_whole()
    {
        // Groups of one sign in a set of both: had a part its own columns, coefficients of one would be applied to another's.
        PairedWeights both = Simulated.Signed(400, 1, 7);
        double[] before = [.. Enumerable.Range(0, both.Count).Select(both.Before)], after = [.. Enumerable.Range(0, both.Count).Select(both.After)];
        string[] bySign = [.. before.Select((w, i) => (w < 0 ? "negative " : "positive ") + (i % 5))];

        CrossValidation cross = Infer(PairedWeights.From<double>(before, after, new PairingOptions { Groups = bySign, ExcludeSignFlips = true }), Quick).CrossValidation!;

        Assert.Equal("2-norm", cross.Models.First(m => m.IsCandidate).Name);
        CrossValidatedModel euclidean = cross.Models.Single(m => m.Name == "2-norm"), free = cross.Models.Single(m => m.Name == "power");
        Assert.InRange(euclidean.LogPredictiveDensity - free.LogPredictiveDensity, -10, 10);
    }

    [Fact]
    public void Folds_are_balanced_and_depend_on_the_seed()
    {
        int[][] units = [.. new[] { 90, 10, 40, 40, 30, 30, 30, 30 }.Select(n => new int[n])];

        int[] fold = CrossValidation.Assign(units, 4, new RandomSource(1)), other = CrossValidation.Assign(units, 4, new RandomSource(2));

        long[] load = [.. Enumerable.Range(0, 4).Select(f => (long)units.Where((_, u) => fold[u] == f).Sum(u => u.Length))];
        Assert.Equal(90, load.Max());
        Assert.True(load.Min() >= 60, string.Join(" ", load));
        Assert.NotEqual(fold, other);
    }

    [Fact]
    public void Groups_together_have_the_same_bits_on_one_thread_and_on_four_and_in_any_order()
    {
        PairedWeights pairs = Animals(12, 25, 0.2, 3);
        InferenceResult one = Infer(pairs, Quick with { Threads = 1 }), four = Infer(pairs, Quick with { Threads = 4 });

        Assert.Equal(one.Meta!.OneStage, four.Meta!.OneStage);
        Assert.Equal(one.Meta.RandomEffects!.Interval, four.Meta.RandomEffects!.Interval);
        Assert.Equal(one.CrossValidation!.Models, four.CrossValidation!.Models);
        Assert.NotEqual(one.CrossValidation.Models, Infer(pairs, Quick with { Seed = 9 }).CrossValidation!.Models);

        int[] backwards = [.. Enumerable.Range(0, pairs.Count).Reverse()];
        MetaAnalysis turned = Infer(pairs.Select(backwards), Quick).Meta!;
        Assert.Equal(one.Meta.OneStage!.Mean, turned.OneStage!.Mean, 1e-6);
        Assert.Equal(one.Meta.RandomEffects!.Mean, turned.RandomEffects!.Mean, 1e-6);
    }

    // Groups with exponents normal around 0.3, equal numbers of synapses and unequal change sizes.
    private static PairedWeights Animals(int groups, int count, double spread, ulong seed)
    {
        RandomSource random = new RandomSource(seed).Fork("animals");
        List<double> before = [], after = [];
        List<string> labels = [];
        for (int g = 0; g < groups; g++)
        {
            (double[] w0, double[] w1, _) = new SimulatedSynapses
            {
                Count = count,
                Exponent = 0.3 + (spread * random.NextNormal()),
                RelativeChange = 0.05 * (1 + (g % 4)),
            }.Draw(random.Fork("animal", (ulong)g));
            before.AddRange(w0);
            after.AddRange(w1);
            labels.AddRange(Enumerable.Repeat($"a{g}", count));
        }

        return PairedWeights.From<double>(before.ToArray(), after.ToArray(), new PairingOptions { Groups = labels });
    }

    private static InferenceResult Infer(PairedWeights pairs, InferenceOptions options) =>
        GeometryInference.Infer(pairs, options, null, TestContext.Current.CancellationToken);
}
