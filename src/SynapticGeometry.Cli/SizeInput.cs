using System.Globalization;
using SynapticGeometry.Data;
using static SynapticGeometry.Cli.TableInput;

namespace SynapticGeometry.Cli;

/// <summary>What 'syngeo infer' was told of how sizes were measured: error, controls, detection limit, sessions.</summary>
internal sealed record SizeInput
{
    // Beyond this ratio of medians controls are likely in another unit.
    private const double StrangeRatio = 3;

    // Sets of this many rows are arrays of a network or of a simulation; hidden sizes are fitted to a part of them anyway.
    private const int MostRows = 1_000_000;

    /// <summary>"none", or the relative error, or null where nothing was said.</summary>
    public string? Error { get; init; }

    /// <summary>Standard deviation of the additive error, in the unit of the sizes.</summary>
    public double? AdditiveError { get; init; }

    /// <summary>File of the controls; null for the main table.</summary>
    public string? ControlFile { get; init; }

    /// <summary>Columns of repeated measurements.</summary>
    public string? ControlColumns { get; init; }

    /// <summary>Conditions on the rows that are controls.</summary>
    public IReadOnlyList<string> ControlWhere { get; init; } = [];

    /// <summary>Detection limit, in the unit of the sizes.</summary>
    public double? Limit { get; init; }

    /// <summary>What becomes of vanished synapses; null to decide by the data.</summary>
    public VanishedSynapses? Vanished { get; init; }

    /// <summary>The likelihood asked for.</summary>
    public MeasurementMethod Method { get; init; }

    /// <summary>Whether to refit under other assumptions.</summary>
    public bool Sensitivity { get; init; }

    /// <summary>Columns that are sessions.</summary>
    public string? Sessions { get; init; }

    /// <summary>Times of the sessions.</summary>
    public string? Times { get; init; }

    /// <summary>Column of a long table that names the synapse.</summary>
    public string? SynapseColumn { get; init; }

    /// <summary>Column of a long table that holds the session.</summary>
    public string? SessionColumn { get; init; }

    /// <summary>Column of a long table that holds the size.</summary>
    public string? SizeColumn { get; init; }

    /// <summary>Interval at which sessions are paired; null for all sessions as a chain.</summary>
    public double? Interval { get; init; }

    /// <summary>Whether sessions are given rather than a before and an after.</summary>
    public bool HasSessions => Sessions is not null || SynapseColumn is not null || SessionColumn is not null || SizeColumn is not null;

    /// <summary>Whether controls were named.</summary>
    public bool HasControls => ControlFile is not null || ControlColumns is not null || ControlWhere.Count > 0;

    /// <summary>Whether something was said that only a file can follow.</summary>
    public bool NeedsFile => HasControls || HasSessions || Limit is not null || Interval is not null;

    /// <summary>Whether anything about the measurement was said.</summary>
    public bool SaysAnything => Error is not null || AdditiveError is not null || HasControls || Limit is not null || Vanished is not null || Method != MeasurementMethod.Automatic || HasSessions;

    /// <summary>Reads the sessions of a table.</summary>
    public SizeTable ReadSessions(DataFile file, string[]? groups, string[]? synapses, bool[]? keep)
    {
        if (Sessions is not null)
        {
            if (SynapseColumn is not null || SessionColumn is not null || SizeColumn is not null)
            {
                throw new BadInputException("--sessions is for a wide table, --synapse, --session and --size are for a long one: give one or the other.");
            }

            SizeTable wide = SizeTable.OfColumns(file, Sessions.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), Times, groups, synapses);
            return keep is null ? wide : wide.Where(keep);
        }

        if (SynapseColumn is null || SessionColumn is null || SizeColumn is null)
        {
            string missing = SynapseColumn is null ? "--synapse" : SessionColumn is null ? "--session" : "--size";
            throw new BadInputException($"{missing} is missing: a long table needs --synapse, --session and --size. {file.Path} has columns {Some([.. file.Names])}.");
        }

        return SizeTable.OfRows(file, SynapseColumn, SessionColumn, SizeColumn, groups, keep);
    }

    /// <summary>The sessions, or the pairs of sessions asked for.</summary>
    /// <param name="sessions">All sessions.</param>
    /// <param name="notes">Receives sentences worth telling.</param>
    public SizeTable Chosen(SizeTable sessions, ICollection<string> notes)
    {
        if (Interval is { } interval)
        {
            IReadOnlyList<(int, int)> pairs = sessions.PairsAt(interval);
            if (pairs.Count == 0)
            {
                throw new BadInputException($"No two sessions are {SizeTable.Text(interval)} apart; the intervals are {string.Join(", ", sessions.Intervals().Select(SizeTable.Text))}.");
            }

            notes.Add($"{pairs.Count} pair{(pairs.Count == 1 ? string.Empty : "s")} of sessions {SizeTable.Text(interval)} apart.");
            return sessions.Pairs(pairs);
        }

        double[] steps = [.. Enumerable.Range(1, sessions.Times.Length - 1).Select(t => sessions.Times[t] - sessions.Times[t - 1])];
        if (steps.Max() - steps.Min() > 1e-6 * steps.Max())
        {
            throw new BadInputException(
                $"The sessions are not equally spaced (steps {string.Join(", ", steps.Select(SizeTable.Text))}), so that one law cannot describe every step: choose pairs with --interval, for example --interval {SizeTable.Text(steps.GroupBy(s => s).MaxBy(g => g.Count())!.Key)}.");
        }

        return sessions;
    }

    /// <summary>The sizes with their controls and what is known about the measurement.</summary>
    /// <param name="table">The sessions used.</param>
    /// <param name="normalise">Whether groups are divided by their geometric means.</param>
    /// <param name="controls">Repeated measurements with their groups, or null.</param>
    /// <param name="notes">Receives sentences worth telling.</param>
    public (LongitudinalSizes Sizes, MeasurementOptions Options) Build(SizeTable table, bool normalise, SizeTable? controls, ICollection<string> notes)
    {
        if (Vanished == VanishedSynapses.Recorded && Limit is null)
        {
            throw new BadInputException("--vanished recorded needs the size below which synapses vanish: give it with --limit.");
        }

        try
        {
            LongitudinalSizes sizes = LongitudinalSizes.From(
                table.Sizes, new LongitudinalOptions { EpochOfSession = table.Epochs, Groups = table.Groups, NormaliseGroups = normalise, DetectionLimit = Limit });
            if (sizes.Excluded.Values.Sum() is > 0 and var left)
            {
                notes.Add($"{left} of {sizes.Read} synapses cannot be used by the likelihood of measured sizes ({PairedWeights.Describe(sizes.Excluded)}).");
            }

            if (controls is not null)
            {
                sizes = sizes.WithControls(controls.Sizes, new LongitudinalOptions { Groups = controls.Groups, NormaliseGroups = normalise && controls.Groups is not null });
                if (sizes.Controls!.Excluded.Values.Sum() is > 0 and var unusable)
                {
                    notes.Add($"{unusable} of {sizes.Controls.Read} controls cannot be used ({PairedWeights.Describe(sizes.Controls.Excluded)}).");
                }

                WarnOfUnits(sizes, notes);
            }

            bool repeats = table.Epochs.Length > table.Epochs[^1] + 1;
            MeasurementOptions options = new()
            {
                Source = SourceOf(controls is not null, repeats),
                Error = Error is not (null or "none" or "sessions") ? new MeasurementError(Relative(), AdditiveError ?? 0) : new MeasurementError(0, AdditiveError ?? 0),
                Vanished = Vanished,
                Method = Method,
                Sensitivity = Sensitivity,
            };
            return (sizes, options);
        }
        catch (Exception problem) when (problem is ArgumentException)
        {
            throw new BadInputException(DataFileException.Words(problem));
        }
    }

    /// <summary>Reads the controls: columns of a file or of the main table, rows that meet conditions.</summary>
    /// <param name="main">The main table.</param>
    /// <param name="fallback">Columns before and after of the main table, where no others are named.</param>
    /// <param name="groupColumns">Columns that name groups.</param>
    public SizeTable? ReadControls(DataFile main, string[] fallback, IReadOnlyList<string> groupColumns)
    {
        if (!HasControls)
        {
            return null;
        }

        if (Error is not null)
        {
            throw new BadInputException("--error gives the error and --control estimates it: give one of them.");
        }

        using DataFile? other = ControlFile is null ? null : DataFiles.Open(ControlFile);
        DataFile file = other ?? main;
        string[] columns = ControlColumns?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? fallback;
        if (columns.Length < 2)
        {
            throw new BadInputException($"Controls need two columns or more that hold repeated measurements; {(columns.Length == 0 ? "none was" : columns[0] + " alone was")} named. Example: --control-columns size_m15,size_m10");
        }

        double[][] sizes = [.. columns.Select(c => file.ReadNumbers(c).ToDouble())];
        if (sizes.Any(s => s.Length != sizes[0].Length))
        {
            throw new BadInputException($"The control columns of {file.Path} have different lengths.");
        }

        bool haveGroups = groupColumns.Count > 0 && groupColumns.All(c => file.Names.Contains(c));
        SizeTable controls = new(sizes, new int[sizes.Length], [.. Enumerable.Range(0, sizes.Length).Select(i => (double)i)], haveGroups ? Joined(file, groupColumns) : null, null);
        bool[]? keep = Selected(file, sizes[0].Length, ControlWhere);
        return keep is null ? controls : controls.Where(keep);
    }

    private static void WarnOfUnits(LongitudinalSizes sizes, ICollection<string> notes)
    {
        (double synapses, double controls) = (sizes.MedianSize(), sizes.Controls!.MedianSize());
        if (controls / synapses is > StrangeRatio or < 1 / StrangeRatio)
        {
            notes.Add(
                $"warning: the median size of the controls is {SizeTable.Text(controls)}, that of the synapses {SizeTable.Text(synapses)}: "
                + "are they in the same unit?");
        }
    }

    private ErrorSource SourceOf(bool controls, bool repeats) =>
        Error == "none" ? ErrorSource.None
        : Error == "sessions" ? ErrorSource.Sessions
        : Error is not null || AdditiveError is not null ? ErrorSource.Given
        : controls || repeats ? ErrorSource.Controls : ErrorSource.Unknown;

    private double Relative()
    {
        if (!double.TryParse(Error, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
        {
            throw new BadInputException($"--error is '{Error}'; give the standard deviation of the relative error (0.1 for 10 %), or none, or sessions.");
        }

        if (value == 0)
        {
            throw new BadInputException("--error is 0; say 'none' if the sizes are exact, and leave it out if the error is not known.");
        }

        return value is > 0 and < 3 ? value : throw new BadInputException($"--error is {value.ToString(CultureInfo.InvariantCulture)}; it must lie between 0 and 3 (0.1 is 10 %).");
    }

    /// <summary>Whether a table is of a size for which hidden sizes are worth building.</summary>
    public static bool IsTooLarge(int rows) => rows > MostRows;
}
