using System.Runtime.InteropServices;

namespace SynapticGeometry;

/// <summary>
/// A matrix of single precision, row by row, made for vectors: rows begin at multiples of 64 bytes and are filled up with zeros, and there
/// are rows of zeros up to a multiple of what is asked for.
/// </summary>
internal sealed unsafe class FloatMatrix
{
    private const int Line = 16;

    // Rows that lie a multiple of a page apart fall into the same places of the cache.
    private const int Page = 1024;

    private readonly float[] storage;

    /// <summary>A matrix of zeros.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Numbers in a row.</param>
    /// <param name="multiple">The number of stored rows is a multiple of this.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit into an array.</exception>
    public FloatMatrix(int rows, int columns, int multiple)
    {
        (Rows, Columns) = (rows, columns);
        StoredRows = (rows + multiple - 1) / multiple * multiple;
        Stride = (columns + Line - 1) / Line * Line;
        Stride += Stride % Page == 0 ? Line : 0;
        long length = ((long)StoredRows * Stride) + Line;
        storage = length <= Array.MaxLength
            ? GC.AllocateArray<float>((int)length, pinned: true)
            : throw new ArgumentOutOfRangeException(nameof(rows), $"A matrix of {rows} rows of {columns} numbers is too large; an array takes {Array.MaxLength}.");
        float* first = (float*)Marshal.UnsafeAddrOfPinnedArrayElement(storage, 0);
        Start = first + (((4 * Line) - ((nint)first % (4 * Line))) / 4 % Line);
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Rows with those of zeros.</summary>
    public int StoredRows { get; }

    /// <summary>Numbers in a row.</summary>
    public int Columns { get; }

    /// <summary>From one row to the next, with the zeros at its end; a multiple of 16.</summary>
    public int Stride { get; }

    /// <summary>The first number; lives as long as the matrix does.</summary>
    public float* Start { get; }

    /// <summary>A row.</summary>
    public Span<float> Row(int row) => new(Start + ((long)row * Stride), Columns);

    /// <summary>The first stored rows become zero.</summary>
    /// <param name="rows">How many.</param>
    public void Clear(int rows) => new Span<float>(Start, rows * Stride).Clear();
}
