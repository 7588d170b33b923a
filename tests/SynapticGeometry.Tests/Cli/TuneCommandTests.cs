using System.Text.Json;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class TuneCommandTests : IDisposable
{
    private static readonly string[] Short = ["tune", "--n", "10", "--rates", "50", "--trials", "6", "--duration", "20"];

    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task Json_stands_alone_documented_with_the_same_budget_for_every_rule()
    {
        Assert.Equal(0, await line.Run([.. Short, "--evaluations", "4", "--target-rmse", "4", "--rule", "natural,approximate", "--convention", "released", "--json", "-"]));
        JsonElement root = JsonDocument.Parse(line.Output).RootElement;

        Assert.Equal("syngeo.tune/1", root.GetProperty("schema").GetString());
        JsonElement[] rules = [.. root.GetProperty("rules").EnumerateArray()];
        Assert.Equal(["natural", "approximate"], rules.Select(r => r.GetProperty("rule").GetString()));
        Assert.All(rules, r => Assert.Equal(4, r.GetProperty("tried").GetArrayLength()));
        Assert.All(rules, r => Assert.Equal(0.3 * r.GetProperty("printed_learning_rate").GetDouble(), r.GetProperty("learning_rate").GetDouble(), 1e-15));
        await JsonFields.MustBeDocumented(root, "learn.md");
    }

    [Fact]
    public async Task A_folder_holds_the_figure_and_every_rate_that_was_tried()
    {
        string folder = line.PathOf("tuned");
        Assert.Equal(0, await line.Run([.. Short, "--evaluations", "4", "--target-rmse", "4", "--rule", "natural", "--out", folder]));

        Assert.All(
            new[] { "report.html", "result.json", "tried.csv", "curve-natural.csv", "figures/tuning.svg", "figures/tuning.png", "figures/tuning.pdf" },
            f => Assert.True(new FileInfo(Path.Combine(folder, f)).Length > 100, f));
        Assert.Equal(5, (await File.ReadAllLinesAsync(Path.Combine(folder, "tried.csv"), TestContext.Current.CancellationToken)).Length);
        Assert.Contains("best learning rate", line.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_that_learn_different_tasks_are_told_apart()
    {
        string[] few = ["tune", "--n", "4", "--rates", "50", "--trials", "2", "--duration", "1", "--evaluations", "3"];
        string folder = line.PathOf("tuned");
        Assert.Equal(0, await line.Run([.. few, "--rule", "natural,exponentiated-gradient", "--target-rmse", "1e-6", "--out", folder]));
        string words = string.Join(' ', line.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("not learn the same task: natural with signs as drawn; exponentiated-gradient with fixed signs (0.8 excitatory). Their times are not to be compared; --excitatory given, they are.", words, StringComparison.Ordinal);
        Assert.Contains("not learn the same task", await File.ReadAllTextAsync(Path.Combine(folder, "report.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // No rate reaches such a target, and the empty panel says so.
        Assert.Contains("No rate reached", await File.ReadAllTextAsync(Path.Combine(folder, "figures", "tuning.svg"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, await line.Run([.. few, "--rule", "natural,exponentiated-gradient", "--excitatory", "0.8"]));
        Assert.DoesNotContain("same task", line.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("must be at least 3", "--evaluations", "2")]
    [InlineData("--start goes with one rule", "--start", "1e-3")]
    [InlineData("did you mean euclidean?", "--rule", "euclidian")]
    [InlineData("--target-rmse is 0", "--target-rmse", "0")]
    public async Task Bad_input_is_told_and_is_status_2(string message, params string[] options)
    {
        Assert.Equal(2, await line.Run([.. Short, .. options]));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
    }
}
