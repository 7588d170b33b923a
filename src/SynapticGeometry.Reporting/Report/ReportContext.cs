namespace SynapticGeometry.Reporting;

/// <summary>What a report has to say about its own making, which the result does not know.</summary>
public sealed record ReportContext
{
    /// <summary>The exact command that made the report.</summary>
    public required string Command { get; init; }

    /// <summary>Version of the software.</summary>
    public required string Version { get; init; }

    /// <summary>What was read: files, columns, selection.</summary>
    public required string InputDescription { get; init; }

    /// <summary>Unit of the weights, such as "µm³"; null where it is not known.</summary>
    public string? WeightsUnit { get; init; }

    /// <summary>A remark on the data that must not be missed, such as that they are simulated; null for none.</summary>
    public string? SourceNote { get; init; }
}
