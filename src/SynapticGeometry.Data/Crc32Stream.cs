using System.Buffers.Binary;

namespace SynapticGeometry.Data;

/// <summary>
/// Passes a zip member on and compares its CRC-32 at the end, which .NET's archive does not. It cannot seek and claims no length:
/// the length in a zip's directory is a claim like any other.
/// </summary>
internal sealed class Crc32Stream(Stream inner, uint expected, string owner) : ReadOnlyStream(inner)
{
    private static readonly uint[][] Tables = MakeTables();
    private uint crc = uint.MaxValue;

    public override int Read(Span<byte> buffer)
    {
        int read = Inner.Read(buffer);
        if (read == 0 && buffer.Length > 0 && ~crc != expected)
        {
            throw new DataFileException($"{owner} is damaged: its checksum is {~crc:x8}, and the archive says {expected:x8}.");
        }

        crc = Update(crc, buffer[..read]);
        return read;
    }

    /// <summary>CRC-32 of zip (polynomial 0xEDB88320, reflected).</summary>
    internal static uint Compute(ReadOnlySpan<byte> bytes) => ~Update(uint.MaxValue, bytes);

    // Eight bytes a step ("slicing by 8"): table k holds the effect of a byte that k more bytes follow.
    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] t0 = Tables[0], t1 = Tables[1], t2 = Tables[2], t3 = Tables[3], t4 = Tables[4], t5 = Tables[5], t6 = Tables[6], t7 = Tables[7];
        while (bytes.Length >= 8)
        {
            uint low = crc ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t7[low & 255] ^ t6[(low >> 8) & 255] ^ t5[(low >> 16) & 255] ^ t4[low >> 24]
                ^ t3[high & 255] ^ t2[(high >> 8) & 255] ^ t1[(high >> 16) & 255] ^ t0[high >> 24];
            bytes = bytes[8..];
        }

        foreach (byte b in bytes)
        {
            crc = t0[(crc ^ b) & 255] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[][] MakeTables()
    {
        uint[][] tables = new uint[8][];
        for (int k = 0; k < 8; k++)
        {
            tables[k] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint c = k == 0 ? i : tables[k - 1][i];
                if (k == 0)
                {
                    for (int bit = 0; bit < 8; bit++)
                    {
                        c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
                    }
                }
                else
                {
                    c = tables[0][c & 255] ^ (c >> 8);
                }

                tables[k][i] = c;
            }
        }

        return tables;
    }
}
