namespace SynapticGeometry;

/// <summary>What to ask of sizes at one time point.</summary>
public sealed record DistributionOptions
{
    /// <summary>The candidate geometries: those of <see cref="InferenceOptions"/> by default.</summary>
    public IReadOnlyList<Potential> Candidates { get; init; } = new InferenceOptions().Candidates;

    /// <summary>The continuous initial distributions; normal and log-normal by default.</summary>
    public IReadOnlyList<InitialLaw> Laws { get; init; } = [new NormalLaw(), new LogNormalLaw()];

    /// <summary>Whether a distributed start is also moved by a fitted mean dual change; see <see cref="DistributedStart"/>.</summary>
    public bool FitMeanChange { get; init; }

    /// <summary>Samples simulated and fitted behind each goodness-of-fit p-value; 0 for none; null for 199 up to 5000 sizes and none beyond.</summary>
    public int? Bootstrap { get; init; }

    /// <summary>Seed of every random number.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>How a fit stands among the others.</summary>
public enum FitStanding
{
    /// <summary>It fits, and no other is clearly closer.</summary>
    Open,

    /// <summary>Another fit is clearly closer to the sizes (Vuong's test, or the likelihood ratio where it is a special case).</summary>
    Worse,

    /// <summary>The sizes are not those it predicts (Anderson-Darling test).</summary>
    Misfit,
}

/// <summary>One initial distribution under one geometry, fitted to the sizes.</summary>
public sealed record DistributionFit
{
    /// <summary>The fitted model.</summary>
    public required SizeModelFit Fit { get; init; }

    /// <summary>Initial distribution: "one-constant", "two-constants", "normal", "log-normal", or a user's own.</summary>
    public string Initial => Fit.Model.Initial;

    /// <summary>Name of the geometry.</summary>
    public string Geometry => Fit.Model.Potential.Name;

    /// <summary>Both in one.</summary>
    public string Name => Fit.Model.Name;

    /// <summary>The parameters in words; NaN where the sizes do not determine one.</summary>
    public required IReadOnlyList<SizeParameter> Parameters { get; init; }

    /// <summary>Maximised log-likelihood in the unit of the sizes.</summary>
    public double LogLikelihood => Fit.LogLikelihood;

    /// <summary>Akaike's criterion, corrected for small samples, with the parameters that are determined.</summary>
    public required double Aicc { get; init; }

    /// <summary>AICc less that of the closest fit; 0 for those that are the same to rounding.</summary>
    public required double DeltaAicc { get; init; }

    /// <summary>Akaike weight of its distribution of sizes; fits that give the same distribution share one weight.</summary>
    public required double AkaikeWeight { get; init; }

    /// <summary>Name of the simplest fit that gives the same distribution of sizes; null where there is none before it.</summary>
    public required string? SameAs { get; init; }

    /// <summary>Vuong's test of the closest fit against this one, parameters corrected for as in Akaike's criterion; null for the closest itself.</summary>
    public required VuongTest? AgainstClosest { get; init; }

    /// <summary>Anderson-Darling test of the residuals; p NaN where not simulated.</summary>
    public required GoodnessOfFit AndersonDarling { get; init; }

    /// <summary>Cramér-von Mises test of the residuals.</summary>
    public required GoodnessOfFit CramerVonMises { get; init; }

    /// <summary>1-Wasserstein distance of the residuals from the standard normal distribution.</summary>
    public required GoodnessOfFit Wasserstein1 { get; init; }

    /// <summary>How it stands.</summary>
    public required FitStanding Standing { get; init; }

    /// <summary>What the sizes cannot determine about it, in a sentence; empty where all is determined.</summary>
    public required string Note { get; init; }

    /// <summary>Residuals Φ⁻¹(F(w)) in ascending order, standard normal under the true model.</summary>
    public required IReadOnlyList<double> Residuals { get; init; }
}

/// <summary>A distribution fitted without any story of how it came about, for reference; the detection limit is no part of it.</summary>
/// <param name="Name">"log-normal" or "normal".</param>
/// <param name="Location">Mean of log size, or of size.</param>
/// <param name="Spread">Standard deviation (√(Σ/n)) of log size, or of size.</param>
/// <param name="LogLikelihood">Log-likelihood in the unit of the sizes.</param>
/// <param name="Aicc">Akaike's criterion.</param>
/// <param name="AndersonDarling">Test of normality of the log sizes, or sizes, mean and spread estimated.</param>
public sealed record ReferenceFit(string Name, double Location, double Spread, double LogLikelihood, double Aicc, GoodnessOfFit AndersonDarling);

/// <summary>What one time point says, and what it cannot, in words.</summary>
/// <param name="Headline">One sentence: how many combinations are possible.</param>
/// <param name="Findings">Sentences on the initial distributions and geometries.</param>
/// <param name="Limits">What this time point cannot decide, and what the answer depends on.</param>
public sealed record DistributionVerdict(string Headline, IReadOnlyList<string> Findings, IReadOnlyList<string> Limits);

/// <summary>Everything found from sizes at one time point.</summary>
public sealed record DistributionResult
{
    /// <summary>The sizes.</summary>
    public required SizeSample Sample { get; init; }

    /// <summary>The options it ran with.</summary>
    public required DistributionOptions Options { get; init; }

    /// <summary>One entry for each initial distribution under each geometry, in that order.</summary>
    public required IReadOnlyList<DistributionFit> Fits { get; init; }

    /// <summary>The log-normal and the normal distribution as such.</summary>
    public required IReadOnlyList<ReferenceFit> References { get; init; }

    /// <summary>Name of the fit of smallest AICc (the simplest of equals).</summary>
    public required string Closest { get; init; }

    /// <summary>Simulated samples behind each p-value.</summary>
    public required int Bootstrap { get; init; }

    /// <summary>Skewness of log size: 0 for a log-normal distribution.</summary>
    public required double LogSkewness { get; init; }

    /// <summary>The answer in words.</summary>
    public required DistributionVerdict Verdict { get; init; }
}
