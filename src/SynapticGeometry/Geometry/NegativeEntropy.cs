namespace SynapticGeometry;

/// <summary>Placeholder until the geometries land.</summary>
public sealed record NegativeEntropy : Potential
{
    /// <inheritdoc/>
    public override string Name => "NegativeEntropy";
    /// <inheritdoc/>
    public override double? Exponent => null;
    /// <inheritdoc/>
    public override bool AllowsZero => false;
    /// <inheritdoc/>
    public override bool CrossesZero => false;
    /// <inheritdoc/>
    public override T Value<T>(ReadOnlySpan<T> weights) => T.Zero;
    /// <inheritdoc/>
    public override T Conjugate<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant) => T.Zero;
    /// <inheritdoc/>
    public override void ToDual<T>(ReadOnlySpan<T> weights, Span<T> dual) => weights.CopyTo(dual);
    /// <inheritdoc/>
    public override void FromDual<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant, Span<T> weights) => dual.CopyTo(weights);
    /// <inheritdoc/>
    public override void Hessian<T>(ReadOnlySpan<T> weights, Span<T> diagonal) => diagonal.Fill(T.One);
    /// <inheritdoc/>
    public override T Bregman<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) => T.Zero;
}
