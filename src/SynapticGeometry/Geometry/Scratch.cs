using System.Buffers;

namespace SynapticGeometry;

/// <summary>A pooled span of doubles, given back when the scope ends. Its first content is undefined.</summary>
internal readonly ref struct Scratch(int length)
{
    private readonly double[] _rented = ArrayPool<double>.Shared.Rent(length);

    public Span<double> Span => _rented.AsSpan(0, length);

    public void Dispose() => ArrayPool<double>.Shared.Return(_rented);
}
