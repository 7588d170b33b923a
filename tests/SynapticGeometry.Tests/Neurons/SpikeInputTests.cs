using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Statistics of the inputs. Each bound is five standard errors: a false alarm in two million tests, seeds being fixed.</summary>
public sealed class SpikeInputTests
{
    private const double Dt = 0.001;

    [Fact]
    public void Poisson_input_has_its_rates_and_the_variance_of_independent_steps()
    {
        PoissonInput input = PoissonInput.Groups((3, 10), (2, 50), (1, 0));
        const int steps = 200_000;
        int[] counts = Count(input, steps, out double sumOfSquares);

        for (int i = 0; i < counts.Length; i++)
        {
            double p = input.Rates[i] * Dt;
            Assert.InRange(counts[i] - (steps * p), -5 * Math.Sqrt(steps * p * (1 - p)), 5 * Math.Sqrt(steps * p * (1 - p)));
        }

        // The number of spikes in a step is a sum of Bernoulli variables.
        double mean = input.Rates.Sum(r => r * Dt), variance = input.Rates.Sum(r => r * Dt * (1 - (r * Dt)));
        double fourth = variance * (1 + (3 * variance));
        Assert.InRange((sumOfSquares / steps) - (mean * mean) - variance, -5 * Math.Sqrt(fourth * 2 / steps), 5 * Math.Sqrt(fourth * 2 / steps));
    }

    /// <summary>Few and many cells, drawn 64 steps at a time and step by step, and a group whose synapses are not neighbours.</summary>
    public static TheoryData<double[], int> Groups => new()
    {
        { [.. Enumerable.Repeat(40.0, 60)], 40_000 },
        { [.. Enumerable.Repeat(2.0, 300)], 40_000 },
        { [.. Enumerable.Repeat(60.0, 300)], 10_000 },
        { [.. Enumerable.Repeat(2.0, 7300)], 10_000 },
        { [.. Enumerable.Repeat(2.0, 9000)], 10_000 },
        { [.. Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? 150.0 : 100.0)], 10_000 },
        { [.. Enumerable.Range(0, 600).Select(i => i % 3 == 0 ? 150.0 : 100.0)], 10_000 },
        { [.. Enumerable.Range(0, 700).Select(i => i < 100 ? 0.5 : 80.0)], 10_000 },
    };

    [Theory, MemberData(nameof(Groups))]
    public void Every_cell_is_as_likely_as_every_other_and_has_one_spike_at_most(double[] rates, int steps)
    {
        SpikeSampler sampler = new PoissonInput(rates).Start(new RandomSource(2), Dt);
        int[] synapses = new int[rates.Length], phases = new int[64], last = [.. rates.Select(_ => -1)];
        double sum = 0, squares = 0, mean = rates.Sum(r => r * Dt), variance = rates.Sum(r => r * Dt * (1 - (r * Dt)));
        for (int step = 0; step < steps; step++)
        {
            ReadOnlySpan<int> spikes = sampler.Draw();
            foreach (int i in spikes)
            {
                Assert.NotEqual(step, last[i]);
                last[i] = step;
                synapses[i]++;
            }

            phases[step % 64] += spikes.Length;
            (sum, squares) = (sum + spikes.Length - mean, squares + ((spikes.Length - mean) * (spikes.Length - mean)));
        }

        // Counts of synapses, of places in the 64 steps, and of steps vary as binomial numbers do.
        double chi = synapses.Zip(rates, (k, r) => Math.Pow(k - (steps * r * Dt), 2) / (steps * r * Dt * (1 - (r * Dt)))).Sum();
        Assert.InRange(chi - rates.Length, -5 * Math.Sqrt(2.2 * rates.Length), 5 * Math.Sqrt(2.2 * rates.Length));
        double phase = phases.Select((k, at) => Math.Pow(k - (Steps(at) * mean), 2) / (Steps(at) * variance)).Sum();
        Assert.InRange(phase - 64, -5 * Math.Sqrt(2.2 * 64), 5 * Math.Sqrt(2.2 * 64));
        Assert.InRange(sum / steps, -5 * Math.Sqrt(variance / steps), 5 * Math.Sqrt(variance / steps));
        Assert.InRange((squares / steps / variance) - 1, -5 * Math.Sqrt((2 + (1 / variance)) / steps), 5 * Math.Sqrt((2 + (1 / variance)) / steps));

        int Steps(int at) => (steps / 64) + (at < steps % 64 ? 1 : 0);
    }

    [Fact]
    public void Gaps_between_spikes_in_the_grid_of_steps_and_synapses_are_geometric()
    {
        // 18 spikes a step from 600 synapses, and 20 silent synapses among them.
        const int Members = 600, Steps = 32_000;
        const double P = 0.03;
        SpikeSampler sampler = new PoissonInput([.. Enumerable.Repeat(0.0, 20), .. Enumerable.Repeat(P / Dt, Members)]).Start(new RandomSource(9), Dt);
        int[] gaps = new int[200];
        long last = -1, all = 0;
        for (int step = 0; step < Steps; step++)
        {
            foreach (int synapse in sampler.Draw().ToArray().Order())
            {
                long cell = ((long)step * Members) + synapse - 20;
                Assert.True(synapse >= 20 && cell > last);
                if (cell - last - 1 < gaps.Length)
                {
                    gaps[cell - last - 1]++;
                }

                (last, all) = (cell, all + 1);
            }
        }

        double chi = gaps.Select((count, k) => Math.Pow(count - Expected(k), 2) / Expected(k)).Sum(), far = gaps.Select((count, k) => Math.Pow(count - (1.05 * Expected(k)), 2) / Expected(k)).Sum();
        Assert.InRange(chi, 200 - (5 * Math.Sqrt(400)), 200 + (5 * Math.Sqrt(400)));

        // A probability off by a twentieth would be seen.
        Assert.True(far > 400);

        double Expected(int k) => all * P * Math.Pow(1 - P, k);
    }

    [Fact]
    public void A_sampler_beside_another_has_the_spikes_it_has_alone()
    {
        foreach (SpikeInput input in (SpikeInput[])[PoissonInput.Groups((30, 20), (300, 5)), PoissonInput.Groups((300, 60))])
        {
            SpikeSampler first = input.Start(new RandomSource(1), Dt), beside = first.Beside(new RandomSource(2))!, alone = input.Start(new RandomSource(2), Dt);
            for (int step = 0; step < 200; step++)
            {
                first.Draw();
                Assert.Equal(alone.Draw().ToArray(), beside.Draw().ToArray());
            }
        }
    }

    [Fact]
    public void Blocks_in_order_of_steps_and_of_trials_are_the_spikes_of_single_steps()
    {
        SpikeInput[] inputs =
        [
            PoissonInput.Groups((30, 20), (60, 5)), PoissonInput.Groups((30, 20), (300, 5)), PoissonInput.Groups((300, 60)), PoissonInput.Groups((300, 80), (700, 0), (100, 120)), new PoissonInput([.. Enumerable.Range(0, 600).Select(i => i % 2 == 0 ? 60.0 : 90)]),
            new PoissonInput([20, 5, 20, 150]), new CommonSourceInput([30, 40], 20, 0.7),
        ];
        foreach (SpikeInput input in inputs)
        {
            int n = input.Synapses;
            SpikeSampler single = input.Start(new RandomSource(4), Dt), sorted = input.Start(new RandomSource(4), Dt);
            SpikeSampler[] pair = [input.Start(new RandomSource(4), Dt), input.Start(new RandomSource(5), Dt)];
            SpikeList inOrder = default;

            // Without room for them all at first.
            SpikeBuckets buckets = new(0, 0);
            int[] ends = new int[64];
            foreach (int steps in (int[])[64, 17, 47, 64])
            {
                inOrder.Clear();
                buckets.Clear();
                sorted.DrawInOrder(steps, ref inOrder, ends, n);
                pair[0].Draw(steps, buckets, 0, n);
                pair[1].Draw(steps, buckets, 6, n);
                for (int step = 0, from = 0; step < steps; from = ends[step++])
                {
                    int[] expected = single.Draw().ToArray(), together = buckets.Of(step).ToArray();
                    Assert.Equal(expected, inOrder.Span[from..ends[step]].ToArray());
                    Assert.Equal(expected, together[..expected.Length].Select(k => k / 8));
                    Assert.All(together, (k, at) => Assert.Equal(at < expected.Length ? 0 : 6, k % 8));
                }
            }
        }
    }

    /// <summary>Few and many members, of whom 11 % of the candidates are refused, and a group whose synapses are not neighbours.</summary>
    [Fact]
    public void Spikes_as_thrown_are_those_that_are_drawn_and_some_of_them_again()
    {
        SpikeList list = default, part = default;
        Assert.False(PoissonInput.Groups((30, 20)).Start(new RandomSource(4), Dt).DrawThrown(64, ref list, new int[64]));
        foreach (SpikeInput input in (SpikeInput[])[PoissonInput.Groups((300, 80), (700, 0), (100, 120)), PoissonInput.Groups((7300, 9)), PoissonInput.Groups((9000, 20)), new PoissonInput([.. Enumerable.Range(0, 600).Select(i => i % 2 == 0 ? 60.0 : 90)])])
        {
            SpikeSampler single = input.Start(new RandomSource(4), Dt), thrown = input.Start(new RandomSource(4), Dt), cut = input.Start(new RandomSource(4), Dt);
            int[] ends = new int[64], partEnds = new int[64];
            int again = 0;
            for (int block = 0; block < 8; block++)
            {
                list.Clear();
                Assert.True(thrown.DrawThrown(64, ref list, ends));
                List<int> inParts = [], partLengths = [];
                foreach (int steps in (int[])[1, 40, 23])
                {
                    part.Clear();
                    Assert.True(cut.DrawThrown(steps, ref part, partEnds));
                    partLengths.AddRange(partEnds[..steps].Select(end => end + inParts.Count));
                    inParts.AddRange(part.Span);
                }

                Assert.Equal(list.Span, inParts.ToArray());
                Assert.Equal(ends, partLengths);
                for (int step = 0, from = 0; step < 64; from = ends[step++])
                {
                    int[] all = list.Span[from..ends[step]].ToArray();
                    Assert.Equal(single.Draw().ToArray(), all.Distinct());
                    again += all.Length - all.Distinct().Count();
                }
            }

            Assert.True(again > 0);
        }
    }

    [Fact]
    public void Uniform_numbers_of_a_teacher_are_uniform_as_far_as_they_matter()
    {
        // At most 100 Hz · 0.5 ms; numbers above are 1. A constant rate is its own bound, and one without a bound has all numbers.
        foreach ((Teacher teacher, TransferFunction transfer, double highest) in ((Teacher, TransferFunction, double)[])
            [(new TargetWeights([0]), new SigmoidTransfer(), 0.05), (new ConstantRate(40), new SigmoidTransfer(), 0.02), (new TargetWeights([0]), new SoftplusTransfer(), 1)])
        {
            TeacherDraws draws = new(new RandomSource(3), teacher, transfer, 0.0005);
            double[] uniform = new double[64];
            int[] below = new int[4];
            double squares = 0;
            const int blocks = 20_000;
            for (int block = 0; block < blocks; block++)
            {
                ulong steps = draws.Draw(uniform);
                int now = 0;
                for (int step = 0; step < 64; step++)
                {
                    Assert.Equal(highest == 1 || uniform[step] < 1, (steps >> step & 1) == 1);
                    Assert.True(uniform[step] == 1 || uniform[step] < highest);
                    now += uniform[step] < highest ? 1 : 0;
                    for (int q = 0; q < 4; q++)
                    {
                        below[q] += uniform[step] < highest * (q + 1) / 4 ? 1 : 0;
                    }
                }

                squares += Math.Pow(now - (64 * highest), 2);
            }

            const double all = 64.0 * blocks;
            for (int q = 0; q < 4; q++)
            {
                double p = highest * (q + 1) / 4;
                Assert.InRange((below[q] / all) - p, -5 * Math.Sqrt(p * (1 - p) / all), 5 * Math.Sqrt(p * (1 - p) / all));
            }

            double variance = 64 * highest * (1 - highest);
            Assert.InRange((squares / blocks) - variance, -0.1 * variance, 0.1 * variance);
        }

        Assert.Equal(ulong.MaxValue, new TeacherDraws(new RandomSource(3), new GivenSpikes([0.1]), new SigmoidTransfer(), 0.0005).Draw(new double[64]));
    }

    [Fact]
    public void Intervals_are_geometric_and_successive_steps_independent()
    {
        // One synapse at p = 0.1: P(interval = 1) = p, mean 1/p, variance (1 − p)/p².
        SpikeSampler sampler = new PoissonInput([100]).Start(new RandomSource(3), Dt);
        List<int> intervals = [];
        for (int step = 0, last = -1; step < 300_000; step++)
        {
            if (sampler.Draw().Length > 0)
            {
                intervals.Add(step - last);
                last = step;
            }
        }

        int n = intervals.Count;
        Assert.InRange(intervals.Average() - 10, -5 * Math.Sqrt(90.0 / n), 5 * Math.Sqrt(90.0 / n));
        Assert.InRange((intervals.Count(k => k == 1) / (double)n) - 0.1, -5 * Math.Sqrt(0.09 / n), 5 * Math.Sqrt(0.09 / n));
    }

    [Fact]
    public void The_potentials_have_the_mean_and_variance_of_the_formulas()
    {
        // 400 synapses for 100 s; potentials 50 ms apart are nearly independent (correlation 0.01).
        PoissonInput input = PoissonInput.Groups((400, 40));
        SynapticKernel kernel = new();
        SynapticTrace trace = new(kernel, 400, 0.0005);
        SpikeSampler sampler = input.Start(new RandomSource(5), 0.0005);
        double sum = 0, squares = 0;
        int n = 0;
        for (int step = 0; step < 20_000; step++)
        {
            trace.Advance(sampler.Draw());
            if (step >= 400 && step % 100 == 0)
            {
                foreach (double x in trace.Usp)
                {
                    (sum, squares, n) = (sum + x, squares + ((x - 40) * (x - 40)), n + 1);
                }
            }
        }

        // A step of 0.5 ms makes spikes Bernoulli, whose variance is less by r dt = 2 %.
        double variance = 40 * kernel.SquareIntegral;
        Assert.InRange((sum / n) - 40, -5 * Math.Sqrt(variance / n), 5 * Math.Sqrt(variance / n));
        Assert.InRange((squares / n / variance) - 0.98, -5 * Math.Sqrt(2.4 / n), 5 * Math.Sqrt(2.4 / n));
    }

    [Fact]
    public void Varying_rates_are_followed_and_refused_above_their_peak()
    {
        VaryingPoissonInput input = new([50], [100], (t, _) => t % 1 < 0.5 ? 100 : 0);
        SpikeSampler sampler = input.Start(new RandomSource(7), Dt);
        int early = 0, late = 0;
        for (int step = 0; step < 100_000; step++)
        {
            int spikes = sampler.Draw().Length;
            (early, late) = step % 1000 < 500 ? (early + spikes, late) : (early, late + spikes);
        }

        Assert.Equal(0, late);
        Assert.InRange(early - 5000, -5 * Math.Sqrt(4500), 5 * Math.Sqrt(4500));

        SpikeSampler bad = new VaryingPoissonInput([50], [100], (t, _) => 101).Start(new RandomSource(7), Dt);
        Assert.Contains(
            "is 101 Hz; it must lie between 0 and its peak, 100 Hz",
            Assert.Throws<ArgumentOutOfRangeException>(() => Count(bad, 1000)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_common_source_correlates_counts_as_stated_and_keeps_the_rates()
    {
        // λ = 20 Hz copied with probability ½ at 20 and 40 Hz: correlation 20/4/√800 = 0.177.
        CommonSourceInput input = new([20, 40, 20], 20, 0.5);
        SpikeSampler sampler = input.Start(new RandomSource(11), Dt);
        const int steps = 400_000;
        double[] sums = new double[3];
        double product = 0;
        for (int step = 0; step < steps; step++)
        {
            double[] now = new double[3];
            foreach (int i in sampler.Draw())
            {
                now[i]++;
            }

            product += (now[0] - 0.02) * (now[1] - 0.04);
            for (int i = 0; i < 3; i++)
            {
                sums[i] += now[i];
            }
        }

        for (int i = 0; i < 3; i++)
        {
            Assert.InRange((sums[i] / steps / Dt / input.Rates[i]) - 1, -5 / Math.Sqrt(sums[i]), 5 / Math.Sqrt(sums[i]));
        }

        double correlation = product / steps / Math.Sqrt(0.02 * 0.04);
        Assert.InRange(correlation - (5 / Math.Sqrt(800)), -5 * 0.02, 5 * 0.02);
        Assert.True(correlation > 0.1, "independent input would have 0 ± 0.002");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(4, 7)]
    public void Bursts_keep_the_rate_and_raise_the_variance_of_counts_to_2m_less_1(double perBurst, double fano)
    {
        // Windows of 1 s hold bursts whole but for their edges: a share of about m d/1 s is cut.
        const int windows = 300, synapses = 40;
        SpikeSampler sampler = new BurstInput([.. Enumerable.Repeat(20.0, synapses)], perBurst, 0.004).Start(new RandomSource(17), Dt);
        double sum = 0, squares = 0;
        for (int window = 0; window < windows; window++)
        {
            int[] counts = new int[synapses];
            for (int step = 0; step < 1000; step++)
            {
                foreach (int i in sampler.Draw())
                {
                    counts[i]++;
                }
            }

            (sum, squares) = (sum + counts.Sum(), squares + counts.Sum(c => (c - 20.0) * (c - 20.0)));
        }

        const int n = windows * synapses;
        Assert.InRange((sum / n) - 20, -5 * Math.Sqrt(20 * fano / n), 5 * Math.Sqrt(20 * fano / n));

        // The sampling error of a variance; Bernoulli steps and cut bursts take a few percent.
        Assert.InRange(squares / n / 20 / fano, 0.92 - (5 * Math.Sqrt(2.5 / n)), 1 + (5 * Math.Sqrt(2.5 / n)));
    }

    [Fact]
    public void Bursts_have_their_rate_from_the_first_step_on()
    {
        // 20 000 synapses in the first 4 ms, before any burst that began inside could go on.
        SpikeSampler sampler = new BurstInput([.. Enumerable.Repeat(20.0, 20_000)], 4, 0.005).Start(new RandomSource(19), Dt);
        int spikes = Enumerable.Range(0, 4).Sum(_ => sampler.Draw().Length);
        Assert.InRange(spikes - 1600, -5 * 40, 5 * 40);
    }

    [Fact]
    public void Bursts_raise_the_variance_of_the_potentials_as_the_formula_says()
    {
        BurstInput input = new([.. Enumerable.Repeat(20.0, 400)], 3, 0.005);
        SynapticKernel kernel = new();
        SynapticTrace trace = new(kernel, 400, Dt);
        SpikeSampler sampler = input.Start(new RandomSource(23), Dt);
        double squares = 0;
        int n = 0;
        for (int step = 0; step < 20_000; step++)
        {
            trace.Advance(sampler.Draw());
            if (step >= 400 && step % 100 == 0)
            {
                squares += trace.Usp.ToArray().Sum(x => (x - 20) * (x - 20));
                n += 400;
            }
        }

        Assert.InRange(squares / n / (20 * input.VariancePerRate(kernel)), 0.95, 1.05);
        Assert.True(input.VariancePerRate(kernel) > 2.5 * kernel.SquareIntegral, "Poisson input has ∫ε²");
        Assert.Equal(kernel.SquareIntegral, new BurstInput([20], 1, 0.005).VariancePerRate(kernel), 12);
    }

    [Fact]
    public void Bursts_of_fewer_than_one_spike_and_no_interval_are_refused()
    {
        Assert.Contains("burst is 0.5; it must be finite and at least 1", Assert.Throws<ArgumentOutOfRangeException>(() => new BurstInput([5], 0.5, 0.005)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BurstInput([5], double.NaN, 0.005));
        Assert.Contains("interval within a burst", Assert.Throws<ArgumentOutOfRangeException>(() => new BurstInput([5], 2, 0)).Message, StringComparison.Ordinal);
        SpikeSampler sampler = new BurstInput([5], 2, 0.005).Start(new RandomSource(1), Dt);
        Assert.Throws<ArgumentException>(() => sampler.Restore([1, 2, 3]));
    }

    [Fact]
    public void Sums_over_correlated_input_vary_more_than_over_independent_input()
    {
        double Variance(SpikeInput input)
        {
            Count(input, 50_000, out double squares);
            return (squares / 50_000) - Math.Pow(20 * 0.02, 2);
        }

        // Independent: 20 · 0.02 · 0.98 = 0.39; common source at p = 0.5: more by λ dt p² · 20 · 19 = 1.9.
        Assert.InRange(Variance(PoissonInput.Groups((20, 20))), 0.36, 0.43);
        Assert.InRange(Variance(new CommonSourceInput([.. Enumerable.Repeat(20.0, 20)], 20, 0.5)), 2, 2.6);
    }

    [Theory, MemberData(nameof(Inputs))]
    public void A_saved_sampler_goes_on_as_it_would_have(SpikeInput input)
    {
        SpikeSampler sampler = input.Start(new RandomSource(13), Dt);
        Count(sampler, 137);
        SpikeSampler other = input.Start(new RandomSource(13), Dt);
        other.Restore(sampler.Save());
        for (int step = 0; step < 300; step++)
        {
            Assert.Equal(sampler.Draw().ToArray(), other.Draw().ToArray());
        }
    }

    public static TheoryData<SpikeInput> Inputs =>
        [
            PoissonInput.Groups((3, 10), (4, 70)), new CommonSourceInput([30, 40], 20, 0.7),
            new BurstInput([30, 40, 30], 3, 0.005),
            new VaryingPoissonInput([20, 20], [90, 40], (t, i) => 20 + (10 * Math.Sin(t + i))),
            new RecordedInput(new SpikeTrains([[0.01, 0.1371, 0.2], [0.137, 0.1375, 0.138]], 1)),
        ];

    [Fact]
    public void Rates_that_are_not_rates_and_steps_too_long_for_them_are_refused_by_place()
    {
        Assert.Contains("Rate 1 of 2 is -1 Hz", Assert.Throws<ArgumentOutOfRangeException>(() => new PoissonInput([5, -1])).Message, StringComparison.Ordinal);
        Assert.Contains("Rate 0 of 1 is NaN Hz", Assert.Throws<ArgumentOutOfRangeException>(() => new PoissonInput([double.NaN])).Message, StringComparison.Ordinal);
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => new PoissonInput([5, 250]).Start(new RandomSource(1), Dt)).Message;
        Assert.Contains("too long for synapse 1 at 250 Hz", message, StringComparison.Ordinal);
        Assert.Contains("at most 0.0008 s", message, StringComparison.Ordinal);
        Assert.Contains("below the 12 Hz", Assert.Throws<ArgumentOutOfRangeException>(() => new CommonSourceInput([20, 11], 24, 0.5)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CommonSourceInput([20], 10, 1.1));
        Assert.Throws<ArgumentException>(() => new VaryingPoissonInput([20], [10, 10], (_, _) => 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PoissonInput.Groups((1, 5)).Start(new RandomSource(1), 0));
    }

    private static int[] Count(SpikeInput input, int steps, out double sumOfSquares)
    {
        SpikeSampler sampler = input.Start(new RandomSource(1), Dt);
        int[] counts = new int[input.Synapses];
        sumOfSquares = 0;
        for (int step = 0; step < steps; step++)
        {
            ReadOnlySpan<int> spikes = sampler.Draw();
            sumOfSquares += spikes.Length * (double)spikes.Length;
            foreach (int i in spikes)
            {
                counts[i]++;
            }
        }

        return counts;
    }

    private static void Count(SpikeSampler sampler, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            sampler.Draw();
        }
    }
}
