namespace SynapticGeometry.Cli;

/// <summary>
/// The data of 'syngeo infer' without a file: simulated spines whose geometry is known, so that a first run shows what an answer looks
/// like and whether it is right.
/// </summary>
internal static class BuiltInExample
{
    // Sizes spread as those of cortical spines (log-normal, S = 0.7); changes of a fifth, as over days; ten dendrites.
    private static readonly SimulatedSynapses Spines = new()
    {
        Count = 1000,
        Exponent = 0.5,
        RelativeChange = 0.2,
        SizeSpread = 0.7,
        MedianSize = 0.08,
        Groups = 10,
    };

    /// <summary>What the data are, for messages and the report.</summary>
    public const string Description =
        "the built-in example: 1000 simulated spines on 10 dendrites (sizes in cubic micrometres), changed under the 1.5-norm geometry (exponent 0.5) by about 20 %";

    /// <summary>Draws the pairs.</summary>
    /// <param name="seed">Seed of the simulation.</param>
    public static PairedWeights Draw(ulong seed)
    {
        (double[] before, double[] after, string[] group) = Spines.Draw(new RandomSource(seed).Fork("built-in spines"));
        return PairedWeights.From<double>(before, after, new PairingOptions { Groups = group });
    }
}
