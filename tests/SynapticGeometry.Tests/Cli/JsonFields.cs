using System.Text.Json;

namespace SynapticGeometry.Tests.Cli;

/// <summary>The names of the fields of a JSON document, however deep.</summary>
internal static class JsonFields
{
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
