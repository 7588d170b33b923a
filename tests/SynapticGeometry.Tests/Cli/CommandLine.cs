using SynapticGeometry.Cli;

namespace SynapticGeometry.Tests.Cli;

/// <summary>Runs the command line in this process and keeps what it printed; a folder of its own that goes when the test ends.</summary>
internal sealed class CommandLine : IDisposable
{
    public CommandLine() => Folder = Directory.CreateTempSubdirectory("syngeo-test-").FullName;

    public string Folder { get; }

    public string Output { get; private set; } = string.Empty;

    public string Error { get; private set; } = string.Empty;

    public string PathOf(string name) => System.IO.Path.Combine(Folder, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return PathOf(name);
    }

    public Task<int> Run(params string[] args) => Run(CancellationToken.None, args);

    public async Task<int> Run(CancellationToken cancellation, params string[] args)
    {
        using StringWriter output = new(), error = new();
        int status = await CommandLineApplication.RunAsync(args, output, error, cancellation);
        (Output, Error) = (output.ToString(), error.ToString());
        return status;
    }

    /// <summary>A table of simulated spines with columns id, dendrite, day0, day7.</summary>
    public string Spines(int count = 300, double exponent = 0.5)
    {
        (double[] before, double[] after, string[] group) = new SimulatedSynapses { Count = count, Exponent = exponent, Groups = 6, RelativeChange = 0.2 }
            .Draw(new RandomSource(1).Fork("command-line test"));
        return Write("spines.csv", "id,dendrite,day0,day7\n" + string.Concat(before.Select((b, i) => FormattableString.Invariant($"{i},{group[i]},{b:R},{after[i]:R}\n"))));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
