using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SynapticGeometry;

/// <summary>
/// A scale on which changes have the same spread whatever the size: per pair a change D, three columns of its possible mean
/// (constant, uniform relative drift, reversion) and the log Jacobian ln|∂D/∂w after|. A normal model on that scale is a
/// likelihood of the weights after given those before.
/// </summary>
internal abstract class ChangeScale
{
    /// <summary>True where a pair of the set has probability zero on this scale.</summary>
    public abstract bool Forbids(PairedWeights pairs);

    /// <summary>Fills the block for pairs <paramref name="start"/> to <paramref name="start"/> + block length − 1.</summary>
    public abstract void Evaluate(PairedWeights pairs, int start, ChangeBlock block);
}

/// <summary>Where a <see cref="ChangeScale"/> writes: five spans of equal length.</summary>
internal readonly ref struct ChangeBlock(
    Span<double> change, Span<double> constant, Span<double> relative, Span<double> reversion, Span<double> logJacobian)
{
    /// <summary>Pairs evaluated at a time: five spans of this length stay in the first-level cache.</summary>
    public const int MaximumLength = 512;

    /// <summary>D, the change.</summary>
    public Span<double> Change { get; } = change;

    /// <summary>First column of the mean.</summary>
    public Span<double> Constant { get; } = constant;

    /// <summary>Second column: φ″(w) w, a uniform relative drift.</summary>
    public Span<double> Relative { get; } = relative;

    /// <summary>Third column: φ″(w) w ln|w|, a reversion towards a mean size.</summary>
    public Span<double> Reversion { get; } = reversion;

    /// <summary>ln|∂D/∂w after|, in units of the geometric-mean weight.</summary>
    public Span<double> LogJacobian { get; } = logJacobian;

    /// <summary>A block of the given length in a buffer of five times <see cref="MaximumLength"/>.</summary>
    public static ChangeBlock In(Span<double> buffer, int length) => new(
        buffer[..length],
        buffer.Slice(MaximumLength, length),
        buffer.Slice(2 * MaximumLength, length),
        buffer.Slice(3 * MaximumLength, length),
        buffer.Slice(4 * MaximumLength, length));
}

/// <summary>
/// The power family y = sign(w) |w|^λ / λ (λ = 0: sign(w) ln|w|). D = sign(w₀) e^{λu} r φ₁(λr), exact for small changes and
/// continuous in λ. Source: Pogodin et al. 2024 in Box-Cox form.
/// </summary>
internal sealed class PowerScale(double exponent) : ChangeScale
{
    private const ulong LowBits = 0x0101010101010101;

    // Below this the divided differences are taken as series; above, their plain form loses at most four digits, near u = 0 only.
    private const double SmallExponent = 0.01;

    /// <inheritdoc/>
    public override bool Forbids(PairedWeights pairs) => exponent <= 0 && pairs.HasFlips;

    /// <inheritdoc/>
    public override void Evaluate(PairedWeights pairs, int start, ChangeBlock block)
    {
        int n = block.Change.Length;
        ReadOnlySpan<double> u = pairs.LogSize.Slice(start, n), r = pairs.LogChange.Slice(start, n);
        ReadOnlySpan<byte> signs = pairs.Signs.Slice(start, n);
        bool oneSign = pairs.OneSign;
        block.Constant.Fill(1);
        int i = 0;
        for (; i + Vector<double>.Count <= n; i += Vector<double>.Count)
        {
            Kernel(new Vector<double>(u[i..]), new Vector<double>(r[i..]), oneSign, out Vector<double> d, out Vector<double> c1, out Vector<double> c2, out Vector<double> j);
            d.CopyTo(block.Change[i..]);
            c1.CopyTo(block.Relative[i..]);
            c2.CopyTo(block.Reversion[i..]);
            j.CopyTo(block.LogJacobian[i..]);
        }

        for (; i < n; i++)
        {
            Kernel(new Vector<double>(u[i]), new Vector<double>(r[i]), oneSign, out Vector<double> d, out Vector<double> c1, out Vector<double> c2, out Vector<double> j);
            (block.Change[i], block.Relative[i], block.Reversion[i], block.LogJacobian[i]) = (d[0], c1[0], c2[0], j[0]);
        }

        if (!oneSign)
        {
            ApplySigns(u, r, signs, block);
        }
    }

    // With one sign the columns 1, |w|^λ, |w|^λ ln|w| all become constant or linear in u as λ → 0. Their divided differences span
    // the same space and stay independent: 1, u φ₁(λu), u² φ₂(λu).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Kernel(
        Vector<double> u, Vector<double> r, bool oneSign, out Vector<double> change, out Vector<double> relative, out Vector<double> reversion, out Vector<double> logJacobian)
    {
        Vector<double> lambda = new(exponent), inverse = new(1 / exponent);
        Vector<double> power = Vector.Exp(lambda * u);
        change = power * r * LogKernels.Phi1(lambda * r);
        if (oneSign && Math.Abs(exponent) < SmallExponent)
        {
            Vector<double> x = lambda * u;
            relative = u * LogKernels.Phi1(x);
            reversion = u * u * LogKernels.Phi2(x);
        }
        else if (oneSign)
        {
            relative = (power - Vector<double>.One) * inverse;
            reversion = ((power * u) - relative) * inverse;
        }
        else
        {
            relative = power;
            reversion = power * u;
        }

        logJacobian = new Vector<double>(exponent - 1) * (u + r);
    }

    private void ApplySigns(ReadOnlySpan<double> u, ReadOnlySpan<double> r, ReadOnlySpan<byte> signs, ChangeBlock block)
    {
        // Eight pairs at a time: signs are random, and a branch on each would be guessed wrong half the time.
        int i = 0;
        for (; i + 8 <= signs.Length; i += 8)
        {
            ulong eight = BinaryPrimitives.ReadUInt64LittleEndian(signs[i..]);
            if (((eight ^ (eight >> 1)) & LowBits) != 0)
            {
                ReplaceFlips(u, r, signs, block, i, i + 8);
            }

            if ((eight & LowBits) != 0)
            {
                Negate(eight, block.Change[i..]);
                Negate(eight, block.Relative[i..]);
                Negate(eight, block.Reversion[i..]);
            }
        }

        ReplaceFlips(u, r, signs, block, i, signs.Length);
        for (; i < signs.Length; i++)
        {
            if ((signs[i] & PairedWeights.NegativeBefore) != 0)
            {
                (block.Change[i], block.Relative[i], block.Reversion[i]) = (-block.Change[i], -block.Relative[i], -block.Reversion[i]);
            }
        }
    }

    // A flip: both ends lie on opposite sides of zero, at finite distance only for λ > 0.
    private void ReplaceFlips(ReadOnlySpan<double> u, ReadOnlySpan<double> r, ReadOnlySpan<byte> signs, ChangeBlock block, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            if (signs[i] is PairedWeights.NegativeBefore or PairedWeights.NegativeAfter)
            {
                block.Change[i] = -(Math.Exp(exponent * (u[i] + r[i])) + Math.Exp(exponent * u[i])) / exponent;
            }
        }
    }

    // Turns the sign bit of eight values where the lowest bit of the byte is set.
    private static void Negate(ulong eight, Span<double> values)
    {
        Vector128<ushort> bytes = Vector128.WidenLower(Vector128.CreateScalar(eight).AsByte());
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(bytes);
        Vector256<ulong> first = Vector256.ShiftLeft(Vector256.Create(Vector128.WidenLower(low), Vector128.WidenUpper(low)), 63);
        Vector256<ulong> second = Vector256.ShiftLeft(Vector256.Create(Vector128.WidenLower(high), Vector128.WidenUpper(high)), 63);
        ref double at = ref MemoryMarshal.GetReference(values[..8]);
        (Vector256.LoadUnsafe(ref at).AsUInt64() ^ first).AsDouble().StoreUnsafe(ref at);
        (Vector256.LoadUnsafe(ref at, 4).AsUInt64() ^ second).AsDouble().StoreUnsafe(ref at, 4);
    }
}

/// <summary>
/// The scale of any separable potential: D = φ′(w₁) − φ′(w₀), drift columns φ″(w₀) w₀ and φ″(w₀) w₀ ln|w₀|, Jacobian φ″(w₁).
/// Weights are in units of their geometric mean times <paramref name="unit"/>.
/// </summary>
internal sealed class PotentialScale(Potential potential, double unit) : ChangeScale
{
    private readonly double logUnit = Math.Log(unit);

    /// <summary>A potential whose parameters are in the unit of the input.</summary>
    public PotentialScale(Potential potential, PairedWeights pairs)
        : this(potential, Math.Exp(pairs.LogGeometricMean))
    {
    }

    /// <inheritdoc/>
    public override bool Forbids(PairedWeights pairs) => !potential.CrossesZero && pairs.HasFlips;

    /// <inheritdoc/>
    public override void Evaluate(PairedWeights pairs, int start, ChangeBlock block)
    {
        int n = block.Change.Length;
        block.Constant.Fill(1);
        Span<double> before = block.Relative, after = block.LogJacobian;
        pairs.CopyTo(start, unit, before, after);
        potential.ToDual<double>(after, block.Change);
        potential.ToDual<double>(before, block.Reversion);
        for (int i = 0; i < n; i++)
        {
            block.Change[i] -= block.Reversion[i];
        }

        potential.Hessian<double>(before, block.Reversion);
        potential.Hessian<double>(after, after);
        ReadOnlySpan<double> u = pairs.LogSize.Slice(start, n);
        for (int i = 0; i < n; i++)
        {
            // D is in dual units of the input; the Jacobian is taken to the unit of the geometric mean, as on every scale.
            double pull = block.Reversion[i] * before[i];
            block.Relative[i] = pull;
            block.Reversion[i] = pull * u[i];
            block.LogJacobian[i] = Math.Log(after[i]) + logUnit;
        }
    }
}

/// <summary>
/// The additive plus multiplicative (Kesten) description: w₁ − w₀ has variance σ² ((1 − ρ) + ρ w₀² / ⟨w₀²⟩), 0 ≤ ρ ≤ 1. The change is
/// divided by the square root of the bracket. Source: Statman et al. 2014.
/// </summary>
internal sealed class AdditiveMultiplicativeScale(double multiplicativeShare, double meanSquare) : ChangeScale
{
    /// <inheritdoc/>
    public override bool Forbids(PairedWeights pairs) => false;

    /// <inheritdoc/>
    public override void Evaluate(PairedWeights pairs, int start, ChangeBlock block)
    {
        int n = block.Change.Length;
        pairs.CopyTo(start, 1, block.Relative, block.Change);
        ReadOnlySpan<double> u = pairs.LogSize.Slice(start, n), r = pairs.LogChange.Slice(start, n);
        ReadOnlySpan<byte> signs = pairs.Signs.Slice(start, n);
        for (int i = 0; i < n; i++)
        {
            double w0 = block.Relative[i];
            bool flip = signs[i] is PairedWeights.NegativeBefore or PairedWeights.NegativeAfter;
            double change = flip ? block.Change[i] - w0 : w0 * Math.Exp(r[i] / 2) * 2 * Math.Sinh(r[i] / 2);
            double variance = 1 - multiplicativeShare + (multiplicativeShare * w0 * w0 / meanSquare);
            double scale = 1 / Math.Sqrt(variance);
            block.Change[i] = change * scale;
            block.Constant[i] = scale;
            block.Relative[i] = w0 * scale;
            block.Reversion[i] = w0 * u[i] * scale;
            block.LogJacobian[i] = -0.5 * Math.Log(variance);
        }
    }
}
