namespace SynapticGeometry.Data;

/// <summary>Where spikes stand in a file.</summary>
public sealed record SpikeTrainOptions
{
    /// <summary>
    /// The array of spike times; null to find it: t_s, t_ms, time, times, spike_times (with or without a unit of time), or
    /// units/spike_times of an NWB file.
    /// </summary>
    public string? Times { get; init; }

    /// <summary>The array of the units that fired, as long as the times; null to find it: unit, units, cell, neuron, id, spike_clusters.</summary>
    public string? Units { get; init; }

    /// <summary>How many seconds one unit of the times is; null for 0.001 where their name ends in ms, else 1.</summary>
    public double? SecondsPerUnit { get; init; }

    /// <summary>Length of the recording, s; null for just beyond the last spike.</summary>
    public double? Duration { get; init; }

    /// <summary>
    /// The array of trial numbers, where times begin anew in each trial. Trials are laid end to end in order of their numbers, each
    /// <see cref="TrialDuration"/> long; a number without spikes is a trial without spikes.
    /// </summary>
    public string? Trials { get; init; }

    /// <summary>Length of a trial, s; needed with <see cref="Trials"/>.</summary>
    public double? TrialDuration { get; init; }
}

/// <summary>
/// Reads recorded spike trains: tables of events (CSV, TSV, Parquet: a time and a unit a row), .npz (arrays of times and units, or one
/// array of times a unit) and HDF5 in NWB's layout (units/spike_times with units/spike_times_index) or as .npz.
/// </summary>
public static class SpikeTrainFile
{
    private static readonly string[] TimeNames = ["t_s", "t_ms", "time_s", "time_ms", "time", "times", "spike_times", "spike_times_s", "spike_times_ms"];
    private static readonly string[] UnitNames = ["unit", "units", "unit_id", "cell", "neuron", "id", "spike_clusters"];

    /// <summary>Reads spike trains.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="options">Where the spikes stand; null to find them.</param>
    /// <exception cref="DataFileException">
    /// The file cannot be read, has no spikes where they are looked for, or they are not in order of time within a unit, negative, not
    /// finite, or after the end of the recording.
    /// </exception>
    public static SpikeTrains Read(string path, SpikeTrainOptions? options = null)
    {
        using DataFile file = DataFiles.Open(path);
        return Read(file, options ?? new SpikeTrainOptions());
    }

    internal static SpikeTrains Read(DataFile file, SpikeTrainOptions options)
    {
        try
        {
            string? nwb = file.Names.FirstOrDefault(n => n.TrimStart('/') is "units/spike_times_index");
            string? times = options.Times ?? (nwb is null ? Find(file, TimeNames) : nwb[..^"_index".Length]);
            string? units = options.Units ?? Find(file, UnitNames);
            return nwb is not null && options.Units is null ? Indexed(file, times!, times + "_index", options)
                : times is not null && (units is not null || options.Trials is not null || file.IsTable) ? Events(file, times, units, options)
                : OneArrayAUnit(file, options);
        }
        catch (ArgumentException e)
        {
            throw new DataFileException($"{file.Path}: {DataFileException.Words(e)}", e);
        }
    }

    private static string? Find(DataFile file, string[] candidates) =>
        candidates.Select(c => file.Names.FirstOrDefault(n => string.Equals(n.TrimStart('/'), c, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(n => n is not null);

    // One row a spike.
    private static SpikeTrains Events(DataFile file, string timesName, string? unitsName, SpikeTrainOptions options)
    {
        double[] times = Seconds(file, timesName, options);
        string[] units = unitsName is null
            ? throw new DataFileException($"{file.Path} has no {file.Noun} of units among {string.Join(", ", UnitNames)}; name it. It has: {string.Join(", ", file.Names)}.")
            : file.ReadText(unitsName);
        if (options.Trials is null)
        {
            return SpikeTrains.FromEvents(units, times, options.Duration ?? double.NaN);
        }

        double length = options.TrialDuration is { } d && d > 0 && double.IsFinite(d)
            ? d
            : throw new DataFileException($"The duration of a trial is {(options.TrialDuration?.ToString() ?? "not given")}; where times begin anew in each trial it must be given, in seconds, finite and positive.");
        double[] trials = file.ReadNumbers(options.Trials).ToDouble();
        if (trials.Length != times.Length || trials.Length == 0)
        {
            throw new DataFileException($"{file.Path} has {times.Length} times and {trials.Length} trial numbers; there must be as many, and some.");
        }

        double first = trials.Min(), last = trials.Max();
        for (int i = 0; i < times.Length; i++)
        {
            if (!(times[i] >= 0 && times[i] < length) || trials[i] != Math.Floor(trials[i]))
            {
                throw new DataFileException($"{file.Path}: spike {i} is at {times[i]} s of trial {trials[i]}; times must lie from 0 to before the trial's end, {length} s, and trials be whole numbers.");
            }

            times[i] += (trials[i] - first) * length;
        }

        return SpikeTrains.FromEvents(units, times, options.Duration ?? ((last - first + 1) * length));
    }

    // NWB's ragged array: all units' times one after the other, and the index of each unit's end.
    private static SpikeTrains Indexed(DataFile file, string timesName, string indexName, SpikeTrainOptions options)
    {
        double[] times = Seconds(file, timesName, options), ends = file.ReadNumbers(indexName).ToDouble();
        List<double[]> trains = [];
        int from = 0;
        for (int u = 0; u < ends.Length; u++)
        {
            int end = ends[u] >= from && ends[u] <= times.Length && ends[u] == Math.Floor(ends[u])
                ? (int)ends[u]
                : throw new DataFileException($"{file.Path}, {file.Noun} \"{indexName}\": unit {u} ends at {ends[u]}; ends must be whole numbers, ascend and not exceed the {times.Length} spikes.");
            trains.Add(times[from..end]);
            from = end;
        }

        if (from != times.Length)
        {
            throw new DataFileException($"{file.Path}, {file.Noun} \"{indexName}\": the last unit ends at {from}, but there are {times.Length} spikes.");
        }

        string ids = timesName[..^"spike_times".Length] + "id";
        return new SpikeTrains(trains, options.Duration ?? double.NaN, file.Names.Contains(ids) ? file.ReadText(ids) : null);
    }

    private static SpikeTrains OneArrayAUnit(DataFile file, SpikeTrainOptions options)
    {
        if (file.IsTable)
        {
            throw new DataFileException($"{file.Path} has no {file.Noun} of spike times among {string.Join(", ", TimeNames)}; name it. It has: {string.Join(", ", file.Names)}.");
        }

        return new SpikeTrains([.. file.Names.Select(n => Seconds(file, n, options))], options.Duration ?? double.NaN, [.. file.Names.Select(n => n.TrimStart('/'))]);
    }

    private static double[] Seconds(DataFile file, string name, SpikeTrainOptions options)
    {
        NumericArray array = file.ReadNumbers(name);
        if (array.Shape.Count(d => d != 1) > 1)
        {
            throw new DataFileException($"{file.Path}, {file.Noun} \"{name}\" has shape ({string.Join(", ", array.Shape)}); spike times are one list.");
        }

        double factor = options.SecondsPerUnit ?? (name.EndsWith("ms", StringComparison.OrdinalIgnoreCase) ? 0.001 : 1);
        return factor > 0 && double.IsFinite(factor)
            ? Array.ConvertAll(array.ToDouble(), t => t * factor)
            : throw new DataFileException($"One unit of time is given as {factor} s; it must be finite and positive.");
    }
}
