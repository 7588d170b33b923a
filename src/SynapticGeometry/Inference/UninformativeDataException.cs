namespace SynapticGeometry;

/// <summary>The weights are readable but hold no answer: too few, all equal, unchanged, or changed without any spread.</summary>
public sealed class UninformativeDataException : Exception
{
    /// <summary>An error with its message.</summary>
    /// <param name="message">One sentence that says what is missing.</param>
    public UninformativeDataException(string message)
        : base(message)
    {
    }
}
