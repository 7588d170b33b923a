using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Tensors laid out as the format's description says, by a script that is not ours to read with.</summary>
public sealed class SafetensorsFileTests
{
    [Theory]
    [InlineData("f32"), InlineData("f16"), InlineData("bf16")]
    public void Up_to_single_precision_becomes_single(string name)
    {
        using DataFile file = Fixture.Open("tensors.safetensors");
        Assert.Equal(Fixture.Base, file.ReadNumbers(name).SingleValues!.Select(v => (double)v));
    }

    [Fact]
    public void Double_precision_stays_double_with_its_shape()
    {
        using DataFile file = Fixture.Open("tensors.safetensors");
        Assert.Equal(Fixture.Base, file.ReadNumbers("f64").DoubleValues);
        Assert.Equal([2L, 3L], file.ReadNumbers("f64").Shape);
        Assert.Equal([3L, 2L], file.ReadNumbers("bf16").Shape);
        Assert.Empty(file.ReadNumbers("scalar").Shape);
        Assert.Equal([0L, 4L], file.ReadNumbers("empty").Shape);
    }

    [Theory]
    [InlineData("i8", -3), InlineData("i16", -3), InlineData("i32", -3), InlineData("i64", -3)]
    [InlineData("u8", 0), InlineData("u16", 0), InlineData("u32", 0), InlineData("u64", 0)]
    public void Whole_numbers_become_double(string name, int first)
    {
        using DataFile file = Fixture.Open("tensors.safetensors");
        Assert.Equal(Enumerable.Range(first, 6).Select(i => (double)i), file.ReadNumbers(name).DoubleValues);
    }

    [Fact]
    public void Names_leave_the_metadata_out()
    {
        using DataFile file = Fixture.Open("tensors.safetensors");
        Assert.Equal(16, file.Names.Count);
        Assert.DoesNotContain("__metadata__", file.Names);
        Assert.Equal(("tensor", false), (file.Noun, file.IsTable));
    }

    [Fact]
    public void A_type_that_is_not_read_does_not_stand_in_the_way_of_the_others()
    {
        using DataFile file = Fixture.Open("tensors.safetensors");
        string message = Assert.Throws<DataFileException>(() => file.ReadNumbers("eight")).Message;
        Assert.Contains("tensor \"eight\" has elements of type F8_E4M3", message, StringComparison.Ordinal);
        Assert.Equal(["1", "0", "1"], file.ReadNumbers("flags").DoubleValues!.Select(v => $"{v}"));
    }
}
