using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Arrays that NumPy wrote.</summary>
public sealed class NumpyFileTests
{
    [Theory]
    [InlineData("little_f2"), InlineData("big_f2"), InlineData("little_f4"), InlineData("big_f4")]
    public void Half_and_single_precision_become_single(string type)
    {
        using DataFile file = Fixture.Open("arrays.npz");
        NumericArray array = file.ReadNumbers("type_" + type);
        Assert.Equal(Fixture.Base, array.SingleValues!.Select(v => (double)v));
        Assert.Equal([6L], array.Shape);
    }

    [Theory]
    [InlineData("little_f8"), InlineData("big_f8")]
    public void Double_precision_stays_double(string type)
    {
        using DataFile file = Fixture.Open("arrays.npz");
        Assert.Equal(Fixture.Base, file.ReadNumbers("type_" + type).DoubleValues);
    }

    [Theory]
    [InlineData("i1"), InlineData("little_i2"), InlineData("big_i2"), InlineData("little_i4"), InlineData("big_i4"), InlineData("little_i8"), InlineData("big_i8")]
    public void Signed_whole_numbers_become_double(string type)
    {
        using DataFile file = Fixture.Open("arrays.npz");
        Assert.Equal([-3, -2, -1, 0, 1, 2], file.ReadNumbers("type_" + type).DoubleValues!);
        Assert.Equal(["-3", "-2", "-1", "0", "1", "2"], file.ReadText("type_" + type));
    }

    [Theory]
    [InlineData("u1"), InlineData("little_u2"), InlineData("big_u2"), InlineData("little_u4"), InlineData("big_u4"), InlineData("little_u8"), InlineData("big_u8")]
    public void Unsigned_whole_numbers_become_double(string type)
    {
        using DataFile file = Fixture.Open("arrays.npz");
        Assert.Equal([0, 1, 2, 3, 4, 5], file.ReadNumbers("type_" + type).DoubleValues!);
    }

    [Fact]
    public void Booleans_are_one_and_zero_or_words()
    {
        using DataFile file = Fixture.Open("arrays.npz");
        Assert.Equal([1, 0, 1], file.ReadNumbers("flags").DoubleValues!);
        Assert.Equal(["True", "False", "True"], file.ReadText("flags"));
    }

    [Fact]
    public void Text_is_read_as_text_and_not_as_numbers()
    {
        using DataFile file = Fixture.Open("arrays.npz");
        Assert.Equal(["pyr", "pv", "naïve"], file.ReadText("words"));
        Assert.Equal(["pyr", "pv", ""], file.ReadText("bytes"));
        Assert.Contains("holds text, not numbers", Assert.Throws<DataFileException>(() => file.ReadNumbers("words")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fortran_order_is_turned_to_row_major()
    {
        using DataFile file = Fixture.Open("arrays.npz");
        Assert.Equal(Enumerable.Range(0, 6).Select(i => (float)i), file.ReadNumbers("fortran_2d").SingleValues);
        NumericArray cube = file.ReadNumbers("fortran_3d");
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (double)i), cube.DoubleValues);
        Assert.Equal([2L, 3L, 4L], cube.Shape);
        Assert.Equal(["a", "b", "c", "d"], file.ReadText("fortran_words"));
    }

    [Fact]
    public void A_scalar_has_no_dimensions_and_an_empty_array_no_values()
    {
        using DataFile file = Fixture.Open("arrays.npz");
        Assert.Empty(file.ReadNumbers("scalar").Shape);
        Assert.Equal(2.5, file.ReadNumbers("scalar")[0]);
        Assert.Equal([0L, 4L], file.ReadNumbers("empty").Shape);
        Assert.Equal(0, file.ReadNumbers("empty").Count);
    }

    [Fact]
    public void Every_version_of_the_format_is_read()
    {
        foreach (string name in (string[])["version2.npy", "version3.npy"])
        {
            using DataFile file = Fixture.Open(name);
            Assert.Equal(Fixture.Base[..3], file.ReadNumbers("").DoubleValues);
        }

        using DataFile first = Fixture.Open("float32.npy");
        Assert.Equal([""], first.Names);
        Assert.Equal(Fixture.Base[..5], first.ReadNumbers("").ToDouble());
        Assert.Equal(("array", false), (first.Noun, first.IsTable));
    }

    [Fact]
    public void Gzip_around_an_array_is_unpacked()
    {
        using DataFile file = Fixture.Open("float64.npy.gz");
        Assert.Equal(Fixture.Base[..5], file.ReadNumbers("").DoubleValues);
        Assert.Equal([5L, 1L], file.ReadNumbers("").Shape);
    }

    [Fact]
    public void Members_are_named_without_their_extension_packed_or_not()
    {
        using DataFile file = Fixture.Open("stored.npz");
        Assert.Equal(["before", "after"], file.Names);
        Assert.Equal("member", file.Noun);
        Assert.Equal(file.ReadNumbers("before").ToDouble().Select(v => v + 1), file.ReadNumbers("after").ToDouble());
    }

    [Theory]
    [InlineData("complex", "type '<c16'"), InlineData("when", "type '<M8[D]'"), InlineData("structured", "structured array"), InlineData("huge_integer", "value 1 is 9007199254740993")]
    public void Other_types_are_refused_by_name(string name, string reason)
    {
        using DataFile file = Fixture.Open("arrays.npz");
        string message = Assert.Throws<DataFileException>(() => file.ReadNumbers(name)).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Contains(name, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Integers_too_large_for_double_are_exact_as_text()
    {
        using DataFile file = Fixture.Open("arrays.npz");
        Assert.Equal(["1", "9007199254740993"], file.ReadText("huge_integer"));
    }

    [Fact]
    public void Pickled_objects_are_never_executed()
    {
        string message = Assert.Throws<DataFileException>(() => Fixture.Open("pickled.npy")).Message;
        Assert.Contains("pickled objects are never executed", message, StringComparison.Ordinal);
        Assert.Contains("allow_pickle=False", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_of_numbers_is_shortest_round_trip()
    {
        using DataFile file = Fixture.Open("x.npy", Fixture.Npy("<f4", "(2,)", [.. BitConverter.GetBytes(0.1f), .. BitConverter.GetBytes(1e20f)]));
        Assert.Equal(["0.1", "1E+20"], file.ReadText(""));
    }
}
