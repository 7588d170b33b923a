using MathNet.Numerics.Integration;

namespace SynapticGeometry;

/// <summary>
/// Synapses started with a continuous distribution of sizes w₀, and their dual weights changed by μ + σZ: the density of the dual weight y
/// is E over w₀ of the normal density of y − y(w₀) − μ.
/// </summary>
/// <remarks>
/// Parameters: those of the initial law, then ln σ, then μ where it is fitted. By default μ = 0: with it, a log-normal start is shifted along
/// the dual axis until it begins at the smallest size, where its likelihood has no bound (Hill 1963).
/// </remarks>
public sealed class DistributedStart : SizeModel
{
    private readonly InitialLaw law;
    private readonly bool fitMean;

    /// <summary>The model.</summary>
    /// <param name="potential">The geometry.</param>
    /// <param name="law">The family of initial distributions.</param>
    /// <param name="reference">The reference size.</param>
    /// <param name="fitMean">Whether to fit the mean μ of the dual change; else it is 0.</param>
    public DistributedStart(Potential potential, InitialLaw law, double reference, bool fitMean = false)
        : base(potential, reference)
    {
        ArgumentNullException.ThrowIfNull(law);
        this.law = law;

        // Under negative entropy a mean change multiplies every size: the initial law's own scale does that already.
        this.fitMean = fitMean && potential.Exponent != 0;
    }

    /// <inheritdoc/>
    public override string Initial => law.Name;

    /// <inheritdoc/>
    public override int ParameterCount => law.ParameterCount + (fitMean ? 2 : 1);

    /// <inheritdoc/>
    public override SizeDistribution? At(ReadOnlySpan<double> parameters, double limit, double smallest, double largest)
    {
        double logSpread = parameters[law.ParameterCount], mean = fitMean ? parameters[law.ParameterCount + 1] : 0;
        if (!SpreadAllowed(logSpread) || law.At(parameters[..law.ParameterCount]) is not { } initial)
        {
            return null;
        }

        var distribution = new ConvolvedDistribution(Axis, initial, mean, Math.Exp(logSpread), Seen(limit), smallest, largest);
        return distribution.IsSeen ? distribution : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SizeParameter> Describe(ReadOnlySpan<double> parameters)
    {
        List<SizeParameter> all = [.. law.Describe(parameters[..law.ParameterCount], Reference), new("change", Math.Exp(parameters[law.ParameterCount]))];
        if (fitMean)
        {
            all.Add(new("mean_change", parameters[law.ParameterCount + 1]));
        }

        return all;
    }

    /// <summary>Index of ln σ among the parameters; before it stands the spread of the initial laws known here.</summary>
    internal int ChangeIndex => law.ParameterCount;

    /// <summary>
    /// Where initial distribution and change add up to one of the same kind, whatever their shares: the spread of the sum. Else null.
    /// </summary>
    internal SizeParameter? TotalSpread(ReadOnlySpan<double> parameters)
    {
        double total = double.Hypot(Math.Exp(parameters[1]), Math.Exp(parameters[ChangeIndex]));
        return (law, Potential.Exponent) switch
        {
            (LogNormalLaw, 0) => new("total_log_sd", total),
            (NormalLaw, 1) => new("total_sd", Reference * total),
            _ => null,
        };
    }

    private protected override IEnumerable<double[]> Starts(SizeSample sample)
    {
        double[] u = LogSizes(sample);
        SampleMoments sizes = SampleMoments.Of<double>([.. u.Select(Math.Exp)]), dual = SampleMoments.Of<double>([.. u.Select(Axis.Dual)]);
        double log = SampleMoments.Of<double>(u).PopulationStandardDeviation;

        // Sizes of the sample's own median and log spread give moments that one very large synapse cannot spoil.
        double mean = Math.Exp(u[u.Length / 2] + (0.5 * log * log)), spread = Math.Min(sizes.PopulationStandardDeviation, mean * Math.Sqrt(Math.Exp(log * log) - 1));
        double[] Start(double initial, double change) =>
            [.. law.FromMoments(mean, initial * spread), Math.Log(change * dual.PopulationStandardDeviation), .. fitMean ? [0.0] : Array.Empty<double>()];
        return [Start(1, 0.05), Start(0.7, 0.6), Start(0.1, 1)];
    }
}

/// <summary>
/// The distribution of sizes after a normal change of distributed dual weights, by Gauss-Legendre quadrature over the initial coordinate in
/// pieces across which neither the initial density nor the density of the change varies by more than two standard deviations: as accurate
/// for a change much smaller than the initial spread as for one much larger.
/// </summary>
/// <remarks>
/// The logarithm of the density is computed on an even grid of log sizes and interpolated by cubic polynomials, so that the cost of a fit
/// hardly grows with the number of synapses.
/// </remarks>
internal sealed class ConvolvedDistribution : SizeDistribution
{
    private const int Order = 6;
    private const double GridStep = 0.08;
    private const int MostCells = 2000;

    // A jump of slope between cells, in units of log density, that no smooth density shows.
    private const double Kink = 2;
    private const int Refinements = 8;

    // Grid points beyond either end, for slopes by central differences.
    private const int Margin = 2;
    private const double LeastSeen = 1e-3;
    private const int MostTries = 1_000_000;

    private static readonly double[] Scores = [-6, -4, -2, 0, 2, 4, 6];
    private static readonly double[] Nodes = new GaussLegendreRule(-1, 1, Order).Abscissas;
    private static readonly double[] LogWeights = [.. new GaussLegendreRule(-1, 1, Order).Weights.Select(w => Math.Log(w))];

    private readonly DualAxis axis;
    private readonly InitialDistribution initial;
    private readonly double mean;
    private readonly double spread;
    private readonly double seen;
    private readonly double logMass;
    private readonly double belowSeen;
    private readonly double first;
    private readonly double step;
    private readonly int cells;
    private readonly double[] logDensity;

    public ConvolvedDistribution(DualAxis axis, InitialDistribution initial, double mean, double spread, double seen, double smallest, double largest)
    {
        (this.axis, this.initial, this.mean, this.spread, this.seen) = (axis, initial, mean, spread, seen);
        belowSeen = double.IsNegativeInfinity(seen) ? 0 : ShareBelow(seen);
        double mass = (double.IsPositiveInfinity(axis.High) ? 1 : ShareBelow(axis.High)) - belowSeen;
        IsSeen = mass >= LeastSeen;
        logMass = Math.Log(mass);
        double finest = initial.HasEdges ? Math.Min(GridStep, 0.5 * spread) : GridStep;
        cells = (int)Math.Clamp(Math.Ceiling((largest - smallest) / finest), 24, MostCells);
        step = (largest - smallest) / cells;
        first = smallest;
        logDensity = [];
        if (IsSeen)
        {
            logDensity = new double[cells + 1 + (2 * Margin)];
            for (int i = 0; i < logDensity.Length; i++)
            {
                logDensity[i] = LogDensityOf(first + ((i - Margin) * step)) - logMass;
            }
        }
    }

    /// <summary>Whether enough of the distribution lies between the ends to be seen.</summary>
    public bool IsSeen { get; }

    /// <inheritdoc/>
    public override void LogDensity(ReadOnlySpan<double> logSizes, Span<double> destination)
    {
        for (int i = 0; i < logSizes.Length; i++)
        {
            destination[i] = Interpolate(logSizes[i]);
        }
    }

    /// <inheritdoc/>
    public override void Shares(ReadOnlySpan<double> logSizes, Span<double> below, Span<double> above)
    {
        // Added up from either end, so that small shares keep their digits; the two ends meet.
        double start = (ShareBelow(axis.Dual(logSizes[0])) - belowSeen) / Math.Exp(logMass);
        below[0] = Math.Max(start, 0);
        for (int i = 1; i < logSizes.Length; i++)
        {
            below[i] = below[i - 1] + Integral(logSizes[i - 1], logSizes[i]);
        }

        double end = ShareAbove(logSizes[^1]);
        double total = below[^1] + end;
        above[^1] = end / total;
        for (int i = logSizes.Length - 2; i >= 0; i--)
        {
            above[i] = above[i + 1] + ((below[i + 1] - below[i]) / total);
        }

        for (int i = 0; i < logSizes.Length; i++)
        {
            below[i] /= total;
        }
    }

    /// <inheritdoc/>
    public override double Draw(RandomSource random)
    {
        for (int i = 0; i < MostTries; i++)
        {
            double y = axis.Dual(initial.LogSizeAt(initial.Draw(random))) + mean + (spread * random.NextNormal());
            if (y > seen && y < axis.High)
            {
                return axis.LogSize(y);
            }
        }

        throw new UninformativeDataException($"None of {MostTries} simulated synapses under {initial.GetType().DeclaringType?.Name} is above the detection limit.");
    }

    /// <summary>ln of the density of u among all synapses, seen or not, by quadrature and without interpolation.</summary>
    internal double LogDensityOf(double u)
    {
        double y = axis.Dual(u);
        return Quadrature(y, cumulative: false) - Math.Log(spread) - LogNormalLaw.HalfLogTwoPi + axis.LogSlope(u);
    }

    // Share of all synapses, seen or not, whose dual weight is below y.
    private double ShareBelow(double y) => Math.Exp(Quadrature(y, cumulative: true));

    private double ShareAbove(double u)
    {
        double highest = double.IsPositiveInfinity(axis.High) ? 1 : ShareBelow(axis.High);
        return Math.Max((highest - ShareBelow(axis.Dual(u))) / Math.Exp(logMass), 0);
    }

    // ln ∫ p(t) k((y − μ − Y(u₀(t)))/σ) dt, with the kernel k = exp(−z²/2) or Φ(z).
    private double Quadrature(double y, bool cumulative)
    {
        ReadOnlySpan<double> own = initial.Breakpoints;
        double begin = own[0], end = own[^1];
        Span<double> marks = stackalloc double[Scores.Length];
        for (int k = 0; k < marks.Length; k++)
        {
            // The score of the change is −k for an initial weight k spreads below.
            marks[k] = initial.CoordinateOf(axis.LogSize(y - mean + (spread * Scores[k])));
        }

        Span<double> near = stackalloc double[Refinements];
        near.Fill(double.NaN);
        int count = 0;
        if (cumulative)
        {
            // Almost nothing comes down from 8 spreads above y.
            end = Math.Clamp(initial.CoordinateOf(axis.LogSize(y - mean + (8 * spread))), begin, end);
        }
        else if (marks[^1] > begin && marks[0] < end)
        {
            (begin, end) = (Math.Max(begin, marks[0]), Math.Min(end, marks[^1]));
        }
        else
        {
            // Far from every initial size: the nearest of them decide, in ever smaller pieces towards the end.
            bool above = marks[0] >= end;
            (begin, end) = above ? (own[^2], end) : (begin, own[1]);
            for (int k = 0; k < Refinements; k++)
            {
                double part = (end - begin) * Math.ScaleB(1, -2 * (k + 1));
                near[k] = above ? end - part : begin + part;
            }
        }

        if (!(end > begin))
        {
            return double.NegativeInfinity;
        }

        Span<double> pieces = stackalloc double[own.Length + marks.Length + near.Length + 2];
        pieces[count++] = begin;
        foreach (double t in own)
        {
            if (t > begin && t < end)
            {
                pieces[count++] = t;
            }
        }

        foreach (double t in marks)
        {
            if (t > begin && t < end)
            {
                pieces[count++] = t;
            }
        }

        foreach (double t in near)
        {
            if (t > begin && t < end)
            {
                pieces[count++] = t;
            }
        }

        pieces[count++] = end;
        pieces[..count].Sort();
        Span<double> exponents = stackalloc double[count * Order];
        int terms = 0;
        double largest = double.NegativeInfinity;
        for (int piece = 1; piece < count; piece++)
        {
            double half = 0.5 * (pieces[piece] - pieces[piece - 1]), middle = 0.5 * (pieces[piece] + pieces[piece - 1]);
            if (half <= 0)
            {
                continue;
            }

            double logHalf = Math.Log(half);
            for (int i = 0; i < Order; i++)
            {
                double t = middle + (half * Nodes[i]), z = (y - mean - axis.Dual(initial.LogSizeAt(t))) / spread;
                double term = initial.LogDensity(t) + LogWeights[i] + logHalf + (cumulative ? NormalDistribution.LogCdf(z) : -0.5 * z * z);
                exponents[terms++] = term;
                largest = Math.Max(largest, term);
            }
        }

        double sum = 0;
        for (int i = 0; i < terms; i++)
        {
            sum += Math.Exp(exponents[i] - largest);
        }

        return largest + Math.Log(sum);
    }

    private double Interpolate(double u)
    {
        double at = (u - first) / step;
        int cell = Math.Clamp((int)at, 0, cells - 1), j = cell + Margin;
        double x = at - cell, f0 = logDensity[j], f1 = logDensity[j + 1];
        double d0 = Slope(j), d1 = Slope(j + 1);
        double rise = f1 - f0;
        return f0 + (x * (d0 + (x * ((3 * rise) - (2 * d0) - d1 + (x * (d0 + d1 - (2 * rise)))))));

        // At a kink the flatter side's slope, or none, so that the curve never rises above its points.
        double Slope(int i)
        {
            double left = logDensity[i] - logDensity[i - 1], right = logDensity[i + 1] - logDensity[i];
            double before = logDensity[i - 1] - logDensity[i - 2], after = logDensity[i + 2] - logDensity[i + 1];
            bool smooth = Math.Max(Math.Abs(right - left), Math.Max(Math.Abs(left - before), Math.Abs(after - right))) < Kink;
            return smooth ? ((8 * (logDensity[i + 1] - logDensity[i - 1])) - (logDensity[i + 2] - logDensity[i - 2])) / 12
                : left * right <= 0 ? 0
                : Math.Abs(left) < Math.Abs(right) ? left : right;
        }
    }

    // ∫ of the interpolated density, cell by cell.
    private double Integral(double from, double to)
    {
        double sum = 0;
        while (from < to)
        {
            int cell = Math.Clamp((int)Math.Floor(((from - first) / step) + 1e-9), 0, cells - 1);
            double edge = cell == cells - 1 ? to : Math.Min(to, first + ((cell + 1) * step));
            edge = edge > from ? edge : to;
            double half = 0.5 * (edge - from), middle = 0.5 * (edge + from);
            for (int i = 0; i < Order; i++)
            {
                sum += half * Math.Exp(LogWeights[i] + Interpolate(middle + (half * Nodes[i])));
            }

            from = edge;
        }

        return sum;
    }
}
