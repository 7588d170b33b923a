using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>
/// True sizes are hidden: measured log sizes have error, true sizes change under a law between epochs, and both are summed over on a grid. For two sessions
/// p(x₁|x₀) = Σ_jk A_j K_jk B_k / Σ_jk A_j K_jk with A the distribution of the true size given x₀, K the law's transition matrix and B the density of x₁; for more,
/// the forward pass of a hidden Markov chain. Repeats of an epoch, and controls, are the same with K the identity. Any size of change, any dependence of the error on size.
/// </summary>
/// <remarks>
/// A needs the distribution of true sizes: a normal one in log size, fitted by moments, then improved by smoothed EM steps. Source: docs/inference.md, "Hidden sizes".
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
    public override double[] Start(LongitudinalSizes sizes)
    {
        double[] start = [.. StartOfLaw(sizes, error.ChangeVariance(sizes)), .. error.Start(sizes)];

        // Variance components, which cost nothing, are near even where changes are not small; but not where they run to an end.
        double[] near = ChangeModelFit.Maximum(new SmallChangeModel(Law, error.Given, error.Estimated), sizes, start);
        bool inside = Enumerable.Range(0, Law.ShapeCount).All(i => Parameters[i].IsInside(near[i]));
        int change = Law.Parameters.Count - 1;
        return inside && near[change] > 0.2 * start[change] ? near : start;
    }

    /// <inheritdoc/>
    public override LongitudinalSizes Simulate(LongitudinalSizes design, ReadOnlySpan<double> parameters, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(random);
        MeasurementError at = error.At(parameters[Law.Parameters.Count..]);
        var pass = new ForwardPass(this, design, at);
        return SizeSimulation.Draw(Law, at, vanished, design, parameters[..Law.Parameters.Count], random, pass.DrawTrueSize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(int Synapse, double Score)> NormalScores(LongitudinalSizes sizes, IReadOnlyList<double> parameters)
    {
        double[] values = [.. parameters];
        int laws = Law.Parameters.Count;
        MeasurementError at = error.At(values.AsSpan(laws));
        return new ForwardPass(this, sizes, at).Scores(values.AsSpan(0, laws));
    }

    /// <summary>The distribution of the true sizes of synapses that the model takes for given: a grid and its weights.</summary>
    internal (SizeGrid Grid, double[] Density) TrueSizes(LongitudinalSizes sizes, MeasurementError at)
    {
        var pass = new ForwardPass(this, sizes, at);
        return (pass.Grid, pass.TrueSizes);
    }

    /// <inheritdoc/>
    protected internal override Action<double[], double[]> Prepare(LongitudinalSizes sizes, double[] parameters)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        int laws = Law.Parameters.Count;
        var pass = new ForwardPass(this, sizes, error.At(parameters.AsSpan(laws)));
        return (values, destination) => pass.Evaluate(values.AsSpan(0, laws), error.At(values.AsSpan(laws)), destination);
    }

    /// <inheritdoc/>
    protected internal override bool IsPreparedFor(double[] prepared, double[] parameters)
    {
        // Grid and distribution of true sizes are made for an error near the one at hand.
        int at = Law.Parameters.Count;
        return !error.Estimated || Math.Abs(Math.Log(parameters[at] / prepared[at])) < 0.2;
    }

    /// <summary>The likelihood of one set of sizes on one grid, with its buffers.</summary>
    private sealed class ForwardPass
    {
        private readonly LatentSizeModel model;
        private readonly LongitudinalSizes sizes;
        private readonly SizeGrid grid;
        private readonly SizeTransitionMatrix transition;
        private readonly double[] prior;
        private readonly double[] before;
        private readonly double[] after;
        private readonly double[] undetected;
        private readonly double[] vanishing;
        private readonly double[] state;
        private readonly double[] next;
        private readonly Emissions own;
        private readonly Emissions? controls;
        private readonly double[] ofControls;
        private readonly Emissions ends;
        private readonly double[] constant;
        private readonly bool direct;
        private readonly bool limited;
        private readonly int[] from;
        private readonly int[] to;
        private readonly Dictionary<string, double[]> reachable = new(StringComparer.Ordinal);
        private readonly MeasurementError prepared;
        private MeasurementError current;

        public ForwardPass(LatentSizeModel model, LongitudinalSizes sizes, MeasurementError error)
        {
            this.model = model;
            this.sizes = sizes;
            prepared = error;
            grid = SizeGrid.For(sizes, error);
            direct = IsDirect(sizes);
            limited = double.IsFinite(sizes.LogLimit) && model.vanished != VanishedSynapses.Ignored;
            transition = new SizeTransitionMatrix(grid);
            before = new double[grid.Count];
            after = new double[grid.Count];
            undetected = new double[grid.Count];
            vanishing = new double[grid.Count];
            state = new double[grid.Count];
            next = new double[grid.Count];
            from = new int[direct ? grid.Count : 0];
            to = new int[from.Length];
            own = new Emissions(sizes, grid);
            controls = sizes.Controls is { } c ? new Emissions(c, grid) : null;
            ofControls = new double[controls?.Set.Count ?? 0];
            ends = sizes.Sessions == 2 ? own : new Emissions(sizes, grid);
            constant = new double[direct ? sizes.Count : 0];
            Measure(error);
            prior = Prior();
            Start();
        }

        public SizeGrid Grid => grid;

        public double[] TrueSizes => prior;

        public void Evaluate(ReadOnlySpan<double> law, MeasurementError error, Span<double> destination)
        {
            // The grid was made for a larger error: the search stops at what it can hold, and goes on with a new one.
            if (error.Variance(sizes.LogUnit) < 0.4 * prepared.Variance(sizes.LogUnit))
            {
                destination.Fill(double.NegativeInfinity);
                return;
            }

            if (error != current)
            {
                Measure(error);
                Start();
            }

            if (sizes.Epochs > 1 && !transition.Fill(model.Law, law, from, to))
            {
                destination.Fill(double.NegativeInfinity);
                return;
            }

            reachable.Clear();
            if (direct)
            {
                FillVanishing();
            }

            for (int i = 0; i < sizes.Count; i++)
            {
                destination[i] = direct ? Direct(i) : Forward(own, i);
            }

            ofControls.CopyTo(destination[sizes.Count..]);
        }

        public List<(int Synapse, double Score)> Scores(ReadOnlySpan<double> law)
        {
            var scores = new List<(int, double)>(sizes.Count);
            if (sizes.Epochs == 1 || !transition.Fill(model.Law, law, [], []))
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
            // The points stand for the smooth density through them.
            ReadOnlySpan<double> chances = own[synapse, sizes.FirstMeasured(synapse)];
            int start = own.Start(synapse, sizes.FirstMeasured(synapse)), k = 0;
            for (double target = random.NextDouble(); k + 1 < chances.Length && target >= chances[k]; k++)
            {
                target -= chances[k];
            }

            return grid.Points[start + k];
        }

        // Everything that depends on the error and not on the law.
        private void Measure(MeasurementError error)
        {
            current = error;
            grid.Deviations(error, sizes.LogUnit, before, after);
            own.Fill(before, after);
            controls?.Fill(before, before);
        }

        private void Start()
        {
            own.Weigh(prior);
            controls?.Weigh(prior);
            Array.Clear(from);
            Array.Clear(to);
            for (int j = 0; j < grid.Count; j++)
            {
                undetected[j] = double.IsFinite(sizes.LogLimit) ? NormalDistribution.Cdf((sizes.LogLimit - grid.Points[j]) / after[j]) : 0;
            }

            for (int i = 0; i < ofControls.Length; i++)
            {
                ofControls[i] = Forward(controls!, i);
            }

            if (!direct)
            {
                return;
            }

            if (sizes.Sessions > 2)
            {
                ends.Clear();
            }

            for (int i = 0; i < sizes.Count; i++)
            {
                constant[i] = sizes.Sessions == 2 ? -sizes[i][1] - sizes.LogUnit : Merge(i);
            }

            // Of each row only the cells that some synapse may have gone to are wanted, and those where it might not have been seen.
            int unseen = limited ? Array.FindLastIndex(undetected, p => p > 0) + 1 : 0;
            Array.Fill(from, grid.Count);
            for (int i = 0; i < sizes.Count; i++)
            {
                int low = ends.Start(i, 1), high = low + ends.Length(i, 1);
                for (int j = ends.Start(i, 0); j < ends.Start(i, 0) + ends.Length(i, 0) && high > low; j++)
                {
                    (from[j], to[j]) = (Math.Min(from[j], low), Math.Max(to[j], high));
                }
            }

            for (int j = 0; j < from.Length && unseen > 0; j++)
            {
                (from[j], to[j]) = (0, Math.Max(to[j], unseen));
            }
        }

        // The probability that a synapse at each grid point is not seen after the change.
        private void FillVanishing()
        {
            int unseen = limited ? Array.FindLastIndex(undetected, p => p > 0) + 1 : 0;
            for (int j = 0; j < vanishing.Length; j++)
            {
                vanishing[j] = transition.Gone[j];
                int low = transition.First[j], high = Math.Min(transition.End[j], unseen);
                if (high > low)
                {
                    vanishing[j] += TensorPrimitives.Dot(transition.Row(j)[low..high], undetected.AsSpan(low, high - low));
                }
            }
        }

        // One change, the sizes before and after it measured once or, where all of them are seen, several times.
        private static bool IsDirect(LongitudinalSizes sizes)
        {
            bool allSeen = double.IsNegativeInfinity(sizes.LogLimit);
            for (int i = 0; i < sizes.Count && allSeen && sizes.Sessions > 2; i++)
            {
                allSeen = !sizes[i].Contains(double.NegativeInfinity);
            }

            return sizes.Epochs == 2 && (sizes.Sessions == 2 || allSeen);
        }

        // All measurements of each epoch as one; returns the factor that is left over.
        private double Merge(int synapse)
        {
            ReadOnlySpan<double> row = sizes[synapse];
            int first = sizes.FirstMeasured(synapse);
            double log = 0;
            for (int epoch = 0; epoch < 2; epoch++)
            {
                int start = 0, length = -1;
                for (int t = first; t < row.Length; t++)
                {
                    if (sizes.EpochOfSession[t] != epoch || double.IsNaN(row[t]))
                    {
                        continue;
                    }

                    (start, length) = length < 0 ? First(own, synapse, t) : Keep(own, synapse, t, start, length);
                    log -= t > first ? row[t] + sizes.LogUnit : 0;
                    double sum = TensorPrimitives.Sum<double>(state.AsSpan(start, length));
                    if (!(sum > 0))
                    {
                        ends.Put(synapse, 0, 0, []);
                        ends.Put(synapse, 1, 0, []);
                        return double.NegativeInfinity;
                    }

                    log += Math.Log(sum);
                    TensorPrimitives.Multiply(state.AsSpan(start, length), 1 / sum, state.AsSpan(start, length));
                }

                // Of a product of normal densities the ends are beyond everything.
                const double nothing = 1e-25;
                for (; length > 1 && state[start] < nothing; start++)
                {
                    length--;
                }

                for (; length > 1 && state[start + length - 1] < nothing;)
                {
                    length--;
                }

                ends.Put(synapse, epoch, start, state.AsSpan(start, Math.Max(0, length)));
            }

            return log;
        }

        private double Direct(int synapse)
        {
            ReadOnlySpan<double> after = ends.Padded(synapse, 1), chances = ends[synapse, 0];
            int first = sizes.FirstMeasured(synapse), start = own.Start(synapse, first);
            double gone = TensorPrimitives.Dot(own[synapse, first], vanishing.AsSpan(start, own.Length(synapse, first)));
            if (after.IsEmpty)
            {
                // Vanished, or only measured again before the change.
                bool vanished = sizes.Sessions == 2 && double.IsNegativeInfinity(sizes[synapse][1]);
                return vanished ? (model.vanished == VanishedSynapses.Recorded ? Math.Log(gone) : 0) : sizes.Sessions == 2 ? 0 : constant[synapse];
            }

            double seen = model.vanished == VanishedSynapses.NotRecorded ? Math.Log(1 - gone) : 0;
            return Math.Log(Land(chances, ends.Start(synapse, 0), after, ends.Start(synapse, 1))) + constant[synapse] - seen;
        }

        // Σ_jk chances_j K_jk densities_k: the last step of a course, after which its state is not wanted any more.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private double Land(ReadOnlySpan<double> chances, int start, ReadOnlySpan<double> densities, int at)
        {
            int width = Vector<double>.Count;
            Vector<double> sum = Vector<double>.Zero;
            for (int j = 0; j < chances.Length; j++)
            {
                ReadOnlySpan<double> row = transition.Row(start + j)[at..];
                Vector<double> inner = Vector<double>.Zero;
                for (int k = 0; k < densities.Length; k += width)
                {
                    inner = Vector.FusedMultiplyAdd(new Vector<double>(row[k..]), new Vector<double>(densities[k..]), inner);
                }

                sum = Vector.FusedMultiplyAdd(inner, new Vector<double>(chances[j]), sum);
            }

            return Vector.Sum(sum);
        }

        private double Forward(Emissions emissions, int synapse)
        {
            LongitudinalSizes set = emissions.Set;
            ReadOnlySpan<double> row = set[synapse];
            int t = set.FirstMeasured(synapse), epoch = set.EpochOfSession[t];
            (int start, int length) = First(emissions, synapse, t);
            double chance = ChanceToBeRecorded(set, row, t, start, length), log = 0, gone = 0;
            int last = row.Length - 1;
            while (double.IsNaN(row[last]))
            {
                last--;
            }

            for (t++; t <= last; t++)
            {
                bool measured = double.IsFinite(row[t]), vanished = double.IsNegativeInfinity(row[t]);
                if (measured && t == last && epoch + 1 == set.EpochOfSession[t])
                {
                    double landed = Land(state.AsSpan(start, length), start, emissions.Padded(synapse, t), emissions.Start(synapse, t));
                    return log + Math.Log(landed) - row[t] - sizes.LogUnit - Math.Log(chance);
                }

                for (; epoch < set.EpochOfSession[t]; epoch++)
                {
                    // Of a transition into a measured session only the cells near the measured size are wanted.
                    bool arrives = measured && epoch + 1 == set.EpochOfSession[t];
                    (int first, int end) = arrives ? (emissions.Start(synapse, t), emissions.Start(synapse, t) + emissions.Length(synapse, t)) : (0, grid.Count);
                    (start, length, gone) = Step(start, length, gone, first, end);
                }

                if (measured)
                {
                    (start, length) = Keep(emissions, synapse, t, start, length);
                    gone = 0;
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

            return log - Math.Log(chance);
        }

        private (int Start, int Length) First(Emissions emissions, int synapse, int session)
        {
            ReadOnlySpan<double> chances = emissions[synapse, session];
            int start = emissions.Start(synapse, session);
            chances.CopyTo(state.AsSpan(start));
            return (start, chances.Length);
        }

        // The state times the density of a measurement; a length of zero where nothing is left.
        private (int Start, int Length) Keep(Emissions emissions, int synapse, int session, int start, int length)
        {
            int at = emissions.Start(synapse, session);
            ReadOnlySpan<double> density = emissions[synapse, session];
            int low = Math.Max(at, start), high = Math.Min(at + density.Length, start + length);
            if (high <= low)
            {
                return (start, 0);
            }

            Span<double> kept = state.AsSpan(low, high - low);
            TensorPrimitives.Multiply(kept, density.Slice(low - at, high - low), kept);
            return (low, high - low);
        }

        // One step ahead at every measured session.
        private void AddScores(int synapse, List<(int Synapse, double Score)> scores)
        {
            ReadOnlySpan<double> row = sizes[synapse];
            int t = sizes.FirstMeasured(synapse), epoch = sizes.EpochOfSession[t];
            (int start, int length) = First(own, synapse, t);
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
                    double z = (row[t] - grid.Points[j]) / after[j], unseen = model.vanished == VanishedSynapses.Ignored ? 0 : undetected[j];
                    below += state[j] * Math.Max(0, NormalDistribution.Cdf(z) - unseen);
                    above += state[j] * NormalDistribution.Survival(z);
                }

                double sum = below + above;
                double share = Math.Min(below, above) / sum;
                if (sum > 0 && share > 0)
                {
                    double score = NormalDistribution.Quantile(share);
                    scores.Add((synapse, below < above ? score : -score));
                }

                (start, length) = Keep(own, synapse, t, start, length);
                Span<double> kept = state.AsSpan(start, length);
                double total = TensorPrimitives.Sum<double>(kept);
                if (!(total > 0))
                {
                    return;
                }

                TensorPrimitives.Multiply(kept, 1 / total, kept);
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
            if (model.vanished != VanishedSynapses.NotRecorded || set.Epochs == 1)
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
                if (pattern[t] == 'x')
                {
                    for (int j = 0; j < chance.Length; j++)
                    {
                        chance[j] *= 1 - undetected[j];
                    }
                }

                for (int e = epochs[t]; e > epochs[t - 1]; e--)
                {
                    var earlier = new double[chance.Length];
                    for (int j = 0; j < earlier.Length; j++)
                    {
                        earlier[j] = TensorPrimitives.Dot(transition.Row(j)[..grid.Count], chance);
                    }

                    chance = earlier;
                }
            }

            return chance;
        }

        // The distribution of true sizes: EM from a normal one, smoothed after every step. Without that a lone synapse would draw the
        // distribution to itself, and its measured size would count as better known than it is.
        private double[] Prior()
        {
            (Emissions Set, int Synapse, int Session)[] all =
            [
                .. Enumerable.Range(0, sizes.Count).Select(i => (own, i, sizes.FirstMeasured(i))),
                .. Enumerable.Range(0, ofControls.Length).Select(i => (controls!, i, controls!.Set.FirstMeasured(i))),
            ];
            double mean = 0, square = 0, noise = 0;
            foreach ((Emissions set, int i, int t) in all)
            {
                double x = set.Set[i][t];
                mean += x / all.Length;
                square += x * x / all.Length;
                noise += current.Variance(x + sizes.LogUnit) / all.Length;
            }

            double variance = square - (mean * mean);
            variance = Math.Max(variance - noise, 0.2 * variance) + (grid.Step * grid.Step);

            // Silverman's rule, but nothing finer than the error, which the grid could not hold.
            double width = Math.Max(1.06 * Math.Sqrt(variance) * Math.Pow(all.Length, -0.2), 0.75 * Math.Sqrt(noise));
            double[] density = [.. grid.Points.Select(u => Math.Exp(-0.5 * (u - mean) * (u - mean) / variance))];

            // A size was seen because it was above the limit. Where hardly any is, hardly anything is known.
            double[] detected = [.. grid.Points.Select((u, j) => double.IsFinite(sizes.LogLimit) ? Math.Max(0.02, NormalDistribution.Survival((sizes.LogLimit - u) / before[j])) : 1)];
            var ratio = new double[grid.Count];
            for (int step = 0; step < PriorSteps; step++)
            {
                Array.Clear(ratio);
                foreach ((Emissions set, int i, int t) in all)
                {
                    ReadOnlySpan<double> seen = set[i, t];
                    int start = set.Start(i, t);
                    double total = TensorPrimitives.Dot(density.AsSpan(start, seen.Length), seen);
                    Span<double> into = ratio.AsSpan(start, seen.Length);
                    TensorPrimitives.MultiplyAdd(seen, total > 0 ? 1 / total : 0, into, into);
                }

                TensorPrimitives.Multiply(density, ratio, density);
                TensorPrimitives.Divide(density, detected, density);
                density = Smoothed(density, width);
            }

            return density;
        }

        // A normal kernel whose centres move so far towards the mean that the variance stays as it is.
        private double[] Smoothed(ReadOnlySpan<double> density, double width)
        {
            double sum = TensorPrimitives.Sum(density), mean = TensorPrimitives.Dot(density, grid.Points) / sum, variance = 0;
            for (int j = 0; j < density.Length; j++)
            {
                variance += density[j] / sum * (grid.Points[j] - mean) * (grid.Points[j] - mean);
            }

            double kernel = Math.Min(width * width, 0.5 * variance), towards = Math.Sqrt(1 - (kernel / variance));
            var smooth = new double[density.Length];
            int reach = (int)Math.Ceiling(6 * Math.Sqrt(kernel) / grid.Step);
            var weights = new double[(2 * reach) + 1];
            for (int j = 0; j < density.Length; j++)
            {
                double at = mean + (towards * (grid.Points[j] - mean));
                int middle = (int)Math.Round((at - grid.Low) / grid.Step), low = Math.Max(0, middle - reach), high = Math.Min(density.Length - 1, middle + reach);
                double total = 0;
                for (int k = low; k <= high; k++)
                {
                    double d = grid.Points[k] - at;
                    total += weights[k - low] = Math.Exp(-0.5 * d * d / kernel);
                }

                for (int k = low; k <= high; k++)
                {
                    smooth[k] += density[j] / sum * weights[k - low] / total;
                }
            }

            // Never quite zero between the sizes that are there.
            for (int k = 0; k < smooth.Length; k++)
            {
                smooth[k] += 1e-12;
            }

            return smooth;
        }
    }

    /// <summary>The densities of all measurements of a set on the grid; of the first of each synapse, the distribution of its true size.</summary>
    private sealed class Emissions(LongitudinalSizes set, SizeGrid grid)
    {
        private readonly int[] start = new int[set.Count * set.Sessions];
        private readonly int[] length = new int[set.Count * set.Sessions];
        private readonly int[] offset = new int[set.Count * set.Sessions];
        private readonly double[] one = new double[grid.Count];
        private double[] values = new double[set.Count * set.Sessions * 24];
        private int used;

        public LongitudinalSizes Set => set;

        public ReadOnlySpan<double> this[int synapse, int session] =>
            values.AsSpan(offset[(synapse * set.Sessions) + session], Length(synapse, session));

        /// <summary>With zeros up to a whole number of vectors.</summary>
        public ReadOnlySpan<double> Padded(int synapse, int session) =>
            values.AsSpan(offset[(synapse * set.Sessions) + session], WholeVectors(Length(synapse, session)));

        public int Start(int synapse, int session) => start[(synapse * set.Sessions) + session];

        public int Length(int synapse, int session) => length[(synapse * set.Sessions) + session];

        public void Fill(ReadOnlySpan<double> before, ReadOnlySpan<double> after)
        {
            used = 0;
            for (int i = 0; i < set.Count; i++)
            {
                ReadOnlySpan<double> row = set[i];
                for (int t = 0; t < row.Length; t++)
                {
                    (int first, int count) = double.IsFinite(row[t])
                        ? grid.Emission(row[t], Repeats(row, set.EpochOfSession[t]), set.EpochOfSession[t] == 0 ? before : after, one)
                        : (0, 0);
                    Put(i, t, first, one.AsSpan(0, count));
                }
            }
        }

        /// <summary>Forgets all densities.</summary>
        public void Clear() => used = 0;

        /// <summary>Adds one density.</summary>
        public void Put(int synapse, int session, int first, ReadOnlySpan<double> density)
        {
            int at = (synapse * set.Sessions) + session, whole = WholeVectors(density.Length);
            (start[at], length[at], offset[at]) = (first, density.Length, used);
            if (used + whole > values.Length)
            {
                Array.Resize(ref values, Math.Max(2 * values.Length, used + whole));
            }

            density.CopyTo(values.AsSpan(used));
            values.AsSpan(used + density.Length, whole - density.Length).Clear();
            used += whole;
        }

        /// <summary>Makes the first density of each synapse the distribution of its true size given that measurement.</summary>
        public void Weigh(ReadOnlySpan<double> prior)
        {
            for (int i = 0; i < set.Count; i++)
            {
                int at = (i * set.Sessions) + set.FirstMeasured(i);
                Span<double> chances = values.AsSpan(offset[at], length[at]), weighed = one.AsSpan(0, length[at]);
                TensorPrimitives.Multiply(chances, prior.Slice(start[at], length[at]), weighed);
                double sum = TensorPrimitives.Sum<double>(weighed);

                // Of a size far from all others the measurement itself is all there is.
                if (sum > 0)
                {
                    TensorPrimitives.Multiply(weighed, 1 / sum, chances);
                }
                else
                {
                    TensorPrimitives.Multiply(chances, 1 / TensorPrimitives.Sum<double>(chances), chances);
                }
            }
        }

        // Smallest and largest measurement of the epoch.
        private (double Low, double High) Repeats(ReadOnlySpan<double> row, int epoch)
        {
            (double low, double high) = (double.PositiveInfinity, double.NegativeInfinity);
            for (int t = 0; t < row.Length; t++)
            {
                if (set.EpochOfSession[t] == epoch && double.IsFinite(row[t]))
                {
                    (low, high) = (Math.Min(low, row[t]), Math.Max(high, row[t]));
                }
            }

            return (low, high);
        }

        private static int WholeVectors(int length) => (length + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
    }
}
