using System.Text.Json;
using SynapticGeometry.Data;
using SynapticGeometry.Tests.Inference;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

/// <summary>From a known potential over files of weights to what 'syngeo infer' says.</summary>
public sealed class WholeLoopTests : IDisposable
{
    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Theory]
    [InlineData(0, "negative-entropy", "negative entropy")]
    [InlineData(1, "2-norm", "the 2-norm")]
    [InlineData(2, "3-norm", "the 3-norm")]
    public async Task The_potential_of_a_network_of_layers_is_read_back_from_its_files(double exponent, string name, string words)
    {
        (string before, string after) = Write([.. LayerAnalysisTests.Layers(exponent, 8, 300, 1)]);
        string folder = line.PathOf("report");

        Assert.Equal(0, await line.Run("infer", before, after, "--out", folder, "--gof-replicates", "19"));
        Assert.StartsWith($"Layer by layer the changes are those of {words}", line.Output, StringComparison.Ordinal);
        JsonElement root = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "result.json"), TestContext.Current.CancellationToken)).RootElement;

        // The control: all weights together say something else.
        Assert.Equal(name, root.GetProperty("closest").GetString());
        Assert.NotEqual(name, root.GetProperty("closest_of_all").GetString());
        Assert.StartsWith("Layer by layer", root.GetProperty("verdict").GetString(), StringComparison.Ordinal);
        Assert.True(root.GetProperty("distinguishable").GetBoolean());
        JsonElement layers = root.GetProperty("layers");
        Assert.Equal(8, layers.GetProperty("layers").GetInt32());
        Assert.Equal(root.GetProperty("exponent_told").GetDouble(), layers.GetProperty("exponent").GetDouble());
        Assert.InRange(layers.GetProperty("exponent").GetDouble(), exponent - 0.1, exponent + 0.1);
        Assert.Equal(root.GetProperty("meta").GetProperty("median").GetProperty("value").GetDouble(), layers.GetProperty("exponent").GetDouble());
        string page = await File.ReadAllTextAsync(Path.Combine(folder, "report.html"), TestContext.Current.CancellationToken);
        Assert.Contains("Candidate geometries, layer by layer", page, StringComparison.Ordinal);
        Assert.Contains("Candidate geometries, all weights together", page, StringComparison.Ordinal);
        await JsonFields.MustBeDocumented(layers, "result-json.md");
    }

    [Fact]
    public async Task A_network_that_learned_by_mirror_descent_tells_its_potential()
    {
        // Eight linear layers on random labels, small weights in some and large examples in others, each trained by the optimizer itself.
        foreach ((Potential potential, string words) in new (Potential, string)[] { (new NegativeEntropy(), "negative entropy"), (new PNorm(2), "the 2-norm"), (new PNorm(3), "the 3-norm") })
        {
            (string before, string after) = Write([.. Enumerable.Range(0, 8).Select(k => Trained(potential, k))]);
            Assert.Equal(0, await line.Run("infer", before, after, "--json", "-", "--gof-replicates", "19"));
            JsonElement root = JsonDocument.Parse(line.Output).RootElement;
            Assert.Contains($"those of {words}", root.GetProperty("verdict").GetString(), StringComparison.Ordinal);
            Assert.Equal(potential.Name, root.GetProperty("closest").GetString());
        }
    }

    [Fact]
    public async Task Biases_among_the_tensors_are_told()
    {
        (string before, string after) = Write([.. LayerAnalysisTests.Layers(1, 6, 60, 1)], bias: true);
        Assert.Equal(0, await line.Run("infer", before, after, "--json", "-", "--gof-replicates", "19"));
        Assert.Contains("1 of 7 tensors have fewer than two dimensions (fc.bias)", line.Error, StringComparison.Ordinal);

        Assert.Equal(0, await line.Run("infer", before, after, "--only", "*.weight", "--json", "-", "--gof-replicates", "19"));
        Assert.DoesNotContain("dimensions", line.Error, StringComparison.Ordinal);
    }

    private static (string Name, double[] Before, double[] After) Trained(Potential potential, int k)
    {
        const int Weights = 900, Examples = 30;
        RandomSource random = new RandomSource(7).Fork("trained", (ulong)k);
        double[] weights = new double[Weights], inputs = new double[Weights * Examples], labels = new double[Examples];
        random.Fork("weights").FillNormal(weights);
        random.Fork("inputs").FillNormal(inputs);
        random.Fork("labels").FillNormal(labels);
        double size = Math.Pow(4, -k / 2.0);
        for (int i = 0; i < Weights; i++)
        {
            weights[i] = (weights[i] < 0 ? -1 : 1) * size * Math.Exp(0.5 * weights[i]);
        }

        double[] before = [.. weights], gradient = new double[Weights], dual = new double[Weights], curvature = new double[Weights];

        // Labels near what the layer already says: changes stay small, as fine-tuning's do.
        double[] targets = [.. Enumerable.Range(0, Examples).Select(e => Output(before, e) + (0.1 * size * (1 + k) * labels[e] * Math.Sqrt(Weights)))];
        potential.Hessian<double>(before, curvature);
        double rate = 1 / curvature.Sum(c => 1 / c);
        for (int step = 0; step < 300; step++)
        {
            Array.Clear(gradient);
            for (int e = 0; e < Examples; e++)
            {
                double error = Output(weights, e) - targets[e];
                for (int i = 0; i < Weights; i++)
                {
                    gradient[i] += error * inputs[(e * Weights) + i];
                }
            }

            potential.ToDual<double>(weights, dual);
            for (int i = 0; i < Weights; i++)
            {
                dual[i] -= rate * gradient[i];
            }

            double[] orthant = [.. weights];
            potential.FromDual<double>(dual, orthant, weights);
        }

        return ($"layer{k}.weight", before, weights);

        double Output(double[] w, int e) => Enumerable.Range(0, Weights).Sum(i => w[i] * inputs[(e * Weights) + i]);
    }

    private (string Before, string After) Write((string Name, double[] Before, double[] After)[] layers, bool bias = false)
    {
        return (Save("before.safetensors", l => l.Before), Save("after.safetensors", l => l.After));

        string Save(string name, Func<(string Name, double[] Before, double[] After), double[]> of)
        {
            List<KeyValuePair<string, NumericArray>> tensors = [.. layers.Select(l => KeyValuePair.Create(l.Name, new NumericArray([l.Before.Length / 2, 2], of(l))))];
            if (bias)
            {
                tensors.Add(new("fc.bias", new NumericArray([30], of(layers[0])[..30])));
            }

            SafetensorsWriter.Write(line.PathOf(name), tensors);
            return line.PathOf(name);
        }
    }
}
