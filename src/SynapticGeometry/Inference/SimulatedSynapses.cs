namespace SynapticGeometry;

/// <summary>How the weights before are distributed.</summary>
public enum InitialWeights
{
    /// <summary>Positive, log-normal with <see cref="SimulatedSynapses.SizeSpread"/>.</summary>
    LogNormal,

    /// <summary>Standard normal times the median, of both signs.</summary>
    Normal,
}

/// <summary>
/// Synapses whose weights change under a known geometry: dual(after) = dual(before) + c·k·(drift + Z), with Z standard normal and k such
/// that c is the relative change of a synapse of median size. For power calculations, tests, and to see what the inference says when
/// the truth is known.
/// </summary>
public sealed record SimulatedSynapses
{
    /// <summary>Number of synapses, n ≥ 1.</summary>
    public int Count { get; init; } = 1000;

    /// <summary>The geometry of the changes: an exponent λ of the power family (0 negative entropy, 1 Euclidean).</summary>
    public double Exponent { get; init; }

    /// <summary>c, the standard deviation of the relative change of a median synapse.</summary>
    public double RelativeChange { get; init; } = 0.1;

    /// <summary>Distribution of the weights before.</summary>
    public InitialWeights Start { get; init; } = InitialWeights.LogNormal;

    /// <summary>S, the standard deviation of log size of a log-normal start; 0.83 makes mean and standard deviation of the sizes equal.</summary>
    public double SizeSpread { get; init; } = 0.83;

    /// <summary>Median size, in any unit.</summary>
    public double MedianSize { get; init; } = 1;

    /// <summary>
    /// What happens under λ &gt; 0 to a weight that reaches zero: true, it vanishes (a spine: the weight after is 0); false, it changes its
    /// sign (a weight of a network).
    /// </summary>
    public bool VanishAtZero { get; init; } = true;

    /// <summary>Number of groups, of equal size, labelled g1, g2, ...; 0 for none.</summary>
    public int Groups { get; init; }

    /// <summary>Standard deviation between groups of a shift of the dual change that all synapses of a group share, in units of c.</summary>
    public double GroupShift { get; init; }

    /// <summary>The error of every measurement, before and after; of a weight that vanished there is none.</summary>
    public MeasurementError Error { get; init; }

    /// <summary>Draws the weights.</summary>
    /// <param name="random">Source of the random numbers.</param>
    /// <returns>
    /// Weights before and after and the group labels (empty without groups). Under λ &lt; 0 a weight may grow without bound; its weight
    /// after is then infinite.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public (double[] Before, double[] After, string[] Group) Draw(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RelativeChange);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SizeSpread);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MedianSize);
        ArgumentOutOfRangeException.ThrowIfNegative(Groups);
        RandomSource sizes = random.Fork("sizes"), changes = random.Fork("changes"), shifts = random.Fork("group shifts");
        double[] before = new double[Count], after = new double[Count];
        var shift = new double[Math.Max(1, Groups)];
        shifts.FillNormal(shift);
        sizes.FillNormal(before);
        changes.FillNormal(after);

        // The median of |N(0, 1)|, so that "a median synapse" means the same for both starts.
        const double medianOfAbsoluteNormal = 0.6744897501960817;
        for (int i = 0; i < Count; i++)
        {
            double w = Start == InitialWeights.LogNormal ? Math.Exp(SizeSpread * before[i]) : before[i] / medianOfAbsoluteNormal;
            double z = after[i] + (Groups > 0 ? GroupShift * shift[i % Groups] : 0);
            before[i] = MedianSize * w;
            after[i] = MedianSize * Move(w, RelativeChange * z);
        }

        RandomSource errors = random.Fork("errors");
        AddError(before, errors);
        AddError(after, errors);
        string[] labels = Groups == 0 ? [] : [.. Enumerable.Range(0, Count).Select(i => $"g{(i % Groups) + 1}")];
        return (before, after, labels);
    }

    /// <summary>Draws controls: synapses of the same sizes measured several times, between which nothing was learned.</summary>
    /// <param name="count">Number of controls.</param>
    /// <param name="sessions">Number of measurements of each.</param>
    /// <param name="random">Source of the random numbers.</param>
    /// <returns>One array of sizes a session.</returns>
    public double[][] DrawControls(int count, int sessions, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var sizes = new double[count];
        random.Fork("control sizes").FillNormal(sizes);
        RandomSource errors = random.Fork("control errors");
        return [.. Enumerable.Range(0, sessions).Select(_ =>
        {
            double[] measured = [.. sizes.Select(z => MedianSize * Math.Exp(SizeSpread * z))];
            AddError(measured, errors);
            return measured;
        })];
    }

    private void AddError(double[] weights, RandomSource random)
    {
        for (int i = 0; i < weights.Length && !Error.IsNone; i++)
        {
            double error = random.NextNormal();
            weights[i] *= weights[i] == 0 ? 1 : Math.Exp(error * Math.Sqrt(Error.Variance(Math.Log(Math.Abs(weights[i])))));
        }
    }

    // Adds a dual change, given as the relative change of a synapse of size 1, to a weight.
    private double Move(double w, double relative)
    {
        double sign = Math.Sign(w), size = Math.Abs(w);
        if (Exponent == 0)
        {
            return sign * size * Math.Exp(relative * sign);
        }

        // In units where y = sign |w|^λ / λ, the relative change of size 1 is the dual change itself.
        double power = Math.Pow(size, Exponent) + (Exponent * sign * relative);
        bool reached = power <= 0;
        if (reached && Exponent < 0)
        {
            return sign * double.PositiveInfinity;
        }

        if (reached && VanishAtZero)
        {
            return 0;
        }

        return (reached ? -sign : sign) * Math.Pow(Math.Abs(power), 1 / Exponent);
    }
}
