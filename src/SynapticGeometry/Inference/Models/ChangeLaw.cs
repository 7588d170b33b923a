namespace SynapticGeometry;

/// <summary>
/// How the sizes of synapses change over one interval: on the law's dual scale y the change of a synapse of size w is normal,
/// y(w₁) − y(w) ~ N(m(w), s(w)²). A geometry is such a law with constant s. Sizes are positive and enter as log sizes u = ln(w / unit), the
/// unit being the geometric mean of the data, so that numbers stay tame.
/// </summary>
/// <remarks>
/// The dual scale is normalised to slope dy/du = 1 at u = 0: then a change of y is the relative change of a synapse of typical size.
/// The mean has three columns, m = a₀ + a₁ c₁(u) + a₂ c₂(u) (<see cref="Drift.SizeDependent"/>), or the first only. Parameters come in the order shape,
/// drift, change (s). Source: docs/inference.md, "Laws of change".
/// </remarks>
public abstract class ChangeLaw
{
    private const double LargestDrift = 100;

    /// <summary>Creates a law.</summary>
    /// <param name="shape">Its shape parameters, none for a fixed geometry.</param>
    /// <param name="drift">The mean of the change.</param>
    protected ChangeLaw(IReadOnlyList<ModelParameter> shape, Drift drift)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ShapeCount = shape.Count;
        Drift = drift;
        var all = new List<ModelParameter>(shape) { new("drift", ParameterScale.Linear, -LargestDrift, LargestDrift, "mean relative change of a synapse of typical size") };
        if (drift == Drift.SizeDependent)
        {
            all.Add(new("drift_slope", ParameterScale.Linear, -LargestDrift, LargestDrift, "coefficient of the second drift column"));
            all.Add(new("drift_curvature", ParameterScale.Linear, -LargestDrift, LargestDrift, "coefficient of the third drift column"));
        }

        all.Add(new(ModelParameter.Change, ParameterScale.Logarithmic, 1e-6, 1e3, "standard deviation of the relative change of a synapse of typical size"));
        Parameters = all;
    }

    /// <summary>Name in results, such as "power" or "hypentropy".</summary>
    public abstract string Name { get; }

    /// <summary>The mean of the change.</summary>
    public Drift Drift { get; }

    /// <summary>All parameters: shape, drift, change.</summary>
    public IReadOnlyList<ModelParameter> Parameters { get; }

    /// <summary>Number of shape parameters.</summary>
    public int ShapeCount { get; }

    /// <summary>The dual scale y(u), strictly increasing, and ln dy/du.</summary>
    /// <param name="shape">The shape parameters.</param>
    /// <param name="logSizes">u, n log sizes.</param>
    /// <param name="dual">y(u), n values.</param>
    /// <param name="logSlope">ln dy/du, n values; may be empty where it is not wanted.</param>
    public abstract void Dual(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> dual, Span<double> logSlope);

    /// <summary>The log sizes u of dual values; −∞ at or below the value of a size of zero, +∞ at or above that of an infinite size.</summary>
    /// <param name="shape">The shape parameters.</param>
    /// <param name="dual">y, n values.</param>
    /// <param name="logSizes">u, n values. May be the span of <paramref name="dual"/>.</param>
    public abstract void FromDual(ReadOnlySpan<double> shape, ReadOnlySpan<double> dual, Span<double> logSizes);

    /// <summary>The dual values of a size of zero (−∞ where zero is infinitely far) and of an infinite size.</summary>
    /// <param name="shape">The shape parameters.</param>
    public abstract (double Zero, double Infinity) Range(ReadOnlySpan<double> shape);

    /// <summary>The drift columns c₁ and c₂.</summary>
    /// <param name="shape">The shape parameters.</param>
    /// <param name="logSizes">u, n log sizes.</param>
    /// <param name="first">c₁(u), n values.</param>
    /// <param name="second">c₂(u), n values.</param>
    protected abstract void DriftColumns(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> first, Span<double> second);

    /// <summary>s(u) relative to the parameter "change"; 1 for a geometry.</summary>
    /// <param name="shape">The shape parameters.</param>
    /// <param name="logSizes">u, n log sizes.</param>
    /// <param name="spread">n values.</param>
    protected virtual void RelativeSpread(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> spread) => spread.Fill(1);

    /// <summary>Starting values of the shape parameters for a search.</summary>
    /// <param name="sizes">The data.</param>
    public abstract double[] StartingShapes(LongitudinalSizes sizes);

    /// <summary>Mean and standard deviation of the dual change of synapses of given sizes.</summary>
    /// <param name="parameters">All parameters of the law.</param>
    /// <param name="logSizes">u, n log sizes.</param>
    /// <param name="mean">m(u), n values.</param>
    /// <param name="spread">s(u), n values.</param>
    public void Change(ReadOnlySpan<double> parameters, ReadOnlySpan<double> logSizes, Span<double> mean, Span<double> spread)
    {
        ReadOnlySpan<double> shape = parameters[..ShapeCount];
        double change = parameters[Parameters.Count - 1];
        if (Drift == Drift.Constant)
        {
            mean.Fill(parameters[ShapeCount]);
        }
        else
        {
            (double a0, double a1, double a2) = (parameters[ShapeCount], parameters[ShapeCount + 1], parameters[ShapeCount + 2]);
            DriftColumns(shape, logSizes, mean, spread);
            for (int i = 0; i < mean.Length; i++)
            {
                mean[i] = a0 + (a1 * mean[i]) + (a2 * spread[i]);
            }
        }

        RelativeSpread(shape, logSizes, spread);
        for (int i = 0; i < spread.Length; i++)
        {
            spread[i] *= change;
        }
    }
}

/// <summary>
/// The power family y = (e^{λu} − 1)/λ (λ = 0: u), slope e^{λu}. Drift columns uφ₁(λu) and u²φ₂(λu), which span what w^λ and w^λ ln w do and
/// stay independent as λ → 0.
/// </summary>
public sealed class PowerLaw : ChangeLaw
{
    /// <summary>Lowest exponent considered.</summary>
    public const double LowestExponent = -3;

    /// <summary>Highest exponent considered.</summary>
    public const double HighestExponent = 5;

    private static readonly ModelParameter FreeExponent =
        new(ModelParameter.Exponent, ParameterScale.Linear, LowestExponent, HighestExponent, "exponent λ of the dual scale y = w^λ/λ; 0 multiplicative, 1 additive");

    /// <summary>The law with λ free.</summary>
    /// <param name="drift">The mean of the change.</param>
    public PowerLaw(Drift drift = Drift.SizeDependent)
        : base([FreeExponent], drift)
    {
    }

    /// <summary>The law with λ given.</summary>
    /// <param name="exponent">λ, −3 to 5.</param>
    /// <param name="drift">The mean of the change.</param>
    /// <exception cref="ArgumentOutOfRangeException">λ lies outside −3 to 5.</exception>
    public PowerLaw(double exponent, Drift drift = Drift.SizeDependent)
        : base([FreeExponent with { Low = exponent, High = exponent }], drift)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exponent, LowestExponent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exponent, HighestExponent);
    }

    /// <inheritdoc/>
    public override string Name => "power";

    /// <inheritdoc/>
    public override void Dual(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> dual, Span<double> logSlope)
    {
        double lambda = shape[0];
        for (int i = 0; i < logSizes.Length; i++)
        {
            dual[i] = logSizes[i] * LogKernels.Phi1(lambda * logSizes[i]);
        }

        for (int i = 0; i < logSlope.Length; i++)
        {
            logSlope[i] = lambda * logSizes[i];
        }
    }

    /// <inheritdoc/>
    public override void FromDual(ReadOnlySpan<double> shape, ReadOnlySpan<double> dual, Span<double> logSizes)
    {
        double lambda = shape[0];
        for (int i = 0; i < dual.Length; i++)
        {
            double x = lambda * dual[i];
            logSizes[i] = lambda == 0 ? dual[i]
                : x > -1 ? LogKernels.Log1Plus(x) / lambda
                : lambda > 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }
    }

    /// <inheritdoc/>
    public override (double Zero, double Infinity) Range(ReadOnlySpan<double> shape) =>
        (shape[0] > 0 ? -1 / shape[0] : double.NegativeInfinity, shape[0] < 0 ? -1 / shape[0] : double.PositiveInfinity);

    /// <inheritdoc/>
    public override double[] StartingShapes(LongitudinalSizes sizes) => [Math.Clamp(0.5, Parameters[0].Low, Parameters[0].High)];

    /// <inheritdoc/>
    protected override void DriftColumns(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> first, Span<double> second)
    {
        double lambda = shape[0];
        for (int i = 0; i < logSizes.Length; i++)
        {
            double u = logSizes[i], x = lambda * u;
            first[i] = u * LogKernels.Phi1(x);
            second[i] = u * u * LogKernels.Phi2(x);
        }
    }
}

/// <summary>The law of any separable potential: y = φ′(w), normalised to slope 1 at the typical size.</summary>
public sealed class PotentialLaw : ChangeLaw
{
    private readonly Potential potential;
    private readonly double unit;
    private readonly double origin;
    private readonly double slope;

    /// <summary>The law of a potential.</summary>
    /// <param name="potential">The potential; its parameters are in the unit of the sizes.</param>
    /// <param name="logUnit">ln of the size at which log sizes are zero, <see cref="LongitudinalSizes.LogUnit"/>.</param>
    /// <param name="drift">The mean of the change.</param>
    public PotentialLaw(Potential potential, double logUnit, Drift drift = Drift.SizeDependent)
        : base([], drift)
    {
        ArgumentNullException.ThrowIfNull(potential);
        this.potential = potential;
        unit = Math.Exp(logUnit);
        Span<double> w = [unit], y = [0];
        potential.Hessian<double>(w, y);
        slope = y[0] * unit;
        potential.ToDual<double>(w, y);
        origin = y[0];
    }

    /// <inheritdoc/>
    public override string Name => potential.Name;

    /// <inheritdoc/>
    public override void Dual(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> dual, Span<double> logSlope)
    {
        double[] w = new double[logSizes.Length];
        for (int i = 0; i < w.Length; i++)
        {
            w[i] = unit * Math.Exp(logSizes[i]);
        }

        potential.ToDual<double>(w, dual);
        for (int i = 0; i < w.Length; i++)
        {
            dual[i] = (dual[i] - origin) / slope;
        }

        if (logSlope.Length > 0)
        {
            potential.Hessian<double>(w, logSlope);
            for (int i = 0; i < w.Length; i++)
            {
                logSlope[i] = Math.Log(logSlope[i] * w[i] / slope);
            }
        }
    }

    /// <inheritdoc/>
    public override void FromDual(ReadOnlySpan<double> shape, ReadOnlySpan<double> dual, Span<double> logSizes)
    {
        (double zero, double infinity) = Range(shape);
        Span<double> y = stackalloc double[1], w = stackalloc double[1];
        for (int i = 0; i < dual.Length; i++)
        {
            if (dual[i] <= zero || dual[i] >= infinity)
            {
                logSizes[i] = dual[i] <= zero ? double.NegativeInfinity : double.PositiveInfinity;
                continue;
            }

            y[0] = origin + (slope * dual[i]);
            potential.FromDual<double>(y, [1.0], w);
            logSizes[i] = Math.Log(w[0] / unit);
        }
    }

    /// <inheritdoc/>
    public override (double Zero, double Infinity) Range(ReadOnlySpan<double> shape)
    {
        double zero = double.NegativeInfinity, infinity = double.PositiveInfinity;
        if (potential.AllowsZero)
        {
            Span<double> w = [0], y = [0];
            potential.ToDual<double>(w, y);
            zero = (y[0] - origin) / slope;
        }

        if (potential.Exponent is < 0 and { } exponent)
        {
            infinity = -1 / exponent;
        }

        return (zero, infinity);
    }

    /// <inheritdoc/>
    public override double[] StartingShapes(LongitudinalSizes sizes) => [];

    /// <inheritdoc/>
    protected override void DriftColumns(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> first, Span<double> second)
    {
        Dual(shape, logSizes, second, first);
        for (int i = 0; i < first.Length; i++)
        {
            first[i] = Math.Exp(first[i]);
            second[i] = first[i] * logSizes[i];
        }
    }
}

/// <summary>Hyperbolic entropy with β free: y ∝ arcsinh(w/β), multiplicative for w ≫ β and additive for w ≪ β.</summary>
/// <param name="drift">The mean of the change.</param>
public sealed class HyperbolicLaw(Drift drift = Drift.SizeDependent)
    : ChangeLaw([new("beta", ParameterScale.Logarithmic, 1e-3, 1e3, "β, in units of the geometric-mean size")], drift)
{
    /// <inheritdoc/>
    public override string Name => "hypentropy";

    /// <inheritdoc/>
    public override void Dual(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> dual, Span<double> logSlope)
    {
        // d arcsinh(w/β)/du = w/√(w² + β²); √(1 + β²) makes it 1 at w = 1.
        double beta = shape[0], norm = Math.Sqrt(1 + (beta * beta)), origin = Math.Asinh(1 / beta);
        for (int i = 0; i < logSizes.Length; i++)
        {
            double w = Math.Exp(logSizes[i]);
            dual[i] = norm * (Math.Asinh(w / beta) - origin);
            if (logSlope.Length > 0)
            {
                logSlope[i] = Math.Log(norm) - (0.5 * Math.Log(1 + (beta * beta / (w * w))));
            }
        }
    }

    /// <inheritdoc/>
    public override void FromDual(ReadOnlySpan<double> shape, ReadOnlySpan<double> dual, Span<double> logSizes)
    {
        double beta = shape[0], norm = Math.Sqrt(1 + (beta * beta)), origin = Math.Asinh(1 / beta);
        for (int i = 0; i < dual.Length; i++)
        {
            double w = beta * Math.Sinh((dual[i] / norm) + origin);
            logSizes[i] = w > 0 ? Math.Log(w) : double.NegativeInfinity;
        }
    }

    /// <inheritdoc/>
    public override (double Zero, double Infinity) Range(ReadOnlySpan<double> shape) =>
        (-Math.Sqrt(1 + (shape[0] * shape[0])) * Math.Asinh(1 / shape[0]), double.PositiveInfinity);

    /// <inheritdoc/>
    public override double[] StartingShapes(LongitudinalSizes sizes) => [0.5];

    /// <inheritdoc/>
    protected override void DriftColumns(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> first, Span<double> second)
    {
        double square = shape[0] * shape[0];
        for (int i = 0; i < logSizes.Length; i++)
        {
            double w = Math.Exp(logSizes[i]);
            first[i] = Math.Sqrt((1 + square) / (1 + (square / (w * w))));
            second[i] = first[i] * logSizes[i];
        }
    }
}

/// <summary>
/// Additive plus multiplicative (Kesten) changes: y = w − 1 in units of the geometric mean, s² ∝ (1 − ρ) + ρ w². Source: Statman et al. 2014.
/// </summary>
/// <param name="drift">The mean of the change.</param>
public sealed class AdditiveMultiplicativeLaw(Drift drift = Drift.SizeDependent)
    : ChangeLaw([new("multiplicative_share", ParameterScale.Linear, 0, 1, "ρ, the multiplicative share of the variance at the typical size")], drift)
{
    /// <inheritdoc/>
    public override string Name => "additive-multiplicative";

    /// <inheritdoc/>
    public override void Dual(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> dual, Span<double> logSlope)
    {
        for (int i = 0; i < logSizes.Length; i++)
        {
            dual[i] = logSizes[i] * LogKernels.Phi1(logSizes[i]);
        }

        if (logSlope.Length > 0)
        {
            logSizes.CopyTo(logSlope);
        }
    }

    /// <inheritdoc/>
    public override void FromDual(ReadOnlySpan<double> shape, ReadOnlySpan<double> dual, Span<double> logSizes)
    {
        for (int i = 0; i < dual.Length; i++)
        {
            logSizes[i] = dual[i] > -1 ? LogKernels.Log1Plus(dual[i]) : double.NegativeInfinity;
        }
    }

    /// <inheritdoc/>
    public override (double Zero, double Infinity) Range(ReadOnlySpan<double> shape) => (-1, double.PositiveInfinity);

    /// <inheritdoc/>
    public override double[] StartingShapes(LongitudinalSizes sizes) => [0.5];

    /// <inheritdoc/>
    protected override void DriftColumns(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> first, Span<double> second)
    {
        for (int i = 0; i < logSizes.Length; i++)
        {
            first[i] = Math.Exp(logSizes[i]);
            second[i] = first[i] * logSizes[i];
        }
    }

    /// <inheritdoc/>
    protected override void RelativeSpread(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> spread)
    {
        double share = shape[0];
        for (int i = 0; i < spread.Length; i++)
        {
            double w = Math.Exp(logSizes[i]);
            spread[i] = Math.Sqrt(1 - share + (share * w * w));
        }
    }
}
