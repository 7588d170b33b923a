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
        Fill(pairs, ScaleOf(potential, pairs), start, destination);
        if (potential.Exponent == 0 && pairs.HasFlips)
        {
            ReplaceFlips(pairs, start, destination);
        }
    }

    /// <summary>Fills the change of consecutive pairs on a scale.</summary>
    public static void Fill(PairedWeights pairs, ChangeScale scale, int start, Span<double> destination)
    {
        Span<double> buffer = stackalloc double[5 * ChangeBlock.MaximumLength];
        for (int i = 0; i < destination.Length; i += ChangeBlock.MaximumLength)
        {
            ChangeBlock block = ChangeBlock.In(buffer, Math.Min(ChangeBlock.MaximumLength, destination.Length - i));
            scale.Evaluate(pairs, start + i, block);
            block.Change.CopyTo(destination[i..]);
        }
    }

    /// <summary>‖D‖ / ‖∇Φ(w before)‖, given the D of all pairs as <see cref="Fill(PairedWeights, Potential, int, Span{double})"/> left them, in any order.</summary>
    public static double Magnitude(PairedWeights pairs, Potential potential, ReadOnlySpan<double> change, int threads)
    {
        var squares = new double[Chunks.Count(pairs.Count)];
        Chunks.For(pairs.Count, threads, (chunk, start, length) =>
        {
            Span<double> before = stackalloc double[ChangeBlock.MaximumLength], after = stackalloc double[ChangeBlock.MaximumLength];
            for (int i = 0; i < length; i += ChangeBlock.MaximumLength)
            {
                Span<double> dual = before[..Math.Min(ChangeBlock.MaximumLength, length - i)];
                DualBefore(pairs, potential, start + i, dual, after[..dual.Length]);
                squares[chunk] += TensorPrimitives.SumOfSquares<double>(dual);
            }
        });
        return TensorPrimitives.Norm(change) / Math.Sqrt(squares.Sum());
    }

    // Up to its sign, and by the factor by which Fill leaves D: for the power family y = |w|^λ / λ in units of the geometric mean.
    private static void DualBefore(PairedWeights pairs, Potential potential, int start, Span<double> dual, Span<double> room)
    {
        if (potential.Exponent is { } lambda)
        {
            ReadOnlySpan<double> u = pairs.LogSize.Slice(start, dual.Length);
            if (lambda == 0)
            {
                TensorPrimitives.Add(u, pairs.LogGeometricMean + 1, dual);
            }
            else
            {
                TensorPrimitives.Multiply(u, lambda, dual);
                TensorPrimitives.Exp(dual, dual);
                TensorPrimitives.Divide(dual, lambda, dual);
            }

            return;
        }

        pairs.CopyTo(start, Math.Exp(pairs.LogGeometricMean), dual, room);
        potential.ToDual<double>(dual, dual);
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
