using System.Diagnostics;

namespace SynapticGeometry.Benchmarks;

/// <summary>Times of several runs of one thing.</summary>
internal sealed class Measurement(string name)
{
    private readonly List<double> wall = [];
    private readonly List<double> processor = [];

    public string Name { get; } = name;

    public int Rounds => wall.Count;

    /// <summary>Median elapsed time, s.</summary>
    public double Wall => Median(wall);

    /// <summary>Least elapsed time, s: what a shared machine gives when others leave it alone.</summary>
    public double LeastWall => wall.Min();

    /// <summary>Median processor time of the whole process, s: what a shared machine leaves comparable.</summary>
    public double Processor => Median(processor);

    /// <summary>Median of each round's ratio of elapsed times, this to another's: what slows a shared machine for some rounds cancels out.</summary>
    public double WallRatio(Measurement other) => Ratio(wall, other.wall);

    /// <summary>The same of processor times.</summary>
    public double ProcessorRatio(Measurement other) => Ratio(processor, other.processor);

    /// <summary>What the last run returned.</summary>
    public double Value { get; private set; }

    public void Add(double wallSeconds, double processorSeconds, double value)
    {
        wall.Add(wallSeconds);
        processor.Add(processorSeconds);
        Value = value;
    }

    /// <summary>Runs it once; the processor time, s.</summary>
    public double Run(Func<double> work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        double value = work();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double used = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        Add(seconds, used, value);
        return used;
    }

    private static double Ratio(List<double> times, List<double> others) => Median([.. times.Zip(others, (a, b) => a / b)]);

    private static double Median(List<double> times)
    {
        double[] sorted = [.. times.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
    }
}
