using System.Diagnostics;
using System.Runtime.ExceptionServices;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Papers;

/// <summary>How large the experiments of a figure are.</summary>
public enum FigureScale
{
    /// <summary>Seconds: enough to check the claims.</summary>
    Sketch,

    /// <summary>The sizes of the paper.</summary>
    Paper,
}

/// <summary>One parameter of a figure, as it stands in the figure's record.</summary>
/// <param name="Name">What it is, with its symbol.</param>
/// <param name="Value">Its value or range, in words.</param>
/// <param name="Unit">Its unit; "1" for a pure number.</param>
public sealed record FigureParameter(string Name, string Value, string Unit = "1");

/// <summary>An experiment: what computes one table.</summary>
/// <param name="Table">Name of the table.</param>
/// <param name="Compute">Computes it; its random numbers come from the run.</param>
/// <param name="Work">About how many seconds it takes at the paper's scale on two cores; for the time left only.</param>
public sealed record FigureExperiment(string Table, Func<FigureRun, FigureTable> Compute, double Work = 1);

/// <summary>One panel of a figure.</summary>
/// <param name="Letter">Its letter in the paper, A to Z; 'A' where the figure has one panel without a letter.</param>
/// <param name="Title">What it shows, in a few words.</param>
/// <param name="Tables">The tables it is drawn from.</param>
/// <param name="Draw">Draws it from these tables alone.</param>
public sealed record PaperPanel(char Letter, string Title, IReadOnlyList<string> Tables, Action<FigurePanel, FigureData> Draw);

/// <summary>A statement of a figure that one number decides: it holds where the number lies within its bounds.</summary>
/// <param name="Statement">The claim, one sentence.</param>
/// <param name="Quantity">What the deciding number is.</param>
/// <param name="Tables">The tables it is taken from.</param>
/// <param name="Measure">Takes it from these tables alone.</param>
public sealed record FigureClaim(string Statement, string Quantity, IReadOnlyList<string> Tables, Func<FigureData, double> Measure)
{
    /// <summary>The least value at which the claim holds; null for no such bound.</summary>
    public double? AtLeast { get; init; }

    /// <summary>The greatest value at which the claim holds; null for no such bound.</summary>
    public double? AtMost { get; init; }

    /// <summary>Unit of the number; "1" for a pure number.</summary>
    public string Unit { get; init; } = "1";

    /// <summary>Decides the claim. A number that is not a number decides against it.</summary>
    /// <param name="data">The tables.</param>
    public ClaimVerdict Decide(FigureData data)
    {
        double value = Measure(data);
        bool holds = !double.IsNaN(value) && !(value < AtLeast) && !(value > AtMost);
        return new ClaimVerdict(Statement, Quantity, double.IsFinite(value) ? value : null, AtLeast, AtMost, Unit, holds);
    }
}

/// <summary>A claim as decided.</summary>
/// <param name="Statement">The claim, one sentence.</param>
/// <param name="Quantity">What the deciding number is.</param>
/// <param name="Value">The number; null where it is not finite.</param>
/// <param name="AtLeast">Its lower bound, or null.</param>
/// <param name="AtMost">Its upper bound, or null.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Holds">Whether the claim holds.</param>
public sealed record ClaimVerdict(string Statement, string Quantity, double? Value, double? AtLeast, double? AtMost, string Unit, bool Holds);

/// <summary>What an experiment is given: its scale, its random numbers, and how many threads it may use.</summary>
/// <param name="Scale">The scale.</param>
/// <param name="Random">The figure's stream, to be forked by purpose and never drawn from: experiments that fork by the same purpose see the same numbers.</param>
/// <param name="Threads">The most threads, at least 1; no result depends on it.</param>
/// <param name="Progress">Told the share that is done, 0 to 1.</param>
/// <param name="Cancellation">Stops it.</param>
public sealed record FigureRun(FigureScale Scale, RandomSource Random, int Threads, IProgress<double>? Progress, CancellationToken Cancellation)
{
    /// <summary>The user's own data, where some were given.</summary>
    public FigureFiles Files { get; init; } = FigureFiles.None;

    /// <summary>Pieces that an earlier run, cut off, has finished; null where they are not kept.</summary>
    public FigureParts? Parts { get; init; }

    /// <summary>A size that depends on the scale.</summary>
    /// <param name="sketch">That of the sketch.</param>
    /// <param name="paper">That of the paper.</param>
    public int Size(int sketch, int paper) => Scale == FigureScale.Sketch ? sketch : paper;

    /// <summary>The run of one of several equal parts of an experiment: its progress is that part of the whole.</summary>
    /// <param name="part">Number of the part, from 0.</param>
    /// <param name="count">Number of parts.</param>
    public FigureRun Part(int part, int count) => this with { Progress = Progress is null ? null : new Share(done => Progress.Report((part + done) / count)) };

    /// <summary>The numbers of a piece of work: those that an earlier run left, or else computed now and kept.</summary>
    /// <param name="piece">Name of the piece within the figure, without commas.</param>
    /// <param name="compute">Computes its numbers.</param>
    public double[] Once(string piece, Func<double[]> compute)
    {
        ArgumentNullException.ThrowIfNull(compute);
        if (Parts?.Find(piece) is { } found)
        {
            return found;
        }

        double[] values = compute();
        Parts?.Add(piece, values);
        return values;
    }

    /// <summary>Does independent pieces of work on all threads, begun in order; what a piece does may depend on its index alone.</summary>
    /// <param name="count">Number of pieces.</param>
    /// <param name="work">Does the piece of an index.</param>
    /// <param name="share">How much work a piece is, in any unit; null where they are alike.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void ForEach(int count, Action<int> work, Func<int, double>? share = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        ForEach(count, (index, _) => work(index), share);
    }

    /// <summary>The same for long pieces, which are told where they stand.</summary>
    /// <param name="count">Number of pieces.</param>
    /// <param name="work">Does the piece of an index, and reports the share of it that is done, 0 to 1.</param>
    /// <param name="share">How much work a piece is, in any unit; null where they are alike.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void ForEach(int count, Action<int, IProgress<double>> work, Func<int, double>? share = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        double all = share is null ? count : Enumerable.Range(0, count).Sum(share);
        double[] done = new double[count];
        Lock door = new();
        int next = -1;
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = Cancellation }, _ =>
            {
                Cancellation.ThrowIfCancellationRequested();
                int index = Interlocked.Increment(ref next);
                work(index, new Share(part => Tell(index, part)));
                Tell(index, 1);
            });
        }
        catch (AggregateException several)
        {
            // What the pieces' own code would have thrown without threads.
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }

        void Tell(int index, double part)
        {
            lock (door)
            {
                done[index] = part * (share?.Invoke(index) ?? 1);
                Progress?.Report(Math.Min(1, done.Sum() / all));
            }
        }
    }
}

/// <summary>Progress that is handed on at once, in the thread that reports it.</summary>
internal sealed class Share(Action<double> report) : IProgress<double>
{
    public void Report(double value) => report(value);
}

/// <summary>What a figure found: its tables and the verdicts on its claims.</summary>
/// <param name="Data">The tables.</param>
/// <param name="Verdicts">The claims, decided.</param>
/// <param name="Seconds">Time the experiments took, s.</param>
public sealed record FigureResult(FigureData Data, IReadOnlyList<ClaimVerdict> Verdicts, double Seconds)
{
    /// <summary>The data that the experiments were given, as parameters of the record.</summary>
    public IReadOnlyList<FigureParameter> Inputs { get; init; } = [];
}

/// <summary>
/// A figure of a paper: experiments that compute tables of numbers, panels drawn from the tables alone, and claims decided by the
/// tables alone.
/// </summary>
public abstract class PaperFigure
{
    /// <summary>Its name, such as "kreutzer-4"; a panel's is followed by its letter, "kreutzer-4b".</summary>
    public abstract string Id { get; }

    /// <summary>Name of the paper, such as "kreutzer2022".</summary>
    public abstract string Paper { get; }

    /// <summary>What it shows, in one line.</summary>
    public abstract string Title { get; }

    /// <summary>The figure of the paper it corresponds to, and how it differs.</summary>
    public abstract string Source { get; }

    /// <summary>Its panels, in order.</summary>
    public abstract IReadOnlyList<PaperPanel> Panels { get; }

    /// <summary>Its claims.</summary>
    public abstract IReadOnlyList<FigureClaim> Claims { get; }

    /// <summary>Why it cannot be computed here, in a sentence; null where it can.</summary>
    public virtual string? Unavailable => null;

    /// <summary>Its experiments, one a table.</summary>
    public abstract IReadOnlyList<FigureExperiment> Experiments { get; }

    /// <summary>Its parameters, for the record.</summary>
    /// <param name="scale">The scale.</param>
    public abstract IReadOnlyList<FigureParameter> Parameters(FigureScale scale);

    /// <summary>What the figure takes from the user's files, or uses in their place, for the record; nothing for most figures.</summary>
    /// <param name="files">The files.</param>
    public virtual IReadOnlyList<FigureParameter> Inputs(FigureFiles files) => [];

    /// <summary>Panels in a row.</summary>
    protected virtual int Columns => 2;

    /// <summary>Height of a row of panels, mm.</summary>
    protected virtual double RowHeight => 62;

    /// <summary>The experiments that these panels need; for the whole figure, all.</summary>
    /// <param name="panels">Panels of this figure; null for all.</param>
    public IReadOnlyList<FigureExperiment> ExperimentsOf(IReadOnlyList<PaperPanel>? panels) =>
        panels is null ? Experiments : [.. Experiments.Where(e => panels.Any(p => p.Tables.Contains(e.Table)))];

    /// <summary>Computes the tables and decides the claims that they decide.</summary>
    /// <param name="panels">Panels of this figure; null for all.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="seed">Seed of every random number.</param>
    /// <param name="threads">The most threads, at least 1; no result depends on it.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="files">The user's own data for figures that take some; null for none.</param>
    /// <param name="parts">Where pieces of long experiments are kept; null for nowhere.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public FigureResult Compute(
        IReadOnlyList<PaperPanel>? panels, FigureScale scale, ulong seed, int threads, IProgress<double>? progress = null, FigureFiles? files = null, FigureParts? parts = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var clock = Stopwatch.StartNew();
        RandomSource random = new RandomSource(seed).Fork(Id);
        IReadOnlyList<FigureExperiment> experiments = ExperimentsOf(panels);
        double all = experiments.Sum(e => e.Work), done = 0;
        List<FigureTable> tables = [];
        foreach (FigureExperiment experiment in experiments)
        {
            cancellation.ThrowIfCancellationRequested();
            double before = done;
            Share? share = progress is null ? null : new Share(part => progress.Report((before + (part * experiment.Work)) / all));
            FigureRun run = new(scale, random, threads, share, cancellation) { Files = files ?? FigureFiles.None, Parts = parts };
            tables.Add(experiment.Compute(run));
            done += experiment.Work;
            progress?.Report(done / all);
        }

        FigureData data = new(tables);
        return new FigureResult(data, Decide(data), clock.Elapsed.TotalSeconds) { Inputs = Inputs(files ?? FigureFiles.None) };
    }

    /// <summary>Decides the claims whose tables are there.</summary>
    /// <param name="data">The tables.</param>
    public IReadOnlyList<ClaimVerdict> Decide(FigureData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return [.. Claims.Where(c => data.Has(c.Tables)).Select(c => c.Decide(data))];
    }

    /// <summary>Draws panels from the tables: all of them as in the paper, one alone at the width of a column.</summary>
    /// <param name="data">The tables.</param>
    /// <param name="panels">Panels of this figure; null for all.</param>
    public FigureSheet Draw(FigureData data, IReadOnlyList<PaperPanel>? panels = null)
    {
        panels ??= Panels;
        int columns = Math.Min(Columns, panels.Count), rows = (panels.Count + columns - 1) / columns;
        FigureSheet sheet = new(columns == 1 ? FigureStyle.OneColumn : FigureStyle.TwoColumns, rows * RowHeight, rows, columns);
        for (int k = 0; k < panels.Count; k++)
        {
            FigurePanel panel = sheet.Panel(k / columns, k % columns);
            panel.Heading = panels[k].Title;
            panels[k].Draw(panel, data);
        }

        return sheet;
    }
}
