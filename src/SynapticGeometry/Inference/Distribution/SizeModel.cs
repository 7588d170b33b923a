namespace SynapticGeometry;

/// <summary>A parameter as a reader wants to see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; NaN where it is not a number, as a constant below zero size.</param>
public sealed record SizeParameter(string Name, double Value);

/// <summary>
/// How sizes seen at one time point came about: an initial distribution, and a normal change of the dual weights under a geometry. Sizes
/// that reach zero, or fall below the detection limit, are not seen; what is modelled is the distribution of those that are.
/// </summary>
/// <remarks>
/// Parameters are numbers without bounds of their own, stated at a reference size r: dual changes are relative changes of a synapse of
/// size r, and sizes are in units of r. Derive from <see cref="DistributedStart"/>'s <see cref="InitialLaw"/> to add an initial
/// distribution. Source: Pogodin et al. 2024, on weight distributions at one time point.
/// </remarks>
public abstract class SizeModel
{
    // ln of the smallest and the largest spread tried, as a share of the reference size.
    internal const double LogSmallestSpread = -7, LogLargestSpread = 7;

    private const double Tolerance = 1e-7;

    // Of a refitted replicate: a hundredth of a unit of log-likelihood changes no statistic that one could see.
    private const double RoughTolerance = 1e-2;

    private protected SizeModel(Potential potential, double reference)
    {
        Axis = new DualAxis(potential, reference);
        (Potential, Reference) = (potential, reference);
    }

    /// <summary>The geometry of the change.</summary>
    public Potential Potential { get; }

    /// <summary>The reference size r, in the unit of the sizes.</summary>
    public double Reference { get; }

    /// <summary>Name of the initial distribution: "one-constant", "two-constants", "normal", "log-normal", or a user's own.</summary>
    public abstract string Initial { get; }

    /// <summary>Initial distribution and geometry, such as "one-constant, 2-norm".</summary>
    public virtual string Name => $"{Initial}, {Potential.Name}";

    /// <summary>Number of parameters.</summary>
    public abstract int ParameterCount { get; }

    internal DualAxis Axis { get; }

    /// <summary>The distribution of sizes seen.</summary>
    /// <param name="parameters">As many as <see cref="ParameterCount"/>.</param>
    /// <param name="limit">Detection limit in the unit of the sizes; 0 for none.</param>
    /// <param name="smallest">Smallest log size ln(w/r) of interest: density and shares are wanted from here ...</param>
    /// <param name="largest">... to here.</param>
    /// <returns>The distribution, or null where the parameters are not allowed.</returns>
    public abstract SizeDistribution? At(ReadOnlySpan<double> parameters, double limit, double smallest, double largest);

    /// <summary>The parameters in words and units of the sizes.</summary>
    /// <param name="parameters">The parameters.</param>
    public abstract IReadOnlyList<SizeParameter> Describe(ReadOnlySpan<double> parameters);

    /// <summary>Σ ln f(w) over the sizes of a sample, in the unit of the sizes; −∞ where the parameters are not allowed.</summary>
    /// <param name="sample">The sizes.</param>
    /// <param name="parameters">The parameters.</param>
    public double LogLikelihood(SizeSample sample, ReadOnlySpan<double> parameters)
    {
        ArgumentNullException.ThrowIfNull(sample);
        double sum = 0;
        foreach (double d in LogDensities(sample, parameters) ?? [double.NegativeInfinity])
        {
            sum += d;
        }

        return sum;
    }

    /// <summary>Draws sizes.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="count">Number of sizes, at least 1.</param>
    /// <param name="limit">Detection limit in the unit of the sizes; 0 for none.</param>
    /// <param name="random">Source of random numbers.</param>
    /// <returns>Sizes in the unit of the reference size, in no order.</returns>
    /// <exception cref="ArgumentException">The parameters are not allowed.</exception>
    public double[] Simulate(ReadOnlySpan<double> parameters, int count, double limit, RandomSource random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(random);
        SizeDistribution distribution = At(parameters, limit, -1, 1)
            ?? throw new ArgumentException($"The parameters {string.Join(", ", parameters.ToArray())} are outside what {Name} allows.", nameof(parameters));
        var sizes = new double[count];
        for (int i = 0; i < count; i++)
        {
            sizes[i] = Reference * Math.Exp(distribution.Draw(random));
        }

        return sizes;
    }

    /// <summary>Fits by maximum likelihood.</summary>
    /// <param name="sample">The sizes.</param>
    /// <exception cref="UninformativeDataException">No starting point has a likelihood.</exception>
    public SizeModelFit Fit(SizeSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        (double[] best, _) = Maximise(sample, null);
        return new SizeModelFit(this, sample, best);
    }

    /// <summary>The maximum, from the model's own starting points, or from one place near which it is expected.</summary>
    internal (double[] Parameters, double Value) Maximise(SizeSample sample, double[]? near)
    {
        Func<double[], double> objective = Objective(sample);
        double[] steps = new double[ParameterCount], best = [];
        double value = double.PositiveInfinity;
        foreach (double[] start in near is null ? Starts(sample) : [near])
        {
            double[] at = (double[])start.Clone();
            if (!double.IsFinite(objective(at)))
            {
                continue;
            }

            Array.Fill(steps, near is null ? 0.3 : 0.1);
            double found = near is null
                ? NelderMead.Minimize(objective, at, steps, Tolerance * Math.Max(1, sample.Count / 1000.0))
                : NelderMead.Minimize(objective, at, steps, RoughTolerance, mostRestarts: 0);
            if (found < value)
            {
                (best, value) = (at, found);
            }
        }

        return best.Length > 0
            ? (best, value)
            : throw new UninformativeDataException($"The sizes have no likelihood under {Name}, wherever its parameters are started.");
    }

    /// <summary>ln f(w) of every size in the unit of the sizes; null where the parameters are not allowed.</summary>
    internal double[]? LogDensities(SizeSample sample, ReadOnlySpan<double> parameters)
    {
        double[] u = LogSizes(sample);
        if (At(parameters, sample.Limit, u[0], u[^1]) is not { } distribution)
        {
            return null;
        }

        var densities = new double[u.Length];
        distribution.LogDensity(u, densities);
        for (int i = 0; i < u.Length; i++)
        {
            densities[i] -= sample.LogSizes[i];
        }

        return densities;
    }

    /// <summary>Φ⁻¹ of the share of sizes below each size: standard normal under the true model. In ascending order.</summary>
    internal double[] Residuals(SizeSample sample, ReadOnlySpan<double> parameters)
    {
        double[] u = LogSizes(sample), below = new double[u.Length], above = new double[u.Length];
        At(parameters, sample.Limit, u[0], u[^1])!.Shares(u, below, above);
        for (int i = 0; i < u.Length; i++)
        {
            // 1e-300 is 37 standard deviations out: far beyond what any test cares for.
            below[i] = below[i] < above[i]
                ? NormalDistribution.Quantile(Math.Max(below[i], 1e-300))
                : -NormalDistribution.Quantile(Math.Max(above[i], 1e-300));
        }

        return below;
    }

    /// <summary>ln(w/r) of a sample, ascending.</summary>
    internal double[] LogSizes(SizeSample sample)
    {
        double shift = Math.Log(Reference);
        var u = new double[sample.Count];
        for (int i = 0; i < u.Length; i++)
        {
            u[i] = sample.LogSizes[i] - shift;
        }

        return u;
    }

    /// <summary>
    /// Whether every parameter counts in Akaike's criterion, determined or not: a second constant that may lie anywhere gains likelihood
    /// even where it is not needed.
    /// </summary>
    private protected virtual bool CountsAll => false;

    /// <summary>Number of parameters in Akaike's criterion, of which so many are determined.</summary>
    internal int Counted(int determined) => CountsAll ? ParameterCount : determined;

    /// <summary>Minus the log-likelihood up to a constant, as a function of the parameters; +∞ where they are not allowed.</summary>
    private protected virtual Func<double[], double> Objective(SizeSample sample)
    {
        double[] u = LogSizes(sample), densities = new double[u.Length];
        return parameters =>
        {
            if (At(parameters, sample.Limit, u[0], u[^1]) is not { } distribution)
            {
                return double.PositiveInfinity;
            }

            distribution.LogDensity(u, densities);
            double sum = 0;
            foreach (double d in densities)
            {
                sum += d;
            }

            return -sum;
        };
    }

    /// <summary>Places from which the maximum is sought.</summary>
    private protected abstract IEnumerable<double[]> Starts(SizeSample sample);

    /// <summary>The dual weight of the detection limit, or the lower end.</summary>
    private protected double Seen(double limit) => limit > 0 ? Axis.Dual(Math.Log(limit / Reference)) : Axis.Low;

    private protected static bool SpreadAllowed(double logSpread) => logSpread is >= LogSmallestSpread and <= LogLargestSpread;

    /// <summary>exp of a log size in the unit of the sizes; NaN where a dual weight has none.</summary>
    private protected double SizeOf(double dual)
    {
        double u = Axis.LogSize(dual);
        return double.IsInfinity(u) ? double.NaN : Reference * Math.Exp(u);
    }
}

/// <summary>A model fitted to sizes.</summary>
public sealed class SizeModelFit
{
    // Information below this leaves a parameter open by more than a factor of e.
    private const double LeastInformation = 1;

    private readonly double[] parameters;

    internal SizeModelFit(SizeModel model, SizeSample sample, double[] parameters)
    {
        this.parameters = parameters;
        Model = model;
        LogDensities = model.LogDensities(sample, parameters)!;
        LogLikelihood = LogDensities.Sum();
        Determined = Rank(model, sample, parameters);
    }

    /// <summary>The model.</summary>
    public SizeModel Model { get; }

    /// <summary>The parameters at the maximum.</summary>
    public IReadOnlyList<double> Parameters => parameters;

    /// <summary>Maximised Σ ln f(w), in the unit of the sizes.</summary>
    public double LogLikelihood { get; }

    /// <summary>
    /// How many combinations of parameters the likelihood determines at its maximum: eigenvalues of the information (the scores' inner
    /// products) above 1, that is, known to better than a factor of e.
    /// </summary>
    public int Determined { get; }

    /// <summary>ln f(w) of every size, ascending in size.</summary>
    internal double[] LogDensities { get; }

    internal double[] ParameterArray => parameters;

    private static int Rank(SizeModel model, SizeSample sample, double[] parameters)
    {
        int k = parameters.Length, n = sample.Count;
        const double step = 1e-3;
        var scores = new double[k][];
        for (int j = 0; j < k; j++)
        {
            double[] up = (double[])parameters.Clone(), down = (double[])parameters.Clone();
            up[j] += step;
            down[j] -= step;
            double[]? high = model.LogDensities(sample, up), low = model.LogDensities(sample, down);
            scores[j] = new double[n];
            double[] middle = model.LogDensities(sample, parameters)!;

            // At the edge of what is allowed, from the one side there is.
            double width = (high is null ? 0 : step) + (low is null ? 0 : step);
            for (int i = 0; i < n && width > 0; i++)
            {
                scores[j][i] = ((high ?? middle)[i] - (low ?? middle)[i]) / width;
            }
        }

        var information = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(
            k, k, (a, b) => System.Numerics.Tensors.TensorPrimitives.Dot<double>(scores[a], scores[b]));
        return information.Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric).EigenValues.Count(e => e.Real > LeastInformation);
    }
}
