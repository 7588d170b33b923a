using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Seeded random numbers: the published stream, independence of forks, and the distributions.</summary>
public sealed class RandomSourceTests
{
    /// <summary>Counter, key and output of the three cases "philox4x64 10" in tests/kat_vectors of Random123 1.09.</summary>
    public static TheoryData<ulong[], ulong[], ulong[]> Published => new()
    {
        {
            [0, 0, 0, 0],
            [0, 0],
            [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
        },
        {
            [ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue],
            [ulong.MaxValue, ulong.MaxValue],
            [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0]
        },
        {
            [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89],
            [0x452821E638D01377, 0xBE5466CF34E90C6C],
            [0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6]
        },
    };

    [Theory, MemberData(nameof(Published))]
    public void A_block_is_that_of_the_published_generator(ulong[] counter, ulong[] key, ulong[] expected)
    {
        (ulong x0, ulong x1, ulong x2, ulong x3) = Philox.Block(counter[0], counter[1], counter[2], counter[3], key[0], key[1]);

        Assert.Equal(expected, new[] { x0, x1, x2, x3 });
    }

    [Fact]
    public void Blocks_side_by_side_are_those_one_by_one()
    {
        ulong[] side = new ulong[40], one = new ulong[40];
        Philox.Blocks(side, ulong.MaxValue - 4, 0xFEDCBA9876543210, ulong.MaxValue, 0xBE5466CF34E90C6C);
        for (ulong b = 0; b < 10; b++)
        {
            (one[4 * b], one[(4 * b) + 1], one[(4 * b) + 2], one[(4 * b) + 3]) = Philox.Block(ulong.MaxValue - 4 + b, 0, 0, 0xFEDCBA9876543210, ulong.MaxValue, 0xBE5466CF34E90C6C);
        }

        Assert.Equal(one, side);
    }

    [Fact]
    public void The_root_gives_the_numbers_of_numpy()
    {
        var random = new RandomSource(12345);

        // numpy.random.Philox(key=[12345, 0]).random_raw(9)
        ulong[] expected =
        [
            0xA5792C0A0ED6A560, 0xC63666BA8B756514, 0xC953E311F634209D, 0x28DB5404D83FAC91, 0x29338C7559C2D300,
            0xD18141F9ADD77140, 0xEADB7C4B44E7C87B, 0x101AA335768A55ED, 0xD7459197E96BBB99,
        ];
        Assert.Equal(expected, expected.Select(_ => random.NextUInt64()));
    }

    [Fact]
    public void Uniform_numbers_are_those_of_numpy()
    {
        var random = new RandomSource(42);

        // numpy.random.Generator(numpy.random.Philox(key=[42, 0])).random(3)
        Assert.Equal(
            [0.8201981478608876, 0.18924562408645496, 0.8676608148821462],
            [random.NextDouble(), random.NextDouble(), random.NextDouble()]);
    }

    [Fact]
    public void A_fork_gives_the_numbers_of_numpy_under_the_documented_key()
    {
        // The hash was computed in Python from its description, the numbers by
        // numpy.random.Philox(key=[12345, hash], counter=[0, 0, 0, index]).random_raw(3).
        RandomSource fork = new RandomSource(12345).Fork("bootstrap", 3);
        Assert.Equal(
            new ulong[] { 0xFA32B0B04A92AE77, 0x38C6AA7C4CBD9636, 0x3313C398C4F8CB25 },
            new[] { fork.NextUInt64(), fork.NextUInt64(), fork.NextUInt64() });

        RandomSource deeper = fork.Fork("Größe");
        Assert.Equal(
            new ulong[] { 0xCA723509E0E6A434, 0xABF182A974731CE2, 0x853A0528562D0AA6 },
            new[] { deeper.NextUInt64(), deeper.NextUInt64(), deeper.NextUInt64() });
    }

    [Fact]
    public void Forks_do_not_depend_on_what_was_drawn()
    {
        var drawn = new RandomSource(7);
        drawn.FillNormal(new double[1001]);

        Assert.Equal(new RandomSource(7).Fork("a", 2).NextUInt64(), drawn.Fork("a", 2).NextUInt64());
    }

    [Fact]
    public void Seed_path_purpose_and_index_each_give_another_stream()
    {
        var root = new RandomSource(7);
        RandomSource[] streams =
        [
            root, new(8), root.Fork("a"), root.Fork("b"), root.Fork("a", 1), root.Fork("a").Fork("a"), root.Fork("a").Fork("b"),
            root.Fork("b").Fork("a"), root.Fork("a", 1).Fork("a"), root.Fork("ab"),
        ];

        Assert.Equal(streams.Length, streams.Select(s => s.NextUInt64()).Distinct().Count());
    }

    [Fact]
    public void A_span_however_cut_holds_the_same_numbers() =>
        Gen.Int[0, 40].Array[1, 8].Sample(cuts =>
        {
            int total = cuts.Sum();
            foreach (bool normal in (bool[])[false, true])
            {
                double[] whole = new double[total];
                Fill(new RandomSource(3), whole, normal);

                double[] pieces = new double[total];
                var random = new RandomSource(3);
                int at = 0;
                foreach (int cut in cuts)
                {
                    Fill(random, pieces.AsSpan(at, cut), normal);
                    at += cut;
                }

                var single = new RandomSource(3);
                double[] one = [.. Enumerable.Range(0, total).Select(_ => normal ? single.NextNormal() : single.NextDouble())];
                Assert.Equal(whole, pieces);
                Assert.Equal(whole, one);
            }

            static void Fill(RandomSource random, Span<double> span, bool normal)
            {
                if (normal)
                {
                    random.FillNormal(span);
                }
                else
                {
                    random.FillUniform(span);
                }
            }
        }, iter: 200);

    [Fact]
    public void Normals_take_eight_numbers_at_a_time_whatever_was_drawn_before()
    {
        RandomSource random = new(5), reference = new(5);
        double skipped = random.NextDouble();
        double[] normals = new double[8];
        random.FillNormal(normals);

        Assert.Equal(skipped, reference.NextDouble());
        double[] uniform = new double[8];
        reference.FillUniform(uniform);

        // Box-Muller by hand, with the scalar functions: radius from the first four, angle from the last four.
        for (int i = 0; i < 4; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - uniform[i])), angle = 2 * Math.PI * uniform[i + 4];
            Assert.Equal(radius * Math.Cos(angle), normals[i], 1e-14);
            Assert.Equal(radius * Math.Sin(angle), normals[i + 4], 1e-14);
        }

        Assert.Equal(reference.NextUInt64(), random.NextUInt64());
    }

    // Limits of the tests below: each statistic is approximately standard normal (or χ² with 99 degrees of freedom) under the
    // null. |z| < 5 and χ² < 182 fail by chance once in a million seeds; the seed is fixed, so these either pass or do not.
    private const double ZLimit = 5;
    private const double Chi2Limit = 182;

    [Fact]
    public void Uniform_numbers_fill_the_interval_evenly_and_without_memory()
    {
        const int n = 1_000_000;
        double[] u = new double[n];
        new RandomSource(11).Fork("uniform").FillUniform(u);

        Assert.True(Chi2(u, v => (int)(100 * v)) < Chi2Limit);
        Assert.True(Math.Abs(LagCorrelation(u, 1) * Math.Sqrt(n)) < ZLimit);
        Assert.True(Math.Abs(LagCorrelation(u, 4) * Math.Sqrt(n)) < ZLimit);
        Assert.All(u, v => Assert.True(v is >= 0 and < 1));
    }

    [Fact]
    public void Normal_numbers_are_normal_and_without_memory()
    {
        const int n = 1_000_000;
        double[] z = new double[n];
        new RandomSource(11).Fork("normal").FillNormal(z);

        double mean = z.Average();
        double variance = z.Average(v => v * v), cube = z.Average(v => v * v * v), fourth = z.Average(v => v * v * v * v);
        Assert.True(Math.Abs(mean * Math.Sqrt(n)) < ZLimit);
        Assert.True(Math.Abs((variance - 1) * Math.Sqrt(n / 2.0)) < ZLimit);
        Assert.True(Math.Abs(cube * Math.Sqrt(n / 15.0)) < ZLimit);
        Assert.True(Math.Abs((fourth - 3) * Math.Sqrt(n / 96.0)) < ZLimit);
        Assert.True(Chi2(z, v => (int)(100 * NormalDistribution.Cdf(v))) < Chi2Limit);
        foreach (int lag in (int[])[1, 4, 8])
        {
            Assert.True(Math.Abs(LagCorrelation(z, lag) * Math.Sqrt(n)) < ZLimit);

            // Squares too: cosine and sine of one angle share their radius, and must not show it.
            Assert.True(Math.Abs(LagCorrelation([.. z.Select(v => v * v)], lag) * Math.Sqrt(n)) < ZLimit);
        }
    }

    [Fact]
    public void Streams_of_neighbouring_indices_are_uncorrelated()
    {
        const int n = 200_000;
        double[] a = new double[n], b = new double[n];
        var root = new RandomSource(0);
        root.Fork("x", 0).FillNormal(a);
        root.Fork("x", 1).FillNormal(b);

        Assert.True(Math.Abs(a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(n)) < ZLimit);
    }

    [Fact]
    public void Integers_are_even_over_a_range_that_divides_nothing()
    {
        var random = new RandomSource(11).Fork("integers");
        int[] counts = new int[7];
        for (int i = 0; i < 700_000; i++)
        {
            counts[random.NextInt(7)]++;
        }

        // χ² with 6 degrees of freedom is above 38.3 once in a million.
        Assert.True(counts.Sum(c => (c - 1e5) * (c - 1e5) / 1e5) < 38.3);
        Assert.Equal(0, random.NextInt(1));
        Assert.InRange(random.NextInt(int.MaxValue), 0, int.MaxValue - 1);
    }

    [Fact]
    public void A_shuffle_reaches_every_order_equally_often()
    {
        var random = new RandomSource(11).Fork("orders");
        Dictionary<string, int> orders = [];
        for (int i = 0; i < 240_000; i++)
        {
            char[] letters = ['a', 'b', 'c', 'd'];
            random.Shuffle<char>(letters);
            string order = new(letters);
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        // χ² with 23 degrees of freedom is above 73.7 once in a million.
        Assert.Equal(24, orders.Count);
        Assert.True(orders.Values.Sum(c => (c - 1e4) * (c - 1e4) / 1e4) < 73.7);
    }

    [Fact]
    public void Senseless_arguments_are_refused()
    {
        var random = new RandomSource(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
        Assert.Throws<ArgumentException>(() => random.Fork(""));
    }

    private static double Chi2(double[] values, Func<double, int> cell)
    {
        int[] counts = new int[100];
        foreach (double v in values)
        {
            counts[cell(v)]++;
        }

        double expected = values.Length / 100.0;
        return counts.Sum(c => (c - expected) * (c - expected) / expected);
    }

    private static double LagCorrelation(double[] values, int lag)
    {
        double mean = values.Average(), square = 0, product = 0;
        for (int i = lag; i < values.Length; i++)
        {
            square += (values[i] - mean) * (values[i] - mean);
            product += (values[i] - mean) * (values[i - lag] - mean);
        }

        return product / square;
    }

    [Fact]
    public void A_stream_set_to_a_position_gives_the_numbers_from_there()
    {
        RandomSource random = new RandomSource(7).Fork("position", 3), other = new RandomSource(7).Fork("position", 3);
        double[] block = new double[21];
        Assert.Equal(0UL, random.Position);
        for (int taken = 0; taken < 60; taken++)
        {
            random.NextUInt64();
            if (taken == 20)
            {
                random.FillUniform(block);
            }

            other.Position = random.Position;
            Assert.Equal(random.Position, other.Position);
            RandomSource copy = new RandomSource(7).Fork("position", 3);
            copy.FillUniform(new double[(int)random.Position]);
            Assert.Equal(copy.NextUInt64(), other.NextUInt64());
        }
    }
}
