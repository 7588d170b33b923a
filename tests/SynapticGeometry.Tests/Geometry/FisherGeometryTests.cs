using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using Xunit;

namespace SynapticGeometry.Tests;

public sealed class FisherGeometryTests
{
    internal sealed record Synapses(TransferFunction Transfer, double[] Weights, double[] Rates, double[] Gradient)
    {
        public FisherGeometry Fisher => new(Transfer, new SynapticKernel(), Rates);
    }

    private static readonly TransferFunction[] Transfers =
        [new SigmoidTransfer(), new SoftplusTransfer(), new ExponentialTransfer(5, 0.1, 0), new RectifiedQuadraticTransfer(-60)];

    // The metric is symmetric: rows and columns may be exchanged.
    internal static readonly Gen<Synapses> AnySynapses = Gen.Int[1, 12].SelectMany(n => Gen.Select(
        Gen.Int[0, 3].Select(k => Transfers[k]),
        Gen.Double[-0.2, 0.2].Array[n],   // the potential stays where φ bends
        Gen.Double[5, 50].Array[n],       // Hz
        Gen.Double[-10, 10].Array[n],
        (t, w, r, g) => new Synapses(t, w, r, g)));

    // Of the badly scaled case the reference's own moments are taken, and those of the library stand beside their closed form below.
    [Fact]
    public void The_golden_cases_are_met_27_whole_and_the_badly_scaled_one_given_its_moments()
    {
        Assert.Equal((28, 1), (GoldenNeuron.All().Length, GoldenNeuron.All().Count(c => c.IsCutOff)));
        foreach (GoldenNeuron golden in GoldenNeuron.All())
        {
            FisherGeometry fisher = golden.Fisher;
            PotentialMoments moments = fisher.Moments(golden.Weights);
            FisherCoefficients c = fisher.Coefficients(moments);
            double potential = PoissonNeuron.SomaticPotential(golden.Weights, golden.Usp), s = Math.Sqrt(moments.Variance), c1 = golden.Number("gamma_s");
            double[] cs = golden.Numbers("c"), g = golden.Numbers("g");
            void Near(double expected, double actual, double size = 0) =>
                Assert.True(Math.Abs(expected - actual) <= 1e-8 * Math.Max(Math.Abs(expected), size), $"{golden}: {actual}, not {expected}");

            Near(golden.Number("c_eps"), fisher.Kernel.CEpsilon);
            Near(golden.Number("mu_v"), moments.Mean);
            Near(golden.Number("var_v"), moments.Variance);
            Near(golden.Number("q"), fisher.Q);

            // The reference's own c₂ and c₃ are rounded by about 1e-15 c₁/s and c₁/s².
            Near(cs[0], c.Moments.C1);
            Near(cs[1], c.Moments.C2, 1e-6 * cs[0] / s);
            Near(cs[2], c.Moments.C3, 1e-6 * cs[0] / (s * s));
            Near(g[0], c.G1);
            Near(g[1], c.G2, 1e-6 / s);
            Near(g[2], c.G3, 1e-6 / s);
            Near(g[3], c.G4, 1e-6 / (s * s));
            Near(c1, c.GammaS);
            Near(golden.Number("V"), potential);
            Near(golden.Number("phi"), golden.Transfer.Rate(potential));
            Near(golden.Number("dphi"), golden.Transfer.Slope(potential));
            (double u, double m) = new NaturalForm(fisher).At(moments).Shared(golden.Usp.Sum(), potential);
            Near(golden.Number("gamma_u"), u, 1e-6 * fisher.Kernel.CEpsilon);
            Near(golden.Number("gamma_w"), m, 1e-6);
        }
    }

    [Fact]
    public void Moments_of_the_badly_scaled_case_are_those_of_the_exponential_of_a_normal_number()
    {
        // F = k² φ, and E exp(k V) = exp(k μ + k² s²/2) for a normal V; F' = k F, F'' = k² F.
        GoldenNeuron golden = GoldenNeuron.All().Single(c => c.IsCutOff);
        ExponentialTransfer exponential = (ExponentialTransfer)golden.Transfer;
        (double k, double mean, double variance) = (exponential.Gain, golden.Number("mu_v"), golden.Number("var_v"));
        double c1 = k * k * exponential.RateAtThreshold * Math.Exp(-k * exponential.Threshold) * Math.Exp((k * mean) + (0.5 * k * k * variance));
        FisherMoments ours = new FisherGeometry(exponential, golden.Kernel, golden.Rates).Transfer.Fisher(mean, variance);

        Assert.Equal(58076403381.869, c1, 1e-3);
        Assert.Equal(1, ours.C1 / c1, 1e-12);
        Assert.Equal(1, ours.C2 / (k * c1), 1e-12);
        Assert.Equal(1, ours.C3 / (k * k * c1), 1e-12);
        Assert.Equal(1.8e-5, 1 - (golden.Reference.C1 / c1), 1e-6);
        Assert.Equal(4.3e-5, 1 - (golden.Reference.C3 / (k * k * c1)), 1e-6);
    }

    [Fact]
    public void The_case_that_differs_does_so_by_the_tail_that_its_quadrature_cut_off()
    {
        GoldenNeuron golden = GoldenNeuron.All().Single(c => c.IsCutOff);
        double s = Math.Sqrt(golden.Number("var_v")), whole = golden.Transfer.Fisher(golden.Number("mu_v"), s * s).C1;

        // Under the weight exp(k u) the normal density moves by k s standard deviations.
        Assert.Equal(golden.Reference.C1, whole * NormalDistribution.Cdf(12 - (0.2 * s)), 1e-8 * whole);
        Assert.Equal(1.78e-5, 1 - (golden.Reference.C1 / whole), 1e-7);
    }

    [Fact]
    public void Metric_and_inverse_are_those_of_the_golden_cases()
    {
        foreach (GoldenNeuron golden in GoldenNeuron.All().Where(c => c.Has("fisher")))
        {
            int n = golden.Weights.Length;
            double[] metric = new double[n * n], inverse = new double[n * n], column = new double[n];
            golden.Fisher.Metric(golden.Weights, metric);
            for (int j = 0; j < n; j++)
            {
                double[] unit = new double[n];
                unit[j] = 1;
                golden.Fisher.Raise(golden.Weights, unit, column);
                for (int i = 0; i < n; i++)
                {
                    inverse[(i * n) + j] = column[i];
                }
            }

            Vectors.Near(golden.Numbers("fisher"), metric, 1e-9, golden.ToString());
            Vectors.Near(golden.Numbers("fisher_inverse"), inverse, 1e-8, golden.ToString());
        }
    }

    [Fact]
    public void Raising_is_the_solution_of_the_dense_system() =>
        AnySynapses.Sample(
            s =>
            {
                int n = s.Weights.Length;
                double[] direction = new double[n], metric = new double[n * n];
                s.Fisher.Raise(s.Weights, s.Gradient, direction);
                s.Fisher.Metric(s.Weights, metric);
                Vector<double> dense = new DenseMatrix(n, n, [.. metric]).LU().Solve(DenseVector.OfArray(s.Gradient));
                return Vectors.Worst([.. dense], direction) <= 1e-10;
            },
            iter: 300);

    [Fact]
    public void Raising_keeps_its_accuracy_as_the_weights_vanish()
    {
        double[] rates = [10, 50, 20], g = [1, -2, 0.5], shape = [0.3, -0.1, 0.2];
        foreach (double size in new[] { 1.0, 1e-3, 1e-6, 1e-9, 1e-100, 0 })
        {
            Synapses s = new(new SigmoidTransfer(), [.. shape.Select(w => size * w)], rates, g);
            double[] direction = new double[3], metric = new double[9];
            s.Fisher.Raise(s.Weights, g, direction);
            s.Fisher.Metric(s.Weights, metric);
            Vectors.Near([.. new DenseMatrix(3, 3, [.. metric]).LU().Solve(DenseVector.OfArray(g))], direction, 1e-12, $"weights of size {size}");
        }

        // At w = 0 by hand: G = F(0) (ε₀² r rᵀ + S), whose inverse is Sherman and Morrison's.
        SigmoidTransfer f = new();
        double information = f.Slope(0) * f.Slope(0) / f.Rate(0), q = 0.026 * 80, sum = 0.026 * g.Sum();
        double[] byHand = [.. g.Zip(rates, (gi, r) => ((0.026 * gi / r) - (0.026 * sum / (1 + q))) / information)], zero = new double[3];
        new FisherGeometry(f, new SynapticKernel(), rates).Raise(new double[3], g, zero);
        Vectors.Near(byHand, zero, 1e-12);
    }

    [Fact]
    public void Inner_product_and_angle_are_those_of_the_dense_metric() =>
        AnySynapses.Where(s => s.Gradient.Any(g => g != 0)).Sample(
            s =>
            {
                int n = s.Weights.Length;
                // An irrational share, so that no gradient a generator thinks of makes the other change zero.
                double[] metric = new double[n * n], b = [.. s.Gradient.Select((g, i) => Math.Cos(i) + (g / (10 * Math.PI)))];
                s.Fisher.Metric(s.Weights, metric);
                Matrix<double> dense = new DenseMatrix(n, n, [.. metric]);
                double Product(double[] x, double[] y) => DenseVector.OfArray(x) * (dense * DenseVector.OfArray(y));
                double size = Math.Sqrt(Product(s.Gradient, s.Gradient) * Product(b, b));
                double cosine = Math.Clamp(Product(s.Gradient, b) / size, -1, 1);
                return Math.Abs(s.Fisher.InnerProduct(s.Weights, s.Gradient, b) - Product(s.Gradient, b)) <= 1e-12 * size
                    && Math.Abs(Math.Cos(s.Fisher.Angle(s.Weights, s.Gradient, b)) - cosine) <= 1e-10;
            },
            iter: 200);

    [Fact]
    public void Angles_are_accurate_where_the_arc_cosine_is_not()
    {
        FisherGeometry fisher = new(new SigmoidTransfer(), new SynapticKernel(), [20, 20]);
        double[] w = [0.1, -0.1], a = [1, -1], turned = [1 + 1e-9, -1 + 1e-9];

        // By hand: along (1, −1) the metric has only c₁ S; the other direction is orthogonal to it where c₂, c₃ vanish.
        double angle = fisher.Angle(w, a, turned);
        double parallel = Math.Sqrt(fisher.InnerProduct(w, a, a)), across = fisher.InnerProduct(w, [1, 1], [1, 1]), shared = fisher.InnerProduct(w, [1, 1], a) / parallel;
        Assert.Equal(1e-9 * Math.Sqrt(across - (shared * shared)) / parallel, angle, 1e-6 * angle);
        Assert.Equal(Math.PI, fisher.Angle(w, a, [-1, 1]), 1e-7);
        Assert.Throws<ArgumentException>(() => fisher.Angle(w, a, [0, 0]));
    }

    [Fact]
    public void The_metric_is_what_simulated_input_has_within_its_error()
    {
        // G = E[F(V) x xᵀ] over 4000 samples of 250 ms at n = 20. Each element is compared with its own standard error; the normal
        // approximation leaves a few percent at this n. 5 standard errors over 210 elements: a false alarm in 8000, seed fixed.
        RandomSource random = new(6);
        PoissonInput input = PoissonInput.Groups((10, 20), (10, 60));
        SigmoidTransfer f = new();
        double[] w = new double[20];
        for (int i = 0; i < w.Length; i++)
        {
            w[i] = ((2 * random.NextDouble()) - 1) / 20;
        }

        UspSamples samples = UspSamples.Draw(input, new SynapticKernel(), random, count: 4000, duration: 0.1, timeStep: 0.0005);
        double[] metric = new double[400];
        new FisherGeometry(new PoissonNeuron(f, new SynapticKernel()), input).Metric(w, metric);
        double scale = metric.Max();
        for (int i = 0; i < 20; i++)
        {
            for (int j = i; j < 20; j++)
            {
                double sum = 0, squares = 0;
                for (int k = 0; k < samples.Count; k++)
                {
                    double v = PoissonNeuron.SomaticPotential(w, samples[k]), term = f.Slope(v) * f.LogSlope(v) * samples[k][i] * samples[k][j];
                    (sum, squares) = (sum + term, squares + (term * term));
                }

                double mean = sum / samples.Count, error = Math.Sqrt(((squares / samples.Count) - (mean * mean)) / samples.Count);
                Assert.InRange(metric[(i * 20) + j] - mean, -(5 * error) - (0.03 * scale), (5 * error) + (0.03 * scale));
            }
        }
    }

    [Fact]
    public void A_synapse_without_input_has_only_heterosynaptic_terms()
    {
        double[] rates = [10, 0, 30], w = [0.1, 0.2, -0.1], g = [1, 0, 2], direction = new double[3];
        FisherGeometry fisher = new(new SigmoidTransfer(), new SynapticKernel(), rates);
        fisher.Raise(w, g, direction);

        // The limit of small rates, with the gradient in proportion to the rate.
        double[] limit = new double[3];
        new FisherGeometry(new SigmoidTransfer(), new SynapticKernel(), [10, 1e-9, 30]).Raise(w, g, limit);
        Vectors.Near(limit, direction, 1e-8);
        Assert.NotEqual(0, direction[1]);
        Assert.Contains("Gradient 1 of 3 is 0.5", Assert.Throws<ArgumentOutOfRangeException>(() => fisher.Raise(w, [1, 0.5, 2], direction)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Natural_gradient_moves_the_soma_the_same_from_every_site() =>
        Gen.Select(AnySynapses, Gen.Double[0.2, 1].Array[12]).Sample(
            (s, attenuation) =>
            {
                DendriticWeights f = new(attenuation[..s.Weights.Length]);
                double[] atSoma = new double[s.Weights.Length], onDendrite = [.. s.Gradient], own = new double[s.Weights.Length];
                s.Fisher.Raise(s.Weights, s.Gradient, atSoma);
                f.FromSomatic(s.Weights, own);
                f.ToSomatic(onDendrite, onDendrite);
                s.Fisher.In(f).Raise(own, onDendrite, onDendrite);
                f.ToSomatic(onDendrite, onDendrite);
                return Vectors.Worst(atSoma, onDendrite) <= 1e-12;
            },
            iter: 200);

    [Fact]
    public void Bad_arguments_are_refused()
    {
        FisherGeometry fisher = new(new SigmoidTransfer(), new SynapticKernel(), [10, 20]);
        double[] two = [0.1, 0.2], three = new double[3], room = new double[2];

        Assert.Contains("Rate 1 of 2 is -1 Hz", Assert.Throws<ArgumentOutOfRangeException>(() => new FisherGeometry(new SigmoidTransfer(), new SynapticKernel(), [1, -1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => fisher.Raise(three, three, three));
        Assert.Throws<ArgumentException>(() => fisher.Raise(two, two, three));
        Assert.Throws<ArgumentOutOfRangeException>(() => fisher.Raise(two, [1, double.NaN], room));
        Assert.Throws<ArgumentOutOfRangeException>(() => fisher.Raise([double.NaN, 0], [1, 1], room));
        Assert.Throws<ArgumentOutOfRangeException>(() => fisher.Descend(two, two, -1, room));
        Assert.Contains(
            "The Fisher information of",
            Assert.Throws<ArgumentOutOfRangeException>(() => new FisherGeometry(new RectifiedQuadraticTransfer(1), new SynapticKernel(), [10]).Raise([0], [1], new double[1])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Coefficients_take_no_memory()
    {
        FisherGeometry fisher = new(new SigmoidTransfer(), new SynapticKernel(), [10, 20]);
        NaturalForm form = new(fisher);
        form.At(new PotentialMoments(1, 4));
        long before = GC.GetAllocatedBytesForCurrentThread();
        double sum = 0;
        for (int i = 0; i < 100; i++)
        {
            sum += form.At(new PotentialMoments(1 + (0.01 * i), 4)).Scale;
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(sum > 0);
    }
}
