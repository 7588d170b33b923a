using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Raising and descending under a potential.</summary>
public sealed class MirrorGeometryTests
{
    [Theory, MemberData(nameof(PotentialLaws.Potentials), MemberType = typeof(PotentialLaws))]
    public void A_small_step_follows_the_metric_to_second_order(Potential potential)
    {
        Assert.InRange(OrderOfTheRemainder(new MirrorGeometry(potential), new MirrorGeometry(potential)), 1.9, 2.1);
    }

    [Theory, MemberData(nameof(PotentialLaws.Controls), MemberType = typeof(PotentialLaws))]
    public void A_step_under_another_geometry_does_not(Potential potential) =>
        Assert.InRange(OrderOfTheRemainder(new MirrorGeometry(potential), new MirrorGeometry(new PNorm(5))), 0.9, 1.1);

    [Fact]
    public void Euclidean_descent_is_gradient_descent()
    {
        double[] w = [0.5, -0.25, 0], direction = new double[3];
        MirrorGeometry euclid = new(new PNorm(2));
        euclid.Raise(w, [1, 2, 4], direction);
        euclid.Descend(w, [1, 2, 4], 0.5, w);

        Assert.Equal([1, 2, 4], direction);
        Assert.Equal([0, -1.25, -2], w);
    }

    [Fact]
    public void Negative_entropy_multiplies_and_keeps_every_sign() =>
        Gen.Select(Gen.Double[0.01, 2], Gen.Bool, Gen.Double[-5, 5], (size, negative, g) => (W: negative ? -size : size, G: g)).Array[1, 20].Sample(s =>
        {
            double[] w = [.. s.Select(x => x.W)], after = new double[w.Length];
            new MirrorGeometry(new NegativeEntropy()).Descend(w, [.. s.Select(x => x.G)], 0.3, after);
            return s.Zip(after).All(p =>
                Math.Abs((p.Second / p.First.W) - Math.Exp(-0.3 * Math.Sign(p.First.W) * p.First.G)) <= 1e-13 * p.Second / p.First.W);
        });

    [Fact]
    public void A_zero_weight_stays_zero_where_the_potential_takes_none()
    {
        Potential[] potentials =
        [
            new NegativeEntropy(), new BurgEntropy(),
            new SeparablePotential("soft-bounded", w => Math.Log(w / (1 - w)), w => 1 / w / (1 - w), lower: 0, upper: 1),
        ];
        foreach (Potential potential in potentials)
        {
            MirrorGeometry geometry = new(potential);
            double[] w = [0.0, 0.5, -0.0], g = [3, 0.1, -3], direction = new double[3], after = new double[3], alone = new double[1];
            geometry.Raise(w, g, direction);
            geometry.Descend(w, g, 0.1, after);
            geometry.Descend([0.5], [0.1], 0.1, alone);

            Assert.Equal([0, 0.1 / PotentialLaw.Hessian(potential, [0.5])[0], 0], direction);
            Assert.Equal([0, alone[0], 0], after);
        }
    }

    [Fact]
    public void A_zero_weight_under_a_power_below_two_has_no_direction_but_a_finite_step()
    {
        MirrorGeometry geometry = new(new PNorm(1.5));
        double[] direction = new double[2], after = new double[2];
        geometry.Raise([0, 0.25], [3, 2], direction);
        geometry.Descend([0, 0.25], [3, 2], 0.1, after);

        // By hand: φ″(1/4) = 0.5 / 0.5 = 1; and √|w′| = 0.3 against the gradient, √|w′| = 0.5 − 0.2.
        Assert.Equal([0, 2], direction);
        Assert.Equal(-0.09, after[0], 1e-15);
        Assert.Equal(0.09, after[1], 1e-15);
    }

    [Fact]
    public void A_zero_weight_under_a_power_above_two_has_no_finite_direction_unless_the_gradient_is_zero()
    {
        MirrorGeometry geometry = new(new PNorm(3));
        double[] direction = new double[2], after = new double[1];
        geometry.Raise([0, 0.5], [0, 2], direction);
        geometry.Descend([0], [2], 0.125, after);

        Assert.Equal([0, 2], direction);
        Assert.Equal(-0.5, after[0]);
        Assert.Contains(
            "Weight 0 of 2 is 0; the Hessian of 3-norm is 0 there",
            Assert.Throws<ArgumentOutOfRangeException>(() => geometry.Raise([0, 0.5], [1, 2], direction)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_past_the_end_of_the_dual_weights_is_an_error() =>
        Assert.Contains(
            "Dual weight 1 of 2 is ",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new MirrorGeometry(new BurgEntropy()).Descend([1, 2], [0.1, -2], 1, new double[2])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Bad_arguments_are_refused_by_name()
    {
        MirrorGeometry geometry = new(new PNorm(2));
        double[] room = new double[2], three = new double[3];

        Assert.Contains(
            "Gradient 1 of 2 is NaN",
            Assert.Throws<ArgumentOutOfRangeException>(() => geometry.Descend([1, 2], [0, double.NaN], 1, room)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.Descend([1, 2], [0, 1], -1, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.Descend([1, 2], [0, 1], double.NaN, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.Descend([1, double.NaN], [0, 1], 1, room));
        Assert.Throws<ArgumentException>(() => geometry.Descend([1, 2], [0, 1, 2], 1, room));
        Assert.Throws<ArgumentException>(() => geometry.Raise([1, 2], [0, 1], three));
        Assert.Throws<ArgumentException>(() => geometry.Raise(three.AsSpan(0, 2), [0, 1], three.AsSpan(1, 2)));
        Assert.Throws<ArgumentNullException>(() => new MirrorGeometry(null!));
    }

    [Theory, MemberData(nameof(PotentialLaws.Potentials), MemberType = typeof(PotentialLaws))]
    public void Raise_and_Descend_may_write_onto_their_inputs(Potential potential)
    {
        MirrorGeometry geometry = new(potential);
        double[] w = [0.3, 0.6], g = [0.2, -0.1], direction = new double[2], after = new double[2], inPlace = [.. g], onWeights = [.. w], onGradient = [.. g];
        geometry.Raise(w, g, direction);
        geometry.Descend(w, g, 0.1, after);
        geometry.Raise(w, inPlace, inPlace);
        geometry.Descend(onWeights, g, 0.1, onWeights);
        geometry.Descend(w, onGradient, 0.1, onGradient);

        Assert.Equal(direction, inPlace);
        Assert.Equal(after, onWeights);
        Assert.Equal(after, onGradient);
    }

    // How the gap between a finite step and the metric's direction falls with the rate.
    private static double OrderOfTheRemainder(MirrorGeometry step, MirrorGeometry metric)
    {
        double[] w = [0.31, 0.62, 0.17], g = [0.5, -0.4, 0.3], direction = new double[3], after = new double[3];
        metric.Raise(w, g, direction);
        double Remainder(double rate)
        {
            step.Descend(w, g, rate, after);
            return Enumerable.Range(0, w.Length).Max(i => Math.Abs(after[i] - w[i] + (rate * direction[i])));
        }

        // Rates small against every dual weight; φ″ spans many decades over the potentials.
        double rate = 1e-4 / Enumerable.Range(0, w.Length).Max(i => Math.Abs(direction[i] / w[i]));

        // A Euclidean step leaves nothing but rounding, which counts as second order.
        double coarse = Remainder(10 * rate), fine = Remainder(rate);
        return coarse < 1e-15 ? 2 : Math.Log10(coarse / fine);
    }
}
