namespace SynapticGeometry;

/// <summary>Checks of scalar arguments; each message names the value and what is allowed.</summary>
internal static class Require
{
    /// <summary>The value, where it is finite and positive.</summary>
    public static double Positive(double value, string what, string parameter) =>
        value > 0 && double.IsFinite(value) ? value : throw Refuse(value, what, parameter, "finite and positive");

    /// <summary>The value, where it is finite and not negative.</summary>
    public static double NotNegative(double value, string what, string parameter) =>
        value >= 0 && double.IsFinite(value) ? value : throw Refuse(value, what, parameter, "finite and not negative");

    /// <summary>The value, where it is finite.</summary>
    public static double Finite(double value, string what, string parameter) =>
        double.IsFinite(value) ? value : throw Refuse(value, what, parameter, "finite");

    /// <summary>A copy of the values, where each is finite and not negative.</summary>
    /// <param name="values">Any number of values.</param>
    /// <param name="what">What one is called, such as "rate".</param>
    /// <param name="unit">Its unit, such as "Hz".</param>
    /// <param name="parameter">The name of the caller's parameter.</param>
    public static double[] NoneNegative(IReadOnlyList<double> values, string what, string unit, string parameter)
    {
        ArgumentNullException.ThrowIfNull(values, parameter);
        double[] copy = [.. values];
        for (int i = 0; i < copy.Length; i++)
        {
            if (!(copy[i] >= 0) || !double.IsFinite(copy[i]))
            {
                throw new ArgumentOutOfRangeException(
                    parameter, $"{Elementwise.Capital(what)} {i} of {copy.Length} is {copy[i]} {unit}; it must be finite and not negative.");
            }
        }

        return copy;
    }

    /// <summary>What a problem says, without the name of the parameter that the runtime adds.</summary>
    public static string Words(Exception problem)
    {
        int end = problem.Message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return end < 0 ? problem.Message : problem.Message[..end];
    }

    private static ArgumentOutOfRangeException Refuse(double value, string what, string parameter, string allowed) =>
        new(parameter, $"The {what} is {value}; it must be {allowed}.");
}
