using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SynapticGeometry;

/// <summary>
/// The state of a run of <see cref="SpikingEnsemble"/> as bytes, for runs that may be interrupted. Write to a new file and rename it, so
/// that a write that is cut off leaves the last checkpoint in place.
/// </summary>
/// <remarks>
/// Little-endian: a block headed "SGENSMB5" (<see cref="CheckedBlock"/>) of seed, fingerprint of the experiment (32 bytes), number of
/// trials, and each trial's steps, teacher's position, and its lists of 64-bit integers and of doubles with their lengths.
/// </remarks>
public static class EnsembleCheckpoint
{
    private const int FingerprintLength = 32;

    // Synapses whose change tells a rule.
    private const int MostChanges = 64;

    // mV.
    private static readonly double[] Potentials = [-10, 0, 4, 11, 25];

    private static ReadOnlySpan<byte> Magic => "SGENSMB5"u8;

    /// <summary>Writes the states.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="ensemble">The experiment.</param>
    /// <param name="seed">The seed of the run's random source.</param>
    /// <param name="states">From <see cref="EnsembleRun.Save"/>.</param>
    public static void Write(Stream stream, SpikingEnsemble ensemble, ulong seed, IReadOnlyList<EnsembleTrialState> states)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(ensemble);
        ArgumentNullException.ThrowIfNull(states);
        CheckedBlock.Write(stream, Magic, writer =>
        {
            writer.Write(seed);
            writer.Write(Fingerprint(ensemble));
            writer.Write(states.Count);
            foreach ((long steps, double[] numbers, long[] input, ulong position) in states)
            {
                writer.Write(steps);
                writer.Write(position);
                writer.Write(input.Length);
                Array.ForEach(input, writer.Write);
                writer.Write(numbers.Length);
                Array.ForEach(numbers, writer.Write);
            }
        });
    }

    /// <summary>Reads the states of a run of the same experiment and seed.</summary>
    /// <param name="stream">Where from; it stands behind the checkpoint afterwards.</param>
    /// <param name="ensemble">The experiment.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>For <see cref="EnsembleRun.Restore"/>.</returns>
    /// <exception cref="InvalidDataException">It is no checkpoint, damaged, or that of another experiment or seed.</exception>
    public static EnsembleTrialState[] Read(Stream stream, SpikingEnsemble ensemble, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(ensemble);
        EnsembleTrialState[] states = [];
        CheckedBlock.Read(stream, Magic, "checkpoint of an ensemble", reader =>
        {
            ulong saved = reader.ReadUInt64();
            byte[] fingerprint = reader.ReadBytes(FingerprintLength);
            if (saved != seed)
            {
                throw new InvalidDataException($"The checkpoint is of a run with seed {saved}; this one has seed {seed}.");
            }

            if (!fingerprint.AsSpan().SequenceEqual(Fingerprint(ensemble)))
            {
                throw new InvalidDataException("The checkpoint is of another experiment: neuron, input, parametrization, rule, learning rate, time step, weights, engine or number of trials differ.");
            }

            states = new EnsembleTrialState[reader.ReadInt32()];
            for (int i = 0; i < states.Length; i++)
            {
                long steps = reader.ReadInt64();
                ulong position = reader.ReadUInt64();
                long[] input = new long[reader.ReadInt32()];
                for (int k = 0; k < input.Length; k++)
                {
                    input[k] = reader.ReadInt64();
                }

                double[] numbers = new double[reader.ReadInt32()];
                for (int k = 0; k < numbers.Length; k++)
                {
                    numbers[k] = reader.ReadDouble();
                }

                states[i] = new EnsembleTrialState(steps, numbers, input, position);
            }
        });
        return states;
    }

    // All that decides the numbers: what records say of themselves, lists of numbers, and what functions give at fixed points, so that users' own count too.
    private static byte[] Fingerprint(SpikingEnsemble ensemble)
    {
        using MemoryStream stream = new();
        using (BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(ensemble.Trials);
            writer.Write(ensemble.TimeStep);
            writer.Write((int)ensemble.Stepping);
            writer.Write(Text(ensemble.Neuron.Transfer));
            Computed(writer, () => [.. Potentials.Select(ensemble.Neuron.Transfer.Rate), .. Potentials.Select(ensemble.Neuron.Transfer.Slope)]);
            writer.Write(Text(ensemble.Neuron.Kernel));
            writer.Write(Text(ensemble.Neuron.Parametrization));
            writer.Write(Text(ensemble.Input));
            Numbers(writer, ensemble.Input.Rates);
            Spikes(writer, ensemble.Input);
            writer.Write((int)ensemble.Engine);
            writer.Write(Text(ensemble.Rule));
            writer.Write((int)ensemble.Rule.ActiveTerms);
            writer.Write(Text(ensemble.EventDrivenForm));
            WeightsAndChange(writer, ensemble);
            Law(writer, ensemble.InitialWeights);
            Law(writer, ensemble.TargetWeights);
            writer.Write(Text(ensemble.Teacher));
            Numbers(writer, ensemble.Teacher switch { GivenSpikes given => given.Times, TargetWeights goal => goal.Weights, _ => [] });
        }

        return SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    // ω, f′(ω) and the rule's change of ω at somatic weights that the experiment may begin with.
    private static void WeightsAndChange(BinaryWriter writer, SpikingEnsemble ensemble)
    {
        int n = ensemble.Input.Synapses;
        double[] somatic = new double[n], weights = new double[n], slope = new double[n], usp = [.. ensemble.Input.Rates.Select((r, i) => r > 0 ? 1 + (0.1 * (i % 7)) : 0)], change = new double[n];
        Computed(writer, () =>
        {
            ensemble.InitialWeights.Draw(new RandomSource(0), somatic);
            ensemble.Neuron.Parametrization.FromSomatic(somatic, weights);
            ensemble.Neuron.Parametrization.Slope(weights, slope);
            return [.. weights, .. slope];
        });
        Computed(writer, () =>
        {
            ensemble.Rule.Change(
                new SynapticState { Weights = weights, Somatic = somatic, Slope = slope, Usp = usp, Potential = PoissonNeuron.SomaticPotential(somatic, usp), Score = 0.01 }, change);
            return [.. change.Take(MostChanges)];
        });
    }

    // In single precision, so that another machine's last bits make no other experiment. What cannot be computed cannot be run either.
    private static void Computed(BinaryWriter writer, Func<double[]> numbers)
    {
        double[] found = [];
        try
        {
            found = numbers();
        }
        catch (Exception problem) when (problem is ArgumentException or ArithmeticException)
        {
        }

        writer.Write(found.Length);
        Array.ForEach(found, number => writer.Write((float)number));
    }

    private static string Text(object? record)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return record?.ToString() ?? string.Empty;
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static void Spikes(BinaryWriter writer, SpikeInput input)
    {
        if (input is RecordedInput { Trains: { } trains })
        {
            for (int unit = 0; unit < trains.Units; unit++)
            {
                Numbers(writer, trains[unit].ToArray());
            }
        }
        else if (input is VaryingPoissonInput varying)
        {
            Computed(writer, () => [.. Enumerable.Range(0, 64).Select(k => varying.RateAt(0.137 * k, k % varying.Synapses))]);
        }
    }

    private static void Law(BinaryWriter writer, WeightLaw? law)
    {
        writer.Write(Text(law));
        Numbers(writer, law is GivenWeights given ? given.Weights : []);
    }

    private static void Numbers(BinaryWriter writer, IReadOnlyList<double> numbers)
    {
        writer.Write(numbers.Count);
        foreach (double number in numbers)
        {
            writer.Write(number);
        }
    }
}
