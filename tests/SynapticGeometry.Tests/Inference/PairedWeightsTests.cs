using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

public sealed class PairedWeightsTests
{
    [Fact]
    public void Every_pair_left_out_is_counted_under_its_reason()
    {
        double[] before = [1, double.NaN, double.PositiveInfinity, 0, 0, 3, 4, -5, 6, 7, 8, 9];
        double[] after = [2, 1, 1, 0, 1, 0, 4, -6, -6, 8, 9, 10];

        PairedWeights pairs = PairedWeights.From<double>(before, after);

        Assert.Equal(12, pairs.Counts.Read);
        Assert.Equal(7, pairs.Counts.Used);
        Assert.Equal(1, pairs.Counts.Excluded["missing"]);
        Assert.Equal(1, pairs.Counts.Excluded["not_finite"]);
        Assert.Equal(1, pairs.Counts.Excluded["zero_at_both"]);
        Assert.Equal(1, pairs.Counts.Excluded["appeared"]);
        Assert.Equal(1, pairs.Counts.Excluded["vanished"]);
        Assert.Equal(0, pairs.Counts.Excluded["sign_flip"]);
        Assert.Equal(1, pairs.Counts.SignFlips);
        Assert.Equal(1, pairs.Counts.Unchanged);
        Assert.Equal(1, pairs.Counts.Negative);
        Assert.Equal(pairs.Counts.Read, pairs.Counts.Used + pairs.Counts.Excluded.Values.Sum());
    }

    [Fact]
    public void Negative_sizes_sign_flips_and_repeated_identifiers_are_left_out_when_asked()
    {
        double[] before = [1, -1, 2, 3, 4, 5, 6, 7];
        double[] after = [2, -2, -2, 4, 5, 6, 7, 8];
        string[] ids = ["a", "b", "c", "d", "d", "e", "f", "g"];

        PairedWeights sizes = PairedWeights.From<double>(before, after, new PairingOptions { PositiveOnly = true, Identifiers = ids });
        PairedWeights signed = PairedWeights.From<double>(before, after, new PairingOptions { ExcludeSignFlips = true });

        Assert.Equal(2, sizes.Counts.Excluded["not_positive"]);
        Assert.Equal(1, sizes.Counts.Excluded["duplicate"]);
        Assert.Equal(5, sizes.Count);
        Assert.Equal(1, signed.Counts.Excluded["sign_flip"]);
        Assert.Equal(7, signed.Count);
    }

    [Fact]
    public void Weights_return_from_their_logarithms() =>
        Gen.Select(Gen.Double[-8, 8], Gen.Double[-1, 1], Gen.Bool, Gen.Bool).Array[5, 60].Sample(rows =>
        {
            // Two ordinary pairs first, so that sizes differ and something changes whatever is generated.
            double[] before = [1, 2, .. rows.Select(r => (r.Item3 ? -1 : 1) * Math.Pow(10, r.Item1))];
            double[] after = [1.5, 2, .. rows.Select((r, i) => before[i + 2] * Math.Pow(10, r.Item2) * (r.Item4 ? 1 : -1))];
            PairedWeights pairs = PairedWeights.From<double>(before, after);
            return Enumerable.Range(0, pairs.Count).All(i =>
                Close(pairs.Before(i), before[i], 1e-13) && Close(pairs.After(i), after[i], 1e-13));
        });

    [Fact]
    public void A_small_change_keeps_its_relative_accuracy()
    {
        // ln(1 + 1e-9) = 1e-9 − 5e-19 + ...; the difference of two logarithms near ln 1e6 would be right to 7 digits only.
        double[] before = [1e6, 2e6, 3e6, 4e6, 5e6];
        double[] after = [.. before.Select(w => w * (1 + 1e-9))];

        PairedWeights pairs = PairedWeights.From<double>(before, after);

        // What is stored is the double nearest to w (1 + 1e-9): its own relative change is known to 1e-16 of w, or 1e-7 of the change.
        for (int i = 0; i < 5; i++)
        {
            double exact = (after[i] - before[i]) / before[i];
            Assert.Equal(exact - (exact * exact / 2), pairs.LogChange[i], 1e-12 * exact);
        }
    }

    [Fact]
    public void Normalised_groups_have_geometric_mean_one()
    {
        double[] before = [1, 2, 4, 100, 200, 400];
        double[] after = [2, 2, 5, 150, 260, 300];
        PairedWeights pairs = PairedWeights.From<double>(
            before, after, new PairingOptions { Groups = ["a", "a", "a", "b", "b", "b"], NormaliseGroups = true });

        Assert.Equal([0.5, 1, 2, 0.5, 1, 2], Enumerable.Range(0, 6).Select(i => Math.Round(pairs.Before(i), 12)));
        Assert.Equal([1, 1, 2.5, 0.75, 1.3, 1.5], Enumerable.Range(0, 6).Select(i => Math.Round(pairs.After(i), 12)));
    }

    [Theory]
    [InlineData(new[] { 1.0, 2, 3 }, new[] { 2.0, 3, 4 }, "Only 3 of 3")]
    [InlineData(new[] { 1.0, 2, 3, 4, 5 }, new[] { 1.0, 2, 3, 4, 5 }, "None of the 5 weights changed")]
    [InlineData(new[] { 2.0, 2, 2, 2, 2 }, new[] { 1.0, 2, 3, 4, 5 }, "the same size (2)")]
    public void Data_without_an_answer_are_refused_with_the_reason(double[] before, double[] after, string message)
    {
        var problem = Assert.Throws<UninformativeDataException>(() => PairedWeights.From<double>(before, after));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unequal_lengths_are_refused()
    {
        var problem = Assert.Throws<ArgumentException>(() => PairedWeights.From<double>([1, 2, 3, 4, 5], [1, 2, 3, 4]));
        Assert.Contains("5 weights before but 4 after", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Float_and_double_give_the_same_pairs()
    {
        float[] before = [0.1f, 0.2f, -0.3f, 0.4f, 0.5f], after = [0.11f, 0.19f, -0.35f, 0.41f, 0.6f];

        PairedWeights single = PairedWeights.From<float>(before, after);
        PairedWeights wide = PairedWeights.From<double>([.. before.Select(w => (double)w)], [.. after.Select(w => (double)w)]);

        Assert.Equal(wide.LogSize.ToArray(), single.LogSize.ToArray());
        Assert.Equal(wide.LogChange.ToArray(), single.LogChange.ToArray());
    }

    private static bool Close(double a, double b, double relative) => Math.Abs(a - b) <= relative * Math.Abs(b);
}
