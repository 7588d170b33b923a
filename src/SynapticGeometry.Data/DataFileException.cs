namespace SynapticGeometry.Data;

/// <summary>A file or a value in it that cannot be used; the message says which, where, and what is allowed.</summary>
public sealed class DataFileException : Exception
{
    /// <summary>An error with its message.</summary>
    /// <param name="message">One sentence that names the offending thing.</param>
    public DataFileException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its message and cause.</summary>
    /// <param name="message">One sentence that names the offending thing.</param>
    /// <param name="innerException">The cause.</param>
    public DataFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The message of an error of the library for a user, without the name of a parameter.</summary>
    internal static string Words(Exception problem)
    {
        int end = problem.Message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return end < 0 ? problem.Message : problem.Message[..end];
    }
}
