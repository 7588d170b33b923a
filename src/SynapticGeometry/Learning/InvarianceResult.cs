using System.Globalization;

namespace SynapticGeometry;

/// <summary>What a rule makes of a change of parametrization.</summary>
public enum InvarianceVerdict
{
    /// <summary>The change and the rule's own finite steps agree to rounding.</summary>
    Invariant,

    /// <summary>The change agrees to rounding; finite steps disagree at a higher order in η.</summary>
    InvariantToFirstOrder,

    /// <summary>The change itself disagrees: the parametrization decides what is learned.</summary>
    Dependent,
}

/// <summary>The change of one somatic weight in one state, through both parametrizations.</summary>
/// <param name="State">Index of the state.</param>
/// <param name="Synapse">Index of the synapse.</param>
/// <param name="First">Δw = f₁′ Δω₁.</param>
/// <param name="Second">Δw = f₂′ Δω₂.</param>
/// <param name="SlopeRatio">f₂′/f₁′.</param>
public readonly record struct InvarianceSynapse(int State, int Synapse, double First, double Second, double SlopeRatio)
{
    /// <summary>Second/First; not finite where the first does not change.</summary>
    public double Ratio => Second / First;

    /// <summary>(f₂′/f₁′)², the ratio under the Euclidean rule.</summary>
    public double EuclideanRatio => SlopeRatio * SlopeRatio;
}

/// <summary>How far finite steps disagree at the soma.</summary>
/// <param name="Disagreement">Largest difference in any state, as a part of the largest change in the step.</param>
/// <param name="Order">p where the difference falls as ηᵖ, by least squares over halved steps; null where it is rounding.</param>
public readonly record struct InvarianceStep(double Disagreement, double? Order);

/// <summary>How far two runs of learning, of the same spikes, end from one another.</summary>
/// <param name="Steps">Steps of learning.</param>
/// <param name="WeightDifference">Largest difference of somatic weights, as a part of the largest weight.</param>
/// <param name="LearnedDifference">The same, as a part of the largest change learned.</param>
/// <param name="RateDifference">Largest difference of output rates over sampled inputs, as a part of the highest rate.</param>
public sealed record InvarianceRun(int Steps, double WeightDifference, double LearnedDifference, double RateDifference);

/// <summary>The result of <see cref="InvarianceCheck"/>.</summary>
public sealed record InvarianceResult
{
    /// <summary>Name of the rule.</summary>
    public required string Name { get; init; }

    /// <summary>η of the rule; the comparison of changes does not depend on it, the runs of learning do.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The largest disagreement that counts as rounding.</summary>
    public required double Threshold { get; init; }

    /// <summary>States drawn.</summary>
    public required int States { get; init; }

    /// <summary>States in which no weight changed; they say nothing and are left out.</summary>
    public required int SilentStates { get; init; }

    /// <summary>Largest difference of the somatic changes f′ Δω in any state, as a part of the largest change in that state.</summary>
    public required double Disagreement { get; init; }

    /// <summary>Every synapse in every state that is not silent.</summary>
    public required IReadOnlyList<InvarianceSynapse> Synapses { get; init; }

    /// <summary>Steps ω + Δω.</summary>
    public required InvarianceStep StraightStep { get; init; }

    /// <summary>The steps that the rule takes: those above, or exact ones in its geometry.</summary>
    public required InvarianceStep OwnStep { get; init; }

    /// <summary>Learning in both parametrizations; null where not asked for or where it broke down.</summary>
    public required InvarianceRun? Learning { get; init; }

    /// <summary>Why learning broke down; null where it did not.</summary>
    public required string? LearningNote { get; init; }

    /// <summary>The synapses that change in both parametrizations, and so have a ratio.</summary>
    public IEnumerable<InvarianceSynapse> Compared => Synapses.Where(s => s.First != 0 && s.Second != 0);

    /// <summary>
    /// k where the ratio of the changes goes as (f₂′/f₁′)ᵏ, by least squares of the logarithms through the origin: 0 for an invariant rule,
    /// 2 for the Euclidean; null where all slopes are equal.
    /// </summary>
    public double? SlopeExponent
    {
        get
        {
            double squares = 0, products = 0;
            foreach (InvarianceSynapse s in Compared)
            {
                double u = Math.Log(Math.Abs(s.SlopeRatio));
                squares += u * u;
                products += u * Math.Log(Math.Abs(s.Ratio));
            }

            return squares > 1e-20 ? products / squares : null;
        }
    }

    /// <summary>Largest relative deviation of a synapse's ratio from (f₂′/f₁′)²: rounding under the Euclidean rule; null where no synapse has a ratio.</summary>
    public double? EuclideanDeviation => Compared.Any() ? Compared.Max(s => Math.Abs((s.Ratio / s.EuclideanRatio) - 1)) : null;

    /// <summary>True where the change agrees to rounding.</summary>
    public bool Passed => Disagreement <= Threshold;

    /// <summary>The verdict.</summary>
    public InvarianceVerdict Verdict => !Passed ? InvarianceVerdict.Dependent
        : OwnStep.Order is null ? InvarianceVerdict.Invariant
        : InvarianceVerdict.InvariantToFirstOrder;

    /// <summary>The verdict in a sentence, with its reason.</summary>
    public string Reason => Verdict switch
    {
        InvarianceVerdict.Invariant => $"passes: changes at the soma agree to {Text(Disagreement)} (at most {Text(Threshold)} is rounding), and so do finite steps"
            + (StraightStep.Order is { } p ? $", which are exact in its geometry; straight steps of the weights part by order {Text(p)} in the learning rate." : "."),
        InvarianceVerdict.InvariantToFirstOrder =>
            $"passes to first order: changes at the soma agree to {Text(Disagreement)} (at most {Text(Threshold)} is rounding), but finite steps part by order {Text(OwnStep.Order!.Value)} in the learning rate.",
        _ when EuclideanDeviation <= Threshold => $"fails: changes at the soma differ by the ratio of f'^2, exactly (to {Text(EuclideanDeviation.Value)}).",
        _ => $"fails: changes at the soma differ by up to {Text(Disagreement)} of the largest"
            + (SlopeExponent is { } k ? $"; their ratio goes about as the power {Text(k)} of the ratio of f'." : "."),
    };

    private static string Text(double value) => value.ToString(value != 0 && Math.Abs(value) < 0.001 ? "0.0e+0" : "0.##", CultureInfo.InvariantCulture);
}
