namespace SynapticGeometry;

/// <summary>
/// K, the probability of passing from each grid point into each cell within one interval: K_jk = Φ((y(e_{k+1}) − y_j − m_j)/s_j) − Φ((y(e_k) − y_j − m_j)/s_j).
/// The outermost cells take what lies beyond, except what falls to a size of zero, which is gone; so no probability is lost.
/// </summary>
internal sealed class SizeTransitionMatrix(SizeGrid grid)
{
    // Beyond, a double cannot hold the normal tail.
    private const double TailEnd = 38;

    private readonly double[] values = new double[grid.Count * grid.Count];
    private readonly double[] dual = new double[grid.Count];
    private readonly double[] edge = new double[grid.Count + 1];
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

    /// <summary>Row j.</summary>
    public ReadOnlySpan<double> Row(int j) => values.AsSpan(j * grid.Count, grid.Count);

    /// <summary>Computes K.</summary>
    /// <param name="law">The law of change.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <returns>False where the law has no finite numbers on the grid.</returns>
    public bool Fill(ChangeLaw law, ReadOnlySpan<double> parameters)
    {
        int count = grid.Count;
        ReadOnlySpan<double> shape = parameters[..law.ShapeCount];
        law.Dual(shape, grid.Points, dual, []);
        law.Dual(shape, grid.Edges, edge, []);
        law.Change(parameters, grid.Points, mean, spread);
        (double zero, double infinity) = law.Range(shape);
        edge[0] = zero;
        edge[count] = infinity;
        for (int j = 0; j < count; j++)
        {
            double centre = dual[j] + mean[j], s = spread[j];
            if (!double.IsFinite(centre) || !(s > 0))
            {
                return false;
            }

            // Rows are narrow: only edges within reach are worth a tail.
            int first = LowerBound(centre - (TailEnd * s)), end = LowerBound(centre + (TailEnd * s));
            first = Math.Max(0, first - 1);
            end = Math.Min(count, end);
            int edges = end - first + 1;
            Span<double> at = z.AsSpan(0, edges), t = tail.AsSpan(0, edges);
            for (int k = 0; k < edges; k++)
            {
                at[k] = (edge[first + k] - centre) / s;
                t[k] = -Math.Abs(at[k]);
            }

            NormalDistribution.Cdf(t, t);
            Span<double> row = values.AsSpan(j * count, count);
            row[..first].Clear();
            row[end..].Clear();
            for (int k = 0; k + 1 < edges; k++)
            {
                // Differences of the smaller tail keep their accuracy far out.
                row[first + k] = at[k] >= 0 ? t[k] - t[k + 1] : at[k + 1] <= 0 ? t[k + 1] - t[k] : 1 - t[k] - t[k + 1];
            }

            Gone[j] = first == 0 && double.IsFinite(zero) ? NormalDistribution.Cdf((zero - centre) / s) : 0;
            First[j] = first;
            End[j] = end;
        }

        return true;
    }

    private int LowerBound(double value)
    {
        int at = Array.BinarySearch(edge, value);
        return at < 0 ? ~at : at;
    }
}
