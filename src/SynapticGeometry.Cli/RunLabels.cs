namespace SynapticGeometry.Cli;

/// <summary>One label per weight without storing millions of references: runs of equal labels.</summary>
internal sealed class RunLabels(IReadOnlyList<(string Name, int Count)> runs) : IReadOnlyList<string>
{
    private readonly int[] ends = Ends(runs);

    public int Count => ends[^1];

    public string this[int index]
    {
        get
        {
            int at = Array.BinarySearch(ends, index + 1);
            return runs[at < 0 ? ~at : at].Name;
        }
    }

    public IEnumerator<string> GetEnumerator() => runs.SelectMany(r => Enumerable.Repeat(r.Name, r.Count)).GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    private static int[] Ends(IReadOnlyList<(string Name, int Count)> runs)
    {
        int sum = 0;
        return [.. runs.Select(r => sum += r.Count)];
    }
}
