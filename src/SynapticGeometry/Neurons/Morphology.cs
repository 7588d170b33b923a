namespace SynapticGeometry;

/// <summary>One point of a reconstructed neuron, as in an SWC file.</summary>
/// <param name="Id">Its number in the file.</param>
/// <param name="Type">1 soma, 2 axon, 3 basal dendrite, 4 apical dendrite; others as the file means them.</param>
/// <param name="X">µm.</param>
/// <param name="Y">µm.</param>
/// <param name="Z">µm.</param>
/// <param name="Radius">µm, positive.</param>
/// <param name="Parent">The number of the point it is connected to; −1 for the root.</param>
public readonly record struct MorphologyNode(int Id, int Type, double X, double Y, double Z, double Radius, int Parent);

/// <summary>
/// A reconstructed neuron: a tree of points with radii, seen from the soma. Every point but the soma is joined by one cable, a
/// truncated cone, to the next point towards the soma.
/// </summary>
/// <remarks>
/// The soma is the first point of type 1, or the root where there is none. A cable between a point of the soma and one that is not has
/// the latter's radius throughout, as is usual for SWC. Points are indexed from 0 in the order given.
/// </remarks>
public sealed class Morphology
{
    /// <summary>The type of a point of the soma.</summary>
    public const int SomaType = 1;

    private readonly MorphologyNode[] nodes;
    private readonly int[] towardsSoma;
    private readonly int[] outwards;
    private readonly double[] distances;

    /// <summary>Builds and checks the tree.</summary>
    /// <param name="nodes">The points, in any order.</param>
    /// <exception cref="ArgumentException">
    /// There is no point, a number occurs twice, a parent is missing, there are several roots or none, points form a loop, a radius is not
    /// positive, or a number or a distance is not finite; the message names the point.
    /// </exception>
    public Morphology(IReadOnlyList<MorphologyNode> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        this.nodes = [.. nodes];
        int n = this.nodes.Length;
        int[] parents = Parents(this.nodes);
        Soma = Math.Max(0, Array.FindIndex(this.nodes, p => p.Type == SomaType));
        if (this.nodes[Soma].Type != SomaType)
        {
            Soma = Array.FindIndex(this.nodes, p => p.Parent == -1);
        }

        // Breadth first from the soma, which need not be the file's root.
        ILookup<int, int> children = Enumerable.Range(0, n).Where(i => parents[i] >= 0).ToLookup(i => parents[i]);
        towardsSoma = new int[n];
        Array.Fill(towardsSoma, -1);
        distances = new double[n];
        outwards = new int[n];
        outwards[0] = Soma;
        int found = 1;
        for (int k = 0; k < found; k++)
        {
            int at = outwards[k];
            foreach (int next in children[at].Concat(parents[at] >= 0 ? [parents[at]] : []))
            {
                if (next == towardsSoma[at])
                {
                    continue;
                }

                towardsSoma[next] = at;
                distances[next] = distances[at] + Length(next);
                if (!double.IsFinite(distances[next]))
                {
                    throw new ArgumentException($"Point {this.nodes[next].Id} of the morphology is farther from the soma than can be said in µm.");
                }

                outwards[found++] = next;
            }
        }
    }

    /// <summary>The points, in the order given.</summary>
    public IReadOnlyList<MorphologyNode> Nodes => nodes;

    /// <summary>Index of the soma's point from which distances are taken.</summary>
    public int Soma { get; }

    /// <summary>Path distance of each point to the centre of the soma along the cables, µm.</summary>
    public ReadOnlySpan<double> PathDistances => distances;

    /// <summary>Indices of all points, the soma first and each after the next one towards the soma.</summary>
    public ReadOnlySpan<int> Outwards => outwards;

    /// <summary>Index of the next point towards the soma; −1 for the soma.</summary>
    /// <param name="node">Index of a point.</param>
    public int TowardsSoma(int node) => towardsSoma[node];

    /// <summary>Length of the cable from a point to the next one towards the soma, µm; 0 for the soma.</summary>
    /// <param name="node">Index of a point.</param>
    public double Length(int node)
    {
        int next = towardsSoma[node];
        if (next < 0)
        {
            return 0;
        }

        (MorphologyNode a, MorphologyNode b) = (nodes[node], nodes[next]);
        (double x, double y, double z) = (a.X - b.X, a.Y - b.Y, a.Z - b.Z);
        return Math.Sqrt((x * x) + (y * y) + (z * z));
    }

    /// <summary>Radii of the cable from a point to the next one towards the soma: at the point, and at the next one, µm.</summary>
    /// <param name="node">Index of a point other than the soma.</param>
    /// <exception cref="ArgumentOutOfRangeException">The point is the soma, which has no such cable.</exception>
    public (double Far, double Near) Radii(int node)
    {
        int next = towardsSoma[node];
        if (next < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(node), $"Point {node} is the soma; no cable leads from it towards the soma.");
        }

        (MorphologyNode a, MorphologyNode b) = (nodes[node], nodes[next]);
        return (a.Type == SomaType) == (b.Type == SomaType) ? (a.Radius, b.Radius)
            : a.Type == SomaType ? (b.Radius, b.Radius)
            : (a.Radius, a.Radius);
    }

    /// <summary>Places for synapses, drawn uniformly along the cables of some types.</summary>
    /// <param name="count">Number of synapses, at least 1.</param>
    /// <param name="random">The source.</param>
    /// <param name="types">Types of points, such as 3 and 4 for the dendrites.</param>
    /// <returns>Index of the point at the far end of the cable that each synapse sits on.</returns>
    /// <exception cref="ArgumentException">There is no cable of these types.</exception>
    public int[] DrawSites(int count, RandomSource random, params ReadOnlySpan<int> types)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(random);
        int[] wanted = types.ToArray(), candidates = [.. Enumerable.Range(0, nodes.Length).Where(i => wanted.Contains(nodes[i].Type) && Length(i) > 0)];
        if (candidates.Length == 0)
        {
            throw new ArgumentException($"The morphology has no cable of type {string.Join(" or ", wanted)}; it has points of type {string.Join(", ", nodes.Select(p => p.Type).Distinct().Order())}.", nameof(types));
        }

        double[] ends = new double[candidates.Length];
        double total = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            ends[i] = total += Length(candidates[i]);
        }

        int[] sites = new int[count];
        for (int k = 0; k < count; k++)
        {
            int at = Array.BinarySearch(ends, random.NextDouble() * total);
            sites[k] = candidates[Math.Min(at < 0 ? ~at : at + 1, candidates.Length - 1)];
        }

        return sites;
    }

    private static int[] Parents(MorphologyNode[] nodes)
    {
        if (nodes.Length == 0)
        {
            throw new ArgumentException("The morphology has no points.");
        }

        Dictionary<int, int> index = [];
        for (int i = 0; i < nodes.Length; i++)
        {
            MorphologyNode p = nodes[i];
            if (!index.TryAdd(p.Id, i))
            {
                throw new ArgumentException($"Point {p.Id} of the morphology occurs twice.");
            }

            if (!double.IsFinite(p.X) || !double.IsFinite(p.Y) || !double.IsFinite(p.Z) || !(p.Radius > 0) || !double.IsFinite(p.Radius))
            {
                throw new ArgumentException($"Point {p.Id} of the morphology is at ({p.X}, {p.Y}, {p.Z}) µm with radius {p.Radius} µm; all must be finite, the radius positive.");
            }
        }

        int root = -1;
        int[] parents = new int[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            MorphologyNode p = nodes[i];
            parents[i] = p.Parent == -1 ? -1
                : index.TryGetValue(p.Parent, out int parent) ? parent
                : throw new ArgumentException($"Point {p.Id} of the morphology has the parent {p.Parent}, which does not exist.");
            if (p.Parent == -1 && root >= 0)
            {
                throw new ArgumentException($"The morphology has two roots, points {nodes[root].Id} and {p.Id}; it must be one tree.");
            }

            root = p.Parent == -1 ? i : root;
        }

        // From each point the parents must lead to the root; a walk that meets itself is a loop.
        int[] walk = new int[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            for (int at = i; at >= 0 && walk[at] != -1; at = parents[at])
            {
                if (walk[at] == i + 1)
                {
                    throw new ArgumentException($"Point {nodes[at].Id} of the morphology is in a loop: its parents lead back to it.");
                }

                walk[at] = i + 1;
            }

            for (int at = i; at >= 0 && walk[at] != -1; at = parents[at])
            {
                walk[at] = -1;
            }
        }

        return parents;
    }
}
