using System.Diagnostics;
using SynapticGeometry.Data;

namespace SynapticGeometry.Cli;

/// <summary>The file of --checkpoint: a learning study's record, read at the start, written on the way.</summary>
internal static class LearningCheckpoint
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    /// <summary>The record in a file; a new one where no file is named or there is none yet.</summary>
    /// <exception cref="BadInputException">The file is of another study, damaged, or cannot be read.</exception>
    public static LearningRecord Open(string? path, LearningStudy study, ulong seed)
    {
        if (path is null || !File.Exists(path))
        {
            return new LearningRecord();
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            return LearningRecord.Read(stream, study, seed);
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--checkpoint {path}: {problem.Message} Name another file, or remove this one to start anew.");
        }
    }

    /// <summary>Writes the record, whole or not at all.</summary>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Save(string path, LearningRecord record, LearningStudy study, ulong seed) =>
        AtomicFile.Write(path, stream => record.Write(stream, study, seed));

    /// <summary>Runs a study and writes its record every minute and at its end.</summary>
    /// <exception cref="BadInputException">Weights diverge, a rate is too high for the time step, or rule and transfer function do not go together.</exception>
    public static LearningResult Run(
        LearningStudy study, ulong seed, int threads, LearningRecord record, string? path, IProgress<(string Stage, double Done)> progress, CancellationToken cancellation)
    {
        progress.Report(("drawing samples", record.Share(study)));
        var since = Stopwatch.StartNew();
        try
        {
            LearningResult result = study.Run(new RandomSource(seed), threads, record, new Relay<double>(done =>
            {
                progress.Report(("learning", done));
                if (path is not null && since.Elapsed > Interval)
                {
                    Save(path, record, study, seed);
                    since.Restart();
                }
            }), cancellation);
            if (path is not null)
            {
                Save(path, record, study, seed);
            }

            return result;
        }
        catch (Exception problem) when (problem is ArithmeticException or ArgumentException or InvalidOperationException)
        {
            throw new BadInputException(DataFileException.Words(problem));
        }
    }
}
