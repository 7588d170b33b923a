using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SynapticGeometry.Cli;

/// <summary>Reads the numbers of all options in one way, and says which option has what for a number where it has none.</summary>
internal static class NumericOptions
{
    /// <summary>Makes every option of a command and of its commands read numbers so.</summary>
    public static void Install(Command command)
    {
        foreach (Option option in command.Options)
        {
            switch (option)
            {
                case Option<double> o:
                    o.CustomParser ??= r => Parse(r, o, ParseDouble, "a number");
                    break;
                case Option<double?> o:
                    o.CustomParser ??= r => Parse(r, o, ParseDouble, "a number");
                    break;
                case Option<int> o:
                    o.CustomParser ??= r => Parse(r, o, ParseInt, Whole);
                    break;
                case Option<int?> o:
                    o.CustomParser ??= r => Parse(r, o, ParseInt, Whole);
                    break;
                case Option<ulong> o:
                    o.CustomParser ??= r => Parse<ulong>(r, o, t => ulong.TryParse(t, NumberStyles.Integer, CultureInfo.InvariantCulture, out ulong v) ? v : null, "a whole number from 0 on");
                    break;
            }
        }

        foreach (Command inner in command.Subcommands)
        {
            Install(inner);
        }
    }

    private const string Whole = "a whole number";

    private static double? ParseDouble(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private static int? ParseInt(string text) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : null;

    private static T Parse<T>(ArgumentResult result, Option option, Func<string, T?> parse, string what)
        where T : struct
    {
        string text = result.Tokens[^1].Value;
        if (parse(text) is { } value)
        {
            return value;
        }

        bool whole = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && number == Math.Floor(number) && number > 0;
        result.AddError(whole ? $"{option.Name} '{text}' is out of range; at most {(typeof(T) == typeof(int) ? int.MaxValue : ulong.MaxValue)} is possible." : $"{option.Name} '{text}' is not {what}.");
        return default;
    }
}
