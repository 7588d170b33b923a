using System.Text.Json;

namespace SynapticGeometry.Tests;

/// <summary>The cases of golden/mirror-descent.json, checked against the authors' implementation.</summary>
internal static class GoldenMaps
{
    public static JsonElement[] Cases(string kind)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden/mirror-descent.json")));
        return [.. document.RootElement.GetProperty(kind).EnumerateArray().Select(e => e.Clone())];
    }

    public static double[] Numbers(JsonElement parent, string name) => Numbers(parent.GetProperty(name));

    public static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];

    public static double WorstRelative(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        double worst = expected.Length == actual.Length ? 0 : double.PositiveInfinity;
        for (int i = 0; i < Math.Min(expected.Length, actual.Length); i++)
        {
            worst = Math.Max(worst, Math.Abs(actual[i] - expected[i]) / Math.Max(Math.Abs(expected[i]), double.Epsilon));
        }

        return worst;
    }
}
