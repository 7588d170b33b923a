using System.Text;
using SynapticGeometry.Networks;
using Xunit;
using static TorchSharp.torch;

namespace SynapticGeometry.Tests.Networks;

public class LibTorchTests
{
    [Fact]
    public void Where_libtorch_loads_it_computes()
    {
        NetworksHere.Require();
        using Tensor x = arange(6, dtype: float32).reshape(2, 3);
        using Tensor product = x.matmul(x.t());
        Assert.Equal([5f, 14f, 14f, 50f], product.data<float>().ToArray());
    }

    [Fact]
    public void Where_it_does_not_load_the_reason_is_one_sentence_and_says_what_helps()
    {
        Assert.SkipWhen(LibTorch.Unavailable is null, "libtorch loads here.");
        Assert.Contains("Networks", LibTorch.Unavailable!, StringComparison.Ordinal);
        Assert.Throws<LibTorchException>(LibTorch.Require);
    }

    [Theory]
    [InlineData("libc10.so")]
    [InlineData("libtorch_cpu.so")]
    public void A_library_that_cannot_be_loaded_is_told_by_the_loader_s_reason_and_what_to_do(string damaged)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the messages are those of Linux");
        using TemporaryFolder folder = new();
        File.WriteAllText(folder[damaged], "no library");
        string message = LibTorch.LoadFrom(folder.Path, folder["libLibTorchSharp.so"])!;

        // Of the two the first one is looked for first.
        string reason = damaged == "libc10.so" ? "libc10.so: file too short" : "libc10.so: cannot open shared object file: No such file or directory";
        Assert.Contains($"Networks need libtorch {LibTorch.Version}, and the one in {folder.Path} cannot be loaded: {folder.Path}/{reason}.", message, StringComparison.Ordinal);
        Assert.Contains(LibTorch.FolderVariable, message, StringComparison.Ordinal);
        Assert.DoesNotContain("strace", message, StringComparison.Ordinal);
        Assert.DoesNotContain("LD_DEBUG", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    // An ELF file with one section of version needs: one file that needs three versions.
    [Fact]
    public void Only_the_version_named_is_made_optional()
    {
        byte[] elf = SmallLibrary("GLIBC_2.34", "GLIBCXX_3.4.32", "GLIBCXX_3.4.30");
        byte[] before = [.. elf];
        Assert.Equal(1, LibTorch.MakeOptional(elf, "GLIBCXX_3.4.32"));
        int[] changed = [.. Enumerable.Range(0, elf.Length).Where(i => elf[i] != before[i])];
        Assert.Equal(FlagsOf(1), Assert.Single(changed));
        Assert.Equal(0, LibTorch.MakeOptional(before, "GLIBCXX_3.4.33"));
    }

    private const int Needs = 64, Names = 256, Sections = 512;

    private static int FlagsOf(int need) => Needs + 16 + (16 * need) + 4;

    private static byte[] SmallLibrary(params string[] versions)
    {
        byte[] elf = new byte[Sections + (2 * 64)];
        BitConverter.TryWriteBytes(elf.AsSpan(0x28), (long)Sections);
        BitConverter.TryWriteBytes(elf.AsSpan(0x3A), (ushort)64);
        BitConverter.TryWriteBytes(elf.AsSpan(0x3C), (ushort)2);
        BitConverter.TryWriteBytes(elf.AsSpan(Sections + 4), 0x6ffffffe);
        BitConverter.TryWriteBytes(elf.AsSpan(Sections + 24), (long)Needs);
        BitConverter.TryWriteBytes(elf.AsSpan(Sections + 40), 1);
        BitConverter.TryWriteBytes(elf.AsSpan(Sections + 64 + 24), (long)Names);
        BitConverter.TryWriteBytes(elf.AsSpan(Needs + 8), 16);
        int name = 1;
        for (int i = 0; i < versions.Length; i++)
        {
            int need = Needs + 16 + (16 * i);
            BitConverter.TryWriteBytes(elf.AsSpan(need + 8), name);
            BitConverter.TryWriteBytes(elf.AsSpan(need + 12), i == versions.Length - 1 ? 0 : 16);
            name += 1 + Encoding.ASCII.GetBytes(versions[i], elf.AsSpan(Names + name));
        }

        return elf;
    }
}

/// <summary>Skips a test where networks cannot run, with the reason.</summary>
internal static class NetworksHere
{
    public static void Require() => Assert.SkipUnless(LibTorch.Unavailable is null, LibTorch.Unavailable ?? string.Empty);
}
