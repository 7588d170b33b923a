using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>F = φ′²/φ of a smooth transfer function, with its derivatives.</summary>
internal interface IFisherFunction
{
    /// <summary>Distance of the nearest singularity from the real axis, mV.</summary>
    double PoleDistance { get; }

    /// <summary>F, F′, F″ at a potential.</summary>
    FisherMoments At(double potential);

    /// <summary>F′/F at a potential, where F itself may underflow.</summary>
    double LogSlope(double potential);
}

/// <summary>
/// E F, E F′, E F″ over a normal distribution by the trapezoidal rule, which for functions analytic in a strip has an error that falls
/// exponentially with the number of nodes.
/// </summary>
/// <remarks>
/// With step h the relative error is about exp(−2πd/h + d²/2s²) for a pole at distance d, or exp(−2π²s²/h²) where that is
/// larger (Trefethen and Weideman 2014). The step makes the exponent −34, and −42 for the pole, which is of fifth order in F″ and so
/// costs a factor of about 10⁵. The nodes start at the peak of the integrand and go outwards until it has fallen to 1e-16 of the peak,
/// so that means far in a tail of F keep their relative accuracy. About 23 nodes where s is small against d, 30 at s = d/5, 50 at
/// s = d/2.
/// </remarks>
internal static class FisherQuadrature
{
    /// <summary>Standard deviations from the peak beyond which the integrand is negligible.</summary>
    public const double Reach = 8.7;

    private const double PoleExponent = 42, GaussianExponent = 34, Cutoff = 1e-16;

    /// <summary>The three expectations; no allocation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static FisherMoments Expectation<T>(in T f, double mean, double deviation)
        where T : struct, IFisherFunction
    {
        if (deviation == 0)
        {
            return f.At(mean);
        }

        double h = Step(f.PoleDistance, deviation);
        double peak = Peak(f, mean, deviation);
        double c1 = 0, c2 = 0, c3 = 0, top = 0;
        double fall = Math.Exp(-h * h);
        for (int side = 1; side >= -1; side -= 2)
        {
            // The Gaussian relative to that at the peak, so that nothing underflows there; each ratio to the next is exp(−h²) times the last.
            double weight = 1, ratio = Math.Exp(-(side * h * peak) - (0.5 * h * h));
            for (int k = 0; ; k++, weight *= ratio, ratio *= fall)
            {
                if (k == 0 && side < 0)
                {
                    continue;
                }

                FisherMoments at = f.At(mean + (deviation * (peak + (side * k * h))));
                double term = at.C1 * weight;
                c1 += term;
                c2 += at.C2 * weight;
                c3 += at.C3 * weight;
                top = Math.Max(top, term);
                if (!(term > Cutoff * top))
                {
                    break;
                }
            }
        }

        double scale = h * Math.Exp(-0.5 * peak * peak) / Math.Sqrt(2 * Math.PI);
        return new FisherMoments(c1 * scale, c2 * scale, c3 * scale);
    }

    /// <summary>h, in standard deviations.</summary>
    /// <param name="poleDistance">Distance of the nearest singularity from the real axis, mV.</param>
    /// <param name="deviation">s, mV; may be 0.</param>
    public static double Step(double poleDistance, double deviation)
    {
        double d = poleDistance / deviation;
        double gaussian = 2 * Math.PI / Math.Sqrt(2 * GaussianExponent);
        return d * d >= 2 * PoleExponent ? gaussian : Math.Min(gaussian, 2 * Math.PI * d / (PoleExponent + (0.5 * d * d)));
    }

    // Where F(μ + s z) exp(−z²/2) is largest: z = s F′/F, whose right side falls with z.
    private static double Peak<T>(in T f, double mean, double deviation)
        where T : struct, IFisherFunction
    {
        double z = deviation * f.LogSlope(mean);
        if (Math.Abs(z) < 0.5)
        {
            return z;
        }

        (double low, double high) = z < 0 ? (z, 0.0) : (0.0, z);
        for (int i = 0; i < 12; i++)
        {
            z = 0.5 * (low + high);
            (low, high) = deviation * f.LogSlope(mean + (deviation * z)) > z ? (z, high) : (low, z);
        }

        return z;
    }
}
