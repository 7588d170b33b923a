using CsCheck;
using SynapticGeometry.Data;
using SynapticGeometry.Papers;
using Xunit;

namespace SynapticGeometry.Tests.Papers;

public sealed class FigureTableTests
{
    [Fact]
    public void A_table_comes_back_from_its_text_bit_for_bit() =>
        Gen.Double.Array[1, 30].Sample(values =>
        {
            FigureTable read = FigureTable.Parse("t", new FigureTable("t", new("a", "mV", values), new("b_2", "1/(mV s)", [.. values.Reverse()])).ToCsv());
            return read["a"].SequenceEqual(values) && read["b_2"].SequenceEqual(values.Reverse()) && read.Columns[1].Unit == "1/(mV s)";
        });

    [Theory]
    [InlineData("a,b [1]\n1,2\n", "heading \"a\"")]
    [InlineData("a [1],b [1]\n1,2\n1\n", "line 3: 1 cells")]
    [InlineData("a [1],b [1]\n1,two\n", "column b: \"two\"")]
    public void What_is_no_table_is_refused_with_its_place(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<DataFileException>(() => FigureTable.Parse("t", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Columns_of_different_lengths_are_refused() =>
        Assert.Contains("has 1 rows; the first has 2", Assert.Throws<ArgumentException>(() => new FigureTable("t", new("a", "1", [1, 2]), new("b", "1", [1]))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_archive_holds_every_column()
    {
        string folder = Directory.CreateTempSubdirectory("syngeo-test-").FullName;
        try
        {
            FigureData data = new(new FigureTable("t", new("a", "1", [1, 2, 3]), new("b", "mV", [0.5, -1, 4])), new FigureTable("u", new FigureColumn("a", "1", [7])));
            data.Write(folder, "all.npz");

            using DataFile file = DataFiles.Open(Path.Combine(folder, "all.npz"));
            Assert.Equal(["t/a", "t/b", "u/a"], file.Names);
            Assert.Equal([0.5, -1, 4], file.ReadNumbers("t/b").DoubleValues!);
            Assert.Equal(data["t"].ToCsv(), FigureData.Read(folder, ["t"])["t"].ToCsv());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
