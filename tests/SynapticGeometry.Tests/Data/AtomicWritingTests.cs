using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Files and folders appear whole or not at all.</summary>
public sealed class AtomicWritingTests
{
    [Fact]
    public void A_file_appears_only_when_it_is_whole()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.Write(folder["result.json"], stream =>
        {
            stream.Write("new"u8);
            Assert.DoesNotContain("result.json", folder.Entries);
        });
        Assert.Equal(["result.json"], folder.Entries);
        Assert.Equal("new", File.ReadAllText(folder["result.json"]));
    }

    [Fact]
    public void A_failure_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["result.json"], "old");
        Assert.Throws<OperationCanceledException>(() => AtomicFile.Write(folder["result.json"], stream =>
        {
            stream.Write("half"u8);
            throw new OperationCanceledException();
        }));
        Assert.Equal(["result.json"], folder.Entries);
        Assert.Equal("old", File.ReadAllText(folder["result.json"]));

        AtomicFile.Write(folder["result.json"], stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(folder["result.json"]));
    }

    [Fact]
    public void What_an_interrupted_run_left_does_not_stand_in_the_way()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[".w.0.partial"], "left behind");
        AtomicFile.Write(folder["w"], stream => stream.Write("new"u8));
        Assert.Equal([".w.0.partial", "w"], folder.Entries);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("there is no folder", Assert.Throws<DataFileException>(() => AtomicFile.Create(folder["none/w"])).Message, StringComparison.Ordinal);
        Assert.Equal($"{folder.Path} cannot be written: it is a folder.", Assert.Throws<DataFileException>(() => AtomicFile.Create(folder.Path)).Message);
    }

    [Fact]
    public void A_folder_appears_only_when_it_is_whole()
    {
        using var folder = new TemporaryFolder();
        AtomicDirectory.Write(folder["out"], force: false, path =>
        {
            Fill(path);
            Assert.False(Directory.Exists(folder["out"]));
        });
        Assert.Equal(["out"], folder.Entries);
        Assert.Equal("new", File.ReadAllText(folder["out/figures/a.svg"]));
    }

    [Fact]
    public void A_failure_leaves_no_folder_nor_the_parents_made_for_it()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<OperationCanceledException>(() => AtomicDirectory.Write(folder["deep/er/out"], force: false, path =>
        {
            Fill(path);
            throw new OperationCanceledException();
        }));
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void A_folder_with_files_is_refused_unless_forced_and_then_keeps_its_other_files()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["out/figures"]);
        File.WriteAllText(folder["out/figures/a.svg"], "old");
        File.WriteAllText(folder["out/notes.txt"], "mine");

        string message = Assert.Throws<DataFileException>(() => AtomicDirectory.Create(folder["out"])).Message;
        Assert.StartsWith($"{folder["out"]} is not empty", message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(folder["out/figures/a.svg"]));

        AtomicDirectory.Write(folder["out"], force: true, Fill);
        Assert.Equal("new", File.ReadAllText(folder["out/figures/a.svg"]));
        Assert.Equal("mine", File.ReadAllText(folder["out/notes.txt"]));
        Assert.Equal(["out"], folder.Entries);
    }

    [Theory]
    [InlineData("/proc/none")]
    [InlineData("/proc/none/inner")]
    public void What_a_file_is_called_until_it_is_whole_is_no_part_of_a_message(string path)
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "needs a folder in which nobody can write, /proc");
        foreach (Action create in (Action[])[() => AtomicDirectory.Create(path).Dispose(), () => AtomicFile.Create(path).Dispose()])
        {
            string message = Assert.Throws<DataFileException>(create).Message;
            Assert.StartsWith($"{path} cannot be written: ", message, StringComparison.Ordinal);
            Assert.DoesNotContain("partial", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_a_killed_run_left_is_swept_up_and_what_another_run_writes_is_not()
    {
        using var folder = new TemporaryFolder();

        // No process has the largest number there is.
        foreach ((string name, string owner) in ((string, string)[])[
            (".out.0.partial", $"{Environment.MachineName} {int.MaxValue}"), (".out.1.partial", $"elsewhere {int.MaxValue}"),
            (".out.2.partial", $"{Environment.MachineName} {Environment.ProcessId}"), (".other.0.partial", $"{Environment.MachineName} {int.MaxValue}")])
        {
            Directory.CreateDirectory(folder[name]);
            File.WriteAllText(Path.Combine(folder[name], ".owner"), owner);
        }

        Directory.CreateDirectory(folder[".out.7.partial"]);
        using AtomicDirectory first = AtomicDirectory.Create(folder["out"]), second = AtomicDirectory.Create(folder["out"]);
        Assert.NotEqual(first.Path, second.Path);
        Assert.True(Directory.Exists(first.Path));
        File.WriteAllText(Path.Combine(first.Path, "a"), "1");
        first.Commit();
        second.Dispose();
        Assert.Equal([".other.0.partial", ".out.1.partial", ".out.2.partial", ".out.7.partial", "out"], folder.Entries.Order(StringComparer.Ordinal));
        Assert.Equal(["a"], Directory.GetFileSystemEntries(folder["out"]).Select(Path.GetFileName));
    }

    [Fact]
    public void An_empty_folder_is_filled()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["out"]);
        AtomicDirectory.Write(folder["out"] + Path.DirectorySeparatorChar, force: false, Fill);
        Assert.Equal("new", File.ReadAllText(folder["out/report.html"]));
        Assert.Equal(["out"], folder.Entries);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_before_anything_is_computed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["out"], "a file");
        Assert.Contains("it is a file, not a folder", Assert.Throws<DataFileException>(() => AtomicDirectory.Create(folder["out"])).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", Assert.Throws<DataFileException>(() => AtomicDirectory.Create(folder["out/inner"])).Message, StringComparison.Ordinal);
        Assert.Equal(["out"], folder.Entries);
    }

    private static void Fill(string path)
    {
        Directory.CreateDirectory(Path.Combine(path, "figures"));
        File.WriteAllText(Path.Combine(path, "figures", "a.svg"), "new");
        File.WriteAllText(Path.Combine(path, "report.html"), "new");
    }
}
