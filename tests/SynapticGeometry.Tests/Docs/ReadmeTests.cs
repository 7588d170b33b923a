using System.Diagnostics;
using SynapticGeometry.Tests.Cli;
using Xunit;

namespace SynapticGeometry.Tests.Docs;

/// <summary>What the README shows works as shown.</summary>
public sealed class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(SharedFiles.Repository, "README.md"));

    [Fact]
    public async Task The_first_command_writes_the_report_it_promises()
    {
        string command = Block("first command", "bash").Trim();
        Assert.StartsWith("dotnet run -c Release --project src/SynapticGeometry.Cli -- ", command, StringComparison.Ordinal);
        string[] args = command[(command.IndexOf(" -- ", StringComparison.Ordinal) + 4)..].Split(' ');
        int folder = Array.IndexOf(args, "--out") + 1;
        Assert.Contains($"`{args[folder]}/report.html`", Readme, StringComparison.Ordinal);

        using var line = new CommandLine();
        args[folder] = line.PathOf(args[folder]);
        Assert.Equal(0, await line.Run(args));
        Assert.True(File.Exists(Path.Combine(args[folder], "report.html")));
        Assert.Contains("built-in example", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_library_example_says_what_this_code_says()
    {
        // The example, line by line as in the README; its text is compared so that the two cannot part.
        (double[] before, double[] after, _) = new SimulatedSynapses { Count = 800, Exponent = 0.5 }.Draw(new RandomSource(seed: 7));
        InferenceResult result = GeometryInference.Infer(PairedWeights.From<double>(before, after), null, null, TestContext.Current.CancellationToken);
        string said = result.Verdict.Headline;

        Assert.StartsWith("The changes are those of the 1.5-norm", said, StringComparison.Ordinal);
        string shown = Block("library example", "csharp");
        Assert.Contains("(double[] before, double[] after, _) = new SimulatedSynapses { Count = 800, Exponent = 0.5 }.Draw(new RandomSource(seed: 7));", shown, StringComparison.Ordinal);
        Assert.Contains("InferenceResult result = GeometryInference.Infer(PairedWeights.From<double>(before, after));", shown, StringComparison.Ordinal);
        Assert.Contains("result.Verdict.Headline", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_link_leads_to_a_file()
    {
        foreach (string document in Directory.EnumerateFiles(SharedFiles.Repository, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(SharedFiles.Repository, "docs"), "*.md")))
        {
            string text = File.ReadAllText(document);
            for (int at = text.IndexOf("](", StringComparison.Ordinal); at >= 0; at = text.IndexOf("](", at + 2, StringComparison.Ordinal))
            {
                string target = text[(at + 2)..text.IndexOf(')', at)].Split('#')[0];
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
                {
                    string path = Path.Combine(Path.GetDirectoryName(document)!, target);
                    Assert.True(Path.Exists(path), $"{Path.GetFileName(document)} links to {target}, which is not there");
                }
            }
        }
    }

    [Theory]
    [InlineData("which-geometry.cs", "The changes are those of negative entropy", "every sign is kept")]
    [InlineData("own-rule.cs", "GradientPlasticity", "SaturatingPlasticity")]
    public async Task Every_example_runs_as_a_single_file(string example, string first, string second)
    {
        var start = new ProcessStartInfo("dotnet", ["run", Path.Combine(SharedFiles.Repository, "examples", example)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The test runner's own settings must not reach the build of the example.
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, error + await output);
        Assert.Contains(first, await output, StringComparison.Ordinal);
        Assert.Contains(second, await output, StringComparison.Ordinal);
    }

    private static string Block(string marker, string language)
    {
        string opening = $"<!-- {marker} -->\n```{language}\n";
        int at = Readme.IndexOf(opening, StringComparison.Ordinal);
        Assert.True(at >= 0, $"README has no block '{marker}'");
        int start = at + opening.Length;
        return Readme[start..Readme.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
