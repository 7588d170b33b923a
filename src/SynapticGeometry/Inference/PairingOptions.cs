namespace SynapticGeometry;

/// <summary>How weights before and after are paired and which pairs are left out.</summary>
public sealed record PairingOptions
{
    /// <summary>A group label a pair (neuron, animal, layer), or null for no groups.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>An identifier a pair, or null: of pairs with the same identifier only the first is used.</summary>
    public IReadOnlyList<string>? Identifiers { get; init; }

    /// <summary>
    /// True where the weights are sizes, which cannot be negative: pairs with a weight below zero are left out as "not_positive".
    /// False where weights are signed (excitatory and inhibitory).
    /// </summary>
    public bool PositiveOnly { get; init; }

    /// <summary>
    /// True to leave out weights that change their sign. By default they stay: under an exponent λ ≤ 0 a sign flip is impossible,
    /// so that it is information.
    /// </summary>
    public bool ExcludeSignFlips { get; init; }

    /// <summary>
    /// True to divide the weights of each group, before and after alike, by the group's geometric mean before. For groups that were
    /// measured on different scales (recordings, layers).
    /// </summary>
    public bool NormaliseGroups { get; init; }

    /// <summary>Threads, at least 1; results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
