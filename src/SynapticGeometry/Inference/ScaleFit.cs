using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>
/// The normal model on one <see cref="ChangeScale"/>: D ~ N(Xβ, σ²), β and σ at their maximum-likelihood values. Source:
/// statistics of a Box-Cox type likelihood with its Jacobian; the mean columns are the drift of <see cref="Drift"/>.
/// </summary>
internal sealed class ScaleFit
{
    // A residual sum of squares below this share of the total has lost too many digits as a difference.
    private const double CancellationShare = 1e-7;

    // A pair whose residual is below this share of its change is fitted exactly, as far as its weights' digits tell.
    private const double ExactShare = 1e-9;

    private readonly ChangeScale scale;
    private readonly PairedWeights pairs;
    private readonly int columns;
    private readonly double[] beta;

    private ScaleFit(ChangeScale scale, PairedWeights pairs, int columns, Sums sums, out bool exact)
    {
        exact = false;
        this.scale = scale;
        this.pairs = pairs;
        this.columns = columns;
        int n = pairs.Count;
        Span<double> gram = stackalloc double[columns * columns];
        Span<double> moments = stackalloc double[columns];
        double explained = 0;
        for (int a = 0; a < columns; a++)
        {
            moments[a] = sums.ColumnChange(a);
            for (int b = 0; b < columns; b++)
            {
                gram[(a * columns) + b] = sums.ColumnColumn(a, b);
            }
        }

        beta = new double[3];
        int rank = NormalEquations.Solve(gram, moments, beta.AsSpan(0, columns));
        for (int a = 0; a < columns; a++)
        {
            explained += beta[a] * moments[a];
        }

        double residual = sums.ChangeChange - explained;
        if (residual <= CancellationShare * sums.ChangeChange)
        {
            residual = ResidualsOnce(out exact);
        }

        Rank = rank;
        Variance = residual / n;
        LogLikelihood = double.IsFinite(residual) && double.IsFinite(sums.LogJacobian)
            ? (-0.5 * n * (Math.Log(2 * Math.PI * Variance) + 1)) + sums.LogJacobian - (n * pairs.LogGeometricMean)
            : double.NegativeInfinity;
    }

    private ScaleFit(ScaleFit fitted, PairedWeights other)
    {
        (scale, pairs, columns, beta) = (fitted.scale, other, fitted.columns, fitted.beta);
        (LogLikelihood, Variance, Rank) = (double.NaN, fitted.Variance, fitted.Rank);
    }

    /// <summary>Maximised log-likelihood of the weights after, in the unit of the input.</summary>
    public double LogLikelihood { get; }

    /// <summary>σ², the mean squared residual.</summary>
    public double Variance { get; }

    /// <summary>Number of mean columns that are not copies of one another.</summary>
    public int Rank { get; }

    /// <summary>β of the three columns; 0 for one that was dropped.</summary>
    public ReadOnlySpan<double> Coefficients => beta;

    /// <summary>Fits the model; null where the data are impossible on the scale. The changes D of all pairs are left in <paramref name="changes"/>.</summary>
    /// <exception cref="UninformativeDataException">The changes have no spread on the scale.</exception>
    public static ScaleFit? Run(ChangeScale scale, PairedWeights pairs, Drift drift, int threads, double[]? changes = null)
    {
        if (scale.Forbids(pairs))
        {
            return null;
        }

        int columns = drift == Drift.Constant ? 1 : 3;
        var fit = new ScaleFit(scale, pairs, columns, Accumulate(scale, pairs, columns, threads, changes), out bool exact);
        if (exact)
        {
            throw new UninformativeDataException(
                "The changes are an exact function of the weights before, without any spread: there is no distribution of changes to infer a geometry from.");
        }

        return fit;
    }

    /// <summary>
    /// The model with its β and σ, to be evaluated on other pairs of the same set (<see cref="PairedWeights.Part"/>); null where they are
    /// impossible on the scale. It has no likelihood of its own.
    /// </summary>
    public ScaleFit? On(PairedWeights other) => scale.Forbids(other) ? null : new ScaleFit(this, other);

    /// <summary>The residuals D − Xβ of consecutive pairs.</summary>
    public void Residuals(int start, Span<double> destination) =>
        ForBlocks(start, destination.Length, destination, static (fit, block, target) => fit.Subtract(block, target));

    /// <summary>ln f(w after | w before) of consecutive pairs, in the unit of the input.</summary>
    public void LogDensities(int start, Span<double> destination) =>
        ForBlocks(start, destination.Length, destination, static (fit, block, target) =>
        {
            fit.Subtract(block, target);
            double log = (-0.5 * Math.Log(2 * Math.PI * fit.Variance)) - fit.pairs.LogGeometricMean;
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = log - (target[i] * target[i] / (2 * fit.Variance)) + block.LogJacobian[i];
            }
        });

    /// <summary>The mean Xβ of the change of consecutive pairs.</summary>
    public void Means(int start, Span<double> destination) =>
        ForBlocks(start, destination.Length, destination, static (fit, block, target) =>
        {
            fit.Subtract(block, target);
            TensorPrimitives.Subtract(block.Change, target, target);
        });

    // Far from the best exponent a few extreme weights may dominate every sum; then only the residuals themselves are accurate.
    private double ResidualsOnce(out bool exact)
    {
        Span<double> residuals = stackalloc double[ChangeBlock.MaximumLength];
        double sum = 0;
        bool all = true;
        for (int start = 0; start < pairs.Count; start += ChangeBlock.MaximumLength)
        {
            Span<double> part = residuals[..Math.Min(ChangeBlock.MaximumLength, pairs.Count - start)];
            ForBlocks(start, part.Length, part, (fit, block, target) =>
            {
                fit.Subtract(block, target);
                for (int i = 0; i < target.Length && all; i++)
                {
                    all = Math.Abs(target[i]) <= ExactShare * Math.Abs(block.Change[i]);
                }
            });
            sum += TensorPrimitives.SumOfSquares<double>(part);
        }

        exact = all;
        return sum;
    }

    private delegate void BlockAction(ScaleFit fit, ChangeBlock block, Span<double> target);

    [SkipLocalsInit]
    private void ForBlocks(int start, int length, Span<double> destination, BlockAction action)
    {
        Span<double> buffer = stackalloc double[5 * ChangeBlock.MaximumLength];
        for (int i = 0; i < length; i += ChangeBlock.MaximumLength)
        {
            int count = Math.Min(ChangeBlock.MaximumLength, length - i);
            ChangeBlock block = ChangeBlock.In(buffer, count);
            scale.Evaluate(pairs, start + i, block);
            action(this, block, destination.Slice(i, count));
        }
    }

    private void Subtract(ChangeBlock block, Span<double> target)
    {
        TensorPrimitives.MultiplyAdd(block.Constant, -beta[0], block.Change, target);
        if (columns == 3)
        {
            TensorPrimitives.MultiplyAdd(block.Relative, -beta[1], target, target);
            TensorPrimitives.MultiplyAdd(block.Reversion, -beta[2], target, target);
        }
    }

    private static Sums Accumulate(ChangeScale scale, PairedWeights pairs, int columns, int threads, double[]? changes)
    {
        int n = pairs.Count;
        var partial = new Sums[Chunks.Count(n)];
        Chunks.For(n, threads, (c, start, length) => partial[c] = AccumulateChunk(scale, pairs, columns, start, length, changes));
        var total = default(Sums);
        foreach (Sums p in partial)
        {
            total.Add(p);
        }

        return total;
    }

    [SkipLocalsInit]
    private static Sums AccumulateChunk(ChangeScale scale, PairedWeights pairs, int columns, int start, int length, double[]? changes)
    {
        Span<double> buffer = stackalloc double[5 * ChangeBlock.MaximumLength];
        var sums = default(Sums);
        for (int i = 0; i < length; i += ChangeBlock.MaximumLength)
        {
            ChangeBlock block = ChangeBlock.In(buffer, Math.Min(ChangeBlock.MaximumLength, length - i));
            scale.Evaluate(pairs, start + i, block);
            sums.Add(block, columns);
            if (changes is not null)
            {
                block.Change.CopyTo(changes.AsSpan(start + i));
            }
        }

        return sums;
    }

    /// <summary>Sums of products of the columns and the change: all that least squares needs.</summary>
    private struct Sums
    {
        private double c00, c01, c02, c11, c12, c22, d0, d1, d2;

        public double ChangeChange { get; private set; }

        public double LogJacobian { get; private set; }

        public void Add(ChangeBlock block, int columns)
        {
            ReadOnlySpan<double> d = block.Change, c = block.Constant, r = block.Relative, v = block.Reversion;
            ChangeChange += TensorPrimitives.SumOfSquares(d);
            LogJacobian += TensorPrimitives.Sum<double>(block.LogJacobian);
            c00 += TensorPrimitives.SumOfSquares(c);
            d0 += TensorPrimitives.Dot(c, d);
            if (columns == 3)
            {
                c01 += TensorPrimitives.Dot(c, r);
                c02 += TensorPrimitives.Dot(c, v);
                c11 += TensorPrimitives.SumOfSquares(r);
                c12 += TensorPrimitives.Dot(r, v);
                c22 += TensorPrimitives.SumOfSquares(v);
                d1 += TensorPrimitives.Dot(r, d);
                d2 += TensorPrimitives.Dot(v, d);
            }
        }

        public void Add(Sums other)
        {
            ChangeChange += other.ChangeChange;
            LogJacobian += other.LogJacobian;
            c00 += other.c00;
            c01 += other.c01;
            c02 += other.c02;
            c11 += other.c11;
            c12 += other.c12;
            c22 += other.c22;
            d0 += other.d0;
            d1 += other.d1;
            d2 += other.d2;
        }

        public readonly double ColumnChange(int a) => a switch { 0 => d0, 1 => d1, _ => d2 };

        public readonly double ColumnColumn(int a, int b) => (Math.Min(a, b), Math.Max(a, b)) switch
        {
            (0, 0) => c00,
            (0, 1) => c01,
            (0, 2) => c02,
            (1, 1) => c11,
            (1, 2) => c12,
            _ => c22,
        };
    }
}
