namespace SynapticGeometry;

/// <summary>
/// The tanh-sinh rule: ∫ f from a to b with x = a + (b − a) σ(t), σ = 1/(1 + exp(−π sinh t)), by the trapezoidal rule in t.
/// Singular ends, such as the kink of a potential at zero, cost it no digits.
/// </summary>
internal static class DoubleExponential
{
    private const int Finest = 10;

    // σ at the cut is 1e-61: what is cut off is below rounding even under 1/√x.
    private const double Cut = 4.5;

    /// <summary>
    /// The integral of f(x, b − x), whose second argument keeps its digits near b. The error is the last change under halving
    /// the step; the size is ∫|f|.
    /// </summary>
    public static double Integrate(Func<double, double, double> f, double a, double b, out double error, out double size)
    {
        double length = b - a, sum = 0, sumOfSizes = 0, integral = 0;
        error = size = double.PositiveInfinity;
        for (int level = 0; level <= Finest; level++)
        {
            // Each level adds the nodes between those of the levels before.
            double step = 0.5 / (1 << level);
            for (double t = level == 0 ? 0 : step; t <= Cut; t += level == 0 ? step : 2 * step)
            {
                double far = Math.Exp(-Math.PI * Math.Sinh(t)), small = far / (1 + far), weight = Math.PI * Math.Cosh(t) * small / (1 + far);
                double right = f(b - (length * small), length * small) * weight;
                double left = t == 0 ? 0 : f(a + (length * small), length / (1 + far)) * weight;
                sum += left + right;
                sumOfSizes += Math.Abs(left) + Math.Abs(right);
            }

            double before = integral;
            integral = sum * step * length;
            size = sumOfSizes * step * Math.Abs(length);
            error = Math.Abs(integral - before);

            // The error of one level is about the square of the error of the level before.
            if (level >= 2 && error <= 1e-10 * size)
            {
                break;
            }
        }

        return integral;
    }
}
