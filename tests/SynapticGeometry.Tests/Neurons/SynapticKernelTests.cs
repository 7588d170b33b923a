using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

public sealed class SynapticKernelTests
{
    private static readonly Gen<SynapticKernel> Kernels = Gen.Select(
        Gen.Double[0.002, 0.03], Gen.Double[0.001, 0.03], Gen.Double[0.1, 3], (m, s, a) => new SynapticKernel(m, s, a));

    [Fact]
    public void It_has_the_values_of_mpmath()
    {
        // mpmath at 5 ms; ∫ε² by quadrature: 38.4615..., alpha function 25.
        Assert.Equal(59.665008125010226, new SynapticKernel().Value(0.005), 1e-12);
        Assert.Equal(38.461538461538462, new SynapticKernel().SquareIntegral, 1e-12);
        Assert.Equal(0.026, new SynapticKernel().CEpsilon, 1e-17);
        Assert.Equal(30.326532985631671, new SynapticKernel(0.01, 0.01).Value(0.005), 1e-12);
        Assert.Equal(25, new SynapticKernel(0.01, 0.01).SquareIntegral, 1e-12);
    }

    [Fact]
    public void Its_autocorrelation_is_that_of_its_values()
    {
        // The trapezoidal rule with 3 million points (NumPy); alpha function in closed form, (1 + t/τ) exp(−t/τ)/(4τ).
        Assert.Equal(36.522286667371105, new SynapticKernel().Autocorrelation(0.002), 1e-6);
        Assert.Equal(19.625123249630434, new SynapticKernel().Autocorrelation(-0.01), 1e-6);
        Assert.Equal(new SynapticKernel().SquareIntegral, new SynapticKernel().Autocorrelation(0), 1e-12);
        Assert.Equal(25 * 1.5 * Math.Exp(-0.5), new SynapticKernel(0.01, 0.01).Autocorrelation(0.005), 1e-12);
    }

    [Fact]
    public void Its_area_and_square_integral_are_those_of_its_values() =>
        Kernels.Sample(
            k =>
            {
                // The trapezoidal rule; the kernel is 0 before the spike and its slope jumps there, which costs h²/12 of the jump.
                double h = 1e-5, sum = 0, squares = 0;
                for (double t = h; t < 1; t += h)
                {
                    double v = k.Value(t);
                    (sum, squares) = (sum + v, squares + (v * v));
                }

                return Math.Abs((sum * h) - k.Area) <= 1e-4 * k.Area && Math.Abs((squares * h) - k.SquareIntegral) <= 1e-6 * k.SquareIntegral;
            },
            iter: 5);

    [Fact]
    public void Equal_time_constants_are_the_limit_of_near_ones()
    {
        double limit = new SynapticKernel(0.01, 0.01).Value(0.013);
        foreach (double gap in new[] { 1e-4, 1e-7, 1e-10, 1e-15 })
        {
            // To first order the kernel depends on the mean of the rates 1/τ; what is left is of second order.
            double near = new SynapticKernel(0.01 * (1 + gap), 0.01 / (1 + gap)).Value(0.013);
            Assert.Equal(limit, near, limit * ((5 * gap * gap) + 1e-14));
        }
    }

    [Fact]
    public void Exponentials_less_one_are_accurate_at_every_size()
    {
        // mpmath, 17 digits.
        Assert.Equal(5.0000000000001250e-14, NearOne.Expm1(5e-14), 1e-28);
        Assert.Equal(0.051271096376024040, NearOne.Expm1(0.05), 1e-17);
        Assert.Equal(-0.25918177931828212, NearOne.Expm1(-0.3), 1e-16);
        Assert.Equal(-1, NearOne.Expm1(-800));
        Assert.Equal(double.PositiveInfinity, NearOne.Expm1(800));
        Assert.Equal(0, NearOne.Expm1(0));
    }

    [Fact]
    public void It_is_the_same_with_its_time_constants_exchanged() =>
        Gen.Select(Kernels, Gen.Double[1e-4, 0.5]).Sample((k, t) =>
            Math.Abs(k.Value(t) - new SynapticKernel(k.SynapticTime, k.MembraneTime, k.Area).Value(t)) <= 1e-12 * k.Value(t));

    [Theory]
    [InlineData(0.01, 0.003), InlineData(0.01, 0.01), InlineData(0.01, 0.02)]
    public void The_exact_trace_is_the_sum_of_kernels(double membrane, double synapse)
    {
        SynapticKernel kernel = new(membrane, synapse);
        SynapticTrace trace = new(kernel, 2, 0.0005);
        int[] spikes = [0, 3, 4, 4, 50];
        for (int step = 0; step < 200; step++)
        {
            trace.Advance([.. spikes.Where(s => s == step).Select(_ => 1)]);
            Assert.Equal(0, trace.Usp[0]);
            Assert.Equal(spikes.Sum(s => kernel.Value((step - s) * 0.0005)), trace.Usp[1], 1e-11);
        }
    }

    [Fact]
    public void Forward_Euler_is_the_difference_of_two_Euler_decays()
    {
        // The paper's form: a and b each times 1 − dt/τ per step, both jumping by ε₀/(τ_m − τ_s).
        SynapticTrace trace = new(new SynapticKernel(), 1, 0.0005, TraceStepping.ForwardEuler);
        double a = 0, b = 0;
        for (int step = 0; step < 100; step++)
        {
            bool spike = step is 2 or 30 or 31;
            trace.Advance(spike ? [0] : []);
            a = (a * (1 - (0.0005 / 0.010))) + (spike ? 1 / 0.007 : 0);
            b = (b * (1 - (0.0005 / 0.003))) + (spike ? 1 / 0.007 : 0);
            Assert.Equal(a - b, trace.Usp[0], 1e-11);
        }
    }

    [Fact]
    public void A_saved_trace_goes_on_as_it_would_have()
    {
        SynapticTrace trace = new(new SynapticKernel(), 3, 0.001), other = new(new SynapticKernel(), 3, 0.001);
        trace.Advance([0, 2]);
        trace.Advance([1]);
        other.Restore(trace.Save());
        trace.Advance([]);
        other.Advance([]);

        Assert.Equal(trace.Usp.ToArray(), other.Usp.ToArray());
    }

    [Fact]
    public void Spikes_at_synapses_that_are_not_there_and_long_Euler_steps_are_refused()
    {
        SynapticTrace trace = new(new SynapticKernel(), 3, 0.001);

        Assert.Contains("synapse 3; there are 3", Assert.Throws<ArgumentOutOfRangeException>(() => trace.Advance([3])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => trace.Advance([-1]));
        Assert.Throws<ArgumentException>(() => trace.Restore(new double[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SynapticTrace(new SynapticKernel(), 1, 0.003, TraceStepping.ForwardEuler));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SynapticTrace(new SynapticKernel(), 1, 0));
    }
}
