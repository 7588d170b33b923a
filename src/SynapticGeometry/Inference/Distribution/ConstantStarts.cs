namespace SynapticGeometry;

/// <summary>
/// All synapses started at one size: dual weights are normal with mean m and spread σ, the sizes those of them that are positive (and at or
/// above the detection limit).
/// </summary>
/// <remarks>Parameters: m, ln σ. The mean of the change is part of m: one time point cannot tell it from the constant.</remarks>
/// <param name="potential">The geometry.</param>
/// <param name="reference">The reference size.</param>
public sealed class ConstantStart(Potential potential, double reference) : SizeModel(potential, reference)
{
    // A constant so many spreads beyond the end leaves an exponential tail that changes no more.
    private const double Reach = 10;

    /// <inheritdoc/>
    public override string Initial => "one-constant";

    /// <inheritdoc/>
    public override int ParameterCount => 2;

    /// <inheritdoc/>
    public override SizeDistribution? At(ReadOnlySpan<double> parameters, double limit, double smallest, double largest) => Build(parameters[0], parameters[1], limit);

    /// <inheritdoc/>
    public override IReadOnlyList<SizeParameter> Describe(ReadOnlySpan<double> parameters) =>
        [new("constant", SizeOf(parameters[0])), new("change", Math.Exp(parameters[1]))];

    private protected override Func<double[], double> Objective(SizeSample sample)
    {
        // Mean and mean square of the dual weights are all the data there is.
        double[] y = [.. LogSizes(sample).Select(Axis.Dual)];
        SampleMoments moments = SampleMoments.Of<double>(y);
        double mean = moments.Mean, variance = moments.PopulationStandardDeviation * moments.PopulationStandardDeviation;
        int n = y.Length;
        double[] centre = [mean];
        return p =>
        {
            if (Build(p[0], p[1], sample.Limit) is not { } distribution)
            {
                return double.PositiveInfinity;
            }

            double s = Math.Exp(p[1]);
            return n * ((0.5 * variance / (s * s)) - distribution.LogLikelihood(centre));
        };
    }

    private protected override IEnumerable<double[]> Starts(SizeSample sample)
    {
        double[] y = [.. LogSizes(sample).Select(Axis.Dual)];
        SampleMoments moments = SampleMoments.Of<double>(y);
        yield return [moments.Mean, Math.Log(moments.PopulationStandardDeviation)];
    }

    private ConstantsDistribution? Build(double mean, double logSpread, double limit)
    {
        double spread = Math.Exp(logSpread), low = Seen(limit);
        return SpreadAllowed(logSpread) && low - mean <= Reach * spread && mean - Axis.High <= Reach * spread
            ? new ConstantsDistribution(Axis, [(1, mean)], spread, low, Axis.High)
            : null;
    }
}

/// <summary>
/// Synapses started at one of two sizes: dual weights are a mixture of two normal distributions of the same spread σ.
/// </summary>
/// <remarks>Parameters: the two means, the logit of the share of the first, ln σ. Shares are among all synapses, seen or not.</remarks>
/// <param name="potential">The geometry.</param>
/// <param name="reference">The reference size.</param>
public sealed class TwoConstantsStart(Potential potential, double reference) : SizeModel(potential, reference)
{
    // Beyond, the whole sample is expected in one of the two.
    private const double LogitReach = 9;
    private const double Reach = 10;

    /// <inheritdoc/>
    public override string Initial => "two-constants";

    /// <inheritdoc/>
    public override int ParameterCount => 4;

    private protected override bool CountsAll => true;

    /// <inheritdoc/>
    public override SizeDistribution? At(ReadOnlySpan<double> parameters, double limit, double smallest, double largest) => Build(parameters, limit);

    /// <inheritdoc/>
    public override IReadOnlyList<SizeParameter> Describe(ReadOnlySpan<double> parameters)
    {
        bool ordered = parameters[0] <= parameters[1];
        double share = Share(parameters[2]);
        return
        [
            new("smaller_constant", SizeOf(ordered ? parameters[0] : parameters[1])),
            new("larger_constant", SizeOf(ordered ? parameters[1] : parameters[0])),
            new("share_of_smaller", ordered ? share : 1 - share),
            new("change", Math.Exp(parameters[3])),
        ];
    }

    private protected override Func<double[], double> Objective(SizeSample sample)
    {
        double[] y = [.. LogSizes(sample).Select(Axis.Dual)];
        return p => -(Build(p, sample.Limit)?.LogLikelihood(y) ?? double.NegativeInfinity);
    }

    private protected override IEnumerable<double[]> Starts(SizeSample sample)
    {
        double[] y = [.. LogSizes(sample).Select(Axis.Dual)];
        double spread = Math.Log(0.6 * SampleMoments.Of<double>(y).PopulationStandardDeviation);
        double At(double share) => y[(int)(share * (y.Length - 1))];
        return [[At(0.25), At(0.75), 0, spread], [At(0.1), At(0.6), -1, spread], [At(0.4), At(0.95), 1.5, spread]];
    }

    private ConstantsDistribution? Build(ReadOnlySpan<double> p, double limit)
    {
        double spread = Math.Exp(p[3]), low = Seen(limit), share = Share(p[2]);
        if (!SpreadAllowed(p[3]) || Math.Abs(p[2]) > LogitReach || low - Math.Min(p[0], p[1]) > Reach * spread || Math.Max(p[0], p[1]) - Axis.High > Reach * spread)
        {
            return null;
        }

        return new ConstantsDistribution(Axis, [(share, p[0]), (1 - share, p[1])], spread, low, Axis.High);
    }

    private static double Share(double logit) => 1 / (1 + Math.Exp(-logit));
}
