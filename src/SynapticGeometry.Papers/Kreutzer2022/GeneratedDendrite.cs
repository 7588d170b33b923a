namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>A dendritic tree grown from a seed: a soma, basal dendrites, and an apical trunk with oblique branches and a tuft.</summary>
internal static class GeneratedDendrite
{
    private const int Basal = 3, Apical = 4;
    private const double Piece = 10, SomaRadius = 8;

    /// <summary>Grows a tree in a plane; lengths in µm.</summary>
    public static Morphology Grow(RandomSource random)
    {
        List<MorphologyNode> nodes = [new(1, Morphology.SomaType, 0, 0, 0, SomaRadius, -1)];
        double[] stems = [-2.75, -2.2, -1.6, -0.95, -0.4];
        foreach (double direction in stems)
        {
            Branch(nodes, random, Basal, 0, direction + (0.15 * random.NextNormal()), 60, 1.1, 3);
        }

        // The trunk, oblique branches to alternating sides, and the tuft at its end.
        int at = 0;
        for (int part = 0; part < 4; part++)
        {
            at = Cable(nodes, random, Apical, at, Math.PI / 2, 70, 2.0 - (0.25 * part));
            if (part < 3)
            {
                Branch(nodes, random, Apical, at, (Math.PI / 2) + (part % 2 == 0 ? 1.1 : -1.1), 70, 0.6, 1);
            }
        }

        Branch(nodes, random, Apical, at, (Math.PI / 2) + 0.45, 70, 0.9, 2);
        Branch(nodes, random, Apical, at, (Math.PI / 2) - 0.45, 70, 0.9, 2);
        return new Morphology(nodes);
    }

    // A cable that divides into two at its end, as often as it may.
    private static void Branch(List<MorphologyNode> nodes, RandomSource random, int type, int from, double direction, double length, double radius, int divisions)
    {
        int end = Cable(nodes, random, type, from, direction, length * (0.8 + (0.4 * random.NextDouble())), radius);
        if (divisions > 0)
        {
            double spread = 0.3 + (0.2 * random.NextDouble());
            Branch(nodes, random, type, end, direction + spread, length, 0.75 * radius, divisions - 1);
            Branch(nodes, random, type, end, direction - spread, length, 0.75 * radius, divisions - 1);
        }
    }

    // Pieces of about 10 µm in a wavering direction; returns the index of the last.
    private static int Cable(List<MorphologyNode> nodes, RandomSource random, int type, int from, double direction, double length, double radius)
    {
        int pieces = Math.Max(1, (int)Math.Round(length / Piece));
        for (int k = 0; k < pieces; k++)
        {
            MorphologyNode near = nodes[from];
            double angle = direction + (0.12 * random.NextNormal()), step = from == 0 ? Piece + SomaRadius : Piece;
            nodes.Add(new(nodes.Count + 1, type, near.X + (step * Math.Cos(angle)), near.Y + (step * Math.Sin(angle)), 0, radius, near.Id));
            from = nodes.Count - 1;
        }

        return from;
    }
}
