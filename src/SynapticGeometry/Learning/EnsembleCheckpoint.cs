using System.Security.Cryptography;
using System.Text;

namespace SynapticGeometry;

/// <summary>
/// The state of a run of <see cref="SpikingEnsemble"/> as bytes, for runs that may be interrupted. Write to a new file and rename it, so
/// that a write that is cut off leaves the last checkpoint in place.
/// </summary>
/// <remarks>
/// Little-endian: a block headed "SGENSMB3" (<see cref="CheckedBlock"/>) of seed, fingerprint of the experiment (32 bytes), number of
/// trials, and each trial's steps, teacher's position, and its lists of 64-bit integers and of doubles with their lengths.
/// </remarks>
public static class EnsembleCheckpoint
{
    private const int FingerprintLength = 32;

    private static ReadOnlySpan<byte> Magic => "SGENSMB3"u8;

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
                throw new InvalidDataException("The checkpoint is of another experiment: neuron, input, rule, learning rate, time step, weights, engine or number of trials differ.");
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

    // What can be told of an experiment: all but a user's own functions, and lists inside a user's own types.
    private static byte[] Fingerprint(SpikingEnsemble ensemble)
    {
        using MemoryStream stream = new();
        using (BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(ensemble.Trials);
            writer.Write(ensemble.TimeStep);
            writer.Write((int)ensemble.Stepping);
            writer.Write(ensemble.Neuron.Transfer.ToString());
            writer.Write(ensemble.Neuron.Kernel.ToString());
            writer.Write(ensemble.Input.GetType().Name);
            Numbers(writer, ensemble.Input.Rates);
            Spikes(writer, ensemble.Input);
            writer.Write((int)ensemble.Engine);
            writer.Write(ensemble.Rule.GetType().Name);
            writer.Write(ensemble.Rule.LearningRate);
            writer.Write((int)ensemble.Rule.ActiveTerms);
            ThreeTermForm? form = ensemble.EventDrivenForm;
            writer.Write(form?.GetType().Name ?? string.Empty);
            Numbers(writer, form is null ? [] : form.Gains.ToArray());
            Law(writer, ensemble.InitialWeights);
            Law(writer, ensemble.TargetWeights);
            writer.Write(ensemble.Teacher?.ToString() ?? string.Empty);
            Numbers(writer, ensemble.Teacher switch { GivenSpikes given => given.Times, TargetWeights goal => goal.Weights, _ => [] });
        }

        return SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length));
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
        else if (input is CommonSourceInput common)
        {
            Numbers(writer, [common.CommonRate, common.CopyProbability]);
        }
    }

    private static void Law(BinaryWriter writer, WeightLaw? law)
    {
        writer.Write(law?.ToString() ?? string.Empty);
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
