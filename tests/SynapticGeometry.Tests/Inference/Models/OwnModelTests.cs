using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>A law of change and a model of measurement that are not the library's, made of its public interface alone.</summary>
public sealed class OwnModelTests
{
    [Fact]
    public void A_law_of_ones_own_is_simulated_and_fitted_back()
    {
        LongitudinalSizes design = MeasuredSizes.Draw(1500, 0.5, 0.2, 0);
        var model = new ExactSizeModel(new ShiftedLogLaw(), VanishedSynapses.NotRecorded);
        LongitudinalSizes drawn = model.Simulate(design, [0.5, 0.05, 0.2], new RandomSource(3));

        ChangeModelFit fit = model.Estimate(drawn);

        Assert.InRange(0.5, fit["shift"] - (4 * fit.StandardError("shift")), fit["shift"] + (4 * fit.StandardError("shift")));
        Assert.Equal(0.2, fit[ModelParameter.Change], 0.02);
        Assert.Equal(0.05, fit["drift"], 0.02);

        // The law that drew the sizes is likelier than a power law, and with error of measurement it goes through the same models.
        Assert.True(fit.LogLikelihood > new ExactSizeModel(new PowerLaw(Drift.Constant), VanishedSynapses.NotRecorded).Estimate(drawn).LogLikelihood);
        Assert.True(new LatentSizeModel(new ShiftedLogLaw(), new MeasurementError(0.05), vanished: VanishedSynapses.NotRecorded).Estimate(drawn).Converged);
    }

    [Fact]
    public void A_model_of_ones_own_describes_heavy_tails_better_than_the_normal_one()
    {
        // Student's t with 4 degrees of freedom as a normal divided by the root of a mean of four squares.
        const int count = 1500;
        RandomSource random = new RandomSource(8).Fork("heavy tails");
        double[] before = new double[count], after = new double[count];
        for (int i = 0; i < count; i++)
        {
            double chi = Enumerable.Range(0, 4).Sum(_ => Math.Pow(random.NextNormal(), 2)) / 4;
            before[i] = Math.Exp(0.8 * random.NextNormal());
            after[i] = before[i] * Math.Exp(0.1 * random.NextNormal() / Math.Sqrt(chi));
        }

        LongitudinalSizes sizes = LongitudinalSizes.From([before, after]);
        ChangeModelFit heavy = new HeavyTailedModel(new PowerLaw(Drift.Constant)).Estimate(sizes);
        ChangeModelFit normal = new ExactSizeModel(new PowerLaw(Drift.Constant), VanishedSynapses.Ignored).Estimate(sizes);

        Assert.Equal(0, heavy[ModelParameter.Exponent], 0.1);
        Assert.Equal(0.1, heavy[ModelParameter.Change], 0.01);
        Assert.True(heavy.LogLikelihood > normal.LogLikelihood + 20);

        // Right in its tails, its model standard error is the robust one's.
        Assert.InRange(heavy.RobustStandardError(ModelParameter.Exponent) / heavy.StandardError(ModelParameter.Exponent), 0.85, 1.15);
    }

    /// <summary>y ∝ ln(w + κ): multiplicative for large sizes, additive for small ones.</summary>
    private sealed class ShiftedLogLaw() : ChangeLaw([new("shift", ParameterScale.Logarithmic, 1e-3, 1e3, "κ, in units of the geometric-mean size")], Drift.Constant)
    {
        public override string Name => "shifted-log";

        public override void Dual(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> dual, Span<double> logSlope)
        {
            double shift = shape[0];
            for (int i = 0; i < logSizes.Length; i++)
            {
                double w = Math.Exp(logSizes[i]);
                dual[i] = (1 + shift) * Math.Log((w + shift) / (1 + shift));
                if (logSlope.Length > 0)
                {
                    logSlope[i] = Math.Log((1 + shift) * w / (w + shift));
                }
            }
        }

        public override void FromDual(ReadOnlySpan<double> shape, ReadOnlySpan<double> dual, Span<double> logSizes)
        {
            for (int i = 0; i < dual.Length; i++)
            {
                double w = ((1 + shape[0]) * Math.Exp(dual[i] / (1 + shape[0]))) - shape[0];
                logSizes[i] = w > 0 ? Math.Log(w) : double.NegativeInfinity;
            }
        }

        public override (double Zero, double Infinity) Range(ReadOnlySpan<double> shape) =>
            ((1 + shape[0]) * Math.Log(shape[0] / (1 + shape[0])), double.PositiveInfinity);

        public override double[] StartingShapes(LongitudinalSizes sizes) => [1];

        protected override void DriftColumns(ReadOnlySpan<double> shape, ReadOnlySpan<double> logSizes, Span<double> first, Span<double> second) =>
            throw new NotSupportedException("The drift is constant.");
    }

    /// <summary>Two exact sessions with changes of Student's t distribution with 4 degrees of freedom on the dual scale.</summary>
    private sealed class HeavyTailedModel(ChangeLaw law) : ChangeModel(law, [])
    {
        public override string Name => "heavy-tailed";

        public override ChangeModel Under(ChangeLaw law) => new HeavyTailedModel(law);

        public override double[] Start(LongitudinalSizes sizes) => StartOfLaw(sizes, 0);

        public override LongitudinalSizes Simulate(LongitudinalSizes design, ReadOnlySpan<double> parameters, RandomSource random) =>
            throw new NotSupportedException();

        protected internal override Action<double[], double[]> Prepare(LongitudinalSizes sizes, double[] parameters) => (values, destination) =>
        {
            int n = sizes.Count;
            double[] from = [.. Enumerable.Range(0, n).Select(i => sizes[i][0])], to = [.. Enumerable.Range(0, n).Select(i => sizes[i][1])];
            double[] y0 = new double[n], y1 = new double[n], slope = new double[n], mean = new double[n], spread = new double[n];
            Law.Dual(values.AsSpan(0, Law.ShapeCount), from, y0, []);
            Law.Dual(values.AsSpan(0, Law.ShapeCount), to, y1, slope);
            Law.Change(values, from, mean, spread);
            for (int i = 0; i < n; i++)
            {
                // ln of the t density with 4 degrees of freedom: Γ(5/2)/(√(4π) Γ(2)) = 3/8.
                double z = (y1[i] - y0[i] - mean[i]) / spread[i];
                destination[i] = Math.Log(0.375) - (2.5 * Math.Log(1 + (z * z / 4))) - Math.Log(spread[i]) + slope[i] - to[i] - sizes.LogUnit;
            }
        };
    }
}
