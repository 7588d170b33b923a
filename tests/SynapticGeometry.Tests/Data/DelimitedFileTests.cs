using System.Globalization;
using System.Text;
using CsCheck;
using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Tables as text.</summary>
public sealed class DelimitedFileTests
{
    [Theory]
    [InlineData("pandas.csv"), InlineData("pandas.tsv"), InlineData("pandas.csv.gz"), InlineData("utf16.txt")]
    public void Tables_of_pandas_are_read_whatever_separates_and_encodes_them(string name)
    {
        using DataFile file = Fixture.Open(name);
        Assert.Equal(["synapse", "cell", "before", "after"], file.Names.TakeLast(4));
        Assert.Equal([0.1, 1e-300, double.NaN, 12345.678901234567], file.ReadNumbers("before").DoubleValues!);
        Assert.Equal([0.2, double.NegativeInfinity, 3.0, 2.2250738585072014e-308], file.ReadNumbers("after").DoubleValues!);
        Assert.Equal(["pyr", "pv, \"fast\"", "naïve", ""], file.ReadText("cell"));
        Assert.Equal(["1", "2", "3", "4"], file.ReadText("synapse"));
        Assert.Equal(("column", true), (file.Noun, file.IsTable));
        Assert.Equal([4L], file.ReadNumbers("after").Shape);
    }

    [Theory]
    [InlineData(","), InlineData(";"), InlineData("\t"), InlineData("|")]
    public void The_separator_is_found(string separator)
    {
        using DataFile file = Fixture.OpenText("t.txt", "cell,before,after\npyr,1,2\n".Replace(",", separator, StringComparison.Ordinal));
        Assert.Equal(["cell", "before", "after"], file.Names);
        Assert.Equal([2], file.ReadNumbers("after").DoubleValues!);
    }

    [Theory]
    [InlineData("1", 1.0), InlineData(" -2.5e-3 ", -0.0025), InlineData("+7", 7.0), InlineData(".5", 0.5), InlineData("1e999", double.PositiveInfinity)]
    [InlineData("", double.NaN), InlineData("NA", double.NaN), InlineData("nan", double.NaN), InlineData("NaN", double.NaN), InlineData("#N/A", double.NaN), InlineData("null", double.NaN)]
    [InlineData("inf", double.PositiveInfinity), InlineData("-Inf", double.NegativeInfinity), InlineData("Infinity", double.PositiveInfinity)]
    public void Numbers_and_the_marks_of_missing_values(string text, double value)
    {
        using DataFile file = Fixture.OpenText("t.csv", $"w,v\n{text},1\n");
        Assert.Equal([value], file.ReadNumbers("w").DoubleValues!);
    }

    [Fact]
    public void Text_in_a_number_column_is_named_by_row_line_and_column()
    {
        using DataFile file = Fixture.OpenText("t.csv", "# made by hand\ncell,w\n\"two\nlines\",1\npyr,small\n");
        Assert.Equal(
            "t.csv, row 2 (line 5), column \"w\": \"small\" is not a number.",
            Assert.Throws<DataFileException>(() => file.ReadNumbers("w")).Message);
    }

    [Fact]
    public void A_decimal_comma_is_refused_with_advice()
    {
        using DataFile file = Fixture.OpenText("t.csv", "cell;w\npyr;1,5\n");
        Assert.Equal(
            "t.csv, row 1 (line 2), column \"w\": \"1,5\" is not a number; decimals are written with a point.",
            Assert.Throws<DataFileException>(() => file.ReadNumbers("w")).Message);
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n", "t.csv, line 3: 1 field, and the header names 2 columns.")]
    [InlineData("a,b\n1,2,3\n", "t.csv, line 2: 3 fields, and the header names 2 columns.")]
    [InlineData("#c\na,b\n1,2\n\n\"3\"x,4\n", "t.csv, line 5: text after the closing quote")]
    [InlineData("a,b\n1,\"2\n", "t.csv, line 2: a quoted field that is never closed")]
    [InlineData("0.5,1.5\n1,2\n", "t.csv has no header row: its first line holds numbers (\"0.5\", ...); it must name the columns.")]
    [InlineData("1\n2\n", "t.csv has no header row")]
    [InlineData("\n\n", "t.csv has no header row")]
    [InlineData("# only a comment", "t.csv is not a readable text file: no header follows the comment")]
    [InlineData("a,b\n1,\0\n", "t.csv is not a readable text file: it has NUL bytes")]
    public void Tables_that_are_not_tables_are_refused_with_the_line(string text, string message) =>
        Assert.StartsWith(message, Fixture.Refusal("t.csv", Encoding.UTF8.GetBytes(text)), StringComparison.Ordinal);

    [Fact]
    public void A_name_given_twice_is_refused_only_when_asked_for()
    {
        using DataFile file = Fixture.OpenText("t.csv", "w,w,v\n1,2,3\n");
        Assert.Equal([3], file.ReadNumbers("v").DoubleValues!);
        Assert.Contains("more than one column named \"w\"", Assert.Throws<DataFileException>(() => file.ReadNumbers("w")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_numbered_by_pandas_count_as_named()
    {
        using DataFile file = Fixture.OpenText("t.csv", ",0,1\n0,0.5,0.25\n");
        Assert.Equal([0.25], file.ReadNumbers("1").DoubleValues!);
    }

    [Fact]
    public void A_brace_in_a_header_does_not_make_a_table_a_tensor_file()
    {
        using DataFile file = Fixture.OpenText("t.csv", "synapse,{w}\n1,2\n");
        Assert.Equal([2], file.ReadNumbers("{w}").DoubleValues!);
    }

    [Fact]
    public void A_hash_below_the_header_is_text()
    {
        using DataFile file = Fixture.OpenText("t.csv", "id,w\n#1,2\n");
        Assert.Equal(["#1"], file.ReadText("id"));
    }

    [Fact]
    public void A_table_without_rows_has_columns_without_values()
    {
        using DataFile file = Fixture.OpenText("t.csv", "a,b\n");
        Assert.Equal(0, file.ReadNumbers("b").Count);
    }

    [Fact]
    public void Identifiers_keep_every_digit_as_text()
    {
        using DataFile file = Fixture.OpenText("t.csv", "id,w\n864691135341149893,1\n007,2\n");
        Assert.Equal(["864691135341149893", "007"], file.ReadText("id"));
    }

    [Fact]
    public void What_was_written_comes_back()
    {
        // Any text that may stand in a field, quoted where it must be; leading and trailing blanks belong to quoted fields only.
        Gen<string> text = Gen.OneOf(Gen.String[Gen.Char["abc,;\"\n\t'é #"], 0, 8], Gen.Double.Select(d => d.ToString("R", CultureInfo.InvariantCulture)));
        Gen.Select(text, Gen.Double).Array[1, 30].Sample(rows =>
        {
            var table = new StringBuilder("name,value\n");
            foreach ((string name, double value) in rows)
            {
                table.Append('"').Append(name.Replace("\"", "\"\"", StringComparison.Ordinal)).Append("\",").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
            }

            using DataFile file = Fixture.OpenText("t.csv", table.ToString());
            Assert.Equal(rows.Select(r => r.Item1), file.ReadText("name"));
            Assert.Equal(rows.Select(r => r.Item2), file.ReadNumbers("value").DoubleValues);
        }, iter: 300, threads: 1);
    }

    [Theory]
    [InlineData(100), InlineData(8191), InlineData(8192), InlineData(8193), InlineData(65536), InlineData(200_000)]
    public void A_gzip_table_of_any_length_is_read_whole_and_refused_cut_short(int length)
    {
        // Digits that do not pack well, so that the packed length grows with the table's.
        var text = new StringBuilder("w\n");
        for (ulong i = 1; text.Length < length; i++)
        {
            text.Append((i * 0x9E3779B97F4A7C15UL >> 12) / 4503599627370496.0).Append('\n');
        }

        byte[] packed = Fixture.Gzip(Encoding.UTF8.GetBytes(text.ToString()));
        using DataFile file = Fixture.Open("t.csv.gz", packed);
        int rows = file.ReadNumbers("w").Count;
        Assert.Equal(text.ToString().Count(c => c == '\n') - 1, rows);

        // Two members after each other, as bgzip and cat make them, are one table.
        byte[] second = Fixture.Gzip("0.5\n0.25\n"u8.ToArray());
        using DataFile two = Fixture.Open("t.csv.gz", [.. packed, .. second]);
        Assert.Equal(rows + 2, two.ReadNumbers("w").Count);

        foreach (int cut in (int[])[1, 4, 8, 9, packed.Length / 2])
        {
            Assert.Contains("t.csv.gz", Fixture.Refusal("t.csv.gz", packed[..^cut]), StringComparison.Ordinal);
        }
    }
}
