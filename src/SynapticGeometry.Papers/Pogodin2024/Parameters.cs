using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Pogodin2024.Parameters;

namespace SynapticGeometry.Papers.Pogodin2024;

/// <summary>What the figures of Pogodin et al. 2024 share, and the numbers of each, in one place; docs/deviations.md says which are ours.</summary>
internal static class Parameters
{
    public const string PaperName = "pogodin2024";

    /// <summary>The potentials that learn.</summary>
    public static IReadOnlyList<Potential> Potentials { get; } = [new NegativeEntropy(), new PNorm(2), new PNorm(3)];

    /// <summary>Their names in legends.</summary>
    public static IReadOnlyList<string> PotentialNames { get; } = ["negative entropy", "2-norm", "3-norm"];

    /// <summary>Their colours, the same in every figure.</summary>
    public static IReadOnlyList<ScottPlot.Color> Colors { get; } = [OkabeIto.Vermilion, OkabeIto.Blue, OkabeIto.Green];

    /// <summary>Where a figure comes from.</summary>
    public static string Citation(string part) => $"Pogodin, Cornford, Ghosh, Gidel, Lajoie and Richards, Synaptic weight distributions depend on the geometry of plasticity, ICLR 2024 (arXiv 2305.19394), {part}.";

    /// <summary>pogodin-linear.</summary>
    public static class Linear
    {
        public const int Seeds = 30, SketchSeeds = 12;

        /// <summary>k of the covariance (−1)^(i−j) / (1 + |i−j|ᵏ).</summary>
        public static IReadOnlyList<double> Powers { get; } = [2, 1];

        /// <summary>e of the number of samples ⌊Dᵉ⌋.</summary>
        public static IReadOnlyList<double> SampleExponents { get; } = [0.75, 0.5];

        /// <summary>D: ten from 100 to 20 000 in equal ratios, cut off to integers.</summary>
        public static IReadOnlyList<int> Weights { get; } = [.. Enumerable.Range(0, 10).Select(k => (int)(100 * Math.Pow(200, k / 9.0) + 1e-9))];

        public static IReadOnlyList<int> SketchWeights { get; } = [100, 324, 1050];
    }

    /// <summary>pogodin-robustness.</summary>
    public static class Robust
    {
        public const int Weights = 1000, Seeds = 30;

        /// <summary>The dual change is so much of the dual of <see cref="Reference"/>, times standard normal numbers.</summary>
        public const double Change = 0.1;

        /// <summary>Standard deviation of the normal initial weights.</summary>
        public static double Reference { get; } = 1 / Math.Sqrt(100);

        /// <summary>Normal, and log-normal with random signs, mean and standard deviation of the size 1/√1000.</summary>
        public static IReadOnlyList<WeightLaw> Initial { get; } =
            [new NormalWeights(Reference), LogNormalWeights.WithMean(1 / Math.Sqrt(Weights), 1 / Math.Sqrt(Weights)) with { RandomSigns = true }];

        public static IReadOnlyList<string> InitialNames { get; } = ["normal", "log-normal"];

        /// <summary>p of the candidates; 1 stands for negative entropy, the limit of the power family.</summary>
        public static IReadOnlyList<double> Candidates { get; } = [1, .. Enumerable.Range(11, 20).Select(p => p / 10.0)];

        /// <summary>p of the true potentials, in the order of <see cref="Potentials"/>.</summary>
        public static IReadOnlyList<double> True { get; } = [1, 2, 3];

        /// <summary>Numbers of weights, increasing, for the question how many it takes.</summary>
        public static IReadOnlyList<int> SizesAt(FigureScale scale) => scale == FigureScale.Sketch ? [1000, 10_000, 100_000] : [1000, 10_000, 100_000, 1_000_000];
    }

    /// <summary>pogodin-distributions.</summary>
    public static class OneTime
    {
        public const int Sizes = 1500, SketchSizes = 250;

        /// <summary>Standard deviation of ln size, near that of spine volumes in electron microscopy.</summary>
        public const double Spread = 0.9;
    }

    /// <summary>pogodin-signs.</summary>
    public static class Dale
    {
        public const int Neurons = 30, SketchNeurons = 6, Weights = 4000, SketchWeights = 1000, Bins = 40;

        public const double ExcitatoryShare = 0.8, SampleExponent = 0.5, CovariancePower = 2;

        /// <summary>Histograms of log₁₀ size.</summary>
        public const double LowestSize = -4.5, BinWidth = 0.1;
    }
}

/// <summary>A figure of Pogodin et al. 2024.</summary>
internal abstract class PogodinFigure(string name) : PaperFigure
{
    public sealed override string Id => "pogodin-" + name;

    public sealed override string Paper => PaperName;
}
