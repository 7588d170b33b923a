namespace SynapticGeometry.Tests;

/// <summary>What is wrong with a <see cref="BrokenPotential"/>.</summary>
internal enum Fault
{
    Inverse,
    DecreasingMirrorMap,
    FlatMirrorMap,
    ConcaveValue,
    MirrorMap,
    Hessian,
    Conjugate,
    NaiveDivergence,
    NegativeDivergence,
    DivergenceArgumentsSwapped,
    CoarseFloat,
    NotInPlace,
    KnowsItsPlace,
}

/// <summary>A potential with one fault, the control of the law that forbids it.</summary>
internal sealed record BrokenPotential(Potential Sound, Fault Fault) : Potential
{
    public override string Name => $"{Sound.Name} with fault {Fault}";

    public override double? Exponent => Sound.Exponent;

    public override bool AllowsZero => Sound.AllowsZero;

    public override bool CrossesZero => Sound.CrossesZero;

    public override double HessianAtZero => Sound.HessianAtZero;

    public override T Value<T>(ReadOnlySpan<T> weights) =>
        Fault == Fault.ConcaveValue ? -Sound.Value(weights) : Sound.Value(weights);

    public override T Conjugate<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant) =>
        Fault == Fault.Conjugate ? Sound.Conjugate(dual, orthant) * T.CreateChecked(1.0001) + T.CreateChecked(1e-4) : Sound.Conjugate(dual, orthant);

    public override void ToDual<T>(ReadOnlySpan<T> weights, Span<T> dual)
    {
        if (Fault == Fault.NotInPlace && weights.Overlaps(dual))
        {
            dual.Clear();
            return;
        }

        Sound.ToDual(weights, dual);
        for (int i = 0; i < dual.Length; i++)
        {
            dual[i] = Fault switch
            {
                Fault.DecreasingMirrorMap => -dual[i],
                Fault.FlatMirrorMap => T.One,
                Fault.MirrorMap => dual[i] * T.CreateChecked(1.001),
                Fault.KnowsItsPlace => dual[i] * (T.One + (T.CreateChecked(1e-15 * i))),
                Fault.CoarseFloat when typeof(T) == typeof(float) => dual[i] * T.CreateChecked(1 + 1e-6),
                _ => dual[i],
            };
        }
    }

    public override void FromDual<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant, Span<T> weights)
    {
        Sound.FromDual(dual, orthant, weights);
        for (int i = 0; i < weights.Length && Fault == Fault.Inverse; i++)
        {
            weights[i] *= T.CreateChecked(1 + 1e-6);
        }
    }

    public override void Hessian<T>(ReadOnlySpan<T> weights, Span<T> diagonal)
    {
        Sound.Hessian(weights, diagonal);
        for (int i = 0; i < diagonal.Length && Fault == Fault.Hessian; i++)
        {
            diagonal[i] *= T.CreateChecked(1.001);
        }
    }

    public override T Bregman<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
    {
        switch (Fault)
        {
            case Fault.NegativeDivergence:
                return -Sound.Bregman(a, b);
            case Fault.DivergenceArgumentsSwapped:
                return Sound.Bregman(b, a);
            case Fault.NaiveDivergence:
                T[] dual = new T[b.Length];
                Sound.ToDual(b, dual);
                T slope = T.Zero;
                for (int i = 0; i < dual.Length; i++)
                {
                    slope += dual[i] * (a[i] - b[i]);
                }

                return Sound.Value(a) - Sound.Value(b) - slope;
            default:
                return Sound.Bregman(a, b);
        }
    }
}
