using SynapticGeometry.Data;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Cli;

/// <summary>All numbers of a learning study as named arrays, for Python, MATLAB or Julia; documented in docs/learn.md.</summary>
internal static class LearnArrays
{
    /// <summary>Writes learning.npz and learning.h5.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="outcome">What was found.</param>
    /// <param name="context">What goes into the HDF5 file's attributes.</param>
    /// <exception cref="DataFileException">A file cannot be written.</exception>
    public static void Write(string folder, LearningOutcome outcome, ReportContext context)
    {
        List<(string, NumericArray)> arrays = [.. Arrays(outcome)];
        NpzWriter.Write(Path.Combine(folder, "learning.npz"), arrays);
        Hdf5Writer.Write(Path.Combine(folder, "learning.h5"), arrays, new Dictionary<string, string>
        {
            ["command"] = context.Command,
            ["version"] = context.Version,
            ["rule"] = outcome.Rule,
        });
    }

    private static IEnumerable<(string Name, NumericArray Array)> Arrays(LearningOutcome outcome)
    {
        LearningResult result = outcome.Result;
        SpikingEnsemble ensemble = result.Study.Ensemble;
        (int trials, int n) = (outcome.Trials, outcome.Synapses);
        yield return ("rates", Array(ensemble.Input.Rates, n));
        if (result.Curve.Steps.Count > 0)
        {
            yield return ("t", Array(result.Curve.Steps.Select(s => s * ensemble.TimeStep), result.Curve.Steps.Count));
            yield return ("dkl", Array(result.Curve.Costs.SelectMany(c => c.Select(x => x.Divergence)), result.Curve.Costs.Count, trials));
            yield return ("rate_error", Array(result.Curve.Costs.SelectMany(c => c.Select(x => x.RateError)), result.Curve.Costs.Count, trials));
        }

        yield return ("weights_t", Array(result.Snapshots.Select(s => s.Step * ensemble.TimeStep), result.Snapshots.Count));
        yield return ("weights", Array(result.Snapshots.SelectMany(s => s.Weights), result.Snapshots.Count, trials, n));
        yield return ("initial_weights", Array(result.Snapshots[0].Weights, trials, n));
        yield return ("final_weights", Array(result.Snapshots[^1].Weights, trials, n));
        if (outcome.TargetWeights is not null)
        {
            yield return ("target_weights", Array(Enumerable.Range(0, trials).SelectMany(t => ((TargetWeights)outcome.TeacherOf(t)).Weights), trials, n));
        }

        for (int k = 0; k < result.Traces.Count; k++)
        {
            LearningTrace trace = result.Traces[k];
            int steps = trace.Steps.Count;
            yield return ($"trace{k}_t", Array(Enumerable.Range(1, steps).Select(s => (trace.FirstStep + s) * trace.TimeStep), steps));
            yield return ($"trace{k}_potential", Array(trace.Steps.Select(s => s.Potential), steps));
            yield return ($"trace{k}_teacher_spikes", Array(trace.Steps.Select(s => (double)s.TeacherSpikes), steps));
            if (trace.Steps.All(s => s.Factors is not null))
            {
                yield return ($"trace{k}_factor", Array(trace.Steps.Select(s => s.Factors!.Value.Factor), steps));
                yield return ($"trace{k}_uniform", Array(trace.Steps.Select(s => s.Factors!.Value.Uniform), steps));
                yield return ($"trace{k}_weight_dependent", Array(trace.Steps.Select(s => s.Factors!.Value.WeightDependent), steps));
            }

            yield return ($"trace{k}_input_step", Array(trace.Input.Select(i => (double)i.Step), trace.Input.Count));
            yield return ($"trace{k}_input_synapse", Array(trace.Input.Select(i => (double)i.Synapse), trace.Input.Count));
        }
    }

    private static NumericArray Array(IEnumerable<double> values, params long[] shape) => new(shape, values as double[] ?? [.. values]);
}
