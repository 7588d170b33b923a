using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Moving a synapse along its dendrite must not change what it teaches the soma.</summary>
public sealed class PulledBackGeometryTests
{
    private sealed record Synapses(double[] Somatic, double[] Attenuation, double[] Gradient);

    private static readonly Gen<Synapses> AnySynapses = Gen.Int[1, 12].SelectMany(n => Gen.Select(
        Gen.Select(Gen.Double[0.05, 0.9], Gen.Bool, (size, negative) => negative ? -size : size).Array[n], // mV at the soma
        Gen.Double[0.2, 1].Array[n],                                                                       // soma 1, distal tuft 0.2
        Gen.Double[-1, 1].Array[n],
        (w, a, g) => new Synapses(w, a, g)));

    public static TheoryData<Potential> Potentials =>
        [new PNorm(1.5), new PNorm(2), new PNorm(3), new NegativeEntropy(), new BurgEntropy(), new HyperbolicEntropy(0.1)];

    [Theory, MemberData(nameof(Potentials))]
    public void A_pulled_back_geometry_moves_the_soma_the_same_from_every_site(Potential potential) =>
        AnySynapses.Sample(s => IsInvariant(new MirrorGeometry(potential), new MirrorGeometry(potential).In(new DendriticWeights(s.Attenuation)), new DendriticWeights(s.Attenuation), s));

    [Theory, MemberData(nameof(Potentials))]
    public void And_under_a_curved_parametrization(Potential potential) =>
        AnySynapses.Sample(s => IsInvariant(new MirrorGeometry(potential), new MirrorGeometry(potential).In(new SinhWeights()), new SinhWeights(), s));

    [Fact]
    public void The_same_geometries_not_pulled_back_are_not_invariant()
    {
        Synapses s = new(Somatic: [0.3, 0.4], Attenuation: [1, 0.5], Gradient: [0.8, 0.8]);

        // Burg entropy has the metric 1/w², which no scaling of the weights changes: it alone needs no pulling back on a
        // dendrite. It does under a curved parametrization.
        foreach (Potential potential in Potentials.Select(row => (Potential)row.Data).Where(p => p is not BurgEntropy))
        {
            Assert.False(IsInvariant(new MirrorGeometry(potential), new MirrorGeometry(potential), new DendriticWeights(s.Attenuation), s), potential.Name);
        }

        MirrorGeometry burg = new(new BurgEntropy());
        Assert.True(IsInvariant(burg, burg, new DendriticWeights(s.Attenuation), s));
        Assert.False(IsInvariant(burg, burg, new SinhWeights(), s with { Somatic = [0.6, 0.9] }));
    }

    [Fact]
    public void Euclidean_descent_on_the_dendrite_moves_the_soma_by_the_square_of_the_attenuation()
    {
        DendriticWeights dendrite = new([1, 0.5]);
        double[] direction = [8, 4];
        new MirrorGeometry(new PNorm(2)).Raise([0.1, 0.1], direction, direction);
        dendrite.ToSomatic(direction, direction);

        // By hand: ẇ = α (α g). The distal synapse, at α = ½, moves the soma a quarter as far.
        Assert.Equal([8, 2], direction);
    }

    [Fact]
    public void Somatic_weights_pull_back_to_the_geometry_itself()
    {
        MirrorGeometry geometry = new(new NegativeEntropy());
        double[] w = [0.2, -0.4], g = [1, 2], here = new double[2], there = new double[2];
        geometry.Descend(w, g, 0.1, here);
        geometry.In(new SomaticWeights()).Descend(w, g, 0.1, there);

        Assert.Equal(here, there);
    }

    [Fact]
    public void Pulling_back_twice_is_pulling_back_once_through_both()
    {
        MirrorGeometry geometry = new(new PNorm(3));
        double[] weights = [0.3, -0.7], g = [0.2, 0.1], twice = new double[2], once = new double[2];
        geometry.In(new DendriticWeights([0.5, 0.25])).In(new DendriticWeights([0.5, 1])).Descend(weights, g, 0.1, twice);
        geometry.In(new DendriticWeights([0.25, 0.25])).Descend(weights, g, 0.1, once);

        Assert.True(GoldenMaps.WorstRelative(once, twice) <= 1e-14);
    }

    [Fact]
    public void Entropy_is_Euclid_seen_through_squares()
    {
        // Known equivalence: under w = u²/4, Euclid's metric on u is 1/w on w, the Hessian of negative entropy; so the
        // entropy's pull-back to u raises as Euclid does.
        double[] u = [0.8, 1.7], g = [0.3, -0.2], direction = new double[2];
        new MirrorGeometry(new NegativeEntropy()).In(new QuarterSquareWeights()).Raise(u, g, direction);

        Assert.True(GoldenMaps.WorstRelative(g, direction) <= 1e-14);
    }

    [Theory]
    [InlineData(0), InlineData(-1), InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void An_attenuation_not_positive_is_refused_by_place(double attenuation) =>
        Assert.Contains(
            "Attenuation 1 of 2 is",
            Assert.Throws<ArgumentOutOfRangeException>(() => new DendriticWeights([1, attenuation])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Bad_shapes_and_slopes_are_refused()
    {
        Geometry geometry = new MirrorGeometry(new PNorm(2)).In(new DendriticWeights([1, 0.5]));
        double[] three = new double[3], two = new double[2];

        Assert.Throws<ArgumentException>(() => geometry.Raise(three, three, three));
        Assert.Throws<ArgumentException>(() => geometry.Descend(two, three, 0.1, two));
        Assert.Throws<ArgumentException>(() => new SomaticWeights().ToSomatic(two, three));
        Assert.Throws<ArgumentNullException>(() => new MirrorGeometry(new PNorm(2)).In(null!));
        Assert.Contains(
            "Weight 1 of 2 is 0; the slope of the parametrization there is 0",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new MirrorGeometry(new PNorm(2)).In(new QuarterSquareWeights()).Raise([1, 0], [1, 1], two)).Message,
            StringComparison.Ordinal);
    }

    // True where the geometry, given the gradient by ω, moves the soma as the somatic geometry does: at once and after a step.
    private static bool IsInvariant(Geometry somaticGeometry, Geometry geometry, Parametrization f, Synapses s)
    {
        int n = s.Somatic.Length;
        double[] weights = new double[n], slope = new double[n], gradient = new double[n];
        f.FromSomatic(s.Somatic, weights);
        f.Slope(weights, slope);
        for (int i = 0; i < n; i++)
        {
            gradient[i] = slope[i] * s.Gradient[i];
        }

        double[] atSoma = new double[n], direction = new double[n], stepAtSoma = new double[n], step = new double[n];
        somaticGeometry.Raise(s.Somatic, s.Gradient, atSoma);
        geometry.Raise(weights, gradient, direction);
        for (int i = 0; i < n; i++)
        {
            direction[i] *= slope[i];
        }

        somaticGeometry.Descend(s.Somatic, s.Gradient, 0.01, stepAtSoma);
        geometry.Descend(weights, gradient, 0.01, step);
        f.ToSomatic(step, step);
        return Close(atSoma, direction) && Close(stepAtSoma, step);
    }

    private static bool Close(double[] a, double[] b) =>
        a.Zip(b).All(p => Math.Abs(p.First - p.Second) <= 1e-9 * (1e-6 + Math.Abs(p.First)));

    private sealed record SinhWeights : Parametrization
    {
        public override void ToSomatic(ReadOnlySpan<double> weights, Span<double> somatic) => Each(weights, somatic, Math.Sinh);

        public override void FromSomatic(ReadOnlySpan<double> somatic, Span<double> weights) => Each(somatic, weights, Math.Asinh);

        public override void Slope(ReadOnlySpan<double> weights, Span<double> slope) => Each(weights, slope, Math.Cosh);
    }

    private sealed record QuarterSquareWeights : Parametrization
    {
        public override void ToSomatic(ReadOnlySpan<double> weights, Span<double> somatic) => Each(weights, somatic, u => u * u / 4);

        public override void FromSomatic(ReadOnlySpan<double> somatic, Span<double> weights) => Each(somatic, weights, w => 2 * Math.Sqrt(w));

        public override void Slope(ReadOnlySpan<double> weights, Span<double> slope) => Each(weights, slope, u => u / 2);
    }

    private static void Each(ReadOnlySpan<double> from, Span<double> to, Func<double, double> f)
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = f(from[i]);
        }
    }
}
