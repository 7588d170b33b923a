using System.Text.Json;
using CsCheck;
using CsvHelper;
using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Whatever happens to a file, reading it gives values or one clear error, and takes no wild amount of memory.</summary>
public sealed class DamagedFileTests
{
    // In all, not at once: every array is read twice. A reader of ours takes what is there, a library what is declared.
    private const long MostMemory = 16 << 20;
    private const long MostMemoryOfLibraries = 1L << 30;

    public static TheoryData<string> OwnReaders => ["float32.npy", "version2.npy", "stored.npz", "tensors.safetensors", "float64.npy.gz", "checkpoint.pt"];

    public static TheoryData<string> AllReaders => [.. OwnReaders.Select(r => r.Data), "pandas.csv", "pandas.csv.gz", "utf16.txt"];

    public static TheoryData<string> Libraries => ["rust.parquet", "datasets.h5", "userblock.mat"];

    [Theory, MemberData(nameof(AllReaders))]
    public void Truncation_at_any_byte_gives_an_error_or_values(string name)
    {
        byte[] whole = File.ReadAllBytes(Fixture.Path(name));
        int step = Math.Max(1, whole.Length / 1500);
        for (int length = 0; length < whole.Length; length += step)
        {
            Read(name, whole[..length]);
        }
    }

    [Theory, MemberData(nameof(OwnReaders))]
    public void Truncation_of_a_binary_file_is_never_taken_for_the_whole(string name)
    {
        byte[] whole = File.ReadAllBytes(Fixture.Path(name));
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.True(Read(name, whole[..length]) == 0, $"{name} cut to {length} of {whole.Length} bytes was read");
        }

        Assert.True(Read(name, whole) > 0);
    }

    [Theory, MemberData(nameof(AllReaders))]
    public void Changed_bytes_give_an_error_or_values(string name)
    {
        byte[] whole = File.ReadAllBytes(Fixture.Path(name));
        Changes(whole).Sample(changed => Read(name, changed), iter: 2000, threads: 1);
    }

    [Theory, MemberData(nameof(Libraries))]
    public void Damage_that_a_library_meets_is_reported_as_ours(string name)
    {
        byte[] whole = File.ReadAllBytes(Fixture.Path(name));

        // Always the same changes: what a library does with others is not ours to promise.
        for (ulong i = 1; i <= 150; i++)
        {
            byte[] changed = [.. whole];
            for (ulong j = 0; j < 1 + (i % 4); j++)
            {
                ulong mixed = ((4 * i) + j) * 0x9E3779B97F4A7C15UL;
                changed[(int)((mixed >> 8) % (ulong)whole.Length)] = (byte)(mixed >> 56);
            }

            Read(name, changed, MostMemoryOfLibraries);
        }

        int step = Math.Max(1, whole.Length / 60);
        for (int length = 0; length < whole.Length; length += step)
        {
            Read(name, whole[..length], MostMemoryOfLibraries);
        }
    }

    // A few bytes overwritten with any value, or one bit flipped.
    private static Gen<byte[]> Changes(byte[] whole) =>
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, 7], Gen.Bool).Array[1, 4].Select(changes =>
        {
            byte[] changed = [.. whole];
            foreach ((int place, byte value, int bit, bool flip) in changes)
            {
                changed[place] = flip ? (byte)(changed[place] ^ (1 << bit)) : value;
            }

            return changed;
        });

    /// <summary>How many arrays could be read; the error of each other one names the file, on one line.</summary>
    private static int Read(string name, byte[] content, long mostMemory = MostMemory)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        int read = 0;
        try
        {
            using DataFile file = Fixture.Open(name, content);
            foreach (string array in file.Names)
            {
                foreach (Action use in (Action[])[() => file.ReadNumbers(array), () => file.ReadText(array)])
                {
                    try
                    {
                        use();
                        read++;
                    }
                    catch (DataFileException e)
                    {
                        Check(e);
                    }
                }
            }
        }
        catch (DataFileException e)
        {
            Check(e);
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < mostMemory);
        return read;

        void Check(DataFileException e)
        {
            Assert.True(e.Message.Contains(name, StringComparison.Ordinal) && !e.Message.Contains('\n'), e.Message);

            // An index out of range in a reader of ours is a mistake, though it would be reported as damage.
            Assert.True(
                mostMemory == MostMemoryOfLibraries
                || e.InnerException is null or DataFileException or JsonException or InvalidDataException or EndOfStreamException or FormatException or CsvFormatException,
                $"{e.InnerException}");
        }
    }
}
