using Xunit;

namespace SynapticGeometry.Tests.Inference;

public sealed class MedianOfGroupsTests
{
    // Ranks of the 95 % interval of a median, from published tables of the sign test.
    [Theory]
    [InlineData(6, 1, 6)]
    [InlineData(8, 1, 8)]
    [InlineData(9, 2, 8)]
    [InlineData(10, 2, 9)]
    [InlineData(20, 6, 15)]
    [InlineData(25, 8, 18)]
    [InlineData(50, 18, 33)]
    public void Its_interval_has_the_ranks_of_the_sign_test(int groups, int low, int high)
    {
        MedianOfGroups median = MedianOfGroups.Of(Enumerable.Range(1, groups).Reverse().Select(k => (double)k))!;

        Assert.Equal(new Interval(low, high), median.Interval);
        Assert.Equal((groups + 1) / 2.0, median.Value);
        Assert.Equal(groups, median.Groups);
    }

    [Fact]
    public void Fewer_than_six_groups_have_none() => Assert.Null(MedianOfGroups.Of([1, 2, 3, 4, 5]));

    [Fact]
    public void Its_interval_covers_in_at_least_ninety_five_of_a_hundred_sets_whatever_the_spread()
    {
        // Groups of very different spread around 1, as layers of different size are.
        RandomSource random = new RandomSource(11).Fork("groups");
        const int Sets = 4000;
        int covered = 0;
        double[] normal = new double[15];
        for (int set = 0; set < Sets; set++)
        {
            random.FillNormal(normal);
            covered += MedianOfGroups.Of(normal.Select((z, k) => 1 + (z * Math.Pow(2, k % 5))))!.Interval.Contains(1) ? 1 : 0;
        }

        // 15 groups leave 3.5 %: the fourth from either end. Four standard errors.
        Assert.InRange(covered / (double)Sets, 0.9648 - 0.0117, 0.9648 + 0.0117);
    }

    [Fact]
    public void A_few_groups_that_say_something_else_do_not_move_it()
    {
        IEnumerable<double> agreeing = Enumerable.Range(0, 50).Select(k => 0.9 + (0.004 * k));

        MedianOfGroups alone = MedianOfGroups.Of(agreeing)!, with = MedianOfGroups.Of([.. agreeing, 3, 3, 3, 3, 3])!;

        Assert.Equal(alone.Value, with.Value, 0.02);
        Assert.True(Math.Abs(agreeing.Average() - new[] { 3.0, 3, 3, 3, 3 }.Concat(agreeing).Average()) > 0.15);
    }
}
