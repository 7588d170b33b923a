using System.Globalization;

namespace SynapticGeometry.Reporting;

/// <summary>Numbers as a reader wants them: as many digits as they deserve, true minus signs, words where there is no number.</summary>
internal static class Numbers
{
    /// <summary>What stands where a number does not exist.</summary>
    public const string None = "–";

    /// <summary>So many significant digits, never fewer than the whole digits; powers of ten where there are too many zeros.</summary>
    public static string Significant(double value, int digits = 3)
    {
        if (NotFinite(value) is { } word)
        {
            return word;
        }

        if (value == 0)
        {
            return "0";
        }

        int decade = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        if (decade is < -4 or > 6)
        {
            string mantissa = Math.Round(value / Math.Pow(10, decade), digits - 1).ToString("F" + Math.Max(digits - 1, 0), CultureInfo.InvariantCulture);
            return $"{Minus(mantissa)}·10{AxisTicks.Superscript(decade)}";
        }

        return Fixed(value, Math.Clamp(digits - 1 - decade, 0, 12));
    }

    public static string Significant(double? value, int digits = 3) => value is { } v ? Significant(v, digits) : None;

    /// <summary>So many decimals.</summary>
    public static string Fixed(double value, int decimals)
    {
        if (NotFinite(value) is { } word)
        {
            return word;
        }

        string text = value.ToString("F" + decimals, CultureInfo.InvariantCulture);
        bool zero = text.All(c => c is '0' or '.' or '-');
        return zero ? text.TrimStart('-') : Minus(text);
    }

    public static string Fixed(double? value, int decimals) => value is { } v ? Fixed(v, decimals) : None;

    /// <summary>So many decimals, with its sign.</summary>
    public static string Signed(double value, int decimals) => Fixed(value, decimals) is var text && text[0] != '−' && double.IsFinite(value) && value > 0 ? "+" + text : text;

    /// <summary>A p-value: three decimals, "&lt; 0.001" below.</summary>
    public static string P(double? p) => p switch
    {
        null => None,
        double.NaN => None,
        < 0.001 => "< 0.001",
        { } v => v.ToString("F3", CultureInfo.InvariantCulture),
    };

    /// <summary>"p = 0.043" or "p &lt; 0.001".</summary>
    public static string PEquals(double? p) => P(p) is var text && text.StartsWith('<') ? "p " + text : "p = " + text;

    /// <summary>Decimals that leave two significant digits of a standard error.</summary>
    public static int Decimals(double standardError) =>
        double.IsFinite(standardError) && standardError > 0
            ? Math.Clamp(1 - (int)Math.Floor(Math.Log10(standardError)), 2, 6)
            : 2;

    public static string Interval(Interval? interval, int decimals) => interval is not { } i
        ? None
        : (double.IsFinite(i.Low), double.IsFinite(i.High)) switch
        {
            (true, true) => $"{Fixed(i.Low, decimals)} to {Fixed(i.High, decimals)}",
            (true, false) => $"{Fixed(i.Low, decimals)} or more (upper end open)",
            (false, true) => $"{Fixed(i.High, decimals)} or less (lower end open)",
            (false, false) => "open at both ends",
        };

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 synapse", "2 synapses".</summary>
    public static string Count(long value, string singular, string plural) => $"{Count(value)} {(value == 1 ? singular : plural)}";

    public static string Percent(double share) => share is > 0 and < 0.001 ? "< 0.1 %" : Fixed(100 * share, 1) + " %";

    private static string? NotFinite(double value) => double.IsNaN(value) ? None
        : double.IsPositiveInfinity(value) ? "∞"
        : double.IsNegativeInfinity(value) ? "−∞"
        : null;

    private static string Minus(string text) => text.Replace('-', '−');
}
