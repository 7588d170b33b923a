using System.Buffers.Binary;
using System.Text;
using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Headers that lie: each is refused by a sentence that says what is wrong, without memory being taken for it.</summary>
public sealed class HostileFileTests
{
    private static readonly byte[] Sixteen = new byte[16];

    [Theory]
    [InlineData("(4294967296, 4294967296)", "at most")]
    [InlineData("(9223372036854775807, 2)", "at most")]
    [InlineData("(18446744073709551616,)", "beyond 2^63")]
    [InlineData("(-1,)", "negative")]
    [InlineData("(2000000000,)", "needs 16000000000 bytes, and 16 are there")]
    [InlineData("(3,)", "needs 24 bytes, and 16 are there")]
    [InlineData("(1,)", "goes on after its array")]
    [InlineData("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)", "more than 64 dimensions")]
    [InlineData("(two,)", "a length in the shape was expected")]
    [InlineData("(2", "a length in the shape was expected")]
    public void Shapes_that_do_not_fit_the_file_are_refused(string shape, string reason)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Fixture.Refusal("w.npy", Fixture.Npy("<f8", shape, Sixteen));
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.StartsWith("w.npy", message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData("", "'{' was expected")]
    [InlineData("{", "a quoted name was expected")]
    [InlineData("{}", "must all be given")]
    [InlineData("{'descr': '<f8', 'descr': '<f8'}", "twice")]
    [InlineData("{'descr': '<f8', 'evil': '<f8'}", "'evil' is unknown")]
    [InlineData("{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2,)}", "True or False was expected")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} __import__('os')", "something follows")]
    [InlineData("{'descr': '<f8\\'', 'fortran_order': False, 'shape': (2,)}", "escapes")]
    [InlineData("{'descr': '<f8", "a quote is not closed")]
    [InlineData("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}", "structured")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", "never executed")]
    [InlineData("{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", "type '<f16'")]
    [InlineData("{'descr': '<f-8', 'fortran_order': False, 'shape': (1,)}", "type '<f-8'")]
    [InlineData("{'descr': '<U999999999999', 'fortran_order': False, 'shape': (1,)}", "type '<U999999999999'")]
    [InlineData("{'descr': '|S0', 'fortran_order': False, 'shape': (2000000000,)}", "type '|S0'")]
    [InlineData("{'descr': '', 'fortran_order': False, 'shape': (2,)}", "type ''")]
    public void Dictionaries_that_NumPy_does_not_write_are_refused(string header, string reason) =>
        Assert.Contains(reason, Fixture.Refusal("w.npy", Fixture.Npy(header, Sixteen)), StringComparison.Ordinal);

    [Fact]
    public void A_header_longer_than_the_file_is_refused()
    {
        byte[] file = Fixture.Npy("{}", [], version: 2);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), 900_000);
        Assert.Contains("900000 bytes and 2 are left", Fixture.Refusal("w.npy", file), StringComparison.Ordinal);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), uint.MaxValue);
        Assert.Contains("declares a .npy header of 4294967295 bytes", Fixture.Refusal("w.npy", file), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_version_is_refused() =>
        Assert.Contains("version 4.0", Fixture.Refusal("w.npy", Fixture.Npy("{}", [], version: 4)), StringComparison.Ordinal);

    [Fact]
    public void A_zip_member_that_declares_more_than_it_holds_costs_only_what_it_holds()
    {
        // More than a first piece, so that the array has to grow.
        byte[] member = Fixture.Npy("<f8", "(250000000,)", new byte[5_000_000]);
        byte[] file = Fixture.Zip(("w.npy", member));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("needs 2000000000 bytes, and 5000000 are there", Fixture.Refusal("w.npz", file), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 32 << 20);
    }

    [Fact]
    public void A_declared_shape_is_told_without_memory_being_taken_for_it()
    {
        byte[] member = Fixture.Npy("<f8", "(250000000,)", new byte[5_000_000]);
        using DataFile file = Fixture.Open("w.npz", Fixture.Zip(("w.npy", member)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal([250_000_000L], file.ShapeOf("w"));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData("w.npz", "w.npy"), InlineData("w.pt", "a/data.pkl")]
    public void A_zip_archive_whose_members_lie_over_one_another_is_refused(string name, string member)
    {
        // Two members that do not pack. The second one's bytes are taken out, and its entry in the directory is pointed at the first.
        byte[] noise = new byte[4000];
        RandomSource random = new(1);
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = (byte)random.NextInt(256);
        }

        byte[] file = Fixture.Zip((member, noise), ("a/data/0", noise));
        int second = file.AsSpan().LastIndexOf("PK\u0001\u0002"u8), first = file.AsSpan().IndexOf("PK\u0001\u0002"u8), between = file.AsSpan(4).IndexOf("PK\u0003\u0004"u8) + 4;
        byte[] shorter = [.. file[..between], .. file[first..]];
        int removed = first - between, end = shorter.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        BinaryPrimitives.WriteInt32LittleEndian(shorter.AsSpan(second - removed + 42), 0);
        BinaryPrimitives.WriteInt32LittleEndian(shorter.AsSpan(end + 16), first - removed);
        Assert.Contains("lie over one another", Fixture.Refusal(name, shorter), StringComparison.Ordinal);
    }

    [Fact]
    public void A_gzip_file_that_declares_more_than_it_holds_costs_only_what_it_holds()
    {
        byte[] file = Fixture.Gzip(Fixture.Npy("<f4", "(500000000,)", new byte[100_000]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("and 100000 are there", Fixture.Refusal("w.npy.gz", file), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20);
    }

    [Fact]
    public void A_member_whose_bytes_have_changed_is_refused_by_its_checksum()
    {
        // Stored, not packed: the bytes of the array stand in the file as they are.
        byte[] file = File.ReadAllBytes(Fixture.Path("stored.npz"));
        int place = file.AsSpan().IndexOf(BitConverter.GetBytes(0.1875f));
        file[place] ^= 1;
        Assert.Contains("checksum", Fixture.Refusal("w.npz", file), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_members_of_one_name_are_refused_when_asked_for()
    {
        byte[] array = Fixture.Npy("<f8", "(2,)", Sixteen);
        Assert.Contains("more than one member named \"w\"", Fixture.Refusal("w.npz", Fixture.Zip(("w.npy", array), ("w.npy", array))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[Content_Types].xml", "Excel")]
    [InlineData("readme.txt", "zip archive without .npy members")]
    public void Zip_archives_of_other_kinds_are_told_apart(string member, string kind) =>
        Assert.Contains(kind, Fixture.Refusal("w.pt", Fixture.Zip((member, Sixteen))), StringComparison.Ordinal);

    [Fact]
    public void Members_of_other_kinds_are_passed_over()
    {
        using DataFile file = Fixture.Open("w.npz", Fixture.Zip(("readme.txt", Sixteen), ("deep/w.npy", Fixture.Npy("<f8", "(2,)", Sixteen))));
        Assert.Equal(["deep/w"], file.Names);
    }

    [Theory]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},\"w\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[16,16]}}", "w")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[0,16]}}", "needs 24 bytes, and its data_offsets give it 16")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,16]}}", "needs 9223372036854775807 bytes")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[16,0]}}", "from byte 16 to byte 0 of 16")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[0,24]}}", "from byte 0 to byte 24 of 16")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[-2],\"data_offsets\":[0,16]}}", "\"-2\"")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[2.5],\"data_offsets\":[0,16]}}", "\"2.5\"")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[18446744073709551616],\"data_offsets\":[0,16]}}", "18446744073709551616")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,16]}}", "gaps and overlaps")]
    [InlineData("{\"v\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,16]}}", "gaps and overlaps")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", "end at byte 8 of the data, which has 16")]
    [InlineData("{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8,16]}}", "3 data_offsets")]
    [InlineData("{\"w\":{\"dtype\":8,\"shape\":[2],\"data_offsets\":[0,16]}}", "lacks its dtype")]
    [InlineData("{\"w\":{\"shape\":[2],\"data_offsets\":[0,16]}}", "lacks its dtype")]
    [InlineData("{\"w\":7}", "lacks its dtype")]
    [InlineData("{\"w\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", "depth")]
    [InlineData("{\"w\":", "not a readable .safetensors file")]
    [InlineData("[]", "begin with '{'")]
    public void Tensors_that_do_not_fit_the_file_are_refused(string header, string reason)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Fixture.Refusal("w.safetensors", Fixture.Safetensors(header, Sixteen));
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.StartsWith("w.safetensors", message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_safetensors_header_longer_than_the_file_is_refused()
    {
        byte[] file = Fixture.Safetensors("{}", []);
        BinaryPrimitives.WriteUInt64LittleEndian(file, ulong.MaxValue);
        Assert.Contains("18446744073709551615 bytes and 2 are left", Fixture.Refusal("w.safetensors", file), StringComparison.Ordinal);
        Assert.Contains("shorter than the 8 bytes", Fixture.Refusal("w.safetensors", file[..5]), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_not_text_are_refused()
    {
        string header = "{\"w?\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}";
        byte[] notUtf8 = Fixture.Safetensors(header, Sixteen);
        notUtf8[notUtf8.AsSpan().IndexOf((byte)'?')] = 0xff;
        Assert.Contains("not valid text", Fixture.Refusal("w.safetensors", notUtf8), StringComparison.Ordinal);

        byte[] halfCharacter = Fixture.Safetensors(header.Replace("?", "\\ud800", StringComparison.Ordinal), Sixteen);
        Assert.Contains("not valid text", Fixture.Refusal("w.safetensors", halfCharacter), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zero_length_forgives_lengths_that_would_overflow()
    {
        using DataFile file = Fixture.Open("w.safetensors", Fixture.Safetensors(
            "{\"w\":{\"dtype\":\"F64\",\"shape\":[9223372036854775807,9223372036854775807,0],\"data_offsets\":[0,0]}}", []));
        Assert.Equal(0, file.ReadNumbers("w").Count);
    }

    [Theory]
    [InlineData("w.h5", "HDF5"), InlineData("w.parquet", "Parquet"), InlineData("w.npz", "NumPy .npz"), InlineData("w.npy", "NumPy .npy")]
    public void A_file_that_does_not_begin_as_its_extension_promises_is_refused(string name, string format)
    {
        string message = Fixture.Refusal(name, Encoding.UTF8.GetBytes("something else entirely"));
        Assert.Contains($"{name} is not a readable {format} file", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("w.h5", "datasets.h5"), InlineData("w.parquet", "rust.parquet"), InlineData("w.npz", "arrays.npz"), InlineData("w.csv.gz", "pandas.csv.gz")]
    public void Half_a_file_is_refused_by_name(string name, string fixture)
    {
        byte[] whole = File.ReadAllBytes(Fixture.Path(fixture));
        Assert.Contains(name, Fixture.Refusal(name, whole[..(whole.Length / 2)]), StringComparison.Ordinal);
    }
}
