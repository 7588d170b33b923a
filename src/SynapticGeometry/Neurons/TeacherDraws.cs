namespace SynapticGeometry;

/// <summary>
/// The uniform numbers that a teacher's spikes are drawn with, 64 steps at a time: it spikes in a step where the number is below its
/// probability there.
/// </summary>
/// <remarks>
/// Where the probability is known never to exceed some p, only numbers below p matter: the others are 1, their steps being found by
/// a binomial number of steps below p and distinct steps. So most steps need no random number, and no rate of the teacher.
/// </remarks>
internal sealed class TeacherDraws
{
    private const int Steps = SpikeSampler.BlockSteps;

    private readonly RandomSource random;
    private readonly double highest;
    private readonly CountTable? counts;
    private readonly bool needed;
    private ulong blockPosition;

    /// <param name="random">The source; owned from then on.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="transfer">φ of the neuron that learns.</param>
    /// <param name="timeStep">dt, s.</param>
    public TeacherDraws(RandomSource random, Teacher teacher, TransferFunction transfer, double timeStep)
    {
        (this.random, needed) = (random, teacher is not GivenSpikes);
        highest = timeStep * teacher switch
        {
            TargetWeights => transfer.HighestRate,
            ConstantRate { Frequency: double rate } => rate,
            _ => double.PositiveInfinity,
        };
        counts = highest <= SpikeInput.LargestProbability ? CountTable.Binomial(Steps, highest) : null;
    }

    /// <summary>The numbers of the next 64 steps.</summary>
    /// <param name="uniform">64 numbers.</param>
    /// <returns>Bit by bit the steps in which the teacher may spike.</returns>
    public ulong Draw(Span<double> uniform)
    {
        blockPosition = random.Position;
        if (counts is not null)
        {
            return DrawLow(uniform, counts.Draw(random));
        }

        if (needed)
        {
            random.FillUniform(uniform[..Steps]);
        }

        return ulong.MaxValue;
    }

    /// <summary>Where to go on from after a number of steps.</summary>
    public ulong Position(long steps) => steps % Steps == 0 ? random.Position : blockPosition;

    /// <summary>Goes there; where the steps end within a block, its numbers are to be drawn again.</summary>
    public void Restore(ulong position) => random.Position = position;

    // Distinct steps, six bits each, and in each a number below the highest probability.
    private ulong DrawLow(Span<double> uniform, int count)
    {
        uniform[..Steps].Fill(1);
        ulong found = 0, bits = 0;
        for (int left = 0; count > 0; left--)
        {
            if (left == 0)
            {
                (bits, left) = (random.NextUInt64(), 10);
            }

            int step = (int)(bits & (Steps - 1));
            bits >>= 6;
            if ((found >> step & 1) == 0)
            {
                found |= 1UL << step;
                uniform[step] = highest * random.NextDouble();
                count--;
            }
        }

        return found;
    }
}
