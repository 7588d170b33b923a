namespace SynapticGeometry.Data;

/// <summary>
/// Numbers read from a file: a shape and the values in row-major order, single or double precision as they were stored
/// (integers and half precision are widened without loss to one of the two, or refused).
/// </summary>
public sealed class NumericArray
{
    /// <summary>An array of single-precision values.</summary>
    public NumericArray(IReadOnlyList<long> shape, float[] values)
    {
        Shape = shape;
        SingleValues = values;
    }

    /// <summary>An array of double-precision values.</summary>
    public NumericArray(IReadOnlyList<long> shape, double[] values)
    {
        Shape = shape;
        DoubleValues = values;
    }

    /// <summary>Lengths of the dimensions; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The values where they are single precision, else null.</summary>
    public float[]? SingleValues { get; }

    /// <summary>The values where they are double precision, else null.</summary>
    public double[]? DoubleValues { get; }

    /// <summary>Number of values.</summary>
    public int Count => SingleValues?.Length ?? DoubleValues!.Length;

    /// <summary>Value <paramref name="index"/> in row-major order.</summary>
    public double this[int index] => SingleValues is { } s ? s[index] : DoubleValues![index];

    /// <summary>The values in double precision; the stored array itself where it is double already.</summary>
    public double[] ToDouble() => DoubleValues ?? Array.ConvertAll(SingleValues!, v => (double)v);
}
