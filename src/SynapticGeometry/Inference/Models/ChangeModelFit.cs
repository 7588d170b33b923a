using MathNet.Numerics.LinearAlgebra;

namespace SynapticGeometry;

/// <summary>A model fitted by maximum likelihood, with the uncertainty of its parameters.</summary>
public sealed class ChangeModelFit
{
    // Half the 95 % point of χ² with one degree of freedom.
    private const double HalfChiSquared = ExponentProfile.LikelihoodDrop;

    private readonly Action<double[], double[]> evaluate;
    private readonly CancellationToken cancellation;
    private readonly double[] search;
    private readonly int[] free;
    private readonly LikelihoodMaximiser maximiser;
    private readonly Matrix<double> approximate;
    private Matrix<double>? modelCovariance;
    private Matrix<double>? robustCovariance;
    private bool[] undetermined = [];

    private ChangeModelFit(
        ChangeModel model, LongitudinalSizes sizes, Action<double[], double[]> evaluate, double[] search, int[] free, LikelihoodMaximiser maximiser, double value, Matrix<double> approximate, CancellationToken cancellation)
    {
        Model = model;
        Sizes = sizes;
        this.evaluate = evaluate;
        this.search = search;
        this.free = free;
        this.maximiser = maximiser;
        this.approximate = approximate;
        this.cancellation = cancellation;
        LogLikelihood = value;
        LogLikelihoods = maximiser.Units;
        Converged = maximiser.Converged;
        Parameters = Natural(model, search);
    }

    /// <summary>The model.</summary>
    public ChangeModel Model { get; }

    /// <summary>The data.</summary>
    public LongitudinalSizes Sizes { get; }

    /// <summary>The estimates, in the order of the model's parameters.</summary>
    public IReadOnlyList<double> Parameters { get; }

    /// <summary>Maximised log-likelihood, controls included.</summary>
    public double LogLikelihood { get; }

    /// <summary>Log-likelihood of each synapse, then of each control.</summary>
    public IReadOnlyList<double> LogLikelihoods { get; }

    /// <summary>Whether the search ended by its tolerance.</summary>
    public bool Converged { get; }

    /// <summary>Number of free parameters.</summary>
    public int FreeParameters => free.Length;

    /// <summary>Units the robust standard error treats as independent: groups where there are any (controls without a group count one each), else synapses.</summary>
    public int IndependentUnits => UnitsOf(Sizes).Units;

    /// <summary>The estimate of a parameter.</summary>
    /// <param name="name">Its name.</param>
    public double this[string name] => Parameters[IndexOf(name)];

    /// <summary>Standard error from the curvature of the likelihood; of a parameter searched on its logarithm, relative to its value times it. 0 for a fixed one, infinite where the data say nothing.</summary>
    /// <param name="name">Name of the parameter.</param>
    public double StandardError(string name) => Deviation(Covariance(), name);

    /// <summary>Sandwich standard error, over groups where there are any; 0 for a fixed parameter, infinite where the data say nothing.</summary>
    /// <param name="name">Name of the parameter.</param>
    public double RobustStandardError(string name) => Deviation(RobustCovariance(), name);

    /// <summary>
    /// 95 % likelihood interval: all values with 2 (L(θ̂) − L(θ)) ≤ 3.84, other parameters refitted. An end that the bounds of the parameter cut off is infinite.
    /// </summary>
    /// <param name="name">Name of a free parameter.</param>
    public Interval LikelihoodInterval(string name)
    {
        int at = IndexOf(name);
        int k = Array.IndexOf(free, at);
        if (k < 0)
        {
            throw new ArgumentException($"'{name}' is fixed; only a free parameter has an interval.", nameof(name));
        }

        var profile = new Profile(this, at, k);
        ModelParameter parameter = Model.Parameters[at];
        double low = profile.End(-1), high = profile.End(+1);
        return new Interval(
            double.IsFinite(low) ? parameter.FromSearch(low) : double.NegativeInfinity, double.IsFinite(high) ? parameter.FromSearch(high) : double.PositiveInfinity);
    }

    /// <summary>Starting values for a model near another's fit: parameters of the same name as there, the rest the model's own.</summary>
    internal static double[] StartNear(ChangeModel model, ChangeModelFit near, LongitudinalSizes sizes)
    {
        double[] start = model.Start(sizes);
        for (int i = 0; i < start.Length; i++)
        {
            int at = near.Model.Parameters.ToList().FindIndex(p => p.Name == model.Parameters[i].Name);

            // Drift columns of another law mean something else; their start at zero is as good.
            if (at >= 0 && !model.Parameters[i].Name.StartsWith("drift_", StringComparison.Ordinal))
            {
                start[i] = near.Parameters[at];
            }
        }

        return start;
    }

    internal static ChangeModelFit Run(ChangeModel model, LongitudinalSizes sizes, double[] start, CancellationToken cancellation, ChangeModelFit? near = null)
    {
        if (start.Length != model.Parameters.Count)
        {
            throw new ArgumentException($"{start.Length} starting values for {model.Parameters.Count} parameters.", nameof(start));
        }

        (double[] search, int[] free, Action<double[], double[]> evaluate, LikelihoodMaximiser maximiser, double value, Matrix<double> curvature) = Climb(model, sizes, start, near, cancellation);
        for (int round = 0; round < 8 && !model.IsPreparedFor(start, Natural(model, search)); round++)
        {
            start = Natural(model, search);
            (search, free, evaluate, maximiser, value, curvature) = Climb(model, sizes, start, null, cancellation);
        }

        return new ChangeModelFit(model, sizes, evaluate, search, free, maximiser, value, curvature, cancellation);
    }

    /// <summary>Only the parameters at the maximum; the start where the model gives the data probability zero.</summary>
    internal static double[] Maximum(ChangeModel model, LongitudinalSizes sizes, double[] start)
    {
        try
        {
            return Natural(model, Climb(model, sizes, start, null, CancellationToken.None).Search);
        }
        catch (UninformativeDataException)
        {
            return start;
        }
    }

    private static (double[] Search, int[] Free, Action<double[], double[]> Evaluate, LikelihoodMaximiser Maximiser, double Value, Matrix<double> Curvature) Climb(
        ChangeModel model, LongitudinalSizes sizes, double[] start, ChangeModelFit? near, CancellationToken cancellation)
    {
        double[] natural = [.. start.Select((v, i) => Math.Clamp(v, model.Parameters[i].Low, model.Parameters[i].High))];
        double[] search = [.. natural.Select((v, i) => model.Parameters[i].ToSearch(v))];
        int[] free = [.. Enumerable.Range(0, start.Length).Where(i => model.Parameters[i].Low < model.Parameters[i].High)];
        Action<double[], double[]> evaluate = model.Prepare(sizes, natural);
        LikelihoodMaximiser maximiser = Search(model, evaluate, sizes.TotalCount, free, cancellation);

        // Far-off changes may be impossible at the start: a wider law finds its way in.
        int change = model.Law.Parameters.Count - 1;
        for (int widening = 0; double.IsNegativeInfinity(maximiser.Value(search)) && widening < 12; widening++)
        {
            search[change] += Math.Log(1.5);
        }

        if (double.IsNegativeInfinity(maximiser.Value(search)))
        {
            throw new UninformativeDataException($"The {model.Name} model with the {model.Law.Name} law gives the data probability zero.");
        }

        Matrix<double>? curvature = near?.CurvatureFor(model, free, sizes.TotalCount);
        double value = maximiser.Maximise(search, ref curvature);
        return (search, free, evaluate, maximiser, value, curvature!);
    }

    private static LikelihoodMaximiser Search(ChangeModel model, Action<double[], double[]> evaluate, int units, int[] free, CancellationToken cancellation)
    {
        double[] natural = new double[model.Parameters.Count];
        return new LikelihoodMaximiser(
            (point, destination) =>
            {
                cancellation.ThrowIfCancellationRequested();
                for (int i = 0; i < natural.Length; i++)
                {
                    natural[i] = model.Parameters[i].FromSearch(point[i]);
                }

                evaluate(natural, destination);
            },
            units,
            free,
            (i, value) => model.Parameters[i].Bound(value));
    }

    // Of a fit of the same law to about the same data: a better start than the outer product of scores, and free.
    private Matrix<double>? CurvatureFor(ChangeModel model, int[] wanted, int count)
    {
        if (model.Name != Model.Name || model.Law.Name != Model.Law.Name || model.Law.Drift != Model.Law.Drift)
        {
            return null;
        }

        int[] at = [.. wanted.Select(i => Array.FindIndex(free, k => Model.Parameters[k].Name == model.Parameters[i].Name))];
        return at.Contains(-1) ? null : Matrix<double>.Build.Dense(at.Length, at.Length, (a, b) => approximate[at[a], at[b]] * count / Sizes.TotalCount);
    }

    private static double[] Natural(ChangeModel model, double[] search) => [.. search.Select((v, i) => model.Parameters[i].FromSearch(v))];

    // Most fits are wanted for their likelihood alone; the curvature costs as much as the search.
    private Matrix<double> Covariance()
    {
        if (modelCovariance is null)
        {
            Matrix<double> curvature = maximiser.Curvature(search, approximate);
            bool definite = curvature.ForAll(double.IsFinite) && curvature.Evd(Symmetricity.Symmetric).EigenValues.All(v => v.Real > 0);
            Matrix<double> scores = definite ? curvature : maximiser.Scores(search), information = definite ? curvature : scores.TransposeThisAndMultiply(scores);
            modelCovariance = LikelihoodMaximiser.Invert(information);
            undetermined = LikelihoodMaximiser.Undetermined(information);
        }

        return modelCovariance;
    }

    private Matrix<double> RobustCovariance()
    {
        if (robustCovariance is null)
        {
            Matrix<double> scores = maximiser.Scores(search), covariance = Covariance();
            (int[] unitOf, int count) = UnitsOf(Sizes);
            Matrix<double> summed = Matrix<double>.Build.Dense(count, scores.ColumnCount);
            for (int i = 0; i < unitOf.Length; i++)
            {
                for (int k = 0; k < scores.ColumnCount; k++)
                {
                    summed[unitOf[i], k] += scores[i, k];
                }
            }

            // Parameters fitted to n units leave n − p; of groups the correction is that for their number, however many controls there are.
            int groups = Sizes.GroupOf?.Distinct().Count() ?? 0;
            double correction = Sizes.GroupOf is null ? (double)count / Math.Max(1, count - free.Length)
                : groups > 1 ? groups / (groups - 1.0) : double.PositiveInfinity;
            robustCovariance = correction * (covariance * summed.TransposeThisAndMultiply(summed) * covariance);
        }

        return robustCovariance;
    }

    // A control belongs to the group of the same name where the synapses have one; else it is a unit of its own.
    private static (int[] UnitOf, int Units) UnitsOf(LongitudinalSizes sizes)
    {
        if (sizes.GroupOf is null)
        {
            return ([.. Enumerable.Range(0, sizes.TotalCount)], sizes.TotalCount);
        }

        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        var unitOf = new int[sizes.TotalCount];
        int lone = 0;
        for (int i = 0; i < unitOf.Length; i++)
        {
            bool control = i >= sizes.Count;
            LongitudinalSizes set = control ? sizes.Controls! : sizes;
            string name = set.GroupOf is { } of ? set.GroupNames[of[control ? i - sizes.Count : i]] : $"\u001f{lone++}";
            if (!index.TryGetValue(name, out unitOf[i]))
            {
                unitOf[i] = index.Count;
                index.Add(name, unitOf[i]);
            }
        }

        return (unitOf, index.Count);
    }

    private double Deviation(Matrix<double> matrix, string name)
    {
        int at = IndexOf(name), k = Array.IndexOf(free, at);
        if (k < 0)
        {
            return 0;
        }

        double deviation = undetermined[k] ? double.PositiveInfinity : Math.Sqrt(Math.Max(0, matrix[k, k]));
        return Model.Parameters[at].Scale == ParameterScale.Logarithmic ? deviation * Parameters[at] : deviation;
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < Model.Parameters.Count; i++)
        {
            if (Model.Parameters[i].Name == name)
            {
                return i;
            }
        }

        throw new ArgumentException($"The model has no parameter '{name}'; it has {string.Join(", ", Model.Parameters.Select(p => p.Name))}.", nameof(name));
    }

    /// <summary>The likelihood of one parameter with the others refitted.</summary>
    private sealed class Profile
    {
        private readonly ChangeModelFit fit;
        private readonly int at;
        private readonly int[] others;
        private readonly LikelihoodMaximiser maximiser;
        private readonly Vector<double> direction;
        private readonly Matrix<double> curvature;
        private readonly double deviation;

        public Profile(ChangeModelFit fit, int at, int k)
        {
            this.fit = fit;
            this.at = at;
            int[] rest = [.. Enumerable.Range(0, fit.free.Length).Where(j => j != k)];
            others = [.. rest.Select(j => fit.free[j])];
            maximiser = Search(fit.Model, fit.evaluate, fit.Sizes.TotalCount, others, fit.cancellation);
            Matrix<double> c = fit.Covariance();
            deviation = Math.Max(Math.Sqrt(c[k, k]), 1e-6);

            // Along the ridge the others move with the parameter by Cov(other, parameter)/Var(parameter).
            direction = Vector<double>.Build.Dense(rest.Length, j => c[rest[j], k] / (deviation * deviation));
            Matrix<double> full = LikelihoodMaximiser.Invert(c);
            curvature = Matrix<double>.Build.Dense(rest.Length, rest.Length, (a, b) => full[rest[a], rest[b]]);
        }

        public double End(int side)
        {
            ModelParameter parameter = fit.Model.Parameters[at];
            double bound = parameter.ToSearch(side < 0 ? parameter.Low : parameter.High), centre = fit.search[at];
            double[] warm = [.. fit.search];
            double inside = centre, insideDrop = 0, step = 1.96 * deviation;
            double outside = Limit(centre + (side * step)), outsideDrop = Drop(outside, warm);
            for (int tries = 0; outsideDrop < HalfChiSquared; tries++)
            {
                if (outside == bound || tries > 40)
                {
                    return side * double.PositiveInfinity;
                }

                // Where the drop grows as a square, this lands a little beyond the end.
                double reach = Math.Abs(outside - centre);
                double guess = outsideDrop > 0.05 ? reach * Math.Min(3, 1.03 * Math.Sqrt(HalfChiSquared / outsideDrop)) : 2 * reach;
                (inside, insideDrop) = (outside, outsideDrop);
                outside = Limit(centre + (side * Math.Max(guess, 1.02 * reach)));
                outsideDrop = Drop(outside, warm);
            }

            // Secant on the square root of the drop, which is close to straight; bisection where it is not.
            for (int i = 0; i < 30 && Math.Abs(outside - inside) > 2e-3 * deviation; i++)
            {
                double a = Math.Sqrt(Math.Max(0, insideDrop)), b = Math.Sqrt(outsideDrop), target = Math.Sqrt(HalfChiSquared);
                double share = i % 4 == 3 ? 0.5 : Math.Clamp((target - a) / (b - a), 0.02, 0.98);
                double middle = inside + (share * (outside - inside)), drop = Drop(middle, warm);
                if (Math.Abs(drop - HalfChiSquared) < 2e-3)
                {
                    return middle;
                }

                if (drop < HalfChiSquared)
                {
                    (inside, insideDrop) = (middle, drop);
                }
                else
                {
                    (outside, outsideDrop) = (middle, drop);
                }
            }

            return inside + ((outside - inside) * (HalfChiSquared - insideDrop) / Math.Max(1e-12, outsideDrop - insideDrop));

            double Limit(double value) => side < 0 ? Math.Max(bound, value) : Math.Min(bound, value);
        }

        private double Drop(double value, double[] warm)
        {
            double[] point = [.. fit.search];
            point[at] = value;
            for (int j = 0; j < others.Length; j++)
            {
                point[others[j]] = fit.Model.Parameters[others[j]].Bound(fit.search[others[j]] + (direction[j] * (value - fit.search[at])));
            }

            if (double.IsNegativeInfinity(maximiser.Value(point)))
            {
                Array.Copy(warm, point, point.Length);
                point[at] = value;
                if (double.IsNegativeInfinity(maximiser.Value(point)))
                {
                    return double.PositiveInfinity;
                }
            }

            Matrix<double>? start = curvature.Clone();
            double best = maximiser.Maximise(point, ref start);
            Array.Copy(point, warm, point.Length);
            return fit.LogLikelihood - best;
        }
    }
}
