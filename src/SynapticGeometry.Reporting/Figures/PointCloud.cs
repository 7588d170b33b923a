using ScottPlot;
using SkiaSharp;

namespace SynapticGeometry.Reporting;

/// <summary>
/// Many equal round points, drawn as a few paths: an SVG of thousands of points stays small, and points that overlap still
/// look darker.
/// </summary>
internal sealed class PointCloud(double[] xs, double[] ys, Color color, float diameter) : IPlottable
{
    // Within one path overlap does not darken; between paths it does.
    private const int Paths = 8;

    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits() => xs.Length == 0
        ? AxisLimits.NoLimits
        : new AxisLimits(xs.Min(), xs.Max(), ys.Min(), ys.Max());

    public void Render(RenderPack rp)
    {
        using SKPaint paint = new()
        {
            Color = new SKColor(color.Red, color.Green, color.Blue, color.Alpha),
            StrokeWidth = diameter,
            StrokeCap = SKStrokeCap.Round,
            Style = SKPaintStyle.Stroke,
            IsAntialias = true,
        };
        for (int first = 0; first < Math.Min(Paths, xs.Length); first++)
        {
            using SKPath path = new();
            for (int i = first; i < xs.Length; i += Paths)
            {
                Pixel at = Axes.GetPixel(new Coordinates(xs[i], ys[i]));
                path.MoveTo(at.X, at.Y);
                path.LineTo(at.X, at.Y);
            }

            rp.Canvas.DrawPath(path, paint);
        }
    }
}
