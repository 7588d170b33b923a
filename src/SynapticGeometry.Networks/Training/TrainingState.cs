using SynapticGeometry.Data;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>
/// A training run's state in a .safetensors file: parameters and buffers, the optimizer's momentum, and what the passes gave. A run that
/// goes on from it ends with the same bits.
/// </summary>
internal static class TrainingState
{
    private const string Network = "network/", Momentum = "momentum/", Passes = "passes", Counts = "counts";

    public static void Write(string path, nn.Module network, MirrorDescentOptimizer optimizer, IReadOnlyList<EpochRecord> epochs, long stopped)
    {
        List<KeyValuePair<string, NumericArray>> arrays = [];
        foreach ((string name, Tensor tensor) in network.state_dict())
        {
            arrays.Add(new(Network + name, Numbers(tensor)));
        }

        foreach ((string name, double[] momentum) in optimizer.State)
        {
            arrays.Add(new(Momentum + name, new NumericArray([momentum.Length], momentum)));
        }

        arrays.Add(new(Passes, new NumericArray([epochs.Count, 2], epochs.SelectMany(e => (double[])[e.Loss, e.Accuracy]).ToArray())));
        arrays.Add(new(Counts, new NumericArray([2], [(double)optimizer.Steps, stopped])));
        SafetensorsWriter.Write(path, arrays);
    }

    /// <returns>The number of weights stopped at zero so far.</returns>
    public static long Read(string path, nn.Module network, MirrorDescentOptimizer optimizer, List<EpochRecord> epochs)
    {
        using DataFile file = DataFiles.Open(path);
        Dictionary<string, Tensor> targets = network.state_dict();
        string[] expected = [.. targets.Keys.Select(n => Network + n), .. optimizer.State.Select(s => Momentum + s.Name), Passes, Counts];
        if (!expected.ToHashSet().SetEquals(file.Names))
        {
            throw new DataFileException($"{path} is the state of another network; remove it to begin anew.");
        }

        using IDisposable still = no_grad();
        foreach ((string name, Tensor target) in targets)
        {
            NumericArray values = file.ReadNumbers(Network + name);
            if (!values.Shape.SequenceEqual(target.shape))
            {
                throw new DataFileException($"{path}: {name} has shape [{string.Join(", ", values.Shape)}]; the network's has [{string.Join(", ", target.shape)}].");
            }

            using Tensor source = values.SingleValues is { } single ? tensor(single, target.shape) : tensor(values.ToDouble(), target.shape);
            target.copy_(source);
        }

        double[] counts = file.ReadNumbers(Counts).ToDouble(), passes = file.ReadNumbers(Passes).ToDouble();
        optimizer.Restore((long)counts[0], optimizer.State.ToDictionary(s => s.Name, s => file.ReadNumbers(Momentum + s.Name).ToDouble()));
        epochs.Clear();
        for (int k = 0; k < passes.Length; k += 2)
        {
            epochs.Add(new EpochRecord(passes[k], passes[k + 1]));
        }

        return (long)counts[1];
    }

    /// <summary>A tensor's numbers: single precision as it is, all other types in double precision.</summary>
    public static NumericArray Numbers(Tensor tensor)
    {
        using Tensor whole = tensor.detach().contiguous();
        if (whole.dtype == ScalarType.Float32)
        {
            return new NumericArray(whole.shape, whole.data<float>().ToArray());
        }

        using Tensor wide = whole.to(ScalarType.Float64);
        return new NumericArray(whole.shape, wide.data<double>().ToArray());
    }
}
