using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>
/// Products of a large matrix with a few vectors: residuals E = X wᵀ − y and Eᵀ X in one pass over X, in single precision.
/// </summary>
/// <remarks>
/// Rows of X go by in blocks that stay in the last cache between the two products, and each block by tiles that stay next to the core; four rows of X meet
/// three vectors in twelve sums at a time. Sums over a tile are in single precision, over tiles and rows of residuals in double; sums of Eᵀ X over rows in single.
/// What a vector gets does not depend on the others.
/// </remarks>
internal static unsafe class FewColumns
{
    /// <summary>Rows of X that are handled together; its stored rows are a multiple.</summary>
    public const int RowGroup = 4;

    /// <summary>Vectors that are handled together; stored ones are a multiple.</summary>
    public const int VectorGroup = 3;

    private const int Lanes = 8;
    private const int BlockRows = 32;
    private const int Tile = 1024;

    /// <summary>Mean square of the residuals of each vector and its gradient by the vector, 2/N Eᵀ X.</summary>
    /// <param name="x">X, N × D; stored rows a multiple of <see cref="RowGroup"/>.</param>
    /// <param name="y">y, N numbers.</param>
    /// <param name="w">Vectors, K × D; stored ones a multiple of <see cref="VectorGroup"/>.</param>
    /// <param name="vectors">K, how many of them.</param>
    /// <param name="gradient">K × D or more; overwritten.</param>
    /// <param name="loss">K numbers.</param>
    public static void LossAndGradient(FloatMatrix x, ReadOnlySpan<float> y, FloatMatrix w, int vectors, FloatMatrix gradient, Span<double> loss)
    {
        int groups = (vectors + VectorGroup - 1) / VectorGroup, width = groups * VectorGroup;
        double[] products = new double[BlockRows * width];
        float[] residuals = new float[BlockRows * width];
        gradient.Clear(width);
        loss[..vectors].Clear();
        for (int start = 0; start < x.StoredRows; start += BlockRows)
        {
            int rows = Math.Min(BlockRows, x.StoredRows - start);
            Array.Clear(products);
            Project(x, start, rows, w, groups, products);
            Subtract(products, residuals, width, y, start, rows, vectors, x.Rows, loss);
            Spread(x, start, rows, residuals, groups, gradient);
        }

        for (int c = 0; c < vectors; c++)
        {
            loss[c] /= x.Rows;
        }
    }

    // X wᵀ of a block, tile by tile.
    private static void Project(FloatMatrix x, int start, int rows, FloatMatrix w, int groups, double[] products)
    {
        for (int at = 0; at < x.Stride; at += Tile)
        {
            int length = Math.Min(Tile, x.Stride - at);
            for (int g = 0; g < groups; g++)
            {
                float* vector = w.Start + ((long)g * VectorGroup * w.Stride) + at;
                for (int row = 0; row < rows; row += RowGroup)
                {
                    fixed (double* to = &products[(row * groups * VectorGroup) + (g * VectorGroup)])
                    {
                        Dots(x.Start + ((long)(start + row) * x.Stride) + at, x.Stride, vector, w.Stride, length, to, groups * VectorGroup);
                    }
                }
            }
        }
    }

    // Residuals in the unit of the gradient, and their squares.
    private static void Subtract(double[] products, float[] residuals, int width, ReadOnlySpan<float> y, int start, int rows, int vectors, int samples, Span<double> loss)
    {
        Array.Clear(residuals);
        double unit = 2.0 / samples;
        for (int row = 0; row < Math.Min(rows, samples - start); row++)
        {
            for (int c = 0; c < vectors; c++)
            {
                double residual = products[(row * width) + c] - y[start + row];
                loss[c] += residual * residual;
                residuals[(row * width) + c] = (float)(unit * residual);
            }
        }
    }

    // Eᵀ X of a block, tile by tile.
    private static void Spread(FloatMatrix x, int start, int rows, float[] residuals, int groups, FloatMatrix gradient)
    {
        int width = groups * VectorGroup;
        for (int at = 0; at < x.Stride; at += Tile)
        {
            int length = Math.Min(Tile, x.Stride - at);
            for (int g = 0; g < groups; g++)
            {
                float* to = gradient.Start + ((long)g * VectorGroup * gradient.Stride) + at;
                for (int row = 0; row < rows; row += RowGroup)
                {
                    fixed (float* e = &residuals[(row * width) + (g * VectorGroup)])
                    {
                        Add(x.Start + ((long)(start + row) * x.Stride) + at, x.Stride, e, width, to, gradient.Stride, length);
                    }
                }
            }
        }
    }

    // Adds to[r, c] the products of four rows with three vectors.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dots(float* x, nint xStride, float* w, nint wStride, int length, double* to, int toStride)
    {
        float* x1 = x + xStride, x2 = x1 + xStride, x3 = x2 + xStride, w1 = w + wStride, w2 = w1 + wStride;
        Vector256<float> s00 = default, s01 = default, s02 = default, s10 = default, s11 = default, s12 = default;
        Vector256<float> s20 = default, s21 = default, s22 = default, s30 = default, s31 = default, s32 = default;
        for (nint i = 0; i < length; i += Lanes)
        {
            Vector256<float> a = Vector256.Load(w + i), b = Vector256.Load(w1 + i), c = Vector256.Load(w2 + i), row = Vector256.Load(x + i);
            s00 = Vector256.MultiplyAddEstimate(row, a, s00);
            s01 = Vector256.MultiplyAddEstimate(row, b, s01);
            s02 = Vector256.MultiplyAddEstimate(row, c, s02);
            row = Vector256.Load(x1 + i);
            s10 = Vector256.MultiplyAddEstimate(row, a, s10);
            s11 = Vector256.MultiplyAddEstimate(row, b, s11);
            s12 = Vector256.MultiplyAddEstimate(row, c, s12);
            row = Vector256.Load(x2 + i);
            s20 = Vector256.MultiplyAddEstimate(row, a, s20);
            s21 = Vector256.MultiplyAddEstimate(row, b, s21);
            s22 = Vector256.MultiplyAddEstimate(row, c, s22);
            row = Vector256.Load(x3 + i);
            s30 = Vector256.MultiplyAddEstimate(row, a, s30);
            s31 = Vector256.MultiplyAddEstimate(row, b, s31);
            s32 = Vector256.MultiplyAddEstimate(row, c, s32);
        }

        AddSums(to, s00, s01, s02);
        AddSums(to + toStride, s10, s11, s12);
        AddSums(to + (2 * toStride), s20, s21, s22);
        AddSums(to + (3 * toStride), s30, s31, s32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSums(double* to, Vector256<float> a, Vector256<float> b, Vector256<float> c)
    {
        to[0] += Vector256.Sum(a);
        to[1] += Vector256.Sum(b);
        to[2] += Vector256.Sum(c);
    }

    // Adds to three vectors the sums of four rows times residuals.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* x, nint xStride, float* e, int eStride, float* to, nint toStride, int length)
    {
        float* x1 = x + xStride, x2 = x1 + xStride, x3 = x2 + xStride, to1 = to + toStride, to2 = to1 + toStride;
        float* e1 = e + eStride, e2 = e1 + eStride, e3 = e2 + eStride;
        Vector256<float> e00 = Vector256.Create(e[0]), e01 = Vector256.Create(e[1]), e02 = Vector256.Create(e[2]);
        Vector256<float> e10 = Vector256.Create(e1[0]), e11 = Vector256.Create(e1[1]), e12 = Vector256.Create(e1[2]);
        Vector256<float> e20 = Vector256.Create(e2[0]), e21 = Vector256.Create(e2[1]), e22 = Vector256.Create(e2[2]);
        Vector256<float> e30 = Vector256.Create(e3[0]), e31 = Vector256.Create(e3[1]), e32 = Vector256.Create(e3[2]);
        for (nint i = 0; i < length; i += Lanes)
        {
            Vector256<float> row = Vector256.Load(x + i);
            Vector256<float> a = Vector256.MultiplyAddEstimate(row, e00, Vector256.Load(to + i));
            Vector256<float> b = Vector256.MultiplyAddEstimate(row, e01, Vector256.Load(to1 + i));
            Vector256<float> c = Vector256.MultiplyAddEstimate(row, e02, Vector256.Load(to2 + i));
            row = Vector256.Load(x1 + i);
            a = Vector256.MultiplyAddEstimate(row, e10, a);
            b = Vector256.MultiplyAddEstimate(row, e11, b);
            c = Vector256.MultiplyAddEstimate(row, e12, c);
            row = Vector256.Load(x2 + i);
            a = Vector256.MultiplyAddEstimate(row, e20, a);
            b = Vector256.MultiplyAddEstimate(row, e21, b);
            c = Vector256.MultiplyAddEstimate(row, e22, c);
            row = Vector256.Load(x3 + i);
            Vector256.MultiplyAddEstimate(row, e30, a).Store(to + i);
            Vector256.MultiplyAddEstimate(row, e31, b).Store(to1 + i);
            Vector256.MultiplyAddEstimate(row, e32, c).Store(to2 + i);
        }
    }
}
