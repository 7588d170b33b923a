namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>What the figures of Kreutzer, Senn and Petrovici 2022 share, and the numbers of each, in one place; sizes of samples and grids are with the figures.</summary>
/// <remarks>Time in s, rates in Hz, potentials in mV above rest; docs/deviations.md says which numbers are ours.</remarks>
internal static class Parameters
{
    public const string PaperName = "kreutzer2022";

    /// <summary>dt, s.</summary>
    public const double TimeStep = 0.0005;

    /// <summary>n of most figures.</summary>
    public const int SynapseCount = 100;

    /// <summary>φ, the sigmoid of all figures: 100 Hz, 0.3/mV, 10 mV.</summary>
    public static SigmoidTransfer Transfer { get; } = new(MaximumRate: 100, Gain: 0.3, Threshold: 10);

    /// <summary>ε, the kernel of most figures: 10 ms, 3 ms, 1 mV s.</summary>
    public static SynapticKernel Kernel { get; } = new(MembraneTime: 0.010, SynapticTime: 0.003, Area: 1);

    /// <summary>Pairs of rates of the two halves of the afferents in Fig. 12, Hz.</summary>
    public static IReadOnlyList<(double First, double Second)> RatePairs { get; } = [(10, 10), (10, 30), (10, 50), (20, 20), (20, 40)];

    /// <summary>λ, µm: attenuation exp(−d/λ) falls to a tenth at 460 µm, as Fig. 4 shows.</summary>
    public const double LengthConstant = 200;

    /// <summary>Weights are drawn from ± this, in 1/n, in Figs 10 to 12.</summary>
    public const double WeightLimit = 5;

    /// <summary>c_u, mV s, and c_w, 1/mV², of the approximate rule.</summary>
    public const double ConstantUniform = 0.95, ConstantWeight = 0.05;

    /// <summary>The parameters that most figures list.</summary>
    public static IReadOnlyList<FigureParameter> Neuron { get; } =
    [
        new("transfer function, φ_max, β, θ", "sigmoid; 100, 0.3, 10", "Hz, 1/mV, mV"),
        new("kernel, τ_m, τ_s, ε₀", "10, 3, 1", "ms, ms, mV s"),
    ];

    /// <summary>Where a figure comes from.</summary>
    public static string Citation(string figure) => $"Kreutzer, Senn and Petrovici, Natural-gradient learning for spiking neurons, eLife 11:e66526 (2022), {figure}.";

    /// <summary>Two equal halves of n afferents at two rates.</summary>
    public static PoissonInput Halves(int synapses, double first, double second) => PoissonInput.Groups((synapses / 2, first), (synapses - (synapses / 2), second));

    /// <summary>Evenly spaced numbers from one to another.</summary>
    public static double[] Grid(double low, double high, int count) =>
        [.. Enumerable.Range(0, count).Select(i => low + ((high - low) * i / Math.Max(1, count - 1)))];

    /// <summary>Weights drawn uniformly from −limit to limit.</summary>
    public static double[] DrawWeights(RandomSource random, int count, double limit)
    {
        double[] weights = new double[count];
        new UniformWeights(-limit, limit).Draw(random, weights);
        return weights;
    }

    /// <summary>Figs 1 and 8; rate in Hz.</summary>
    public static class Step
    {
        public const double Attenuation = 0.5, Rate = 50, Start = 0.05, Target = 0.25, SomaticStep = 0.1;
    }

    /// <summary>Fig. 2: rates in Hz and target weights of the two afferents.</summary>
    public static class Flow
    {
        public static readonly double[] Rates = [10, 50], Target = [0.15, 0.15];
    }

    /// <summary>Fig. 4: Hz, s; the farthest synapse in µm; the examples by their 1/α.</summary>
    public static class Distance
    {
        public const double InputRate = 5, TeacherRate = 20, Duration = 5, SomaticWeight = 0.05, LearningRate = 0.01, Farthest = 460;

        public static readonly double[] Examples = [3, 7];
    }

    /// <summary>Fig. 5: Hz, s; the mean unweighted synaptic potential in mV, which the kernel's height keeps.</summary>
    public static class Variance
    {
        public const double TeacherRate = 80, Duration = 5, MeanUsp = 10, Weight = 0.05, LearningRate = 0.01;
    }

    /// <summary>Fig. 6: initial weights, in 1/n; the rest is Fig. 7.</summary>
    public static class Terms
    {
        public const double InitialWeight = 1;
    }

    /// <summary>Fig. 7: Hz, mV, s; weights in 1/n; the examples are one in each regime.</summary>
    public static class Regimes
    {
        public const int N = 10, Stimulated = 5;
        public const double InputRate = 5, TeacherRate = 20, Shift = -5, Duration = 60, LearningRate = 0.01, Lowest = 1, Highest = 5;

        public static readonly (string Regime, double Weight)[] Examples = [("O1", 1.6), ("O2", 2.5), ("S", 4.5)];
    }

    /// <summary>Figs 3, 9 and 12 C-F, and Table 1: D_KL to reach, rate error that remains (Hz), how learning rates are meant, and the learning rates; of Figs 3 and 9 the second.</summary>
    public static class Learning
    {
        public const double Target = 5e-5, RemainingError = 0.8;
        public const LearningRateConvention Convention = LearningRateConvention.Released;

        public static readonly TunedRates[] Table1 =
        [
            new(10, 30, Natural: 6.55e-4, Approximate: 5.5e-4, Euclidean: 1.10e-6),
            new(10, 50, Natural: 6.0e-4, Approximate: 4.5e-4, Euclidean: 4.5e-7),
            new(20, 20, Natural: 6.5e-4, Approximate: 5.3e-4, Euclidean: 1.18e-6),
            new(20, 40, Natural: 5.8e-4, Approximate: 4.5e-4, Euclidean: 5.5e-7),
        ];
    }

    /// <summary>Fig. 3 D, E: two afferents; rates in Hz, weights and levels in 1/n and nats.</summary>
    public static class Plane
    {
        public const double NaturalRate = 2.5e-4, EuclideanRate = 7e-7, Lowest = -0.4, Highest = 0.6;

        public static readonly double[] Rates = [10, 50], Start = [-0.3, 0.5], Target = [0.15, 0.15];
        public static readonly double[] ArrowsFirst = [-0.28, -0.1, 0.08, 0.26, 0.44], ArrowsSecond = [-0.22, -0.02, 0.26, 0.5];
        public static readonly double[] Levels = [0.001, 0.003, 0.005, 0.009, 0.015, 0.02, 0.03, 0.04];
    }

    /// <summary>The three predictions of the discussion, ours throughout: Hz, s, mV, µm.</summary>
    public static class Predictions
    {
        public const int Synapses = 50, GainSynapses = 20;
        public const double InputRate = 5, TeacherRate = 30, Duration = 5, SomaticWeight = 0.01, LearningRate = 0.01, TeacherLength = 200;
        public const double BurstRate = 10, BurstTeacher = 80, BurstInterval = 0.005, BurstWeight = 0.05;
        public const double GainRate = 20, StartRate = 20, GoalRate = 40, NaturalRate = 0.05, EuclideanRate = 5e-6, GainDuration = 60, FirstStretch = 1;

        public static readonly double[] TeacherLengths = [100, 200, 400], Bursts = [1, 1.5, 2, 3, 4, 6], Gains = [0.15, 0.2, 0.3, 0.45, 0.6];
    }

    /// <summary>Beyond the paper, ours throughout: a recorded population (Hz, mV, s), a dendrite (Hz, mV, s), geometry inference (Hz, s, µm).</summary>
    public static class Beyond
    {
        public const int PopulationUnits = 16;
        public const double MedianRate = 3, RateSpread = 0.8, PopulationBursts = 1.6, PopulationInterval = 0.006, PotentialSpread = 4, TargetError = 3;
        public const double DendriteRate = 5, DendriteTeacher = 20, DendritePotential = 3, DendriteDuration = 5, DendriteNatural = 0.01, DendriteEuclidean = 1e-5;
        public const int InferenceSynapses = 100;
        public const double InferenceDuration = 20, InferenceMedian = 0.003, InferenceSpread = 0.5;

        public static readonly double[] PopulationStarts = [0.05, 0.05, 5e-5], InferenceRates = [7e-4, 7e-4, 7e-7, 5e-4];
    }

    /// <summary>Figs 10 and 11 J-L: rates of the two halves of the afferents, Hz.</summary>
    public static class Mixed
    {
        public const double First = 10, Second = 50;
    }
}

/// <summary>A row of Table 1: rates of the two halves of the afferents, Hz, and the learning rate of each rule as published.</summary>
internal sealed record TunedRates(double First, double Second, double Natural, double Approximate, double Euclidean);

/// <summary>A figure of Kreutzer, Senn and Petrovici 2022.</summary>
internal abstract class KreutzerFigure(string number) : PaperFigure
{
    public sealed override string Id => "kreutzer-" + number;

    public sealed override string Paper => Kreutzer2022.Parameters.PaperName;
}

/// <summary>A figure that is in no paper.</summary>
internal abstract class BeyondFigure(string name) : PaperFigure
{
    public sealed override string Id => "beyond-" + name;

    public sealed override string Paper => "beyond";
}
