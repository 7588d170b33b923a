using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// An even grid of log sizes v, and the density of a measured value at the grid points around it. Where sizes are measured once before and once after a
/// change, the grid after the change holds v = u + a blur of standard deviation κ, which the transitions gain and the densities of measured values lose:
/// the sum of both is as before, but no transition is narrower than the grid can hold, so that sums over it are those of smooth functions.
/// </summary>
internal sealed class SizeGrid
{
    // A normal density six and a half standard deviations out is 10⁻⁹ of its peak.
    private const double Reach = 6.5;
    private const int FewestPoints = 60;
    private const int MostPoints = 1600;

    // Spacing in standard deviations of the error. The sum over a normal density at a spacing of 0.83 of its standard deviation, what is left of an
    // error after the blur, is its integral to 1e-12; without a blur changes smaller than the spacing are lost, so that it must be small against the error.
    private const double BlurredSpacing = 0.75;
    private const double Spacing = 0.4;

    // A narrower error cannot be held by the grid, and is widened to this many steps.
    private const double NarrowestError = 0.8;

    private readonly double[] edges;

    private SizeGrid(double low, double step, int count, bool blurred)
    {
        Low = low;
        Step = step;
        Blurred = blurred;

        // A transition has the variance of a cell, 1/12, from going into cells; with 1/4 more it is smooth.
        Blur = blurred ? step * step / 3 : 0;
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

    /// <summary>Whether sizes after a change are blurred.</summary>
    public bool Blurred { get; }

    /// <summary>κ², the variance of the blur.</summary>
    public double Blur { get; }

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

        // An additive error is large on small sizes: what is measured small may be much smaller, but hardly by more than two log units.
        double tau = Math.Sqrt(error.Variance(high + sizes.LogUnit)), widest = Math.Sqrt(error.Variance(low + sizes.LogUnit));
        low -= Math.Clamp(5 * widest, 0.25, Math.Max(2, 5 * tau));
        high += Math.Max(5 * tau, 0.25);
        bool blurred = sizes.Epochs == 2 && sizes.Sessions == 2;
        double points = Math.Ceiling((high - low) / ((blurred ? BlurredSpacing : Spacing) * tau));
        int count = (int)Math.Clamp(points, FewestPoints, MostPoints);
        return new SizeGrid(low, (high - low) / (count - 1), count, blurred);
    }

    /// <summary>The density of a measured log size at the grid points around it, and where they start.</summary>
    /// <param name="measured">The measured log size.</param>
    /// <param name="repeats">Smallest and largest measurement of the same true size.</param>
    /// <param name="deviations">τ at every grid point.</param>
    /// <param name="destination">As many values as there are grid points, of which the first ones are filled.</param>
    /// <returns>First grid point and number of points.</returns>
    public (int Start, int Length) Emission(double measured, (double Low, double High) repeats, ReadOnlySpan<double> deviations, Span<double> destination)
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

        // Repeats of one size that lie far apart must still meet somewhere, however unlikely that is.
        if (repeats.Low < repeats.High)
        {
            start = Math.Clamp((int)Math.Floor((repeats.Low - Low) / Step), 0, start);
            end = Math.Clamp((int)Math.Ceiling((repeats.High - Low) / Step) + 1, end, Count);
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

    /// <summary>The standard deviation of a measured log size at every grid point: τ, and √(τ² − κ²) after a change.</summary>
    public void Deviations(MeasurementError error, double logUnit, Span<double> before, Span<double> after)
    {
        for (int j = 0; j < Count; j++)
        {
            double variance = Math.Max(error.Variance(Points[j] + logUnit), NarrowestError * NarrowestError * Step * Step);
            before[j] = Math.Sqrt(variance);
            after[j] = Math.Sqrt(variance - Blur);
        }
    }
}
