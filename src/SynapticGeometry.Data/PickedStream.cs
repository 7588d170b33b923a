namespace SynapticGeometry.Data;

/// <summary>Passes on the elements of a tensor out of its storage, in the storage's order, while the others go by unkept.</summary>
internal sealed class PickedStream : ReadOnlyStream
{
    private readonly byte[] passedOver = new byte[1 << 16];
    private readonly int size;
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly long[] index;
    private long position;
    private long next;
    private int left;
    private bool ended;

    /// <summary>The elements of a tensor.</summary>
    /// <param name="storage">The storage, at its start.</param>
    /// <param name="size">Bytes of an element.</param>
    /// <param name="offset">Number of the tensor's first element.</param>
    /// <param name="shape">Lengths of its dimensions, none 0.</param>
    /// <param name="strides">Their strides, falling so that each steps over all that the ones behind it reach.</param>
    public PickedStream(Stream storage, int size, long offset, long[] shape, long[] strides)
        : base(storage)
    {
        (this.size, this.shape, this.strides, index) = (size, shape, strides, new long[shape.Length]);
        (next, left) = (offset * size, size);
    }

    public override int Read(Span<byte> buffer)
    {
        while (!ended && position < next)
        {
            int skipped = Inner.Read(passedOver.AsSpan(0, (int)Math.Min(passedOver.Length, next - position)));
            ended = skipped == 0;
            position += skipped;
        }

        if (ended || buffer.IsEmpty)
        {
            return 0;
        }

        // As many elements as lie side by side and have room; the last one perhaps in part.
        int length = 0;
        while (!ended && length < buffer.Length && next == position + length)
        {
            int taken = Math.Min(left, buffer.Length - length);
            length += taken;
            left -= taken;
            next += taken;
            if (left == 0)
            {
                Advance();
            }
        }

        int read = Inner.ReadAtLeast(buffer[..length], length, throwOnEndOfStream: false);
        position += read;
        ended |= read < length;
        return read;
    }

    private void Advance()
    {
        left = size;
        next -= size;
        for (int d = index.Length - 1; d >= 0; d--)
        {
            next += strides[d] * size;
            if (++index[d] < shape[d])
            {
                return;
            }

            next -= index[d] * strides[d] * size;
            index[d] = 0;
        }

        ended = true;
    }
}
