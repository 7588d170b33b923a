using Xunit;

namespace SynapticGeometry.Tests;

public sealed class RepositoryTests
{
    [Fact]
    public void The_core_library_ships_no_native_code() =>
        Assert.DoesNotContain(
            Directory.EnumerateFiles(AppContext.BaseDirectory, "SynapticGeometry.dll").SelectMany(_ => typeof(Potential).Assembly.GetReferencedAssemblies()),
            a => a.Name is { } n && (n.Contains("Skia", StringComparison.Ordinal) || n.Contains("Torch", StringComparison.Ordinal)));
}
