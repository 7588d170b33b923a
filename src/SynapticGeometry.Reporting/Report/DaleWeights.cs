namespace SynapticGeometry.Reporting;

/// <summary>The weights of a network whose neurons are excitatory or inhibitory, before and after fine-tuning.</summary>
public sealed record DaleWeights
{
    /// <summary>Number of weights in all matrices whose neurons have a sign, also input and read-out.</summary>
    public required long Weights { get; init; }

    /// <summary>How many of them had another sign than their neuron before.</summary>
    public required long ViolationsBefore { get; init; }

    /// <summary>How many of them had another sign than their neuron afterwards.</summary>
    public required long ViolationsAfter { get; init; }

    /// <summary>ln|w| of the plastic weights of excitatory neurons before, without those of the wrong sign and zeros.</summary>
    public required IReadOnlyList<double> ExcitatoryBefore { get; init; }

    /// <summary>The same afterwards.</summary>
    public required IReadOnlyList<double> ExcitatoryAfter { get; init; }

    /// <summary>ln|w| of the plastic weights of inhibitory neurons before, without those of the wrong sign and zeros.</summary>
    public required IReadOnlyList<double> InhibitoryBefore { get; init; }

    /// <summary>The same afterwards.</summary>
    public required IReadOnlyList<double> InhibitoryAfter { get; init; }

    /// <summary>Those of a network.</summary>
    /// <param name="weights">Number of weights in all matrices whose neurons have a sign.</param>
    /// <param name="violationsBefore">How many had another sign than their neuron before.</param>
    /// <param name="violationsAfter">How many had another sign than their neuron afterwards.</param>
    /// <param name="before">Plastic weights before.</param>
    /// <param name="after">Plastic weights afterwards, as many.</param>
    /// <param name="signs">The signs of the neurons that send them, as many; 0 where one has none.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static DaleWeights Of(long weights, long violationsBefore, long violationsAfter, ReadOnlySpan<float> before, ReadOnlySpan<float> after, ReadOnlySpan<float> signs)
    {
        if (after.Length != before.Length || signs.Length != before.Length)
        {
            throw new ArgumentException($"There are {before.Length} weights before, {after.Length} after and {signs.Length} signs; as many are needed.", nameof(after));
        }

        return new DaleWeights
        {
            Weights = weights,
            ViolationsBefore = violationsBefore,
            ViolationsAfter = violationsAfter,
            ExcitatoryBefore = Logs(before, signs, 1),
            ExcitatoryAfter = Logs(after, signs, 1),
            InhibitoryBefore = Logs(before, signs, -1),
            InhibitoryAfter = Logs(after, signs, -1),
        };
    }

    private static List<double> Logs(ReadOnlySpan<float> weights, ReadOnlySpan<float> signs, float sign)
    {
        List<double> logs = [];
        for (int i = 0; i < weights.Length; i++)
        {
            if (signs[i] == sign && weights[i] * sign > 0)
            {
                logs.Add(Math.Log(Math.Abs(weights[i])));
            }
        }

        return logs;
    }
}
