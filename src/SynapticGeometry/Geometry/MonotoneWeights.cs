namespace SynapticGeometry;

/// <summary>
/// A user's own parametrization wᵢ = f(ωᵢ, i), given by f and its derivative, which are checked against each other; the inverse is
/// found numerically where it is not given.
/// </summary>
/// <remarks>The functions must be pure. Source: Kreutzer et al. 2022, Eq. 8.</remarks>
public sealed record MonotoneWeights : Parametrization
{
    private readonly Func<double, int, double> map;
    private readonly Func<double, int, double> slope;
    private readonly Func<double, int, double>? inverse;

    /// <summary>Builds and checks the parametrization at nine weights of every synapse.</summary>
    /// <param name="name">The name in messages.</param>
    /// <param name="synapses">n, at least 1.</param>
    /// <param name="map">f, of a weight and the synapse's index: smooth and strictly monotone between the ends.</param>
    /// <param name="slope">f′, of the same; of one sign.</param>
    /// <param name="inverse">f⁻¹, of a somatic weight and the synapse's index; null to solve for it.</param>
    /// <param name="lower">Lowest weight, finite.</param>
    /// <param name="upper">Highest weight, finite.</param>
    /// <exception cref="ArgumentException">
    /// The name or the range is empty, or f is not monotone, does not have the slope f′ or the inverse f⁻¹; the message names synapse and weight.
    /// </exception>
    public MonotoneWeights(
        string name, int synapses, Func<double, int, double> map, Func<double, int, double> slope, Func<double, int, double>? inverse = null, double lower = -10, double upper = 10)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(synapses, 1);
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(slope);
        if (!(lower < upper) || !double.IsFinite(lower) || !double.IsFinite(upper))
        {
            throw new ArgumentException($"The weights of {name} go from {lower} to {upper}; the ends must be finite and ascending.");
        }

        (Name, Synapses, this.map, this.slope, this.inverse, Lower, Upper) = (name, synapses, map, slope, inverse, lower, upper);
        for (int i = 0; i < synapses; i++)
        {
            Verify(i);
        }
    }

    /// <summary>The name in messages.</summary>
    public string Name { get; }

    /// <summary>n, number of synapses.</summary>
    public int Synapses { get; }

    /// <summary>Lowest weight.</summary>
    public double Lower { get; }

    /// <summary>Highest weight.</summary>
    public double Upper { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A weight is outside the range.</exception>
    public override void ToSomatic(ReadOnlySpan<double> weights, Span<double> somatic) => Each(weights, somatic, map);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A weight is outside the range.</exception>
    public override void Slope(ReadOnlySpan<double> weights, Span<double> slope) => Each(weights, slope, this.slope);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A somatic weight is outside the range of f.</exception>
    public override void FromSomatic(ReadOnlySpan<double> somatic, Span<double> weights)
    {
        MustMatch(somatic.Length, weights.Length);
        for (int i = 0; i < somatic.Length; i++)
        {
            weights[i] = Invert(somatic[i], i);
        }
    }

    internal override string? Outside(ReadOnlySpan<double> somatic)
    {
        for (int i = 0; i < somatic.Length; i++)
        {
            if (Outside(somatic[i], i, map(Lower, i), map(Upper, i)) is { } what)
            {
                return what;
            }
        }

        return null;
    }

    private string? Outside(double target, int i, double a, double b) => target >= Math.Min(a, b) && target <= Math.Max(a, b)
        ? null
        : $"Somatic weight {i} of {Synapses} is {target}; under {Name} it lies between {Math.Min(a, b)} and {Math.Max(a, b)}.";

    private double Invert(double target, int i)
    {
        double a = map(Lower, i), b = map(Upper, i);
        if (Outside(target, i, a, b) is { } what)
        {
            throw new ArgumentOutOfRangeException(nameof(target), what);
        }

        if (inverse is not null)
        {
            return inverse(target, i);
        }

        double root = target == a ? Lower : target == b ? Upper : Brent.Root(w => map(w, i) - target, Lower, Upper, 1e-15 * (Upper - Lower));

        // One step of Newton's method takes what the root finder's tolerance left.
        double polished = root - ((map(root, i) - target) / slope(root, i));
        return polished >= Lower && polished <= Upper ? polished : root;
    }

    private void Each(ReadOnlySpan<double> weights, Span<double> destination, Func<double, int, double> f)
    {
        MustMatch(weights.Length, destination.Length);
        for (int i = 0; i < weights.Length; i++)
        {
            destination[i] = weights[i] >= Lower && weights[i] <= Upper
                ? f(weights[i], i)
                : throw new ArgumentOutOfRangeException(
                    nameof(weights), $"Weight {i} of {Synapses} is {weights[i]}; under {Name} it must lie between {Lower} and {Upper}.");
        }
    }

    private void MustMatch(int source, int destination)
    {
        Elementwise.MustMatch(source, Synapses, "weight", Name);
        Elementwise.MustMatch(source, destination, "weight", "destination");
    }

    private void Verify(int i)
    {
        double before = double.NaN, direction = 0;
        for (int k = 1; k <= 9; k++)
        {
            double w = Lower + ((Upper - Lower) * k / 10), value = map(w, i), derivative = slope(w, i);
            string where = $"at the weight {w} of synapse {i}";
            if (!double.IsFinite(value) || !double.IsFinite(derivative) || derivative == 0)
            {
                throw new ArgumentException($"{Name} is {value} with slope {derivative} {where}; both must be finite and the slope not 0.");
            }

            direction = direction == 0 ? Math.Sign(derivative) : direction;
            if (Math.Sign(derivative) != direction || (k > 1 && Math.Sign(value - before) != direction))
            {
                throw new ArgumentException($"{Name} must be strictly monotone, but turns {where}, where it is {value} with slope {derivative}.");
            }

            if (DerivativeCheck.Mismatch(x => map(x, i), derivative, w, Lower, Upper) is { } measured)
            {
                throw new ArgumentException($"The slope of {Name} is given as {derivative} {where}, but that of its map there is {measured}.");
            }

            if (inverse is not null && !(Math.Abs(inverse(value, i) - w) <= 1e-9 * (Upper - Lower)))
            {
                throw new ArgumentException($"The inverse of {Name} gives {inverse(value, i)} for the somatic weight {value}, which comes from the weight {w} of synapse {i}.");
            }

            before = value;
        }
    }
}
