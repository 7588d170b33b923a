using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SynapticGeometry;

/// <summary>
/// Up to eight trials of a rule with three terms, one in each vector lane, or one trial alone; event-driven.
/// </summary>
/// <remarks>
/// <para>
/// In step t of an epoch a synapse has potential x = λᵗ p + κₜ c and current μᵗ c, where (p, c) is where its state would have begun the
/// epoch had its last spike come before: λ and μ decay in a step, κₜ₊₁ = λ κₜ + carry μᵗ. A spike adds to (p, c) and
/// touches no other synapse.
/// </para>
/// <para>
/// With Δw = e (h x − u + m w) in each step, M = Π (1 + e m), P = Σ λᵗ e/M, K = Σ κₜ e/M and U = Σ u e/M over the steps of the epoch,
/// w = M (v + h (p P + c K) − U), where a spike changes v so that w stays. V = Σ w x and all that the rule needs of the others
/// are sums over synapses of w, h or 1 times x, current or their products; their decay, their change by learning and by a spike close
/// among them. At the end of an epoch weights and traces are settled; in a large neuron a synapse waits for its own spike instead, M and U run on
/// (<see cref="PastEpochs"/>), and v is kept in units of h, so that epochs and spikes change it alike in all synapses.
/// </para>
/// <para>
/// Each lane sees the same operations in the same order in a block of any width, so that a trial has the same bits wherever it runs.
/// </para>
/// </remarks>
internal sealed unsafe class EventDrivenBlock : EnsembleBlock
{
    public const int Lanes = 8;

    // Numbers of each lane: the sums over synapses ...
    private const int A = 0, C = 1, TeacherA = 2, TeacherC = 3, SumP = 4, SumC = 5, Hpp = 6, Hpc = 7, Hcc = 8, WeightRate = 9, SquareRate = 10, Sums = 11;

    // ... the epoch's, the coefficients', the last step's ...
    private const int M = 11, U = 12, P = 13, K = 14, Scale = 15, U0 = 16, U1 = 17, U2 = 18, M1 = 19, M2 = 20;
    private const int Potential = 21, Teacher = 22, E = 23, StepU = 24, StepM = 25, Saved = 26;

    // ... and those for one step only.
    private const int TeacherPotential = 26, Rate = 27, Score = 28, Rows = 29;

    private const int Constants = 9;

    // Longest epoch as the fall of the faster trace in e-folds: stored states grow by as much, and lose as much accuracy.
    private const double LargestFall = 12;

    // The same where a step's changes are not small against the weights: those fall with n, and changes do not.
    private const double LargestFallOfMany = 6;

    // Synapses beyond which that is so.
    private const int Many = 128;

    // Epochs after which the sums over traces are taken anew.
    private const int SumEpochs = 8;

    // Traces below this are 0: denormal numbers are slow.
    private const double Negligible = 1e-100;

    private readonly SpikingEnsemble ensemble;
    private readonly ThreeTermForm form;
    private readonly TransferFunction transfer;
    private readonly Teacher[] teachers;
    private readonly SpikeSampler[] inputs;
    private readonly TeacherDraws[] teacherDraws;
    private readonly ulong seed;
    private readonly bool bounded;
    private readonly bool uniformly;
    private readonly bool byWeight;

    // No heterosynaptic term: u and m are 0, U stays 0 and M 1.
    private readonly bool alone;

    // Σ p and Σ c are of use.
    private readonly bool summed;

    // The sigmoid, where nothing in a step needs a call: its rate is possible at any potential, and the teacher's spikes come with a threshold.
    private readonly SigmoidTransfer? sigmoid;
    private readonly int n;
    private readonly int stride;
    private readonly int width;
    private readonly bool eight;
    private readonly int epoch;
    private readonly TraceDecay decay;
    private readonly double[] membrane;
    private readonly double[] synaptic;
    private readonly double[] carried;

    // What a spike in step t adds to p and c.
    private readonly double[] addsP;
    private readonly double[] addsC;

    // Four numbers of synapse i in a lane, from 4 (stride · i + lane) on: p, c, v, w*; together, as a spike needs them all.
    private readonly double[] arrays;
    private readonly double* cells;
    private readonly double* rows;

    // Of one step's spikes and each lane: Σ h p, Σ h c, Σ v, Σ w*; Σ h and their number; −Δp P − Δc K.
    private readonly double* spikeSums;
    private readonly double* spikeGains;
    private readonly double* stays;

    // The potential above which the teacher spikes, for each of 64 steps and each lane.
    private readonly double* thresholds;

    // λ, κ, μ, λ², 2λκ, κ², λμ, κμ, μ² for one step.
    private readonly double* constants;

    // Gain and rate of each synapse.
    private readonly double* gains;
    private readonly double* rates;
    private readonly double allRates;

    // h r, where it is the same for all synapses.
    private readonly double ownRate;

    // In a large neuron, whose synapses are not settled at the end of each epoch; and its synapses in rows of equal gain, where these are few.
    private readonly PastEpochs? past;
    private readonly EqualSynapses[] equals = [];
    private readonly double[] uniform;
    private readonly int[] ends = new int[SpikeSampler.BlockSteps];
    private readonly PotentialMoments[] moments;
    private readonly FisherMoments[] fisher;
    // The weights of a trial, where the form takes its moments from them itself.
    private readonly double[]? ownMoments;

    // The weights of a trial, where not all are in the range of the parametrization.
    private readonly double[]? checkedWeights;

    // Input spikes of one trial, or of all lanes.
    private SpikeList keys;

    // They may list a synapse again that has one spike.
    private bool once;
    private readonly SpikeBuckets? buckets;

    // Bit by bit the steps of the present 64 in which a teacher may spike.
    private ulong mayTeach;
    private long steps;

    public EventDrivenBlock(SpikingEnsemble ensemble, ThreeTermForm form, RandomSource random, int first, int count)
        : base(first, count)
    {
        (this.ensemble, this.form, transfer, seed) = (ensemble, form, ensemble.Neuron.Transfer, random.Seed);
        n = ensemble.Input.Synapses;
        (stride, width) = count == 1 ? (1, 4) : (Lanes, Lanes);
        eight = width == EightLanes.Count && EightLanes.IsSupported;
        bounded = transfer.HighestRate * ensemble.TimeStep <= SpikeInput.LargestProbability;
        decay = TraceDecay.Of(ensemble.Neuron.Kernel, ensemble.TimeStep, ensemble.Stepping);
        double fall = -Math.Log(Math.Min(decay.Membrane, decay.Synaptic));
        PlasticityTerms terms = ensemble.Rule.ActiveTerms;
        (uniformly, byWeight) = (terms.HasFlag(PlasticityTerms.UniformHeterosynaptic), terms.HasFlag(PlasticityTerms.WeightDependentHeterosynaptic));
        alone = form is EuclideanForm || !(uniformly || byWeight);
        double[] ownGains = terms.HasFlag(PlasticityTerms.Homosynaptic) ? [.. form.Gains] : new double[n];
        double[] momentRates = form.MomentGeometry is { } geometry ? [.. geometry.Rates] : new double[n];
        ownRate = ownGains.Zip(momentRates, (h, r) => h * r).Max();
        bool wait = n > EnsembleRun.SideBySide && Enumerable.Range(0, n).All(i => ensemble.Input.Rates[i] == 0
            || (ownGains[i] > 0 && Math.Abs((ownGains[i] * momentRates[i]) - ownRate) <= 1e-14 * ownRate));
        for (epoch = SpikingEnsemble.CoefficientSteps; epoch > 1 && epoch * fall > (n > Many ? LargestFallOfMany : LargestFall); epoch /= 2)
        {
        }

        (membrane, synaptic, carried) = (new double[epoch + 1], new double[epoch + 1], new double[epoch + 1]);
        (membrane[0], synaptic[0]) = (1, 1);
        for (int t = 0; t < epoch; t++)
        {
            membrane[t + 1] = membrane[t] * decay.Membrane;
            synaptic[t + 1] = synaptic[t] * decay.Synaptic;
            carried[t + 1] = (carried[t] * decay.Membrane) + (decay.Carry * synaptic[t]);
        }

        addsC = [.. synaptic.Select(fallen => decay.Jump / fallen)];
        addsP = [.. addsC.Select((add, t) => -carried[t] / membrane[t] * add)];

        // Synapses are filled up with such as have no input.
        int padded = Padded(n);
        int fixedNumbers = (Rows + 4 + 2 + 1 + SpikeSampler.BlockSteps) * Lanes;
        arrays = GC.AllocateArray<double>(fixedNumbers + (4 * padded * stride) + (2 * padded) + Constants + Lanes, pinned: true);

        // On a boundary of 64 bytes, so that no row of lanes and no synapse lies across two cache lines.
        rows = (double*)(((nint)Unsafe.AsPointer(ref arrays[0]) + 63) & ~63);
        spikeSums = rows + (Rows * Lanes);
        spikeGains = spikeSums + (4 * Lanes);
        stays = spikeGains + (2 * Lanes);
        thresholds = stays + Lanes;
        cells = rows + fixedNumbers;
        gains = cells + (4 * padded * stride);
        rates = gains + padded;
        constants = rates + padded;
        double l = decay.Membrane, k = decay.Carry, s = decay.Synaptic;
        double[] products = [l, k, s, l * l, 2 * l * k, k * k, l * s, k * s, s * s];
        for (int i = 0; i < Constants; i++)
        {
            constants[i] = products[i];
        }

        momentRates.CopyTo(new Span<double>(rates, n));
        allRates = momentRates.Sum();
        summed = wait || !alone;
        if (wait)
        {
            // The gain of a synapse that never spikes is of no consequence, as long as v can be measured in it.
            ownGains = [.. ownGains.Select(h => h > 0 ? h : 1)];
            past = new PastEpochs(n, new TraceDecay(membrane[epoch], synaptic[epoch], carried[epoch], decay.Jump));
            equals = EqualSynapses.Of(ownGains);
        }

        ownGains.CopyTo(new Span<double>(gains, n));
        uniform = new double[Lanes * SpikeSampler.BlockSteps];
        (moments, fisher) = (new PotentialMoments[width], new FisherMoments[width]);
        (teachers, inputs, teacherDraws) = (new Teacher[count], new SpikeSampler[count], new TeacherDraws[count]);
        double[] weights = new double[n];
        double spikes = SpikeSampler.BlockSteps * ensemble.TimeStep * ensemble.Input.Rates.Sum();
        keys.Reserve(spikes);
        buckets = stride == 1 ? null : new SpikeBuckets(count * spikes / SpikeSampler.BlockSteps, n);
        for (int lane = 0; lane < count; lane++)
        {
            Start(lane, random, weights);
        }

        sigmoid = bounded && teachers[0] is TargetWeights ? transfer as SigmoidTransfer : null;
        ownMoments = form.DependsOnMoments && form.MomentGeometry is null ? weights : null;
        checkedWeights = ensemble.Neuron.Parametrization.TakesAll ? null : weights;
        RowSpan(M).Fill(1);
        SettleAll(0, sums: true);
        TakeCoefficients();
    }

    private void Start(int lane, RandomSource random, double[] weights)
    {
        ulong trial = (ulong)(First + lane);
        TeacherStudent experiment = ensemble.Trial(random, trial);
        ensemble.Neuron.Parametrization.ToSomatic([.. experiment.InitialWeights], weights);
        for (int i = 0; i < n; i++)
        {
            double* cell = Cell(i, lane);
            cell[2] = weights[i];
            cell[3] = experiment.Teacher is TargetWeights { Weights: { } goal } ? goal[i] : 0;
        }

        teachers[lane] = experiment.Teacher;
        RandomSource own = random.Fork("input", trial);
        inputs[lane] = (lane == 0 ? null : inputs[0].Beside(own)) ?? ensemble.Input.Start(own, ensemble.TimeStep);
        teacherDraws[lane] = new TeacherDraws(random.Fork("teacher", trial), experiment.Teacher, transfer, ensemble.TimeStep);
    }

    public override long Steps => steps;

    private int NumbersSaved => (4 * n) + Saved + (past?.Length ?? 0);

    private int Phase => (int)(steps % epoch);

    public override void AdvanceTo(long step, CancellationToken cancellation)
    {
        while (steps < step)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(step - steps, SpikeSampler.BlockSteps - (steps % SpikeSampler.BlockSteps));
            DrawInput(count);
            if (steps % SpikeSampler.BlockSteps == 0)
            {
                DrawTeachers();
            }

            Run(count);
        }
    }

    public override void CopySomatic(int lane, Span<double> weights)
    {
        double m = Row(M)[lane], u = Row(U)[lane], pp = Row(P)[lane], kk = Row(K)[lane];
        for (int i = 0; i < n; i++)
        {
            Vector256<double> cell = UpToDate(i, lane);
            double learned = (cell[0] * pp) + (cell[1] * kk);
            weights[i] = m * ((past is null ? cell[2] + (gains[i] * learned) : gains[i] * (cell[2] + learned)) - u);
        }
    }

    public override void CopyUsp(int lane, Span<double> usp)
    {
        for (int i = 0; i < n; i++)
        {
            Vector256<double> cell = UpToDate(i, lane);
            usp[i] = (membrane[Phase] * cell[0]) + (carried[Phase] * cell[1]);
        }
    }

    public override EnsembleStep LastStep(int lane) =>
        new(Row(Potential)[lane], (int)Row(Teacher)[lane], new ThreeTermFactors(Row(E)[lane], Row(StepU)[lane], Row(StepM)[lane]));

    public override EnsembleTrialState Save(int lane)
    {
        double[] numbers = new double[NumbersSaved];
        for (int i = 0; i < n; i++)
        {
            new ReadOnlySpan<double>(Cell(i, lane), 4).CopyTo(numbers.AsSpan(4 * i));
        }

        for (int row = 0; row < Saved; row++)
        {
            numbers[(4 * n) + row] = Row(row)[lane];
        }

        past?.Save(numbers.AsSpan((4 * n) + Saved));
        return new EnsembleTrialState(steps, numbers, inputs[lane].Save(), teacherDraws[lane].Position(steps));
    }

    public override void Restore(ReadOnlySpan<EnsembleTrialState> states)
    {
        for (int lane = 0; lane < Count; lane++)
        {
            (long at, double[] numbers, long[] input, ulong position) = states[lane];
            Elementwise.MustMatch(numbers.Length, NumbersSaved, "saved number", "number of a trial");
            if (at != states[0].Steps)
            {
                throw new ArgumentException($"Trial {First + lane} was saved after {at} steps and trial {First} after {states[0].Steps}; they advance together.", nameof(states));
            }

            for (int i = 0; i < n; i++)
            {
                numbers.AsSpan(4 * i, 4).CopyTo(new Span<double>(Cell(i, lane), 4));
            }

            for (int row = 0; row < Saved; row++)
            {
                Row(row)[lane] = numbers[(4 * n) + row];
            }

            inputs[lane].Restore(input);
            past?.Restore(numbers.AsSpan((4 * n) + Saved));
            teacherDraws[lane].Restore(position);
        }

        steps = states[0].Steps;
        if (steps % SpikeSampler.BlockSteps != 0)
        {
            DrawTeachers();
        }
    }

    // p, c, v, w* with p and c as they would have begun the present epoch; in a large neuron v in units of h.
    private Vector256<double> UpToDate(int synapse, int lane) =>
        past?.UpToDate(synapse, Cell(synapse, lane)) ?? Vector256.Load(Cell(synapse, lane));

    private double* Cell(int synapse, int lane) => cells + (4 * ((synapse * stride) + lane));

    private double* Row(int row) => rows + (row * Lanes);

    private Span<double> RowSpan(int row) => new(Row(row), width);

    // Input spikes of all lanes in order of steps.
    private void DrawInput(int count)
    {
        if (buckets is null)
        {
            keys.Clear();
            once = past is not null && inputs[0].DrawThrown(count, ref keys, ends);
            if (!once)
            {
                inputs[0].DrawInOrder(count, ref keys, ends, n);
            }

            return;
        }

        buckets.Clear();
        for (int lane = 0; lane < Count; lane++)
        {
            inputs[lane].Draw(count, buckets, lane, n);
        }
    }

    private void DrawTeachers()
    {
        mayTeach = 0;
        if (sigmoid is not null)
        {
            new Span<double>(thresholds, Lanes * SpikeSampler.BlockSteps).Fill(double.PositiveInfinity);
        }

        for (int lane = 0; lane < Count; lane++)
        {
            Span<double> own = uniform.AsSpan(lane * SpikeSampler.BlockSteps, SpikeSampler.BlockSteps);
            ulong may = teacherDraws[lane].Draw(own);
            mayTeach |= may;
            for (; sigmoid is not null && may != 0; may &= may - 1)
            {
                int step = BitOperations.TrailingZeroCount(may);
                thresholds[(step * Lanes) + lane] = sigmoid.PotentialAt(own[step] / ensemble.TimeStep);
            }
        }
    }

    private void Run(int count)
    {
        for (int step = 0; step < count; step++)
        {
            int t = Phase + 1;
            ReadOnlySpan<int> spikes = buckets is null ? keys.Span[(step == 0 ? 0 : ends[step - 1])..ends[step]] : buckets.Of(step);
            if (spikes.Length > 0)
            {
                Receive(t, spikes, buckets is not null && step < count - 1 ? buckets.Of(step + 1) : spikes);
            }

            if (sigmoid is null)
            {
                TakePotentials();
                Teach((int)(steps % SpikeSampler.BlockSteps));
                TakeScores();
            }

            Step(t, spikes.Length > 0);
            if (past is not null)
            {
                LearnMoments();
            }

            steps++;
            if (t == epoch)
            {
                Settle(t);
                if (steps % SpikingEnsemble.CoefficientSteps == 0)
                {
                    TakeCoefficients();
                }
            }
        }
    }

    // The potentials of student and teacher in the step that comes.
    private void TakePotentials()
    {
        FourLanes l = constants[0], k = constants[1];
        for (int lane = 0; lane < width; lane += FourLanes.Count)
        {
            double* r = rows + lane;
            FourLanes.MultiplyAdd(k, FourLanes.Load(r + (C * Lanes)), l * FourLanes.Load(r + (A * Lanes))).Store(r + (Potential * Lanes));
            FourLanes.MultiplyAdd(k, FourLanes.Load(r + (TeacherC * Lanes)), l * FourLanes.Load(r + (TeacherA * Lanes))).Store(r + (TeacherPotential * Lanes));
        }
    }

    private void Step(int t, bool spiked)
    {
        if (eight)
        {
            Step<EightLanes>(t, spiked);
        }
        else
        {
            Step<FourLanes>(t, spiked);
        }
    }

    // A step of all lanes, seen through the sums and the epoch's prefixes: traces decay, weights learn, spikes add to the currents.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step<T>(int t, bool spiked)
        where T : struct, ILanes<T>
    {
        double* f = constants, threshold = thresholds + (Lanes * (steps % SpikeSampler.BlockSteps));
        bool own = alone, scored = sigmoid is null;
        SigmoidTransfer.VectorScore score = scored ? default : new(sigmoid!, ensemble.TimeStep);
        T lambda = membrane[t], kappa = carried[t], twice = 2 * synaptic[t];
        for (int lane = 0; lane < width; lane += T.Count)
        {
            double* r = rows + lane;
            T l = f[0], k = f[1], s = f[2], sum = 0, sumC = 0;
            T c = T.Load(r + (C * Lanes)), goalC = T.Load(r + (TeacherC * Lanes));
            T a = T.MultiplyAdd(k, c, l * T.Load(r + (A * Lanes))), potential = a;
            T goal = T.MultiplyAdd(k, goalC, l * T.Load(r + (TeacherA * Lanes)));
            (c, goalC) = (s * c, s * goalC);
            potential.Store(r + (Potential * Lanes));
            goal.Store(r + (TeacherA * Lanes));
            if (summed)
            {
                sumC = T.Load(r + (SumC * Lanes));
                sum = T.MultiplyAdd(k, sumC, l * T.Load(r + (SumP * Lanes)));
                sumC *= s;
                sum.Store(r + (SumP * Lanes));
            }

            T factor;
            if (scored)
            {
                factor = T.Load(r + (Score * Lanes));
            }
            else
            {
                T spikes = T.Less(T.Load(threshold + lane), goal, 0, 1);
                spikes.Store(r + (Teacher * Lanes));
                factor = score.At(potential, spikes);
            }

            T hcc = T.Load(r + (Hcc * Lanes)), hpc = T.Load(r + (Hpc * Lanes));
            T hpp = T.MultiplyAdd(f[5], hcc, T.MultiplyAdd(f[4], hpc, f[3] * T.Load(r + (Hpp * Lanes))));
            hpp.Store(r + (Hpp * Lanes));
            hpc = T.MultiplyAdd(f[7], hcc, f[6] * hpc);
            hcc = f[8] * hcc;
            T e = T.Load(r + (Scale * Lanes)) * factor;
            e.Store(r + (E * Lanes));
            (a, c) = own ? LearnHomosynaptic(r, e, lambda, kappa, a, c, hpp, hpc) : Learn(lane, e, potential, lambda, kappa, a, c, sum, sumC, hpp, hpc);
            a.Store(r + (A * Lanes));
            if (spiked)
            {
                // Over one lane's spikes M, U, P and K are constants, so that Σ w = M (Σ v + P Σ h p + K Σ h c − U Σ 1).
                double* seen = spikeSums + (4 * lane), seenGains = spikeGains + (2 * lane);
                T jumps = decay.Jump;
                (T p1, T c1, T v1, T goal1) = T.GatherFour(seen);
                (T gain, T ones) = T.GatherTwo(seenGains);
                new Span<double>(seen, 4 * T.Count).Clear();
                new Span<double>(seenGains, 2 * T.Count).Clear();
                T weights = v1 + T.MultiplyAdd(p1, T.Load(r + (P * Lanes)), c1 * T.Load(r + (K * Lanes)));
                if (!own)
                {
                    weights = T.Load(r + (M * Lanes)) * (weights - (T.Load(r + (U * Lanes)) * ones));
                }

                c += jumps * weights;
                goalC += jumps * goal1;
                sumC += jumps * ones;
                hpc += jumps * T.MultiplyAdd(kappa, c1, lambda * p1);
                hcc += jumps * T.MultiplyAdd(jumps, gain, twice * c1);
            }

            c.Store(r + (C * Lanes));
            goalC.Store(r + (TeacherC * Lanes));
            hpc.Store(r + (Hpc * Lanes));
            hcc.Store(r + (Hcc * Lanes));
            if (summed)
            {
                sumC.Store(r + (SumC * Lanes));
            }
        }
    }

    private void Teach(int step)
    {
        double dt = ensemble.TimeStep;
        if ((mayTeach >> step & 1) == 0)
        {
            RowSpan(Teacher).Clear();
            return;
        }

        switch (teachers[0])
        {
            case ConstantRate { Frequency: double rate }:
                RowSpan(Rate).Fill(rate);
                break;
            case GivenSpikes given:
                RowSpan(Teacher)[..Count].Fill(given.Spikes(steps, dt));
                return;
            default:
                transfer.Rates(RowSpan(TeacherPotential), RowSpan(Rate));
                break;
        }

        if (!bounded || teachers[0] is ConstantRate)
        {
            CheckRates(static (rate, dt) => SpikeInput.StepProbability(rate, dt, "the teacher"));
        }

        double* rate0 = Row(Rate), teacher = Row(Teacher);
        for (int lane = 0; lane < Count; lane++)
        {
            teacher[lane] = uniform[(lane * SpikeSampler.BlockSteps) + step] < rate0[lane] * dt ? 1 : 0;
        }
    }

    private void CheckRates(Action<double, double> check)
    {
        for (int lane = 0; lane < Count; lane++)
        {
            try
            {
                check(Row(Rate)[lane], ensemble.TimeStep);
            }
            catch (ArgumentOutOfRangeException e)
            {
                throw Divergence.At(e, Where(lane));
            }
        }
    }

    private void TakeScores()
    {
        if (!bounded)
        {
            transfer.Rates(RowSpan(Potential), RowSpan(Rate));
            CheckRates(Divergence.CheckRate);
        }

        try
        {
            transfer.Scores(RowSpan(Potential), RowSpan(Teacher), ensemble.TimeStep, RowSpan(Score));
        }
        catch (ArgumentOutOfRangeException)
        {
            // Once more, one by one, to know in which trial.
            for (int lane = 0; lane < Count; lane++)
            {
                try
                {
                    transfer.Score(Row(Potential)[lane], (int)Row(Teacher)[lane], ensemble.TimeStep);
                }
                catch (ArgumentOutOfRangeException e)
                {
                    throw Divergence.At(e, Where(lane));
                }
            }

            throw;
        }
    }

    // The change by the homosynaptic term alone. The same numbers as below, with fewer operations.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T A, T C) LearnHomosynaptic<T>(double* r, T e, T lambda, T kappa, T a, T c, T hpp, T hpc)
        where T : struct, ILanes<T>
    {
        T.MultiplyAdd(e, lambda, T.Load(r + (P * Lanes))).Store(r + (P * Lanes));
        T.MultiplyAdd(e, kappa, T.Load(r + (K * Lanes))).Store(r + (K * Lanes));
        return (T.MultiplyAdd(e, hpp, a), T.MultiplyAdd(e, hpc, c));
    }

    // The weights' change, and that of Σ w x and Σ w y.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (T A, T C) Learn<T>(int lane, T e, T potential, T lambda, T kappa, T a, T c, T sum, T sumC, T hpp, T hpc)
        where T : struct, ILanes<T>
    {
        double* r = rows + lane;
        T u = T.MultiplyAdd(T.Load(r + (U2 * Lanes)), potential, T.MultiplyAdd(T.Load(r + (U1 * Lanes)), sum, T.Load(r + (U0 * Lanes))));
        T m = T.MultiplyAdd(T.Load(r + (M2 * Lanes)), potential, T.Load(r + (M1 * Lanes)) * sum);
        T em = e * m;
        uint kept = T.Less(T.Abs(em), 0.5);
        if (kept != (1u << T.Count) - 1)
        {
            throw Diverged(lane + BitOperations.TrailingZeroCount(~kept));
        }

        T product = T.Load(r + (M * Lanes)) * (1 + em), q = e / product;
        product.Store(r + (M * Lanes));
        T.MultiplyAdd(q, lambda, T.Load(r + (P * Lanes))).Store(r + (P * Lanes));
        T.MultiplyAdd(q, kappa, T.Load(r + (K * Lanes))).Store(r + (K * Lanes));
        T.MultiplyAdd(q, u, T.Load(r + (U * Lanes))).Store(r + (U * Lanes));
        u.Store(r + (StepU * Lanes));
        m.Store(r + (StepM * Lanes));
        return (
            T.MultiplyAdd(e, T.MultiplyAdd(-u, sum, hpp), T.MultiplyAdd(em, a, a)),
            T.MultiplyAdd(e, T.MultiplyAdd(-u, sumC, hpc), T.MultiplyAdd(em, c, c)));
    }

    // The change of Σ r w and Σ r w² in a neuron whose weights are not settled, h r being the same for all synapses.
    private void LearnMoments()
    {
        double e = Row(E)[0], u = Row(StepU)[0], m = Row(StepM)[0], x = ownRate * Row(SumP)[0];
        double* first = Row(WeightRate), second = Row(SquareRate);
        double squares = (ownRate * Row(Hpp)[0]) - (2 * u * x) + (u * u * allRates), mixed = (ownRate * Row(Potential)[0]) - (u * *first);
        *second += e * ((m * (2 + (e * m)) * *second) + (2 * (1 + (e * m)) * mixed) + (e * squares));
        *first += e * (x - (u * allRates) + (m * *first));
    }

    // The step's input spikes: what they change of their synapses, and sums over these as they were. A spike leaves its synapse's potential in
    // this step, so that P and K from before the step's learning serve as well as those after it, and nothing here waits for the step. The
    // synapses of the next step's spikes are fetched meanwhile; what is read behind these are spikes of before, which do no harm.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Receive(int t, ReadOnlySpan<int> spikes, ReadOnlySpan<int> next)
    {
        double addP = addsP[t], addC = addsC[t];
        fixed (int* from = spikes, ahead = next)
        {
            int* to = from + spikes.Length;
            if (past is not null)
            {
                ReceiveWaiting(t, from, to, addP, addC);
            }
            else if (stride == 1)
            {
                ReceiveAlone(from, to, addP, addC);
            }
            else
            {
                ReceiveTogether(from, to, addP, addC, next.Length == 0 ? from : ahead);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReceiveAlone(int* from, int* to, double addP, double addC)
    {
        double* all = cells, gain = gains;
        Vector256<double> stay = Vector256.Create(0, 0, Stay(addP, addC), 0), jumped = Vector256.Create(addP, addC, 0, 0), sum = default;
        double sumH = 0;
        for (int* j = from; j < to; j++)
        {
            nuint at = (uint)*j;
            double* cell = all + (4 * at);
            Vector256<double> h = Vector256.Create(gain[at]), x = Vector256.Load(cell);
            sum = Vector256.FusedMultiplyAdd(OwnGain(h), x, sum);
            sumH += gain[at];
            (x + Vector256.FusedMultiplyAdd(h, stay, jumped)).Store(cell);
        }

        KeepSums(sum, sumH, to - from);
    }

    // The same where synapses have waited, row by row of equal gain: with v in units of h a spike adds the same to all.
    private void ReceiveWaiting(int t, int* from, int* to, double addP, double addC)
    {
        Vector256<double> sum = default, added = Vector256.Create(addP, addC, Stay(addP, addC), 0);
        double sumH = 0;
        long spikes = 0;
        for (int* j = from; j < to;)
        {
            EqualSynapses row = equals.Length == 0 ? new EqualSynapses(*j, *j + 1, gains[*j]) : EqualSynapses.With(equals, *j);
            int* end = j + row.Leading(new ReadOnlySpan<int>(j, (int)(to - j)));
            Vector256<double> seen = past!.Add(cells, j, end, added, t, once, out int received);
            sum = Vector256.FusedMultiplyAdd(Vector256.Create(row.Gain, row.Gain, row.Gain, 1), seen, sum);
            sumH += received * row.Gain;
            spikes += received;
            j = end;
        }

        KeepSums(sum, sumH, spikes);
    }

    // What a spike changes of v in units of h, so that w stays. In line: a call would keep the caller's vectors out of registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double Stay(double addP, double addC) => -Math.FusedMultiplyAdd(addP, Row(P)[0], addC * Row(K)[0]);

    private void KeepSums(Vector256<double> sum, double sumH, long spikes)
    {
        sum.Store(spikeSums);
        (spikeGains[0], spikeGains[1]) = (sumH, spikes);
    }

    // Each spike adds to its lane's sums, which were 0 when the last step had read them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReceiveTogether(int* from, int* to, double addP, double addC, int* ahead)
    {
        double* all = cells, gain = gains, sums = spikeSums, ofGains = spikeGains, stay = stays;
        for (int lane = 0; lane < Lanes; lane += 4)
        {
            (-Vector256.FusedMultiplyAdd(Vector256.Create(addP), Vector256.Load(Row(P) + lane), addC * Vector256.Load(Row(K) + lane))).Store(stay + lane);
        }

        Vector256<double> jumped = Vector256.Create(addP, addC, 0, 0), third = Vector256.Create(0, 0, -1L, 0).AsDouble();
        for (int* j = from; j < to; j++, ahead++)
        {
            MemoryHint.Soon(all + (4 * (nuint)(uint)*ahead));
            nuint at = (uint)*j, lane = at % Lanes;
            double* cell = all + (4 * at), own = sums + (4 * lane), ownGains = ofGains + (2 * lane);
            Vector256<double> h = Vector256.Create(gain[at / Lanes]), x = Vector256.Load(cell);
            Vector256.FusedMultiplyAdd(OwnGain(h), x, Vector256.Load(own)).Store(own);
            (Vector128.Load(ownGains) + Vector128.Create(h[0], 1)).Store(ownGains);
            (x + Vector256.FusedMultiplyAdd(h, third & Vector256.Create(stay[lane]), jumped)).Store(cell);
        }
    }

    // (h, h, 1, 1)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> OwnGain(Vector256<double> h) => Avx.IsSupported
        ? Avx.Blend(Vector256<double>.One, h, 0b0011)
        : Vector256.ConditionalSelect(Vector256.Create(-1L, -1L, 0, 0).AsDouble(), h, Vector256<double>.One);

    // Ends the epoch: every weight and trace up to date. In a large neuron they are left until a spike, and settled every so many epochs.
    private void Settle(int t)
    {
        for (int lane = 0; lane < width; lane++)
        {
            if (!(Math.Abs(Row(Potential)[lane]) <= Divergence.LargestPotential))
            {
                throw Diverged(lane);
            }
        }

        if (past is null)
        {
            // The sums over traces forget a rounding error as fast as the traces fall, and can wait.
            SettleAll(t, sums: steps / epoch % SumEpochs == 0);
            return;
        }

        past.End(Row(P)[0], Row(K)[0]);
        RowSpan(P).Clear();
        RowSpan(K).Clear();
        if (past.Present == PastEpochs.Most || Row(M)[0] is not (> 0.8 and < 1.25))
        {
            BringUpToDate();
            SettleAll(0, sums: true);
        }
    }

    private void SettleAll(int t, bool sums)
    {
        Sweep(t, sums: false);
        BeginEpoch();
        for (int lane = 0; lane < width; lane++)
        {
            // A weight that is not finite makes this sum so, whatever its rate.
            if (!double.IsFinite(Row(SquareRate)[lane]))
            {
                throw Diverged(lane);
            }
        }

        for (int lane = 0; checkedWeights is not null && lane < Count; lane++)
        {
            MustBeInRange(checkedWeights, lane);
        }

        if (sums)
        {
            Sweep(t, sums: true);
        }

        for (int i = 0; past is not null && i < n; i++)
        {
            cells[(4 * i) + 2] /= gains[i];
        }
    }

    private void MustBeInRange(double[] weights, int lane)
    {
        for (int i = 0; i < n; i++)
        {
            weights[i] = Cell(i, lane)[2];
        }

        Divergence.Check(weights, ensemble.Neuron, (ulong)(First + lane), () => Where(lane), ensemble.Rule.LearningRate);
    }

    private void BeginEpoch()
    {
        RowSpan(M).Fill(1);
        RowSpan(U).Clear();
        RowSpan(P).Clear();
        RowSpan(K).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BringUpToDate()
    {
        for (int i = 0; i < n; i++)
        {
            double* cell = cells + (4 * i);
            past!.UpToDate(i, cell).Store(cell);
            cell[2] *= gains[i];
        }

        past!.Restart();
    }

    private void Sweep(int t, bool sums)
    {
        if (eight)
        {
            Sweep<EightLanes>(t, sums);
        }
        else
        {
            Sweep<FourLanes>(t, sums);
        }
    }

    // Settles all synapses, or takes sums over them, in four parts: the same sums in the same order for any number of lanes.
    private void Sweep<T>(int t, bool sums)
        where T : struct, ILanes<T>
    {
        int padded = Padded(n), from = sums ? 0 : WeightRate, to = sums ? WeightRate : Sums, size = Sums * Lanes;
        double* parts = stackalloc double[4 * size];
        if (stride == 1)
        {
            Pass(padded / 4, 0, 1, 0, parts);
            for (int sum = from; sum < to; sum++)
            {
                double* x = parts + (Lanes * sum);
                Row(sum)[0] = (x[0] + x[1]) + (x[2] + x[3]);
            }

            return;
        }

        for (int lane = 0; lane < Lanes; lane += T.Count)
        {
            for (int part = 0; part < 4; part++)
            {
                Pass(padded, part, 4, lane, parts + (size * part));
            }

            for (int sum = from; sum < to; sum++)
            {
                double* x = parts + (Lanes * sum);
                ((T.Load(x) + T.Load(x + size)) + (T.Load(x + (2 * size)) + T.Load(x + (3 * size)))).Store(Row(sum) + lane);
            }
        }

        void Pass(int end, int begin, int increment, int lane, double* part)
        {
            if (sums)
            {
                TakeSums<T>(end, begin, increment, lane, part);
            }
            else
            {
                Settle<T>(t, end, begin, increment, lane, part);
            }
        }
    }

    // Every so many synapses from one on, in vectors of lanes, or of four synapses of one trial.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Settle<T>(int t, int end, int begin, int increment, int lane, double* sums)
        where T : struct, ILanes<T>
    {
        bool one = stride == 1;
        int spacing = one ? 16 : 4 * Lanes;
        Epoch<T> now = new(this, t, lane);
        T wr = 0, wwr = 0;
        for (int i = begin; i < end; i += increment)
        {
            double* at = cells + (i * spacing) + (4 * lane);
            T h = one ? T.Load(gains + (4 * i)) : gains[i], r = one ? T.Load(rates + (4 * i)) : rates[i];
            (T x, T y, T v, T goal) = T.GatherFour(at);
            T w = now.M * (now.Settled(x, y, v, h) - now.U);
            (x, y) = now.Fallen(x, y);
            T.ScatterFour(x, y, w, goal, at);
            T rw = r * w;
            wr += rw;
            wwr = T.MultiplyAdd(rw, w, wwr);
        }

        wr.Store(sums + (Lanes * WeightRate));
        wwr.Store(sums + (Lanes * SquareRate));
    }

    // The sums over traces, of settled synapses; negligible traces end here.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeSums<T>(int end, int begin, int increment, int lane, double* sums)
        where T : struct, ILanes<T>
    {
        bool one = stride == 1;
        int spacing = one ? 16 : 4 * Lanes;
        T wp = 0, wc = 0, tp = 0, tc = 0, sp = 0, sc = 0, hpp = 0, hpc = 0, hcc = 0;
        for (int i = begin; i < end; i += increment)
        {
            double* at = cells + (i * spacing) + (4 * lane);
            T h = one ? T.Load(gains + (4 * i)) : gains[i];
            (T x, T y, T w, T goal) = T.GatherFour(at);
            (x, y) = (T.Less(Negligible, T.Abs(x), 0, x), T.Less(Negligible, T.Abs(y), 0, y));
            T.ScatterFour(x, y, w, goal, at);
            T hx = h * x;
            wp = T.MultiplyAdd(w, x, wp);
            wc = T.MultiplyAdd(w, y, wc);
            tp = T.MultiplyAdd(goal, x, tp);
            tc = T.MultiplyAdd(goal, y, tc);
            sp += x;
            sc += y;
            hpp = T.MultiplyAdd(hx, x, hpp);
            hpc = T.MultiplyAdd(hx, y, hpc);
            hcc = T.MultiplyAdd(h * y, y, hcc);
        }

        wp.Store(sums + (Lanes * A));
        wc.Store(sums + (Lanes * C));
        tp.Store(sums + (Lanes * TeacherA));
        tc.Store(sums + (Lanes * TeacherC));
        sp.Store(sums + (Lanes * SumP));
        sc.Store(sums + (Lanes * SumC));
        hpp.Store(sums + (Lanes * Hpp));
        hpc.Store(sums + (Lanes * Hpc));
        hcc.Store(sums + (Lanes * Hcc));
    }

    // A multiple of four, and one more than there are at least.
    private static int Padded(int synapses) => (synapses + 4) & ~3;

    /// <summary>What an epoch has done by step t, to some lanes or to four synapses of one trial.</summary>
    private readonly struct Epoch<T>
        where T : struct, ILanes<T>
    {
        private readonly T p;
        private readonly T k;
        private readonly T lambda;
        private readonly T kappa;
        private readonly T mu;

        public Epoch(EventDrivenBlock block, int t, int lane)
        {
            (M, U, p, k) = (Of(EventDrivenBlock.M), Of(EventDrivenBlock.U), Of(P), Of(K));
            (lambda, kappa, mu) = (block.membrane[t], block.carried[t], block.synaptic[t]);

            T Of(int row) => block.stride == 1 ? block.Row(row)[0] : T.Load(block.Row(row) + lane);
        }

        public T M { get; }

        public T U { get; }

        // v + h (p P + c K).
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Settled(T x, T y, T v, T h) => T.MultiplyAdd(h, T.MultiplyAdd(x, p, y * k), v);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (T Potential, T Current) Fallen(T x, T y) => (T.MultiplyAdd(kappa, y, lambda * x), mu * y);
    }

    private void TakeCoefficients()
    {
        FisherGeometry? geometry = form.MomentGeometry;
        if (geometry is not null)
        {
            for (int lane = 0; lane < width; lane++)
            {
                moments[lane] = new PotentialMoments(geometry.Kernel.Area * Row(WeightRate)[lane], Row(SquareRate)[lane] / geometry.Kernel.CEpsilon);
                if (!double.IsFinite(moments[lane].Variance))
                {
                    throw Diverged(lane);
                }
            }

            geometry.Transfer.Fisher(moments, fisher);
        }

        for (int lane = 0; lane < Count; lane++)
        {
            ThreeTermCoefficients k;
            try
            {
                k = geometry is not null ? form.At(moments[lane], fisher[lane]) : form.At(Moments(lane));
            }
            catch (ArgumentOutOfRangeException e)
            {
                throw Divergence.At(e, Where(lane));
            }

            Row(Scale)[lane] = ensemble.Rule.LearningRate * k.Scale;
            (Row(U0)[lane], Row(U1)[lane], Row(U2)[lane]) = uniformly ? (k.UniformConstant, k.UniformSum, k.UniformPotential) : (0, 0, 0);
            (Row(M1)[lane], Row(M2)[lane]) = byWeight ? (k.WeightSum, k.WeightPotential) : (0, 0);
        }

        PotentialMoments Moments(int lane)
        {
            if (ownMoments is null)
            {
                return default;
            }

            CopySomatic(lane, ownMoments);
            return form.Moments(ownMoments);
        }
    }

    private ArithmeticException Diverged(int lane) => Divergence.TooLarge((ulong)(First + lane), Where(lane), ensemble.Rule.LearningRate);

    private string Where(int lane) => Divergence.Where(steps, ensemble.TimeStep, seed, (ulong)(First + lane));
}
