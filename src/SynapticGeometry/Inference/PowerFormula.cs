namespace SynapticGeometry;

/// <summary>
/// A planned experiment that is to tell one exponent from another, and the closed form for the synapses it needs:
/// n = (z₁₋ₐ⸝₂ + z₁₋ᵦ)² / (2 S² (λₐ − λᵦ)² ρ²) · (k − 1)/2, with the reliability ρ = c²/(c² + 2τ²) of a change.
/// </summary>
/// <remarks>
/// For changes that are small against the size the exponent is that of a variance function, with Fisher information 2S²ρ² a synapse once mean and spread of the changes
/// are estimated too; changes of kurtosis k inflate its variance by (k − 1)/2. Synapses count as independent. Rejections on the wrong side of λₐ are left out, which matters
/// only for a power below about 10 %. Source: docs/power.md.
/// </remarks>
public sealed record PowerFormula
{
    /// <summary>The growth of changes that add up like a random walk.</summary>
    public const double RandomWalk = 0.5;

    // Exact to rounding for the smooth ρ(u); the widest S that makes sense needs about 60.
    private static readonly GaussHermite Rule = new(96);

    /// <summary>S, standard deviation of the natural logarithm of true size; above 0. 0.83: mean and standard deviation of the sizes are equal.</summary>
    public double SizeSpread { get; init; } = 0.83;

    /// <summary>c, standard deviation of the relative change of a synapse of typical (geometric-mean) size between the sessions; above 0.</summary>
    public double Change { get; init; } = 0.2;

    /// <summary>τ, standard deviation of the relative error of one measurement of size; at least 0.</summary>
    public double Error { get; init; } = 0.1;

    /// <summary>k, kurtosis of the standardised measured changes; 3 if normal, above 1.</summary>
    public double Kurtosis { get; init; } = 3;

    /// <summary>λₐ, the exponent taken to be true.</summary>
    public double Truth { get; init; }

    /// <summary>λᵦ, the exponent to be rejected.</summary>
    public double Alternative { get; init; } = 0.5;

    /// <summary>a, two-sided level of the test; above 0 and below 1.</summary>
    public double Level { get; init; } = 0.05;

    /// <summary>1 − b, the wanted probability of rejecting λᵦ; above <see cref="Level"/> and below 1.</summary>
    public double Power { get; init; } = 0.9;

    /// <summary>The mean of the change that the analysis will fit.</summary>
    public Drift Drift { get; init; } = Drift.SizeDependent;

    /// <summary>ρ = c²/(c² + 2τ²), the share of the variance of the measured log change that is plastic, at typical size: 1 without error.</summary>
    public double Reliability => Change * Change / ((Change * Change) + (2 * Error * Error));

    /// <summary>τ/c.</summary>
    public double ErrorToChange => Error / Change;

    /// <summary>n by the closed form, before rounding.</summary>
    public double Synapses => SynapsesFor(Power);

    /// <summary>The n that gives another power, before rounding.</summary>
    /// <param name="power">Above 0 and below 1.</param>
    public double SynapsesFor(double power)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(power);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(power, 1);
        double reach = (Critical + NormalDistribution.Quantile(power)) * UnitStandardError / Difference;
        return reach * reach;
    }

    /// <summary>Expected standard error of λ̂: √((k − 1)/2) / (S ρ √(2n)).</summary>
    /// <param name="synapses">n, above 0.</param>
    public double StandardErrorAt(double synapses) => UnitStandardError / Math.Sqrt(synapses);

    /// <summary>Expected half-width of the interval of confidence 1 − a.</summary>
    /// <param name="synapses">n, above 0.</param>
    public double HalfWidthAt(double synapses) => Critical * StandardErrorAt(synapses);

    /// <summary>The n whose interval has a half-width, before rounding.</summary>
    /// <param name="halfWidth">Wanted half-width in units of the exponent, above 0.</param>
    public double SynapsesForHalfWidth(double halfWidth)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(halfWidth);
        double reach = Critical * UnitStandardError / halfWidth;
        return reach * reach;
    }

    /// <summary>The power of n synapses.</summary>
    /// <param name="synapses">n, above 0.</param>
    public double PowerAt(double synapses) => NormalDistribution.Cdf((Difference / StandardErrorAt(synapses)) - Critical);

    /// <summary>The smallest |λₐ − λᵦ| that n synapses tell with the wanted power.</summary>
    /// <param name="synapses">n, above 0.</param>
    public double DetectableDifferenceAt(double synapses) => (Critical + NormalDistribution.Quantile(Power)) * StandardErrorAt(synapses);

    /// <summary>
    /// The factor by which n differs from the closed form because the reliability of a change depends on size, ρ(u) = c²e^(−2λu)/(c²e^(−2λu) + 2τ²), while the closed form
    /// takes that of the typical size: S²ρ² over E[ρ(u)²] Var(u), the variance weighted by ρ(u)², for log-normal sizes. 1 without error or where the truth is 0.
    /// </summary>
    public double SizeFactor
    {
        get
        {
            double c2 = Change * Change, noise = 2 * Error * Error;
            double Squared(double u)
            {
                double plastic = c2 * Math.Exp(-2 * Truth * u), rho = plastic / (plastic + noise);
                return rho * rho;
            }

            double weight = Rule.Expectation(Squared, 0, SizeSpread);
            double first = Rule.Expectation(u => u * Squared(u), 0, SizeSpread), second = Rule.Expectation(u => u * u * Squared(u), 0, SizeSpread);
            double information = second - (first * first / weight);
            return SizeSpread * SizeSpread * Reliability * Reliability / information;
        }
    }

    /// <summary>
    /// Synapses that fitting the mean of the change uses up: 18 where it depends on size, 2 where it is constant. A synapse of leverage h keeps a share 1 − h of its residual
    /// variance, so that of the information Σx² (x the standardised log size) 2Σx²h is lost; for the columns 1, u, u² and normal u that is 2 E[x²(1 + x² + (x² − 1)²/2)] = 18.
    /// </summary>
    public double Allowance => Drift == Drift.SizeDependent ? 18 : 2;

    /// <summary>The number of synapses to plan for, before rounding: the closed form times <see cref="SizeFactor"/> plus <see cref="Allowance"/>.</summary>
    public double PlannedSynapses => (Synapses * SizeFactor) + Allowance;

    /// <summary>The n of the closed form that is worth as much as n planned synapses; 0 where they are used up by the allowance.</summary>
    /// <param name="planned">Planned synapses.</param>
    public double EffectiveSynapses(double planned) => Math.Max(0, planned - Allowance) / SizeFactor;

    /// <summary>
    /// The experiment with another interval between its sessions: c grows as a power of the interval, as its square root where changes add up like a random walk.
    /// </summary>
    /// <param name="ratio">New interval over the old one, above 0.</param>
    /// <param name="growth">The power; 0.5 for a random walk.</param>
    public PowerFormula WithInterval(double ratio, double growth = RandomWalk)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ratio);
        return this with { Change = Change * Math.Pow(ratio, growth) };
    }

    /// <summary>The power of the interval with which measured changes grow: the least-squares slope of ln c on ln T.</summary>
    /// <param name="intervals">T, at least two different ones, above 0.</param>
    /// <param name="changes">c after each, above 0.</param>
    /// <exception cref="ArgumentException">Lengths differ, a number is not positive, or all intervals are equal.</exception>
    public static double GrowthOf(ReadOnlySpan<double> intervals, ReadOnlySpan<double> changes)
    {
        if (intervals.Length != changes.Length)
        {
            throw new ArgumentException($"{intervals.Length} intervals and {changes.Length} changes; there must be as many of both.", nameof(changes));
        }

        double meanX = 0, meanY = 0, xx = 0, xy = 0;
        for (int i = 0; i < intervals.Length; i++)
        {
            if (!(intervals[i] > 0) || !(changes[i] > 0))
            {
                throw new ArgumentException(FormattableString.Invariant($"After interval {intervals[i]} the change is {changes[i]}; both must be above 0."), nameof(intervals));
            }

            meanX += Math.Log(intervals[i]) / intervals.Length;
            meanY += Math.Log(changes[i]) / intervals.Length;
        }

        for (int i = 0; i < intervals.Length; i++)
        {
            double x = Math.Log(intervals[i]) - meanX;
            xx += x * x;
            xy += x * (Math.Log(changes[i]) - meanY);
        }

        return xx > 0 ? xy / xx : throw new ArgumentException("All intervals are equal; growth needs at least two.", nameof(intervals));
    }

    /// <summary>Throws where a number is outside its domain.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the number, its value and what is allowed.</exception>
    public void MustBeValid()
    {
        Check(SizeSpread > 0 && double.IsFinite(SizeSpread), SizeSpread, "spread of log size", "above 0");
        Check(Change > 0 && double.IsFinite(Change), Change, "change", "above 0");
        Check(Error >= 0 && double.IsFinite(Error), Error, "error", "at least 0");
        Check(Kurtosis > 1 && double.IsFinite(Kurtosis), Kurtosis, "kurtosis", "above 1 (3 is that of normal changes)");
        Check(Level is > 0 and < 1, Level, "level", "above 0 and below 1");
        Check(Power > Level && Power < 1, Power, "power", FormattableString.Invariant($"above the level {Level} and below 1"));
        foreach (double exponent in (ReadOnlySpan<double>)[Truth, Alternative])
        {
            Check(exponent is >= PowerLaw.LowestExponent and <= PowerLaw.HighestExponent, exponent, "exponent", $"{PowerLaw.LowestExponent} to {PowerLaw.HighestExponent}");
        }

        Check(Truth != Alternative, Truth, "exponent", "different from the one to tell it from");
    }

    private static void Check(bool right, double value, string name, string allowed)
    {
        if (!right)
        {
            throw new ArgumentOutOfRangeException(null, FormattableString.Invariant($"The {name} is {value}; it must be {allowed}."));
        }
    }

    private double Critical => -NormalDistribution.Quantile(Level / 2);

    private double Difference => Math.Abs(Truth - Alternative);

    // Standard error of one synapse.
    private double UnitStandardError => Math.Sqrt((Kurtosis - 1) / 4) / (SizeSpread * Reliability);
}
