using Xunit;

namespace SynapticGeometry.Tests.Inference.Distribution;

public sealed class DistributionInferenceTests
{
    private static readonly DistributionOptions Quick = new() { Candidates = [new NegativeEntropy(), new PNorm(2)], Bootstrap = 39, Threads = 2 };

    [Fact]
    public void Log_normal_sizes_leave_multiplicative_change_and_every_geometry_without_change_open_and_exclude_additive_change_of_a_constant()
    {
        DistributionResult result = Infer(LogNormal(500), Quick with { Bootstrap = 19 });

        DistributionFit Fit(string initial, string geometry) => result.Fits.Single(f => f.Initial == initial && f.Geometry == geometry);
        Assert.Equal(FitStanding.Open, Fit("one-constant", "negative-entropy").Standing);
        Assert.NotEqual(FitStanding.Open, Fit("one-constant", "2-norm").Standing);
        Assert.Equal("one-constant, negative-entropy", Fit("log-normal", "negative-entropy").SameAs);
        Assert.Equal("one-constant, negative-entropy", Fit("log-normal", "2-norm").SameAs);
        Assert.Contains("No change is needed", Fit("log-normal", "2-norm").Note, StringComparison.Ordinal);
        Assert.Contains("Only the sum of the two variances", Fit("log-normal", "negative-entropy").Note, StringComparison.Ordinal);
        Assert.True(double.IsNaN(Fit("log-normal", "negative-entropy").Parameters.Single(p => p.Name == "change").Value));
        Assert.Equal(2, Fit("log-normal", "2-norm").Fit.Determined);
        Assert.Equal(1, result.Fits.Where(f => f.SameAs is null).Sum(f => f.AkaikeWeight), 1e-9);
        Assert.Contains("one time point cannot say", result.Verdict.Headline, StringComparison.Ordinal);
        Assert.Contains(result.Verdict.Findings, f => f.Contains("no tail of large synapses", StringComparison.Ordinal));
    }

    [Fact]
    public void Normal_sizes_far_from_zero_cannot_be_split_into_start_and_change_under_the_2_norm()
    {
        double[] sizes = new ConstantStart(new PNorm(2), 10).Simulate([0, Math.Log(0.1)], 400, 0, new RandomSource(2));
        DistributionResult result = Infer(SizeSample.From<double>(sizes), Quick with { Bootstrap = 0 });

        DistributionFit normal = result.Fits.Single(f => f.Initial == "normal" && f.Geometry == "2-norm");
        Assert.Equal("one-constant, 2-norm", normal.SameAs);
        Assert.Equal(2, normal.Fit.Determined);
        Assert.Equal(1, normal.Parameters.Single(p => p.Name == "total_sd").Value, 0.1);
        Assert.All(result.Fits, f => Assert.True(double.IsNaN(f.AndersonDarling.P)));
        Assert.Contains("not tested", result.Verdict.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void The_goodness_of_fit_rejects_the_truth_at_its_level()
    {
        // 60 samples of 60 from one constant under the 1.5-norm, fitted by the same: p at or below 0.05 is expected in 3, and in more than 9 with
        // probability 0.001.
        ConstantStart model = new(new PNorm(1.5), 1);
        int rejected = 0;
        for (int r = 0; r < 60; r++)
        {
            SizeSample sample = SizeSample.From<double>(model.Simulate([0, Math.Log(0.4)], 60, 0, new RandomSource(8).Fork("false alarm", (ulong)r)));
            DistributionResult result = Infer(sample, new() { Candidates = [new PNorm(1.5)], Laws = [], Bootstrap = 39, Threads = 1, Seed = (ulong)r });
            rejected += result.Fits[0].AndersonDarling.P <= 0.05 ? 1 : 0;
        }

        Assert.InRange(rejected, 0, 9);
    }

    [Fact]
    public void The_goodness_of_fit_rejects_what_is_wrong()
    {
        // Log-normal sizes against additive change of one constant: seen in every one of five samples.
        for (int r = 0; r < 5; r++)
        {
            DistributionResult result = Infer(LogNormal(150, (ulong)r), new() { Candidates = [new PNorm(2)], Laws = [], Bootstrap = 39, Threads = 1 });
            Assert.Equal(1 / 40.0, result.Fits[0].AndersonDarling.P, 1e-12);
            Assert.Equal(FitStanding.Misfit, result.Fits[0].Standing);
        }
    }

    [Fact]
    public void Results_have_the_same_bits_on_any_number_of_threads()
    {
        SizeSample sample = LogNormal(40);
        string Run(int threads, ulong seed)
        {
            DistributionResult result = Infer(sample, Quick with { Threads = threads, Seed = seed, Bootstrap = 5 });
            return string.Join("\n", result.Fits.Select(f => $"{f.LogLikelihood:R} {f.AndersonDarling} {f.Wasserstein1} {f.AgainstClosest}"));
        }

        Assert.Equal(Run(1, 1), Run(3, 1));
        Assert.NotEqual(Run(1, 1), Run(1, 2));
    }

    [Fact]
    public void References_are_the_closed_forms()
    {
        // SciPy 1.11 on ln x and x: norm.logpdf summed, for the lognormal less the sum of ln x.
        double[] sizes = [.. Enumerable.Range(1, 30).Select(i => Math.Round(Math.Exp((0.9 * Math.Sin(1.7 * i)) + (0.02 * i)), 3))];
        DistributionResult result = Infer(SizeSample.From<double>(sizes), Quick with { Bootstrap = 0 });

        Assert.Equal(-39.75156592705363, result.References[0].LogLikelihood, 1e-9);
        Assert.Equal(-44.09304023573281, result.References[1].LogLikelihood, 1e-9);
        Assert.Equal(1.0521434608560862, result.References[1].Spread, 1e-12);
    }

    [Fact]
    public void What_is_no_size_is_counted_or_refused()
    {
        double[] values = [.. Enumerable.Range(1, 30).Select(i => (double)i), 0, 0, -3, double.NaN, double.PositiveInfinity];

        SizeSample sample = SizeSample.From<double>(values, new SizeOptions { Negative = NegativeSizes.Exclude, Limit = 5 });
        Assert.Equal(26, sample.Count);
        Assert.Equal([1, 1, 1, 2, 4], SizeSample.ExclusionReasons.Select(r => sample.Counts.Excluded[r]));
        Assert.Equal(1, SizeSample.From<double>(values, new SizeOptions { Negative = NegativeSizes.Absolute }).Counts.Negative);

        Assert.Contains("Value 32 of 35 is -3", Assert.Throws<ArgumentOutOfRangeException>(() => SizeSample.From<double>(values)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 20", Assert.Throws<UninformativeDataException>(() => SizeSample.From<double>(values.AsSpan()[..19])).Message, StringComparison.Ordinal);
        Assert.Contains("equal", Assert.Throws<UninformativeDataException>(() => SizeSample.From<double>(Enumerable.Repeat(0.3, 40).ToArray())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => SizeSample.From<double>(values, new SizeOptions { Limit = -1 }));
    }

    [Fact]
    public void A_mean_change_is_fitted_where_asked_for()
    {
        DistributedStart model = new(new PNorm(2), new LogNormalLaw(), 1, fitMean: true);
        Assert.Equal(4, model.ParameterCount);
        Assert.Equal(3, new DistributedStart(new NegativeEntropy(), new LogNormalLaw(), 1, fitMean: true).ParameterCount);

        double[] sizes = model.Simulate([0, Math.Log(0.5), Math.Log(0.2), 2.0], 3000, 0, new RandomSource(9));
        SizeModelFit fit = model.Fit(SizeSample.From<double>(sizes));
        Assert.Equal(2.0, fit.Parameters[3], 0.3);
    }

    private static DistributionResult Infer(SizeSample sample, DistributionOptions options) =>
        DistributionInference.Infer(sample, options, cancellation: TestContext.Current.CancellationToken);

    private static SizeSample LogNormal(int n, ulong seed = 1) =>
        SizeSample.From<double>(new ConstantStart(new NegativeEntropy(), 0.1).Simulate([0, Math.Log(0.8)], n, 0, new RandomSource(seed).Fork("log-normal sizes")));
}
