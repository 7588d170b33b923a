namespace SynapticGeometry.Data;

/// <summary>Finds an array by its name, or says which names there are.</summary>
internal static class NameLookup
{
    private const int Listed = 20;

    /// <summary>Index of <paramref name="name"/> in <paramref name="names"/>.</summary>
    /// <exception cref="DataFileException">No such name, or two of it.</exception>
    public static int Find(string path, string noun, IReadOnlyList<string> names, string name)
    {
        int found = -1;
        for (int i = 0; i < names.Count; i++)
        {
            if (!string.Equals(names[i], name, StringComparison.Ordinal))
            {
                continue;
            }

            if (found >= 0)
            {
                throw new DataFileException($"{path} has more than one {noun} named \"{Damage.Shown(name)}\"; rename one of them.");
            }

            found = i;
        }

        return found >= 0 ? found : throw Missing(path, noun, names, name);
    }

    private static DataFileException Missing(string path, string noun, IReadOnlyList<string> names, string name)
    {
        if (names.Count == 0)
        {
            return new DataFileException($"{path} has no {noun} \"{Damage.Shown(name)}\"; it has none at all.");
        }

        string suggestion = Closest(names, name) is { } close ? $" Did you mean \"{Damage.Shown(close)}\"?" : string.Empty;
        string list = string.Join(", ", names.Take(Listed).Select(n => n.Length == 0 ? "\"\"" : Damage.Shown(n)));
        string more = names.Count > Listed ? $", ... ({names.Count} in all)" : string.Empty;
        return new DataFileException($"{path} has no {noun} \"{Damage.Shown(name)}\".{suggestion} It has: {list}{more}.");
    }

    /// <summary>The name nearest in edit distance, where it is near enough to be a slip of the pen.</summary>
    internal static string? Closest(IReadOnlyList<string> names, string name)
    {
        // A hostile file may have any number of names of any length: the search is a courtesy and stays short.
        const int LongestName = 200, MostNames = 10_000;
        int best = Math.Max(1, Math.Min(name.Length, LongestName) / 3) + 1;
        string? closest = null;
        foreach (string candidate in names.Take(MostNames))
        {
            if (candidate.Length == 0 || candidate.Length > LongestName || name.Length > LongestName)
            {
                continue;
            }

            int distance = string.Equals(candidate, name, StringComparison.OrdinalIgnoreCase) ? 0 : EditDistance(candidate, name);
            if (distance < best)
            {
                best = distance;
                closest = candidate;
            }
        }

        return closest;
    }

    /// <summary>Levenshtein's distance: the fewest insertions, deletions and substitutions.</summary>
    internal static int EditDistance(string a, string b)
    {
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
