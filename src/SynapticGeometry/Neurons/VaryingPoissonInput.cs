namespace SynapticGeometry;

/// <summary>Independent Poisson input whose rates vary in time: a spike at peak rate is kept with probability rate/peak (thinning).</summary>
/// <remarks>Source of the method: Lewis and Shedler 1979.</remarks>
public sealed record VaryingPoissonInput : SpikeInput
{
    private readonly double[] peaks;
    private readonly Func<double, int, double> rate;

    /// <summary>An input of given rates over time.</summary>
    /// <param name="meanRates">Hz: each synapse's mean rate, for the Fisher metric.</param>
    /// <param name="peakRates">Hz: each synapse's largest rate.</param>
    /// <param name="rate">The rate in Hz at a time (s from the start) of a synapse (index), from 0 to its peak; pure.</param>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative or not finite.</exception>
    public VaryingPoissonInput(IReadOnlyList<double> meanRates, IReadOnlyList<double> peakRates, Func<double, int, double> rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        Rates = Require.NoneNegative(meanRates, "mean rate", "Hz", nameof(meanRates));
        peaks = Require.NoneNegative(peakRates, "peak rate", "Hz", nameof(peakRates));
        Elementwise.MustMatch(Rates.Count, peaks.Length, "mean rate", "peak rate");
        this.rate = rate;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<double> Rates { get; }

    /// <summary>Time after which the rates repeat, s; null where they do not.</summary>
    public double? Period { get; init => field = value is { } v ? Require.Positive(v, "period", nameof(Period)) : null; }

    /// <summary>The input from a random time within <see cref="Period"/> on; itself where the rates do not repeat.</summary>
    /// <inheritdoc/>
    public override SpikeInput Stretch(RandomSource random, double duration)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (Period is not { } period)
        {
            return this;
        }

        double shift = random.NextDouble() * period;
        Func<double, int, double> now = rate;
        return new VaryingPoissonInput(Rates, peaks, (time, synapse) => now(time + shift, synapse)) { Period = period };
    }

    /// <inheritdoc/>
    /// <remarks>The sampler throws where a rate is negative, above its peak or not a number, and names synapse and time.</remarks>
    public override SpikeSampler Start(RandomSource random, double timeStep) => new PoissonSampler(peaks, random, timeStep, Share);

    internal double RateAt(double time, int synapse) => rate(time, synapse);

    private double Share(double time, int synapse)
    {
        double now = rate(time, synapse), share = now / peaks[synapse];

        // A rate computed to equal its peak may exceed it by rounding.
        return share is >= 0 and <= 1 + 1e-12
            ? share
            : throw new ArgumentOutOfRangeException(
                nameof(synapse), $"The rate of synapse {synapse} at {time} s is {now} Hz; it must lie between 0 and its peak, {peaks[synapse]} Hz.");
    }
}
