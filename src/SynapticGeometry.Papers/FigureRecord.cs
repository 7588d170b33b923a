using System.Text.Json;
using System.Text.Json.Serialization;
using SynapticGeometry.Data;

namespace SynapticGeometry.Papers;

/// <summary>A column of a table as the record names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Unit">Its unit; "1" for a pure number.</param>
public sealed record RecordedColumn(string Name, string Unit);

/// <summary>A table as the record names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">Its file.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">Its columns.</param>
public sealed record RecordedTable(string Name, string File, int Rows, IReadOnlyList<RecordedColumn> Columns);

/// <summary>What figure.json says of a figure that was computed: schema syngeo.figure/1, documented in docs/figures.md.</summary>
public sealed record FigureRecord
{
    /// <summary>The schema that this version writes.</summary>
    public const string CurrentSchema = "syngeo.figure/1";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Name and version of the schema.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Version of the software.</summary>
    public required string Version { get; init; }

    /// <summary>The command that computed it.</summary>
    public required string Command { get; init; }

    /// <summary>Name of the figure or panel.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the paper.</summary>
    public required string Paper { get; init; }

    /// <summary>What it shows.</summary>
    public required string Title { get; init; }

    /// <summary>The figure of the paper it corresponds to.</summary>
    public required string Source { get; init; }

    /// <summary>The scale.</summary>
    public required FigureScale Scale { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Time the experiments took, s.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whether every claim holds.</summary>
    public bool Passed => Claims.All(c => c.Holds);

    /// <summary>The claims, decided.</summary>
    public required IReadOnlyList<ClaimVerdict> Claims { get; init; }

    /// <summary>The parameters.</summary>
    public required IReadOnlyList<FigureParameter> Parameters { get; init; }

    /// <summary>The tables.</summary>
    public required IReadOnlyList<RecordedTable> Tables { get; init; }

    /// <summary>The record of a result.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="result">What it found.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="version">Version of the software.</param>
    /// <param name="command">The command.</param>
    public static FigureRecord Of(FigureRequest request, FigureResult result, FigureScale scale, ulong seed, string version, string command)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(result);
        return new()
        {
            Version = version,
            Command = command,
            Id = request.Id,
            Paper = request.Figure.Paper,
            Title = request.Figure.Title,
            Source = request.Figure.Source,
            Scale = scale,
            Seed = seed,
            Seconds = Math.Round(result.Seconds, 3),
            Claims = result.Verdicts,
            Parameters = [.. result.Inputs, .. request.Figure.Parameters(scale)],
            Tables = [.. result.Data.Tables.Select(t => new RecordedTable(t.Name, t.Name + ".csv", t.Rows, [.. t.Columns.Select(c => new RecordedColumn(c.Name, c.Unit))]))],
        };
    }

    /// <summary>The record as JSON, ending in a line break.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format).ReplaceLineEndings("\n") + "\n";

    /// <summary>Reads a record.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFileException">The file cannot be read or is no such record.</exception>
    public static FigureRecord Read(string path)
    {
        try
        {
            FigureRecord record = JsonSerializer.Deserialize<FigureRecord>(File.ReadAllText(path), Format)
                ?? throw new DataFileException($"{path} is empty; a record of a figure is expected.");
            return record.Schema == CurrentSchema
                ? record
                : throw new DataFileException($"{path} has schema \"{record.Schema}\"; {CurrentSchema} is expected.");
        }
        catch (Exception problem) when (problem is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataFileException($"{path} cannot be read as a record of a figure: {problem.Message}", problem);
        }
    }
}
