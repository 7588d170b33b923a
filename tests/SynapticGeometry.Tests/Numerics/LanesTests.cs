using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Laws of doubles side by side: each lane is what the operation is on one number, to the bit.</summary>
public sealed unsafe class LanesTests
{
    private static readonly double[] Special = [0, -0.0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-310, 1e300, -708.5];

    [Fact]
    public void Four_lanes_do_what_one_does() => Check<FourLanes>();

    [Fact]
    public void Eight_lanes_do_what_one_does()
    {
        Assert.SkipUnless(EightLanes.IsSupported, "This processor has no vectors of eight doubles.");
        Check<EightLanes>();
    }

    [Fact]
    public void Numbers_of_a_lane_are_gathered_and_put_back_by_four() => CheckOrder<FourLanes>();

    [Fact]
    public void Numbers_of_a_lane_are_gathered_and_put_back_by_eight()
    {
        Assert.SkipUnless(EightLanes.IsSupported, "This processor has no vectors of eight doubles.");
        CheckOrder<EightLanes>();
    }

    [Fact]
    public void The_exponential_is_that_of_the_library_to_rounding()
    {
        double* x = stackalloc double[4], y = stackalloc double[4];
        RandomSource random = new(5);
        for (int k = 0; k < 20_000; k++)
        {
            for (int i = 0; i < 4; i++)
            {
                x[i] = -708 * Math.Pow(random.NextDouble(), 4);
            }

            Logistic.ExpOfNegative(FourLanes.Load(x)).Store(y);
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(1, y[i] / Math.Exp(x[i]), 5e-16);
            }
        }

        ((FourLanes)double.NaN).Store(x);
        Logistic.ExpOfNegative(FourLanes.Load(x)).Store(y);
        Assert.True(double.IsNaN(y[0]));
    }

    private static void Check<T>()
        where T : struct, ILanes<T>
    {
        int count = T.Count;
        double[] a = new double[count], b = new double[count], c = new double[count], result = new double[count];
        RandomSource random = new(3);
        for (int k = 0; k < 500; k++)
        {
            foreach (double[] numbers in (double[][])[a, b, c])
            {
                for (int i = 0; i < count; i++)
                {
                    numbers[i] = random.NextInt(4) == 0 ? Special[random.NextInt(Special.Length)] : random.NextNormal();
                }
            }

            fixed (double* pa = a, pb = b, pc = c)
            {
                T x = T.Load(pa), y = T.Load(pb), z = T.Load(pc);
                Same(-x, i => -a[i]);
                Same(x + y, i => a[i] + b[i]);
                Same(x - y, i => a[i] - b[i]);
                Same(x * y, i => a[i] * b[i]);
                Same(x / y, i => a[i] / b[i]);
                Same(T.MultiplyAdd(x, y, z), i => Math.FusedMultiplyAdd(a[i], b[i], c[i]));
                Same(T.Abs(x), i => Math.Abs(a[i]));
                Same(T.Smaller(x, y), i => Math.Min(a[i], b[i]));
                Same(T.Less(x, y, z, 7), i => a[i] < b[i] ? 7 : c[i]);
                Assert.Equal(Enumerable.Range(0, count).Aggregate(0u, (bits, i) => bits | (a[i] < b[i] ? 1u << i : 0)), T.Less(x, y));

                // Of numbers that are equal or not numbers, either may be the larger one.
                Same(T.Larger(x, y), i => a[i] > b[i] || double.IsNaN(b[i]) || a[i] == b[i] || double.IsNaN(a[i]) ? double.NaN : b[i], onlyNumbers: true);
                Same(T.Larger(x, -1000), i => a[i] > -1000 ? a[i] : -1000);
            }
        }

        Same(3.5, _ => 3.5);
        Same(T.Scaled(1.25, 6755399441055744.0 + 5), _ => 40);
        Same(T.Scaled(1.25, 6755399441055744.0 - 5), _ => 1.25 / 32);

        void Same(T value, Func<int, double> expected, bool onlyNumbers = false)
        {
            fixed (double* to = result)
            {
                value.Store(to);
            }

            for (int i = 0; i < count; i++)
            {
                if (!onlyNumbers || !double.IsNaN(expected(i)))
                {
                    Assert.True(expected(i).Equals(result[i]) && (expected(i) != 0 || double.IsNegative(expected(i)) == double.IsNegative(result[i])), $"{result[i]} and not {expected(i)} of {a[i]}, {b[i]}, {c[i]}");
                }
            }
        }
    }

    private static void CheckOrder<T>()
        where T : struct, ILanes<T>
    {
        double* from = stackalloc double[4 * T.Count], to = stackalloc double[4 * T.Count], lanes = stackalloc double[T.Count];
        for (int k = 0; k < 4 * T.Count; k++)
        {
            from[k] = k;
        }

        (T first, T second, T third, T fourth) = T.GatherFour(from);
        Holds(first, i => 4 * i);
        Holds(second, i => (4 * i) + 1);
        Holds(third, i => (4 * i) + 2);
        Holds(fourth, i => (4 * i) + 3);
        T.ScatterFour(first, second, third, fourth, to);
        Assert.Equal(new Span<double>(from, 4 * T.Count).ToArray(), new Span<double>(to, 4 * T.Count).ToArray());
        (T one, T other) = T.GatherTwo(from);
        Holds(one, i => 2 * i);
        Holds(other, i => (2 * i) + 1);

        void Holds(T value, Func<int, double> expected)
        {
            value.Store(lanes);
            Assert.Equal(Enumerable.Range(0, T.Count).Select(expected), new Span<double>(lanes, T.Count).ToArray());
        }
    }
}
