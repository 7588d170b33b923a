using System.Diagnostics;

namespace SynapticGeometry.Cli;

/// <summary>
/// Progress of training, with the work that follows it in the share: the time that is left is what a user wants to know, and telling the geometry of
/// millions of weights takes minutes.
/// </summary>
/// <param name="progress">Told stage and share.</param>
/// <param name="telling">Seconds that telling is expected to take.</param>
internal sealed class TrainProgress(IProgress<(string Stage, double Done)> progress, double telling)
{
    // Of one weight under five candidates and of a network at all, on one thread: near enough for the time left.
    private const double SecondsPerWeight = 2e-5, SecondsPerNetwork = 0.15;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Lock gate = new();
    private double? begun;
    private double trained;

    /// <summary>Seconds that telling the geometry of networks takes.</summary>
    public static double Telling(double networks, double weights) => networks * (SecondsPerNetwork + (weights * SecondsPerWeight));

    /// <summary>Training has come so far, 0 to 1.</summary>
    public void Training(string stage, double done)
    {
        lock (gate)
        {
            // What an earlier run has done took none of this one's time.
            begun ??= done;
            double elapsed = clock.Elapsed.TotalSeconds, since = done - begun.Value;
            Report(stage, since > 0 ? elapsed * (1 - done) / since + telling : double.PositiveInfinity);
        }
    }

    /// <summary>The geometry of so many networks is told.</summary>
    public void Told(string stage, int done, int networks)
    {
        trained = done == 0 ? clock.Elapsed.TotalSeconds : trained;
        Report(stage, done == 0 ? telling : (clock.Elapsed.TotalSeconds - trained) * (networks - done) / done);
    }

    private void Report(string stage, double left) => progress.Report((stage, clock.Elapsed.TotalSeconds / (clock.Elapsed.TotalSeconds + left)));
}
