using System.Globalization;

namespace SynapticGeometry.Cli;

/// <summary>Numbers and lists of them in options, and numbers in tables on a terminal.</summary>
internal static class NumberText
{
    /// <summary>A finite number; null where the text is none.</summary>
    public static double? Parse(string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    /// <summary>A number in four digits.</summary>
    public static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A number of things.</summary>
    public static string Count(long value, string singular, string plural) => FormattableString.Invariant($"{value} {(value == 1 ? singular : plural)}");

    /// <summary>Numbers joined by commas.</summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="text">Its value.</param>
    /// <param name="what">What one of them is, with its article and unit, such as "a rate in Hz".</param>
    /// <param name="example">A value that is right.</param>
    /// <param name="count">How many are needed; null for at least one.</param>
    /// <exception cref="BadInputException">One is no finite number, or there are not as many as needed.</exception>
    public static double[] List(string option, string text, string what, string example, int? count = null)
    {
        double[] values = [.. text.Split(',').Select(part => Parse(part)
            ?? throw new BadInputException($"{option} '{text}': '{part.Trim()}' is not {what}; numbers joined by commas are needed, such as {example}."))];
        return count is null || values.Length == count
            ? values
            : throw new BadInputException($"{option} '{text}' has {values.Length} {(values.Length == 1 ? "number" : "numbers")}; {count} are needed, such as {example}.");
    }

    /// <summary>Rates of equal groups of synapses, one for each synapse.</summary>
    /// <param name="text">Value of --rates.</param>
    /// <param name="synapses">n.</param>
    /// <exception cref="BadInputException">One is no rate, or there are more groups than synapses.</exception>
    public static double[] Rates(string text, int synapses)
    {
        double[] rates = List("--rates", text, "a rate in Hz", "10,50");
        foreach (double rate in rates.Where(r => r < 0))
        {
            throw new BadInputException(FormattableString.Invariant($"--rates '{text}': {rate} Hz is negative; rates are at least 0."));
        }

        return rates.Length > synapses
            ? throw new BadInputException($"--n is {synapses}, fewer than the {rates.Length} rates of --rates '{text}'.")
            : [.. Enumerable.Range(0, synapses).Select(i => rates[(int)((long)i * rates.Length / synapses)])];
    }
}
