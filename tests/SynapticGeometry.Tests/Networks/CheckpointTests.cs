using System.Diagnostics;
using SynapticGeometry.Data;
using SynapticGeometry.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace SynapticGeometry.Tests.Networks;

/// <summary>Weights into networks and out of them again.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_saved_is_loaded_to_the_same_bits()
    {
        NetworksHere.Require();
        using Network first = Make("shufflenet-v2-x0.5", 1), second = Make("shufflenet-v2-x0.5", 2);
        string path = folder["w.safetensors"];
        Checkpoint.Save(first, path);
        Assert.NotEqual(Values(first), Values(second));
        Checkpoint.Load(second, path);
        Assert.Equal(Values(first), Values(second));
        using DataFile file = DataFiles.Open(path);
        Assert.Equal(first.state_dict().Count, file.Names.Count);
        Assert.NotNull(file.ReadNumbers("conv1.0.weight").SingleValues);
        Assert.Equal([0.0], file.ReadNumbers("conv1.1.num_batches_tracked").DoubleValues!);
    }

    [Fact]
    public void Signs_are_part_of_a_network()
    {
        NetworksHere.Require();
        using Network first = Make("dale-rnn", 1), second = Make("dale-rnn", 2);
        Checkpoint.Save(first, folder["w.safetensors"]);
        Checkpoint.Load(second, folder["w.safetensors"]);
        Assert.All(second.SignedColumns, c => Assert.Equal(0, c.CountViolations()));
        Assert.Equal(Values(first), Values(second));
    }

    [Theory]
    [InlineData("w.safetensors"), InlineData("w.pt")]
    public void Names_missing_and_names_unknown_are_listed_and_nothing_is_loaded(string name)
    {
        NetworksHere.Require();
        using Network network = Make("shufflenet-v2-x0.5", 1);
        Write(name, ("fc.bias", [10]), ("stranger", [1]));
        float[] before = Values(network);
        string message = Assert.Throws<DataFileException>(() => Checkpoint.Load(network, folder[name])).Message;
        Assert.Contains("does not fit shufflenet-v2-x0.5: it lacks 281 tensors: conv1.0.weight, conv1.1.bias, conv1.1.running_mean,", message, StringComparison.Ordinal);
        Assert.Contains(", ...; it has, and the network has not, 1 tensor: stranger.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("num_batches_tracked", message, StringComparison.Ordinal);
        Assert.Equal(before, Values(network));
    }

    [Theory]
    [InlineData("w.safetensors"), InlineData("w.pt")]
    public void Another_shape_is_refused_with_both_and_nothing_is_loaded(string name)
    {
        NetworksHere.Require();
        using Network network = Make("linear", 1);
        Write(name, ("fc.bias", [10]), ("fc.weight", [784, 10]));
        float[] before = Values(network);
        string message = Assert.Throws<DataFileException>(() => Checkpoint.Load(network, folder[name])).Message;
        Assert.Contains("fc.weight is [784, 10] in the file and [10, 784] in the network", message, StringComparison.Ordinal);
        Assert.DoesNotContain("fc.bias", message, StringComparison.Ordinal);
        Assert.Equal(before, Values(network));

        // Control: with the right shapes it is loaded.
        Write(name, ("fc.bias", [10]), ("fc.weight", [10, 784]));
        Checkpoint.Load(network, folder[name]);
        Assert.All(Values(network), v => Assert.Equal(0, v));
    }

    [Theory]
    [InlineData("w.pt", "shape"), InlineData("w.pt", "name"), InlineData("w.safetensors", "shape"), InlineData("w.safetensors", "name")]
    public void A_file_that_does_not_fit_is_refused_before_its_numbers_are_read(string name, string wrong)
    {
        NetworksHere.Require();
        using Network network = Make("linear", 1);
        Write(name, ("fc.bias", [10]), (wrong == "name" ? "fc.stranger" : "fc.weight", [1 << 24]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("does not fit linear", Assert.Throws<DataFileException>(() => Checkpoint.Load(network, folder[name])).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_refused_by_its_place()
    {
        NetworksHere.Require();
        using Network network = Make("linear", 1);
        SafetensorsWriter.Write(folder["w.safetensors"], [new("fc.bias", new NumericArray([10], [.. Enumerable.Repeat(0f, 3), float.NaN, .. Enumerable.Repeat(0f, 6)])), new("fc.weight", new NumericArray([10, 784], new float[7840]))]);
        Assert.Contains("tensor \"fc.bias\": value 3 of 10 is NaN", Assert.Throws<DataFileException>(() => Checkpoint.Load(network, folder["w.safetensors"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_for_other_classes_can_start_from_all_but_the_read_out()
    {
        NetworksHere.Require();
        using Network thousand = NetworkArchitecture.Find("perceptron").Create(new NetworkOptions { Classes = 1000 }, new RandomSource(1));
        using Network ten = Make("perceptron", 2);
        Checkpoint.Save(thousand, folder["w.safetensors"]);
        Assert.Throws<DataFileException>(() => Checkpoint.Load(ten, folder["w.safetensors"]));
        float[] readOut = ten.get_parameter("fc.weight")!.data<float>().ToArray();
        Checkpoint.Load(ten, folder["w.safetensors"], withReadOut: false);
        Assert.Equal(readOut, ten.get_parameter("fc.weight")!.data<float>().ToArray());
        Assert.Equal(thousand.get_parameter("hidden.weight")!.data<float>().ToArray(), ten.get_parameter("hidden.weight")!.data<float>().ToArray());
    }

    [Fact]
    public void Weights_in_a_dictionary_of_parallel_training_are_found()
    {
        NetworksHere.Require();
        using var module = new Tied();
        Checkpoint.Load(module, Fixture.Path("checkpoint.pt"));
        Assert.Equal([0.5f, -1.5f, 2f, 3.25f], module.get_parameter("first.weight")!.data<float>().ToArray());
        Assert.Equal([0.5f, -1.5f, 2f, 3.25f], module.get_parameter("second.weight")!.data<float>().ToArray());
    }

    [Fact]
    public void A_checkpoint_fresh_from_PyTorch_gives_PyTorch_s_outputs()
    {
        NetworksHere.Require();
        const string Code = """
            import sys, torch
            from torch import nn
            torch.manual_seed(0)
            rnn, fc = nn.RNN(28, 100, batch_first=True), nn.Linear(100, 10)
            state = {"module." + k: v for name, m in (("rnn.", rnn), ("fc.", fc)) for k, v in ((name + k, v) for k, v in m.state_dict().items())}
            images = torch.linspace(-1, 1, 784).reshape(1, 28, 28)
            torch.save({"epoch": 3, "state_dict": state, "out": fc(rnn(images)[0][:, -1])}, sys.argv[1])
            """;
        Python(Code, folder["w.pt"]);
        using Network network = Make("rnn", 1);
        Checkpoint.Load(network, folder["w.pt"]);
        using DataFile file = DataFiles.Open(folder["w.pt"]);
        using DisposeScope scope = NewDisposeScope();
        float[] output = network.forward(linspace(-1, 1, 784).reshape(1, 1, 28, 28)).data<float>().ToArray();
        Assert.Equal(file.ReadNumbers("out").SingleValues!.Select(v => (double)v), output.Select(v => (double)v), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    // The first Python that has PyTorch; where none has, the test is skipped with what the last one said.
    private static void Python(string code, string argument)
    {
        string problem = "there is no python3";
        foreach (string python in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", code, argument]) { RedirectStandardError = true, UseShellExecute = false })!;
                string errors = process.StandardError.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode == 0)
                {
                    return;
                }

                problem = errors.Trim().Split('\n')[^1];
                Assert.StartsWith("ModuleNotFoundError", problem, StringComparison.Ordinal);
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                problem = e.Message;
            }
        }

        Assert.Skip($"needs python3 with torch: {problem}");
    }

    // Tensors of zeros: packed they are a thousandth of their size.
    private void Write(string name, params (string Name, long[] Shape)[] tensors)
    {
        static int Count((string Name, long[] Shape) tensor) => (int)tensor.Shape.Aggregate(1L, (product, length) => product * length);
        if (name.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            SafetensorsWriter.Write(folder[name], [.. tensors.Select(t => new KeyValuePair<string, NumericArray>(t.Name, new NumericArray(t.Shape, new float[Count(t)])))]);
            return;
        }

        Pickle pickle = new Pickle().Raw("}");
        List<(string, byte[])> members = [];
        foreach ((string Name, long[] Shape) tensor in tensors)
        {
            long[] strides = new long[tensor.Shape.Length];
            for (int d = strides.Length - 1, step = 1; d >= 0; step *= (int)tensor.Shape[d--])
            {
                strides[d] = step;
            }

            pickle.Entry(tensor.Name, tensor.Shape, strides, Count(tensor), $"{members.Count}");
            members.Add(($"a/data/{members.Count}", new byte[4 * Count(tensor)]));
        }

        File.WriteAllBytes(folder[name], Fixture.Zip([("a/data.pkl", pickle.Bytes), .. members]));
    }

    private static Network Make(string name, ulong seed) => NetworkArchitecture.Find(name).Create(new NetworkOptions(), new RandomSource(seed));

    private static float[] Values(Network network) =>
        [.. network.state_dict().Where(t => t.Value.dtype == ScalarType.Float32).OrderBy(t => t.Key, StringComparer.Ordinal).SelectMany(t => t.Value.data<float>().ToArray())];

    /// <summary>A module with the names of checkpoint.pt.</summary>
    private sealed class Tied : nn.Module
    {
        public Tied()
            : base("tied")
        {
            register_module("first", nn.Linear(2, 2, hasBias: false));
            register_module("second", nn.Linear(2, 2, hasBias: false));
            var norm = new Counting();
            register_module("norm", norm);
        }
    }

    private sealed class Counting : nn.Module
    {
        public Counting()
            : base("counting") => register_buffer("num_batches_tracked", tensor(0L));
    }
}
