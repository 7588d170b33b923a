using System.Globalization;
using SynapticGeometry.Data;
using static SynapticGeometry.Cli.TableInput;

namespace SynapticGeometry.Cli;

/// <summary>Sizes of synapses at one or more sessions as read from a table, before anything is checked.</summary>
/// <param name="Sizes">One array a session, each with one size a synapse; NaN where not measured.</param>
/// <param name="Epochs">Epoch of each session, from 0.</param>
/// <param name="Times">Time of each session, rising.</param>
/// <param name="Groups">One label a synapse, or null.</param>
/// <param name="Synapses">One identifier a synapse, or null.</param>
internal sealed record SizeTable(IReadOnlyList<double[]> Sizes, int[] Epochs, double[] Times, string[]? Groups, string[]? Synapses)
{
    /// <summary>Number of synapses.</summary>
    public int Count => Sizes[0].Length;

    /// <summary>The rows that a condition keeps.</summary>
    public SizeTable Where(bool[] keep) => this with
    {
        Sizes = [.. Sizes.Select(s => Filter(s, keep))],
        Groups = Filter(Groups, keep),
        Synapses = Filter(Synapses, keep),
    };

    /// <summary>Reads sessions that are columns; the time of each is given, or the number at the end of its name, or its place.</summary>
    /// <exception cref="BadInputException">Times are not as many as sessions, no numbers, or do not rise.</exception>
    public static SizeTable OfColumns(DataFile file, string[] columns, string? times, string[]? groups, string[]? synapses)
    {
        if (columns.Length < 2)
        {
            throw new BadInputException($"--sessions names {columns.Length} column; at least two are needed. Example: --sessions w_d0,w_d4,w_d8");
        }

        double[] at = times is null ? Guess(columns) : Parse(times, columns.Length);
        MustRise(at, times is null ? [.. columns] : [.. at.Select(Text)]);
        return new SizeTable([.. columns.Select(c => file.ReadNumbers(c).ToDouble())], [.. Enumerable.Range(0, columns.Length)], at, groups, synapses);
    }

    /// <summary>Reads a long table: one row a synapse and session.</summary>
    /// <exception cref="BadInputException">A session is no number, a synapse is measured twice in one session or belongs to two groups, or there is one session only.</exception>
    public static SizeTable OfRows(DataFile file, string synapseColumn, string sessionColumn, string sizeColumn, string[]? groups, bool[]? keep)
    {
        string[] synapse = file.ReadText(synapseColumn), session = file.ReadText(sessionColumn);
        double[] size = file.ReadNumbers(sizeColumn).ToDouble();
        var rowOf = new Dictionary<string, int>(StringComparer.Ordinal);
        List<string> names = [], labels = [];
        var cells = new List<(int Row, double Time, double Size, int Line)>();
        for (int i = 0; i < size.Length; i++)
        {
            if (keep is not null && !keep[i])
            {
                continue;
            }

            if (!double.TryParse(session[i], NumberStyles.Float, CultureInfo.InvariantCulture, out double time) || !double.IsFinite(time))
            {
                throw new BadInputException($"Row {i + 2} of {file.Path} has session '{session[i]}' in column {sessionColumn}; sessions must be numbers (days, minutes, or their order).");
            }

            string group = groups?[i] ?? string.Empty, key = group + "\u001f" + synapse[i];
            if (!rowOf.TryGetValue(key, out int row))
            {
                row = names.Count;
                rowOf.Add(key, row);
                names.Add(groups is null ? synapse[i] : $"{group}/{synapse[i]}");
                labels.Add(group);
            }

            cells.Add((row, time, size[i], i + 2));
        }

        double[] times = [.. cells.Select(c => c.Time).Distinct().Order()];
        if (times.Length < 2)
        {
            throw new BadInputException($"Column {sessionColumn} of {file.Path} has {times.Length} different session{(times.Length == 1 ? string.Empty : "s")}; at least two are needed.");
        }

        double[][] table = [.. times.Select(_ => NotMeasured(names.Count))];
        var line = new Dictionary<(int, int), int>();
        foreach ((int row, double time, double value, int at) in cells)
        {
            int t = Array.BinarySearch(times, time);
            if (!line.TryAdd((row, t), at))
            {
                throw new BadInputException($"Rows {line[(row, t)]} and {at} of {file.Path} both hold synapse {names[row]} in session {Text(time)}: one size a synapse and session.");
            }

            table[t][row] = value;
        }

        return new SizeTable(table, [.. Enumerable.Range(0, times.Length)], times, groups is null ? null : [.. labels], [.. names]);
    }

    /// <summary>Pairs of sessions as columns of their own: every synapse once a pair.</summary>
    /// <param name="pairs">Indices of the sessions before and after.</param>
    public SizeTable Pairs(IReadOnlyList<(int Before, int After)> pairs)
    {
        double[] before = [.. pairs.SelectMany(p => Sizes[p.Before])], after = [.. pairs.SelectMany(p => Sizes[p.After])];

        // The pairs of one synapse share their sessions: where there are no larger groups, the synapse is the group.
        string[] own = Groups ?? Synapses ?? [.. Enumerable.Range(1, Count).Select(i => "row " + i.ToString(CultureInfo.InvariantCulture))];
        string[]? groups = pairs.Count == 1 && Groups is null ? null : [.. pairs.SelectMany(_ => own)];
        return new SizeTable([before, after], [0, 1], [0, Times[pairs[0].After] - Times[pairs[0].Before]], groups, null);
    }

    /// <summary>All pairs of sessions whose times differ by an interval.</summary>
    public IReadOnlyList<(int Before, int After)> PairsAt(double interval)
    {
        double close = 1e-6 * Math.Max(1, Math.Abs(Times[^1] - Times[0]));
        return [.. from b in Enumerable.Range(0, Times.Length) from a in Enumerable.Range(b + 1, Times.Length - b - 1) where Math.Abs(Times[a] - Times[b] - interval) <= close select (b, a)];
    }

    /// <summary>The intervals between any two sessions, rising.</summary>
    public IReadOnlyList<double> Intervals()
    {
        double close = 1e-6 * Math.Max(1, Math.Abs(Times[^1] - Times[0]));
        var found = new List<double>();
        foreach (double d in (from b in Enumerable.Range(0, Times.Length) from a in Enumerable.Range(b + 1, Times.Length - b - 1) select Times[a] - Times[b]).Order())
        {
            if (found.Count == 0 || d - found[^1] > close)
            {
                found.Add(d);
            }
        }

        return found;
    }

    /// <summary>The exponent by the interval between sessions, measured as a finished analysis was.</summary>
    public IReadOnlyList<IntervalEstimate> Compare(InferenceResult result, bool normalise, CancellationToken cancellation)
    {
        if (result.Measurement is not { } measurement)
        {
            return [];
        }

        IReadOnlyList<double> intervals = Intervals();
        var estimates = new IntervalEstimate[intervals.Count];
        Parallel.For(0, intervals.Count, new ParallelOptions { MaxDegreeOfParallelism = result.Options.Threads, CancellationToken = cancellation }, i =>
        {
            IReadOnlyList<(int, int)> at = PairsAt(intervals[i]);
            SizeTable table = Pairs(at);
            try
            {
                LongitudinalSizes pairs = LongitudinalSizes.From(table.Sizes, new LongitudinalOptions
                {
                    Groups = table.Groups,
                    NormaliseGroups = normalise && Groups is not null,
                    DetectionLimit = measurement.DetectionLimit,
                });
                estimates[i] = IntervalEstimate.Of(intervals[i], at.Count, pairs, measurement, result.Options.Drift, cancellation);
            }
            catch (UninformativeDataException problem)
            {
                estimates[i] = new IntervalEstimate(intervals[i], at.Count, 0, null, null, null, problem.Message);
            }
        });
        return estimates;
    }

    /// <summary>A number as a user would write it.</summary>
    public static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private static double[] NotMeasured(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }

    private static double[] Guess(string[] columns)
    {
        double?[] numbers = [.. columns.Select(NumberAtEnd)];
        return numbers.All(n => n is not null) && numbers.Distinct().Count() == numbers.Length
            ? [.. numbers.Select(n => n!.Value)]
            : [.. Enumerable.Range(0, columns.Length).Select(i => (double)i)];
    }

    private static double? NumberAtEnd(string name)
    {
        int start = name.Length;
        while (start > 0 && (char.IsAsciiDigit(name[start - 1]) || name[start - 1] == '.'))
        {
            start--;
        }

        return double.TryParse(name.AsSpan(start), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
    }

    private static double[] Parse(string times, int count)
    {
        string[] parts = times.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var values = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i]) || !double.IsFinite(values[i]))
            {
                throw new BadInputException($"--times has '{parts[i]}', which is no number.");
            }
        }

        return values.Length == count ? values : throw new BadInputException($"--times has {values.Length} numbers for {count} sessions; give one a session.");
    }

    private static void MustRise(double[] times, string[] names)
    {
        for (int t = 1; t < times.Length; t++)
        {
            if (!(times[t] > times[t - 1]))
            {
                throw new BadInputException($"The sessions are in the wrong order: {names[t]} comes after {names[t - 1]}. Times must rise from one session to the next.");
            }
        }
    }
}
