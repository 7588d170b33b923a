using Xunit;

namespace SynapticGeometry.Tests.Inference;

/// <summary>Layers of a network, which change on scales of their own under one geometry.</summary>
public sealed class LayerAnalysisTests
{
    private static readonly InferenceOptions Quick = new() { Bootstrap = 0, GoodnessOfFitReplicates = 19, Threads = 2, GroupsAreLayers = true };

    [Theory]
    [InlineData(0, "negative-entropy", "exponentiated gradient")]
    [InlineData(0.5, "1.5-norm", "the 1.5-norm")]
    [InlineData(1, "2-norm", "the 2-norm")]
    [InlineData(1.5, "2.5-norm", "the 2.5-norm")]
    [InlineData(2, "3-norm", "the 3-norm")]
    public void Layers_of_very_different_scales_tell_their_geometry_and_all_weights_together_do_not(double exponent, string name, string words)
    {
        const int Sets = 20;
        int distinguished = 0, covered = 0, mistaken = 0;
        for (ulong seed = 1; seed <= Sets; seed++)
        {
            InferenceResult result = Infer(Network(exponent, 12, 400, seed), Quick);
            LayerAnalysis layers = result.Layers!;
            Assert.Equal(name, layers.Closest);
            Assert.Equal(name, result.Closest);
            Assert.Contains(words, result.Verdict.Headline, StringComparison.Ordinal);
            Assert.Equal(layers.Candidates.MinBy(c => c.DeltaCdf)!.Geometry, name);
            distinguished += result.Verdict.Distinguishable && result.Verdict.Headline.Contains("every other candidate is rejected", StringComparison.Ordinal) ? 1 : 0;
            covered += layers.Median.Interval.Contains(exponent) ? 1 : 0;
            mistaken += result.ClosestOfAll == name ? 0 : 1;
        }

        // 400 weights of this spread tell exponents to 0.035 a layer, a fourteenth of the distance of candidates.
        Assert.Equal(Sets, distinguished);
        Assert.Equal(Sets, mistaken);

        // The ranks of 12 layers leave 3.9 %: of 20 sets fewer than 16 are covered once in 2000 times.
        Assert.InRange(covered, 16, Sets);
    }

    [Fact]
    public void Two_large_layers_that_changed_under_something_else_decide_the_sum_of_likelihoods_and_not_the_verdict()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            LayerAnalysis layers = Infer(Network(2, 12, 300, seed, odd: 2, oddCount: 6000, oddExponent: 0.5), Quick).Layers!;

            Assert.Equal("3-norm", layers.Closest);
            Assert.Equal(10, layers.Candidates.Single(c => c.Geometry == "3-norm").ClosestIn);
            Assert.NotEqual("3-norm", layers.Likeliest);
            Assert.All(layers.Candidates.Where(c => c.Geometry != "3-norm"), c => Assert.True(c.IsRejected));
        }
    }

    [Fact]
    public void The_sum_of_likelihoods_is_that_of_layers_fitted_one_by_one()
    {
        // One layer among six looked at alone: the others' sums are those of sets without it.
        PairedWeights all = Network(1, 7, 200, 3);
        int[][] members = all.GroupMembers();
        LayerAnalysis seven = Infer(all, Quick).Layers!, six = Infer(all.Select([.. members[..6].SelectMany(m => m)]), Quick).Layers!;
        InferenceResult last = Infer(all.Select(members[6]).Ungrouped(), Quick);

        for (int c = 0; c < seven.Candidates.Count; c++)
        {
            Assert.Equal(six.Candidates[c].LogLikelihood + last.Candidates[c].LogLikelihood, seven.Candidates[c].LogLikelihood, 1e-6);
            double expected = ((six.Weights * six.Candidates[c].DeltaCdf) + (members[6].Length * last.Candidates[c].DeltaCdf)) / seven.Weights;
            Assert.Equal(expected, seven.Candidates[c].DeltaCdf, 1e-9);
        }
    }

    [Theory]
    [InlineData(6, 0, 0.03125)]
    [InlineData(5, 1, 0.21875)]
    [InlineData(10, 1, 0.01171875)]
    [InlineData(3, 3, 1)]
    [InlineData(0, 0, 1)]
    public void The_sign_test_has_the_binomial_probabilities(int first, int second, double p) => Assert.Equal(p, LayerAnalysis.SignTest(first, second), 1e-12);

    [Fact]
    public void Groups_that_are_not_layers_and_fewer_than_six_layers_leave_the_verdict_to_all_together()
    {
        PairedWeights pairs = Network(2, 12, 100, 1);
        InferenceResult animals = Infer(pairs, Quick with { GroupsAreLayers = false }), few = Infer(Network(2, 5, 100, 1), Quick);

        Assert.Null(animals.Layers);
        Assert.NotNull(animals.Meta!.Median);
        Assert.Equal(animals.ClosestOfAll, animals.Closest);
        Assert.Equal((animals.Exponent.Estimate, animals.Exponent.RobustInterval), animals.Told);
        Assert.DoesNotContain("ayer", animals.Verdict.ToString(), StringComparison.Ordinal);
        Assert.Null(few.Layers);
    }

    [Fact]
    public void The_answer_of_all_weights_together_stands_beside_it_with_the_reason()
    {
        InferenceResult result = Infer(Network(2, 12, 400, 1), Quick);

        string together = result.Verdict.Conditions[0];
        Assert.StartsWith("All weights together say something else", together, StringComparison.Ordinal);
        Assert.Contains(result.ClosestOfAll, together, StringComparison.Ordinal);
        Assert.Contains("different scales", together, StringComparison.Ordinal);
        Assert.True(result.Layers!.SpreadRatio > 10);
        Assert.Equal((result.Layers.Median.Value, result.Layers.Median.Interval), result.Told);
    }

    [Fact]
    public void An_exponent_between_candidates_is_those_of_none()
    {
        InferenceResult result = Infer(Network(1.25, 12, 2000, 2), Quick);

        Assert.StartsWith("No candidate fits", result.Verdict.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void A_candidate_with_its_own_exponent_is_asked_for_alone()
    {
        PairedWeights pairs = Network(2, 8, 300, 4);

        Assert.Contains("agree with the one candidate", Infer(pairs, Quick with { Candidates = [new PNorm(3)] }).Verdict.Headline, StringComparison.Ordinal);
        Assert.Contains("do not agree with the one candidate", Infer(pairs, Quick with { Candidates = [new PNorm(2)] }).Verdict.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_change_sign_have_a_delta_cdf_under_negative_entropy_in_the_curve_too()
    {
        PairedWeights pairs = Network(1, 8, 300, 5, signed: true);
        Assert.True(pairs.Counts.SignFlips > 0);
        InferenceResult result = Infer(pairs, Quick);

        CandidateResult entropy = result.Candidates.Single(c => c.Geometry == "negative-entropy");
        Assert.Equal(entropy.DeltaCdf, result.DeltaCdfCurve.Single(p => p.Exponent == 0).DeltaCdf, 1e-12);
        LayerCandidate layers = result.Layers!.Candidates.Single(c => c.Geometry == "negative-entropy");
        Assert.Equal(layers.DeltaCdf, result.Layers.DeltaCdfCurve.Single(p => p.Exponent == 0).DeltaCdf, 1e-12);
        Assert.True(double.IsNegativeInfinity(layers.LogLikelihood));
        Assert.InRange(result.Layers.LayersWithSignFlips, 1, 8);
        Assert.Contains(result.Verdict.Conditions, c => c.Contains($"in {result.Layers.LayersWithSignFlips} of 8 layers", StringComparison.Ordinal));
    }

    [Fact]
    public void Layers_have_the_same_bits_on_one_thread_and_on_four()
    {
        PairedWeights pairs = Network(1, 9, 150, 6);
        LayerAnalysis one = Infer(pairs, Quick with { Threads = 1 }).Layers!, four = Infer(pairs, Quick with { Threads = 4 }).Layers!;

        Assert.Equal(one.Candidates, four.Candidates);
        Assert.Equal(one.Median, four.Median);
        Assert.Equal(one.DeltaCdfCurve, four.DeltaCdfCurve);
    }

    /// <summary>
    /// Layers whose weights differ in size, by a factor of 40 from first to last, and whose relative changes differ by one of 16: from layer to layer, and there only, large weights change by more than
    /// the geometry says, or by less.
    /// </summary>
    internal static IEnumerable<(string Name, double[] Before, double[] After)> Layers(
        double exponent, int layers, int count, ulong seed, int odd = 0, int oddCount = 0, double oddExponent = 0, bool signed = false)
    {
        RandomSource random = new RandomSource(seed).Fork("layers");
        for (int k = 0; k < layers; k++)
        {
            double size = Math.Pow(40, -k / (layers - 1.0)), between = exponent == 0 ? 1 : -1;
            (double[] before, double[] after, _) = new SimulatedSynapses
            {
                Count = k < odd ? oddCount : count,
                Exponent = k < odd ? oddExponent : exponent,
                MedianSize = size,
                RelativeChange = 0.02 * Math.Pow(size * Math.Sqrt(40), -between * 0.75),
                Start = signed ? InitialWeights.Normal : InitialWeights.LogNormal,
                VanishAtZero = !signed,
            }.Draw(random.Fork("layer", (ulong)k));
            yield return ($"layer{k}.weight", before, after);
        }
    }

    internal static PairedWeights Network(double exponent, int layers, int count, ulong seed, int odd = 0, int oddCount = 0, double oddExponent = 0, bool signed = false)
    {
        (string Name, double[] Before, double[] After)[] all = [.. Layers(exponent, layers, count, seed, odd, oddCount, oddExponent, signed)];
        return PairedWeights.From<double>(
            all.SelectMany(l => l.Before).ToArray(), all.SelectMany(l => l.After).ToArray(), new PairingOptions { Groups = [.. all.SelectMany(l => l.Before.Select(_ => l.Name))] });
    }

    private static InferenceResult Infer(PairedWeights pairs, InferenceOptions options) =>
        GeometryInference.Infer(pairs, options, null, TestContext.Current.CancellationToken);
}
