using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>
/// The discrete Fourier transform Xₖ = Σⱼ xⱼ exp(−2πi jk/n) of n = 2ᵃ complex numbers, real and imaginary parts in arrays of their own.
/// </summary>
/// <remarks>Stockham's autosorting form, four numbers at a time: no reordering, and every pass but the first runs in vectors. Immutable.</remarks>
internal sealed class FourierTransform
{
    private readonly double[] cosine;
    private readonly double[] sine;

    /// <summary>The transform of a length.</summary>
    /// <param name="length">n, a power of two.</param>
    public FourierTransform(int length)
    {
        Length = length > 0 && BitOperations.IsPow2(length)
            ? length
            : throw new ArgumentOutOfRangeException(nameof(length), $"The length of the transform is {length}; it must be a power of two.");
        (cosine, sine) = (new double[Math.Max(1, length / 4)], new double[Math.Max(1, length / 4)]);
        for (int p = 0; p < cosine.Length; p++)
        {
            (sine[p], cosine[p]) = Math.SinCos(-2 * Math.PI * p / length);
        }
    }

    /// <summary>n.</summary>
    public int Length { get; }

    /// <summary>Transforms in place; the second pair of arrays is room to work in and may come back in the place of the first.</summary>
    /// <param name="re">n real parts.</param>
    /// <param name="im">n imaginary parts.</param>
    /// <param name="re2">Room for n numbers.</param>
    /// <param name="im2">Room for n numbers.</param>
    public void Transform(ref double[] re, ref double[] im, ref double[] re2, ref double[] im2)
    {
        int length = Length, stride = 1;
        for (; length >= 4; length /= 4, stride *= 4)
        {
            if (stride == 1)
            {
                FirstPass(re, im, re2, im2);
            }
            else
            {
                Pass(re, im, re2, im2, length, stride);
            }

            (re, re2) = (re2, re);
            (im, im2) = (im2, im);
        }

        if (length == 2)
        {
            LastPass(re, im, re2, im2, stride);
            (re, re2) = (re2, re);
            (im, im2) = (im2, im);
        }
    }

    private void FirstPass(double[] re, double[] im, double[] re2, double[] im2)
    {
        int quarter = Length / 4;
        for (int p = 0; p < quarter; p++)
        {
            Complex a = new(re[p], im[p]), b = new(re[p + quarter], im[p + quarter]);
            Complex c = new(re[p + (2 * quarter)], im[p + (2 * quarter)]), d = new(re[p + (3 * quarter)], im[p + (3 * quarter)]);
            Complex sumAc = a + c, differenceAc = a - c, sumBd = b + d, differenceBd = b - d, turned = new(-differenceBd.Imaginary, differenceBd.Real);
            Complex w1 = new(cosine[p], sine[p]), w2 = w1 * w1, w3 = w1 * w2;
            Store(4 * p, sumAc + sumBd);
            Store((4 * p) + 1, w1 * (differenceAc - turned));
            Store((4 * p) + 2, w2 * (sumAc - sumBd));
            Store((4 * p) + 3, w3 * (differenceAc + turned));
        }

        void Store(int at, Complex value) => (re2[at], im2[at]) = (value.Real, value.Imaginary);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Pass(double[] re, double[] im, double[] re2, double[] im2, int length, int stride)
    {
        int quarter = length / 4;
        fixed (double* x = re, y = im, u = re2, v = im2)
        {
            for (int p = 0; p < quarter; p++)
            {
                double c1 = cosine[p * stride], s1 = sine[p * stride], c2 = (c1 * c1) - (s1 * s1), s2 = 2 * c1 * s1;
                Vector256<double> wr1 = Vector256.Create(c1), wi1 = Vector256.Create(s1), wr2 = Vector256.Create(c2), wi2 = Vector256.Create(s2);
                Vector256<double> wr3 = Vector256.Create((c1 * c2) - (s1 * s2)), wi3 = Vector256.Create((c1 * s2) + (s1 * c2));
                for (int q = 0; q < stride; q += 4)
                {
                    int a = q + (stride * p), b = a + (stride * quarter), c = b + (stride * quarter), d = c + (stride * quarter), to = q + (4 * stride * p);
                    Vector256<double> ar = Vector256.Load(x + a), ai = Vector256.Load(y + a), br = Vector256.Load(x + b), bi = Vector256.Load(y + b);
                    Vector256<double> cr = Vector256.Load(x + c), ci = Vector256.Load(y + c), dr = Vector256.Load(x + d), di = Vector256.Load(y + d);
                    Vector256<double> sr = ar + cr, si = ai + ci, er = ar - cr, ei = ai - ci, tr = br + dr, ti = bi + di, fr = br - dr, fi = bi - di;
                    (sr + tr).Store(u + to);
                    (si + ti).Store(v + to);
                    Turned(er + fi, ei - fr, wr1, wi1, u + to + stride, v + to + stride);
                    Turned(sr - tr, si - ti, wr2, wi2, u + to + (2 * stride), v + to + (2 * stride));
                    Turned(er - fi, ei + fr, wr3, wi3, u + to + (3 * stride), v + to + (3 * stride));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Turned(Vector256<double> re, Vector256<double> im, Vector256<double> wr, Vector256<double> wi, double* toRe, double* toIm)
    {
        Vector256.MultiplyAddEstimate(re, wr, -(im * wi)).Store(toRe);
        Vector256.MultiplyAddEstimate(re, wi, im * wr).Store(toIm);
    }

    private static void LastPass(double[] re, double[] im, double[] re2, double[] im2, int stride)
    {
        for (int q = 0; q < stride; q++)
        {
            (re2[q], im2[q]) = (re[q] + re[q + stride], im[q] + im[q + stride]);
            (re2[q + stride], im2[q + stride]) = (re[q] - re[q + stride], im[q] - im[q + stride]);
        }
    }
}
