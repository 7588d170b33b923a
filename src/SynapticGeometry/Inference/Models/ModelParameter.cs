namespace SynapticGeometry;

/// <summary>On which scale a parameter is unbounded, so that a search may move freely.</summary>
public enum ParameterScale
{
    /// <summary>As it is, between its bounds.</summary>
    Linear,

    /// <summary>Its logarithm: for standard deviations and other positive numbers.</summary>
    Logarithmic,
}

/// <summary>A parameter of a model.</summary>
/// <param name="Name">Its name in results, such as "exponent".</param>
/// <param name="Scale">The scale on which it is searched.</param>
/// <param name="Low">Lowest value allowed.</param>
/// <param name="High">Highest value allowed.</param>
/// <param name="Meaning">What it is, with its unit.</param>
public sealed record ModelParameter(string Name, ParameterScale Scale, double Low, double High, string Meaning)
{
    /// <summary>Name of the exponent λ of the power family.</summary>
    public const string Exponent = "exponent";

    /// <summary>Name of c, the standard deviation of the relative change of a synapse of typical size.</summary>
    public const string Change = "change";

    /// <summary>Name of τ, the standard deviation of the relative measurement error.</summary>
    public const string Error = "error";

    /// <summary>Name of the standard deviation of the additive measurement error.</summary>
    public const string AbsoluteError = "absolute_error";

    /// <summary>The value on the scale of the search.</summary>
    internal double ToSearch(double value) => Scale == ParameterScale.Logarithmic ? Math.Log(value) : value;

    /// <summary>The value of a point of the search.</summary>
    internal double FromSearch(double point) => Scale == ParameterScale.Logarithmic ? Math.Exp(point) : point;

    /// <summary>Whether a value is fixed, or clear of both bounds.</summary>
    internal bool IsInside(double value)
    {
        double low = ToSearch(Low), high = ToSearch(High), margin = 0.1 * (high - low);
        return low == high || (ToSearch(value) > low + margin && ToSearch(value) < high - margin);
    }

    /// <summary>The point of the search moved into the bounds.</summary>
    internal double Bound(double point) => Math.Clamp(point, ToSearch(Low), ToSearch(High));
}
