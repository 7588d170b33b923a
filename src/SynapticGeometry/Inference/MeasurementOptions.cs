namespace SynapticGeometry;

/// <summary>What is known about the error with which sizes were measured.</summary>
public enum ErrorSource
{
    /// <summary>Nothing: there is a curve of answers, one for every error, and no single answer.</summary>
    Unknown,

    /// <summary>The sizes are exact, as the weights of a network are.</summary>
    None,

    /// <summary>The error was given.</summary>
    Given,

    /// <summary>It is estimated from controls and repeated measurements, together with the geometry.</summary>
    Controls,

    /// <summary>
    /// It is estimated from three or more sessions: error is undone at the next session, while a true change stays. This takes changes of separate intervals for
    /// independent; a fluctuation that reverts within an interval counts as error.
    /// </summary>
    Sessions,
}

/// <summary>Which likelihood of measured sizes is used.</summary>
public enum MeasurementMethod
{
    /// <summary>Chosen from error, changes, sessions and limit; the reason is given.</summary>
    Automatic,

    /// <summary><see cref="ExactSizeModel"/>.</summary>
    Exact,

    /// <summary><see cref="SmallChangeModel"/>.</summary>
    SmallChange,

    /// <summary><see cref="LatentSizeModel"/>.</summary>
    LatentSize,
}

/// <summary>How sizes were measured.</summary>
public sealed record MeasurementOptions
{
    /// <summary>What is known about the error.</summary>
    public ErrorSource Source { get; init; } = ErrorSource.Unknown;

    /// <summary>The error, where <see cref="Source"/> is <see cref="ErrorSource.Given"/>.</summary>
    public MeasurementError Error { get; init; }

    /// <summary>What becomes of synapses below the detection limit; null: recorded where there are any in the data, else not recorded, and ignored without a limit.</summary>
    public VanishedSynapses? Vanished { get; init; }

    /// <summary>The likelihood to use.</summary>
    public MeasurementMethod Method { get; init; }

    /// <summary>Whether to refit under other errors, limits, tails and sets of groups.</summary>
    public bool Sensitivity { get; init; }
}
