using System.Buffers.Binary;
using System.IO.Compression;
using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Checkpoints that torch.save wrote (<c>Fixtures/make_torch.py</c>), and pickles that ask for more than tensors.</summary>
public sealed class TorchFileTests
{
    [Fact]
    public void Nested_dictionaries_are_laid_out_flat_and_what_is_no_tensor_is_passed_over()
    {
        using DataFile file = Fixture.Open("checkpoint.pt");
        Assert.Equal(("tensor", false), (file.Noun, file.IsTable));
        Assert.Equal(
            [
                "state_dict.module.first.weight", "state_dict.module.second.weight", "state_dict.module.norm.num_batches_tracked",
                "views.transposed", "views.column", "views.block", "views.every_other", "views.scalar",
                "types.double", "types.half", "types.bfloat16", "types.int8", "types.int16", "types.int32", "types.int64", "types.uint8", "types.bool",
                "types.complex", "types.empty", "optimizer.state.0.momentum_buffer",
            ],
            file.Names);
    }

    [Fact]
    public void Tensors_that_share_a_storage_are_each_read_whole()
    {
        using DataFile file = Fixture.Open("checkpoint.pt");
        foreach (string name in new[] { "state_dict.module.first.weight", "state_dict.module.second.weight" })
        {
            NumericArray values = file.ReadNumbers(name);
            Assert.Equal([2L, 2L], values.Shape);
            Assert.Equal([0.5f, -1.5f, 2f, 3.25f], values.SingleValues!);
        }

        Assert.Equal([7.0], file.ReadNumbers("state_dict.module.norm.num_batches_tracked").DoubleValues!);
    }

    // base = 0, 1, ..., 23 in 4 rows of 6.
    [Theory]
    [InlineData("transposed", new long[] { 6, 4 }, new float[] { 0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23 })]
    [InlineData("column", new long[] { 4 }, new float[] { 2, 8, 14, 20 })]
    [InlineData("block", new long[] { 2, 3 }, new float[] { 8, 9, 10, 14, 15, 16 })]
    [InlineData("every_other", new long[] { 2, 2 }, new float[] { 0, 3, 12, 15 })]
    [InlineData("scalar", new long[0], new float[] { 15 })]
    public void Views_are_read_in_row_major_order(string name, long[] shape, float[] values)
    {
        using DataFile file = Fixture.Open("checkpoint.pt");
        NumericArray read = file.ReadNumbers("views." + name);
        Assert.Equal(shape, read.Shape);
        Assert.Equal(values, read.SingleValues);
    }

    public static TheoryData<long, long[], long[]> Views => new()
    {
        { 0, [24], [1] }, { 5, [], [] }, { 7, [3], [1] }, { 2, [4], [6] }, { 0, [6, 4], [1, 6] }, { 8, [2, 3], [6, 1] }, { 1, [2, 2], [12, 3] },
        { 0, [2, 3, 4], [4, 8, 1] }, { 0, [4, 1, 3, 2], [1, 99, 8, 4] }, { 3, [0, 4], [1, 1] }, { (1 << 20) - 2, [2], [1] },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public void A_view_of_a_packed_storage_is_what_it_is_of_a_plain_one(long offset, long[] shape, long[] strides)
    {
        const int Count = 1 << 20;
        byte[] storage = new byte[4 * Count], pickle = new Pickle().Tensor("w", shape, strides, Count, offset: offset).Bytes;
        for (int i = 0; i < 24; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(storage.AsSpan(4 * i), i);
            BinaryPrimitives.WriteSingleLittleEndian(storage.AsSpan(4 * (Count - 1 - i)), -i);
        }

        // By counting: the numbers of the elements in row-major order.
        long[] places = [offset];
        for (int d = 0; d < shape.Length; d++)
        {
            places = [.. places.SelectMany(p => Enumerable.Range(0, (int)shape[d]).Select(i => p + (i * strides[d])))];
        }

        float[] expected = [.. places.Select(p => BitConverter.ToSingle(storage, (int)(4 * p)))];
        foreach (CompressionLevel packing in new[] { CompressionLevel.NoCompression, CompressionLevel.Optimal })
        {
            using DataFile file = Fixture.Open("w.pt", Fixture.Zip(packing, ("a/data.pkl", pickle), ("a/data/0", storage)));
            NumericArray read = file.ReadNumbers("w");
            Assert.Equal(shape, read.Shape);
            Assert.Equal(expected, read.SingleValues!);
        }
    }

    [Theory]
    [InlineData(new long[] { 12, 12 }, new long[] { 12, 1 }), InlineData(new long[] { 12, 12 }, new long[] { 1, 1 << 20 })]
    public void A_few_elements_of_a_long_packed_storage_cost_no_more_memory_than_they_are_worth(long[] shape, long[] strides)
    {
        const int Count = 1 << 24;
        using DataFile file = Fixture.Open("w.pt", Fixture.Zip(("a/data.pkl", new Pickle().Tensor("w", shape, strides, Count).Bytes), ("a/data/0", new byte[4 * Count])));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(new float[144], file.ReadNumbers("w").SingleValues!);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_packed_storage_is_refused_where_elements_repeat_or_its_checksum_is_wrong()
    {
        const int Count = 1 << 20;
        byte[] storage = new byte[4 * Count];
        Assert.Contains("repeats elements", Fixture.Refusal("w.pt", Fixture.Zip(("a/data.pkl", new Pickle().Tensor("w", [3, 3], [1, 1], Count).Bytes), ("a/data/0", storage))), StringComparison.Ordinal);
        byte[] file = Fixture.Zip(("a/data.pkl", new Pickle().Tensor("w", [3], [1], Count).Bytes), ("a/data/0", storage));
        int directory = file.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        file[directory + 16] ^= 1;
        Assert.Contains("checksum", Fixture.Refusal("w.pt", file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("double", "1E+300,-2.5"), InlineData("half", "0.5,-2"), InlineData("bfloat16", "0.5,-2")]
    [InlineData("int8", "-3,-2,-1,0,1,2"), InlineData("int16", "-3,-2,-1,0,1,2"), InlineData("int32", "-3,-2,-1,0,1,2"), InlineData("int64", "-3,-2,-1,0,1,2")]
    [InlineData("uint8", "0,1,2,3,4,5"), InlineData("bool", "False,False,False,False,True,True"), InlineData("empty", "")]
    public void Every_type_of_element_is_read(string name, string values)
    {
        using DataFile file = Fixture.Open("checkpoint.pt");
        Assert.Equal(values, string.Join(",", file.ReadText("types." + name)));
        Assert.Equal(values.Length == 0 ? 0 : values.Split(',').Length, file.ReadNumbers("types." + name).Count);
    }

    [Fact]
    public void A_type_that_is_not_read_does_not_stand_in_the_way_of_the_others()
    {
        using DataFile file = Fixture.Open("checkpoint.pt");
        string message = Assert.Throws<DataFileException>(() => file.ReadNumbers("types.complex")).Message;
        Assert.Contains("tensor \"types.complex\" has elements of torch.ComplexFloatStorage", message, StringComparison.Ordinal);
        Assert.Equal([0L, 4L], file.ReadNumbers("types.empty").Shape);
    }

    [Fact]
    public void Files_from_before_version_1_6_are_refused_with_the_way_to_save_them_again()
    {
        string message = Assert.Throws<DataFileException>(() => Fixture.Open("before-1.6.pt")).Message;
        Assert.Contains("versions before 1.6", message, StringComparison.Ordinal);
        Assert.Contains("torch.save(torch.load(", message, StringComparison.Ordinal);
        Assert.Contains("is a pickled Python object", Fixture.Refusal("w.pkl", [0x80, 4, (byte)'N', (byte)'.']), StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_module_is_refused_by_the_name_of_its_class()
    {
        string message = Assert.Throws<DataFileException>(() => Fixture.Open("module.pt")).Message;
        Assert.Contains("holds an object of torch.nn.modules.linear.Linear, and pickled objects are never executed; save the network's state_dict() alone", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_cut_short_or_with_changed_bytes_are_refused()
    {
        byte[] whole = File.ReadAllBytes(Fixture.Path("checkpoint.pt"));
        Assert.Contains("PyTorch", Fixture.Refusal("w.pt", whole[..200]), StringComparison.Ordinal);
        int place = whole.AsSpan().IndexOf(BitConverter.GetBytes(3.25f));
        whole[place] ^= 1;
        Assert.Contains("checksum", Fixture.Refusal("w.pt", whole), StringComparison.Ordinal);
        Assert.Contains("does not begin with", Fixture.Refusal("w.pth", "nothing"u8.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pickle_made_by_hand_gives_its_tensor()
    {
        // Control of the refusals below: the same file, with nothing wrong in it.
        using DataFile file = Fixture.Open("w.pt", Checkpoint(new Pickle().Tensor("w", [2, 3], [3, 1]).Bytes));
        Assert.Equal(["w"], file.Names);
        Assert.Equal([0, 1, 2, 3, 4, 5], file.ReadNumbers("w").SingleValues!);
    }

    public static TheoryData<string, string> Hostile
    {
        get
        {
            var cases = new TheoryData<string, string>();
            void Add(Pickle pickle, string refusal) => cases.Add(Convert.ToBase64String(pickle.Bytes), refusal);
            Add(new Pickle().Global("os", "system"), "holds an object of os.system, and pickled objects are never executed");
            Add(new Pickle().Global("builtins", "eval"), "builtins.eval");
            Add(new Pickle().Text("posix").Text("system").Raw(0x93), "posix.system");
            Add(new Pickle().Global("torch.storage", "UntypedStorage"), "torch.storage.UntypedStorage");
            Add(new Pickle().Raw("ios\nsystem\n"), "the pickle instruction INST");
            Add(new Pickle().Raw(0x81), "the pickle instruction NEWOBJ");
            Add(new Pickle().Raw(0x82, 1), "the pickle instruction EXT1");
            Add(new Pickle().Raw(0xff), "the pickle instruction 0xff");
            Add(new Pickle().Global("collections", "OrderedDict").Raw("K\x01\x85R"), "calls collections.OrderedDict with arguments that are not those of a tensor");
            Add(new Pickle().Global("torch", "FloatStorage").Raw(")R"), "calls torch.FloatStorage");
            Add(new Pickle().Raw("K\x01)R"), "calls what is no function");
            Add(new Pickle().Raw("K\x01Q"), "no storage of a tensor");
            Add(new Pickle().Raw("N}b"), "sets the state of an object that is no dictionary");
            Add(new Pickle().Raw("K\x01s"), "takes more values than there are");
            Add(new Pickle().Raw("](K\x01u"), "puts an item into what is no dictionary");
            Add(new Pickle().Raw("}(K\x01u"), "a key without a value");
            Add(new Pickle().Raw("}Na"), "appends to what is no list");
            Add(new Pickle().Raw("t"), "ends a group that was not begun");
            Add(new Pickle().Raw("(0"), "0x30");
            Add(new Pickle().Raw("h\x05"), "asks for object 5, which was not kept");
            Add(new Pickle().Raw(0x8a, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1), "more than 64 bits");
            Add(new Pickle().Raw("X\x02\x00\x00\x00").Raw(0xc3, 0x28), "not valid UTF-8");
            Add(new Pickle().Raw("X").Raw(0xff, 0xff, 0xff, 0x7f), "cut short");
            Add(new Pickle().Raw("c"), "cut short");
            Add(new Pickle().Raw("}NNs"), "without a tensor");
            Add(new Pickle().Raw("}N").Storage(6).TensorOf([6], [1]).Raw("s"), "keys are neither text nor whole numbers");
            Add(new Pickle().Tensor("w", [7], [1]), "in a storage of 6, which is too short");
            Add(new Pickle().Tensor("w", [2, 3], [4, 1]), "which is too short");
            Add(new Pickle().Tensor("w", [3037000500, 3037000500], [3037000500, 1]), "which is too short");
            Add(new Pickle().Tensor("w", [1 << 30], [0]), "it repeats its elements; save it after .contiguous()");
            Add(new Pickle().Tensor("w", [-1], [1]), "whole numbers from 0 on are allowed");
            Add(new Pickle().Tensor("w", [2, 3], [1]), "2 lengths and 1 strides");
            Add(new Pickle().Tensor("w", [.. Enumerable.Repeat(1L, 65)], [.. Enumerable.Repeat(1L, 65)]), "at most 64");
            Add(new Pickle().Tensor("w", [6], [1], stored: 7), "among 7 values of 4 bytes, and its member has 24 bytes");
            Add(new Pickle().Tensor("w", [6], [1], stored: long.MaxValue), "its member has 24 bytes");
            Add(new Pickle().Tensor("w", [6], [1], key: "9"), "\"data/9\", which is not there");
            Add(Nested(60), "nested deeper than 32");
            Add(Doubled(30), "nested deeper than 32");
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_is_no_dictionary_of_tensors_is_refused_by_name(string pickle, string refusal)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(refusal, Fixture.Refusal("w.pt", Checkpoint(Convert.FromBase64String(pickle))), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20);
    }

    [Fact]
    public void Two_pickles_and_a_strange_byte_order_are_refused()
    {
        byte[] pickle = new Pickle().Tensor("w", [6], [1]).Bytes;
        Assert.Contains("2 members named data.pkl", Fixture.Refusal("w.pt", Fixture.Zip(("a/data.pkl", pickle), ("b/data.pkl", pickle))), StringComparison.Ordinal);
        Assert.Contains("byte order is \"middle\"", Fixture.Refusal("w.pt", Fixture.Zip(("a/data.pkl", pickle), ("a/byteorder", "middle"u8.ToArray()))), StringComparison.Ordinal);
        Assert.Contains("two members named", Fixture.Refusal("w.pt", Fixture.Zip(("a/data.pkl", pickle), ("a/data/0", pickle), ("a/data/0", pickle))), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_with_the_high_byte_first_are_read_where_the_file_says_so()
    {
        byte[] swapped = new byte[24];
        for (int i = 0; i < 6; i++)
        {
            BinaryPrimitives.WriteSingleBigEndian(swapped.AsSpan(4 * i), i);
        }

        byte[] file = Fixture.Zip(("a/data.pkl", new Pickle().Tensor("w", [6], [1]).Bytes), ("a/byteorder", "big"u8.ToArray()), ("a/data/0", swapped));
        using DataFile opened = Fixture.Open("w.pt", file);
        Assert.Equal([0, 1, 2, 3, 4, 5], opened.ReadNumbers("w").SingleValues!);
    }

    private static Pickle Nested(int depth)
    {
        var pickle = new Pickle();
        for (int i = 0; i < depth; i++)
        {
            pickle.Raw("}").Text("k");
        }

        pickle.Raw("}");
        for (int i = 0; i < depth; i++)
        {
            pickle.Raw("s");
        }

        return pickle;
    }

    // Each dictionary holds the one before it twice: 2³⁰ ways to the innermost.
    private static Pickle Doubled(int depth)
    {
        var pickle = new Pickle().Raw("}q\0");
        for (byte i = 0; i < depth; i++)
        {
            pickle.Raw("}K\x01h").Raw(i).Raw("sK\x02h").Raw(i).Raw("sq").Raw((byte)(i + 1));
        }

        return pickle;
    }

    // The numbers 0 to 5 in single precision are member 0.
    private static byte[] Checkpoint(byte[] pickle)
    {
        byte[] storage = new byte[24];
        for (int i = 0; i < 6; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(storage.AsSpan(4 * i), i);
        }

        return Fixture.Zip(("a/data.pkl", pickle), ("a/data/0", storage));
    }
}
