using System.Text;
using SynapticGeometry.Papers;
using static SynapticGeometry.Cli.InferSummary;

namespace SynapticGeometry.Cli;

/// <summary>Figures and the verdicts on their claims as a page of text for a terminal.</summary>
internal static class FigureSummary
{
    /// <summary>The verdicts, ending in a line break.</summary>
    public static string Write(IReadOnlyList<FigureRecord> records)
    {
        var text = new StringBuilder();
        foreach (FigureRecord record in records)
        {
            Paragraph(text, $"{record.Id}: {record.Title} ({record.Scale.ToString().ToLowerInvariant()}, seed {record.Seed}, {FigureWords.Number(record.Seconds)} s)", string.Empty);
            foreach (ClaimVerdict claim in record.Claims)
            {
                Paragraph(text, $"{claim.Statement} {char.ToUpperInvariant(claim.Quantity[0])}{claim.Quantity[1..]}: {FigureWords.Value(claim)}; must be {FigureWords.Bounds(claim)}.", claim.Holds ? "  holds  " : "  FAILS  ");
            }

            text.Append('\n');
        }

        int claims = records.Sum(r => r.Claims.Count), failing = records.Sum(r => r.Claims.Count(c => !c.Holds));
        return text.Append($"{records.Count} {(records.Count == 1 ? "figure" : "figures")}, {claims} {(claims == 1 ? "claim" : "claims")}: {claims - failing} hold, {failing} fail.\n").ToString();
    }

    /// <summary>The figures with their panels, ending in a line break.</summary>
    public static string List(IReadOnlyList<FigureRequest> requests)
    {
        var text = new StringBuilder();
        int width = requests.Select(request => request.Id.Length).DefaultIfEmpty().Max() + 2;
        foreach (FigureRequest request in requests)
        {
            IReadOnlyList<PaperPanel> panels = request.Panels ?? request.Figure.Panels;
            text.Append(request.Id.PadRight(width)).Append(request.Figure.Title);
            if (panels.Count > 1)
            {
                text.Append($" (panels {char.ToLowerInvariant(panels[0].Letter)}-{char.ToLowerInvariant(panels[^1].Letter)})");
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
