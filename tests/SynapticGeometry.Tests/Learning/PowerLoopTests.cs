using System.Numerics;
using System.Runtime.Intrinsics;
using Xunit;

namespace SynapticGeometry.Tests.Learning;

/// <summary>Steps under p-norms in single precision: those of any machine, and those of registers of 512 bits where this one has them.</summary>
public sealed class PowerLoopTests
{
    // Of numbers of single precision below 2, relative to which errors are told.
    private const double Unit = 1.0 / (1 << 23);

    public static TheoryData<bool> Loops => TableExponent.IsSupported ? [false, true] : [false];

    public static TheoryData<bool, double> Exponents
    {
        get
        {
            TheoryData<bool, double> data = [];
            foreach (bool wide in Loops.Select(row => row.Data))
            {
                foreach (double exponent in (double[])[0.5, 2.0 / 3, 1.5, 1.0 / 9, 9, 0.09, 0.99, 1.34, 1.35, 3.9, 4, 4.1, 11, 40, 100])
                {
                    data.Add(wide, exponent);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Exponents))]
    public void Powers_are_right_to_two_units_in_the_last_place_and_as_many_as_the_exponent_or_not_a_number(bool wide, double exponent)
    {
        SplitExponent split = new(exponent);
        TableExponent table = wide ? new(exponent) : default;
        double range = Math.Min(110, (110 / exponent) - 15), far = 127.5 / Math.Max(1, exponent);
        (double worst, int told) = (0, 0);
        for (double log = -far; log <= far; log += far / 100_000)
        {
            float x = (float)Math.Pow(2, log), found = Power(x);
            double exact = Math.Pow(x, exponent);
            Assert.True(!float.IsNaN(found) || Math.Abs(log) > range, $"{x}");
            if (!float.IsNaN(found) && (!wide || exact is > 1.2e-38 and < 1e38))
            {
                told++;
                worst = Math.Max(worst, Math.Abs(found - exact) / exact);
            }
        }

        Assert.InRange(worst / Unit, 0.1, 2 + exponent);
        Assert.True(told > 50_000);
        Assert.All([float.NaN, float.PositiveInfinity, float.NegativeInfinity], x => Assert.True(float.IsNaN(Power(x)), $"{x}"));
        Assert.All([0, 1e-40f, float.Epsilon, float.MaxValue], x => Assert.True(float.IsNaN(Power(x)) || (wide && Math.Abs(Power(x) - Math.Pow(x, exponent)) < Math.Pow(2, -145)), $"{x}: {Power(x)}"));

        float Power(float x) => wide ? table.Power(Vector512.Create(x))[7] : split.Power(VectorFunctions.Log2(new Vector<float>(x), out Vector<float> fraction), fraction)[1];
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void A_step_is_that_of_double_precision_to_the_rounding_of_its_terms(bool wide)
    {
        RandomSource random = new(7);
        for (int trial = 0; trial < 300; trial++)
        {
            double p = 1.5 + (10.5 * random.NextDouble());
            int count = random.NextInt(101);
            StepFactors factors = new(Math.Pow(10, -4 * random.NextDouble()), 0.9, 0.8, trial % 3 == 0 ? 1e-3 : 0, trial % 5 == 0, trial % 2 == 0);
            float[] w = Weights(random, count, p), g = Weights(random, count, p), b = Weights(random, trial % 7 == 0 ? 0 : count, p), moved = [.. w], kept = [.. b];

            Assert.Equal(count, Step(wide, p, moved, g, kept, factors));
            for (int i = 0; i < count; i++)
            {
                (double low, double high, double momentum, double scale) = Expected(w[i], g[i], b.Length == 0 ? null : b[i], factors, p);
                Assert.True(moved[i] >= low && moved[i] <= high, $"p = {p}, weight {i} of {count}: {w[i]} and {g[i]} to {moved[i]}, not from {low} to {high}");
                Assert.Equal(momentum, b.Length == 0 ? 0 : kept[i], scale);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void What_a_weight_becomes_depends_neither_on_its_place_nor_on_its_neighbours(bool wide)
    {
        RandomSource random = new(11);
        StepFactors factors = new(1e-2, 0.9, 1, 0, false, false);
        foreach (double p in (double[])[1.6, 2.5, 5, 10])
        {
            float[] w = Weights(random, 700, p), g = Weights(random, 700, p), b = Weights(random, 700, p), moved = [.. w], kept = [.. b];
            Step(wide, p, moved, g, kept, factors);
            for (int length = 1; length <= 100; length++)
            {
                int start = random.NextInt(700 - length);
                float[] part = w[start..(start + length)], partB = b[start..(start + length)];
                Step(wide, p, part, g.AsSpan(start, length), partB, factors);

                Assert.Equal(moved[start..(start + length)], part);
                Assert.Equal(kept[start..(start + length)], partB);
            }

            // A weight beside another gradient does become another.
            float[] turned = [.. w];
            Step(wide, p, turned, [.. g.Reverse()], [.. b], factors);
            Assert.True(turned.Zip(moved).Count(pair => pair.First != pair.Second) > 350);
        }
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void Where_something_is_not_finite_it_stops_and_has_changed_nothing_from_there_on(bool wide)
    {
        RandomSource random = new(13);
        StepFactors factors = new(1e-2, 0.9, 1, 0, false, false);
        foreach (int bad in (int[])[0, 5, 17, 63, 64, 99, 600, 699])
        {
            float[] w = Weights(random, 700, 2.5), g = Weights(random, 700, 2.5), b = Weights(random, 700, 2.5), clean = [.. w], cleanB = [.. b];
            Step(wide, 2.5, clean, g, cleanB, factors);
            g[bad] = float.NaN;
            float[] moved = [.. w], kept = [.. b];
            int done = Step(wide, 2.5, moved, g, kept, factors);

            Assert.InRange(done, bad - 15, bad);
            Assert.Equal([.. clean[..done], .. w[done..]], moved);
            Assert.Equal([.. cleanB[..done], .. b[done..]], kept);
        }
    }

    private static int Step(bool wide, double p, Span<float> w, ReadOnlySpan<float> g, Span<float> b, in StepFactors factors) =>
        wide ? FusedStep.RunLoop(w, g, b, factors, new WidePowerLoop(p)) : FusedStep.RunLoop(w, g, b, factors, new PowerLoop(p));

    // Most from 0.01 to 1, as trained ones are; the others over all decades in which neither the dual nor the weight after the step is too large, denormal, or zero.
    private static float[] Weights(RandomSource random, int count, double p)
    {
        double most = Math.Min(Math.Min(36, 36 * (p - 1)), 290 / (p - 1)) - 2;
        float[] w = new float[count];
        for (int i = 0; i < count; i++)
        {
            double kind = random.NextDouble(), u = random.NextDouble(), decade = kind < 0.7 ? -2 * u : kind < 0.9 ? most - (u * (most + 36)) : kind < 0.95 ? -38 - (7 * u) : -400;
            w[i] = (float)((random.NextDouble() < 0.5 ? -1 : 1) * Math.Pow(10, decade));
        }

        return w;
    }

    // By the formula, with powers of double precision: from the least dual weight that rounding may have left to the greatest.
    private static (double Low, double High, double Momentum, double Scale) Expected(double w, double g, double? b, StepFactors f, double p)
    {
        // Every term counts in rounding by its size, and so do denormal numbers by the distance between them.
        double gradient = g + (f.Decay * w), size = Math.Abs(g) + (f.Decay * Math.Abs(w)), direction = gradient, momentum = 0, scale = 0;
        if (b is { } kept)
        {
            (momentum, scale) = f.First ? (gradient, size) : ((f.Momentum * kept) + (f.Gain * gradient), (f.Momentum * Math.Abs(kept)) + (f.Gain * size));
            (direction, size) = f.Nesterov ? (gradient + (f.Momentum * momentum), size + (f.Momentum * scale)) : (momentum, scale);
        }

        double e = p - 1, before = SignedPower(w, e), dual = before - (f.Rate * direction);
        double rounding = ((2 + e) * Unit * Math.Abs(before)) + (4 * Unit * f.Rate * size) + (Unit * Math.Abs(dual)) + (size > 0 ? 1e-44 : 0);
        double low = SignedPower(dual - rounding, 1 / e), high = SignedPower(dual + rounding, 1 / e), last = (2 + (1 / e)) * Unit;
        return (low - (last * Math.Abs(low)) - 1.5e-45, high + (last * Math.Abs(high)) + 1.5e-45, momentum, (4 * Unit * scale) + 1e-44);
    }

    private static double SignedPower(double x, double exponent) => Math.CopySign(Math.Pow(Math.Abs(x), exponent), x);
}
