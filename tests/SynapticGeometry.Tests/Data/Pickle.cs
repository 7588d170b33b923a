using System.Text;

namespace SynapticGeometry.Tests;

/// <summary>Writes pickle instructions, as the format's description in Python's pickletools gives them.</summary>
internal sealed class Pickle
{
    private readonly List<byte> written = [];

    public Pickle() => Raw(0x80, 2);

    public byte[] Bytes => [.. written, (byte)'.'];

    public Pickle Raw(params byte[] bytes)
    {
        written.AddRange(bytes);
        return this;
    }

    public Pickle Raw(string latin) => Raw(Encoding.Latin1.GetBytes(latin));

    public Pickle Text(string text) => Raw("X").Raw(BitConverter.GetBytes(text.Length)).Raw(text);

    public Pickle Global(string module, string name) => Raw($"c{module}\n{name}\n");

    public Pickle Whole(long value) => Raw(0x8a, 8).Raw(BitConverter.GetBytes(value));

    public Pickle Tensor(string name, long[] shape, long[] strides, long stored = 6, string key = "0", long offset = 0) =>
        Raw("}").Entry(name, shape, strides, stored, key, offset);

    /// <summary>A tensor into the dictionary that was begun last.</summary>
    public Pickle Entry(string name, long[] shape, long[] strides, long stored, string key, long offset = 0) =>
        Text(name).Storage(stored, key).TensorOf(shape, strides, offset).Raw("s");

    /// <summary>The function that builds a tensor, a mark, and its first argument.</summary>
    public Pickle Storage(long stored, string key = "0") =>
        Global("torch._utils", "_rebuild_tensor_v2").Raw("((").Text("storage").Global("torch", "FloatStorage").Text(key).Text("cpu").Whole(stored).Raw("tQ");

    public Pickle TensorOf(long[] shape, long[] strides, long offset = 0)
    {
        Whole(offset);
        foreach (long[] numbers in new[] { shape, strides })
        {
            Raw("(");
            foreach (long number in numbers)
            {
                Whole(number);
            }

            Raw("t");
        }

        return Raw(0x89).Global("collections", "OrderedDict").Raw(")RtR");
    }
}
