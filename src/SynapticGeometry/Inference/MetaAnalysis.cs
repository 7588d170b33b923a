namespace SynapticGeometry;

/// <summary>What the groups say together: their mean exponent, how much they differ, and what a new group would be like.</summary>
public sealed record MetaAnalysis
{
    // Below this median number of synapses a group's own standard error is too uncertain to weigh it by.
    private const int SmallGroup = 30;
    private const int FewestGroups = 3;
    private const int NamesShown = 5;

    private MetaAnalysis()
    {
    }

    /// <summary>Names of the groups that have an estimate with a standard error of their own, in the order of the result's groups.</summary>
    public required IReadOnlyList<string> GroupsUsed { get; init; }

    /// <summary>Names of the groups that have none; each one's note says why.</summary>
    public required IReadOnlyList<string> GroupsLeftOut { get; init; }

    /// <summary>The two-stage analysis of the groups' own estimates; null with fewer than three of them.</summary>
    public required RandomEffects? RandomEffects { get; init; }

    /// <summary>The one-stage analysis; where the median group has fewer than 30 synapses, else null.</summary>
    public required OneStageEstimate? OneStage { get; init; }

    /// <summary>The median of the groups' own estimates; null with fewer than six.</summary>
    public required MedianOfGroups? Median { get; init; }

    /// <summary>Which groups were left out, and why an analysis is missing; empty where there is nothing to say.</summary>
    public required string Note { get; init; }

    /// <summary>The analysis of a set's groups; null without groups.</summary>
    /// <param name="groups">The groups' own estimates.</param>
    /// <param name="fitOneStage">Fits all groups in one stage, where most are small; null where there is no such fit.</param>
    internal static MetaAnalysis? Of(IReadOnlyList<GroupEstimate> groups, Func<OneStageEstimate?>? fitOneStage)
    {
        if (groups.Count == 0)
        {
            return null;
        }

        GroupEstimate[] used = [.. groups.Where(IsUsable)], left = [.. groups.Where(g => !IsUsable(g))];
        RandomEffects? effects = used.Length < FewestGroups
            ? null
            : RandomEffects.Estimate([.. used.Select(g => g.Estimate!.Value)], [.. used.Select(g => g.RobustStandardError!.Value * g.RobustStandardError.Value)]);
        long[] sizes = [.. groups.Select(g => g.Synapses).Order()];
        OneStageEstimate? oneStage = groups.Count >= FewestGroups && sizes[sizes.Length / 2] < SmallGroup
            ? fitOneStage?.Invoke()
            : null;
        return new MetaAnalysis
        {
            GroupsUsed = [.. used.Select(g => g.Name)],
            GroupsLeftOut = [.. left.Select(g => g.Name)],
            RandomEffects = effects,
            OneStage = oneStage,
            Median = MedianOfGroups.Of(groups.Select(g => g.Estimate).OfType<double>()),
            Note = Explain(used.Length, left),
        };
    }

    private static bool IsUsable(GroupEstimate group) => group is { Estimate: not null, RobustStandardError: { } se } && double.IsFinite(se) && se > 0;

    private static string Explain(int used, GroupEstimate[] left)
    {
        string note = string.Empty;
        if (left.Length > 0)
        {
            string names = string.Join(", ", left.Take(NamesShown).Select(g => $"{g.Name}: {g.Note}"))
                + (left.Length > NamesShown ? $", and {left.Length - NamesShown} more" : string.Empty);
            note = $"{left.Length} of {left.Length + used} groups {(left.Length == 1 ? "has" : "have")} no estimate of {(left.Length == 1 ? "its" : "their")} own ({names}); "
                + $"{(left.Length == 1 ? "it counts" : "they count")} in the pooled exponent only.";
        }

        string few = used == 0 ? "No group has" : used == 1 ? "Only one group has" : $"Only {used} groups have";
        return used >= FewestGroups ? note
            : $"{few} an estimate: a mean over groups, and how much they differ, needs at least {FewestGroups}. {note}".TrimEnd();
    }
}
