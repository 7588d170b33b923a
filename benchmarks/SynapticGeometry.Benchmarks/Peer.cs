using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace SynapticGeometry.Benchmarks;

/// <summary>A peer program that prints one JSON line with its times.</summary>
internal static class Peer
{
    /// <summary>Runs it and returns the JSON object of its last line.</summary>
    public static JsonElement Run(string program, IEnumerable<string> arguments) => Run(program, arguments, double.PositiveInfinity)!.Value;

    /// <summary>The same, but ends it once it has taken so much processor time; null then.</summary>
    public static JsonElement? Run(string program, IEnumerable<string> arguments, double processorSeconds)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false };

        // One core for the peer as for us.
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        try
        {
            using Process process = Process.Start(start) ?? throw new ArgumentException($"{program} did not start.");
            Task<string> reading = process.StandardOutput.ReadToEndAsync();
            while (!process.WaitForExit(double.IsFinite(processorSeconds) ? 500 : Timeout.Infinite))
            {
                if (process.TotalProcessorTime.TotalSeconds > processorSeconds)
                {
                    process.Kill(entireProcessTree: true);
                    return null;
                }
            }

            string output = reading.GetAwaiter().GetResult();
            string last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
            return process.ExitCode == 0 && last.StartsWith('{')
                ? JsonDocument.Parse(last).RootElement
                : throw new ArgumentException($"The peer ended with status {process.ExitCode} and printed \"{last}\".");
        }
        catch (Win32Exception e)
        {
            throw new ArgumentException($"{program} cannot be run: {e.Message} (name another with --python).", e);
        }
    }
}
