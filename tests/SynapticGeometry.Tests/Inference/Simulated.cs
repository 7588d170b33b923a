namespace SynapticGeometry.Tests;

/// <summary>Synapses with a known geometry, for tests.</summary>
internal static class Simulated
{
    public static PairedWeights Pairs(SimulatedSynapses synapses, ulong seed = 1, PairingOptions? options = null)
    {
        (double[] before, double[] after, string[] group) = synapses.Draw(new RandomSource(seed).Fork("test synapses"));
        return PairedWeights.From<double>(before, after, (options ?? new PairingOptions()) with { Groups = group.Length > 0 ? group : null });
    }

    public static PairedWeights Pairs(int count, double exponent, ulong seed = 1) =>
        Pairs(new SimulatedSynapses { Count = count, Exponent = exponent }, seed);

    /// <summary>Signed weights, some of which change their sign.</summary>
    public static PairedWeights Signed(int count, double exponent, ulong seed = 1) =>
        Pairs(new SimulatedSynapses { Count = count, Exponent = exponent, Start = InitialWeights.Normal, VanishAtZero = false }, seed);
}
