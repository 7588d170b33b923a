using Xunit;

namespace SynapticGeometry.Tests.Docs;

public sealed class EquationsTests
{
    [Fact]
    public void Every_equation_names_files_and_tests_that_exist()
    {
        string[] rows = [.. File.ReadAllLines(Path.Combine(SharedFiles.Repository, "docs", "equations.md")).Where(l => l.StartsWith('|')).Skip(2)];

        Assert.True(rows.Length >= 10);
        foreach (string row in rows)
        {
            string[] paths = [.. row.Split('`').Where((_, i) => i % 2 == 1)];
            Assert.True(paths.Length >= 2, row);
            Assert.All(paths, p => Assert.True(Path.Exists(Path.Combine(SharedFiles.Repository, p)), $"{p} in: {row}"));
        }
    }
}
