using System.Globalization;

namespace SynapticGeometry.Papers;

/// <summary>Verdicts in words.</summary>
public static class FigureWords
{
    /// <summary>The deciding number with its unit.</summary>
    /// <param name="claim">The claim, decided.</param>
    public static string Value(ClaimVerdict claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return claim.Value is { } value ? Number(value) + Unit(claim) : "not a number";
    }

    /// <summary>The bounds within which the claim holds.</summary>
    /// <param name="claim">The claim, decided.</param>
    public static string Bounds(ClaimVerdict claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return (claim.AtLeast, claim.AtMost) switch
        {
            ({ } low, { } high) => $"{Number(low)} to {Number(high)}{Unit(claim)}",
            ({ } low, null) => $"at least {Number(low)}{Unit(claim)}",
            (null, { } high) => $"at most {Number(high)}{Unit(claim)}",
            _ => "any number",
        };
    }

    /// <summary>A number with three significant digits.</summary>
    /// <param name="value">The number.</param>
    public static string Number(double value) => value.ToString(
        value != 0 && (Math.Abs(value) < 1e-3 || Math.Abs(value) >= 1e5) ? "0.##e+0" : Math.Abs(value) >= 100 ? "0.#" : "0.####", CultureInfo.InvariantCulture);

    private static string Unit(ClaimVerdict claim) => claim.Unit == "1" ? string.Empty : " " + claim.Unit;
}
