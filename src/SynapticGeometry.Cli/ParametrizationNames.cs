using SynapticGeometry.Data;

namespace SynapticGeometry.Cli;

/// <summary>The parametrizations of weights that the command line knows by name.</summary>
internal static class ParametrizationNames
{
    /// <summary>Farthest synapse of a dendrite of no given shape, µm.</summary>
    public const double LongestDistance = 460;

    /// <summary>The forms of a name, for a help text.</summary>
    public const string Listed =
        "somatic, dendritic:LENGTH (passive dendrite of this length constant, distances drawn from 0 to 460 um), log (w = exp(omega)), power:P (w = omega^P), swc:FILE[,LENGTH] (path distances on a morphology), cable:FILE (passive cable on a morphology)";

    // Of points on dendrites in SWC files.
    private const int BasalType = 3, ApicalType = 4;

    private const string DefaultLength = "200um";

    private static readonly string[] Forms = ["somatic", "dendritic:200um", "log", "power:2", "swc:FILE", "cable:FILE"];

    /// <summary>The parametrization of a name, and whether it has positive weights only.</summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="text">The name.</param>
    /// <param name="synapses">n.</param>
    /// <param name="seed">Seed of drawn distances and sites.</param>
    /// <exception cref="BadInputException">It is no such name, or a number in it is out of range.</exception>
    /// <exception cref="DataFileException">The morphology cannot be read.</exception>
    public static (Parametrization Parametrization, bool Positive) Parse(string option, string text, int synapses, ulong seed)
    {
        string[] parts = text.Trim().Split(':', 2);
        string? argument = parts.Length > 1 ? parts[1] : null;
        switch (parts[0].ToLowerInvariant())
        {
            case "somatic" when argument is null:
                return (new SomaticWeights(), false);
            case "dendritic":
                RandomSource draws = new RandomSource(seed).Fork("dendritic distances");
                double[] distances = [.. Enumerable.Range(0, synapses).Select(_ => LongestDistance * draws.NextDouble())];
                return (DendriticWeights.Passive(distances, Length(option, text, argument ?? DefaultLength)), false);
            case "log" when argument is null:
                return (new MonotoneWeights("log", synapses, (w, _) => Math.Exp(w), (w, _) => Math.Exp(w), (w, _) => Math.Log(w), -25, 5), true);
            case "power":
                double power = NumberText.Parse(argument ?? "2") ?? double.NaN;
                return power is >= 0.1 and <= 10
                    ? (new MonotoneWeights(text.Trim(), synapses, (w, _) => Math.Pow(w, power), (w, _) => power * Math.Pow(w, power - 1), (w, _) => Math.Pow(w, 1 / power), 0, Math.Pow(10, 1 / power)), true)
                    : throw new BadInputException($"{option} '{text}': the power must be a number from 0.1 to 10, as in power:2.");
            case "swc" when argument is not null:
                int comma = argument.LastIndexOf(',');
                (Morphology shape, int[] at) = Sites(comma < 0 ? argument : argument[..comma], synapses, seed);
                return (DendriticWeights.Passive([.. at.Select(i => shape.PathDistances[i])], Length(option, text, comma < 0 ? DefaultLength : argument[(comma + 1)..])), false);
            case "cable" when argument is not null:
                (Morphology tree, int[] sites) = Sites(argument, synapses, seed);
                return (new PassiveCable(tree).Weights(sites), false);
            default:
                throw new BadInputException(
                    $"{option}: nothing is named '{text.Trim()}'{(NameLookup.Closest(Forms, text.Trim()) is { } close ? $"; did you mean {close}?" : ".")} Allowed are {Listed}.");
        }
    }

    private static (Morphology Morphology, int[] Sites) Sites(string path, int synapses, ulong seed)
    {
        Morphology morphology = SwcFile.Read(path);
        try
        {
            return (morphology, morphology.DrawSites(synapses, new RandomSource(seed).Fork("synapse sites"), BasalType, ApicalType));
        }
        catch (ArgumentException problem)
        {
            throw new BadInputException($"{path}: {DataFileException.Words(problem)}");
        }
    }

    private static double Length(string option, string text, string length)
    {
        double micrometres = NumberText.Parse(length.Replace("um", string.Empty, StringComparison.Ordinal).Replace("µm", string.Empty, StringComparison.Ordinal)) ?? double.NaN;
        return micrometres > 0 ? micrometres : throw new BadInputException($"{option} '{text}': the length constant must be a number of µm above 0, as in dendritic:200um.");
    }
}
