using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>HDF5 files that h5py wrote, and a Parquet file that arrow-rs wrote.</summary>
public sealed class LibraryFileTests
{
    [Theory]
    [InlineData("/w0"), InlineData("/layer/inner/single"), InlineData("/layer/inner/half"), InlineData("/layer/inner/packed"), InlineData("layer/inner/packed"), InlineData("/link")]
    public void HDF5_datasets_of_real_numbers_are_read_by_path(string path)
    {
        using DataFile file = Fixture.Open("datasets.h5");
        Assert.Equal(Fixture.Base, file.ReadNumbers(path).ToDouble());
    }

    [Theory]
    [InlineData("i1", -3), InlineData("i2", -3), InlineData("i4", -3), InlineData("i8", -3)]
    [InlineData("u1", 0), InlineData("u2", 0), InlineData("u4", 0), InlineData("u8", 0)]
    public void HDF5_whole_numbers_become_double(string path, int first)
    {
        using DataFile file = Fixture.Open("datasets.h5");
        Assert.Equal(Enumerable.Range(first, 6).Select(i => (double)i), file.ReadNumbers("/" + path).DoubleValues);
        Assert.Equal(Enumerable.Range(first, 6).Select(i => $"{i}"), file.ReadText("/" + path));
    }

    [Fact]
    public void HDF5_shapes_strings_booleans_and_scalars()
    {
        using DataFile file = Fixture.Open("datasets.h5");
        Assert.Equal([2L, 3L], file.ReadNumbers("/layer/inner/single").Shape);
        Assert.NotNull(file.ReadNumbers("/layer/inner/single").SingleValues);
        Assert.Equal(["pyr", "pv", "naïve"], file.ReadText("/words"));
        Assert.Equal(["pyr", "pv", ""], file.ReadText("/bytes"));
        Assert.Equal([1, 0, 1], file.ReadNumbers("/flags").DoubleValues!);
        Assert.Equal(2.5, file.ReadNumbers("/scalar")[0]);
        Assert.Empty(file.ReadNumbers("/scalar").Shape);
        Assert.Equal([0L, 4L], file.ReadNumbers("/no_rows").Shape);
        Assert.Equal(("dataset", false), (file.Noun, file.IsTable));
    }

    [Fact]
    public void HDF5_groups_that_hold_themselves_and_links_to_nowhere_do_no_harm()
    {
        using DataFile file = Fixture.Open("datasets.h5");
        Assert.Contains("/layer/inner/single", file.Names);
        Assert.DoesNotContain("/dangling", file.Names);
    }

    [Theory]
    [InlineData("/compound", "Compound"), InlineData("/words", "text"), InlineData("/empty", "no values")]
    [InlineData("/layer/inner/big_endian", "high byte first"), InlineData("/big_u2", "high byte first")]
    public void HDF5_datasets_without_numbers_are_refused_by_name(string path, string reason)
    {
        using DataFile file = Fixture.Open("datasets.h5");
        string message = Assert.Throws<DataFileException>(() => file.ReadNumbers(path)).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void MATLAB_files_of_version_7_3_are_HDF5()
    {
        using DataFile file = Fixture.Open("userblock.mat");
        Assert.Equal(Fixture.Base[..4], file.ReadNumbers("/w").DoubleValues);
    }

    [Theory]
    [InlineData("f64"), InlineData("f32")]
    public void Parquet_columns_of_real_numbers_are_read_over_all_row_groups(string name)
    {
        using DataFile file = Fixture.Open("rust.parquet");
        Assert.Equal(Fixture.Base, file.ReadNumbers(name).ToDouble());
        Assert.Equal([6L], file.ReadNumbers(name).Shape);
    }

    [Theory]
    [InlineData("f64_missing"), InlineData("f32_missing")]
    public void Parquet_nulls_become_NaN_and_empty_text(string name)
    {
        using DataFile file = Fixture.Open("rust.parquet");
        Assert.Equal([.. Fixture.Base[..2], double.NaN, .. Fixture.Base[3..]], file.ReadNumbers(name).ToDouble());
        Assert.Equal("", file.ReadText(name)[2]);
        Assert.Equal([-3, -2, double.NaN, 0, 1, 2], file.ReadNumbers("i64_missing").ToDouble());
    }

    [Theory]
    [InlineData("i8", -3), InlineData("i16", -3), InlineData("i32", -3), InlineData("i64", -3)]
    [InlineData("u8", 0), InlineData("u16", 0), InlineData("u32", 0), InlineData("u64", 0)]
    public void Parquet_whole_numbers_become_double(string name, int first)
    {
        using DataFile file = Fixture.Open("rust.parquet");
        Assert.Equal(Enumerable.Range(first, 6).Select(i => (double)i), file.ReadNumbers(name).DoubleValues);
    }

    [Fact]
    public void Parquet_text_and_booleans()
    {
        using DataFile file = Fixture.Open("rust.parquet");
        Assert.Equal(["pyr", "pv", "", "naïve", "pyr", ""], file.ReadText("word"));
        Assert.Equal([1, 0, 1, 0, 1, 0], file.ReadNumbers("flag").DoubleValues!);
        Assert.Contains("column \"word\" holds text", Assert.Throws<DataFileException>(() => file.ReadNumbers("word")).Message, StringComparison.Ordinal);
        Assert.Equal(("column", true), (file.Noun, file.IsTable));
    }

    [Fact]
    public void Parquet_lists_are_refused()
    {
        using DataFile file = Fixture.Open("rust.parquet");
        string list = file.Names.Single(n => n.StartsWith("list", StringComparison.Ordinal));
        Assert.Contains("holds lists", Assert.Throws<DataFileException>(() => file.ReadNumbers(list)).Message, StringComparison.Ordinal);
    }
}
