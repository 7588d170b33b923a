using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>What becomes of a table of sizes: every synapse is used or counted with its reason, and bad input is refused by name.</summary>
public sealed class LongitudinalSizesTests
{
    private const double No = double.NaN;

    private static readonly double[] First = [1, 2, 3, 4, 5, 6, 7, 8];

    [Fact]
    public void Every_synapse_is_used_or_counted_under_one_reason()
    {
        // Six good ones, then: not finite, negative, never measured, measured once, appeared, vanished.
        double[] before = [1, 2, 3, 4, 5, 6, double.PositiveInfinity, 1, No, 1, 0, 2];
        double[] after = [2, 1, 4, 3, 6, 5, 1, -1, No, No, 3, 0];
        LongitudinalSizes sizes = LongitudinalSizes.From([before, after]);

        Assert.Equal(6, sizes.Count);
        Assert.Equal(12, sizes.Read);
        Assert.Equal(["not_finite", "negative", "missing", "appeared", "vanished"], sizes.Excluded.Keys);
        Assert.Equal([1L, 1, 2, 1, 1], sizes.Excluded.Values);
        Assert.Equal(sizes.Read, sizes.Count + sizes.Excluded.Values.Sum());
    }

    [Fact]
    public void Under_a_limit_vanished_synapses_are_data_and_those_below_it_at_first_have_appeared()
    {
        double[] before = [1, 2, 3, 4, 5, 6, 0.4, 2];
        double[] after = [2, 1, 4, 3, 6, 5, 1, 0.3];
        LongitudinalSizes sizes = LongitudinalSizes.From([before, after], new LongitudinalOptions { DetectionLimit = 0.5 });

        Assert.Equal(7, sizes.Count);
        Assert.Equal(1, sizes.Excluded["appeared"]);
        Assert.Equal(0, sizes.Excluded["vanished"]);
        Assert.Equal(double.NegativeInfinity, sizes[6][1]);
        Assert.Equal(Math.Log(0.5), sizes.LogLimit + sizes.LogUnit, 1e-12);
    }

    [Fact]
    public void A_synapse_first_seen_later_is_used_from_there()
    {
        LongitudinalSizes sizes = LongitudinalSizes.From([[1, 2, 3, 4, No], [2, 3, 4, 5, 6], [2, 3, 4, 5, 7]]);

        Assert.Equal(5, sizes.Count);
        Assert.True(double.IsNaN(sizes[4][0]));
        Assert.Equal(Math.Log(7.0 / 6), sizes[4][2] - sizes[4][1], 1e-12);
    }

    [Fact]
    public void A_synapse_of_the_last_epoch_only_says_nothing_of_change()
    {
        LongitudinalSizes sizes = LongitudinalSizes.From(
            [[1, 2, 3, 4, 5, No], [2, 3, 4, 5, 6, 2], [2, 3, 4, 5, 7, 3]], new LongitudinalOptions { EpochOfSession = [0, 1, 1] });

        Assert.Equal(5, sizes.Count);
        Assert.Equal(1, sizes.Excluded["missing"]);
    }

    [Fact]
    public void Log_sizes_are_relative_to_the_geometric_mean_of_the_first()
    {
        LongitudinalSizes sizes = LongitudinalSizes.From([First, First]);

        Assert.Equal(0, Enumerable.Range(0, sizes.Count).Sum(i => sizes[i][0]), 1e-12);
        Assert.Equal(First.Average(Math.Log), sizes.LogUnit, 1e-12);
    }

    [Fact]
    public void Normalised_groups_each_have_geometric_mean_one()
    {
        LongitudinalSizes sizes = LongitudinalSizes.From(
            [First, First], new LongitudinalOptions { Groups = ["a", "a", "a", "a", "b", "b", "b", "b"], NormaliseGroups = true });

        Assert.Equal(["a", "b"], sizes.GroupNames);
        Assert.Equal(0, Enumerable.Range(0, 4).Sum(i => sizes[i][0]), 1e-12);
        Assert.Equal(0, Enumerable.Range(4, 4).Sum(i => sizes[i][0]), 1e-12);
        Assert.Equal(0, sizes.LogUnit);
    }

    [Fact]
    public void Controls_stand_on_the_scale_of_the_synapses_and_lose_the_mean_change_of_a_session()
    {
        LongitudinalSizes sizes = LongitudinalSizes.From([First, First]).WithControls([[2, 4, 6, 8, 10], [2.6, 4.4, 6.6, 8.8, 11]]);
        LongitudinalSizes controls = sizes.Controls!;

        Assert.Equal(13, sizes.TotalCount);
        Assert.Equal(1, controls.Epochs);
        Assert.Equal(0, Enumerable.Range(0, 5).Sum(i => controls[i][1] - controls[i][0]), 1e-9);

        // The mean of both sessions stays, in the unit of the synapses.
        double expected = new[] { 2, 4, 6, 8, 10, 2.6, 4.4, 6.6, 8.8, 11 }.Average(Math.Log) - sizes.LogUnit;
        Assert.Equal(expected, Enumerable.Range(0, 5).Average(i => (controls[i][0] + controls[i][1]) / 2), 1e-9);
    }

    [Fact]
    public void Repeats_of_one_epoch_lose_their_mean_difference_and_epochs_keep_theirs()
    {
        double[] brighter = [.. First.Select((w, i) => w * (i % 2 == 0 ? 1.3 : 1.2))], grown = [.. First.Select(w => 1.5 * w)];
        LongitudinalSizes sizes = LongitudinalSizes.From([First, brighter, grown], new LongitudinalOptions { EpochOfSession = [0, 0, 1] });

        Assert.Equal(0, Enumerable.Range(0, 8).Sum(i => sizes[i][1] - sizes[i][0]), 1e-9);
        Assert.True(Enumerable.Range(0, 8).Average(i => sizes[i][2] - sizes[i][1]) > 0.2);
    }

    [Fact]
    public void A_higher_limit_drops_by_the_first_size_only()
    {
        double[] before = [1, 2, 3, 4, 5, 6, 0.6, 2];
        double[] after = [2, 1, 4, 3, 6, 5, 1, 0.7];
        LongitudinalSizes sizes = LongitudinalSizes.From([before, after], new LongitudinalOptions { DetectionLimit = 0.5 });
        LongitudinalSizes higher = sizes.WithHigherLimit(1.5);

        Assert.Equal(7, higher.Count);
        Assert.Equal(sizes.LogLimit + Math.Log(1.5), higher.LogLimit, 1e-12);
        Assert.Equal(double.NegativeInfinity, higher[6][1]);
        Assert.Throws<InvalidOperationException>(() => LongitudinalSizes.From([First, First]).WithHigherLimit(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => sizes.WithHigherLimit(0.5));
    }

    [Fact]
    public void Bad_input_is_refused_and_named()
    {
        Message<ArgumentException>("Session 1 has 8 sizes and session 2 has 3", () => LongitudinalSizes.From([First, [1, 2, 3]]));
        Message<ArgumentException>("1 group labels for 8 synapses", () => LongitudinalSizes.From([First, First], new LongitudinalOptions { Groups = ["a"] }));
        Message<ArgumentException>("0, 2", () => Epochs(0, 2));
        Message<ArgumentException>("1, 2", () => Epochs(1, 2));
        Message<ArgumentException>("must start at 0 and rise by 0 or 1", () => LongitudinalSizes.From([First, First, First], new LongitudinalOptions { EpochOfSession = [0, 1, 0] }));
        Message<ArgumentException>("3 epochs for 2 sessions", () => Epochs(0, 1, 2));
        foreach (double limit in new[] { 0, -1, No, double.PositiveInfinity })
        {
            Message<ArgumentOutOfRangeException>("positive and finite", () => Limit(limit));
        }

        Message<UninformativeDataException>("above most sizes", () => Limit(6));
        Message<ArgumentException>("geometric mean", () => LongitudinalSizes.From(
            [First, First], new LongitudinalOptions { DetectionLimit = 0.5, NormaliseGroups = true, Groups = [.. First.Select(_ => "a")] }));
        Message<UninformativeDataException>("Only 2 of 4", () => LongitudinalSizes.From([[1, 2, 0, No], [1, 2, 3, 4]]));
        Message<ArgumentException>("at least two sessions", () => LongitudinalSizes.From([First, First]).WithControls([First]));
        Message<UninformativeDataException>("No control changed", () => LongitudinalSizes.From([First, First]).WithControls([First, First]));
        Message<ArgumentException>("zero", () => LongitudinalSizes.From([]), optional: true);

        void Epochs(params int[] epochs) => LongitudinalSizes.From([First, First], new LongitudinalOptions { EpochOfSession = epochs });
        void Limit(double limit) => LongitudinalSizes.From([First, First], new LongitudinalOptions { DetectionLimit = limit });
    }

    private static void Message<T>(string part, Action action, bool optional = false)
        where T : Exception
    {
        T thrown = Assert.ThrowsAny<T>(action);
        Assert.True(optional || thrown.Message.Contains(part, StringComparison.Ordinal), thrown.Message);
    }
}
