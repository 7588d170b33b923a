namespace SynapticGeometry;

/// <summary>
/// Steady voltages of a passive neuron: the cable equation on a morphology, with sealed ends and branches, solved exactly for
/// cylinders in two passes over the tree.
/// </summary>
/// <remarks>
/// A cable of length l with axial resistance R and membrane conductance G in all has electrotonic length L = √(R G) and characteristic
/// admittance √(G/R); loaded by Y at its end it takes in Y∞ (Y + Y∞ tanh L)/(Y∞ + Y tanh L), and its end has the fraction
/// 1/(cosh L + Y/Y∞ sinh L) of the voltage. A truncated cone stands as the cylinder of its R and G, exact in the limit of short
/// pieces. A soma of one point is a sphere. Source: Rall 1959; Koch and Segev 1998, chapter 2.
/// </remarks>
public sealed class PassiveCable
{
    private readonly Morphology morphology;
    private readonly double[] beyond;
    private readonly double[] before;

    /// <summary>Solves the cable equation.</summary>
    /// <param name="morphology">The neuron.</param>
    /// <param name="membraneResistance">R_m, Ω m², positive; 1 Ω m² = 10⁴ Ω cm².</param>
    /// <param name="axialResistivity">R_a, Ω m, positive; 1 Ω m = 100 Ω cm.</param>
    /// <exception cref="ArgumentOutOfRangeException">A resistance is not positive.</exception>
    public PassiveCable(Morphology morphology, double membraneResistance = 1.5, double axialResistivity = 1.5)
    {
        ArgumentNullException.ThrowIfNull(morphology);
        this.morphology = morphology;
        MembraneResistance = Require.Positive(membraneResistance, "membrane resistance", nameof(membraneResistance));
        AxialResistivity = Require.Positive(axialResistivity, "axial resistivity", nameof(axialResistivity));
        int n = morphology.Nodes.Count;
        Cable[] cables = new Cable[n];
        double[] load = new double[n];
        beyond = new double[n];
        before = new double[n];
        load[morphology.Soma] = Sphere();
        foreach (int i in morphology.Outwards[1..])
        {
            cables[i] = CableOf(i);
        }

        // Inwards: what each point takes in from its far side.
        ReadOnlySpan<int> order = morphology.Outwards;
        double[] intake = new double[n];
        for (int k = n - 1; k > 0; k--)
        {
            int i = order[k];
            beyond[i] = load[i];
            intake[i] = cables[i].Admittance(load[i]);
            load[morphology.TowardsSoma(i)] += intake[i];
        }

        beyond[morphology.Soma] = load[morphology.Soma];
        InputResistanceAtSoma = 1 / load[morphology.Soma];

        // Outwards: what each point takes in from its near side, and the voltages both ways.
        double[] toSoma = new double[n], fromSoma = new double[n];
        toSoma[morphology.Soma] = fromSoma[morphology.Soma] = 1;
        foreach (int i in order[1..])
        {
            int next = morphology.TowardsSoma(i);
            double others = Math.Max(0, beyond[next] + before[next] - intake[i]);
            before[i] = cables[i].Admittance(others);
            toSoma[i] = toSoma[next] * cables[i].Transfer(others);
            fromSoma[i] = fromSoma[next] * cables[i].Transfer(beyond[i]);
        }

        (ToSoma, FromSoma) = (toSoma, fromSoma);
    }

    /// <summary>R_m, Ω m².</summary>
    public double MembraneResistance { get; }

    /// <summary>R_a, Ω m.</summary>
    public double AxialResistivity { get; }

    /// <summary>The soma's input resistance, Ω.</summary>
    public double InputResistanceAtSoma { get; }

    /// <summary>
    /// For each point, the steady voltage at the soma over that at the point when current is injected at the point: the part of a
    /// dendritic amplitude that arrives, α of w = α ω.
    /// </summary>
    public IReadOnlyList<double> ToSoma { get; }

    /// <summary>
    /// For each point, its steady voltage over that at the soma when current is injected at the soma; by reciprocity also the part of a
    /// dendritic current that the soma receives.
    /// </summary>
    public IReadOnlyList<double> FromSoma { get; }

    /// <summary>The input resistance at a point, Ω.</summary>
    /// <param name="node">Index of a point.</param>
    public double InputResistance(int node) => 1 / (beyond[node] + before[node]);

    /// <summary>The parametrization of synapses at some points by their dendritic amplitudes, w = α ω.</summary>
    /// <param name="sites">Index of each synapse's point.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not that of a point.</exception>
    public DendriticWeights Weights(IReadOnlyList<int> sites)
    {
        ArgumentNullException.ThrowIfNull(sites);
        double[] attenuation = new double[sites.Count];
        for (int i = 0; i < attenuation.Length; i++)
        {
            attenuation[i] = sites[i] >= 0 && sites[i] < ToSoma.Count
                ? ToSoma[sites[i]]
                : throw new ArgumentOutOfRangeException(nameof(sites), $"Synapse {i} sits at point {sites[i]}; there are {ToSoma.Count}, from 0.");
        }

        return new DendriticWeights(attenuation);
    }

    // A soma given by one point is a sphere of that radius; a soma of several is made of the cables between them.
    private double Sphere()
    {
        int soma = morphology.Soma;
        MorphologyNode centre = morphology.Nodes[soma];
        bool alone = centre.Type == Morphology.SomaType && morphology.Nodes.Count(p => p.Type == Morphology.SomaType) == 1;
        return alone ? 4 * Math.PI * centre.Radius * centre.Radius * 1e-12 / MembraneResistance : 0;
    }

    private Cable CableOf(int node)
    {
        const double metre = 1e-6;
        (double far, double near) = morphology.Radii(node);
        double length = morphology.Length(node) * metre;
        (far, near) = (far * metre, near * metre);
        double slant = Math.Sqrt((length * length) + ((far - near) * (far - near)));
        return new Cable(
            Resistance: AxialResistivity * length / (Math.PI * far * near),
            Conductance: Math.PI * (far + near) * (length == 0 ? 0 : slant) / MembraneResistance);
    }

    /// <summary>A cylinder by its whole axial resistance, Ω, and membrane conductance, S.</summary>
    private readonly record struct Cable(double Resistance, double Conductance)
    {
        private double Length => Math.Sqrt(Resistance * Conductance);

        private double Characteristic => Math.Sqrt(Conductance / Resistance);

        public double Admittance(double load)
        {
            // Two points at one place are joined by no cable.
            if (Resistance == 0)
            {
                return load;
            }

            double tanh = Math.Tanh(Length), y = Characteristic;
            return y * (load + (y * tanh)) / (y + (load * tanh));
        }

        public double Transfer(double load) =>
            Resistance == 0 ? 1 : 1 / (Math.Cosh(Length) + (load / Characteristic * Math.Sinh(Length)));
    }
}
