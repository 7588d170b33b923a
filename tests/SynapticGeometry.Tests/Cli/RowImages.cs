using System.Buffers.Binary;

namespace SynapticGeometry.Tests.Cli;

/// <summary>Idx files of easy images: ten classes, for each a bright row.</summary>
internal static class RowImages
{
    /// <summary>Writes both parts into a folder.</summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="training">Number of training images.</param>
    /// <param name="test">Number of test images.</param>
    /// <param name="side">Rows and columns.</param>
    /// <param name="change">Changes labels, given "train" or "t10k"; null for none.</param>
    public static string Write(string folder, int training = 120, int test = 60, int side = 28, Action<string, byte[]>? change = null)
    {
        Directory.CreateDirectory(folder);
        foreach ((string prefix, int count) in new[] { ("train", training), ("t10k", test) })
        {
            byte[] pixels = new byte[count * side * side], labels = new byte[count];
            for (int i = 0; i < count; i++)
            {
                labels[i] = (byte)(i % 10);
                pixels.AsSpan((i * side * side) + (labels[i] * 2 * side), 2 * side).Fill((byte)(150 + (i % 100)));
            }

            change?.Invoke(prefix, labels);
            File.WriteAllBytes(Path.Combine(folder, prefix + "-images-idx3-ubyte"), [0, 0, 8, 3, .. Bytes(count), .. Bytes(side), .. Bytes(side), .. pixels]);
            File.WriteAllBytes(Path.Combine(folder, prefix + "-labels-idx1-ubyte"), [0, 0, 8, 1, .. Bytes(count), .. labels]);
        }

        return folder;
    }

    private static byte[] Bytes(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
