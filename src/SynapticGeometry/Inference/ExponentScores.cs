using System.Numerics.Tensors;
using MathNet.Numerics.Distributions;

namespace SynapticGeometry;

/// <summary>
/// The efficient score of the exponent: each pair's derivative of its log density with respect to λ, less what the drift and the
/// spread can mimic. Its empirical variance gives the sandwich standard error, which holds for residuals that are not normal and,
/// summed over groups, for pairs that are not independent. For small changes the score is (z² − 1)(u − ū).
/// </summary>
/// <remarks>Source: Huber 1967, White 1982; for groups Liang and Zeger 1986.</remarks>
internal static class ExponentScores
{
    // The mean square of the score is known to a thousandth from a million pairs; more of them without groups are thinned evenly.
    private const int MaximumCount = 1_000_000;

    /// <summary>What the residuals and scores at λ̂ say.</summary>
    /// <param name="RobustStandardError">Sandwich standard error of λ̂.</param>
    /// <param name="Units">Number of independent units: groups, or pairs.</param>
    /// <param name="Skewness">Skewness of the residuals.</param>
    /// <param name="Kurtosis">Kurtosis of the residuals; 3 for a normal distribution.</param>
    /// <param name="Grouped">Whether the units are groups.</param>
    public sealed record Summary(double RobustStandardError, int Units, double Skewness, double Kurtosis, bool Grouped)
    {
        /// <summary>95 % interval; over groups with Student's t of as many degrees of freedom as groups less one.</summary>
        public Interval Interval(double estimate) => ExponentScores.RobustInterval(estimate, RobustStandardError, Grouped ? Units : null);
    }

    /// <summary>95 % interval from a robust standard error; over groups with Student's t of as many degrees of freedom as groups less one.</summary>
    /// <param name="estimate">The estimate.</param>
    /// <param name="standardError">Its robust standard error.</param>
    /// <param name="groups">Number of groups it is over; null over synapses.</param>
    public static Interval RobustInterval(double estimate, double standardError, int? groups)
    {
        double z = groups is not { } g ? NormalDistribution.Quantile(0.975)
            : g > 1 ? StudentT.InvCDF(0, 1, g - 1, 0.975) : double.PositiveInfinity;
        double reach = double.IsFinite(standardError) ? z * standardError : double.PositiveInfinity;
        return new Interval(estimate - reach, estimate + reach);
    }

    /// <summary>Squared ratio of the robust to the model's standard error, at least 1: what to divide a likelihood ratio by.</summary>
    public static double Inflation(double robustStandardError, double standardError)
    {
        double ratio = robustStandardError / standardError;
        return double.IsFinite(ratio) ? Math.Max(1, ratio * ratio) : 1;
    }

    /// <summary>Computes the summary at the maximum of a profile.</summary>
    /// <param name="all">The pairs of the profile.</param>
    /// <param name="profile">A maximised profile.</param>
    /// <param name="drift">The drift it was fitted with.</param>
    /// <param name="threads">Threads.</param>
    public static Summary Compute(PairedWeights all, ExponentProfile profile, Drift drift, int threads)
    {
        double lambda = profile.Estimate;
        PairedWeights pairs = all.GroupOf is null ? all.Thin(MaximumCount) : all;
        ScaleFit fit = ScaleFit.Run(new PowerScale(lambda), pairs, drift, threads)!;

        // Central differences in λ; the columns are smooth in λ, so that the error is of order 1e-9.
        double step = Math.Min(1e-4, pairs.HasFlips ? 0.1 * lambda : 1e-4);
        ChangeScale[] scales = [new PowerScale(lambda - step), new PowerScale(lambda), new PowerScale(lambda + step)];
        int columns = drift == Drift.Constant ? 1 : 3;
        double[] beta = fit.Coefficients[..columns].ToArray();
        int n = pairs.Count;
        double variance = fit.Variance;
        (double meanSize, double sizeSquares) = SizeMoments(pairs.LogSize);

        // The score of a pair is s = p₀ − Σ gₖ pₖ, with p₀ its derivative in λ and pₖ those in the nuisance parameters (the columns' β, ln σ),
        // and weights g known only after all pairs are seen. The sum of s² is a quadratic form in g: one pass over the pairs is enough.
        int parts = columns + 2;
        IReadOnlyList<int>? groupOf = pairs.GroupOf;
        double[]? groupParts = groupOf is null ? null : new double[pairs.GroupNames.Count * parts];
        var partial = new double[Chunks.Count(n)][];
        void Visit(int chunk, int begin, int count)
        {
            var sums = new double[4 + columns + (columns * columns) + (parts * parts)];
            var p = new double[parts];
            Walk(begin, count, (i, e, m, x, dx, logJacobianSlope) =>
            {
                sums[0] += e * m;
                sums[1] += e * e;
                sums[2] += e * e * e;
                sums[3] += e * e * e * e;
                for (int a = 0; a < columns; a++)
                {
                    sums[4 + a] -= (m * x[a]) + (e * dx[a]);
                    for (int b = 0; b < columns; b++)
                    {
                        sums[4 + columns + (a * columns) + b] += x[a] * x[b];
                    }

                    p[1 + a] = e * x[a] / variance;
                }

                p[0] = (-e * m / variance) + logJacobianSlope;
                p[^1] = (e * e / variance) - 1;
                if (groupParts is not null)
                {
                    int at = groupOf![i] * parts;
                    for (int k = 0; k < parts; k++)
                    {
                        groupParts[at + k] += p[k];
                    }

                    return;
                }

                // A pair of extreme size pulls λ̂ towards itself, which makes its own score small: divide by what is left, as HC3 does.
                // No pair counts for more than twice its score: beyond a leverage of one half the correction is no longer one.
                double u = pairs.LogSize[i] - meanSize;
                double leverage = 1 / (1 - Math.Min(0.5, (1.0 / n) + (u * u / sizeSquares)));
                int quadratic = 4 + columns + (columns * columns);
                for (int k = 0; k < parts; k++)
                {
                    for (int l = 0; l < parts; l++)
                    {
                        sums[quadratic++] += leverage * leverage * p[k] * p[l];
                    }
                }
            });
            partial[chunk] = sums;
        }

        if (groupParts is null)
        {
            Chunks.For(n, threads, Visit);
        }
        else
        {
            // The sums of a group run over several chunks: in order, so that they do not depend on the threads.
            for (int chunk = 0; chunk < partial.Length; chunk++)
            {
                int begin = chunk * Chunks.Length;
                Visit(chunk, begin, Math.Min(Chunks.Length, n - begin));
            }
        }

        double[] total = new double[partial[0].Length];
        foreach (double[] sums in partial)
        {
            for (int i = 0; i < total.Length; i++)
            {
                total[i] += sums[i];
            }
        }

        var weights = new double[parts];
        weights[0] = 1;
        double[] project = new double[columns];
        NormalEquations.Solve(total.AsSpan(4 + columns, columns * columns), total.AsSpan(4, columns), project);
        for (int a = 0; a < columns; a++)
        {
            weights[1 + a] = -project[a];
        }

        weights[^1] = total[0] / variance / n;
        int units = groupParts is null ? n : pairs.GroupNames.Count;
        double meat = groupParts is null ? Quadratic(total.AsSpan(4 + columns + (columns * columns)), weights) : SumOfSquares(groupParts, weights);
        double se = units > 1
            ? Math.Sqrt(meat * ((double)all.Count / n) * units / (units - 1.0)) * profile.StandardError * profile.StandardError
            : double.PositiveInfinity;
        double sd = Math.Sqrt(variance);
        return new Summary(se, units, total[2] / n / (variance * sd), total[3] / n / (variance * variance), groupParts is not null);

        // Calls the visitor with index, residual, ∂residual/∂λ, columns, ∂columns/∂λ and ∂ln Jacobian/∂λ of each pair of a chunk.
        void Walk(int begin, int count, Visitor visit)
        {
            var buffers = new double[3][];
            for (int k = 0; k < 3; k++)
            {
                buffers[k] = new double[5 * ChangeBlock.MaximumLength];
            }

            Span<double> x = stackalloc double[columns], dx = stackalloc double[columns];
            int end = begin + count;
            for (int start = begin; start < end; start += ChangeBlock.MaximumLength)
            {
                int length = Math.Min(ChangeBlock.MaximumLength, end - start);
                ChangeBlock lower = ChangeBlock.In(buffers[0], length), here = ChangeBlock.In(buffers[1], length), upper = ChangeBlock.In(buffers[2], length);
                scales[0].Evaluate(pairs, start, lower);
                scales[1].Evaluate(pairs, start, here);
                scales[2].Evaluate(pairs, start, upper);
                double half = 0.5 / step;
                for (int i = 0; i < length; i++)
                {
                    (x[0], dx[0]) = (here.Constant[i], (upper.Constant[i] - lower.Constant[i]) * half);
                    if (columns == 3)
                    {
                        (x[1], dx[1]) = (here.Relative[i], (upper.Relative[i] - lower.Relative[i]) * half);
                        (x[2], dx[2]) = (here.Reversion[i], (upper.Reversion[i] - lower.Reversion[i]) * half);
                    }

                    double e = here.Change[i], m = (upper.Change[i] - lower.Change[i]) * half;
                    for (int a = 0; a < columns; a++)
                    {
                        e -= beta[a] * x[a];
                        m -= beta[a] * dx[a];
                    }

                    visit(start + i, e, m, x, dx, (upper.LogJacobian[i] - lower.LogJacobian[i]) * half);
                }
            }
        }
    }

    private static (double Mean, double Squares) SizeMoments(ReadOnlySpan<double> sizes)
    {
        double mean = TensorPrimitives.Sum(sizes) / sizes.Length;
        return (mean, TensorPrimitives.SumOfSquares(sizes) - (sizes.Length * mean * mean));
    }

    // wᵀ M w.
    private static double Quadratic(ReadOnlySpan<double> matrix, double[] weights)
    {
        double sum = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            sum += weights[k] * TensorPrimitives.Dot(matrix.Slice(k * weights.Length, weights.Length), weights);
        }

        return sum;
    }

    // Σ over groups of (w · parts)².
    private static double SumOfSquares(double[] groupParts, double[] weights)
    {
        double sum = 0;
        for (int g = 0; g < groupParts.Length; g += weights.Length)
        {
            double score = TensorPrimitives.Dot<double>(groupParts.AsSpan(g, weights.Length), weights);
            sum += score * score;
        }

        return sum;
    }

    private delegate void Visitor(int index, double e, double m, ReadOnlySpan<double> x, ReadOnlySpan<double> dx, double logJacobianSlope);
}
