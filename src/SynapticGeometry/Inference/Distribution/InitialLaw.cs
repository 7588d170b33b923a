namespace SynapticGeometry;

/// <summary>
/// A family of continuous initial distributions of size, for <see cref="DistributedStart"/>: derive from it to add one of your own.
/// </summary>
public abstract class InitialLaw
{
    /// <summary>Its name in tables and files.</summary>
    public abstract string Name { get; }

    /// <summary>Number of parameters. They are numbers without bounds of their own: take logarithms of positive ones.</summary>
    public abstract int ParameterCount { get; }

    /// <summary>The distribution with given parameters, in units of the reference size; null where they are not allowed.</summary>
    /// <param name="parameters">As many as <see cref="ParameterCount"/>.</param>
    public abstract InitialDistribution? At(ReadOnlySpan<double> parameters);

    /// <summary>Parameters that give about this mean and standard deviation of size, for a start of the search.</summary>
    /// <param name="mean">Mean size, in units of the reference size.</param>
    /// <param name="standardDeviation">Standard deviation of size, in the same units.</param>
    public abstract double[] FromMoments(double mean, double standardDeviation);

    /// <summary>The parameters under the names and in the units in which a reader wants them.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="reference">The reference size.</param>
    public abstract IReadOnlyList<SizeParameter> Describe(ReadOnlySpan<double> parameters, double reference);
}

/// <summary>
/// One initial distribution of positive sizes w₀, by a coordinate t that increases with size and in which its density is smooth. Log sizes
/// are ln(w₀ / reference size).
/// </summary>
public abstract class InitialDistribution
{
    /// <summary>
    /// Ascending coordinates, from where the distribution begins to where it ends for all purposes, between neighbours of which it changes
    /// by about two standard deviations at most.
    /// </summary>
    public abstract ReadOnlySpan<double> Breakpoints { get; }

    /// <summary>Whether the density jumps at a size above zero, so that sizes after a small change have a steep edge.</summary>
    public virtual bool HasEdges => false;

    /// <summary>ln of the density at t, with respect to t.</summary>
    /// <param name="t">A coordinate between the first and the last breakpoint.</param>
    public abstract double LogDensity(double t);

    /// <summary>The log size at t.</summary>
    /// <param name="t">A coordinate.</param>
    public abstract double LogSizeAt(double t);

    /// <summary>The coordinate of a log size, which may be −∞ (size zero) or +∞: then any coordinate at or beyond the end.</summary>
    /// <param name="logSize">A log size.</param>
    public abstract double CoordinateOf(double logSize);

    /// <summary>A coordinate drawn at random.</summary>
    /// <param name="random">Source of random numbers.</param>
    public abstract double Draw(RandomSource random);
}

/// <summary>Log-normal initial sizes. Parameters: mean of log size, ln of its standard deviation.</summary>
public sealed class LogNormalLaw : InitialLaw
{
    /// <inheritdoc/>
    public override string Name => "log-normal";

    /// <inheritdoc/>
    public override int ParameterCount => 2;

    /// <inheritdoc/>
    public override InitialDistribution? At(ReadOnlySpan<double> parameters) =>
        parameters[1] is >= SizeModel.LogSmallestSpread and <= 3 && Math.Abs(parameters[0]) < 50 ? new Distribution(parameters[0], Math.Exp(parameters[1])) : null;

    /// <inheritdoc/>
    public override double[] FromMoments(double mean, double standardDeviation)
    {
        double variance = Math.Log(1 + (standardDeviation * standardDeviation / (mean * mean)));
        return [Math.Log(mean) - (0.5 * variance), 0.5 * Math.Log(variance)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SizeParameter> Describe(ReadOnlySpan<double> parameters, double reference) =>
        [new("initial_median", reference * Math.Exp(parameters[0])), new("initial_log_sd", Math.Exp(parameters[1]))];

    private sealed class Distribution(double mean, double spread) : InitialDistribution
    {
        private static readonly double[] Standard = [-8, -6, -4, -2, 0, 2, 4, 6, 8];

        public override ReadOnlySpan<double> Breakpoints => Standard;

        public override double LogDensity(double t) => (-0.5 * t * t) - HalfLogTwoPi;

        public override double LogSizeAt(double t) => mean + (spread * t);

        public override double CoordinateOf(double logSize) => (logSize - mean) / spread;

        public override double Draw(RandomSource random) => random.NextNormal();
    }

    internal const double HalfLogTwoPi = 0.91893853320467274178;
}

/// <summary>
/// Normal initial sizes, their part below zero cut off. Parameters: mean of size and ln of its standard deviation before the cut, in units of
/// the reference size.
/// </summary>
public sealed class NormalLaw : InitialLaw
{
    // With a mean more standard deviations below zero nothing but the exponential end of a tail is left, and it changes no more.
    private const double Reach = 5;

    /// <inheritdoc/>
    public override string Name => "normal";

    /// <inheritdoc/>
    public override int ParameterCount => 2;

    /// <inheritdoc/>
    public override InitialDistribution? At(ReadOnlySpan<double> parameters)
    {
        double spread = Math.Exp(parameters[1]);
        return parameters[1] is >= SizeModel.LogSmallestSpread and <= SizeModel.LogLargestSpread && parameters[0] >= -Reach * spread && parameters[0] < 1e6
            ? new Distribution(parameters[0], spread)
            : null;
    }

    /// <inheritdoc/>
    public override double[] FromMoments(double mean, double standardDeviation) => [mean, Math.Log(standardDeviation)];

    /// <inheritdoc/>
    public override IReadOnlyList<SizeParameter> Describe(ReadOnlySpan<double> parameters, double reference) =>
        [new("initial_mean", reference * parameters[0]), new("initial_sd", reference * Math.Exp(parameters[1]))];

    private sealed class Distribution : InitialDistribution
    {
        private readonly double mean;
        private readonly double spread;
        private readonly double logMass;
        private readonly double[] breakpoints;

        public Distribution(double mean, double spread)
        {
            (this.mean, this.spread) = (mean, spread);
            double zero = -mean / spread;
            logMass = NormalDistribution.LogSurvival(zero);
            var points = new List<double> { Math.Max(-8, zero) };
            while (points[^1] < 8.5)
            {
                // Beyond 0 the density falls like exp(−t²/2): two standard deviations of its logarithm there are 2/t of a step.
                points.Add(points[^1] + (2 / Math.Max(1, 0.5 * points[^1])));
            }

            if (zero > -8)
            {
                // A dual weight like the square root of size changes ever faster towards zero.
                double piece = points[1] - zero;
                points.InsertRange(1, Enumerable.Range(1, 6).Select(k => zero + (piece * Math.ScaleB(1, -2 * (7 - k)))));
            }

            breakpoints = [.. points];
        }

        public override ReadOnlySpan<double> Breakpoints => breakpoints;

        public override double LogDensity(double t) => (-0.5 * t * t) - LogNormalLaw.HalfLogTwoPi - logMass;

        public override double LogSizeAt(double t) => Math.Log(mean + (spread * t));

        public override double CoordinateOf(double logSize) => (Math.Exp(logSize) - mean) / spread;

        public override double Draw(RandomSource random) => -NormalDistribution.QuantileOfLog(logMass + Math.Log(1 - random.NextDouble()));
    }
}
