namespace SynapticGeometry.Tests;

/// <summary>
/// What every potential owes, as checkers: each returns true where the law holds at the weights given, so that the controls can
/// ask the same checker about a potential that is broken on purpose.
/// </summary>
internal static class PotentialLaw
{
    public static double[] Dual(Potential potential, double[] w)
    {
        double[] dual = new double[w.Length];
        potential.ToDual<double>(w, dual);
        return dual;
    }

    public static double[] Hessian(Potential potential, double[] w)
    {
        double[] hessian = new double[w.Length];
        potential.Hessian<double>(w, hessian);
        return hessian;
    }

    /// <summary>FromDual(ToDual(w)) = w.</summary>
    public static bool InverseLeadsBack(Potential potential, double[] w)
    {
        double[] dual = Dual(potential, w), hessian = Hessian(potential, w), back = new double[w.Length];
        potential.FromDual<double>(dual, w, back);

        // Half a unit in the last place of the dual weight moves the weight by that much over φ″, whoever inverts.
        return Enumerable.Range(0, w.Length).All(i =>
            Math.Abs(back[i] - w[i]) <= (1e-12 * Math.Abs(w[i])) + (8 * double.Epsilon) + (4e-16 * Math.Abs(dual[i]) / hessian[i]));
    }

    /// <summary>φ(midpoint) &lt; mean of φ, and a larger weight of the same sign has a larger dual weight.</summary>
    public static bool IsStrictlyConvex(Potential potential, double[] w) => Array.TrueForAll(w, x =>
    {
        double y = 0.7 * x;
        double middle = potential.Value<double>([0.85 * x]), mean = 0.5 * (potential.Value<double>([x]) + potential.Value<double>([y]));
        double rounding = 1e-13 * (Math.Abs(middle) + Math.Abs(mean));
        double[] dual = Dual(potential, [x, y]);
        return middle < mean + rounding && (dual[0] > dual[1]) == (x > y) && dual[0] != dual[1];
    });

    /// <summary>D(a‖b) &gt; 0 where a ≠ b, and D(b‖b) = 0.</summary>
    public static bool DivergenceIsPositive(Potential potential, double[] a, double[] b) =>
        Enumerable.Range(0, b.Length).All(i =>
            potential.Bregman<double>([b[i]], [b[i]]) == 0
            && (a[i] == b[i] || potential.Bregman<double>([a[i]], [b[i]]) > 0));

    /// <summary>D(b(1 + ε)‖b) → ½ φ″(b) (ε b)², to a relative error of order ε.</summary>
    public static bool NearDivergenceIsTheMetric(Potential potential, double[] b, double epsilon)
    {
        double[] hessian = Hessian(potential, b);
        return Enumerable.Range(0, b.Length).All(i =>
        {
            double a = b[i] * (1 + epsilon), change = a - b[i], expected = 0.5 * change * hessian[i] * change;
            return Math.Abs(potential.Bregman<double>([a], [b[i]]) - expected) <= 10 * epsilon * expected;
        });
    }

    /// <summary>Φ(w) + Φ*(∇Φ(w)) = ⟨w, ∇Φ(w)⟩.</summary>
    public static bool LegendreHolds(Potential potential, double[] w) => Array.TrueForAll(w, x =>
    {
        double y = Dual(potential, [x])[0], value = potential.Value<double>([x]), conjugate = potential.Conjugate<double>([y], [x]);
        return Math.Abs(value + conjugate - (x * y)) <= 1e-11 * (Math.Abs(value) + Math.Abs(conjugate) + Math.Abs(x * y));
    });

    /// <summary>
    /// Φ*(y) = sup over the orthant of y v − φ(v), found by golden-section search about the weight without looking at the mirror
    /// map or its inverse.
    /// </summary>
    public static bool ConjugateIsTheSupremum(Potential potential, double[] w) => Array.TrueForAll(w, x =>
    {
        double y = Dual(potential, [x])[0];
        double Gap(double v) => (y * v) - potential.Value<double>([v]);
        double low = 0.5 * x, high = Math.Abs(x) < 0.5 ? 1.9 * x : 1.02 * x;
        double ratio = 0.5 * (Math.Sqrt(5) - 1);
        for (int step = 0; step < 60; step++)
        {
            double left = high - (ratio * (high - low)), right = low + (ratio * (high - low));
            (low, high) = Gap(left) > Gap(right) ? (low, right) : (left, high);
        }

        double supremum = Gap(0.5 * (low + high)), scale = Math.Abs(x * y) + Math.Abs(potential.Value<double>([x]));
        return Math.Abs(potential.Conjugate<double>([y], [x]) - supremum) <= 1e-11 * scale;
    });

    /// <summary>D_Φ(a‖b) = D_Φ*(∇Φ(b)‖∇Φ(a)) = Φ*(∇Φ(b)) − Φ*(∇Φ(a)) − ⟨a, ∇Φ(b) − ∇Φ(a)⟩.</summary>
    public static bool DivergencesAreDual(Potential potential, double[] a, double[] b) => Enumerable.Range(0, a.Length).All(i =>
    {
        double[] y = Dual(potential, [a[i], b[i]]);
        double atA = potential.Conjugate<double>([y[0]], [a[i]]), atB = potential.Conjugate<double>([y[1]], [b[i]]);
        double dual = atB - atA - (a[i] * (y[1] - y[0]));
        double scale = Math.Abs(atA) + Math.Abs(atB) + (Math.Abs(a[i]) * (Math.Abs(y[0]) + Math.Abs(y[1])));
        return Math.Abs(potential.Bregman<double>([a[i]], [b[i]]) - dual) <= 1e-11 * scale;
    });

    /// <summary>The dual weights are the slope of Φ.</summary>
    public static bool DualIsTheSlopeOfValue(Potential potential, double[] w) =>
        Array.TrueForAll(w, x => IsSlope(v => potential.Value<double>([v]), Dual(potential, [x])[0], x));

    /// <summary>The Hessian is the slope of the mirror map.</summary>
    public static bool HessianIsTheSlopeOfDual(Potential potential, double[] w) =>
        Array.TrueForAll(w, x => IsSlope(v => Dual(potential, [v])[0], Hessian(potential, [x])[0], x));

    /// <summary>Float maps equal double maps of the same weights to float precision.</summary>
    public static bool FloatAgreesWithDouble(Potential potential, double[] weights)
    {
        float[] w = [.. weights.Select(x => (float)x)];
        double[] exact = [.. w.Select(x => (double)x)];
        float[] dual = new float[w.Length], hessian = new float[w.Length], back = new float[w.Length];
        potential.ToDual<float>(w, dual);
        potential.Hessian<float>(w, hessian);
        double[] expectedDual = Dual(potential, exact), expectedHessian = Hessian(potential, exact), expectedBack = new double[w.Length];
        potential.FromDual<float>(dual, w, back);
        potential.FromDual<double>([.. dual.Select(x => (double)x)], exact, expectedBack);
        return Near(dual, expectedDual) && Near(hessian, expectedHessian) && Near(back, expectedBack)
            && Near([potential.Value<float>(w)], [potential.Value<double>(exact)])
            && Near([potential.Conjugate<float>(dual, w)], [potential.Conjugate<double>([.. dual.Select(x => (double)x)], exact)]);

        static bool Near(float[] actual, double[] expected) => actual.Zip(expected).All(p =>
            Math.Abs(p.First - p.Second) <= (1e-7 * Math.Abs(p.Second)) + (2 * float.Epsilon));
    }

    /// <summary>Each map may write onto any of its inputs.</summary>
    public static bool MapsMayWriteInPlace(Potential potential, double[] w)
    {
        double[] dual = Dual(potential, w), hessian = Hessian(potential, w), back = new double[w.Length];
        potential.FromDual<double>(dual, w, back);
        double[] dualInPlace = [.. w], hessianInPlace = [.. w], onDual = [.. dual], onOrthant = [.. w];
        potential.ToDual<double>(dualInPlace, dualInPlace);
        potential.Hessian<double>(hessianInPlace, hessianInPlace);
        potential.FromDual<double>(onDual, w, onDual);
        potential.FromDual<double>(dual, onOrthant, onOrthant);
        return dualInPlace.AsSpan().SequenceEqual(dual) && hessianInPlace.AsSpan().SequenceEqual(hessian)
            && onDual.AsSpan().SequenceEqual(back) && onOrthant.AsSpan().SequenceEqual(back);
    }

    /// <summary>An element's result does not depend on its place in the span nor on its neighbours.</summary>
    public static bool ElementsDoNotKnowTheirPlace(Potential potential, double[] w)
    {
        double[] together = Dual(potential, w);
        return Enumerable.Range(0, w.Length).All(i => Dual(potential, [w[i]])[0] == together[i]);
    }

    // Taylor: what the first order leaves over falls as t² or faster, so a step ten times smaller leaves a hundredth. A derivative
    // a thousandth off leaves a tenth, and at t = 1e-3 as much as the second order itself. Where the second order vanishes, by
    // itself or against the third, the remainder has no clean order but is small against t².
    private static bool IsSlope(Func<double, double> f, double derivative, double x)
    {
        double at = f(x), first = Math.Abs(x * derivative), rounding = 1e-14 * (Math.Abs(at) + first);
        double Remainder(double t)
        {
            double moved = x * (1 + t);
            return Math.Abs(f(moved) - at - ((moved - x) * derivative));
        }

        double coarse = Remainder(1e-3), fine = Remainder(1e-4);
        return Math.Log10(coarse / (fine - rounding)) > 1.9 || fine <= rounding || (coarse <= (1e-8 * first) + rounding && fine <= (1e-9 * first) + rounding);
    }
}
