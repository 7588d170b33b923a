namespace SynapticGeometry;

/// <summary>
/// A model of measured sizes: a <see cref="ChangeLaw"/>, how true sizes change, and how they are seen. It has a likelihood, can be fitted and can
/// be simulated; a model of one's own needs the three abstract members only.
/// </summary>
/// <remarks>
/// Log-likelihoods are those of the measured sizes of each synapse after its first detection, given that first one, as densities over sizes in the unit of the
/// input, so that models and laws can be compared. Controls follow the synapses in every vector. Source: docs/inference.md.
/// </remarks>
public abstract class ChangeModel
{
    /// <summary>Creates a model.</summary>
    /// <param name="law">How true sizes change.</param>
    /// <param name="measurement">Parameters of the measurement that are estimated, none where it is given.</param>
    protected ChangeModel(ChangeLaw law, IReadOnlyList<ModelParameter> measurement)
    {
        ArgumentNullException.ThrowIfNull(law);
        ArgumentNullException.ThrowIfNull(measurement);
        Law = law;
        Parameters = [.. law.Parameters, .. measurement];
    }

    /// <summary>How true sizes change.</summary>
    public ChangeLaw Law { get; }

    /// <summary>Name in results: "exact", "small-change", "latent-size".</summary>
    public abstract string Name { get; }

    /// <summary>The parameters of the law, then those of the measurement.</summary>
    public IReadOnlyList<ModelParameter> Parameters { get; }

    /// <summary>The model with another law of change, its measurement the same.</summary>
    /// <param name="law">How true sizes change.</param>
    public abstract ChangeModel Under(ChangeLaw law);

    /// <summary>Whether the model can describe the data, and why not.</summary>
    /// <param name="sizes">The data.</param>
    /// <returns>Null, or a sentence.</returns>
    public virtual string? Refuses(LongitudinalSizes sizes) => null;

    /// <summary>The log-likelihoods of all synapses, then all controls.</summary>
    /// <param name="sizes">The data.</param>
    /// <param name="parameters">One value a parameter.</param>
    /// <param name="destination"><see cref="LongitudinalSizes.TotalCount"/> values; −∞ where a synapse is impossible.</param>
    public void LogLikelihood(LongitudinalSizes sizes, ReadOnlySpan<double> parameters, Span<double> destination)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        double[] values = new double[sizes.TotalCount];
        Prepare(sizes, parameters.ToArray())(parameters.ToArray(), values);
        values.CopyTo(destination);
    }

    /// <summary>Fits the model by maximum likelihood.</summary>
    /// <param name="sizes">The data.</param>
    /// <param name="start">Starting values, or null for the model's own.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    /// <exception cref="UninformativeDataException">The model refuses the data, or no starting point has a likelihood.</exception>
    public ChangeModelFit Fit(LongitudinalSizes sizes, IReadOnlyList<double>? start = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        if (Refuses(sizes) is { } reason)
        {
            throw new UninformativeDataException(reason);
        }

        return ChangeModelFit.Run(this, sizes, [.. start ?? Start(sizes)], cancellation);
    }

    /// <summary>Fits the model from where a fit of a similar model, or to similar data, ended.</summary>
    /// <param name="sizes">The data.</param>
    /// <param name="near">The fit to start from.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    /// <exception cref="UninformativeDataException">The model refuses the data, or no starting point has a likelihood.</exception>
    public ChangeModelFit FitNear(LongitudinalSizes sizes, ChangeModelFit near, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        ArgumentNullException.ThrowIfNull(near);
        return Refuses(sizes) is { } reason
            ? throw new UninformativeDataException(reason)
            : ChangeModelFit.Run(this, sizes, ChangeModelFit.StartNear(this, near, sizes), cancellation, near);
    }

    /// <summary>Draws sizes from the model: the first detected size of every synapse stays, later ones are new. Controls stay as they are.</summary>
    /// <param name="design">Synapses, sessions, limit.</param>
    /// <param name="parameters">One value a parameter.</param>
    /// <param name="random">Source of the random numbers.</param>
    public abstract LongitudinalSizes Simulate(LongitudinalSizes design, ReadOnlySpan<double> parameters, RandomSource random);

    /// <summary>Values from which a search can start.</summary>
    /// <param name="sizes">The data.</param>
    public abstract double[] Start(LongitudinalSizes sizes);

    /// <summary>
    /// A function that fills its second array with the log-likelihoods at the parameters in its first, having prepared once what does not change. It need not be
    /// safe on several threads at once.
    /// </summary>
    /// <param name="sizes">The data.</param>
    /// <param name="parameters">The parameters near which it will be evaluated.</param>
    protected internal abstract Action<double[], double[]> Prepare(LongitudinalSizes sizes, double[] parameters);

    /// <summary>Whether a function prepared near some parameters is as good at others; if not, a fit that ends there goes on with a new one.</summary>
    /// <param name="prepared">The parameters it was prepared near.</param>
    /// <param name="parameters">The parameters where it is wanted.</param>
    protected internal virtual bool IsPreparedFor(double[] prepared, double[] parameters) => true;

    /// <summary>
    /// Normal scores of the measured sizes, Φ⁻¹ of the predicted probability of one as small or smaller given all before: standard normal where the model
    /// is right. Sizes after the first detection, in order; not detected ones have none. Empty where a model has none to offer.
    /// </summary>
    /// <param name="sizes">The data.</param>
    /// <param name="parameters">One value a parameter.</param>
    /// <returns>Index of the synapse and score.</returns>
    public virtual IReadOnlyList<(int Synapse, double Score)> NormalScores(LongitudinalSizes sizes, IReadOnlyList<double> parameters) => [];

    /// <summary>Starting values of the law's parameters from what is left of the spread of log changes after the error.</summary>
    /// <param name="sizes">The data.</param>
    /// <param name="errorVariance">Variance of the log change that is error.</param>
    protected double[] StartOfLaw(LongitudinalSizes sizes, double errorVariance)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        double[] changes = [.. sizes.ConsecutivePairs().Select(p => p.After - p.Before)];
        double mean = changes.DefaultIfEmpty(0).Average();
        double variance = changes.Length > 1 ? changes.Sum(c => (c - mean) * (c - mean)) / (changes.Length - 1) : 0.01;
        double change = Math.Sqrt(Math.Max(variance - errorVariance, 0.05 * Math.Max(variance, 1e-6)));
        double[] shapes = Law.StartingShapes(sizes);
        return [.. shapes, mean, .. new double[Law.Parameters.Count - Law.ShapeCount - 2], change];
    }
}
