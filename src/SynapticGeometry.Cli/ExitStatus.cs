namespace SynapticGeometry.Cli;

/// <summary>What the exit status of every command means.</summary>
internal static class ExitStatus
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>A failure of ours, or a claim that fails.</summary>
    public const int Failure = 1;

    /// <summary>Bad input: arguments, files, or data that hold no answer.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted.</summary>
    public const int Interrupted = 130;
}
