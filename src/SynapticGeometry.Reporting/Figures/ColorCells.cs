using ScottPlot;
using SkiaSharp;

namespace SynapticGeometry.Reporting;

/// <summary>Colours of a quantity of either sign: blue below zero, white at zero, vermilion above.</summary>
/// <param name="Limit">The size at which the colour is full, positive; beyond it stays.</param>
/// <param name="Label">What is shown, with its unit.</param>
public sealed record DivergingColors(double Limit, string Label)
{
    /// <summary>The size at which the colour is full.</summary>
    public double Limit { get; } = Limit > 0 && double.IsFinite(Limit)
        ? Limit
        : throw new ArgumentOutOfRangeException(nameof(Limit), $"The limit of the colours is {Limit}; it must be positive and finite.");

    /// <summary>The colour of a value.</summary>
    /// <param name="value">The value; grey where it is not a number.</param>
    public Color At(double value)
    {
        if (double.IsNaN(value))
        {
            return new Color(200, 200, 200);
        }

        double share = Math.Min(1, Math.Abs(value) / Limit);
        Color full = value < 0 ? OkabeIto.Blue : OkabeIto.Vermilion;
        byte Mix(byte channel) => (byte)Math.Round(255 + (share * (channel - 255)));
        return new Color(Mix(full.Red), Mix(full.Green), Mix(full.Blue));
    }
}

/// <summary>Filled rectangles of one size: a map.</summary>
internal sealed class ColorCells(IReadOnlyList<double> xs, IReadOnlyList<double> ys, IReadOnlyList<Color> colors, double width, double height) : IPlottable
{
    // Neighbours overlap by a hair: without it viewers show seams between them.
    private const float Overlap = 0.15f;

    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits() => xs.Count == 0
        ? AxisLimits.NoLimits
        : new AxisLimits(xs.Min() - (width / 2), xs.Max() + (width / 2), ys.Min() - (height / 2), ys.Max() + (height / 2));

    public void Render(RenderPack rp)
    {
        using SKPaint paint = new() { Style = SKPaintStyle.Fill };
        for (int i = 0; i < xs.Count; i++)
        {
            Pixel low = Axes.GetPixel(new Coordinates(xs[i] - (width / 2), ys[i] - (height / 2)));
            Pixel high = Axes.GetPixel(new Coordinates(xs[i] + (width / 2), ys[i] + (height / 2)));
            paint.Color = new SKColor(colors[i].Red, colors[i].Green, colors[i].Blue, colors[i].Alpha);
            rp.Canvas.DrawRect(new SKRect(low.X - Overlap, high.Y - Overlap, high.X + Overlap, low.Y + Overlap), paint);
        }
    }
}

/// <summary>An arrow whose head has a fixed size in print.</summary>
internal sealed class Arrow((double X, double Y) from, (double X, double Y) to, Color color, float width) : IPlottable
{
    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits() =>
        new(Math.Min(from.X, to.X), Math.Max(from.X, to.X), Math.Min(from.Y, to.Y), Math.Max(from.Y, to.Y));

    public void Render(RenderPack rp)
    {
        Pixel tail = Axes.GetPixel(new Coordinates(from.X, from.Y)), tip = Axes.GetPixel(new Coordinates(to.X, to.Y));
        float dx = tip.X - tail.X, dy = tip.Y - tail.Y, length = MathF.Sqrt((dx * dx) + (dy * dy));
        if (length < 0.5f)
        {
            return;
        }

        (dx, dy) = (dx / length, dy / length);
        float head = Math.Min(length, 1.5f + (3 * width)), half = 0.5f * head;
        SKPoint neck = new(tip.X - (head * dx), tip.Y - (head * dy));
        using SKPaint paint = new() { Color = new SKColor(color.Red, color.Green, color.Blue, color.Alpha), StrokeWidth = width, IsAntialias = true };
        rp.Canvas.DrawLine(tail.X, tail.Y, neck.X, neck.Y, paint);
        using SKPath triangle = new();
        triangle.MoveTo(tip.X, tip.Y);
        triangle.LineTo(neck.X - (half * dy), neck.Y + (half * dx));
        triangle.LineTo(neck.X + (half * dy), neck.Y - (half * dx));
        triangle.Close();
        paint.Style = SKPaintStyle.Fill;
        rp.Canvas.DrawPath(triangle, paint);
    }
}
