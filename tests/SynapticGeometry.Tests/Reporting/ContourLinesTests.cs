using SynapticGeometry.Reporting;
using Xunit;

namespace SynapticGeometry.Tests.Reporting;

public sealed class ContourLinesTests
{
    private static readonly double[] Axis = [.. Enumerable.Range(0, 81).Select(i => -1 + (i / 40.0))];

    [Fact]
    public void The_contour_of_a_paraboloid_is_a_circle_of_second_order_in_the_grid()
    {
        double[] values = [.. Axis.SelectMany(y => Axis.Select(x => (x * x) + (y * y)))];
        (double[] x, double[] y) = ContourLines.At(Axis, Axis, values, 0.49);

        double[] radii = [.. x.Zip(y, (a, b) => Math.Sqrt((a * a) + (b * b))).Where(double.IsFinite)];

        // Linear interpolation of x² over a stride h errs by at most h²/4 in the level, h²/(8 r) in the radius.
        Assert.All(radii, r => Assert.InRange(r, 0.7 - (0.025 * 0.025 / 5.6) - 1e-12, 0.7 + 1e-12));
        double length = Enumerable.Range(0, x.Length / 3).Sum(k => Math.Sqrt(Math.Pow(x[3 * k] - x[(3 * k) + 1], 2) + Math.Pow(y[3 * k] - y[(3 * k) + 1], 2)));
        Assert.Equal(2 * Math.PI * 0.7, length, 0.01);
    }

    [Fact]
    public void A_level_that_is_not_reached_has_no_line_and_cells_without_a_value_are_left_out()
    {
        Assert.Empty(ContourLines.At([0, 1], [0, 1], [0, 1, 0, 1], 2).X);
        Assert.Equal([0.5, 0.5, double.NaN], ContourLines.At([0, 1], [0, 1], [0, 1, 0, 1], 0.5).X);
        Assert.Empty(ContourLines.At([0, 1], [0, 1], [0, 1, double.NaN, 1], 0.5).X);
        Assert.Throws<ArgumentException>(() => ContourLines.At([0, 1], [0, 1], [0, 1, 0], 0.5));
    }

    [Fact]
    public void Colours_of_either_sign_meet_in_white()
    {
        DivergingColors colors = new(2, "change");

        Assert.Equal(OkabeIto.Vermilion, colors.At(3));
        Assert.Equal(OkabeIto.Blue, colors.At(-2));
        Assert.Equal(new ScottPlot.Color(255, 255, 255), colors.At(0));
        Assert.Equal(new ScottPlot.Color(200, 200, 200), colors.At(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DivergingColors(0, "change"));
    }
}
