using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>What every transfer function owes. A new one joins by one line in <see cref="Functions"/>.</summary>
public sealed class TransferFunctionLaws
{
    private static readonly Gen<double> Potential = Gen.Double[-60, 60];

    public static TheoryData<TransferFunction> Functions =>
        [
            new SigmoidTransfer(), new SigmoidTransfer(60, 0.15, 8), new ExponentialTransfer(), new SoftplusTransfer(),
            new RectifiedQuadraticTransfer(-70), Arctangent(), new SigmoidTransfer().Shifted(-5), Arctangent().Shifted(4),
        ];

    // Smooth, positive, and none of the built-in ones.
    internal static CustomTransfer Arctangent() =>
        new("arctangent", v => 50 + (100 / Math.PI * Math.Atan(v / 10)), v => 1000 / Math.PI / (100 + (v * v)));

    [Theory, MemberData(nameof(Functions))]
    public void The_rate_is_positive_and_does_not_decrease(TransferFunction f) =>
        Gen.Select(Potential, Potential).Sample((a, b) =>
            f.Rate(a) > 0 && f.Slope(a) >= 0 && f.Rate(Math.Min(a, b)) <= f.Rate(Math.Max(a, b)));

    [Theory, MemberData(nameof(Functions))]
    public void The_slope_is_the_derivative_of_the_rate(TransferFunction f) =>
        Potential.Sample(v => SlopeHolds(f, f.Slope, v));

    [Theory, MemberData(nameof(Functions))]
    public void A_slope_off_by_a_thousandth_is_not(TransferFunction f) => Assert.False(SlopeHolds(f, v => 1.001 * f.Slope(v), 3));

    [Theory, MemberData(nameof(Functions))]
    public void The_log_slope_is_slope_over_rate(TransferFunction f) =>
        Potential.Sample(v => Math.Abs((f.LogSlope(v) * f.Rate(v)) - f.Slope(v)) <= 1e-12 * f.Slope(v));

    [Theory, MemberData(nameof(Functions))]
    public void A_shift_moves_the_potential(TransferFunction f) =>
        Gen.Select(Potential, Gen.Double[-10, 10]).Sample((v, shift) => Math.Abs(f.Shifted(shift).Rate(v) - f.Rate(v + shift)) <= 1e-12 * f.Rate(v + shift));

    [Theory, MemberData(nameof(Functions))]
    public void The_score_has_mean_zero_over_the_neurons_own_spikes(TransferFunction f) =>
        Potential.Sample(v =>
        {
            double p = f.Rate(v) * 1e-6, spike = f.Score(v, 1, 1e-6), silence = f.Score(v, 0, 1e-6);
            return Math.Abs((p * spike) + ((1 - p) * silence)) <= 1e-12 * p * Math.Abs(spike);
        });

    [Theory, MemberData(nameof(Functions))]
    public void Second_and_third_moment_are_derivatives_of_the_first_by_the_mean(TransferFunction f) =>
        Gen.Select(Gen.Double[-20, 30], Gen.Double[0.01, 9]).Sample(
            (mean, s) =>
            {
                // d/dμ E F(u) = E F′(u); fourth-order differences with h = 0.1 mV leave h⁴/30 of the fifth derivative.
                FisherMoments At(double m) => f.Fisher(m, s * s);
                double h = 0.1;
                double Slope(Func<FisherMoments, double> part) =>
                    ((8 * (part(At(mean + h)) - part(At(mean - h)))) - (part(At(mean + (2 * h))) - part(At(mean - (2 * h))))) / (12 * h);
                FisherMoments c = At(mean);
                return Math.Abs(Slope(m => m.C1) - c.C2) <= 1e-6 * c.C1 && Math.Abs(Slope(m => m.C2) - c.C3) <= 2e-6 * c.C1;
            },
            iter: 30);

    [Theory, MemberData(nameof(Functions))]
    public void The_moments_are_continuous_as_the_variance_vanishes(TransferFunction f)
    {
        FisherMoments limit = f.Fisher(5, 0);
        foreach (double s in new[] { 1e-5, 1e-8, 1e-30, 1e-150 })
        {
            // What differs is s²/2 times the next derivative but one, of the size of F.
            FisherMoments c = f.Fisher(5, s * s);
            double tolerance = 1e-12 + (s * s);
            Assert.Equal(limit.C1, c.C1, tolerance * limit.C1);
            Assert.Equal(limit.C2, c.C2, 10 * tolerance * limit.C1);
            Assert.Equal(limit.C3, c.C3, 100 * tolerance * limit.C1);
        }
    }

    [Theory, MemberData(nameof(Functions))]
    public void Moments_that_are_not_numbers_are_refused(TransferFunction f)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => f.Fisher(double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => f.Fisher(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => f.Fisher(0, double.PositiveInfinity));
    }

    // What a fourth-order difference leaves falls as h⁴; the step is small against every function's bend.
    private static bool SlopeHolds(TransferFunction f, Func<double, double> slope, double v)
    {
        const double h = 1e-2;
        double measured = ((8 * (f.Rate(v + h) - f.Rate(v - h))) - (f.Rate(v + (2 * h)) - f.Rate(v - (2 * h)))) / (12 * h);
        return Math.Abs(measured - slope(v)) <= (1e-8 * slope(v)) + (1e-13 * f.Rate(v));
    }
}
