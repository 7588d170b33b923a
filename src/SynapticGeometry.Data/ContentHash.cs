using System.Security.Cryptography;

namespace SynapticGeometry.Data;

/// <summary>The beginning of a SHA-256, 16 hexadecimal digits: enough to tell a file that was replaced from the one that was there.</summary>
internal static class ContentHash
{
    /// <summary>Of bytes, one part after the other.</summary>
    public static string Of(params ReadOnlySpan<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] part in parts)
        {
            hash.AppendData(part);
        }

        return Beginning(hash.GetHashAndReset());
    }

    /// <summary>Of a file.</summary>
    /// <exception cref="DataFileException">It cannot be read.</exception>
    public static string OfFile(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Beginning(SHA256.HashData(file));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException($"{path} cannot be read: {problem.Message}", problem);
        }
    }

    private static string Beginning(byte[] hash) => Convert.ToHexStringLower(hash)[..16];
}
