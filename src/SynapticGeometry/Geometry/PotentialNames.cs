using System.Globalization;

namespace SynapticGeometry;

/// <summary>Names of potentials, read.</summary>
internal static class PotentialNames
{
    private const string Allowed =
        "negative-entropy, burg-entropy, hypentropy:BETA (such as hypentropy:0.1), or a number p greater than 1 (such as 1.5 or 1.5-norm)";

    private static readonly string[] Examples = ["negative-entropy", "burg-entropy", "hypentropy:0.1", "1.5-norm"];

    public static Potential Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = text.Trim().ToLowerInvariant();
        if (name == "negative-entropy")
        {
            return new NegativeEntropy();
        }

        if (name == "burg-entropy")
        {
            return new BurgEntropy();
        }

        if (name.StartsWith("hypentropy:", StringComparison.Ordinal))
        {
            return TryNumber(name["hypentropy:".Length..], out double beta) && beta > 0
                ? new HyperbolicEntropy(beta)
                : throw new FormatException($"The beta of \"{text}\" must be a positive number, as in hypentropy:0.1.");
        }

        if (TryNumber(name.EndsWith("-norm", StringComparison.Ordinal) ? name[..^"-norm".Length] : name, out double power))
        {
            return power > 1
                ? new PNorm(power)
                : throw new FormatException($"The p of \"{text}\" must be greater than 1; allowed are {Allowed}.");
        }

        // Compared with the first letters too, so that "burg" and "negent" find their names.
        string closest = Examples.MinBy(example => Math.Min(
            Distance(name, example), 1 + Distance(name, example[..Math.Min(name.Length, example.Length)])))!;
        throw new FormatException($"No geometry is named \"{text}\"; did you mean {closest}? Allowed are {Allowed}.");
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    // Levenshtein's distance: how many letters to insert, drop or change.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < b.Length; j++)
            {
                int change = diagonal + (a[i] == b[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(change, 1 + Math.Min(row[j], row[j + 1]));
            }
        }

        return row[^1];
    }
}
