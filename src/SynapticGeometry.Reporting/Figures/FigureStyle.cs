using ScottPlot;

namespace SynapticGeometry.Reporting;

/// <summary>
/// The house style of every figure: sizes in points at the size of print, so that what is legible here is legible on paper.
/// </summary>
/// <remarks>
/// One unit of a ScottPlot plot on a <see cref="FigureSheet"/> is one point (1/72 inch), in SVG, PNG and PDF alike: a font
/// size of 7 is 7 pt in print whatever the resolution.
/// </remarks>
public sealed record FigureStyle
{
    /// <summary>Width of a figure of one column, 85 mm.</summary>
    public const double OneColumn = 85;

    /// <summary>Width of a figure of two columns, 180 mm.</summary>
    public const double TwoColumns = 180;

    /// <summary>Points in a millimetre.</summary>
    public const double PointsPerMillimetre = 72 / 25.4;

    /// <summary>The style of print.</summary>
    public static FigureStyle Print { get; } = new();

    /// <summary>Size of axis labels and headings, pt.</summary>
    public float LabelSize { get; init; } = 7.5f;

    /// <summary>Size of tick labels, legends and notes, pt.</summary>
    public float SmallSize { get; init; } = 6.5f;

    /// <summary>Size of the panel letters, pt; they are bold.</summary>
    public float LetterSize { get; init; } = 10f;

    /// <summary>Width of a data line, pt.</summary>
    public float LineWidth { get; init; } = 1.25f;

    /// <summary>Width of axes, ticks and thin references, pt.</summary>
    public float ThinWidth { get; init; } = 0.6f;

    /// <summary>Diameter of a marker, pt.</summary>
    public float MarkerSize { get; init; } = 5f;

    /// <summary>Colour of text and axes.</summary>
    public Color Ink { get; init; } = new(34, 34, 34);

    /// <summary>Colour of references and of what should stand back.</summary>
    public Color Quiet { get; init; } = new(110, 110, 110);

    /// <summary>Space between panels, pt.</summary>
    public float Gutter { get; init; } = 10f;
}

/// <summary>
/// The eight colours of Okabe and Ito, which people of every kind of colour vision tell apart.
/// </summary>
/// <remarks>Source: Okabe and Ito 2008, Color Universal Design.</remarks>
public static class OkabeIto
{
    /// <summary>Black.</summary>
    public static Color Black { get; } = new(0, 0, 0);

    /// <summary>Orange, #E69F00.</summary>
    public static Color Orange { get; } = new(230, 159, 0);

    /// <summary>Sky blue, #56B4E9.</summary>
    public static Color SkyBlue { get; } = new(86, 180, 233);

    /// <summary>Bluish green, #009E73.</summary>
    public static Color Green { get; } = new(0, 158, 115);

    /// <summary>Yellow, #F0E442; too light for thin lines on white.</summary>
    public static Color Yellow { get; } = new(240, 228, 66);

    /// <summary>Blue, #0072B2.</summary>
    public static Color Blue { get; } = new(0, 114, 178);

    /// <summary>Vermilion, #D55E00.</summary>
    public static Color Vermilion { get; } = new(213, 94, 0);

    /// <summary>Reddish purple, #CC79A7.</summary>
    public static Color Purple { get; } = new(204, 121, 167);

    /// <summary>The order in which series take their colours: blue and vermilion first, yellow last.</summary>
    public static IReadOnlyList<Color> Series { get; } = [Blue, Vermilion, Green, Purple, Orange, SkyBlue, Black, Yellow];
}
