using Xunit;

namespace SynapticGeometry.Tests;

public sealed class GeometryInferenceTests
{
    private static readonly InferenceOptions Quick = new() { Bootstrap = 60, GoodnessOfFitReplicates = 99, Threads = 2 };

    [Theory]
    [InlineData(0, "negative-entropy")]
    [InlineData(0.5, "1.5-norm")]
    [InlineData(1, "2-norm")]
    [InlineData(2, "3-norm")]
    public void The_geometry_that_changed_the_weights_is_found_and_the_others_are_rejected(double exponent, string name)
    {
        InferenceResult result = Infer(
            Simulated.Pairs(new SimulatedSynapses { Count = 2000, Exponent = exponent, VanishAtZero = false }), Quick);

        Assert.Equal(name, result.Closest);
        Assert.True(result.Verdict.Distinguishable, result.Verdict.ToString());
        Assert.Equal(name, result.Candidates.MinBy(c => c.Wasserstein1Centred)!.Geometry);
        CandidateResult truth = result.Candidates.Single(c => c.Geometry == name);
        Assert.True(truth.AndersonDarling.P > 0.001);
        Assert.All(result.Candidates.Where(c => c.Geometry != name), c => Assert.True(c.AndersonDarling.P < 0.05));
        Assert.Equal(1, result.Candidates.Sum(c => c.AkaikeWeight), 1e-12);
    }

    [Fact]
    public void Few_synapses_leave_the_question_open_and_the_number_needed_is_given()
    {
        InferenceResult result = Infer(
            Simulated.Pairs(new SimulatedSynapses { Count = 25, Exponent = 0.5, SizeSpread = 0.3 }), Quick);

        Assert.False(result.Verdict.Distinguishable);
        Assert.Contains("Not distinguishable", result.Verdict.Headline, StringComparison.Ordinal);
        Assert.NotNull(result.Verdict.SynapsesNeeded);

        // Closed form of the design: n = (1.96 + 1.28)² / (2 S² Δλ²) for 90 % power; the forecast uses the observed standard error.
        double closedForm = 10.507 / (2 * 0.3 * 0.3 * 0.5 * 0.5);
        Assert.InRange(result.Verdict.SynapsesNeeded.Value, closedForm / 4, closedForm * 4);
    }

    [Fact]
    public void Sign_flips_forbid_negative_entropy_but_not_the_published_statistic()
    {
        PairedWeights pairs = Simulated.Signed(1000, 2);
        InferenceResult result = Infer(pairs, Quick);

        CandidateResult entropy = result.Candidates.Single(c => c.Geometry == "negative-entropy");
        Assert.Equal(double.NegativeInfinity, entropy.LogLikelihood);
        Assert.Equal(0, entropy.AkaikeWeight);

        // The published statistic on the same weights, from the potential itself.
        double[] before = new double[pairs.Count], after = new double[pairs.Count];
        for (int i = 0; i < pairs.Count; i++)
        {
            (before[i], after[i]) = (pairs.Before(i), pairs.After(i));
        }

        new NegativeEntropy().ToDual<double>(before, before);
        new NegativeEntropy().ToDual<double>(after, after);
        double[] change = [.. after.Zip(before, (a, b) => a - b)];
        Assert.Equal(DeltaCdf.Statistic(change), entropy.DeltaCdf, 1e-9);
        Assert.Equal(Math.Sqrt(change.Sum(c => c * c) / before.Sum(b => b * b)), entropy.ChangeMagnitude, 1e-9);
        Assert.True(result.Exponent.LikelihoodInterval.Low > 0);
    }

    [Theory]
    [InlineData("1.5-norm")]
    [InlineData("3-norm")]
    [InlineData("burg-entropy")]
    [InlineData("hypentropy:0.3")]
    public void Statistics_of_a_candidate_are_those_of_its_mirror_map(string name)
    {
        Potential potential = Potential.Parse(name);
        PairedWeights pairs = Simulated.Pairs(300, 0.5);
        InferenceResult result = Infer(pairs, Quick with { Candidates = [potential, new PNorm(2)] });
        double[] before = [.. Enumerable.Range(0, 300).Select(pairs.Before)], after = [.. Enumerable.Range(0, 300).Select(pairs.After)];
        potential.ToDual<double>(before, before);
        potential.ToDual<double>(after, after);
        double[] change = [.. after.Zip(before, (a, b) => a - b)];

        CandidateResult candidate = result.Candidates[0];
        Assert.Equal(DeltaCdf.Statistic(change), candidate.DeltaCdf, 1e-9);
        Assert.Equal(DeltaCdf.Statistic(change, centred: true), candidate.DeltaCdfCentred, 1e-9);
        Assert.Equal(Wasserstein.ToNormal(change), candidate.Wasserstein1, 1e-9);
        Assert.Equal(Wasserstein.ToNormal(change, centred: true), candidate.Wasserstein1Centred, 1e-9);
        Assert.Equal(Math.Sqrt(change.Sum(c => c * c) / before.Sum(b => b * b)), candidate.ChangeMagnitude, 1e-9);
    }

    [Fact]
    public void A_user_potential_is_a_candidate_like_any_other()
    {
        var cubic = new SeparablePotential("w + w^3", w => w + (w * w * w), w => 1 + (3 * w * w));

        InferenceResult result = Infer(Simulated.Pairs(400, 1), Quick with { Candidates = [cubic, new PNorm(2)] });

        Assert.Equal("2-norm", result.Closest);
        Assert.True(double.IsFinite(result.Candidates[0].LogLikelihood));
        Assert.Null(result.Candidates[0].Exponent);
    }

    [Fact]
    public void Results_have_the_same_bits_on_one_thread_and_on_four()
    {
        PairedWeights pairs = Simulated.Pairs(new SimulatedSynapses { Count = 40_000, Exponent = 0.5, Groups = 5 });
        InferenceResult one = Infer(pairs, Quick with { Threads = 1, Bootstrap = 8 });
        InferenceResult four = Infer(pairs, Quick with { Threads = 4, Bootstrap = 8 });

        Assert.Equal(one.Exponent, four.Exponent);
        Assert.Equal(one.Candidates.Select(c => (c.DeltaCdf, c.LogLikelihood, c.AndersonDarling, c.ResidualWasserstein1)), four.Candidates.Select(c => (c.DeltaCdf, c.LogLikelihood, c.AndersonDarling, c.ResidualWasserstein1)));
        Assert.Equal(one.Models, four.Models);
        Assert.Equal(one.Profile, four.Profile);
        Assert.NotEqual(one.Exponent, Infer(pairs, Quick with { Threads = 1, Bootstrap = 8, Seed = 2 }).Exponent);
    }

    [Fact]
    public void Synapses_that_share_a_teacher_widen_the_interval_only_where_groups_are_known()
    {
        var shared = new SimulatedSynapses { Count = 1500, Exponent = 0.5, Groups = 15, GroupShift = 1.5 };
        PairedWeights grouped = Simulated.Pairs(shared);

        InferenceResult with = Infer(grouped, Quick);
        InferenceResult without = Infer(grouped.Ungrouped(), Quick);

        Assert.Equal("groups", with.Exponent.IndependentUnits);
        Assert.Equal("synapses", without.Exponent.IndependentUnits);
        Assert.Equal(with.Exponent.Estimate, without.Exponent.Estimate);
        Assert.NotEqual(with.Exponent.RobustStandardError, without.Exponent.RobustStandardError);
        Assert.Equal(15, with.Groups.Count);
        Assert.All(with.Groups, g => Assert.Equal(100, g.Synapses));
        Assert.NotNull(with.Exponent.BootstrapInterval);
    }

    [Theory]
    [InlineData("additive-multiplicative")]
    [InlineData("hypentropy")]
    public void A_rival_is_recognised_where_it_made_the_changes(string rival)
    {
        RandomSource random = new RandomSource(4).Fork(rival);
        int n = 3000;
        double[] size = new double[n], noise = new double[n], signs = new double[n];
        random.Fork("sizes").FillNormal(size);
        random.Fork("noise").FillNormal(noise);
        random.Fork("signs").FillUniform(signs);
        double[] before = [.. size.Select((z, i) => Math.Exp(0.83 * z) * (rival == "hypentropy" && signs[i] < 0.5 ? -1 : 1))];
        double[] after = rival == "hypentropy"
            ? [.. before.Select((w, i) => 0.5 * Math.Sinh(Math.Asinh(w / 0.5) + (0.15 * noise[i])))]
            : [.. before.Select((w, i) => w + (noise[i] * Math.Sqrt(0.01 + (0.01 * w * w))))];

        InferenceResult result = Infer(PairedWeights.From<double>(before, after), Quick);

        Assert.Equal(rival, result.Models[0].Name);
        Assert.True(result.Vuong.Single(v => v.Second == rival).Z < -1.96);
        Assert.Contains(result.Verdict.Conditions, c => c.Contains("A rival describes the changes better", StringComparison.Ordinal));
        if (rival == "hypentropy")
        {
            Assert.Equal(0.5, result.Models[0].Value, 0.1);
        }
    }

    [Fact]
    public void Changes_without_any_spread_are_refused()
    {
        double[] before = [.. Enumerable.Range(1, 50).Select(i => (double)i)];

        var problem = Assert.Throws<UninformativeDataException>(() =>
            Infer(PairedWeights.From<double>(before, [.. before.Select(w => 1.1 * w)]), Quick));

        Assert.Contains("exact function of the weights before", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_inference_stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => GeometryInference.Infer(Simulated.Pairs(100, 0), Quick, null, source.Token));
    }

    private static InferenceResult Infer(PairedWeights pairs, InferenceOptions options) =>
        GeometryInference.Infer(pairs, options, null, TestContext.Current.CancellationToken);
}
