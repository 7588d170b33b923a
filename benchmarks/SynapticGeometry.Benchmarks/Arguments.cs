using System.Globalization;

namespace SynapticGeometry.Benchmarks;

/// <summary>Options of the form --name value.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> values = [];

    public Arguments(string[] args)
    {
        for (int i = 0; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
            {
                throw new ArgumentException($"Argument {i + 1}, \"{args[i]}\", is not an option with a value (--name value).");
            }

            values[args[i][2..]] = args[i + 1];
        }
    }

    public string Text(string name, string otherwise) => values.GetValueOrDefault(name, otherwise);

    /// <summary>A count; 1e7 may be written for 10000000.</summary>
    public int Count(string name, int otherwise, int least = 1)
    {
        if (!values.TryGetValue(name, out string? text))
        {
            return otherwise;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && value >= least && value <= int.MaxValue && value == Math.Floor(value)
            ? (int)value
            : throw new ArgumentException($"--{name} {text}: a whole number of at least {least} is needed.");
    }
}
