using System.Numerics;
using System.Text.Json;
using Xunit;

namespace SynapticGeometry.Tests.Learning;

public sealed class MirrorDescentTests
{
    private static readonly string[] Names = ["negative-entropy", "1.5", "2", "2.5", "3", "10", "hypentropy:0.1"];

    public static TheoryData<string> Potentials => [.. Names];

    [Fact]
    public void Every_golden_trajectory_is_met()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden/mirror-descent.json")));
        int cases = 0;
        foreach (JsonElement c in golden.RootElement.GetProperty("steps").EnumerateArray())
        {
            double[] w = Numbers(c.GetProperty("w0"));
            double[][] gradients = [.. c.GetProperty("gradients").EnumerateArray().Select(Numbers)], after = [.. c.GetProperty("w_after").EnumerateArray().Select(Numbers)];
            int[] at = [.. c.GetProperty("after_steps").EnumerateArray().Select(s => s.GetInt32())];
            MirrorDescent<double> descent = new(Potential.Parse(c.GetProperty("map").GetString()!), w.Length, new MirrorDescentOptions
            {
                Momentum = c.GetProperty("momentum").GetDouble(),
                Nesterov = c.GetProperty("nesterov").GetBoolean(),
                WeightDecay = c.GetProperty("weight_decay").GetDouble(),
            });
            for (int step = 1; step <= gradients.Length; step++)
            {
                descent.Step(w, gradients[step - 1], c.GetProperty("learning_rate").GetDouble());
                int k = Array.IndexOf(at, step);
                for (int i = 0; k >= 0 && i < w.Length; i++)
                {
                    Assert.Equal(after[k][i], w[i], 1e-12 * Math.Max(1, Math.Abs(after[k][i])));
                    cases++;
                }
            }
        }

        Assert.Equal(24 * 3 * 24, cases);
    }

    public static TheoryData<string, double, bool> Damped
    {
        get
        {
            TheoryData<string, double, bool> cases = [];
            foreach (string name in new[] { "negative-entropy", "1.5", "2", "3", "hypentropy:0.1" })
            {
                foreach (double dampening in new[] { 0, 0.3, 1 })
                {
                    cases.Add(name, dampening, false);
                    cases.Add(name, dampening, true);
                }
            }

            return cases;
        }
    }

    // 1500 weights: more than a block, and not a whole number of vectors.
    [Theory]
    [MemberData(nameof(Damped))]
    public void With_any_dampening_the_steps_are_those_of_the_documented_formula(string name, double dampening, bool nesterov)
    {
        const int Count = 1500;
        MirrorDescent<double> descent = new(Potential.Parse(name), Count, new() { Momentum = 0.8, Dampening = dampening, Nesterov = nesterov, WeightDecay = 0.02 });
        MirrorDescent<float> inSingle = new(Potential.Parse(name), Count, descent.Options);
        PlainDescent plain = new(name, Count) { Momentum = 0.8, Dampening = dampening, Nesterov = nesterov, WeightDecay = 0.02 };
        double[] w = Draw(Count, 1), expected = [.. w];
        float[] single = Array.ConvertAll(w, v => (float)v);
        for (ulong step = 0; step < 8; step++)
        {
            float[] g = Array.ConvertAll(Draw(Count, 2 + step), v => (float)v);
            descent.Step(w, Array.ConvertAll(g, v => (double)v), 0.01);
            inSingle.Step(single, g, 0.01);
            plain.Step(expected, Array.ConvertAll(g, v => (double)v), 0.01);
        }

        // Where a dual weight passes near 0, the root of a 3-norm makes much of its rounding: 1e-16 of it is 1e-8 of the weight.
        (double exact, double rounded) = name == "3" ? (1e-7, 2e-3) : (1e-12, 1e-5);
        Assert.All(expected.Zip(w), p => Assert.Equal(p.First, p.Second, exact * Math.Max(1, Math.Abs(p.First))));
        Assert.All(expected.Zip(single), p => Assert.Equal(p.First, p.Second, rounded * Math.Max(1, Math.Abs(p.First))));
    }

    [Theory]
    [MemberData(nameof(Potentials))]
    public void Without_momentum_a_step_is_the_geometrys(string name)
    {
        Potential potential = Potential.Parse(name);
        double[] w = Draw(3000, 1), g = Draw(3000, 2), expected = new double[3000];
        new MirrorGeometry(potential).Descend(w, g, 0.01, expected);

        new MirrorDescent<double>(potential, 3000).Step(w, g, 0.01);

        Assert.Equal(expected, w);
    }

    [Theory]
    [MemberData(nameof(Potentials))]
    public void As_the_rate_vanishes_it_is_gradient_descent_in_the_variable_whose_metric_is_flat(string name)
    {
        // θ with dθ/dw = √φ″(w): gradient descent by θ moves w by −η g/φ″(w), as mirror descent does to first order; the two part at second.
        Potential potential = Potential.Parse(name);
        double[] w0 = [0.3, -0.5, 0.8, -0.2], g = [0.7, -1.1, 0.4, 0.9];
        double Difference(double rate)
        {
            double[] w = [.. w0], flat = [.. w0], metric = new double[4];
            new MirrorDescent<double>(potential, 4).Step(w, g, rate);
            potential.Hessian<double>(flat, metric);
            return w.Select((x, i) => Math.Abs(x - (w0[i] - (rate * g[i] / metric[i])))).Max();
        }

        double order = Math.Log2(Difference(2e-4) / Difference(1e-4));
        if (name == "2")
        {
            // Its metric is flat everywhere: they are the same.
            Assert.InRange(Difference(1e-2), 0, 1e-15);
        }
        else if (name == "10")
        {
            // φ″(0.2) is 9 · 0.2⁸ = 2e-5: steps so small that they stay linear there have no digits left. Weights of 0.8 decide.
            double[] w = [0.8], metric = new double[1];
            new MirrorDescent<double>(potential, 1).Step(w, [0.4], 1e-6);
            potential.Hessian<double>([0.8], metric);
            Assert.Equal(0.8 - (1e-6 * 0.4 / metric[0]), w[0], 1e-11);
        }
        else
        {
            Assert.InRange(order, 1.95, 2.05);
        }
    }

    [Theory]
    [InlineData("negative-entropy", true)]
    [InlineData("2", false)]
    [InlineData("3", false)]
    public void Exponentiated_gradient_keeps_every_sign_and_a_norm_does_not(string name, bool keeps)
    {
        double[] w = Draw(500, 3), start = [.. w];
        MirrorDescent<double> descent = new(Potential.Parse(name), 500, new() { Momentum = 0.9 });
        for (int step = 0; step < 50; step++)
        {
            descent.Step(w, Draw(500, (ulong)(10 + step)), 0.05);
        }

        Assert.Equal(keeps, !w.Zip(start).Any(p => p.First * p.Second < 0));
    }

    [Fact]
    public void Projection_keeps_signs_and_counts_what_it_stopped()
    {
        double[] w = [0.5, -0.5, 0.1, 0], g = [1, -1, 1, 1];
        MirrorDescent<double> descent = new(new PNorm(2), 4, new() { KeepSigns = true });

        Assert.Equal(2, descent.Step(w, g, 0.2));
        Assert.Equal([0.3, -0.3, 0, 0], w);
        Assert.Equal(4, descent.Step(w, g, 0.4));
        Assert.Equal([0.0, 0, 0, 0], w);
    }

    [Fact]
    public void A_pair_of_positive_weights_is_hyperbolic_entropy()
    {
        double[] w = [0.3, -0.5, 0.001, 0, 2], hyperbolic = [.. w];
        ExponentiatedGradientPair pair = new(w, 0.05);
        MirrorDescent<double> descent = new(Potential.Parse("hypentropy:0.05"), 5);
        for (int step = 0; step < 40; step++)
        {
            double[] g = Draw(5, (ulong)step);
            pair.Step(g, 0.3, w);
            descent.Step(hyperbolic, g, 0.3);
        }

        Assert.All(w.Zip(hyperbolic), p => Assert.Equal(p.First, p.Second, 1e-12 * Math.Max(0.05, Math.Abs(p.First))));
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(0.05 * 0.05 / 4, pair.Positive[i] * pair.Negative[i], 1e-16));
    }

    [Fact]
    public void A_weight_of_zero_stays_under_entropy_and_moves_under_a_norm()
    {
        double[] entropy = [0, 0.5], norm = [0, 0.5];
        new MirrorDescent<double>(new NegativeEntropy(), 2).Step(entropy, [3, 0], 0.1);
        new MirrorDescent<double>(new PNorm(1.5), 2).Step(norm, [3, 0], 0.1);

        Assert.Equal([0, 0.5], entropy);
        Assert.Equal(-0.3 * 0.3, norm[0], 1e-15);
        Assert.Equal(0.5, norm[1], 1e-15);
    }

    [Theory]
    [MemberData(nameof(Potentials))]
    public void A_step_has_the_same_bits_on_any_number_of_threads_and_for_any_part_of_the_weights(string name)
    {
        const int Count = 200_003;
        float[] w = [.. Draw(Count, 1).Select(x => (float)x)], threads = [.. w], part = [.. w[..13]];
        float[] g = [.. Draw(Count, 2).Select(x => (float)x)];
        MirrorDescentOptions options = new() { Momentum = 0.9, WeightDecay = 1e-3, Nesterov = true };
        MirrorDescent<float> one = new(Potential.Parse(name), Count, options), two = new(Potential.Parse(name), Count, options with { Threads = 2 }), few = new(Potential.Parse(name), 13, options);
        for (int step = 0; step < 3; step++)
        {
            one.Step(w, g, 0.01);
            two.Step(threads, g, 0.01);
            few.Step(part, g.AsSpan(0, 13), 0.01);
        }

        Assert.Equal(w, threads);
        Assert.Equal(w[..13], part);
        Assert.Equal(one.Momentum.ToArray(), two.Momentum.ToArray());
    }

    [Theory]
    [InlineData("negative-entropy")]
    [InlineData("1.5")]
    [InlineData("2")]
    [InlineData("3")]
    [InlineData("2.5")]
    [InlineData("1.7")]
    [InlineData("10")]
    public void A_step_in_single_precision_is_right_to_units_in_the_last_place_of_the_dual_terms(string name)
    {
        // Against the same step in double precision from the same single-precision numbers; where the dual weight and its change cancel, what counts is the larger of the two.
        const int Count = 20_000;
        Potential potential = Potential.Parse(name);
        float[] w = [.. Draw(Count, 1).Select(x => (float)x)], g = [.. Draw(Count, 2).Select(x => (float)x)];
        double[] exact = [.. w.Select(x => (double)x)], gradient = [.. g.Select(x => (double)x)], dual = new double[Count], moved = new double[Count], found = new double[Count];
        potential.ToDual<double>(exact, dual);
        new MirrorDescent<float>(potential, Count, new() { Momentum = 0.9 }).Step(w, g, 0.05);
        new MirrorDescent<double>(potential, Count, new() { Momentum = 0.9 }).Step(exact, gradient, 0.05);
        potential.ToDual<double>(exact, moved);
        potential.ToDual<double>([.. w.Select(x => (double)x)], found);

        // ln|w| + 1 is itself a sum of two terms, one of which is 1.
        double least = potential.CrossesZero ? 0 : 1;
        double worst = Enumerable.Range(0, Count).Max(i => Math.Abs(found[i] - moved[i]) / Math.Max(Math.Max(Math.Abs(dual[i]), Math.Abs(0.05 * gradient[i])), least));

        // The weight's own rounding counts p − 1 times in its dual.
        Assert.InRange(worst * Math.Pow(2, 23), 0.1, Math.Max(4, 1.5 * potential.Exponent!.Value));
    }

    [Fact]
    public void Exponentials_of_single_precision_are_right_to_two_units_in_the_last_place_and_none_beyond_their_range()
    {
        for (float x = -87; x <= 87; x += 0.0137f)
        {
            double exact = Math.Exp(x);
            Assert.InRange(Math.Abs(VectorFunctions.Exp(new Vector<float>(x))[0] - exact) / exact, 0, 2 * Math.Pow(2, -23));
        }

        Assert.All([-200, -87.1f, 88, float.PositiveInfinity, float.NegativeInfinity, float.NaN], x => Assert.True(float.IsNaN(VectorFunctions.Exp(new Vector<float>(x))[0])));
    }

    [Theory]
    [InlineData(2.5)]
    [InlineData(10)]
    public void Weights_whose_duals_single_precision_does_not_hold_take_the_step_of_double_precision(double p)
    {
        // Among others that are held: 1e-30 has the dual 1e-45 or 1e-270, and 0 has 0.
        float[] w = [1e-30f, 0, -1e-20f, 0.5f, 0.25f, 1, -1, 2, 1e-3f], g = [0, 0, 1e-40f, 0.1f, 0, -1, 1, 0.5f, 0];
        double[] exact = [.. w.Select(x => (double)x)];
        new MirrorDescent<float>(new PNorm(p), 9).Step(w, g, 1);
        new MirrorDescent<double>(new PNorm(p), 9).Step(exact, [.. g.Select(x => (double)x)], 1);

        Assert.All(w.Zip(exact), q => Assert.Equal(q.Second, q.First, 1e-6 * Math.Abs(q.Second)));
    }

    [Fact]
    public void A_step_of_single_precision_with_factors_beyond_its_exponential_is_that_of_double_precision()
    {
        float[] w = [1e-30f, 0, -1e30f, 0.5f, 0.25f, 1, -1, 2, 3e20f], g = [-100, 100, -99, 0.1f, 0, -1, 1, 0.5f, 90];
        double[] exact = [.. w.Select(x => (double)x)];
        new MirrorDescent<float>(new NegativeEntropy(), 9).Step(w, g, 1);
        new MirrorDescent<double>(new NegativeEntropy(), 9).Step(exact, [.. g.Select(x => (double)x)], 1);

        Assert.All(w.Zip(exact), p => Assert.Equal(p.Second, p.First, 3e-7 * Math.Abs(p.Second)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_weight_that_leaves_single_precision_is_told(int threads)
    {
        float[] w = new float[100_000], g = new float[100_000];
        Array.Fill(w, 1);
        g[99_999] = 1;
        MirrorDescent<float> descent = new(new NegativeEntropy(), w.Length, new() { Threads = threads });

        Assert.Contains("Weight 99999 of 100000 is 1.38", Assert.Throws<ArgumentOutOfRangeException>(() => descent.Step(w, g, 200)).Message, StringComparison.Ordinal);
        (w[99_999], g[99_999]) = (1, -1);
        Assert.Contains("beyond the largest Single", Assert.Throws<ArgumentOutOfRangeException>(() => descent.Step(w, g, 200)).Message, StringComparison.Ordinal);
        g[50_000] = float.NaN;
        Assert.Contains("Gradient 50000 of 100000 is NaN", Assert.Throws<ArgumentOutOfRangeException>(() => descent.Step(w, g, 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("negative-entropy")]
    [InlineData("1.5")]
    [InlineData("2")]
    [InlineData("2.5")]
    [InlineData("3")]
    [InlineData("hypentropy:0.3")]
    public void Over_a_fixed_time_it_parts_in_first_order_of_the_rate_from_descent_in_the_flat_variable(string name)
    {
        // u with du/dw = √φ″(w), w = f(u), f′² = 1/φ″: the flow of gradient descent by u is the mirror flow. Loss Σ (w − target)²/2, over a time of 1.
        Potential potential = Potential.Parse(name);
        double[] start = [0.3, -0.5, 0.8, -0.2], target = [0.45, -0.35, 0.6, -0.4];
        double Difference(int steps)
        {
            double rate = 1.0 / steps;
            double[] mirror = [.. start], flat = [.. start], gradient = new double[4];
            MirrorDescent<double> descent = new(potential, 4);
            for (int step = 0; step < steps; step++)
            {
                for (int i = 0; i < 4; i++)
                {
                    gradient[i] = mirror[i] - target[i];
                    flat[i] = FlatStep(potential, flat[i], rate * (flat[i] - target[i]));
                }

                descent.Step(mirror, gradient, rate);
            }

            return mirror.Zip(flat, (a, b) => Math.Abs(a - b)).Max();
        }

        if (name == "2")
        {
            // Its metric is flat everywhere: the same to rounding.
            Assert.InRange(Difference(50), 0, 1e-14);
            return;
        }

        // Halving the rate halves the difference; a scheme of another order would not.
        Assert.InRange(Math.Log2(Difference(400) / Difference(800)), 0.95, 1.05);
        Assert.True(Difference(50) > 1e-5);
    }

    // u ← u − η ∂L/∂u = u − η L′(w)/√φ″(w), and back: u is an integral of √φ″, by Gauss's rule, solved by Newton's method.
    private static double FlatStep(Potential potential, double w, double change)
    {
        double Root(double x)
        {
            double[] metric = [x];
            potential.Hessian<double>(metric, metric);
            return Math.Sqrt(metric[0]);
        }

        double goal = -change / Root(w), next = w + (goal / Root(w));
        for (int k = 0; k < 6; k++)
        {
            next -= (MathNet.Numerics.Integration.GaussLegendreRule.Integrate(Root, w, next, 16) - goal) / Root(next);
        }

        return next;
    }

    [Theory]
    [MemberData(nameof(Potentials))]
    public void Single_precision_weights_take_the_same_steps_to_their_rounding(string name)
    {
        double[] w = Draw(2000, 1);
        float[] single = [.. w.Select(x => (float)x)];
        w = [.. single.Select(x => (double)x)];
        MirrorDescentOptions options = new() { Momentum = 0.9, WeightDecay = 1e-3, Nesterov = true };
        MirrorDescent<double> twice = new(Potential.Parse(name), 2000, options);
        MirrorDescent<float> once = new(Potential.Parse(name), 2000, options);
        for (int step = 0; step < 5; step++)
        {
            float[] g = [.. Draw(2000, (ulong)(5 + step)).Select(x => (float)x)];
            once.Step(single, g, 1e-3);
            twice.Step(w, [.. g.Select(x => (double)x)], 1e-3);
        }

        // A p-norm far from 2 stretches rounding where |w| is small.
        double tolerance = name == "10" ? 1e-2 : 1e-5;
        Assert.All(single.Zip(w), p => Assert.Equal(p.Second, p.First, tolerance));
    }

    [Fact]
    public void A_restored_optimizer_goes_on_to_the_same_bits()
    {
        double[] w = Draw(100, 1);
        MirrorDescentOptions options = new() { Momentum = 0.9, Dampening = 0.1 };
        MirrorDescent<double> first = new(new PNorm(3), 100, options);
        first.Step(w, Draw(100, 2), 0.01);
        MirrorDescent<double> second = new(new PNorm(3), 100, options);
        second.Restore(first.Steps, first.Momentum);
        double[] copy = [.. w];
        first.Step(w, Draw(100, 3), 0.01);
        second.Step(copy, Draw(100, 3), 0.01);

        Assert.Equal(w, copy);
    }

    [Theory]
    [InlineData("negative-entropy")]
    [InlineData("2")]
    [InlineData("3")]
    public void A_step_allocates_nothing(string name)
    {
        float[] w = [.. Draw(10_000, 1).Select(x => (float)x)], g = [.. Draw(10_000, 2).Select(x => (float)x)];
        MirrorDescent<float> descent = new(Potential.Parse(name), 10_000, new() { Momentum = 0.9 });
        for (int warm = 0; warm < 3; warm++)
        {
            descent.Step(w, g, 1e-4);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        descent.Step(w, g, 1e-4);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Cosine_annealing_goes_from_the_first_rate_through_its_half_to_nothing()
    {
        Assert.Equal(0.2, LearningRateSchedules.Cosine(0.2, 0, 100));
        Assert.Equal(0.1, LearningRateSchedules.Cosine(0.2, 50, 100), 1e-15);
        Assert.Equal(0.15, LearningRateSchedules.Cosine(0.2, 100, 300), 1e-15);
        Assert.Equal(0, LearningRateSchedules.Cosine(0.2, 100, 100));
    }

    [Fact]
    public void What_cannot_be_is_told()
    {
        MirrorDescent<double> descent = new(new NegativeEntropy(), 2);
        Assert.Contains("Gradient 1 of 2 is NaN", Told(() => descent.Step([1, 1], [0, double.NaN], 0.1)), StringComparison.Ordinal);
        Assert.Contains("Weight 1 of 2 goes from 2 to Infinity", Told(() => descent.Step([1, 2], [0, -1e5], 0.1)), StringComparison.Ordinal);
        Assert.Contains("goes from 2 to NaN", Told(() => descent.Step([1, 2], [0, 1e5], 0.1)), StringComparison.Ordinal);
        Assert.Contains("momentum is 1", Told(() => _ = new MirrorDescentOptions { Momentum = 1 }), StringComparison.Ordinal);
        Assert.Contains("dampening is 2", Told(() => _ = new MirrorDescentOptions { Dampening = 2 }), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => descent.Step([1], [1], 0.1));
        Assert.Contains("leaves the range", Told(() => new ExponentiatedGradientPair([1], 1).Step([1e5], 1, new double[1])), StringComparison.Ordinal);

        static string Told(Action act) => Assert.ThrowsAny<ArgumentException>(act).Message;
    }

    private static double[] Draw(int count, ulong seed)
    {
        double[] values = new double[count];
        new RandomSource(seed).FillNormal(values);
        return values;
    }

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetDouble())];
}
