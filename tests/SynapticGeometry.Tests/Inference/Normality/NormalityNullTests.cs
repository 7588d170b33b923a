using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Simulated null distributions against published points.</summary>
public sealed class NormalityNullTests
{
    [Fact]
    public void Critical_values_are_those_of_Stephens()
    {
        const int n = 200;
        var table = new NormalityNull(n, replicates: 20_000, seed: 4, threads: Environment.ProcessorCount);

        // Stephens 1974, Table 1, case 3: A²(1 + 0.75/n + 2.25/n²) 0.752 and 1.035, W²(1 + 0.5/n) 0.126 and 0.179 at 5 % and 1 %
        // (his A² factor of 1974 was revised to this in D'Agostino and Stephens 1986). The standard deviation of a simulated
        // point is √(p(1 − p)/B)/density: about 0.006 and 0.019 for A², 0.0010 and 0.0032 for W²; four of them are allowed.
        double a = 1 + 0.75 / n + 2.25 / ((double)n * n), w = 1 + 0.5 / n;
        Assert.Equal(0.752, a * table.AndersonDarlingQuantile(0.95), 0.024);
        Assert.Equal(1.035, a * table.AndersonDarlingQuantile(0.99), 0.076);
        Assert.Equal(0.126, w * table.CramerVonMisesQuantile(0.95), 0.0045);
        Assert.Equal(0.179, w * table.CramerVonMisesQuantile(0.99), 0.013);

        // Mean 0.83/√n and 95 % point 1.18/√n, each given to 0.005.
        Assert.Equal(0.83, Math.Sqrt(n) * table.Wasserstein1Mean, 0.012);
        Assert.Equal(1.18, Math.Sqrt(n) * table.Wasserstein1Quantile(0.95), 0.02);
    }

    [Fact]
    public void Large_samples_borrow_the_table_of_the_largest_simulated()
    {
        var table = new NormalityNull(1_000_000, replicates: 200, seed: 4);

        Assert.Equal(NormalityNull.LargestSimulated, table.SimulatedSize);
        Assert.Equal(0.83, 1000 * table.Wasserstein1Mean, 0.06);
    }

    [Fact]
    public void A_p_value_counts_the_simulated_values_at_or_above()
    {
        var table = new NormalityNull(30, replicates: 99, seed: 4);

        Assert.Equal(1, table.AndersonDarlingP(0));
        Assert.Equal(0.01, table.AndersonDarlingP(1e9));
        Assert.Equal(0.01, table.CramerVonMisesP(1e9));
        Assert.Equal(0.01, table.Wasserstein1P(1e9));

        // The largest of 99 is itself at or above: 2/100; just above it: 1/100.
        double largest = table.Wasserstein1Quantile(1);
        Assert.Equal(0.02, table.Wasserstein1P(largest), 1e-12);
        Assert.Equal(0.01, table.Wasserstein1P(1.0001 * largest), 1e-12);
        Assert.True(double.IsNaN(table.CramerVonMisesP(double.NaN)));
    }

    [Fact]
    public void P_values_of_normal_samples_are_uniform_and_of_others_small()
    {
        const int n = 50, samples = 2000;
        var table = new NormalityNull(n, replicates: 4999, seed: 4, threads: Environment.ProcessorCount);
        RandomSource random = new RandomSource(21).Fork("samples");
        int rejected = 0;
        double[] x = new double[n];
        for (int i = 0; i < samples; i++)
        {
            random.FillNormal(x);
            rejected += table.AndersonDarlingP(NormalityTest.StatisticsOfSample([.. x.Select(v => 3 + 5 * v)]).AndersonDarling) <= 0.05 ? 1 : 0;
        }

        // Binomial with 5 % of 2000: 100 ± 10; five standard deviations are left by chance less than once in a million.
        Assert.InRange(rejected, 50, 150);

        // Control: exponential samples of 50 are told from normal ones nearly always.
        int told = 0;
        for (int i = 0; i < 100; i++)
        {
            told += table.AndersonDarlingP(
                NormalityTest.StatisticsOfSample([.. x.Select(_ => -Math.Log(1 - random.NextDouble()))]).AndersonDarling) <= 0.05 ? 1 : 0;
        }

        Assert.True(told > 90);
    }

    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        var one = new NormalityNull(100, replicates: 101, seed: 4);
        var three = new NormalityNull(100, replicates: 101, seed: 4, threads: 3);
        var other = new NormalityNull(100, replicates: 101, seed: 5);

        Assert.Equal(one.AndersonDarlingQuantile(0.9), three.AndersonDarlingQuantile(0.9));
        Assert.Equal(one.CramerVonMisesQuantile(0.33), three.CramerVonMisesQuantile(0.33));
        Assert.Equal(one.Wasserstein1Mean, three.Wasserstein1Mean);
        Assert.NotEqual(one.Wasserstein1Mean, other.Wasserstein1Mean);
    }

    [Fact]
    public void Senseless_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NormalityNull(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NormalityNull(10, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NormalityNull(10, 10, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NormalityNull(10, 10).Wasserstein1Quantile(1.5));
    }
}
