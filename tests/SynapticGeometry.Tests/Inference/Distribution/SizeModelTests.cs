using Xunit;

namespace SynapticGeometry.Tests.Inference.Distribution;

public sealed class SizeModelTests
{
    // Thirty sizes, exp(0.9 sin(1.7 i) + 0.02 i) to three decimals.
    private static readonly double[] Thirty =
    [
        2.491, 0.827, 0.462, 1.69, 2.267, 0.601, 0.659, 2.543, 1.711, 0.514, 1.09, 3.126, 1.176, 0.552, 1.865, 3.038, 0.829, 0.744, 2.933, 2.402, 0.671, 1.191, 3.846, 1.676,
        0.673, 2.043, 4.0, 1.159, 0.852, 3.331,
    ];

    public static TheoryData<string, double> ModelsAndLimits()
    {
        var data = new TheoryData<string, double>();
        foreach (string model in new[] { "one", "two", "normal", "log-normal" })
        {
            foreach (string geometry in new[] { "negative-entropy", "1.5", "2", "3", "burg-entropy", "hypentropy:0.5" })
            {
                data.Add($"{model} {geometry}", 0);
                data.Add($"{model} {geometry}", 0.4);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ModelsAndLimits))]
    public void The_density_of_the_sizes_seen_integrates_to_one_and_its_shares_are_its_integrals(string name, double limit)
    {
        (SizeModel model, double[] parameters) = Model(name);

        // The trapezium over log size; below the smallest point lies what the share there says.
        double low = Math.Log(Math.Max(limit, 1e-6) / 2), high = Math.Log(5e4 / 2);
        const int n = 6000;
        double[] u = [.. Enumerable.Range(0, n + 1).Select(i => low + ((high - low) * i / n))], density = new double[n + 1], below = new double[n + 1], above = new double[n + 1];
        SizeDistribution distribution = model.At(parameters, limit, low, high)!;
        distribution.LogDensity(u, density);
        distribution.Shares(u, below, above);
        double sum = below[0], largest = 0;
        for (int i = 1; i <= n; i++)
        {
            sum += 0.5 * (u[i] - u[i - 1]) * (Math.Exp(density[i]) + Math.Exp(density[i - 1]));
            largest = Math.Max(largest, Math.Abs(sum - below[i]));
        }

        Assert.Equal(1, sum + above[n], 2e-4);
        Assert.InRange(largest, 0, 2e-4);
        Assert.All(below.Zip(above, (b, a) => b + a), total => Assert.Equal(1, total, 1e-8));
    }

    // mpmath 1.3, adaptive quadrature with 25 digits over the log of the initial size: log-normal with mean of log −0.1 and deviation 0.7, normal
    // with mean 0.8 and deviation 0.9 cut off at zero; reference size 1; λ and the spread of the change as given.
    [Theory]
    [InlineData("ln", 1, 0.01, 0.2, -2.88689522943, 0.0156732257436)]
    [InlineData("ln", 1, 0.01, 6, -4.21401653603, 0.996559030955)]
    [InlineData("ln", 1, 0.3, 0.2, -2.65008349384, 0.0520624833209)]
    [InlineData("ln", 1, 0.3, 1.5, -0.717635051776, 0.738675700013)]
    [InlineData("ln", 1, 0.3, 6, -4.14968300321, 0.996356085434)]
    [InlineData("ln", 1, 2, 1.5, -0.942818218064, 0.386992998777)]
    [InlineData("ln", 0.5, 0.01, 1.5, -0.822937074924, 0.764858935669)]
    [InlineData("ln", 0.5, 0.3, 0.2, -2.50709266683, 0.0436441189632)]
    [InlineData("ln", 0.5, 2, 6, -1.52047795799, 0.89280583534)]
    [InlineData("n", 0.5, 0.01, 0.2, -2.43812208019, 0.0805310431408)]
    [InlineData("n", 0.5, 0.3, 6, -9.93076989813, 0.999997818992)]
    [InlineData("n", 0.5, 2, 1.5, -1.29969736723, 0.500412353973)]
    [InlineData("n", 2, 0.01, 1.5, -0.480425549681, 0.725143352639)]
    [InlineData("n", 2, 0.01, 6, -15.483017181, 0.999999995236)]
    [InlineData("n", 2, 0.3, 0.2, -3.64582319505, 0.0128404972809)]
    [InlineData("n", 2, 2, 6, -12.6943376313, 0.999999921455)]
    public void A_distributed_start_has_the_density_that_adaptive_integration_gives(string law, double exponent, double change, double size, double logDensity, double below)
    {
        DistributedStart model = new(new PNorm(1 + exponent), law == "ln" ? new LogNormalLaw() : new NormalLaw(), reference: 1);
        double[] parameters = law == "ln" ? [-0.1, Math.Log(0.7), Math.Log(change)] : [0.8, Math.Log(0.9), Math.Log(change)];
        double[] u = [Math.Log(0.1), Math.Log(size), Math.Log(8)], density = new double[3], shares = new double[3], rest = new double[3];

        SizeDistribution distribution = model.At(parameters, 0, u[0], u[2])!;
        distribution.LogDensity(u, density);
        distribution.Shares(u, shares, rest);

        Assert.Equal(logDensity, density[1], 5e-5);
        Assert.Equal(below, shares[1], 2e-6);
        Assert.Equal(1 - below, rest[1], Math.Max(2e-6, 1e-3 * (1 - below)));
    }

    [Fact]
    public void One_constant_under_negative_entropy_is_the_log_normal_distribution()
    {
        SizeSample sample = SizeSample.From<double>(Thirty);
        SizeModelFit fit = new ConstantStart(new NegativeEntropy(), 1).Fit(sample);

        // SciPy 1.11: stats.lognorm.fit(x, floc=0) and the sum of logpdf.
        Assert.Equal(0.3234808529446627, fit.Parameters[0], 1e-4);
        Assert.Equal(0.6587789794093746, Math.Exp(fit.Parameters[1]), 1e-4);
        Assert.Equal(-39.75156592705363, fit.LogLikelihood, 1e-6);

        // And so is a log-normal start, whatever it was split into.
        SizeModelFit start = new DistributedStart(new NegativeEntropy(), new LogNormalLaw(), 1).Fit(sample);
        Assert.Equal(fit.LogLikelihood, start.LogLikelihood, 1e-4);
        Assert.Equal(0.6587789794093746, double.Hypot(Math.Exp(start.Parameters[1]), Math.Exp(start.Parameters[2])), 1e-3);
        Assert.Equal(2, start.Determined);
    }

    // SciPy 1.11: minimize(BFGS) of the likelihood of a normal distribution truncated at the limit; 1 is the reference size.
    [Theory]
    [InlineData(0, 30, 1.305821384458401, 1.3320880175572054, -41.47852089044151)]
    [InlineData(0.7, 23, 1.0042042631226578, 1.5274279725391748, -28.259625860754266)]
    public void One_constant_under_the_2_norm_is_the_truncated_normal_distribution(double limit, int seen, double mean, double deviation, double logLikelihood)
    {
        SizeSample sample = SizeSample.From<double>(Thirty, new SizeOptions { Limit = limit });
        SizeModelFit fit = new ConstantStart(new PNorm(2), 1).Fit(sample);

        Assert.Equal(seen, sample.Count);
        Assert.Equal(logLikelihood, fit.LogLikelihood, 1e-5);
        Assert.Equal(mean, 1 + fit.Parameters[0], 2e-3);
        Assert.Equal(deviation, Math.Exp(fit.Parameters[1]), 2e-3);
    }

    [Fact]
    public void Far_from_zero_one_constant_under_the_2_norm_is_the_normal_distribution()
    {
        // SciPy 1.11: norm.logpdf(x + 20, mean, sd) summed.
        SizeModelFit fit = new ConstantStart(new PNorm(2), 1).Fit(SizeSample.From<double>([.. Thirty.Select(x => x + 20)]));
        Assert.Equal(-44.09304023573282, fit.LogLikelihood, 1e-6);
        Assert.Equal(20.698733333333333, fit.Parameters[0], 1e-3);
    }

    [Fact]
    public void Two_constants_under_negative_entropy_are_a_mixture_of_log_normal_distributions()
    {
        // SciPy 1.11: Nelder-Mead on the likelihood of two normal distributions of equal deviation of ln x, best of three starts.
        SizeModelFit fit = new TwoConstantsStart(new NegativeEntropy(), 1).Fit(SizeSample.From<double>(Thirty));
        IReadOnlyList<SizeParameter> described = fit.Model.Describe([.. fit.Parameters]);

        Assert.Equal(-35.3675822242279, fit.LogLikelihood, 1e-5);
        Assert.Equal([Math.Exp(-0.26839572), Math.Exp(0.89588094), 0.49163580793984474, 0.30854423468930553], described.Select(p => p.Value), (a, b) => Math.Abs(a - b) < 2e-3);
    }

    [Theory]
    [MemberData(nameof(ModelsAndLimits))]
    public void Simulated_sizes_have_the_distribution_of_the_model(string name, double limit)
    {
        // Kolmogorov's distance of 4000 draws: beyond 1.95/√n with probability 0.001, and these are 48 tests with one fixed seed.
        (SizeModel model, double[] parameters) = Model(name);
        double[] sizes = model.Simulate(parameters, 4000, limit, new RandomSource(3).Fork(name));
        SizeSample sample = SizeSample.From<double>(sizes, new SizeOptions { Limit = limit });

        Assert.Equal(4000, sample.Count);
        double[] z = model.Residuals(sample, parameters);
        double distance = z.Select((r, i) => Math.Abs(NormalDistribution.Cdf(r) - ((i + 0.5) / 4000))).Max();
        Assert.InRange(distance, 0, 2.2 / Math.Sqrt(4000));
    }

    [Fact]
    public void Parameters_come_back_from_simulated_sizes_with_the_error_that_theory_gives()
    {
        // One constant far from zero: SE of m is σ/√n, of ln σ is 1/√(2n); the mean square of 150 standardised errors lies within 1 ± 0.35
        // (±3 of its own standard errors).
        ConstantStart model = new(new PNorm(1.5), 1);
        double[] truth = [0, Math.Log(0.3)];
        var squares = new double[2];
        const int repeats = 150, n = 200;
        for (int r = 0; r < repeats; r++)
        {
            SizeModelFit fit = model.Fit(SizeSample.From<double>(model.Simulate(truth, n, 0, new RandomSource(4).Fork("recovery", (ulong)r))));
            squares[0] += Math.Pow((fit.Parameters[0] - truth[0]) / (0.3 / Math.Sqrt(n)), 2) / repeats;
            squares[1] += Math.Pow((fit.Parameters[1] - truth[1]) * Math.Sqrt(2 * n), 2) / repeats;
        }

        Assert.InRange(squares[0], 0.65, 1.35);
        Assert.InRange(squares[1], 0.65, 1.35);
    }

    [Fact]
    public void A_log_normal_start_and_the_change_under_the_3_norm_come_back_from_many_sizes()
    {
        // Ten samples of 1000: each mean lies within four of its standard errors of the truth.
        DistributedStart model = new(new PNorm(3), new LogNormalLaw(), 1);
        double[] truth = [0.2, Math.Log(0.6), Math.Log(0.8)];
        double[][] found = [.. Enumerable.Range(0, 10).Select(r => model.Fit(SizeSample.From<double>(model.Simulate(truth, 1000, 0, new RandomSource(5).Fork("recovery", (ulong)r)))).Parameters.ToArray())];
        for (int k = 0; k < truth.Length; k++)
        {
            SampleMoments moments = SampleMoments.Of<double>([.. found.Select(f => f[k])]);
            Assert.InRange(moments.Mean - truth[k], -4 * moments.StandardDeviation / Math.Sqrt(10), 4 * moments.StandardDeviation / Math.Sqrt(10));
            Assert.InRange(moments.StandardDeviation, 0, 0.5);
        }
    }

    [Fact]
    public void Differences_of_log_likelihood_do_not_depend_on_the_unit_but_on_the_origin()
    {
        double[] sizes = new ConstantStart(new PNorm(1.5), 1).Simulate([0.5, Math.Log(0.5)], 300, 0, new RandomSource(6));
        double[] Differences(IEnumerable<double> values)
        {
            SizeSample sample = SizeSample.From<double>([.. values]);
            double reference = Math.Exp(sample.LogGeometricMean);
            double[] fits =
            [
                new ConstantStart(new PNorm(2), reference).Fit(sample).LogLikelihood,
                new TwoConstantsStart(new PNorm(1.5), reference).Fit(sample).LogLikelihood,
                new DistributedStart(new PNorm(2), new LogNormalLaw(), reference).Fit(sample).LogLikelihood,
                new DistributedStart(new PNorm(1.5), new NormalLaw(), reference).Fit(sample).LogLikelihood,
            ];
            return [.. fits.Skip(1).Select(f => f - fits[0])];
        }

        double[] before = Differences(sizes);
        Assert.Equal(before, Differences(sizes.Select(w => 1000 * w)), (a, b) => Math.Abs(a - b) < 1e-3);
        Assert.NotEqual(before, Differences(sizes.Select(w => w + 0.3)), (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void Hypentropy_of_a_vanishing_beta_is_negative_entropy_and_of_a_huge_one_the_2_norm()
    {
        SizeSample sample = SizeSample.From<double>(Thirty);
        double Constant(Potential p) => new ConstantStart(p, 1.4).Fit(sample).LogLikelihood;

        Assert.Equal(Constant(new PNorm(2)), Constant(new HyperbolicEntropy(1e5)), 1e-4);

        // Negative entropy has no end at zero; with β tiny the end is many spreads away.
        Assert.Equal(Constant(new NegativeEntropy()), Constant(new HyperbolicEntropy(1e-9)), 1e-4);
        Assert.NotEqual(Constant(new NegativeEntropy()), Constant(new HyperbolicEntropy(1)), 1e-4);
    }

    [Fact]
    public void A_user_s_own_potential_gives_what_the_same_potential_of_the_library_gives()
    {
        SizeSample sample = SizeSample.From<double>(Thirty);
        SeparablePotential burg = new("own-burg", w => -1 / w, w => 1 / (w * w), eachOrthant: true);

        Assert.Equal(new ConstantStart(new BurgEntropy(), 1.4).Fit(sample).LogLikelihood, new ConstantStart(burg, 1.4).Fit(sample).LogLikelihood, 1e-5);
    }

    [Fact]
    public void A_user_s_own_initial_law_can_be_fitted()
    {
        // Uniform initial sizes on (0, e^a): without a visible change the likelihood is −n a, at most −n ln max.
        double[] sizes = [.. Enumerable.Range(1, 200).Select(i => i / 100.0)];
        SizeModelFit fit = new DistributedStart(new PNorm(2), new UniformLaw(), 1).Fit(SizeSample.From<double>(sizes));

        Assert.Equal("uniform", fit.Model.Initial);
        Assert.Equal(-200 * Math.Log(2), fit.LogLikelihood, 1.0);
        Assert.Equal(2, fit.Model.Describe([.. fit.Parameters])[0].Value, 0.05);
    }

    private static (SizeModel Model, double[] Parameters) Model(string name)
    {
        string[] words = name.Split(' ');
        Potential potential = Potential.Parse(words[1]);
        return words[0] switch
        {
            "one" => (new ConstantStart(potential, 2), [0.1, Math.Log(0.5)]),
            "two" => (new TwoConstantsStart(potential, 2), [-0.4, 0.6, 0.5, Math.Log(0.3)]),
            "normal" => (new DistributedStart(potential, new NormalLaw(), 2), [0.9, Math.Log(0.5), Math.Log(0.3)]),
            _ => (new DistributedStart(potential, new LogNormalLaw(), 2), [0, Math.Log(0.6), Math.Log(0.3)]),
        };
    }

    private sealed class UniformLaw : InitialLaw
    {
        public override string Name => "uniform";

        public override int ParameterCount => 1;

        public override InitialDistribution? At(ReadOnlySpan<double> parameters) => Math.Abs(parameters[0]) < 20 ? new Distribution(parameters[0]) : null;

        public override double[] FromMoments(double mean, double standardDeviation) => [Math.Log(2 * mean)];

        public override IReadOnlyList<SizeParameter> Describe(ReadOnlySpan<double> parameters, double reference) => [new("largest", reference * Math.Exp(parameters[0]))];

        private sealed class Distribution(double logLargest) : InitialDistribution
        {
            private static readonly double[] Ends = [0, 0.25, 0.5, 0.75, 1];

            public override ReadOnlySpan<double> Breakpoints => Ends;

            public override bool HasEdges => true;

            public override double LogDensity(double t) => 0;

            public override double LogSizeAt(double t) => logLargest + Math.Log(t);

            public override double CoordinateOf(double logSize) => Math.Exp(logSize - logLargest);

            public override double Draw(RandomSource random) => random.NextDouble();
        }
    }
}
