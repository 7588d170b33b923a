namespace SynapticGeometry;

/// <summary>A user's own transfer function, given by φ and φ′, which are checked against each other.</summary>
/// <remarks>
/// The functions must be pure; they are called from any thread. Expectations of φ′²/φ are integrated numerically to about 1e-9
/// where φ is smooth, and split at <see cref="Kink"/> where it is not.
/// </remarks>
public sealed record CustomTransfer : TransferFunction
{
    // Beyond this many standard deviations the normal density is 1e-19 of its peak.
    private const double Reach = 9.4;

    // Step of the differences, mV: no transfer function of a neuron bends within it.
    private const double Difference = 0.01;
    private readonly Func<double, double> _rate;
    private readonly Func<double, double> _slope;

    /// <summary>Builds and checks the transfer function.</summary>
    /// <param name="name">The name in tables and messages.</param>
    /// <param name="rate">φ, Hz: finite, not negative, not decreasing.</param>
    /// <param name="slope">φ′, Hz/mV.</param>
    /// <param name="lower">Lowest potential at which it is checked, mV.</param>
    /// <param name="upper">Highest potential at which it is checked, mV.</param>
    /// <param name="kink">A potential, mV, at which φ or a derivative of it jumps, such as a threshold; null where there is none.</param>
    /// <exception cref="ArgumentException">
    /// The name is empty, the range is, or at some potential φ is negative, decreases, or does not have the slope φ′; the message names it.
    /// </exception>
    public CustomTransfer(
        string name, Func<double, double> rate, Func<double, double> slope, double lower = -40, double upper = 60, double? kink = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(rate);
        ArgumentNullException.ThrowIfNull(slope);
        if (!(lower < upper) || !double.IsFinite(lower) || !double.IsFinite(upper) || kink is { } k && !double.IsFinite(k))
        {
            throw new ArgumentException($"{name} is to be checked from {lower} to {upper} mV with its kink at {kink} mV; the ends must be finite and ascending, the kink finite.");
        }

        (Name, _rate, _slope, Kink) = (name, rate, slope, kink);
        Verify(lower, upper);
    }

    /// <summary>The name in tables and messages.</summary>
    public string Name { get; }

    /// <summary>Where φ or a derivative of it jumps, mV; null where it does not.</summary>
    public double? Kink { get; }

    /// <summary>The constant potential added before φ is taken, mV.</summary>
    public double Shift { get; private init; }

    /// <inheritdoc/>
    public override double Rate(double potential) => Checked(_rate(potential + Shift), potential, "rate");

    /// <inheritdoc/>
    public override double Slope(double potential) => Checked(_slope(potential + Shift), potential, "slope");

    /// <inheritdoc/>
    public override double LogSlope(double potential) => Rate(potential) is > 0 and var rate ? Slope(potential) / rate : double.PositiveInfinity;

    /// <inheritdoc/>
    public override TransferFunction Shifted(double shift) => this with { Shift = Shift + Require.Finite(shift, "shift", nameof(shift)) };

    /// <inheritdoc/>
    /// <exception cref="ArithmeticException">The integral does not converge, as where φ has a kink that was not named.</exception>
    public override FisherMoments Fisher(double mean, double variance)
    {
        // Below a microvolt the weights z/s of the quadrature would lose c₂ and c₃ to rounding.
        double s = StandardDeviation(mean, variance), kink = (Kink ?? double.NaN) - Shift, distance = Math.Abs(kink - mean);
        return s < 1e-3 && !(distance < 3 * Difference) ? NearLimit(mean, s)
            : Kink is null || distance > Reach * s ? Smooth(mean, s)
            : Split(mean, s, kink);
    }

    /// <inheritdoc/>
    public override string ToString() => Shift == 0 ? Name : $"{Name} shifted by {Shift} mV";

    private double Information(double potential) => Rate(potential) is > 0 and var rate ? Slope(potential) is var slope ? slope * (slope / rate) : 0 : 0;

    // Five-point differences: F, F′, F″ at the mean, and E F = F + s² F″/2 to the order that matters at s ≪ h.
    private FisherMoments NearLimit(double mean, double s)
    {
        const double h = Difference;
        double f = Information(mean), right = Information(mean + h), left = Information(mean - h);
        double farRight = Information(mean + (2 * h)), farLeft = Information(mean - (2 * h));
        double first = ((8 * (right - left)) - (farRight - farLeft)) / (12 * h);
        double second = ((16 * (right + left)) - (farRight + farLeft) - (30 * f)) / (12 * h * h);
        return new FisherMoments(f + (0.5 * s * s * second), first, second);
    }

    // The trapezoidal rule over the normal density, its step halved until nothing changes.
    private FisherMoments Smooth(double mean, double s)
    {
        double sum0 = 0, sum1 = 0, sum2 = 0;
        FisherMoments last = default;
        for (double h = 0.5; h >= 1.0 / 2048; h /= 2)
        {
            bool first = h == 0.5;
            for (double z = first ? 0 : h; z <= Reach; z += first ? h : 2 * h)
            {
                double density = NormalDistribution.Density(z);
                double right = density * Information(mean + (s * z)), left = z == 0 ? 0 : density * Information(mean - (s * z));
                sum0 += right + left;
                sum1 += z * (right - left);
                sum2 += ((z * z) - 1) * (right + left);
            }

            FisherMoments now = new(h * sum0, h * sum1 / s, h * sum2 / (s * s));
            if (!first && Close(now.C1, last.C1) && Close(now.C2 * s, last.C2 * s) && Close(now.C3 * s * s, last.C3 * s * s))
            {
                return now;
            }

            last = now;
            bool Close(double a, double b) => Math.Abs(a - b) <= 1e-11 * now.C1;
        }

        throw new ArithmeticException(
            $"The Fisher information of {this} at mean {mean} mV and standard deviation {s} mV does not converge; where the rate or its slope jumps, give that potential as the kink.");
    }

    private FisherMoments Split(double mean, double s, double kink)
    {
        double Between(double from, double to, Func<double, double> weight) =>
            DoubleExponential.Integrate((z, _) => weight(z) * NormalDistribution.Density(z) * Information(mean + (s * z)), from, to, out double _, out double _);
        double Whole(Func<double, double> weight) => Between(-Reach, (kink - mean) / s, weight) + Between((kink - mean) / s, Reach, weight);
        return new FisherMoments(Whole(_ => 1), Whole(z => z) / s, Whole(z => (z * z) - 1) / (s * s));
    }

    private double Checked(double value, double potential, string what) =>
        value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(potential), $"The {what} of {this} at {potential} mV is {value}; it must be finite and not negative.");

    private void Verify(double lower, double upper)
    {
        const int points = 64;
        double before = 0;
        for (int i = 1; i < points; i++)
        {
            double v = lower + ((upper - lower) * i / points), rate = Valid(_rate(v), v, "rate"), slope = Valid(_slope(v), v, "slope");
            if (rate < before)
            {
                throw new ArgumentException($"The rate of {Name} must not decrease, but does so before {v} mV, from {before} to {rate} Hz.");
            }

            // The slope of φ is measured as a function of the distance from v, away from the kink.
            before = rate;
            double room = Math.Min((upper - lower) / points, Kink is { } kink ? Math.Abs(kink - v) : double.PositiveInfinity);
            if (room > 0 && DerivativeCheck.Mismatch(d => _rate(v + d), slope, 0, -room, room) is { } measured)
            {
                throw new ArgumentException($"The slope of {Name} is given as {slope} Hz/mV at {v} mV, but that of its rate there is {measured}.");
            }
        }

        double Valid(double value, double at, string what) =>
            value >= 0 && double.IsFinite(value) ? value : throw new ArgumentException($"The {what} of {Name} at {at} mV is {value}; it must be finite and not negative.");
    }
}
