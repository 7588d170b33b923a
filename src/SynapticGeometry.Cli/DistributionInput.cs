using SynapticGeometry.Data;
using static SynapticGeometry.Cli.TableInput;

namespace SynapticGeometry.Cli;

/// <summary>What 'syngeo distribution' was asked to read.</summary>
internal sealed record DistributionInput
{
    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>Column, member, dataset or tensor of the sizes; null where the file has only one.</summary>
    public string? Column { get; init; }

    /// <summary>Conditions COLUMN=VALUE on the rows of a table.</summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary>Detection limit and negative values.</summary>
    public SizeOptions Sizes { get; init; } = new();

    /// <summary>Reads the sizes.</summary>
    /// <returns>The sizes and one line that says what they are.</returns>
    /// <exception cref="BadInputException">The request cannot be followed.</exception>
    /// <exception cref="DataFileException">The file cannot be read.</exception>
    /// <exception cref="UninformativeDataException">Too few sizes, or all equal.</exception>
    public (SizeSample Sample, string Description) Read()
    {
        using DataFile file = DataFiles.Open(File);
        string name = Column ?? Sole(file)
            ?? throw new BadInputException($"--column is missing: name the {file.Noun} of {File} that holds the sizes; it has {Some(file.Names)}.");
        if (!file.IsTable && Where.Count > 0)
        {
            throw new BadInputException($"--where needs a table with columns (CSV, Parquet); {File} has {file.Noun}s.");
        }

        double[] values = file.ReadNumbers(name).ToDouble();
        string selection = string.Empty;
        if (file.IsTable && Selected(file, values.Length, Where) is { } keep)
        {
            int rows = values.Length;
            values = Filter(values, keep);
            selection = $", rows with {string.Join(" and ", Where)}";
            if (values.Length == 0)
            {
                throw new BadInputException($"No row of {File} has {string.Join(" and ", Where)}; {rows} rows were read.");
            }
        }

        int negative = values.Count(v => v < 0);
        if (negative > 0 && Sizes.Negative == NegativeSizes.Refuse)
        {
            throw new BadInputException(
                $"{negative} of {values.Length} values of {name} are negative, the first {values.First(v => v < 0)}, and sizes are positive: leave them out with --positive, or take absolute values with --absolute.");
        }

        return (SizeSample.From<double>(values, Sizes), $"{Name(File)}{(name.Length == 0 ? string.Empty : $", {file.Noun} {name}")}{selection}");
    }
}
