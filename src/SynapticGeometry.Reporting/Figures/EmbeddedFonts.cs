using ScottPlot;
using SkiaSharp;

namespace SynapticGeometry.Reporting;

/// <summary>
/// The font of every figure, out of this assembly's resources, so that a machine without fonts draws the same text in the
/// same places as any other.
/// </summary>
internal sealed class EmbeddedFonts : IFontResolver
{
    /// <summary>Name of the font family, as written in SVG and PDF.</summary>
    public const string Family = "SynGeo Sans";

    private const string RegularFile = "SynGeoSans.ttf";
    private const string BoldFile = "SynGeoSans-Bold.ttf";

    // ScottPlot caches the typeface of a family on the first query, so the resolver has to be there before it.
    private static readonly Lazy<EmbeddedFonts> Installed = new(() =>
    {
        EmbeddedFonts fonts = new();
        ScottPlot.Fonts.FontResolvers.Insert(0, fonts);
        ScottPlot.Fonts.Default = Family;
        ScottPlot.Fonts.Sans = Family;
        return fonts;
    });

    private EmbeddedFonts()
    {
        Regular = Load(RegularFile);
        Bold = Load(BoldFile);
    }

    /// <summary>The regular face.</summary>
    public SKTypeface Regular { get; }

    /// <summary>The bold face.</summary>
    public SKTypeface Bold { get; }

    /// <summary>Makes the fonts known to ScottPlot, once in a process, and returns them.</summary>
    public static EmbeddedFonts Install() => Installed.Value;

    /// <summary>The bytes of the regular face, for a page that carries its own font.</summary>
    public static byte[] RegularBytes() => Read(RegularFile);

    /// <summary>The bytes of the bold face.</summary>
    public static byte[] BoldBytes() => Read(BoldFile);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        CreateTypeface(fontName, weight >= FontWeight.SemiBold, slant != FontSlant.Upright);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool isBold, bool isItalic) =>
        fontName == Family ? (isBold ? Bold : Regular) : null;

    private static SKTypeface Load(string file)
    {
        using SKData data = SKData.CreateCopy(Read(file));
        return SKTypeface.FromData(data)
            ?? throw new InvalidOperationException($"The embedded font {file} cannot be read.");
    }

    private static byte[] Read(string file)
    {
        using Stream stream = typeof(EmbeddedFonts).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The embedded font {file} is missing from the assembly.");
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
