using MathNet.Numerics;

namespace SynapticGeometry;

/// <summary>The chi-squared distribution.</summary>
internal static class ChiSquared
{
    /// <summary>Probability of a value at or above the statistic; 0 for infinity.</summary>
    public static double P(double statistic, int degreesOfFreedom) =>
        double.IsPositiveInfinity(statistic) ? 0 : SpecialFunctions.GammaUpperRegularized(degreesOfFreedom / 2.0, statistic / 2);
}
