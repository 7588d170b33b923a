using MathNet.Numerics;

namespace SynapticGeometry;

/// <summary>
/// The mirror map as a function of log size, Y(u) = (φ′(w) − φ′(r)) / (r φ″(r)) with w = r eᵘ: free of units, zero and of slope 1 at the
/// reference size r, so that a dual change is the relative change of a synapse of that size. (e^{λu} − 1)/λ for the power family.
/// </summary>
internal sealed class DualAxis
{
    // Where a mirror map has come to rest over this many factors of e it has an end.
    private const double NearEnd = 300, AtEnd = 600;

    private readonly Potential potential;
    private readonly double reference;
    private readonly double? exponent;
    private readonly double origin;
    private readonly double scale = 1;

    /// <summary>The axis of a potential at a reference size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The reference size is not positive and finite, or outside the potential's domain.</exception>
    public DualAxis(Potential potential, double reference)
    {
        ArgumentNullException.ThrowIfNull(potential);
        if (!(reference > 0) || !double.IsFinite(reference))
        {
            throw new ArgumentOutOfRangeException(nameof(reference), reference, "A reference size is positive and finite.");
        }

        (this.potential, this.reference, exponent) = (potential, reference, potential.Exponent);
        if (exponent is { } lambda)
        {
            (Low, High) = (lambda > 0 ? -1 / lambda : double.NegativeInfinity, lambda < 0 ? -1 / lambda : double.PositiveInfinity);
            return;
        }

        origin = Map(reference);
        Span<double> one = [reference];
        potential.Hessian<double>(one, one);
        scale = reference * one[0];
        Low = potential.AllowsZero ? (Map(0) - origin) / scale : End(-1);
        High = End(1);
    }

    /// <summary>The dual weight towards which a vanishing size tends; −∞ where zero is infinitely far away.</summary>
    public double Low { get; }

    /// <summary>The dual weight towards which a growing size tends; +∞ except for potentials like Burg entropy.</summary>
    public double High { get; }

    /// <summary>Y(u).</summary>
    public double Dual(double u) => exponent switch
    {
        0 => u,
        { } lambda => double.IsNegativeInfinity(u) && lambda > 0 ? Low : SpecialFunctions.Expm1(lambda * u) / lambda,
        _ => (Map(reference * Math.Exp(u)) - origin) / scale,
    };

    /// <summary>ln dY/du.</summary>
    public double LogSlope(double u)
    {
        if (exponent is { } lambda)
        {
            return lambda * u;
        }

        double w = reference * Math.Exp(u);
        Span<double> one = [w];
        potential.Hessian<double>(one, one);
        return Math.Log(w * one[0] / scale);
    }

    /// <summary>The log size of a dual weight; −∞ or +∞ at and beyond an end.</summary>
    public double LogSize(double y)
    {
        if (y <= Low)
        {
            return double.NegativeInfinity;
        }

        if (y >= High)
        {
            return double.PositiveInfinity;
        }

        if (exponent is { } lambda)
        {
            return lambda == 0 ? y : LogOnePlus(lambda * y) / lambda;
        }

        Span<double> one = [(y * scale) + origin], positive = [1];
        potential.FromDual<double>(one, positive, one);
        return Math.Log(one[0] / reference);
    }

    private double Map(double w)
    {
        Span<double> one = [w];
        potential.ToDual<double>(one, one);
        return one[0];
    }

    private double End(int direction)
    {
        try
        {
            double near = Map(reference * Math.Exp(direction * NearEnd)), end = Map(reference * Math.Exp(direction * AtEnd));
            return Math.Abs(end - near) <= 1e-9 * (Math.Abs(near) + Math.Abs(origin)) ? (end - origin) / scale : direction * double.PositiveInfinity;
        }
        catch (ArgumentOutOfRangeException)
        {
            // The domain ends, or the dual weight overflows, before that.
            return direction * double.PositiveInfinity;
        }
    }

    private static double LogOnePlus(double x)
    {
        // Goldberg 1991: the rounding of 1 + x divides out.
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * x / (sum - 1);
    }
}
