using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

public sealed class MorphologyTests
{
    // A soma, a dendrite of 30 µm that forks into 40 and 50 µm.
    private static readonly MorphologyNode[] Fork =
        [
            new(1, 1, 0, 0, 0, 10, -1), new(2, 3, 30, 0, 0, 1, 1), new(3, 3, 70, 0, 0, 1, 2), new(4, 4, 30, 50, 0, 0.5, 2),
        ];

    [Fact]
    public void Path_distances_add_along_the_dendrite()
    {
        Morphology morphology = new(Fork);

        Assert.Equal([0, 30, 70, 80], morphology.PathDistances.ToArray());
        Assert.Equal([30, 40], new[] { morphology.Length(1), morphology.Length(2) });
        Assert.Equal((1, 1), morphology.Radii(1));
        Assert.Equal((0.5, 1), morphology.Radii(3));
    }

    [Fact]
    public void The_order_of_the_points_and_the_files_root_do_not_matter()
    {
        // The same tree rooted at the tip of a branch, points reversed.
        MorphologyNode[] rerooted = [Fork[3] with { Parent = 2 }, Fork[2] with { Parent = -1 }, Fork[1] with { Parent = 3 }, Fork[0] with { Parent = 2 }];
        Morphology morphology = new(rerooted);

        Assert.Equal([80, 70, 30, 0], morphology.PathDistances.ToArray());
        PassiveCable one = new(new Morphology(Fork)), other = new(morphology);
        Vectors.Near([one.ToSoma[3], one.ToSoma[2], one.FromSoma[3]], [other.ToSoma[0], other.ToSoma[1], other.FromSoma[0]], 1e-14);
    }

    [Theory]
    [InlineData("1 1 0 0 0 1 -1\n2 3 1 0 0 1 3\n3 3 2 0 0 1 2", "in a loop")]
    [InlineData("1 1 0 0 0 1 2\n2 3 1 0 0 1 1", "in a loop")]
    [InlineData("1 1 0 0 0 1 -1\n2 3 1 0 0 1 7", "Point 2 of the morphology has the parent 7, which does not exist")]
    [InlineData("1 1 0 0 0 1 -1\n2 3 1 0 0 0 1", "radius 0 µm")]
    [InlineData("1 1 0 0 0 1 -1\n2 3 1 0 0 -1 1", "radius -1 µm")]
    [InlineData("1 1 0 0 0 1 -1\n2 3 nan 0 0 1 1", "must be finite")]
    [InlineData("1 1 0 0 0 1 -1\n2 3 1e200 0 0 1 1", "Point 2 of the morphology is farther from the soma than can be said")]
    [InlineData("1 1 0 0 0 1 -1\n1 3 1 0 0 1 1", "Point 1 of the morphology occurs twice")]
    [InlineData("1 1 0 0 0 1 -1\n2 3 1 0 0 1 -1", "two roots, points 1 and 2")]
    [InlineData("# nothing", "no points")]
    [InlineData("1 1 0 0 0 1", "line 1 has 6 numbers")]
    [InlineData("1 1 0 0 0 1 -1 4", "line 1: \"4\" stands where the line should end")]
    [InlineData("1 1 0 0 x 1 -1", "\"x\" stands where number 5 of 7 was expected")]
    [InlineData("1.5 1 0 0 0 1 -1", "the id is 1.5")]
    public void Files_that_are_not_one_tree_are_refused_with_the_place(string text, string reason)
    {
        string message = Assert.Throws<DataFileException>(() => SwcFile.Parse("cell.swc", text.Split('\n'))).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.StartsWith("cell.swc", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_text_only_the_readers_own_error_comes_out()
    {
        const string signs = "0123456789.-+eE \n\t,#x\0\uFEFF";
        const string sound = "# cell\n1 1 0 0 0 10 -1\n2 3 30 0 0 1 1\n3,3,70,0,0,1,2\n4\t4 3e1 50 0 .5 2\n";
        RandomSource random = new(17);
        int refused = 0;
        for (int k = 0; k < 3000; k++)
        {
            char[] text = sound.ToCharArray();
            for (int change = random.NextInt(3); change >= 0; change--)
            {
                text[random.NextInt(text.Length)] = signs[random.NextInt(signs.Length)];
            }

            try
            {
                SwcFile.Parse("cell.swc", new string(text).Split('\n'));
            }
            catch (DataFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 2999);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused() => Assert.Throws<DataFileException>(() => SwcFile.Read("no such file.swc"));

    [Theory]
    [InlineData("ca1_n120.swc", 2630, 12, 7461, 4430)]
    [InlineData("l5pc_with_axon.swc", 10617, 21, 4338, 9849)]
    [InlineData("l5_allen_485574832.swc", 3573, 1, 1378, 2788)]
    public void Real_cells_have_the_lengths_of_their_description(string file, int points, int soma, double basal, double apical)
    {
        Morphology cell = SwcFile.Read(SharedFiles.Require($"data/morphologies/{file}"));
        double Total(int type) => Enumerable.Range(0, points).Where(i => cell.Nodes[i].Type == type).Sum(cell.Length);

        Assert.Equal(points, cell.Nodes.Count);
        Assert.Equal(soma, cell.Nodes.Count(p => p.Type == Morphology.SomaType));
        Assert.InRange(Total(3), basal - 25, basal + 25);
        Assert.InRange(Total(4), apical - 25, apical + 25);
    }

    [Fact]
    public void In_a_real_cell_attenuation_only_grows_outwards_and_falls_with_distance()
    {
        Morphology cell = SwcFile.Read(SharedFiles.Require("data/morphologies/ca1_n120.swc"));
        PassiveCable cable = new(cell);
        for (int i = 0; i < cell.Nodes.Count; i++)
        {
            int next = cell.TowardsSoma(i);
            Assert.True(i == cell.Soma || (cable.ToSoma[i] <= cable.ToSoma[next] && cable.FromSoma[i] <= cable.FromSoma[next]));

            // Thin tips lose more on the way in than the soma's voltage loses on the way out.
            Assert.True(cable.ToSoma[i] is > 0 and <= 1 && cable.ToSoma[i] <= cable.FromSoma[i] + 1e-12);
        }

        int[] sites = cell.DrawSites(200, new RandomSource(2), 3, 4);
        DendriticWeights weights = cable.Weights(sites);
        Assert.All(sites, s => Assert.True(cell.Nodes[s].Type is 3 or 4));
        double[] far = [.. sites.Where(s => cell.PathDistances[s] > 300).Select(s => cable.ToSoma[s])], near = [.. sites.Where(s => cell.PathDistances[s] < 100).Select(s => cable.ToSoma[s])];
        Assert.True(far.Average() < near.Average() && weights.Attenuation.Min() > 0);
        Assert.Contains("has no cable of type 9", Assert.Throws<ArgumentException>(() => cell.DrawSites(1, new RandomSource(2), 9)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => cable.Weights([cell.Nodes.Count]));
    }

    [Fact]
    public void Sites_are_drawn_in_proportion_to_length()
    {
        // 40 µm of type 3 at point 2, 30 at point 1; 5 standard errors of 4/7 in 7000 draws: a false alarm in two million.
        int[] sites = new Morphology(Fork).DrawSites(7000, new RandomSource(4), 3);
        Assert.InRange(sites.Count(s => s == 2) - 4000, -5 * 41.4, 5 * 41.4);
        Assert.DoesNotContain(3, sites);
    }
}
