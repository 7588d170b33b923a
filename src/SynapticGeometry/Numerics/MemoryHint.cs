using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SynapticGeometry;

/// <summary>Hints about memory that change no result.</summary>
internal static unsafe class MemoryHint
{
    /// <summary>Bytes ahead: processors fetch ahead by themselves, but not past the end of a page of 4096 bytes.</summary>
    private const int Ahead = 4096;

    /// <summary>Asks for the data a page further on, which a pass over a long array will soon want; may point past the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PageAhead(double* at)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((byte*)at + Ahead);
        }
    }

    /// <inheritdoc cref="PageAhead(double*)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PageAhead<T>(ref T at) => PageAhead((double*)Unsafe.AsPointer(ref at));

    /// <summary>Asks for the data at a place that will soon be wanted; may point anywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Soon(double* at)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(at);
        }
    }
}
