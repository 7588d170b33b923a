using CsCheck;
using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Opening files, and asking for what is not there.</summary>
public sealed class DataFilesTests
{
    [Fact]
    public void A_missing_file_a_folder_an_empty_file_and_an_unknown_kind_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["empty.csv"], "");
        File.WriteAllText(folder["weights.docx"], "not a table");
        File.WriteAllBytes(folder["packed.dat.gz"], Fixture.Gzip("text"u8.ToArray()));

        Assert.Equal($"There is no file {folder["missing.csv"]}.", Refusal("missing.csv"));
        Assert.Equal($"{folder.Path} is a folder; name a file.", Refusal(""));
        Assert.Equal($"{folder["empty.csv"]} is empty (0 bytes).", Refusal("empty.csv"));
        Assert.Contains(DataFiles.Readable, Refusal("weights.docx"), StringComparison.Ordinal);
        Assert.Contains("unpack it first", Refusal("packed.dat.gz"), StringComparison.Ordinal);
        Assert.Contains("empty", Assert.Throws<DataFileException>(() => DataFiles.Open("")).Message, StringComparison.Ordinal);

        string Refusal(string name) => Assert.Throws<DataFileException>(() => DataFiles.Open(Path.Combine(folder.Path, name))).Message;
    }

    [Fact]
    public void A_device_is_no_data_file()
    {
        Assert.SkipUnless(File.Exists("/dev/tty") || File.Exists("/dev/null"), "needs devices");
        Assert.Throws<DataFileException>(() => DataFiles.Open("/dev/null"));
    }

    [Theory]
    [InlineData("float32.npy"), InlineData("arrays.npz"), InlineData("tensors.safetensors"), InlineData("datasets.h5"), InlineData("rust.parquet")]
    public void The_content_decides_and_not_the_extension(string name)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Fixture.Path(name), folder["renamed.csv"]);
        using DataFile expected = Fixture.Open(name), renamed = DataFiles.Open(folder["renamed.csv"]);
        Assert.Equal(expected.GetType(), renamed.GetType());
        Assert.Equal(expected.Names, renamed.Names);
        Assert.Equal(folder["renamed.csv"], renamed.Path);
    }

    [Theory]
    [InlineData("pandas.csv"), InlineData("rust.parquet"), InlineData("float32.npy"), InlineData("float64.npy.gz"), InlineData("arrays.npz")]
    [InlineData("datasets.h5"), InlineData("tensors.safetensors"), InlineData("checkpoint.pt")]
    public void The_shape_that_is_declared_is_that_of_the_values_that_are_read(string name)
    {
        using DataFile file = Fixture.Open(name);
        int compared = 0;
        foreach (string array in file.Names)
        {
            NumericArray values;
            try
            {
                values = file.ReadNumbers(array);
            }
            catch (DataFileException)
            {
                continue;
            }

            Assert.Equal(values.Shape, file.ShapeOf(array));
            compared++;
        }

        Assert.True(compared > 0);
        Assert.Throws<DataFileException>(() => file.ShapeOf("nowhere to be found"));
    }

    [Fact]
    public void A_missing_name_gets_the_nearest_and_the_list()
    {
        using DataFile file = Fixture.OpenText("t.csv", "cell_type,w_d0,w_d24\npyr,1,2\n");
        Assert.Equal(
            "t.csv has no column \"w_d4\". Did you mean \"w_d0\"? It has: cell_type, w_d0, w_d24.",
            Assert.Throws<DataFileException>(() => file.ReadNumbers("w_d4")).Message);
        Assert.Contains("Did you mean \"w_d24\"?", Assert.Throws<DataFileException>(() => file.ReadText("W_D24")).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Did you mean", Assert.Throws<DataFileException>(() => file.ReadText("entirely else")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_list_of_names_is_cut()
    {
        using DataFile file = Fixture.OpenText("t.csv", string.Join(',', Enumerable.Range(0, 37).Select(i => $"c{i}")) + "\n");
        string message = Assert.Throws<DataFileException>(() => file.ReadNumbers("zzz")).Message;
        Assert.EndsWith("c18, c19, ... (37 in all).", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kitten", "sitting", 3), InlineData("", "abc", 3), InlineData("same", "same", 0), InlineData("flaw", "lawn", 2)]
    public void The_edit_distance_is_Levenshteins(string a, string b, int distance)
    {
        Assert.Equal(distance, NameLookup.EditDistance(a, b));
        Assert.Equal(distance, NameLookup.EditDistance(b, a));
    }

    [Fact]
    public void Arrays_written_as_npy_and_safetensors_come_back_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        Gen<long[]> shape = Gen.Long[0, 4].Array[0, 4];
        Gen.Select(shape, Gen.Bool, Gen.Long).Sample((lengths, single, seed) =>
        {
            int count = (int)lengths.Aggregate(1L, (a, b) => a * b);
            long[] bits = [.. Enumerable.Range(1, count).Select(i => seed * i)];
            NumericArray array = single
                ? new NumericArray(lengths, Array.ConvertAll(bits, b => BitConverter.Int32BitsToSingle((int)b)))
                : new NumericArray(lengths, Array.ConvertAll(bits, BitConverter.Int64BitsToDouble));
            NpyWriter.Write(folder["w.npy"], array);
            SafetensorsWriter.Write(folder["w.safetensors"], [new("w", array), new("µ \"q\"", array)]);

            using DataFile npy = DataFiles.Open(folder["w.npy"]), tensors = DataFiles.Open(folder["w.safetensors"]);
            Same(array, npy.ReadNumbers(""));
            Same(array, tensors.ReadNumbers("w"));
            Same(array, tensors.ReadNumbers("µ \"q\""));
        }, iter: 200, threads: 1);

        static void Same(NumericArray expected, NumericArray actual)
        {
            Assert.Equal(expected.Shape, actual.Shape);
            Assert.Equal(expected.SingleValues?.Select(BitConverter.SingleToInt32Bits), actual.SingleValues?.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(expected.DoubleValues?.Select(BitConverter.DoubleToInt64Bits), actual.DoubleValues?.Select(BitConverter.DoubleToInt64Bits));
        }
    }

    [Fact]
    public void The_bytes_of_a_written_array_are_those_that_NumPy_writes()
    {
        using var folder = new TemporaryFolder();
        NpyWriter.Write(folder["w.npy"], Array.ConvertAll(Fixture.Base[..5], v => (float)v));
        Assert.Equal(File.ReadAllBytes(Fixture.Path("float32.npy")), File.ReadAllBytes(folder["w.npy"]));
    }

    [Fact]
    public void A_large_array_is_read_without_a_second_copy()
    {
        using var folder = new TemporaryFolder();
        float[] values = new float[1_000_000];
        values.AsSpan().Fill(0.5f);
        NpyWriter.Write(folder["w.npy"], values);
        using DataFile file = DataFiles.Open(folder["w.npy"]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        NumericArray read = file.ReadNumbers("");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 4_000_000, 4_100_000);
        Assert.Equal(values, read.SingleValues);
    }

    [Fact]
    public void Writers_refuse_shapes_and_names_that_do_not_fit()
    {
        using var folder = new TemporaryFolder();
        var array = new NumericArray([2, 3], new double[5]);
        Assert.Contains("(2, 3) holds 6 values; 5 are given", Assert.Throws<ArgumentException>(() => NpyWriter.Write(folder["w.npy"], array)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["w"], [new("w", array)]));
        var good = new NumericArray([1], new double[1]);
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["w"], [new("w", good), new("w", good)]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["w"], [new("__metadata__", good)]));
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void The_real_synapses_are_read_with_the_counts_of_their_description()
    {
        using DataFile file = DataFiles.Open(SharedFiles.Require("data/psd95-pyr-pv-longitudinal/synapses.csv.gz"));
        Assert.Equal(37, file.Names.Count);
        string[] cell = file.ReadText("cell_type"), split = file.ReadText("from_split");
        Assert.Equal(1191, cell.Length);
        Assert.Equal((722, 469, 120), (cell.Count(c => c == "pyr"), cell.Count(c => c == "pv"), split.Count(s => s == "1")));
        double[] before = file.ReadNumbers("w_d0").ToDouble(), after = file.ReadNumbers("w_d24").ToDouble();
        int[] both = [.. Enumerable.Range(0, before.Length).Where(i => split[i] == "0" && before[i] > 0 && after[i] > 0)];
        Assert.Equal((358, 382), (both.Count(i => cell[i] == "pyr"), both.Count(i => cell[i] == "pv")));
        Assert.Equal(2.01003, before[0]);
    }

    [Theory]
    [InlineData("data/spines-uncaging-ltp/spines.csv.gz", "size_m5", 3117)]
    [InlineData("data/spines-cltp-3timepoints/spines.csv.gz", "head_width_t0", 1203)]
    [InlineData("data/em-kasthuri2015/synapses.csv", "psd_px", 1700)]
    [InlineData("data/em-ferret-scholl2021/spines.csv", "psd_area_um2", 155)]
    [InlineData("data/celegans-witvliet2021/synapses.csv.gz", "size", 32105)]
    public void Every_real_table_has_the_rows_that_its_description_says(string path, string column, int rows)
    {
        using DataFile file = DataFiles.Open(SharedFiles.Require(path));
        Assert.Equal(rows, file.ReadNumbers(column).Count);
    }

    [Fact]
    public void The_checksum_is_that_of_zip()
    {
        // The check value that every description of CRC-32 gives for these nine digits.
        Assert.Equal(0xCBF43926u, Crc32Stream.Compute("123456789"u8));
        Assert.Equal(0u, Crc32Stream.Compute([]));
    }
}
