using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Files written by NumPy, h5py, pandas and arrow-rs (Fixtures/make_fixtures.py, make_parquet.mjs), and files made in memory.</summary>
internal static class Fixture
{
    /// <summary>The values that the scripts write: all exact in half precision and in bfloat16.</summary>
    public static readonly double[] Base = [0.1875, -0.5625, -1.0625, -1.3125, -1.3125, -1.0625];

    public static string Path(string name) =>
        System.IO.Path.Combine(SharedFiles.Repository, "tests", "SynapticGeometry.Tests", "Data", "Fixtures", name);

    public static DataFile Open(string name) => DataFiles.Open(Path(name));

    /// <summary>Opens bytes as a file of the given name.</summary>
    public static DataFile Open(string name, byte[] content) => DataFiles.Open(name, () => new MemoryStream(content, writable: false));

    public static DataFile OpenText(string name, string content) => Open(name, Encoding.UTF8.GetBytes(content));

    /// <summary>The message of the error that opening the file and reading one array (or all of them) gives.</summary>
    public static string Refusal(string name, byte[] content, string? array = null) =>
        Assert.Throws<DataFileException>(() => ReadAll(name, content, array)).Message;

    /// <summary>Opens the file and reads an array, or all of them, as numbers and as text.</summary>
    public static void ReadAll(string name, byte[] content, string? array = null)
    {
        using DataFile file = Open(name, content);
        foreach (string each in array is null ? file.Names : [array])
        {
            file.ReadNumbers(each);
            file.ReadText(each);
        }
    }

    /// <summary>A .npy file with any header text.</summary>
    public static byte[] Npy(string header, byte[] data, byte version = 1)
    {
        byte[] text = Encoding.Latin1.GetBytes(header);
        byte[] length = new byte[version == 1 ? 2 : 4];
        if (version == 1)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)text.Length);
        }

        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }

    public static byte[] Npy(string type, string shape, byte[] data) =>
        Npy($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n", data);

    public static byte[] Safetensors(string header, byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)text.Length);
        return [.. length, .. text, .. data];
    }

    public static byte[] Zip(params (string Name, byte[] Content)[] members) => Zip(CompressionLevel.Optimal, members);

    public static byte[] Zip(CompressionLevel packing, params (string Name, byte[] Content)[] members)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] content) in members)
            {
                using Stream entry = zip.CreateEntry(name, packing).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }
}

/// <summary>A folder for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("syngeo-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string[] Entries => [.. Directory.GetFileSystemEntries(Path).Select(e => System.IO.Path.GetFileName(e)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
