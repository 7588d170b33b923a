using MathNet.Numerics.LinearAlgebra;
using Xunit;

namespace SynapticGeometry.Tests.Learning;

public sealed class LinearRegressionTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, 1)]
    [InlineData(37, 6)]
    [InlineData(1024, 33)]
    [InlineData(2500, 70)]
    public void Loss_and_gradient_are_those_of_the_sums_in_double_precision(int weights, int samples)
    {
        LinearRegressionData data = new LinearRegressionTask(weights, samples, 1).Draw(new RandomSource(1), Cancellation);
        double[] w = Draw(weights, 2), gradient = new double[weights], expected = new double[weights];
        double loss = 0;
        for (int n = 0; n < samples; n++)
        {
            double residual = -data.Labels[n];
            for (int i = 0; i < weights; i++)
            {
                residual += data.Sample(n)[i] * w[i];
            }

            loss += residual * residual / samples;
            for (int i = 0; i < weights; i++)
            {
                expected[i] += 2.0 / samples * residual * data.Sample(n)[i];
            }
        }

        Assert.Equal(loss, data.LossAndGradient(w, gradient), 1e-6 * loss);
        double size = Math.Sqrt(expected.Average(g => g * g));
        Assert.All(expected.Zip(gradient), p => Assert.Equal(p.First, p.Second, 3e-6 * size));
    }

    [Fact]
    public void What_a_vector_gets_does_not_depend_on_the_others()
    {
        LinearRegressionData data = new LinearRegressionTask(1100, 45, 2).Draw(new RandomSource(1), Cancellation);
        double[] alone = new double[1100];
        double lossAlone = data.LossAndGradient(Draw(1100, 4), alone);
        FloatMatrix w = new(5, 1100, FewColumns.VectorGroup), g = new(5, 1100, FewColumns.VectorGroup);
        for (int c = 0; c < 5; c++)
        {
            double[] drawn = Draw(1100, (ulong)c);
            for (int i = 0; i < drawn.Length; i++)
            {
                w.Row(c)[i] = (float)drawn[i];
            }
        }

        double[] losses = new double[5];
        FewColumns.LossAndGradient(data.Inputs, data.Labels, w, 5, g, losses);

        Assert.Equal(lossAlone, losses[4]);
        Assert.Equal(alone, g.Row(4).ToArray().Select(x => (double)x));
    }

    [Fact]
    public void Inputs_have_the_variance_of_the_covariance_and_the_noise_and_labels_are_signs()
    {
        LinearRegressionData data = new LinearRegressionTask(200, 500, 2).Draw(new RandomSource(3), Cancellation);
        double square = 0, neighbours = 0;
        for (int n = 0; n < 500; n++)
        {
            ReadOnlySpan<float> x = data.Sample(n);
            for (int i = 0; i < 199; i++)
            {
                square += x[i] * x[i] / (500.0 * 199);
                neighbours += x[i] * x[i + 1] / (500.0 * 199);
            }
        }

        // 1 + 1/12 and −1/2; about 1e5 numbers, a third of them independent.
        Assert.Equal(1 + (1.0 / 12), square, 0.03);
        Assert.Equal(-0.5, neighbours, 0.03);
        Assert.All(data.Labels.ToArray(), y => Assert.Equal(1, Math.Abs(y)));
        Assert.InRange(data.Labels.ToArray().Average(), -0.25, 0.25);
    }

    [Fact]
    public void Gradient_descent_ends_at_the_solution_nearest_to_its_start()
    {
        // Closed form: w = w₀ + X⁺ (y − X w₀).
        LinearRegressionStudy study = new() { Task = new LinearRegressionTask(60, 5, 1), Potentials = [new PNorm(2)], Rates = [0.02], Epochs = 3000, LongestEpochs = 3000 };
        RandomSource random = new(5);
        RegressionSchedule[] schedule = study.FindRates(new RandomSource(6), cancellation: Cancellation);
        RegressionOutcome outcome = study.Train(random, schedule, cancellation: Cancellation)[0]!;

        LinearRegressionData data = study.Task.Draw(random.Fork("data"), Cancellation);
        double[] start = new double[60];
        new NormalWeights(1 / Math.Sqrt(60)).Draw(random.Fork("weights"), start);
        Matrix<double> x = Matrix<double>.Build.Dense(5, 60, (n, i) => data.Sample(n)[i]);
        Vector<double> y = Vector<double>.Build.Dense(5, n => data.Labels[n]), w0 = Vector<double>.Build.Dense(start);
        double[] change = [.. x.PseudoInverse() * (y - (x * w0))];

        Assert.InRange(outcome.Loss, 0, 1e-8);
        Assert.Equal(change.Select(c => c * c).Sum(), Math.Pow(outcome.Magnitude * w0.L2Norm(), 2), 1e-4 * change.Select(c => c * c).Sum());
        Assert.Equal(DeltaCdf.Statistic(change), outcome.DeltaCdf, 1e-2);
    }

    [Fact]
    public void A_rate_that_diverges_is_recorded_and_never_chosen()
    {
        LinearRegressionStudy study = new() { Task = new LinearRegressionTask(80, 10, 2), Rates = [1e-4, 1e-3, 30, 1e30], Epochs = 20, LongestEpochs = 20 };

        foreach (RegressionSchedule schedule in study.FindRates(new RandomSource(1), cancellation: Cancellation))
        {
            Assert.Equal(4, schedule.Trials.Count);
            Assert.All(schedule.Trials, t => Assert.True(double.IsFinite(t.Loss)));
            Assert.Equal(1e-3, schedule.Rate);
            Assert.True(schedule.Trials[^1].DivergedAt > 0);
            Assert.True(double.IsFinite(schedule.Loss));
        }

        InvalidOperationException none = Assert.Throws<InvalidOperationException>(() => (study with { Rates = [1e20] }).FindRates(new RandomSource(1), cancellation: Cancellation));
        Assert.Contains("1E+20 in pass 1 of 20", none.Message, StringComparison.Ordinal);
        Assert.All(study.Train(new RandomSource(2), [.. study.Potentials.Select(p => new RegressionSchedule(p, 1e20, 20, 0, []))], cancellation: Cancellation), Assert.Null);
    }

    [Fact]
    public void A_schedule_grows_until_the_loss_is_good_and_no_longer_than_allowed()
    {
        LinearRegressionStudy study = new() { Task = new LinearRegressionTask(100, 10, 1), Potentials = [new PNorm(2)], Rates = [2e-3], Epochs = 50, LongestEpochs = 400 };

        RegressionSchedule[] slow = (study with { Rates = [1e-7] }).FindRates(new RandomSource(1), cancellation: Cancellation);
        RegressionSchedule found = study.FindRates(new RandomSource(1), cancellation: Cancellation)[0];

        Assert.Equal(400, slow[0].Epochs);
        Assert.InRange(found.Epochs, 100, 350);
        Assert.True(found.Loss < 1e-3);
        Assert.Equal(found.Epochs / 50, found.Trials.Count);
        Assert.All(found.Trials.SkipLast(1), t => Assert.True(t.Loss >= 1e-3));
    }

    [Fact]
    public void Log_normal_weights_have_the_mean_and_deviation_asked_for_and_both_signs()
    {
        double[] w = new double[100_000];
        (LogNormalWeights.WithMean(0.3, 0.3) with { RandomSigns = true }).Draw(new RandomSource(1), w);

        Assert.Equal(0.3, w.Average(Math.Abs), 0.005);
        Assert.Equal(0.09, w.Average(x => Math.Pow(Math.Abs(x) - 0.3, 2)), 0.01);
        Assert.InRange(w.Count(x => x < 0), 49_000, 51_000);
    }

    private static double[] Draw(int count, ulong seed)
    {
        double[] values = new double[count];
        new NormalWeights(1 / Math.Sqrt(count)).Draw(new RandomSource(seed), values);
        return values;
    }
}
