using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Minima and roots in a bracket.</summary>
public sealed class BrentTests
{
    [Fact]
    public void The_minimum_of_a_shifted_bowl_is_found_wherever_it_lies() =>
        Gen.Select(Gen.Double[-10, 10], Gen.Double[0.1, 20], Gen.Double[0.1, 20]).Sample((at, left, right) =>
        {
            Minimum found = Brent.Minimize(x => Math.Cosh(x - at), at - left, at + right);

            // √ε is what cosh resolves about its minimum.
            Assert.Equal(at, found.Location, 1e-6);
            Assert.Equal(1, found.Value, 1e-12);
            Assert.True(found.Evaluations < 60);
        });

    [Fact]
    public void A_parabola_takes_few_evaluations()
    {
        Minimum found = Brent.Minimize(x => (x - 2) * (x - 2), -50, 70);

        Assert.Equal(2, found.Location, 1e-8);
        Assert.True(found.Evaluations < 12);
    }

    [Fact]
    public void A_minimum_at_an_end_is_that_end()
    {
        Assert.Equal(-3, Brent.Minimize(x => x, -3, 5).Location);
        Assert.Equal(5, Brent.Minimize(x => -x, -3, 5).Location);
    }

    [Fact]
    public void A_kink_and_a_wall_are_survived()
    {
        Assert.Equal(1, Brent.Minimize(x => Math.Abs(x - 1), -4, 9).Location, 1e-7);
        Assert.Equal(0.25, Brent.Minimize(x => x < 0 ? double.PositiveInfinity : (x - 0.25) * (x - 0.25), -1, 1).Location, 1e-7);
    }

    [Fact]
    public void The_root_of_a_transcendental_equation_is_found()
    {
        // cos x = x: 0.739085133215160641655 (Dottie number).
        Assert.Equal(0.73908513321516064, Brent.Root(x => Math.Cos(x) - x, 0, 2), 1e-12);
        Assert.Equal(2, Brent.Root(x => x - 2, 2, 5));
        Assert.Equal(1e-3, Brent.Root(x => x * x * x - 1e-9, -1, 1), 1e-12);
        Assert.Equal(0.25, Brent.Root(x => x < 0.25 ? -1 : 1, -3, 1), 1e-12);
    }

    [Fact]
    public void A_root_anywhere_is_found_to_the_tolerance_in_few_evaluations() =>
        Gen.Select(Gen.Double[-5, 5], Gen.Double[0.1, 10], Gen.Double[0.1, 10], Gen.Double[1e-3, 1e3]).Sample((at, left, right, scale) =>
        {
            int evaluations = 0;
            double root = Brent.Root(
                x =>
                {
                    evaluations++;
                    return scale * (Math.Exp(x - at) - 1);
                },
                at - left,
                at + right);

            Assert.Equal(at, root, 1e-11);
            Assert.True(evaluations < 40);
        });

    [Fact]
    public void Senseless_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Brent.Minimize(x => x, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Brent.Minimize(x => x, 0, double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => Brent.Minimize(x => x, 0, 1, 0));
        Assert.Throws<ArithmeticException>(() => Brent.Minimize(_ => double.NaN, 0, 1));
        Assert.Throws<ArgumentException>(() => Brent.Root(x => x * x + 1, -1, 1));
        Assert.Throws<ArgumentException>(() => Brent.Root(_ => double.NaN, -1, 1));
    }
}
