namespace SynapticGeometry;

/// <summary>
/// The exponent under other assumptions: error × {0, 0.5, 1, 1.5}, detection limit × {1, 1.25, 1.5}, one per cent of the tails left out, no drift, one group
/// left out at a time. An answer worth having moves little.
/// </summary>
internal sealed class SensitivityAnalysis(
    LongitudinalSizes sizes, InferenceOptions options, MeasurementError error, Func<MeasurementError, ChangeLaw, bool, ChangeModel> modelFor, CancellationToken cancellation)
{
    private const double Trimmed = 0.01;

    // Beyond, groups are left out in an even selection: what matters is whether any one of them carries the answer.
    private const int MostGroups = 100;

    private static readonly double[] ErrorFactors = [0, 0.5, 1, 1.5];
    private static readonly double[] LimitFactors = [1, 1.25, 1.5];

    private readonly LongitudinalSizes alone = sizes.With(null);

    /// <summary>All rows, in a fixed order.</summary>
    /// <param name="estimate">The estimate under the assumptions made, to find the tails.</param>
    /// <param name="report">Told the share done.</param>
    public IReadOnlyList<SensitivityRow> Run(double estimate, Action<double> report)
    {
        var work = new List<Func<SensitivityRow>>();
        if (!error.IsNone)
        {
            work.AddRange(ErrorFactors.Select(f => (Func<SensitivityRow>)(() =>
                Row("error", f == 0 ? "error ignored" : f == 1 ? "error as used" : $"{f.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} times the error", f, error.Scaled(f), alone, options.Drift))));
        }

        if (double.IsFinite(sizes.LogLimit))
        {
            work.AddRange(LimitFactors.Select(f => (Func<SensitivityRow>)(() =>
                Row("limit", f == 1 ? "limit as given" : $"{f.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} times the limit", f, error, alone.WithHigherLimit(f), options.Drift))));
        }

        work.Add(() => Row("tails", "1 % of the tails left out", Trimmed, error, WithoutTails(estimate), options.Drift));
        if (options.Drift != Drift.Constant)
        {
            work.Add(() => Row("drift", "no size-dependent drift", null, error, alone, Drift.Constant));
        }

        if (sizes.GroupOf is { } groupOf && sizes.GroupNames.Count > 2)
        {
            int groups = sizes.GroupNames.Count, shown = Math.Min(groups, MostGroups);
            work.AddRange(Enumerable.Range(0, shown).Select(k => (int)((long)k * groups / shown)).Select(g => (Func<SensitivityRow>)(() =>
                Row("group", $"without {sizes.GroupNames[g]}", null, error, alone.Select([.. Enumerable.Range(0, sizes.Count).Where(i => groupOf[i] != g)]), options.Drift))));
        }

        var rows = new SensitivityRow[work.Count];
        int done = 0;
        Parallel.For(0, work.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, i =>
        {
            rows[i] = work[i]();
            report(Interlocked.Increment(ref done) / (double)work.Count);
        });
        return rows;
    }

    private SensitivityRow Row(string kind, string label, double? factor, MeasurementError tau, LongitudinalSizes data, Drift drift)
    {
        try
        {
            ChangeModelFit fit = modelFor(tau, new PowerLaw(drift), false).Fit(data, null, cancellation);
            string swamped = MeasuredInference.Swamped(tau, data.LogUnit, fit[ModelParameter.Change]);
            if (swamped.Length > 0)
            {
                return new SensitivityRow(kind, label, factor, data.Count, null, null, swamped);
            }

            double lambda = fit[ModelParameter.Exponent], se = fit.RobustStandardError(ModelParameter.Exponent);
            return se > 0 && double.IsFinite(se)
                ? new SensitivityRow(kind, label, factor, data.Count, lambda, MeasuredInference.RobustInterval(fit), string.Empty)
                : new SensitivityRow(kind, label, factor, data.Count, lambda, null, "at the end of the range searched");
        }
        catch (UninformativeDataException problem)
        {
            return new SensitivityRow(kind, label, factor, data.Count, null, null, problem.Message);
        }
    }

    // The synapses whose worst score is among the largest one per cent.
    private LongitudinalSizes WithoutTails(double estimate)
    {
        ChangeModel model = modelFor(error, new PowerLaw(Math.Clamp(estimate, PowerLaw.LowestExponent, PowerLaw.HighestExponent), options.Drift), false);
        ChangeModelFit fit = model.Fit(alone, null, cancellation);
        var worst = new double[alone.Count];
        foreach ((int synapse, double score) in model.NormalScores(alone, fit.Parameters))
        {
            worst[synapse] = Math.Max(worst[synapse], Math.Abs(score));
        }

        int drop = Math.Max(1, (int)Math.Round(Trimmed * alone.Count));
        HashSet<int> dropped = [.. Enumerable.Range(0, alone.Count).OrderByDescending(i => worst[i]).ThenBy(i => i).Take(drop)];
        return alone.Select([.. Enumerable.Range(0, alone.Count).Where(i => !dropped.Contains(i))]);
    }
}
