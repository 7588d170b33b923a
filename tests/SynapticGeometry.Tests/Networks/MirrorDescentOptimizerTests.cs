using SynapticGeometry.Networks;
using SynapticGeometry.Tests.Learning;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace SynapticGeometry.Tests.Networks;

/// <summary>Mirror descent on TorchSharp's parameters, beside the documented formula and beside torch's own optimizer.</summary>
public class MirrorDescentOptimizerTests
{
    private const double Rate = 0.02;

    [Theory]
    [InlineData(0, 0, false), InlineData(0.9, 0, false), InlineData(0.9, 0, true), InlineData(0.9, 0.4, false), InlineData(0.9, 1, false)]
    public void Each_parameter_moves_under_its_own_potential(double momentum, double dampening, bool nesterov)
    {
        NetworksHere.Require();
        string[] names = ["cortex.weight", "cerebellum.weight", "cortex.bias"], potentials = ["negative-entropy", "3", "2"];
        long[][] shapes = [[7, 5], [4, 3, 2], [7]];
        double[][] expected = [.. shapes.Select((s, k) => Draw(s, (ulong)k))];
        Parameter[] parameters = [.. shapes.Select((s, k) => new Parameter(tensor(expected[k], s)))];
        MirrorDescentOptimizer optimizer = new(
            names.Zip(parameters),
            (name, _) => Potential.Parse(potentials[Array.IndexOf(names, name)]),
            new MirrorDescentOptions { Momentum = momentum, Dampening = dampening, Nesterov = nesterov, WeightDecay = 0.01 });
        PlainDescent[] plain = [.. potentials.Select((p, k) => new PlainDescent(p, expected[k].Length) { Momentum = momentum, Dampening = dampening, Nesterov = nesterov, WeightDecay = 0.01 })];
        double[] first = [.. expected[1]];
        for (int step = 0; step < 6; step++)
        {
            optimizer.ZeroGradients();
            for (int k = 0; k < parameters.Length; k++)
            {
                double[] gradient = Draw(shapes[k], (ulong)(100 + (10 * step) + k));
                Descend(parameters[k], gradient, shapes[k]);
                plain[k].Step(expected[k], gradient, Rate);
            }

            optimizer.Step(Rate);
        }

        Assert.Equal(6, optimizer.Steps);
        for (int k = 0; k < parameters.Length; k++)
        {
            // The square root at a dual weight near 0 makes 1e-16 of it to 1e-8 of the weight.
            double tolerance = potentials[k] == "3" ? 1e-7 : 1e-12;
            Assert.All(expected[k].Zip(parameters[k].data<double>().ToArray()), p => Assert.Equal(p.First, p.Second, tolerance));
        }

        // Control: under the other potential the second parameter would be elsewhere.
        PlainDescent other = new("negative-entropy", first.Length) { Momentum = momentum, Dampening = dampening, Nesterov = nesterov, WeightDecay = 0.01 };
        for (int step = 0; step < 6; step++)
        {
            other.Step(first, Draw(shapes[1], (ulong)(100 + (10 * step) + 1)), Rate);
        }

        Assert.True(first.Zip(expected[1]).Max(p => Math.Abs(p.First - p.Second)) > 1e-3);
    }

    [Theory]
    [InlineData(0.9, 0), InlineData(0.9, 0.25), InlineData(0.5, 1)]
    public void Under_the_2_norm_dampening_is_torch_s_own(double momentum, double dampening)
    {
        NetworksHere.Require();
        long[] shape = [6, 5];
        double[] start = Draw(shape, 1);
        Parameter ours = new(tensor(start, shape)), theirs = new(tensor(start, shape));
        MirrorDescentOptimizer optimizer = new([("w", ours)], (_, _) => new PNorm(2), new MirrorDescentOptions { Momentum = momentum, Dampening = dampening, WeightDecay = 0.01 });
        using var reference = optim.SGD([theirs], Rate, momentum, dampening, 0.01);
        for (int step = 0; step < 6; step++)
        {
            double[] gradient = Draw(shape, (ulong)(10 + step));
            optimizer.ZeroGradients();
            reference.zero_grad();
            Descend(ours, gradient, shape);
            Descend(theirs, gradient, shape);
            optimizer.Step(Rate);
            reference.step();
        }

        Assert.All(theirs.data<double>().ToArray().Zip(ours.data<double>().ToArray()), p => Assert.Equal(p.First, p.Second, 1e-13));
    }

    // The gradient of Σ w g by w is g.
    private static void Descend(Parameter parameter, double[] gradient, long[] shape)
    {
        using Tensor g = tensor(gradient, shape), loss = (parameter * g).sum();
        loss.backward();
    }

    private static double[] Draw(long[] shape, ulong seed)
    {
        double[] values = new double[shape.Aggregate(1L, (product, length) => product * length)];
        new RandomSource(seed).FillNormal(values);
        return values;
    }
}
