using SynapticGeometry.Data;
using static SynapticGeometry.Cli.TableInput;

namespace SynapticGeometry.Cli;

/// <summary>The pilot table of 'syngeo power': sizes before and after, groups, controls.</summary>
internal sealed record PowerInput
{
    /// <summary>The table.</summary>
    public required string File { get; init; }

    /// <summary>Column of the sizes before; several joined by commas are averaged.</summary>
    public required string Before { get; init; }

    /// <summary>Column of the sizes after; several joined by commas are sessions after growing intervals.</summary>
    public required string After { get; init; }

    /// <summary>Columns whose values, together, name a group.</summary>
    public IReadOnlyList<string> GroupColumns { get; init; } = [];

    /// <summary>Conditions COLUMN=VALUE on the rows.</summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary>Columns of two measurements with nothing learned between them, or null.</summary>
    public (string First, string Second)? Controls { get; init; }

    /// <summary>Relative error of one measurement; null to take it from the controls, or none.</summary>
    public double? Error { get; init; }

    /// <summary>Smallest size seen, in the unit of the sizes, or null.</summary>
    public double? Limit { get; init; }

    /// <summary>Reads one pilot for each column after.</summary>
    /// <returns>The pilots and one line that says what they are.</returns>
    /// <exception cref="BadInputException">The request cannot be followed.</exception>
    /// <exception cref="DataFileException">The file cannot be read.</exception>
    /// <exception cref="UninformativeDataException">The sizes hold no answer.</exception>
    public (IReadOnlyList<PowerPilot> Pilots, string Description) Read(CancellationToken cancellation)
    {
        using DataFile file = DataFiles.Open(File);
        if (!file.IsTable)
        {
            throw new BadInputException($"A pilot is a table with columns (CSV, TSV, Parquet); {File} has {file.Noun}s.");
        }

        string[] beforeColumns = Columns(file, Before), afterColumns = Columns(file, After);
        double[][] baseline = [.. beforeColumns.Select(c => file.ReadNumbers(c).ToDouble())];
        bool[] keep = Selected(file, baseline[0].Length, Where) ?? [.. baseline[0].Select(_ => true)];
        double[] Kept(string column) => Filter(file.ReadNumbers(column).ToDouble(), keep);
        double[] before = Filter([.. Enumerable.Range(0, keep.Length).Select(i => baseline.Average(c => c[i]))], keep);
        if (before.Length == 0)
        {
            throw new BadInputException($"No row of {File} has {string.Join(" and ", Where)}; {keep.Length} rows were read.");
        }

        var options = new LongitudinalOptions { Groups = GroupColumns.Count == 0 ? null : Filter(Joined(file, GroupColumns), keep), DetectionLimit = Limit };
        LongitudinalSizes[] pairs = [.. afterColumns.Select(c => LongitudinalSizes.From([before, Kept(c)], options))];
        MeasurementError error = Error is { } given ? new MeasurementError(given)
            : Controls is { } c ? ErrorOf(pairs[0].WithControls([Kept(c.First), Kept(c.Second)]))
            : MeasurementError.None;
        PowerPilot[] pilots = [.. pairs.Select(p => PowerPilot.From(p, error, cancellation))];
        LongitudinalSizes sizes = pilots[0].Sizes;
        string selection = Where.Count == 0 ? string.Empty : $", rows with {string.Join(" and ", Where)}";
        return (pilots, $"{Name(File)}, columns {Before} (before) and {string.Join(", ", afterColumns)} (after){selection}: {sizes.Count} of {sizes.Read} synapses used ({PairedWeights.Describe(sizes.Excluded)})");
    }

    private static MeasurementError ErrorOf(LongitudinalSizes sizes) =>
        ControlAnalysis.Estimate(sizes)?.Error ?? throw new BadInputException("The controls say nothing about the error: fewer than two synapses were measured twice.");
}
