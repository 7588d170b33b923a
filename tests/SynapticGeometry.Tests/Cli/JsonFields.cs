using System.Text.Json;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

/// <summary>The names of the fields of a JSON document, however deep.</summary>
internal static class JsonFields
{
    /// <summary>Every name stands in a file of docs/, in code letters.</summary>
    public static async Task MustBeDocumented(JsonElement element, string document)
    {
        string documentation = await File.ReadAllTextAsync(Path.Combine(SharedFiles.Repository, "docs", document), TestContext.Current.CancellationToken);
        SortedSet<string> fields = new(StringComparer.Ordinal);
        Collect(element, fields);
        Assert.All(fields, f => Assert.Contains($"`{f}`", documentation, StringComparison.Ordinal));
    }

    public static void Collect(JsonElement element, SortedSet<string> into)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                into.Add(property.Name);
                Collect(property.Value, into);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                Collect(item, into);
            }
        }
    }
}
