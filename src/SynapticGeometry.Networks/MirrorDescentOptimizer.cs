using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>
/// Mirror descent on the parameters of a network, each under its own potential: the core library's optimizer at work in place on
/// TorchSharp's tensors.
/// </summary>
/// <remarks>Parameters must be contiguous tensors of single or double precision in main memory. Source: Pogodin et al. 2024, section 2.</remarks>
public sealed class MirrorDescentOptimizer
{
    private readonly (string Name, Parameter Parameter, IParameterDescent Descent)[] parameters;

    /// <summary>An optimizer of a network's trainable parameters.</summary>
    /// <param name="parameters">Names and parameters; those that need no gradient are left out.</param>
    /// <param name="potential">The potential of a parameter, from its name and itself; see <see cref="ForWeights"/>.</param>
    /// <param name="options">Momentum and decay, the same for all; null for none.</param>
    /// <exception cref="ArgumentException">A parameter is of another type, not contiguous, or not in main memory.</exception>
    public MirrorDescentOptimizer(IEnumerable<(string Name, Parameter Parameter)> parameters, Func<string, Tensor, Potential> potential, MirrorDescentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(potential);
        this.parameters = [.. parameters.Where(p => p.Parameter.requires_grad).Select(p => (p.Name, p.Parameter, Descent(p.Name, p.Parameter, potential(p.Name, p.Parameter), options)))];
    }

    /// <summary>Number of steps taken.</summary>
    public long Steps => parameters.Length == 0 ? 0 : parameters[0].Descent.Steps;

    /// <summary>
    /// One potential for weights (tensors of two dimensions or more), the 2-norm for all else: biases and the scales and shifts of
    /// normalisations start at 0 or 1 and mean no synapses; under negative entropy a bias of 0 would stay 0 for ever.
    /// </summary>
    /// <param name="potential">The potential of the weights.</param>
    public static Func<string, Tensor, Potential> ForWeights(Potential potential) =>
        (_, tensor) => tensor.dim() >= 2 ? potential : new PNorm(2);

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients()
    {
        foreach ((_, Parameter parameter, _) in parameters)
        {
            // Filled in place: a new tensor a step would have to wait for the garbage collector.
            parameter.grad?.zero_();
        }
    }

    /// <summary>Takes one step on every parameter that has a gradient.</summary>
    /// <param name="learningRate">η, finite and not negative.</param>
    /// <returns>Number of weights stopped at zero to keep their signs; 0 unless that was asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A gradient is not finite or a step leaves the range of numbers; the message names the parameter.</exception>
    public long Step(double learningRate)
    {
        long stopped = 0;
        foreach ((string name, Parameter parameter, IParameterDescent descent) in parameters)
        {
            using Tensor? gradient = parameter.grad;
            if (gradient is null)
            {
                continue;
            }

            try
            {
                using Tensor whole = gradient.contiguous();
                stopped += descent.Step(parameter, whole, learningRate);
            }
            catch (ArgumentOutOfRangeException problem)
            {
                throw new ArgumentOutOfRangeException(nameof(learningRate), $"{name}: {Data.DataFileException.Words(problem)}");
            }
        }

        return stopped;
    }

    /// <summary>What the optimizer remembers of each parameter, to be saved: its name and momentum, empty without momentum.</summary>
    public IReadOnlyList<(string Name, double[] Momentum)> State => [.. parameters.Select(p => (p.Name, p.Descent.Momentum))];

    /// <summary>Puts back what was saved.</summary>
    /// <param name="steps">Number of steps taken.</param>
    /// <param name="state">Momentum by parameter, as in <see cref="State"/>.</param>
    /// <exception cref="ArgumentException">Names or lengths differ.</exception>
    public void Restore(long steps, IReadOnlyDictionary<string, double[]> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        foreach ((string name, _, IParameterDescent descent) in parameters)
        {
            descent.Restore(steps, state.TryGetValue(name, out double[]? momentum) ? momentum : throw new ArgumentException($"The state has no momentum for {name}.", nameof(state)));
        }
    }

    /// <summary>Remembers where it is, in the precision of the parameters.</summary>
    /// <returns>Goes back there.</returns>
    internal Action Remember()
    {
        Action[] back = [.. parameters.Select(p => p.Descent.Remember())];
        return () => Array.ForEach(back, b => b());
    }

    private static IParameterDescent Descent(string name, Parameter parameter, Potential potential, MirrorDescentOptions? options)
    {
        if (parameter.device_type != TorchSharp.DeviceType.CPU || !parameter.is_contiguous())
        {
            throw new ArgumentException($"{name} is not a contiguous tensor in main memory.", nameof(parameter));
        }

        return parameter.dtype switch
        {
            ScalarType.Float32 => new ParameterDescent<float>(potential, checked((int)parameter.numel()), options),
            ScalarType.Float64 => new ParameterDescent<double>(potential, checked((int)parameter.numel()), options),
            _ => throw new ArgumentException($"{name} has elements of type {parameter.dtype}; single and double precision are trained.", nameof(parameter)),
        };
    }

    private interface IParameterDescent
    {
        long Steps { get; }

        double[] Momentum { get; }

        long Step(Tensor weights, Tensor gradient, double learningRate);

        void Restore(long steps, double[] momentum);

        Action Remember();
    }

    private sealed class ParameterDescent<T>(Potential potential, int count, MirrorDescentOptions? options) : IParameterDescent
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        private readonly MirrorDescent<T> descent = new(potential, count, options);

        public long Steps => descent.Steps;

        public double[] Momentum => [.. descent.Momentum.ToArray().Select(double.CreateChecked)];

        public long Step(Tensor weights, Tensor gradient, double learningRate) =>
            descent.Step(MemoryMarshal.Cast<byte, T>(weights.bytes), MemoryMarshal.Cast<byte, T>(gradient.bytes), learningRate);

        public void Restore(long steps, double[] momentum) => descent.Restore(steps, Array.ConvertAll(momentum, T.CreateChecked));

        public Action Remember()
        {
            (long steps, T[] momentum) = (descent.Steps, descent.Momentum.ToArray());
            return () => descent.Restore(steps, momentum);
        }
    }
}
