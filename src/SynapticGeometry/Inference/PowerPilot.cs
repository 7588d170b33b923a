namespace SynapticGeometry;

/// <summary>What a pilot data set says of the experiment to come: its sizes, clusters, changes, and what they look like once measurement error is taken off.</summary>
public sealed class PowerPilot
{
    private const double LeastTrueShare = 0.05;

    private PowerPilot(LongitudinalSizes sizes, MeasurementError error, double[] trueLogSizes)
    {
        Sizes = sizes;
        Error = error;
        TrueLogSizes = trueLogSizes;
    }

    /// <summary>The pilot's sizes.</summary>
    public LongitudinalSizes Sizes { get; }

    /// <summary>The error of one measurement.</summary>
    public MeasurementError Error { get; }

    /// <summary>
    /// ln of the sizes at the first session, relative to the geometric mean, drawn towards their mean so that their spread is that without error.
    /// </summary>
    public IReadOnlyList<double> TrueLogSizes { get; }

    /// <summary>S, standard deviation of log size without error.</summary>
    public double SizeSpread { get; private init; }

    /// <summary>Share of the variance of measured log size that is not error.</summary>
    public double TrueShare { get; private init; }

    /// <summary>c, spread of the relative change of a synapse of typical size, error taken off.</summary>
    public double Change { get; private init; }

    /// <summary>Spread of the measured log change, error included.</summary>
    public double MeasuredChange { get; private init; }

    /// <summary>The pilot's own exponent λ̂.</summary>
    public double Exponent { get; private init; }

    /// <summary>Robust standard error of <see cref="Exponent"/>.</summary>
    public double ExponentError { get; private init; }

    /// <summary>Kurtosis of the standardised measured changes.</summary>
    public double Kurtosis { get; private init; }

    /// <summary>Standard deviation between groups of their mean change, in units of c; 0 without groups or where nothing speaks for any.</summary>
    public double GroupShift { get; private init; }

    /// <summary>Whether measured changes are no more variable than the error alone would make them.</summary>
    public bool ErrorExceedsChange { get; private init; }

    /// <summary>Reads a pilot.</summary>
    /// <param name="sizes">Sizes at two sessions.</param>
    /// <param name="error">The error of one measurement.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="ArgumentException">Not two sessions.</exception>
    /// <exception cref="UninformativeDataException">
    /// Groups are single synapses, or there is one only; nothing changed; or the sizes spread no more than the error alone would make them.
    /// </exception>
    public static PowerPilot From(LongitudinalSizes sizes, MeasurementError error, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        error.MustBeValid();
        if (sizes.Sessions != 2 || sizes.Epochs != 2)
        {
            throw new ArgumentException($"A pilot has two sessions with plasticity between them, not {sizes.Sessions}.", nameof(sizes));
        }

        if (sizes.GroupOf is { } groups)
        {
            int used = groups.Distinct().Count();
            if (used == sizes.Count || used == 1)
            {
                throw new UninformativeDataException(used == 1
                    ? "All synapses of the pilot are in one group: how groups differ cannot be seen from one. Leave out the groups."
                    : $"Each of the pilot's {used} groups has a single synapse, so groups say nothing that synapses do not. Leave out the groups, or group by something larger.");
            }
        }

        double[] before = [.. Enumerable.Range(0, sizes.Count).Select(i => sizes[i][0])];
        if (before.Any(x => !double.IsFinite(x)))
        {
            throw new ArgumentException("Every synapse of a pilot is measured at its first session.", nameof(sizes));
        }

        double mean = before.Average(), variance = before.Sum(x => (x - mean) * (x - mean)) / (before.Length - 1);
        double noise = before.Average(x => error.Variance(x + sizes.LogUnit)), share = 1 - (noise / variance);
        if (!(share > LeastTrueShare))
        {
            throw new UninformativeDataException(FormattableString.Invariant(
                $"The pilot's log sizes have standard deviation {Math.Sqrt(variance):G3}, of which the error alone makes {Math.Sqrt(noise):G3}: their true spread cannot be told from zero. Is the error relative (0.1 is 10 %)?"));
        }

        (double X, double Change, int Synapse)[] pairs =
        [
            .. Enumerable.Range(0, sizes.Count).Where(i => double.IsFinite(sizes[i][1])).Select(i => (0.5 * (sizes[i][0] + sizes[i][1]), sizes[i][1] - sizes[i][0], i)),
        ];
        double measured = Spread([.. pairs.Select(p => p.Change)]);
        if (!(measured > 0))
        {
            throw new UninformativeDataException("No synapse of the pilot changed its size relative to the others: there is no change to plan for.");
        }

        ChangeModelFit fit = Fit(sizes.With(null), new PowerLaw(Drift.Constant), error, cancellation);
        double change = fit[ModelParameter.Change], exponent = fit[ModelParameter.Exponent];

        // Standardised by the fitted variance function; the shape that is left is that of the changes.
        double drift = fit["drift"];
        double Plastic(double u) => change * Math.Exp(-exponent * u);
        double Deviation(double u)
        {
            double own = Plastic(u);
            return Math.Sqrt((own * own) + (2 * error.Variance(u + sizes.LogUnit)));
        }

        double[] z = [.. pairs.Select(p => (p.Change - (drift * Math.Exp(-exponent * p.X))) / Deviation(p.X))];
        double centre = z.Average(), second = z.Average(v => Math.Pow(v - centre, 2)), fourth = z.Average(v => Math.Pow(v - centre, 4));
        double plasticShare = pairs.Average(p => Math.Pow(Plastic(p.X) / Deviation(p.X), 2));
        return new PowerPilot(sizes, error, [.. before.Select(x => mean + ((x - mean) * Math.Sqrt(share)))])
        {
            SizeSpread = Math.Sqrt(variance * share),
            TrueShare = share,
            Change = change,
            MeasuredChange = measured,
            Exponent = exponent,
            ExponentError = fit.RobustStandardError(ModelParameter.Exponent),
            Kurtosis = fourth / (second * second),
            GroupShift = sizes.GroupOf is { } of ? Math.Sqrt(BetweenGroups(z, [.. pairs.Select(p => of[p.Synapse])]) / plasticShare) : 0,
            ErrorExceedsChange = measured * measured <= 2 * noise,
        };
    }

    /// <summary>Fits a power law: exact where there is no error, else with the error; the model is quick, as a pilot's size is all that is needed.</summary>
    internal static ChangeModelFit Fit(LongitudinalSizes sizes, ChangeLaw law, MeasurementError error, CancellationToken cancellation)
    {
        ChangeModel model = error.IsNone ? new ExactSizeModel(law)
            : double.IsFinite(sizes.LogLimit) ? new LatentSizeModel(law, error)
            : new SmallChangeModel(law, error);
        return model.Fit(sizes, null, cancellation);
    }

    private static double Spread(double[] values) => SampleMoments.Of<double>(values).StandardDeviation;

    // One-way analysis of variance: the variance between groups of their means, by moments.
    private static double BetweenGroups(double[] z, int[] group)
    {
        double overall = z.Average(), within = 0, between = 0, squares = 0;
        int groups = 0;
        foreach (double[] members in z.Zip(group).GroupBy(p => p.Second, p => p.First).Select(g => g.ToArray()))
        {
            double mean = members.Average();
            within += members.Sum(v => (v - mean) * (v - mean));
            between += members.Length * (mean - overall) * (mean - overall);
            squares += (double)members.Length * members.Length;
            groups++;
        }

        int n = z.Length;
        if (groups < 2 || n == groups)
        {
            return 0;
        }

        double size = (n - (squares / n)) / (groups - 1);
        return Math.Max(0, ((between / (groups - 1)) - (within / (n - groups))) / size);
    }
}
