using ScottPlot;
using SkiaSharp;

namespace SynapticGeometry.Reporting;

/// <summary>How a legend shows its entry.</summary>
public enum LegendSymbol
{
    /// <summary>A line.</summary>
    Line,

    /// <summary>A dashed line.</summary>
    Dashed,

    /// <summary>A dotted line.</summary>
    Dotted,

    /// <summary>A filled box.</summary>
    Fill,

    /// <summary>A filled circle.</summary>
    Marker,

    /// <summary>An open circle.</summary>
    OpenMarker,
}

/// <summary>One entry of a legend.</summary>
/// <param name="Text">What it stands for.</param>
/// <param name="Color">Its colour.</param>
/// <param name="Symbol">How it is drawn.</param>
public sealed record LegendEntry(string Text, Color Color, LegendSymbol Symbol);

/// <summary>
/// One panel of a figure: a plot with a heading, notes and a legend above its data, where they cover nothing.
/// </summary>
public sealed class FigurePanel
{
    private const float SymbolWidth = 14;
    private const float TickLength = 3;
    private const float TickGap = 2;
    private const float LabelGap = 2;

    internal FigurePanel(FigureStyle style)
    {
        EmbeddedFonts.Install();
        Style = style;
        Plot = new Plot();
        Apply(style);
    }

    /// <summary>The plot, to be drawn on with ScottPlot; one of its pixels is one point in print.</summary>
    public Plot Plot { get; }

    /// <summary>The style.</summary>
    public FigureStyle Style { get; }

    /// <summary>The horizontal axis.</summary>
    public FigureAxis X { get; } = new();

    /// <summary>The vertical axis.</summary>
    public FigureAxis Y { get; } = new();

    /// <summary>A second scale on top, or null; its ticks stand in the coordinates of <see cref="X"/>.</summary>
    public FigureAxis? Top { get; set; }

    /// <summary>A second scale on the right, or null; its ticks stand in the coordinates of <see cref="Y"/>.</summary>
    public FigureAxis? Right { get; set; }

    /// <summary>Heading above the data, or null.</summary>
    public string? Heading { get; set; }

    /// <summary>Lines of small text under the heading.</summary>
    public IList<string> Notes { get; } = [];

    /// <summary>Entries of the legend, drawn above the data from left to right.</summary>
    public IList<LegendEntry> Legend { get; } = [];

    /// <summary>The scale of <see cref="Cells"/>, shown under the legend, or null.</summary>
    public DivergingColors? Colors { get; set; }

    /// <summary>Names both axes; a unit belongs into the label.</summary>
    /// <param name="x">Label of the horizontal axis.</param>
    /// <param name="y">Label of the vertical axis.</param>
    public void Label(string x, string y)
    {
        X.Label = x;
        Y.Label = y;
    }

    /// <summary>Adds a line, and its entry in the legend where it has a text.</summary>
    /// <param name="xs">n abscissae.</param>
    /// <param name="ys">n ordinates; where they are not finite the line is broken.</param>
    /// <param name="color">Its colour.</param>
    /// <param name="legend">Text of its legend entry, or null for none.</param>
    /// <param name="pattern">Solid, dashed or dotted.</param>
    /// <param name="width">Width in pt; null for that of a data line.</param>
    public void Line(
        IReadOnlyList<double> xs, IReadOnlyList<double> ys, Color color, string? legend = null, LegendSymbol pattern = LegendSymbol.Line, float? width = null)
    {
        ArgumentNullException.ThrowIfNull(xs);
        ArgumentNullException.ThrowIfNull(ys);
        if (xs.Count != ys.Count)
        {
            throw new ArgumentException($"{xs.Count} abscissae but {ys.Count} ordinates; a line needs as many of both.", nameof(ys));
        }

        Plot.Add.Plottable(new PolyLine(xs, ys, color, width ?? Style.LineWidth, PolyLine.Dashes(pattern)));
        AddLegend(legend, color, pattern);
    }

    /// <summary>Fills between two lines, and adds an entry to the legend where there is a text.</summary>
    /// <param name="xs">n abscissae.</param>
    /// <param name="low">n lower ordinates.</param>
    /// <param name="high">n upper ordinates.</param>
    /// <param name="color">Colour, with its transparency.</param>
    /// <param name="legend">Text of its legend entry, or null for none.</param>
    public void Band(double[] xs, double[] low, double[] high, Color color, string? legend = null)
    {
        var band = Plot.Add.FillY(xs, low, high);
        band.FillColor = color;
        band.LineWidth = 0;
        band.MarkerSize = 0;
        AddLegend(legend, color, LegendSymbol.Fill);
    }

    /// <summary>Draws a histogram: filled, or as an outline.</summary>
    /// <param name="edges">n + 1 edges, increasing.</param>
    /// <param name="heights">n heights.</param>
    /// <param name="color">Colour of the outline, or of the filling with its transparency.</param>
    /// <param name="filled">Filled, or an outline.</param>
    /// <param name="legend">Text of its legend entry, or null for none.</param>
    public void Steps(IReadOnlyList<double> edges, IReadOnlyList<double> heights, Color color, bool filled, string? legend = null)
    {
        ArgumentNullException.ThrowIfNull(edges);
        ArgumentNullException.ThrowIfNull(heights);
        if (edges.Count != heights.Count + 1)
        {
            throw new ArgumentException($"{edges.Count} edges for {heights.Count} heights; one more edge than heights is needed.", nameof(edges));
        }

        List<Coordinates> corners = [new(edges[0], 0)];
        for (int i = 0; i < heights.Count; i++)
        {
            corners.Add(new(edges[i], heights[i]));
            corners.Add(new(edges[i + 1], heights[i]));
        }

        corners.Add(new(edges[^1], 0));
        if (filled)
        {
            var shape = Plot.Add.Polygon(corners.ToArray());
            shape.FillColor = color;
            shape.LineWidth = 0;
            shape.MarkerSize = 0;
        }
        else
        {
            Plot.Add.Plottable(new PolyLine([.. corners.Select(c => c.X)], [.. corners.Select(c => c.Y)], color, Style.LineWidth, null));
        }

        AddLegend(legend, color, filled ? LegendSymbol.Fill : LegendSymbol.Line);
    }

    /// <summary>Adds round markers, and an entry to the legend where there is a text.</summary>
    /// <param name="xs">n abscissae.</param>
    /// <param name="ys">n ordinates.</param>
    /// <param name="color">Their colour.</param>
    /// <param name="legend">Text of the legend entry, or null for none.</param>
    /// <param name="open">Open circles instead of filled ones.</param>
    /// <param name="size">Diameter in pt; null for that of the style.</param>
    public void Markers(double[] xs, double[] ys, Color color, string? legend = null, bool open = false, float? size = null)
    {
        var points = Plot.Add.ScatterPoints(xs, ys, color);
        points.MarkerSize = size ?? Style.MarkerSize;
        points.MarkerShape = open ? MarkerShape.OpenCircle : MarkerShape.FilledCircle;
        points.MarkerFillColor = open ? ScottPlot.Colors.Transparent : color;
        points.MarkerLineColor = color;
        points.MarkerLineWidth = open ? Style.LineWidth : 0;
        AddLegend(legend, color, open ? LegendSymbol.OpenMarker : LegendSymbol.Marker);
    }

    /// <summary>Fills rectangles of one size, as a map does.</summary>
    /// <param name="xs">n abscissae of their centres.</param>
    /// <param name="ys">n ordinates of their centres.</param>
    /// <param name="colors">n colours.</param>
    /// <param name="width">Width, in units of the horizontal axis, positive.</param>
    /// <param name="height">Height, in units of the vertical axis, positive.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Cells(IReadOnlyList<double> xs, IReadOnlyList<double> ys, IReadOnlyList<Color> colors, double width, double height)
    {
        ArgumentNullException.ThrowIfNull(xs);
        ArgumentNullException.ThrowIfNull(ys);
        ArgumentNullException.ThrowIfNull(colors);
        if (xs.Count != ys.Count || xs.Count != colors.Count)
        {
            throw new ArgumentException($"{xs.Count} abscissae, {ys.Count} ordinates and {colors.Count} colours; cells need as many of each.", nameof(ys));
        }

        Plot.Add.Plottable(new ColorCells(xs, ys, colors, width, height));
    }

    /// <summary>Adds an arrow from one point to another, its head of a fixed size in print.</summary>
    /// <param name="from">Where it begins, x and y.</param>
    /// <param name="to">Where its tip is, x and y.</param>
    /// <param name="color">Its colour.</param>
    /// <param name="width">Width of the shaft in pt; null for that of a data line.</param>
    public void Arrow((double X, double Y) from, (double X, double Y) to, Color color, float? width = null) =>
        Plot.Add.Plottable(new Arrow(from, to, color, width ?? Style.LineWidth));

    /// <summary>Height of heading, notes and legend over data of this width, in points.</summary>
    internal float HeaderHeight(float dataWidth)
    {
        float height = Heading is null ? 0 : LineHeight(Style.LabelSize);
        height += Notes.Count * LineHeight(Style.SmallSize);
        height += (LegendRows(dataWidth).Count + (Colors is null ? 0 : 1)) * LineHeight(Style.SmallSize);
        return height == 0 ? 0 : height + 3;
    }

    /// <summary>Draws heading, notes and legend; <paramref name="top"/> is their upper edge.</summary>
    internal void DrawHeader(SKCanvas canvas, float left, float top, float dataWidth)
    {
        SKColor ink = Skia(Style.Ink);
        float y = top;
        if (Heading is { } heading)
        {
            y += LineHeight(Style.LabelSize);
            FigureText.Draw(canvas, FigureText.Clean(heading), left, y - 2.5f, Style.LabelSize, ink);
        }

        foreach (string note in Notes)
        {
            y += LineHeight(Style.SmallSize);
            FigureText.Draw(canvas, FigureText.Clean(note), left, y - 2.5f, Style.SmallSize, Skia(Style.Quiet));
        }

        foreach (List<LegendEntry> row in LegendRows(dataWidth))
        {
            y += LineHeight(Style.SmallSize);
            float x = left;
            foreach (LegendEntry entry in row)
            {
                DrawSymbol(canvas, entry, x, y - 2.5f - (0.36f * Style.SmallSize));
                string text = FigureText.Clean(entry.Text);
                FigureText.Draw(canvas, text, x + SymbolWidth + 3, y - 2.5f, Style.SmallSize, ink);
                x += EntryWidth(entry);
            }
        }

        DrawColors(canvas, left, y + LineHeight(Style.SmallSize));
    }

    // The scale as a bar from its lowest to its highest value: label, low, bar, high.
    private void DrawColors(SKCanvas canvas, float left, float bottom)
    {
        if (Colors is not { } scale)
        {
            return;
        }

        const float Length = 36, Gap = 3;
        const int Pieces = 48;
        float x = left, baseline = bottom - 2.5f;
        foreach (string text in new[] { FigureText.Clean(scale.Label), AxisTicks.Label(-scale.Limit) })
        {
            FigureText.Draw(canvas, text, x, baseline, Style.SmallSize, Skia(Style.Ink));
            x += FigureText.Width(text, Style.SmallSize) + (2 * Gap);
        }

        x -= Gap;
        using SKPaint paint = new() { Style = SKPaintStyle.Fill };
        for (int k = 0; k < Pieces; k++)
        {
            paint.Color = Skia(scale.At((((2 * k) + 1.0) / Pieces - 1) * scale.Limit));
            canvas.DrawRect(x + (k * Length / Pieces), baseline - (0.7f * Style.SmallSize), (Length / Pieces) + 0.2f, 0.75f * Style.SmallSize, paint);
        }

        FigureText.Draw(canvas, AxisTicks.Label(scale.Limit), x + Length + Gap, baseline, Style.SmallSize, Skia(Style.Ink));
    }

    /// <summary>Room the axes take around the data, in points.</summary>
    internal PixelPadding AxisRoom(float width, float height)
    {
        AxisLimits limits = Plot.Axes.GetLimits();
        IReadOnlyList<AxisTick> x = XTicks(limits, width);
        float Widest(IReadOnlyList<AxisTick> ticks) => ticks.Select(t => FigureText.Width(t.Label, Style.SmallSize)).DefaultIfEmpty(0).Max();
        float left = TickLength + TickGap + Widest(YTicks(Y, limits, height)) + LabelRoom(Y);
        float right = Right is null ? 0 : TickLength + TickGap + Widest(YTicks(Right, limits, height)) + LabelRoom(Right);
        float bottom = TickLength + TickGap + Style.SmallSize + LabelRoom(X);
        float top = Top is null ? 0 : TickLength + TickGap + Style.SmallSize + LabelRoom(Top);

        // The last label of the horizontal axis hangs over its end by half its width.
        double span = limits.Right - limits.Left;
        foreach (AxisTick tick in x)
        {
            float half = FigureText.Width(tick.Label, Style.SmallSize) / 2;
            right = Math.Max(right, half - (float)((limits.Right - tick.Position) / span * width));
            left = Math.Max(left, half - (float)((tick.Position - limits.Left) / span * width));
        }

        return new PixelPadding(left, Math.Max(right, 2), bottom, Math.Max(top, Style.SmallSize / 2));
    }

    /// <summary>Draws frame, ticks and labels around the data, within the cell of the panel.</summary>
    internal void DrawAxes(SKCanvas canvas, PixelRect cell, PixelRect data)
    {
        AxisLimits limits = Plot.Axes.GetLimits();
        using SKPaint pen = new() { Color = Skia(Style.Ink), StrokeWidth = Style.ThinWidth, Style = SKPaintStyle.Stroke, IsAntialias = true };
        float XPixel(double x) => data.Left + (float)((x - limits.Left) / (limits.Right - limits.Left) * data.Width);
        float YPixel(double y) => data.Bottom - (float)((y - limits.Bottom) / (limits.Top - limits.Bottom) * data.Height);
        float half = Style.ThinWidth / 2;
        canvas.DrawLine(data.Left - half, data.Bottom, data.Right + half, data.Bottom, pen);
        canvas.DrawLine(data.Left, data.Bottom, data.Left, data.Top - half, pen);

        DrawTicks(canvas, pen, XTicks(limits, data.Width), t => (new SKPoint(XPixel(t), data.Bottom), 0, 1));
        DrawTicks(canvas, pen, YTicks(Y, limits, data.Height), t => (new SKPoint(data.Left, YPixel(t)), -1, 0));
        float beyond = TickLength + TickGap + Style.SmallSize + LabelGap;
        DrawLabel(canvas, X.Label, cell, data.HorizontalCenter, data.Bottom + beyond + (0.8f * Style.LabelSize));
        DrawTurned(canvas, Y.Label, data.Left - TickLength - TickGap - Widest(YTicks(Y, limits, data.Height)) - LabelGap - (0.25f * Style.LabelSize), cell, data.VerticalCenter);
        if (Top is { } top)
        {
            canvas.DrawLine(data.Left - half, data.Top, data.Right + half, data.Top, pen);
            DrawTicks(canvas, pen, top.Between(limits.Left, limits.Right, data.Width / 28), t => (new SKPoint(XPixel(t), data.Top), 0, -1));
            DrawLabel(canvas, top.Label, cell, data.HorizontalCenter, data.Top - beyond - (0.1f * Style.LabelSize));
        }

        if (Right is { } right)
        {
            IReadOnlyList<AxisTick> ticks = YTicks(right, limits, data.Height);
            canvas.DrawLine(data.Right, data.Bottom, data.Right, data.Top - half, pen);
            DrawTicks(canvas, pen, ticks, t => (new SKPoint(data.Right, YPixel(t)), 1, 0));
            DrawTurned(canvas, right.Label, data.Right + TickLength + TickGap + Widest(ticks) + LabelGap + (0.8f * Style.LabelSize), cell, data.VerticalCenter);
        }

        float Widest(IReadOnlyList<AxisTick> ticks) => ticks.Select(t => FigureText.Width(t.Label, Style.SmallSize)).DefaultIfEmpty(0).Max();
    }

    private void DrawTicks(SKCanvas canvas, SKPaint pen, IReadOnlyList<AxisTick> ticks, Func<double, (SKPoint At, int X, int Y)> place)
    {
        foreach (AxisTick tick in ticks)
        {
            (SKPoint at, int dx, int dy) = place(tick.Position);
            float length = tick.Label.Length > 0 ? TickLength : 0.6f * TickLength;
            canvas.DrawLine(at.X, at.Y, at.X + (dx * length), at.Y + (dy * length), pen);
            if (tick.Label.Length == 0)
            {
                continue;
            }

            float width = FigureText.Width(tick.Label, Style.SmallSize), away = TickLength + TickGap;

            // Digits are about 0.73 of the font size high.
            (float x, float y) = (dx, dy) switch
            {
                (-1, _) => (at.X - away - width, at.Y + (0.36f * Style.SmallSize)),
                (1, _) => (at.X + away, at.Y + (0.36f * Style.SmallSize)),
                (_, 1) => (at.X - (width / 2), at.Y + away + (0.73f * Style.SmallSize)),
                _ => (at.X - (width / 2), at.Y - away),
            };
            FigureText.Draw(canvas, tick.Label, x, y, Style.SmallSize, Skia(Style.Ink));
        }
    }

    private void DrawLabel(SKCanvas canvas, string label, PixelRect cell, float centre, float baseline)
    {
        (string text, float size, float width) = Fit(label, cell.Width);
        if (text.Length > 0)
        {
            float left = Math.Clamp(centre - (width / 2), cell.Left, Math.Max(cell.Left, cell.Right - width));
            FigureText.Draw(canvas, text, left, baseline, size, Skia(Style.Ink));
        }
    }

    private void DrawTurned(SKCanvas canvas, string label, float baseline, PixelRect cell, float centre)
    {
        (string text, float size, float width) = Fit(label, cell.Height);
        if (text.Length > 0)
        {
            centre = Math.Clamp(centre, cell.Top + (width / 2), Math.Max(cell.Top + (width / 2), cell.Bottom - (width / 2)));
            canvas.Save();
            canvas.Translate(baseline, centre);
            canvas.RotateDegrees(-90);
            FigureText.Draw(canvas, text, -width / 2, 0, size, Skia(Style.Ink));
            canvas.Restore();
        }
    }

    // A label too long for its panel gets smaller, down to what is still legible, and is then cut.
    private (string Text, float Size, float Width) Fit(string label, float room)
    {
        string text = FigureText.Clean(label);
        float size = Style.LabelSize, width = FigureText.Width(text, size);
        if (width > room)
        {
            size = Math.Max(5, size * room / width);
            width = FigureText.Width(text, size);
            while (width > room && text.Length > 4)
            {
                text = FigureText.Short(text, text.Length - 2);
                width = FigureText.Width(text, size);
            }
        }

        return (text, size, width);
    }

    private float LabelRoom(FigureAxis axis) => axis.Label.Length == 0 ? 0 : LabelGap + (1.1f * Style.LabelSize);

    private IReadOnlyList<AxisTick> XTicks(AxisLimits limits, float width) => X.Between(limits.Left, limits.Right, width / 30);

    private static IReadOnlyList<AxisTick> YTicks(FigureAxis axis, AxisLimits limits, float height) => axis.Between(limits.Bottom, limits.Top, height / 20);

    private static SKColor Skia(Color color) => new(color.Red, color.Green, color.Blue, color.Alpha);

    private static float LineHeight(float size) => 1.35f * size;

    private float EntryWidth(LegendEntry entry) =>
        SymbolWidth + 3 + FigureText.Width(FigureText.Clean(entry.Text), Style.SmallSize) + 9;

    private List<List<LegendEntry>> LegendRows(float width)
    {
        List<List<LegendEntry>> rows = [];
        float used = float.PositiveInfinity;
        foreach (LegendEntry entry in Legend)
        {
            float needs = EntryWidth(entry);
            if (used + needs - 9 > width)
            {
                rows.Add([]);
                used = 0;
            }

            rows[^1].Add(entry);
            used += needs;
        }

        return rows;
    }

    private void DrawSymbol(SKCanvas canvas, LegendEntry entry, float x, float middle)
    {
        using SKPaint paint = new() { Color = Skia(entry.Color), IsAntialias = true, StrokeWidth = Style.LineWidth, Style = SKPaintStyle.Stroke };
        float centre = x + (SymbolWidth / 2), radius = Style.MarkerSize / 2;
        switch (entry.Symbol)
        {
            case LegendSymbol.Fill:
                paint.Style = SKPaintStyle.Fill;
                canvas.DrawRect(x + 1, middle - 2.4f, SymbolWidth - 2, 4.8f, paint);
                break;
            case LegendSymbol.Marker:
                paint.Style = SKPaintStyle.Fill;
                canvas.DrawCircle(centre, middle, radius, paint);
                break;
            case LegendSymbol.OpenMarker:
                canvas.DrawCircle(centre, middle, radius, paint);
                break;
            default:
                SKPoint[] ends = [new(x, middle), new(x + SymbolWidth, middle)];
                PolyLine.Draw(canvas, ends, entry.Color, Style.LineWidth, PolyLine.Dashes(entry.Symbol), new PixelRect(x, x + SymbolWidth, middle + 1, middle - 1));
                break;
        }
    }

    private void AddLegend(string? text, Color color, LegendSymbol symbol)
    {
        if (text is not null)
        {
            Legend.Add(new LegendEntry(text, color, symbol));
        }
    }

    private void Apply(FigureStyle style)
    {
        Plot.RenderManager.ClearCanvasBeforeEachRender = false;
        Plot.FigureBackground.Color = ScottPlot.Colors.Transparent;
        Plot.DataBackground.Color = ScottPlot.Colors.Transparent;
        Plot.Grid.IsVisible = false;
        Plot.Legend.IsVisible = false;
        Plot.Axes.Title.IsVisible = false;

        // Axes are drawn by this class: ScottPlot sets tick labels apart from their ticks and lets them run into the axis label.
        foreach (IAxis axis in Plot.Axes.GetAxes())
        {
            axis.IsVisible = false;
        }
    }
}
