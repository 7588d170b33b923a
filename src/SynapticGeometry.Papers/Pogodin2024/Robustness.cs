using System.Numerics.Tensors;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Pogodin2024.Parameters;
using static SynapticGeometry.Papers.Pogodin2024.Parameters.Robust;

namespace SynapticGeometry.Papers.Pogodin2024;

/// <summary>Gaussian dual changes under a known potential, judged by every candidate: does Delta-CDF point at the true one?</summary>
internal sealed class Robustness() : PogodinFigure("robustness")
{
    // The step of the grid of candidates; negative entropy stands at p = 1.
    private const double GridStep = 0.1;

    public override string Title => "Delta-CDF is smallest at the potential that made the change, whatever the initial weights";

    public override string Source => Citation("robustness of the identification, and its Appendix");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("candidates", Candidates, 1), new("sizes", Sizes, 50)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Normal initial weights", ["candidates"], (p, d) => Draw(p, d, 0)),
        new('B', "Log-normal initial weights", ["candidates"], (p, d) => Draw(p, d, 1)),
        new('C', "Normal: weights that it takes", ["sizes"], (p, d) => DrawSizes(p, d, 0)),
        new('D', "Log-normal: weights that it takes", ["sizes"], (p, d) => DrawSizes(p, d, 1)),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("The mean over seeds is smallest at the true potential, to one step of the grid.", "largest distance in p, over initial weights and true potentials", ["candidates"], FarthestMean) { AtMost = GridStep * 1.001 },
        new("In at least 29 of 30 seeds Delta-CDF is smallest at the true one of negative entropy, 2-norm and 3-norm.", "fewest such seeds, over initial weights and true potentials", ["candidates"], d => Fewest(d, True)) { AtLeast = 29 },
        new("In at least 29 of 30 seeds Delta-CDF is smallest at the true potential, of all candidates.", "fewest such seeds, over initial weights and true potentials", ["candidates"], d => Fewest(d, Robust.Candidates)) { AtLeast = 29 },
        new("With the most weights tried it is within one step of the grid in at least 29 of 30 seeds (beyond the paper).", "fewest such seeds, over initial weights and true potentials", ["sizes"], d => Cases().Min(c => Seeds(d, c.Initial, c.True, MostWeights(d), GridStep * 1.001))) { AtLeast = 29 },
        new("With the most weights tried it is at the very candidate in nine of ten seeds (beyond the paper).", "mean number of such seeds, over initial weights and true potentials", ["sizes"], d => Cases().Average(c => Seeds(d, c.Initial, c.True, MostWeights(d), 0))) { AtLeast = 27 },
        new("In nine of ten seeds the likelihood, given the same changes, is highest at the true potential, of all candidates (beyond the paper).", "mean number of such seeds, over initial weights and true potentials", ["candidates"], MostLikely) { AtLeast = 27 },
    ];

    protected override double RowHeight => 72;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        new("weights", $"{Weights}; C and D: {string.Join(", ", SizesAt(scale))}"),
        new("initial weights", "normal, standard deviation 1/√100; or log-normal, mean and standard deviation 1/√1000, random signs"),
        new("dual change", "0.1 times the dual weight of 1/√100 times standard normal numbers"),
        new("true potentials", string.Join(", ", PotentialNames)),
        new("candidates", "negative entropy and p = 1.1, 1.2, ..., 3.0"),
        new("seeds", $"{Robust.Seeds}"),
    ];

    // Negative entropy is p = 1.
    private static Potential PotentialOf(double p) => p == 1 ? new NegativeEntropy() : new PNorm(p);

    private static FigureTable Candidates(FigureRun run)
    {
        double[][] misfits = new double[Initial.Count * True.Count * Robust.Seeds][];
        int[] likeliest = new int[misfits.Length];
        run.ForEach(misfits.Length, k =>
        {
            (int initial, int truth, int seed) = (k / Robust.Seeds / True.Count, k / Robust.Seeds % True.Count, k % Robust.Seeds);
            (double[] before, double[] after) = Change(run.Random.Fork($"{InitialNames[initial]}, {Potentials[truth]}", (ulong)seed), Weights, Initial[initial], Potentials[truth]);
            misfits[k] = Misfits(before, after);
            likeliest[k] = Enumerable.Range(0, Robust.Candidates.Count).MaxBy(c => LogLikelihood(PotentialOf(Robust.Candidates[c]), before, after));
        });

        int count = Robust.Candidates.Count;
        double[] Of(Func<int, double> value) => [.. Enumerable.Range(0, misfits.Length * count).Select(value)];
        return new FigureTable(
            "candidates",
            new("initial", "1", Of(i => i / count / Robust.Seeds / True.Count)),
            new("true_p", "1", Of(i => True[i / count / Robust.Seeds % True.Count])),
            new("seed", "1", Of(i => i / count % Robust.Seeds)),
            new("candidate_p", "1", Of(i => Robust.Candidates[i % count])),
            new("delta_cdf", "1", Of(i => misfits[i / count][i % count])),
            new("most_likely", "1", Of(i => likeliest[i / count] == i % count ? 1 : 0)));
    }

    // The candidate of the least Delta-CDF, for more and more weights.
    private static FigureTable Sizes(FigureRun run)
    {
        IReadOnlyList<int> sizes = SizesAt(run.Scale);
        (int Size, int Initial, int Truth, int Seed)[] pieces =
            [.. from size in sizes.Reverse() from initial in Enumerable.Range(0, Initial.Count) from truth in Enumerable.Range(0, True.Count) from seed in Enumerable.Range(0, Robust.Seeds) select (size, initial, truth, seed)];
        double[] least = new double[pieces.Length];
        run.ForEach(
            pieces.Length,
            k =>
            {
                (int size, int initial, int truth, int seed) = pieces[k];
                (double[] before, double[] after) = Change(run.Random.Fork($"{InitialNames[initial]}, {Potentials[truth]}, {size} weights", (ulong)seed), size, Initial[initial], Potentials[truth]);
                double[] misfits = Misfits(before, after);
                least[k] = Robust.Candidates[Array.IndexOf(misfits, misfits.Min())];
            },
            k => pieces[k].Size);
        double[] Of(Func<(int Size, int Initial, int Truth, int Seed), double> value) => [.. pieces.Select(value)];
        return new FigureTable(
            "sizes",
            new("weights", "1", Of(p => p.Size)), new("initial", "1", Of(p => p.Initial)), new("true_p", "1", Of(p => True[p.Truth])), new("seed", "1", Of(p => p.Seed)), new("least_p", "1", least));
    }

    private static double[] Misfits(double[] before, double[] after) => [.. Robust.Candidates.Select(p => DeltaCdf.Statistic(DualChange(PotentialOf(p), before, after)))];

    private static (double[] Before, double[] After) Change(RandomSource random, int weights, WeightLaw law, Potential truth)
    {
        double[] before = new double[weights], change = new double[weights], after = new double[weights], unit = [Reference];
        law.Draw(random.Fork("weights"), before);
        truth.ToDual<double>(unit, unit);
        random.Fork("change").FillNormal(change);
        truth.ToDual<double>(before, after);
        TensorPrimitives.MultiplyAdd(change, Robust.Change * unit[0], after, after);
        truth.FromDual<double>(after, before, after);
        return (before, after);
    }

    // Of the weights after, where dual changes are normal with mean 0: ln φ″ carries the density from dual weights to weights. No weight changes its sign under negative entropy.
    private static double LogLikelihood(Potential candidate, double[] before, double[] after)
    {
        if (!candidate.CrossesZero && before.Zip(after).Any(w => w.First * w.Second < 0))
        {
            return double.NegativeInfinity;
        }

        double[] change = DualChange(candidate, before, after), hessian = new double[after.Length];
        candidate.Hessian<double>(after, hessian);
        return hessian.Sum(Math.Log) - (0.5 * change.Length * Math.Log(TensorPrimitives.SumOfSquares<double>(change)));
    }

    private static double[] DualChange(Potential candidate, double[] before, double[] after)
    {
        double[] first = new double[before.Length], second = new double[before.Length];
        candidate.ToDual<double>(before, first);
        candidate.ToDual<double>(after, second);
        TensorPrimitives.Subtract(second, first, second);
        return second;
    }

    private static FigureTable Of(FigureData data, int initial, double truth) =>
        data["candidates"].Where("initial", i => i == initial).Where("true_p", p => p == truth);

    private static IEnumerable<(int Initial, double True)> Cases() => from initial in Enumerable.Range(0, Initial.Count) from truth in True select (initial, truth);

    private static double FarthestMean(FigureData data) => Cases().Max(c =>
    {
        FigureTable own = Of(data, c.Initial, c.True);
        return Math.Abs(Robust.Candidates.MinBy(p => own.Where("candidate_p", q => q == p)["delta_cdf"].Average()) - c.True);
    });

    private static double MostLikely(FigureData data) => Cases().Average(c => Of(data, c.Initial, c.True).Where("candidate_p", p => p == c.True)["most_likely"].Sum());

    private static double Fewest(FigureData data, IReadOnlyList<double> candidates) => Cases().Min(c =>
    {
        FigureTable own = Of(data, c.Initial, c.True).Where("candidate_p", candidates.Contains);
        return Enumerable.Range(0, own.Rows).GroupBy(i => own["seed"][i]).Count(seed => own["candidate_p"][seed.MinBy(i => own["delta_cdf"][i])] == c.True);
    });

    private static double MostWeights(FigureData data) => data["sizes"]["weights"].Max();

    /// <summary>Number of seeds with the least Delta-CDF no farther from the truth than this.</summary>
    private static double Seeds(FigureData data, int initial, double truth, double weights, double distance) =>
        data["sizes"].Where("initial", i => i == initial).Where("true_p", p => p == truth).Where("weights", w => w == weights)["least_p"].Count(p => Math.Abs(p - truth) <= distance);

    private static void DrawSizes(FigurePanel panel, FigureData data, int initial)
    {
        panel.Label("number of weights", "seeds of 30");
        double[] sizes = [.. data["sizes"]["weights"].Distinct().Order()], xs = [.. sizes.Select(Math.Log10)];
        panel.Line([xs[0], xs[^1]], [29, 29], panel.Style.Quiet, null, LegendSymbol.Dotted, panel.Style.ThinWidth);
        for (int truth = 0; truth < True.Count; truth++)
        {
            double[] counts = [.. sizes.Select(w => Seeds(data, initial, True[truth], w, 0))];
            panel.Line(xs, counts, Colors[truth], PotentialNames[truth]);
            panel.Markers(xs, counts, Colors[truth], size: 3.5f);
        }

        panel.X.Scale = AxisScale.Log10;
        panel.Notes.Add("least at the very candidate of 21; dotted: 29");
        panel.Plot.Axes.SetLimits(xs[0] - 0.1, xs[^1] + 0.1, 0, 31);
    }

    private static void Draw(FigurePanel panel, FigureData data, int initial)
    {
        panel.Label("p of the candidate (1: negative entropy)", "Delta-CDF (not centred)");
        double highest = 0;
        for (int truth = 0; truth < True.Count; truth++)
        {
            FigureTable own = Of(data, initial, True[truth]);
            double[][] values = [.. Robust.Candidates.Select(p => own.Where("candidate_p", q => q == p)["delta_cdf"])];
            double[] mean = [.. values.Select(v => v.Average())], deviation = [.. values.Select((v, k) => Math.Sqrt(v.Sum(x => (x - mean[k]) * (x - mean[k])) / (v.Length - 1)))];
            double[] xs = [.. Robust.Candidates], low = [.. mean.Zip(deviation, (m, s) => m - s)], high = [.. mean.Zip(deviation, (m, s) => m + s)];
            panel.Band(xs, low, high, Colors[truth].WithAlpha(0.2));
            panel.Line(xs, mean, Colors[truth], PotentialNames[truth]);
            panel.Line([True[truth], True[truth]], [0, 2], Colors[truth], null, LegendSymbol.Dotted, panel.Style.ThinWidth);
            highest = Math.Max(highest, high.Max());
        }

        panel.Notes.Add("mean ± standard deviation of 30 seeds; dotted: the truth");
        panel.Plot.Axes.SetLimits(0.97, 3.03, 0, highest * 1.05);
    }
}
