namespace SynapticGeometry.Cli;

/// <summary>Progress that is handed on at once, in the thread that reports it.</summary>
/// <typeparam name="T">What is reported.</typeparam>
internal sealed class Relay<T>(Action<T> report) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => report(value);
}
