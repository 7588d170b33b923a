namespace SynapticGeometry;

/// <summary>Three distances of n standardized residuals from the standard normal distribution.</summary>
/// <param name="Count">Number of residuals, n.</param>
/// <param name="AndersonDarling">A² = −n − (1/n) Σᵢ [(2i − 1) ln Φ(zᵢ) + (2(n − i) + 1) ln(1 − Φ(zᵢ))], z ascending: weighs the tails.</param>
/// <param name="CramerVonMises">W² = 1/(12n) + Σᵢ (Φ(zᵢ) − (2i − 1)/(2n))²: weighs the centre.</param>
/// <param name="Wasserstein1">W₁ = ∫ |F − Φ|: an effect size in standard deviations.</param>
public sealed record NormalityStatistics(int Count, double AndersonDarling, double CramerVonMises, double Wasserstein1);

/// <summary>Anderson-Darling, Cramér-von Mises and exact 1-Wasserstein distance of residuals from the normal distribution.</summary>
/// <remarks>
/// Where mean and scale were estimated, p-values come from <see cref="NormalityNull"/>, never from tables for known parameters.
/// Source: Anderson and Darling 1952; Stephens 1974.
/// </remarks>
public static class NormalityTest
{
    /// <summary>Fewest residuals that the tests take.</summary>
    public const int FewestResiduals = 3;

    /// <summary>The three statistics of residuals that are standardized already.</summary>
    /// <param name="residuals">n ≥ 3 finite numbers z, dimensionless; left in ascending order.</param>
    /// <param name="scratch">Room to sort in: at least n numbers, or empty to have it allocated. Its content is lost.</param>
    /// <param name="threads">Threads, at least 1; the result has the same bits for every number.</param>
    /// <exception cref="ArgumentException">There are fewer than 3 residuals, or the scratch is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A residual is not finite, or there are no threads.</exception>
    public static NormalityStatistics Statistics(Span<double> residuals, Span<double> scratch = default, int threads = 1)
    {
        int n = residuals.Length;
        if (n < FewestResiduals)
        {
            throw new ArgumentException($"There are {n} residuals; the tests need at least {FewestResiduals}.", nameof(residuals));
        }

        if (!scratch.IsEmpty && scratch.Length < n)
        {
            throw new ArgumentException($"The scratch holds {scratch.Length} numbers; {n} are needed, or none.", nameof(scratch));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _ = SampleMoments.Of<double>(residuals);
        BucketSort.Sort(residuals, scratch.IsEmpty ? GC.AllocateUninitializedArray<double>(n) : scratch, threads);
        return SortedResiduals.Statistics(residuals, threads);
    }

    /// <summary>The three statistics of values centred and scaled by their own mean and standard deviation √(Σ(v − mean)²/n).</summary>
    /// <param name="values">n ≥ 3 finite numbers, not all equal; unchanged.</param>
    /// <param name="threads">Threads, at least 1; the result has the same bits for every number.</param>
    /// <exception cref="ArgumentException">There are fewer than 3 values, or all are equal.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is not finite, or there are no threads.</exception>
    public static NormalityStatistics StatisticsOfSample(ReadOnlySpan<double> values, int threads = 1)
    {
        double[] residuals = values.ToArray();
        Standardize(residuals);
        return Statistics(residuals, default, threads);
    }

    /// <summary>Subtracts the mean and divides by √(Σ(v − mean)²/n), in place.</summary>
    internal static void Standardize(Span<double> values)
    {
        SampleMoments moments = SampleMoments.Of<double>(values);
        (double centre, _) = DeltaCdf.Standard(moments, centred: true);
        SampleMoments.Standardize<double>(values, centre, moments.PopulationStandardDeviation, values);
    }
}
