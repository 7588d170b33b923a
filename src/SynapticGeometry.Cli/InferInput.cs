using System.IO.Enumeration;
using SynapticGeometry.Data;
using static SynapticGeometry.Cli.TableInput;

namespace SynapticGeometry.Cli;

/// <summary>What 'syngeo infer' read.</summary>
/// <param name="Pairs">The weights before and after, as measured.</param>
/// <param name="Description">One line that says what they are.</param>
/// <param name="Sizes">The same synapses with all that was measured of them; null for weights that are exact.</param>
/// <param name="Measurement">What is known about the measurement; null for weights that are exact.</param>
/// <param name="Sessions">All sessions, where there are more than two; else null.</param>
/// <param name="Layers">Whether the groups are tensors of a network.</param>
internal sealed record InferData(
    PairedWeights Pairs, string Description, LongitudinalSizes? Sizes = null, MeasurementOptions? Measurement = null, SizeTable? Sessions = null, bool Layers = false);

/// <summary>What 'syngeo infer' was asked to read.</summary>
internal sealed record InferInput
{
    /// <summary>No file (the built-in example), one file with both weights, or a file before and a file after.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Name of the weights before: a column, member, dataset or tensor; of a table, several joined by commas are averaged.</summary>
    public string? Before { get; init; }

    /// <summary>Name of the weights after.</summary>
    public string? After { get; init; }

    /// <summary>Columns whose values, together, name a group.</summary>
    public IReadOnlyList<string> GroupColumns { get; init; } = [];

    /// <summary>Column that identifies a synapse.</summary>
    public string? IdentifierColumn { get; init; }

    /// <summary>Conditions COLUMN=VALUE on the rows of a table.</summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary>Wildcard for the names of arrays to pair by name.</summary>
    public string? Only { get; init; }

    /// <summary>How sizes were measured.</summary>
    public SizeInput Measurement { get; init; } = new();

    /// <summary>Whether to leave out negative weights.</summary>
    public bool PositiveOnly { get; init; }

    /// <summary>Whether to leave out sign flips.</summary>
    public bool ExcludeSignFlips { get; init; }

    /// <summary>Whether to divide each group by its geometric mean before.</summary>
    public bool NormaliseGroups { get; init; }

    /// <summary>Number of threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Reads and pairs the weights.</summary>
    /// <param name="notes">Receives sentences worth telling the user.</param>
    /// <returns>The pairs, what they are, and what is known of their measurement.</returns>
    /// <exception cref="BadInputException">The request cannot be followed.</exception>
    /// <exception cref="DataFileException">A file cannot be read.</exception>
    /// <exception cref="UninformativeDataException">The weights hold no answer.</exception>
    public InferData Read(ICollection<string> notes) => Files.Count switch
    {
        1 => ReadOneFile(notes),
        2 => ReadTwoFiles(notes),
        _ => throw new BadInputException($"{Files.Count} files were given; give one that holds both weights, or a file before and a file after."),
    };

    /// <summary>The built-in example in place of a file: its controls unless the error is given.</summary>
    public InferData FromExample((SizeTable Table, SizeTable Controls) example, string description)
    {
        SizeTable table = example.Table;
        PairedWeights pairs = Pair(null, null, table.Sizes[0], table.Sizes[1], table.Groups, null);
        return WithMeasurement(pairs, description, table, Measurement.Error is null ? example.Controls : null, null, []);
    }

    private InferData ReadOneFile(ICollection<string> notes)
    {
        string path = Files[0];
        using DataFile file = DataFiles.Open(path);
        if (!file.IsTable && (GroupColumns.Count > 0 || Where.Count > 0 || IdentifierColumn is not null || Measurement.HasSessions || Measurement.HasControls))
        {
            throw new BadInputException($"--group, --where, --id, --control and sessions need a table with columns (CSV, Parquet); {path} has {file.Noun}s.");
        }

        if (Measurement.HasSessions)
        {
            return ReadSessions(file, notes);
        }

        if (Before is null || After is null)
        {
            string names = string.Join(", ", file.Names.Take(20)) + (file.Names.Count > 20 ? ", ..." : string.Empty);
            throw new BadInputException(
                $"{(Before is null ? "--before" : "--after")} is missing: name the {file.Noun} of {path} that holds the weights {(Before is null ? "before" : "after")}; it has {names}. Or give two files.");
        }

        string description = $"{Name(path)}, {file.Noun}s {Before} (before) and {After} (after)";
        if (file.IsTable)
        {
            return ReadColumns(file, description, notes);
        }

        MustPair(file.ShapeOf(Before), $"{file.Noun} {Before}", file.ShapeOf(After), $"{file.Noun} {After}");
        return FromArrays(file.ReadNumbers(Before), file.ReadNumbers(After), description, notes);
    }

    private InferData ReadColumns(DataFile file, string description, ICollection<string> notes)
    {
        string[] beforeColumns = Columns(file, Before!), afterColumns = Columns(file, After!);
        string[]? groups = GroupColumns.Count == 0 ? null : Joined(file, GroupColumns);
        string[]? identifiers = IdentifierColumn is null ? null : WithGroup(file.ReadText(IdentifierColumn), groups);
        double[][] sizes = [.. beforeColumns.Concat(afterColumns).Select(c => file.ReadNumbers(c).ToDouble())];
        int[] epochs = [.. beforeColumns.Select(_ => 0), .. afterColumns.Select(_ => 1)];
        int longest = sizes.Max(s => s.Length);
        if (sizes.Any(s => s.Length != longest))
        {
            throw new BadInputException($"The columns of {file.Path} have different lengths: {string.Join(", ", beforeColumns.Concat(afterColumns).Zip(sizes, (c, s) => $"{c} {s.Length}"))}.");
        }

        SizeTable table = new(sizes, epochs, [.. Enumerable.Range(0, sizes.Length).Select(i => (double)i)], groups, identifiers);
        if (Selected(file, longest, Where) is { } keep)
        {
            table = table.Where(keep);
            description += $", rows with {string.Join(" and ", Where)}";
            if (table.Count == 0)
            {
                throw new BadInputException($"No row of {file.Path} has {string.Join(" and ", Where)}; {keep.Length} rows were read.");
            }
        }

        double[] before = Means(table, 0), after = Means(table, 1);
        if (table.Synapses is null && CountRepeats(before, after) is > 0 and var repeats)
        {
            notes.Add($"{repeats} of {before.Length} rows repeat the pair of weights of an earlier row; name the synapses' column with --id to leave out duplicates.");
        }

        SizeTable? controls = Measurement.ReadControls(file, [.. beforeColumns, .. afterColumns], GroupColumns);
        PairedWeights pairs = Pair(null, null, before, after, table.Groups, table.Synapses);
        return WithMeasurement(pairs, description, WithoutDuplicates(table, before, after), controls, null, notes);
    }

    private InferData ReadSessions(DataFile file, ICollection<string> notes)
    {
        if (Before is not null || After is not null)
        {
            throw new BadInputException("--before and --after name two sessions, --sessions or --session all of them: give one or the other.");
        }

        string[]? groups = GroupColumns.Count == 0 ? null : Joined(file, GroupColumns);
        int rows = file.ReadText(Measurement.SynapseColumn ?? Measurement.Sessions?.Split(',')[0].Trim() ?? Measurement.SessionColumn ?? Measurement.SizeColumn!).Length;
        string[]? identifiers = IdentifierColumn is null ? null : WithGroup(file.ReadText(IdentifierColumn), groups);
        SizeTable sessions = Measurement.ReadSessions(file, groups, identifiers, Selected(file, rows, Where));
        SizeTable chosen = Measurement.Chosen(sessions, notes);
        SizeTable steps = Measurement.Interval is null ? sessions.Pairs([.. Enumerable.Range(1, sessions.Times.Length - 1).Select(t => (t - 1, t))]) : chosen;
        string what = Measurement.Interval is { } interval ? $"pairs of sessions {SizeTable.Text(interval)} apart" : $"{sessions.Times.Length} sessions";
        string description = $"{Name(file.Path)}, {what} ({SizeTable.Text(sessions.Times[0])} to {SizeTable.Text(sessions.Times[^1])})" + (Where.Count > 0 ? $", rows with {string.Join(" and ", Where)}" : string.Empty);
        string[] fallback = Measurement.Sessions?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[..2] ?? [];
        SizeTable? controls = Measurement.ReadControls(file, fallback, GroupColumns);
        PairedWeights pairs = Pair(null, null, steps.Sizes[0], steps.Sizes[1], steps.Groups, null);
        return WithMeasurement(pairs, description, chosen, controls, sessions, notes);
    }

    private InferData WithMeasurement(PairedWeights pairs, string description, SizeTable table, SizeTable? controls, SizeTable? sessions, ICollection<string> notes)
    {
        bool signed = !PositiveOnly && table.Sizes.Any(s => s.Any(x => x < 0));
        if (signed && Measurement.SaysAnything)
        {
            throw new BadInputException("Some sizes are negative: an error of measurement, a detection limit and sessions are for positive sizes. Give --positive to leave out and count the negative ones.");
        }

        if (signed || SizeInput.IsTooLarge(table.Count))
        {
            return new InferData(pairs, description, Sessions: sessions);
        }

        (LongitudinalSizes sizes, MeasurementOptions options) = Measurement.Build(table, NormaliseGroups, controls, notes);
        return new InferData(pairs, description, sizes, options, sessions);
    }

    private InferData FromArrays(NumericArray before, NumericArray after, string description, ICollection<string> notes)
    {
        (float[]? b32, float[]? a32, double[]? b64, double[]? a64) = Unwrap(before, after);
        if (!Measurement.SaysAnything || (Measurement.Error == "none" && Measurement.Limit is null))
        {
            // Arrays are weights of networks and simulations, which are exact.
            return new InferData(Pair(b32, a32, b64, a64, null, null), description);
        }

        SizeTable table = new([before.ToDouble(), after.ToDouble()], [0, 1], [0, 1], null, null);
        return WithMeasurement(Pair(b32, a32, b64, a64, null, null), description, table, null, null, notes);
    }

    private InferData ReadTwoFiles(ICollection<string> notes)
    {
        (string pathBefore, string pathAfter) = (Files[0], Files[1]);
        if (GroupColumns.Count > 0 || Where.Count > 0 || IdentifierColumn is not null || Measurement.HasControls || Measurement.HasSessions)
        {
            throw new BadInputException("--group, --where, --id, --control and sessions work on one table; with two files the arrays' names are the groups.");
        }

        using DataFile fileBefore = DataFiles.Open(pathBefore), fileAfter = DataFiles.Open(pathAfter);
        string? nameBefore = Before ?? Sole(fileBefore), nameAfter = After ?? Before ?? Sole(fileAfter);
        string description = $"{Name(pathBefore)} (before) and {Name(pathAfter)} (after)";
        if (nameBefore is not null && nameAfter is not null)
        {
            MustPair(fileBefore.ShapeOf(nameBefore), Label(pathBefore, nameBefore), fileAfter.ShapeOf(nameAfter), Label(pathAfter, nameAfter));
            NumericArray b = fileBefore.ReadNumbers(nameBefore), a = fileAfter.ReadNumbers(nameAfter);
            return FromArrays(b, a, nameBefore.Length == 0 ? description : $"{description}, {nameBefore} and {nameAfter}", notes);
        }

        if (fileBefore.IsTable || fileAfter.IsTable)
        {
            throw new BadInputException($"Name the columns with --before and --after: {pathBefore} has {Some(fileBefore.Names)}; {pathAfter} has {Some(fileAfter.Names)}.");
        }

        if (Measurement.SaysAnything && Measurement.Error != "none")
        {
            throw new BadInputException("Arrays matched by name are the tensors of networks, which are exact: measurement options are for one table or one pair of arrays.");
        }

        return new InferData(PairByName(fileBefore, fileAfter, notes), $"{description}, {fileBefore.Noun}s matched by name{(Only is null ? string.Empty : $" ({Only})")}", Layers: true);
    }

    private PairedWeights PairByName(DataFile fileBefore, DataFile fileAfter, ICollection<string> notes)
    {
        HashSet<string> inAfter = [.. fileAfter.Names];
        List<string> names = [.. fileBefore.Names.Where(n => inAfter.Contains(n) && (Only is null || FileSystemName.MatchesSimpleExpression(Only, n, ignoreCase: false)))];
        string[] unmatched = [.. fileBefore.Names.Except(fileAfter.Names).Concat(fileAfter.Names.Except(fileBefore.Names))];
        if (names.Count == 0)
        {
            throw new BadInputException(
                $"No {fileBefore.Noun} of {fileBefore.Path} ({Some(fileBefore.Names)}) has its namesake in {fileAfter.Path} ({Some(fileAfter.Names)})"
                + (Only is null ? "." : $" and matches --only {Only}."));
        }

        if (unmatched.Length > 0)
        {
            notes.Add($"{unmatched.Length} {fileBefore.Noun}s are in one of the two files only and are left out: {Some(unmatched)}.");
        }

        var arrays = new List<(string Name, NumericArray Before, NumericArray After)>(names.Count);
        UInt128 total = 0;
        foreach (string name in names)
        {
            IReadOnlyList<long> shape = fileBefore.ShapeOf(name);
            MustPair(shape, Label(fileBefore.Path, name), fileAfter.ShapeOf(name), Label(fileAfter.Path, name));
            total += shape.Aggregate((UInt128)1, (product, length) => UInt128.Min(product * (UInt128)length, long.MaxValue));
        }

        string[] flat = [.. names.Where(n => fileBefore.ShapeOf(n).Count < 2)];
        if (flat.Length > 0 && flat.Length < names.Count)
        {
            notes.Add($"{flat.Length} of {names.Count} {fileBefore.Noun}s have fewer than two dimensions ({Some(flat)}). In networks these are biases and scales of normalisations, which often learn by another rule: --only chooses others.");
        }

        // Before anything is read: what two small files declare may be more than there is memory for.
        if (total > (UInt128)Array.MaxLength)
        {
            throw new BadInputException($"The files hold {total} weights; at most {Array.MaxLength} can be taken together. Choose some with --only.");
        }

        foreach (string name in names)
        {
            arrays.Add((name, fileBefore.ReadNumbers(name), fileAfter.ReadNumbers(name)));
        }

        if (arrays.All(x => x.Before.SingleValues is not null && x.After.SingleValues is not null))
        {
            float[] b = new float[(int)total], a = new float[(int)total];
            return Pair(b, a, null, null, Concatenate(arrays, (at, x) =>
            {
                x.Before.SingleValues!.CopyTo(b, at);
                x.After.SingleValues!.CopyTo(a, at);
            }), null);
        }

        double[] b64 = new double[(int)total], a64 = new double[(int)total];
        return Pair(null, null, b64, a64, Concatenate(arrays, (at, x) =>
        {
            x.Before.ToDouble().CopyTo(b64, at);
            x.After.ToDouble().CopyTo(a64, at);
        }), null);
    }

    private static RunLabels? Concatenate(
        List<(string Name, NumericArray Before, NumericArray After)> arrays, Action<int, (string Name, NumericArray Before, NumericArray After)> copy)
    {
        var lengths = new List<(string Name, int Count)>(arrays.Count);
        int at = 0;
        for (int i = 0; i < arrays.Count; i++)
        {
            copy(at, arrays[i]);
            at += arrays[i].Before.Count;
            lengths.Add((arrays[i].Name, arrays[i].Before.Count));

            // Millions of weights: each array goes as soon as it is copied.
            arrays[i] = default;
        }

        return lengths.Count == 1 ? null : new RunLabels(lengths);
    }

    private PairedWeights Pair(float[]? before32, float[]? after32, double[]? before, double[]? after, IReadOnlyList<string>? groups, IReadOnlyList<string>? identifiers)
    {
        var options = new PairingOptions
        {
            Groups = groups,
            Identifiers = identifiers,
            PositiveOnly = PositiveOnly,
            ExcludeSignFlips = ExcludeSignFlips,
            NormaliseGroups = NormaliseGroups,
            Threads = Threads,
        };
        if (NormaliseGroups && groups is null)
        {
            throw new BadInputException("--normalise-groups needs groups: name their column with --group.");
        }

        return before32 is not null
            ? PairedWeights.From<float>(before32, after32, options)
            : PairedWeights.From<double>(before, after, options);
    }

    private static (float[]? Before32, float[]? After32, double[]? Before, double[]? After) Unwrap(NumericArray before, NumericArray after) =>
        before.SingleValues is not null && after.SingleValues is not null
            ? (before.SingleValues, after.SingleValues, null, null)
            : (null, null, before.ToDouble(), after.ToDouble());

    private static void MustPair(IReadOnlyList<long> before, string beforeName, IReadOnlyList<long> after, string afterName)
    {
        if (!before.SequenceEqual(after))
        {
            throw new BadInputException($"{beforeName} has shape ({string.Join(", ", before)}) and {afterName} has shape ({string.Join(", ", after)}): they must be the same.");
        }

        if (before.Contains(0))
        {
            throw new BadInputException($"{beforeName} holds no values.");
        }
    }

    // The first row of every identifier, among those that can be paired.
    private static SizeTable WithoutDuplicates(SizeTable table, double[] before, double[] after)
    {
        if (table.Synapses is not { } names)
        {
            return table;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        return table.Where([.. names.Select((name, i) => double.IsNaN(before[i] + after[i]) || seen.Add(name))]);
    }

    // The columns of an epoch averaged; NaN where one is missing.
    private static double[] Means(SizeTable table, int epoch)
    {
        double[][] columns = [.. table.Sizes.Where((_, t) => table.Epochs[t] == epoch)];
        return columns.Length == 1 ? columns[0] : [.. Enumerable.Range(0, table.Count).Select(i => columns.Average(c => c[i]))];
    }

    // The same number in two groups is two synapses.
    private static string[] WithGroup(string[] identifiers, string[]? groups) =>
        groups is null ? identifiers : [.. identifiers.Zip(groups, (id, g) => g + "\u001f" + id)];

    private static int CountRepeats(double[] before, double[] after)
    {
        var seen = new HashSet<(double, double)>(before.Length);
        return before.Zip(after).Count(p => !double.IsNaN(p.First + p.Second) && p.First != p.Second && p.First != 0 && p.Second != 0 && !seen.Add(p));
    }

    private static string Label(string path, string name) => name.Length == 0 ? path : $"{name} of {path}";
}
