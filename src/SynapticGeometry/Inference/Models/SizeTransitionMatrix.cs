using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>
/// K, the probability of passing from each grid point into each cell within one interval: K_jk = Φ((y(e_{k+1}) − y_j − m_j)/s_j) − Φ((y(e_k) − y_j − m_j)/s_j).
/// The outermost cells take what lies beyond, except what falls to a size of zero, which is gone; so no probability is lost. In log size u, going into cells adds
/// a variance of h²/12, which s gives up beforehand; where the grid blurs sizes after a change,
/// s gains the blur η at the size arrived at: y(e − η) ≈ y(e) − y′(e) η + y″(e) η²/2.
/// </summary>
internal sealed class SizeTransitionMatrix(SizeGrid grid)
{
    // Beyond, a double cannot hold the normal tail.
    private const double TailEnd = 38;

    // A last vector may be read past the end of the last row.
    private readonly double[] values = new double[(grid.Count * grid.Count) + Vector<double>.Count];
    private readonly double[] dual = new double[grid.Count];
    private readonly double[] logSlope = new double[grid.Count];
    private readonly double[] edge = new double[grid.Count + 1];
    private readonly double[] edgeLogSlope = new double[grid.Count + 1];
    private readonly double[] gained = new double[grid.Count + 1];
    private readonly double[] mean = new double[grid.Count];
    private readonly double[] spread = new double[grid.Count];
    private readonly double[] z = new double[grid.Count + 1];
    private readonly double[] tail = new double[grid.Count + 1];

    /// <summary>Probability that a synapse at a grid point shrinks to nothing.</summary>
    public double[] Gone { get; } = new double[grid.Count];

    /// <summary>First cell of each row that can be reached.</summary>
    public int[] First { get; } = new int[grid.Count];

    /// <summary>One past the last cell of each row that can be reached.</summary>
    public int[] End { get; } = new int[grid.Count];

    /// <summary>Row j, with a vector more behind it: of use where what it is multiplied with is zero.</summary>
    public ReadOnlySpan<double> Row(int j) => values.AsSpan(j * grid.Count, grid.Count + Vector<double>.Count);

    /// <summary>Computes K.</summary>
    /// <param name="law">The law of change.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="from">First column wanted of each row, or empty for all; others hold numbers without meaning.</param>
    /// <param name="to">One past the last column wanted of each row; not above <paramref name="from"/> where the row is not wanted at all.</param>
    /// <returns>False where the law has no finite numbers on the grid.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Fill(ChangeLaw law, ReadOnlySpan<double> parameters, ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        int count = grid.Count;
        ReadOnlySpan<double> shape = parameters[..law.ShapeCount];
        law.Dual(shape, grid.Points, dual, logSlope);
        law.Dual(shape, grid.Edges, edge, edgeLogSlope);
        law.Change(parameters, grid.Points, mean, spread);
        double zero = law.Range(shape).Zero;
        edge[0] = zero;
        edge[count] = double.PositiveInfinity;
        for (int k = 1; k < count && grid.Blurred; k++)
        {
            double variance = grid.Blur - (grid.Step * grid.Step / 12), slope = Math.Exp(edgeLogSlope[k]);
            double curvature = slope * (edgeLogSlope[k + 1] - edgeLogSlope[k - 1]) / (2 * grid.Step);
            gained[k] = variance * slope * slope;
            edge[k] += 0.5 * variance * curvature;
        }

        // The cells below the first and above the last edge end at zero and infinity, whatever the blur.
        (gained[0], gained[count]) = (0, 0);
        for (int j = 0; j < count; j++)
        {
            double centre = dual[j] + mean[j], s = OnGrid(spread[j], logSlope[j]);
            if (!double.IsFinite(centre) || !(s > 0 && double.IsFinite(s)))
            {
                return false;
            }

            Gone[j] = double.IsFinite(zero) ? NormalDistribution.Cdf((zero - centre) / s) : 0;
            (int lowest, int highest) = from.IsEmpty ? (0, count) : (from[j], to[j]);
            Span<double> row = values.AsSpan(j * count, count);
            if (lowest >= highest)
            {
                continue;
            }

            // Rows are narrow: only edges within reach are worth a tail.
            double reach = TailEnd * Math.Sqrt((s * s) + gained[Math.Min(j + 1, count - 1)]);
            int first = Math.Clamp(LowerBound(centre - reach) - 1, lowest, highest), end = Math.Clamp(LowerBound(centre + reach), first, highest);
            row[lowest..first].Clear();
            row[end..highest].Clear();
            (First[j], End[j]) = (first, end);
            if (first == end)
            {
                continue;
            }

            int edges = end - first + 1;
            Span<double> at = z.AsSpan(0, edges), t = tail.AsSpan(0, edges);
            Standardise(edge.AsSpan(first, edges), gained.AsSpan(first, edges), centre, s * s, at);
            TensorPrimitives.Abs<double>(at, t);
            TensorPrimitives.Negate<double>(t, t);
            NormalDistribution.Cdf(t, t);
            for (int k = 0; k + 1 < edges; k++)
            {
                // Differences of the smaller tail keep their accuracy far out.
                row[first + k] = at[k] >= 0 ? t[k] - t[k + 1] : at[k + 1] <= 0 ? t[k + 1] - t[k] : 1 - t[k] - t[k + 1];
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Standardise(ReadOnlySpan<double> edges, ReadOnlySpan<double> gained, double centre, double variance, Span<double> z)
    {
        int k = 0;
        for (; k + Vector<double>.Count <= z.Length; k += Vector<double>.Count)
        {
            Vector<double> s = Vector.SquareRoot(new Vector<double>(gained[k..]) + new Vector<double>(variance));
            ((new Vector<double>(edges[k..]) - new Vector<double>(centre)) / s).CopyTo(z[k..]);
        }

        for (; k < z.Length; k++)
        {
            z[k] = (edges[k] - centre) / Math.Sqrt(gained[k] + variance);
        }
    }

    // Without a blur s gives up the variance of a cell; s² − h²/12 in log size must not become negative.
    private double OnGrid(double s, double logSlope)
    {
        double own = s * Math.Exp(-logSlope);
        return grid.Blurred ? s : s * own / Math.Sqrt((own * own) + (grid.Step * grid.Step / 12));
    }

    private int LowerBound(double value)
    {
        int at = Array.BinarySearch(edge, value);
        return at < 0 ? ~at : at;
    }
}
