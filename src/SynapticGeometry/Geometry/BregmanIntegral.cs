using MathNet.Numerics.Integration;

namespace SynapticGeometry;

/// <summary>
/// The Bregman divergence of two near weights, D(a‖b) = (a − b)² ∫₀¹ (1 − t) φ″(b + t(a − b)) dt, which has nothing to cancel:
/// φ(a) − φ(b) − φ′(b)(a − b) would lose every digit where a is near b.
/// </summary>
internal static class BregmanIntegral
{
    private static readonly GaussLegendreRule Rule = new(0, 1, 12);

    /// <summary>
    /// D(a‖b) by a 12-point Gauss-Legendre rule: to rounding where φ″ is analytic in a disc about b of twice |a − b|.
    /// </summary>
    public static double Near(double a, double b, Func<double, double> hessian)
    {
        double sum = 0, change = a - b;
        for (int k = 0; k < Rule.Order; k++)
        {
            double t = Rule.GetAbscissa(k);
            sum += Rule.GetWeight(k) * (1 - t) * hessian(b + (t * change));
        }

        // One factor at a time: the square of a tiny change underflows where φ″ is large.
        return change * sum * change;
    }
}
