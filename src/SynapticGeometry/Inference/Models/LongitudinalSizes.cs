namespace SynapticGeometry;

/// <summary>How <see cref="LongitudinalSizes"/> are made from a table.</summary>
public sealed record LongitudinalOptions
{
    /// <summary>
    /// Epoch of each session, from 0, never falling: sessions of one epoch are repeated measurements of the same true size, and plasticity
    /// acts between epochs. Null: every session is an epoch of its own.
    /// </summary>
    public IReadOnlyList<int>? EpochOfSession { get; init; }

    /// <summary>One label a synapse (neuron, animal), or null.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>
    /// L, the smallest size that can be seen, in the unit of the sizes; null where nothing is known or nothing vanishes. A size of 0 or below L is
    /// "not detected".
    /// </summary>
    public double? DetectionLimit { get; init; }

    /// <summary>Whether each group's sizes are divided by its geometric mean at the first session; a detection limit is then not allowed.</summary>
    public bool NormaliseGroups { get; init; }
}

/// <summary>
/// Sizes of n synapses at one or more imaging sessions, checked and counted: log sizes relative to the geometric mean, NaN where not measured, −∞ where
/// looked for and not detected. A synapse is followed from the first session at which it was detected, and likelihoods condition on that.
/// </summary>
public sealed class LongitudinalSizes
{
    private readonly double[] logSizes;
    private readonly int[] epochOfSession;
    private readonly int[]? groupOf;

    internal LongitudinalSizes(
        double[] logSizes, int[] epochOfSession, double logUnit, double logLimit, int[]? groupOf, IReadOnlyList<string> groupNames,
        IReadOnlyDictionary<string, long> excluded, long read, LongitudinalSizes? controls)
    {
        this.logSizes = logSizes;
        this.epochOfSession = epochOfSession;
        this.groupOf = groupOf;
        LogUnit = logUnit;
        LogLimit = logLimit;
        GroupNames = groupNames;
        Excluded = excluded;
        Read = read;
        Controls = controls;
    }

    /// <summary>The reasons for which a synapse is left out, in the order in which they are checked and reported.</summary>
    public static IReadOnlyList<string> ExclusionReasons { get; } = ["not_finite", "negative", "missing", "appeared", "vanished"];

    /// <summary>Number of synapses, n.</summary>
    public int Count => logSizes.Length / Sessions;

    /// <summary>Number of sessions, T.</summary>
    public int Sessions => epochOfSession.Length;

    /// <summary>Epoch of each session, from 0.</summary>
    public IReadOnlyList<int> EpochOfSession => epochOfSession;

    /// <summary>Number of epochs: 1 for controls.</summary>
    public int Epochs => epochOfSession[^1] + 1;

    /// <summary>ln of the geometric mean of the first detected sizes: added to a log size it gives that in the unit of the input.</summary>
    public double LogUnit { get; }

    /// <summary>ln of the detection limit, relative to the geometric mean; −∞ without a limit.</summary>
    public double LogLimit { get; }

    /// <summary>Index of each synapse's group in <see cref="GroupNames"/>, or null without groups.</summary>
    public IReadOnlyList<int>? GroupOf => groupOf;

    /// <summary>Names of the groups; empty without groups.</summary>
    public IReadOnlyList<string> GroupNames { get; }

    /// <summary>Synapses in the input.</summary>
    public long Read { get; }

    /// <summary>Synapses left out, by reason; every reason is present, zeros too.</summary>
    public IReadOnlyDictionary<string, long> Excluded { get; }

    /// <summary>Synapses measured repeatedly with no plasticity between, on the same scale and unit; null without controls.</summary>
    public LongitudinalSizes? Controls { get; }

    /// <summary>Synapses and controls together: the length of a vector of log-likelihoods.</summary>
    public int TotalCount => Count + (Controls?.Count ?? 0);

    /// <summary>The log sizes of a synapse, one a session: NaN not measured, −∞ not detected.</summary>
    /// <param name="synapse">0 to <see cref="Count"/> − 1.</param>
    public ReadOnlySpan<double> this[int synapse] => logSizes.AsSpan(synapse * Sessions, Sessions);

    /// <summary>Checks a table of sizes.</summary>
    /// <param name="sizes">T sessions of n sizes each, in one unit: NaN not measured, 0 (or below the detection limit) not detected.</param>
    /// <param name="options">Epochs, groups, detection limit.</param>
    /// <exception cref="ArgumentException">Lengths differ, or epochs do not start at 0, fall or leave a gap.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The detection limit is not positive and finite.</exception>
    /// <exception cref="UninformativeDataException">Too few synapses remain, or the limit is above most sizes.</exception>
    public static LongitudinalSizes From(IReadOnlyList<double[]> sizes, LongitudinalOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        options ??= new LongitudinalOptions();
        int sessions = sizes.Count;
        ArgumentOutOfRangeException.ThrowIfZero(sessions, nameof(sizes));
        int read = sizes[0].Length;
        int[] epochs = EpochsOf(options, sessions);
        for (int t = 1; t < sessions; t++)
        {
            if (sizes[t].Length != read)
            {
                throw new ArgumentException($"Session 1 has {read} sizes and session {t + 1} has {sizes[t].Length}: there must be one a synapse.", nameof(sizes));
            }
        }

        if (options.Groups is { } labels && labels.Count != read)
        {
            throw new ArgumentException($"{labels.Count} group labels for {read} synapses: there must be one a synapse.", nameof(options));
        }

        double limit = CheckLimit(options, sizes);
        var excluded = new long[ExclusionReasons.Count];
        var kept = new List<int>(read);
        for (int i = 0; i < read; i++)
        {
            int reason = ReasonToExclude(sizes, i, limit, epochs);
            if (reason < 0)
            {
                kept.Add(i);
            }
            else
            {
                excluded[reason]++;
            }
        }

        var reasons = ExclusionReasons.Select((name, k) => (name, excluded[k])).ToDictionary(x => x.name, x => x.Item2, StringComparer.Ordinal);
        if (kept.Count < PairedWeights.MinimumCount)
        {
            throw new UninformativeDataException(
                $"Only {kept.Count} of {read} synapses can be used ({PairedWeights.Describe(reasons)}); at least {PairedWeights.MinimumCount} are needed.");
        }

        var log = new double[kept.Count * sessions];
        for (int k = 0; k < kept.Count; k++)
        {
            bool seen = false;
            for (int t = 0; t < sessions; t++)
            {
                double size = sizes[t][kept[k]];
                bool detected = size > 0 && size >= limit;
                seen |= detected;

                // A synapse that appears later is followed from its first detection on.
                log[(k * sessions) + t] = detected ? Math.Log(size) : seen && !double.IsNaN(size) ? double.NegativeInfinity : double.NaN;
            }
        }

        (int[]? groupOf, string[] names) = Label(options.Groups, kept);
        double unit = Centre(log, sessions, options.NormaliseGroups ? groupOf : null, names.Length);
        for (int t = 0; t < sessions; t++)
        {
            int end = Array.LastIndexOf(epochs, epochs[t]) + 1;
            if (end - t > 1)
            {
                // Repeats of one size differ by error alone; what all synapses share between them is brightness.
                RemoveSessionMeans(log, sessions, t, end);
            }

            t = end - 1;
        }

        return new LongitudinalSizes(log, epochs, unit, limit > 0 ? Math.Log(limit) - unit : double.NegativeInfinity, groupOf, names, reasons, read, null);
    }

    /// <summary>The same synapses with controls: sizes measured at two or more sessions between which nothing was learned.</summary>
    /// <param name="controls">T ≥ 2 sessions of sizes, in the unit of this set.</param>
    /// <param name="options">Groups and whether to normalise them; epochs and limit are not read.</param>
    /// <returns>
    /// This set with the controls on its scale. The mean log change between sessions (a change of brightness, say) is taken off, as it is between the
    /// repeats of an epoch, so that only the spread counts as error.
    /// </returns>
    /// <exception cref="ArgumentException">Fewer than two sessions.</exception>
    /// <exception cref="UninformativeDataException">Too few controls remain, or all of them are unchanged.</exception>
    public LongitudinalSizes WithControls(IReadOnlyList<double[]> controls, LongitudinalOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(controls);
        if (controls.Count < 2)
        {
            throw new ArgumentException($"Controls need at least two sessions; {controls.Count} was given.", nameof(controls));
        }

        options = (options ?? new LongitudinalOptions()) with { EpochOfSession = new int[controls.Count], DetectionLimit = null };
        LongitudinalSizes made = From(controls, options);

        double[] log = [.. made.logSizes];
        double shift = options.NormaliseGroups ? 0 : made.LogUnit - LogUnit;
        for (int i = 0; i < log.Length; i++)
        {
            log[i] += shift;
        }

        if (!log.Chunk(controls.Count).Any(row => row.Where(double.IsFinite).Distinct().Count() > 1))
        {
            throw new UninformativeDataException("No control changed between its sessions: its error would be zero.");
        }

        return With(new LongitudinalSizes(
            log, made.epochOfSession, LogUnit, double.NegativeInfinity, made.groupOf, made.GroupNames, made.Excluded, made.Read, null));
    }

    /// <summary>The median of the first sizes of all synapses, in the unit of the input (of groups that are normalised, in units of their geometric means).</summary>
    public double MedianSize()
    {
        double[] first = [.. Enumerable.Range(0, Count).Select(i => this[i][FirstMeasured(i)]).Order()];
        return Math.Exp(LogUnit + (0.5 * (first[(first.Length - 1) / 2] + first[first.Length / 2])));
    }

    /// <summary>The same synapses with other controls, or none.</summary>
    /// <param name="controls">A set of one epoch, or null.</param>
    internal LongitudinalSizes With(LongitudinalSizes? controls) =>
        new(logSizes, epochOfSession, LogUnit, LogLimit, groupOf, GroupNames, Excluded, Read, controls);

    /// <summary>The synapses at the given indices, in that order, with the same scale, limit and controls.</summary>
    /// <param name="indices">Indices into this set; an index may come more than once.</param>
    public LongitudinalSizes Select(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        var log = new double[indices.Count * Sessions];
        for (int k = 0; k < indices.Count; k++)
        {
            this[indices[k]].CopyTo(log.AsSpan(k * Sessions));
        }

        int[]? groups = groupOf is null ? null : [.. indices.Select(i => groupOf[i])];
        return new LongitudinalSizes(log, epochOfSession, LogUnit, LogLimit, groups, GroupNames, Excluded, Read, Controls);
    }

    /// <summary>At most <paramref name="maximum"/> synapses spread evenly over the set; the set itself where it is no larger.</summary>
    /// <param name="maximum">At least 1.</param>
    internal LongitudinalSizes Thin(int maximum) =>
        Count <= maximum ? this : Select([.. Enumerable.Range(0, maximum).Select(i => (int)((long)i * Count / maximum))]);

    /// <summary>The indices of the synapses of every group, in the order of <see cref="GroupNames"/>.</summary>
    internal int[][] GroupMembers()
    {
        ILookup<int, int> members = Enumerable.Range(0, Count).ToLookup(i => groupOf![i]);
        return [.. Enumerable.Range(0, GroupNames.Count).Select(g => members[g].ToArray())];
    }

    /// <summary>The same synapses without their groups.</summary>
    public LongitudinalSizes Ungrouped() => new(logSizes, epochOfSession, LogUnit, LogLimit, null, [], Excluded, Read, Controls);

    /// <summary>The same synapses under a higher detection limit: sizes below it count as not detected, synapses below it at first are dropped.</summary>
    /// <param name="factor">How many times the present limit; at least 1.</param>
    /// <exception cref="InvalidOperationException">There is no limit.</exception>
    public LongitudinalSizes WithHigherLimit(double factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        if (double.IsNegativeInfinity(LogLimit))
        {
            throw new InvalidOperationException("There is no detection limit to raise.");
        }

        double limit = LogLimit + Math.Log(factor);
        int[] kept = [.. Enumerable.Range(0, Count).Where(i => this[i][FirstMeasured(i)] >= limit)];
        LongitudinalSizes chosen = Select(kept);
        for (int i = 0; i < chosen.logSizes.Length; i++)
        {
            chosen.logSizes[i] = chosen.logSizes[i] < limit ? double.NegativeInfinity : chosen.logSizes[i];
        }

        return new LongitudinalSizes(chosen.logSizes, epochOfSession, LogUnit, limit, chosen.groupOf, GroupNames, Excluded, Read, Controls);
    }

    /// <summary>A set of the same design with other log sizes.</summary>
    internal LongitudinalSizes WithLogSizes(double[] values) =>
        new(values, epochOfSession, LogUnit, LogLimit, groupOf, GroupNames, Excluded, Read, Controls);

    /// <summary>The first session at which a synapse was measured.</summary>
    internal int FirstMeasured(int synapse)
    {
        ReadOnlySpan<double> row = this[synapse];
        int t = 0;
        while (double.IsNaN(row[t]))
        {
            t++;
        }

        return t;
    }

    /// <summary>Measured log sizes of each two consecutive detected sessions in neighbouring epochs.</summary>
    internal IEnumerable<(double Before, double After)> ConsecutivePairs() => PairsApart(1);

    /// <summary>Measured log sizes of each two consecutive detected sessions of one epoch.</summary>
    internal IEnumerable<(double Before, double After)> RepeatedPairs() => PairsApart(0);

    private IEnumerable<(double Before, double After)> PairsApart(int epochs)
    {
        for (int i = 0; i < Count; i++)
        {
            int last = -1;
            for (int t = 0; t < Sessions; t++)
            {
                if (!double.IsFinite(this[i][t]))
                {
                    continue;
                }

                if (last >= 0 && epochOfSession[t] == epochOfSession[last] + epochs)
                {
                    yield return (this[i][last], this[i][t]);
                }

                last = t;
            }
        }
    }

    private static int[] EpochsOf(LongitudinalOptions options, int sessions)
    {
        if (options.EpochOfSession is not { } given)
        {
            return [.. Enumerable.Range(0, sessions)];
        }

        if (given.Count != sessions)
        {
            throw new ArgumentException($"{given.Count} epochs for {sessions} sessions: there must be one a session.", nameof(options));
        }

        for (int t = 0; t < sessions; t++)
        {
            int before = t == 0 ? 0 : given[t - 1];
            if (given[t] != before && (t == 0 || given[t] != before + 1))
            {
                throw new ArgumentException($"The epochs of the sessions are {string.Join(", ", given)}; they must start at 0 and rise by 0 or 1 from one session to the next.", nameof(options));
            }
        }

        return [.. given];
    }

    private static double CheckLimit(LongitudinalOptions options, IReadOnlyList<double[]> sizes)
    {
        if (options.DetectionLimit is not { } limit)
        {
            return 0;
        }

        if (!(limit > 0 && double.IsFinite(limit)))
        {
            throw new ArgumentOutOfRangeException(nameof(options), limit, $"The detection limit is {limit}; it must be positive and finite.");
        }

        if (options.NormaliseGroups)
        {
            throw new ArgumentException("A detection limit is one size for all groups: it cannot be used where groups are divided by their geometric means.", nameof(options));
        }

        double[] seen = [.. sizes[0].Where(s => s > 0 && double.IsFinite(s)).Order()];
        if (seen.Length > 0 && limit > seen[seen.Length / 2])
        {
            throw new UninformativeDataException(
                $"The detection limit {limit:G4} is above most sizes: the median of the first session is {seen[seen.Length / 2]:G4}. Is it in the unit of the sizes?");
        }

        return limit;
    }

    private static int ReasonToExclude(IReadOnlyList<double[]> sizes, int synapse, double limit, int[] epochs)
    {
        int first = -1, later = 0;
        bool vanished = false, appeared = false;
        for (int t = 0; t < sizes.Count; t++)
        {
            double size = sizes[t][synapse];
            if (double.IsInfinity(size))
            {
                return 0;
            }

            if (size < 0)
            {
                return 1;
            }

            if (double.IsNaN(size))
            {
                continue;
            }

            bool detected = size > 0 && size >= limit;
            if (first < 0)
            {
                appeared |= !detected;
                first = detected ? t : -1;
                continue;
            }

            later++;
            vanished |= !detected;
        }

        // Without a limit the chance of vanishing has no size to depend on.
        bool unusable = first < 0 || (later == 0 && sizes.Count > 1) || (epochs[^1] > 0 && epochs[first] == epochs[^1]);
        return unusable ? (appeared ? 3 : 2) : vanished && limit == 0 ? 4 : -1;
    }

    private static (int[]? GroupOf, string[] Names) Label(IReadOnlyList<string>? labels, List<int> kept)
    {
        if (labels is null)
        {
            return (null, []);
        }

        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        var of = new int[kept.Count];
        for (int k = 0; k < of.Length; k++)
        {
            if (!index.TryGetValue(labels[kept[k]], out of[k]))
            {
                of[k] = index.Count;
                index.Add(labels[kept[k]], of[k]);
            }
        }

        return (of, [.. index.Keys]);
    }

    // Takes the mean first log size off everything, or that of each group; returns what was taken off (0 for groups).
    private static double Centre(double[] log, int sessions, int[]? groupOf, int groups)
    {
        int n = log.Length / sessions;
        var sum = new double[Math.Max(1, groupOf is null ? 1 : groups)];
        var count = new int[sum.Length];
        for (int i = 0; i < n; i++)
        {
            int g = groupOf is null ? 0 : groupOf[i];
            sum[g] += log.AsSpan(i * sessions, sessions).ToArray().First(double.IsFinite);
            count[g]++;
        }

        for (int i = 0; i < log.Length; i++)
        {
            int g = groupOf is null ? 0 : groupOf[i / sessions];
            log[i] -= sum[g] / count[g];
        }

        return groupOf is null ? sum[0] / count[0] : 0;
    }

    // Two-way means over what is there, by a few sweeps: the effects of sessions from..to−1 are taken off, those of synapses stay.
    private static void RemoveSessionMeans(double[] log, int sessions, int from, int to)
    {
        int n = log.Length / sessions;
        var effect = new double[sessions];
        var own = new double[n];
        for (int sweep = 0; sweep < 20; sweep++)
        {
            var sum = new double[sessions];
            var count = new int[sessions];
            for (int i = 0; i < n; i++)
            {
                double total = 0;
                int seen = 0;
                for (int t = from; t < to; t++)
                {
                    double x = log[(i * sessions) + t];
                    if (double.IsFinite(x))
                    {
                        total += x - effect[t];
                        seen++;
                    }
                }

                own[i] = seen > 0 ? total / seen : 0;
                for (int t = from; t < to; t++)
                {
                    double x = log[(i * sessions) + t];
                    if (double.IsFinite(x))
                    {
                        sum[t] += x - own[i];
                        count[t]++;
                    }
                }
            }

            for (int t = from; t < to; t++)
            {
                effect[t] = count[t] > 0 ? sum[t] / count[t] : 0;
            }
        }

        double mean = effect.AsSpan(from, to - from).ToArray().Average();
        for (int i = 0; i < n; i++)
        {
            for (int t = from; t < to; t++)
            {
                log[(i * sessions) + t] -= effect[t] - mean;
            }
        }
    }
}
