namespace SynapticGeometry;

/// <summary>The mean of the dual change that is fitted beside the exponent.</summary>
public enum Drift
{
    /// <summary>One constant.</summary>
    Constant,

    /// <summary>A constant, a uniform relative drift and a reversion towards a mean size.</summary>
    SizeDependent,
}

/// <summary>What to ask of the changes.</summary>
public sealed record InferenceOptions
{
    /// <summary>The candidate geometries; the five potentials scored by Pogodin et al. 2024 by default.</summary>
    public IReadOnlyList<Potential> Candidates { get; init; } =
        [new NegativeEntropy(), new PNorm(1.5), new PNorm(2), new PNorm(2.5), new PNorm(3)];

    /// <summary>
    /// True where the groups are layers (tensors) of a network, which change on scales of their own under one geometry: the verdict is then about the layers, where six or more can be
    /// fitted. False where they are neurons or animals, which are a sample of more.
    /// </summary>
    public bool GroupsAreLayers { get; init; }

    /// <summary>The mean of the dual change.</summary>
    public Drift Drift { get; init; } = Drift.SizeDependent;

    /// <summary>Bootstrap replicates for the exponent; 0 for none; null for 1000 where that takes seconds and none where it takes minutes.</summary>
    public int? Bootstrap { get; init; }

    /// <summary>Simulated samples behind each goodness-of-fit p-value.</summary>
    public int GoodnessOfFitReplicates { get; init; } = 1000;

    /// <summary>Seed of every random number.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
