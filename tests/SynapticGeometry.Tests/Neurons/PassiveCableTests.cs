using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>The cable against closed forms, a dense solution of the same tree, and the reference waveforms of Rallpack.</summary>
public sealed class PassiveCableTests
{
    // R_a 1 Ω m, R_m 4 Ω m²; 1 mm of 1 µm diameter is one length constant.
    private static Morphology Cylinder(int pieces) =>
        new([.. Enumerable.Range(0, pieces + 1).Select(k => new MorphologyNode(k, 3, 1000.0 * k / pieces, 0, 0, 0.5, k - 1))]);

    [Theory]
    [InlineData(1), InlineData(7), InlineData(1000)]
    public void A_cylinder_attenuates_by_the_hyperbolic_cosine_however_it_is_cut(int pieces)
    {
        PassiveCable cable = new(Cylinder(pieces), 4, 1);

        // Rallpack 1: R∞ = 2/π √(R_m R_a) d^(−3/2); from either sealed end 1/cosh 1, input resistance R∞ coth 1.
        double infinite = 2 / Math.PI * Math.Sqrt(4 * 1) * Math.Pow(1e-6, -1.5);
        Assert.Equal(1 / Math.Cosh(1), cable.ToSoma[pieces], 1e-12);
        Assert.Equal(1 / Math.Cosh(1), cable.FromSoma[pieces], 1e-12);
        Assert.Equal(infinite / Math.Tanh(1), cable.InputResistanceAtSoma, infinite * 1e-12);
        Assert.Equal(infinite / Math.Tanh(1), cable.InputResistance(pieces), infinite * 1e-12);
    }

    [Fact]
    public void Rallpack_1_has_these_steady_voltages()
    {
        (double injected, double far) = SteadyState("rallpack1");
        PassiveCable cable = new(Cylinder(10), 4, 1);

        // 0.1 nA; what the waveforms of finite compartments and 6 digits leave is a few in 1e4.
        Assert.Equal(1e-10 * cable.InputResistanceAtSoma, injected, 5e-4 * injected);
        Assert.Equal(cable.FromSoma[10], far / injected, 5e-4);
    }

    [Fact]
    public void Rallpack_2_has_these_steady_voltages()
    {
        // Ten levels; at each fork two branches of the next length and diameter.
        double[] lengths = [32, 25.4, 20.16, 16, 12.7, 10.08, 8, 6.35, 5.04, 4], diameters = [16, 10.08, 6.35, 4, 2.52, 1.587, 1, 0.63, 0.397, 0.25];
        List<MorphologyNode> nodes = [new(0, 3, 0, 0, 0, 8, -1)];
        AddBranch(0, 0, 0);
        void AddBranch(int parent, int level, double x)
        {
            // A branch is a cylinder: it starts with a point of its own radius where its parent ends.
            int start = nodes.Count, end = start + 1;
            nodes.Add(new MorphologyNode(start, 3, x, 0, 0, diameters[level] / 2, parent));
            nodes.Add(new MorphologyNode(end, 3, x + lengths[level], 0, 0, diameters[level] / 2, start));
            for (int k = 0; k < 2 && level < 9; k++)
            {
                AddBranch(end, level + 1, x + lengths[level]);
            }
        }

        PassiveCable cable = new(new Morphology(nodes), 4, 1);
        Assert.Equal(1 + (2 * 1023), nodes.Count);
        (double injected, double far) = SteadyState("rallpack2");

        // The published diameters are rounded to three digits.
        Assert.Equal(1e-10 * cable.InputResistanceAtSoma, injected, 2e-3 * injected);
        Assert.Equal(cable.FromSoma[^1], far / injected, 1e-4);

        // A cylinder of 16 µm by 320 µm, 0.08 length constants.
        Assert.Equal(1 / Math.Cosh(0.08), cable.FromSoma[^1], 1e-4);
    }

    [Fact]
    public void Two_passes_agree_with_a_dense_solution_of_a_branched_tree()
    {
        // Forks, tapers and a soma; each cable cut into 200 compartments for the dense side would be slow: solve the two-port
        // equations of the same cylinders instead, I = Y V by Gaussian elimination.
        MorphologyNode[] nodes =
            [
                new(1, 1, 0, 0, 0, 8, -1), new(2, 3, 60, 0, 0, 1.5, 1), new(3, 3, 150, 0, 0, 0.8, 2), new(4, 3, 60, 120, 0, 0.6, 2),
                new(5, 4, 0, -200, 0, 2, 1), new(6, 4, 0, -500, 0, 0.4, 5), new(7, 4, 90, -300, 0, 0.3, 5),
            ];
        Morphology morphology = new(nodes);
        PassiveCable cable = new(morphology, 1.5, 1.5);
        int n = nodes.Length;
        MathNet.Numerics.LinearAlgebra.Matrix<double> y = MathNet.Numerics.LinearAlgebra.Double.DenseMatrix.Create(n, n, 0);
        y[0, 0] = 4 * Math.PI * 8e-6 * 8e-6 / 1.5;
        for (int i = 1; i < n; i++)
        {
            int j = morphology.TowardsSoma(i);
            (double a, double b) = morphology.Radii(i);
            double length = morphology.Length(i), slant = Math.Sqrt((length * length) + ((a - b) * (a - b)));
            double r = 1.5 * length * 1e-6 / (Math.PI * a * b * 1e-12), g = Math.PI * (a + b) * slant * 1e-12 / 1.5;
            double electrotonic = Math.Sqrt(r * g), characteristic = Math.Sqrt(g / r);
            y[i, i] += characteristic / Math.Tanh(electrotonic);
            y[j, j] += characteristic / Math.Tanh(electrotonic);
            y[i, j] -= characteristic / Math.Sinh(electrotonic);
            y[j, i] -= characteristic / Math.Sinh(electrotonic);
        }

        MathNet.Numerics.LinearAlgebra.Matrix<double> z = y.Inverse();
        for (int i = 0; i < n; i++)
        {
            Assert.Equal(z[0, i] / z[i, i], cable.ToSoma[i], 1e-12);
            Assert.Equal(z[i, 0] / z[0, 0], cable.FromSoma[i], 1e-12);
            Assert.Equal(z[i, i], cable.InputResistance(i), 1e-10 * z[i, i]);
        }
    }

    [Fact]
    public void Cables_without_resistance_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PassiveCable(Cylinder(1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PassiveCable(Cylinder(1), 1, double.NaN));
    }

    // Above rest, from the last 0.1 s: what is missing at the end falls with the membrane time constant, 40 ms.
    private static (double Injected, double Far) SteadyState(string name)
    {
        using DataFile file = DataFiles.Open(SharedFiles.Require($"data/rallpack-cable/{name}.csv.gz"));
        double[] time = file.ReadNumbers("t_s").ToDouble();
        int early = Array.FindIndex(time, t => t >= 0.15 - 1e-9), late = time.Length - 1;
        double decay = Math.Exp(-(time[late] - time[early]) / 0.04);
        double Limit(string column)
        {
            double[] v = file.ReadNumbers(column).ToDouble();
            return ((v[late] - (v[early] * decay)) / (1 - decay)) + 0.065;
        }

        return (Limit("v_injected_end_V"), Limit("v_far_end_V"));
    }
}
