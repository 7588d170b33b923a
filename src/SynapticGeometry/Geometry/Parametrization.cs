namespace SynapticGeometry;

/// <summary>
/// A parametrization of synapses: w = f(ω), synapse by synapse, from a synapse's own weight ω (where it sits on the dendrite)
/// to its somatic weight w (what arrives at the soma). f is strictly monotone, so that it has an inverse.
/// </summary>
/// <remarks>Spans have equal lengths; a destination may be the span of its input. Source: Kreutzer et al. 2022.</remarks>
public abstract record Parametrization
{
    /// <summary>The somatic weights w = f(ω).</summary>
    /// <param name="weights">ω, n weights.</param>
    /// <param name="somatic">w, n weights. May be the span of <paramref name="weights"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void ToSomatic(ReadOnlySpan<double> weights, Span<double> somatic);

    /// <summary>The weights ω = f⁻¹(w).</summary>
    /// <param name="somatic">w, n weights in the range of f.</param>
    /// <param name="weights">ω, n weights. May be the span of <paramref name="somatic"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void FromSomatic(ReadOnlySpan<double> somatic, Span<double> weights);

    /// <summary>The slopes f′(ω), nonzero.</summary>
    /// <param name="weights">ω, n weights.</param>
    /// <param name="slope">f′(ω), n slopes. May be the span of <paramref name="weights"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void Slope(ReadOnlySpan<double> weights, Span<double> slope);

    /// <summary>Whether every finite somatic weight is in the range of f.</summary>
    internal virtual bool TakesAll => false;

    /// <summary>What is wrong with somatic weights that no weights ω make, in a sentence; null where some do.</summary>
    /// <param name="somatic">w, n finite somatic weights.</param>
    internal virtual string? Outside(ReadOnlySpan<double> somatic)
    {
        if (TakesAll)
        {
            return null;
        }

        using Scratch buffer = new(somatic.Length);
        try
        {
            FromSomatic(somatic, buffer.Span);
        }
        catch (ArgumentOutOfRangeException problem)
        {
            return Require.Words(problem);
        }

        for (int i = 0; i < somatic.Length; i++)
        {
            if (!double.IsFinite(buffer.Span[i]))
            {
                return $"Somatic weight {i} of {somatic.Length} is {somatic[i]}, which no weight of the parametrization makes";
            }
        }

        return null;
    }
}

/// <summary>The parametrization by somatic weights themselves, w = ω.</summary>
public sealed record SomaticWeights : Parametrization
{
    internal override bool TakesAll => true;

    /// <inheritdoc/>
    public override void ToSomatic(ReadOnlySpan<double> weights, Span<double> somatic)
    {
        Elementwise.MustMatch(weights.Length, somatic.Length, "weight", "somatic weight");
        weights.CopyTo(somatic);
    }

    /// <inheritdoc/>
    public override void FromSomatic(ReadOnlySpan<double> somatic, Span<double> weights)
    {
        Elementwise.MustMatch(somatic.Length, weights.Length, "somatic weight", "weight");
        somatic.CopyTo(weights);
    }

    /// <inheritdoc/>
    public override void Slope(ReadOnlySpan<double> weights, Span<double> slope)
    {
        Elementwise.MustMatch(weights.Length, slope.Length, "weight", "slope");
        slope.Fill(1);
    }
}

/// <summary>
/// The parametrization by weights on the dendrite, wᵢ = αᵢ ωᵢ, where αᵢ is how much of synapse i's amplitude arrives at the
/// soma: 1 at the soma, about 0.2 in a distal tuft.
/// </summary>
/// <remarks>Equality compares the list of attenuations by reference.</remarks>
/// <param name="Attenuation">α, one positive finite number a synapse.</param>
public sealed record DendriticWeights(IReadOnlyList<double> Attenuation) : Parametrization
{
    /// <summary>α, one positive finite number a synapse; a copy of the list that was given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An attenuation is not positive, or not finite.</exception>
    public IReadOnlyList<double> Attenuation { get; init => field = Checked(value); } = Checked(Attenuation);

    internal override bool TakesAll => true;

    /// <summary>Passive attenuation with path distance, αᵢ = exp(−dᵢ/λ).</summary>
    /// <remarks>Source: Kreutzer et al. 2022, Fig. 4, with λ = 200 µm.</remarks>
    /// <param name="distances">dᵢ, µm along the dendrite to the soma, each finite and not negative.</param>
    /// <param name="lengthConstant">λ, µm, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A distance or λ is outside its range.</exception>
    public static DendriticWeights Passive(IReadOnlyList<double> distances, double lengthConstant)
    {
        Require.Positive(lengthConstant, "length constant", nameof(lengthConstant));
        return new DendriticWeights(
            Array.ConvertAll(Require.NoneNegative(distances, "distance", "µm", nameof(distances)), d => Math.Exp(-d / lengthConstant)));
    }

    /// <inheritdoc/>
    public override void ToSomatic(ReadOnlySpan<double> weights, Span<double> somatic)
    {
        Check(weights.Length, somatic.Length);
        for (int i = 0; i < weights.Length; i++)
        {
            somatic[i] = Attenuation[i] * weights[i];
        }
    }

    /// <inheritdoc/>
    public override void FromSomatic(ReadOnlySpan<double> somatic, Span<double> weights)
    {
        Check(somatic.Length, weights.Length);
        for (int i = 0; i < somatic.Length; i++)
        {
            weights[i] = somatic[i] / Attenuation[i];
        }
    }

    /// <inheritdoc/>
    public override void Slope(ReadOnlySpan<double> weights, Span<double> slope)
    {
        Check(weights.Length, slope.Length);
        for (int i = 0; i < weights.Length; i++)
        {
            slope[i] = Attenuation[i];
        }
    }

    private void Check(int source, int destination)
    {
        Elementwise.MustMatch(source, Attenuation.Count, "weight", "attenuation");
        Elementwise.MustMatch(source, destination, "weight", "destination");
    }

    private static double[] Checked(IReadOnlyList<double> attenuation)
    {
        ArgumentNullException.ThrowIfNull(attenuation);
        double[] copy = [.. attenuation];
        for (int i = 0; i < copy.Length; i++)
        {
            if (!(copy[i] > 0) || !double.IsFinite(copy[i]))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(attenuation), $"Attenuation {i} of {copy.Length} is {copy[i]}; it must be finite and positive.");
            }
        }

        return copy;
    }
}
