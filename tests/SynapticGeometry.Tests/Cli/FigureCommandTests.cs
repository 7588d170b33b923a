using System.Text.Json;
using SynapticGeometry.Papers;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class FigureCommandTests : IDisposable
{
    private readonly CommandLine line = new();

    private string Out => line.PathOf("figures");

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task The_list_has_every_figure_and_computes_none()
    {
        Assert.Equal(0, await line.Run("figure", "--list"));
        string[] lines = line.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(FigureCatalog.All.Select(f => f.Id), lines.Select(l => l.Split("  ")[0].TrimEnd()));
        Assert.Single(FigureCatalog.All.Zip(lines, (f, l) => l.IndexOf(f.Title, StringComparison.Ordinal)).Distinct());
        Assert.Contains("(panels a-g)", line.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_folder_verdicts_are_printed_and_nothing_is_written()
    {
        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "KREUTZER-8"));
        Assert.Contains("holds  Natural-gradient steps", line.Output, StringComparison.Ordinal);
        Assert.Contains("2 figures, 4 claims: 4 hold, 0 fail.", line.Output, StringComparison.Ordinal);
        Assert.Contains("--out DIR", line.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(line.Folder));
    }

    [Fact]
    public async Task A_claim_that_fails_is_status_1_and_shown_as_failing()
    {
        Assert.Equal(1, await line.Run("figure", "kreutzer-11l", "--out", Out));
        Assert.Contains("FAILS", line.Output, StringComparison.Ordinal);
        string page = await Text(Path.Combine(Out, "index.html"));
        Assert.Contains("fails", page, StringComparison.Ordinal);
        Assert.Contains("kreutzer-11l/kreutzer-11l.png", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_figure_has_its_tables_drawings_and_record_and_a_place_in_the_gallery()
    {
        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "kreutzer-1d", "--out", Out, "--seed", "3"));

        string[] files = [.. Directory.GetFiles(Path.Combine(Out, "kreutzer-2")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        Assert.Equal(["cost.csv", "figure.json", "flows.csv", "kreutzer-2.npz", "kreutzer-2.pdf", "kreutzer-2.png", "kreutzer-2.svg"], files);
        string page = await Text(Path.Combine(Out, "index.html"));
        foreach (string id in new[] { "kreutzer-1d", "kreutzer-2" })
        {
            FigureRecord record = FigureRecord.Read(Path.Combine(Out, id, "figure.json"));
            Assert.Equal((id, 3UL, FigureScale.Sketch, true), (record.Id, record.Seed, record.Scale, record.Passed));
            Assert.Contains($"<h2 id=\"{id}\">", page, StringComparison.Ordinal);
            Assert.Contains("--seed 3", record.Command, StringComparison.Ordinal);
            Assert.All(record.Parameters, p => Assert.Contains(p.Name.Split(' ')[0], page, StringComparison.Ordinal));
            Assert.Equal(record.Claims.Count, FigureCatalog.Find(id).Figure.Claims.Count);
        }

        Assert.True(page.IndexOf("id=\"kreutzer-1d\"", StringComparison.Ordinal) < page.IndexOf("id=\"kreutzer-2\"", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(Out, "kreutzer-1d", "cost.csv")));
    }

    [Fact]
    public async Task A_finished_figure_is_used_again_unless_forced()
    {
        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "--out", Out));
        string record = Path.Combine(Out, "kreutzer-2", "figure.json");
        string first = await Text(record);
        File.Delete(Path.Combine(Out, "kreutzer-2", "kreutzer-2.pdf"));

        // The command of the first run stays in the record, and what was deleted is not written again: nothing was computed.
        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "--out", Out, "--quiet"));
        Assert.Equal(first, await Text(record));
        Assert.Contains("3 claims: 3 hold", line.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Out, "kreutzer-2", "kreutzer-2.pdf")));

        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "--out", Out, "--force"));
        Assert.NotEqual(first, await Text(record));
        Assert.True(File.Exists(Path.Combine(Out, "kreutzer-2", "kreutzer-2.pdf")));
    }

    [Theory]
    [InlineData("seed 1", "--seed", "2")]
    [InlineData("scale sketch", "--scale", "paper")]
    public async Task A_folder_with_another_seed_or_scale_is_not_mixed(string reason, params string[] options)
    {
        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "--out", Out));
        Assert.Equal(2, await line.Run(["figure", "kreutzer-2", "--out", Out, .. options]));
        Assert.Contains(reason, line.Error, StringComparison.Ordinal);
        Assert.Contains("--force", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_morphology_is_read_named_in_the_record_and_not_mixed_with_another()
    {
        string cell = line.Write("cell.swc", "1 1 0 0 0 8 -1\n2 3 20 0 0 1 1\n3 3 60 0 0 1 2\n");
        Assert.Equal(2, await line.Run("figure", "kreutzer-2", "--morphology", cell));
        Assert.Contains("no figure asked for reads it; it is for beyond-dendrite", line.Error, StringComparison.Ordinal);

        // On two pieces of dendrite the claims need not hold.
        Assert.InRange(await line.Run("figure", "beyond-dendritec", "--morphology", cell, "--out", Out), 0, 1);
        FigureRecord record = FigureRecord.Read(Path.Combine(Out, "beyond-dendritec", "figure.json"));
        Assert.StartsWith("cell.swc, SHA-256 ", Assert.Single(record.Parameters, p => p.Name == "morphology").Value, StringComparison.Ordinal);

        Assert.Equal(2, await line.Run("figure", "beyond-dendritec", "--out", Out));
        Assert.Contains("other data", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_half_finished_folder_is_explained()
    {
        Directory.CreateDirectory(Path.Combine(Out, "kreutzer-2"));
        await File.WriteAllTextAsync(Path.Combine(Out, "kreutzer-2", "cost.csv"), "x", TestContext.Current.CancellationToken);

        Assert.Equal(2, await line.Run("figure", "kreutzer-2", "--out", Out));
        Assert.Contains("has no figure.json: it is unfinished", line.Error, StringComparison.Ordinal);
        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "--out", Out, "--force"));
    }

    [Fact]
    public async Task A_damaged_record_is_explained()
    {
        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "--out", Out));
        await File.WriteAllTextAsync(Path.Combine(Out, "kreutzer-2", "figure.json"), "{ \"schema\"", TestContext.Current.CancellationToken);

        Assert.Equal(2, await line.Run("figure", "kreutzer-2", "--out", Out));
        Assert.Contains("cannot be read as a record of a figure", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_cut_off_keeps_what_is_finished()
    {
        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "--out", Out));
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();

        Assert.Equal(130, await line.Run(stop.Token, "figure", "kreutzer-2", "kreutzer-4", "--out", Out));
        Assert.Contains("1 of 2 figures are finished", line.Error, StringComparison.Ordinal);
        Assert.Equal(["index.html", "kreutzer-2"], Directory.GetFileSystemEntries(Out).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Json_goes_alone_to_standard_output_and_every_field_is_documented()
    {
        Assert.Equal(0, await line.Run("figure", "kreutzer-2", "kreutzer-8d", "--json", "-"));
        JsonElement root = JsonDocument.Parse(line.Output).RootElement;
        string documentation = await Text(Path.Combine(SharedFiles.Repository, "docs", "figures.md"));

        Assert.Equal("syngeo.figures/1", root.GetProperty("schema").GetString());
        Assert.Equal(["kreutzer-2", "kreutzer-8d"], root.GetProperty("figures").EnumerateArray().Select(f => f.GetProperty("id").GetString()!));
        Assert.True(root.GetProperty("passed").GetBoolean());
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        JsonFields.Collect(root, fields);
        Assert.Contains("at_most", fields);
        Assert.All(fields, f => Assert.Contains($"`{f}`", documentation, StringComparison.Ordinal));
        Assert.All(FigureCatalog.All, f => Assert.Contains($"`{f.Id}`", documentation, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Did you mean kreutzer-4?", "kreuzer-4")]
    [InlineData("Did you mean kreutzer-4", "kreutzer-4x")]
    [InlineData("There is no figure \"kreutzer-99\"", "kreutzer-99")]
    [InlineData("No figure is named")]
    [InlineData("Did you mean kreutzer2022?", "--paper", "kreutzer2021")]
    [InlineData("'--scal' is not an option", "kreutzer-2", "--scal")]
    [InlineData("huge", "kreutzer-2", "--scale", "huge")]
    [InlineData("nowhere.csv", "beyond-recorded", "--spikes", "nowhere.csv")]
    [InlineData("nowhere.swc", "beyond-dendrite", "--morphology", "nowhere.swc")]
    [InlineData("--threads is 0", "kreutzer-2", "--threads", "0")]
    public async Task Bad_input_is_status_2_with_its_reason(string reason, params string[] options)
    {
        Assert.Equal(2, await line.Run(["figure", .. options]));
        Assert.Contains(reason, line.Error, StringComparison.Ordinal);
        Assert.Empty(line.Output);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named()
    {
        // A file stands where a parent would be: no folder can be made there by anyone.
        string folder = Path.Combine(line.Write("taken", "x"), "figures");
        Assert.Equal(2, await line.Run("figure", "kreutzer-2", "--out", folder));
        Assert.Contains($"{folder} cannot be written to", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_or_another_page_in_the_way_is_not_replaced()
    {
        string file = line.Write("taken", "x");
        Assert.Equal(2, await line.Run("figure", "kreutzer-2", "--out", file));
        Assert.Contains("it is a file, not a folder", line.Error, StringComparison.Ordinal);

        Directory.CreateDirectory(Out);
        line.Write(Path.Combine("figures", "index.html"), "<p>mine</p>");
        Assert.Equal(2, await line.Run("figure", "kreutzer-2", "--out", Out));
        Assert.Contains("is another page", line.Error, StringComparison.Ordinal);
        Assert.Equal("<p>mine</p>", await Text(Path.Combine(Out, "index.html")));
    }

    private static Task<string> Text(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
}
