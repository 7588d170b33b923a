using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using SynapticGeometry.Networks;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace SynapticGeometry.Tests.Networks;

/// <summary>
/// The networks against torchvision's and, for CORnet and SimSiam, against definitions in plain PyTorch
/// (<c>golden/networks.py</c>): names, shapes, and outputs at parameters that both sides compute.
/// </summary>
public sealed class NetworkTests(FreshNetworks fresh) : IClassFixture<FreshNetworks>
{
    public static TheoryData<string> Proven => [.. GoldenNetworks.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Proven))]
    public void Names_shapes_and_outputs_are_those_of_the_reference(string name)
    {
        NetworksHere.Require();
        GoldenNetwork golden = GoldenNetworks.Of(name);
        using Network network = GoldenNetworks.Create(name);
        Assert.Equal(
            golden.Tensors.Select(t => $"{t.Name} [{string.Join(", ", t.Shape)}]"),
            network.state_dict().OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} [{string.Join(", ", t.Value.shape)}]"));
        GoldenNetworks.SetValues(network, golden.Gain);
        network.eval();
        Assert.InRange(RelativeError(network, golden, golden.Evaluated), 0, 1e-4);

        // Control: one convolution or layer scaled by a tenth must show.
        using IDisposable still = no_grad();
        using Scalar factor = 1.1f;
        network.named_parameters().First(p => p.parameter.dim() >= 2).parameter.mul_(factor);
        Assert.True(RelativeError(network, golden, golden.Evaluated) > 1e-3, "The outputs hardly depend on the first weights.");
    }

    [Theory]
    [InlineData("resnet-18"), InlineData("shufflenet-v2-x0.5")]
    public void While_training_statistics_of_the_batch_are_used_and_remembered(string name)
    {
        NetworksHere.Require();
        GoldenNetwork golden = GoldenNetworks.Of(name);
        using Network network = GoldenNetworks.Create(name);
        GoldenNetworks.SetValues(network, golden.Gain);
        network.train();
        Assert.InRange(RelativeError(network, golden, golden.Training!), 0, 1e-4);
        float[] remembered = network.get_buffer(golden.RunningVariance!.Value.Name)!.data<float>().ToArray();
        Assert.Equal(golden.RunningVariance.Value.Values.Select(v => (double)v), remembered.Select(v => (double)v), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void The_loss_of_two_views_is_the_reference_s_and_stops_at_the_embeddings()
    {
        NetworksHere.Require();
        GoldenNetwork golden = GoldenNetworks.Of("simsiam-resnet-18");
        using var network = (SimSiam)GoldenNetworks.Create(golden.Name);
        GoldenNetworks.SetValues(network, golden.Gain);
        network.eval();
        using DisposeScope scope = NewDisposeScope();
        Tensor images = GoldenNetworks.Images(golden.Input), loss = network.Loss(images, images.flip(3));
        Assert.Equal(golden.Loss!.Value, loss.item<float>(), 1e-4);
        loss.backward();
        Assert.All(network.named_parameters(), p => Assert.Equal(p.name != "encoder.fc.6.bias", p.parameter.grad is not null));
    }

    [Fact]
    public void Equal_seeds_give_equal_weights_and_other_seeds_others()
    {
        NetworksHere.Require();
        foreach (string name in new[] { "linear", "perceptron", "rnn", "dale-rnn", "dale-perceptron", "shufflenet-v2-x0.5" })
        {
            double first = Fingerprint(name, 1);
            Assert.Equal(first, Fingerprint(name, 1));
            Assert.NotEqual(first, Fingerprint(name, 2));
        }
    }

    [Fact]
    public void Weights_start_as_the_reference_starts_them()
    {
        NetworksHere.Require();
        Network resnet = fresh["resnet-18"], efficient = fresh["efficientnet-b0"], rnn = fresh["rnn"], simsiam = fresh["simsiam-resnet-18"];

        // Deviations: √(2/(64·9)), √(2/(64·49)) over outputs; uniform on ±b has deviation b/√3.
        Assert.Equal(Math.Sqrt(2 / 576.0), Deviation(resnet, "layer1.0.conv1.weight"), 2e-3);
        Assert.Equal(Math.Sqrt(2 / 3136.0), Deviation(resnet, "conv1.weight"), 1e-3);
        Assert.Equal(1 / Math.Sqrt(512 * 3), Deviation(resnet, "fc.weight"), 1e-3);
        Assert.Equal(1 / Math.Sqrt(10 * 3), Deviation(efficient, "classifier.1.weight"), 3e-3);
        Assert.Equal(0.1 / Math.Sqrt(3), Deviation(rnn, "rnn.weight_hh_l0"), 1e-3);
        Assert.Equal(0, Deviation(efficient, "classifier.1.bias"));
        Assert.Equal(0, Deviation(simsiam, "encoder.layer1.0.bn2.weight"));
        Assert.Equal(0f, simsiam.get_parameter("encoder.layer1.0.bn2.weight")!.sum().item<float>());
        Assert.Equal(64f, simsiam.get_parameter("encoder.layer1.0.bn1.weight")!.sum().item<float>());
    }

    [Theory]
    [InlineData("dale-perceptron"), InlineData("dale-rnn")]
    public void Each_neuron_s_outgoing_weights_have_its_sign(string name)
    {
        NetworksHere.Require();
        using Network network = NetworkArchitecture.Find(name).Create(new NetworkOptions { Hidden = 50, ExcitatoryFraction = 0.8 }, new RandomSource(3));
        Assert.NotEmpty(network.SignedColumns);
        foreach (SignedColumns columns in network.SignedColumns)
        {
            float[] signs = columns.Signs.data<float>().ToArray();
            Assert.Equal(Math.Round(0.8 * signs.Length), signs.Count(s => s > 0));
            Assert.Equal(columns.Weights.shape[1], signs.Length);
            Assert.Equal(0, columns.CountViolations());

            // Sums over many draws: excitation and inhibition balance, and each row has the power that was asked for.
            float[] weights = columns.Weights.data<float>().ToArray();
            double sum = weights.Sum(w => (double)w), size = weights.Sum(w => Math.Abs((double)w));
            Assert.InRange(sum / size, -0.2, 0.2);
            Assert.InRange(weights.Sum(w => (double)w * w) / columns.Weights.shape[0], 0.3, 5);

            // Control: a step against the sign is seen.
            using IDisposable still = no_grad();
            columns.Weights.neg_();
            Assert.Equal(weights.Length, columns.CountViolations());
        }

        using Tensor images = rand(3, 1, 28, 28);
        using Tensor outputs = network.forward(images);
        Assert.Equal([3L, 10L], outputs.shape);
    }

    [Fact]
    public void Plastic_weights_are_those_of_the_statistic()
    {
        NetworksHere.Require();
        Network resnet = fresh["resnet-18"], efficient = fresh["efficientnet-b0"], rnn = fresh["rnn"], simsiam = fresh["simsiam-resnet-18"];
        using Network linear = GoldenNetworks.Create("linear");

        // 11,689,512 parameters with 1000 classes, less 513,000 of the classifier and 9,600 of the normalisations.
        Assert.Equal(11_689_512 - 513_000 - 9_600, resnet.PlasticWeightCount);
        Assert.Equal(20, resnet.PlasticWeights.Count);
        Assert.Equal(["rnn.weight_hh_l0"], rnn.PlasticWeights.Select(p => p.Name));
        Assert.Equal(["fc.weight"], linear.PlasticWeights.Select(p => p.Name));
        Assert.DoesNotContain(efficient.PlasticWeights, p => p.Name.StartsWith("classifier", StringComparison.Ordinal));
        Assert.Contains(simsiam.PlasticWeights, p => p.Name == "predictor.3.weight");
    }

    [Fact]
    public void Noise_while_training_is_drawn_from_the_seed_and_rests_in_evaluation()
    {
        NetworksHere.Require();
        (double[] first, double evaluated) = Run(5);
        (double[] second, double again) = Run(5);
        Assert.Equal(first, second);
        Assert.Equal(evaluated, again);
        Assert.NotEqual(first[0], first[1]);

        static (double[] Training, double Evaluated) Run(ulong seed)
        {
            using Network network = NetworkArchitecture.Find("efficientnet-b0").Create(new NetworkOptions(), new RandomSource(seed));
            using IDisposable still = no_grad();
            using Tensor images = GoldenNetworks.Images([4, 3, 32, 32]);
            network.train();
            double[] training = [Sum(network, images), Sum(network, images)];
            network.eval();
            double evaluated = Sum(network, images);
            Assert.Equal(evaluated, Sum(network, images));
            return (training, evaluated);
        }

        static double Sum(Network network, Tensor images)
        {
            using Tensor output = network.forward(images), sum = output.sum();
            return sum.item<float>();
        }
    }

    [Fact]
    public void A_forward_pass_keeps_nothing_but_its_result()
    {
        NetworksHere.Require();
        Network network = fresh["resnet-18"];
        using Tensor images = GoldenNetworks.Images([2, 3, 32, 32]);
        network.forward(images).Dispose();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Tensor output = network.forward(images);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        output.Dispose();
    }

    [Fact]
    public void Images_of_another_shape_are_refused_with_both_shapes()
    {
        NetworksHere.Require();
        Network resnet = fresh["resnet-18"];
        using Network linear = GoldenNetworks.Create("linear");
        using Tensor grey = zeros(2, 1, 28, 28), small = zeros(2, 1, 20, 20);
        Assert.Contains("resnet-18 takes images of shape [batch, 3, height, width], not [2, 1, 28, 28]", Assert.Throws<ArgumentException>(() => resnet.forward(grey)).Message, StringComparison.Ordinal);
        Assert.Contains("[batch, 1, 28, 28], not [2, 1, 20, 20]", Assert.Throws<ArgumentException>(() => linear.forward(small)).Message, StringComparison.Ordinal);
    }

    private static double RelativeError(Network network, GoldenNetwork golden, IReadOnlyList<float> expected)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        float[] outputs = network.forward(GoldenNetworks.Images(golden.Input))[.., ..10].contiguous().data<float>().ToArray();
        double largest = expected.Max(Math.Abs);
        double error = outputs.Zip(expected, (a, b) => Math.Abs(a - b)).Max() / largest;
        TestContext.Current.TestOutputHelper?.WriteLine($"{golden.Name}: largest relative difference {error:g3}");
        return error;
    }

    private static double Fingerprint(string name, ulong seed)
    {
        using Network network = NetworkArchitecture.Find(name).Create(new NetworkOptions(), new RandomSource(seed));
        double sum = 0;
        foreach ((_, Parameter parameter) in network.named_parameters())
        {
            float[] values = parameter.data<float>().ToArray();
            for (int i = 0; i < values.Length; i++)
            {
                sum += values[i] * (1 + (i % 7));
            }
        }

        return sum;
    }

    private static double Deviation(Network network, string parameter)
    {
        float[] values = network.get_parameter(parameter)!.data<float>().ToArray();
        double mean = values.Average(v => (double)v);
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }
}

/// <summary>Networks as they are made, for tests that only look at them; one of each.</summary>
public sealed class FreshNetworks : IDisposable
{
    private readonly Dictionary<string, Network> networks = [];

    /// <summary>The network of a name.</summary>
    public Network this[string name] => networks.TryGetValue(name, out Network? made) ? made : networks[name] = GoldenNetworks.Create(name);

    public void Dispose()
    {
        foreach (Network network in networks.Values)
        {
            network.Dispose();
        }
    }
}

/// <summary>The catalogue's names, which need no libtorch.</summary>
public sealed class NetworkArchitectureTests
{
    [Theory]
    [InlineData("ResNet-18", "resnet-18"), InlineData("resnet18", "resnet-18"), InlineData("resnet_50", "resnet-50")]
    [InlineData("shufflenet_v2_x0_5", "shufflenet-v2-x0.5"), InlineData("ShuffleNetV2_x1.0", "shufflenet-v2-x1.0"), InlineData("efficientnet_b0", "efficientnet-b0")]
    [InlineData("cornet_rt", "cornet-rt"), InlineData("CORnet-S", "cornet-s"), InlineData("simsiam_resnet18", "simsiam-resnet-18"), InlineData("DaleRNN", "dale-rnn")]
    public void Names_are_found_as_others_write_them(string written, string name) => Assert.Equal(name, NetworkArchitecture.Find(written).Name);

    [Fact]
    public void Every_name_is_found_and_no_two_are_written_alike()
    {
        Assert.All(NetworkArchitecture.All, a => Assert.Same(a, NetworkArchitecture.Find(a.Name)));
        Assert.All(NetworkArchitecture.All, a => Assert.Same(a, NetworkArchitecture.Find(a.Name.Replace("-", "", StringComparison.Ordinal).Replace('.', '_').ToUpperInvariant())));
        Assert.Equal(NetworkArchitecture.Names.Count, NetworkArchitecture.Names.Distinct().Count());
        Assert.All(NetworkArchitecture.All, a => Assert.EndsWith(".", a.Summary, StringComparison.Ordinal));
        Assert.Equal(["simsiam-resnet-18", "simsiam-resnet-34", "simsiam-resnet-50"], NetworkArchitecture.All.Where(a => a.SelfSupervised).Select(a => a.Name));
    }

    [Fact]
    public void An_unknown_name_is_answered_with_the_nearest()
    {
        string message = Assert.Throws<ArgumentException>(() => NetworkArchitecture.Find("resnet-19")).Message;
        Assert.Contains("There is no network \"resnet-19\". Did you mean resnet-18?", message, StringComparison.Ordinal);
        Assert.Contains("cornet-rt", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused_with_their_value()
    {
        Assert.Contains("Classes is 0", Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkOptions { Classes = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("is 1.5", Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkOptions { ExcitatoryFraction = 1.5 }).Message, StringComparison.Ordinal);
        Assert.Contains("1 x 0 x 3", Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkOptions { Input = new ImageShape(1, 0, 3) }).Message, StringComparison.Ordinal);
    }
}

/// <summary>A network of the reference: its tensors in ordinal order, its outputs for a batch.</summary>
internal sealed record GoldenNetwork(
    string Name,
    double Gain,
    long[] Input,
    (string Name, long[] Shape)[] Tensors,
    float[] Evaluated,
    float[]? Training,
    (string Name, float[] Values)? RunningVariance,
    double? Loss);

/// <summary>What <c>golden/networks.py</c> wrote, and the values that it set.</summary>
internal static class GoldenNetworks
{
    private const int Classes = 10, InputTensor = 1000003;

    public static IReadOnlyList<GoldenNetwork> All { get; } = Read();

    public static GoldenNetwork Of(string name) => All.First(c => c.Name == name);

    public static Network Create(string name) =>
        NetworkArchitecture.Find(name).Create(new NetworkOptions { Classes = Classes }, new RandomSource(1));

    public static Tensor Images(long[] shape)
    {
        float[] pixels = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (float)((2 * Noise(InputTensor, i)) - 1);
        }

        return tensor(pixels, shape);
    }

    public static void SetValues(nn.Module network, double gain)
    {
        long number = 0;
        foreach ((string name, Tensor target) in network.state_dict().OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (!name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            {
                SetValues(name, target, number++, gain);
            }
        }
    }

    private static void SetValues(string name, Tensor target, long number, double gain)
    {
        double scale = gain * Math.Sqrt(6.0 / target.shape.Skip(1).Aggregate(1L, (a, b) => a * b));
        (double from, double width) =
            name.EndsWith("running_var", StringComparison.Ordinal) ? (0.5, 1.0)
            : target.dim() >= 2 ? (-scale, 2 * scale)
            : name.EndsWith("weight", StringComparison.Ordinal) ? (0.8, 0.4)
            : (-0.1, 0.2);
        Span<float> values = MemoryMarshal.Cast<byte, float>(target.bytes);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(from + (width * Noise(number, i)));
        }
    }

    // An integer hash of the place, as in networks.py.
    private static double Noise(long tensor, long place)
    {
        ulong x = unchecked(((ulong)place * 2654435761) + ((ulong)tensor * 40503) + 12345) & 0xFFFFFFFF;
        x ^= x >> 15;
        x = (x * 2246822519) & 0xFFFFFFFF;
        x ^= x >> 13;
        x = (x * 3266489917) & 0xFFFFFFFF;
        x ^= x >> 16;
        return x / 4294967296.0;
    }

    private static List<GoldenNetwork> Read()
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(SharedFiles.Repository, "tests", "SynapticGeometry.Tests", "Networks", "golden", "networks.json.gz")), CompressionMode.Decompress);
        using JsonDocument json = JsonDocument.Parse(file);
        return
        [
            .. json.RootElement.GetProperty("cases").EnumerateArray().Select(c => new GoldenNetwork(
                c.GetProperty("name").GetString()!,
                c.GetProperty("gain").GetDouble(),
                [.. c.GetProperty("input").EnumerateArray().Select(v => v.GetInt64())],
                [.. c.GetProperty("tensors").EnumerateArray().Select(t => (t[0].GetString()!, t[1].EnumerateArray().Select(v => v.GetInt64()).ToArray())).OrderBy(t => t.Item1, StringComparer.Ordinal)],
                Floats(c.GetProperty("evaluated")),
                c.TryGetProperty("training", out JsonElement training) ? Floats(training) : null,
                c.TryGetProperty("runningVariance", out JsonElement v) ? (v.GetProperty("name").GetString()!, Floats(v.GetProperty("values"))) : null,
                c.TryGetProperty("loss", out JsonElement loss) ? loss.GetDouble() : null)),
        ];

        static float[] Floats(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetSingle())];
    }
}
