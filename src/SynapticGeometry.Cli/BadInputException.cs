namespace SynapticGeometry.Cli;

/// <summary>Arguments that cannot be followed; the message names the thing and what is allowed.</summary>
internal sealed class BadInputException(string message) : Exception(message);
