using System.Globalization;
using SynapticGeometry.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>Weights of a network from a file, and into one.</summary>
public static class Checkpoint
{
    private const string Counter = "num_batches_tracked";
    private const int Listed = 10;
    private static readonly string[] Containers = ["state_dict.", "model_state_dict.", "model."];

    /// <summary>
    /// Sets the parameters and buffers of a network from a .safetensors file or a PyTorch checkpoint (.pt, .pth). Names and
    /// shapes are checked before a number is read, and all numbers before one is set: where anything is wrong, the network stays as it was.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="path">
    /// The file. Names are those of the network's state; where the file keeps them in a dictionary "state_dict", "model_state_dict" or
    /// "model" beside other things, only those there count; the prefix "module." of parallel training is passed over where all
    /// names have it. Counters of batches (num_batches_tracked) may be missing. Double precision is rounded to the network's.
    /// </param>
    /// <param name="withReadOut">
    /// False leaves the final classifier (<see cref="Network.ReadOut"/>) as it is, whatever the file has of it, so that a network for
    /// other classes can start from these weights.
    /// </param>
    /// <exception cref="DataFileException">
    /// The file cannot be read; a name is missing or not the network's; a shape differs (both are named); a value is not finite.
    /// </exception>
    public static void Load(Network network, string path, bool withReadOut = true)
    {
        ArgumentNullException.ThrowIfNull(network);
        Load(network, path, network.Architecture, withReadOut ? _ => false : network.InReadOut);
    }

    /// <summary>Sets the parameters and buffers of any module, as <see cref="Load(Network, string, bool)"/> does.</summary>
    /// <param name="module">The module.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFileException">As there.</exception>
    public static void Load(nn.Module module, string path)
    {
        ArgumentNullException.ThrowIfNull(module);
        Load(module, path, module.GetName(), _ => false);
    }

    /// <summary>
    /// Writes the parameters and buffers of a module as .safetensors, whole or not at all: real numbers in their own precision (F32,
    /// F64), whole numbers, which only counters are, as I64.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Save(nn.Module module, string path)
    {
        ArgumentNullException.ThrowIfNull(module);
        NamedTensor[] tensors = [.. module.state_dict().OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => new NamedTensor(t.Key, t.Value.shape, Values(t.Value)))];
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, tensors));
    }

    private static void Load(nn.Module module, string path, string what, Func<string, bool> leftAsItIs)
    {
        Dictionary<string, Tensor> wanted = module.state_dict();
        using DataFile file = DataFiles.Open(path);
        Dictionary<string, string> stored = Stored(file, wanted);
        string[] missing = [.. wanted.Keys.Where(n => !stored.ContainsKey(n) && !leftAsItIs(n) && !n.EndsWith(Counter, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string[] extra = [.. stored.Keys.Where(n => !wanted.ContainsKey(n) && !leftAsItIs(n)).Order(StringComparer.Ordinal)];
        if (missing.Length > 0 || extra.Length > 0)
        {
            string[] problems = [.. Problem("lacks", missing), .. Problem("has, and the network has not,", extra)];
            throw new DataFileException($"{path} does not fit {what}: it {string.Join("; it ", problems)}.");
        }

        string[] taken = [.. wanted.Keys.Where(n => stored.ContainsKey(n) && !leftAsItIs(n))];
        CheckShapes(path, what, [.. taken.Select(n => (n, file.ShapeOf(stored[n])))], wanted);
        (string Name, NumericArray Values)[] read = [.. taken.Select(n => (n, file.ReadNumbers(stored[n])))];
        CheckFinite(path, read);
        using IDisposable still = no_grad();
        foreach ((string name, NumericArray values) in read)
        {
            using DisposeScope scope = NewDisposeScope();
            long[] shape = [.. values.Shape];
            wanted[name].copy_(values.SingleValues is { } single ? tensor(single, shape) : tensor(values.DoubleValues!, shape));
        }
    }

    /// <summary>From the names of the network's state to those in the file.</summary>
    private static Dictionary<string, string> Stored(DataFile file, Dictionary<string, Tensor> wanted)
    {
        bool Fits(string prefix) => wanted.Keys.Any(n => n.StartsWith(prefix, StringComparison.Ordinal));
        string container = Containers.FirstOrDefault(c => !Fits(c) && file.Names.Any(n => n.StartsWith(c, StringComparison.Ordinal))) ?? string.Empty;
        string[] names = [.. file.Names.Where(n => n.StartsWith(container, StringComparison.Ordinal))];
        const string Parallel = "module.";
        string prefix = !Fits(Parallel) && names.All(n => n.AsSpan(container.Length).StartsWith(Parallel)) ? container + Parallel : container;
        Dictionary<string, string> stored = [];
        foreach (string name in names)
        {
            if (!stored.TryAdd(name[prefix.Length..], name))
            {
                throw new DataFileException($"{file.Path} has two tensors named \"{Damage.Shown(name, 80)}\".");
            }
        }

        return stored;
    }

    private static string[] Problem(string verb, string[] names) => names.Length == 0
        ? []
        : [$"{verb} {names.Length.ToString(CultureInfo.InvariantCulture)} {(names.Length == 1 ? "tensor" : "tensors")}: {string.Join(", ", names.Take(Listed).Select(n => Damage.Shown(n, 80)))}{(names.Length > Listed ? ", ..." : string.Empty)}"];

    private static void CheckShapes(string path, string what, (string Name, IReadOnlyList<long> Shape)[] declared, Dictionary<string, Tensor> wanted)
    {
        string[] differing =
        [
            .. declared.Where(r => !r.Shape.SequenceEqual(wanted[r.Name].shape))
                .Select(r => $"{r.Name} is [{string.Join(", ", r.Shape)}] in the file and [{string.Join(", ", wanted[r.Name].shape)}] in the network"),
        ];
        if (differing.Length > 0)
        {
            throw new DataFileException($"{path} does not fit {what}: {string.Join("; ", differing.Take(Listed))}{(differing.Length > Listed ? $"; ... ({differing.Length} in all)" : string.Empty)}.");
        }
    }

    private static void CheckFinite(string path, (string Name, NumericArray Values)[] read)
    {
        foreach ((string name, NumericArray values) in read)
        {
            int place = values.SingleValues is { } single
                ? Array.FindIndex(single, v => !float.IsFinite(v))
                : Array.FindIndex(values.DoubleValues!, v => !double.IsFinite(v));
            if (place >= 0)
            {
                throw new DataFileException($"{path}, tensor \"{Damage.Shown(name, 80)}\": value {place} of {values.Count} is {values[place]}; weights must be finite.");
            }
        }
    }

    private static Array Values(Tensor stored)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor here = stored.detach().cpu().contiguous();
        return here.dtype switch
        {
            ScalarType.Float32 => here.data<float>().ToArray(),
            ScalarType.Float64 => here.data<double>().ToArray(),
            ScalarType.Float16 or ScalarType.BFloat16 => here.to(float32).data<float>().ToArray(),
            _ => here.to(int64).data<long>().ToArray(),
        };
    }
}
