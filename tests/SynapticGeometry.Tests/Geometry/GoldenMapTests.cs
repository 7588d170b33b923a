using System.Text.Json;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>The published maps and mirror-descent steps, number by number.</summary>
public sealed class GoldenMapTests
{
    [Fact]
    public void Value_dual_Hessian_and_divergence_agree_with_every_golden_map_to_1e_12()
    {
        JsonElement[] cases = GoldenMaps.Cases("maps");
        Assert.Equal(6, cases.Length);
        foreach (JsonElement map in cases)
        {
            var potential = Potential.Parse(map.GetProperty("map").GetString()!);
            double[] w = GoldenMaps.Numbers(map, "w"), v = GoldenMaps.Numbers(map, "v"), back = new double[w.Length];
            double[] dual = PotentialLaw.Dual(potential, w);
            potential.FromDual<double>(dual, w, back);

            double worst = new[]
            {
                GoldenMaps.WorstRelative(GoldenMaps.Numbers(map, "dual"), dual),
                GoldenMaps.WorstRelative(GoldenMaps.Numbers(map, "hessian_diagonal"), PotentialLaw.Hessian(potential, w)),
                GoldenMaps.WorstRelative([map.GetProperty("value").GetDouble()], [potential.Value<double>(w)]),
                GoldenMaps.WorstRelative([map.GetProperty("bregman_v_w").GetDouble()], [potential.Bregman<double>(v, w)]),
                GoldenMaps.WorstRelative(w, back),
            }.Max();

            Assert.True(worst <= 1e-12, $"{potential.Name}: {worst}");
        }
    }

    [Fact]
    public void Plain_mirror_descent_follows_every_golden_trajectory_to_1e_12()
    {
        int compared = 0;
        foreach (JsonElement steps in GoldenMaps.Cases("steps"))
        {
            if (steps.GetProperty("momentum").GetDouble() != 0 || steps.GetProperty("weight_decay").GetDouble() != 0)
            {
                continue;
            }

            MirrorGeometry geometry = new(Potential.Parse(steps.GetProperty("map").GetString()!));
            double rate = steps.GetProperty("learning_rate").GetDouble();
            double[] w = GoldenMaps.Numbers(steps, "w0");
            double[][] gradients = [.. steps.GetProperty("gradients").EnumerateArray().Select(GoldenMaps.Numbers)];
            double[][] expected = [.. steps.GetProperty("w_after").EnumerateArray().Select(GoldenMaps.Numbers)];
            double[] after = GoldenMaps.Numbers(steps, "after_steps");
            for (int step = 0; step < gradients.Length; step++)
            {
                geometry.Descend(w, gradients[step], rate, w);
                int listed = Array.IndexOf(after, step + 1.0);
                if (listed >= 0)
                {
                    double worst = GoldenMaps.WorstRelative(expected[listed], w);
                    Assert.True(worst <= 1e-12, $"{geometry.Potential.Name}, step {step + 1}: {worst}");
                    compared++;
                }
            }
        }

        Assert.Equal(6 * 3, compared);
    }
}
