using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>A grid of true log sizes with, for every measurement, the density of the measured value at each grid point near it.</summary>
internal sealed class SizeGrid
{
    // A normal density six and a half standard deviations out is 10⁻⁹ of its peak.
    private const double Reach = 6.5;
    private const int FewestPoints = 200;
    private const int MostPoints = 900;

    // Spacing in standard deviations of the error: sums over a normal density on such a grid are exact to rounding.
    private const double Spacing = 0.4;

    private readonly double[] edges;

    private SizeGrid(double low, double step, int count)
    {
        Low = low;
        Step = step;
        Points = new double[count];
        edges = new double[count + 1];
        for (int j = 0; j <= count; j++)
        {
            edges[j] = low + ((j - 0.5) * step);
            if (j < count)
            {
                Points[j] = low + (j * step);
            }
        }
    }

    /// <summary>First grid point.</summary>
    public double Low { get; }

    /// <summary>Distance of grid points.</summary>
    public double Step { get; }

    /// <summary>Grid points, log sizes.</summary>
    public double[] Points { get; }

    /// <summary>Edges of the cells around the points, one more.</summary>
    public ReadOnlySpan<double> Edges => edges;

    /// <summary>Number of points.</summary>
    public int Count => Points.Length;

    /// <summary>A grid for the data at about the given error.</summary>
    public static SizeGrid For(LongitudinalSizes sizes, MeasurementError error)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (LongitudinalSizes set in new[] { sizes, sizes.Controls }.OfType<LongitudinalSizes>())
        {
            for (int i = 0; i < set.Count; i++)
            {
                foreach (double x in set[i])
                {
                    if (double.IsFinite(x))
                    {
                        (low, high) = (Math.Min(low, x), Math.Max(high, x));
                    }
                }
            }
        }

        double tau = Math.Sqrt(error.Variance(high + sizes.LogUnit)), typical = Math.Sqrt(error.Variance(sizes.LogUnit));
        low -= Math.Max(5 * typical, 0.25);
        high += Math.Max(5 * tau, 0.25);
        int count = Math.Clamp((int)Math.Ceiling((high - low) / (Spacing * Math.Max(tau, 1e-3))), FewestPoints, MostPoints);
        return new SizeGrid(low, (high - low) / (count - 1), count);
    }

    /// <summary>The density of a measured log size at the grid points around it, and where they start.</summary>
    /// <param name="measured">The measured log size.</param>
    /// <param name="deviations">τ at every grid point.</param>
    /// <param name="destination">As many values as there are grid points, of which the first ones are filled.</param>
    /// <returns>First grid point and number of points.</returns>
    public (int Start, int Length) Emission(double measured, ReadOnlySpan<double> deviations, Span<double> destination)
    {
        // Where the error grows towards small sizes a point far below may still reach the measured value.
        int middle = Math.Clamp((int)Math.Round((measured - Low) / Step), 0, Count - 1), start = middle, end = middle + 1;
        while (start > 0 && measured - Points[start - 1] < Reach * deviations[start - 1])
        {
            start--;
        }

        while (end < Count && Points[end] - measured < Reach * deviations[end])
        {
            end++;
        }

        int length = end - start;
        for (int k = 0; k < length; k++)
        {
            double s = deviations[start + k], z = (measured - Points[start + k]) / s;
            destination[k] = -0.5 * z * z;
        }

        TensorPrimitives.Exp(destination[..length], destination[..length]);
        const double scale = 0.3989422804014327;
        for (int k = 0; k < length; k++)
        {
            destination[k] *= scale / deviations[start + k];
        }

        return (start, length);
    }

    /// <summary>τ at every grid point.</summary>
    public void Deviations(MeasurementError error, double logUnit, Span<double> destination)
    {
        for (int j = 0; j < Count; j++)
        {
            destination[j] = Math.Sqrt(error.Variance(Points[j] + logUnit));
        }
    }
}
