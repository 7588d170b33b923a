using System.Diagnostics;
using System.Globalization;

namespace SynapticGeometry.Benchmarks;

/// <summary>'syngeo' as users have it, a process by itself.</summary>
internal sealed class PublishedCommand
{
    private readonly string program;

    /// <summary>The program that --syngeo names, or the published one.</summary>
    /// <exception cref="ArgumentException">It is not there.</exception>
    public PublishedCommand(Arguments arguments)
    {
        program = arguments.Text("syngeo", Path.Combine(Results.Repository, "artifacts", "publish-syngeo", "syngeo"));
        if (!File.Exists(program))
        {
            throw new ArgumentException($"{program} is not there: publish first with 'dotnet publish src/SynapticGeometry.Cli -c Release -r linux-x64 -p:PublishReadyToRun=true -o artifacts/publish-syngeo', or name it with --syngeo.");
        }
    }

    /// <summary>Runs it once, silently.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="into">Gets the elapsed and the processor time.</param>
    /// <returns>The largest resident memory, MB.</returns>
    /// <exception cref="ArgumentException">It did not end with status 0.</exception>
    public double Run(string[] arguments, Measurement into)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        double memory = 0, processor = 0;
        while (!process.WaitForExit(10))
        {
            (double peak, double used) = Usage(process.Id);
            (memory, processor) = (Math.Max(memory, peak), Math.Max(processor, used));
        }

        output.Wait();
        if (process.ExitCode != 0)
        {
            throw new ArgumentException($"{program} {string.Join(' ', arguments)} ended with status {process.ExitCode}.");
        }

        into.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds, processor, 0);
        return memory;
    }

    // The kernel's own counts, in MB and s; gone with the process, hence read while it runs.
    private static (double PeakMegabytes, double ProcessorSeconds) Usage(int id)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            double peak = line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;

            // Fields 14 and 15 of stat, user and system time in hundredths of a second; the name before them may hold spaces.
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (peak, (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100);
        }
        catch (IOException)
        {
            return (0, 0);
        }
    }
}
