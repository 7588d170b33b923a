using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace SynapticGeometry.Networks;

/// <summary>libtorch cannot be loaded here; the message says why and what helps.</summary>
public sealed class LibTorchException : Exception
{
    /// <summary>An error without a reason.</summary>
    public LibTorchException()
    {
    }

    /// <summary>An error with its reason.</summary>
    public LibTorchException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its reason and what caused it.</summary>
    public LibTorchException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>
/// Loads libtorch, the native library under every network here. Call <see cref="Require"/> before the first use of TorchSharp.
/// </summary>
/// <remarks>
/// It is looked for in the folder that the environment variable SYNGEO_LIBTORCH names, beside the program, and in the NuGet package
/// folder, where building this project puts it. TorchSharp's own native part asks for a version of the C++ runtime that Debian 12 and
/// Ubuntu 22.04 do not have, by a mark only, since it uses nothing of it: there a copy with that mark made optional is loaded.
/// </remarks>
public static class LibTorch
{
    /// <summary>The environment variable that names a folder with libtorch in it.</summary>
    public const string FolderVariable = "SYNGEO_LIBTORCH";

    /// <summary>The version that TorchSharp was built for.</summary>
    public const string Version = "2.10.0";

    private const string Shim = "libLibTorchSharp.so";
    private const string UnmetVersion = "GLIBCXX_3.4.32";
    private static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];
    private static readonly Lazy<string?> Problem = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Why networks cannot run here, in a sentence; null where they can.</summary>
    public static string? Unavailable => Problem.Value;

    /// <summary>Loads libtorch unless it is loaded.</summary>
    /// <exception cref="LibTorchException">It cannot be loaded.</exception>
    public static void Require()
    {
        if (Problem.Value is { } problem)
        {
            throw new LibTorchException(problem);
        }
    }

    private static string? Load()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return $"Networks run on Linux x64, and this is {RuntimeInformation.RuntimeIdentifier}; everything else of SynapticGeometry runs here.";
        }

        string[] places = [.. Places()];
        string? folder = Array.Find(places, p => File.Exists(Path.Combine(p, "libtorch_cpu.so")));
        if (folder is null)
        {
            return $"Networks need libtorch {Version}, which is not here. 'dotnet restore src/SynapticGeometry.Networks' fetches it into the package folder (128 MB); or let {FolderVariable} name a folder with libtorch_cpu.so in it. Looked at: {string.Join(", ", places)}.";
        }

        string? shim = new[] { folder, AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native") }
            .Select(p => Path.Combine(p, Shim)).FirstOrDefault(File.Exists);
        if (shim is null)
        {
            return $"Networks need TorchSharp's {Shim}, which is not beside the program ({AppContext.BaseDirectory}).";
        }

        return LoadFrom(folder, shim);
    }

    /// <summary>Loads the libraries of a folder and TorchSharp's own; what stands in the way, in a sentence, or null.</summary>
    internal static string? LoadFrom(string folder, string shim)
    {
        try
        {
            foreach (string name in Libraries)
            {
                NativeLibrary.Load(Path.Combine(folder, name));
            }

            LoadShim(shim);
            _ = TorchSharp.torch.get_num_threads();
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException or UnauthorizedAccessException
            or TypeInitializationException or NotSupportedException or EntryPointNotFoundException)
        {
            return $"Networks need libtorch {Version}, and the one in {folder} cannot be loaded: {Reason(e.InnerException ?? e)}. Let {FolderVariable} name a folder with all libraries of libtorch {Version} for the CPU of Linux x64; or unset it, remove libtorch-cpu-linux-x64 from the NuGet package folder, and 'dotnet restore src/SynapticGeometry.Networks' fetches it anew.";
        }
    }

    // The runtime puts advice on tracing before what the system's loader said, which is the last line.
    private static string Reason(Exception e) => e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } lines
        ? lines[^1].TrimEnd('.')
        : e.GetType().Name;

    private static IEnumerable<string> Places()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named)
        {
            yield return named;
        }

        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        yield return Path.Combine(packages, "libtorch-cpu-linux-x64", Version, "runtimes", "linux-x64", "native");
    }

    // Loaded by its own name, the library stays known under it, and TorchSharp's imports find it.
    private static void LoadShim(string path)
    {
        if (NativeLibrary.TryLoad(path, out _))
        {
            return;
        }

        byte[] library = File.ReadAllBytes(path);
        if (MakeOptional(library, UnmetVersion) == 0)
        {
            NativeLibrary.Load(path); // throws with the loader's own reason
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("syngeo-torch-");
        try
        {
            string copy = Path.Combine(folder.FullName, Shim);
            File.WriteAllBytes(copy, library);
            NativeLibrary.Load(copy);
        }
        finally
        {
            folder.Delete(recursive: true); // what is mapped stays
        }
    }

    /// <summary>
    /// Marks the need for a version of a symbol set as weak, in the bytes of a 64-bit ELF library: the loader then no longer refuses
    /// the library where that version is missing.
    /// </summary>
    /// <returns>Number of needs marked.</returns>
    internal static int MakeOptional(byte[] elf, string version)
    {
        const uint VersionNeeds = 0x6ffffffe;
        const byte Weak = 2;
        ReadOnlySpan<byte> Bytes(long place) => elf.AsSpan((int)place);
        int Int(long place) => BinaryPrimitives.ReadInt32LittleEndian(Bytes(place));
        long Long(long place) => BinaryPrimitives.ReadInt64LittleEndian(Bytes(place));
        int Short(long place) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(place));

        long sections = Long(0x28);
        int sectionSize = Short(0x3A), count = Short(0x3C), marked = 0;
        for (int i = 0; i < count; i++)
        {
            long section = sections + ((long)i * sectionSize);
            if ((uint)Int(section + 4) != VersionNeeds)
            {
                continue;
            }

            long names = Long(sections + ((long)Int(section + 40) * sectionSize) + 24);
            long file = Long(section + 24);
            int toNextFile;
            do
            {
                toNextFile = Int(file + 12);
                long need = file + Int(file + 8);
                int toNext;
                do
                {
                    toNext = Int(need + 12);
                    ReadOnlySpan<byte> name = Bytes(names + Int(need + 8));
                    if (Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]) == version)
                    {
                        elf[need + 4] |= Weak;
                        marked++;
                    }

                    need += toNext;
                }
                while (toNext != 0);
                file += toNextFile;
            }
            while (toNextFile != 0);
        }

        return marked;
    }
}
