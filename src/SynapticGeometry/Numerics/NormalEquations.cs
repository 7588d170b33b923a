namespace SynapticGeometry;

/// <summary>Least squares in a few columns from their inner products.</summary>
internal static class NormalEquations
{
    // A column whose part outside the earlier ones is below this share of it is a copy of them.
    private const double CollinearShare = 1e-10;

    /// <summary>
    /// Solves G β = m by Cholesky of G scaled to unit diagonal. A column that the earlier ones explain is dropped: its β is 0.
    /// </summary>
    /// <param name="gram">G, k by k inner products of the columns, symmetric.</param>
    /// <param name="moments">m, k inner products with the response.</param>
    /// <param name="beta">β, k coefficients.</param>
    /// <returns>The number of columns kept.</returns>
    public static int Solve(ReadOnlySpan<double> gram, ReadOnlySpan<double> moments, Span<double> beta)
    {
        int k = moments.Length, rank = 0;
        Span<double> size = stackalloc double[k];
        Span<double> l = stackalloc double[k * k];
        Span<double> y = stackalloc double[k];
        Span<bool> kept = stackalloc bool[k];
        l.Clear();
        kept.Clear();
        beta.Clear();
        for (int a = 0; a < k; a++)
        {
            size[a] = Math.Sqrt(gram[(a * k) + a]);
            if (!(size[a] > 0) || !double.IsFinite(size[a]))
            {
                continue;
            }

            double left = 1, rhs = moments[a] / size[a];
            for (int b = 0; b < a; b++)
            {
                if (!kept[b])
                {
                    continue;
                }

                double dot = gram[(a * k) + b] / (size[a] * size[b]);
                for (int c = 0; c < b; c++)
                {
                    dot -= l[(a * k) + c] * l[(b * k) + c];
                }

                l[(a * k) + b] = dot / l[(b * k) + b];
                left -= l[(a * k) + b] * l[(a * k) + b];
                rhs -= l[(a * k) + b] * y[b];
            }

            if (left < CollinearShare)
            {
                l.Slice(a * k, k).Clear();
                continue;
            }

            kept[a] = true;
            l[(a * k) + a] = Math.Sqrt(left);
            y[a] = rhs / l[(a * k) + a];
            rank++;
        }

        for (int a = k - 1; a >= 0; a--)
        {
            if (!kept[a])
            {
                continue;
            }

            double value = y[a];
            for (int b = a + 1; b < k; b++)
            {
                value -= l[(b * k) + a] * beta[b] * size[b];
            }

            beta[a] = value / (l[(a * k) + a] * size[a]);
        }

        return rank;
    }
}
