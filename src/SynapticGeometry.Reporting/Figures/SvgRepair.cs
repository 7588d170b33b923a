using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace SynapticGeometry.Reporting;

/// <summary>
/// Turns what Skia writes into SVG that stands alone and in a page: valid lists, text that keeps its width in any font,
/// identifiers of its own, a size in millimetres, a title and a description.
/// </summary>
internal static class SvgRepair
{
    // DejaVu Sans is the embedded font's parent and Verdana its closest relative among common fonts.
    private const string FontFamily = "'SynGeo Sans', 'DejaVu Sans', Verdana, sans-serif";

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly XNamespace Link = "http://www.w3.org/1999/xlink";

    public static string Repair(
        string skia, string idPrefix, double widthMillimetres, double heightMillimetres, string title, string? description)
    {
        XElement root = XDocument.Parse(skia).Root ?? throw new InvalidOperationException("Skia wrote an SVG without a root element.");

        // Skia counts its identifiers through the whole process: numbered anew, equal figures are equal text.
        Dictionary<string, string> names = [];
        foreach (XAttribute id in root.Descendants().Attributes("id"))
        {
            names[id.Value] = idPrefix + (names.Count + 1).ToString(CultureInfo.InvariantCulture);
        }

        foreach (XElement element in root.Descendants().ToList())
        {
            if (element.Name.LocalName == "text")
            {
                KeepWidth(element);
            }
            else if (element.Name.LocalName == "image")
            {
                // Browsers would smooth the cells of a heat map.
                element.SetAttributeValue("style", "image-rendering:pixelated");
            }

            foreach (XAttribute attribute in element.Attributes().ToList())
            {
                attribute.Value = Repair(attribute, names);
            }
        }

        root.RemoveAttributes();
        root.Add(
            new XAttribute(XNamespace.Xmlns + "xlink", Link.NamespaceName),
            new XAttribute("width", Text(widthMillimetres) + "mm"),
            new XAttribute("height", Text(heightMillimetres) + "mm"),
            new XAttribute(
                "viewBox",
                $"0 0 {Text(widthMillimetres * FigureStyle.PointsPerMillimetre)} {Text(heightMillimetres * FigureStyle.PointsPerMillimetre)}"),
            new XAttribute("role", "img"),
            new XAttribute("aria-labelledby", idPrefix + "title"));
        if (description is not null)
        {
            root.Add(new XAttribute("aria-describedby", idPrefix + "desc"));
            root.AddFirst(new XElement(Svg + "desc", new XAttribute("id", idPrefix + "desc"), FigureText.Clean(description)));
        }

        root.AddFirst(new XElement(Svg + "title", new XAttribute("id", idPrefix + "title"), FigureText.Clean(title)));

        StringBuilder text = new();
        XmlWriterSettings settings = new()
        {
            OmitXmlDeclaration = true,
            Indent = true,
            IndentChars = string.Empty,
            NewLineChars = "\n",
        };
        using (XmlWriter writer = XmlWriter.Create(text, settings))
        {
            root.WriteTo(writer);
        }

        return text.Append('\n').ToString();
    }

    private static string Repair(XAttribute attribute, Dictionary<string, string> names)
    {
        string value = attribute.Value;
        switch (attribute.Name.LocalName)
        {
            case "id":
                return names[value];
            case "href" when value.StartsWith('#'):
                return "#" + names.GetValueOrDefault(value[1..], value[1..]);
            case "d" or "x" or "y" or "cx" or "cy" or "r" or "rx" or "ry" or "x1" or "x2" or "y1" or "y2" or "points" or "width" or "height":
                return Shorten(value);
            case "xmlns":
                return value;
            default:
                return value.StartsWith("url(#", StringComparison.Ordinal) && value.EndsWith(')')
                    ? $"url(#{names.GetValueOrDefault(value[5..^1], value[5..^1])})"
                    : value;
        }
    }

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    // Skia places every glyph by itself, which tears words apart where the font is missing. One position and the width of the
    // whole let another font fill the same room.
    private static void KeepWidth(XElement text)
    {
        string plain = text.Value.Trim('\n', '\t');
        text.Value = plain;
        if (First(text, "x") is not { } x || First(text, "y") is not { } y
            || !float.TryParse((string?)text.Attribute("font-size"), NumberStyles.Float, CultureInfo.InvariantCulture, out float size))
        {
            return;
        }

        bool bold = (string?)text.Attribute("font-weight") is { } weight && weight is "bold" or "700";
        text.SetAttributeValue("x", x);
        text.SetAttributeValue("y", y);
        text.SetAttributeValue("font-family", FontFamily);
        if (plain.Length > 1)
        {
            text.SetAttributeValue("textLength", Text(FigureText.Width(plain, size, bold)));
            text.SetAttributeValue("lengthAdjust", "spacingAndGlyphs");
        }
    }

    // Skia's lists of places end in a comma, which SVG does not allow.
    private static string? First(XElement element, string name) =>
        ((string?)element.Attribute(name))?.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();

    // A hundredth of a point is finer than any printer.
    private static string Shorten(string value)
    {
        StringBuilder result = new(value.Length);
        int i = 0;
        while (i < value.Length)
        {
            int start = i;
            while (i < value.Length && (char.IsAsciiDigit(value[i]) || value[i] is '.' or '-' or '+' or 'e'))
            {
                i++;
            }

            if (i == start)
            {
                result.Append(value[i++]);
            }
            else if (double.TryParse(value.AsSpan(start, i - start), NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            {
                string rounded = number.ToString("0.##", CultureInfo.InvariantCulture);
                result.Append(rounded == "-0" ? "0" : rounded);
            }
            else
            {
                result.Append(value, start, i - start);
            }
        }

        return result.ToString().TrimEnd(',', ' ');
    }
}
