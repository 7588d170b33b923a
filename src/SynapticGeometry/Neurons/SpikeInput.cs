using MathNet.Numerics;

namespace SynapticGeometry;

/// <summary>The spikes that n synapses receive: Poisson trains of some kind, or recorded ones.</summary>
public abstract record SpikeInput
{
    /// <summary>The largest probability of a spike in one time step at which steps still stand for continuous time.</summary>
    public const double LargestProbability = 0.2;

    /// <summary>rᵢ, Hz: each synapse's mean rate, as the Fisher metric uses it.</summary>
    public abstract IReadOnlyList<double> Rates { get; }

    /// <summary>n, number of synapses.</summary>
    public int Synapses => Rates.Count;

    /// <summary>The spikes from time 0 on, step by step.</summary>
    /// <param name="random">The source of the spikes; a sampler owns it from then on.</param>
    /// <param name="timeStep">dt, s.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The time step is not positive, or so long that a spike in it has a probability above <see cref="LargestProbability"/>.
    /// </exception>
    public abstract SpikeSampler Start(RandomSource random, double timeStep);

    /// <summary>
    /// An input whose beginning stands for any stretch of this one: itself where time makes no difference, a part of it drawn at random
    /// where it does.
    /// </summary>
    /// <param name="random">The source of the place.</param>
    /// <param name="duration">Length of the stretch, s, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input is shorter than that.</exception>
    public virtual SpikeInput Stretch(RandomSource random, double duration) => this;

    /// <summary>The probability r dt of a spike in a step.</summary>
    /// <param name="rate">r, Hz, finite and not negative.</param>
    /// <param name="timeStep">dt, s.</param>
    /// <param name="what">Who fires, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is above <see cref="LargestProbability"/>, or not a number.</exception>
    public static double StepProbability(double rate, double timeStep, string what)
    {
        double p = rate * timeStep;
        return p is >= 0 and <= LargestProbability
            ? p
            : throw new ArgumentOutOfRangeException(
                nameof(timeStep),
                $"The time step of {timeStep} s is too long for {what} at {rate} Hz: a spike in a step would have probability {p}, and at most {LargestProbability} is allowed{(rate > 0 ? $", a step of at most {LargestProbability / rate} s" : string.Empty)}.");
    }
}

/// <summary>The spikes of an input, step by step; the only state an input has.</summary>
public abstract class SpikeSampler
{
    /// <summary>
    /// The synapses that receive a spike in the next step, by index, in any order; one that receives two is listed twice. Valid
    /// until the next call.
    /// </summary>
    public abstract ReadOnlySpan<int> Draw();

    /// <summary>The spikes of the next steps at once, those of one step in the order in which <see cref="Draw()"/> lists them.</summary>
    /// <param name="steps">1 to <see cref="BlockSteps"/>.</param>
    /// <param name="buckets">Where they are added.</param>
    /// <param name="lane">Number of the trial within its block.</param>
    /// <param name="synapses">n, to check the indices against.</param>
    internal virtual void Draw(int steps, SpikeBuckets buckets, int lane, int synapses)
    {
        for (int step = 0; step < steps; step++)
        {
            foreach (int i in Draw())
            {
                buckets.Add(step, (SynapticTrace.Checked(i, synapses) * EventDrivenBlock.Lanes) + lane);
            }
        }
    }

    /// <summary>The spikes of the next steps at once, in the order of steps.</summary>
    /// <param name="steps">1 to <see cref="BlockSteps"/>.</param>
    /// <param name="spikes">Where the synapses are added.</param>
    /// <param name="ends">For each of the steps the number of spikes in the list after it.</param>
    /// <param name="synapses">n, to check the indices against.</param>
    internal virtual void DrawInOrder(int steps, ref SpikeList spikes, Span<int> ends, int synapses)
    {
        for (int step = 0; step < steps; step++)
        {
            foreach (int i in Draw())
            {
                spikes.Add(SynapticTrace.Checked(i, synapses));
            }

            ends[step] = spikes.Count;
        }
    }

    /// <summary>
    /// As <see cref="DrawInOrder"/>, faster, of an input whose synapses have one spike at most in a step: one that is listed again has no second.
    /// </summary>
    /// <returns>False, with nothing drawn, where the input has no such way.</returns>
    internal virtual bool DrawThrown(int steps, ref SpikeList spikes, Span<int> ends) => false;

    /// <summary>
    /// A sampler of the same input from time 0 with other random numbers, which shares tables and memory with this one and so must run
    /// in the same thread; null where there is nothing to share.
    /// </summary>
    internal virtual SpikeSampler? Beside(RandomSource other) => null;

    /// <summary>Begins anew at time 0 with other random numbers, where it can without new memory.</summary>
    internal virtual bool Again(RandomSource other) => false;

    /// <summary>The most steps that are drawn at once.</summary>
    internal const int BlockSteps = 64;

    /// <summary>The state, to continue from.</summary>
    public abstract long[] Save();

    /// <summary>Puts back a state from <see cref="Save"/> of a sampler started in the same way.</summary>
    /// <param name="state">The numbers.</param>
    /// <exception cref="ArgumentException">The state is that of another input.</exception>
    public abstract void Restore(ReadOnlySpan<long> state);
}

/// <summary>Spikes found so far in a step.</summary>
internal struct SpikeList
{
    /// <summary>Room behind the last: reading ahead stays within the memory of the list.</summary>
    public const int Spare = 16;

    private int[]? indices;
    private int count;

    public readonly ReadOnlySpan<int> Span => indices.AsSpan(0, count);

    public readonly int Count => count;

    public void Clear() => count = 0;

    public void Add(int index)
    {
        Extend(1)[0] = index;
    }

    /// <summary>Adds so many, to be filled in.</summary>
    public Span<int> Extend(int more)
    {
        int before = count;
        if (indices is null || indices.Length < count + more + Spare)
        {
            Array.Resize(ref indices, Math.Max(64, 2 * (count + more + Spare)));
        }

        count += more;
        return indices.AsSpan(before, more);
    }

    /// <summary>Takes back the last so many.</summary>
    public void Drop(int last) => count -= last;

    /// <summary>Makes room ahead for as many as Poisson spikes of this mean will hardly exceed.</summary>
    public void Reserve(double mean)
    {
        int room = (int)Math.Min(Array.MaxLength, mean + (12 * Math.Sqrt(mean)) + 64);
        if (indices is null || indices.Length < room)
        {
            Array.Resize(ref indices, room);
        }
    }
}

/// <summary>
/// Independent spikes of one probability in each cell of the grid of (step, member), found by geometric skipping: one random number
/// a spike, none for a silent cell.
/// </summary>
internal struct GeometricGrid
{
    private readonly int members;
    private readonly double logSilence;
    private long next;

    public GeometricGrid(int members, double probability, RandomSource random)
    {
        this.members = members;
        logSilence = SpecialFunctions.Log1p(-probability);
        next = probability > 0 ? Gap(random) : long.MaxValue;
    }

    /// <summary>The next cell with a spike, counted through the grid step by step.</summary>
    public long Next { readonly get => next; set => next = value; }

    /// <summary>The member that spikes next in the step, or −1 where no other does.</summary>
    public int Take(long step, RandomSource random)
    {
        long member = next - (step * members);
        if (member >= members)
        {
            return -1;
        }

        next += 1 + Gap(random);
        return (int)member;
    }

    // Silent cells before the next spike: P(gap ≥ k) = (1 − p)ᵏ.
    private readonly long Gap(RandomSource random) =>
        (long)Math.Min(1L << 60, Math.Log(1 - random.NextDouble()) / logSilence);
}
