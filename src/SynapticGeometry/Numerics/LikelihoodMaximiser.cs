using MathNet.Numerics.LinearAlgebra;

namespace SynapticGeometry;

/// <summary>
/// Maximises Σᵢ ℓᵢ(θ) of smooth log-likelihoods of independent units: quasi-Newton steps (BFGS) that start from the outer product of the units' scores,
/// which is the expected Hessian where the model is right. Scores are central differences.
/// </summary>
internal sealed class LikelihoodMaximiser
{
    // ∂ℓ by central differences: the best step for a function exact to 1e-13 or so, on parameters that are of order 1.
    private const double ScoreStep = 2e-5;
    private const int MaximumIterations = 80;

    // Stops where the quadratic model promises a gain below this: a ten-thousandth of what a confidence limit is about.
    private const double GainTolerance = 1e-5;

    private readonly Action<double[], double[]> evaluate;
    private readonly Func<int, double, double> bound;
    private readonly int[] free;
    private readonly double[] scratch;
    private readonly double[] scratchMinus;

    /// <summary>Creates a search.</summary>
    /// <param name="evaluate">Fills the second array with ℓᵢ at the parameters in the first; −∞ or NaN where they are impossible.</param>
    /// <param name="units">Number of ℓᵢ.</param>
    /// <param name="free">Indices of the parameters to move.</param>
    /// <param name="bound">Moves a value of a parameter into its bounds.</param>
    public LikelihoodMaximiser(Action<double[], double[]> evaluate, int units, int[] free, Func<int, double, double> bound)
    {
        this.evaluate = evaluate;
        this.free = free;
        this.bound = bound;
        scratch = new double[units];
        scratchMinus = new double[units];
        Units = new double[units];
    }

    /// <summary>ℓᵢ at the last maximum.</summary>
    public double[] Units { get; private set; }

    /// <summary>Whether the last search ended by its tolerance.</summary>
    public bool Converged { get; private set; }

    /// <summary>The sum of ℓᵢ, −∞ where the parameters are impossible.</summary>
    public double Value(double[] parameters)
    {
        evaluate(parameters, scratch);
        return Total(scratch);
    }

    /// <summary>Moves the free parameters to the maximum; returns its value.</summary>
    /// <param name="parameters">Start in, maximum out.</param>
    /// <param name="curvature">
    /// Curvature (minus Hessian) of the free parameters to start from, or null for the outer product of scores; the last approximation comes back.
    /// </param>
    public double Maximise(double[] parameters, ref Matrix<double>? curvature)
    {
        double[] current = new double[Units.Length];
        evaluate(parameters, current);
        double value = Total(current);
        if (double.IsNegativeInfinity(value))
        {
            throw new InvalidOperationException("The search cannot start where the likelihood is zero.");
        }

        int p = free.Length;
        Converged = p == 0;
        Matrix<double> scores = Scores(parameters);
        Vector<double> gradient = scores.ColumnSums();
        Matrix<double> shape = curvature ?? scores.TransposeThisAndMultiply(scores);
        for (int iteration = 0; iteration < MaximumIterations && p > 0; iteration++)
        {
            bool[] blocked = Blocked(parameters, gradient);
            Vector<double> step = Solve(shape, gradient, blocked);
            double gain = step * gradient;
            if (!(gain > GainTolerance))
            {
                Converged = true;
                break;
            }

            double scale = 1;
            double[]? next = null;
            double nextValue = double.NegativeInfinity;
            for (int halving = 0; halving < 40; halving++, scale /= 2)
            {
                next = Moved(parameters, step, scale);
                evaluate(next, scratch);
                nextValue = Total(scratch);
                if (nextValue >= value + (1e-4 * scale * gain))
                {
                    break;
                }
            }

            if (!(nextValue > value))
            {
                // No step along the gradient gains anything that rounding leaves visible.
                Converged = gain < 1e-2;
                break;
            }

            Array.Copy(scratch, current, current.Length);
            Vector<double> move = Vector<double>.Build.Dense(p, k => next![free[k]] - parameters[free[k]]);
            double rise = nextValue - value;
            Array.Copy(next!, parameters, parameters.Length);
            value = nextValue;
            Vector<double> before = gradient;
            scores = Scores(parameters);
            gradient = scores.ColumnSums();
            Update(shape, move, before - gradient);
            if (rise < 1e-9 && gain < 1e-3)
            {
                Converged = true;
                break;
            }
        }

        Units = current;
        curvature = shape;
        return value;
    }

    /// <summary>Scores ∂ℓᵢ/∂θ of the free parameters: units by parameters.</summary>
    public Matrix<double> Scores(double[] parameters)
    {
        int n = Units.Length;
        Matrix<double> scores = Matrix<double>.Build.Dense(n, free.Length);
        double[] plus = scratch, minus = scratchMinus;
        for (int k = 0; k < free.Length; k++)
        {
            double centre = parameters[free[k]];
            double high = bound(free[k], centre + ScoreStep), low = bound(free[k], centre - ScoreStep);
            parameters[free[k]] = high;
            evaluate(parameters, plus);
            parameters[free[k]] = low;
            evaluate(parameters, minus);
            parameters[free[k]] = centre;
            double inverse = 1 / (high - low);
            for (int i = 0; i < n; i++)
            {
                double slope = (plus[i] - minus[i]) * inverse;
                scores[i, k] = double.IsFinite(slope) ? slope : 0;
            }
        }

        return scores;
    }

    /// <summary>Minus the Hessian of the free parameters, by second differences with steps that are a part of each standard error.</summary>
    public Matrix<double> Curvature(double[] parameters, Matrix<double> approximate)
    {
        int p = free.Length;
        Matrix<double> inverse = Invert(approximate);
        double[] h = [.. Enumerable.Range(0, p).Select(k => Math.Clamp(0.2 * Math.Sqrt(Math.Max(0, inverse[k, k])), 1e-4, 0.3))];
        double centre = Value(parameters);
        Matrix<double> result = Matrix<double>.Build.Dense(p, p);
        double[] moved = [.. parameters];
        double At(int a, double da, int b, double db)
        {
            Array.Copy(parameters, moved, moved.Length);
            moved[free[a]] += da;
            moved[free[b]] += db;
            return Value(moved);
        }

        for (int a = 0; a < p; a++)
        {
            double up = At(a, h[a], a, 0), down = At(a, -h[a], a, 0);
            result[a, a] = ((2 * centre) - up - down) / (h[a] * h[a]);
            for (int b = 0; b < a; b++)
            {
                double mixed = (At(a, h[a], b, h[b]) + At(a, -h[a], b, -h[b]) - At(a, h[a], b, -h[b]) - At(a, -h[a], b, h[b])) / (4 * h[a] * h[b]);
                result[a, b] = result[b, a] = -mixed;
            }
        }

        return result;
    }

    /// <summary>The inverse of a symmetric matrix on the directions that have information; 0 on the others.</summary>
    public static Matrix<double> Invert(Matrix<double> symmetric)
    {
        MathNet.Numerics.LinearAlgebra.Factorization.Evd<double> evd = symmetric.Evd(Symmetricity.Symmetric);
        Vector<double> inverse = Vector<double>.Build.Dense(evd.EigenValues.Count, k => HasInformation(evd, k) ? 1 / evd.EigenValues[k].Real : 0);
        return evd.EigenVectors * Matrix<double>.Build.DenseOfDiagonalVector(inverse) * evd.EigenVectors.Transpose();
    }

    /// <summary>Of each parameter, whether it can move along a direction without information: its standard error is then infinite.</summary>
    public static bool[] Undetermined(Matrix<double> information)
    {
        MathNet.Numerics.LinearAlgebra.Factorization.Evd<double> evd = information.Evd(Symmetricity.Symmetric);
        int p = information.RowCount;
        return [.. Enumerable.Range(0, p).Select(i => Enumerable.Range(0, p).Any(k => !HasInformation(evd, k) && Math.Abs(evd.EigenVectors[i, k]) > 1e-3))];
    }

    private static bool HasInformation(MathNet.Numerics.LinearAlgebra.Factorization.Evd<double> evd, int k) =>
        evd.EigenValues[k].Real > 1e-12 * evd.EigenValues.Max(v => v.Real);

    private static double Total(double[] units)
    {
        var sum = new CompensatedSum();
        foreach (double unit in units)
        {
            if (!double.IsFinite(unit))
            {
                return double.NegativeInfinity;
            }

            sum.Add(unit);
        }

        return sum.Value;
    }

    private bool[] Blocked(double[] parameters, Vector<double> gradient)
    {
        var blocked = new bool[free.Length];
        for (int k = 0; k < free.Length; k++)
        {
            double at = parameters[free[k]], ahead = at + (1e-9 * Math.Sign(gradient[k]));
            blocked[k] = bound(free[k], ahead) != ahead;
        }

        return blocked;
    }

    private double[] Moved(double[] parameters, Vector<double> step, double scale)
    {
        double[] moved = [.. parameters];
        for (int k = 0; k < free.Length; k++)
        {
            moved[free[k]] = bound(free[k], parameters[free[k]] + (scale * step[k]));
        }

        return moved;
    }

    // Scaled to a unit diagonal, with a little of it added: collinear directions then make short steps instead of wild ones.
    private static Vector<double> Solve(Matrix<double> shape, Vector<double> gradient, bool[] blocked)
    {
        int p = gradient.Count;
        int[] open = [.. Enumerable.Range(0, p).Where(k => !blocked[k])];
        Vector<double> step = Vector<double>.Build.Dense(p);
        if (open.Length == 0)
        {
            return step;
        }

        double[] size = [.. open.Select(k => Math.Sqrt(Math.Max(shape[k, k], 1e-12)))];
        Matrix<double> scaled = Matrix<double>.Build.Dense(open.Length, open.Length, (a, b) => (shape[open[a], open[b]] / (size[a] * size[b])) + (a == b ? 1e-8 : 0));
        Vector<double> solved = scaled.Solve(Vector<double>.Build.Dense(open.Length, a => gradient[open[a]] / size[a]));
        for (int a = 0; a < open.Length; a++)
        {
            step[open[a]] = solved[a] / size[a];
        }

        return step;
    }

    // BFGS in the form for the curvature itself, so that bounds can be taken out of it.
    private static void Update(Matrix<double> shape, Vector<double> move, Vector<double> change)
    {
        double along = move * change;
        Vector<double> image = shape * move;
        double quadratic = move * image;
        if (along <= 1e-3 * quadratic || quadratic <= 0)
        {
            return;
        }

        shape.Subtract(image.OuterProduct(image) / quadratic, shape);
        shape.Add(change.OuterProduct(change) / along, shape);
    }
}
