using System.Numerics;

namespace SynapticGeometry;

/// <summary>
/// A user's own separable potential Φ(w) = Σᵢ φ(wᵢ), given by its mirror map φ′ and its Hessian φ″. The inverse is found
/// numerically and certified: the mirror map of every weight it returns reproduces the dual weight.
/// </summary>
/// <remarks>
/// The constructor checks, at sample points of the domain, that φ′ increases and that φ″ (and φ′, where φ is given) is the
/// derivative it claims to be. Where φ is not given it is the integral of φ′ from <see cref="Origin"/>, by tanh-sinh
/// quadrature. The functions must be pure; they are called from any thread. Two potentials built from the same
/// functions are equal only where the delegates are.
/// </remarks>
public sealed record SeparablePotential : Potential
{
    private readonly Func<double, double> _mirrorMap;
    private readonly Func<double, double> _hessian;
    private readonly Func<double, double>? _value;

    /// <summary>Builds and checks the potential.</summary>
    /// <param name="name">The name in tables and messages.</param>
    /// <param name="mirrorMap">φ′, continuous and strictly increasing on the domain.</param>
    /// <param name="hessian">φ″ ≥ 0, the derivative of φ′; may be zero or infinite at single points.</param>
    /// <param name="value">φ, or null to integrate φ′.</param>
    /// <param name="lower">The open domain's lower end, −∞ by default.</param>
    /// <param name="upper">The open domain's upper end, +∞ by default.</param>
    /// <param name="eachOrthant">
    /// True where the functions are given for positive weights only, and negative weights mirror them: φ(−w) = φ(w). The
    /// domain is then <paramref name="lower"/> ≥ 0 &lt; |w| &lt; <paramref name="upper"/>, zero is excluded, and each weight
    /// keeps its sign. An odd mirror map that crosses zero needs no such help: give it on the whole line.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The name or the domain is empty, φ′ does not increase, or a derivative is wrong; the message names the weight.
    /// </exception>
    public SeparablePotential(
        string name,
        Func<double, double> mirrorMap,
        Func<double, double> hessian,
        Func<double, double>? value = null,
        double lower = double.NegativeInfinity,
        double upper = double.PositiveInfinity,
        bool eachOrthant = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(mirrorMap);
        ArgumentNullException.ThrowIfNull(hessian);
        if (eachOrthant && double.IsNegativeInfinity(lower))
        {
            lower = 0;
        }

        if (!(lower < upper) || (eachOrthant && lower < 0))
        {
            throw new ArgumentException(
                $"The domain of {name} is ({lower}, {upper}); the lower end must lie below the upper{(eachOrthant ? " and not below 0" : string.Empty)}.");
        }

        (Name, _mirrorMap, _hessian, _value) = (name, mirrorMap, hessian, value);
        (Lower, Upper, EachOrthant) = (lower, upper, eachOrthant);
        Origin = lower < 0 && upper > 0 ? 0
            : double.IsFinite(lower) && double.IsFinite(upper) ? lower + ((upper - lower) / 2)
            : double.IsFinite(lower) ? lower + 1
            : upper - 1;
        Verify();
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override double? Exponent => null;

    /// <summary>The open domain's lower end, of |w| where <see cref="EachOrthant"/> is true.</summary>
    public double Lower { get; }

    /// <summary>The open domain's upper end, of |w| where <see cref="EachOrthant"/> is true.</summary>
    public double Upper { get; }

    /// <summary>True where negative weights mirror positive ones and no weight may change its sign.</summary>
    public bool EachOrthant { get; }

    /// <summary>
    /// The weight from which φ is integrated where it is not given, so that φ(Origin) = 0: zero where the domain holds it, else
    /// the middle of a bounded domain, else one from its end.
    /// </summary>
    public double Origin { get; }

    /// <summary>
    /// The inverse w of a dual weight y is accepted where |φ′(w) − y| ≤ tolerance · (|y| + |w| φ″(w)), the second term being
    /// what a relative change of w by the tolerance does to y. 1e-12 by default.
    /// </summary>
    public double InverseTolerance { get; init; } = 1e-12;

    /// <inheritdoc/>
    public override bool AllowsZero => CrossesZero;

    /// <inheritdoc/>
    public override bool CrossesZero => Lower < 0 && Upper > 0;

    /// <inheritdoc/>
    public override double HessianAtZero => CrossesZero ? _hessian(0) : double.PositiveInfinity;

    /// <inheritdoc/>
    internal override double Interior => Origin;

    /// <inheritdoc/>
    public override T Value<T>(ReadOnlySpan<T> weights)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += ValueOf(Weight(weights, i, nameof(weights)), i, weights.Length);
        }

        return Elementwise.Total<T>(sum, "value");
    }

    /// <inheritdoc/>
    public override T Conjugate<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant)
    {
        MustMatchOrthant(dual, orthant);
        double sum = 0;
        for (int i = 0; i < dual.Length; i++)
        {
            double y = double.CreateTruncating(dual[i]), w = Invert(y, SignOf(orthant, i), i, dual.Length);
            sum += (y * w) - ValueOf(w, i, dual.Length);
        }

        return Elementwise.Total<T>(sum, "conjugate");
    }

    /// <inheritdoc/>
    public override void ToDual<T>(ReadOnlySpan<T> weights, Span<T> dual)
    {
        Elementwise.MustMatch(weights.Length, dual.Length, "weight", "dual weight");
        Elementwise.MustNotOverlapInPart<T>(weights, dual);
        for (int i = 0; i < weights.Length; i++)
        {
            double w = Weight(weights, i, nameof(weights));
            dual[i] = Result<T>(MirrorMapOf(w), w, i, weights.Length, "dual weight");
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArithmeticException">
    /// The mirror map of the weight found does not reproduce the dual weight to <see cref="InverseTolerance"/>, as where the
    /// mirror map jumps.
    /// </exception>
    public override void FromDual<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant, Span<T> weights)
    {
        MustMatchOrthant(dual, orthant);
        Elementwise.MustMatch(dual.Length, weights.Length, "dual weight", "weight");
        Elementwise.MustNotOverlapInPart<T>(dual, weights);
        Elementwise.MustNotOverlapInPart<T>(orthant, weights);
        for (int i = 0; i < dual.Length; i++)
        {
            double y = double.CreateTruncating(dual[i]);
            double w = Invert(y, SignOf(orthant, i), i, dual.Length);
            weights[i] = Result<T>(w, y, i, dual.Length, "weight", "Dual weight");
        }
    }

    /// <inheritdoc/>
    public override void Hessian<T>(ReadOnlySpan<T> weights, Span<T> diagonal)
    {
        Elementwise.MustMatch(weights.Length, diagonal.Length, "weight", "Hessian");
        Elementwise.MustNotOverlapInPart<T>(weights, diagonal);
        for (int i = 0; i < weights.Length; i++)
        {
            double w = Weight(weights, i, nameof(weights));
            diagonal[i] = Result<T>(HessianOf(w), w, i, weights.Length, "Hessian");
        }
    }

    /// <summary>D(a‖b) = Σᵢ ∫ (aᵢ − t) φ″(t) dt from bᵢ to aᵢ, which has nothing to cancel where a is near b.</summary>
    /// <inheritdoc/>
    public override T Bregman<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
    {
        Elementwise.MustMatch(a.Length, b.Length, "a", "b");
        for (int i = 0; i < a.Length; i++)
        {
            Weight(a, i, nameof(a));
            Weight(b, i, nameof(b));
        }

        return Elementwise.SumDivergence(a, b, Divergence, AllowsZero, sameSign: !CrossesZero, Name);
    }

    private double Divergence(double a, double b)
    {
        if (a == b)
        {
            return 0;
        }

        // Split at zero, where hand-written potentials of |w| have their kink. What is left from t to the end comes from the
        // quadrature, because a − t would lose its digits where a is near b.
        double Part(double from, double to) =>
            Integrate((t, left) => (a - to + left) * HessianOf(t), from, to, slack: 0, $"the divergence of {a} from {b}");
        return (a < 0) != (b < 0) && a != 0 && b != 0 ? Part(b, 0) + Part(0, a) : Part(b, a);
    }

    // φ and its derivatives, mirrored to negative weights where that was asked for.
    private double MirrorMapOf(double w) => EachOrthant && w < 0 ? -_mirrorMap(-w) : _mirrorMap(w);

    private double HessianOf(double w) => _hessian(EachOrthant ? Math.Abs(w) : w);

    private double ValueOf(double w, int index, int count)
    {
        // Near a zero of φ′ the mirror map itself is rounded by about 1e-16 |w| φ″: no quadrature does better.
        double at = EachOrthant ? Math.Abs(w) : w;
        double value = _value is not null ? _value(at)
            : at == Origin ? 0
            : Integrate((t, _) => _mirrorMap(t), Origin, at, slack: 1e-14 * Math.Abs((at - Origin) * at * _hessian(at)), $"the value of weight {index} of {count}, {w},");
        return double.IsFinite(value)
            ? value
            : throw Elementwise.OutOfDomain("weights", $"Weight {index} of {count} is {w}; its value under {Name} is {value}.");
    }

    private double Integrate(Func<double, double, double> f, double from, double to, double slack, string what)
    {
        double integral = DoubleExponential.Integrate(f, from, to, out double error, out double size);
        return error <= (1e-9 * size) + slack
            ? integral
            : throw new ArithmeticException($"The integral for {what} under {Name} did not converge: {integral} with error {error}.");
    }

    private double Weight<T>(ReadOnlySpan<T> weights, int index, string parameter)
        where T : IFloatingPointIeee754<T>
    {
        double w = double.CreateTruncating(weights[index]);
        Elementwise.MustBeWeight(w, index, weights.Length, allowsZero: true, Name, parameter);
        double at = EachOrthant ? Math.Abs(w) : w;
        return at > Lower && at < Upper
            ? w
            : throw new ArgumentOutOfRangeException(
                parameter, $"Weight {index} of {weights.Length} is {w}; {Name} needs {(EachOrthant ? "|weight|" : "weights")} between {Lower} and {Upper}.");
    }

    private void MustMatchOrthant<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant)
    {
        if (!CrossesZero)
        {
            Elementwise.MustMatch(dual.Length, orthant.Length, "dual weight", "orthant");
        }
    }

    private double SignOf<T>(ReadOnlySpan<T> orthant, int index)
        where T : IFloatingPointIeee754<T>
    {
        if (!EachOrthant)
        {
            return 1;
        }

        T o = orthant[index];
        return T.IsZero(o) || T.IsNaN(o)
            ? throw new ArgumentOutOfRangeException(
                nameof(orthant), $"Orthant value {index} of {orthant.Length} is {o}; it must be positive or negative.")
            : T.IsNegative(o) ? -1 : 1;
    }

    private T Result<T>(double result, double of, int index, int count, string what, string item = "Weight")
        where T : IFloatingPointIeee754<T>
    {
        T rounded = T.CreateTruncating(result);
        return T.IsFinite(rounded)
            ? rounded
            : throw new ArgumentOutOfRangeException(
                item == "Weight" ? "weights" : "dual",
                $"{item} {index} of {count} is {of}; its {what} under {Name} is {result}, not a finite {typeof(T).Name}.");
    }

    private double Invert(double y, double sign, int index, int count)
    {
        if (!double.IsFinite(y))
        {
            throw Elementwise.OutOfDomain("dual", $"Dual weight {index} of {count} is {y}; it must be finite.");
        }

        double target = sign * y;
        (double low, double high) = Bracket(target)
            ?? throw Elementwise.OutOfDomain(
                "dual", $"Dual weight {index} of {count} is {y}, outside the range of the mirror map of {Name} on ({Lower}, {Upper}).");
        double w = Solve(target, low, high), residual = Math.Abs(_mirrorMap(w) - target);

        // An infinite Hessian says nothing about the rounding of w; then only the dual weight itself is a yardstick.
        double hessian = _hessian(w), slack = double.IsFinite(hessian) ? Math.Abs(w) * hessian : 0;
        return residual <= InverseTolerance * (Math.Abs(y) + slack)
            ? sign * w
            : throw new ArithmeticException(
                $"Dual weight {index} of {count} is {y}; the nearest weight found under {Name} is {w}, whose dual weight is off by {residual}. " +
                $"The mirror map must be continuous (tolerance {InverseTolerance}).");
    }

    // Walks from the origin towards an end of the domain, doubling the step or halving the distance left, until φ′ passes y.
    private (double Low, double High)? Bracket(double y)
    {
        double at = Origin, start = _mirrorMap(at);
        if (start == y)
        {
            return (at, at);
        }

        bool up = start < y;
        double end = up ? Upper : Lower;
        double step = up ? Math.Max(1, Math.Abs(at)) : -Math.Max(1, Math.Abs(at));
        for (double scale = 1; ; scale *= 2)
        {
            double next = double.IsFinite(end) ? end - ((end - Origin) / (2 * scale)) : Origin + (step * scale);
            if (!double.IsFinite(next) || next == end || (next == at && scale > 1))
            {
                return null;
            }

            double dual = _mirrorMap(next);
            if (up ? dual >= y : dual <= y)
            {
                return up ? (at, next) : (next, at);
            }

            if (double.IsNaN(dual))
            {
                return null;
            }

            at = next;
        }
    }

    // Newton's iteration inside a shrinking bracket; where it would leave the bracket or slows down, the bracket is halved.
    private double Solve(double y, double low, double high)
    {
        double w = low == high ? low : Middle(low, high), best = w, bestResidual = double.PositiveInfinity;
        double lastMove = high - low;
        for (int iteration = 0; iteration < 2000; iteration++)
        {
            double residual = _mirrorMap(w) - y;
            if (Math.Abs(residual) < bestResidual)
            {
                (best, bestResidual) = (w, Math.Abs(residual));
            }

            if (residual == 0)
            {
                return w;
            }

            (low, high) = residual < 0 ? (w, high) : (low, w);
            if (Math.BitIncrement(low) >= high)
            {
                break;
            }

            double newton = w - (residual / _hessian(w)), move = Math.Abs(newton - w);
            double next = newton > low && newton < high && move <= 0.5 * lastMove ? newton : Middle(low, high);
            lastMove = Math.Abs(next - w);
            if (next == w || next <= low || next >= high)
            {
                next = Middle(low, high);
                if (next <= low || next >= high)
                {
                    break;
                }
            }

            w = next;
        }

        return best;
    }

    // The middle of a bracket; on a logarithmic scale where its ends are decades apart, as weights are.
    private static double Middle(double low, double high)
    {
        double large = Math.Abs(low) > Math.Abs(high) ? low : high, small = large == low ? high : low;
        return small == 0 ? large / 1024
            : low < 0 && high > 0 ? (Math.Abs(large) > 4 * Math.Abs(small) ? 0 : low + ((high - low) / 2))
            : Math.Abs(large) > 4 * Math.Abs(small) ? Math.CopySign(Math.Sqrt(Math.Abs(low)) * Math.Sqrt(Math.Abs(high)), large)
            : low + ((high - low) / 2);
    }

    private void Verify()
    {
        List<(double Weight, double Dual, double Hessian)> samples = [];
        foreach (double w in SamplePoints())
        {
            double dual = _mirrorMap(w), hessian = _hessian(w);
            if (double.IsNaN(dual) || double.IsNaN(hessian))
            {
                throw new ArgumentException($"The {(double.IsNaN(dual) ? "mirror map" : "Hessian")} of {Name} is NaN at the weight {w} of its domain.");
            }

            // A map may leave the range of double far out, as an exponential does.
            if (double.IsFinite(dual))
            {
                samples.Add((w, dual, hessian));
            }
        }

        for (int i = 1; i < samples.Count; i++)
        {
            (double w, double dual, double hessian) = samples[i];
            (double before, double dualBefore, _) = samples[i - 1];

            // Where φ′ levels off, as tanh does, far sample points may share their last digit.
            if (dual < dualBefore || (dual == dualBefore && hessian > 1e-12 * Math.Abs(dual)))
            {
                throw new ArgumentException(
                    $"The mirror map of {Name} must increase, but it is {dualBefore} at the weight {before} and {dual} at {w}.");
            }
        }

        foreach ((double w, double dual, double hessian) in samples)
        {
            if (hessian < 0)
            {
                throw new ArgumentException($"The Hessian of {Name} is {hessian} at the weight {w}; it must not be negative.");
            }

            MustBeSlope(_mirrorMap, hessian, w, "Hessian", "mirror map");
            if (_value is not null)
            {
                MustBeSlope(_value, dual, w, "mirror map", "value");
            }
        }
    }

    private void MustBeSlope(Func<double, double> f, double derivative, double w, string claimed, string of)
    {
        if (DerivativeCheck.Mismatch(f, derivative, w, Lower, Upper) is { } measured)
        {
            throw new ArgumentException(
                $"The {claimed} of {Name} is {derivative} at the weight {w}, but the slope of its {of} there is {measured}.");
        }
    }

    private List<double> SamplePoints()
    {
        ReadOnlySpan<double> inside = [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99];
        ReadOnlySpan<double> outwards = [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 30];
        List<double> points = [Origin];
        foreach ((double end, int side) in new[] { (Lower, -1), (Upper, 1) })
        {
            foreach (double t in double.IsFinite(end) ? inside : outwards)
            {
                points.Add(double.IsFinite(end) ? Origin + (t * (end - Origin)) : Origin + (side * t));
            }
        }

        points.Sort();
        return points;
    }
}
