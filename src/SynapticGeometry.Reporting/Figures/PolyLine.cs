using ScottPlot;
using SkiaSharp;

namespace SynapticGeometry.Reporting;

/// <summary>
/// A line through points, broken where a point is not finite, solid or dashed. The dashes are drawn one by one because
/// Skia's SVG knows no dashes.
/// </summary>
internal sealed class PolyLine(IReadOnlyList<double> xs, IReadOnlyList<double> ys, Color color, float width, float[]? dashes) : IPlottable
{
    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<LegendItem> LegendItems => [];

    /// <summary>Lengths of dash and gap in points, or null for a solid line.</summary>
    public static float[]? Dashes(LegendSymbol symbol) => symbol switch
    {
        LegendSymbol.Dashed => [4, 2.5f],
        LegendSymbol.Dotted => [1.2f, 1.8f],
        _ => null,
    };

    public AxisLimits GetAxisLimits()
    {
        double[] x = [.. xs.Where(double.IsFinite)], y = [.. ys.Where(double.IsFinite)];
        return x.Length == 0 || y.Length == 0 ? AxisLimits.NoLimits : new AxisLimits(x.Min(), x.Max(), y.Min(), y.Max());
    }

    public void Render(RenderPack rp)
    {
        List<SKPoint> run = [];
        for (int i = 0; i < xs.Count; i++)
        {
            if (double.IsFinite(xs[i]) && double.IsFinite(ys[i]))
            {
                Pixel at = Axes.GetPixel(new Coordinates(xs[i], ys[i]));
                run.Add(new SKPoint(at.X, at.Y));
                continue;
            }

            Draw(rp.Canvas, run, color, width, dashes, rp.DataRect);
            run.Clear();
        }

        Draw(rp.Canvas, run, color, width, dashes, rp.DataRect);
    }

    /// <summary>Draws a line through points of the canvas.</summary>
    public static void Draw(SKCanvas canvas, IReadOnlyList<SKPoint> points, Color color, float width, float[]? dashes, PixelRect within)
    {
        if (points.Count < 2)
        {
            return;
        }

        using SKPaint paint = new()
        {
            Color = new SKColor(color.Red, color.Green, color.Blue, color.Alpha),
            StrokeWidth = width,
            Style = SKPaintStyle.Stroke,
            StrokeJoin = SKStrokeJoin.Round,
            IsAntialias = true,
        };
        using SKPath path = new();
        if (dashes is null)
        {
            path.MoveTo(points[0]);
            for (int i = 1; i < points.Count; i++)
            {
                path.LineTo(points[i]);
            }
        }
        else
        {
            AddDashes(path, points, dashes, within);
        }

        canvas.DrawPath(path, paint);
    }

    private static void AddDashes(SKPath path, IReadOnlyList<SKPoint> points, float[] dashes, PixelRect within)
    {
        int phase = 0;
        float left = dashes[0];
        bool down = false;
        for (int i = 1; i < points.Count; i++)
        {
            // Dashes far outside would be drawn for nothing, and there may be millions of them.
            if (Clip(points[i - 1], points[i], within) is not var (from, to))
            {
                down = false;
                continue;
            }

            float length = SKPoint.Distance(from, to), done = 0;
            down &= from == points[i - 1];
            while (done < length)
            {
                float stride = Math.Min(left, length - done);
                if (phase % 2 == 0)
                {
                    if (!down)
                    {
                        path.MoveTo(Along(from, to, done / length));
                        down = true;
                    }

                    path.LineTo(Along(from, to, (done + stride) / length));
                }

                done += stride;
                left -= stride;
                if (left <= 1e-4f)
                {
                    phase = (phase + 1) % dashes.Length;
                    left = dashes[phase];
                    down = false;
                }
            }
        }
    }

    private static SKPoint Along(SKPoint from, SKPoint to, float share) =>
        new(from.X + (share * (to.X - from.X)), from.Y + (share * (to.Y - from.Y)));

    // Liang-Barsky: the part of a segment inside the rectangle, with a margin for the width of the line.
    private static (SKPoint From, SKPoint To)? Clip(SKPoint from, SKPoint to, PixelRect within)
    {
        const float Margin = 5;
        float enter = 0, leave = 1, dx = to.X - from.X, dy = to.Y - from.Y;
        foreach ((float direction, float distance) in new[]
        {
            (-dx, from.X - (within.Left - Margin)), (dx, within.Right + Margin - from.X),
            (-dy, from.Y - (within.Top - Margin)), (dy, within.Bottom + Margin - from.Y),
        })
        {
            if (direction == 0)
            {
                if (distance < 0)
                {
                    return null;
                }
            }
            else if (direction < 0)
            {
                enter = Math.Max(enter, distance / direction);
            }
            else
            {
                leave = Math.Min(leave, distance / direction);
            }
        }

        return enter >= leave
            ? null
            : (enter == 0 ? from : Along(from, to, enter), leave == 1 ? to : Along(from, to, leave));
    }
}
