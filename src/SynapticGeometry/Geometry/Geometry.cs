namespace SynapticGeometry;

/// <summary>
/// A geometry of weight space: what "steepest" means. It raises a gradient (a covector) to a direction (a vector), and it
/// descends one finite step.
/// </summary>
public abstract record Geometry
{
    /// <summary>Solves G(w) v = g for v, where G is the metric at w: the direction of steepest ascent.</summary>
    /// <param name="weights">w, n weights.</param>
    /// <param name="gradient">g, n partial derivatives of the loss, in loss units per weight unit.</param>
    /// <param name="direction">v, n components. May be the span of <paramref name="gradient"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void Raise(ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, Span<double> direction);

    /// <summary>One finite step of descent along the gradient, exact in this geometry.</summary>
    /// <param name="weights">w, n weights.</param>
    /// <param name="gradient">g, n partial derivatives of the loss.</param>
    /// <param name="learningRate">η ≥ 0.</param>
    /// <param name="updated">n weights after the step. May be the span of <paramref name="weights"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">η is negative or not finite.</exception>
    public abstract void Descend(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> gradient, double learningRate, Span<double> updated);

    /// <summary>
    /// This geometry, of the weights as the soma sees them, pulled back to the weights ω of a parametrization w = f(ω):
    /// G_ω = f′ᵀ G(f(ω)) f′. A step under it moves the soma as the step under this geometry does, whatever f is.
    /// </summary>
    /// <param name="parametrization">f.</param>
    public Geometry In(Parametrization parametrization) => new PulledBackGeometry(this, parametrization);

    /// <summary>
    /// The inverse metric as a <see cref="ThreeTermForm"/> of the somatic weights, for learning in the weights of a parametrization
    /// under this geometry; null where it has no such form.
    /// </summary>
    /// <param name="parametrization">f, of the neuron whose weights this geometry measures.</param>
    /// <param name="synapses">n.</param>
    public virtual ThreeTermForm? ThreeTerms(Parametrization parametrization, int synapses) => null;
}
