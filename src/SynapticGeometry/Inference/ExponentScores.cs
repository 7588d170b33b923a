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
    /// <summary>What the residuals and scores at λ̂ say.</summary>
    /// <param name="RobustStandardError">Sandwich standard error of λ̂.</param>
    /// <param name="Units">Number of independent units: groups, or pairs.</param>
    /// <param name="Skewness">Skewness of the residuals.</param>
    /// <param name="Kurtosis">Kurtosis of the residuals; 3 for a normal distribution.</param>
    /// <param name="Grouped">Whether the units are groups.</param>
    public sealed record Summary(double RobustStandardError, int Units, double Skewness, double Kurtosis, bool Grouped)
    {
        /// <summary>95 % interval; over groups with Student's t of as many degrees of freedom as groups less one.</summary>
        public Interval Interval(double estimate)
        {
            double z = !Grouped ? NormalDistribution.Quantile(0.975)
                : Units > 1 ? StudentT.InvCDF(0, 1, Units - 1, 0.975) : double.PositiveInfinity;
            double reach = double.IsFinite(RobustStandardError) ? z * RobustStandardError : double.PositiveInfinity;
            return new Interval(estimate - reach, estimate + reach);
        }

        /// <summary>Squared ratio of the robust to the model's standard error, at least 1: what to divide a likelihood ratio by.</summary>
        public double Inflation(double standardError)
        {
            double ratio = RobustStandardError / standardError;
            return double.IsFinite(ratio) ? Math.Max(1, ratio * ratio) : 1;
        }
    }

    /// <summary>Computes the summary at the maximum of a profile.</summary>
    /// <param name="pairs">The pairs of the profile.</param>
    /// <param name="profile">A maximised profile.</param>
    /// <param name="drift">The drift it was fitted with.</param>
    /// <param name="threads">Threads.</param>
    public static Summary Compute(PairedWeights pairs, ExponentProfile profile, Drift drift, int threads)
    {
        double lambda = profile.Estimate;
        ScaleFit fit = profile.Fit(lambda)!;

        // Central differences in λ; the columns are smooth in λ, so that the error is of order 1e-9.
        double step = Math.Min(1e-4, pairs.HasFlips ? 0.1 * lambda : 1e-4);
        ChangeScale[] scales = [new PowerScale(lambda - step), new PowerScale(lambda), new PowerScale(lambda + step)];
        int columns = drift == Drift.Constant ? 1 : 3;
        double[] beta = fit.Coefficients[..columns].ToArray();
        int n = pairs.Count, chunks = Chunks.Count(n);

        var partial = new double[chunks][];
        Chunks.For(n, threads, (c, begin, count) =>
        {
            var sums = new double[4 + columns + (columns * columns)];
            Walk(begin, count, (_, e, m, x, dx, _) =>
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
                }
            });
            partial[c] = sums;
        });

        double[] total = partial.Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);
        double variance = total[1] / n;
        var project = new double[columns];
        NormalEquations.Solve(total.AsSpan(4 + columns), total.AsSpan(4, columns), project);
        double spread = -2 * total[0] / variance / (2.0 * n);

        double meanSize = 0, sizeSquares = pairs.SizeSpread * pairs.SizeSpread * (n - 1.0);
        foreach (double u in pairs.LogSize)
        {
            meanSize += u / n;
        }

        var groups = pairs.GroupOf is null ? null : new double[pairs.GroupNames.Count];
        double[]? scores = groups is null ? null : new double[n];
        var squares = new double[chunks];
        Chunks.For(n, threads, (c, begin, count) =>
        {
            double sum = 0;
            Walk(begin, count, (i, e, m, x, _, logJacobianSlope) =>
            {
                double score = (-e * m / variance) + logJacobianSlope - (spread * ((e * e / variance) - 1));
                for (int a = 0; a < columns; a++)
                {
                    score -= project[a] * e * x[a] / variance;
                }

                // A pair of extreme size pulls λ̂ towards itself, which makes its own score small: divide by what is left, as HC3 does.
                double u = pairs.LogSize[i] - meanSize;
                score /= 1 - Math.Min(0.5, (1.0 / n) + (u * u / sizeSquares));
                sum += score * score;
                if (scores is not null)
                {
                    scores[i] = score;
                }
            });
            squares[c] = sum;
        });

        double meat = squares.Sum();
        int units = n;
        if (groups is not null)
        {
            for (int i = 0; i < n; i++)
            {
                groups[pairs.GroupOf![i]] += scores![i];
            }

            units = groups.Length;
            meat = groups.Sum(g => g * g);
        }

        double se = units > 1
            ? Math.Sqrt(meat * units / (units - 1.0)) * profile.StandardError * profile.StandardError
            : double.PositiveInfinity;
        double sd = Math.Sqrt(variance);
        return new Summary(se, units, total[2] / n / (variance * sd), total[3] / n / (variance * variance), groups is not null);

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

    private delegate void Visitor(int index, double e, double m, ReadOnlySpan<double> x, ReadOnlySpan<double> dx, double logJacobianSlope);
}
