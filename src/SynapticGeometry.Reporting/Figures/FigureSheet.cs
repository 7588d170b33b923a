using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ScottPlot;
using SkiaSharp;

namespace SynapticGeometry.Reporting;

/// <summary>
/// A figure of one or more panels on a grid, of a fixed size in print, written as SVG, PNG or PDF. The axes of a column start
/// at one line and those of a row stand on one line; panels carry letters where there are several.
/// </summary>
/// <remarks>Equal content gives equal bytes. A sheet is drawn by one thread at a time.</remarks>
public sealed class FigureSheet
{
    /// <summary>Resolution of print, dots per inch.</summary>
    public const int PrintResolution = 300;

    private const float Margin = 2;

    private readonly FigurePanel?[,] panels;
    private readonly float[] left, right, top, bottom;

    /// <summary>An empty sheet.</summary>
    /// <param name="widthMillimetres">Width in print, mm; see <see cref="FigureStyle.OneColumn"/> and <see cref="FigureStyle.TwoColumns"/>.</param>
    /// <param name="heightMillimetres">Height in print, mm.</param>
    /// <param name="rows">Rows of panels, at least 1.</param>
    /// <param name="columns">Columns of panels, at least 1.</param>
    /// <param name="style">The style; null for that of print.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not between 10 and 1000 mm, or a count is not positive.</exception>
    public FigureSheet(double widthMillimetres, double heightMillimetres, int rows = 1, int columns = 1, FigureStyle? style = null)
    {
        CheckSize(widthMillimetres, nameof(widthMillimetres));
        CheckSize(heightMillimetres, nameof(heightMillimetres));
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        WidthMillimetres = widthMillimetres;
        HeightMillimetres = heightMillimetres;
        Style = style ?? FigureStyle.Print;
        panels = new FigurePanel?[rows, columns];
        (left, right, top, bottom) = (new float[columns], new float[columns], new float[rows], new float[rows]);
    }

    /// <summary>Width in print, mm.</summary>
    public double WidthMillimetres { get; }

    /// <summary>Height in print, mm.</summary>
    public double HeightMillimetres { get; }

    /// <summary>The style.</summary>
    public FigureStyle Style { get; }

    /// <summary>Whether panels carry the letters A, B, ...; by default where there are several.</summary>
    public bool? Letters { get; set; }

    private float Width => (float)(WidthMillimetres * FigureStyle.PointsPerMillimetre);

    private float Height => (float)(HeightMillimetres * FigureStyle.PointsPerMillimetre);

    /// <summary>The panel at a place of the grid, made where it is not there yet.</summary>
    /// <param name="row">Row, from 0 at the top.</param>
    /// <param name="column">Column, from 0 at the left.</param>
    /// <exception cref="ArgumentOutOfRangeException">The place is not on the grid.</exception>
    public FigurePanel Panel(int row, int column)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, panels.GetLength(0));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, panels.GetLength(1));
        return panels[row, column] ??= new FigurePanel(Style);
    }

    /// <summary>The figure as SVG of its size in print, text kept as text.</summary>
    /// <param name="id">Prefix of the identifiers inside, so that several figures can stand in one page: letters, digits and hyphens.</param>
    /// <param name="title">Short title, read out by a screen reader.</param>
    /// <param name="description">What the figure shows, read out by a screen reader; null where a caption stands beside it.</param>
    public string ToSvg(string id, string title, string? description = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        using MemoryStream stream = new();
        using (SKCanvas canvas = SKSvgCanvas.Create(SKRect.Create(Width, Height), stream))
        {
            Draw(canvas);
        }

        string prefix = string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')) + "-";
        return SvgRepair.Repair(
            Encoding.UTF8.GetString(stream.ToArray()), prefix, WidthMillimetres, HeightMillimetres, title, description);
    }

    /// <summary>The figure as PNG on white, with its resolution noted so that it prints at its size.</summary>
    /// <param name="dotsPerInch">Resolution, 20 to 2400.</param>
    /// <exception cref="ArgumentOutOfRangeException">The resolution is out of range.</exception>
    public byte[] ToPng(int dotsPerInch = PrintResolution)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dotsPerInch, 20);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dotsPerInch, 2400);
        int width = (int)Math.Round(WidthMillimetres / 25.4 * dotsPerInch), height = (int)Math.Round(HeightMillimetres / 25.4 * dotsPerInch);
        using SKSurface surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque))
            ?? throw new InvalidOperationException($"No room for a picture of {width} x {height} pixels.");
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.Scale(dotsPerInch / 72f);
        Draw(surface.Canvas);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        return WithResolution(data.ToArray(), dotsPerInch);
    }

    /// <summary>The figure as PDF of one page of its size, fonts embedded.</summary>
    public byte[] ToPdf()
    {
        using MemoryStream stream = new();
        using (SKDocument document = SKDocument.CreatePdf(stream))
        {
            using SKCanvas canvas = document.BeginPage(Width, Height);
            Draw(canvas);
            document.EndPage();
            document.Close();
        }

        return stream.ToArray();
    }

    private static void CheckSize(double millimetres, string name)
    {
        if (!(millimetres is >= 10 and <= 1000))
        {
            throw new ArgumentOutOfRangeException(
                name, $"A figure of {millimetres.ToString(CultureInfo.InvariantCulture)} mm cannot be drawn; 10 to 1000 mm are allowed.");
        }
    }

    private void Draw(SKCanvas canvas)
    {
        Arrange();
        using SKNoDrawCanvas nowhere = new((int)Math.Ceiling(Width), (int)Math.Ceiling(Height));
        int letter = 0;
        bool several = panels.Cast<FigurePanel?>().Count(p => p is not null) > 1;
        for (int row = 0; row < panels.GetLength(0); row++)
        {
            for (int column = 0; column < panels.GetLength(1); column++)
            {
                if (panels[row, column] is not { } panel)
                {
                    continue;
                }

                PixelRect cell = Cell(row, column);

                // ScottPlot draws a plot of new layout twice, which would darken what is transparent: the first time goes nowhere.
                panel.Plot.Render(nowhere, cell);
                panel.Plot.Render(canvas, cell);
                PixelRect data = cell.Contract(Padding(row, column));
                panel.DrawAxes(canvas, cell, data);
                panel.DrawHeader(canvas, data.Left, cell.Top, cell.Right - data.Left);
                if (Letters ?? several)
                {
                    FigureText.Draw(
                        canvas, ((char)('A' + letter)).ToString(), cell.Left, cell.Top + Style.LetterSize, Style.LetterSize, Ink(), bold: true);
                }

                letter++;
            }
        }
    }

    private SKColor Ink() => new(Style.Ink.Red, Style.Ink.Green, Style.Ink.Blue);

    private PixelRect Cell(int row, int column)
    {
        int rows = panels.GetLength(0), columns = panels.GetLength(1);
        float width = (Width - (2 * Margin) - ((columns - 1) * Style.Gutter)) / columns;
        float height = (Height - (2 * Margin) - ((rows - 1) * Style.Gutter)) / rows;
        float x = Margin + (column * (width + Style.Gutter)), y = Margin + (row * (height + Style.Gutter));
        return new PixelRect(x, x + width, y + height, y);
    }

    private PixelPadding Padding(int row, int column) => new(left[column], right[column], bottom[row], top[row]);

    // The largest room that axes and headers take in a column and in a row is given to all of it, so that the axes line up.
    // How many ticks fit depends on the room left, and that on the ticks: two rounds settle it.
    private void Arrange()
    {
        int rows = panels.GetLength(0), columns = panels.GetLength(1);
        Array.Fill(left, 30);
        Array.Fill(right, 2);
        Array.Fill(top, 10);
        Array.Fill(bottom, 24);
        for (int round = 0; round < 2; round++)
        {
            float[] l = new float[columns], r = new float[columns], t = new float[rows], b = new float[rows];
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++)
                {
                    if (panels[row, column] is not { } panel)
                    {
                        continue;
                    }

                    PixelRect cell = Cell(row, column);
                    PixelRect data = cell.Contract(Padding(row, column));
                    PixelPadding room = panel.AxisRoom(data.Width, data.Height);
                    l[column] = Math.Max(l[column], room.Left);
                    r[column] = Math.Max(r[column], room.Right);
                    b[row] = Math.Max(b[row], room.Bottom);
                    t[row] = Math.Max(t[row], Math.Max(Style.LetterSize, room.Top + panel.HeaderHeight(cell.Right - data.Left)));
                }
            }

            l.CopyTo(left, 0);
            r.CopyTo(right, 0);
            t.CopyTo(top, 0);
            b.CopyTo(bottom, 0);
        }

        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                panels[row, column]?.Plot.Layout.Fixed(Padding(row, column));
            }
        }
    }

    // PNG keeps its resolution in a pHYs chunk, in pixels per metre, right after the header chunk.
    private static byte[] WithResolution(byte[] png, int dotsPerInch)
    {
        const int AfterHeader = 8 + 25;
        Span<byte> chunk = stackalloc byte[21];
        uint perMetre = (uint)Math.Round(dotsPerInch / 0.0254);
        BinaryPrimitives.WriteUInt32BigEndian(chunk, 9);
        "pHYs"u8.CopyTo(chunk[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[8..], perMetre);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[12..], perMetre);
        chunk[16] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(chunk[17..], Crc32(chunk[4..17]));
        byte[] result = new byte[png.Length + chunk.Length];
        png.AsSpan(0, AfterHeader).CopyTo(result);
        chunk.CopyTo(result.AsSpan(AfterHeader));
        png.AsSpan(AfterHeader).CopyTo(result.AsSpan(AfterHeader + chunk.Length));
        return result;
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }

        return ~crc;
    }
}
