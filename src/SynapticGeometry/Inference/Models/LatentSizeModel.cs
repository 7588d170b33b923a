using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>
/// True sizes are hidden: measured log sizes have error, true sizes change under a law between epochs, and both are summed over on a grid. For two sessions
/// p(x₁|x₀) = Σ_jk A_j K_jk B_k / Σ_jk A_j K_jk with A the distribution of the true size given x₀, K the law's transition matrix and B the density of x₁; for more,
/// the forward pass of a hidden Markov chain. Repeats of an epoch, and controls, are the same with K the identity. Any size of change, any dependence of the error on size.
/// </summary>
/// <remarks>
/// A needs the distribution of true sizes: a normal one in log size, fitted by moments, then improved by a few EM steps, few enough to stay smooth. Source: docs/inference.md,
/// "Hidden sizes".
/// </remarks>
public sealed class LatentSizeModel : ChangeModel
{
    private const int PriorSteps = 12;

    private readonly ErrorParameters error;
    private readonly VanishedSynapses vanished;

    /// <summary>Creates a model.</summary>
    /// <param name="law">How true sizes change.</param>
    /// <param name="error">The error of measurement; where it is estimated, a start, and an additive part of 0 stays 0.</param>
    /// <param name="estimateError">Whether the error is estimated, together with the law, which needs controls or repeats.</param>
    /// <param name="vanished">What becomes of synapses below the limit; without a limit, below a size of zero.</param>
    public LatentSizeModel(ChangeLaw law, MeasurementError error, bool estimateError = false, VanishedSynapses vanished = VanishedSynapses.Recorded)
        : base(law, ErrorParameters.Of(error, estimateError))
    {
        this.error = new ErrorParameters(error, estimateError);
        this.vanished = vanished;
    }

    /// <inheritdoc/>
    public override string Name => "latent-size";

    /// <inheritdoc/>
    public override ChangeModel Under(ChangeLaw law) => new LatentSizeModel(law, error.Given, error.Estimated, vanished);

    /// <inheritdoc/>
    public override string? Refuses(LongitudinalSizes sizes) => error.Refuses(sizes);

    /// <inheritdoc/>
    public override double[] Start(LongitudinalSizes sizes) => [.. StartOfLaw(sizes, error.ChangeVariance(sizes)), .. error.Start()];

    /// <inheritdoc/>
    public override LongitudinalSizes Simulate(LongitudinalSizes design, ReadOnlySpan<double> parameters, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(random);
        MeasurementError at = error.At(parameters[Law.Parameters.Count..]);
        var pass = new ForwardPass(this, design, at);
        var sizes = new double[design.Count];
        RandomSource streams = random.Fork("true sizes");
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = pass.DrawTrueSize(i, streams.Fork("synapse", (ulong)i));
        }

        return SizeSimulation.Draw(Law, at, vanished, design, parameters[..Law.Parameters.Count], random, i => sizes[i]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(int Synapse, double Score)> NormalScores(LongitudinalSizes sizes, IReadOnlyList<double> parameters)
    {
        double[] values = [.. parameters];
        int laws = Law.Parameters.Count;
        MeasurementError at = error.At(values.AsSpan(laws));
        return new ForwardPass(this, sizes, at).Scores(values.AsSpan(0, laws));
    }

    /// <inheritdoc/>
    protected internal override Action<double[], double[]> Prepare(LongitudinalSizes sizes, double[] parameters)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        int laws = Law.Parameters.Count;
        var pass = new ForwardPass(this, sizes, error.At(parameters.AsSpan(laws)));
        return (values, destination) => pass.Evaluate(values.AsSpan(0, laws), error.At(values.AsSpan(laws)), destination);
    }

    /// <summary>The likelihood of one set of sizes on one grid, with its buffers.</summary>
    private sealed class ForwardPass
    {
        private readonly LatentSizeModel model;
        private readonly LongitudinalSizes sizes;
        private readonly SizeGrid grid;
        private readonly SizeTransitionMatrix transition;
        private readonly double[] prior;
        private readonly double[] deviations;
        private readonly double[] undetected;
        private readonly double[] state;
        private readonly double[] next;
        private readonly Emissions own;
        private readonly Emissions? controls;
        private readonly Dictionary<string, double[]> reachable = new(StringComparer.Ordinal);
        private MeasurementError current;

        public ForwardPass(LatentSizeModel model, LongitudinalSizes sizes, MeasurementError error)
        {
            this.model = model;
            this.sizes = sizes;
            grid = SizeGrid.For(sizes, error);
            transition = new SizeTransitionMatrix(grid);
            deviations = new double[grid.Count];
            undetected = new double[grid.Count];
            state = new double[grid.Count];
            next = new double[grid.Count];
            own = new Emissions(sizes, grid);
            controls = sizes.Controls is { } c ? new Emissions(c, grid) : null;
            SetError(error);
            prior = Prior();
        }

        public void Evaluate(ReadOnlySpan<double> law, MeasurementError error, Span<double> destination)
        {
            if (error != current)
            {
                SetError(error);
            }

            if (sizes.Epochs > 1 && !transition.Fill(model.Law, law))
            {
                destination.Fill(double.NegativeInfinity);
                return;
            }

            reachable.Clear();
            for (int i = 0; i < sizes.Count; i++)
            {
                destination[i] = Forward(own, sizes, i);
            }

            for (int i = 0; i < (sizes.Controls?.Count ?? 0); i++)
            {
                destination[sizes.Count + i] = Forward(controls!, sizes.Controls!, i);
            }
        }

        public List<(int Synapse, double Score)> Scores(ReadOnlySpan<double> law)
        {
            var scores = new List<(int, double)>(sizes.Count);
            if (sizes.Epochs == 1 || !transition.Fill(model.Law, law))
            {
                return scores;
            }

            for (int i = 0; i < sizes.Count; i++)
            {
                AddScores(i, scores);
            }

            return scores;
        }

        public double DrawTrueSize(int synapse, RandomSource random)
        {
            (int start, int length) = First(own, synapse);
            double target = random.NextDouble() * TensorPrimitives.Sum<double>(state.AsSpan(start, length)), sum = 0;
            for (int j = start; j < start + length; j++)
            {
                sum += state[j];
                if (sum >= target)
                {
                    // Within its cell a size is as likely anywhere.
                    return grid.Points[j] + ((random.NextDouble() - 0.5) * grid.Step);
                }
            }

            return grid.Points[start + length - 1];
        }

        private void SetError(MeasurementError error)
        {
            current = error;
            grid.Deviations(error, sizes.LogUnit, deviations);
            own.Fill(deviations);
            controls?.Fill(deviations);
            for (int j = 0; j < grid.Count; j++)
            {
                undetected[j] = double.IsFinite(sizes.LogLimit) ? NormalDistribution.Cdf((sizes.LogLimit - grid.Points[j]) / deviations[j]) : 0;
            }
        }

        // State after the first measurement: prior times density, normalised.
        private (int Start, int Length) First(Emissions emissions, int synapse)
        {
            int t = emissions.Set.FirstMeasured(synapse);
            int start = emissions.Start(synapse, t);
            ReadOnlySpan<double> density = emissions[synapse, t];
            Span<double> at = state.AsSpan(start, density.Length);
            TensorPrimitives.Multiply(prior.AsSpan(start, density.Length), density, at);
            double sum = TensorPrimitives.Sum<double>(at);
            if (sum > 0)
            {
                TensorPrimitives.Multiply(at, 1 / sum, at);
            }
            else
            {
                // A size far from all others: the measurement itself is all there is.
                TensorPrimitives.Multiply(density, 1 / TensorPrimitives.Sum(density), at);
            }

            return (start, density.Length);
        }

        private double Forward(Emissions emissions, LongitudinalSizes set, int synapse)
        {
            ReadOnlySpan<double> row = set[synapse];
            int t = set.FirstMeasured(synapse), epoch = set.EpochOfSession[t];
            (int start, int length) = First(emissions, synapse);
            double denominator = ChanceToBeRecorded(set, row, t, start, length), log = 0, gone = 0;
            for (t++; t < row.Length; t++)
            {
                bool measured = double.IsFinite(row[t]), vanished = double.IsNegativeInfinity(row[t]);
                for (; epoch < set.EpochOfSession[t]; epoch++)
                {
                    // Of a transition into a measured session only the cells near the measured size are wanted.
                    bool last = measured && epoch + 1 == set.EpochOfSession[t];
                    (int from, int to) = last ? (emissions.Start(synapse, t), emissions.Start(synapse, t) + emissions.Length(synapse, t)) : (0, grid.Count);
                    (start, length, gone) = Step(start, length, gone, from, to);
                }

                if (measured)
                {
                    int at = emissions.Start(synapse, t);
                    ReadOnlySpan<double> density = emissions[synapse, t];
                    int low = Math.Max(at, start), high = Math.Min(at + density.Length, start + length);
                    if (high <= low)
                    {
                        return double.NegativeInfinity;
                    }

                    Span<double> kept = state.AsSpan(low, high - low);
                    TensorPrimitives.Multiply(kept, density.Slice(low - at, high - low), kept);
                    (start, length, gone) = (low, high - low, 0);
                    log -= row[t] + sizes.LogUnit;
                }
                else if (vanished)
                {
                    if (model.vanished != VanishedSynapses.Recorded)
                    {
                        // Its course ends here, unused.
                        break;
                    }

                    Span<double> kept = state.AsSpan(start, length);
                    TensorPrimitives.Multiply(kept, undetected.AsSpan(start, length), kept);
                }
                else
                {
                    continue;
                }

                double sum = TensorPrimitives.Sum<double>(state.AsSpan(start, length)) + gone;
                if (!(sum > 0))
                {
                    return double.NegativeInfinity;
                }

                log += Math.Log(sum);
                TensorPrimitives.Multiply(state.AsSpan(start, length), 1 / sum, state.AsSpan(start, length));
                gone /= sum;
            }

            return log - Math.Log(denominator);
        }

        // One step ahead at every measured session.
        private void AddScores(int synapse, List<(int Synapse, double Score)> scores)
        {
            ReadOnlySpan<double> row = sizes[synapse];
            int t = sizes.FirstMeasured(synapse), epoch = sizes.EpochOfSession[t];
            (int start, int length) = First(own, synapse);
            for (t++; t < row.Length; t++)
            {
                for (; epoch < sizes.EpochOfSession[t]; epoch++)
                {
                    (start, length, _) = Step(start, length, 0, 0, grid.Count);
                }

                if (double.IsNegativeInfinity(row[t]))
                {
                    return;
                }

                if (!double.IsFinite(row[t]))
                {
                    continue;
                }

                double below = 0, above = 0;
                for (int j = start; j < start + length; j++)
                {
                    double z = (row[t] - grid.Points[j]) / deviations[j], limited = model.vanished == VanishedSynapses.Ignored ? 0 : undetected[j];
                    below += state[j] * Math.Max(0, NormalDistribution.Cdf(z) - limited);
                    above += state[j] * NormalDistribution.Survival(z);
                }

                double sum = below + above;
                double share = Math.Min(below, above) / sum;
                if (sum > 0 && share > 0)
                {
                    double score = NormalDistribution.Quantile(share);
                    scores.Add((synapse, below < above ? score : -score));
                }

                int at = own.Start(synapse, t), low = Math.Max(at, start), high = Math.Min(at + own.Length(synapse, t), start + length);
                if (high <= low)
                {
                    return;
                }

                Span<double> kept = state.AsSpan(low, high - low);
                TensorPrimitives.Multiply(kept, own[synapse, t].Slice(low - at, high - low), kept);
                double total = TensorPrimitives.Sum<double>(kept);
                if (!(total > 0))
                {
                    return;
                }

                TensorPrimitives.Multiply(kept, 1 / total, kept);
                (start, length) = (low, high - low);
            }
        }

        private (int Start, int Length, double Gone) Step(int start, int length, double gone, int from, int to)
        {
            Span<double> into = next.AsSpan(from, to - from);
            into.Clear();
            for (int j = start; j < start + length; j++)
            {
                double weight = state[j];
                if (weight == 0)
                {
                    continue;
                }

                gone += weight * transition.Gone[j];
                int low = Math.Max(from, transition.First[j]), high = Math.Min(to, transition.End[j]);
                if (high > low)
                {
                    Span<double> part = next.AsSpan(low, high - low);
                    TensorPrimitives.MultiplyAdd(transition.Row(j).Slice(low, high - low), weight, part, part);
                }
            }

            into.CopyTo(state.AsSpan(from));
            return (from, to - from, gone);
        }

        // The chance that the measured course stays recorded: 1 where vanished synapses are. It depends on which sessions were measured only, so that
        // the backward pass is shared.
        private double ChanceToBeRecorded(LongitudinalSizes set, ReadOnlySpan<double> row, int first, int start, int length)
        {
            if (model.vanished == VanishedSynapses.Recorded || set.Epochs == 1)
            {
                return 1;
            }

            string pattern = string.Create(row.Length, (row.ToArray(), first), static (text, from) =>
            {
                for (int t = 0; t < text.Length; t++)
                {
                    text[t] = t <= from.first ? (t == from.first ? 'f' : '-') : double.IsNaN(from.Item1[t]) ? '-' : double.IsFinite(from.Item1[t]) ? 'x' : '0';
                }
            });
            if (!reachable.TryGetValue(pattern, out double[]? chance))
            {
                chance = Backward(pattern, first, set.EpochOfSession);
                reachable.Add(pattern, chance);
            }

            return TensorPrimitives.Dot<double>(state.AsSpan(start, length), chance.AsSpan(start, length));
        }

        private double[] Backward(string pattern, int first, IReadOnlyList<int> epochs)
        {
            int last = pattern.LastIndexOf('x');
            int ended = pattern.IndexOf('0', StringComparison.Ordinal);
            last = ended >= 0 ? Math.Min(last, ended - 1) : last;
            var chance = new double[grid.Count];
            Array.Fill(chance, 1);
            for (int t = last; t > first; t--)
            {
                if (pattern[t] == 'x' && model.vanished == VanishedSynapses.NotRecorded)
                {
                    for (int j = 0; j < chance.Length; j++)
                    {
                        chance[j] *= 1 - undetected[j];
                    }
                }

                for (int e = epochs[t]; e > epochs[t - 1]; e--)
                {
                    var before = new double[chance.Length];
                    for (int j = 0; j < before.Length; j++)
                    {
                        before[j] = TensorPrimitives.Dot(transition.Row(j), chance);
                    }

                    chance = before;
                }
            }

            return chance;
        }

        // EM for the distribution of the true sizes of detected synapses, started from a normal one.
        private double[] Prior()
        {
            double mean = 0, square = 0, noise = 0;
            int count = 0;
            (Emissions Set, int Synapse)[] all =
            [
                .. Enumerable.Range(0, sizes.Count).Select(i => (own, i)),
                .. Enumerable.Range(0, sizes.Controls?.Count ?? 0).Select(i => (controls!, i)),
            ];
            foreach ((Emissions set, int i) in all)
            {
                double x = set.Set[i][set.Set.FirstMeasured(i)];
                mean += x;
                square += x * x;
                noise += current.Variance(x + sizes.LogUnit);
                count++;
            }

            mean /= count;
            double variance = (square / count) - (mean * mean);
            variance = Math.Max(variance - (noise / count), 0.2 * variance) + (grid.Step * grid.Step);
            var density = new double[grid.Count];
            for (int j = 0; j < density.Length; j++)
            {
                double d = grid.Points[j] - mean;
                density[j] = Math.Exp(-0.5 * d * d / variance) + 1e-12;
            }

            TensorPrimitives.Multiply(density, 1 / TensorPrimitives.Sum<double>(density), density);
            var sum = new double[grid.Count];
            for (int step = 0; step < PriorSteps; step++)
            {
                Array.Clear(sum);
                foreach ((Emissions set, int i) in all)
                {
                    int start = set.Start(i, set.Set.FirstMeasured(i));
                    ReadOnlySpan<double> seen = set[i, set.Set.FirstMeasured(i)];
                    Span<double> part = next.AsSpan(0, seen.Length), into = sum.AsSpan(start, seen.Length);
                    TensorPrimitives.Multiply(density.AsSpan(start, seen.Length), seen, part);

                    // A size was seen because it was above the limit.
                    for (int k = 0; k < part.Length && double.IsFinite(sizes.LogLimit); k++)
                    {
                        part[k] /= Math.Max(1e-4, 1 - undetected[start + k]);
                    }

                    double total = TensorPrimitives.Sum<double>(part);
                    if (total > 0)
                    {
                        TensorPrimitives.MultiplyAdd(part, 1 / (total * count), into, into);
                    }
                }

                sum.CopyTo(density, 0);
            }

            // Back from the sizes of synapses that were seen to those of all.
            for (int j = 0; j < density.Length; j++)
            {
                density[j] = (density[j] + 1e-12) / (double.IsFinite(sizes.LogLimit) ? Math.Max(1e-4, 1 - undetected[j]) : 1);
            }

            return density;
        }
    }

    /// <summary>The densities of all measurements of a set on the grid.</summary>
    private sealed class Emissions(LongitudinalSizes set, SizeGrid grid)
    {
        private readonly int[] start = new int[set.Count * set.Sessions];
        private readonly int[] length = new int[set.Count * set.Sessions];
        private readonly int[] offset = new int[set.Count * set.Sessions];
        private readonly double[] one = new double[grid.Count];
        private double[] values = new double[set.Count * set.Sessions * 16];

        public LongitudinalSizes Set => set;

        public ReadOnlySpan<double> this[int synapse, int session] =>
            values.AsSpan(offset[(synapse * set.Sessions) + session], Length(synapse, session));

        public int Start(int synapse, int session) => start[(synapse * set.Sessions) + session];

        public int Length(int synapse, int session) => length[(synapse * set.Sessions) + session];

        public void Fill(ReadOnlySpan<double> deviations)
        {
            int used = 0;
            for (int i = 0; i < set.Count; i++)
            {
                ReadOnlySpan<double> row = set[i];
                for (int t = 0; t < row.Length; t++)
                {
                    int at = (i * set.Sessions) + t;
                    if (!double.IsFinite(row[t]))
                    {
                        length[at] = 0;
                        continue;
                    }

                    (start[at], length[at]) = grid.Emission(row[t], deviations, one);
                    offset[at] = used;
                    if (used + length[at] > values.Length)
                    {
                        Array.Resize(ref values, Math.Max(2 * values.Length, used + length[at]));
                    }

                    one.AsSpan(0, length[at]).CopyTo(values.AsSpan(used));
                    used += length[at];
                }
            }
        }
    }
}
