using Xunit;

namespace SynapticGeometry.Tests;

public sealed class MonotoneWeightsTests
{
    private static MonotoneWeights Sinh(bool withInverse) =>
        new("sinh", 3, (w, i) => (i + 1) * Math.Sinh(w), (w, i) => (i + 1) * Math.Cosh(w), withInverse ? (s, i) => Math.Asinh(s / (i + 1)) : null, -4, 4);

    [Theory]
    [InlineData(true), InlineData(false)]
    public void Somatic_weights_lead_back_to_the_weights(bool withInverse)
    {
        double[] w = [-3.9, 1e-3, 2], somatic = new double[3], back = new double[3];
        Sinh(withInverse).ToSomatic(w, somatic);
        Assert.Equal(2 * Math.Sinh(1e-3), somatic[1], 1e-18);
        Sinh(withInverse).FromSomatic(somatic, back);
        Assert.True(GoldenMaps.WorstRelative(w, back) <= 1e-12);
    }

    [Fact]
    public void Falling_maps_are_taken_too()
    {
        MonotoneWeights falling = new("falling", 1, (w, _) => Math.Exp(-w), (w, _) => -Math.Exp(-w));
        double[] back = new double[1];
        falling.FromSomatic([0.5], back);
        Assert.Equal(Math.Log(2), back[0], 1e-13);
    }

    [Fact]
    public void Wrong_slopes_inverses_and_turning_maps_are_refused_by_synapse_and_weight()
    {
        void Refused(string reason, Func<double, int, double> f, Func<double, int, double> slope, Func<double, int, double>? inverse = null) =>
            Assert.Contains(reason, Assert.Throws<ArgumentException>(() => new MonotoneWeights("mine", 2, f, slope, inverse)).Message, StringComparison.Ordinal);

        Refused("given as 1.01 at the weight -8 of synapse 1", (w, _) => w, (_, i) => i == 1 ? 1.01 : 1);
        Refused("strictly monotone", (w, _) => w * w, (w, _) => 2 * w is 0 ? 1e-300 : 2 * w);
        Refused("must be finite and the slope not 0", (_, _) => 1, (_, _) => 0);
        Refused("The inverse of mine gives", (w, _) => w, (_, _) => 1, (s, _) => s + 0.1);
    }

    [Fact]
    public void Weights_outside_the_range_are_refused_by_place()
    {
        Assert.Contains("Weight 1 of 3 is 5", Assert.Throws<ArgumentOutOfRangeException>(() => Sinh(false).ToSomatic([0, 5, 0], new double[3])).Message, StringComparison.Ordinal);
        Assert.Contains("Somatic weight 2 of 3 is 100", Assert.Throws<ArgumentOutOfRangeException>(() => Sinh(false).FromSomatic([0, 0, 100], new double[3])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Sinh(false).Slope([0], new double[1]));
    }

    [Fact]
    public void Passive_attenuation_is_exponential_in_distance()
    {
        // Fig. 4: λ = 200 µm, distances to 460 µm, so that 1/α goes to about 10.
        DendriticWeights dendrite = DendriticWeights.Passive([0, 200, 460], 200);
        Assert.Equal([1, 0.36787944117144233, 0.100258843722803], dendrite.Attenuation, (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.Contains("Distance 1 of 2 is -1 µm", Assert.Throws<ArgumentOutOfRangeException>(() => DendriticWeights.Passive([0, -1], 200)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => DendriticWeights.Passive([0], 0));
    }
}
