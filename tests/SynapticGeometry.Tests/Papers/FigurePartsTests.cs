using SynapticGeometry.Papers;
using Xunit;

namespace SynapticGeometry.Tests.Papers;

public sealed class FigurePartsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("syngeo-test-").FullName;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Long_pieces_tell_where_they_stand_and_together_never_go_back(int threads)
    {
        List<double> told = [];
        FigureRun run = new(FigureScale.Sketch, new RandomSource(1), threads, new Told(told), TestContext.Current.CancellationToken);

        // The second piece is three times the first.
        run.ForEach(
            2,
            (_, progress) =>
            {
                progress.Report(0.25);
                progress.Report(0.5);
            },
            k => k == 0 ? 1 : 3);

        Assert.Equal(6, told.Count);
        Assert.Equal(told.Order(), told);
        Assert.Equal(1, told[^1]);
        if (threads == 1)
        {
            Assert.Equal([0.0625, 0.125, 0.25, 0.4375, 0.625, 1], told);
        }
    }

    [Fact]
    public void Pieces_come_back_bit_for_bit_but_not_for_another_key_or_where_cut_off()
    {
        string path = Path.Combine(folder, "new", "figure.unfinished");
        double[] values = [0.1, 1.0 / 3, 1e-300, -5];
        using (FigureParts parts = FigureParts.Open(path, "seed 1"))
        {
            parts.Add("a", values);
            parts.Add("b", [2]);
        }

        File.AppendAllText(path, "c,3,4");
        using (FigureParts again = FigureParts.Open(path, "seed 1"))
        {
            Assert.Equal(2, again.Count);
            Assert.Equal(values, again.Find("a"));
            Assert.Null(again.Find("c"));
            again.Add("c", [5]);
        }

        using FigureParts whole = FigureParts.Open(path, "seed 1"), other = FigureParts.Open(path, "seed 2"), fresh = FigureParts.Open(path, "seed 1", fresh: true);
        Assert.Equal([5], whole.Find("c")!);
        Assert.Equal(0, other.Count);
        Assert.Equal(0, fresh.Count);
        Assert.Throws<ArgumentException>(() => whole.Add("d,e", [1]));
        whole.Delete();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_run_that_was_cut_off_goes_on_with_what_is_finished_and_finds_the_same()
    {
        string path = Path.Combine(folder, "figure.unfinished");
        using CancellationTokenSource stop = new();
        Pieces first = new(), second = new(), whole = new();
        using (FigureParts parts = FigureParts.Open(path, "key"))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => first.Compute(null, FigureScale.Sketch, 1, 1, new Stopper(0.25, stop), parts: parts, cancellation: stop.Token));
            Assert.Equal(5, parts.Count);
        }

        using FigureParts rest = FigureParts.Open(path, "key");
        string resumed = second.Compute(null, FigureScale.Sketch, 1, 2, parts: rest, cancellation: TestContext.Current.CancellationToken).Data.Tables[0].ToCsv();

        Assert.Equal(Pieces.Count - 5, second.Computed);
        Assert.Equal(whole.Compute(null, FigureScale.Sketch, 1, 2, cancellation: TestContext.Current.CancellationToken).Data.Tables[0].ToCsv(), resumed);
        Assert.Equal(Pieces.Count, whole.Computed);
    }

    [Fact]
    public void What_a_piece_throws_comes_out_as_it_is() =>
        Assert.Equal("piece 3", Assert.Throws<InvalidOperationException>(() => new Pieces { Fails = 3 }.Compute(null, FigureScale.Sketch, 1, 2, cancellation: TestContext.Current.CancellationToken)).Message);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class Stopper(double at, CancellationTokenSource stop) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value >= at)
            {
                stop.Cancel();
            }
        }
    }

    // Twenty pieces, of which a run notes how many it had to compute.
    private sealed class Pieces : PaperFigure
    {
        public const int Count = 20;
        private int computed;

        public int Computed => computed;

        public int Fails { get; init; } = -1;

        public override string Id => "pieces";

        public override string Paper => "none";

        public override string Title => "Pieces";

        public override string Source => "In no paper";

        public override IReadOnlyList<PaperPanel> Panels => [];

        public override IReadOnlyList<FigureClaim> Claims => [];

        public override IReadOnlyList<FigureExperiment> Experiments => [new("t", Table)];

        public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) => [];

        private FigureTable Table(FigureRun run)
        {
            double[] values = new double[Count];
            run.ForEach(Count, k => values[k] = run.Once($"piece {k}", () => Draw(run, k))[0], k => 1);
            return new FigureTable("t", new FigureColumn("x", "1", values));
        }

        private double[] Draw(FigureRun run, int piece)
        {
            Interlocked.Increment(ref computed);
            return piece == Fails ? throw new InvalidOperationException($"piece {piece}") : [run.Random.Fork("piece", (ulong)piece).NextNormal()];
        }
    }

    private sealed class Told(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }
}
