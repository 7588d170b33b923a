using SynapticGeometry.Data;
using SynapticGeometry.Papers.Kreutzer2022;
using SynapticGeometry.Papers.Pogodin2024;

namespace SynapticGeometry.Papers;

/// <summary>A figure, or some of its panels, as it was asked for.</summary>
/// <param name="Figure">The figure.</param>
/// <param name="Panels">Panels of it; null for all.</param>
public sealed record FigureRequest(PaperFigure Figure, IReadOnlyList<PaperPanel>? Panels = null)
{
    /// <summary>Its name: the figure's, with the letter of the panel where one was asked for.</summary>
    public string Id => Panels is null ? Figure.Id : Figure.Id + string.Concat(Panels.Select(p => char.ToLowerInvariant(p.Letter)));

    /// <summary>About how long it takes at the paper's scale, s.</summary>
    public double Work => Figure.ExperimentsOf(Panels).Sum(e => e.Work);
}

/// <summary>All figures, by name; the command line and the tests read this list.</summary>
public static class FigureCatalog
{
    /// <summary>The figures, paper by paper, in order.</summary>
    public static IReadOnlyList<PaperFigure> All { get; } =
    [
        new Figure1(), new Figure2(), new Figure3(), new Figure4(), new Figure5(), new Figure6(), new Figure7(), new Figure8(), new Figure9(),
        new Figure10(), new Figure11(), new Figure12(),

        // The paper's table and predictions, and what goes beyond it.
        new Table1(), new AttenuatedTeacher(), new BurstyInput(), new GainOfTransfer(),
        new RecordedPopulation(), new DendriticTree(), new GeometryOfLearning(),

        // Mirror descent and the distribution of weights.
        new LinearRegression(), new Robustness(), new Distributions(), new Signs(),
        new Recurrent(), new DeepNetworks(), new SelfSupervised(), new TrueAgainstAssumed(),
    ];

    /// <summary>Names of the papers.</summary>
    public static IReadOnlyList<string> Papers { get; } = [.. All.Select(f => f.Paper).Distinct()];

    /// <summary>The figure or panel of a name; letters of either case.</summary>
    /// <param name="id">Such as "kreutzer-4", or "kreutzer-4b" for a panel.</param>
    /// <exception cref="DataFileException">There is none of that name; the message names the nearest.</exception>
    public static FigureRequest Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        string name = id.ToLowerInvariant();
        foreach (PaperFigure figure in All)
        {
            if (figure.Id == name)
            {
                return new FigureRequest(figure);
            }

            if (figure.Panels.Count > 1 && figure.Panels.FirstOrDefault(p => figure.Id + char.ToLowerInvariant(p.Letter) == name) is { } panel)
            {
                return new FigureRequest(figure, [panel]);
            }
        }

        string near = NameLookup.Closest([.. Names()], name) is { } close ? $" Did you mean {close}?" : string.Empty;
        throw new DataFileException($"There is no figure \"{id}\".{near} There are {string.Join(", ", All.Select(f => f.Id))}, and their panels, such as {All[0].Id}a.");
    }

    /// <summary>The place in <see cref="All"/> of the figure that a name, or that of a panel, belongs to; the end where there is none.</summary>
    internal static int PlaceOf(string id)
    {
        int place = All.ToList().FindIndex(f => id.StartsWith(f.Id, StringComparison.Ordinal) && id[f.Id.Length..].All(c => f.Panels.Any(p => char.ToLowerInvariant(p.Letter) == c)));
        return place < 0 ? All.Count : place;
    }

    private static IEnumerable<string> Names() =>
        All.SelectMany(f => f.Panels.Count > 1 ? f.Panels.Select(p => f.Id + char.ToLowerInvariant(p.Letter)).Prepend(f.Id) : [f.Id]);
}
