using CsCheck;
using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>
/// What every potential owes. A new potential joins by one line in <see cref="Potentials"/>. Each law stands beside its
/// control: the same checker must refuse a potential that breaks it.
/// </summary>
public sealed class PotentialLaws
{
    public static TheoryData<Potential> Potentials =>
    [
        new PNorm(1.1),
        new PNorm(1.5),
        new PNorm(2),
        new PNorm(2.5),
        new PNorm(3),
        new PNorm(10),
        new NegativeEntropy(),
        new BurgEntropy(),
        new HyperbolicEntropy(0.1),
        new HyperbolicEntropy(10),
        new SeparablePotential("cubic", w => w + (w * w * w), w => 1 + (3 * w * w)),
        new SeparablePotential("log-cosh", Math.Tanh, w => 1 / Math.Cosh(w) / Math.Cosh(w), LogCosh),
        new SeparablePotential("soft-bounded", w => Math.Log(w / (1 - w)), w => 1 / w / (1 - w), lower: 0, upper: 1),
        new SeparablePotential("cube-root of each sign", w => Math.Cbrt(w), w => 1 / (3 * Math.Cbrt(w) * Math.Cbrt(w)), eachOrthant: true),
    ];

    // Controls run on a closed form, one bound to its orthant and one found numerically.
    public static TheoryData<Potential> Controls =>
    [
        new PNorm(3),
        new NegativeEntropy(),
        new HyperbolicEntropy(0.1),
        new SeparablePotential("cubic", w => w + (w * w * w), w => 1 + (3 * w * w)),
    ];

    // Magnitudes span six decades because that is what trained networks hold; lengths pass the blocks of the vector kernels.
    private static Gen<double[]> Weights(Potential potential, int longest = 12) =>
        potential is SeparablePotential { CrossesZero: false, EachOrthant: false } bounded
            ? Gen.Double[0.02, 0.95].Select(t => bounded.Lower + (t * (bounded.Upper - bounded.Lower))).Array[1, longest]
            : Gen.Select(Gen.Double[-6, 0], Gen.Bool, (exponent, negative) => (negative ? -1 : 1) * Math.Pow(10, exponent)).Array[1, longest];

    // The quadratures of a user's potential cost a thousand times a closed form.
    private static void Holds(Potential potential, Func<double[], bool> law, int longest = 12) =>
        Weights(potential, longest).Sample(law, iter: potential is SeparablePotential ? 30 : 200);

    private static double LogCosh(double w) => Math.Abs(w) < 1e-2
        ? w * w * (0.5 - (w * w * ((1.0 / 12) - (w * w / 45))))
        : Math.Log(Math.Cosh(w));

    // A second point in the same orthant, near and far by turns.
    private static double[] Other(double[] w) => [.. w.Select((x, i) => x * (1 + (0.9 * Math.Sin(3 * i) * (x > 0.5 ? 0.04 : 1))))];

    private static readonly double[] Fixed = [0.3, -0.02, 0.7, -0.5, 1e-3];

    [Theory, MemberData(nameof(Potentials))]
    public void Dual_weights_lead_back_to_the_weights(Potential potential) =>
        Holds(potential, w => PotentialLaw.InverseLeadsBack(potential, w), longest: 600);

    [Theory, MemberData(nameof(Controls))]
    public void A_wrong_inverse_does_not_lead_back(Potential potential) =>
        Assert.False(PotentialLaw.InverseLeadsBack(new BrokenPotential(potential, Fault.Inverse), Fixed));

    [Theory, MemberData(nameof(Potentials))]
    public void The_potential_is_strictly_convex(Potential potential) =>
        Holds(potential, w => PotentialLaw.IsStrictlyConvex(potential, w));

    [Theory, MemberData(nameof(Controls))]
    public void A_concave_value_and_a_mirror_map_that_falls_or_stands_are_not_convex(Potential potential) =>
        Assert.All(
            [Fault.ConcaveValue, Fault.DecreasingMirrorMap, Fault.FlatMirrorMap],
            fault => Assert.False(PotentialLaw.IsStrictlyConvex(new BrokenPotential(potential, fault), Fixed)));

    [Theory, MemberData(nameof(Potentials))]
    public void The_divergence_is_positive_and_zero_only_at_equality(Potential potential) =>
        Holds(potential, w => PotentialLaw.DivergenceIsPositive(potential, Other(w), w));

    [Theory, MemberData(nameof(Controls))]
    public void A_negated_divergence_is_not_positive(Potential potential) =>
        Assert.False(PotentialLaw.DivergenceIsPositive(new BrokenPotential(potential, Fault.NegativeDivergence), Other(Fixed), Fixed));

    [Theory, MemberData(nameof(Potentials))]
    public void The_divergence_of_near_weights_is_the_metric(Potential potential) =>
        Holds(potential, w => PotentialLaw.NearDivergenceIsTheMetric(potential, w, 1e-6) && PotentialLaw.NearDivergenceIsTheMetric(potential, w, 1e-9));

    [Theory, MemberData(nameof(Controls))]
    public void The_divergence_as_its_definition_reads_cancels_at_near_weights(Potential potential) =>
        Assert.False(PotentialLaw.NearDivergenceIsTheMetric(new BrokenPotential(potential, Fault.NaiveDivergence), Fixed, 1e-6));

    [Theory, MemberData(nameof(Potentials))]
    public void Value_and_conjugate_add_to_the_pairing(Potential potential) =>
        Holds(potential, w => PotentialLaw.LegendreHolds(potential, w));

    [Theory, MemberData(nameof(Potentials))]
    public void The_conjugate_is_the_supremum_that_a_search_finds(Potential potential) =>
        Holds(potential, w => PotentialLaw.ConjugateIsTheSupremum(potential, w), longest: 4);

    [Theory, MemberData(nameof(Controls))]
    public void A_wrong_conjugate_is_neither(Potential potential)
    {
        BrokenPotential broken = new(potential, Fault.Conjugate);

        Assert.False(PotentialLaw.LegendreHolds(broken, Fixed));
        Assert.False(PotentialLaw.ConjugateIsTheSupremum(broken, Fixed));
    }

    [Theory, MemberData(nameof(Potentials))]
    public void The_divergence_equals_that_of_the_conjugate_at_the_dual_weights_swapped(Potential potential) =>
        Holds(potential, w => PotentialLaw.DivergencesAreDual(potential, Other(w), w));

    [Theory, MemberData(nameof(Controls))]
    public void The_divergence_with_its_arguments_swapped_does_not(Potential potential) =>
        Assert.False(PotentialLaw.DivergencesAreDual(
            new BrokenPotential(potential, Fault.DivergenceArgumentsSwapped), [.. Fixed.Select(x => 0.2 * x)], Fixed));

    [Theory, MemberData(nameof(Potentials))]
    public void Dual_weights_are_the_slope_of_the_value(Potential potential) =>
        Holds(potential, w => PotentialLaw.DualIsTheSlopeOfValue(potential, w));

    [Theory, MemberData(nameof(Potentials))]
    public void The_Hessian_is_the_slope_of_the_mirror_map(Potential potential) =>
        Holds(potential, w => PotentialLaw.HessianIsTheSlopeOfDual(potential, w));

    [Theory, MemberData(nameof(Controls))]
    public void A_derivative_a_thousandth_off_is_no_slope(Potential potential)
    {
        Assert.False(PotentialLaw.DualIsTheSlopeOfValue(new BrokenPotential(potential, Fault.MirrorMap), Fixed));
        Assert.False(PotentialLaw.HessianIsTheSlopeOfDual(new BrokenPotential(potential, Fault.Hessian), Fixed));
    }

    [Theory, MemberData(nameof(Potentials))]
    public void Float_agrees_with_double_to_float_precision(Potential potential) =>
        Holds(potential, w => PotentialLaw.FloatAgreesWithDouble(potential, [.. w.Where(x => Math.Abs(x) > 1e-3)]), longest: 300);

    [Theory, MemberData(nameof(Controls))]
    public void A_float_map_a_millionth_off_does_not_agree(Potential potential) =>
        Assert.False(PotentialLaw.FloatAgreesWithDouble(new BrokenPotential(potential, Fault.CoarseFloat), Fixed));

    [Theory, MemberData(nameof(Potentials))]
    public void Every_map_may_write_onto_its_input(Potential potential) =>
        Holds(potential, w => PotentialLaw.MapsMayWriteInPlace(potential, w), longest: 600);

    [Theory, MemberData(nameof(Controls))]
    public void A_map_that_clears_its_destination_first_may_not(Potential potential) =>
        Assert.False(PotentialLaw.MapsMayWriteInPlace(new BrokenPotential(potential, Fault.NotInPlace), Fixed));

    [Theory, MemberData(nameof(Potentials))]
    public void A_weight_has_the_same_dual_weight_anywhere_in_the_span(Potential potential) =>
        Holds(potential, w => PotentialLaw.ElementsDoNotKnowTheirPlace(potential, w), longest: 600);

    [Theory, MemberData(nameof(Controls))]
    public void A_map_that_looks_at_the_index_is_found_out(Potential potential) =>
        Assert.False(PotentialLaw.ElementsDoNotKnowTheirPlace(new BrokenPotential(potential, Fault.KnowsItsPlace), Fixed));

    [Theory, MemberData(nameof(Potentials))]
    public void Non_finite_weights_and_dual_weights_are_refused_by_place(Potential potential)
    {
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            double[] w = [0.3, 0.4, bad], room = new double[3];
            Refuses(() => potential.ToDual<double>(w, room));
            Refuses(() => potential.Hessian<double>(w, room));
            Refuses(() => potential.Value<double>(w));
            Refuses(() => potential.Bregman<double>(w, [0.3, 0.4, 0.5]));
            Refuses(() => potential.Bregman<double>([0.3, 0.4, 0.5], w));

            double[] dual = PotentialLaw.Dual(potential, [0.3, 0.4, 0.5]);
            dual[2] = bad;
            Refuses(() => potential.FromDual<double>(dual, [0.3, 0.4, 0.5], room));
            Refuses(() => potential.Conjugate<double>(dual, [0.3, 0.4, 0.5]));
        }

        static void Refuses(Action act) =>
            Assert.Contains("eight 2 of 3 is ", Assert.Throws<ArgumentOutOfRangeException>(act).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Potentials))]
    public void Zero_is_taken_where_the_potential_says_so_and_refused_by_place_elsewhere(Potential potential)
    {
        double[] w = [0.3, 0, 0.5], room = new double[3];
        if (potential.AllowsZero)
        {
            potential.ToDual<double>(w, room);
            Assert.Equal(0, room[1]);
            if (double.IsInfinity(potential.HessianAtZero))
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => potential.Hessian<double>(w, room));
            }
            else
            {
                potential.Hessian<double>(w, room);
                Assert.Equal(potential.HessianAtZero, room[1]);
            }
        }
        else
        {
            foreach (Action act in new Action[]
            {
                () => potential.ToDual<double>(w, room), () => potential.Hessian<double>(w, room),
                () => potential.Value<double>(w), () => potential.Bregman<double>(w, [0.3, 0.4, 0.5]),
            })
            {
                Assert.Contains("Weight 1 of 3 is 0; ", Assert.Throws<ArgumentOutOfRangeException>(act).Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory, MemberData(nameof(Potentials))]
    public void An_empty_span_is_taken(Potential potential)
    {
        potential.ToDual<double>([], []);
        potential.FromDual<double>([], [], []);

        Assert.Equal(0, potential.Value<double>([]));
        Assert.Equal(0, potential.Bregman<double>([], []));
    }

    [Theory, MemberData(nameof(Potentials))]
    public void Unequal_lengths_and_partial_overlap_are_refused(Potential potential)
    {
        double[] two = [0.3, 0.4], three = [0.3, 0.4, 0.5];

        Assert.Throws<ArgumentException>(() => potential.ToDual<double>(two, new double[3]));
        Assert.Throws<ArgumentException>(() => potential.Hessian<double>(two, new double[3]));
        Assert.Throws<ArgumentException>(() => potential.FromDual<double>(two, two, new double[3]));
        Assert.Throws<ArgumentException>(() => potential.Bregman<double>(two, three));
        Assert.Throws<ArgumentException>(() => potential.ToDual<double>(three.AsSpan(0, 2), three.AsSpan(1, 2)));
        Assert.Throws<ArgumentException>(() => potential.Hessian<double>(three.AsSpan(0, 2), three.AsSpan(1, 2)));
        Assert.Throws<ArgumentException>(() => potential.FromDual<double>(three.AsSpan(0, 2), two, three.AsSpan(1, 2)));
        if (!potential.CrossesZero)
        {
            double[] dual = PotentialLaw.Dual(potential, two);
            Assert.Throws<ArgumentException>(() => potential.FromDual<double>(dual, three, two));
        }
    }
}
