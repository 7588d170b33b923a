using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// What a neuron does with one and the same stretch of input, again and again: its potential and rate, which are the same every time,
/// and its spikes, which are not.
/// </summary>
/// <remarks>Source: Kreutzer et al. 2022, Fig. 3 B-C.</remarks>
/// <param name="TimeStep">dt, s.</param>
/// <param name="Potential">V at the end of each step, mV above rest.</param>
/// <param name="Rate">φ(V) in each step, Hz.</param>
/// <param name="Spikes">For each repetition the steps in which the neuron spiked, ascending.</param>
public sealed record FrozenResponse(double TimeStep, IReadOnlyList<double> Potential, IReadOnlyList<double> Rate, IReadOnlyList<IReadOnlyList<int>> Spikes)
{
    private const int Stretches = 100;

    /// <summary>The responses of neurons that differ in their weights alone to the same input.</summary>
    /// <param name="neuron">Transfer function and kernel.</param>
    /// <param name="input">The input.</param>
    /// <param name="weights">n somatic weights for each neuron.</param>
    /// <param name="random">Forks "frozen input" and "frozen stretch" are the input, of a recording a stretch with spikes; neuron k's spikes in repetition r are its forks "response", k, and "repetition", r.</param>
    /// <param name="duration">Length of the stretch, s.</param>
    /// <param name="repetitions">Number of repetitions, at least 0.</param>
    /// <param name="settle">Length of the input before the stretch, s, in which the potentials come to their usual size.</param>
    /// <param name="timeStep">dt, s.</param>
    /// <param name="stepping">How the potentials are stepped.</param>
    /// <returns>One response for each neuron, and the input spikes of the stretch: number of the step, and the synapse.</returns>
    /// <exception cref="ArgumentException">Numbers of weights and synapses differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is too high for the time step, or a length is not positive.</exception>
    public static (IReadOnlyList<FrozenResponse> Responses, IReadOnlyList<(int Step, int Synapse)> Input) Simulate(
        PoissonNeuron neuron, SpikeInput input, IReadOnlyList<double[]> weights, RandomSource random,
        double duration = 0.25, int repetitions = 50, double settle = 0.25, double timeStep = 0.0005, TraceStepping stepping = TraceStepping.Exact)
    {
        ArgumentNullException.ThrowIfNull(neuron);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(random);
        Require.Positive(duration, "duration", nameof(duration));
        Require.NotNegative(settle, "time to settle", nameof(settle));
        ArgumentOutOfRangeException.ThrowIfNegative(repetitions);
        foreach (double[] w in weights)
        {
            Elementwise.MustMatch(w.Length, input.Synapses, "somatic weight", "synapse");
        }

        int steps = Math.Max(1, (int)Math.Round(duration / timeStep));
        long before = (long)Math.Round(settle / timeStep);
        SpikeSampler sampler = Stretch(input, random, before, steps, timeStep).Start(random.Fork("frozen input"), timeStep);
        SynapticTrace trace = new(neuron.Kernel, input.Synapses, timeStep, stepping);
        for (long step = before; step > 0; step--)
        {
            trace.Advance(sampler.Draw());
        }

        double[][] potentials = [.. weights.Select(_ => new double[steps])];
        List<(int, int)> spikes = [];
        for (int step = 0; step < steps; step++)
        {
            ReadOnlySpan<int> now = sampler.Draw();
            foreach (int synapse in now)
            {
                spikes.Add((step, synapse));
            }

            trace.Advance(now);
            for (int k = 0; k < weights.Count; k++)
            {
                potentials[k][step] = TensorPrimitives.Dot<double>(weights[k], trace.Usp);
            }
        }

        return ([.. potentials.Select((v, k) => Respond(neuron.Transfer, v, random.Fork("response", (ulong)k), repetitions, timeStep))], spikes);
    }

    /// <summary>The peristimulus time histogram: spikes a second in each bin, over all repetitions.</summary>
    /// <param name="width">Width of a bin, s, at least a time step; the last bin may be cut short by the end.</param>
    /// <returns>Hz; empty without repetitions.</returns>
    public double[] Histogram(double width)
    {
        int steps = (int)Math.Round(Require.Positive(width, "width of a bin", nameof(width)) / TimeStep);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1, nameof(width));
        if (Spikes.Count == 0)
        {
            return [];
        }

        double[] rates = new double[(Potential.Count + steps - 1) / steps];
        foreach (int step in Spikes.SelectMany(s => s))
        {
            rates[step / steps]++;
        }

        for (int bin = 0; bin < rates.Length; bin++)
        {
            int length = Math.Min(steps, Potential.Count - (bin * steps));
            rates[bin] /= Spikes.Count * length * TimeStep;
        }

        return rates;
    }

    // A recording may be silent for long: of some stretches the first with half as many spikes as it has on average, or else the one with most.
    private static SpikeInput Stretch(SpikeInput input, RandomSource random, long before, int steps, double timeStep)
    {
        double enough = 0.5 * input.Rates.Sum() * steps * timeStep;
        (SpikeInput Input, int Spikes) best = (input, -1);
        for (int k = 0; k < Stretches && (best.Spikes < enough || best.Spikes == 0); k++)
        {
            SpikeInput stretch = input.Stretch(random.Fork("frozen stretch", (ulong)k), (before + steps) * timeStep);
            if (stretch is not RecordedInput recorded)
            {
                return stretch;
            }

            int spikes = Enumerable.Range(0, recorded.Trains.Units).Sum(u => recorded.Trains[u].ToArray().Count(t => t >= before * timeStep));
            best = spikes > best.Spikes ? (stretch, spikes) : best;
        }

        return best.Input;
    }

    private static FrozenResponse Respond(TransferFunction transfer, double[] potential, RandomSource random, int repetitions, double timeStep)
    {
        double[] rates = Array.ConvertAll(potential, v => transfer.Rate(v));
        foreach (double rate in rates)
        {
            Divergence.CheckRate(rate, timeStep);
        }

        List<int>[] spikes = [.. Enumerable.Range(0, repetitions).Select(_ => new List<int>())];
        for (int r = 0; r < repetitions; r++)
        {
            RandomSource draws = random.Fork("repetition", (ulong)r);
            for (int step = 0; step < rates.Length; step++)
            {
                if (draws.NextDouble() < rates[step] * timeStep)
                {
                    spikes[r].Add(step);
                }
            }
        }

        return new FrozenResponse(timeStep, potential, rates, spikes);
    }
}
