using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>The change of the dual weights, D = ∇Φ(w after) − ∇Φ(w before), of paired weights under a potential.</summary>
internal static class DualChange
{
    /// <summary>The scale of a potential: the exact power family where it belongs there, else its mirror map.</summary>
    public static ChangeScale ScaleOf(Potential potential, PairedWeights pairs) =>
        potential.Exponent is { } lambda ? new PowerScale(lambda) : new PotentialScale(potential, pairs);

    /// <summary>Fills D of consecutive pairs, up to a factor that is the same for all pairs.</summary>
    public static void Fill(PairedWeights pairs, Potential potential, int start, Span<double> destination)
    {
        ChangeScale scale = ScaleOf(potential, pairs);
        Span<double> buffer = stackalloc double[5 * ChangeBlock.MaximumLength];
        for (int i = 0; i < destination.Length; i += ChangeBlock.MaximumLength)
        {
            Span<double> part = destination.Slice(i, Math.Min(ChangeBlock.MaximumLength, destination.Length - i));
            ChangeBlock block = ChangeBlock.In(buffer, part.Length);
            scale.Evaluate(pairs, start + i, block);
            block.Change.CopyTo(part);
            if (potential.Exponent == 0 && pairs.HasFlips)
            {
                ReplaceFlips(pairs, start + i, part);
            }
        }
    }

    /// <summary>‖D‖ / ‖∇Φ(w before)‖, given the D of all pairs as <see cref="Fill"/> left them.</summary>
    public static double Magnitude(PairedWeights pairs, Potential potential, ReadOnlySpan<double> change)
    {
        // The power scale leaves y = |w|^λ / λ in units of the geometric mean: the dual weights before are taken in the same.
        bool power = potential.Exponent is { } lambda && lambda != 0;
        double factor = power ? Math.Abs(potential.Exponent!.Value) : 1;
        double unit = power ? 1 : Math.Exp(pairs.LogGeometricMean);
        double square = 0;
        Span<double> before = stackalloc double[ChangeBlock.MaximumLength], after = stackalloc double[ChangeBlock.MaximumLength];
        for (int start = 0; start < pairs.Count; start += ChangeBlock.MaximumLength)
        {
            int length = Math.Min(ChangeBlock.MaximumLength, pairs.Count - start);
            Span<double> w = before[..length];
            pairs.CopyTo(start, unit, w, after[..length]);
            potential.ToDual<double>(w, w);
            square += TensorPrimitives.SumOfSquares<double>(w);
        }

        return factor * TensorPrimitives.Norm(change) / Math.Sqrt(square);
    }

    // No likelihood can hold a flip at λ = 0, but the published statistic takes the difference of the two dual weights, ±(ln|w| + 1).
    private static void ReplaceFlips(PairedWeights pairs, int start, Span<double> part)
    {
        for (int i = 0; i < part.Length; i++)
        {
            byte sign = pairs.Signs[start + i];
            if (sign is PairedWeights.NegativeBefore or PairedWeights.NegativeAfter)
            {
                double sum = (2 * (pairs.LogSize[start + i] + pairs.LogGeometricMean + 1)) + pairs.LogChange[start + i];
                part[i] = sign == PairedWeights.NegativeBefore ? sum : -sum;
            }
        }
    }
}
