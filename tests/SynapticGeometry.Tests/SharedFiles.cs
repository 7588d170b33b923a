namespace SynapticGeometry.Tests;

/// <summary>
/// The golden cases and real data that live beside the checkout, in ../shared, and are never committed. Tests that need them
/// skip with a clear message where they are absent.
/// </summary>
internal static class SharedFiles
{
    /// <summary>The repository's root: the folder that holds the solution.</summary>
    public static string Repository { get; } = Find(AppContext.BaseDirectory, "SynapticGeometry.slnx")
        ?? throw new InvalidOperationException("The repository root was not found above " + AppContext.BaseDirectory);

    private static string? Shared { get; } = Environment.GetEnvironmentVariable("SYNGEO_SHARED") is { Length: > 0 } set
        ? set
        : new[] { "../shared", "shared" }.Select(p => Path.GetFullPath(Path.Combine(Repository, p))).FirstOrDefault(Directory.Exists);

    /// <summary>Full path of a shared file; skips the running test where it is absent.</summary>
    public static string Require(string relative)
    {
        string path = Path.Combine(Shared ?? string.Empty, relative);
        Xunit.Assert.SkipUnless(
            Shared is not null && (File.Exists(path) || Directory.Exists(path)),
            $"needs ../shared/{relative}, which is not beside this checkout (or set SYNGEO_SHARED)");
        return path;
    }

    private static string? Find(string from, string file)
    {
        for (DirectoryInfo? d = new(from); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, file)))
            {
                return d.FullName;
            }
        }

        return null;
    }
}
