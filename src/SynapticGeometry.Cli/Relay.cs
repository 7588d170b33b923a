namespace SynapticGeometry.Cli;

/// <summary>Progress that is handed on at once, in the thread that reports it.</summary>
internal sealed class Relay(Action<double> report) : IProgress<double>
{
    /// <inheritdoc/>
    public void Report(double value) => report(value);
}
