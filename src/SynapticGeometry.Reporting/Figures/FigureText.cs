using System.Text;
using SkiaSharp;

namespace SynapticGeometry.Reporting;

/// <summary>Text on a figure: measured and drawn in the embedded font.</summary>
internal static class FigureText
{
    // Size of an index beside its letter.
    private const float Lowered = 0.7f;

    /// <summary>The text without control characters and lone surrogates, which neither XML nor a font can show.</summary>
    public static string Clean(string text)
    {
        StringBuilder clean = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            // EnumerateRunes yields U+FFFD for a lone surrogate; U+FFFE and U+FFFF are not characters of XML.
            bool kept = !Rune.IsControl(rune) && rune.Value is not (0xFFFE or 0xFFFF);
            clean.Append(kept ? rune.ToString() : " ");
        }

        return clean.ToString();
    }

    /// <summary>The text, cut to so many characters where it is longer.</summary>
    public static string Short(string text, int length)
    {
        text = Clean(text);
        if (text.Length <= length)
        {
            return text;
        }

        int cut = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return text[..cut] + "…";
    }

    public static float Width(string text, float size, bool bold = false)
    {
        float width = 0;
        foreach ((string part, bool lowered) in Parts(text))
        {
            using SKFont font = Font(lowered ? Lowered * size : size, bold);
            width += font.MeasureText(part);
        }

        return width;
    }

    public static void Draw(SKCanvas canvas, string text, float x, float baseline, float size, SKColor color, bool bold = false)
    {
        using SKPaint paint = new() { Color = color, IsAntialias = true };
        foreach ((string part, bool lowered) in Parts(text))
        {
            using SKFont font = Font(lowered ? Lowered * size : size, bold);
            canvas.DrawText(part, x, lowered ? baseline + (0.2f * size) : baseline, font, paint);
            x += font.MeasureText(part);
        }
    }

    // The one symbol with an index that figures have; no other underscore is one, as names of columns have them too.
    private static IEnumerable<(string Text, bool Lowered)> Parts(string text)
    {
        const string symbol = "D_KL";
        for (int at = text.IndexOf(symbol, StringComparison.Ordinal); at >= 0; at = text.IndexOf(symbol, StringComparison.Ordinal))
        {
            yield return (text[..(at + 1)], false);
            yield return (symbol[2..], true);
            text = text[(at + symbol.Length)..];
        }

        yield return (text, false);
    }

    private static SKFont Font(float size, bool bold)
    {
        EmbeddedFonts fonts = EmbeddedFonts.Install();
        return new SKFont(bold ? fonts.Bold : fonts.Regular, size) { Subpixel = true, Hinting = SKFontHinting.None };
    }
}
