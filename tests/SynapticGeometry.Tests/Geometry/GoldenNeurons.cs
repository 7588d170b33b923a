using System.IO.Compression;
using System.Text.Json;

namespace SynapticGeometry.Tests;

/// <summary>A case of golden/natural-gradient.json.gz, computed by adaptive quadrature and dense inversion.</summary>
internal sealed record GoldenNeuron(JsonElement Case)
{
    public static GoldenNeuron[] All()
    {
        using var stream = new GZipStream(File.OpenRead(SharedFiles.Require("golden/natural-gradient.json.gz")), CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(stream);
        return [.. document.RootElement.EnumerateArray().Select(e => new GoldenNeuron(e.Clone()))];
    }

    /// <summary>
    /// True for the exponential case at n = 6: the reference's quadrature stops at 12 standard deviations, and the mass of its
    /// integrand lies about k s = 7.9 of them out, so that 1.8e-5 of it is cut off.
    /// </summary>
    public bool IsCutOff => Transfer is ExponentialTransfer && Weights.Length == 6;

    /// <summary>The geometry, with the reference's own moments where they are cut off.</summary>
    public FisherGeometry Fisher => new(IsCutOff ? new GivenMoments(Transfer, Reference) : Transfer, Kernel, Rates);

    /// <summary>c₁, c₂, c₃ of the reference.</summary>
    public FisherMoments Reference => Numbers("c") is [var c1, var c2, var c3] ? new(c1, c2, c3) : default;

    public TransferFunction Transfer
    {
        get
        {
            JsonElement t = Case.GetProperty("transfer");
            double Number(string name) => t.GetProperty(name).GetDouble();
            return t.GetProperty("kind").GetString() switch
            {
                "sigmoid" => new SigmoidTransfer(Number("maximum_rate"), Number("beta"), Number("theta")),
                "exponential" => new ExponentialTransfer(Number("rate"), Number("slope"), Number("theta")),
                "rectified-quadratic" => new RectifiedQuadraticTransfer(Number("theta")),
                var other => throw new NotSupportedException(other),
            };
        }
    }

    public SynapticKernel Kernel => new(Number("tau_m"), Number("tau_s"), Number("eps0"));

    public double[] Weights => Numbers("w");

    public double[] Rates => Numbers("rates");

    public double[] Usp => Numbers("x");

    public double Number(string name) => Case.GetProperty(name).GetDouble();

    public double[] Numbers(string name) => GoldenMaps.Numbers(Case, name);

    public bool Has(string name) => Case.GetProperty(name).ValueKind == JsonValueKind.Array;

    /// <summary>What the synapses see, at somatic weights or seen through a parametrization.</summary>
    public void See(double[] weights, double[] slope, Action<SynapticStateCopy> look)
    {
        double potential = PoissonNeuron.SomaticPotential(Weights, Usp);
        look(new SynapticStateCopy(weights, Weights, slope, Usp, potential, Transfer.Score(potential, (int)Number("teacher_spike"), Number("dt"))));
    }

    public double[] Change(PlasticityRule rule)
    {
        double[] change = new double[Weights.Length], ones = [.. Weights.Select(_ => 1.0)];
        See(Weights, ones, s => rule.Change(s.State, change));
        return change;
    }

    public override string ToString() => $"{Case.GetProperty("transfer")}, n = {Weights.Length}";

    private sealed record GivenMoments(TransferFunction Function, FisherMoments Given) : TransferFunction
    {
        public override double Rate(double potential) => Function.Rate(potential);

        public override double Slope(double potential) => Function.Slope(potential);

        public override double LogSlope(double potential) => Function.LogSlope(potential);

        public override TransferFunction Shifted(double shift) => throw new NotSupportedException();

        public override FisherMoments Fisher(double mean, double variance) => Given;
    }
}

/// <summary>A synaptic state that may be passed to a lambda.</summary>
internal sealed record SynapticStateCopy(double[] Weights, double[] Somatic, double[] Slope, double[] Usp, double Potential, double Score)
{
    public SynapticState State => new() { Weights = Weights, Somatic = Somatic, Slope = Slope, Usp = Usp, Potential = Potential, Score = Score };
}

/// <summary>Comparison of vectors by their largest element.</summary>
internal static class Vectors
{
    public static double Worst(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Xunit.Assert.Equal(expected.Count, actual.Count);
        double size = expected.Max(Math.Abs), gap = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        return size == 0 ? gap : gap / size;
    }

    public static void Near(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double relative, string what = "") =>
        Xunit.Assert.True(Worst(expected, actual) <= relative, $"{what}: off by {Worst(expected, actual)} of the largest");
}
