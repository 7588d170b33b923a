namespace SynapticGeometry;

/// <summary>
/// The error of one measurement of a size w: log sizes are measured with variance τ² = <see cref="Relative"/>² + (<see cref="Absolute"/>/w)².
/// </summary>
/// <param name="Relative">Standard deviation of the relative (multiplicative) part, dimensionless: 0.1 is about 10 %. At least 0.</param>
/// <param name="Absolute">Standard deviation of the additive part, in the unit of the sizes. At least 0.</param>
public readonly record struct MeasurementError(double Relative, double Absolute = 0)
{
    /// <summary>Sizes measured without error.</summary>
    public static MeasurementError None => default;

    /// <summary>Whether both parts are zero.</summary>
    public bool IsNone => Relative == 0 && Absolute == 0;

    /// <summary>τ², the variance of the measured log size of a synapse of size e^<paramref name="logSize"/>.</summary>
    /// <param name="logSize">Natural logarithm of the size, in the unit of the sizes.</param>
    public double Variance(double logSize)
    {
        double additive = Absolute == 0 ? 0 : Absolute * Math.Exp(-logSize);
        return (Relative * Relative) + (additive * additive);
    }

    /// <summary>The error with both parts multiplied, for a study of sensitivity.</summary>
    /// <param name="factor">Factor, at least 0.</param>
    public MeasurementError Scaled(double factor) => new(Relative * factor, Absolute * factor);

    /// <summary>Throws where a part is negative or not finite.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A part is negative or not finite.</exception>
    internal void MustBeValid()
    {
        if (!(Relative >= 0 && double.IsFinite(Relative) && Absolute >= 0 && double.IsFinite(Absolute)))
        {
            throw new ArgumentOutOfRangeException(
                null, $"The measurement error is {Relative} (relative) and {Absolute} (additive); both must be finite and at least 0.");
        }
    }
}
