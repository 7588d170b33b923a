namespace SynapticGeometry;

/// <summary>Checks that a function given as a derivative is one.</summary>
internal static class DerivativeCheck
{
    /// <summary>
    /// The slope of f at x measured by differences of fourth order must come within 1e-5 of the derivative for some step: the
    /// steps span decades because the length over which f bends is not known. Null where it does, else the slope measured.
    /// </summary>
    /// <param name="f">The function.</param>
    /// <param name="derivative">f′(x) as claimed.</param>
    /// <param name="x">Where; inside the domain.</param>
    /// <param name="lower">The open domain's lower end.</param>
    /// <param name="upper">The open domain's upper end.</param>
    public static double? Mismatch(Func<double, double> f, double derivative, double x, double lower, double upper)
    {
        // At a single point the derivative may be 0 (nothing to be relative to) or infinite; its neighbours are tested.
        if (derivative == 0 || double.IsInfinity(derivative))
        {
            return null;
        }

        double room = Math.Min(x - lower, upper - x), reach = Math.Min(room, x == 0 ? 1 : Math.Abs(x));
        double measured = double.NaN, closest = double.PositiveInfinity, value = Math.Abs(f(x));
        for (double h = 1e-1 * reach; h >= 1e-9 * reach; h /= 10)
        {
            double slope = ((8 * (f(x + h) - f(x - h))) - (f(x + (2 * h)) - f(x - (2 * h)))) / (12 * h);

            // What rounding of f leaves undecided is not held against it.
            double gap = Math.Abs(slope - derivative) - (4e-16 * value / h);
            if (gap < closest)
            {
                (measured, closest) = (slope, gap);
            }
        }

        return closest <= 1e-5 * Math.Abs(derivative) ? null : measured;
    }
}
