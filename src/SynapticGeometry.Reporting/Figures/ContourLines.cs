namespace SynapticGeometry.Reporting;

/// <summary>Lines of equal height of a function known on a grid, by marching squares.</summary>
public static class ContourLines
{
    /// <summary>The line at a level as separate pieces, for <see cref="FigurePanel.Line"/>: NaN stands between them.</summary>
    /// <param name="xs">m abscissae of the grid, increasing.</param>
    /// <param name="ys">n ordinates of the grid, increasing.</param>
    /// <param name="values">m · n values; that at (x, y) stands at index of x + m · index of y. Cells with a value that is not finite are left out.</param>
    /// <param name="level">The level.</param>
    /// <exception cref="ArgumentException">There are not m · n values.</exception>
    public static (double[] X, double[] Y) At(IReadOnlyList<double> xs, IReadOnlyList<double> ys, IReadOnlyList<double> values, double level)
    {
        ArgumentNullException.ThrowIfNull(xs);
        ArgumentNullException.ThrowIfNull(ys);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != xs.Count * ys.Count)
        {
            throw new ArgumentException($"{values.Count} values on a grid of {xs.Count} by {ys.Count}; {xs.Count * ys.Count} are needed.", nameof(values));
        }

        List<double> lineX = [], lineY = [];
        List<(double X, double Y)> crossings = [];
        for (int row = 0; row + 1 < ys.Count; row++)
        {
            for (int column = 0; column + 1 < xs.Count; column++)
            {
                Cross(xs, ys, values, level, column, row, crossings);

                // Four crossings are a saddle: the pairs keep to the order around the cell.
                for (int k = 0; k + 1 < crossings.Count; k += 2)
                {
                    lineX.AddRange([crossings[k].X, crossings[k + 1].X, double.NaN]);
                    lineY.AddRange([crossings[k].Y, crossings[k + 1].Y, double.NaN]);
                }
            }
        }

        return ([.. lineX], [.. lineY]);
    }

    // Where the level is crossed on the four edges of a cell, in order around it.
    private static void Cross(
        IReadOnlyList<double> xs, IReadOnlyList<double> ys, IReadOnlyList<double> values, double level, int column, int row, List<(double X, double Y)> crossings)
    {
        crossings.Clear();
        ReadOnlySpan<(int Column, int Row)> corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
        for (int k = 0; k < 4; k++)
        {
            (int Column, int Row) a = corners[k], b = corners[(k + 1) % 4];
            double at = values[a.Column + (xs.Count * a.Row)], to = values[b.Column + (xs.Count * b.Row)];
            if (!double.IsFinite(at) || !double.IsFinite(to))
            {
                crossings.Clear();
                return;
            }

            if (at < level != to < level)
            {
                double share = (level - at) / (to - at);
                crossings.Add((xs[a.Column] + (share * (xs[b.Column] - xs[a.Column])), ys[a.Row] + (share * (ys[b.Row] - ys[a.Row]))));
            }
        }
    }
}
