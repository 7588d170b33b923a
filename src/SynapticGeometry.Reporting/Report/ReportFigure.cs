namespace SynapticGeometry.Reporting;

/// <summary>A figure with its name and the words that belong to it.</summary>
/// <param name="Name">Name of its files, without ending, such as "size-dependence".</param>
/// <param name="Title">What it shows, in a few words.</param>
/// <param name="Caption">What is drawn and what was left out, in full sentences.</param>
/// <param name="Sheet">The drawing.</param>
public sealed record ReportFigure(string Name, string Title, string Caption, FigureSheet Sheet)
{
    /// <summary>The figure as SVG, with its title and caption for a screen reader.</summary>
    public string ToSvg() => Sheet.ToSvg(Name, Title, Caption);
}
